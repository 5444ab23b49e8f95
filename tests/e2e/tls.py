"""The real programs over HTTPS."""
import os
import signal
import subprocess
import urllib.request

import harness
import recovery

DIAMOND = """
name: diamond
jobs:
  - {name: a, command: "echo a"}
  - {name: b, command: "echo b", depends_on: [a]}
  - {name: c, command: "echo c", depends_on: [a]}
  - {name: d, command: "echo d", depends_on: [b, c]}
"""


class Https(harness.Case):

    def setUp(self):
        super().setUp()
        self.certificate, self.key = self.make_certificate("server")
        self.running = self.server(more=("--https", "--tls-cert", self.certificate,
                                         "--tls-key", self.key))
        self.url = f"https://127.0.0.1:{self.running.port}/torc-service/v1"

    def make_certificate(self, name):
        """One that is its own authority."""
        files = self.path(name + ".crt"), self.path(name + ".key")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "2", "-subj", "/CN=test", "-addext",
             "subjectAltName=IP:127.0.0.1,DNS:localhost", "-out", files[0], "-keyout", files[1]],
            check=True, capture_output=True)
        return files

    def trusting(self, *words):
        return ("--tls-ca-cert", self.certificate, *words)

    def test_a_workflow_runs_whose_runner_was_let_in_over_https(self):
        self.write("spec.yaml", DIAMOND)
        self.torc(*self.trusting("run", "spec.yaml", "--max-parallel-jobs", 2), url=self.url)
        out = self.data(*self.trusting("jobs", "list", 1), url=self.url)
        self.assertEqual([job["status"] for job in out["jobs"]], ["completed"] * 4)

    def test_another_authority_is_refused(self):
        other, _ = self.make_certificate("other")
        for words in (("--tls-ca-cert", other), ()):
            self.torc(*words, "workflows", "list", url=self.url, exits=1)
            self.assertIn("its certificate is not trusted", self.said)
        self.torc("--tls-insecure", "workflows", "list", url=self.url)
        code, _, said = self.end(subprocess.Popen(
            [os.path.join(harness.BIN, "torc"), "workflows", "list"], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=harness.environment(TORC_API_URL=self.url, TORC_TLS_CA_CERT=self.certificate)))
        self.assertEqual(code, 0, said)

    def test_plain_http_on_its_port_gets_a_clear_answer(self):
        self.torc("workflows", "list", url=self.running.url, exits=1)
        self.assertIn("This port speaks HTTPS", self.said)

    def test_what_is_missing_is_said_at_the_start(self):
        for words, part in ((("--https",), "--tls-cert FILE"),
                            (("--tls-cert", self.certificate), "without --https"),
                            (("--https", "--tls-cert", "none", "--tls-key", self.key),
                             "cannot use none as the TLS certificate")):
            self.torc("run", "--port", 0, "-d", self.path("other.db"), *words,
                      program="torc-server", exits=1)
            self.assertIn(part, self.said)
            self.assertFalse(os.path.exists(self.path("other.db")))

    def test_the_jobs_of_a_killed_runner_are_requeued_by_its_guardian(self):
        self.write("spec.yaml", recovery.SPEC)
        workflow = self.data(*self.trusting("workflows", "create", "spec.yaml"),
                             url=self.url)["workflow_id"]
        for i in range(1, recovery.HELD + 1):
            os.mkfifo(self.path(f"held_{i}"))

        def begin():
            runner = self.start(*self.trusting("workflows", "run", workflow, "--max-parallel-jobs",
                                               recovery.HELD), url=self.url)
            self.addCleanup(runner.kill)
            return runner, [os.open(self.path(f"held_{i}"), os.O_WRONLY)
                            for i in range(1, recovery.HELD + 1)]

        runner, pipes = begin()
        runner.send_signal(signal.SIGKILL)
        self.end(runner)
        for pipe in pipes:
            os.close(pipe)
        # The lease is fifteen minutes: only the guardian can have given the jobs back.
        runner, pipes = begin()
        for pipe in pipes:
            os.close(pipe)
        self.assertEqual(self.end(runner)[0], 0)
        began = self.read("began").splitlines()
        self.assertEqual(len(began), 2 * recovery.HELD)


if __name__ == "__main__":
    harness.main()
