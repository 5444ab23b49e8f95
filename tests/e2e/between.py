"""A proxy between the programs and a server: notes what is asked, and may change what is said."""
import http.server
import threading
import urllib.error
import urllib.request

import harness


class Between:
    """`change(method, path, status, body)` gives the status and body that are passed on."""

    def __init__(self, server, change=lambda method, path, status, body: (status, body)):
        self.asked = []
        between = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def pass_on(self):
                sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                path = self.path.removeprefix("/torc-service/v1")
                between.asked.append((self.command, path))
                request = urllib.request.Request(
                    server.url + path, sent or None, method=self.command,
                    headers={"Content-Type": "application/json"})
                try:
                    with urllib.request.urlopen(request, timeout=harness.PATIENCE_S) as reply:
                        status, body = reply.status, reply.read()
                except urllib.error.HTTPError as e:
                    with e:
                        status, body = e.code, e.read()
                status, body = change(self.command, path, status, body)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_DELETE = pass_on

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_port}/torc-service/v1"
        self.thread = threading.Thread(target=self.http.serve_forever)
        self.thread.start()

    def close(self):
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()
