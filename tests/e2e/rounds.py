"""A round of torture: a workflow, two runners and a schedule of kills; then what ran is compared
with what is recorded.

A schedule is a list of kills with ";" between them, each carried out once:

  server sync 4 after             a point of tests/shims/kill_points.cpp, in the order in which
  runner tell 20 amid             servers, or runners, are started: each takes the next
  guardian spawn 3 before
  server 120 ms                   so long after the first runner's start
  job 40 ms                       whatever job runs then
  job s1_2                        this one kills itself
  ... + runners                   and all runners with it
  ... + everything                and all runners, guardians and jobs: somebody has to tell
"""
import collections
import contextlib
import fcntl
import http.client
import json
import os
import re
import select
import signal
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request

import harness

STAGES, WIDTH, RUNNERS, SLOTS = 3, 6, 2, 3
JOBS = STAGES * (WIDTH + 1)
ALONG = ("", "runners", "everything")
# How often they come at least in a round, more or less.
POINTS = {"server": (("sync", 20), ("disk", 100), ("tell", 40)),
          "runner": (("tell", 40), ("pass", 12)),
          "guardian": (("spawn", 8), ("pass", 12)),
          "job": ()}
HALVES = ("disk", "tell", "pass")
KINDS = ("lost", "recorded twice", "stuck", "run twice while its runner lived", "out of order",
         "recorded wrong", "left behind", "gave up")

# A job's number for the process that started it tells under which guardian it ran.
COMMAND = """|
      echo "begins $TORC_JOB_NAME $TORC_ATTEMPT_ID $PPID" >> lines
      [ ! -e gate ] || flock -s gate true
      [ -e hit_$TORC_JOB_NAME ] && rm hit_$TORC_JOB_NAME && kill -9 $$
      sleep 0.02
      echo "ends $TORC_JOB_NAME $TORC_ATTEMPT_ID" >> lines
"""


def spec():
    lines = ["name: round", "jobs:"]
    for s in range(1, STAGES + 1):
        waits = f"    depends_on: [b{s - 1}]\n" if s > 1 else ""
        # A killed job is a failed one; the others go on nevertheless.
        lines.append(f'  - name: "s{s}_{{i}}"\n    parameters: {{i: "1:{WIDTH}"}}\n{waits}'
                     f"    cancel_on_blocking_job_failure: false\n    command: {COMMAND}")
        lines.append(f'  - name: b{s}\n    depends_on_regexes: ["^s{s}_"]\n'
                     f"    cancel_on_blocking_job_failure: false\n    command: {COMMAND}")
    return "\n".join(lines)


def stage_of(job):
    """Stages and barriers, counted from 0 in their order."""
    return 2 * int(job[1]) - (2 if job[0] == "s" else 1)


class Kill:
    """One kill of a schedule."""

    def __init__(self, text):
        self.text = text.strip()
        what, _, self.along = (part.strip() for part in self.text.partition("+"))
        words = what.split()
        self.victim, self.point, self.after_ms, self.job = words[0], None, None, None
        if len(words) == 3 and words[2] == "ms":
            self.after_ms = int(words[1])
        elif self.victim == "job" and len(words) == 2:
            self.job = words[1]
        elif len(words) == 4 and self.victim != "job":
            self.point = what
        else:
            raise ValueError(f"{text!r} is no kill; see rounds.py")
        if self.along not in ALONG:
            raise ValueError(f"{text!r}: what comes along is one of {ALONG[1:]}")


def watch(pid):
    """A descriptor that is ready when the process has ended; none where it has already."""
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        return None


def schedule_of(line):
    return [Kill(text) for text in line.split(";")]


def draw(random):
    """A schedule of one to four kills."""
    if random.random() < 0.01:
        return f"server {random.randrange(300)} ms + everything"
    kills = []
    for _ in range(random.choice((1, 1, 2, 2, 3, 4))):
        victim = random.choices(list(POINTS), (9, 4, 3, 4))[0]
        if random.random() < 0.5:
            kill = f"{victim} {random.randrange(300)} ms"
        elif victim == "job":
            kill = f"job s{random.randint(1, STAGES)}_{random.randint(1, WIDTH)}"
        else:
            point, most = random.choice(POINTS[victim])
            when = random.choice(("before", "amid", "after") if point in HALVES
                                 else ("before", "after"))
            kill = f"{victim} {point} {random.randint(1, most)} {when}"
        along = victim in ("server", "runner") and random.random() < 0.2
        kills.append(kill + (" + runners" if along else ""))
    return "; ".join(kills)


class Runner:
    """A started `torc workflows run`."""

    def __init__(self, process, kill):
        self.process, self.kill, self.is_hit = process, kill, False
        self.fd = os.pidfd_open(process.pid)


class Round:
    """Plays one schedule in a folder. `faults` are the promises that were broken, each of a kind
    and with a text, `attempts` how many began, `restarts_s` how long each start of the server took.
    With a gate, the first jobs wait there until all of them have begun, or a runner or guardian has
    met its point: the slots of both runners are full then. It is for kills at points."""

    def __init__(self, folder, schedule, shim, has_gate=False):
        self.folder, self.shim = folder, shim
        self.gate = open(self.path("gate"), "w") if has_gate else None
        if self.gate:
            fcntl.flock(self.gate, fcntl.LOCK_EX)
        self.schedule = schedule_of(schedule)
        self.faults, self.restarts_s = [], []
        self.pending = {"server": [k for k in self.schedule if k.point and k.victim == "server"],
                        "runner": [k for k in self.schedule
                                   if k.point and k.victim in ("runner", "guardian")]}
        self.timed = sorted((k for k in self.schedule if k.after_ms is not None),
                            key=lambda k: k.after_ms)
        self.done, self.runners, self.ended = [], [], []
        self.hit_guardians, self.hit_jobs = set(), set()
        self.server, self.server_kill = None, None
        self.untold = []  # runners of which nothing is left to tell the server
        self.attempts, self.heirs = 0, {}

    def fault(self, kind, text):
        assert kind in KINDS
        self.faults.append((kind, text))

    # -- what is there

    def path(self, name):
        return os.path.join(self.folder, name)

    def lines(self, name):
        try:
            with open(self.path(name)) as file:
                return [line.split() for line in file]
        except FileNotFoundError:
            return []

    def guardians(self):
        """The runner's pid by its guardian's; the shim tells."""
        return {int(pid): int(parent) for what, role, pid, parent in self.lines("kills")
                if (what, role) == ("is", "guardian")}

    def shot(self):
        """Who has met its point."""
        return {int(pid) for what, _, pid, _ in self.lines("kills") if what == "killed"}

    def environment(self, kill):
        more = {"TORC_KILL": kill.point} if kill and kill.point else {}
        return {"LD_PRELOAD": self.shim, "TORC_KILLS": self.path("kills"), **more}

    def processes(self):
        """All that work in the folder, but the server."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.readlink(f"/proc/{pid}/cwd") == os.path.realpath(self.folder):
                    found.append(int(pid))
            except OSError:
                continue
        return [pid for pid in found if not self.server or pid != self.server.process.pid]

    # -- the server

    def start_server(self):
        """Until one listens: some are killed before they do."""
        port = self.server.port if self.server else 0
        while True:
            kill = self.pending["server"].pop(0) if self.server and self.pending["server"] else None
            began = time.monotonic()
            try:
                self.server = harness.Server(self.folder, port=port, env=self.environment(kill))
            except harness.NoPort as ended:
                if ended.code != -signal.SIGKILL:
                    raise
                self.strike(kill)
                continue
            self.server_kill = kill
            self.restarts_s.append(time.monotonic() - began)
            self.server_fd = os.pidfd_open(self.server.process.pid)
            return

    def see_server(self):
        """Starts it again where it has been killed."""
        if self.server.process.poll() is None:
            return
        os.close(self.server_fd)
        self.server.process.stdout.close()
        if self.server.process.returncode != -signal.SIGKILL:
            self.fault("gave up", f"the server, with {self.server.process.returncode}")
        if self.server.process.pid in self.shot():
            self.strike(self.server_kill)
        elif self.server_kill:
            self.pending["server"].insert(0, self.server_kill)
        self.start_server()

    def get(self, path):
        while True:
            self.see_server()
            try:
                return self.server.get(path)
            except urllib.error.HTTPError:
                raise
            except (OSError, ValueError, http.client.HTTPException):
                self.server.process.wait(harness.PATIENCE_S)  # it was killed under the question

    # -- the runners

    def start_runner(self):
        kill = self.pending["runner"].pop(0) if self.pending["runner"] else None
        with open(self.path("runners.log"), "ab") as log:
            process = subprocess.Popen(
                [os.path.join(harness.BIN, "torc"), "workflows", "run", str(self.workflow),
                 "--max-parallel-jobs", str(SLOTS)], cwd=self.folder, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log,
                env=harness.environment(TORC_API_URL=self.server.url, **self.environment(kill)))
        self.untold = [pid for pid in self.untold if pid != process.pid]  # numbers come again
        self.runners.append(Runner(process, kill))

    def see_runners(self):
        """Those that have ended: were they killed, are they done, or did they give up?"""
        for runner in [r for r in self.runners if r.process.poll() is not None]:
            self.runners.remove(runner)
            self.ended.append(runner)
            os.close(runner.fd)
            guardians = [g for g, parent in self.guardians().items()
                         if parent == runner.process.pid]
            shot = self.shot()
            self.hit_guardians |= shot & set(guardians)
            is_shot = runner.process.pid in shot or bool(shot & set(guardians))
            runner.is_hit |= runner.process.pid in shot
            if is_shot:
                self.strike(runner.kill)
            elif runner.kill and not runner.is_hit:
                self.pending["runner"].insert(0, runner.kill)
            if runner.is_hit:
                self.heirs.update((g, watch(g)) for g in guardians)
            if runner.is_hit or self.hit_guardians & set(guardians) or self.is_complete():
                continue
            if any(int(line[3]) in guardians for line in self.lines("lines")
                   if line[0] == "begins"):
                self.fault("gave up", f"a runner, with {runner.process.returncode}")
        self.see_heirs()
        while len(self.runners) < RUNNERS and not self.is_complete():
            self.start_runner()

    def see_heirs(self):
        """Where the guardian of a killed runner is killed as well, nobody is left to tell."""
        for guardian, fd in list(self.heirs.items()):
            if fd is not None and not select.select([fd], [], [], 0)[0]:
                continue
            del self.heirs[guardian]
            if fd is not None:
                os.close(fd)
            if guardian in self.shot() | self.hit_guardians:
                self.hit_guardians.add(guardian)
                self.untold.append(self.guardians()[guardian])
        self.tell_of_the_dead()

    def tell_of_the_dead(self):
        """As somebody does who knows that a host is gone; else only the lease would tell. Who was
        killed while it introduced itself may be taken in afterwards, so they are looked for until
        the round is over."""
        if not self.untold:
            return
        where = f"file:{self.path('server.db')}?mode=ro"
        with contextlib.closing(sqlite3.connect(where, uri=True)) as db:
            known = db.execute("SELECT instance, pid FROM runner").fetchall()
        for instance in [instance for instance, pid in known if pid in self.untold]:
            call = urllib.request.Request(
                self.server.url + "/runner_deaths", json.dumps({"instance": instance}).encode(),
                {"Content-Type": "application/json"})
            try:
                urllib.request.urlopen(call, timeout=harness.PATIENCE_S).close()
            except urllib.error.HTTPError as refused:
                if refused.code != 404:
                    raise
            except (OSError, http.client.HTTPException):
                return  # it was killed under the question, and is asked again

    def is_complete(self):
        return self.get(f"/workflows/{self.workflow}/is_complete")["is_complete"]

    def see_gate(self):
        """Opens it when the first stage has begun, or who was to run it is dead."""
        if not self.gate:
            return
        begun = {line[1] for line in self.lines("lines") if line[0] == "begins"}
        if len(begun) >= WIDTH or any(line[0] == "killed" and line[1] != "server"
                                      for line in self.lines("kills")):
            self.gate.close()
            self.gate = None

    # -- kills

    def strike(self, kill):
        """Kills whatever goes along."""
        self.done.append(kill)
        if not kill.along:
            return
        for runner in self.runners:
            runner.is_hit = True
        if kill.along == "everything":
            self.kill_server()
            self.kill_trees()
            self.untold += [runner.process.pid for runner in self.runners]
        for runner in self.runners:
            runner.process.kill()
            runner.process.wait()

    def kill_server(self):
        if self.server.process.poll() is None:
            self.server.process.kill()
            self.server.process.wait()

    def kill_trees(self):
        """Guardians and jobs; first the guardians are stopped, so that nobody comes and goes."""
        alive = {r.process.pid for r in self.runners if r.process.poll() is None}
        for guardian, runner in self.guardians().items():
            if runner in alive and self.is_guardian(guardian, runner):
                self.hit_guardians.add(guardian)
                os.kill(guardian, signal.SIGSTOP)
                for pid in [*self.descendants(guardian), guardian]:
                    with contextlib.suppress(ProcessLookupError):  # of a job, and ended by itself
                        os.kill(pid, signal.SIGKILL)

    @staticmethod
    def children(pid):
        try:
            with open(f"/proc/{pid}/task/{pid}/children") as file:
                return [int(word) for word in file.read().split()]
        except (FileNotFoundError, ProcessLookupError):
            return []

    def is_guardian(self, pid, runner):
        """A runner that is not reaped keeps its number, and what is its child is no stranger."""
        return pid in self.children(runner)

    def descendants(self, pid):
        found = self.children(pid)
        return [below for child in found for below in self.descendants(child)] + found

    def strike_timed(self, kill):
        if kill.victim == "server":
            self.kill_server()
        alive = [r for r in self.runners if r.process.poll() is None]
        if kill.victim == "runner" and alive:
            alive[0].is_hit = True
            alive[0].process.kill()
        for guardian, parent in self.guardians().items():
            if not any(r.process.pid == parent for r in alive) or not self.is_guardian(
                    guardian, parent):
                continue
            if kill.victim == "guardian":
                self.hit_guardians.add(guardian)
                os.kill(guardian, signal.SIGKILL)
                break
            if kill.victim == "job" and self.kill_job(guardian):
                break
        self.strike(kill)

    def kill_job(self, guardian):
        """The first that runs there. Its number is its own while its guardian stands still."""
        os.kill(guardian, signal.SIGSTOP)
        jobs = self.children(guardian)
        if jobs:
            self.hit_jobs.add(guardian)
            os.kill(jobs[0], signal.SIGKILL)
        os.kill(guardian, signal.SIGCONT)
        return bool(jobs)

    # -- the round

    def play(self):
        """Leaves no process behind, whatever happens."""
        try:
            self.prepare()
            self.run()
            self.settle()
            self.audit()
        finally:
            for runner in self.runners:
                runner.process.kill()
                runner.process.wait()
            if self.gate:
                self.gate.close()
            if self.server:
                self.kill_server()
                self.server.process.stdout.close()
        return self

    def prepare(self):
        with open(self.path("spec.yaml"), "w") as file:
            file.write(spec())
        for kill in self.schedule:
            if kill.job:
                open(self.path("hit_" + kill.job), "w").close()
                self.done.append(kill)
        self.start_server()
        said = subprocess.run([os.path.join(harness.BIN, "torc"), "workflows", "create",
                               "spec.yaml"], cwd=self.folder, capture_output=True, text=True,
                              env=harness.environment(TORC_API_URL=self.server.url), check=True)
        self.workflow = int(re.search(r"Created workflow (\d+)", said.stdout)[1])
        self.kill_server()
        self.see_server()

    def run(self):
        for _ in range(RUNNERS):
            self.start_runner()
        began = time.monotonic()
        while self.runners:
            now = time.monotonic() - began
            if now > harness.PATIENCE_S:
                self.fault("stuck", "the round does not end")
                return
            while self.timed and self.timed[0].after_ms / 1e3 <= now:
                self.strike_timed(self.timed.pop(0))
            wait = self.timed[0].after_ms / 1e3 - now if self.timed else harness.PATIENCE_S - now
            if self.server.process.poll() is None:
                heirs = [fd for fd in self.heirs.values() if fd is not None]
                select.select([self.server_fd, *(r.fd for r in self.runners), *heirs], [], [],
                              0.01 if self.gate else max(0, min(wait, 0.1) if self.untold else wait))
            self.see_server()
            self.see_runners()
            self.see_gate()

    def settle(self):
        """Guardians of the killed end their jobs, tell the server, and go."""
        deadline = time.monotonic() + harness.PATIENCE_S
        left = self.processes()
        while left and time.monotonic() < deadline:
            for pid in left:
                fd = watch(pid)
                if fd is None:
                    continue
                select.select([fd, self.server_fd], [], [], 1)
                os.close(fd)
                self.see_server()
                self.see_heirs()
            left = self.processes()
        if left:
            self.fault("left behind", f"processes {left}")

    # -- what ran, and what is recorded

    def audit(self):
        of = f"?workflow_id={self.workflow}&limit=1000"
        jobs = {job["id"]: job for job in self.get("/jobs" + of)["items"]}
        names = {job["name"] for job in jobs.values()}
        recorded = collections.defaultdict(list)
        for row in self.get("/results" + of + "&all_runs=true")["items"]:
            recorded[jobs[row["job_id"]]["name"]].append(row)
        for job in jobs.values():
            if job["status"] not in ("completed", "failed", "terminated"):
                self.fault("stuck", f"{job['name']} is {job['status']}")
        lines = self.lines("lines")
        begun = collections.defaultdict(dict)
        for at, line in enumerate(lines):
            if line[0] == "begins":
                attempt = int(line[2])
                if attempt in begun[line[1]]:
                    self.fault(KINDS[3], f"attempt {attempt} of {line[1]}")
                begun[line[1]][attempt] = (at, int(line[3]))
                self.attempts += 1
        ended = {(line[1], int(line[2])): at for at, line in enumerate(lines) if line[0] == "ends"}
        # Whoever began under somebody else began when its guardian was dead already.
        unhurt = {guardian for guardian, parent in self.guardians().items()
                  if guardian not in self.hit_guardians and
                  not any(r.process.pid == parent and r.is_hit for r in self.ended)}
        over_at = {}
        for name in sorted(names, key=stage_of):
            self.audit_job(name, recorded[name], begun[name], ended, unhurt)
            if recorded[name]:
                key = (name, recorded[name][0]["attempt_id"])
                over_at[name] = ended.get(key, begun[name].get(key[1], (0,))[0])
        for name in names:
            early = [other for other in over_at if stage_of(other) == stage_of(name) - 1 and
                     begun[name] and over_at[other] > min(at for at, _ in begun[name].values())]
            if early:
                self.fault("out of order", f"{name} began before the end of {early}")

    def audit_job(self, name, rows, begun, ended, unhurt):
        if len(rows) != 1:
            self.fault("recorded twice" if rows else "lost", f"{name}: {len(rows)} results")
            return
        attempt, code = rows[0]["attempt_id"], rows[0]["return_code"]
        for other, (_, guardian) in begun.items():
            if other > attempt:
                self.fault(KINDS[3], f"{name} after its end was recorded")
            if other < attempt and guardian in unhurt:
                self.fault(KINDS[3], name)
        if code == 0 and (name, attempt) not in ended:
            self.fault("recorded wrong", f"attempt {attempt} of {name} did not end")
        if code == 0 or any(k.job == name for k in self.schedule):
            return
        # The end of a guardian is the end of what it was told to start.
        guardian = begun[attempt][1] if attempt in begun else None
        is_hit = (guardian in self.hit_jobs or guardian not in unhurt and
                  bool(self.hit_guardians | self.hit_jobs))
        if not is_hit:
            self.fault("recorded wrong", f"{name} with {code}, which ended well")

    def missed(self):
        """The kills whose point did not come."""
        return [k.text for k in self.schedule if k not in self.done]
