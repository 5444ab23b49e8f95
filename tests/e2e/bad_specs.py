"""Whatever is wrong with a spec is said with its place, all of it at once, and nothing is created."""
import os

import harness

GOOD = "  - {name: a, command: x}\n"

# What is wrong, the text, and what each message must name: a line and a word.
BAD = {
    "unknown key": ("name: w\njobs:\n  - {name: a, command: x, comand: y}\n", [(3, "comand")]),
    "wrong type": ("name: w\njobs: 5\n", [(2, "jobs")]),
    "circle": ("name: w\njobs:\n  - {name: a, command: x, depends_on: [b]}\n"
               "  - {name: b, command: x, depends_on: [a]}\n", [(3, "a")]),
    "unknown name": ("name: w\njobs:\n  - {name: a, command: x, depends_on: [nobody]}\n",
                     [(3, "nobody")]),
    "regex without a match": ("name: w\njobs:\n" + GOOD +
                              '  - {name: b, command: x, depends_on_regexes: ["^z"]}\n',
                              [(4, "^z")]),
    "broken regex": ("name: w\njobs:\n" + GOOD +
                     '  - {name: b, command: x, depends_on_regexes: ["("]}\n', [(4, "(")]),
    "duplicate name": ("name: w\njobs:\n" + GOOD + GOOD, [(4, "a")]),
    "bad range": ('name: w\njobs:\n  - {name: "a{i}", command: x, parameters: {i: "1:5:0"}}\n',
                  [(3, "0")]),
    "unknown requirement": ("name: w\njobs:\n  - {name: a, command: x, "
                            "resource_requirements: big}\n", [(3, "big")]),
    "bad memory": ("name: w\nresource_requirements:\n  - {name: r, num_cpus: 1, memory: much}\n"
                   "jobs:\n" + GOOD, [(3, "much")]),
    "no UTF-8": (b"name: w\xff\njobs:\n  - {name: a, command: x}\n", [(1, "UTF-8")]),
    "no YAML": ("name: [w\njobs:\n", [(None, "")]),
    "empty": ("", [(None, "empty")]),
    "several at once": ("name: w\ncolour: red\njobs:\n"
                        "  - {name: a, command: x, depends_on: [nobody]}\n"
                        "  - {name: b, command: 5, comand: y}\n",
                        [(2, "colour"), (4, "nobody"), (5, "comand")]),
}


class BadSpecs(harness.Case):

    def check_refused(self, name, url, expected):
        for words in (("workflows", "create", name), ("run", name)):
            out = self.torc(*words, url=url, exits=1)
            self.assertEqual(out, "")
            lines = [line for line in self.said.splitlines() if line.startswith(name)]
            self.assertGreaterEqual(len(lines), len(expected), self.said)
            for line_number, word in expected:
                place = f"{name}:{line_number}:" if line_number else f"{name}:"
                self.assertTrue(any(line.startswith(place) and word in line for line in lines),
                                f"nothing says {place} {word}:\n{self.said}")

    def test_every_kind_is_refused_with_its_place_and_creates_nothing(self):
        url = self.server().url
        for kind, (text, expected) in BAD.items():
            with self.subTest(kind):
                self.check_refused(self.write("bad.yaml", text), url, expected)
        os.mkdir(self.path("folder.yaml"))
        self.check_refused("folder.yaml", url, [(None, "")])
        self.check_refused("missing.yaml", url, [(None, "")])
        self.assertEqual(self.data("workflows", "list", "--all-users", url=url),
                         {"workflows": []})

    def test_a_bad_spec_is_refused_without_any_server(self):
        self.write("bad.yaml", "name: w\njobs: 5\n")
        self.torc("run", "bad.yaml", "-o", "out", exits=1)
        self.assertFalse(os.path.exists(self.path("out")))


if __name__ == "__main__":
    harness.main()
