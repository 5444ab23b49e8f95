"""schemathesis calls every operation of the description with good and bad values.

    description.py                   a short run, as dev/test has it
    description.py --examples 500    a longer one
"""
import os
import subprocess
import sys
import tempfile

import harness

TOOL = os.environ.get("TORC_SCHEMATHESIS", "")
SKIPPED = 77

# What a body asks for may be impossible though each of its values is possible: 409 and 422.
CONFIGURATION = """
[checks]
positive_data_acceptance.expected-statuses = ["2xx", 401, 403, 404, 409, 422]
"""

# A stream of events has no end, and a test of its own.
LEFT_OUT = "/stream$"


def run(examples, seed):
    with tempfile.TemporaryDirectory(prefix="torc-e2e-") as folder:
        configuration = os.path.join(folder, "schemathesis.toml")
        with open(configuration, "w") as file:
            file.write(CONFIGURATION)
        server = harness.Server(folder)
        try:
            return subprocess.run(
                [TOOL, "--config-file", configuration, "run", server.url + "/openapi.json",
                 "--url", server.url, "--checks", "all", "--mode", "all",
                 "--max-examples", str(examples), "--seed", str(seed),
                 "--generation-allow-x00", "false", "--generation-database", "none",
                 "--request-timeout", "20", "--exclude-path-regex", LEFT_OUT, "--continue-on-failure",
                 "--no-color"], cwd=folder).returncode
        finally:
            server.stop()


if __name__ == "__main__":
    if not os.path.exists(TOOL):
        print("schemathesis is not here; dev/install --tests provides it")
        sys.exit(SKIPPED)
    words = dict(zip(sys.argv[1::2], sys.argv[2::2]))
    sys.exit(run(int(words.get("--examples", 3)), int(words.get("--seed", 1))))
