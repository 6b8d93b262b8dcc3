#!/usr/bin/env python3
"""container_test.py MARKETCRON: the daemon as the first process of a PID namespace, as in a container."""
import os
import pathlib
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "e2e"))
import desk
from desk import DeskTest, send_signal, wait_for


class FirstProcess(DeskTest):
    def start(self):
        """The daemon as process 1 of its own namespace; for an ordinary user inside a user namespace."""
        rights = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        with open(self.desk.folder / "daemon.log", "ab") as log:
            self.desk.daemon = subprocess.Popen(
                ["unshare", *rights, "--pid", "--fork", "--mount-proc", "--kill-child", self.desk.program, "daemon", "-c",
                 self.desk.config], cwd=self.desk.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_for(self.desk.is_up, "a daemon that answers")
        [first] = self.children(self.desk.daemon.pid)
        return first

    def children(self, parent):
        """Pairs of pid and state."""
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    state, ppid = (entry / "stat").read_text().rsplit(")", 1)[1].split()[:2]
                except OSError:
                    continue
                if int(ppid) == parent:
                    found.append((int(entry.name), state))
        return found

    def stop(self, first):
        send_signal(first[0], signal.SIGTERM)
        code = self.desk.daemon.wait(15)
        self.desk.daemon = None
        return code

    def test_strangers_are_reaped(self):
        self.desk.jobs('[job.a]\nschedule = "@yearly"\ncwd = "/"\ncommand = "true"\n')
        first = self.start()
        # A process that enters the namespace from outside, and leaves a child there when it dies.
        subprocess.run(["nsenter", *([] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]), "--pid",
                        f"--target={first[0]}", "sh", "-c", "sh -c 'sleep 0.2; exit 3' & exit 0"], check=True)
        wait_for(lambda: len(self.children(first[0])) >= 3, "a stranger beside the daemon and the warden")
        wait_for(lambda: len(self.children(first[0])) == 2, "its end")
        self.assertNotIn("Z", [state for _, state in self.children(first[0])])
        self.assertEqual(self.stop(first), 0)

    def test_stopping_ends_the_jobs_and_records_it(self):
        self.desk.jobs('[job.a]\nschedule = "@yearly"\ncwd = "/"\ncommand = "echo begun; exec sleep 1000"\n')
        first = self.start()
        number = self.desk.start_job("a")
        self.desk.reach(number, "running")
        wait_for(lambda: self.desk.output(number).read_text() == "begun\n", "the job's first word")
        self.assertEqual(self.stop(first), 0)
        self.assertIn("stopping; running jobs end too, with the container's first process", self.desk.log())
        first = self.start()
        run = self.desk.reach(number, "failed")
        self.assertEqual((run["reason"], run["signal"]), ("signal", signal.SIGTERM))
        self.assertEqual(self.stop(first), 0)

    def test_a_job_that_ignores_sigterm_is_killed_and_that_is_recorded(self):
        self.desk.jobs('[job.a]\nschedule = "@yearly"\ncwd = "/"\n'
                       'command = "trap : TERM; echo begun; while :; do sleep 0.1; done"\n')
        first = self.start()
        number = self.desk.start_job("a")
        wait_for(lambda: self.desk.output(number).exists() and self.desk.output(number).read_text() == "begun\n", "its word")
        self.assertEqual(self.stop(first), 0)
        first = self.start()
        run = self.desk.reach(number, "failed")
        self.assertEqual((run["reason"], run["signal"]), ("signal", signal.SIGKILL))
        self.assertEqual(self.stop(first), 0)

    def test_other_signals_reach_the_daemon(self):
        self.desk.jobs('[job.a]\nschedule = "@yearly"\ncwd = "/"\ncommand = "true"\n')
        first = self.start()
        self.desk.jobs('[job.b]\nschedule = "@yearly"\ncwd = "/"\ncommand = "true"\n')
        send_signal(first[0], signal.SIGHUP)
        wait_for(lambda: "loaded 1 job" in self.desk.log(), "a reload")
        self.assertEqual(self.stop(first), 0)

    def test_a_daemon_that_cannot_start_says_so_by_its_exit_code(self):
        self.desk.jobs("[job.a]\n")
        done = subprocess.run(["unshare", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), "--pid", "--fork",
                               "--mount-proc", self.desk.program, "daemon", "-c", self.desk.config],
                              capture_output=True, text=True, timeout=20, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("job \"a\" has no schedule", done.stderr)


if __name__ == "__main__":
    desk.main()
