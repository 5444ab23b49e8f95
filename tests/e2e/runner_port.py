"""Strangers at the runner port do no harm."""
import os
import socket
import ssl
import struct

import harness

MIB = 1 << 20
SPEC = "name: w\njobs: [{name: \"j{i}\", command: \"echo {i}\", parameters: {i: \"1:20\"}}]\n"

# The handshake that opens a connection between two programs of the actor library: 32 bytes, of which
# one field says how much is to follow. Here: 3 GiB.
HUGE_HEADER = struct.pack(">B3xII", 0, 0, 3 << 30)[:12].ljust(32, b"\0")


class RunnerPort(harness.Case):

    def setUp(self):
        super().setUp()
        self.running = self.server()
        self.port = self.running.get("/runner_door")["port"]

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=harness.PATIENCE_S)

    def until_closed(self, connection):
        """Reads until the server has had enough."""
        try:
            while connection.recv(4096):
                pass
        except (ConnectionError, ssl.SSLError):
            pass

    def say(self, text):
        with self.connect() as connection:
            try:
                connection.sendall(text)
                connection.shutdown(socket.SHUT_WR)
            except OSError:
                return
            self.until_closed(connection)

    def memory(self):
        return self.running.get("/server_stats")["rss_bytes"]

    def test_garbage_and_a_header_that_announces_3_gib_do_not_grow_the_server(self):
        before = self.memory()
        for text in (b"", b"GET / HTTP/1.1\r\n\r\n", os.urandom(4096), HUGE_HEADER,
                     HUGE_HEADER[::-1], HUGE_HEADER + b"\xff" * MIB):
            self.say(text)
        # Inside TLS, too: without a certificate of the server's own authority nobody is heard.
        stranger = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        stranger.check_hostname = False
        stranger.verify_mode = ssl.CERT_NONE
        try:
            with stranger.wrap_socket(self.connect()) as connection:
                connection.sendall(HUGE_HEADER + b"\xff" * MIB)
                self.until_closed(connection)
        except (ConnectionError, ssl.SSLError):
            pass
        self.assertLess(self.memory(), before + 64 * MIB)
        self.assertLess(self.running.get("/server_stats")["peak_rss_bytes"], before + 64 * MIB)
        workflow = self.create(SPEC, self.running.url)
        self.torc("workflows", "run", workflow, url=self.running.url)

    def test_nobody_without_the_secret_has_a_key_signed(self):
        self.assertEqual(self.running.get("/runner_door")["needs_secret"], True)
        secret = self.running.get("/runner_door")["secret_path"]
        self.assertEqual(os.stat(secret).st_mode & 0o777, 0o600)
        workflow = self.create(SPEC, self.running.url)
        with open(secret, "w") as file:
            file.write("guessed")
        self.torc("workflows", "run", workflow, url=self.running.url, exits=1)
        self.assertIn("secret", self.said)


if __name__ == "__main__":
    harness.main()
