"""Where a bench runs: fresh folders, started programs, a server that is stopped again."""
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
import urllib.request

RUN_TIMEOUT_S = 4 * 3600
START_TIMEOUT_S = 30
STOP_TIMEOUT_S = 60
WATCH_INTERVAL_S = 0.1


class Absent(Exception):
    """What a bench needs is not here; its row says so."""


class Broken(Exception):
    """A measured program did not do what it should; its figure would be a lie."""


class Series:
    """The figures of one thing measured several times."""

    def __init__(self, values):
        self.values = list(values)

    @property
    def median(self):
        return statistics.median(self.values)

    def spread(self):
        return min(self.values), max(self.values)


class Session:
    """All folders lie in one, and go together when the last bench is over: deleting thousands of files
    slows the file system for those who come next."""

    def __init__(self, programs, folder, repeats):
        self.programs = pathlib.Path(programs)
        self.repeats = repeats
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="torc-bench-", dir=folder))
        self._count = 0

    def close(self):
        shutil.rmtree(self.root, ignore_errors=True)

    def fresh(self, name):
        self._count += 1
        folder = self.root / f"{self._count:03d}-{name}"
        folder.mkdir()
        return folder

    def program(self, name):
        path = self.programs / name
        if not path.exists():
            raise Absent(f"{name} is not built")
        return str(path)

    def spec(self, *size):
        """A generated spec of this size, e.g. spec("--rounds", 4, "--jobs", 2000)."""
        return self._generated("workflow.yaml", *size)

    def commands(self, *size):
        return self._generated("commands.txt", *size, "--commands")

    def _generated(self, name, *arguments):
        target = self.fresh("generate") / name
        with open(target, "w", encoding="utf-8") as out:
            subprocess.run([self.program("generate"), *map(str, arguments)], stdout=out, check=True)
        return target

    def interleave(self, contestants):
        """Runs A B A B A B; gives each one's results as a list. A contestant is called with its name."""
        results = {name: [] for name in contestants}
        for _ in range(self.repeats):
            for name, run in contestants.items():
                results[name].append(run())
        return results


def run(command, folder, environment=None, watch=None):
    """Runs to the end; gives (seconds, stdout). The output lies in the folder afterwards.
    `watch` is called with the process's number now and then."""
    out, err = folder / "stdout.txt", folder / "stderr.txt"
    start = time.monotonic()
    with open(out, "ab") as sink, open(err, "ab") as errors:
        process = subprocess.Popen(list(map(str, command)), cwd=folder, stdin=subprocess.DEVNULL,
                                   stdout=sink, stderr=errors, env=clean_environment(environment))
        try:
            code = watched_end(process, watch)
        finally:
            process.kill()  # does nothing if it has ended
            process.wait()
    seconds = time.monotonic() - start
    text = out.read_text(errors="replace")
    if code != 0:
        tail = (err.read_text(errors="replace") or text)[-1500:]
        raise Broken(f"{os.path.basename(str(command[0]))} ended with {code}: {tail}")
    return seconds, text


def watched_end(process, watch):
    if watch is None:
        return process.wait(RUN_TIMEOUT_S)
    for _ in range(int(RUN_TIMEOUT_S / WATCH_INTERVAL_S)):
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(WATCH_INTERVAL_S)
        watch(process.pid)
    raise Broken("it did not end")


class StarterCpu:
    """The processor time that a runner's guardian and its warm shells have had themselves, without the
    jobs that they started: as last seen, up to a watch's interval before the end."""

    def __init__(self):
        self._seconds = {}
        self._guardians = set()

    def __call__(self, runner):
        for guardian in children_of(runner):
            self._guardians.add(guardian)
            self._look_at(guardian)
            for child in children_of(guardian):
                # A warm shell shows no command; a job neither at first, but it is not seen so twice.
                with contextlib.suppress(OSError):
                    if not pathlib.Path(f"/proc/{child}/cmdline").read_bytes().strip(b"\0"):
                        self._look_at(child)

    def _look_at(self, pid):
        with contextlib.suppress(OSError):
            nanoseconds = int(pathlib.Path(f"/proc/{pid}/schedstat").read_text().split()[0])
            times = self._seconds.get(pid, (0, 0))[1] + 1
            self._seconds[pid] = (nanoseconds / 1e9, times)

    def guardian(self):
        return self._sum(lambda pid: pid in self._guardians)

    def shells(self):
        """Next to nothing but their forks, which are what a job costs that needs no exec."""
        return self._sum(lambda pid: pid not in self._guardians)

    def _sum(self, which):
        return sum(seconds for pid, (seconds, times) in self._seconds.items()
                   if times > 1 and which(pid))


def children_of(pid):
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return []


def clean_environment(more=None):
    """Nothing that the caller has set for other servers may leak into a bench."""
    kept = {k: v for k, v in os.environ.items()
            if not k.startswith(("TORC_", "OTEL_")) and k not in ("DATABASE_URL", "RUST_LOG")}
    return {**kept, **(more or {})}


def last_json(text):
    """The last JSON document of an output that may have lines of text before it."""
    for start in [m.start() for m in re.finditer(r"^\{", text, re.MULTILINE)][::-1]:
        with contextlib.suppress(json.JSONDecodeError):
            return json.loads(text[start:])
    raise Broken("no JSON in: " + text[-500:])


class Server:
    """A started torc-server, ours or the peer's, on a free port of the loopback."""

    def __init__(self, binary, folder, *options):
        self.folder = folder
        self.database = folder / "server.db"
        self.log = folder / "server.log"
        self._output = open(folder / "server.out", "w+", encoding="utf-8")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [binary, "run", "--host", "127.0.0.1", "--port", "0", "-d", str(self.database),
                 *map(str, options)],
                cwd=folder, stdin=subprocess.DEVNULL, stdout=self._output, stderr=log,
                env=clean_environment())
        self.url = f"http://127.0.0.1:{self._port()}/torc-service/v1"
        self.peak_rss = 0

    def _port(self):
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline and self.process.poll() is None:
            self._output.seek(0)
            found = re.search(r"TORC_SERVER_PORT=(\d+)\n", self._output.read())
            if found:
                return int(found.group(1))
            time.sleep(0.01)
        self.process.kill()
        raise Broken("the server did not say its port: " + self.log.read_text()[-1500:])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.peak_rss = peak_rss(self.process.pid)
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._output.close()

    def environment(self):
        return {"TORC_API_URL": self.url}

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=60) as reply:
            return json.load(reply)

    def must_have_completed(self, workflow, jobs):
        done = self.get(f"/jobs?workflow_id={workflow}&status=completed&limit=1")["total_count"]
        if done != jobs:
            raise Broken(f"{done} of {jobs} jobs are completed")

    def locked_lines(self):
        return self.log.read_text(errors="replace").count("database is locked")


def peak_rss(pid):
    """VmHWM in bytes: the most that the process ever held in memory. 0 if it is gone."""
    with contextlib.suppress(OSError):
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def fsync_p50_ms(folder, count=200):
    """What one durable 4 KiB write costs here, so that a hop can be judged."""
    times = []
    with open(folder / "fsync.dat", "wb", buffering=0) as file:
        for _ in range(count):
            start = time.monotonic()
            file.write(b"x" * 4096)
            os.fdatasync(file.fileno())
            times.append((time.monotonic() - start) * 1e3)
    return statistics.median(times)
