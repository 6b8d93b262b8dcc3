"""killing.py: finds and kills the daemon, its keeper and wardens, for the tests that do so at random moments.

A process is opened by a pidfd before it is examined, so that it cannot be mistaken for another that got its number."""
import os
import pathlib
import select
import signal


def name_and_parent(pid):
    stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    return stat[stat.index("(") + 1:stat.rindex(")")], int(stat[stat.rindex(")") + 2:].split()[1])


class Process:
    """A process that cannot be mistaken for another: first opened by a pidfd, then examined."""

    def __init__(self, pid):
        self.pid = pid
        self.handle = os.pidfd_open(pid)
        try:
            self.look()
        except OSError:
            os.close(self.handle)
            raise

    def look(self):
        self.name, self.parent = name_and_parent(self.pid)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        os.close(self.handle)

    def is_keeper_of(self, folder):
        """True for a keeper or warden of the folder. Until its exec, a job's process has the keeper's name: not counted."""
        self.look()
        if self.name not in ("mc-keeper", "mc-warden") or os.readlink(f"/proc/{self.pid}/fd/3") != f"{folder}/state":
            return False
        return self.name == "mc-warden" or name_and_parent(self.parent)[0] != "mc-keeper"

    def is_job_of(self, folder):
        environment = pathlib.Path(f"/proc/{self.pid}/environ").read_bytes()
        return f"KILL_TEST={folder}".encode() in environment.split(b"\0")

    def send(self, number):
        signal.pidfd_send_signal(self.handle, number)

    def await_end(self, seconds=10):
        if not select.select([self.handle], [], [], seconds)[0]:
            raise Failure(f"process {self.pid} ({self.name}) does not end")


class Failure(Exception):
    pass


def census(folder):
    """Pids and parents of the keeper and its wardens, and of the jobs' processes."""
    keepers, running = {}, {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with Process(int(entry)) as process:
                if process.is_keeper_of(folder):
                    keepers[process.pid] = process.parent
                elif process.is_job_of(folder):
                    running[process.pid] = process.parent
        except OSError:
            continue  # it has just ended, or belongs to another user
    return keepers, running
