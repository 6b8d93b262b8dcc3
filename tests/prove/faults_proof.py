#!/usr/bin/env python3
"""faults_proof.py MARKETCRON [--short]: the kernel refuses the program's system calls, one after another.

A daemon runs jobs every second. For each row of a table one system call of the daemon, of the keeper or of a child
before its exec fails with one error (strace --inject), for a while. Then the fault ends, and what the jobs wrote
themselves is compared with `runs --json`: every fire has its row, none ran twice, none failed, was lost or
ended as spawn_failed, and daemon and keeper are still the same processes.

With the right to mount (root) the state directory is also a file system in memory, of 2 MB and few inodes, that is
really filled and emptied. At most 15 minutes; --short: a few rows, 40 seconds."""
import collections
import os
import pathlib
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "e2e"))
from desk import Desk, send_signal, wait_for  # noqa: E402

CONFIG = """
[daemon]
state = "state"
socket = "control"
[defaults]
timezone = "UTC"
catch_up = "all"
overlap = "queue"
[job.shell]
schedule = "@every 1s"
command = 'echo "$MARKETCRON_RUN" >> {lines}'
[job.reads]
schedule = "@every 2s"
command = 'read it; echo "$MARKETCRON_RUN" >> {lines}'
stdin = "a line"
env_file = "{env}"
[job.waits]
schedule = "@every 3s"
wait = [{{ command = ["/bin/true"], poll = "1s" }}]
command = ["/bin/sh", "-c", 'echo "$MARKETCRON_RUN" >> {lines}']
cwd = "{folder}"
"""

# Process, system call, errors; `when` counts the calls of each process: a child's first file is its attempt's record,
# its second the output. A `write` that fails is one of a record.
DAEMON = [
    ("openat", "EMFILE ENFILE EIO"), ("socket", "EMFILE"), ("accept4", "EMFILE ENFILE"), ("pipe2", "EMFILE"),
    ("clone", "EAGAIN ENOMEM"), ("pwrite64", "ENOSPC EDQUOT EIO EROFS"), ("fdatasync", "EIO ENOSPC"), ("ftruncate", "EIO"),
    ("pidfd_open", "EMFILE"), ("memfd_create", "EMFILE"), ("unlink", "EROFS EIO"), ("sendto", "ENOBUFS"),
    ("epoll_ctl", "ENOSPC ENOMEM"), ("timerfd_create", "EMFILE"), ("clone3", "EAGAIN ENOMEM"), ("rename", "ENOSPC EIO EROFS"), ("eventfd2", "EMFILE ENFILE"),
]
KEEPER = [
    ("mkdirat", "ENOSPC EROFS"), ("clone", "EAGAIN ENOMEM"), ("memfd_create", "EMFILE ENFILE ENOMEM"),
    ("openat", "EMFILE ENFILE EIO"), ("write", "ENOSPC EIO EDQUOT"), ("writev", "ENOSPC"), ("accept4", "EMFILE"), ("unlinkat", "EIO EROFS"),
    ("newfstatat", "EIO"),
]
CHILD = [
    ("openat:when=1", "ENOSPC EDQUOT EROFS EIO EMFILE"), ("openat:when=2", "ENOSPC EDQUOT EROFS EMFILE"),
    ("writev:when=1", "ENOSPC EIO"), ("dup3:when=1", "EMFILE"), ("chdir:when=1", "EIO ESTALE ENOMEM"),
    ("execve:when=1", "EAGAIN ENOMEM ETXTBSY ENFILE EIO"),
]
SHORT = [("daemon", "epoll_ctl", "ENOSPC"), ("keeper", "clone", "EAGAIN"), ("child", "openat:when=2", "ENOSPC"), ("child", "execve:when=1", "EAGAIN"),
         ("daemon", "openat", "EMFILE")]
LONGEST_PAUSE = 45.0  # the longest pause of a run that waits for resources, with a margin


def rows():
    for who, table in (("daemon", DAEMON), ("keeper", KEEPER), ("child", CHILD)):
        for call, errors in table:
            for error in errors.split():
                yield who, call, error


class Load:
    """A desk, its daemon, and what its jobs wrote."""

    def __init__(self, program):
        self.desk = Desk(program)
        self.lines = self.desk.folder / "lines"
        self.lines.touch()
        env = self.desk.write("NAME=value\n", "env")
        self.desk.write(CONFIG.format(lines=self.lines, env=env, folder=self.desk.folder))

    def start(self):
        self.desk.start()
        self.keeper = wait_for(self.find_keeper, "a keeper")

    def find_keeper(self):
        """Finds it by the state directory, which is its descriptor 3."""
        return next((int(entry.name) for entry in pathlib.Path("/proc").iterdir() if self.is_keeper(entry)), None)

    def is_keeper(self, process):
        try:
            return (process / "comm").read_text() == "mc-keeper\n" and os.path.samefile(process / "fd" / "3", self.desk.state)
        except OSError:
            return False

    def pid_of(self, who):
        return self.desk.daemon.pid if who == "daemon" else self.keeper

    def check_alive(self, after):
        if self.desk.daemon.poll() is not None:
            raise AssertionError(f"{after}: the daemon ended with {self.desk.daemon.returncode}\n{self.desk.log()[-3000:]}")
        if not self.is_keeper(pathlib.Path("/proc", str(self.keeper))):  # find_keeper() may have found its child
            raise AssertionError(f"{after}: the keeper {self.keeper} is gone; now {self.find_keeper()}")

    def troubles(self):
        return [one for one in self.desk.ask("GET", "/v1/status").get("troubles", []) if one["kind"] != "outbox"]

    def settle(self, after):
        """Waits until there is no trouble and no run waits for resources. Outputs are sealed at the next minute."""
        def calm():
            self.check_alive(after)
            try:
                status = self.desk.ask("GET", "/v1/status")
            except OSError:
                return False
            waits = [run for run in status["waiting"] if run["reason"] == "resources"]
            return not waits and not [one for one in status["troubles"]
                                      if one["kind"] not in ("outbox", "configuration") and one["about"] != "output"]
        wait_for(calm, lambda: f"the end of the trouble after {after}; there is {self.troubles()}", LONGEST_PAUSE)

    def check_rows(self, after):
        """Compares what the jobs wrote with the ledger, after all active runs have ended."""
        self.desk.run("hold", "shell"), self.desk.run("hold", "reads"), self.desk.run("hold", "waits")
        wait_for(lambda: not self.desk.ask("GET", "/v1/status")["running"], "the end of what runs", 20)
        wrote = collections.Counter(self.lines.read_text().split())
        runs = self.desk.runs("-n", "100000")
        for job in ("shell", "reads", "waits"):
            self.desk.run("release", job)
        twice = [run for run, count in wrote.items() if count > 1]
        bad = [run for run in runs if run["state"] not in ("success", "waiting", "queued", "skipped", "missed")]
        success = {str(run["run"]) for run in runs if run["state"] == "success"}
        without = success - set(wrote)
        unknown = set(wrote) - success
        problems = {"ran twice": twice, "ended badly": bad, "success without a line": sorted(without)[:5],
                    "a line without success": sorted(unknown)[:5], "fires without a row": self.gaps(runs)}
        if any(problems.values()):
            raise AssertionError(f"{after}: " + "; ".join(f"{what}: {found}" for what, found in problems.items() if found))
        return len(success)

    @staticmethod
    def gaps(runs):
        """The missing fires: between a job's first and last row every fire has a row."""
        step = {"shell": 1, "reads": 2, "waits": 3}
        missing = []
        for job, every in step.items():
            seen = set()
            for run in runs:
                if run["job"] != job:
                    continue
                first, last = instant(run["fire"]), instant(run["last_fire"] or run["fire"])
                seen.update(range(first, last + 1, every))
            if seen:
                missing += [f"{job} {t}" for t in range(min(seen), max(seen) + 1, every) if t not in seen]
        return missing[:5]


def instant(text):
    return int(time.mktime(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ")) - time.timezone)


def inject(load, who, call, error, seconds):
    """Makes the call fail for that many seconds; returns how often it was refused."""
    name, _, when = call.partition(":")
    log = load.desk.folder / "strace"
    follow = [] if who == "keeper" else ["-f"]  # also the daemon's threads
    words = ["strace", "-qq", *follow, "-o", log, "-e", f"trace={name}", "-e", "signal=none",
             "-e", f"inject={name}:error={error}{':' + when if when else ''}", "-p", str(load.pid_of(who))]
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as tracer:
        try:
            tracer.wait(seconds)
        except subprocess.TimeoutExpired:
            tracer.send_signal(signal.SIGINT)
        complaint = tracer.communicate()[1]
    if "attach: ptrace" in complaint:
        raise AssertionError(f"strace may not attach: {complaint.strip()}")
    return log.read_text(errors="replace").count("(INJECTED)")


def walk(load, wanted, until, short):
    reached, tried, missed = 0, 0, []
    for who, call, error in wanted:
        if time.monotonic() > until:
            break
        row = f"{who} {call} {error}"
        injected = inject(load, who, call, error, 2.5)
        load.settle(row)
        tried += 1
        reached += injected > 0
        if injected == 0:
            missed.append(row)
        print(f"{row}: {injected} refused", flush=True)
        if tried % 10 == 0 and not short:
            load.check_rows(row)
    if missed:
        print(f"never called in that time: {', '.join(missed)}")
    return tried, reached


def on_small_disk(program):
    """Runs this script again in its own mount namespace."""
    done = subprocess.run(["unshare", "--mount", "--propagation", "private", sys.executable, __file__, program, "--disk"],
                          text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=240, check=False)
    print(done.stdout, end="", flush=True)
    if done.returncode != 0:
        raise AssertionError("on a small disk")


def fill_disk(program):
    """Inside: the disk of the attempts has no blocks, then no inodes left, while the ledger's disk still has room."""
    load = Load(program)
    state = load.desk.state
    (state / "runs").mkdir(parents=True, mode=0o700)
    try:
        for what, options in (("blocks", "size=64k"), ("inodes", "nr_inodes=24")):
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"mode=0700,{options}", "tmpfs", state / "runs"], check=True)
            load.start()
            wait_for(lambda: load.troubles(), f"the trouble of a disk without {what}", 60)
            time.sleep(3)
            subprocess.run(["mount", "-o", "remount,size=64M,nr_inodes=10000", state / "runs"], check=True)
            load.settle(f"no {what}")
            print(f"no {what} left: {load.check_rows(what)} runs succeeded in the end", flush=True)
            end_all(load)
            subprocess.run(["umount", state / "runs"], check=True)
    finally:
        load.desk.stop(signal.SIGKILL)
        load.desk.end_processes()
        subprocess.run(["umount", "-l", state / "runs"], check=False, stderr=subprocess.DEVNULL)
        load.desk.close()


def small_blocks(program):
    """Inside: the ledger on ext4 with blocks of 1 KB and few blocks left: the daemon runs or ends with
    an error, never by a signal."""
    load = Load(program)
    state, image = load.desk.state, load.desk.folder / "image"
    state.mkdir(mode=0o700)
    image.write_bytes(b"")
    os.truncate(image, 8 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-b", "1024", "-m", "0", "-O", "^has_journal", image], check=True)
    if subprocess.run(["mount", "-o", "loop", image, state], check=False, stderr=subprocess.DEVNULL).returncode != 0:
        return print("no loop device here: small blocks were not tried")
    try:
        load.start()
        time.sleep(3)
        end_all(load)
        ends = collections.Counter()
        for left in (0, 2, 4, 8, 9, 10, 12, 16, 20, 24, 28, 31, 33, 40, 60):
            leave(state / "filler", left)
            try:
                load.start()
                time.sleep(1.5)
                load.check_alive(f"{left} blocks left")
                ends["ran"] += 1
            except AssertionError:
                status = load.desk.daemon.poll()
                if status is None or status < 0:
                    raise AssertionError(f"{left} blocks left: the daemon ended with {status}\n{load.desk.log()[-2000:]}") from None
                ends[f"refused with {status}"] += 1
            end_all(load)
            (state / "filler").unlink()
        load.start()
        load.settle("small blocks")
        print(f"small blocks: {dict(ends)}; {load.check_rows('small blocks')} runs succeeded in the end", flush=True)
        end_all(load)
    finally:
        load.desk.stop(signal.SIGKILL)
        load.desk.end_processes()
        subprocess.run(["umount", "-l", state], check=False, stderr=subprocess.DEVNULL)
        load.desk.close()
    return None


def leave(filler, blocks):
    """Fills the disk except for that many blocks of 1 KB."""
    with open(filler, "wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(1024))
        except OSError:
            pass
        file.truncate(max(0, file.tell() - 1024 * blocks))
    os.sync()


def end_all(load):
    load.desk.stop()
    if keeper := load.find_keeper():
        send_signal(keeper, signal.SIGTERM)
        wait_for(lambda: load.find_keeper() is None, "the keeper's end")


def main():
    program = sys.argv[1]
    if "--disk" in sys.argv:
        fill_disk(program)
        return small_blocks(program)
    short = "--short" in sys.argv
    begun = time.monotonic()
    load = Load(program)
    try:
        load.start()
        tried, reached = walk(load, SHORT if short else rows(), begun + (25 if short else 720), short)
        succeeded = load.check_rows("at the end")
        load.check_alive("at the end")
        if not short:
            wait_for(lambda: not load.troubles(), lambda: f"the end of {load.troubles()}", 75)
    except AssertionError:
        print(load.desk.log()[-4000:])
        raise
    finally:
        load.desk.close()
    disk = "no right to mount"
    if os.geteuid() == 0 and not short:
        on_small_disk(program)
        disk = "a full disk and full inodes too"
    print(f"faults: {reached} of {tried} rows (call, error) were called and refused; {succeeded} runs, 0 lost, 0 twice, 0 failed; {disk}")
    return None


if __name__ == "__main__":
    main()
