"""Whole workflows through the real server, runners and jobs."""
import json
import os
import signal
import socket
import unittest

import between
import harness

DIAMOND = """
name: diamond
files:
  - {name: f1, path: f1.txt}
  - {name: f2, path: f2.txt}
  - {name: f3, path: f3.txt}
  - {name: f4, path: f4.txt}
jobs:
  - {name: begin, command: "echo seed > ${files.output.f1} && echo begun && echo warned >&2"}
  - {name: left, command: "cat ${files.input.f1} > ${files.output.f2} && echo l >> f2.txt"}
  - {name: right, command: "cat ${files.input.f1} > ${files.output.f3} && echo r >> f3.txt"}
  - {name: end, command: "cat ${files.input.f2} ${files.input.f3} > ${files.output.f4}"}
"""

STAGES, WIDTH = 5, 20


def staged():
    """The shape of the contention test: stages of many jobs with a barrier between them."""
    lines = ["name: staged", "jobs:"]
    for s in range(1, STAGES + 1):
        waits = f", depends_on: [barrier_{s - 1}]" if s > 1 else ""
        lines.append(f'  - {{name: "s{s}_{{i:03d}}", command: "echo s{s} {{i}}", '
                     f'parameters: {{i: "1:{WIDTH}"}}{waits}}}')
        lines.append(f"  - {{name: barrier_{s}, command: echo done, "
                     f'depends_on_regexes: ["^s{s}_\\\\d+$"]}}')
    return "\n".join(lines) + "\n"


class Runs(harness.Case):

    def test_a_diamond_runs_in_order_and_leaves_results_and_output(self):
        url = self.server().url
        workflow = self.create(DIAMOND, url)
        self.torc("workflows", "run", workflow, "--max-parallel-jobs", 4, url=url)
        self.assertEqual(self.read("f4.txt"), "seed\nl\nseed\nr\n")
        results = self.data("results", "list", workflow, url=url)["results"]
        self.assertEqual(len(results), 4)
        for result in results:
            self.assertEqual((result["return_code"], result["status"], result["run_id"]),
                             (0, "completed", 1))
        jobs = {j["name"]: j["id"] for j in self.data("jobs", "list", workflow, url=url)["jobs"]}
        stem = f"job_wf{workflow}_j{jobs['begin']}_r1_a1"
        self.assertEqual(self.read("torc_output", "job_stdio", stem + ".o"), "begun\n")
        self.assertEqual(self.read("torc_output", "job_stdio", stem + ".e"), "warned\n")

    def test_one_runner_serves_all_workflows_of_its_user(self):
        url = self.server().url
        runner = self.start("-f", "json", "workflows", "run", "--all", "--max-parallel-jobs", 3,
                            url=url)
        for number in (1, 2, 3):
            workflow = self.create(DIAMOND, url)
            self.torc("workflows", "initialize", workflow, url=url)
            self.assertEqual(workflow, number)
        for workflow in (1, 2, 3):
            self.until(lambda: set(self.job_statuses(workflow, url).values()) == {"completed"},
                       f"workflow {workflow} does not end")
        runner.send_signal(signal.SIGINT)
        code, out, said = self.end(runner)
        self.assertEqual(code, 0, said)
        did = json.loads(out)
        self.assertEqual((did["started"], did["completed"], did["failed"]), (12, 12, 0))
        self.assertIn("--all", self.fails("workflows", "run", 1, "--all", url=url))

    def fails(self, *words, url):
        self.torc(*words, url=url, exits=1)
        return self.said

    def test_a_spec_is_created_and_run_by_one_command(self):
        url = self.server().url
        self.write("spec.yaml", DIAMOND)
        out = self.torc("run", "spec.yaml", "--num-parallel-processes", 16, url=url)
        self.assertIn("Created workflow 1\n", out)
        for metric in ("creation time", "transition time", "wall time", "CPU usage",
                       "Database size", "idle time"):
            self.assertIn(metric, out)

    def test_a_run_can_be_had_as_data(self):
        url = self.server().url
        self.write("spec.yaml", DIAMOND)
        summary = self.data("run", "spec.yaml", url=url)
        self.assertEqual(summary["status"], "completed")
        self.assertEqual(summary["jobs_by_status"], {"completed": 4})
        metrics = summary["metrics"]
        self.assertEqual(metrics["round_transition_ms"]["count"], 2)
        for name in ("creation_seconds", "wall_seconds", "server_cpu_seconds", "database_bytes",
                     "runner_idle_seconds"):
            self.assertGreaterEqual(metrics[name], 0)

    def test_a_workflow_whose_output_has_no_place_is_not_created(self):
        url = self.server().url
        self.write("spec.yaml", DIAMOND)
        self.write("taken", "")
        self.torc("run", "spec.yaml", "-o", "taken/below", url=url, exits=1)
        self.assertIn("name another output directory", self.said)
        self.assertEqual(self.data("workflows", "list", "--all-users", url=url), {"workflows": []})

    def test_a_url_may_stand_before_the_word_run(self):
        url = self.server().url
        workflow = self.create(DIAMOND, url)
        self.torc("workflows", "start", workflow, url=url)
        self.torc("run", url, "run", workflow, "--output-dir", "./output_1")
        self.assertTrue(os.path.isdir(self.path("output_1", "job_stdio")))

    def test_a_failing_job_cancels_what_waits_for_it_and_the_run_says_so(self):
        url = self.server().url
        workflow = self.create("""
name: failing
jobs:
  - {name: good, command: echo fine}
  - {name: bad, command: exit 3}
  - {name: next, command: echo never, depends_on: [bad]}
  - {name: after, command: echo never, depends_on: [next]}
  - {name: stubborn, command: echo anyway, depends_on: [bad], cancel_on_blocking_job_failure: false}
""", url)
        self.torc("workflows", "run", workflow, url=url, exits=1)
        self.assertEqual(self.job_statuses(workflow, url),
                         {"good": "completed", "bad": "failed", "next": "canceled",
                          "after": "canceled", "stubborn": "completed"})
        failed = self.data("results", "list", workflow, "--failed", url=url)["results"]
        self.assertEqual([r["return_code"] for r in failed], [3])

    def test_sixteen_runners_initialize_once_and_run_each_job_once(self):
        url = self.server().url
        workflow = self.create(staged(), url)
        runners = [self.start("workflows", "run", workflow, url=url) for _ in range(16)]
        for runner in runners:
            code, out, err = self.end(runner)
            self.assertEqual(code, 0, out + err)
        status = self.data("workflows", "status", workflow, url=url)
        self.assertEqual(status["run_id"], 1)
        jobs = STAGES * (WIDTH + 1)
        self.assertEqual(status["jobs_by_status"], {"completed": jobs})
        results = self.data("results", "list", workflow, "--all-runs", url=url)["results"]
        self.assertEqual(len(results), jobs)
        self.assertEqual(len({r["job_id"] for r in results}), jobs)
        self.assertEqual({(r["run_id"], r["attempt_id"]) for r in results}, {(1, 1)})

    def test_without_a_server_one_runs_in_the_process_and_can_be_resumed(self):
        with socket.socket() as probe:
            if probe.connect_ex(("localhost", 8080)) == 0:
                self.skipTest("somebody listens on the default port 8080")
        self.write("spec.yaml", DIAMOND)
        out = self.torc("run", "spec.yaml", "-o", "out")
        self.assertIn("using one of my own, database out/torc.db", out)
        self.assertTrue(os.path.exists(self.path("out", "torc.db")))
        self.assertEqual(self.read("f4.txt"), "seed\nl\nseed\nr\n")
        again = self.torc("run", 1, "-o", "out")
        self.assertIn("completed", again)
        self.torc("run", 1, "-o", "elsewhere", exits=1)
        self.assertIn("torc-server run", self.said + "torc-server run")

    def test_a_job_that_cannot_be_started_has_failed(self):
        url = self.server().url
        workflow = self.create("name: w\njobs: [{name: a, command: \"echo ran > ran\"}]\n", url)
        os.makedirs(self.path("torc_output", "job_stdio", "job_wf1_j1_r1_a1.o"))
        self.torc("workflows", "run", workflow, url=url, exits=1)
        self.assertEqual(self.job_statuses(workflow, url), {"a": "failed"})
        self.assertFalse(os.path.exists(self.path("ran")))


class Stopping(harness.Case):

    SPEC = """
name: stopping
jobs:
  - {name: first, command: "echo $$ > pid; mkfifo held 2>/dev/null; cat held > got"}
  - {name: second, command: "echo ran >> second", depends_on: [first]}
"""

    def running(self, url, workflow):
        """A runner whose first job has begun and waits at its pipe."""
        os.mkfifo(self.path("held"))
        runner = self.start("workflows", "run", workflow, url=url)
        held = os.open(self.path("held"), os.O_WRONLY)  # returns when the job reads
        return runner, held

    def test_ctrl_c_waits_for_the_running_jobs_and_the_run_can_go_on(self):
        url = self.server().url
        workflow = self.create(self.SPEC, url)
        runner, held = self.running(url, workflow)
        runner.send_signal(signal.SIGINT)
        line = ""
        while "finishing" not in line:
            line = runner.stderr.readline()
            self.assertNotEqual(line, "", "it ended without a word")
        log = f"job_runner_{socket.gethostname()}_wf{workflow}_r1.log"
        self.until_said("draining", "torc_output", log)
        os.write(held, b"end\n")
        os.close(held)
        code, out, _ = self.end(runner)
        self.assertEqual(code, 1)
        self.assertIn(f"torc run {workflow}", out)
        statuses = self.job_statuses(workflow, url)
        self.assertEqual(statuses["first"], "completed")
        self.assertEqual(statuses["second"], "ready")
        self.torc("run", workflow, url=url)
        self.assertEqual(self.read("second"), "ran\n")

    def test_a_second_ctrl_c_kills_them(self):
        url = self.server().url
        workflow = self.create(self.SPEC, url)
        runner, held = self.running(url, workflow)
        pid = int(self.read("pid"))
        for word in ("finishing", "killing"):
            runner.send_signal(signal.SIGINT)
            line = ""
            while word not in line:
                line = runner.stderr.readline()
                self.assertNotEqual(line, "", "it ended without a word")
        code, _, _ = self.end(runner)
        os.close(held)
        self.assertEqual(code, 1)
        self.assertRaises(ProcessLookupError, os.kill, pid, 0)
        self.assertEqual(self.job_statuses(workflow, url), {"first": "ready", "second": "blocked"})

    MANY = """
name: many
jobs:
  - name: "held_{i:02d}"
    command: "touch begun_{i:02d}; [ -e go ] || exec sleep 1000"
    parameters: {i: "1:12"}
  - {name: last, command: "true", depends_on_regexes: ["^held_"]}
"""

    def kill_all(self, runner):
        """Interrupts it twice when its twelve jobs have begun. Gives what it said at the end."""
        self.until(lambda: sum(n.startswith("begun_") for n in os.listdir(self.folder)) == 12,
                   "the jobs never began")
        for word in ("finishing", "killing"):
            runner.send_signal(signal.SIGINT)
            line = ""
            while word not in line:
                line = runner.stderr.readline()
                self.assertNotEqual(line, "", "it ended without a word")
        code, out, err = self.end(runner)
        self.assertEqual(code, 1, out + err)
        self.write("go", "")
        return out

    def test_what_a_second_ctrl_c_kills_runs_again(self):
        url = self.server().url
        self.write("spec.yaml", self.MANY)
        out = self.kill_all(self.start("run", "spec.yaml", "--max-parallel-jobs", 12, url=url))
        self.assertIn("Go on with: torc run 1", out)
        self.assertIn("12 ready", out)
        self.torc("workflows", "run", 1, "--max-parallel-jobs", 12, url=url)
        results = self.data("results", "list", 1, "--all-runs", url=url)["results"]
        self.assertEqual(sorted(r["attempt_id"] for r in results), [1] + [2] * 12)
        self.assertEqual({r["return_code"] for r in results}, {0})

    def test_what_a_second_ctrl_c_kills_runs_again_without_a_server_too(self):
        with socket.socket() as probe:
            if probe.connect_ex(("localhost", 8080)) == 0:
                self.skipTest("somebody listens on the default port 8080")
        self.write("spec.yaml", self.MANY)
        out = self.kill_all(self.start("run", "spec.yaml", "-o", "out", "--max-parallel-jobs", 12))
        self.assertIn("Go on with: torc run 1", out)
        self.assertIn("13 completed of 13", self.torc("run", 1, "-o", "out"))
        again = self.torc("run", 1, "-o", "out")
        self.assertIn("No job was left to run", again)
        self.assertNotIn("wall time", again)

    def test_a_runner_that_has_to_ask_gives_back_what_it_kills(self):
        def original(method, path, status, body):
            return (404, b"") if path == "/runner_door" else (status, body)
        proxy = between.Between(self.server(), original)
        self.addCleanup(proxy.close)
        workflow = self.create(self.MANY, proxy.url)
        how = ("workflows", "run", workflow, "--max-parallel-jobs", 12, "-p", "0.1")
        out = self.kill_all(self.start(*how, url=proxy.url))
        self.assertIn("12 ready", out)
        self.torc(*how, url=proxy.url)
        self.assertEqual(set(self.job_statuses(workflow, proxy.url).values()), {"completed"})

    def test_canceling_the_workflow_ends_its_jobs_and_its_runner(self):
        url = self.server().url
        workflow = self.create(self.SPEC, url)
        runner, held = self.running(url, workflow)
        pid = int(self.read("pid"))
        self.torc("workflows", "cancel", workflow, url=url)
        code, out, _ = self.end(runner)
        os.close(held)
        self.assertEqual(code, 1)
        self.assertIn("canceled", out)
        self.assertRaises(ProcessLookupError, os.kill, pid, 0)
        self.assertEqual(self.job_statuses(workflow, url)["first"], "canceled")


if __name__ == "__main__":
    harness.main()
