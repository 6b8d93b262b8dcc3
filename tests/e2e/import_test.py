"""marketcron import: what it writes is a good file, and its jobs are due when the crontab's were."""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

program = sys.argv.pop(1)
samples = sorted((pathlib.Path(__file__).parent.parent / "conformance" / "crontab").glob("*.crontab"))
year = ["-n", "600", "--from", "2027-01-01T00:00:00Z", "--json"]


def run(*words, check=True):
    done = subprocess.run([program, *map(str, words)], capture_output=True, text=True, check=False, timeout=60)
    if check and done.returncode:
        raise AssertionError(f"{words}: {done.stderr}")
    return done


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


class Import(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.file = pathlib.Path(self.folder.name) / "imported.toml"

    def imported(self, *words):
        self.file.write_text(run("import", *words).stdout)
        return self.file

    def test_a_systemd_timer(self):
        timer = pathlib.Path(self.folder.name) / "load.timer"
        timer.write_text("[Timer]\nOnCalendar=Mon..Fri 09:05 Europe/London\nOnCalendar=2026-01-01\nPersistent=true\n")
        self.assertIn("load.timer:3: warning: left out: `2026-01-01` names a year", run("import", timer).stderr)
        file = self.imported(timer)
        self.assertIn("good", run("check", file).stdout)
        [fire] = lines(run("next", "load", "-c", file, "--from", "2026-07-03T12:00:00Z", "-n", "1", "--json").stdout)
        self.assertEqual(fire["local"], "2026-07-06T09:05:00+01:00")

    def test_an_anacrontab(self):
        table = pathlib.Path(self.folder.name) / "anacrontab"
        table.write_text("START_HOURS_RANGE=3-22\n1\t5\tcron.daily\trun-parts /etc/cron.daily\n9 x\n")
        done = run("import", table)
        self.assertIn("anacrontab:3: warning: left out", done.stderr)
        self.assertIn("good", run("check", self.imported(table)).stdout)
        self.assertIn('schedule = "5 3 * * *"', done.stdout)
        job, mistake = lines(run("import", "--json", table).stdout)
        self.assertEqual((job["line"], job["schedule"], job["command"]), (2, "5 3 * * *", "run-parts /etc/cron.daily"))
        self.assertEqual(mistake["line"], 3)

    def test_every_sample_is_due_as_it_was(self):
        self.assertGreaterEqual(len(samples), 9)
        for sample in samples:
            with self.subTest(sample=sample.name):
                system = ["--system"] if sample.name.startswith(("etc-", "system-")) else []
                entries = [line for line in lines(run("import", sample, *system, "--json").stdout) if "error" not in line]
                file = self.imported(sample, *system)
                self.assertIn("good", run("check", file).stdout)
                names = [line[5:-1] for line in file.read_text().splitlines() if line.startswith("[job.")]
                self.assertEqual(len(names), len(entries))
                for name, entry in zip(names, entries):
                    if entry["schedule"] == "@reboot":
                        continue
                    zone = entry["env"].get("CRON_TZ")
                    wanted = run("next", "--schedule", entry["schedule"], *(["--timezone", zone] if zone else []), *year)
                    got = run("next", name, "-c", file, *year)
                    fires = [[fire["fire"], fire["local"]] for fire in lines(got.stdout)]
                    self.assertEqual(fires, [[fire["fire"], fire["local"]] for fire in lines(wanted.stdout)])
                    self.assertGreater(len(fires), 10)

    def test_keys_and_mistakes(self):
        table = pathlib.Path(self.folder.name) / "table"
        table.write_text('MAILTO="a@b"\n0 1 * * * cat%x\n0 25 * * * y\n')
        job, mistake = lines(run("import", table, "--json", "--user", "root").stdout)
        self.assertEqual(list(job), ["line", "user", "schedule", "command", "stdin", "env", "mailto"])
        self.assertEqual((job["line"], job["user"], job["command"], job["stdin"], job["mailto"]), (2, "root", "cat", "x\n", "a@b"))
        self.assertEqual(job["env"], {"MAILTO": "a@b", "SHELL": "/bin/sh", "HOME": "/root", "LOGNAME": "root", "USER": "root",
                                      "PATH": "/usr/bin:/bin:/usr/sbin:/sbin"})
        self.assertEqual(list(mistake), ["line", "error"])
        self.assertEqual(mistake["line"], 3)

    def test_a_line_that_cron_refuses_is_told(self):
        table = pathlib.Path(self.folder.name) / "table"
        table.write_text("0 25 * * * y\n0 1 * * * x\n")
        done = run("import", table)
        self.assertIn(f"{table}:1: warning: left out: ", done.stderr)
        self.assertIn("[job.x]", done.stdout)

    def test_a_table_of_bytes_that_are_no_text(self):
        table = pathlib.Path(self.folder.name) / "table"
        table.write_bytes(b"0 1 * * * echo \xff\n0 2 * * * echo \x01'x'\n" + b"0 3 * * * " + b"x" * 100_000 + b"\n")
        self.assertEqual(len(lines(run("import", table, "--json").stdout)), 3)

    def test_no_file(self):
        done = run("import", "/no/crontab", check=False)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("/no/crontab", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
