"""Passwords, and whose workflows are whose, at the real server."""
import base64
import json
import urllib.error
import urllib.request

import harness

# bcrypt of "opens sesame" and of "second", at the lowest cost
SESAME = "$2b$04$abcdefghijklmnopqrstuurEfAndIY3RbOMkDYHQKNUSj60Us18cO"
SECOND = "$2b$04$abcdefghijklmnopqrstuu0m4FNu/b0Ul0dVXpD5yXn5kdSneXCgS"
PASSWORD = "opens sesame"


class Access(harness.Case):

    def open(self, *flags, users=("ada", "bob", "root")):
        self.write("users", "".join(f"{user}:{SESAME}\n" for user in users))
        self.url = self.server(more=("--auth-file", "users", *flags)).url

    def ask(self, method, path, body=None, user=None, password=PASSWORD):
        headers = {"Content-Type": "application/json"}
        if user:
            pair = base64.b64encode(f"{user}:{password}".encode()).decode()
            headers["Authorization"] = f"Basic {pair}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=harness.PATIENCE_S) as reply:
                return reply.status, json.loads(reply.read())
        except urllib.error.HTTPError as e:
            with e:
                text = e.read().decode()
                return e.code, json.loads(text) if text.startswith("{") else text

    def call(self, *words, status=200, **how):
        found, said = self.ask(*words, **how)
        self.assertEqual(found, status, f"{words} {how}: {said}")
        return said

    def create(self, user):
        return self.call("POST", "/workflows", {"name": "w", "user": "somebody"}, user=user)["id"]

    def test_a_wrong_password_is_refused_and_none_is_nobody(self):
        self.open()
        self.call("GET", "/workflows")
        self.call("GET", "/workflows", user="ada")
        self.call("GET", "/workflows", user="ada", password="guess", status=401)
        self.call("GET", "/workflows", user="eve", status=401)
        made = self.call("POST", "/workflows", {"name": "w", "user": "somebody"}, user="ada")
        self.assertEqual(made["user"], "ada")

    def test_everybody_must_say_who_they_are_where_that_is_required(self):
        self.open("--require-auth")
        self.call("GET", "/workflows", status=401)
        self.call("GET", "/workflows", user="bob")

    def test_workflows_are_their_owners_and_their_groups(self):
        self.open("--enforce-access-control", "--admin-user", "root")
        workflow = self.create("ada")
        job = self.call("POST", "/jobs", {"workflow_id": workflow, "name": "j", "command": "c"},
                        user="ada")["id"]
        about = (("GET", f"/workflows/{workflow}"), ("GET", f"/jobs/{job}"),
                 ("GET", f"/jobs?workflow_id={workflow}"),
                 ("POST", "/bulk_jobs", {"jobs": [{"workflow_id": workflow, "name": "k",
                                                   "command": "c"}]}),
                 ("POST", "/files", {"workflow_id": workflow, "name": "f", "path": "p"}))
        for words in about:
            self.call(*words, user="bob", status=403)
            self.call(*words, status=403)
            self.call(*words, user="ada")
            self.call(*words, user="root")
        self.assertEqual(self.call("GET", "/workflows", user="bob")["items"], [])
        self.assertEqual(len(self.call("GET", "/workflows", user="root")["items"]), 1)
        self.call("GET", "/workflows/99", user="bob", status=404)

        self.call("POST", "/access_groups", {"name": "team"}, user="bob", status=403)
        group = self.call("POST", "/access_groups", {"name": "team"}, user="root")["id"]
        members = f"/access_groups/{group}/members"
        bob = {"user_name": "bob", "group_id": group}
        self.call("POST", members, bob, user="ada", status=403)
        self.call("POST", members, {**bob, "user_name": "ada", "role": "admin"}, user="root")
        self.call("POST", members, bob, user="ada")
        share = f"/workflows/{workflow}/access_groups/{group}"
        self.call("POST", share, user="bob", status=403)
        self.call("POST", share, user="ada")
        for words in about:
            self.call(*words, user="bob")
        self.assertEqual(len(self.call("GET", "/workflows", user="bob")["items"]), 1)
        self.call("DELETE", f"{members}/bob", user="ada")
        self.call("GET", f"/jobs/{job}", user="bob", status=403)

    def test_the_password_file_is_read_again_when_an_admin_says_so(self):
        self.open("--enforce-access-control", "--admin-user", "root")
        self.call("GET", "/workflows", user="bob")
        self.write("users", f"bob:{SECOND}\nroot:{SESAME}\n")
        self.call("POST", "/admin/reload-auth", user="bob", status=403)
        self.assertEqual(self.call("POST", "/admin/reload-auth", user="root"), {
            "message": "Auth credentials reloaded successfully", "user_count": 2})
        self.call("GET", "/workflows", user="bob", status=401)
        self.call("GET", "/workflows", user="bob", password="second")
        self.write("users", "bob:plain\n")
        said = self.call("POST", "/admin/reload-auth", user="root", status=422)
        self.assertIn("users:1", said["error"]["message"])
        self.call("GET", "/workflows", user="bob", password="second")

    def test_the_password_file_is_edited_by_a_program_of_its_own(self):
        def edit(*words, exits=0):
            return self.torc(*words, program="torc-htpasswd", exits=exits)
        good = "long enough for ada"
        edit("add", "--file", "people", "--password", good, "ada")
        self.assertIn("--password shows", self.said)
        for weak, why in (("short", "too short"), ("password", "too weak (score 0 of 4"),
                          ("bobbobbob", "too weak")):
            edit("add", "--file", "people", "--password", weak, "bobbobbob", exits=1)
            self.assertIn(why, self.said)
        edit("add", "--file", "people", "--password", good, "bo:b", exits=1)
        edit("verify", "--file", "people", "--password", good, "ada")
        edit("verify", "--file", "people", "--password", "wrong enough", "ada", exits=1)
        self.assertEqual(edit("list", "--file", "people"), "ada\n")
        self.url = self.server(more=("--auth-file", "people", "--require-auth")).url
        self.call("GET", "/workflows", user="ada", password=good)
        edit("remove", "--file", "people", "ada")
        edit("remove", "--file", "people", "ada", exits=1)
        self.assertEqual(edit("list", "--file", "people"), "")
        line = edit("hash", "--password", good, "--cost", "4", "eve")
        self.assertTrue(line.startswith("eve:$2b$04$"), line)
        edit("hash", "--password", good, "--cost", "3", "eve", exits=1)

    def test_without_a_password_file_there_is_nothing_to_read_again(self):
        self.url = self.server().url
        self.call("POST", "/admin/reload-auth", status=422)


if __name__ == "__main__":
    harness.main()
