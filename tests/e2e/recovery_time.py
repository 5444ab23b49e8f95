"""How long a server that was killed amid a large workflow takes until it answers again."""
import os
import re
import shutil
import subprocess
import tempfile
import time

import harness

STARTS = 3


def spec(jobs):
    """Four stages, so that most jobs are blocked; the first job is a long one."""
    lines = ["name: large", "jobs:"]
    for s in range(1, 5):
        waits = f", depends_on: [b{s - 1}]" if s > 1 else ""
        lines.append(f'  - {{name: "s{s}_{{i}}", command: "sleep 0.01", '
                     f'parameters: {{i: "1:{jobs // 4}"}}{waits}}}')
        lines.append(f'  - {{name: b{s}, command: "true", depends_on_regexes: ["^s{s}_"]}}')
    return "\n".join(lines)


def measure(jobs, folder):
    """Prints the seconds of each start; always true."""
    where = tempfile.mkdtemp(prefix="torc-recovery-", dir=folder)
    torc = os.path.join(harness.BIN, "torc")
    try:
        with open(os.path.join(where, "spec.yaml"), "w") as file:
            file.write(spec(jobs))
        server = harness.Server(where)
        how = {"cwd": where, "env": harness.environment(TORC_API_URL=server.url)}
        said = subprocess.run([torc, "workflows", "create", "spec.yaml"], capture_output=True,
                              text=True, check=True, **how).stdout
        workflow = re.search(r"Created workflow (\d+)", said)[1]
        runner = subprocess.Popen([torc, "workflows", "run", workflow, "--max-parallel-jobs", "16"],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, **how)
        while server.get(f"/results?workflow_id={workflow}&limit=1")["total_count"] < 200:
            time.sleep(0.05)
        seconds = []
        for _ in range(STARTS):
            server.kill()
            began = time.monotonic()
            server = harness.Server(where, port=server.port)
            server.get("/workflows")
            seconds.append(time.monotonic() - began)
        runner.kill()
        runner.wait()
        server.kill()
        size = sum(os.path.getsize(os.path.join(where, name))
                   for name in ("server.db", "server.db-wal")) / 1e6
        print(f"{jobs} jobs, {size:.0f} MB: answered " + ", ".join(f"{s:.2f}" for s in seconds)
              + " s after its start")
        return True
    finally:
        shutil.rmtree(where)
