"""Every command's table and data, against the real server."""
import json
import os

import between
import harness

SPEC = """
name: small
description: three jobs
resource_requirements: [{name: tiny, num_cpus: 1, memory: 1m, runtime: PT1M}]
jobs:
  - {name: a, command: "true", resource_requirements: tiny}
  - {name: b, command: "true", depends_on: [a]}
  - {name: c, command: "false", depends_on: [a]}
"""


class Commands(harness.Case):

    def setUp(self):
        super().setUp()
        self.url = self.server().url

    def test_create_prints_the_id_and_creates_a_json_spec_too(self):
        self.write("spec.yaml", SPEC)
        self.assertEqual(self.torc("workflows", "create", "spec.yaml", url=self.url),
                         "Created workflow 1\n")
        self.assertRegex(self.said, r"Workflow creation time: [0-9.]+ (us|ms|s)\n")
        self.write("spec.json", json.dumps({"name": "j", "jobs": [{"name": "a", "command": "x"}]}))
        made = self.data("workflows", "create", "spec.json", url=self.url)
        self.assertEqual(made["workflow_id"], 2)
        self.assertEqual(made["status"], "success")
        self.assertGreater(made["creation_seconds"], 0)

    def test_a_folder_or_a_missing_file_is_refused_in_words(self):
        workflow = self.create(SPEC, self.url)
        os.mkdir(self.path("folder"))
        for words in (("workflows", "restore"), ("workflows", "import"),
                      ("jobs", "create-from-file", workflow), ("workflows", "create"),
                      ("remote", "add-workers-from-file")):
            for file, why in (("folder", "folder|directory"), ("missing", "No such file")):
                self.torc(*words, file, url=self.url, exits=1)
                self.assertRegex(self.said, f"{file}.*({why})", words)
        self.torc("run", "folder", url=self.url, exits=1)
        self.assertIn("folder", self.said)
        self.torc("list", "-f", "folder", program="torc-htpasswd", exits=1)
        self.assertIn("cannot read the password file folder", self.said)
        self.torc("workflows", "export", workflow, "-o", "folder", url=self.url, exits=1)
        self.assertIn("cannot write folder", self.said)
        self.assertFalse(os.path.exists(self.path("folder.part")))

    def test_the_counts_of_a_status_are_of_one_moment(self):
        workflow = self.create(SPEC, self.url)
        proxy = between.Between(self.servers[0])
        self.addCleanup(proxy.close)
        counted = {"uninitialized": 3}
        for words in (("workflows", "status"), ("reports", "summary")):
            told = self.data(*words, workflow, url=proxy.url)["jobs_by_status"]
            self.assertEqual({k: v for k, v in told.items() if v}, counted)
        self.assertEqual([path for _, path in proxy.asked if path.startswith("/jobs")], [])

    def test_a_server_that_counts_nothing_is_asked_status_by_status(self):
        def original(method, path, status, body):
            if path.endswith("/status"):
                body = body.replace(b'"jobs_by_status"', b'"another"')
            return status, body
        workflow = self.create(SPEC, self.url)
        proxy = between.Between(self.servers[0], original)
        self.addCleanup(proxy.close)
        self.assertEqual(self.data("workflows", "status", workflow, url=proxy.url)["jobs_by_status"],
                         {"uninitialized": 3})

    def test_a_dry_run_counts_and_creates_nothing(self):
        self.write("spec.yaml", SPEC)
        told = self.data("workflows", "create", "spec.yaml", "--dry-run", url=self.url)
        self.assertTrue(told["valid"])
        self.assertEqual(told["summary"]["job_count"], 3)
        self.assertEqual(self.data("workflows", "list", "--all-users", url=self.url),
                         {"workflows": []})

    def test_status_tells_run_flags_and_job_counts(self):
        workflow = self.create(SPEC, self.url)
        text = self.torc("workflows", "status", workflow, url=self.url)
        self.assertIn(f"Workflow Status for ID {workflow}:", text)
        self.assertIn("uninitialized  3", text)
        self.assertEqual(self.data("workflows", "status", workflow, url=self.url)["jobs_by_status"],
                         {"uninitialized": 3})

    def test_start_initializes_once_and_initialize_every_time(self):
        workflow = self.create(SPEC, self.url)
        self.assertIn("Initialized", self.torc("workflows", "start", workflow, url=self.url))
        self.assertIn("already", self.torc("workflows", "start", workflow, url=self.url))
        self.assertEqual(self.job_statuses(workflow, self.url),
                         {"a": "ready", "b": "blocked", "c": "blocked"})
        self.data("workflows", "initialize", workflow, url=self.url)
        self.assertEqual(self.data("workflows", "status", workflow, url=self.url)["run_id"], 2)

    def test_missing_input_files_keep_a_workflow_from_starting(self):
        workflow = self.create("""
name: needs
files: [{name: in, path: not_there.txt}]
jobs: [{name: a, command: "cat ${files.input.in}"}]
""", self.url)
        self.torc("workflows", "start", workflow, url=self.url, exits=1)
        self.assertIn("not_there.txt", self.said)
        self.torc("workflows", "run", workflow, url=self.url, exits=1)
        self.assertIn("not_there.txt", self.said)
        self.assertEqual(self.job_statuses(workflow, self.url), {"a": "uninitialized"})
        self.write("not_there.txt", "now it is")
        self.torc("workflows", "run", workflow, url=self.url)

    def test_lists_and_reports_after_a_run(self):
        workflow = self.create(SPEC, self.url)
        self.torc("workflows", "run", workflow, url=self.url, exits=1)
        for words, headers in (
                (("jobs", "list"), ("ID", "Name", "Status", "Command")),
                (("results", "list"), ("Job Name", "Return Code", "Exec Time", "Completion Time")),
                (("compute-nodes", "list"), ("Hostname", "PID", "CPUs", "Memory (GB)")),
                (("workflows", "get"), ("small", "three jobs")),
                (("reports", "summary"), ("completed", "failed", "3 jobs"))):
            text = self.torc(*words, workflow, url=self.url)
            for header in headers:
                self.assertIn(header, text)
        report = self.data("reports", "summary", workflow, url=self.url)
        self.assertEqual(report["total_jobs"], 3)
        self.assertEqual(report["jobs_by_status"]["completed"], 2)
        self.assertEqual(report["jobs_by_status"]["failed"], 1)
        self.assertEqual(len(report["jobs_by_status"]), 11)
        self.assertTrue(report["is_complete"])
        failed = self.data("jobs", "list", workflow, "-s", "failed", url=self.url)["jobs"]
        self.assertEqual([j["name"] for j in failed], ["c"])

    def test_cancel_and_delete(self):
        workflow = self.create(SPEC, self.url)
        self.torc("workflows", "start", workflow, url=self.url)
        self.assertEqual(self.data("workflows", "cancel", workflow, url=self.url)["status"],
                         "success")
        self.assertTrue(self.data("workflows", "status", workflow, url=self.url)["is_canceled"])
        deleted = self.data("workflows", "delete", workflow, url=self.url)
        self.assertEqual(deleted["id"], workflow)
        self.torc("workflows", "status", workflow, url=self.url, exits=1)

    def test_an_id_may_be_left_out_where_there_is_just_one_workflow(self):
        self.torc("workflows", "status", url=self.url, exits=1)
        self.assertIn("a workflow id is needed", self.said)
        self.create(SPEC, self.url)
        self.assertIn("ID 1:", self.torc("workflows", "status", url=self.url))
        self.create(SPEC, self.url)
        self.torc("workflows", "status", url=self.url, exits=1)
        self.assertIn("1 (small), 2 (small)", self.said)

    def test_what_does_not_exist_is_said_in_words(self):
        for words in (("workflows", "get", 99), ("workflows", "run", 99), ("jobs", "list", 99),
                      ("workflows", "start", 99), ("workflows", "cancel", 99)):
            self.torc(*words, url=self.url, exits=1)
            self.assertIn("99", self.said)
            self.assertNotIn("{", self.said)

    def test_ping(self):
        self.assertEqual(self.data("ping", url=self.url), {"status": "ok"})
        self.torc("ping", "--url", "http://127.0.0.1:1/torc-service/v1", exits=1)
        self.assertIn("cannot connect to", self.said)
        self.assertIn("torc-server run", self.said)

    def test_a_command_line_that_makes_no_sense_exits_with_2(self):
        for words in ((), ("workflow",), ("workflows", "create"), ("run", "x.yaml", "--fast")):
            self.torc(*words, exits=2)
        self.torc("workflos", "list", exits=2)
        self.assertIn("did you mean 'workflows'?", self.said)
        self.assertIn("Usage: torc workflows", self.torc("workflows", "--help"))


if __name__ == "__main__":
    harness.main()
