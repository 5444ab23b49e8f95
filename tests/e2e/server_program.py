"""How the server begins and ends."""
import json
import os
import signal
import socket
import sqlite3
import subprocess
import urllib.error
import urllib.request

import harness


class ServerProgram(harness.Case):

    def refused(self, *words, env=None):
        process = subprocess.run([os.path.join(harness.BIN, "torc-server"), *words],
                                 cwd=self.folder, capture_output=True, text=True,
                                 timeout=harness.PATIENCE_S, env=harness.environment(**(env or {})))
        self.assertIn(process.returncode, (1, 2), process.stdout + process.stderr)
        self.assertEqual(process.stdout, "")
        return process.stderr

    def bytes(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def test_its_first_line_is_the_port_and_the_log_goes_elsewhere(self):
        server = self.server()
        self.assertGreater(server.port, 0)
        self.assertEqual(server.get("/ping"), {"status": "ok"})
        server.process.send_signal(signal.SIGTERM)
        self.assertEqual(server.process.stdout.read(), "")
        self.assertEqual(server.stop(), 0)
        self.assertIn("server.db", server.log())

    def test_sigterm_and_sigint_end_it_in_order(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            self.assertEqual(self.server().stop(number), 0)

    def test_what_was_created_is_there_after_a_restart(self):
        server = self.server()
        workflow = self.create("name: kept\njobs: [{name: a, command: echo}]\n", server.url)
        self.assertEqual(server.stop(), 0)
        # All of it is in the one file, which may be copied now.
        self.assertEqual([name for name in os.listdir(self.folder)
                          if name.startswith(("server.db-wal", "server.db-shm"))], [])
        again = self.server()
        self.assertEqual(again.get(f"/workflows/{workflow}")["name"], "kept")
        self.torc("workflows", "run", workflow, url=again.url)

    def test_it_makes_missing_folders_and_keeps_its_keys_to_itself(self):
        self.server(file="new/folder/x.db")
        keys = self.path("new", "folder", "x.db.keys")
        self.assertEqual(os.stat(keys).st_mode & 0o777, 0o700)
        for name in os.listdir(keys):
            if name.endswith((".key", ".secret")):
                self.assertEqual(os.stat(os.path.join(keys, name)).st_mode & 0o777, 0o600)

    def test_a_second_server_on_the_same_database_is_refused(self):
        self.server()
        said = self.refused("run", "--port", "0", "-d", "server.db")
        self.assertIn("server.db", said)

    def test_a_second_name_of_the_same_database_is_refused(self):
        server = self.server()
        os.link(self.path("server.db"), self.path("other.db"))
        self.assertIn("hard links", self.refused("run", "--port", "0", "-d", "other.db"))
        server.stop()
        self.assertEqual(sorted(os.listdir(self.folder)),
                         ["other.db", "server.db", "server.db.keys", "server.db.lock", "server.log"])
        self.assertIn("hard links", self.refused("run", "--port", "0", "-d", "server.db"))
        os.unlink(self.path("other.db"))
        self.assertEqual(self.server().stop(), 0)

    def test_a_file_that_is_not_ours_is_refused_and_gets_no_company(self):
        self.write("notes.txt", "milk, eggs and a lot of flour\n")
        for name, how in (("foreign.db", "CREATE TABLE song (title TEXT)"),
                          ("logging.db", "PRAGMA journal_mode=WAL; CREATE TABLE song (title TEXT)"),
                          ("later.db", "PRAGMA application_id=0x746f7263; PRAGMA user_version=9999;"
                                       "CREATE TABLE job (id INTEGER)")):
            made = sqlite3.connect(self.path(name))
            made.executescript(how)
            made.close()
        before = {name: self.bytes(name) for name in os.listdir(self.folder)}
        for name in before:
            self.assertIn(name, self.refused("run", "--port", "0", "-d", name))
        self.assertEqual({name: self.bytes(name) for name in os.listdir(self.folder)}, before)

    def test_a_password_file_that_cannot_be_read_is_refused_with_the_reason(self):
        os.mkdir(self.path("people"))
        for name, reason in (("people", "Is a directory"), ("nobody", "No such file")):
            code, out, err = self.end(self.start("run", "--port", "0", "-d", "x.db", "--auth-file",
                                                 name, program="torc-server"))
            self.assertEqual((code, out), (1, ""))
            self.assertIn(f"{name}: {reason}", err)
        self.assertEqual(os.listdir(self.folder), ["people"])

    def test_a_claim_that_is_not_followed_by_a_start_is_withdrawn_after_the_time_that_was_named(self):
        server = self.server(more=("--claim-timeout", "1s"))
        workflow = self.create("name: w\njobs: [{name: a, command: echo}]\n", server.url)
        self.torc("workflows", "start", workflow, url=server.url)
        claim = urllib.request.Request(f"{server.url}/workflows/{workflow}/claim_next_jobs?limit=1",
                                       method="POST")

        def claimed():
            with urllib.request.urlopen(claim, timeout=harness.PATIENCE_S) as reply:
                return [job["name"] for job in json.load(reply)["jobs"]]
        self.assertEqual(claimed(), ["a"])
        self.until(lambda: claimed() == ["a"], "the job never came back")

    def test_a_damaged_database_is_told_with_what_to_do_and_left_as_it_is(self):
        self.server().stop()
        with open(self.path("server.db"), "r+b") as file:
            file.seek(4096)
            file.write(b"\xaa" * (os.path.getsize(self.path("server.db")) - 4096))
        before = self.bytes("server.db")
        with self.assertRaises(harness.NoPort) as ended:
            self.server()
        self.assertEqual(ended.exception.code, 70)
        self.assertRegex(self.read("server.log"), r"server\.db.*damaged.*torc-server backup")
        self.assertEqual(self.bytes("server.db"), before)

    def test_requests_and_commits_are_logged_at_debug_and_not_at_info(self):
        for level in ("info", "debug"):
            server = self.server(env={"RUST_LOG": level})
            self.create("name: w\njobs: [{name: a, command: echo secret-word}]\n", server.url)
            server.get("/workflows?limit=3")
            with self.assertRaises(urllib.error.HTTPError) as missing:
                server.get("/workflows/99999")
            missing.exception.close()
            with socket.create_connection(("127.0.0.1", server.port)) as peer:
                peer.sendall(b"nonsense\r\n\r\n")
                peer.recv(1)
            server.stop()
            log = self.read("server.log")
            if level == "info":
                self.assertNotIn("DEBUG", log)
        self.assertRegex(log, r"(?m) DEBUG torc_server::http: GET /torc-service/v1/workflows 200 "
                              r"[0-9.]+ms$")
        self.assertRegex(log, r"(?m) DEBUG torc_server::http: GET /torc-service/v1/workflows/99999 "
                              r"404 [0-9.]+ms$")
        self.assertRegex(log, r"(?m) DEBUG torc_server::http: unreadable request 400$")
        self.assertRegex(log, r"(?m) DEBUG torc_server::writer: commit \d+: .*\d+ turns, \d+ edits, "
                              r"\d+ rows in [0-9.]+ms$")
        self.assertNotIn("secret-word", log)
        self.assertNotIn("limit=3", log)

    def test_a_port_that_is_taken_is_refused_in_a_sentence(self):
        server = self.server()
        said = self.refused("run", "--port", str(server.port), "-d", "other.db")
        self.assertIn(str(server.port), said)

    def test_missing_protection_is_refused_and_the_network_too(self):
        for words in (("--https",), ("--require-auth",), ("--auth-file", "x"),
                      ("--enforce-access-control",), ("--host", "0.0.0.0")):
            self.assertTrue(self.refused("run", *words, "-d", "x.db"))
        self.assertFalse(os.path.exists(self.path("x.db")))

    def test_the_log_is_filtered_and_can_be_json_in_a_folder(self):
        server = self.server(more=("--log-dir", "logs", "--json-logs"),
                             env={"RUST_LOG": "torc_server=warn,torc_server::house=info,x=loud"})
        server.stop()
        lines = [json.loads(line) for line in self.read("logs", "torc-server.log").splitlines()]
        self.assertEqual([line["target"] for line in lines if line["level"] != "WARN"], [])
        self.assertIn("x=loud", lines[0]["message"])
        self.assertEqual(server.log(), self.read("logs", "torc-server.log"))

    def test_variables_come_from_a_file_in_the_current_folder(self):
        self.write(".env", "TORC_MAX_REQUEST_BODY_MB=1\n")
        server = self.server()
        request = urllib.request.Request(server.url + "/bulk_jobs", method="POST",
                                         data=b" " * (2 << 20))
        try:
            urllib.request.urlopen(request, timeout=harness.PATIENCE_S)
            self.fail("a body above the limit was taken")
        except urllib.error.HTTPError as refused:
            self.assertEqual(refused.code, 413)
        except urllib.error.URLError as cut:  # closed while we were still sending
            self.assertIsInstance(cut.reason, (ConnectionResetError, BrokenPipeError))


if __name__ == "__main__":
    harness.main()
