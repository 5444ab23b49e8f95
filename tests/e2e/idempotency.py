"""A call with an Idempotency-Key takes effect once, whatever is killed between its repetitions."""
import json
import sqlite3
import threading
import urllib.error
import urllib.request

import harness

NODE = {"num_cpus": 4, "memory_gb": 8.0, "num_gpus": 0, "num_nodes": 1}


class Idempotency(harness.Case):

    def setUp(self):
        super().setUp()
        self.now = self.server()

    def restart(self):
        """As after kill -9, on the same database."""
        self.now.kill()
        self.now = self.server()

    def forget_answer(self, key):
        """As if the server had been killed after the effect, before its answer was known."""
        self.now.kill()
        with sqlite3.connect(self.path("server.db")) as database:
            changed = database.execute(
                "UPDATE kept_call SET status = NULL, type = NULL, body = NULL WHERE key = ?",
                (key,)).rowcount
        database.close()
        self.assertEqual(changed, 1, key)
        self.now = self.server()

    def ask(self, method, path, body=None, key=None):
        """The status and the body."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        request = urllib.request.Request(self.now.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=harness.PATIENCE_S) as reply:
                return reply.status, json.load(reply)
        except urllib.error.HTTPError as e:
            with e:
                return e.code, e.read().decode()

    def must(self, *call, **how):
        status, said = self.ask(*call, **how)
        self.assertLess(status, 300, (call, said))
        return said

    def workflow(self, jobs=0):
        self.id = self.must("POST", "/workflows", {"name": "w", "user": "ada"})["id"]
        self.node = self.must("POST", "/compute_nodes", {
            "workflow_id": self.id, "hostname": "h", "pid": 1, "start_time": "2026-01-01T00:00:00Z",
            "compute_node_type": "local", **NODE})["id"]
        self.jobs = [job["id"] for job in self.must("POST", "/bulk_jobs", {"jobs": [
            {"workflow_id": self.id, "name": f"j{i}", "command": "true"} for i in range(jobs)]})[
                "jobs"]]

    def started(self):
        self.must("POST", f"/workflows/{self.id}/initialize_jobs")

    def same_twice(self, *call, between):
        """Makes a call, lets something happen, makes it again. The one answer to both."""
        key = f"key of {call[:2]}".replace(" ", "_")
        first = self.ask(*call, key=key)
        self.assertLess(first[0], 300, (call, first))
        between(key)
        self.assertEqual(self.ask(*call, key=key), first, call)
        return first[1]

    def betweens(self):
        return {"nothing": lambda key: None, "a kill": lambda key: self.restart(),
                "a kill before the answer": self.forget_answer}.items()

    def test_a_creation(self):
        self.workflow()
        for name, between in self.betweens():
            with self.subTest(name):
                before = len(self.must("GET", f"/files?workflow_id={self.id}")["items"])
                self.same_twice("POST", "/files",
                                {"workflow_id": self.id, "name": name, "path": "/f"},
                                between=lambda key, b=between: b(key))
                after = len(self.must("GET", f"/files?workflow_id={self.id}")["items"])
                self.assertEqual(after, before + 1)
                # The next round is a call of its own.
                self.now.kill()
                with sqlite3.connect(self.path("server.db")) as database:
                    database.execute("DELETE FROM kept_call")
                database.close()
                self.now = self.server()

    def test_many_jobs_whose_answer_is_too_long_to_be_kept(self):
        self.workflow()
        jobs = [{"workflow_id": self.id, "name": f"j{i}", "command": "true"} for i in range(500)]
        said = self.same_twice("POST", "/bulk_jobs", {"jobs": jobs},
                               between=lambda key: self.restart())
        self.assertEqual(len(said["jobs"]), 500)
        self.assertEqual(self.must("GET", f"/workflows/{self.id}/job_ids")["count"], 500)

    def test_a_claim_takes_its_jobs_once(self):
        self.workflow(jobs=6)
        self.started()
        said = self.same_twice("POST", f"/workflows/{self.id}/claim_next_jobs?limit=2",
                               between=self.forget_answer)
        self.assertEqual(len(said["jobs"]), 2)
        pending = self.must("GET", f"/jobs?workflow_id={self.id}&status=pending")["items"]
        self.assertEqual({job["id"] for job in pending}, {job["id"] for job in said["jobs"]})

    def test_a_start_and_an_end(self):
        self.workflow(jobs=1)
        self.started()
        job, = self.jobs
        run = self.must("GET", f"/workflows/{self.id}/status")["run_id"]
        self.must("POST", f"/workflows/{self.id}/claim_next_jobs")
        self.same_twice("PUT", f"/jobs/{job}/start_job/{run}/{self.node}",
                        between=self.forget_answer)
        said = self.same_twice("POST", f"/jobs/{job}/complete_job/failed/{run}", {
            "job_id": job, "workflow_id": self.id, "run_id": run, "compute_node_id": self.node,
            "return_code": 3, "exec_time_minutes": 0.1, "status": "failed",
            "completion_time": "2026-01-01T00:00:01Z"}, between=self.forget_answer)
        self.assertEqual(said["status"], "failed")
        self.assertEqual(
            len(self.must("GET", f"/results?workflow_id={self.id}&all_runs=true")["items"]), 1)
        said = self.same_twice("POST", f"/jobs/{job}/retry/{run}?max_retries=5",
                               between=self.forget_answer)
        self.assertEqual(said["attempt_id"], 2)
        self.assertEqual(self.must("GET", f"/jobs/{job}")["attempt_id"], 2)

    def test_a_fresh_run(self):
        self.workflow(jobs=2)
        said = self.same_twice("POST", f"/workflows/{self.id}/start", between=self.forget_answer)
        self.assertTrue(said["initialized"])
        self.assertEqual(self.must("GET", f"/workflows/{self.id}/status")["run_id"],
                         said["run_id"])

    def test_deletions(self):
        self.workflow(jobs=2)
        data = self.must("POST", "/user_data", {"workflow_id": self.id, "name": "d", "data": 7})
        for path in (f"/user_data/{data['id']}", f"/jobs/{self.jobs[0]}",
                     f"/workflows/{self.id}"):
            said = self.same_twice("DELETE", path, between=lambda key: self.restart())
            self.assertIn("id", said)
            self.assertEqual(self.ask("GET", path)[0], 404)

    def test_another_call_under_the_key_is_refused_after_a_kill_too(self):
        self.workflow()
        file = {"workflow_id": self.id, "name": "f", "path": "/f"}
        self.must("POST", "/files", file, key="k")
        self.restart()
        status, said = self.ask("POST", "/files", {**file, "name": "g"}, key="k")
        self.assertEqual(status, 422)
        self.assertIn("Idempotency-Key", said)
        self.assertEqual(len(self.must("GET", f"/files?workflow_id={self.id}")["items"]), 1)

    def test_a_kill_in_the_middle_of_many_calls(self):
        """Whether a call was answered or not: made again, each has taken effect once."""
        self.workflow()
        calls = 200
        answered = []
        some = threading.Event()

        def make(i):
            return self.ask("POST", "/files",
                            {"workflow_id": self.id, "name": f"f{i}", "path": "/f"}, key=f"k{i}")

        def make_all():
            for i in range(calls):
                try:
                    answered.append(make(i))
                except OSError:  # the server was killed
                    return
                if i == calls // 4:
                    some.set()

        caller = threading.Thread(target=make_all)
        caller.start()
        self.assertTrue(some.wait(harness.PATIENCE_S))
        self.now.kill()
        caller.join()
        self.now = self.server()
        again = [make(i) for i in range(calls)]
        self.assertEqual(again[:len(answered)], answered)
        files = self.must("GET", f"/files?workflow_id={self.id}")["items"]
        self.assertEqual(sorted(file["name"] for file in files),
                         sorted(f"f{i}" for i in range(calls)))


if __name__ == "__main__":
    harness.main()
