"""What is measured: this project's programs, and the peers that are installed.

A peer is named by the environment: TORC021_BIN is torc 0.21's `torc`, or the folder that holds it and
`torc-server`; HQ_PYTHON is a Python that can import HyperQueue's package (default: this one).
"""
import os
import pathlib
import re
import subprocess
import sys
import time

from . import collector
from . import session as s

RUNNERS = 16
SLOTS = 16


def workflow_of(output):
    found = re.search(r"Created workflow (\d+)", output)
    if not found:
        raise s.Broken("no workflow number in: " + output[-500:])
    return int(found.group(1))


class Torc:
    """A `torc` and its `torc-server`: ours or the peer's."""

    def __init__(self, name, client, server, slots_option):
        self.name, self.client, self.server, self.slots_option = name, client, server, slots_option
        self.server_options, self.runner_options = (), ()

    def polling(self, seconds):
        """The same, but the runner looks for jobs and the server for what they free this often."""
        self.server_options = ("--completion-check-interval-secs", str(seconds))
        self.runner_options = ("--poll-interval", str(seconds))
        return self

    @staticmethod
    def ours(session):
        return Torc("torc", session.program("torc"), session.program("torc-server"),
                    "--num-parallel-processes")

    @staticmethod
    def peer(_session):
        given = os.environ.get("TORC021_BIN")
        if not given:
            raise s.Absent("torc 0.21 is not installed (TORC021_BIN)")
        folder = pathlib.Path(given)
        folder = (folder if folder.is_dir() else folder.parent).resolve()
        if not (folder / "torc").exists() or not (folder / "torc-server").exists():
            raise s.Absent(f"TORC021_BIN={given} holds no torc and torc-server")
        return Torc("torc 0.21", str(folder / "torc"), str(folder / "torc-server"),
                    "--max-parallel-jobs")

    def create(self, session, spec):
        """Seconds that `workflows create` takes on an empty server."""
        with s.Server(self.server, session.fresh("create")) as server:
            seconds, text = s.run([self.client, "workflows", "create", spec], server.folder,
                                  server.environment())
            workflow = workflow_of(text)
            server.get(f"/workflows/{workflow}")
        return {"seconds": seconds, "database": server.database.stat().st_size}

    def run_on_server(self, session, spec, jobs, runners):
        """Wall seconds from the runners' start to the last one's end, and what the server used."""
        with s.Server(self.server, session.fresh(f"{runners}-runners"),
                      *self.server_options) as server:
            _, text = s.run([self.client, "workflows", "create", spec], server.folder,
                            server.environment())
            workflow = workflow_of(text)
            start = time.monotonic()
            processes = [self._runner(server, workflow, number, runners)
                         for number in range(runners)]
            codes = [p.wait(s.RUN_TIMEOUT_S) for p in processes]
            seconds = time.monotonic() - start
            if any(codes):
                raise s.Broken(f"runners ended with {codes}")
            server.must_have_completed(workflow, jobs)
        return {"seconds": seconds, "rss": server.peak_rss, "locked": server.locked_lines()}

    def _runner(self, server, workflow, number, runners):
        folder = server.folder / f"runner-{number}"
        folder.mkdir()
        slots = [] if runners > 1 else [self.slots_option, str(SLOTS)]
        with open(folder / "log.txt", "wb") as log:
            return subprocess.Popen(
                [self.client, "workflows", "run", str(workflow), "--output-dir", str(folder),
                 *slots, *self.runner_options],
                cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=s.clean_environment(server.environment()))

    def claims(self, session, ready, connections, jobs, limit, *options):
        """http_bench's own report against a fresh server, where `ready` jobs wait."""
        with s.Server(self.server, session.fresh("http")) as server:
            _, text = s.run([session.program("http_bench"), "--url", server.url, "--jobs", jobs,
                             "--ready", ready, "--connections", connections, "--limit", limit, *options],
                            server.folder)
        return s.last_json(text)


def run_embedded(session, spec, slots=SLOTS):
    """`torc run` with a server inside, as one types it. Gives its own JSON summary and the wall time."""
    folder = session.fresh("run")
    starter = s.StarterCpu()
    seconds, text = s.run([session.program("torc"), "--format", "json", "run", spec,
                           "--num-parallel-processes", slots, "--output-dir", folder / "output"],
                          folder, watch=starter)
    summary = s.last_json(text)
    if summary.get("status") != "completed":
        raise s.Broken(f"the workflow ended as {summary.get('status')}")
    return {"seconds": seconds, "summary": summary, "guardian_seconds": starter.guardian(),
            "shell_seconds": starter.shells()}


def spawn_floor(session, commands, *options):
    """The same commands and files, and nothing but posix_spawn and wait4; `--shell`: of `bash -c`."""
    folder = session.fresh("floor")
    seconds, _ = s.run([session.program("spawn_floor"), "--commands", commands, "--parallel", SLOTS,
                        "--dir", folder / "output", *options], folder)
    return {"seconds": seconds}


def shell(session, through, jobs, *options):
    """shell_bench's own report: a warm shell that is fed as fast as it takes jobs."""
    folder = session.fresh("shell")
    _, text = s.run([session.program("shell_bench"), "--through", through, "--jobs", jobs,
                     "--parallel", SLOTS, "--dir", folder / "output", *options], folder)
    return s.last_json(text)


HYPERQUEUE = """
import logging, os, sys, time
from hyperqueue import Job, LocalCluster
from hyperqueue.cluster import WorkerConfig
rounds, jobs, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
logging.disable(logging.CRITICAL)
with LocalCluster(server_dir=folder + "/hq", worker_config=WorkerConfig(cores=16)) as cluster:
    client = cluster.client()
    job = Job(default_workdir=folder)
    barrier = []
    for r in range(1, rounds + 1):
        tasks = [job.program(["echo", f"r{r}_{i}"], deps=barrier, stdout=f"{folder}/r{r}_{i}.o",
                             stderr=f"{folder}/r{r}_{i}.e") for i in range(jobs // rounds)]
        barrier = [job.program(["date"], deps=tasks, stdout=f"{folder}/b{r}.o",
                               stderr=f"{folder}/b{r}.e")]
    start = time.monotonic()
    submitted = client.submit(job)
    created = time.monotonic() - start
    ok = client.wait_for_jobs([submitted], raise_on_error=False)
    print("created", created, "seconds", time.monotonic() - start, "ok", int(ok), flush=True)
os._exit(0)
"""


def hyperqueue(session, rounds, jobs):
    """HyperQueue's server and a worker with 16 cores, driven through its Python package."""
    python = os.environ.get("HQ_PYTHON", sys.executable)
    if subprocess.run([python, "-c", "import hyperqueue"], capture_output=True, check=False).returncode:
        raise s.Absent("HyperQueue is not installed (HQ_PYTHON)")
    folder = session.fresh("hyperqueue")
    _, text = s.run([python, "-c", HYPERQUEUE, rounds, jobs, folder], folder)
    found = re.search(r"created ([\d.e-]+) seconds ([\d.e-]+) ok 1", text)
    if not found:
        raise s.Broken("HyperQueue did not finish: " + text[-500:])
    return {"created": float(found.group(1)), "seconds": float(found.group(2))}


def server_only(session, jobs, rounds=4, environment=None):
    """Simulated runners over the real socket, no processes: the program's own report."""
    folder = session.fresh("server-only")
    _, text = s.run([session.program("server_bench"), "--jobs", jobs, "--rounds", rounds,
                     "--dir", folder], folder, environment)
    return s.last_json(text)


def traced(session, jobs, rounds, *how, **variables):
    """The same with traces on their way to a collector; `spans` is what it got."""
    with collector.Collector(*how) as to:
        report = server_only(session, jobs, rounds,
                             {"OTEL_EXPORTER_OTLP_ENDPOINT": to.url, **variables})
    return {**report, "spans": to.spans}


def instrumentation(session):
    """timing_bench's own report: nanoseconds and instructions, without a server."""
    _, text = s.run([session.program("timing_bench")], session.fresh("timing"))
    return s.last_json(text)
