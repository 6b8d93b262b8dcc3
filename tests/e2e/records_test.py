#!/usr/bin/env python3
"""records_test.py MARKETCRON: unreadable records of attempts are TROUBLE; their runs continue once they can be read."""
import os
import pathlib
import resource
import shutil
import signal
import time

import desk
from desk import send_signal, wait_for
from trouble_test import JOB, TroubleTest


class Records(TroubleTest):
    def test_records_that_cannot_be_read(self):
        go = self.desk.folder / "go"
        self.begin(jobs=f'[job.a]\nschedule = "@yearly"\ncwd = "/"\ncommand = "while [ ! -e {go} ]; do sleep 0.05; done; exit 3"\n')
        run = self.desk.start_job("a")
        self.desk.reach(run, "running")
        record = self.desk.output(run).with_suffix(".record")
        wait_for(record.exists, "its record")
        self.desk.stop(signal.SIGKILL)
        go.touch()
        wait_for(lambda: "finished" in record.read_text(), "its end")
        away = record.rename(record.with_name("away"))
        record.symlink_to(record)  # a loop, which root cannot read either
        self.desk.start()
        cause = f"cannot read {record}: Too many levels of symbolic links"
        text = self.told(f"🔴 TROUBLE: it is not known whether run {run} of a has ended: {cause}")
        self.assertIn("it counts as running", text)
        self.assertEqual(self.kinds(), ["records"])
        self.assertIn(f"TROUBLE: it is not known whether run {run} of a", self.desk.run("status").out)
        self.assertEqual(self.desk.find_run(run)["state"], "running")
        date = self.desk.find_run(run)["logical_date"]
        self.assertIn(cause, self.desk.run("why", "a", date).out)
        self.assertIn(cause, str(self.desk.ask("GET", f"/v1/why?job=a&date={date}")))
        record.unlink()
        away.rename(record)
        self.assertEqual(self.desk.reach(run, "failed")["exit_code"], 3)
        wait_for(lambda: self.kinds() == [], "the end of the trouble")
        self.assertNotIn("not known", self.desk.run("why", "a", date).out)

    def test_records_that_become_unreadable_while_a_job_runs(self):
        """Its keeper is dead, so that the daemon watches the process, and only the record can contain its result."""
        self.begin(jobs=JOB + '[job.b]\nschedule = "@yearly"\ncwd = "/"\ncommand = "exec sleep 600"\n')
        run = self.desk.start_job("b")
        self.desk.reach(run, "running")
        record = self.desk.output(run).with_suffix(".record")
        pid = int(wait_for(record.read_text, "its record").split()[0])
        keepers = self.keepers()
        for number in (signal.SIGSTOP, signal.SIGKILL):  # so that none of them starts another keeper
            for keeper in keepers:
                send_signal(keeper, number)
        self.desk.reach(self.desk.start_job("a"), "success")  # by a new keeper
        away = record.rename(record.with_name("away"))
        record.symlink_to(record)
        send_signal(pid, signal.SIGKILL)
        wait_for(lambda: self.kinds() == ["records"], self.status, 30)
        record.unlink()
        away.rename(record)
        self.desk.reach(run, "lost")
        wait_for(lambda: self.kinds() == [], "the end of the trouble")

    def test_records_spoilt_while_the_daemon_is_away_begin_nothing_twice(self):
        """The keeper still has the attempts, whatever their records contain."""
        begun, go = self.desk.folder / "begun", self.desk.folder / "go"
        job = '[job.{}]\nschedule = "@yearly"\ncwd = "/"\nretry_lost = true\nretries = 2\nretry_delay = "1s"\n'
        job += f'command = "echo $MARKETCRON_RUN >> {begun}; while [ ! -e {go} ]; do sleep 0.05; done; exit 0"\n'
        self.write(jobs="".join(job.format(name) for name in "abcdef"))
        self.desk.write(self.desk.config.read_text().replace("notify =", 'keep_output = "1s"\nnotify =', 1))
        self.desk.start()
        runs = [self.desk.start_job(name) for name in "abcdef"]
        for run in runs:
            self.desk.reach(run, "running")
        wait_for(lambda: len(begun.read_text().split()) == 6, begun.read_text)
        self.desk.stop(signal.SIGKILL)
        records = [self.desk.output(run).with_suffix(".record") for run in runs]
        removed, emptied, overwritten, fifo, of_nobody, of_another = records
        removed.unlink()
        emptied.write_text("")
        overwritten.write_text("no record\n")
        fifo.unlink()
        os.mkfifo(fifo)
        of_nobody.write_text("999999 " + of_nobody.read_text().split(" ", 1)[1])
        of_another.write_text("1 1 1795000000 another\nowner nobody\nexit_code 0\nstarted 1795000000\nfinished 1795000000\n")
        self.desk.start()
        for record in records:
            wait_for(lambda record=record: record.is_file() and "owner {" in record.read_text(), f"{record} written again")
        self.assertEqual({self.desk.find_run(run)["state"] for run in runs}, {"running"})
        self.assertEqual(self.desk.run("stop", str(runs[3])).code, 0)
        self.desk.reach(runs[3], "killed")
        go.touch()
        for run in set(runs) - {runs[3]}:
            self.assertEqual(self.desk.reach(run, "success")["attempt"], 1)
        self.assertEqual(sorted(begun.read_text().split()), sorted(str(run) for run in runs))

    def test_a_state_directory_that_was_copied_while_jobs_run_begins_nothing_twice(self):
        """The keeper of the removed directory has the jobs; that of the copy finds them by their mark."""
        begun, go = self.desk.folder / "begun", self.desk.folder / "go"
        job = '[job.{}]\nschedule = "@yearly"\ncwd = "/"\n'
        job += f'command = "echo $MARKETCRON_RUN $$ >> {begun}; while [ ! -e {go}.$MARKETCRON_JOB ]; do sleep 0.05; done; exit 0"\n'
        self.begin(jobs="".join(job.format(name) for name in "ab"))
        stays, ends = runs = [self.desk.start_job(name) for name in "ab"]
        for run in runs:
            self.desk.reach(run, "running")
        pids = dict(wait_for(lambda: len(lines := begun.read_text().splitlines()) == 2 and [line.split() for line in lines], begun.read_text))
        old = self.keepers()
        self.desk.stop(signal.SIGKILL)
        copy = self.desk.folder / "copy"
        shutil.copytree(self.desk.state, copy, ignore=shutil.ignore_patterns("*.sock"))
        shutil.rmtree(self.desk.state)
        copy.rename(self.desk.state)
        for run in runs:
            self.desk.output(run).with_suffix(".record").unlink()
        self.desk.folder.joinpath("go.b").touch()
        wait_for(lambda: not pathlib.Path("/proc", pids[str(ends)]).exists(), "the end of b")
        self.desk.start()
        self.assertEqual(self.desk.reach(ends, "lost")["attempt"], 1)  # only the old directory had its result
        wait_for(self.desk.output(stays).with_suffix(".record").exists, "a record of a")
        self.assertEqual(self.desk.find_run(stays)["state"], "running")
        self.desk.folder.joinpath("go.a").touch()
        self.desk.reach(stays, "lost")
        self.assertEqual(len(begun.read_text().splitlines()), 2)
        for keeper in old:
            send_signal(keeper, signal.SIGTERM)

    def test_a_record_spoilt_just_after_its_job_began_is_no_trouble_of_the_keeper(self):
        """Until the keeper has answered, an attempt without a record seems not to have started."""
        go = self.desk.folder / "go"
        job = '[job.{}]\nschedule = "@yearly"\ncwd = "/"\ncommand = "while [ ! -e ' + str(go) + ' ]; do sleep 0.05; done; exit 3"\n'
        self.begin(jobs=job.format("a") + job.format("b"))
        runs = [self.desk.start_job(name) for name in "ab"]
        records = [self.desk.output(run).with_suffix(".record") for run in runs]
        for record in records:
            wait_for(lambda record=record: record.exists() and "owner {" in record.read_text(), "its record")
        records[0].unlink()
        records[1].write_text("")
        for record in records:
            wait_for(lambda record=record: record.exists() and "owner {" in record.read_text(), f"{record} written again")
        time.sleep(6)  # ten seconds after the start a keeper that has not answered is reported
        self.assertEqual(self.kinds(), [])
        self.assertNotIn("does not answer", self.desk.log())
        go.touch()
        for run in runs:
            self.assertEqual(self.desk.reach(run, "failed")["exit_code"], 3)

    def test_a_record_that_names_another_process_is_mended_while_the_keeper_lives(self):
        go = self.desk.folder / "go"
        self.begin(jobs=f'[job.a]\nschedule = "@yearly"\ncwd = "/"\ncommand = "while [ ! -e {go} ]; do sleep 0.05; done; exit 3"\n')
        run = self.desk.start_job("a")
        self.desk.reach(run, "running")
        record = self.desk.output(run).with_suffix(".record")
        wait_for(lambda: "owner {" in record.read_text(), "its record")
        self.desk.stop(signal.SIGKILL)
        right = record.read_text()
        record.write_text("1 " + right.split(" ", 1)[1])  # a running process that is older than the record
        self.desk.start()
        wait_for(lambda: record.read_text() == right, record.read_text)
        for keeper in self.keepers():
            if pathlib.Path("/proc", str(keeper), "comm").read_text() == "mc-keeper\n":
                send_signal(keeper, signal.SIGKILL)  # so that the daemon watches the process
        go.touch()
        self.desk.reach(run, "failed")

    def test_a_record_that_the_keeper_cannot_write_again_is_trouble(self):
        begun, go = self.desk.folder / "begun", self.desk.folder / "go"
        self.begin(jobs=f'[job.a]\nschedule = "@yearly"\ncwd = "/"\n'
                        f'command = "echo x >> {begun}; while [ ! -e {go} ]; do sleep 0.05; done"\n')
        run = self.desk.start_job("a")
        self.desk.reach(run, "running")
        wait_for(begun.exists, "its beginning")
        limits = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in self.keepers()}
        for pid, (_, hard) in limits.items():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (10, hard))
        self.desk.output(run).with_suffix(".record").unlink()  # the keeper is asked five seconds after the start
        self.told(f"🔴 TROUBLE: run {run} of a is running, but its record is gone and the keeper cannot write it again")
        time.sleep(11)  # it is asked twice more, without another report
        self.assertEqual(self.desk.log().count("its record is gone"), 1)
        self.assertEqual(self.kinds(), ["records"])
        for pid, limit in limits.items():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limit)
        wait_for(lambda: self.kinds() == [], self.status, 30)
        go.touch()
        self.desk.reach(run, "success")
        self.assertEqual(begun.read_text(), "x\n")

    def test_outputs_that_are_gone_or_cannot_be_read_are_no_empty_ones(self):
        go = self.desk.folder / "go"
        job = '[job.{}]\nschedule = "@yearly"\ncwd = "/"\ncommand = "echo hello; while [ ! -e ' + str(go) + ' ]; do sleep 0.05; done; exit 3"\n'
        self.begin(jobs=job.format("a") + job.format("b"))
        gone, directory = (self.desk.start_job(name) for name in "ab")
        wait_for(lambda: all(self.desk.output(run).exists() and self.desk.output(run).read_text() for run in (gone, directory)),
                 "what they print")
        self.desk.output(gone).unlink()
        go.touch()
        for run in (gone, directory):
            self.desk.reach(run, "failed")
        told = wait_for(lambda: (done := self.desk.run("logs", str(gone))).code == 1 and done, lambda: self.desk.run("logs", str(gone)))
        self.assertEqual(told.out, "")
        self.assertIn(f"run {gone} has no output: its file was removed before its SHA-256 was recorded", told.err)
        file = self.desk.output(directory)
        file.unlink()
        file.mkdir()
        told = self.desk.run("logs", str(directory))
        self.assertEqual((told.code, told.out), (1, ""))
        self.assertIn(f"cannot read {file}: it is a directory", told.err)

    def test_records_of_a_state_directory_that_was_removed(self):
        """A run requested afterwards cannot start, and a trouble says that its state is not known."""
        self.begin()
        self.desk.reach(self.desk.start_job("a"), "success")
        shutil.rmtree(self.desk.state)
        run = self.desk.start_job("a")
        self.told("🔴 TROUBLE: ", "ledger.db was removed while the daemon runs")
        wait_for(lambda: {"ledger", "records"} <= set(self.kinds()), self.status, 30)
        self.assertIn(f"it is not known whether run {run} of a has ended: cannot open {self.desk.state}: No such file or directory",
                      {one["kind"]: one["text"] for one in self.status()["troubles"]}["records"])


if __name__ == "__main__":
    desk.main()
