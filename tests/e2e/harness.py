"""Starts the real programs in a folder of their own and waits for what they say or for their end."""
import json
import os
import signal
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

BIN = os.environ.get("TORC_BIN", "")
PATIENCE_S = 120  # nobody waits so long unless something hangs


def environment(**more):
    """The caller's, without what would lead the programs elsewhere."""
    kept = {k: v for k, v in os.environ.items()
            if not k.startswith(("TORC_", "OTEL_"))
            and k not in ("DATABASE_URL", "RUST_LOG", "TRACEPARENT")}
    return {**kept, **more}


def run_inside(variable):
    """Starts this program again by the interpreter of the environment that `variable` names, where
    there is one."""
    python = os.path.join(os.environ.get(variable, ""), "bin", "python")
    if os.path.exists(python) and os.path.dirname(sys.executable) != os.path.dirname(python):
        os.execv(python, [python, *sys.argv])


class NoPort(AssertionError):
    """A server ended before it listened; `code` is its exit code."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


class Server:
    """A server on the database `file` in `folder`; on a free port, or where a killed one was."""

    def __init__(self, folder, file="server.db", program=None, more=(), env=None,
                 port=0):
        self.log_path = os.path.join(folder, "server.log")
        command = [program or os.path.join(BIN, "torc-server"), "run", "--port", str(port), *more]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                command, cwd=folder, stdout=subprocess.PIPE, stderr=log, text=True,
                env=environment(DATABASE_URL=f"sqlite:{file}", **(env or {})))
        self.first_line = self.process.stdout.readline()
        if not self.first_line.startswith("TORC_SERVER_PORT="):
            code = self.process.wait() if not self.first_line else None
            self.kill()
            raise NoPort(code, f"no port, but {self.first_line!r}; its log:\n{self.log()}")
        self.port = int(self.first_line.split("=")[1])
        self.url = f"http://127.0.0.1:{self.port}/torc-service/v1"

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=PATIENCE_S) as reply:
            return json.load(reply)

    def stop(self, number=signal.SIGTERM):
        """Asks it to end. Returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self.process.stdout.close()

    def kill(self):
        """As if the power of its process were cut."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def log(self):
        with open(self.log_path) as log:
            return log.read()


class Case(unittest.TestCase):
    """A test with a folder that vanishes, and perhaps a server."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="torc-e2e-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.servers = []
        self.addCleanup(self.stop_servers)

    def stop_servers(self):
        for server in self.servers:
            if server.process.poll() is None:
                server.stop()

    def server(self, **how):
        server = Server(self.folder, **how)
        self.servers.append(server)
        return server

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, name, text):
        mode = "wb" if isinstance(text, bytes) else "w"
        with open(self.path(name), mode) as file:
            file.write(text)
        return name

    def read(self, *parts):
        with open(self.path(*parts)) as file:
            return file.read()

    def until(self, is_true, what):
        """Waits for something that can only be looked at."""
        deadline = time.monotonic() + PATIENCE_S
        while not is_true():
            self.assertLess(time.monotonic(), deadline, what)
            time.sleep(0.01)

    def until_said(self, text, *parts):
        """Waits until a log has the text."""
        self.until(lambda: os.path.exists(self.path(*parts)) and text in self.read(*parts),
                   f"{parts} never said {text!r}")

    def start(self, *words, url=None, program="torc", env=None, **how):
        more = {**({"TORC_API_URL": url} if url else {}), **(env or {})}
        return subprocess.Popen([os.path.join(BIN, program), *map(str, words)], cwd=self.folder,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, env=environment(**more), **how)

    def end(self, process):
        """Waits for its end; gives its exit code and what it said."""
        try:
            out, err = process.communicate(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            self.fail(f"{process.args} did not end; it said\n{out}\n{err}")
        return process.returncode, out, err

    def torc(self, *words, url=None, exits=0, program="torc"):
        """Runs a command to its end and checks its exit code. Gives its standard output."""
        code, out, err = self.end(self.start(*words, url=url, program=program))
        self.assertEqual(code, exits, f"torc {words}\n-- out\n{out}\n-- err\n{err}")
        self.said = err
        return out

    def data(self, *words, url, exits=0):
        return json.loads(self.torc("-f", "json", *words, url=url, exits=exits))

    def create(self, spec, url):
        self.write("spec.yaml", spec)
        return self.data("workflows", "create", "spec.yaml", url=url)["workflow_id"]

    def job_statuses(self, workflow, url):
        jobs = self.data("jobs", "list", workflow, url=url)["jobs"]
        return {job["name"]: job["status"] for job in jobs}


def main():
    if not os.path.exists(os.path.join(BIN, "torc")):
        sys.exit("TORC_BIN must name the folder of the programs")
    unittest.main(verbosity=2)
