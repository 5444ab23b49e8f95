#!/usr/bin/env python3
"""How long `torc tui` takes to open a workflow of many jobs: from the key to the screen that shows
its jobs and counters, the polling of the screen (some 5 ms) included.

  TORC_BIN=build/release/bin scale_tests/tui_open.py [JOBS]
"""
import json
import os
import statistics
import sys
import time
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "e2e"))
import harness  # noqa: E402
import tui  # noqa: E402

JOBS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
PARTS = 20  # templates in the spec, each with its share of the jobs
TIMES = 5


class Bench(tui.Tui):
    """A test's world, for the sake of its folder, server and terminals."""

    def measure(self):
        server = self.server()
        self.write("spec.yaml", "name: large\njobs:\n" + "".join(
            f'  - {{name: "part_{r}_{{i}}", command: "true", '
            f'parameters: {{i: "1:{JOBS // PARTS}"}}}}\n' for r in range(PARTS)))
        began = time.monotonic()
        workflow = self.data("workflows", "create", "spec.yaml", url=server.url)["workflow_id"]
        print(f"created {JOBS:,} jobs in {time.monotonic() - began:.1f} s")
        for state in ("as created", "initialized"):
            if state == "initialized":
                self.torc("workflows", "initialize", workflow, "--force", url=server.url)
            self.endpoints(server.url, workflow, state)
            self.screens(server.url, state)

    def endpoints(self, url, workflow, state):
        base = f"{url}/workflows/{workflow}"
        for path in ("/progress", "/job_window?limit=200",
                     "/job_window?limit=200&reverse_sort=true",
                     "/job_window?limit=200&status=failed", "/job_window?limit=200&search=nothing",
                     "/job_window?limit=200&sort_by=name",
                     "/job_window?limit=200&sort_by=exec_time_minutes"):
            print(f"  {state}: GET {path}: {self.seconds(lambda: get(base + path)) * 1000:.1f} ms")

    @staticmethod
    def seconds(what):
        times = []
        for _ in range(TIMES):
            began = time.monotonic()
            what()
            times.append(time.monotonic() - began)
        return statistics.median(times)

    def screens(self, url, state):
        total = f"{JOBS:,}"
        opened, started, ended = [], [], []
        for _ in range(TIMES):
            began = time.monotonic()
            t = self.open(url=url)
            t.until(rf"/{total}")
            started.append(time.monotonic() - began)
            began = time.monotonic()
            t.press("Enter")
            t.until(rf"/{total}", r"Name +Status", r"^ +1 ")
            opened.append(time.monotonic() - began)
            began = time.monotonic()
            t.press("End")
            t.until(rf"^ +{JOBS} ")
            ended.append(time.monotonic() - began)
            t.close()
        for what, times in (("torc tui to its list with counters", started),
                            ("Enter to jobs and counters", opened), ("End to the last job", ended)):
            print(f"  {state}: {what}: median {statistics.median(times) * 1000:.0f} ms, "
                  f"max {max(times) * 1000:.0f} ms")


def get(url):
    with urllib.request.urlopen(url, timeout=harness.PATIENCE_S) as reply:
        return json.load(reply)


if __name__ == "__main__":
    bench = Bench()
    bench.setUp()
    try:
        bench.measure()
    finally:
        bench.doCleanups()
