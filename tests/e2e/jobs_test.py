#!/usr/bin/env python3
"""jobs_test.py MARKETCRON: a running daemon, real processes, and their results."""
import calendar
import contextlib
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time

import desk
from desk import DeskTest, wait_for


def alive(pid):
    """Whether the process is running; a zombie is not."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class JobsTest(DeskTest):
    def begin(self, jobs, head="", env=None):
        self.desk.write(f'{desk.HEAD}{head}[defaults]\nschedule = "@yearly"\ncwd = "{self.desk.folder}"\n{jobs}')
        self.desk.start(env)

    def finish(self, job, *states):
        """Starts the job by hand, and returns its run after it has ended."""
        return self.desk.reach(self.desk.start_job(job), *(states or ("success",)))

    def lines(self, name):
        path = self.desk.folder / name
        return path.read_text().splitlines() if path.exists() else []


class Commands(JobsTest):
    def cannot_start(self, jobs, detail):
        self.begin(jobs)
        run = self.finish("a", "failed")
        self.assertEqual((run["reason"], run["exit_code"]), ("spawn_failed", None))
        self.assertIn(detail, run["detail"])
        self.assertIn(detail, self.desk.run("logs", run["run"]).err)
        self.assertIn(detail, self.desk.log())

    def test_a_program_that_does_not_exist(self):
        self.cannot_start('[job.a]\ncommand = ["/no/such/program"]\n', "cannot execute /no/such/program: No such file")

    def test_a_program_that_is_not_executable(self):
        script = self.desk.write("#!/bin/sh\n", name="plain.sh", mode=0o644)
        self.cannot_start(f'[job.a]\ncommand = ["{script}"]\n', f"{script} is not executable")

    def test_a_directory_that_does_not_exist(self):
        self.cannot_start('[job.a]\ncommand = "true"\ncwd = "/no/such/place"\n', "the directory /no/such/place")

    def test_a_secret_that_cannot_be_read(self):
        self.begin('[job.a]\ncommand = "true"\nsecret_env = { TOKEN = "/no/such/token" }\n')
        run = self.finish("a", "failed")
        self.assertEqual((run["reason"], run["detail"]),
                         ("spawn_failed", "secret_env TOKEN: cannot read /no/such/token: No such file or directory"))

    def test_a_shell_s_own_complaint(self):
        self.begin('[job.a]\ncommand = "no-such-word"\n')
        run = self.finish("a", "failed")
        self.assertEqual((run["reason"], run["exit_code"]), ("exit_code", 127))
        self.assertIn("not found", self.desk.run("logs", run["run"]).out)

    def test_much_output_keeps_its_head_and_its_tail(self):
        self.begin('''[job.a]\ncommand = 'echo HEAD; head -c 100000000 /dev/zero | tr "\\0" x; echo; echo TAIL'\n''',
                   head='max_output = "1M"\n')
        run = self.finish("a")
        file = self.desk.output(run["run"])
        self.assertLessEqual(file.stat().st_size, 1 << 20)
        self.assertLessEqual(file.stat().st_blocks * 512, 2 << 20)
        text = self.desk.run("logs", run["run"]).out
        self.assertTrue(text.startswith("HEAD\nxxx"), text[:40])
        self.assertTrue(text.endswith("xxx\nTAIL\n"), text[-40:])
        self.assertIn("bytes left out", text)

    def test_retries(self):
        self.begin('[job.a]\ncommand = "echo attempt {{attempt}}; test {{attempt}} -ge 3"\nretries = 2\nretry_delay = "1s"\n')
        run = self.finish("a")
        self.assertEqual((run["attempt"], run["exit_code"]), (3, 0))
        for attempt in (1, 2, 3):
            self.assertEqual(self.desk.output(run["run"], attempt).read_text(), f"attempt {attempt}\n")

    def test_attempts_count_through_rerun_and_retries_since_it(self):
        self.begin('[job.a]\ncommand = "echo {{run}}.{{attempt}} $MARKETCRON_ATTEMPT; exit 1"\nretries = 1\nretry_delay = "1s"\n')
        run = self.finish("a", "failed")["run"]
        self.says(self.desk.run("rerun", run), 0)
        wait_for(lambda: self.desk.find_run(run)["attempt"] == 4, "the fourth attempt")
        self.desk.reach(run, "failed")
        for attempt in range(1, 5):
            self.assertEqual(self.desk.output(run, attempt).read_text(), f"{run}.{attempt} {attempt}\n")
            self.assertEqual(self.desk.run("logs", run, "--attempt", attempt).out, f"{run}.{attempt} {attempt}\n")
            far = self.desk.ask("GET", f"/v1/logs?run={run}&attempt={attempt}")
            self.assertEqual(far["text"], f"{run}.{attempt} {attempt}\n")
        self.assertEqual(self.desk.run("logs", run).out, f"{run}.4 4\n")
        self.says(self.desk.run("logs", run, "--attempt", 5), 2, f"run {run} has no attempt 5; its latest attempt is 4")
        self.says(self.desk.run("logs", run, "--attempt", 0), 2, "--attempt `0` is not a whole number")
        self.assertIn("has no attempt 5", str(self.desk.ask("GET", f"/v1/logs?run={run}&attempt=5")))

    def test_retries_come_to_an_end(self):
        self.begin('[job.a]\ncommand = "exit 5"\nretries = 1\nretry_delay = "1s"\n')
        run = self.finish("a", "failed")
        self.assertEqual((run["attempt"], run["exit_code"], run["reason"]), (2, 5, "exit_code"))

    def test_the_environment_is_small_and_declared(self):
        token = self.desk.write("a-very-secret-word\n", name="token")
        self.begin(f'''[job.a]\ncommand = "env; echo again $TOKEN"\nenv = {{ DATA = "/data/{{{{job}}}}" }}
secret_env = {{ TOKEN = "{token}" }}\n''', env={**os.environ, "LEAKED_FROM_THE_DAEMON": "1"})
        run = self.finish("a")
        printed = self.desk.run("logs", run["run"]).out
        names = dict(line.split("=", 1) for line in printed.splitlines() if "=" in line)
        self.assertEqual({name for name in names if not name.startswith("MARKETCRON_")} - {"PWD", "OLDPWD", "SHLVL", "_"},
                         {"PATH", "HOME", "SHELL", "USER", "LOGNAME", "LANG", "DATA", "TOKEN"})
        self.assertEqual((names["DATA"], names["TOKEN"], names["MARKETCRON_RUN"]), ("/data/a", "***", str(run["run"])))
        self.assertIn("again ***\n", printed)
        for place in (self.desk.state / "ledger.db", self.desk.state / "ledger.db-wal", self.desk.folder / "daemon.log"):
            if place.exists():
                self.assertNotIn(b"a-very-secret-word", place.read_bytes(), place)


class Trees(JobsTest):
    """At its timeout, or by `stop`, a job ends with everything it has started."""

    def pids(self, count):
        """The process ids that the job has written."""
        wait_for(lambda: len(self.lines("pids")) >= count, f"{count} processes")
        return [int(line) for line in self.lines("pids")]

    def all_end(self, pids):
        wait_for(lambda: not any(map(alive, pids)), f"the end of {pids}")

    def test_a_job_that_ignores_sigterm(self):
        self.begin(f'''[job.a]\ntimeout = "1s"\nkill_after = "1s"
command = 'trap "" TERM; date +%s.%N > began; echo $$ >> pids; while :; do sleep 0.1; done'\n''')
        run = self.finish("a", "timed_out")
        ended = time.time()
        self.assertEqual((run["signal"], run["reason"]), (signal.SIGKILL, "timeout"))
        self.assertGreaterEqual(ended - float(self.lines("began")[0]), 2, "timeout and kill_after were cut short")
        self.all_end(self.pids(1))

    def test_a_timeout_is_never_early(self):
        self.begin(f'''[job.a]\ntimeout = "1s"\ncommand = 'date +%s.%N > began; exec sleep 1000'\n''')
        run = self.finish("a", "timed_out")
        ended = (self.desk.state / "runs" / str(run["run"] // 1000) / f"{run['run']}.1.record").stat().st_mtime
        self.assertEqual(run["signal"], signal.SIGTERM)
        self.assertGreaterEqual(ended - float(self.lines("began")[0]), 0.99)

    def forks(self, stubborn):
        """A job with two processes in separate sessions, one an orphan; all must end at the timeout."""
        trap = 'trap "" TERM; ' if stubborn else ""
        script = self.desk.write(f'''#!/bin/sh
{trap}echo $$ >> pids
( setsid sh -c '{trap}echo $$ >> pids; ( setsid sh -c "echo \\$\\$ >> pids; exec sleep 1000" & ); while :; do sleep 0.1; done' & )
while :; do sleep 0.1; done
''', name="forks.sh", mode=0o755)
        self.begin(f'[job.a]\ntimeout = "2s"\nkill_after = "1s"\ncommand = ["{script}"]\n')
        number = self.desk.start_job("a")
        pids = self.pids(3)
        self.assertTrue(all(map(alive, pids)))
        run = self.desk.reach(number, "timed_out")
        self.assertEqual((run["reason"], run["signal"]), ("timeout", signal.SIGKILL if stubborn else signal.SIGTERM))
        self.all_end(pids)

    def test_a_job_that_double_forks_out_of_its_session(self):
        self.forks(stubborn=False)

    def test_a_job_that_double_forks_and_ignores_sigterm(self):
        self.forks(stubborn=True)

    def test_what_outlives_the_main_process_falls_to_sigkill_too(self):
        script = self.desk.write("""#!/bin/sh
( setsid sh -c 'trap "" TERM; echo $$ >> pids; while :; do sleep 0.1; done' & )
exec sleep 1000
""", name="forks.sh", mode=0o755)
        self.begin(f'[job.a]\ntimeout = "1s"\nkill_after = "1s"\ncommand = ["{script}"]\n')
        number = self.desk.start_job("a")
        pids = self.pids(1)
        run = self.desk.reach(number, "timed_out")
        self.assertEqual(run["signal"], signal.SIGTERM)
        self.all_end(pids)

    def test_a_run_is_over_when_the_last_of_its_tree_has_tidied_up(self):
        self.begin("""[job.a]\ntimeout = "1s"\nkill_after = "60s"
command = 'sh -c "trap \\"sleep 1.5; echo tidied >> tidied; exit\\" TERM; while :; do sleep 0.1; done"; true'\n""")
        run = self.finish("a", "timed_out")
        self.assertEqual(run["signal"], signal.SIGTERM)
        self.assertEqual(self.lines("tidied"), ["tidied"])

    def test_stop(self):
        self.begin(f'[job.a]\nretries = 3\ncommand = "echo $$ >> pids; sleep 1000"\n')
        number = self.desk.start_job("a")
        pids = self.pids(1)
        self.assertEqual(self.desk.run("stop", number).code, 0)
        run = self.desk.reach(number, "killed")
        self.assertEqual((run["reason"], run["attempt"]), ("stopped", 1))
        self.all_end(pids)
        self.says(self.desk.run("stop", number), 1, f"run {number} has already ended: killed")


class Daemon(JobsTest):
    """Jobs outlive the daemon."""

    def under(self, end_daemon):
        """Starts a job, ends the daemon and lets the job end; returns the job's run as the next daemon has it."""
        self.begin(f'''[job.a]\ncommand = 'echo before; touch began; while ! test -e go; do sleep 0.05; done; echo after; touch done; exit 7'\n''')
        number = self.desk.start_job("a")
        wait_for((self.desk.folder / "began").exists, "the job")
        end_daemon()
        (self.desk.folder / "go").touch()
        wait_for((self.desk.folder / "done").exists, "the job's end without a daemon")
        self.desk.start()
        run = self.desk.reach(number, "failed")
        self.assertEqual((run["exit_code"], run["attempt"], len(self.desk.runs())), (7, 1, 1))
        self.assertEqual(self.desk.run("logs", number).out, "before\nafter\n")

    def test_sigterm_leaves_the_job_running(self):
        self.under(lambda: self.assertEqual(self.desk.stop(), 0))

    def test_a_killed_daemon_too(self):
        self.under(lambda: self.desk.stop(signal.SIGKILL))

    def test_what_ended_in_time_without_a_daemon_has_not_timed_out(self):
        self.begin('''[job.a]\ntimeout = "2s"\ncommand = "touch began; while ! test -e go; do sleep 0.05; done; touch done"\n''')
        number = self.desk.start_job("a")
        wait_for((self.desk.folder / "began").exists, "the job")
        timed_out = time.monotonic() + 2.2
        self.desk.stop(signal.SIGKILL)
        (self.desk.folder / "go").touch()
        wait_for((self.desk.folder / "done").exists, "the job's end without a daemon")
        wait_for(lambda: time.monotonic() > timed_out, "the time of its timeout")
        self.desk.start()
        run = self.desk.reach(number, "success", "timed_out")
        self.assertEqual((run["state"], run["exit_code"], run["attempt"]), ("success", 0, 1))

    def test_who_drains_an_idle_daemon_has_an_answer(self):
        self.begin('[job.a]\ncommand = "true"\n')
        done = self.desk.run("drain")
        self.assertEqual((done.code, done.err), (0, ""))
        self.assertEqual(self.desk.daemon.wait(10), 0)

    def test_drain_waits_for_what_runs_and_starts_nothing(self):
        self.begin(f'''[job.a]\ncommand = "touch began; while ! test -e go; do sleep 0.05; done"
[job.b]\ncommand = "true"\n''')
        number = self.desk.start_job("a")
        wait_for((self.desk.folder / "began").exists, "the job")
        self.assertEqual(self.desk.run("drain").code, 0)
        self.assertTrue(self.desk.ask("GET", "/v1/status")["draining"])
        self.desk.run("start", "b")
        self.assertIsNone(self.desk.daemon.poll())
        (self.desk.folder / "go").touch()
        self.assertEqual(self.desk.daemon.wait(15), 0)
        states = {run["job"]: run["state"] for run in self.desk.runs()}
        self.assertEqual(self.desk.find_run(number)["state"], "success")
        self.assertNotIn(states.get("b"), ("success", "running"))

    def test_what_the_first_load_starts_is_not_taken_for_another_boots(self):
        """For a new ledger the boot is not known yet; the keeper may be slower than the question about it."""
        self.desk.jobs('[job.a]\nschedule = "@reboot"\ncwd = "/"\ncommand = "echo once a boot"\n')
        for _ in range(10):
            self.desk.start()
            self.desk.reach(1, "success")
            self.desk.stop()
            self.desk.end_processes()
            shutil.rmtree(self.desk.state)

    def test_cron_fires_and_a_short_restart_loses_none(self):
        self.begin(f'[job.tick]\nschedule = "* * * * * *"\noverlap = "allow"\ncommand = "echo {{{{fire:%s}}}} >> ticks"\n'
                   .replace("{{fire:%s}}", "{{fire:%H:%M:%S}}"))
        wait_for(lambda: len(self.lines("ticks")) >= 2, "two ticks")
        self.desk.stop(signal.SIGKILL)
        time.sleep(1.5)
        self.desk.start()
        seen = len(self.lines("ticks"))
        wait_for(lambda: len(self.lines("ticks")) >= seen + 3, "three more ticks")
        self.desk.stop()
        self.desk.start()
        wait_for(lambda: all(run["state"] == "success" for run in self.desk.runs()[3:]), "successes")
        runs = self.desk.runs()[3:]
        fires = sorted(run["fire"] for run in runs)
        self.assertEqual(len(fires), len(set(fires)), "a fire has run twice")
        first, last = (time.mktime(time.strptime(fire, "%Y-%m-%dT%H:%M:%SZ")) for fire in (fires[0], fires[-1]))
        self.assertEqual(len(fires), last - first + 1, "a fire was lost")
        ticks = self.lines("ticks")
        self.assertEqual(len(ticks), len(set(ticks)), "a job has run twice")


    def test_a_daemon_that_is_asked_nothing_starts_its_jobs(self):
        self.desk.write(f'{desk.HEAD}[job.tick]\nschedule = "* * * * * *"\ncwd = "{self.desk.folder}"\ncommand = "echo ran >> ran"\n')
        self.desk.launch()
        wait_for(lambda: len(self.lines("ran")) > 1, "two runs")

    def test_nothing_starts_before_its_instant(self):
        """Starts are decided a moment early, and then wait; on a fast disk an early start would be noticed."""
        memory = pathlib.Path("/dev/shm")
        if memory.is_dir():
            folder = tempfile.mkdtemp(prefix="marketcron-desk-", dir=memory)
            self.addCleanup(shutil.rmtree, folder)
            (self.desk.folder / "state").symlink_to(folder)
        self.begin('[job.tick]\nschedule = "* * * * * *"\noverlap = "allow"\ncommand = ["date", "+%s.%N"]\n')
        wait_for(lambda: len(self.desk.runs("--state", "success")) >= 6, "six starts")
        for run in self.desk.runs("--state", "success"):
            due = calendar.timegm(time.strptime(run["fire"], "%Y-%m-%dT%H:%M:%SZ"))
            self.assertGreaterEqual(float(self.desk.output(run["run"]).read_text()), due)

    def test_at_midnight_every_clock_shows_the_new_day(self):
        """The clock of time(2) lags by a tick, and many programs use it for the date."""
        zones = self.desk.folder / "zones"
        midnights = range(int(time.time()) + 4, int(time.time()) + 10)
        rules, jobs = "Zone UTC 0 - UTC\n", ""
        for at in midnights:
            offset = -at % 86400
            behind = offset if offset <= 43200 else offset - 86400
            rules += f"Zone At/M{at} {'-' if behind < 0 else ''}{time.strftime('%H:%M:%S', time.gmtime(abs(behind)))} - DAY\n"
            jobs += (f'[job.m{at}]\nschedule = "@daily"\ntimezone = "At/M{at}"\n'
                     f'command = ["/usr/bin/perl", "-e", "open(F, q(>>), q(m{at})); print F time, qq(\\n)"]\n')
        subprocess.run(["/usr/sbin/zic", "-d", zones, self.desk.write(rules, "rules")], check=True)
        self.begin(jobs, env={**os.environ, "TZDIR": str(zones), "TZ": "UTC"})
        for at in midnights:
            wait_for(lambda name=f"m{at}": self.lines(name), f"midnight {at}")
            self.assertGreaterEqual(int(self.lines(f"m{at}")[0]), at)


class Commanded(JobsTest):
    def test_backfill(self):
        self.begin(f'[job.a]\nschedule = "0 1 * * *"\ncommand = "echo {{{{date}}}} >> dates"\n')
        span = ["--from", "2026-11-02", "--to", "2026-11-06"]
        dry = self.desk.run("backfill", "a", *span, "--dry-run", "--json")
        self.assertEqual([json.loads(line)["logical_date"] for line in dry.out.splitlines()],
                         [f"2026-11-0{day}" for day in range(2, 7)])
        self.assertEqual(self.desk.runs(), [])
        self.assertEqual(self.desk.run("backfill", "a", *span, "--yes").code, 0)
        wait_for(lambda: [run["state"] for run in self.desk.runs()] == ["success"] * 5, "five successes")
        self.assertEqual(self.lines("dates"), [f"2026-11-0{day}" for day in range(2, 7)])
        self.assertEqual({run["origin"] for run in self.desk.runs()}, {"backfill"})
        again = self.desk.run("backfill", "a", *span, "--yes")
        self.assertEqual((again.code, len(self.desk.runs())), (0, 5))
        self.assertIn("0 of 5 fires to run", again.out)
        self.desk.run("backfill", "a", "--from", "2026-11-04", "--to", "2026-11-04", "--rerun", "all", "--yes")
        wait_for(lambda: self.lines("dates")[5:] == ["2026-11-04"], "the rerun")

    def test_hold_and_release(self):
        self.begin('[job.a]\nschedule = "* * * * * *"\ntimezone = "Asia/Tokyo"\ncommand = "echo ran >> ran"\n'
                   '[job.b]\ncommand = "true"\n')
        wait_for(lambda: self.lines("ran"), "a run")
        held = self.desk.run("hold", "a")
        self.assertEqual((held.code, held.out.split(":")[0]), (0, "a is held until `marketcron release a`"), held.err)
        wait_for(lambda: not self.desk.runs("--state", "running"), "the end of what ran")
        count = len(self.lines("ran"))
        self.desk.stop(signal.SIGKILL)
        self.desk.start()
        wait_for(lambda: len(self.desk.runs("--state", "waiting")) >= 2, "two fires that gathered")
        self.assertEqual({run["reason"] for run in self.desk.runs("--state", "waiting")}, {"held"})
        self.assertEqual(len(self.lines("ran")), count)
        status = self.desk.run("status")
        self.assertIn("Held\n  JOB", status.out)
        self.assertRegex(status.out, r"(?m)^  a +.* its release +")
        self.assertEqual(json.loads(self.desk.run("status", "--json").out)["held"][0]["until"], None)
        self.assertIn("the job is held by", self.desk.run("why", "a").out)
        start = self.desk.start_job("a")
        self.desk.reach(start, "success")
        # Until a time in the job's time zone; a past or invalid time is refused.
        noon = self.desk.run("hold", "a", "--until", "12:00")
        self.assertRegex(noon.out, r"a is held until 20\d\d-\d\d-\d\dT12:00:00\+09:00: ")
        self.says(self.desk.run("hold", "a", "--until", "2026-01-01"), 2, "2026-01-01T00:00:00+09:00 is in the past")
        self.says(self.desk.run("hold", "a", "--until", "noon"), 2, "`noon`", "17:30")
        self.says(self.desk.run("hold", "aa"), 2, "unknown job `aa`", "a, b")
        self.says(self.desk.run("release", "b"), 1, "b is neither held nor iced")
        released = self.desk.run("release", "a")
        self.assertIn("a is released: run", released.out)
        wait_for(lambda: len(self.lines("ran")) >= count + 3, "runs again")
        self.assertEqual(json.loads(self.desk.run("status", "--json").out)["held"], [])
        self.desk.run("hold", "a", "--until", "2s")
        wait_for(lambda: not json.loads(self.desk.run("status", "--json").out)["held"], "a hold that ends by itself")

    def test_start_for_a_session(self):
        self.begin('[job.a]\ncalendar = "XNYS"\nschedule = "@close+15m"\ncommand = "echo {{session}} {{session-1}} {{close}}"\n')
        run = self.desk.reach(self.desk.start_job("a", "--session", "2025-11-28"), "success")
        self.assertEqual((run["session"], run["fire"]), ("2025-11-28", "2025-11-28T18:15:00Z"))
        self.assertTrue(self.desk.run("logs", run["run"]).out.startswith("2025-11-28 2025-11-26 2025-11-28"))
        self.assertNotEqual(self.desk.run("start", "a", "--session", "2025-11-27").code, 0, "Thanksgiving has no fire")

    def test_why(self):
        self.begin('[job.a]\ncalendar = "XNYS"\nschedule = "@close"\nwhen = "not early_close"\ncommand = "true"\n')
        def why(date):
            done = self.desk.run("why", "a", date, "--json")
            self.assertEqual(done.code, 0, done.err)
            return [json.loads(line) for line in done.out.splitlines()]
        [early] = why("2025-11-28")
        self.assertEqual(early["state"], "none")
        self.assertIn(("when_false", False), [(reason["check"], reason["holds"]) for reason in early["reasons"]], early)
        run = self.desk.reach(self.desk.start_job("a", "--session", "2025-11-26"), "success")
        [told] = why("2025-11-26")
        self.assertEqual((told["state"], told["run"]), ("success", run["run"]))

    def test_why_of_many_fires_alike_is_short(self):
        self.begin('[job.a]\ntimezone = "UTC"\nschedule = "* * * * *"\ncommand = "true"\n')
        told = self.desk.run("why", "a", "2037-01-02").out
        self.assertLess(len(told.splitlines()), 6, told)
        self.assertIn("and 1439 more like this one, the last due Fri 2037-01-02 23:59 UTC", told)
        self.assertEqual(len(self.desk.run("why", "a", "2037-01-02", "--json").out.splitlines()), 1440)

    def test_why_of_a_job_that_left_the_file(self):
        self.begin('[job.gone]\ncommand = "true"\n[job.stays]\ncommand = "true"\n')
        run = self.finish("gone")
        self.desk.write(f'{desk.HEAD}[job.stays]\nschedule = "@yearly"\ncommand = "true"\n')
        self.assertEqual(self.desk.run("reload").code, 0)
        told = self.desk.run("why", "gone", run["logical_date"])
        self.assertEqual(told.code, 0, told.err)
        for text in (f"success, run {run['run']}", "removed", "the job is no longer in the configuration"):
            self.assertIn(text, told.out)
        [line] = self.desk.ask("GET", f"/v1/why?job=gone&date={run['logical_date']}")["lines"]
        self.assertEqual((line["job"], line["state"], line["run"]), ("gone", "success", run["run"]))
        for answer in (self.desk.run("why", "gon").err, self.desk.ask("GET", "/v1/why?job=gon")["error"]):
            self.assertIn("unknown job `gon`", answer)

    def test_the_daemon_does_not_tell_of_too_many_fires(self):
        self.begin('[job.a]\ntimezone = "UTC"\nschedule = "* * * * *"\ncommand = "true"\ndepends_on_past = true\n'
                   '[job.b]\ntimezone = "UTC"\nschedule = "@every 1s"\ncommand = "true"\nenabled = false\n')
        self.assertEqual(len(self.desk.ask("GET", "/v1/why?job=a&date=2037-01-02")["lines"]), 1440)
        answer = self.desk.ask("GET", "/v1/why?job=b&date=2037-01-02")
        self.assertIn("b has more than 2000 fires for 2037-01-02", answer["error"])
        self.assertEqual(answer["exit_code"], 1)
        self.assertEqual(len(self.desk.run("why", "b", "2037-01-02", "--json").out.splitlines()), 86400)

    def test_output_is_kept_for_so_long(self):
        self.desk.jobs('[job.a]\nschedule = "@yearly"\ncommand = "echo hello"\ncwd = "/"\n')
        self.desk.write(self.desk.config.read_text().replace("[daemon]\n", '[daemon]\nkeep_output = "2d"\n'))
        self.desk.start()
        old, new = (self.desk.reach(self.desk.start_job("a"), "success")["run"] for _ in range(2))
        self.desk.stop()
        self.assertEqual(self.desk.run("logs", old).out, "hello\n")
        for file in self.desk.output(old).parent.glob(f"{old}.*"):
            os.utime(file, (time.time() - 3 * 86400,) * 2)
        with contextlib.closing(sqlite3.connect(self.desk.state / "ledger.db", isolation_level=None)) as ledger:
            for table, run in (("attempt", "run"), ("run", "id")):
                ledger.execute(f"UPDATE {table} SET started = started - 259200, finished = finished - 259200 WHERE {run} = ?", (old,))
        self.desk.start()
        self.assertFalse(self.desk.output(old).exists())
        told = self.desk.run("logs", old)
        self.assertEqual((told.code, told.out), (0, ""))
        self.assertIn("was deleted (older than keep_output)", told.err)
        self.assertEqual(self.desk.run("logs", new).out, "hello\n")
        self.assertEqual([run["state"] for run in self.desk.runs()], ["success"] * 2)

    def test_status_and_the_socket(self):
        self.begin('[job.slow]\ncommand = "sleep 1000"\n[job.close]\ncalendar = "XTKS"\nschedule = "@close"\ncommand = "true"\n')
        number = self.desk.start_job("slow")
        self.desk.reach(number, "running")
        done = self.desk.run("status", "--json")
        [line] = done.out.splitlines()
        status = json.loads(line)
        self.assertEqual((status["pid"], status["jobs"], status["trouble"]), (self.desk.daemon.pid, 2, ""))
        self.assertEqual([run["run"] for run in status["running"]], [number])
        self.assertEqual({fire["job"] for fire in status["next"]}, {"slow", "close"})
        self.assertIn("slow", self.desk.run("status").out)
        self.assertEqual(self.desk.ask("GET", "/v1/runs")["runs"][0]["run"], number)
        self.assertIn("error", self.desk.ask("GET", "/v1/nothing"))
        fires = self.desk.ask("GET", "/v1/next?job=close&n=3")["fires"]
        ahead = self.desk.run("next", "close", "-n", "3", "--json").out.splitlines()
        self.assertEqual(fires, [json.loads(line) for line in ahead])
        self.assertEqual(len(self.desk.ask("GET", "/v1/next?n=7")["fires"]), 7)
        self.assertIn("not a whole number", self.desk.ask("GET", "/v1/next?n=abc")["error"])
        self.assertIn("error", self.desk.ask("POST", "/v1/stop", {"run": "x"}))
        if shutil.which("curl"):
            answer = subprocess.run(["curl", "-sS", "--fail-with-body", "--unix-socket", self.desk.socket, "http://marketcron/v1/stop",
                                     "-d", json.dumps({"run": number})], capture_output=True, text=True, timeout=20, check=True)
            self.assertTrue(json.loads(answer.stdout)["ok"])
            self.desk.reach(number, "killed")

    def test_status_says_what_is_blocked_by_what_since_when(self):
        self.begin('[pool.db]\nslots = 1\n[job.load]\npool = "db"\ncommand = "sleep 1000"\n'
                   '[job.risk]\npool = "db"\ncommand = "true"\n')
        load = self.desk.start_job("load")
        self.desk.reach(load, "running")
        risk = self.desk.start_job("risk")
        self.desk.reach(risk, "queued")
        [waiting] = json.loads(self.desk.run("status", "--json").out)["waiting"]
        self.assertEqual((waiting["run"], waiting["reason"], waiting["since"]), (risk, "pool", waiting["fire"]))
        self.assertIn(f"the only slot of pool db is taken, by run {load} of load", self.desk.run("status").out)
        again = self.desk.start_job("load")
        self.desk.reach(again, "queued")
        self.assertIn(f"overlap: an earlier run of the job is still active: run {load} of load", self.desk.run("status").out)
        self.assertEqual(self.desk.run("stop", again).code, 0)
        self.assertEqual(self.desk.run("stop", load).code, 0)
        self.desk.reach(risk, "success")

    def test_logs_follows(self):
        self.begin(f'''[job.a]\ncommand = 'echo one; while ! test -e go; do sleep 0.05; done; echo two'\n''')
        number = self.desk.start_job("a")
        with subprocess.Popen([self.desk.program, "logs", str(number), "-f", "-c", self.desk.config],
                              stdout=subprocess.PIPE, text=True) as follower:
            self.assertEqual(follower.stdout.readline(), "one\n")
            (self.desk.folder / "go").touch()
            self.assertEqual(follower.stdout.read(), "two\n")
            self.assertEqual(follower.wait(15), 0)


if __name__ == "__main__":
    desk.main()
