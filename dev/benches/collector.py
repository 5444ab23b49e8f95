"""A collector of traces that takes what it is sent and forgets it, or, with `deaf`, never answers."""
import http.server
import socket
import subprocess
import sys
import threading


class Collector:
    """The same as a process of its own. Its address is `url`; leaving it gives `spans`, those it took."""

    def __init__(self, *how):
        self._process = subprocess.Popen([sys.executable, __file__, *how], stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{int(self._process.stdout.readline())}"
        self.spans = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        said, _ = self._process.communicate(timeout=60)
        self.spans = int(said)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    spans = 0

    def do_POST(self):  # pylint: disable=invalid-name
        body = self.rfile.read(int(self.headers["content-length"]))
        type(self).spans += body.count(b'"spanId"')
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


def take():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # a server that ends waits for no answer
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()
    print(Handler.spans)


def ignore():
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        print(deaf.getsockname()[1], flush=True)
        sys.stdin.read()
    print(0)


if __name__ == "__main__":
    ignore() if sys.argv[1:] == ["deaf"] else take()
