#!/usr/bin/env python3
"""torture_proof.py MARKETCRON [--short]: thousands of SIGKILLs while an operator works; then what the jobs wrote is
compared with the ledger.

At random moments the daemon, its keeper, its wardens, or several at once are killed, while runs start, while a reload,
a backfill, a clear, a start or a drain is in progress. Each attempt appends one line to its job's file. At the end each
due fire has one row, no attempt ran twice, every attempt that ran has its row, each recorded exit code is correct and
its attempt wrote its line, and what a command reported as done was done. Runs are `lost` only if at some moment all
processes were killed that could have recorded their result.

MARKETCRON_TORTURE_KILLS: how many (2000; --short: 24). MARKETCRON_TORTURE_SEED: another seed."""
import collections
import datetime
import json
import os
import pathlib
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "e2e"))
from killing import Failure, Process, census  # noqa: E402

program = pathlib.Path(sys.argv[1]).resolve()
short = "--short" in sys.argv
kills = int(os.environ.get("MARKETCRON_TORTURE_KILLS", "24" if short else "2000"))
time_limit = 100 if short else 5400  # seconds; after that there are fewer kills instead of more time
chance = random.Random(int(os.environ.get("MARKETCRON_TORTURE_SEED", "20261120")))
line_format = "{{job}} {{run}} {{attempt}} {{fire:%Y-%m-%dT%H:%M:%SZ}}"

# For each job: its schedule, its period in seconds or 0, further keys, and the rest of its shell command.
jobs = {
    "allowed": ("@every 1s", 1, 'overlap = "allow"', "sleep $(( {{run}} % 4 )); exit $(( {{run}} % 7 ))"),
    "queued": ("@every 2s", 2, 'overlap = "queue"\ncatch_up = "all"', "sleep 0.$(( {{run}} % 10 )); exit $(( {{run}} % 7 ))"),
    "alone": ("@every 1s", 1, "", "sleep $(( {{run}} % 3 )); exit $(( {{run}} % 7 ))"),
    "tried_again": ("@every 2s", 2, 'overlap = "allow"\nretries = 2\nretry_delay = "1s"',
                    "sleep 0.5; test {{attempt}} -gt $(( {{run}} % 4 ))"),
    "nightly": ("0 3 * * *", 0, "", "sleep 0.$(( {{run}} % 7 )); exit $(( {{run}} % 7 ))"),
    "manual": ("0 0 1 1 *", 0, "", "sleep 0.2; exit $(( {{run}} % 7 ))"),
}
first_night = datetime.date(2025, 1, 1)


def expected_exit(job, run, attempt):
    return int(attempt <= run % 4) if job == "tried_again" else run % 7


def configuration(folder, reloads):
    text = f'[daemon]\nstate = "{folder}/state"\nsocket = "{folder}/control"\n'
    text += f'[defaults]\ntimezone = "UTC"\ncwd = "{folder}"\nenv = {{ KILL_TEST = "{folder}" }}\n'
    for name, (schedule, _, keys, rest) in jobs.items():
        command = f"echo '{line_format}' >> {name}.lines; {rest}"
        text += f'[job.{name}]\nschedule = "{schedule}"\n{keys}\ncommand = """{command}"""\n'
    return text + f'[job.changing]\nschedule = "0 0 1 1 *"\ncommand = "true {reloads}"\n'


def status_of(pid):
    """The fields of /proc/PID/status; empty if the process has ended."""
    try:
        lines = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


class Torture:
    def __init__(self, folder):
        self.folder = folder
        self.config = pathlib.Path(folder, "desk.toml")
        self.reloads = 0
        self.write(configuration(folder, 0))
        os.mkdir(f"{folder}/state")
        for name in jobs:
            pathlib.Path(folder, f"{name}.lines").touch()
        self.log = open(f"{folder}/daemon.log", "ab")
        self.daemon = None
        self.killed, self.acts = collections.Counter(), collections.Counter()
        self.nights = 0        # dates of requested backfills, three at a time, from `first_night` on
        self.told = {}         # for the first of each three dates: whether the backfill was confirmed
        self.started = set()   # run numbers reported by `start`
        self.may_be_lost = False

    def start(self):
        self.daemon = subprocess.Popen([program, "daemon", "-c", self.config], stdin=subprocess.DEVNULL,
                                       stdout=self.log, stderr=self.log)

    def ask(self, *words, seconds=60):
        return subprocess.run([program, words[0], "-c", self.config, *words[1:]], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=seconds, check=False)

    def await_ready(self):
        until = time.monotonic() + 60
        while self.ask("status").returncode != 0:
            if self.daemon.poll() is not None or time.monotonic() > until:
                raise Failure(f"the daemon does not come up ({self.daemon.poll()})")
            time.sleep(0.1)

    def write(self, text):
        """Replaces the file, as an editor does: a daemon that starts must not read half of it."""
        fresh = self.config.with_suffix(".new")
        fresh.write_text(text)
        fresh.rename(self.config)

    def await_signals_kept(self):
        bit = 1 << (signal.SIGHUP - 1)
        until = time.monotonic() + 60
        while not bit & int(status_of(self.daemon.pid).get("SigBlk", "0"), 16):
            if self.daemon.poll() is not None or time.monotonic() > until:
                raise Failure(f"the daemon does not keep a SIGHUP ({self.daemon.poll()})")
            time.sleep(0.005)

    def act(self, kind):
        """Starts an operator's command, during which the kill happens; `taken` handles its result."""
        self.acts[kind] += 1
        if kind == "reload":
            self.reloads += 1
            broken = "[" if self.reloads % 5 == 0 else ""
            if broken:
                self.await_ready()  # a daemon that starts with it would end, correctly
            self.write(configuration(self.folder, self.reloads) + broken)
            self.await_signals_kept()  # before the daemon handles SIGHUP, the signal would end it
            self.daemon.send_signal(signal.SIGHUP)
            if broken:
                time.sleep(0.1)
                self.write(configuration(self.folder, self.reloads))
            return None
        if kind == "backfill":
            first = first_night + datetime.timedelta(days=self.nights)
            words = ["nightly", "--from", str(first), "--to", str(first + datetime.timedelta(days=2)), "--parallel", "3", "--yes"]
        elif kind == "clear":
            day = first_night + datetime.timedelta(days=chance.randrange(max(self.nights, 1)))
            words = ["nightly", "--from", str(day), "--to", str(day), "--yes"]
        elif kind == "start":
            words = ["manual"]
        else:
            return None
        return subprocess.Popen([program, kind, "-c", self.config, *words], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def taken(self, kind, asked):
        if asked is None:
            return
        out, error = asked.communicate(timeout=60)
        cut_off = asked.returncode == 1 and "the request may have been carried out" in error
        earlier_waits = kind == "clear" and "is already being cleared" in error
        if asked.returncode not in (0, 3) and not cut_off and not earlier_waits:
            raise Failure(f"{kind} ended with {asked.returncode}: {error}")
        if kind == "start" and asked.returncode == 0:
            self.started.add(int(re.search(r"run (\d+)", out)[1]))
        if kind == "backfill" and asked.returncode != 3:
            self.told[first_night + datetime.timedelta(days=self.nights)] = not cut_off
            self.nights += 3

    def kill_daemon(self):
        if self.daemon.poll() is not None:
            raise Failure(f"the daemon ended by itself, with {self.daemon.returncode}")
        self.daemon.kill()
        self.daemon.wait()
        self.killed["daemon"] += 1

    def kill_one(self):
        """Kills one process of the keeper's chain; one with a job below it only if another is above it."""
        keepers, running = census(self.folder)
        busy = {parent for parent in running.values() if parent in keepers}
        candidates = [pid for pid in keepers if pid not in busy or keepers[pid] in keepers]
        if candidates:
            self.kill_process(chance.choice(sorted(candidates)))

    def kill_chain(self):
        self.may_be_lost = True
        for pid in sorted(census(self.folder)[0], reverse=chance.random() < 0.5):
            self.kill_process(pid)

    def kill_process(self, pid):
        try:
            with Process(pid) as process:
                if process.is_keeper_of(self.folder):
                    process.send(signal.SIGKILL)
                    process.await_end()
                    self.killed[process.name] += 1
        except OSError:
            pass  # it has just ended

    def round(self):
        kind = chance.choice(["load", "load", "reload", "backfill", "clear", "start", "drain"])
        asked = self.act(kind)
        drained = kind == "drain" and self.ask("drain").returncode == 0
        time.sleep(chance.choice([0, chance.uniform(0, 0.2), chance.uniform(0, 1)]))
        victim = chance.choice(["daemon"] * 8 + ["one"] * 6 + ["daemon and one"] * 4 + ["chain", "all"])
        if "one" in victim:
            self.kill_one()
        if victim in ("chain", "all"):
            self.kill_chain()
        if "daemon" in victim or victim == "all":
            if drained and self.daemon.poll() == 0:
                pass  # the kill was too late
            else:
                self.kill_daemon()
            time.sleep(chance.choice([0, 0, chance.uniform(0, 0.5), chance.uniform(1, 3)]))
            self.start()
        elif drained:
            self.daemon.wait(60)
            self.start()
        self.taken(kind, asked)

    def finish(self):
        """Waits for everything to end, also backfill and clear. Returns when draining started."""
        self.await_ready()
        until = time.monotonic() + 120
        while any(row["job"] in ("nightly", "manual") and not finished(row) for row in self.rows()):
            if time.monotonic() > until:
                raise Failure("runs of nightly or manual do not end")
            time.sleep(0.5)
        began = int(time.time())
        if (asked := self.ask("drain", seconds=120)).returncode != 0:
            raise Failure(f"drain: {asked.stderr}")
        if self.daemon.wait(60) != 0:
            raise Failure(f"the drained daemon ended with {self.daemon.returncode}")
        return began

    def rows(self):
        told = self.ask("runs", "--json", "-n", "10000000", seconds=120)
        if told.returncode != 0:
            raise Failure(f"runs --json: {told.stderr}")
        return [json.loads(line) for line in told.stdout.splitlines()]

    def clean_up(self):
        if self.daemon and self.daemon.poll() is None:
            self.daemon.kill()
            self.daemon.wait()
        until = time.monotonic() + 20
        while any(living := census(self.folder)) and time.monotonic() < until:
            for pid in [*living[0], *living[1]]:
                try:
                    with Process(pid) as process:
                        process.send(signal.SIGKILL)
                except OSError:
                    continue
            time.sleep(0.1)


def finished(row):
    return row["state"] not in ("scheduled", "waiting", "queued", "running", "retrying")


def epoch(text):
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def wrong_fires(rows, began):
    for name, (_, period, _, _) in jobs.items():
        if period == 0:
            continue
        fires = []
        for row in rows:
            if row["job"] == name:
                fires += range(epoch(row["fire"]), epoch(row["last_fire"] or row["fire"]) + 1, period)
        yield from (f"{name}: the fire {fire} has {n} rows" for fire, n in collections.Counter(fires).items() if n > 1)
        missing = set(range(min(fires), max(fires), period)) - set(fires)
        yield from (f"{name}: the fire {fire} has no row" for fire in sorted(missing))
        if max(fires) < began - period - 1:
            yield f"{name}: nothing was due after {max(fires)}, but the drain began at {began}"


def wrong_lines(torture, rows, attempts):
    lines = collections.Counter()
    for name in jobs:
        lines.update(pathlib.Path(torture.folder, f"{name}.lines").read_text().splitlines())
    by_run = {row["run"]: row for row in rows}
    for line, count in lines.items():
        if count > 1:
            yield f"ran {count} times: {line}"
        job, run, attempt, fire = line.split()
        row = by_run.get(int(run))
        if row is None or (row["job"], row["fire"]) != (job, fire) or row["attempt"] < int(attempt):
            yield f"is not in the ledger: {line}; its row is {row}"
    for run, number, exit_code in attempts:
        row = by_run.get(run)
        if row is None or exit_code is None:
            continue
        if f"{row['job']} {run} {number} {row['fire']}" not in lines:
            yield f"has an exit code, but wrote nothing: attempt {number} of {row}"
        if exit_code != expected_exit(row["job"], run, number):
            yield f"has exit code {exit_code}: attempt {number} of {row}"


def wrong_rows(torture, rows):
    nights = collections.Counter(row["logical_date"] for row in rows if row["job"] == "nightly" and row["origin"] == "backfill")
    for first, told in torture.told.items():
        counts = [nights[str(first + datetime.timedelta(days=offset))] for offset in range(3)]
        if counts != [1, 1, 1] and (told or counts != [0, 0, 0]):
            yield f"nightly has {counts} rows for the three dates from {first}, whose backfill {'was' if told else 'may have been'} begun"
    runs = {row["run"] for row in rows}
    yield from (f"run {run} was told to be started, and has no row" for run in sorted(torture.started - runs))
    for row in rows:
        if row["state"] == "lost" and not torture.may_be_lost:
            yield f"is lost, though somebody always lived who could record its end: {row}"
        if not finished(row) and row["state"] not in ("queued", "retrying"):
            yield f"is {row['state']} after the drain: {row}"


def torture_and_judge(torture):
    begun = time.monotonic()
    torture.start()
    torture.await_ready()
    rounds = 0
    while sum(torture.killed.values()) < kills and time.monotonic() - begun < time_limit:
        if rounds % 10 == 0:
            torture.await_ready()
        torture.round()
        rounds += 1
    began = torture.finish()
    rows = torture.rows()
    with sqlite3.connect(f"file:{torture.folder}/state/ledger.db?mode=ro", uri=True) as ledger:
        attempts = ledger.execute("SELECT run, number, exit_code FROM attempt").fetchall()
    wrong = [*wrong_fires(rows, began), *wrong_lines(torture, rows, attempts), *wrong_rows(torture, rows)]
    if wrong:
        raise Failure("\n".join(wrong[:40] + [f"{len(wrong)} things are wrong"]))
    states = collections.Counter(row["state"] for row in rows)
    return (f"{sum(torture.killed.values())} kills ({', '.join(f'{n} {name}' for name, n in sorted(torture.killed.items()))}) "
            f"during {', '.join(f'{n} {name}' for name, n in sorted(torture.acts.items()))}: {len(rows)} runs, "
            f"{len(attempts)} attempts, none twice, lost only where every keeper was killed ({', '.join(f'{n} {s}' for s, n in sorted(states.items()))})")


def main():
    folder = os.path.realpath(tempfile.mkdtemp(prefix="marketcron-torture-"))
    torture = Torture(folder)
    try:
        print(torture_and_judge(torture))
        return 0
    except (Failure, OSError, subprocess.TimeoutExpired) as failure:
        print(f"FAILED: {failure}")
        said = pathlib.Path(f"{folder}/daemon.log").read_text(errors="replace").splitlines()
        print("The daemon's last lines:", *said[-15:], sep="\n  ")
        return 1
    finally:
        torture.clean_up()
        torture.log.close()
        if os.environ.get("MARKETCRON_TORTURE_KEEP"):
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder)


sys.exit(main())
