"""Recorded schedules of kill -9 at named points, replayed: what ran is what is recorded, once.
dev/torture draws others."""
import os
import shutil
import tempfile
import unittest

import harness
import rounds

SHIM = os.environ.get("TORC_SHIM", "")


class Torture(unittest.TestCase):

    def test_every_recorded_schedule_is_survived(self):
        with open(os.path.join(os.path.dirname(__file__), "schedules.txt")) as file:
            schedules = file.read().splitlines()
        self.assertEqual(len(schedules), 50)
        for number, schedule in enumerate(schedules, 1):
            with self.subTest(number=number, schedule=schedule):
                folder = tempfile.mkdtemp(prefix="torc-torture-")
                self.addCleanup(shutil.rmtree, folder)
                played = rounds.Round(folder, schedule, SHIM, has_gate=True).play()
                self.assertEqual(played.faults, [])
                self.assertEqual(played.missed(), [], "kills that did not come")


if __name__ == "__main__":
    harness.main()
