#!/usr/bin/env python3
"""restore_test.py MARKETCRON: a ledger that was restored, replaced by a new or foreign one, or is of version 0.1.0.

Each attempt appends a line to its job's file. Whatever happens to the ledger: no fire runs twice, no run gets the
result or the output of another, and runs that were found are reported."""
import collections
import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import threading
import time

import desk
from desk import Desk, DeskTest, wait_for

JOBS = """[defaults]
timezone = "UTC"
cwd = "{folder}"
[job.a]
schedule = "@yearly"
command = "echo {{{{job}}}} {{{{run}}}}.{{{{attempt}}}} | tee -a lines"
[job.bad]
schedule = "@yearly"
command = "echo {{{{job}}}} {{{{run}}}}.{{{{attempt}}}} | tee -a lines; exit 3"
[job.slow]
schedule = "@yearly"
command = "echo {{{{job}}}} {{{{run}}}}.{{{{attempt}}}} | tee -a lines; while [ ! -e go ]; do sleep 0.05; done; exit 7"
"""
TICKING = """[job.tick]
schedule = "@every 2s"
catch_up = "all"
grace = "1s"
overlap = "allow"
command = "echo {{{{fire}}}} >> ticks"
"""


class RestoreTest(DeskTest):
    def begin(self, more="", on=None):
        on = on or self.desk
        on.jobs((JOBS + more).format(folder=on.folder))
        on.start()

    def finish(self, job, state="success", on=None):
        on = on or self.desk
        return on.reach(on.start_job(job), state)

    def copy_ledger(self, name="backup.db", on=None):
        """As `sqlite3 ledger.db ".backup FILE"` does it."""
        copy = self.desk.folder / name
        with sqlite3.connect((on or self.desk).state / "ledger.db") as ledger, sqlite3.connect(copy) as target:
            ledger.backup(target)
        return copy

    def put_ledger(self, copy=None):
        """Replaces the ledger; without a copy it is removed, to start with a new one."""
        for file in self.desk.state.glob("ledger.db*"):
            file.unlink()
        if copy:
            shutil.copy(copy, self.desk.state / "ledger.db")
            (self.desk.state / "ledger.db").chmod(0o600)

    def restart_with(self, copy=None):
        self.assertEqual(self.desk.stop(), 0)
        self.put_ledger(copy)
        self.desk.start()

    def lines(self, name="lines"):
        path = self.desk.folder / name
        return path.read_text().splitlines() if path.exists() else []

    def facts(self, runs):
        return {run["run"]: tuple(run[key] for key in ("job", "fire", "state", "reason", "exit_code", "attempt", "started"))
                for run in runs}

    def told(self, text):
        troubles = self.desk.ask("GET", "/v1/status")["troubles"]
        self.assertTrue(any(t["kind"] == "identity" and text in t["text"] for t in troubles), troubles)
        self.assertIn(text, self.desk.log())
        self.assertIn(text, self.desk.run("status").out)

    def each_once(self):
        self.assertEqual([line for line, times in collections.Counter(self.lines()).items() if times > 1], [])

    def belongs_to_itself(self, job, state="success"):
        """A new run has a new number, its own result and its own output."""
        before = {run["run"] for run in self.desk.runs("-n", "1000")}
        run = self.finish(job, state)
        self.assertGreater(run["run"], max(before, default=0))
        self.assertEqual(self.desk.run("logs", run["run"]).out, f"{job} {run['run']}.1\n")
        return run


class Restored(RestoreTest):
    def test_from_a_backup_with_runs_since(self):
        self.begin()
        self.finish("a")
        copy = self.copy_ledger()
        self.finish("bad", "failed")
        last = self.finish("a")["run"]
        self.assertEqual(self.desk.run("rerun", last).code, 0)
        wait_for(lambda: self.desk.find_run(last)["attempt"] == 2 and self.desk.find_run(last)["state"] == "success",
                 "the second attempt")
        before = self.facts(self.desk.runs())
        self.restart_with(copy)
        self.told("the ledger lacked 2 runs")
        self.assertEqual(self.facts(self.desk.runs()), before)
        self.assertEqual(self.desk.run("logs", last, "--attempt", 1).out, f"a {last}.1\n")
        self.belongs_to_itself("a")
        self.belongs_to_itself("bad", "failed")
        self.each_once()
        self.assertFalse((self.desk.state / "runs" / "aside").exists())

    def test_files_that_no_ledger_can_have_named(self):
        self.begin()
        last = self.finish("a")["run"]
        self.assertEqual(self.desk.stop(), 0)
        for name in ("9223372036854775807", "9223372036854775806", "9007199254740992"):
            for place in ("0", name[:-3]):
                folder = self.desk.state / "runs" / place
                folder.mkdir(exist_ok=True)
                (folder / f"{name}.1.record").write_text("garbage")
        os.mkfifo(self.desk.state / "runs" / "0" / f"{last + 1}.1.record")
        self.put_ledger()
        self.desk.start()
        self.assertLess(self.belongs_to_itself("a")["run"], last + 10)

    def test_a_file_that_takes_its_place_while_the_daemon_runs(self):
        self.begin()
        self.finish("a")
        copy = self.copy_ledger()
        self.put_ledger(copy)
        self.desk.start_job("a")  # the daemon checks when it wakes
        def troubles():
            return [t["text"] for t in self.desk.ask("GET", "/v1/status")["troubles"] if t["kind"] == "ledger"]
        wait_for(troubles, "a trouble")
        self.assertIn("ledger.db was replaced while the daemon runs", troubles()[0])
        self.assertEqual(self.desk.stop(), 0)
        self.put_ledger(copy)
        self.desk.start()
        self.assertEqual(troubles(), [])
        self.desk.start_job("a")
        (self.desk.state / "ledger.db-wal").unlink()
        wait_for(lambda: any("ledger.db-wal was removed while" in text for text in troubles()), troubles)
        self.put_ledger()
        wait_for(lambda: "ledger.db was removed while the daemon runs" in troubles()[0], troubles)
        self.restart_with(copy)
        self.assertEqual(troubles(), [])
        self.told("the ledger lacked 2 runs")

    def test_what_is_due_again_is_not_run_again(self):
        self.begin(TICKING)
        wait_for(lambda: len(self.lines("ticks")) >= 2, "two ticks")
        copy = self.copy_ledger()
        self.finish("a")  # so that planning the fires again would give other numbers
        wait_for(lambda: len(self.lines("ticks")) >= 5, "three more")
        self.restart_with(copy)
        wait_for(lambda: len(self.lines("ticks")) >= 8, "three more")
        ticks = self.lines("ticks")
        self.assertEqual(len(ticks), len(set(ticks)), ticks)
        times = [time.strptime(tick[:19], "%Y-%m-%dT%H:%M:%S") for tick in sorted(ticks)]
        steps = {time.mktime(b) - time.mktime(a) for a, b in zip(times, times[1:])}
        self.assertEqual(steps, {2.0}, ticks)  # and no fire was skipped

    def test_an_attempt_after_the_backup_is_not_begun_again(self):
        self.begin()
        run = self.finish("a")["run"]
        copy = self.copy_ledger()
        self.assertEqual(self.desk.run("rerun", run).code, 0)
        wait_for(lambda: self.desk.find_run(run)["attempt"] == 2 and self.desk.find_run(run)["state"] == "success",
                 "the second attempt")
        self.restart_with(copy)
        self.assertEqual(self.desk.find_run(run)["attempt"], 2)
        self.assertEqual(self.desk.run("rerun", run).code, 0)
        wait_for(lambda: self.desk.find_run(run)["attempt"] == 3 and self.desk.find_run(run)["state"] == "success",
                 "the third attempt")
        self.assertEqual(self.lines(), [f"a {run}.1", f"a {run}.2", f"a {run}.3"])

    def test_while_jobs_run(self):
        self.begin()
        copy = self.copy_ledger()
        run = self.desk.start_job("slow")
        wait_for(lambda: f"slow {run}.1" in self.lines(), "its line")
        self.restart_with(copy)
        self.assertEqual(self.desk.find_run(run)["state"], "running")
        self.belongs_to_itself("a")
        (self.desk.folder / "go").touch()
        self.assertEqual(self.desk.reach(run, "failed")["exit_code"], 7)
        self.assertEqual(self.desk.run("logs", run).out, f"slow {run}.1\n")
        self.each_once()

    def test_what_runs_can_be_stopped(self):
        self.begin()
        copy = self.copy_ledger()
        run = self.desk.start_job("slow")
        wait_for(lambda: self.lines(), "its line")
        self.restart_with(copy)
        self.assertEqual(self.desk.run("stop", run).code, 0)
        self.desk.reach(run, "killed")


class BegunAnew(RestoreTest):
    def test_history_is_taken_over_and_what_runs_is_waited_for(self):
        self.begin()
        self.finish("a")
        self.finish("bad", "failed")
        slow = self.desk.start_job("slow")
        wait_for(lambda: len(self.lines()) == 3, "its line")
        before = self.facts(self.desk.runs())
        self.restart_with()
        self.told("the ledger lacked 3 runs")
        self.assertEqual(self.facts(self.desk.runs()), before)
        self.belongs_to_itself("a")
        (self.desk.folder / "go").touch()
        self.assertEqual(self.desk.reach(slow, "failed")["exit_code"], 7)
        # The new ledger owns them now: another start finds nothing new.
        self.desk.stop()
        (self.desk.folder / "daemon.log").write_text("")
        self.desk.start()
        self.assertNotIn("lacked", self.desk.log())
        self.each_once()

    def test_a_fire_that_ran_is_not_backfilled(self):
        self.begin('[job.day]\nschedule = "0 0 * * *"\ncommand = "echo day >> lines"\n')
        date = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86400))
        words = ("backfill", "day", "--from", date, "--to", date, "--yes", "--wait")
        self.assertEqual(self.desk.run(*words).code, 0)
        self.assertEqual(self.lines(), ["day"])
        self.restart_with()
        self.finish("a")  # so that the next number differs from the old one
        self.desk.run(*words)
        self.assertEqual([line for line in self.lines() if line == "day"], ["day"])


class CannotBegin(RestoreTest):
    def daemon(self, **how):
        words = [self.program, "daemon", "-c", self.desk.config]
        return subprocess.run(words, capture_output=True, text=True, timeout=30, check=False, cwd="/", **how)

    def test_a_mark_of_the_ledger_that_is_a_fifo_is_told(self):
        self.begin()
        self.desk.stop()
        mark = self.desk.state / "ledger.db.made"
        mark.unlink()
        os.mkfifo(mark)
        done = self.daemon()
        self.assertEqual(done.returncode, 1, done)
        self.assertIn(f"{mark} cannot be written", done.stderr)

    def test_too_few_descriptors_are_told(self):
        self.begin()
        self.desk.stop()
        shutil.rmtree(self.desk.state)  # its keeper has ended, or soon will
        done = self.daemon(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)))
        self.assertEqual(done.returncode, 1, done)
        self.assertIn("a process may open only 64 files, too few for the keeper", done.stderr)
        self.assertFalse((self.desk.state / "keeper.sock").exists())


class WholeDirectory(RestoreTest):
    """The running processes identify themselves, whatever happened to the files."""

    def slow_run(self):
        run = self.desk.start_job("slow")
        wait_for(lambda: f"slow {run}.1" in self.lines(), "its line")
        return run

    def test_emptied_while_a_job_runs(self):
        self.begin()
        slow = self.slow_run()
        self.desk.stop(signal.SIGKILL)
        shutil.rmtree(self.desk.state)
        self.desk.start()
        self.told("the ledger lacked 1 run")
        self.assertEqual((self.desk.find_run(slow)["job"], self.desk.find_run(slow)["state"]), ("slow", "running"))
        self.belongs_to_itself("a")
        again = self.desk.start_job("slow")
        self.assertEqual(self.desk.find_run(again)["reason"], "overlap")
        self.assertEqual(self.desk.run("stop", slow).code, 0)
        self.desk.reach(slow, "lost")  # its keeper no longer has the directory
        self.each_once()

    def test_emptied_in_place_and_the_old_keeper_records_the_end(self):
        self.begin()
        slow = self.slow_run()
        self.desk.stop(signal.SIGKILL)
        for entry in self.desk.state.iterdir():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        self.desk.start()
        other = self.belongs_to_itself("bad", "failed")["run"]
        (self.desk.folder / "go").touch()
        self.assertEqual(self.desk.reach(slow, "failed")["exit_code"], 7)
        self.desk.stop(signal.SIGKILL)
        self.desk.start()
        self.assertEqual(self.desk.find_run(other)["exit_code"], 3)
        self.each_once()

    def test_restored_from_an_older_copy_while_a_job_runs(self):
        self.begin()
        self.finish("a")
        self.desk.stop()
        copy = self.desk.folder / "copy"
        shutil.copytree(self.desk.state, copy, ignore=shutil.ignore_patterns("*.sock"))
        self.desk.start()
        slow = self.slow_run()
        self.desk.stop(signal.SIGKILL)
        shutil.rmtree(self.desk.state)
        copy.rename(self.desk.state)
        self.desk.start()
        self.told("the ledger lacked 1 run")
        self.assertEqual(self.desk.find_run(slow)["state"], "running")
        (self.desk.folder / "go").touch()
        self.desk.reach(slow, "lost")
        self.each_once()

    def test_what_an_ended_job_left_behind_is_no_run(self):
        self.begin('[job.server]\nschedule = "@yearly"\ncommand = "setsid sleep 600 & echo $! > left"\n')
        self.finish("server")
        left = int(wait_for(lambda: (self.desk.folder / "left").exists() and (self.desk.folder / "left").read_text(), "its process"))
        self.addCleanup(desk.send_signal, left, signal.SIGKILL)
        self.desk.stop(signal.SIGKILL)
        for entry in self.desk.state.iterdir():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        self.desk.start()
        self.assertEqual(self.desk.runs(), [])

    def test_the_jobs_of_another_daemon_are_not_stopped_through_a_copy(self):
        self.begin()
        slow = self.slow_run()
        other = Desk(self.program)
        self.addCleanup(other.close)
        other.jobs(JOBS.format(folder=other.folder))
        shutil.copytree(self.desk.state, other.state, ignore=shutil.ignore_patterns("*.sock"))
        other.start()
        self.assertEqual(other.find_run(slow)["state"], "running")
        self.assertEqual(other.run("stop", slow).code, 0)
        (self.desk.folder / "go").touch()
        self.assertEqual(self.desk.reach(slow, "failed")["exit_code"], 7)
        other.reach(slow, "lost")

    def test_an_environment_that_anybody_made_up_is_not_believed(self):
        """A process of another user that calls itself a run of the desk's job."""
        if os.geteuid() != 0:
            return  # processes of the same user are trusted
        self.begin()
        run = self.finish("a")["run"]
        self.desk.stop()
        record = self.desk.output(run).with_suffix(".record")
        owner = json.loads(record.read_text().split("owner ", 1)[1].splitlines()[0])
        owner.update(job="slow", key="forged", user="nobody")
        place = os.stat(self.desk.state)
        mark = f"MARKETCRON_TREE={run + 1}.1@{place.st_dev:x}.{place.st_ino:x}@x@"
        words = ("sh", "-c", f'exec env -i "{mark}$$" "MARKETCRON_OWNER=$1" sleep 600', "sh", json.dumps(owner))
        def start(user):
            process = subprocess.Popen(words, start_new_session=True, user=user, cwd="/")
            self.addCleanup(process.wait)
            self.addCleanup(process.kill)
            environ = pathlib.Path(f"/proc/{process.pid}/environ")
            wait_for(lambda: environ.read_bytes().startswith(b"MARKETCRON_TREE="), "the process's environment")
        start(65534)
        self.desk.start()
        self.assertEqual(len(self.desk.runs()), 1)
        self.assertFalse(record.with_name(f"{run + 1}.1.record").exists())
        self.desk.stop()
        start(0)  # processes of root are trusted
        self.desk.start()
        self.assertEqual(self.desk.find_run(run + 1)["job"], "slow")

    def test_the_number_of_a_start_in_another_ledger_is_another_run(self):
        self.begin()
        self.finish("a")
        self.desk.stop()
        kept = self.copy_ledger("kept.db")
        shutil.rmtree(self.desk.state)
        self.desk.start()
        self.assertEqual(self.finish("a")["run"], 1)
        self.restart_with(kept)
        self.told("the ledger lacked 1 run")
        self.assertEqual([(run["job"], run["state"]) for run in self.desk.runs()], [("a", "success")] * 2)
        logs = {run["run"]: self.desk.run("logs", run["run"]).out for run in self.desk.runs()}
        self.assertEqual(logs[1], "")  # its files were removed
        self.assertEqual(sorted(logs.values()), ["", "a 1.1\n"])


class FromElsewhere(RestoreTest):
    def setUp(self):
        super().setUp()
        self.other = Desk(self.program)
        self.addCleanup(self.other.close)

    def test_numbers_that_both_gave(self):
        self.begin(on=self.other)
        for job in ("a", "a", "a"):
            self.finish(job, on=self.other)
        theirs = self.other.start_job("slow")
        self.other.reach(theirs, "running")
        copy = self.copy_ledger(on=self.other)
        self.begin()
        self.finish("bad", "failed")
        self.finish("bad", "failed")
        mine = self.desk.start_job("slow")
        wait_for(lambda: len(self.lines()) == 3, "its line")
        self.restart_with(copy)
        runs = {run["run"]: run for run in self.desk.runs()}
        # The other machine's runs are unchanged, this one's have new numbers; runs active there do not start here.
        self.assertEqual([runs[n]["job"] for n in (1, 2, 3)], ["a", "a", "a"])
        self.assertEqual([runs[n]["state"] for n in (1, 2, 3)], ["success"] * 3)
        self.assertEqual(runs[theirs]["state"], "lost")
        self.assertEqual(sorted((run["job"], run["state"]) for n, run in runs.items() if n > theirs),
                         [("bad", "failed"), ("bad", "failed"), ("slow", "running")])
        self.told("the ledger lacked 3 runs")
        self.belongs_to_itself("a")
        again = next(n for n, run in runs.items() if n > theirs and run["job"] == "slow")
        (self.desk.folder / "go").touch()
        self.assertEqual(self.desk.reach(again, "failed")["exit_code"], 7)
        self.assertEqual(self.desk.run("logs", again).out, f"slow {mine}.1\n")
        self.assertEqual(self.desk.find_run(theirs)["state"], "lost")
        self.each_once()


class Upgrade(RestoreTest):
    """The ledger and the records of version 0.1.0, and a keeper with its protocol."""

    def setUp(self):
        super().setUp()
        self.desk.state.mkdir()
        self.boot = pathlib.Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        self.now = int(time.time())
        schema = pathlib.Path(__file__).with_name("ledger_0_1_0.sql").read_text()
        self.ledger = sqlite3.connect(self.desk.state / "ledger.db")
        self.addCleanup(self.ledger.close)
        self.ledger.executescript(schema)
        self.ledger.execute("UPDATE meta SET boot_id = ?, planned_through = ?, last_run = 40", (self.boot, self.now))

    def row(self, number, job, started):
        columns = dict(id=number, job=job, key=f"start {number}", fire=started, logical_date=started // 86400, origin="start",
                       state="running", reason="", detail="", attempt=1, attempts_before=0, started=started, fires=1,
                       ending="running", batch=0, batch_width=1, forced=0, generation="")
        self.ledger.execute(f"INSERT INTO run ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
                            tuple(columns.values()))

    def record(self, number, pid, started, text=""):
        path = self.desk.output(number).with_suffix(".record")
        path.parent.mkdir(parents=True, exist_ok=True)
        ticks = int(time.clock_gettime(time.CLOCK_BOOTTIME) * 100)
        path.write_text(f"{pid} {ticks} {started} {self.boot}\n{text}")
        self.desk.output(number).write_text(f"printed by {number}\n")
        return path

    @staticmethod
    def end(code, started):
        return f"exit_code {code}\nmax_rss_bytes 1000\ncpu_microseconds 5\nstarted {started}\nfinished {started + 9}\n"

    def old_keeper(self):
        """Answers every hello with its own, of version 1, and closes the connection, like that version's keeper."""
        server = socket.socket(socket.AF_UNIX)
        server.bind(str(self.desk.state / "keeper.sock"))
        server.listen()
        self.addCleanup(server.close)

        def serve():
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                client.recv(100)
                body = b"\x01" + (0x4d434b50).to_bytes(4, "little") + (1).to_bytes(4, "little") + os.getpid().to_bytes(4, "little")
                client.send(len(body).to_bytes(4, "little") + body)
                client.close()
        threading.Thread(target=serve, daemon=True).start()

    def test_running_jobs_are_taken_over(self):
        go = self.desk.folder / "go"
        job = subprocess.Popen(["sh", "-c", f"while [ ! -e {go} ]; do sleep 0.05; done"], cwd="/")
        self.addCleanup(job.kill)
        started = self.now - 60
        for number, name in ((21, "slow"), (22, "bad"), (23, "a"), (24, "a")):
            self.row(number, name, started)
        running = self.record(21, job.pid, started)
        self.record(22, 4, started, self.end(3, started))  # ended while no daemon ran
        self.record(23, 4, started - 3600, self.end(0, started - 3600))  # from an earlier run: another ledger's 23
        self.record(17, 4, started, self.end(0, started))  # does not belong to a run of this ledger
        self.ledger.commit()
        self.ledger.close()
        self.old_keeper()
        self.begin()
        self.assertEqual(self.desk.find_run(21)["state"], "running")
        self.assertEqual(self.desk.reach(22, "failed")["exit_code"], 3)
        self.assertEqual(self.desk.run("logs", 22).out, "printed by 22\n")
        # 23 had another run's files, 24 had none: neither had started.
        for number in (23, 24):
            self.desk.reach(number, "success")
            self.assertEqual(self.desk.run("logs", number).out, f"a {number}.1\n")
        self.assertEqual(sorted(self.lines()), ["a 23.1", "a 24.1"])
        self.told("has 2 records of runs that are not in this ledger")
        shutil.rmtree(self.desk.state / "runs" / "aside")
        wait_for(lambda: "identity" not in [t["kind"] for t in self.desk.ask("GET", "/v1/status")["troubles"]],
                 "the end of the trouble")
        # The old keeper writes the result, then reaps the process.
        go.touch()
        os.waitid(os.P_PID, job.pid, os.WEXITED | os.WNOWAIT)
        with running.open("a") as file:
            file.write(self.end(7, started))
        job.wait()
        self.assertEqual(self.desk.reach(21, "failed")["exit_code"], 7)
        self.assertEqual(self.desk.run("logs", 21).out, "printed by 21\n")
        self.assertEqual(self.belongs_to_itself("a")["run"], 41)

    def test_numbers_begin_above_the_largest_on_disk(self):
        self.record(977, 4, self.now - 60, self.end(0, self.now - 60))
        self.ledger.commit()
        self.ledger.close()
        self.begin()
        self.assertEqual(self.belongs_to_itself("a")["run"], 978)


if __name__ == "__main__":
    desk.main()
