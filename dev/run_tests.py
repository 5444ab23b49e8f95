"""Runs the ctest entries of one or more build folders and counts test cases, not programs.

A Boost.Test program (ctest label "boost") is asked for an XML report, so that each of its cases
counts, and a Python unittest program is believed its closing count. Any other test counts as one case;
exit code 77 means that it lacks something it needs.

What a sanitizer reports, of a test or of a program that it starts, is a failed case of that test.
"""
import argparse
import concurrent.futures
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as xml

SKIPPED = 77
AT_ONCE = 2
DEFAULT_TIMEOUT_S = 60
SANITIZERS = ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS")  # a sanitized test's environment has some


class Test:
    """One ctest entry: what to run, and how."""

    def __init__(self, entry, build):
        properties = {p["name"]: p["value"] for p in entry.get("properties", [])}
        self.name = entry["name"]
        # What is no release build is told apart by its preset.
        preset = os.path.basename(build)
        self.title = self.name if preset == "release" else f"{self.name} [{preset}]"
        self.command = entry.get("command", [])
        self.is_boost = "boost" in properties.get("LABELS", [])
        self.alone = bool(properties.get("RUN_SERIAL"))
        self.timeout_s = float(properties.get("TIMEOUT", DEFAULT_TIMEOUT_S))
        self.folder = properties.get("WORKING_DIRECTORY", build)
        self.environment = dict(v.split("=", 1) for v in properties.get("ENVIRONMENT", []))


class Outcome:
    """The cases of one test: (name, "passed" | "failed" | "skipped") each, and what it printed."""

    def __init__(self, test, cases, output, seconds):
        self.test, self.cases, self.output, self.seconds = test, cases, output, seconds

    def count(self, verdict):
        return sum(1 for _, v in self.cases if v == verdict)


def tests_of(build):
    """The tests of a build folder, or of FOLDER=PATTERN those whose names match."""
    build, _, pattern = build.partition("=")
    listing = subprocess.run(["ctest", "--test-dir", build, "--show-only=json-v1"],
                             check=True, capture_output=True, text=True).stdout
    return [Test(entry, build) for entry in json.loads(listing)["tests"]
            if re.search(pattern, entry["name"])]


def boost_cases(report):
    """The cases of a detailed Boost.Test report, named by their suites; none if it is no report."""
    try:
        root = xml.parse(report).getroot()
    except (OSError, xml.ParseError):
        return []
    cases = []

    def walk(node, path):
        for child in node:
            if child.tag == "TestSuite":
                walk(child, path + [child.get("name")])
            elif child.tag == "TestCase":
                result = child.get("result")
                verdict = result if result in ("passed", "skipped") else "failed"
                cases.append(("/".join(path + [child.get("name")]), verdict))

    for suite in root.iter("TestResult"):
        for master in suite:
            walk(master, [])
    return cases


def unittest_cases(name, output):
    """The cases of a Python unittest program, told apart by its closing count; none if it is no such."""
    ran = re.search(r"^Ran (\d+) tests? in .*\n+(OK|FAILED)(?: \((.*)\))?$", output, re.MULTILINE)
    if not ran:
        return []
    notes = dict(n.split("=") for n in (ran.group(3) or "").split(", ") if "=" in n)
    skipped = int(notes.get("skipped", 0))
    failed = int(notes.get("failures", 0)) + int(notes.get("errors", 0))
    passed = max(int(ran.group(1)) - skipped - failed, 0)
    verdicts = ["passed"] * passed + ["failed"] * failed + ["skipped"] * skipped
    return [(f"{name} {number}", verdict) for number, verdict in enumerate(verdicts, 1)]


def execute(command, test, environment):
    """Runs a test in a process group of its own, so that a hanging one leaves nobody behind."""
    with tempfile.TemporaryFile() as sink:
        process = subprocess.Popen(command, cwd=test.folder, env=environment, stdout=sink,
                                   stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                   start_new_session=True)
        try:
            code = process.wait(timeout=test.timeout_s)
        except subprocess.TimeoutExpired:
            code = None
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
        sink.seek(0)
        return code, sink.read().decode(errors="replace")


def reporting_to(folder, environment):
    """What makes the sanitizers of a test and of its children write their reports there, a file each."""
    return {name: f"{environment[name]}:log_path={os.path.join(folder, name)}"
            for name in SANITIZERS if name in environment}


def reports_in(folder):
    texts = []
    for name in sorted(os.listdir(folder)):
        if name.startswith(SANITIZERS):
            with open(os.path.join(folder, name), errors="replace") as file:
                texts.append(file.read())
    return texts


def run(test, allow_skip):
    start = time.monotonic()
    environment = {**os.environ, **test.environment}
    if allow_skip:
        environment["TORC_ALLOW_SKIP"] = "1"
    if not test.command or not os.path.exists(test.command[0]):
        return Outcome(test, [("(not built)", "failed")], "", 0)
    with tempfile.TemporaryDirectory(prefix="torc-test-") as scratch:
        report = os.path.join(scratch, "report.xml")
        environment.update(reporting_to(scratch, test.environment))
        command = list(test.command)
        if test.is_boost:
            command += ["--report_level=detailed", "--report_format=XML",
                        "--report_sink=" + report, "--log_level=test_suite", "--color_output=no"]
        code, output = execute(command, test, environment)
        cases = boost_cases(report) if test.is_boost else unittest_cases(test.name, output)
        reports = reports_in(scratch)
    if code is None:
        cases.append((f"(no end within {test.timeout_s:.0f} s)", "failed"))
    elif not test.is_boost and not cases:
        verdict = "passed" if code == 0 else "skipped" if code == SKIPPED else "failed"
        cases.append((test.name, verdict))
    elif not cases:
        cases.append((f"(no case ran; exit code {code})", "failed"))
    elif code != 0 and all(verdict != "failed" for _, verdict in cases):
        cases.append((f"(exit code {code} after its cases)", "failed"))
    if reports:
        cases.append((f"({len(reports)} reports of a sanitizer)", "failed"))
        output = "\n".join([output, *reports])
    return Outcome(test, cases, output, time.monotonic() - start)


def tell(outcome, allow_skip):
    print(f"== {outcome.test.title}: {len(outcome.cases)} cases, {outcome.seconds:.1f} s")
    for name, verdict in outcome.cases:
        print(f"   {verdict}  {name}")
    if outcome.count("failed") or (outcome.count("skipped") and not allow_skip):
        print("-- what it printed, its end --")
        print("\n".join(line for line in outcome.output.splitlines()[-120:]
                        if not re.search(r"(Entering|Leaving) test", line)))
    sys.stdout.flush()


def run_all(tests, allow_skip):
    """The tests, two at a time; those that want the machine for themselves come after the others."""
    outcomes = []
    together = [t for t in tests if not t.alone]
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for future in concurrent.futures.as_completed(
                [pool.submit(run, t, allow_skip) for t in together]):
            outcomes.append(future.result())
            tell(outcomes[-1], allow_skip)
    for test in (t for t in tests if t.alone):
        outcomes.append(run(test, allow_skip))
        tell(outcomes[-1], allow_skip)
    return outcomes


def main():
    parser = argparse.ArgumentParser(prog="dev/test")
    parser.add_argument("builds", nargs="+", metavar="FOLDER[=PATTERN]")
    parser.add_argument("--only", action="append", help="run what matches this")
    parser.add_argument("--allow-skip", action="store_true")
    arguments = parser.parse_args()

    tests = [t for build in arguments.builds for t in tests_of(build)]
    if arguments.only:
        tests = [t for t in tests if any(re.search(o, t.name) for o in arguments.only)]

    outcomes = run_all(tests, arguments.allow_skip)
    failures = [(o.test.title, name, verdict) for o in outcomes for name, verdict in o.cases
                if verdict == "failed" or (verdict == "skipped" and not arguments.allow_skip)]
    for test, name, verdict in failures:
        missing = " (skipped: something it needs is missing)" if verdict == "skipped" else ""
        print(f"FAILED {test}: {name}{missing}")
    passed = sum(o.count("passed") for o in outcomes)
    line = f"{passed} passed, {len(failures)} failed"
    if arguments.allow_skip:
        line += f", {sum(o.count('skipped') for o in outcomes)} skipped"
    print(line)
    # A run of nothing proves nothing.
    return 1 if failures or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
