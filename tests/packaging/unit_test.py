#!/usr/bin/env python3
"""unit_test.py MARKETCRON: systemd-analyze accepts packaging/marketcron.service, alone and hardened.

The unit is read in a copy whose commands name the program just built.
"""
import configparser
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

packaging = pathlib.Path(__file__).resolve().parents[2] / "packaging"
program = pathlib.Path(sys.argv.pop(1)).resolve()
# systemd-analyze's tenths, from 0 (safe) to 100: what the hardened unit must not exceed.
exposure_max = 40


class Unit(unittest.TestCase):
    def setUp(self):
        self.assertTrue(shutil.which("systemd-analyze"), "systemd-analyze is missing: install the package systemd")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.unit = self.folder / "marketcron.service"
        text = (packaging / "marketcron.service").read_text(encoding="utf-8")
        self.unit.write_text(text.replace("/usr/bin/marketcron", str(program)), encoding="utf-8")

    def harden(self):
        shutil.copytree(packaging / "marketcron.service.d", self.folder / "marketcron.service.d")

    def analyze(self, *arguments):
        # The folder comes first, the system's own units after it.
        environment = os.environ | {"SYSTEMD_UNIT_PATH": f"{self.folder}:", "SYSTEMD_COLORS": "0"}
        done = subprocess.run(["systemd-analyze", *arguments, str(self.unit)], env=environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                              timeout=60, check=False)
        return done.returncode, done.stdout

    def verify(self):
        return self.analyze("verify", "--recursive-errors=yes", "--man=no")

    def settings(self):
        parser = configparser.ConfigParser(strict=True, interpolation=None)
        parser.optionxform = str
        parser.read(self.unit)
        return parser["Service"]

    def test_it_is_accepted(self):
        self.assertEqual(self.verify(), (0, ""))

    def test_it_is_accepted_hardened(self):
        self.harden()
        self.assertEqual(self.verify(), (0, ""))

    def test_a_misspelt_key_would_be_refused(self):
        with open(self.unit, "a", encoding="utf-8") as unit:
            unit.write("[Service]\nKilMode=process\n")
        self.assertIn("KilMode", self.verify()[1])

    def test_a_missing_program_would_be_refused(self):
        text = self.unit.read_text(encoding="utf-8")
        self.unit.write_text(text.replace(str(program), str(program) + "-gone"), encoding="utf-8")
        self.assertNotEqual(self.verify()[0], 0)

    def test_jobs_outlive_the_daemon(self):
        settings = self.settings()
        self.assertEqual(settings["KillMode"], "process")
        self.assertEqual(settings["OOMPolicy"], "continue")
        self.assertEqual(settings["Type"], "notify")
        self.assertIn("WatchdogSec", settings)

    def test_hardened_it_is_little_exposed(self):
        plain, _ = self.analyze("security", "--offline=yes", f"--threshold={exposure_max}")
        self.assertNotEqual(plain, 0, "without the drop-in the threshold must not be met: it measures nothing")
        self.harden()
        code, text = self.analyze("security", "--offline=yes", f"--threshold={exposure_max}")
        self.assertEqual(code, 0, text)


if __name__ == "__main__":
    unittest.main()
