"""Running again what has to run again, and what is known afterwards of where files came from."""
import hashlib
import json
import os

import harness

SPEC = """
name: chain
enable_ro_crate: true
files:
  - {name: in, path: in.txt}
  - {name: mid, path: mid.txt}
  - {name: out, path: out.json}
jobs:
  - {name: first, command: "cp in.txt mid.txt", input_files: [in], output_files: [mid]}
  - {name: second, command: "cp mid.txt out.json", input_files: [mid], output_files: [out]}
  - {name: alone, command: "test -e allowed"}
"""


class Reruns(harness.Case):

    def setUp(self):
        super().setUp()
        self.url = self.server().url
        self.write("in.txt", "one")
        self.workflow = self.create(SPEC, self.url)

    def say(self, *words, exits=0):
        return self.data(*words, url=self.url, exits=exits)

    def run_it(self, exits=0):
        self.torc("workflows", "run", self.workflow, url=self.url, exits=exits)

    def attempts(self):
        """How often each job ran, by name."""
        names = {j["id"]: j["name"] for j in self.say("jobs", "list", self.workflow)["jobs"]}
        results = self.say("results", "list", self.workflow, "--all-runs")["results"]
        return {name: sum(names[r["job_id"]] == name for r in results)
                for name in names.values()}

    def entities(self):
        listed = self.say("ro-crate", "list", self.workflow)["ro_crate_entities"]
        return {e["entity_id"]: (e["entity_type"], json.loads(e["metadata"])) for e in listed}

    def test_reinitializing_runs_what_failed_and_what_reads_a_changed_file(self):
        self.run_it(exits=1)
        self.assertEqual(self.attempts(), {"first": 1, "second": 1, "alone": 1})
        self.write("allowed", "")
        told = self.say("workflows", "reset-status", self.workflow, "--failed-only", "-r")
        self.assertEqual((told["status"], told["failed_only"], told["operations"]),
                         ("success", True,
                          {"workflow_reset": True, "job_reset": True, "reinitialize": True}))
        self.run_it()
        self.assertEqual(self.attempts(), {"first": 1, "second": 1, "alone": 2})
        self.say("workflows", "reinitialize", self.workflow)
        self.run_it()
        self.assertEqual(self.attempts(), {"first": 1, "second": 1, "alone": 2})
        self.write("in.txt", "another text")
        self.say("workflows", "reinitialize", self.workflow)
        self.run_it()
        self.assertEqual(self.attempts(), {"first": 2, "second": 2, "alone": 2})
        self.assertEqual(self.read("out.json"), "another text")
        self.write("mid.txt", "by hand")
        self.say("workflows", "reinitialize", self.workflow)
        self.run_it()
        self.assertEqual(self.attempts(), {"first": 2, "second": 3, "alone": 2})

    def test_what_is_there_and_what_is_missing_is_said_beforehand(self):
        self.write("out.json", "from before")
        dry = self.say("workflows", "initialize", self.workflow, "--dry-run")
        self.assertEqual((dry["safe"], dry["existing_output_files"]), (True, ["out.json"]))
        self.run_it(exits=1)
        os.remove(self.path("in.txt"))
        os.remove(self.path("mid.txt"))
        dry = self.say("workflows", "reinitialize", self.workflow, "--dry-run")
        self.assertEqual((dry["safe"], dry["missing_input_files"]), (False, ["in.txt"]))
        self.torc("workflows", "reinitialize", self.workflow, url=self.url, exits=1)
        self.assertIn("in.txt", self.said)
        self.assertEqual(self.say("workflows", "status", self.workflow)["run_id"], 1)

    def test_outputs_are_in_the_crate_with_the_job_that_wrote_them(self):
        self.write("allowed", "")
        self.run_it()
        for run in (1, 2):
            entities = self.entities()
            kind, out = entities["out.json"]
            self.assertEqual((kind, out["encodingFormat"], out["torc:run_id"]),
                             ("File", "application/json", run))
            with open(self.path("out.json"), "rb") as file:
                bytes_ = file.read()
            self.assertEqual((out["contentSize"], out["sha256"]),
                             (len(bytes_), hashlib.sha256(bytes_).hexdigest()))
            kind, action = entities[out["wasGeneratedBy"]["@id"]]
            self.assertEqual((kind, action["name"]), ("CreateAction", "second"))
            self.assertEqual(action["object"], [{"@id": "mid.txt"}])
            self.assertEqual(action["result"], [{"@id": "out.json"}])
            self.assertEqual(sum(k == "File" for k, _ in entities.values()), 3)
            self.write("in.txt", f"run {run}, and longer")
            self.say("workflows", "reinitialize", self.workflow)
            self.run_it()
        crate = json.loads(self.torc("ro-crate", "export", self.workflow, url=self.url))
        nodes = {node["@id"]: node for node in crate["@graph"]}
        self.assertEqual(nodes["ro-crate-metadata.json"]["about"], {"@id": "./"})
        self.assertIn({"@id": "out.json"}, nodes["./"]["hasPart"])
        self.assertEqual(nodes["out.json"]["@type"], "File")
        self.torc("ro-crate", "export", self.workflow, "-o", "crate.json", url=self.url)
        self.assertEqual(json.loads(self.read("crate.json")), crate)

    def test_the_report_names_the_files_that_output_went_to(self):
        self.torc("reports", "results", self.workflow, url=self.url, exits=1)
        self.assertIn("torc_output", self.said)
        self.run_it(exits=1)
        report = self.say("reports", "results", self.workflow)
        self.assertEqual((report["total_results"], report["all_runs"]), (3, False))
        by_name = {r["job_name"]: r for r in report["results"]}
        self.assertEqual((by_name["alone"]["status"], by_name["alone"]["return_code"]),
                         ("Failed", 1))
        self.read(by_name["first"]["job_stdout"])
        self.read(by_name["first"]["job_runner_log"])
        only = self.say("reports", "results", self.workflow, "-j", by_name["alone"]["job_id"])
        self.assertEqual([r["job_name"] for r in only["results"]], ["alone"])


if __name__ == "__main__":
    harness.main()
