"""A workflow leaves and comes back: as a document, and as a database file of torc 0.21."""
import hashlib
import json
import sqlite3

import harness
import torc_database

SPEC = """
name: traveller
files:
  - {name: in, path: in.txt}
  - {name: out, path: out.txt}
user_data: [{name: config, data: {x: 1}}, {name: later}]
resource_requirements: [{name: small, num_cpus: 1, memory: 5m, runtime: PT5M}]
failure_handlers: [{name: again, rules: [{exit_codes: [3], max_retries: 1}]}]
slurm_schedulers: [{name: s, account: me, nodes: 1, walltime: "01:00:00"}]
actions:
  - {trigger_type: on_jobs_complete, action_type: run_commands, commands: ["true"], jobs: [b]}
jobs:
  - {name: b, command: "cp in.txt out.txt", input_files: [in], output_files: [out],
     resource_requirements: small, input_user_data: [config]}
  - {name: a, command: "false", input_files: [out], failure_handler: again}
  - {name: c, command: "true", depends_on: [a]}
"""
PARTS = ("files", "user_data", "resource_requirements", "slurm_schedulers", "failure_handlers",
         "jobs", "workflow_actions", "compute_nodes", "results", "events")


def without_ids(value):
    """What must survive a move: everything but ids, and what a fresh workflow begins with."""
    begun = ("status", "executed", "executed_at", "executed_by", "trigger_count", "timestamp",
             "user", "is_active")
    if isinstance(value, dict):
        return {k: without_ids(v) for k, v in value.items()
                if not k.endswith(("id", "ids")) and k not in begun}
    if isinstance(value, list):
        return [without_ids(v) for v in value]
    return value


class Documents(harness.Case):

    def setUp(self):
        super().setUp()
        self.url = self.server().url
        self.write("in.txt", "hello")
        self.workflow = self.create(SPEC, self.url)
        self.torc("workflows", "run", self.workflow, url=self.url, exits=1)
        self.torc("events", "create", self.workflow, "-d", '{"category":"note"}', url=self.url)

    def export(self, workflow, name="w.json"):
        told = self.data("workflows", "export", workflow, "--include-results", "--include-events",
                         "-o", name, url=self.url)
        self.assertEqual((told["success"], told["jobs"], told["files"]), (True, 3, 2))
        return json.loads(self.read(name))

    def test_what_comes_back_is_what_left(self):
        before = self.export(self.workflow)
        self.assertEqual(before["export_version"], "1.0")
        self.assertEqual(before, {**before, **json.loads(
            self.torc("workflows", "export", self.workflow, "--include-results",
                      "--include-events", url=self.url)), "exported_at": before["exported_at"]})
        made = self.data("workflows", "import", "w.json", "--name", "again", url=self.url)
        self.assertEqual((made["workflow_name"], made["jobs"], made["results"]), ("again", 3, 2))
        after = self.export(made["workflow_id"], "x.json")
        for part in PARTS:
            self.assertEqual(without_ids(after[part]), without_ids(before[part]), part)
        self.assertTrue(before["events"])
        self.assertEqual([e["timestamp"] for e in after["events"]],
                         [e["timestamp"] for e in before["events"]])
        self.assertEqual(set(self.job_statuses(made["workflow_id"], self.url).values()),
                         {"uninitialized"})
        # It runs, as a run that has no results yet.
        self.torc("workflows", "run", made["workflow_id"], url=self.url, exits=1)
        runs = self.data("results", "list", made["workflow_id"], "--all-runs", url=self.url)
        self.assertEqual(sorted(r["run_id"] for r in runs["results"]), [1, 1, 2, 2])

    def test_results_and_events_may_stay_behind(self):
        self.export(self.workflow)
        made = self.data("workflows", "import", "w.json", "--skip-results", "--skip-events",
                         url=self.url)
        self.assertEqual((made["results"], made["events"], made["compute_nodes"]), (0, 0, 0))
        document = json.loads(self.torc("workflows", "export", self.workflow, url=self.url))
        self.assertFalse({"results", "events", "compute_nodes"} & set(document))

    def test_a_document_that_makes_no_sense_leaves_nothing(self):
        good = self.export(self.workflow)
        before = self.data("workflows", "list", "--all-users", url=self.url)
        jobs = good["jobs"]
        circle = [jobs[0], {**jobs[1], "depends_on_job_ids": [jobs[2]["id"]]}, jobs[2]]
        for wrong, word in (
                ({}, "export_version"), ({**good, "export_version": "9"}, "9"),
                ({**good, "jobs": circle}, "circle"),
                ({**good, "jobs": [jobs[0], jobs[0]]}, "two jobs"),
                ({**good, "jobs": [{**jobs[0], "input_file_ids": [99]}]}, "99"),
                ({**good, "jobs": [{**jobs[0], "depends_on_job_ids": [99]}]}, "99"),
                ({**good, "jobs": [{**jobs[0], "name": 7}]}, "name")):
            self.write("wrong.json", json.dumps(wrong))
            self.torc("workflows", "import", "wrong.json", url=self.url, exits=1)
            self.assertIn(word, self.said)
        self.write("wrong.json", "{")
        self.torc("workflows", "import", "wrong.json", url=self.url, exits=1)
        self.assertEqual(self.data("workflows", "list", "--all-users", url=self.url), before)


class Databases(harness.Case):

    def setUp(self):
        super().setUp()
        torc_database.write(self.path("torc.db"))

    def take_over(self, *words, exits=0):
        return self.torc("import", *words, program="torc-server", exits=exits)

    def digest(self, path):
        with open(self.path(path), "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()

    def rows(self, path):
        with sqlite3.connect(f"file:{self.path(path)}?mode=ro", uri=True) as db:
            return {t: sorted(db.execute(f"SELECT * FROM {t}").fetchall(), key=str)
                    for (t,) in db.execute(
                        "SELECT name FROM sqlite_schema WHERE type = 'table' "
                        "AND name NOT LIKE 'sqlite%'").fetchall()}

    def test_everything_is_there_under_its_own_id(self):
        before = self.digest("torc.db")
        self.assertIn("2 workflows with 5 jobs, 5 results and 2 events",
                      self.take_over("torc.db", "-d", "new.db"))
        self.assertEqual(self.digest("torc.db"), before)
        url = self.server(file="new.db").url
        for path, expected in torc_database.answers():
            got = self.servers[0].get(path)
            self.assertEqual(got.get("items", got) if isinstance(got, dict) else got, expected,
                             path)
        # What was running is ready, and the workflow goes on from there.
        self.assertEqual(self.job_statuses(11, url),
                         {"made": "completed", "broken": "failed", "after": "canceled",
                          "on its way": "ready"})
        self.torc("workflows", "run", 11, url=url, exits=1)
        self.assertEqual(self.job_statuses(11, url)["on its way"], "completed")
        newest = self.data("workflows", "new", "-n", "next", url=url)
        self.assertEqual(newest["id"], 13)

    def test_a_second_file_gets_new_ids_that_fit_together(self):
        self.take_over("torc.db", "-d", "new.db")
        self.assertIn("new ones", self.take_over("torc.db", "-d", "new.db"))
        server = self.server(file="new.db")
        names = {w["id"]: w["name"] for w in server.get("/workflows")["items"]}
        copy = next(i for i, name in names.items() if name == "old" and i != 11)
        jobs = {j["id"]: j for j in server.get(
            f"/jobs?workflow_id={copy}&include_relationships=true")["items"]}
        by_name = {j["name"]: j for j in jobs.values()}
        self.assertEqual(by_name["after"]["depends_on_job_ids"], [by_name["broken"]["id"]])
        action = server.get(f"/workflows/{copy}/actions")[0]
        self.assertEqual(action["job_ids"], [by_name["made"]["id"]])
        entity = server.get(f"/workflows/{copy}/ro_crate_entities")["items"][0]
        self.assertEqual(entity["entity_id"], f"#job-{by_name['made']['id']}-attempt-1")
        self.assertIn(f"#job-{by_name['made']['id']}-attempt-1", entity["metadata"])
        results = server.get(f"/results?workflow_id={copy}&all_runs=true")["items"]
        nodes = {n["id"] for n in server.get(f"/compute_nodes?workflow_id={copy}")["items"]}
        self.assertEqual({r["compute_node_id"] for r in results}, nodes)
        self.assertEqual({r["job_id"] for r in results} - set(jobs), set())

    def test_what_is_no_such_file_changes_nothing(self):
        self.take_over("torc.db", "-d", "new.db")
        before = self.rows("new.db")
        self.write("text.db", "no database at all, but long enough to be looked at")
        with sqlite3.connect(self.path("other.db")) as db:
            db.execute("CREATE TABLE workflow (id INTEGER PRIMARY KEY)")
        torc_database.write(self.path("odd.db"), odd=True)
        for file, word in (("text.db", "no database"), ("other.db", "torc 0.21"),
                           ("none.db", "no file"), ("odd.db", "cannot be taken over"),
                           ("new.db", "torc 0.21")):
            self.take_over(file, "-d", "new.db", exits=1)
            self.assertIn(word, self.said)
            now = self.rows("new.db")
            self.assertEqual({t: r for t, r in now.items() if t != "server"},
                             {t: r for t, r in before.items() if t != "server"})
        self.server(file="new.db")
        self.take_over("torc.db", "-d", "new.db", exits=1)
        self.assertIn("pid", self.said)


if __name__ == "__main__":
    harness.main()
