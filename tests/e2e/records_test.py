#!/usr/bin/env python3
"""records_test.py MARKETCRON: records of attempts that cannot be read are TROUBLE, and their runs go on when they can be."""
import shutil
import signal

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
        """Its keeper is gone, so that the daemon watches its process, and the record alone can say how it ended."""
        self.begin(jobs=JOB + '[job.b]\nschedule = "@yearly"\ncwd = "/"\ncommand = "exec sleep 600"\n')
        run = self.desk.start_job("b")
        self.desk.reach(run, "running")
        record = self.desk.output(run).with_suffix(".record")
        pid = int(wait_for(record.read_text, "its record").split()[0])
        keepers = self.keepers()
        for number in (signal.SIGSTOP, signal.SIGKILL):  # so that none of them starts another
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

    def test_records_of_a_state_directory_that_was_removed(self):
        """A run that was asked for since cannot begin, and is not called running without a word."""
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
