"""What torc 1.0's clients ask for beyond 0.21's, by the Python client of its time (PyPI: torc-client)."""
import sys
import time

import harness

# The client lives in an environment of its own, with its own interpreter.
harness.run_inside("TORC_NEWER_CLIENT")
try:
    import torc.openapi_client as client
except ImportError as missing:
    print(f"torc-client cannot be imported ({missing}); dev/install --tests installs it")
    sys.exit(77)

TIME = "2026-01-31T12:00:00Z"


class NewerClient(harness.Case):

    def setUp(self):
        super().setUp()
        calls = client.ApiClient(client.Configuration(host=self.server().url))
        self.workflows = client.WorkflowsApi(calls)
        self.jobs, self.files = client.JobsApi(calls), client.FilesApi(calls)
        self.data, self.tasks = client.UserDataApi(calls), client.TasksApi(calls)
        self.nodes = client.ComputeNodesApi(calls)
        self.actions = client.WorkflowActionsApi(calls)
        self.id = self.workflows.create_workflow(
            client.WorkflowModel(name="w", user="somebody")).id

    def add_jobs(self, *names, **more):
        return self.jobs.create_jobs(client.JobsModel(jobs=[
            client.JobModel(workflow_id=self.id, name=name, command="true", **more)
            for name in names])).jobs

    def node(self):
        return self.nodes.create_compute_node(client.ComputeNodeModel(
            workflow_id=self.id, hostname="h", pid=1, start_time=TIME, num_cpus=4, memory_gb=8.0,
            num_gpus=0, num_nodes=1, compute_node_type="local")).id

    def completion(self, job, node, run=0):
        done = client.JobStatus.COMPLETED
        return client.JobCompletionEntry(job_id=job, run_id=run, status=done, result=client.ResultModel(
            job_id=job, workflow_id=self.id, run_id=run, attempt_id=1, compute_node_id=node,
            return_code=0, exec_time_minutes=0.5, completion_time=TIME, status=done))

    def test_files_and_records_are_added_in_bulk(self):
        files = self.files.create_files(client.FilesModel(files=[
            client.FileModel(workflow_id=self.id, name=n, path=f"/{n}") for n in "ab"])).files
        self.assertEqual([f.name for f in files], ["a", "b"])
        self.assertEqual(self.files.get_file(files[1].id).path, "/b")
        data = self.data.create_user_data_list(client.UserDataListModel(user_data=[
            client.UserDataModel(workflow_id=self.id, name="d", data={"x": 1})])).user_data
        self.assertEqual(self.data.get_user_data(data[0].id).data, {"x": 1})

    def test_many_jobs_end_in_one_call_and_the_status_sums_them_up(self):
        made = self.add_jobs("a", "b", "c")
        self.workflows.initialize_jobs(self.id)
        node = self.node()
        claimed = self.workflows.claim_next_jobs(self.id, limit=2).jobs
        for job in claimed:
            self.jobs.start_job(job.id, 0, node)
        said = self.workflows.batch_complete_jobs(self.id, client.BatchCompleteJobsRequest(
            completions=[self.completion(claimed[0].id, node), self.completion(999, node),
                         self.completion(claimed[1].id, node)]))
        self.assertEqual(said.completed, [job.id for job in claimed])
        self.assertEqual([e.job_id for e in said.errors], [999])
        status = self.workflows.get_workflow_status(self.id)
        self.assertEqual((status.total_jobs, status.jobs_by_status.completed,
                          status.jobs_by_status.ready), (len(made), 2, 1))
        self.assertEqual(status.total_exec_time_minutes, 1.0)
        self.assertEqual((status.active_compute_nodes, status.is_complete), (0, False))

    def test_jobs_are_initialized_by_a_task(self):
        self.add_jobs("a")
        task = self.workflows.initialize_jobs(self.id, var_async=True)
        if isinstance(task, dict):
            task = client.TaskModel.from_dict(task)
        deadline = time.monotonic() + harness.PATIENCE_S
        while self.tasks.get_task(task.id).status in ("queued", "running"):
            self.assertLess(time.monotonic(), deadline)
        self.assertEqual(self.tasks.get_task(task.id).status, "succeeded")
        self.assertIsNone(self.workflows.get_active_task_for_workflow(self.id).task)
        self.assertEqual(self.workflows.get_workflow_status(self.id).jobs_by_status.ready, 1)

    def test_a_workflow_is_archived(self):
        for flag in (True, False):
            self.workflows.archive_workflow(
                self.id, client.ArchiveWorkflowRequest(is_archived=flag))
            listed = self.workflows.list_workflows(is_archived=True).items
            self.assertEqual([w.id for w in listed], [self.id] if flag else [])

    def test_the_more_urgent_jobs_are_claimed_first(self):
        self.add_jobs("later", priority=1)
        self.add_jobs("first", priority=9)
        self.workflows.initialize_jobs(self.id)
        self.assertEqual([j.name for j in self.workflows.claim_next_jobs(self.id, limit=1).jobs],
                         ["first"])

    def test_a_job_has_the_environment_of_its_workflow_and_its_own(self):
        own = self.workflows.create_workflow(client.WorkflowModel(
            name="e", user="somebody", env={"A": "1", "B": "1"}))
        self.assertEqual(own.env, {"A": "1", "B": "1"})
        self.id = own.id
        made = self.add_jobs("a", env={"B": "2"})
        self.assertEqual(made[0].env, {"A": "1", "B": "2"})
        self.assertEqual(self.jobs.get_job(made[0].id).env, {"A": "1", "B": "2"})


if __name__ == "__main__":
    harness.main()
