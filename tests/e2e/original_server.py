"""Our commands against torc 0.21's own server, and its commands against ours."""
import os
import pathlib
import subprocess

import harness
import runs

ORIGINAL = os.environ.get("TORC_ORIGINAL_BIN", "")
CONTENTION = (pathlib.Path(__file__).resolve().parent.parent / "workflows" /
              "database_contention_test" / "workflow.yaml")
PATIENCE_S = 5 * harness.PATIENCE_S  # they start a job at a time, each with some requests
# Jobs at a time of one of their runners, which gets no more than these with each poll.
AT_ONCE = ("-p", "0.1", "--max-parallel-jobs", "64")


class OurClientTheirServer(harness.Case):

    def setUp(self):
        super().setUp()
        self.write("empty.db", "")
        self.url = self.server(file="empty.db", program=os.path.join(ORIGINAL, "torc-server"),
                               more=("--host", "127.0.0.1", "-c", "0.1")).url

    def test_a_diamond_is_created_and_run(self):
        self.write("spec.yaml", runs.DIAMOND)
        self.torc("run", "spec.yaml", "-p", "0.1", url=self.url)
        self.assertEqual(self.read("f4.txt"), "seed\nl\nseed\nr\n")
        results = self.data("results", "list", 1, url=self.url)["results"]
        self.assertEqual([r["return_code"] for r in results], [0] * 4)

    def test_stages_run_by_count_of_jobs(self):
        workflow = self.create(runs.staged(), self.url)
        self.torc("workflows", "run", workflow, "-p", "0.1", "--max-parallel-jobs", "8",
                  url=self.url)
        self.assertEqual(set(self.job_statuses(workflow, self.url).values()), {"completed"})

    def test_a_failing_job_makes_the_run_fail(self):
        workflow = self.create("name: f\njobs: [{name: a, command: exit 3}]\n", self.url)
        self.torc("workflows", "run", workflow, "-p", "0.1", url=self.url, exits=1)
        self.assertEqual(self.job_statuses(workflow, self.url), {"a": "failed"})

    def test_status_reports_and_lists_read_as_on_our_own(self):
        workflow = self.create(runs.DIAMOND, self.url)
        self.assertIn("uninitialized  4",
                      self.torc("workflows", "status", workflow, url=self.url))
        self.torc("workflows", "initialize", workflow, url=self.url)
        report = self.data("reports", "summary", workflow, url=self.url)
        self.assertEqual(report["jobs_by_status"]["ready"], 1)
        self.assertEqual(report["jobs_by_status"]["blocked"], 3)


class TheirClientOurServer(harness.Case):

    def begin(self, *words, url, log="theirs.log"):
        with open(self.path(log), "wb") as said:
            process = subprocess.Popen([os.path.join(ORIGINAL, "torc"), *map(str, words)],
                                       cwd=self.folder, stdin=subprocess.DEVNULL, stdout=said,
                                       stderr=said, env=harness.environment(TORC_API_URL=url))
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def theirs(self, *words, url):
        code = self.begin(*words, url=url).wait(PATIENCE_S)
        self.assertEqual(code, 0, f"{words}\n{self.read('theirs.log')}")

    def counted(self, server, jobs):
        stages = server.get("/workflows/1/progress")["stages"]
        self.assertEqual(sum(stage["by_status"]["completed"] for stage in stages), jobs)
        self.assertEqual(sum(stage["total"] for stage in stages), jobs)
        results = server.get("/results?workflow_id=1&limit=10000")["items"]
        self.assertEqual(len({r["job_id"] for r in results}), jobs)
        self.assertEqual({r["return_code"] for r in results}, {0})

    def test_a_diamond_is_created_and_run(self):
        url = self.server().url
        self.write("spec.yaml", runs.DIAMOND)
        self.theirs("workflows", "create", "spec.yaml", url=url)
        self.theirs("workflows", "run", 1, "-p", "0.2", url=url)
        self.assertEqual(self.read("f4.txt"), "seed\nl\nseed\nr\n")
        self.assertEqual(set(self.job_statuses(1, url).values()), {"completed"})

    def test_a_sweep_is_finished(self):
        server = self.server()
        self.write("spec.yaml", "name: sweep\njobs: [{name: \"p_{i}\", command: \"true\", "
                                "parameters: {i: \"1:2000\"}}]\n")
        self.theirs("workflows", "create", "spec.yaml", url=server.url)
        self.theirs("workflows", "run", 1, *AT_ONCE, url=server.url)
        self.counted(server, 2000)

    def test_four_runners_share_the_contention_test(self):
        server = self.server()
        self.theirs("workflows", "create", CONTENTION, url=server.url)
        self.theirs("workflows", "initialize", 1, url=server.url)
        runners = [self.begin("workflows", "run", 1, *AT_ONCE, "--output-dir", f"output_{n}",
                              url=server.url, log=f"{n}.log") for n in range(4)]
        for n, runner in enumerate(runners):
            self.assertEqual(runner.wait(PATIENCE_S), 0, self.read(f"{n}.log"))
        self.counted(server, 5005)


if __name__ == "__main__":
    harness.main()
