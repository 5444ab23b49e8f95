"""Why jobs do not run, failed or were slow, as torc explain says it."""
import json
import urllib.request

import harness

SPEC = """
name: explained
resource_requirements:
  - {name: small, num_cpus: 1, memory: 1m, runtime: PT1M}
  - {name: huge, num_cpus: 100000, memory: 1m, runtime: PT1M}
jobs:
  - {name: good, command: "true", resource_requirements: small}
  - {name: bad, command: "echo first >&2; echo why not >&2; exit 3", depends_on: [good],
     resource_requirements: small}
  - {name: killed, command: "kill -SEGV $$", depends_on: [good], resource_requirements: small}
  - {name: after, command: "true", depends_on: [bad], resource_requirements: small}
  - {name: last, command: "true", depends_on: [after], resource_requirements: small}
"""

WAITING = """
name: waiting
resource_requirements:
  - {name: huge, num_cpus: 100000, memory: 1m, runtime: PT1M}
jobs:
  - {name: first, command: "true", resource_requirements: huge}
  - {name: second, command: "true", depends_on: [first], resource_requirements: huge}
  - {name: third, command: "true", depends_on: [second], resource_requirements: huge}
"""

ENDS = """
name: ends
resource_requirements:
  - {name: small, num_cpus: 1, memory: 40m, runtime: PT1M}
jobs:
  - {name: greedy, resource_requirements: small,
     command: "python3 -c 'import os; b = bytearray(64 << 20); os.kill(os.getpid(), 9)'"}
  - {name: late, command: "kill -XCPU $$", resource_requirements: small}
"""

ALIKE = """
name: alike
resource_requirements:
  - {name: same, num_cpus: 1, memory: 1m, runtime: PT1M}
jobs:
  - {name: "part_{i}", command: "true", parameters: {i: "1:8"}, resource_requirements: same}
"""


class Explain(harness.Case):

    def setUp(self):
        super().setUp()
        self.url = self.server().url

    def jobs(self, workflow):
        listed = self.data("jobs", "list", workflow, url=self.url)["jobs"]
        return {job["name"]: job["id"] for job in listed}

    def explain(self, *words):
        return self.data("explain", *words, url=self.url)

    def reasons(self, *words):
        return "\n".join(self.explain(*words)["reasons"])

    def test_a_failure_is_told_by_its_code_its_signal_and_its_last_lines(self):
        workflow = self.create(SPEC, self.url)
        self.torc("workflows", "run", workflow, url=self.url, exits=1)
        ids = self.jobs(workflow)
        bad = self.explain("job", ids["bad"])
        self.assertEqual((bad["status"], bad["result"]["kind"], bad["result"]["return_code"]),
                         ("failed", "exit_code", 3))
        self.assertEqual(bad["stderr"]["lines"], ["first", "why not"])
        self.assertRegex(self.reasons("job", ids["killed"]), r"attempt 1 took .* was ended by SIGSEGV")
        shown = self.torc("explain", "job", ids["bad"], "-n", "1", url=self.url)
        self.assertIn("ended with exit code 3", shown)
        self.assertIn("    why not\n", shown)
        self.assertNotIn("    first\n", shown)
        self.assertEqual(self.explain("job", ids["good"])["result"]["kind"], "success")

    def test_memory_and_time_that_ran_out_are_told_from_other_ends(self):
        workflow = self.create(ENDS, self.url)
        self.torc("workflows", "run", workflow, url=self.url, exits=1)
        ids = self.jobs(workflow)
        greedy = self.explain("job", ids["greedy"])
        self.assertEqual((greedy["result"]["kind"], greedy["result"]["return_code"]),
                         ("out_of_memory", 137))
        self.assertRegex(greedy["reasons"][0], r"killed by SIGKILL with .* most likely out of memory")
        late = self.explain("job", ids["late"])
        self.assertEqual(late["result"]["kind"], "time_limit")
        self.assertIn("after the 60 s that it had asked for", late["reasons"][0])

    def test_a_slow_job_is_told_by_its_siblings(self):
        workflow = self.create(ALIKE, self.url)
        self.torc("workflows", "start", workflow, url=self.url)
        claimed = self.call("POST", f"/workflows/{workflow}/claim_next_jobs?limit=8")["jobs"]
        for number, job in enumerate(claimed):
            self.call("POST", f"/jobs/{job['id']}/complete_job/completed/1", {
                "job_id": job["id"], "workflow_id": workflow, "run_id": 1, "attempt_id": 1,
                "return_code": 0, "exec_time_minutes": 9 if number == 7 else 2, "status": "completed",
                "compute_node_id": 1, "completion_time": "2026-01-01T00:00:00Z"})
        slow = claimed[7]
        self.assertIn("it was slow: 7 jobs of the same requirements took 2.0 min (median), nine of "
                      "ten at most 2.0 min", self.reasons("job", slow["id"]))
        self.assertNotIn("slow", self.reasons("job", claimed[0]["id"]))
        self.assertIn(f"job {slow['id']} ({slow['name']}) was the slowest against its siblings: "
                      "9.0 min, they 2.0 min (median)", self.reasons("workflow", workflow))

    def call(self, method, path, body=None):
        request = urllib.request.Request(self.url + path, method=method,
                                         data=json.dumps(body or {}).encode())
        with urllib.request.urlopen(request, timeout=harness.PATIENCE_S) as reply:
            return json.load(reply)

    def test_a_runner_of_another_workflow_is_none_for_this_one(self):
        other = self.create(WAITING, self.url)
        workflow = self.create(WAITING, self.url)
        first = self.jobs(workflow)["first"]
        self.torc("workflows", "start", workflow, url=self.url)
        runner = self.start("workflows", "run", other, url=self.url)
        told = "the one runner that is attached serves other workflows"
        self.until(lambda: told in self.reasons("job", first), "the runner was never seen")
        self.torc("workflows", "cancel", other, url=self.url)
        self.end(runner)

    def test_a_canceled_job_names_the_failure_that_it_goes_back_to(self):
        workflow = self.create(SPEC, self.url)
        self.torc("workflows", "run", workflow, url=self.url, exits=1)
        ids = self.jobs(workflow)
        last = self.explain("job", ids["last"])
        self.assertEqual((last["status"], last["failed_blockers"]), ("canceled", [ids["bad"]]))
        self.assertIn(f"job {ids['bad']} (bad)", last["reasons"][0])
        whole = self.explain("workflow", workflow)
        self.assertEqual(whole["by_status"], {"completed": 1, "failed": 2, "canceled": 2})
        self.assertEqual({(f["kind"], f["return_code"], tuple(f["jobs"]))
                          for f in whole["failures"]},
                         {("exit_code", 3, (ids["bad"],)), ("signal", 139, (ids["killed"],))})

    def test_a_waiting_job_names_its_blockers_and_the_lack_of_runners(self):
        workflow = self.create(WAITING, self.url)
        ids = self.jobs(workflow)
        self.assertIn("never initialized", self.reasons("workflow", workflow))
        self.torc("workflows", "start", workflow, url=self.url)
        third = self.explain("job", ids["third"])
        self.assertEqual((third["blockers"]["direct"], third["blockers"]["all"],
                          third["blockers"]["first"]), (1, 2, [ids["first"]]))
        self.assertIn("no runner is attached", self.reasons("job", ids["first"]))
        whole = self.explain("workflow", workflow)
        self.assertEqual(whole["holding"], [{"job_id": ids["first"], "waiting": 1}])
        runner = self.start("workflows", "run", workflow, url=self.url)
        while self.explain("job", ids["first"])["runners"] == 0:
            self.assertIsNone(runner.poll())
        first = self.explain("job", ids["first"])
        self.assertEqual((first["runners"], first["fitting_runners"]), (1, 0))
        self.assertIn("the one runner is not large enough: it asks for 100000 CPUs where the largest",
                      "\n".join(first["reasons"]))
        code, _, err = self.end(self.start("workflows", "cancel", workflow, url=self.url,
                                           env={"USER": "ada"}))
        self.assertEqual(code, 0, err)
        self.end(runner)
        self.assertRegex("\n".join(self.explain("job", ids["first"])["reasons"]),
                         r"^its workflow was canceled by ada, at 20[\d-]+T[\d:.]+Z: "
                         r"nothing of it is started$")

    def test_who_canceled_a_single_job_is_told_after_a_restart_too(self):
        server = self.server(file="kept.db")
        self.url = server.url
        workflow = self.create(WAITING, self.url)
        ids = self.jobs(workflow)
        self.torc("workflows", "start", workflow, url=self.url)
        self.call("POST", "/events", {"workflow_id": workflow, "data": {
            "category": "workflow_canceled", "user": "eve"}})
        self.call("POST", f"/jobs/{ids['first']}/complete_job/canceled/1", {
            "job_id": ids["first"], "workflow_id": workflow, "run_id": 1, "attempt_id": 1,
            "return_code": 1, "exec_time_minutes": 0, "status": "canceled", "compute_node_id": 0,
            "completion_time": "2026-01-01T00:00:00Z", "user": "ada"})
        server.stop()
        self.url = self.server(file="kept.db").url
        first = self.explain("job", ids["first"])
        self.assertRegex(first["reasons"][0], r"^canceled by ada, at 20[\d-]+T[\d:.]+Z$")
        self.assertEqual(first["canceled"]["by"], "ada")
        self.assertIn(f"  - canceled by ada, at {first['canceled']['at']}\n",
                      self.torc("explain", "job", ids["first"], url=self.url))
        self.torc("workflows", "cancel", workflow, url=self.url)
        whole = self.explain("workflow", workflow)
        self.assertIn(f"it was canceled by {whole['canceled']['by']}, at {whole['canceled']['at']}:",
                      whole["reasons"][0])

    def test_a_lone_number_is_what_there_is_and_nonsense_is_refused(self):
        workflow = self.create(WAITING, self.url)
        self.create(WAITING, self.url)
        third = self.jobs(workflow)["third"]
        self.assertEqual(self.explain(third)["name"], "third")
        self.torc("explain", 1, url=self.url, exits=1)
        self.assertIn("torc explain job 1", self.said)
        self.torc("explain", "job", 999, url=self.url, exits=1)
        self.torc("explain", "workflow", 999, url=self.url, exits=1)
        self.torc("explain", "job", "x", url=self.url, exits=1)
        self.torc("explain", "job", url=self.url, exits=2)
        self.torc("explain", url=self.url, exits=2)


if __name__ == "__main__":
    harness.main()
