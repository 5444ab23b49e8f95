"""Under full load the database is opened for writing once, and nobody finds it locked."""
import glob
import json
import os
import threading
import urllib.request

import harness

RUNNERS, STAGES, WIDTH, PEOPLE = 16, 4, 60, 4


def staged():
    lines = ["name: load", "jobs:"]
    for s in range(1, STAGES + 1):
        waits = f", depends_on: [barrier_{s - 1}]" if s > 1 else ""
        lines.append(f'  - {{name: "s{s}_{{i:03d}}", command: "true", '
                     f'parameters: {{i: "1:{WIDTH}"}}{waits}}}')
        lines.append(f"  - {{name: barrier_{s}, command: \"true\", "
                     f'depends_on_regexes: ["^s{s}_\\\\d+$"]}}')
    return "\n".join(lines) + "\n"


class OneWriter(harness.Case):

    def person(self, server, workflow, done):
        """Reads and writes over HTTP as fast as the server answers, until the runners are done."""
        while not done.is_set():
            request = urllib.request.Request(
                server.url + "/workflows", method="POST",
                data=json.dumps({"name": "noise", "user": "somebody"}).encode())
            urllib.request.urlopen(request, timeout=harness.PATIENCE_S).read()
            server.get(f"/jobs?workflow_id={workflow}")
            server.get(f"/results?workflow_id={workflow}")
            self.asked += 1

    def test_full_load_opens_the_database_for_writing_once_and_never_meets_a_lock(self):
        opens = self.path("opens")
        server = self.server(env={"LD_PRELOAD": os.environ["TORC_SHIM"], "TORC_OPENS": opens})
        workflow = self.create(staged(), server.url)
        self.asked = 0
        done = threading.Event()
        people = [threading.Thread(target=self.person, args=(server, workflow, done))
                  for _ in range(PEOPLE)]
        for thread in people:
            thread.start()
        try:
            runners = [self.start("workflows", "run", workflow, url=server.url)
                       for _ in range(RUNNERS)]
            for runner in runners:
                code, out, err = self.end(runner)
                self.assertEqual(code, 0, out + err)
        finally:
            done.set()
            for thread in people:
                thread.join()
        self.assertGreater(self.asked, PEOPLE)
        results = self.data("results", "list", workflow, "--all-runs", url=server.url)["results"]
        self.assertEqual(len({r["job_id"] for r in results}), STAGES * (WIDTH + 1))
        self.assertEqual(len(results), STAGES * (WIDTH + 1))
        stats = server.get("/server_stats")
        self.assertEqual(stats["busy_retries"], 0)
        self.assertEqual(server.stop(), 0)
        with open(opens) as file:
            lines = file.read().split("\n")
        database = os.path.realpath(self.path("server.db"))
        self.assertEqual(lines.count(f"rw {database}"), 1, lines)
        self.assertGreaterEqual(lines.count(f"ro {database}"), 1, lines)
        logs = [server.log_path, *glob.glob(self.path("torc_output", "*.log"))]
        self.assertGreater(len(logs), 1)
        for log in logs:
            with open(log) as file:
                self.assertNotIn("locked", file.read(), log)


if __name__ == "__main__":
    harness.main()
