"""The HTTP API of a server with a large workflow: how long one call takes, and reads beside a run."""
import http.client
import json
import subprocess
import threading
import time

from . import contestants as c
from . import session as s

JOBS = 100_000
GRAPH = 22_000
PART = 100_000
PAGE = 1_000


class Api:
    """One connection that is kept."""

    def __init__(self, server):
        host, port = server.url.split("/")[2].split(":")
        self.base = "/" + server.url.split("/", 3)[3]
        self.connection = http.client.HTTPConnection(host, int(port), timeout=s.RUN_TIMEOUT_S)

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body)
        return self.send(method, path, data)

    def send(self, method, path, data=None):
        self.connection.request(method, self.base + path, data)
        reply = self.connection.getresponse()
        text = reply.read()
        if reply.status >= 300:
            raise s.Broken(f"{method} {path}: {reply.status} {text[:300]}")
        return text

    def get(self, method, path, body=None):
        return json.loads(self.call(method, path, body))

    def timed(self, method, path, data=None):
        begin = time.monotonic()
        text = self.send(method, path, data)
        return time.monotonic() - begin, text


def workflow(api):
    return api.get("POST", "/workflows", {"name": "bench", "user": "bench"})["id"]


def large(session):
    """100,000 jobs: added in one call, initialized, listed in pages and whole, canceled."""
    with s.Server(session.program("torc-server"), session.fresh("large")) as server:
        api = Api(server)
        w = workflow(api)
        body = json.dumps({"jobs": [{"workflow_id": w, "name": f"j{i}", "command": "true"}
                                    for i in range(JOBS)]})
        out = {"create": api.timed("POST", "/bulk_jobs", body)[0],
               "initialize": api.timed("POST", f"/workflows/{w}/initialize_jobs")[0]}
        whole, text = api.timed("GET", f"/jobs?workflow_id={w}")
        if len(json.loads(text)["items"]) != JOBS:
            raise s.Broken("not all jobs are listed")
        pages = sorted(api.timed("GET", f"/jobs?workflow_id={w}&limit={PAGE}&offset={at}")[0]
                       for at in range(0, JOBS, PAGE))
        out |= {"list": whole, "page_p50": pages[len(pages) // 2], "page_max": pages[-1],
                "status": api.timed("GET", f"/workflows/{w}/status")[0],
                "cancel": api.timed("PUT", f"/workflows/{w}/cancel")[0]}
        return out


def graph(session):
    """22,000 jobs in a chain of files, each of which one job writes and the next reads."""
    with s.Server(session.program("torc-server"), session.fresh("graph")) as server:
        api = Api(server)
        w = workflow(api)
        body = json.dumps({"files": [{"workflow_id": w, "name": f"f{i}", "path": f"/f{i}"}
                                     for i in range(GRAPH)]})
        files_s, text = api.timed("POST", "/bulk_files", body)
        files = [f["id"] for f in json.loads(text)["files"]]
        body = json.dumps({"jobs": [
            {"workflow_id": w, "name": f"j{i}", "command": "true", "output_file_ids": [files[i]],
             "input_file_ids": files[i - 1:i] if i else []} for i in range(GRAPH)]})
        jobs_s, _ = api.timed("POST", "/bulk_jobs", body)
        initialize_s, _ = api.timed("POST", f"/workflows/{w}/initialize_jobs")
        ready = api.get("GET", f"/jobs?workflow_id={w}&status=ready")["total_count"]
        if ready != 1:
            raise s.Broken(f"{ready} jobs are ready, not one")
        return {"files": files_s, "jobs": jobs_s, "initialize": initialize_s}


def reads_beside_a_run(session, spec):
    """What people look at while the scale test runs: latencies in seconds, all calls together."""
    torc = c.Torc.ours(session)
    with s.Server(torc.server, session.fresh("reads")) as server:
        _, text = s.run([torc.client, "workflows", "create", spec], server.folder,
                        server.environment())
        w = c.workflow_of(text)
        with open(server.folder / "run.txt", "wb") as log:
            run = subprocess.Popen(
                [torc.client, "workflows", "run", str(w), torc.slots_option, str(c.SLOTS)],
                cwd=server.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=s.clean_environment(server.environment()))
        ended = threading.Event()
        threading.Thread(target=lambda: (run.wait(), ended.set())).start()
        api = Api(server)
        paths = [f"/workflows/{w}", f"/workflows/{w}/status", f"/workflows/{w}/is_complete",
                 f"/workflows/{w}/progress", f"/jobs?workflow_id={w}&limit=100",
                 f"/jobs?workflow_id={w}&status=running", f"/results?workflow_id={w}&limit=100"]
        times = {path: [] for path in paths}
        while not ended.is_set():
            for path in paths:
                times[path].append(api.timed("GET", path)[0])
            ended.wait(0.02)
        if run.returncode:
            raise s.Broken(f"the run ended with {run.returncode}")
    every = sorted(t for one in times.values() for t in one)
    worst = max(times, key=lambda path: sorted(times[path])[int(len(times[path]) * 0.99)])
    return {"count": len(every), "p50": every[len(every) // 2],
            "p99": every[int(len(every) * 0.99)], "max": every[-1], "worst": worst}
