"""marketcron import: its output is a valid file, and the jobs are due when the crontab's were."""
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
        timer.write_text("[Timer]\nOnCalendar=Mon..Fri 09:05 Europe/London\nOnCalendar=Foo 9:00\nPersistent=true\n")
        self.assertIn("load.timer:3: warning: left out: `Foo` is not a day of the week", run("import", timer).stderr)
        file = self.imported(timer)
        self.assertIn("good", run("check", file).stdout)
        [fire] = lines(run("next", "load", "-c", file, "--from", "2026-07-03T12:00:00Z", "-n", "1", "--json").stdout)
        self.assertEqual(fire["local"], "2026-07-06T09:05:00+01:00")

    def schedules(self, *words):
        """The schedules in import's output, which must be a valid file."""
        text = self.imported(*words).read_text()
        self.assertIn("good", run("check", self.file).stdout)
        return [line.split(" = ", 1)[1].strip('"') for line in text.splitlines() if line.startswith("schedule = ")]

    def unit(self, place, text):
        path = pathlib.Path(self.folder.name) / "root" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def test_the_drop_ins_of_a_timer(self):
        timer = self.unit("load.timer", "[Timer]\nOnCalendar=Mon-Fri 09:05\nPersistent=true\n")
        self.assertEqual(self.schedules(timer), ["5 9 * * mon-fri"])
        self.unit("load.timer.d/20-more.conf", "[Timer]\nOnCalendar=Sat,Sun 10:00\n")
        self.assertEqual(self.schedules(timer), ["5 9 * * mon-fri", "0 10 * * sat,sun"])
        self.unit("load.timer.d/10-other.conf", "[Timer]\nOnCalendar=\nOnCalendar=hourly\n")
        self.unit("load.timer.d/readme.txt", "[Timer]\nOnCalendar=daily\n")
        self.assertEqual(self.schedules(timer), ["0 * * * *", "0 10 * * sat,sun"])

    def test_etc_comes_before_usr_lib(self):
        own = self.unit("usr/lib/systemd/system/load.timer", "[Timer]\nOnCalendar=daily\n")
        self.unit("usr/lib/systemd/system/other.timer", "[Timer]\nOnCalendar=weekly\n")
        self.unit("usr/lib/systemd/system/masked.timer", "[Timer]\nOnCalendar=monthly\n")
        self.unit("usr/lib/systemd/system/load.timer.d/10-x.conf", "[Timer]\nOnCalendar=Mon 1:00\n")
        self.unit("etc/systemd/system/load.timer.d/10-x.conf", "[Timer]\nOnCalendar=Tue 1:00\n")
        etc = self.unit("etc/systemd/system/new.timer", "[Timer]\nOnCalendar=hourly\n").parent
        (etc / "masked.timer").symlink_to("/dev/null")
        self.assertEqual(self.schedules(own), ["0 0 * * *", "0 1 * * tue"])
        # A directory of systemd's means all of them.
        for folder in (own.parent, f"{etc}/"):
            self.assertEqual(self.schedules(folder), ["0 0 * * *", "0 1 * * tue", "0 * * * *", "0 0 * * mon"])
        self.unit("etc/systemd/system/load.timer", "[Timer]\nOnCalendar=Wed 2:00\n")
        self.assertEqual(self.schedules(etc)[0], "0 2 * * wed")

    def test_a_directory_of_crontabs(self):
        self.unit("cron.d/a", "0 1 * * * root /opt/a\n")
        self.unit("cron.d/b", "0 2 * * * root /opt/b\n")
        self.unit("cron.d/c.dpkg-old", "0 3 * * * root /opt/c\n")
        self.assertEqual(self.schedules(pathlib.Path(self.folder.name) / "root" / "cron.d", "--system"), ["0 1 * * *", "0 2 * * *"])
        empty = pathlib.Path(self.folder.name) / "empty"
        empty.mkdir()
        done = run("import", empty, check=False)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("has neither timers nor crontabs", done.stderr)
        done = run("import", "no-such-unit-at-all.timer", check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("the unit no-such-unit-at-all.timer was not found", done.stderr)

    def test_questions_of_a_timer(self):
        timer = self.unit("load.timer", "[Timer]\nOnCalendar=Sun *-*-1..7 02:00 UTC\nOnCalendar=*-*~1 03:00 UTC\n")
        self.imported(timer)
        fires = lines(run("next", "-c", self.file, "--from", "2026-01-01T00:00:00Z", "-n", "4", "--json").stdout)
        self.assertEqual([fire["fire"] for fire in fires], ["2026-01-04T02:00:00Z", "2026-01-31T03:00:00Z",
                                                            "2026-02-01T02:00:00Z", "2026-02-28T03:00:00Z"])

    def test_several_addresses(self):
        table = self.unit("tab", "MAILTO=a@example.com,b@example.com\n0 9 * * 1-5 report\n")
        self.imported(table)
        self.assertIn('notify = { output = ["mail:a@example.com", "mail:b@example.com"] }', self.file.read_text())
        self.assertIn("good", run("check", self.file).stdout)

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

    def test_what_is_left_out_is_told_with_what_to_write_and_counted(self):
        table = pathlib.Path(self.folder.name) / "table"
        table.write_text("0 9 * * MON#1 a\n0 22-2 * * * b\n0 1 * * * c\nCRON_TZ=Mars/Base\n0 2 * * * d\n")
        done = run("import", table)
        self.assertIn(f"{table}:1: warning: left out: '0 9 * * MON#1': 'MON#1' is ", done.stderr)
        self.assertIn('in marketcron.toml write schedule = "0 9 * * *" with when = "nth_weekday(1, mon)"', done.stderr)
        self.assertIn("write 0 22-23,0-2 * * *", done.stderr)
        self.assertIn(f'{table}:5: warning: left out: unknown time zone "Mars/Base"', done.stderr)
        self.assertTrue(done.stderr.endswith("marketcron: 3 of 4 lines are left out; the reasons are above, and in comments in the file\n"))
        table.write_text("0 1 * * * c\n")
        self.assertEqual(run("import", table).stderr, "")

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
