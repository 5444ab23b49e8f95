"""Every kind of record from the command line: added, listed, looked at, changed, deleted."""
import json

import harness

# group, words to add one, its list's name, words to change it, what has to be different then.
# Options after the words stand as torc 0.21 has them.
KINDS = (
    ("files", "create W -n in -p /data/in.csv", "files", "update 1 -n other", {"name": "other"}),
    ("user-data", 'create W -n config -d {"x":[1,2]}', "user_data",
     "update 1 -d 7 --ephemeral true", {"data": 7, "is_ephemeral": True, "name": "config"}),
    ("resource-requirements", "create W -n big --num-cpus 4 -m 2g -r PT2H",
     "resource_requirements", "update 2 --memory 3g", {"memory": "3g", "num_cpus": 4}),
    ("slurm", "create W -n short -a me -N 2 -W 01:00:00 -p debug", "slurm_schedulers",
     "update 1 -N long -n 3", {"name": "long", "nodes": 3, "account": "me", "qos": "normal"}),
    ("ro-crate", 'create W --entity-id data/x --entity-type File --metadata {"name":"x"}',
     "ro_crate_entities", "update 1 --entity-type Dataset",
     {"entity_type": "Dataset", "entity_id": "data/x"}),
)


class Records(harness.Case):

    def setUp(self):
        super().setUp()
        self.url = self.server().url
        self.workflow = self.new("w")

    def new(self, name):
        return self.data("workflows", "new", "-n", name, "-d", "made by hand", url=self.url)["id"]

    def say(self, group, words, exits=0):
        return self.data(group, *words.replace(" W", f" {self.workflow}").split(" "),
                         url=self.url, exits=exits)

    def test_every_kind_is_added_listed_shown_changed_and_deleted(self):
        for group, create, listed, update, changed in KINDS:
            with self.subTest(group):
                made = self.say(group, create)
                self.assertEqual(made["workflow_id"], self.workflow)
                number = made["id"]
                items = self.say(group, "list W")[listed]
                self.assertIn(number, [item["id"] for item in items])
                self.assertEqual({**made, **self.say(group, f"get {number}")}["id"], number)
                after = self.say(group, update)
                self.assertEqual({k: after[k] for k in changed}, changed)
                self.assertEqual(self.say(group, f"get {number}"), after)
                text = self.torc(group, "list", self.workflow, url=self.url)
                self.assertIn("Total: ", text)
                self.say(group, f"delete {number}")
                self.say(group, f"get {number}", exits=1)
                self.assertNotIn(number,
                                 [item["id"] for item in self.say(group, "list W")[listed]])

    def test_a_list_has_everything_or_the_part_that_was_asked_for(self):
        for i in range(5):
            self.say("files", f"create W -n f{i} -p /f{i}")

        def names(*words):
            return [f["name"] for f in
                    self.data("files", "list", self.workflow, *words, url=self.url)["files"]]

        self.assertEqual(names(), ["f0", "f1", "f2", "f3", "f4"])
        self.assertEqual(names("--limit", 2, "--offset", 1), ["f1", "f2"])
        self.assertEqual(names("--sort-by", "name", "--reverse-sort", "-l", 1), ["f4"])
        self.assertEqual(names("--offset", 3), ["f3", "f4"])

    def test_what_is_needed_and_missing_is_named(self):
        self.torc("files", "create", self.workflow, "-n", "a", url=self.url, exits=2)
        self.assertIn("--path", self.said)
        self.torc("user-data", "create", self.workflow, "-n", "a", "-d", "{", url=self.url,
                  exits=1)
        self.assertIn("--data", self.said)
        self.torc("files", "get", "seven", url=self.url, exits=1)
        self.assertIn("seven", self.said)
        self.assertIn("--path", self.torc("files", "create", "--help"))

    def test_user_data_null_is_a_value_and_all_goes_at_once(self):
        self.say("user-data", "create W -n none -d null")
        self.say("user-data", "create W -n kept -d 1 --ephemeral")
        self.say("jobs", "create W -n reader -c true")
        self.say("user-data", "create W -n tied -d 2 --consumer-job-id 1")
        self.assertEqual(self.say("user-data", "list W --consumer-job-id 1")["user_data"][0]["name"],
                         "tied")
        self.assertEqual(len(self.say("user-data", "list W --is-ephemeral true")["user_data"]), 1)
        self.assertEqual(self.say("user-data", "list-missing W"), {"user_data": []})
        self.say("user-data", "delete-all W")
        self.assertEqual(self.say("user-data", "list W"), {"user_data": []})

    def test_jobs_one_by_one_and_from_a_file(self):
        self.say("files", "create W -n out -p out.txt")
        first = self.data("jobs", "create", self.workflow, "-n", "a", "-c", "echo a", "-o", 1,
                          url=self.url)
        self.assertEqual((first["status"], first["output_file_ids"]), ("uninitialized", [1]))
        self.say("jobs", "create W -n b -c true -i 1")
        self.say("jobs", "create W -n c -c true -b 1 2")
        self.write("commands.txt", "# two of them\n\necho 1\n  echo 2  \n")
        made = self.say("jobs", "create-from-file W commands.txt --cpus-per-job 3")
        self.assertEqual((made["status"], made["jobs_created"], made["workflow_id"]),
                         ("success", 2, self.workflow))
        self.assertEqual(list(self.job_statuses(self.workflow, self.url)),
                         ["a", "b", "c", "job4", "job5"])
        pairs = self.say("jobs", "list-resource-requirements W")
        self.assertEqual([p["num_cpus"] for p in pairs], [1, 1, 1, 3, 3])
        self.assertEqual(self.say("jobs", "list-resource-requirements -j 4")[0]["job_name"],
                         "job4")
        waits = self.say("job-dependencies", "job-job W")["items"]
        self.assertEqual([(w["job_id"], w["depends_on_job_id"]) for w in waits], [(2, 1), (3, 1), (3, 2)])
        link = self.say("job-dependencies", "job-file W")["items"][0]
        self.assertEqual((link["producer_job_id"], link["consumer_job_id"]), (1, 2))
        self.assertEqual(self.say("files", "list-required-existing W"), {"files": []})
        self.write("empty.txt", "# nothing\n")
        self.say("jobs", "create-from-file W empty.txt", exits=1)

    def test_jobs_are_changed_and_deleted(self):
        self.say("jobs", "create-from-file W nothing", exits=1)
        for name in "abc":
            self.say("jobs", f"create W -n {name} -c true")
        changed = self.say("jobs", "update 1 -n z --priority 5")
        self.assertEqual((changed["name"], changed["priority"], changed["command"]),
                         ("z", 5, "true"))
        self.say("jobs", "update 1 --runtime PT3H")
        self.assertEqual(self.say("jobs", "list-resource-requirements -j 1")[0]["runtime"], "PT3H")
        missing = self.say("jobs", "delete 1 77 78", exits=1)
        self.assertEqual(missing["missing_ids"], [77, 78])
        self.assertEqual(self.say("jobs", "get 1")["name"], "z")
        self.assertEqual([j["id"] for j in self.say("jobs", "delete 1 2")["jobs"]], [1, 2])
        self.assertEqual(self.say("jobs", "delete-all W")["count"], 1)

    def test_workflows_are_changed_put_away_and_brought_back(self):
        changed = self.data("workflows", "update", self.workflow, "--project", "p", "--metadata",
                            '{"a": 1}', "--owner-user", "somebody", url=self.url)
        self.assertEqual((changed["name"], changed["project"], changed["metadata"],
                          changed["user"]), ("w", "p", {"a": 1}, "somebody"))
        self.assertTrue(self.say("workflows", "is-complete W")["is_complete"])
        self.assertEqual(self.say("workflows", "list-actions W"), {"actions": []})
        other = self.new("x")
        gone = self.say("workflows", f"archive true W {other}")
        self.assertEqual(gone, {"status": "success", "updated_workflows": [self.workflow, other],
                                "is_archived": True})
        self.assertEqual(self.data("workflows", "list", "--all-users", url=self.url),
                         {"workflows": []})
        wrong = self.say("workflows", f"archive false {other} 99", exits=1)
        self.assertEqual((wrong["status"], wrong["updated_workflows"]),
                         ("partial_success", [other]))
        self.torc("workflows", "archive", "perhaps", other, url=self.url, exits=2)

    def test_groups_their_members_and_workflows(self):
        group = self.data("access-groups", "create", "crew", "-d", "us", url=self.url)
        self.assertEqual((group["id"], group["name"]), (1, "crew"))
        self.assertEqual(self.say("access-groups", "add-user 1 bob -r admin")["role"], "admin")
        self.assertEqual([m["user_name"] for m in
                          self.say("access-groups", "list-members 1")["members"]], ["bob"])
        self.assertEqual([g["name"] for g in
                          self.say("access-groups", "list-user-groups bob")["groups"]], ["crew"])
        self.say("access-groups", "add-workflow W 1")
        self.assertEqual([g["id"] for g in
                          self.say("access-groups", "list-workflow-groups W")["groups"]], [1])
        for words in ("remove-workflow W 1", "remove-user 1 bob"):
            self.assertEqual(self.say("access-groups", words), {"success": True})
        self.say("access-groups", "remove-user 1 bob", exits=1)
        self.say("access-groups", "delete 1")
        self.assertEqual(self.say("access-groups", "list"), {"groups": []})
        self.say("admin", "reload-auth", exits=1)

    def test_remote_workers_are_noted_down(self):
        self.write("hosts.txt", "# mine\nme@two:2222\n\nthree\n")
        self.say("remote", "add-workers W one --skip-ssh-check")
        self.say("remote", "add-workers-from-file hosts.txt W")
        self.assertEqual(sorted(w["worker"] for w in
                                self.say("remote", "list-workers W")["remote_workers"]),
                         ["me@two:2222", "one", "three"])
        self.say("remote", "remove-worker one W")
        self.say("remote", "remove-worker one W", exits=1)
        for odd in ("@host", "me@", "a b"):
            self.torc("remote", "add-workers", self.workflow, odd, url=self.url, exits=1)
        self.assertEqual(len(self.say("remote", "list-workers W")["remote_workers"]), 2)


if __name__ == "__main__":
    harness.main()
