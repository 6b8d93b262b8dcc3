"""room.py: a separate system for a test: a tree of files, and namespaces in which its first process runs.

A Room is a copy of a tree. It is entered by starting a first process in it, and left by ending that process, which
also ends all others, their mounts and their network. If the test itself is killed, the kernel ends the
first process, and with it the room.

A test is a list of steps: functions with one argument whose docstring says what they prove. play() runs them in
order, prints each with its time, and ends with the first that fails.
"""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
import traceback
from typing import NamedTuple

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "e2e"))
from desk import send_signal

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PROXIES = [f"{name}={os.environ[name]}" for name in ("http_proxy", "https_proxy") if name in os.environ]
APT = ["apt-get", "-q", "-y", "-o", "Acquire::Retries=3", "-o", "Dpkg::Use-Pty=0", "-o", "Dpkg::Options::=--force-confold"]


class Done(NamedTuple):
    code: int
    out: str

    def lines(self):
        return [json.loads(line) for line in self.out.splitlines()]


def wait_for(condition, what, seconds=30.0):
    """Calls the condition until it is true, and returns its result."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := condition():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"within {seconds:.0f} s this did not come: {what}")


def expect(holds, what, *shown):
    if not holds:
        raise AssertionError("\n".join([what, *map(str, shown)]))


class Cgroup:
    """The test's own cgroup in the v2 tree, wherever that is mounted; a room uses it as its root."""

    def __init__(self):
        mounts = [line.split() for line in pathlib.Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()]
        tree = next((mount[1] for mount in mounts if mount[2] == "cgroup2"), None)
        expect(tree, "systemd needs cgroups of version 2, and none are mounted here")
        self.path = pathlib.Path(tree) / f"marketcron-room-{os.getpid()}"
        self.path.mkdir()

    def remove(self):
        inner_first = sorted(self.path.rglob("*/"), key=lambda path: -len(path.parts))
        for path in [*inner_first, self.path]:
            wait_for(lambda path=path: self.is_gone(path), f"the end of the cgroup {path}")

    @staticmethod
    def is_gone(path):
        if path.is_dir():
            try:
                path.rmdir()
            except OSError:
                return False
        return True


class Room:
    def __init__(self, work, name, base):
        self.work = pathlib.Path(work)
        self.base = self.work / base
        self.tree = self.work / name
        self.first = None   # `unshare`, whose child is the first process
        self.cgroup = None

    def furnish(self):
        subprocess.run(["cp", "-a", "--reflink=auto", self.base, self.tree], check=True)
        shutil.copytree(self.work / "packages", self.tree / "packages")

    def enter(self, *first_process, systemd=False):
        """Starts the first process; its output is written to first.log next to the tree."""
        command = ["setpriv", "--pdeathsig", "KILL", "unshare", "--pid", "--fork", "--kill-child", "--mount", "--uts",
                   "--ipc", "--propagation", "private"]
        environment = os.environ.copy()
        if systemd:
            self.cgroup = Cgroup()
            environment["ROOM_CGROUP"] = "yes"
            command = ["sh", "-c", 'echo $$ >"$0/cgroup.procs" && exec "$@"', self.cgroup.path, *command, "--cgroup",
                       "--net"]
        command += [pathlib.Path(__file__).with_name("enter.sh"), self.tree, *first_process]
        with open(self.log_path(), "wb") as log:
            self.first = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
        name = pathlib.Path(first_process[0]).name[:15]
        wait_for(lambda: self.first_name() == name, f"a first process called {name}: {self.log()}")

    def log_path(self):
        return self.tree.with_suffix(".log")

    def log(self):
        return self.log_path().read_text(encoding="utf-8", errors="replace")

    def first_pid(self):
        """The pid of the first process, in this machine's namespace."""
        children = pathlib.Path(f"/proc/{self.first.pid}/task/{self.first.pid}/children")
        try:
            return int(children.read_text(encoding="ascii").split()[0])
        except (OSError, IndexError):
            return None

    def first_name(self):
        """The name of the first process's program."""
        expect(self.first.poll() is None, f"the room's first process ended at once, with {self.first.poll()}", self.log())
        try:
            return pathlib.Path(f"/proc/{self.first_pid()}/comm").read_text(encoding="utf-8").strip()
        except OSError:
            return None

    def leave(self):
        if self.first is not None:
            if (pid := self.first_pid()) is not None:
                send_signal(pid, signal.SIGKILL)
            self.first.wait(30)
            self.first = None
        if self.cgroup is not None:
            self.cgroup.remove()
            self.cgroup = None

    def close(self):
        self.leave()
        subprocess.run(["rm", "-rf", "--one-file-system", self.tree], check=True)

    def command(self, *words):
        namespaces = ["--mount", "--pid", "--uts", "--ipc", "--root", "--wdns=/"]
        if self.cgroup is not None:
            namespaces += ["--cgroup", "--net"]
        return ["nsenter", f"--target={self.first_pid()}", *namespaces, "env", "-i", "HOME=/root", "LANG=C.UTF-8",
                f"PATH={PATH}", "DEBIAN_FRONTEND=noninteractive", "NO_COLOR=1", *PROXIES, *map(str, words)]

    def ask(self, *words, seconds=120):
        """Runs a command in the room; returns its exit status and its output."""
        done = subprocess.run(self.command(*words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", timeout=seconds, check=False)
        return Done(done.returncode, done.stdout)

    def do(self, *words, seconds=120):
        """Runs a command that must succeed."""
        done = self.ask(*words, seconds=seconds)
        expect(done.code == 0, f"`{' '.join(map(str, words))}` ended with {done.code}:", done.out)
        return done.out

    def apt(self, *words):
        return self.do(*APT, *words, seconds=200)

    def start(self, *words):
        """Starts a command in the background."""
        with open(self.log_path(), "ab") as log:
            return subprocess.Popen(self.command(*words), stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def read(self, path):
        return (self.tree / path.lstrip("/")).read_text(encoding="utf-8")

    def write(self, path, text):
        """Writes a file of root's that cron trusts; not below /run, which is mounted only inside the room."""
        file = self.tree / path.lstrip("/")
        file.write_text(text, encoding="utf-8")
        file.chmod(0o644)

    def exists(self, path):
        return os.path.lexists(self.tree / path.lstrip("/"))

    # Answers of marketcron.

    def runs(self, *words):
        return Done(0, self.do("marketcron", "runs", "--json", *words)).lines()

    def is_up(self):
        return self.ask("marketcron", "status", "--json").code == 0

    def start_job(self, job):
        out = self.do("marketcron", "start", job)
        number = re.search(r"run (\d+)", out)
        expect(number, f"`marketcron start {job}` names no run:", out)
        return int(number.group(1))

    def find_run(self, number):
        return next((run for run in self.runs() if run["run"] == number), None)

    def ended(self, number, seconds=30.0):
        """The run, once it is finished."""
        def there():
            run = self.find_run(number)
            return run if run and run["finished"] else None
        return wait_for(there, f"the end of run {number}", seconds)


def play(title, room, steps, on_failure=lambda: ""):
    """Runs the steps and closes the room in any case; exits with 1 if a step failed."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside: this took too long"))
    failed = False
    try:
        room.furnish()
        for step in steps:
            began = time.monotonic()
            try:
                step(room)
            except Exception:
                failed = True
                traceback.print_exc(file=sys.stdout)
                print(on_failure(), flush=True)
            what = " ".join((step.__doc__ or step.__name__).split()).rstrip(".")
            print(f"  {title}: {'FAILED' if failed else 'ok'} {time.monotonic() - began:5.1f} s  {what}", flush=True)
            if failed:
                break
    finally:
        room.close()
    sys.exit(1 if failed else 0)
