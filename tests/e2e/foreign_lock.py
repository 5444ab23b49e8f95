"""Somebody else's lock on the database: waited for, named, and outlived."""
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import harness

HOLDER = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN " + sys.argv[2])
print("locked", flush=True)
sys.stdin.read()
db.execute("ROLLBACK")
"""

HELD_JOBS = """
name: held
jobs:
  - {name: "first_{i}", command: "cat held_{i} > /dev/null", parameters: {i: "1:4"}}
  - {name: last, command: "echo ran >> last", depends_on_regexes: ["^first_"]}
"""


class Lock:
    """Another process that holds the write lock until `release`."""

    def __init__(self, database, kind="IMMEDIATE"):
        self.process = subprocess.Popen([sys.executable, "-c", HOLDER, database, kind], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdout.readline() == "locked\n"
        self.pid = self.process.pid
        with open(f"/proc/{self.pid}/comm") as comm:
            self.name = f"pid {self.pid} ({comm.read().strip()})"

    def release(self):
        if self.process.stdin.closed:
            return
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class ForeignLock(harness.Case):

    def lock(self, kind="IMMEDIATE"):
        lock = Lock(self.path("server.db"), kind)
        self.addCleanup(lock.release)
        return lock

    def call(self, server, method, path, body=None):
        """A call's status, headers and body as JSON, whatever the status is."""
        request = urllib.request.Request(server.url + path, method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=harness.PATIENCE_S) as reply:
                return reply.status, reply.headers, json.load(reply)
        except urllib.error.HTTPError as refused:
            return refused.code, refused.headers, json.load(refused)

    def refused(self, server, lock, method, path, body=None):
        status, headers, said = self.call(server, method, path, body)
        self.assertEqual(status, 503, said)
        self.assertIn(lock.name, said["error"]["message"])
        self.assertTrue(headers["Retry-After"])

    def busy(self, server):
        return server.get("/server_stats")["busy_retries"]

    def test_writes_are_refused_with_the_holders_name_and_reads_go_on(self):
        server = self.server()
        workflow = self.create("name: w\njobs: [{name: a, command: echo}]\n", server.url)
        before = self.busy(server)
        new = {"name": "x", "user": "u"}
        for kind in ("IMMEDIATE", "EXCLUSIVE"):
            lock = self.lock(kind)
            self.refused(server, lock, "POST", "/workflows", new)  # the one that finds the lock
            self.refused(server, lock, "POST", "/workflows", new)
            self.refused(server, lock, "PUT", f"/workflows/{workflow}/cancel", {})
            self.refused(server, lock, "DELETE", f"/workflows/{workflow}")
            self.assertEqual(server.get(f"/workflows/{workflow}")["name"], "w")
            self.assertEqual(server.get("/workflows")["total_count"], 1)
            self.assertEqual(server.log().count(f"locked by {lock.name}"), 1)
            self.assertGreater(self.busy(server), before)  # while it is held
            before = self.busy(server)
            lock.release()
            self.until_said("the database is free again", "server.log")
        self.torc("workflows", "run", workflow, url=server.url)
        self.assertEqual(self.call(server, "POST", "/workflows", new)[0], 200)
        self.assertEqual(server.get("/workflows")["total_count"], 2)
        self.assertGreaterEqual(self.busy(server), before)

    def test_an_order_that_finds_the_lock_is_answered_and_still_made(self):
        server = self.server()
        workflow = self.create("name: w\njobs: [{name: a, command: echo}]\n", server.url)
        lock = self.lock()
        self.refused(server, lock, "PUT", f"/workflows/{workflow}/cancel", {})
        self.assertFalse(server.get(f"/workflows/{workflow}/status")["is_canceled"])
        lock.release()
        self.until_said("the database is free again", "server.log")
        self.call(server, "POST", "/workflows", {"name": "x", "user": "u"})  # behind it on the disk
        self.assertTrue(server.get(f"/workflows/{workflow}/status")["is_canceled"])

    def test_jobs_that_end_meanwhile_are_recorded_once_it_is_gone(self):
        server = self.server()
        workflow = self.create(HELD_JOBS, server.url)
        for i in range(1, 5):
            os.mkfifo(self.path(f"held_{i}"))
        runner = self.start("workflows", "run", workflow, "--max-parallel-jobs", 4, url=server.url)
        pipes = [os.open(self.path(f"held_{i}"), os.O_WRONLY) for i in range(1, 5)]
        lock = self.lock()
        for pipe in pipes:
            os.close(pipe)  # the jobs end
        self.until_said(f"locked by {lock.name}", "server.log")  # their report has met the lock
        self.assertIsNone(runner.poll())
        self.assertFalse(os.path.exists(self.path("last")))
        lock.release()
        code, out, err = self.end(runner)
        self.assertEqual(code, 0, out + err)
        results = self.data("results", "list", workflow, "--all-runs", url=server.url)["results"]
        self.assertEqual(len(results), 5)
        self.assertEqual(self.read("last"), "ran\n")

    def test_a_server_under_a_lock_can_be_ended_and_another_waits_for_it(self):
        server = self.server()
        workflow = self.create("name: w\njobs: [{name: a, command: echo}]\n", server.url)
        lock = self.lock()
        self.refused(server, lock, "PUT", f"/workflows/{workflow}/cancel", {})
        self.assertEqual(server.stop(signal.SIGTERM), 0)
        waiting = self.start("run", "--port", "0", "-d", "server.db", program="torc-server")
        line = ""
        while lock.name not in line:
            line = waiting.stderr.readline()
            self.assertNotEqual(line, "", "it ended without a word")
        lock.release()
        self.assertTrue(waiting.stdout.readline().startswith("TORC_SERVER_PORT="))
        waiting.send_signal(signal.SIGTERM)
        self.assertEqual(self.end(waiting)[0], 0)


if __name__ == "__main__":
    harness.main()
