"""Our commands against torc 0.21's own server, and its commands against ours."""
import os
import subprocess

import harness
import runs

ORIGINAL = os.environ.get("TORC_ORIGINAL_BIN", "")


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

    def theirs(self, *words, url):
        return subprocess.run([os.path.join(ORIGINAL, "torc"), *map(str, words)], cwd=self.folder,
                              capture_output=True, text=True, check=True,
                              timeout=harness.PATIENCE_S,
                              env=harness.environment(TORC_API_URL=url)).stdout

    def test_a_diamond_is_created_and_run(self):
        url = self.server().url
        self.write("spec.yaml", runs.DIAMOND)
        self.theirs("workflows", "create", "spec.yaml", url=url)
        self.theirs("workflows", "run", 1, "-p", "0.2", url=url)
        self.assertEqual(self.read("f4.txt"), "seed\nl\nseed\nr\n")
        self.assertEqual(set(self.job_statuses(1, url).values()), {"completed"})


if __name__ == "__main__":
    harness.main()
