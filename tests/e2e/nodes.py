"""Four nodes with 16 runners each, every node a network namespace of its own: links that are cut and
healed, servers that are killed, and a node of which nothing is left."""
import collections
import fcntl
import glob
import os
import re
import signal
import subprocess
import sys
import time

import harness

NODES, RUNNERS, SLOTS = 4, 16, 2
HELD = NODES * RUNNERS * SLOTS
FIRST, SECOND = HELD + 32, 128

# A job of the first stage waits until the test lets go the lock of its node.
SPEC = f"""
name: nodes
compute_node_wait_for_new_jobs_seconds: 86400
jobs:
  - name: "a{{i}}"
    command: |
      echo "begins $TORC_JOB_NAME $TORC_ATTEMPT_ID $NODE" >> lines
      flock -s gate_$NODE true
      echo "ends $TORC_JOB_NAME $TORC_ATTEMPT_ID $NODE" >> lines
    parameters: {{i: "1:{FIRST}"}}
  - name: barrier
    command: "echo \\"ends $TORC_JOB_NAME $TORC_ATTEMPT_ID $NODE\\" >> lines"
    depends_on_regexes: ["^a"]
  - name: "b{{i}}"
    command: "echo \\"ends $TORC_JOB_NAME $TORC_ATTEMPT_ID $NODE\\" >> lines"
    parameters: {{i: "1:{SECOND}"}}
    depends_on: [barrier]
"""


def ip(*words):
    subprocess.run(["ip", *map(str, words)], check=True)


class Node:
    """A namespace that lives as long as a process that waits for the test's end, and a link to it."""

    def __init__(self, number):
        self.number, self.link = number, f"node{number}"
        self.holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo; exec cat"],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.holder.stdout.readline()
        self.enter = ["nsenter", "--target", str(self.holder.pid), "--net"]
        ip("link", "add", "name", self.link, "type", "veth", "peer", "name", "uplink", "netns",
           self.holder.pid)
        ip("address", "add", f"10.77.{number}.1/24", "dev", self.link)
        self.heal()
        for words in (("address", "add", f"10.77.{number}.2/24", "dev", "uplink"),
                      ("link", "set", "uplink", "up"), ("link", "set", "lo", "up")):
            subprocess.run([*self.enter, "ip", *words], check=True)

    def cut(self):
        ip("link", "set", self.link, "down")

    def heal(self):
        ip("link", "set", self.link, "up")

    def kill(self):
        """Everything that runs there, at once."""
        mine = os.readlink(f"/proc/{self.holder.pid}/ns/net")
        alive = True
        while alive:
            alive = []
            for pid in filter(str.isdigit, os.listdir("/proc")):
                try:
                    if os.readlink(f"/proc/{pid}/ns/net") == mine:
                        alive.append(int(pid))
                except OSError:
                    continue
            alive = [pid for pid in alive if pid != self.holder.pid]
            for number in (signal.SIGSTOP, signal.SIGKILL):
                for pid in alive:
                    try:
                        os.kill(pid, number)
                    except ProcessLookupError:
                        pass

    def close(self):
        self.kill()
        self.holder.stdin.close()
        self.holder.wait()
        self.holder.stdout.close()


class Nodes(harness.Case):

    def begin(self):
        """All slots of all nodes have a job that waits."""
        ip("link", "set", "lo", "up")
        self.running = self.server(more=self.more("0.0.0.0"))
        self.workflow = self.create(SPEC, self.running.url)
        self.nodes = [Node(number) for number in range(1, NODES + 1)]
        self.gates, self.runners = {}, collections.defaultdict(list)
        for count, node in enumerate(self.nodes, 1):
            self.addCleanup(node.close)
            self.gates[node] = open(self.path(f"gate_{node.number}"), "w")
            self.addCleanup(self.gates[node].close)
            fcntl.flock(self.gates[node], fcntl.LOCK_EX)
            url = f"http://10.77.{node.number}.1:{self.running.port}/torc-service/v1"
            for number in range(RUNNERS):
                output = self.output_of(node, number)
                os.makedirs(output)
                with open(os.path.join(output, "said.log"), "w") as said:
                    self.runners[node].append(subprocess.Popen(
                        [*node.enter, os.path.join(harness.BIN, "torc"), "workflows", "run",
                         str(self.workflow), "--max-parallel-jobs", str(SLOTS), "-o", output],
                        cwd=self.folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                        env=harness.environment(TORC_API_URL=url, NODE=str(node.number))))
            self.until(lambda n=count: len(self.lines("begins")) == n * RUNNERS * SLOTS,
                       "the slots are not filled")

    @staticmethod
    def more(host, *words):
        return ("--host", host, "--allow-anonymous", *words)

    def lines(self, what):
        if not os.path.exists(self.path("lines")):
            return []
        return [line.split()[1:] for line in self.read("lines").splitlines()
                if line.startswith(what)]

    def output_of(self, node, number):
        return self.path(f"node_{node.number}", f"runner_{number}")

    def logs_of(self, node, number):
        """What a runner has said, for whoever wants to know why it failed."""
        said = []
        for path in sorted(glob.glob(os.path.join(self.output_of(node, number), "*.log"))):
            with open(path) as log:
                said.append(log.read())
        return "\n".join(said)

    def let_go(self, node):
        self.gates[node].close()

    def attached(self):
        """{the server's number of a runner: the runner's pid}, since the server's last start."""
        said = self.running.log()[self.said_before:]
        return dict(re.findall(r"runner (\d+) of \S+ attached from \S+ pid (\d+)", said))

    def pids_of_lost(self):
        pids = self.attached()
        return {int(pids[number]) for number in
                re.findall(r"runner (\d+) is lost", self.running.log()[self.said_before:])}

    def restart(self, host, *words):
        self.running.kill()
        self.said_before = len(self.running.log())
        self.running = self.server(port=self.running.port, more=self.more(host, *words))
        if host != "0.0.0.0":
            self.running.url = self.running.url.replace("127.0.0.1", host)

    def test_cut_links_dead_servers_and_a_dead_node_lose_nothing_and_double_nothing(self):
        self.begin()
        one, two, three, four = self.nodes
        # A link that is back before anybody has noticed.
        two.cut()
        self.let_go(two)
        self.until(lambda: sum(n == "2" for *_, n in self.lines("ends")) >= RUNNERS * SLOTS,
                   "the jobs of a node without its link do not end")
        two.heal()
        # Another, behind which jobs end while the server they are to be reported to is killed.
        one.cut()
        self.let_go(one)
        self.until(lambda: sum(n == "1" for *_, n in self.lines("ends")) >= RUNNERS * SLOTS,
                   "the jobs of a node without its link do not end")
        lost = {job for job, _, node in self.lines("begins") if node == "4"}
        dead = self.kill_node(four, one, lost)
        # The others were away for longer than the lease of the server that is killed now, but none
        # of them has heard of it.
        self.restart("0.0.0.0")
        self.until(lambda: len(set(self.attached().values())) == (NODES - 1) * RUNNERS,
                   "the runners do not come back")
        self.let_go(three)
        self.let_go(four)
        self.check_runners()
        self.assertEqual(self.pids_of_lost(), set(), "lost though the lease has not run out")
        self.assertTrue(dead.isdisjoint(int(pid) for pid in self.attached().values()))
        self.check(lost)

    def kill_node(self, node, cut_off, jobs):
        """The node and all that runs there: nobody is left to tell of it, and a lease must run out.
        The server that sees to it has a short one, and can be reached by this node only, so
        that nobody else depends on it. @returns the numbers of its dead runners"""
        self.restart(f"10.77.{node.number}.1", "--lease", "10s")
        cut_off.heal()
        runners = self.runners.pop(node)
        pids = {runner.pid for runner in runners}
        # Who has not answered the welcome may not have heard of the lease.
        self.until(lambda: {r["pid"] for r in self.running.get("/rooms")["runner_list"]
                            if r["connected"] and r["round_trip_ms"] > 0} == pids,
                   "the runners of the node do not come back")
        node.kill()
        for runner in runners:
            self.assertEqual(runner.wait(harness.PATIENCE_S), -signal.SIGKILL)
        self.until(lambda: self.pids_of_lost() == pids, "the dead are not missed")
        # The word in the log is older than the commit.
        self.until(lambda: {status for name, status in self.job_statuses(
            self.workflow, self.running.url).items() if name in jobs} == {"ready"},
                   "what the dead had is not to run again")
        return pids

    def check_runners(self):
        """All end, and well; else the log of the first that does not is shown."""
        living = {(node, number): runner for node, runners in self.runners.items()
                  for number, runner in enumerate(runners)}
        deadline = time.monotonic() + harness.PATIENCE_S
        for whose, runner in living.items():
            try:
                code = runner.wait(max(0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                code = None
            self.assertEqual(code, 0, self.logs_of(*whose))

    def check(self, lost):
        """Each job is recorded once, and as it ran; twice ran only what the dead node had."""
        self.assertGreaterEqual(len(lost), RUNNERS * SLOTS)
        jobs = {job["id"]: job for job in
                self.data("jobs", "list", self.workflow, url=self.running.url)["jobs"]}
        self.assertEqual({job["status"] for job in jobs.values()}, {"completed"})
        rows = self.data("results", "list", self.workflow, "--all-runs",
                         url=self.running.url)["results"]
        recorded = {jobs[row["job_id"]]["name"]: str(row["attempt_id"]) for row in rows}
        self.assertEqual(len(rows), FIRST + 1 + SECOND)
        self.assertEqual(len(recorded), len(rows), "recorded twice")
        begun = collections.Counter(job for job, *_ in self.lines("begins"))
        self.assertEqual({job for job, times in begun.items() if times > 1}, lost)
        ran = [(job, attempt) for job, attempt, _ in self.lines("ends")]
        self.assertEqual(len(ran), len(set(ran)), "run twice")
        self.assertEqual(set(recorded.items()), set(ran))


def enter():
    """Starts this program again in a network namespace of its own."""
    unshare = ["unshare", "--net", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    probe = [*unshare, "sh", "-c", "ip link add name one type veth peer name two"]
    try:
        done = subprocess.run(probe, capture_output=True, text=True, check=False)
    except FileNotFoundError as missing:
        print(missing)
        sys.exit(77)
    if done.returncode:
        print("no network namespace can be made here:", done.stderr)
        sys.exit(77)
    os.execvp("unshare", [*unshare, sys.executable, *sys.argv, "--inside"])


if __name__ == "__main__":
    if "--inside" not in sys.argv:
        enter()
    sys.argv.remove("--inside")
    harness.main()
