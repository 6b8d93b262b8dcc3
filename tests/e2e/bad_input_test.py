#!/usr/bin/env python3
"""bad_input_test.py MARKETCRON: every mistake is reported with its place and a remedy, with the right exit
code (1 refused, 2 usage or configuration, 3 no daemon), and loses nothing."""
import calendar
import os
import pathlib
import sqlite3
import subprocess
import textwrap
import time

import desk
from desk import DeskTest, HEAD, NOBODY, wait_for

JOB = '[job.a]\nschedule = "@yearly"\ncommand = "echo hello"\n'
WEBHOOK = "https://hooks.slack.com/services/T000/B000/topsecretword"


class File(DeskTest):
    """The configuration as a file: `check` and `daemon` refuse the same files, and create nothing."""

    def refused(self, *parts, ordinary=False):
        for command in ("check", "daemon"):
            with self.subTest(command=command):
                self.says(self.desk.run(command, ordinary=ordinary), 2, *parts)
        self.assertFalse(self.desk.state.exists(), "a bad file made a state directory")

    def test_files_that_include_each_other_are_read_once(self):
        (self.desk.folder / "inc").mkdir()
        self.desk.write('include = ["../desk.toml"]\n[job.b]\nschedule = "@daily"\ncommand = "true"\n', name="inc/1.toml")
        self.desk.write('include = ["inc/1.toml"]\n' + JOB)
        self.assertEqual(self.desk.run("check").out, f"{self.desk.config}: 2 jobs, 0 warnings: good\n")

    def test_what_this_machine_lacks_is_a_warning(self):
        self.desk.jobs('[slack.ops]\nwebhook_file = "nohook"\n'
                       '[job.a]\nschedule = "@daily"\ncommand = ["/no/program"]\nuser = "nobody-of-the-name"\n'
                       'env_file = "/no/env"\ncwd = "/no/directory"\nsecret_env = { TOKEN = "/no/token" }\n'
                       '[job.off]\nenabled = false\nschedule = "@daily"\ncommand = ["/no/program"]\n')
        here = 'desk.toml:6:1: warning: job "a", on this machine: '
        checked = self.desk.run("check")
        self.says(checked, 0, f"{here}user nobody-of-the-name not found", f"{here}env_file: cannot read /no/env",
                  f"{here}secret_env TOKEN: cannot read /no/token", f"{here}cwd /no/directory is not a directory",
                  f"{here}/no/program does not exist or is not executable", "desk.toml:4:1: warning: on this machine: ")
        self.assertIn("2 jobs, 6 warnings: good", checked.out)

    def test_a_secret_that_others_can_read_is_a_warning(self):
        for name, mode in (("open", 0o644), ("shut", 0o600), ("login", 0o640)):
            self.desk.write("topsecretword:x", name=name, mode=mode)
        self.desk.jobs('[mail]\nsmtp = "smtp://127.0.0.1:1"\ntls = "none"\nlogin_file = "login"\n' + JOB +
                       'secret_env = { OPEN = "open", SHUT = "shut" }\n')
        told = (f'job "a", on this machine: secret_env OPEN: other users can read {self.desk.folder}/open, which contains a secret; '
                f"run: chmod 600 {self.desk.folder}/open", f"[mail] login_file, on this machine: other users can read {self.desk.folder}/login")
        checked = self.desk.run("check")
        self.says(checked, 0, *told)
        self.assertNotIn("SHUT", checked.err)
        self.assertNotIn("topsecretword", checked.err)
        self.desk.start()
        for line in told:
            self.assertIn(line, self.desk.log())

    def test_an_include_that_matches_nothing_is_told_at_each_reload(self):
        self.desk.write('include = ["jobs/*.toml"]\n' + HEAD + JOB)
        told = 'desk.toml:1:12: warning: include: no file matches "jobs/*.toml"'
        self.says(self.desk.run("check"), 0, told)
        self.desk.start()
        self.assertIn(told, self.desk.log())
        self.assertIn(told, self.desk.run("status").out)

    def test_a_host_whose_zone_cannot_be_read_is_told(self):
        self.desk.jobs(JOB + '[job.b]\nschedule = "@daily"\ntimezone = "Europe/London"\ncommand = "true"\n')
        told = "TZ=America/Newyork is not the name of a readable time zone: 1 job without `timezone` uses UTC; write timezone"
        self.says(self.desk.run("check", env={"TZ": "America/Newyork"}), 0, told)
        for good in ("America/New_York", "UTC", ":Etc/UTC", "", "EST5EDT,M3.2.0,M11.1.0"):
            self.assertNotIn("TZ=", self.desk.run("check", env={"TZ": good}).err, good)
        self.desk.start(env={"TZ": "America/Newyork"})
        self.assertIn(told, self.desk.log())

    def test_missing(self):
        self.refused(f"cannot read {self.desk.config}: No such file or directory; check the name, or write the file")

    def test_empty(self):
        self.desk.write("")
        self.refused(f"{self.desk.config}:1:1: error: the file is empty; write at least one [job.NAME]")

    def test_unreadable(self):
        self.desk.write(HEAD + JOB, mode=0)
        self.refused(f"cannot read {self.desk.config}: Permission denied; check its owner and mode", ordinary=True)

    def test_a_directory(self):
        self.desk.config.mkdir()
        self.refused(str(self.desk.config))

    def test_eleven_megabytes(self):
        self.desk.write(HEAD + JOB + "#" * 11_000_000)
        self.refused(f"{self.desk.config} is larger than 10000000 bytes; split it")

    def test_nul(self):
        self.desk.write(HEAD + JOB + "\0")
        self.refused(f"{self.desk.config}:7:1: error: the file contains a NUL byte; ")

    def test_half_written(self):
        self.desk.write(HEAD + JOB + '[job.b]\nschedule = "@dai')
        self.refused(f"{self.desk.config}:8:17: error: invalid TOML")

    def test_half_written_before_any_place(self):
        self.desk.write('[job.b]\nschedule = "@dai')
        self.refused(f"{self.desk.config}:2:17: error: invalid TOML")

    def test_two_jobs_of_one_name(self):
        self.desk.jobs(JOB + JOB)
        self.refused(f"{self.desk.config}:7:1: error: ", "'job.a'; keep one of them, or rename one")

    def test_unknown_names_all_at_once(self):
        self.desk.jobs(textwrap.dedent("""\
            [job.a]
            schedule = "@close"
            calendar = "XNYSE"
            timezone = "Europe/Lundon"
            command = "echo {{sesion}}"
            retrys = 2
            """))
        self.refused("desk.toml:6:12: error: unknown calendar \"XNYSE\"; did you mean XNYS?",
                     "desk.toml:7:12: error: unknown time zone \"Europe/Lundon\"; ",
                     "desk.toml:8:19: error: unknown name {{sesion}}; did you mean session?",
                     "desk.toml:9:1: error: unknown key `retrys` in [job.a]; did you mean retries?")

    def test_inline_webhook_that_others_can_read(self):
        self.desk.write(f'{HEAD}[slack.ops]\nwebhook = "{WEBHOOK}"\n{JOB}', mode=0o644)
        self.refused("desk.toml:4:1: error: other users can read ", "holds the webhook of [slack.ops]; chmod 600 ")
        self.assertNotIn("topsecretword", self.desk.run("check").err)

    def test_webhook_file_that_others_can_read(self):
        hook = self.desk.write(WEBHOOK, name="hook", mode=0o640)
        self.desk.jobs('[slack.ops]\nwebhook_file = "hook"\n' + JOB)
        self.refused(f"desk.toml:4:1: error: other users can read {hook}", f"chmod 600 {hook}")
        self.assertNotIn("topsecretword", self.desk.run("check").err)


class Reload(DeskTest):
    def setUp(self):
        super().setUp()
        self.desk.jobs(JOB)
        self.desk.start()

    def generation(self):
        status = self.desk.ask("GET", "/v1/status")
        return status["generation"], status["jobs"]

    def test_half_written_is_refused_whole_and_a_later_good_one_is_taken(self):
        before = self.generation()
        self.desk.jobs(JOB + '[job.b]\nschedule = "@daily"\ncommand = "true"\n[job.c]\nschedule = "@dai')
        self.says(self.desk.run("reload"), 1, "reload refused; the previous configuration stays active",
                  "desk.toml:11:17: error: invalid TOML")
        self.assertEqual(self.generation(), before)
        self.desk.jobs(JOB + '[job.b]\nschedule = "@daily"\ncommand = "true"\n')
        done = self.desk.run("reload")
        self.assertEqual((done.code, done.out), (0, f"loaded 2 jobs from {self.desk.config}\n"))
        self.assertEqual(self.generation()[1], 2)

    def test_a_file_whose_place_cannot_be_read_never_names_another_daemon(self):
        self.desk.write("[dae")
        for command in (["reload"], ["stop", "1"], ["drain"]):
            self.says(self.desk.run(*command), 2, "desk.toml:1:5: error: invalid TOML")
        self.desk.config.unlink()
        self.says(self.desk.run("reload"), 2, f"cannot read {self.desk.config}")
        self.assertEqual(self.generation()[1], 1)

    def test_a_run_can_be_stopped_while_the_file_is_broken(self):
        self.desk.jobs('[job.slow]\nschedule = "@yearly"\ncommand = "sleep 1000"\ncwd = "/"\n')
        self.assertEqual(self.desk.run("reload").code, 0)
        run = self.desk.start_job("slow")
        self.desk.reach(run, "running")
        good = self.desk.config.read_text()
        self.desk.write(good + "[job.b")
        self.assertEqual(self.desk.run("stop", run).code, 0)
        self.desk.write(good)
        self.assertEqual(self.desk.reach(run, "killed")["reason"], "stopped")

    def test_the_daemon_and_its_ledger_can_be_asked_while_the_file_is_broken(self):
        self.desk.jobs(JOB + 'cwd = "/"\n')
        self.assertEqual(self.desk.run("reload").code, 0)
        run = self.desk.reach(self.desk.start_job("a"), "success")["run"]
        self.desk.write(self.desk.config.read_text() + "[job.b")
        for command in (["status", "--json"], ["status"], ["runs"], ["runs", "a", "--json"], ["logs", run], ["start", "a"],
                        ["why", "a"], ["why", "a", "--json"], ["next"], ["next", "a", "--json"]):
            done = self.desk.run(*command)
            self.assertEqual(done.code, 0, (command, done))
            self.assertIn("invalid TOML", done.err)
        self.assertRegex(done.err, "the file has errors; the daemon in .* is asked instead")

    def test_a_place_that_moves_is_refused(self):
        self.desk.write('[daemon]\nstate = "elsewhere"\nsocket = "control"\n' + JOB)
        before = self.generation()
        told = self.desk.ask("POST", "/v1/reload")
        self.assertFalse(told["ok"])
        self.assertIn("`state` and `socket` of [daemon] cannot change while the daemon runs; restore them, or restart", told["text"])
        self.assertEqual(self.generation(), before)
        self.assertFalse((self.desk.folder / "elsewhere").exists())

    def test_the_rows_of_a_job_that_has_left_the_file(self):
        self.desk.jobs(JOB + 'cwd = "/"\n')
        self.assertEqual(self.desk.run("reload").code, 0)
        self.desk.reach(self.desk.start_job("a"), "success")
        self.desk.jobs(JOB.replace("job.a", "job.b"))
        self.assertEqual(self.desk.run("reload").code, 0)
        self.assertEqual([run["job"] for run in self.desk.runs("a")], ["a"])
        self.says(self.desk.run("runs", "c"), 2, "unknown job `c`")

    def test_an_inline_webhook_that_others_can_read_is_refused(self):
        before = self.generation()
        self.desk.write(f'{HEAD}[slack.ops]\nwebhook = "{WEBHOOK}"\n{JOB}', mode=0o644)
        self.says(self.desk.run("reload"), 1, "other users can read")
        self.assertEqual(self.generation(), before)
        self.assertNotIn("topsecretword", self.desk.log())

    def test_sighup_reloads_too(self):
        self.desk.jobs(JOB + JOB.replace("job.a", "job.b"))
        self.desk.daemon.send_signal(1)
        wait_for(lambda: self.generation()[1] == 2, "the second job")


class DaemonPlace(DeskTest):
    def setUp(self):
        super().setUp()
        self.desk.jobs(JOB)

    def second(self, head):
        """Starts a second daemon, with this [daemon]."""
        path = self.desk.write(head + JOB, name="second.toml")
        done = subprocess.run([self.desk.program, "daemon", "-c", path], capture_output=True, text=True, timeout=20,
                              check=False)
        return desk.Done(done.returncode, done.stdout, done.stderr)

    def test_a_second_daemon_on_the_same_state(self):
        self.desk.start()
        pid = self.desk.daemon.pid
        self.says(self.second('[daemon]\nstate = "state"\nsocket = "other"\n'), 1,
                  f"another daemon already uses the state directory {self.desk.state}: process {pid}; stop that daemon")
        self.assertEqual(self.desk.run("status").code, 0)

    def test_a_socket_in_use(self):
        self.desk.start()
        self.says(self.second('[daemon]\nstate = "state2"\nsocket = "control"\n'), 1,
                  f"the socket {self.desk.socket} is in use: another daemon answers there; stop that one")
        self.assertEqual(self.desk.run("status").code, 0)

    def test_a_socket_left_by_a_killed_daemon_is_no_obstacle(self):
        self.desk.start()
        self.desk.stop(9)
        self.says(self.desk.run("status"), 3, f"no daemon answers on {self.desk.socket}; start it with")
        self.desk.start()

    def test_the_place_in_an_include(self):
        self.desk.write(HEAD, name="place.toml")
        self.desk.write('include = ["place.toml"]\n' + JOB + 'cwd = "/"\n')
        self.desk.start()
        self.desk.reach(self.desk.start_job("a"), "success")
        self.assertEqual(self.desk.run("reload").code, 0)


class Ledger(DeskTest):
    """A ledger with one run is made unusable: it is refused with what to do, and left as it is."""

    def setUp(self):
        super().setUp()
        self.desk.jobs(JOB + 'cwd = "/"\n')
        self.desk.start()
        self.desk.reach(self.desk.start_job("a"), "success")
        self.ledger = self.desk.state / "ledger.db"

    def open(self):
        connection = sqlite3.connect(self.ledger, isolation_level=None)
        self.addCleanup(connection.close)
        return connection

    def refused(self, *parts, commands=(("daemon", 2), ("runs", 1))):
        """The daemon refuses it with exit code 2: a service manager must not restart it before a repair."""
        before = self.ledger.read_bytes() if self.ledger.exists() else None
        for command, code in commands:
            with self.subTest(command=command):
                self.says(self.desk.run(command), code, *parts)
        self.assertEqual(self.ledger.read_bytes() if self.ledger.exists() else None, before)

    def test_locked_when_the_daemon_starts(self):
        self.desk.stop()
        self.open().execute("BEGIN EXCLUSIVE")
        self.refused(f"the ledger {self.ledger} is locked by another process; `fuser -v {self.ledger}` shows that process",
                     commands=[("daemon", 1)])  # a passing trouble is retried

    def test_locked_under_the_daemon(self):
        lock = self.open()
        lock.execute("BEGIN EXCLUSIVE")
        self.says(self.desk.run("start", "a"), 1, "is locked by another process; `fuser -v")
        self.assertIn("TROUBLE: the ledger", self.desk.run("status").out)
        lock.execute("ROLLBACK")
        def started():
            return self.desk.run("start", "a").code == 0
        wait_for(started, "a start after the lock")
        wait_for(lambda: [run["state"] for run in self.desk.runs()] == ["success"] * 2, "two runs, and no third")

    def test_locked_past_the_first_attempt_to_begin_anew(self):
        self.desk.jobs('[job.a]\nschedule = "*/5 * * * * *"\ncommand = "true"\ncwd = "/"\n')
        self.assertEqual(self.desk.run("reload").code, 0)
        wait_for(lambda: 0.3 < time.time() % 5 < 0.7, "a moment after a fire")
        lock = self.open()
        lock.execute("BEGIN EXCLUSIVE")
        time.sleep(12)  # the fire in 4.5 s fails; 5 s later so does the next one, and the rebuild of the engine
        lock.execute("ROLLBACK")
        wait_for(lambda: self.desk.ask("GET", "/v1/status")["trouble"] == "", "the end of the trouble")
        newest = self.desk.runs("-n", "1")[0]["run"]
        wait_for(lambda: [run for run in self.desk.runs("--state", "success") if run["run"] > newest], "a new success")
        busy = self.cpu_seconds()
        time.sleep(1)
        self.assertLess(self.cpu_seconds() - busy, 0.5, "the daemon spins")
        fires = sorted(run["fire"] for run in self.desk.runs() if run["origin"] == "live")
        self.assertEqual(len(fires), len(set(fires)))
        seconds = [calendar.timegm(time.strptime(fire, "%Y-%m-%dT%H:%M:%SZ")) for fire in fires]
        self.assertEqual({b - a for a, b in zip(seconds, seconds[1:])}, {5}, "a fire left no row")

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.desk.daemon.pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def test_read_only(self):
        self.desk.stop()
        places = [self.desk.state, *self.desk.state.iterdir()]
        if os.geteuid() == 0:
            for place in [*places, self.desk.config]:
                os.chown(place, NOBODY, NOBODY)
        self.ledger.chmod(0o400)
        self.says(self.desk.run("daemon", ordinary=True), 1, str(self.ledger), "; ")
        self.ledger.chmod(0o600)
        self.desk.state.chmod(0o500)
        self.says(self.desk.run("daemon", ordinary=True), 1, str(self.desk.state), "; ")
        self.desk.state.chmod(0o700)

    def test_no_database(self):
        self.desk.stop()
        self.ledger.write_bytes(b"this is no database, it is noise. " * 200)
        self.refused(f"the ledger {self.ledger} is damaged", "restore ", "from a backup")

    def test_pages_of_noise(self):
        self.desk.stop()
        size = self.ledger.stat().st_size
        self.ledger.write_bytes(self.ledger.read_bytes()[:4096] + b"\x5a" * (size - 4096))
        self.refused(f"the ledger {self.ledger} is damaged", "restore ", "from a backup")

    def test_rows_of_noise(self):
        """The ledger opens, but its runs cannot be read: that is an error, and never "there is no run 1"."""
        self.desk.stop()
        connection = self.open()
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        root = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'run'").fetchone()[0]
        connection.close()
        pages = bytearray(self.ledger.read_bytes())
        pages[(root - 1) * size:root * size] = b"\x5a" * size
        self.ledger.write_bytes(pages)
        for words in (["runs"], ["logs", "1"], ["why", "a"]):
            with self.subTest(words=words):
                self.says(self.desk.run(*words), 1, f"the ledger {self.ledger} is damaged", "restore ", "from a backup")

    def test_newer_version(self):
        self.desk.stop()
        connection = self.open()
        connection.execute("PRAGMA user_version = 99")
        connection.close()
        self.refused("is of version 99, written by a newer marketcron", "install that marketcron again, or restore")

    def test_another_program_s_database(self):
        self.desk.stop()
        self.ledger.unlink()
        connection = self.open()
        connection.execute("CREATE TABLE t (x)")
        connection.close()
        self.refused("is a database, but not a ledger of marketcron; set [daemon] state to")

    def test_truncated_to_nothing(self):
        self.desk.stop()
        self.ledger.write_bytes(b"")
        self.refused("is an empty file, but it existed before; restore it from a backup, or, to start with an empty ledger")

    def test_gone(self):
        self.desk.stop()
        self.ledger.unlink()
        self.refused("is gone, but it existed before; restore it from a backup, or, to start with an empty ledger")


class Usage(DeskTest):
    """Commands that can never be correct. None of them needs a daemon to refuse."""

    def setUp(self):
        super().setUp()
        self.desk.jobs('[job.bars]\ncalendar = "XNYS"\nschedule = "@close"\ncommand = "true"\n')

    def each(self, code, table):
        for words, *parts in table:
            with self.subTest(words=words):
                self.says(self.desk.run(*words), code, *parts)

    def test_what_cannot_be_written_is_no_success(self):
        self.desk.jobs('[job.a]\nschedule = "* * * * *"\ncommand = "true"\n')
        table = self.desk.write("* * * * * true\n" * 500, "table")
        for words in (["calendar", "list"], ["next", "-n", "2000", "-c", self.desk.config], ["import", table], ["--help"]):
            for how in (">/dev/full", ">&-"):
                with self.subTest(words=words[0], how=how):
                    done = subprocess.run(["sh", "-c", f'exec "$0" "$@" {how}', self.desk.program, *words], stdin=subprocess.DEVNULL,
                                          stderr=subprocess.PIPE, text=True, timeout=30, check=False)
                    self.assertEqual(done.returncode, 1, done.stderr)
                    self.assertIn("error: cannot write the output: ", done.stderr)
                    self.assertNotIn("internal", done.stderr)

    def test_usage(self):
        self.says(self.desk.run("--frob", config=False), 2, "--frob", "marketcron --help")
        self.assertEqual(self.desk.run(config=False).code, 2)
        self.each(2, [
            (["stauts"], "unknown command `stauts`; did you mean status?"),
            (["calendar", "lst"], "unknown command `calendar lst`; did you mean list?"),
            (["notify", "tset"], "unknown command `notify tset`; did you mean test?"),
            (["calendar"], "calendar needs a subcommand; write one of: list, show, sessions, is-open, check"),
            (["calendar", "is-open", "XNYS", "1", "2"], "calendar is-open takes CALENDAR [TIME]"),
            (["calendar", "sessions", "XNYS", "--csv", "--json"], "--json cannot be combined with --csv; leave one of them out"),
            ([""], "unknown command ``; known: daemon, check,"),
            (["status", "--jsn"], "status has no option `--jsn`; did you mean --json?"),
            (["start", "bars", "--sesion", "2026-11-27"], "start has no option `--sesion`; did you mean --session?"),
            (["start", "bars", "--date", "2026-11-27"], "start has no option `--date`; did you mean --session?"),
            (["start", "bars", "2026-11-27"], "start takes JOB; `2026-11-27` is one argument too many; write --session 2026-11-27"),
            (["hold", "bars", "90m"], "hold takes JOB; `90m` is one argument too many; write --until 90m"),
            (["calendar", "sessions", "XNYS", "2026-11-25", "2026-11-27"],
             "calendar sessions takes CALENDAR; `2026-11-25` is one argument too many; write --from 2026-11-25 --to 2026-11-27"),
            (["logs", "6", "-n", "5"], "logs has no option `-n`; known: -f, --attempt, --json"),
            (["runs", "--limit", "5"], "runs has no option `--limit`; did you mean -n?"),
            (["status", "more"], "status takes no argument, but `more` was given; marketcron status --help"),
            (["runs", "-n", "1", "-n", "2"], "-n was given twice; keep one of them"),
            (["start", "bars", "--yes=please"], "--yes takes no value; write --yes"),
            (["pause", "bars"], "unknown command `pause`; did you mean hold?"),
            (["run", "bars"], "unknown command `run`; did you mean start?"),
            (["start", "bars", "--memory", "5"], "--memory 5 is 5 bytes; write a unit, such as --memory 5G"),
            (["start"], "JOB is required; marketcron start --help"),
            (["start", "bars", "more"], "JOB", "marketcron start --help"),
            (["stop", "first"], "`first` is not a whole number"),
            (["stop", "bars"], f"`bars` is not a whole number from 1 to 9223372036854775807; "
                               f"`marketcron runs bars -c {self.desk.config}` lists them"),
            (["rerun", "bars"], f"`marketcron runs bars -c {self.desk.config}` lists them"),
            (["stop", "1.5"], f"`marketcron runs -c {self.desk.config}` lists them"),
            (["mark", "bars", "success", "--reason", "x"], f"`marketcron runs bars -c {self.desk.config}` lists them"),
            (["stop", "0"], f"`marketcron runs -c {self.desk.config}` lists them"),
            (["alerts", "ack", "bars", "--reason", "x"], f"`marketcron alerts -c {self.desk.config}` lists them"),
            (["logs", "first"], "`first` is not a run number; marketcron runs lists them"),
            (["runs", "-n", "many"], "`many` is not a whole number"),
            (["runs", "--state", "good"], "unknown state `good`; one of scheduled,"),
            (["why", "bars", "soon"], "invalid date \"soon\"; write it like 2026-11-20"),
            (["backfill", "bars"], "--from is missing; write --from"),
            (["backfill", "bars", "--from", "2026-11-05", "--to", "2026-11-03"], "is after --to"),
            (["backfill", "bars", "--from", "2026-11-02", "--to", "2026-11-03", "--rerun", "some"], "write failed or all"),
            (["next", "--schedule", "99 * * * *"], "99 is outside 0-59"),
            (["next", "--schedule", "0 0 30 2 *"], "never fires", "change the day-of-month"),
            (["next", "--calendar", "XLON"], "--calendar is only for --schedule; add --schedule TEXT"),
            (["next", "bars", "--schedule", "@daily"], "--schedule cannot be combined with the job `bars`; leave one of them out"),
            (["calendar", "check", "nothing.toml"], "cannot read nothing.toml"),
        ])

    def test_unknown_names(self):
        self.each(2, [
            (["start", "barz"], "unknown job `barz`; did you mean bars?"),
            (["why", "barz"], "unknown job `barz`; did you mean bars?"),
            (["next", "barz"], "unknown job `barz`; did you mean bars?"),
            (["runs", "barz"], "unknown job `barz`; did you mean bars?"),
            (["backfill", "barz", "--from", "2026-11-02", "--to", "2026-11-03"], "did you mean bars?"),
            (["logs", "17"], "there is no run 17; marketcron runs lists them"),
            (["calendar", "show", "XNYSE"], "unknown calendar \"XNYSE\"; did you mean XNYS?"),
            (["calendar", "is-open", "Nasdak"], "unknown calendar"),
        ])

    def test_an_option_without_its_value(self):
        self.says(self.desk.run("runs", "-n", config=False), 2, "-n needs N; marketcron runs --help")

    def test_unknown_run_of_a_daemon(self):
        self.desk.start()
        self.each(2, [(["stop", "17"], "there is no run 17; marketcron runs lists them")])

    def test_beyond_coverage(self):
        self.desk.jobs('[job.close]\ncalendar = "XNYS"\nschedule = "@close"\ncommand = "true"\n')
        self.each(2, [
            (["calendar", "show", "XNYS", "2060-01-02"], "XNYS does not cover 2060-01-02; its coverage is "),
            (["next", "close", "--from", "2060-01-02"], "XNYS covers dates up to "),
            (["why", "close", "2060-01-02"], "XNYS", "coverage"),
            (["backfill", "close", "--from", "2060-01-01", "--to", "2060-01-05", "--dry-run"], "close: XNYS", "coverage", "choose an earlier --to"),
            (["calendar", "is-open", "XNYS", "2060-01-02T15:00:00Z"], "XNYS does not cover 2060-01-0"),
            (["calendar", "sessions", "XNYS", "--from", "2060-01-02", "--to", "2060-01-09"], "its coverage is "),
            (["calendar", "sessions", "XNYS", "--from", "1950-01-02", "--to", "1950-01-09"], "its coverage is "),
        ])

    def test_no_daemon(self):
        remedy = f"no daemon answers on {self.desk.socket}; start it with `marketcron daemon`"
        self.each(3, [
            (["status"], remedy), (["status", "--json"], remedy), (["reload"], remedy), (["drain"], remedy),
            (["start", "bars"], remedy), (["stop", "1"], remedy), (["notify", "test", "slack:ops"], remedy),
            (["backfill", "bars", "--from", "2026-11-02", "--to", "2026-11-03", "--yes"], remedy),
        ])

    def test_nobody_to_ask(self):
        done = self.desk.run("backfill", "bars", "--from", "2026-11-02", "--to", "2026-11-03")
        self.says(done, 1, "cannot ask for confirmation: not a terminal; add --yes to proceed or --dry-run")

    def test_another_user(self):
        if os.geteuid() != 0:
            self.skipTest("only root can ask as somebody else")
        self.desk.start()
        self.desk.config.chmod(0o644)
        self.says(self.desk.run("status", ordinary=True), 1, "has no access to this daemon", "run the command as root")
        self.says(self.desk.run("runs", ordinary=True), 1, "has no access to this daemon", "run the command as root")
        self.desk.stop()
        self.says(self.desk.run("runs", ordinary=True), 3, "daemon")


if __name__ == "__main__":
    desk.main()
