#!/usr/bin/env python3
"""unit_test.py MARKETCRON: systemd-analyze accepts packaging/marketcron.service, alone and hardened.

The unit is read in a copy whose commands name the program just built.
"""
import configparser
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

packaging = pathlib.Path(__file__).resolve().parents[2] / "packaging"
program = pathlib.Path(sys.argv.pop(1)).resolve()
# systemd-analyze's tenths, from 0 (safe) to 100, that must not be exceeded: of the unit alone, with the drop-in for a
# machine's root crontabs, which may do nearly everything, and hardened.
exposure_max, crontabs_exposure_max, hardened_exposure_max = 50, 79, 30


class Unit(unittest.TestCase):
    def setUp(self):
        self.assertTrue(shutil.which("systemd-analyze"), "systemd-analyze is missing: install the package systemd")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.unit = self.folder / "marketcron.service"
        text = (packaging / "marketcron.service").read_text(encoding="utf-8")
        self.unit.write_text(text.replace("/usr/bin/marketcron", str(program)), encoding="utf-8")

    def add(self, *names):
        folder = self.folder / "marketcron.service.d"
        folder.mkdir(exist_ok=True)
        for name in names:
            shutil.copy(packaging / "marketcron.service.d" / name, folder)

    def analyze(self, *arguments):
        # The folder comes first, the system's own units after it.
        environment = os.environ | {"SYSTEMD_UNIT_PATH": f"{self.folder}:", "SYSTEMD_COLORS": "0"}
        done = subprocess.run(["systemd-analyze", *arguments, str(self.unit)], env=environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                              timeout=60, check=False)
        return done.returncode, done.stdout

    def verify(self):
        return self.analyze("verify", "--recursive-errors=yes", "--man=no")

    @staticmethod
    def settings_of(path):
        """The last value of each key; lists add up over lines of the same key."""
        parser = configparser.ConfigParser(strict=False, interpolation=None)
        parser.optionxform = str
        parser.read(path)
        return parser["Service"]

    def settings(self):
        return self.settings_of(self.unit)

    def test_it_is_accepted(self):
        self.assertEqual(self.verify(), (0, ""))

    def test_it_is_accepted_with_each_drop_in(self):
        for names in (["crontabs.conf"], ["crontabs.conf", "hardening.conf"]):
            with self.subTest(names):
                self.add(*names)
                self.assertEqual(self.verify(), (0, ""))

    def test_one_cron_at_a_time_but_for_who_wants_both(self):
        """In a drop-in, because only a drop-in can be masked: lists of dependencies cannot be emptied."""
        for line in self.unit.read_text(encoding="utf-8").splitlines():
            self.assertFalse(line.startswith("Conflicts="), line)
        text = (packaging / "marketcron.service.d" / "crontabs.conf").read_text(encoding="utf-8")
        for key in ("Conflicts", "After"):
            names = next(line for line in text.splitlines() if line.startswith(key + "=")).split("=")[1].split()
            self.assertEqual(names, ["cron.service", "crond.service", "cronie.service", "bcron.service", "cron.target"])
        install = (packaging.parent / "cmake" / "package.cmake").read_text(encoding="utf-8")
        self.assertIn("crontabs.conf DESTINATION /lib/systemd/system/marketcron.service.d", install)

    def test_it_waits_for_the_right_time_where_something_sets_it(self):
        text = self.unit.read_text(encoding="utf-8")
        self.assertRegex(text, r"(?m)^After=.*\btime-sync\.target\b")
        self.assertRegex(text, r"(?m)^Wants=.*\btime-sync\.target\b")

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

    def is_exposed(self, tenths):
        code, text = self.analyze("security", "--offline=yes", f"--threshold={tenths}")
        return code != 0, text

    def test_how_exposed_it_is(self):
        for names, most in (([], exposure_max), (["hardening.conf"], hardened_exposure_max),
                            (["crontabs.conf", "hardening.conf"], hardened_exposure_max)):
            with self.subTest(names):
                self.add(*names)
                exposed, text = self.is_exposed(most)
                self.assertFalse(exposed, text)

    def test_the_package_looks_for_the_crons_beside_which_the_daemon_does_not_begin(self):
        source = (packaging.parent / "src" / "os" / "other_cron.cpp").read_text(encoding="utf-8")
        names = re.findall(r'"([^"]+)"', re.search(r"names\{(.*?)\};", source, re.S).group(1))
        script = (packaging / "debian" / "postinst").read_text(encoding="utf-8")
        self.assertEqual(re.search(r"case \$name in (.*?)\) ;;", script).group(1).split(" | "), names)

    def test_with_crontabs_it_forbids_what_costs_them_nothing(self):
        self.add("crontabs.conf")
        exposed, text = self.is_exposed(crontabs_exposure_max)
        self.assertFalse(exposed, text)
        self.assertTrue(self.is_exposed(crontabs_exposure_max - 1)[0], "it is better than the threshold: lower that")

    def test_what_crontabs_need_is_given_back_to_them(self):
        """Mounts that others see, containers, cgroups, settings: all that the unit forbids, but what they never need."""
        given = self.settings_of(packaging / "marketcron.service.d" / "crontabs.conf")
        stay = {"LockPersonality", "RestrictRealtime", "SystemCallArchitectures", "SystemCallErrorNumber"}
        calls = "~@clock @cpu-emulation @module @obsolete @raw-io @reboot @swap"
        capabilities = "~CAP_BLOCK_SUSPEND CAP_LEASE CAP_SYS_BOOT CAP_SYS_MODULE CAP_SYS_PACCT CAP_SYS_TIME CAP_WAKE_ALARM"
        forbids = re.compile("Capability|Lock|NoNew|Private|Protect|Restrict|SystemCall")
        for key in {key for key in self.settings() if forbids.match(key)} - stay:
            self.assertIn(given.get(key), ("no", "", calls, capabilities), key)

    def test_nothing_is_hidden(self):
        """A job that sees less than it did, and no error, does the wrong thing: `pgrep -x server || start-it`."""
        for key in ("ProtectProc", "ProcSubset", "PrivateTmp", "ProtectHome", "InaccessiblePaths", "TemporaryFileSystem"):
            self.assertNotIn(key, self.settings())

    def test_no_job_loses_sudo_its_files_its_devices_or_the_network(self):
        for key in ("NoNewPrivileges", "RestrictSUIDSGID", "PrivateDevices", "PrivateTmp", "PrivateNetwork", "ProtectClock",
                    "ProtectHome", "ProtectSystem", "User"):
            self.assertNotIn(key, self.settings())


if __name__ == "__main__":
    unittest.main()
