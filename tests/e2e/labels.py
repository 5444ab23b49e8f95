"""Jobs go only to runners that have their labels, and find what they asked for in their environment."""
import json
import urllib.error
import urllib.request

import harness

SPEC = """
name: labeled
env: {EVERYWHERE: "from the workflow", KIND: none}
resource_requirements:
  - {name: small, num_cpus: 1, memory: 1m, runtime: PT1M}
jobs:
  - {name: first, command: 'echo "$KIND, $EVERYWHERE"', resource_requirements: small}
  - {name: "on_{os}", command: 'echo "$KIND, $EVERYWHERE"', labels: [gpu, "{os}"],
     env: {KIND: "for {os}"}, depends_on: [first], parameters: {os: "['linux','windows']"},
     resource_requirements: small}
  - {name: last, command: "true", depends_on_regexes: [^on_], resource_requirements: small}
"""

ROOM = {"num_cpus": 9, "memory_gb": 9.0, "num_gpus": 0, "num_nodes": 1}


class Labels(harness.Case):

    def setUp(self):
        super().setUp()
        self.url = self.server().url
        self.workflow = self.create(SPEC, self.url)

    def jobs(self):
        return {j["name"]: j for j in self.data("jobs", "list", self.workflow, url=self.url)["jobs"]}

    def ask(self, method, path, body=None):
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(),
                                         {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=harness.PATIENCE_S) as reply:
            return json.load(reply)

    def explain(self, job):
        return self.ask("GET", f"/jobs/{job}/explain")

    def output(self, name):
        job = self.jobs()[name]["id"]
        return self.read("torc_output", "job_stdio", f"job_wf{self.workflow}_j{job}_r1_a1.o")

    def verify_both_kinds_of_runner(self, *more):
        """One runner without labels and one with all of them share the workflow."""
        labeled = self.start("workflows", "run", self.workflow, "--label", "gpu,linux", "--label",
                             "windows", *more, url=self.url)
        self.torc("workflows", "run", self.workflow, *more, url=self.url)
        self.end(labeled)
        jobs = self.jobs()
        self.assertEqual({j["status"] for j in jobs.values()}, {"completed"})
        self.assertEqual(jobs["on_windows"]["labels"], ["gpu", "windows"])
        self.assertNotIn("labels", jobs["first"])
        listed = self.data("compute-nodes", "list", self.workflow, url=self.url)["compute_nodes"]
        nodes = {node["id"]: node.get("labels", []) for node in listed}
        results = self.data("results", "list", self.workflow, url=self.url)["results"]
        by_job = {r["job_id"]: nodes[r["compute_node_id"]] for r in results}
        for name, job in jobs.items():
            self.assertEqual(by_job[job["id"]],
                             ["gpu", "linux", "windows"] if name.startswith("on_") else [], name)
        self.assertEqual(self.output("first"), "none, from the workflow\n")
        self.assertEqual(self.output("on_linux"), "for linux, from the workflow\n")

    def test_runners_by_slots_get_what_asks_for_their_labels(self):
        self.verify_both_kinds_of_runner("--max-parallel-jobs", 2)

    def test_runners_by_resources_get_what_asks_for_their_labels(self):
        self.verify_both_kinds_of_runner()

    def test_what_no_runner_serves_is_said(self):
        self.torc("jobs", "update", self.jobs()["first"]["id"], "--label", "tape", url=self.url)
        self.torc("workflows", "initialize", self.workflow, url=self.url)
        first = self.jobs()["first"]
        self.assertEqual(first["labels"], ["tape"])
        said = self.explain(first["id"])
        self.assertEqual(said["needs"]["labels"], ["tape"])
        self.assertIn("--label tape", said["reasons"][0])
        status = self.ask("GET", f"/workflows/{self.workflow}/status")
        self.assertEqual(status["unserved_ready_labels"], {"tape": 1})
        self.torc("jobs", "update", first["id"], "--clear-labels", url=self.url)
        self.assertNotIn("labels", self.jobs()["first"])

    def test_claims_say_labels_as_torc_1_0_does(self):
        workflow = self.ask("POST", "/workflows", {"name": "w", "user": "ada"})["id"]
        at = f"/workflows/{workflow}"
        made = self.ask("POST", "/bulk_jobs", {"jobs": [
            {"workflow_id": workflow, "name": name, "command": "true", "labels": labels}
            for name, labels in [("plain", []), ("w", ["w"]), ("wg", ["w", "g", "g"])]]})["jobs"]
        self.assertEqual([job.get("labels") for job in made], [None, ["w"], ["g", "w"]])
        self.ask("POST", at + "/initialize_jobs")
        self.assertEqual(self.ask("GET", at + "/status")["unserved_ready_labels"],
                         {"w": 1, "g,w": 1})
        listed = self.ask("GET", f"/jobs?workflow_id={workflow}&labels=w")
        self.assertEqual([job["name"] for job in listed["items"]], ["w"])
        self.assertEqual(self.ask("POST", at + "/claim_next_jobs?labels=g")["jobs"], [])
        claim = at + "/claim_jobs_based_on_resources/9"
        got = self.ask("POST", claim, {**ROOM, "labels": ["w", "g"]})["jobs"]
        self.assertEqual([job["name"] for job in got], ["w", "wg"])
        self.assertEqual([job["name"] for job in self.ask("POST", claim, ROOM)["jobs"]], ["plain"])
        with self.assertRaises(urllib.error.HTTPError) as refused:
            self.ask("POST", claim, {**ROOM, "labels": ["w "]})
        self.assertEqual(refused.exception.code, 400)


if __name__ == "__main__":
    harness.main()
