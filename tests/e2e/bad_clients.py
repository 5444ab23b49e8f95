"""Clients that idle, dawdle, vanish, exaggerate or talk nonsense: no runner at work notices."""
import http.client
import json
import os
import resource
import socket
import struct

import harness

IDLE = 1000
FEW = 64
HELD = "name: w\njobs: [{name: a, command: \"cat held > /dev/null\"}]\n"
GET = b"GET /torc-service/v1/ping HTTP/1.1\r\nhost: x\r\n"
NONSENSE = (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\r\n\r\n\r\n", b"\0" * 4096,
            b"GET / HTTP/9.9\r\n\r\n", b"POST /torc-service/v1/workflows HTTP/1.1\r\n"
            b"transfer-encoding: chunked\r\n\r\nzz\r\n", os.urandom(4096))


class BadClients(harness.Case):

    def setUp(self):
        super().setUp()
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        if most < 2 * IDLE:
            self.skipTest(f"{most} open files are too few")
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 4 * IDLE), most))
        self.guests = []
        self.addCleanup(self.leave)

    def leave(self):
        while self.guests:
            self.guests.pop().close()

    def begin(self, **how):
        """A server, a runner whose job waits, and a connection that has been here before."""
        self.running = self.server(**how)
        self.runner_port = self.running.get("/runner_door")["port"]
        self.workflow = self.create(HELD, self.running.url)
        os.mkfifo(self.path("held"))
        self.runner = self.start("workflows", "run", self.workflow, url=self.running.url)
        self.addCleanup(self.runner.kill)
        self.pipe = os.open(self.path("held"), os.O_WRONLY)  # returns when the job reads
        self.known = http.client.HTTPConnection("127.0.0.1", self.running.port,
                                                timeout=harness.PATIENCE_S)
        self.addCleanup(self.known.close)
        self.until(lambda: self.status() == "running", "the job does not run")

    def status(self):
        self.known.request("GET", f"/torc-service/v1/jobs?workflow_id={self.workflow}")
        reply = self.known.getresponse()
        return json.loads(reply.read())["items"][0]["status"]

    def connect(self, port=None, say=b""):
        guest = socket.create_connection(("127.0.0.1", port or self.running.port),
                                         timeout=harness.PATIENCE_S)
        self.guests.append(guest)
        guest.sendall(say)
        return guest

    def answer(self, say):
        """All that the server says to this before it closes."""
        guest = self.connect()
        text = b""
        try:
            guest.sendall(say)
        except ConnectionError:
            pass  # it has heard enough; what it said is there to be read
        try:
            while part := guest.recv(65536):
                text += part
        except ConnectionError:
            pass
        return text

    def check_nobody_noticed(self):
        """The job ends, and its end is recorded; after the guests have left all are served."""
        os.close(self.pipe)
        self.until(lambda: self.status() == "completed", "the job's end is not recorded")
        self.leave()
        code, out, err = self.end(self.runner)
        self.assertEqual(code, 0, out + err)
        self.assertNotIn("is lost", "".join(
            self.read("torc_output", name) for name in os.listdir(self.path("torc_output"))
            if name.endswith(".log")))
        self.assertEqual(self.running.get("/workflows")["total_count"], 1)
        self.assertEqual(self.running.log().count("attached from"), 1)
        self.assertEqual(self.running.stop(), 0)

    def test_a_thousand_connections_that_say_nothing(self):
        self.begin()
        for _ in range(IDLE):
            self.connect()
        self.assertEqual(self.running.get("/workflows")["total_count"], 1)
        self.check_nobody_noticed()

    def test_more_connections_than_the_server_may_open_files(self):
        server = os.path.join(harness.BIN, "torc-server")
        wrapper = self.write("few_files", f"#!/bin/sh\nulimit -n {FEW}\nexec {server} \"$@\"\n")
        os.chmod(self.path(wrapper), 0o755)
        self.begin(program=self.path(wrapper))
        fds = f"/proc/{self.running.process.pid}/fd"
        for i in range(IDLE // 4):
            self.connect(self.runner_port if i % 2 else self.running.port)
        self.until(lambda: len(os.listdir(fds)) == FEW, "there are files left")
        self.check_nobody_noticed()

    def test_requests_that_never_come_to_their_end(self):
        self.begin()
        for i in range(100):
            self.connect(say=GET[:1 + i % len(GET)])
            self.connect(say=b"POST /torc-service/v1/workflows HTTP/1.1\r\nhost: x\r\n"
                             b"content-length: 1000000\r\n\r\n{")
            self.connect(self.runner_port, say=NONSENSE[0][:1 + i % 5])
        self.check_nobody_noticed()

    def test_peers_that_close_one_way_or_vanish(self):
        self.begin()
        for i in range(100):
            for port in (self.running.port, self.runner_port):
                guest = self.connect(port, say=GET)
                if i % 2:
                    guest.shutdown(socket.SHUT_WR)
                    continue
                # Closing resets the connection, as a host does that has come up again.
                guest.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.guests.remove(guest)
                guest.close()
        self.check_nobody_noticed()

    def test_exaggerations_and_nonsense_are_refused(self):
        self.begin()
        post = b"POST /torc-service/v1/workflows HTTP/1.1\r\nhost: x\r\n"
        too_long = self.answer(post + b"content-length: 300000000\r\n\r\n{")
        self.assertTrue(too_long.startswith(b"HTTP/1.1 413 "), too_long)
        too_wide = self.answer(GET + b"x: " + b"a" * 200_000 + b"\r\n\r\n")
        self.assertTrue(too_wide.startswith(b"HTTP/1.1 431 "), too_wide)
        for text in NONSENSE:
            self.connect(self.runner_port, say=text)
        self.assertTrue(self.answer(NONSENSE[3]).startswith(b"HTTP/1.1 400 "))
        for text in NONSENSE:
            self.connect(say=text)
        self.check_nobody_noticed()


# UBSan opens a pipe to look at an object, and takes what it cannot look at for a broken one.
if "UBSAN_OPTIONS" in os.environ:
    del BadClients.test_more_connections_than_the_server_may_open_files


if __name__ == "__main__":
    harness.main()
