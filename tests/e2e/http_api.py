"""The HTTP API of the real server, as scripts and other clients use it."""
import json
import threading
import urllib.error
import urllib.request

import harness

GIB = {"num_cpus": 4, "memory_gb": 8.0, "num_gpus": 0, "num_nodes": 1}


class Api(harness.Case):

    def setUp(self):
        super().setUp()
        self.url = self.server().url

    def ask(self, method, path, body=None):
        """The status, and the body as data where it is JSON."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, method=method,
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=harness.PATIENCE_S) as reply:
                status, text = reply.status, reply.read().decode()
        except urllib.error.HTTPError as e:
            with e:
                status, text = e.code, e.read().decode()
        try:
            return status, json.loads(text)
        except ValueError:
            return status, text

    def call(self, method, path, body=None, status=200):
        found, said = self.ask(method, path, body)
        self.assertEqual(found, status, f"{method} {path}: {said}")
        return said

    def workflow(self, jobs=1, chain=False):
        """Jobs with names j0, j1, ...; each depends on the one before where it is a chain."""
        self.id = self.call("POST", "/workflows", {"name": "w", "user": "ada"})["id"]
        self.node = self.call("POST", "/compute_nodes", {
            "workflow_id": self.id, "hostname": "h", "pid": 1, "start_time": "2026-01-01T00:00:00Z",
            "compute_node_type": "local", **GIB})["id"]
        self.jobs = []
        for i in range(jobs):
            depends = self.jobs[-1:] if chain else []
            self.jobs.append(self.call("POST", "/jobs", {
                "workflow_id": self.id, "name": f"j{i}", "command": "true",
                "depends_on_job_ids": depends})["id"])
        return self.id

    def initialize(self):
        self.call("POST", f"/workflows/{self.id}/initialize_jobs")
        return self.call("GET", f"/workflows/{self.id}/status")["run_id"]

    def claim(self, limit=100):
        said = self.call("POST", f"/workflows/{self.id}/claim_next_jobs?limit={limit}")
        return [job["id"] for job in said["jobs"]]

    def claim_by_room(self, **room):
        said = self.call("POST", f"/workflows/{self.id}/claim_jobs_based_on_resources/100",
                         {**GIB, **room})
        return [job["id"] for job in said["jobs"]]

    def complete(self, job, run=0, code=0, attempt=1, start=True):
        if start:
            self.call("PUT", f"/jobs/{job}/start_job/{run}/{self.node}")
        how = "failed" if code else "completed"
        return self.call("POST", f"/jobs/{job}/complete_job/{how}/{run}", {
            "job_id": job, "workflow_id": self.id, "run_id": run, "attempt_id": attempt,
            "compute_node_id": self.node, "return_code": code, "exec_time_minutes": 0.1,
            "completion_time": "2026-01-01T00:00:01Z", "status": how})

    def statuses(self):
        said = self.call("GET", f"/jobs?workflow_id={self.id}")
        return [job["status"] for job in said["items"]]

    def is_complete(self):
        return self.call("GET", f"/workflows/{self.id}/is_complete")["is_complete"]

    def test_a_failed_job_of_a_complete_workflow_is_retried_and_runs(self):
        self.workflow(1)
        self.initialize()
        self.assertEqual(self.claim(), self.jobs)
        self.complete(self.jobs[0], code=1)
        self.assertTrue(self.is_complete())
        self.assertEqual(self.claim(), [])
        job = self.call("POST", f"/jobs/{self.jobs[0]}/retry/0?max_retries=2")
        self.assertEqual((job["status"], job["attempt_id"]), ("ready", 2))
        self.assertFalse(self.is_complete())
        self.assertEqual(self.claim(), self.jobs)
        self.complete(self.jobs[0], attempt=2)
        self.assertTrue(self.is_complete())
        self.call("POST", f"/jobs/{self.jobs[0]}/retry/0?max_retries=9", status=422)

    def test_a_failed_job_of_a_running_workflow_is_retried_and_its_successors_wait(self):
        self.workflow(2)
        last = self.call("POST", "/jobs", {
            "workflow_id": self.id, "name": "last", "command": "true",
            "depends_on_job_ids": self.jobs})["id"]
        self.initialize()
        first, second = self.claim()
        self.complete(first, code=1)
        self.call("POST", f"/jobs/{first}/retry/0?max_retries=3")
        self.complete(second)
        self.assertEqual(self.statuses(), ["ready", "completed", "blocked"])
        self.assertEqual(self.claim(), [first])
        self.complete(first, attempt=2)
        self.assertEqual(self.claim(), [last])

    def test_a_job_forced_to_ready_in_an_uninitialized_workflow_is_claimed(self):
        self.workflow(3)
        self.call("PUT", f"/jobs/{self.jobs[1]}/manage_status_change/ready/0")
        self.assertEqual(self.claim(), [self.jobs[1]])
        self.call("PUT", f"/jobs/{self.jobs[2]}/manage_status_change/ready/0")
        self.assertEqual(self.claim(), [self.jobs[2]])
        self.assertEqual(self.statuses(), ["uninitialized", "pending", "pending"])

    def test_a_job_forced_to_running_and_completed_releases_what_waits_for_it(self):
        self.workflow(2, chain=True)
        self.initialize()
        self.call("PUT", f"/jobs/{self.jobs[0]}/manage_status_change/running/0")
        self.complete(self.jobs[0], start=False)
        self.assertEqual(self.statuses(), ["completed", "ready"])
        self.assertEqual(self.claim(), [self.jobs[1]])

    def test_results_of_jobs_that_a_failure_canceled_are_taken_and_reset_with_it(self):
        self.workflow(3, chain=True)
        self.initialize()
        self.claim()
        self.complete(self.jobs[0], code=1)
        self.assertEqual(self.statuses(), ["failed", "canceled", "canceled"])
        self.complete(self.jobs[1], start=False)
        self.assertEqual(self.statuses(), ["failed", "completed", "canceled"])
        self.call("POST", f"/workflows/{self.id}/reset_job_status?failed_only=true")
        self.assertEqual(self.statuses(), ["uninitialized"] * 3)

    def test_updates_of_a_ready_job_and_of_its_requirement_change_who_may_claim_it(self):
        self.workflow(2)
        big = self.call("POST", "/resource_requirements", {
            "workflow_id": self.id, "name": "big", "num_cpus": 16})
        self.initialize()
        job = self.call("GET", f"/jobs/{self.jobs[0]}")
        shown = self.call("PUT", f"/jobs/{self.jobs[0]}",
                          {**job, "resource_requirements_id": big["id"]})
        self.assertEqual(shown["resource_requirements_id"], big["id"])
        self.assertEqual(self.claim_by_room(), [self.jobs[1]])
        self.assertEqual(self.claim_by_room(), [])
        self.call("PUT", f"/resource_requirements/{big['id']}", {**big, "num_cpus": 2})
        self.assertEqual(self.claim_by_room(), [self.jobs[0]])
        self.call("PUT", f"/jobs/{self.jobs[0]}", {**shown, "name": "late"}, status=422)

    def test_an_uninitialized_job_takes_a_new_name_command_and_dependencies(self):
        self.workflow(2)
        job = self.call("PUT", f"/jobs/{self.jobs[1]}", {
            "workflow_id": self.id, "name": "renamed", "command": "false",
            "depends_on_job_ids": [self.jobs[0]]})
        self.assertEqual((job["name"], job["command"]), ("renamed", "false"))
        self.assertEqual(job["depends_on_job_ids"], [self.jobs[0]])
        self.initialize()
        self.assertEqual(self.statuses(), ["ready", "blocked"])

    def test_edits_race_with_completions_and_no_job_is_lost(self):
        self.workflow(0)
        made = self.call("POST", "/bulk_jobs", {"jobs": [
            {"workflow_id": self.id, "name": f"j{i}", "command": "true"} for i in range(120)]})
        jobs = [job["id"] for job in made["jobs"]]
        self.initialize()
        wrong = []

        def edit():
            for n, job in enumerate(jobs):
                status, said = self.ask("PUT", f"/jobs/{job}", {
                    "workflow_id": self.id, "name": f"j{n}", "command": "true",
                    "priority": n % 7, "cancel_on_blocking_job_failure": n % 2 == 0})
                if status != 200:
                    wrong.append(said)

        editor = threading.Thread(target=edit)
        editor.start()
        attempts = dict.fromkeys(jobs, 1)
        done = []
        while len(done) < len(jobs):
            for job in self.claim(3):
                fails = job % 10 == 0 and attempts[job] == 1
                self.complete(job, code=1 if fails else 0, attempt=attempts[job])
                if fails:
                    self.call("POST", f"/jobs/{job}/retry/0?max_retries=2")
                    attempts[job] = 2
                else:
                    done.append(job)
        editor.join()
        self.assertEqual(wrong, [])
        self.assertEqual(sorted(done), jobs)
        self.assertTrue(self.is_complete())
        self.assertEqual(set(self.statuses()), {"completed"})
        shown = self.call("GET", f"/jobs?workflow_id={self.id}")["items"]
        self.assertEqual([job.get("priority", 0) for job in shown],
                         [n % 7 for n in range(len(jobs))])

    def test_initializing_again_takes_claimed_jobs_back_but_no_running_one(self):
        self.workflow(3)
        self.initialize()
        self.assertEqual(self.claim(), self.jobs)
        self.call("PUT", f"/jobs/{self.jobs[0]}/start_job/0/{self.node}")
        self.initialize()
        self.assertEqual(self.statuses(), ["running", "ready", "ready"])
        self.call("PUT", f"/jobs/{self.jobs[1]}/start_job/0/{self.node}", status=422)
        self.assertEqual(self.claim(), self.jobs[1:])
        self.complete(self.jobs[0], start=False)
        for job in self.jobs[1:]:
            self.complete(job)
        self.assertTrue(self.is_complete())

    def test_a_workflow_without_jobs_starts_and_so_does_its_action(self):
        self.workflow(0)
        path = f"/workflows/{self.id}/actions"
        action = self.call("POST", path, {
            "trigger_type": "on_workflow_start", "action_type": "run_commands",
            "action_config": {"commands": ["true"]}})
        self.assertEqual(self.call("GET", path + "/pending"), [])
        self.initialize()
        self.assertEqual([a["id"] for a in self.call("GET", path + "/pending")], [action["id"]])

    def test_jobs_whose_inputs_changed_are_reset(self):
        self.workflow(2)
        data = self.call("POST", f"/user_data?consumer_job_id={self.jobs[1]}", {
            "workflow_id": self.id, "name": "d", "data": {"a": 1}})
        self.assertEqual(self.call("GET", f"/jobs/{self.jobs[1]}")["input_user_data_ids"],
                         [data["id"]])
        self.initialize()
        path = f"/workflows/{self.id}/process_changed_job_inputs"
        self.assertEqual(self.call("POST", path), {"reinitialized_jobs": []})
        self.call("PUT", f"/user_data/{data['id']}", {**data, "data": {"a": 2}})
        self.assertEqual(self.call("POST", path + "?dry_run=true"), {"reinitialized_jobs": ["j1"]})
        self.assertEqual(self.statuses(), ["ready", "ready"])
        self.assertEqual(self.call("POST", path), {"reinitialized_jobs": ["j1"]})
        self.assertEqual(self.statuses(), ["ready", "uninitialized"])

    def test_groups_share_workflows_with_their_members(self):
        self.workflow(0)
        group = self.call("POST", "/access_groups", {"name": "team", "description": "us"})
        self.call("POST", "/access_groups", {"name": "team"}, status=409)
        check = f"/access_check/{self.id}/bob"
        self.assertFalse(self.call("GET", check)["has_access"])
        member = self.call("POST", f"/access_groups/{group['id']}/members",
                           {"user_name": "bob", "group_id": group["id"]})
        self.assertEqual(member["role"], "member")
        self.call("POST", f"/workflows/{self.id}/access_groups/{group['id']}")
        self.assertTrue(self.call("GET", check)["has_access"])
        self.assertEqual(self.call("GET", "/users/bob/groups")["items"], [group])
        self.assertEqual(self.call("GET", f"/workflows/{self.id}/access_groups")["total_count"], 1)
        self.assertEqual(self.call("DELETE", f"/access_groups/{group['id']}"), group)
        self.assertFalse(self.call("GET", check)["has_access"])
        self.call("GET", f"/access_groups/{group['id']}", status=404)

    def test_what_hangs_on_a_workflow_is_created_listed_and_deleted(self):
        self.workflow(1)
        mine = {"workflow_id": self.id}
        stats = {**mine, "job_id": self.jobs[0], "run_id": 0, "attempt_id": 1,
                 "max_rss_bytes": 5, "ave_cpu_seconds": 1.5}
        self.call("POST", "/slurm_stats", stats)
        self.call("POST", "/slurm_stats", stats, status=409)
        self.call("POST", "/slurm_stats", {**stats, "job_id": 99}, status=422)
        said = self.call("GET", f"/slurm_stats?workflow_id={self.id}&job_id={self.jobs[0]}&limit=7")
        self.assertEqual((said["count"], said["max_limit"]), (1, 7))
        for _ in range(3):
            self.call("POST", "/events", {**mine, "data": {"type": "x"}})
        self.assertEqual(self.call("DELETE", f"/events?workflow_id={self.id}"), {"count": 3})
        self.call("POST", "/resource_requirements", {**mine, "name": "r"})
        self.assertEqual(self.call("DELETE", f"/resource_requirements?workflow_id={self.id}"),
                         {"count": 1})
        workers = f"/workflows/{self.id}/remote_workers"
        self.call("POST", workers, ["b", "u@a"], status=201)
        self.assertEqual([w["worker"] for w in self.call("GET", workers)], ["b", "u@a"])
        self.call("DELETE", workers + "/u%40a")
        self.call("DELETE", workers + "/u%40a", status=404)
        made = self.call("POST", "/files", {**mine, "name": "f", "path": "/f", "st_mtime": 2.5})
        shown = self.call("PUT", f"/files/{made['id']}", {**mine, "name": "f", "path": "/f"})
        self.assertNotIn("st_mtime", shown)

    def test_lists_are_filtered_by_what_they_are_asked_for(self):
        self.workflow(1)
        mine = {"workflow_id": self.id}
        for name in ("Config", "other"):
            self.call("POST", "/user_data", {**mine, "name": name})
        self.call("POST", "/events", {**mine, "data": {"category": "system"}})
        self.call("POST", "/events", {**mine, "data": "plain"})
        long = self.call("POST", "/resource_requirements", {**mine, "name": "r", "runtime": "PT1H"})
        for memory in ("1g", "2g"):
            self.call("POST", "/local_schedulers", {**mine, "memory": memory})
        for path, names in (
                ("/user_data?name=conf", ["Config"]),
                ("/user_data?name=conf&is_ephemeral=true", []),
                ("/user_data?name=conf&is_ephemeral=false", ["Config"]),
                ("/compute_nodes?is_active=false", [None]),
                ("/local_schedulers?memory=2g", [None]),
                ("/resource_requirements?runtime=3600", [long["name"]]),
                (f"/resource_requirements?job_id={self.jobs[0]}", ["default"]),
                ("/events?category=system", [None])):
            said = self.call("GET", f"{path}&workflow_id={self.id}")
            self.assertEqual([row.get("name") for row in said["items"]], names, path)
            self.assertEqual(said["total_count"], len(names), path)

    def test_what_people_order_is_told_in_the_events(self):
        self.workflow(1)
        self.initialize()
        self.claim()
        self.complete(self.jobs[0], code=1)
        self.call("POST", f"/jobs/{self.jobs[0]}/retry/0?max_retries=5")
        self.call("PUT", f"/workflows/{self.id}/cancel")
        self.call("POST", f"/workflows/{self.id}/reset_status?force=true")
        self.call("POST", f"/workflows/{self.id}/reset_job_status")
        need = self.call("POST", "/resource_requirements", {"workflow_id": self.id, "name": "r"})
        self.call("PUT", f"/resource_requirements/{need['id']}", {**need, "num_cpus": 2})
        said = self.call("GET", f"/events?workflow_id={self.id}")["items"]
        action = {"category": "user_action", "workflow_id": self.id}
        self.assertEqual([event["data"] for event in said], [
            {"category": "job", "event_type": "job_retried", "job_id": self.jobs[0],
             "job_name": "j0", "run_id": 0, "previous_attempt": 1, "new_attempt": 2},
            {"category": "workflow_canceled", "workflow_id": self.id, "run_id": 0},
            {**action, "action": "reset_workflow_status", "force": True},
            {**action, "action": "reset_job_status", "failed_only": False, "updated_count": 1},
            {"category": "user_action", "action": "update_resource_requirements",
             "resource_requirements_id": need["id"], "name": "r", "num_cpus": 2, "num_gpus": 0,
             "num_nodes": 1, "memory": "1m", "runtime": "P0DT1M"}])

    def test_actions_of_workers_wait_for_the_start_and_need_commands(self):
        self.workflow(1)
        path = f"/workflows/{self.id}/actions"
        body = {"trigger_type": "on_worker_start", "action_type": "run_commands"}
        self.call("POST", path, {**body, "action_config": {"commands": []}}, status=422)
        action = self.call("POST", path, {**body, "action_config": {"commands": ["true"]}})
        self.assertEqual(self.call("GET", path + "/pending"), [])
        self.initialize()
        self.assertEqual([a["id"] for a in self.call("GET", path + "/pending")], [action["id"]])

    def test_a_provenance_entity_is_deleted_once(self):
        self.workflow(0)
        made = self.call("POST", "/ro_crate_entities", {
            "workflow_id": self.id, "entity_id": "e", "entity_type": "File", "metadata": "{}"})
        path = f"/ro_crate_entities/{made['id']}"
        self.assertEqual(self.call("DELETE", path),
                         {"message": "RO-Crate entity deleted successfully"})
        self.call("DELETE", path, status=404)

    def test_ids_of_another_workflow_are_taken_where_torc_takes_them(self):
        self.workflow(0)
        first, node = self.id, self.node
        file = self.call("POST", "/files", {"workflow_id": first, "name": "f", "path": "/f"})
        need = self.call("POST", "/resource_requirements", {"workflow_id": first, "name": "r",
                                                             "num_cpus": 3})
        self.workflow(0)
        job = self.call("POST", "/jobs", {
            "workflow_id": self.id, "name": "j", "command": "true",
            "input_file_ids": [file["id"]], "resource_requirements_id": need["id"]})
        self.initialize()
        self.assertEqual(self.claim_by_room(num_cpus=2), [])
        self.assertEqual(self.claim_by_room(), [job["id"]])
        self.node = node
        self.complete(job["id"])


if __name__ == "__main__":
    harness.main()
