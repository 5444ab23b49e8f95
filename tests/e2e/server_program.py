"""How the server begins and ends."""
import json
import os
import signal
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
