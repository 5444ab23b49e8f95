"""Following what happens in a workflow."""
import json
import re
import urllib.request

import harness

SPEC = """
name: followed
jobs:
  - {name: good, command: "true"}
  - {name: bad, command: "exit 3", depends_on: [good]}
  - {name: never, command: "true", depends_on: [bad]}
"""


class Events(harness.Case):

    def setUp(self):
        super().setUp()
        server = self.server()
        self.url, self.port = server.url, server.port
        self.workflow = self.create(SPEC, self.url)

    def stream(self, query="", last=None):
        request = urllib.request.Request(
            f"{self.url}/workflows/{self.workflow}/events/stream{query}",
            headers={"Last-Event-ID": last} if last else {})
        reply = urllib.request.urlopen(request, timeout=harness.PATIENCE_S)
        self.addCleanup(reply.close)
        return reply

    def frames(self, reply, last_type):
        """Everything up to the first event of that type, as dictionaries."""
        frames, frame = [], {}
        for line in reply:
            line = line.decode().rstrip("\n")
            if line:
                name, _, value = line.partition(": ")
                frame[name] = value
                continue
            frames.append(frame)
            if frame.get("event") == last_type:
                return frames
            frame = {}
        return self.fail(f"the stream ended; it said {frames}")

    def run_it(self):
        self.torc("workflows", "run", self.workflow, url=self.url, exits=1)

    def test_a_run_is_told_from_its_start_to_its_end(self):
        reply = self.stream()
        self.assertEqual(reply.headers["content-type"], "text/event-stream")
        self.run_it()
        frames = self.frames(reply, "compute_node_stopped")
        types = [f["event"] for f in frames]
        self.assertEqual(types[0], "workflow_started")
        self.assertIn("compute_node_started", types)
        self.assertEqual([t for t in types if t.startswith("job_")],
                         ["job_started", "job_completed", "job_started", "job_failed"])
        self.assertEqual(len({f["id"] for f in frames}), len(frames))
        events = [json.loads(f["data"]) for f in frames]
        self.assertTrue(all(e["workflow_id"] == self.workflow for e in events))
        failed = next(e for e in events if e["event_type"] == "job_failed")
        self.assertEqual(failed["severity"], "error")
        self.assertEqual((failed["data"]["job_name"], failed["data"]["return_code"],
                          failed["data"]["run_id"]), ("bad", 3, 1))
        self.assertGreater(failed["timestamp"], 1_600_000_000_000)

    def test_only_what_is_severe_enough_is_told(self):
        reply = self.stream("?level=error")
        self.run_it()
        self.assertEqual(len(self.frames(reply, "job_failed")), 1)

    def test_a_watcher_that_comes_back_hears_what_it_missed(self):
        reply = self.stream()
        self.run_it()
        frames = self.frames(reply, "compute_node_stopped")
        reply.close()
        again = self.frames(self.stream(last=frames[1]["id"]), "compute_node_stopped")
        self.assertEqual(again, frames[2:])

    def test_an_open_stream_does_not_keep_the_server_from_ending(self):
        reply = self.stream()
        self.assertEqual(self.servers[0].stop(), 0)
        reply.close()

    def test_monitor_shows_events_and_writes_them_down(self):
        shown = self.start("events", "monitor", self.workflow, "--filename", "events.jsonl",
                           url=self.url)
        while not re.search(r"^torc_event_watchers 1$", self.metrics(), re.M):
            self.assertIsNone(shown.poll())
        self.run_it()
        lines = []
        while not lines or "compute_node_stopped" not in lines[-1]:
            lines.append(shown.stdout.readline())
            self.assertTrue(lines[-1], lines)
        shown.terminate()
        shown.communicate(timeout=harness.PATIENCE_S)
        text = "".join(lines)
        self.assertRegex(text, r"Z error job_failed job_id=\d+ job_name=bad status=failed "
                               r"return_code=3 ")
        written = [json.loads(line) for line in self.read("events.jsonl").splitlines()]
        self.assertEqual(len(written), len(lines))

    def test_monitor_ends_when_its_time_is_over_and_refuses_nonsense(self):
        self.torc("events", "monitor", self.workflow, "-d", "0.001", url=self.url)
        self.torc("events", "monitor", 99, url=self.url, exits=1)
        self.torc("events", "monitor", self.workflow, "--level", "loud", url=self.url, exits=2)

    def test_events_of_ones_own_are_created_listed_and_deleted(self):
        def events(*words):
            return self.data("events", *words, url=self.url)

        first = events("create", self.workflow, "-d", '{"category": "note", "text": "a b"}')
        second = events("create", self.workflow, "--data", "[1, 2]")
        self.assertEqual((first["workflow_id"], second["data"]), (self.workflow, [1, 2]))
        self.assertEqual([e["id"] for e in events("list", self.workflow)["events"]],
                         [first["id"], second["id"]])
        for option in ("--category", "-t", "--type"):
            self.assertEqual(events("list", self.workflow, option, "note")["events"], [first])
        self.assertEqual(events("list", self.workflow, "-t", "none"), {"events": []})
        self.assertEqual(events("get-latest-event", self.workflow)["id"], second["id"])
        self.assertEqual(events("delete", second["id"])["id"], second["id"])
        self.assertEqual(events("get-latest-event", self.workflow), first)
        self.assertIn('"text":"a b"', self.torc("events", "list", self.workflow, url=self.url))
        self.torc("events", "delete", second["id"], url=self.url, exits=1)
        self.torc("events", "create", self.workflow, "-d", "{", url=self.url, exits=1)
        self.torc("events", "create", self.workflow, url=self.url, exits=2)
        self.torc("events", "delete", first["id"], url=self.url)
        self.torc("events", "get-latest-event", self.workflow, url=self.url, exits=1)

    def metrics(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics",
                                    timeout=harness.PATIENCE_S) as reply:
            return reply.read().decode()


if __name__ == "__main__":
    harness.main()
