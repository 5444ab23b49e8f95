"""torc tui in a terminal: keys go in, and what the screen shows is read."""
import os
import re
import shlex
import shutil
import subprocess
import time

import harness

SPEC = """
name: shown
jobs:
  - {name: good, command: "echo hello from good"}
  - {name: bad, command: "echo went wrong >&2; exit 3"}
  - {name: later, command: "echo last", depends_on: [good]}
  - {name: never, command: "true", depends_on: [bad]}
"""
MANY = """
name: many
jobs:
  - name: "part_{i:03d}"
    command: "true"
    parameters: {i: "1:300"}
"""
GATE = """
name: gated
jobs:
  - {name: first, command: "cat gate"}
  - {name: second, command: "echo done", depends_on: [first]}
"""


class Terminal:
    """A tmux of its own with one window, in which a command runs."""

    def __init__(self, case, words, columns=80, rows=24, env=None):
        self.case = case
        self.socket = case.path(f"tmux{len(case.terminals)}")
        shown = harness.environment(LC_ALL="C.UTF-8", TERM="xterm-256color", **(env or {}))
        for name in ("NO_COLOR", "TMUX"):
            if name not in (env or {}):
                shown.pop(name, None)
        # A shell says how it ended and stays: tmux 3.3 now and then never reaps what it started.
        command = " ".join(shlex.quote(str(w)) for w in words) + "; echo ended with $?; cat"
        case.write("tmux.conf", "set -g default-terminal screen-256color\nset -g status off\n"
                                "set -s escape-time 0\n")
        self.tmux("-f", case.path("tmux.conf"), "new-session", "-d", "-x", str(columns), "-y",
                  str(rows), command, env=shown)

    def tmux(self, *words, env=None):
        done = subprocess.run(["tmux", "-S", self.socket, *words], cwd=self.case.folder, env=env,
                              capture_output=True, text=True, timeout=harness.PATIENCE_S)
        self.case.assertEqual(done.returncode, 0, f"tmux {words}: {done.stderr}")
        return done.stdout

    def text(self, *how):
        return self.tmux("capture-pane", "-p", *how)

    def until(self, *patterns, unless=None, patience=60, how=()):
        """Waits until the screen shows all of them, and gives it."""
        deadline = time.monotonic() + patience
        while True:
            text = self.text(*how)
            if all(re.search(p, text, re.M) for p in patterns) and \
                    not (unless and re.search(unless, text, re.M)):
                return text
            self.case.assertLess(time.monotonic(), deadline,
                                 f"the screen never showed {patterns}, but\n{text}")
            time.sleep(0.01)

    def type(self, text):
        self.tmux("send-keys", "-l", text)

    def press(self, *keys):
        self.tmux("send-keys", *keys)

    def resize(self, columns, rows):
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def close(self):
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], capture_output=True, check=False)


class Tui(harness.Case):

    def setUp(self):
        super().setUp()
        if not shutil.which("tmux"):
            self.skipTest("tmux is missing; dev/install --tests brings it")
        self.terminals = []
        self.addCleanup(lambda: [t.close() for t in self.terminals])

    def open(self, *words, url=None, **how):
        env = {**({"TORC_API_URL": url} if url else {}), **how.pop("env", {})}
        program = os.path.join(harness.BIN, "torc")
        terminal = Terminal(self, [program, "tui", *words], env=env, **how)
        self.terminals.append(terminal)
        return terminal

    def act(self, t, label):
        """Opens the actions and takes the one of that label."""
        t.type("a")
        text = t.until(r"│ +" + label)
        menu = [line for line in text.split("\n") if re.search(r"│ .* │", line)]
        at = next(i for i, line in enumerate(menu) if label in line)
        t.type("j" * at)
        t.press("Enter")

    def ran(self):
        """A server, and a workflow on it that has been run."""
        url = self.server().url
        workflow = self.create(SPEC, url)
        self.torc("workflows", "run", workflow, url=url, exits=1)
        return url, workflow

    def test_every_view_shows_what_there_is(self):
        url, workflow = self.ran()
        t = self.open(url=url)
        text = t.until(r"shown .* 4/4 +1 failed", r"q quit", r" live$")
        self.assertIn("1 Workflows", text)
        t.press("Enter")
        t.until(rf"workflow {workflow} shown", r"good +completed", r"bad +failed .* 3 ",
                r"never +canceled", r"4/4 +failed 1 +canceled 1")
        t.type("3")
        t.until(r"^ +1 .*2/2 .* 1 *$", r"^ +2 .*2/2 .* 1 *$")
        t.type("4")
        t.until(r"ended +\d+ CPUs", r"Unacked")
        t.type("5")
        t.until(r"Nothing has happened since")
        t.type("6")
        text = t.until(r"bad +failed +3 ", r"later +completed +0 .* (KiB|MiB)? +\d\d-\d\d ")
        t.type("7")
        t.until(r"No runner was started from here")
        t.press("Tab")
        t.until(r"Name +User")
        t.type("?")
        t.until(r"Keys; any key goes on", r"stdout or stderr")
        t.press("Escape")
        t.until(r"Name +User", unless="Keys; any")
        t.type("q")
        t.until(r"ended with 0$")

    def test_a_job_shows_its_attempts_and_the_end_of_its_output(self):
        url, workflow = self.ran()
        t = self.open(str(workflow), url=url)
        t.until(r"good +completed")
        t.press("Enter")
        t.until(r"job \d+ good +completed", r"runs +echo hello from good", r"after +nothing",
                r"exit code 0, .*run 1, try 1", r"^ stdout torc_output/job_stdio/",
                r"^ hello from good")
        t.press("Escape")
        t.until(r"Name +Status")
        t.press("Down", "Enter")
        t.until(r"^ stderr ", r"^ went wrong")
        t.type("e")
        t.until(r"^ stdout ", r"\(empty\)")
        t.type("w")
        t.until(r"Why; any key goes on", r"exit code 3")

    def test_output_that_is_elsewhere_is_said_to_be(self):
        url, workflow = self.ran()
        t = self.open(str(workflow), "--output-dir", "elsewhere", url=url)
        t.until(r"good +completed")
        t.press("Enter")
        t.until(r"There is no such file on this machine", r"torc tui --output-dir FOLDER")

    def test_jobs_are_filtered_searched_and_sorted(self):
        url = self.server().url
        workflow = self.create(MANY, url)
        t = self.open(str(workflow), url=url)
        t.until(r"part_001 +uninitialized", r"0/300")
        t.press("End")
        t.until(r"part_300 ")
        t.press("Home")
        t.until(r"part_001 ")
        t.type("/RT_27")
        t.until(r"Search: RT_27")
        t.press("Enter")
        t.until(r"part_270", r"part_279", r"name has 'RT_27'", unless=r"part_001")
        t.press("Escape")
        t.until(r"part_001 ")
        t.type("f")
        t.until(r"Show jobs that are")
        t.type("jj")
        t.press("Enter")
        t.until(r"No jobs: ready")
        self.torc("workflows", "initialize", workflow, url=url)
        t.until(r"part_001 +ready")  # nobody pressed a key
        t.type("o")
        t.until(r"Sort by")
        t.type("j")
        t.press("Enter")
        t.type("O")
        t.until(r"^ +\d+ part_300 +ready", r"ready, by name down")
        t.type("c")
        t.until(r"showing all, by name down")

    def test_a_workflow_is_run_followed_canceled_and_reset_from_inside(self):
        t = self.start_gated()
        t.type("4")
        t.until(r"attached +\d+ CPUs +1 ")
        t.type("5")
        t.until(r"from info on")
        t.type("q")
        t.until(r"Quit\? The runner that was started here goes on")
        t.type("n")
        with open(self.path("gate"), "w") as gate:
            gate.write("opened\n")
        t.until(r"job_completed +.*job_name=second")
        t.until(r"has ended with exit code 0")
        t.type("7")
        t.until(r"tui_runner_wf\d+.log +\(ended\)", r"2/2")
        t.type("2")
        t.until(r"second +completed")
        t.press("Down", "Enter")
        t.until(r"^ done$")
        t.press("Escape")
        # Reset all, and cancel: both ask first, and what they did is pushed.
        t.until(r"Name +Status")
        self.act(t, "Reset all jobs")
        t.until(r"Reset all jobs of workflow \d+\? \(y/n\)")
        t.type("y")
        t.until(r"all jobs of workflow \d+ are reset", r"first +ready", r"second +blocked")
        self.act(t, "Cancel the workflow")
        t.until(r"Cancel workflow \d+\?")
        t.type("y")
        t.until(r"workflow \d+ is canceled", r" 0/2 +canceled ")

    def start_gated(self):
        """The TUI with a runner whose job waits for the gate."""
        url = self.server().url
        workflow = self.create(GATE, url)
        os.mkfifo(self.path("gate"))
        t = self.open(str(workflow), url=url)
        t.until(r"first +uninitialized")
        self.act(t, "Run: start a runner")
        t.until(r"first +running")
        return t

    def test_a_running_job_is_canceled(self):
        t = self.start_gated()
        self.act(t, "Cancel this job")
        t.until(r"Cancel this job\? \(y/n\)")
        t.type("y")
        t.until(r"first +canceled", r"second +canceled")
        t.until(r"has ended with exit code 1")

    def test_a_runner_is_killed_with_its_jobs(self):
        t = self.start_gated()
        self.act(t, "Kill the runner")
        t.until(r"Kill the runner and its jobs\? \(y/n\)")
        t.type("y")
        t.until(r"has ended with exit code \d+", unless=r"first +running")
        t.type("q")
        t.until(r"ended with 0$")

    def test_failed_jobs_are_retried_and_reset(self):
        url, workflow = self.ran()
        t = self.open(str(workflow), url=url)
        t.until(r"bad +failed")
        t.press("Down")
        self.act(t, "Retry this job")
        t.until(r"job \d+ is tried again", r"bad +ready")
        self.torc("workflows", "run", workflow, url=url, exits=1)
        t.until(r"bad +failed .* 2 +3 ")
        self.act(t, "Reset failed jobs")
        t.until(r"\(y/n\)")
        t.type("y")
        t.until(r"the failed jobs of workflow \d+ are reset", r"bad +ready", r"good +completed")

    def test_it_fits_every_size_and_follows_a_new_one(self):
        url, workflow = self.ran()
        t = self.open(str(workflow), url=url)
        text = t.until(r"good +completed", r"Enter job")
        lines = text.split("\n")
        self.assertLessEqual(max(map(len, lines)), 80)
        self.assertIn("q quit", lines[23])
        t.resize(120, 40)
        t.until(r"\A(.*\n){39} q quit .*Enter job") # not where the smaller screen has it
        t.resize(50, 12)
        t.until(r"2 Jobs", r"good")
        t.resize(30, 8)
        t.until(r"torc tui needs 40x10")
        t.resize(80, 24)
        t.until(r"good +completed")

    def test_no_color_means_no_color(self):
        url, workflow = self.ran()
        colors = r"\x1b\[(\d+;)*(3[0-7]|4[0-7]|9[0-7])(;\d+)*m"
        for env, colored in (({}, True), ({"NO_COLOR": "1"}, False)):
            t = self.open(str(workflow), url=url, env=env)
            t.until(r"bad +failed", r"4/4")
            self.assertEqual(bool(re.search(colors, t.text("-e"))), colored, t.text("-e"))

    def test_a_server_that_goes_and_comes_back_is_told_and_found_again(self):
        server = self.server()
        workflow = self.create(SPEC, server.url)
        t = self.open(str(workflow), url=server.url)
        t.until(rf"workflow {workflow} shown +live$", r"good +uninitialized")
        server.kill()
        t.until(r"trying again", r"not live")
        self.server(port=server.port)
        t.until(r" live$", r"good +uninitialized", unless=r"not live")
        self.torc("workflows", "run", workflow, url=server.url, exits=1)
        t.until(r"good +completed", r"4/4")

    def test_without_a_server_it_says_what_to_do(self):
        server = self.server()
        server.stop()
        t = self.open(url=server.url)
        t.until(r"no server answers at", r"torc-server run", r"torc tui --standalone",
                how=("-S", "-"))
        self.torc("tui", url=server.url, exits=1)
        self.assertIn("needs a terminal", self.said)

    def test_it_brings_a_server_along(self):
        t = self.open("--standalone", "--port", "0")
        text = t.until(r"No workflows yet", r"http://127.0.0.1:\d+")
        url = re.search(r"http://127.0.0.1:\d+/torc-service/v1", text).group()
        self.create(SPEC, url)
        t.until(r"shown .* 0/4")  # pushed: the list is new
        t.press("Enter")
        t.until(r"good +uninitialized")
        t.type("/zzz")
        t.press("Enter")
        t.until(r"No jobs: ")
        t.press("C-c")
        t.until(r"ended with 0$")
        self.assertTrue(os.path.exists(self.path("torc_output", "torc.db")))


if __name__ == "__main__":
    harness.main()
