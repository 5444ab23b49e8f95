"""The Python client of torc (PyPI: torc-client) drives a workflow from its creation to its events."""
import sys

import harness

# The client lives in an environment of its own, with its own interpreter.
harness.run_inside("TORC_PYTHON_CLIENT")
try:
    import torc.api
    import torc.openapi_client as client
except ImportError as missing:
    print(f"torc-client cannot be imported ({missing}); dev/install --tests installs it")
    sys.exit(77)

TIME = "2026-01-31T12:00:00Z"


class PythonClient(harness.Case):

    def setUp(self):
        super().setUp()
        self.api = torc.api.make_api(self.server().url)
        self.workflow = self.api.create_workflow(
            client.WorkflowModel(name="w", user="somebody", description="of Python")).id
        need = self.api.create_resource_requirements(client.ResourceRequirementsModel(
            workflow_id=self.workflow, name="small", num_cpus=1, num_gpus=0, num_nodes=1,
            memory="100m", runtime="PT5M"))
        self.file = self.api.create_file(client.FileModel(
            workflow_id=self.workflow, name="between", path="/tmp/between"))
        self.data = self.api.create_user_data(client.UserDataModel(
            workflow_id=self.workflow, name="options", data={"steps": [1, 2]}))
        self.first, self.second = self.api.create_jobs(client.JobsModel(jobs=[
            self.job("first", need, output_file_ids=[self.file.id]),
            self.job("second", need, input_file_ids=[self.file.id],
                     input_user_data_ids=[self.data.id])])).jobs

    def job(self, name, need, **more):
        return client.JobModel(workflow_id=self.workflow, name=name, command=f"echo {name}",
                               resource_requirements_id=need.id, **more)

    def node(self):
        return self.api.create_compute_node(client.ComputeNodeModel(
            workflow_id=self.workflow, hostname="h", pid=1, start_time=TIME, num_cpus=4,
            memory_gb=8.0, num_gpus=0, num_nodes=1, compute_node_type="local"))

    def complete(self, job, node, code=0):
        status = client.JobStatus.COMPLETED if code == 0 else client.JobStatus.FAILED
        self.api.start_job(job.id, 0, node.id)
        return self.api.complete_job(job.id, status, 0, client.ResultModel(
            job_id=job.id, workflow_id=self.workflow, run_id=0, attempt_id=1,
            compute_node_id=node.id, return_code=code, exec_time_minutes=0.5,
            completion_time=TIME, status=status, peak_memory_bytes=1 << 20))

    def statuses(self):
        jobs = self.api.list_jobs(self.workflow).items
        return {job.name: job.status.value for job in jobs}

    def test_jobs_are_claimed_by_resources_and_completed_one_after_the_other(self):
        self.api.initialize_jobs(self.workflow)
        self.assertEqual(self.statuses(), {"first": "ready", "second": "blocked"})
        node = self.node()
        room = client.ComputeNodesResources(num_cpus=4, memory_gb=8.0, num_gpus=0, num_nodes=1)
        for expected in (self.first, self.second):
            claimed = self.api.claim_jobs_based_on_resources(self.workflow, 5, room).jobs
            self.assertEqual([job.id for job in claimed], [expected.id])
            self.assertEqual(self.complete(claimed[0], node).status, client.JobStatus.COMPLETED)
        self.assertTrue(self.api.is_workflow_complete(self.workflow).is_complete)
        results = self.api.list_results(self.workflow).items
        self.assertEqual([(r.job_id, r.return_code, r.status.value) for r in results],
                         [(self.first.id, 0, "completed"), (self.second.id, 0, "completed")])
        self.assertEqual(results[0].peak_memory_bytes, 1 << 20)

    def test_a_failure_reaches_who_waits_for_it(self):
        self.api.initialize_jobs(self.workflow)
        claimed = self.api.claim_next_jobs(self.workflow, limit=3).jobs
        self.assertEqual([job.output_file_ids for job in claimed], [[self.file.id]])
        self.complete(claimed[0], self.node(), code=3)
        self.assertEqual(self.statuses(), {"first": "failed", "second": "canceled"})
        self.api.reset_job_status(self.workflow, failed_only=True)
        self.assertEqual(set(self.statuses().values()), {"uninitialized"})

    def test_events_and_user_data_are_written_and_read(self):
        made = self.api.create_event(client.EventModel(
            workflow_id=self.workflow, timestamp=0, data={"category": "note", "text": "ü"}))
        items = self.api.list_events(self.workflow).items
        self.assertEqual([(e.id, e.data) for e in items],
                         [(made.id, {"category": "note", "text": "ü"})])
        self.assertGreater(made.timestamp, 0)
        self.data.data = {"steps": []}
        self.api.update_user_data(self.data.id, self.data)
        self.assertEqual(self.api.get_user_data(self.data.id).data, {"steps": []})

    def test_every_list_is_what_its_model_says(self):
        self.api.initialize_jobs(self.workflow)
        lists = [name for name in dir(client.WorkflowsApi) + dir(client.JobsApi) +
                 dir(client.FilesApi) + dir(client.UserDataApi) + dir(client.EventsApi) +
                 dir(client.ResultsApi) + dir(client.ResourceRequirementsApi) +
                 dir(client.ComputeNodesApi) + dir(client.ScheduledComputeNodesApi) +
                 dir(client.SlurmSchedulersApi) + dir(client.LocalSchedulersApi) +
                 dir(client.FailureHandlersApi) + dir(client.RoCrateEntitiesApi) +
                 dir(client.SlurmStatsApi) + dir(client.RemoteWorkersApi)
                 if name.startswith("list_") and not name.endswith("_http_info")]
        of_one = [name for name in lists if "preload" not in name and name != "list_workflows"]
        self.assertGreater(len(of_one), 15)
        for name in of_one:
            with self.subTest(name):
                self.assertIsNotNone(getattr(self.api, name)(self.workflow))
        self.assertEqual([w.id for w in self.api.list_workflows().items], [self.workflow])

    def test_what_is_not_there_is_an_exception_with_a_status(self):
        with self.assertRaises(client.ApiException) as caught:
            self.api.get_workflow(999)
        self.assertEqual(caught.exception.status, 404)


if __name__ == "__main__":
    harness.main()
