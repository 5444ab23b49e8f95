"""The command that runs the contention document prints its metrics and judges them."""
import os
import subprocess
import sys

import harness

COMMAND = os.path.join(os.path.dirname(__file__), "..", "..", "dev", "contention")


def staged(stages, width, command):
    lines = ["name: small", "jobs:"]
    for s in range(1, stages + 1):
        waits = f", depends_on: [barrier_{s - 1}]" if s > 1 else ""
        lines.append(f'  - {{name: "s{s}_{{i:02d}}", command: "{command}", '
                     f'parameters: {{i: "1:{width}"}}{waits}}}')
        lines.append(f'  - {{name: barrier_{s}, command: "true", '
                     f'depends_on_regexes: ["^s{s}_\\\\d+$"]}}')
    return "\n".join(lines) + "\n"


class Contention(harness.Case):

    def contention(self, spec, exits):
        self.write("spec.yaml", spec)
        done = subprocess.run([sys.executable, COMMAND, "--spec", "spec.yaml"], cwd=self.folder,
                              capture_output=True, text=True, timeout=harness.PATIENCE_S,
                              env={**os.environ, "TORC_BIN": os.path.abspath(harness.BIN)})
        self.assertEqual(done.returncode, exits, done.stdout + done.stderr)
        return done.stdout

    def test_it_prints_the_four_metrics_and_that_the_criteria_are_met(self):
        said = self.contention(staged(3, 20, "true"), exits=0)
        self.assertIn("63 of 63", said)
        self.assertIn("lock messages        0 ", said)
        self.assertIn("retries              0 ", said)
        steps = next(line for line in said.splitlines() if line.startswith("stage transitions"))
        self.assertEqual(steps.count(","), 4)  # five steps between three stages and three barriers
        self.assertIn("total time", said)

    def test_it_fails_where_a_job_does(self):
        said = self.contention(staged(1, 3, "false"), exits=1)
        self.assertIn("NOT met: ", said)


if __name__ == "__main__":
    harness.main()
