"""Recorded schedules of kill -9 at named points, replayed: what ran is what is recorded, once.
dev/torture draws others."""
import concurrent.futures
import os
import subprocess
import sys
import tempfile
import unittest

import harness
import rounds

SHIM = os.environ.get("TORC_SHIM", "")
TRIES = 5


class Torture(unittest.TestCase):

    def test_every_recorded_schedule_is_survived(self):
        with open(os.path.join(os.path.dirname(__file__), "schedules.txt")) as file:
            schedules = file.read().splitlines()
        self.assertEqual(len(schedules), 50)
        with concurrent.futures.ThreadPoolExecutor(2) as players:
            played = list(players.map(self.play, schedules))
        for number, (schedule, one) in enumerate(zip(schedules, played), 1):
            with self.subTest(number=number, schedule=schedule):
                self.assertEqual(one.faults, [])
                self.assertEqual(one.missed(), [], "kills that did not come")

    def test_the_folder_of_the_rounds_is_made(self):
        program = os.path.join(os.path.dirname(__file__), "..", "..", "dev", "torture")
        with tempfile.TemporaryDirectory() as top:
            folder = os.path.join(top, "not", "there")
            run = subprocess.run([sys.executable, program, "--rounds", "1", "--dir", folder],
                                 env=dict(os.environ), capture_output=True, text=True)
            self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
            self.assertEqual(os.listdir(folder), [])
            with open(os.path.join(top, "file"), "w"):
                pass
            run = subprocess.run([sys.executable, program, "--rounds", "1", "--dir",
                                  os.path.join(top, "file", "below")],
                                 env=dict(os.environ), capture_output=True, text=True)
            self.assertEqual(run.returncode, 2)
            self.assertNotIn("Traceback", run.stderr)
            self.assertIn("name another folder", run.stderr)

    @staticmethod
    def play(schedule):
        """Again where a kill did not come: one runner may have done all before the other began."""
        for _ in range(TRIES):
            with tempfile.TemporaryDirectory(prefix="torc-torture-") as folder:
                played = rounds.Round(folder, schedule, SHIM, has_gate=True).play()
            if played.faults or not played.missed():
                break
        return played


if __name__ == "__main__":
    harness.main()
