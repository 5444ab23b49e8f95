"""kill -9 of the server, a runner, a guardian, or all of them, while jobs run."""
import os
import signal

import harness

HELD = 4

# Each job says which attempt of it begins, waits at its pipe, and says that it ends.
SPEC = f"""
name: held
jobs:
  - name: "first_{{i}}"
    command: |
      echo "$TORC_JOB_NAME $TORC_ATTEMPT_ID" >> began
      echo $$ > pid_{{i}}.new && mv pid_{{i}}.new pid_{{i}}
      cat held_{{i}} > /dev/null
      echo "$TORC_JOB_NAME $TORC_ATTEMPT_ID" >> ended
    parameters: {{i: "1:{HELD}"}}
  - name: last
    command: "echo \\"$TORC_JOB_NAME $TORC_ATTEMPT_ID\\" >> ended"
    depends_on_regexes: ["^first_"]
"""


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def guardian_of(runner):
    with open(f"/proc/{runner.pid}/task/{runner.pid}/children") as children:
        for pid in map(int, children.read().split()):
            with open(f"/proc/{pid}/comm") as comm:
                if comm.read() == "torc-guardian\n":
                    return pid
    raise AssertionError("the runner has no guardian")


class Recovery(harness.Case):

    def begin(self, **how):
        """A server and a runner whose four jobs have begun and wait."""
        self.running = self.server(**how)
        self.workflow = self.create(SPEC, self.running.url)
        for i in range(1, HELD + 1):
            os.mkfifo(self.path(f"held_{i}"))
        return self.runner()

    def runner(self):
        """A runner; returns when all four jobs have begun under it."""
        runner = self.start("workflows", "run", self.workflow, "--max-parallel-jobs", HELD,
                            url=self.running.url)
        self.addCleanup(runner.kill)
        # Opening a pipe to write returns when its job reads.
        self.pipes = [os.open(self.path(f"held_{i}"), os.O_WRONLY) for i in range(1, HELD + 1)]
        self.jobs = [int(self.read(f"pid_{i}")) for i in range(1, HELD + 1)]
        return runner

    def let_go(self, count):
        for _ in range(count):
            os.close(self.pipes.pop())

    def restart(self, **how):
        self.running.kill()
        self.running = self.server(port=self.running.port, **how)

    def until_nothing_runs(self, *pids):
        for pid in (*self.jobs, *pids):
            self.until(lambda p=pid: not is_alive(p), f"process {pid} is still there")

    def until_requeued(self):
        def is_requeued():
            statuses = self.job_statuses(self.workflow, self.running.url)
            return [statuses[f"first_{i}"] for i in range(1, HELD + 1)] == ["ready"] * HELD
        self.until(is_requeued, "the jobs are never ready again")

    def recorded(self):
        """(attempt, return code) of every result, by job."""
        rows = self.data("results", "list", self.workflow, "--all-runs",
                         url=self.running.url)["results"]
        names = {job["id"]: job["name"] for job in
                 self.data("jobs", "list", self.workflow, url=self.running.url)["jobs"]}
        self.assertEqual(len({row["job_id"] for row in rows}), len(rows), "recorded twice")
        return {names[row["job_id"]]: (row["attempt_id"], row["return_code"]) for row in rows}

    def check_end(self, runner, attempt):
        """Everything is complete, each job was recorded once, and what ran is what is recorded."""
        code, out, err = self.end(runner)
        self.assertEqual(code, 0, out + err)
        attempts = {f"first_{i}": attempt for i in range(1, HELD + 1)} | {"last": 1}
        self.assertEqual(self.recorded(), {job: (n, 0) for job, n in attempts.items()})
        self.assertEqual(sorted(self.read("ended").split("\n")),
                         sorted(["", *(f"{job} {n}" for job, n in attempts.items())]))
        self.assertEqual(set(self.job_statuses(self.workflow, self.running.url).values()),
                         {"completed"})

    def run_again_after(self, guardian):
        """The guardian's jobs are gone; a second runner makes the second attempt of each."""
        self.until_nothing_runs(guardian)
        self.let_go(HELD)
        again = self.runner()
        self.let_go(HELD)
        self.check_end(again, attempt=2)

    def test_jobs_run_on_while_the_server_is_dead_and_are_recorded_once(self):
        runner = self.begin()
        self.running.kill()
        self.let_go(2)
        self.until(lambda: os.path.exists(self.path("ended")) and
                   self.read("ended").count("\n") == 2, "two jobs do not end")
        self.running = self.server(port=self.running.port)
        self.let_go(2)
        self.check_end(runner, attempt=1)

    def test_a_server_killed_again_and_again_costs_no_job(self):
        runner = self.begin()
        for _ in range(HELD):
            self.restart()
            self.let_go(1)
        self.check_end(runner, attempt=1)

    def test_the_jobs_of_a_killed_runner_end_and_are_requeued_without_waiting_for_the_lease(self):
        runner = self.begin()
        guardian = guardian_of(runner)
        runner.kill()
        self.end(runner)
        self.until_requeued()
        self.run_again_after(guardian)

    def test_a_guardian_tells_the_next_server_of_its_runners_death(self):
        runner = self.begin()
        guardian = guardian_of(runner)
        self.running.kill()
        runner.kill()
        self.end(runner)
        self.until_nothing_runs()
        self.running = self.server(port=self.running.port)
        self.until_requeued()
        self.run_again_after(guardian)

    def test_a_killed_guardian_takes_its_jobs_along_and_they_are_recorded_as_killed(self):
        runner = self.begin()
        os.kill(guardian_of(runner), signal.SIGKILL)
        code, out, err = self.end(runner)
        self.assertEqual(code, 1, out + err)
        self.until_nothing_runs()
        self.let_go(HELD)
        self.assertEqual(self.recorded(), {f"first_{i}": (1, 137) for i in range(1, HELD + 1)})
        statuses = self.job_statuses(self.workflow, self.running.url)
        self.assertEqual(statuses.pop("last"), "canceled")
        self.assertTrue(set(statuses.values()) <= {"failed", "terminated"}, statuses)

    def test_after_the_death_of_all_the_jobs_run_again_when_the_lease_has_run_out(self):
        lease = {"more": ("--lease", "1s")}
        runner = self.begin(**lease)
        guardian = guardian_of(runner)
        self.running.process.kill()
        for pid in (runner.pid, guardian, *self.jobs):
            os.kill(pid, signal.SIGKILL)
        self.end(runner)
        self.until_nothing_runs(guardian)
        self.let_go(HELD)
        self.restart(**lease)
        again = self.runner()
        self.let_go(HELD)
        self.check_end(again, attempt=2)


if __name__ == "__main__":
    harness.main()
