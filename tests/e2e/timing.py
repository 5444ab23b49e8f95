"""The timing guide's commands on a real server's log, and the report that needs no log."""
import json
import os
import re
import subprocess
import urllib.error
import urllib.request

import harness

WORKERS = 10
JOBS = 100
SPANS = {
    "get_pending_actions", "claim_action", "get_ready_job_requirements", "is_workflow_complete",
    "claim_jobs_based_on_resources", "claim_next_jobs", "process_changed_job_inputs",
    "manage_status_change", "start_job", "complete_job", "prepare_ready_jobs", "create_job",
    "create_jobs", "get_job", "list_jobs", "update_job_status", "create_workflow",
    "cancel_workflow", "get_workflow_status", "list_workflows", "reset_workflow_status"}
LOOK = {"TORC_TIMING_ENABLED": "1", "RUST_LOG": "debug"}
NODE = {"num_cpus": 4, "memory_gb": 8.0, "num_gpus": 0, "num_nodes": 1}

# As the guide has them, but for the folder, which is the current one.
ALL = 'grep "close time" server.log'
COUNT = 'grep "prepare_ready_jobs.*close" server.log | wc -l'
VALUES = ("grep \"prepare_ready_jobs.*close\" server.log | "
          "grep -oP 'time\\.busy=\\K[0-9.]+ms'")
TO_FILE = ("grep \"prepare_ready_jobs.*close\" server.log | "
           "grep -oP 'time\\.busy=\\K[0-9.]+' > timings.txt")
STATISTICS = """cat timings.txt | awk '{sum+=$1; sumsq+=$1*$1} END {
  print "Count:", NR;
  print "Mean:", sum/NR "ms";
  print "StdDev:", sqrt(sumsq/NR - (sum/NR)^2) "ms"
}'"""


class Timing(harness.Case):

    def shell(self, line):
        return subprocess.run(["bash", "-c", line], cwd=self.folder, capture_output=True, text=True,
                              check=True, timeout=harness.PATIENCE_S).stdout

    def call(self, method, path, body=None):
        request = urllib.request.Request(self.url + path, method=method,
                                         data=None if body is None else json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=harness.PATIENCE_S) as reply:
                return json.loads(reply.read() or "null")
        except urllib.error.HTTPError as refused:
            refused.close()
            return None

    def lines(self, span):
        """What stands before ": close" in the lines of a span."""
        pattern = re.compile(r" DEBUG ((?:\w+(?:\{[^}]*\})?:)*" + span + r"(?:\{[^}]*\})?): close "
                             r"time\.busy=[0-9.]+ms time\.idle=[0-9.]+ms$", re.M)
        return [m.group(1) for m in pattern.finditer(self.servers[0].log())]

    def test_the_guide_s_commands_work_on_the_log(self):
        server = self.server(env=LOOK)
        self.url = server.url
        workflow = self.create(f"name: hundred\njobs: [{{name: 'j{{i}}', command: 'true', "
                               f"parameters: {{i: '1:{JOBS}'}}}}]\n", server.url)
        self.torc("workflows", "start", workflow, url=server.url)
        workers = [self.start("run", server.url, "run", workflow, "--output-dir", f"./output_{i}")
                   for i in range(1, WORKERS + 1)]
        for worker in workers:
            self.assertEqual(self.end(worker)[0], 0)
        report = {s["name"]: s for s in server.get("/timing")["spans"]}
        server.stop()
        self.assertEqual(len(self.shell(ALL).splitlines()), server.log().count("close time"))
        count = int(self.shell(COUNT))
        self.assertGreaterEqual(count, 1)
        self.assertEqual(count, report["prepare_ready_jobs"]["count"])
        values = self.shell(VALUES).split()
        self.assertEqual(len(values), count)
        self.shell(TO_FILE)
        said = self.shell(STATISTICS)
        self.assertRegex(said, rf"^Count: {count}\nMean: [0-9.e-]+ms\nStdDev: ")
        completed = self.lines("complete_job")
        ids = [int(re.search(r"job_id=(\d+)", line).group(1)) for line in completed]
        self.assertEqual(len(ids), JOBS)
        self.assertEqual(len(set(ids)), JOBS)
        self.assertTrue(all(f"workflow_id={workflow}" in line for line in completed))

    def test_every_span_is_seen_and_nested_where_one_calls_another(self):
        self.url = self.server(env={"TORC_TIMING_ENABLED": "true", "RUST_LOG": "trace"}).url
        flow = self.call("POST", "/workflows", {"name": "w", "user": "u"})["id"]
        made = [self.call("POST", "/jobs", {"workflow_id": flow, "name": "a", "command": "x"})]
        made += self.call("POST", "/bulk_jobs", {"jobs": [
            {"workflow_id": flow, "name": n, "command": "x"} for n in "bcd"]})["jobs"]
        first, second, third, _ = (job["id"] for job in made)
        self.call("GET", f"/jobs?workflow_id={flow}&limit=5")
        self.call("POST", f"/workflows/{flow}/initialize_jobs")
        action = self.call("POST", f"/workflows/{flow}/actions", {
            "trigger_type": "on_workflow_start", "action_type": "run_commands",
            "action_config": {"commands": ["true"]}})
        self.call("GET", f"/workflows/{flow}/actions/pending")
        self.call("POST", f"/workflows/{flow}/actions/{action['id']}/claim", {})
        self.call("GET", f"/workflows/{flow}/ready_job_requirements")
        self.call("GET", f"/workflows/{flow}/is_complete")
        node = self.call("POST", "/compute_nodes", {
            "workflow_id": flow, "hostname": "h", "pid": 1, "start_time": "2026-01-01T00:00:00Z",
            "is_active": True, "num_cpus": 4, "memory_gb": 8.0, "num_gpus": 0, "num_nodes": 1,
            "compute_node_type": "local", "scheduler": {}})["id"]
        self.call("POST", f"/workflows/{flow}/claim_jobs_based_on_resources/1", NODE)
        self.call("POST", f"/workflows/{flow}/claim_next_jobs?limit=1")
        run = self.call("GET", f"/workflows/{flow}/status")["run_id"]
        self.call("PUT", f"/jobs/{first}/start_job/{run}/{node}")
        self.call("POST", f"/jobs/{first}/complete_job/completed/{run}", {
            "job_id": first, "workflow_id": flow, "run_id": run, "attempt_id": 1, "return_code": 0,
            "compute_node_id": node, "exec_time_minutes": 0.1, "status": "completed",
            "completion_time": "2026-01-01T00:00:00Z"})
        self.call("GET", f"/jobs/{first}")
        self.call("PUT", f"/jobs/{third}/manage_status_change/disabled/{run}")
        self.call("POST", f"/workflows/{flow}/process_changed_job_inputs")
        self.call("GET", "/workflows")
        self.call("PUT", f"/workflows/{flow}/cancel")
        self.call("POST", f"/workflows/{flow}/reset_status?force=true")
        counts = {s["name"]: s["count"] for s in self.call("GET", "/timing")["spans"]}
        self.assertEqual(set(counts), SPANS)
        self.servers[0].stop()
        for span in sorted(SPANS):
            with self.subTest(span=span):
                self.assertGreaterEqual(counts[span], 1)
                self.assertEqual(len(self.lines(span)), counts[span])
        self.assertEqual(self.lines("prepare_ready_jobs"), [
            f"{call}{{workflow_id={flow} limit=1}}:prepare_ready_jobs{{workflow_id={flow} limit=1}}"
            for call in ("claim_jobs_based_on_resources", "claim_next_jobs")])
        self.assertEqual(self.lines("update_job_status"), [
            f"manage_status_change{{job_id={third} status=disabled run_id={run}}}:"
            f"update_job_status{{workflow_id={flow} job_id={third}}}"])
        self.assertEqual(self.lines("complete_job"),
                         [f"complete_job{{job_id={first} status=completed run_id={run}}}"])
        self.assertEqual(self.lines("create_jobs"), [f"create_jobs{{workflow_id={flow} jobs=3}}"])
        self.assertEqual(self.lines("list_jobs"), [f"list_jobs{{workflow_id={flow} limit=5}}"])

    def test_no_line_is_printed_unless_both_variables_say_so(self):
        for env in ({"RUST_LOG": "debug"}, {"TORC_TIMING_ENABLED": "1"},
                    {"TORC_TIMING_ENABLED": "1", "RUST_LOG": "debug,torc_server::timing=info"}):
            server = self.server(env=env)
            server.get("/workflows")
            server.stop()
            os.rename(server.log_path, server.log_path + ".old")
            self.assertNotIn("close time", self.read("server.log.old"))

    def test_the_report_counts_without_any_log_and_begins_anew_when_told(self):
        self.url = self.server().url
        workflow = self.create("name: n\njobs: [{name: a, command: 'true'}]\n", self.url)
        self.torc("workflows", "run", workflow, url=self.url)
        spans = {s["name"]: s for s in self.data("timing", url=self.url)["spans"]}
        self.assertEqual(spans["complete_job"]["count"], 1)
        for times in (spans["complete_job"]["busy_ms"], spans["complete_job"]["idle_ms"]):
            self.assertGreater(times["total"], 0)
            self.assertLessEqual(times["p50"], times["p99"])
            self.assertLessEqual(times["p99"], times["max"])
        text = self.torc("timing", "--reset", url=self.url)
        self.assertIn("prepare_ready_jobs", text)
        self.assertNotIn("claim_next_jobs", text)
        self.assertIn("claim_next_jobs", self.torc("timing", "--all", url=self.url))
        spans = {s["name"]: s for s in self.data("timing", url=self.url)["spans"]}
        self.assertEqual(spans["complete_job"]["count"], 0)

    def test_the_console_shows_every_room(self):
        url = self.server().url
        self.create("name: n\njobs: [{name: a, command: 'true'}]\n", url)
        rooms = {r["name"]: r for r in self.data("console", "--once", url=url)["rooms"]}
        self.assertEqual(list(rooms), ["ingress", "collector", "unblocker", "claim_broker",
                                       "db_writer"])
        edits = next(m for m in rooms["db_writer"]["messages"] if m["name"] == "edit")
        self.assertGreaterEqual(edits["count"], 1)
        self.assertIn("db_writer edit", self.torc("console", "--once", url=url))

    def test_watching_goes_on_until_it_is_interrupted(self):
        url = self.server().url
        watching = self.start("timing", "--watch", "-f", "json", url=url)
        for _ in range(2):
            while watching.stdout.readline().rstrip() != "}":
                self.assertIsNone(watching.poll())
        watching.terminate()
        watching.communicate(timeout=harness.PATIENCE_S)

    def test_a_console_outlives_the_server_that_it_watches(self):
        server = self.server()
        watching = self.start("console", url=server.url)
        self.heard(watching.stdout, "turns under way: 0 of 2")
        server.kill()
        self.heard(watching.stderr, "trying again: ")
        self.server(port=server.port)
        self.heard(watching.stdout, "Runners: 0 ")
        self.heard(watching.stdout, "db_writer")
        watching.terminate()
        watching.communicate(timeout=harness.PATIENCE_S)
        self.torc("console", url="http://127.0.0.1:1/torc-service/v1", exits=1)

    def heard(self, stream, text):
        """Reads up to a line with the text."""
        for line in stream:
            if text in line:
                return
        self.fail(f"nobody said {text!r}")


if __name__ == "__main__":
    harness.main()
