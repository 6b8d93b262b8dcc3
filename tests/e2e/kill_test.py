#!/usr/bin/env python3
"""kill_test.py MARKETCRON: fifty SIGKILLs under load; then the ledger and the jobs' own files are compared.

Each attempt appends a line to its job's file. The daemon, the keeper and its wardens, and both at once are killed at
random moments. At the end no fire and no exit status is lost, and nothing ran twice. A keeper or warden is only killed
while another one is above it or while it has no job: if every process that could have recorded a result is dead, a run
is correctly `lost`, and that is not tested here.

A second argument is another seed; with KILL_TEST_KEEP set, the folder is kept."""
import collections
import datetime
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from killing import Failure, Process, census

program = pathlib.Path(sys.argv[1]).resolve()
chance = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 20261120)
kills = ["daemon"] * 19 + ["keeper"] * 19 + ["both"] * 12
line_format = "{{job}} {{run}} {{attempt}} {{fire:%Y-%m-%dT%H:%M:%SZ}}"

# For each job: its period in seconds, further keys, and the rest of its shell command.
jobs = {
    "allowed": (1, 'overlap = "allow"', "sleep $(( {{run}} % 4 )); exit $(( {{run}} % 7 ))"),
    "queued": (2, 'overlap = "queue"', "sleep 1.$(( {{run}} % 10 )); exit $(( {{run}} % 7 ))"),
    "alone": (1, "", "sleep $(( {{run}} % 3 )); exit $(( {{run}} % 7 ))"),
    "caught_up": (1, 'overlap = "allow"\ngrace = "1s"\ncatch_up = "all"',
                  "sleep 0.$(( {{run}} % 10 )); exit $(( {{run}} % 7 ))"),
    "newest": (2, 'overlap = "allow"\ngrace = "1s"\ncatch_up = "latest"', "exit $(( {{run}} % 7 ))"),
    "tried_again": (2, 'overlap = "allow"\nretries = 2\nretry_delay = "1s"',
                    "sleep 0.5; test {{attempt}} -gt $(( {{run}} % 4 ))"),
}


def expected_exit(job, run, attempt):
    if job == "tried_again":
        return 0 if attempt > run % 4 else 1
    return run % 7


def configuration(folder):
    text = f'[daemon]\nstate = "{folder}/state"\nsocket = "{folder}/control"\n'
    text += f'[defaults]\ntimezone = "UTC"\ncwd = "{folder}"\nenv = {{ KILL_TEST = "{folder}" }}\n'
    for name, (period, keys, rest) in jobs.items():
        command = f"echo '{line_format}' >> {name}.lines; {rest}"
        text += f'[job.{name}]\nschedule = "@every {period}s"\n{keys}\ncommand = """{command}"""\n'
    return text


class Trial:
    def __init__(self, folder):
        self.folder = folder
        self.config = f"{folder}/marketcron.toml"
        pathlib.Path(self.config).write_text(configuration(folder))
        os.mkdir(f"{folder}/state")
        self.log = open(f"{folder}/daemon.log", "ab")
        self.daemon = None
        self.done = collections.Counter()

    def start(self):
        self.daemon = subprocess.Popen([program, "daemon", "-c", self.config], stdin=subprocess.DEVNULL,
                                       stdout=self.log, stderr=self.log)

    def ask(self, *words):
        return subprocess.run([program, words[0], "-c", self.config, *words[1:]], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=30, check=False)

    def await_ready(self):
        until = time.monotonic() + 20
        while self.ask("status").returncode != 0:
            if self.daemon.poll() is not None or time.monotonic() > until:
                raise Failure("the daemon does not come up")
            time.sleep(0.1)

    def kill_daemon(self):
        if self.daemon.poll() is not None:
            raise Failure(f"the daemon ended by itself, with {self.daemon.returncode}")
        self.daemon.kill()
        self.daemon.wait()
        self.done["daemon"] += 1

    def victim(self):
        """Usually the process that waits for a job, sometimes an idle one. None if no process may be killed now."""
        keepers, running = census(self.folder)
        busy = {parent for parent in running.values() if parent in keepers}
        guarded = sorted(pid for pid in busy if keepers[pid] in keepers)
        idle = sorted(set(keepers) - busy)
        if guarded and (chance.random() < 0.8 or not idle):
            return chance.choice(guarded)
        return chance.choice(idle) if idle else None

    def kill_keeper(self):
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                if (pid := self.victim()) is not None and self.killed(pid):
                    return
            except OSError:
                pass  # a process without another one above ends after its last job
            time.sleep(0.05)
        raise Failure("there is no keeper that may be killed")

    def killed(self, pid):
        with Process(pid) as process:
            if not process.is_keeper_of(self.folder):
                return False
            # For an instant a child that the killed keeper was just starting may look the same.
            time.sleep(0.02)
            if not process.is_keeper_of(self.folder):
                return False
            process.send(signal.SIGKILL)
            process.await_end()
            self.done[process.name] += 1
            return True

    def fault(self, kind):
        """The longest pauses exceed a grace of one second; the shortest kill a daemon while it starts."""
        time.sleep(chance.choice([chance.uniform(0, 0.2), chance.uniform(0.2, 1.2), chance.uniform(0.5, 2)]))
        if kind != "daemon":
            self.kill_keeper()
        if kind != "keeper":
            self.kill_daemon()
            time.sleep(chance.choice([0, 0, chance.uniform(0, 0.5), chance.uniform(1, 3)]))
            self.start()

    def drain(self):
        """Returns when draining started; afterwards the daemon has ended cleanly."""
        self.await_ready()
        time.sleep(4)
        began = int(time.time())
        if (asked := self.ask("drain")).returncode != 0:
            raise Failure(f"drain: {asked.stderr}")
        if self.daemon.wait(30) != 0:
            raise Failure(f"the drained daemon ended with {self.daemon.returncode}")
        return began

    def clean_up(self):
        """Ends all remaining processes; true if the keepers ended cleanly after SIGTERM."""
        if self.daemon and self.daemon.poll() is None:
            self.daemon.kill()
            self.daemon.wait()
        until = time.monotonic() + 10
        while any(living := census(self.folder)):
            stubborn = time.monotonic() > until
            for pid in [*living[0], *living[1]]:
                try:
                    with Process(pid) as process:
                        if process.is_keeper_of(self.folder):
                            process.send(signal.SIGKILL if stubborn else signal.SIGTERM)
                        elif process.is_job_of(self.folder) and stubborn:
                            process.send(signal.SIGKILL)
                except OSError:
                    continue
            if stubborn and time.monotonic() > until + 10:
                return False
            time.sleep(0.1)
        return time.monotonic() <= until


def epoch(text):
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def check_fires(name, rows, began):
    """Each period has its fire, once, from the first to the last."""
    period = jobs[name][0]
    fires = []
    for row in rows:
        last = epoch(row["last_fire"] or row["fire"])
        span = list(range(epoch(row["fire"]), last + 1, period))
        if len(span) != row["fires"]:
            yield f"{name}: run {row['run']} stands for {row['fires']} fires, but spans {len(span)}"
        fires += span
    for fire, count in collections.Counter(fires).items():
        if count > 1:
            yield f"{name}: the fire {fire} has {count} rows"
    for missing in sorted(set(range(min(fires), max(fires), period)) - set(fires)):
        yield f"{name}: the fire {missing} has no row"
    if max(fires) < began - period - 1:
        yield f"{name}: nothing was due after {max(fires)}, but the drain began at {began}"


def check_row(row):
    name, state = row["job"], row["state"]
    if state in ("success", "failed"):
        expected = expected_exit(name, row["run"], row["attempt"])
        if row["exit_code"] != expected:
            yield f"{name}: run {row['run']} has exit code {row['exit_code']}, not {expected}"
        if state != ("success" if expected == 0 else "failed"):
            yield f"{name}: run {row['run']} with exit code {expected} is {state}"
        if not row["started"] or not row["finished"]:
            yield f"{name}: run {row['run']} does not say when it started and finished"
    elif state in ("skipped", "missed", "queued"):
        if row["attempt"] != 0:
            yield f"{name}: run {row['run']} is {state} after {row['attempt']} attempts"
    elif state != "retrying":  # its next attempt is due after the drain
        yield f"{name}: run {row['run']} is {state}"


def disagreements(folder, rows, began):
    """The differences between the ledger and the files, as sentences."""
    lines = collections.Counter()
    for name in jobs:
        lines.update(pathlib.Path(f"{folder}/{name}.lines").read_text().splitlines())
    expected = set()
    for row in rows:
        yield from check_row(row)
        for attempt in range(1, row["attempt"] + 1):
            expected.add(f"{row['job']} {row['run']} {attempt} {row['fire']}")
    for line, count in sorted(lines.items()):
        if count > 1:
            yield f"ran {count} times: {line}"
        if line not in expected:
            yield f"is not in the ledger: {line}"
    for line in sorted(expected - set(lines)):
        yield f"never ran: {line}"
    for name in jobs:
        of_job = [row for row in rows if row["job"] == name]
        yield from check_fires(name, of_job, began) if of_job else [f"{name}: no runs"]


def run_trial(trial):
    trial.start()
    trial.await_ready()
    order = list(kills)
    chance.shuffle(order)
    for kind in order:
        trial.fault(kind)
    began = trial.drain()
    told = trial.ask("runs", "--json")
    if told.returncode != 0:
        raise Failure(f"runs --json: {told.stderr}")
    rows = [json.loads(line) for line in told.stdout.splitlines()]
    wrong = list(disagreements(trial.folder, rows, began))
    if not trial.clean_up():
        wrong.append("the keeper did not end when told to")
    if wrong:
        raise Failure("\n".join(wrong))
    states = collections.Counter(row["state"] for row in rows)
    attempts = sum(row["attempt"] for row in rows)
    return (f"{len(order)} faults ({', '.join(f'{count} {name}' for name, count in sorted(trial.done.items()))}): "
            f"{len(rows)} runs, {attempts} attempts, none lost, none twice "
            f"({', '.join(f'{count} {state}' for state, count in sorted(states.items()))})")


def give_up(number, frame):
    raise Failure("the time is over")


def main():
    # Before ctest's time limit, so that nothing is left behind.
    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(150)
    folder = os.path.realpath(tempfile.mkdtemp(prefix="marketcron-kill-"))
    trial = Trial(folder)
    begun = time.monotonic()
    try:
        print(f"{run_trial(trial)} in {time.monotonic() - begun:.0f} s")
        return 0
    except (Failure, OSError, subprocess.TimeoutExpired) as failure:
        print(f"FAILED: {failure}")
        said = pathlib.Path(f"{folder}/daemon.log").read_text(errors="replace").splitlines()
        print("The daemon's last lines:", *said[-15:], sep="\n  ")
        return 1
    finally:
        signal.alarm(0)
        trial.clean_up()
        trial.log.close()
        if os.environ.get("KILL_TEST_KEEP"):
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder)


sys.exit(main())
