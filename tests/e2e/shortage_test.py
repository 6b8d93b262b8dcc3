#!/usr/bin/env python3
"""Starts that the machine cannot do now wait with TROUBLE, and happen later; no run fails because of it."""
import contextlib
import fcntl
import os
import pathlib
import resource
import signal
import socket
import subprocess
import time

import desk
from desk import wait_for

BY_HAND = """
[job.plain]
schedule = "@yearly"
command = "echo done"
[job.reads]
schedule = "@yearly"
command = "echo $NAME"
env_file = "{env}"
"""


@contextlib.contextmanager
def limited(pid, what, soft):
    """Sets a limit of another process, and restores it at the end."""
    before = resource.prlimit(pid, what)
    resource.prlimit(pid, what, (soft, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, what, before)


def descriptors(pid):
    return max(int(name) for name in os.listdir(f"/proc/{pid}/fd")) + 1


class ShortageTest(desk.DeskTest):
    def setUp(self):
        super().setUp()
        env = self.desk.write("NAME=value\n", "env")
        self.desk.jobs(BY_HAND.format(env=env))

    def troubles(self):
        return {one["kind"]: one["text"] for one in self.desk.ask("GET", "/v1/status")["troubles"]}

    def test_a_run_waits_for_the_directory_of_its_files(self):
        self.desk.start()
        self.desk.reach(self.desk.start_job("plain"), "success")
        runs = self.desk.state / "runs" / "0"
        runs.rename(runs.with_name("away"))
        runs.write_text("in the way")
        run = self.desk.start_job("plain")
        wait_for(lambda: self.desk.find_run(run)["reason"] == "resources", "a run that waits for resources")
        self.assertEqual(self.desk.find_run(run)["state"], "waiting")
        self.assertEqual(self.desk.find_run(run)["attempt"], 0)
        text = "no job can start: cannot write the attempt's record: Not a directory"
        # There may be another trouble of that kind: the first run's output may not be sealed yet.
        self.assertIn(text, " ".join(one["text"] for one in self.desk.ask("GET", "/v1/status")["troubles"] if one["kind"] == "full"))
        self.assertIn("TROUBLE: " + text, self.desk.run("status").out)
        self.assertIn("resources", self.desk.run("why", "plain").out)
        self.assertIn(text, self.desk.log())
        # Another run also waits, and can be stopped.
        other = self.desk.start_job("plain")
        wait_for(lambda: self.desk.find_run(other)["reason"] == "resources", "a second one")
        self.assertEqual(self.desk.run("stop", other).code, 0)
        self.assertEqual(self.desk.find_run(other)["state"], "killed")
        runs.unlink()
        runs.with_name("away").rename(runs)
        self.assertEqual(self.desk.reach(run, "success", seconds=45)["attempt"], 1)
        self.assertEqual(self.desk.output(run).read_text(), "done\n")
        wait_for(lambda: "full" not in self.troubles(), self.troubles, 75)  # sealing is retried after a minute
        self.assertIn("the machine has room again", self.desk.log())

    @contextlib.contextmanager
    def sends_refused(self):
        """The kernel refuses everything that the daemon sends to its keeper."""
        daemon = self.desk.daemon.pid
        with subprocess.Popen(["strace", "-qq", "-f", "-o", self.desk.folder / "strace", "-e", "trace=sendto", "-e", "signal=none",
                               "-e", "inject=sendto:error=ENOBUFS", "-p", str(daemon)], stdin=subprocess.DEVNULL) as tracer:
            wait_for(lambda: "TracerPid:\t0\n" not in pathlib.Path(f"/proc/{daemon}/status").read_text(), "strace on the daemon")
            yield
            wait_for(lambda: "INJECTED" in (self.desk.folder / "strace").read_text(), "a call that was refused")
            tracer.send_signal(signal.SIGINT)

    def test_a_launch_that_the_kernel_did_not_take_is_repeated(self):
        """The keeper runs and receives nothing; no other job causes the message to be sent again."""
        self.desk.start()
        self.desk.reach(self.desk.start_job("plain"), "success")
        with self.sends_refused():
            run = self.desk.start_job("plain")
        self.assertEqual(self.desk.reach(run, "success")["attempt"], 1)
        wait_for(lambda: not self.troubles(), self.troubles)

    def test_a_signal_that_the_kernel_did_not_take_is_repeated(self):
        """Otherwise the job would be killed after `kill_after`, and could not end cleanly."""
        self.desk.jobs(f"""[job.orderly]
schedule = "@yearly"
kill_after = "1h"
command = "trap 'echo in order; exit 0' TERM; touch {self.desk.folder}/ready; while :; do sleep 0.05; done"
""")
        self.desk.start()
        run = self.desk.start_job("orderly")
        wait_for((self.desk.folder / "ready").exists, "the job's trap")
        with self.sends_refused():
            self.desk.run("stop", run)
        self.desk.reach(run, "killed")
        self.assertTrue(self.desk.output(run).read_text().endswith("in order\n"))

    def test_without_descriptors_the_daemon_waits_loses_nothing_and_does_not_spin(self):
        self.desk.start()
        self.desk.reach(self.desk.start_job("reads"), "success")
        daemon = self.desk.daemon.pid
        with limited(daemon, resource.RLIMIT_NOFILE, descriptors(daemon)):
            # Its answer needs a descriptor; the connection is accepted when one is free.
            with subprocess.Popen([self.desk.program, "start", "reads", "-c", self.desk.config],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as asking:
                used = self.cpu_seconds(daemon)
                time.sleep(1.5)
                self.assertLess(self.cpu_seconds(daemon) - used, 0.5)
                resource.prlimit(daemon, resource.RLIMIT_NOFILE, (descriptors(daemon) + 1, resource.prlimit(
                    daemon, resource.RLIMIT_NOFILE)[1]))
                out, error = asking.communicate(timeout=20)
            self.assertEqual((asking.returncode, error), (0, ""), out)
        run = max(one["run"] for one in self.desk.runs())
        self.assertEqual(self.desk.reach(run, "success", seconds=45)["attempt"], 1)
        self.assertEqual(self.desk.output(run).read_text(), "value\n")

    @staticmethod
    def cpu_seconds(pid):
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def test_a_log_that_takes_no_more_ends_nothing(self):
        with open("/dev/full", "wb") as full:
            self.desk.daemon = subprocess.Popen([self.desk.program, "daemon", "-c", self.desk.config], stdin=subprocess.DEVNULL,
                                                stdout=full, stderr=full)
        wait_for(lambda: self.desk.run("status").code == 0, "a daemon that answers")
        self.desk.reach(self.desk.start_job("plain"), "success")
        self.desk.write("[broken\n")
        self.desk.daemon.send_signal(signal.SIGHUP)
        self.desk.jobs("")
        wait_for(lambda: self.desk.run("reload").code == 0, "a daemon that reloads")
        self.assertRegex(self.troubles()["log"], r"lost so far: No space left on device; jobs continue$")
        self.assertEqual(self.desk.stop(), 0)

    def start_with_log(self, log):
        self.desk.daemon = subprocess.Popen([self.desk.program, "daemon", "-c", self.desk.config], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log)
        wait_for(self.desk.is_up, "a daemon that answers")

    def fill(self, times=8):
        """Writes much to the log: repeated reloads of a file with many mistakes."""
        good = self.desk.config.read_text()
        self.desk.jobs("".join(f'[job.j{number}]\nschedule = "nothing of the kind"\ncommand = "true"\n' for number in range(200)))
        for _ in range(times):
            self.assertEqual(self.desk.run("reload").code, 1)
        self.desk.config.write_text(good)
        self.assertEqual(self.desk.run("reload").code, 0)

    def test_a_log_that_is_not_read_stops_nothing(self):
        ours, theirs = os.pipe()
        self.addCleanup(os.close, ours)
        fcntl.fcntl(theirs, fcntl.F_SETPIPE_SZ, 4096)
        self.start_with_log(theirs)
        flags = fcntl.fcntl(theirs, fcntl.F_GETFL)
        self.fill()
        self.desk.reach(self.desk.start_job("plain"), "success")
        text = wait_for(lambda: self.troubles().get("log"), "the trouble that lines are lost")
        self.assertRegex(text, r"^[0-9]+ lines of the log are lost so far: the program that reads it does not keep up")
        self.assertIn("TROUBLE: ", self.desk.run("status").out)
        self.assertEqual(fcntl.fcntl(theirs, fcntl.F_GETFL), flags, "what others share is changed")
        os.set_blocking(ours, False)
        read = b""
        def note():
            nonlocal read
            with contextlib.suppress(BlockingIOError):
                read += os.read(ours, 1 << 16)
            return b" of the log were lost: " in read and "log" not in self.troubles()
        wait_for(note, "the log again")
        self.fill()  # the log is not read again: a signal still works
        wait_for(lambda: self.troubles().get("log"), "the trouble again")
        os.close(theirs)
        begun = time.monotonic()
        self.assertEqual(self.desk.stop(), 0)
        self.assertLess(time.monotonic() - begun, 10)

    def test_a_log_into_a_socket_and_a_terminal_that_are_not_read(self):
        here, there = socket.socketpair()
        self.addCleanup(here.close)
        master, terminal = os.openpty()
        self.addCleanup(os.close, master)
        for log in (there.detach(), terminal):
            self.start_with_log(log)
            self.fill(40)
            self.desk.reach(self.desk.start_job("plain"), "success")
            self.assertIn("lost so far", self.troubles()["log"])
            os.close(log)
            self.assertEqual(self.desk.stop(), 0)

    def test_run_numbers_that_no_run_can_have_are_refused(self):
        self.desk.start()
        self.desk.reach(self.desk.start_job("plain"), "success")
        for number in ("9223372036854775808", "18446744073709551617", "99999999999999999999999", "0", "-1", "1e3"):
            for words in (("stop", number), ("rerun", number), ("mark", number, "success", "--reason", "x"), ("logs", number)):
                if number == "-1":
                    words = (words[0], "--", *words[1:]) if words[0] != "mark" else ("mark", "--reason", "x", "--", *words[1:3])
                with self.subTest(words=words):
                    self.assertEqual(self.desk.run(*words).code, 2)
        for number in (9223372036854775808, 18446744073709551615, 18446744073709551617, 0, -1, 1e30, 1.5, "1", None, [1]):
            for path, more in (("/v1/stop", {}), ("/v1/rerun", {}), ("/v1/mark", {"state": "success", "reason": "x"})):
                with self.subTest(number=number, path=path):
                    answer = self.desk.ask("POST", path, {"run": number, **more})
                    self.assertEqual(answer["exit_code"], 2, answer)
            answer = self.desk.ask("POST", "/v1/alert", {"alert": number, "do": "ack", "reason": "x"})
            self.assertEqual(answer["exit_code"], 2, answer)
        self.assertEqual(self.desk.ask("GET", "/v1/logs?run=9223372036854775808")["exit_code"], 2)
        self.assertEqual([run["state"] for run in self.desk.runs()], ["success"])


if __name__ == "__main__":
    desk.main()
