"""A database is copied while a server works on it as hard as it can; new files are there to stay."""
import json
import os
import threading
import urllib.request

import harness

RUNNERS, WIDTH, COPIES, PEOPLE = 4, 150, 4, 2
LOAD = ('name: load\njobs:\n  - {name: "a_{i}", command: "true", parameters: {i: "1:%d"}}\n'
        '  - {name: barrier, command: "true", depends_on_regexes: ["^a_"]}\n'
        '  - {name: "b_{i}", command: "true", parameters: {i: "1:%d"}, depends_on: [barrier]}\n'
        % (WIDTH, WIDTH))


class Backups(harness.Case):

    def back_up(self, to, *more, exits=0):
        return self.torc("backup", "-d", "server.db", "--to", to, *more, program="torc-server",
                         exits=exits)

    def person(self, server, done):
        while not done.is_set():
            request = urllib.request.Request(
                server.url + "/workflows", method="POST",
                data=json.dumps({"name": "noise", "user": "somebody"}).encode())
            urllib.request.urlopen(request, timeout=harness.PATIENCE_S).read()
            self.asked += 1

    def test_copies_made_under_full_load_are_whole_and_can_be_served(self):
        server = self.server()
        workflow = self.create(LOAD, server.url)
        self.asked = 0
        done = threading.Event()
        people = [threading.Thread(target=self.person, args=(server, done)) for _ in range(PEOPLE)]
        for thread in people:
            thread.start()
        try:
            runners = [self.start("workflows", "run", workflow, url=server.url)
                       for _ in range(RUNNERS)]
            for number in range(COPIES):
                self.assertIn("the hashes of all tables agree", self.back_up(f"copy_{number}.db"))
            for runner in runners:
                code, out, err = self.end(runner)
                self.assertEqual(code, 0, out + err)
        finally:
            done.set()
            for thread in people:
                thread.join()
        self.assertEqual(server.get("/server_stats")["busy_retries"], 0)
        ended = json.dumps(server.get(f"/results?workflow_id={workflow}")["items"], sort_keys=True)
        self.back_up("last.db")
        self.assertEqual(server.stop(), 0)
        last = self.server(file="last.db")
        self.assertEqual(ended, json.dumps(last.get(f"/results?workflow_id={workflow}")["items"],
                                           sort_keys=True))
        self.assertEqual(last.stop(), 0)
        # What ran when a copy was made is nobody's there, and its lease runs out.
        first = self.server(file="copy_0.db", more=("--lease", "1s"))
        self.torc("workflows", "run", workflow, url=first.url)
        self.assertEqual(set(self.job_statuses(workflow, first.url).values()), {"completed"})

    def test_the_hashes_are_the_same_for_equal_rows_and_nothing_is_overwritten(self):
        self.server().stop()
        once, twice = self.back_up("one.db", "--hashes"), self.back_up("two.db", "--hashes")
        self.assertEqual(once.splitlines()[:-1], twice.splitlines()[:-1])
        self.assertIn("  job_state (0 rows)", once)
        before = os.stat(self.path("one.db"))
        self.back_up("one.db", exits=1)
        self.assertIn("exists already", self.said)
        self.assertEqual(os.stat(self.path("one.db")), before)
        self.torc("backup", "-d", "none.db", "--to", "x.db", program="torc-server", exits=1)
        self.assertIn("no database none.db", self.said)
        self.torc("backup", "-d", "server.db", program="torc-server", exits=2)
        self.assertEqual([n for n in os.listdir(self.folder) if n.startswith(("x", "none"))], [])

    def synced(self):
        return self.read("syncs").splitlines() if os.path.exists(self.path("syncs")) else []

    def test_the_names_of_new_files_are_on_the_disk(self):
        watched = {"LD_PRELOAD": os.environ["TORC_SHIM"], "TORC_SYNCS": self.path("syncs")}
        here = os.path.realpath(self.folder)
        self.server(file="new/folder/x.db", env=watched).stop()
        for folder in (here, here + "/new", here + "/new/folder"):
            self.assertIn(folder, self.synced())
        os.remove(self.path("syncs"))
        os.mkdir(self.path("copies"))
        code, out, err = self.end(self.start(
            "backup", "-d", "new/folder/x.db", "--to", "copies/y.db", program="torc-server",
            env=watched))
        self.assertEqual(code, 0, out + err)
        self.assertEqual(self.synced()[-1], here + "/copies")
        self.assertTrue(self.synced()[-2].startswith(here + "/copies/y.db."))


if __name__ == "__main__":
    harness.main()
