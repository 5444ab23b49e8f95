"""Strangers at the runner port do no harm."""
import json
import os
import socket
import ssl
import struct
import subprocess
import urllib.request

import harness

MIB = 1 << 20
SPEC = "name: w\njobs: [{name: \"j{i}\", command: \"echo {i}\", parameters: {i: \"1:20\"}}]\n"
HELD = "name: w\njobs: [{name: j, command: \"cat held > /dev/null\"}]\n"

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

    def test_nonsense_and_sudden_deaths_cost_no_runner_its_line(self):
        workflow = self.create(HELD, self.running.url)
        os.mkfifo(self.path("held"))
        runner = self.start("workflows", "run", workflow, url=self.running.url)
        self.addCleanup(runner.kill)
        pipe = os.open(self.path("held"), os.O_WRONLY)  # returns when the job reads
        self.say(os.urandom(4096))
        with self.connect() as connection:
            connection.sendall(b"\x16\x03\x01\x01\x00")  # a handshake begins, and its end comes
        other = self.start("workflows", "run", workflow, url=self.running.url)
        self.until(lambda: self.running.log().count("attached from") >= 2, "no second runner")
        other.kill()
        self.end(other)
        os.close(pipe)  # the job ends and is reported: the server reads from the first again
        code, out, err = self.end(runner)
        self.assertEqual(code, 0, out + err)
        logs = "".join(self.read("torc_output", name) for name in
                       os.listdir(self.path("torc_output")) if name.endswith(".log"))
        self.assertNotIn("is lost", logs)

    def openssl(self, *words):
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True,
                       timeout=harness.PATIENCE_S)

    def new_key(self, *how):
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                     "-subj", "/CN=runner", *how)

    def greeting(self, *certificate):
        """The first that the server says inside TLS to who shows this certificate, if anything."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        if certificate:
            context.load_cert_chain(*map(self.path, certificate))
        try:
            with context.wrap_socket(self.connect()) as connection:
                return connection.recv(4096)
        except (ConnectionError, ssl.SSLError):
            return b""

    def test_only_a_certificate_that_the_server_signed_for_a_runner_comes_in(self):
        self.new_key("-keyout", "mine.key", "-out", "mine.csr")
        with open(self.running.get("/runner_door")["secret_path"]) as secret:
            asked = {"csr_pem": self.read("mine.csr"), "secret": secret.read()}
        request = urllib.request.Request(self.running.url + "/runner_certificates", method="POST",
                                         data=json.dumps(asked).encode())
        with urllib.request.urlopen(request, timeout=harness.PATIENCE_S) as reply:
            self.write("mine.pem", json.load(reply)["certificate_pem"])
        self.new_key("-x509", "-keyout", "other.key", "-out", "other.pem",
                     "-addext", "extendedKeyUsage=clientAuth")
        role = "server.db.keys/server"
        self.assertNotEqual(self.greeting("mine.pem", "mine.key"), b"")
        self.assertEqual(self.greeting(), b"", "no certificate")
        self.assertEqual(self.greeting("other.pem", "other.key"), b"", "another authority")
        self.assertEqual(self.greeting(role + ".pem", role + ".key"), b"", "another role")

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
