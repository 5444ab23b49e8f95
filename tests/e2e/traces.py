"""Traces as a collector receives them, checked against the schema that OpenTelemetry publishes."""
import base64
import collections
import glob
import http.server
import json
import os
import re
import socket
import subprocess
import threading
import unittest
import urllib.error
import urllib.request

import harness

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = os.environ.get("TORC_SCHEMA_PYTHON", "")
# Rotel: a collector that is a package of PyPI's, program and all.
ROTEL = (glob.glob(os.path.join(os.environ.get("TORC_COLLECTOR", ""), "lib", "python*",
                                "site-packages", "rotel", "rotel-agent")) or [""])[0]

SPEC = """
name: traced
jobs:
  - {name: one, command: "echo $TRACEPARENT"}
  - {name: two, command: "echo $TRACEPARENT; exit 3", depends_on: [one]}
"""

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Collector:
    """Takes what is sent to it and keeps it."""

    def __init__(self):
        self.requests = []
        self.came = threading.Condition()
        keep = self.keep

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                keep(self.path, {k.lower(): v for k, v in self.headers.items()}, body)
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def keep(self, path, headers, body):
        with self.came:
            self.requests.append((path, headers, body))
            self.came.notify_all()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def spans(self):
        """(service, span) of all that came."""
        found = []
        for _, _, body in self.requests:
            for part in json.loads(body)["resourceSpans"]:
                names = {a["key"]: a["value"].get("stringValue")
                         for a in part["resource"]["attributes"]}
                for scope in part["scopeSpans"]:
                    found += [(names["service.name"], span) for span in scope["spans"]]
        return found


class Rotel:
    """The collector, with a log of every span that it takes."""

    def __init__(self, case):
        self.case = case
        self.log_path = case.path("rotel.log")
        for _ in range(10):
            self.process = self.start()
            case.until(lambda: self.listens() or self.process.poll() is not None, "rotel hangs")
            if self.process.poll() is None:
                return
        case.fail(self.log())

    def start(self):
        """On two ports that were free a moment ago: it cannot choose them itself."""
        sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
        self.ports = [s.getsockname()[1] for s in sockets]
        for s in sockets:
            s.close()
        with open(self.log_path, "wb") as log:
            return subprocess.Popen(
                [ROTEL, "start", "--exporter", "blackhole", "--debug-log", "traces",
                 "--debug-log-verbosity", "detailed", "--pid-file", self.case.path("rotel.pid"),
                 "--otlp-http-endpoint", f"127.0.0.1:{self.ports[0]}",
                 "--otlp-grpc-endpoint", f"127.0.0.1:{self.ports[1]}"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=harness.environment())

    def listens(self):
        try:
            socket.create_connection(("127.0.0.1", self.ports[0])).close()
            return True
        except OSError:
            return False

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return log.read()

    def spans(self):
        """(service, {what the log says of a span})"""
        found = []
        for part in re.split(r"^ResourceSpans #\d+$", self.log(), flags=re.M)[1:]:
            service = re.search(r"-> service.name: Str\((.*)\)", part).group(1)
            for span in re.split(r"^Span #\d+$", part, flags=re.M)[1:]:
                said = dict(re.findall(r"^ +(\w[\w ]*?) *: (.*)$", span, re.M))
                said.update(re.findall(r"^ +-> ([\w.]+): \w+\((.*)\)$", span, re.M))
                found.append((service, said))
        return found

    def close(self):
        self.process.terminate()
        self.process.wait(harness.PATIENCE_S)


def attributes(span):
    return {a["key"]: list(a["value"].values())[0] for a in span["attributes"]}


class Traces(harness.Case):

    def setUp(self):
        super().setUp()
        self.collector = Collector()
        self.addCleanup(self.collector.close)
        self.env = {"OTEL_EXPORTER_OTLP_ENDPOINT": self.collector.url,
                    "OTEL_EXPORTER_OTLP_HEADERS": "x-tenant=t%201"}

    def run_workflow(self, url, env):
        workflow = self.create(SPEC, url)
        code, out, err = self.end(self.start("workflows", "run", workflow, url=url, env=env))
        self.assertEqual(code, 1, out + err)
        return workflow

    def job_spans(self):
        """Of each job's trace its spans by name."""
        traces = collections.defaultdict(dict)
        for service, span in self.collector.spans():
            if span["kind"] != 2:
                traces[span["traceId"]].setdefault(span["name"], (service, span))
        return {attributes(t["job"][1])["torc.job.name"]: t for t in traces.values()}

    def test_a_job_is_one_trace_over_server_runner_and_its_own_environment(self):
        server = self.server(env=self.env)
        self.run_workflow(server.url, {**self.env, "TRACEPARENT": CALLER})
        self.assertEqual(server.stop(), 0)  # what waits is sent before it ends
        jobs = self.job_spans()
        self.assertEqual(set(jobs), {"one", "two"})
        for name, spans in jobs.items():
            self.assertEqual(set(spans), {"job", "blocked", "queued", "commit", "attempt",
                                          "dispatch", "run", "record"}, name)
            service = {part: spans[part][0] for part in spans}
            self.assertEqual(service.pop("run"), "torc-runner")
            self.assertEqual(set(service.values()), {"torc-server"})
            ids = {part: spans[part][1]["spanId"] for part in spans}
            self.assertEqual(len(set(ids.values())), 8)
            parents = {part: spans[part][1].get("parentSpanId") for part in spans}
            self.assertEqual(parents, {
                "job": None, "blocked": ids["job"], "queued": ids["job"], "commit": ids["job"],
                "attempt": ids["job"], "dispatch": ids["attempt"], "run": ids["attempt"],
                "record": ids["job"]})
            times = {part: (int(spans[part][1]["startTimeUnixNano"]),
                            int(spans[part][1]["endTimeUnixNano"])) for part in spans}
            way = [times["blocked"], times["queued"], times["commit"], times["dispatch"],
                   times["run"], times["record"]]
            for before, after in zip(way, way[1:]):
                self.assertLessEqual(before[1], after[0] + 1000, name)
            self.assertEqual(times["job"], (way[0][0], way[-1][1]))
            self.assertEqual(spans["run"][1]["links"][0]["traceId"], CALLER.split("-")[1])
        self.assertEqual(jobs["one"]["job"][1]["status"], {})
        self.assertEqual(jobs["two"]["job"][1]["status"],
                         {"message": "failed, return code 3", "code": 2})
        outputs = {self.read("torc_output", "job_stdio", name).strip()
                   for name in os.listdir(self.path("torc_output", "job_stdio"))
                   if name.endswith(".o")}
        self.assertEqual(outputs, {f"00-{t['run'][1]['traceId']}-{t['run'][1]['spanId']}-01"
                                   for t in jobs.values()})

    def test_requests_belong_to_the_trace_of_their_caller(self):
        server = self.server(env=self.env)
        request = urllib.request.Request(server.url + "/ping", headers={"traceparent": CALLER})
        with urllib.request.urlopen(request, timeout=harness.PATIENCE_S) as reply:
            answer = reply.headers["traceresponse"]
        server.get("/version")
        for header in ("00-junk", CALLER[:-2] + "00"):
            request = urllib.request.Request(server.url + "/jobs/5", headers={"traceparent": header})
            with self.assertRaises(urllib.error.HTTPError) as missing:
                urllib.request.urlopen(request, timeout=harness.PATIENCE_S)
            missing.exception.close()
        self.assertEqual(server.stop(), 0)
        spans = {s["name"]: s for _, s in self.collector.spans()}
        self.assertEqual(set(spans), {"GET /ping", "GET /version", "GET /jobs/{id}"})
        _, trace, parent, _ = CALLER.split("-")
        ping = spans["GET /ping"]
        self.assertEqual((ping["traceId"], ping["parentSpanId"], ping["kind"]), (trace, parent, 2))
        self.assertEqual(answer, f"00-{trace}-{ping['spanId']}-01")
        self.assertNotIn("parentSpanId", spans["GET /version"])
        missed = attributes(spans["GET /jobs/{id}"])
        self.assertEqual((missed["http.route"], missed["http.response.status_code"]),
                         ("/jobs/{id}", "404"))
        # Of the two requests for the job the second was not to be recorded.
        self.assertEqual(len(self.collector.spans()), 3)
        path, headers, _ = self.collector.requests[0]
        self.assertEqual((path, headers["x-tenant"], headers["content-type"]),
                         ("/v1/traces", "t 1", "application/json"))

    def test_without_an_endpoint_nothing_is_traced(self):
        server = self.server()
        with urllib.request.urlopen(server.url + "/ping", timeout=harness.PATIENCE_S) as reply:
            self.assertIsNone(reply.headers["traceresponse"])
        self.run_workflow(server.url, None)
        self.assertEqual(self.job_outputs(), {""})

    def test_a_runner_without_an_exporter_puts_its_jobs_under_the_servers_span(self):
        server = self.server(env={**self.env, "OTEL_SERVICE_NAME": "mine"})
        self.run_workflow(server.url, None)
        self.assertEqual(server.stop(), 0)
        spans = self.job_spans()
        self.assertEqual({t["attempt"][0] for t in spans.values()}, {"mine"})
        self.assertTrue(all("run" not in t for t in spans.values()))
        self.assertEqual(self.job_outputs(),
                         {f"00-{t['attempt'][1]['traceId']}-{t['attempt'][1]['spanId']}-01"
                          for t in spans.values()})

    def test_what_the_sampler_leaves_out_is_not_sent(self):
        server = self.server(env={**self.env, "OTEL_TRACES_SAMPLER": "traceidratio",
                                  "OTEL_TRACES_SAMPLER_ARG": "1e-18"})
        self.run_workflow(server.url, self.env)
        self.assertEqual(server.stop(), 0)
        self.assertEqual(self.collector.spans(), [])
        for text in self.job_outputs():
            self.assertRegex(text, r"^00-[0-9a-f]{32}-[0-9a-f]{16}-00$")

    def test_a_collector_that_accepts_and_never_answers_holds_up_nothing(self):
        with socket.create_server(("127.0.0.1", 0), backlog=64) as deaf:
            env = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{deaf.getsockname()[1]}",
                   "OTEL_EXPORTER_OTLP_TIMEOUT": "3600000", "OTEL_BSP_SCHEDULE_DELAY": "1",
                   "OTEL_BSP_MAX_QUEUE_SIZE": "16"}
            server = self.server(env=env)
            self.run_workflow(server.url, env)
            for _ in range(100):
                server.get("/ping")
            text = self.metrics(server)
            self.assertGreater(self.sample(text, "torc_trace_spans_dropped_total"), 0)
            self.assertEqual(self.sample(text, "torc_trace_spans_exported_total"), 0)
            self.assertEqual(server.stop(), 0)

    def test_a_collector_that_is_not_there_is_told_of_once_and_counted(self):
        with socket.create_server(("127.0.0.1", 0)) as gone:
            port = gone.getsockname()[1]
        server = self.server(env={"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}",
                                  "OTEL_BSP_SCHEDULE_DELAY": "1"})
        server.get("/ping")
        self.until_said("traces cannot be exported", "server.log")
        self.assertGreater(self.sample(self.metrics(server), "torc_trace_export_failures_total"), 0)
        self.assertEqual(server.stop(), 0)
        self.assertEqual(server.log().count("traces cannot be exported"), 1)

    @unittest.skipUnless(os.path.exists(PYTHON), "dev/install --tests installs the schema")
    def test_every_request_is_what_the_published_schema_allows(self):
        server = self.server(env=self.env)
        self.run_workflow(server.url, {**self.env, "TRACEPARENT": CALLER})
        self.assertEqual(server.stop(), 0)
        bodies = [in_base64(json.loads(body)) for _, _, body in self.collector.requests]
        read = subprocess.run([PYTHON, os.path.join(HERE, "otlp_schema.py")], text=True,
                              input=json.dumps(bodies), capture_output=True, check=False,
                              timeout=harness.PATIENCE_S)
        self.assertEqual(read.returncode, 0, read.stderr)
        self.assertEqual(int(read.stdout), len(self.collector.spans()))

    @unittest.skipUnless(ROTEL, "dev/install --tests installs a collector")
    def test_a_collector_of_others_takes_it_all(self):
        rotel = Rotel(self)
        self.addCleanup(rotel.close)
        env = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{rotel.ports[0]}",
               "OTEL_BSP_SCHEDULE_DELAY": "50"}
        server = self.server(env=env)
        self.run_workflow(server.url, {**env, "TRACEPARENT": CALLER})
        sent = 'torc_trace_spans_exported_total'
        self.until(lambda: self.sample(self.metrics(server), sent) > 0, "nothing was exported")
        self.assertEqual(server.stop(), 0)
        self.assertNotIn("traces cannot be exported", server.log())
        parts = {"job", "blocked", "queued", "commit", "attempt", "dispatch", "run", "record"}
        self.until(lambda: [s["Name"] for _, s in rotel.spans()].count("record") == 2, rotel.log())
        traces = collections.defaultdict(dict)
        for service, span in rotel.spans():
            if span["Name"] in parts:
                traces[span["Trace ID"]][span["Name"]] = (service, span)
        self.assertEqual({t["job"][1]["torc.job.name"] for t in traces.values()}, {"one", "two"})
        for spans in traces.values():
            self.assertEqual(set(spans), parts)
            self.assertEqual({n: s[0] for n, s in spans.items()},
                             {n: "torc-runner" if n == "run" else "torc-server" for n in parts})
            self.assertEqual(spans["run"][1]["Parent ID"], spans["attempt"][1]["ID"])
        callers = [s for _, s in rotel.spans() if s["Trace ID"] == CALLER.split("-")[1]]
        self.assertIn("POST /workflows/{id}/start", {s["Name"] for s in callers})

    def job_outputs(self):
        folder = ("torc_output", "job_stdio")
        return {self.read(*folder, name).strip() for name in os.listdir(self.path(*folder))
                if name.endswith(".o")}

    def metrics(self, server):
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/metrics",
                                    timeout=harness.PATIENCE_S) as reply:
            return reply.read().decode()

    def sample(self, text, name):
        return float(re.search(rf"^{name} (\S+)$", text, re.M).group(1))


def in_base64(message):
    """OTLP's JSON has ids in hexadecimal where protobuf's has base64: the one deviation."""
    if isinstance(message, list):
        return [in_base64(part) for part in message]
    if not isinstance(message, dict):
        return message
    return {key: base64.b64encode(bytes.fromhex(value)).decode()
            if key in ("traceId", "spanId", "parentSpanId") else in_base64(value)
            for key, value in message.items()}


if __name__ == "__main__":
    harness.main()
