"""What the server tells Prometheus, judged by Prometheus' own programs."""
import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import harness

HERE = os.path.dirname(os.path.abspath(__file__))
DASHBOARD = os.path.join(HERE, "..", "..", "docs", "monitoring", "grafana-dashboard.json")


def listening_port(pid):
    """The port of the one TCP socket that the process listens on; none yet: None."""
    sockets = set()
    for fd in os.listdir(f"/proc/{pid}/fd"):
        try:
            sockets.add(os.readlink(f"/proc/{pid}/fd/{fd}"))
        except FileNotFoundError:
            pass
    with open(f"/proc/{pid}/net/tcp", encoding="ascii") as table:
        for line in list(table)[1:]:
            words = line.split()
            if words[3] == "0A" and f"socket:[{words[9]}]" in sockets:
                return int(words[1].split(":")[1], 16)
    return None


class Metrics(harness.Case):

    def setUp(self):
        super().setUp()
        server = self.server()
        self.url, self.port = server.url, server.port

    def run_one(self):
        workflow = self.create("name: m\njobs: [{name: a, command: 'true'}, {name: b, "
                               "command: 'false', depends_on: [a]}]\n", self.url)
        self.torc("workflows", "run", workflow, url=self.url, exits=1)
        return workflow

    def scrape(self, path="/metrics"):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}",
                                    timeout=harness.PATIENCE_S) as reply:
            self.kind = reply.headers["content-type"]
            return reply.read().decode()

    def sample(self, text, name, **labels):
        wanted = {f'{k}="{v}"' for k, v in labels.items()}
        for line in text.splitlines():
            if re.match(name + r"[ {]", line) and all(label in line for label in wanted):
                return float(line.rsplit(" ", 1)[1])
        return self.fail(f"no {name} {labels} in\n{text}")

    def promtool(self, *words, said=""):
        checked = subprocess.run(["promtool", *words], input=said, capture_output=True, text=True,
                                 cwd=self.folder, timeout=harness.PATIENCE_S)
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
        self.assertNotIn("WARNING", checked.stderr)
        return checked.stdout

    def test_the_text_pleases_promtool(self):
        self.run_one()
        text = self.scrape()
        self.assertTrue(self.kind.startswith("text/plain; version=0.0.4"), self.kind)
        self.assertEqual(self.promtool("check", "metrics", said=text), "")

    def test_it_counts_what_happened(self):
        workflow = self.run_one()
        for path in ("/nothing", "/torc-service/v1/jobs/1/complete_job"):
            with self.assertRaises(urllib.error.HTTPError) as refused:
                self.scrape(path)
            refused.exception.close()
        text = self.scrape()
        self.assertEqual(self.sample(text, "torc_jobs", workflow=workflow, status="completed"), 1)
        self.assertEqual(self.sample(text, "torc_jobs", workflow=workflow, status="failed"), 1)
        self.assertEqual(self.sample(text, "torc_jobs", workflow=workflow, status="ready"), 0)
        self.assertEqual(self.sample(text, "torc_completions_total"), 2)
        self.assertEqual(self.sample(text, "torc_span_busy_seconds_count", span="complete_job"), 2)
        self.assertGreaterEqual(self.sample(text, "torc_commits_total"), 2)
        self.assertEqual(self.sample(text, "torc_commit_seconds_count"),
                         self.sample(text, "torc_group_commit_writes_count"))
        self.assertEqual(self.sample(text, "torc_claim_seconds_count"),
                         self.sample(text, "torc_span_busy_seconds_count",
                                     span="prepare_ready_jobs"))
        self.assertGreaterEqual(self.sample(text, "torc_room_handler_seconds_count",
                                            room="collector", message="report"), 1)
        self.assertEqual(self.sample(text, "torc_http_requests_total", method="POST",
                                     route="/submissions", status="200"), 1)
        self.assertGreaterEqual(self.sample(text, "torc_http_requests_total", method="",
                                            route="", status="404"), 1)
        self.assertGreater(self.sample(text, "process_resident_memory_bytes"), 1 << 20)
        self.assertGreater(self.sample(text, "torc_database_bytes"), 0)
        self.assertGreaterEqual(self.sample(text, "torc_open_grants"), 0)

    def test_every_expression_of_the_dashboard_is_valid_and_about_something_there_is(self):
        self.run_one()
        text = self.scrape()
        there = set(re.findall(r"^([a-z_]+)[ {]", text, re.M))
        with open(DASHBOARD, encoding="utf-8") as file:
            panels = json.load(file)["panels"]
        rules = []
        for panel in panels:
            for target in panel["targets"]:
                used = set(re.findall(r"\b(?:torc|process)_[a-z_]+", target["expr"]))
                self.assertTrue(used)
                self.assertLessEqual(used, there)
                expression = target["expr"].replace("$__rate_interval", "1m")
                rules.append({"record": f"r{len(rules)}",
                              "expr": expression.replace("$workflow", ".*")})
        self.write("rules.yml", json.dumps({"groups": [{"name": "all", "rules": rules}]}))
        self.promtool("check", "rules", "rules.yml")

    def test_prometheus_itself_scrapes_it(self):
        self.run_one()
        self.write("prometheus.yml", json.dumps({
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
            "scrape_configs": [{"job_name": "torc", "static_configs": [
                {"targets": [f"127.0.0.1:{self.port}"]}]}]}))
        self.promtool("check", "config", "prometheus.yml")
        with open(self.path("prometheus.log"), "wb") as log:
            scraper = subprocess.Popen(
                ["prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=series",
                 "--web.listen-address=127.0.0.1:0"],
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            self.assertEqual(self.asked(scraper, "torc_completions_total"), "2")
            self.assertEqual(self.asked(scraper, 'up{job="torc"}'), "1")
        finally:
            scraper.terminate()
            scraper.wait(harness.PATIENCE_S)

    def asked(self, scraper, query):
        """What Prometheus answers as soon as it knows."""
        deadline = time.monotonic() + harness.PATIENCE_S
        while time.monotonic() < deadline:
            self.assertIsNone(scraper.poll(), self.read("prometheus.log"))
            port = listening_port(scraper.pid)
            if port is None:
                time.sleep(0.05)
                continue
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/query?query="
                                            + urllib.parse.quote(query), timeout=10) as reply:
                    found = json.load(reply)["data"]["result"]
                if found:
                    return found[0]["value"][1]
            except (OSError, ValueError):
                pass
            time.sleep(0.05)
        return self.fail(self.read("prometheus.log"))


if __name__ == "__main__":
    if not (shutil.which("promtool") and shutil.which("prometheus")):
        print("no promtool and prometheus: dev/install --tests installs them", file=sys.stderr)
        sys.exit(77)
    harness.main()
