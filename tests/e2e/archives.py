"""A workflow goes into a file and comes back, on another server too, with all its history."""
import hashlib
import json
import os
import urllib.error
import urllib.request

import harness

SPEC = """name: to keep
description: "with \\"quotes\\", a \\\\ and \u00fcml\u00e4ute"
jobs:
  - {name: make, command: "echo 1 > made.txt", output_files: [made]}
  - {name: use, command: "cat made.txt", input_files: [made]}
  - {name: "s_{i}", command: "true", parameters: {i: "1:40"}, depends_on: [use]}
  - {name: fail, command: "exit 3", depends_on: [use]}
  - {name: after, command: "true", depends_on: [fail], cancel_on_blocking_job_failure: true}
files: [{name: made, path: made.txt}]
"""
HELD = """name: half done
jobs:
  - {name: first, command: "true"}
  - {name: second, command: "[ -e go ] || cat held > /dev/null", depends_on: [first]}
  - {name: third, command: "true", depends_on: [second]}
"""


class Archives(harness.Case):

    def setUp(self):
        super().setUp()
        self.running = self.server()

    def ran(self):
        workflow = self.create(SPEC, self.running.url)
        self.torc("workflows", "run", workflow, url=self.running.url, exits=1)
        self.torc("events", "create", workflow, "-d", '{"a": [1, "\u00e4"]}', url=self.running.url)
        return workflow

    def archive(self, workflow, file, server=None, exits=0):
        return self.torc("workflows", "archive", workflow, "--to", file,
                         url=(server or self.running).url, exits=exits)

    def restore(self, file, server=None, *more):
        return self.data("workflows", "restore", file, *more, url=(server or self.running).url)

    def tables(self, file):
        """What stands in an archive, table by table; its hashes are checked on the way."""
        lines = self.read(file).splitlines(keepends=True)
        self.assertEqual(json.loads(lines.pop(0))["format"], "torc-workflow-archive")
        found = {}
        while lines:
            head = json.loads(lines.pop(0))
            rows, lines = lines[:head["rows"]], lines[head["rows"]:]
            self.assertEqual(hashlib.sha256("".join(rows).encode()).hexdigest(), head["sha256"])
            found[head["table"]] = [dict(zip(head["columns"], json.loads(row))) for row in rows]
        return found

    def seen(self, workflow, server):
        """What people see of a workflow, ids apart."""
        def strip(item):
            return {k: v for k, v in item.items() if not k.endswith(("id", "ids"))
                    or k in ("run_id", "attempt_id")}
        return [[strip(item) for item in server.get(path)["items"]] for path in (
            f"/jobs?workflow_id={workflow}&include_relationships=true",
            f"/results?workflow_id={workflow}&all_runs=true",
            f"/events?workflow_id={workflow}", f"/files?workflow_id={workflow}",
            f"/resource_requirements?workflow_id={workflow}",
            f"/workflows/{workflow}/job_dependencies")]

    def test_it_comes_back_here_and_on_another_server_with_all_its_rows(self):
        workflow = self.ran()
        said = self.archive(workflow, "kept.jsonl")
        self.assertIn(f"{os.path.getsize(self.path('kept.jsonl'))} bytes", said)
        before = self.tables("kept.jsonl")
        self.assertEqual(len(before["job"]), 44)
        self.assertEqual(len(before["result"]), 43)
        told = self.restore("kept.jsonl")
        self.assertEqual(told["rows"], sum(map(len, before.values())))
        self.assertEqual(told["unfinished_jobs"], 0)
        again = told["workflow_id"]
        self.assertNotEqual(again, workflow)
        self.assertEqual(self.seen(again, self.running), self.seen(workflow, self.running))
        self.archive(again, "again.jsonl")
        elsewhere = self.server(file="other.db")
        for file in ("again.jsonl", "kept.jsonl"):
            there = self.restore(file, elsewhere)["workflow_id"]
            self.assertEqual(self.seen(there, elsewhere), self.seen(workflow, self.running))
        self.archive(1, "first.jsonl", elsewhere)
        after = self.tables("first.jsonl")
        for row in before["compute_node"]:
            row["is_active"] = 0
        self.assertEqual(after, before)  # the first workflow of each database has the same ids
        elsewhere.stop()
        elsewhere = self.server(file="other.db")
        self.assertEqual(self.seen(there, elsewhere), self.seen(workflow, self.running))
        self.torc("workflows", "delete", again, "--no-prompts", url=self.running.url)

    def test_what_had_not_ended_goes_on_when_it_is_asked_to(self):
        workflow = self.create(HELD, self.running.url)
        os.mkfifo(self.path("held"))
        runner = self.start("workflows", "run", workflow, url=self.running.url)
        self.addCleanup(runner.kill)
        pipe = os.open(self.path("held"), os.O_WRONLY)  # returns when the job reads
        self.until(lambda: self.job_statuses(workflow, self.running.url)["second"] == "running",
                   "the job does not run")
        self.archive(workflow, "half.jsonl")
        os.close(pipe)
        self.assertEqual(self.end(runner)[0], 0)
        self.write("go", "")
        told = self.restore("half.jsonl")
        self.assertEqual(told["unfinished_jobs"], 2)
        self.assertEqual(self.job_statuses(told["workflow_id"], self.running.url),
                         {"first": "completed", "second": "uninitialized",
                          "third": "uninitialized"})
        other = self.restore("half.jsonl", None, "--resume")["workflow_id"]
        self.torc("workflows", "run", other, url=self.running.url)
        self.assertEqual(set(self.job_statuses(other, self.running.url).values()), {"completed"})
        results = self.running.get(f"/results?workflow_id={other}&all_runs=true")["items"]
        self.assertEqual(len(results), 3)

    def test_a_changed_archive_is_refused_and_leaves_nothing(self):
        self.archive(self.ran(), "kept.jsonl")
        self.archive(1, "kept.jsonl", exits=1)
        self.assertIn("exists already", self.said)
        self.archive(77, "none.jsonl", exits=1)
        self.assertIn("77", self.said)
        self.assertFalse(os.path.exists(self.path("none.jsonl")))
        whole = self.read("kept.jsonl")
        spoilt = [("", "archive"), ("{}\n", "no archive"), (whole[:-30], "of the archive"),
                  (whole.replace("exit 3", "exit 4"), "hash"),
                  (whole.replace('"version":1', '"version":9', 1), "version 9"),
                  (whole.replace('"table":"job"', '"table":"jab"'), "jab"),
                  (whole.replace('"rows":44', '"rows":43', 1), "job"),
                  (whole + "[]\n", "expected a table")]
        for text, words in spoilt:
            self.write("spoilt.jsonl", text)
            self.torc("workflows", "restore", "spoilt.jsonl", url=self.running.url, exits=1)
            self.assertIn(words, self.said)
        self.assertEqual(len(self.running.get("/workflows")["items"]), 1)

    def test_a_restore_under_a_key_is_made_once(self):
        self.archive(self.ran(), "kept.jsonl")
        body = self.read("kept.jsonl").encode()

        def post():
            request = urllib.request.Request(self.running.url + "/archive_files", method="POST",
                                             data=body, headers={"Idempotency-Key": "once"})
            with urllib.request.urlopen(request, timeout=harness.PATIENCE_S) as reply:
                return json.load(reply)

        first = post()
        self.assertEqual(post(), first)
        self.running.kill()
        self.running = self.server()
        self.assertEqual(post(), first)
        self.assertEqual(len(self.running.get("/workflows")["items"]), 2)


if __name__ == "__main__":
    harness.main()
