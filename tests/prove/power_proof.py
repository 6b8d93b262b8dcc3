#!/usr/bin/env python3
"""power_proof.py MARKETCRON: the power of a machine is cut repeatedly; then ledger and witness are compared.

Each attempt writes its job, run, attempt and fire over a serial line to a file on the host, the witness, which a loss
of power in the machine cannot change. At the end: no attempt has written twice, no fire started twice, each attempt
in the witness has its row, each run marked success has written, and each due fire has one row. A run that was active
at a cut is `lost`: its record may never have reached the disk.

MARKETCRON_POWER_CUTS: how many cuts (30). Needs Debian's qemu-system-x86, busybox-static, cpio, kmod, e2fsprogs."""
import collections
import datetime
import json
import os
import pathlib
import random
import re
import shutil
import sys
import tempfile
import time

from machine import Machine

here = pathlib.Path(__file__).parent
cuts = int(os.environ.get("MARKETCRON_POWER_CUTS", "30"))
time_limit = 1500  # seconds, in total
chance = random.Random(20261127)
witness = "echo '{{job}} {{run}} {{attempt}} {{fire:%Y-%m-%dT%H:%M:%SZ}}' > /dev/ttyS1; sleep 0.3"

# For each job: its period in seconds, and further keys.
periods = {"allowed": (1, 'overlap = "allow"'), "queued": (2, 'overlap = "queue"\ncatch_up = "all"'), "alone": (2, ""),
           "tried_again": (3, 'overlap = "allow"\nretries = 1\nretry_delay = "1s"')}
ends = {"tried_again": "test {{attempt}} -gt 1"}


def configuration():
    text = '[daemon]\nstate = "/disk/state"\nsocket = "/tmp/control"\n[defaults]\ntimezone = "UTC"\n'
    for name, (period, keys) in periods.items():
        end = ends.get(name, "true")
        text += f'[job.{name}]\nschedule = "@every {period}s"\n{keys}\ncommand = """{witness}; {end}"""\n'
    return text + f'[job.nightly]\nschedule = "0 3 * * *"\ncommand = """{witness}"""\n'


def epoch(text):
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def spoken(path):
    """The attempts in the witness: (job, run, attempt, fire), and how often each was written."""
    line = re.compile(r"(\w+) (\d+) (\d+) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$")
    found = (line.match(text.strip()) for text in path.read_text(errors="replace").splitlines())
    return collections.Counter((m[1], int(m[2]), int(m[3]), m[4]) for m in found if m)


def check_witnesses(rows, said):
    by_run = {row["run"]: row for row in rows}
    for what, count in said.items():
        if count > 1:
            yield f"ran {count} times: {what}"
        job, run, attempt, fire = what
        row = by_run.get(run)
        if row is None or row["job"] != job or row["fire"] != fire or row["attempt"] < attempt:
            yield f"is not in the ledger: {what}; its row is {row}"
    runs_of_fire = collections.defaultdict(set)
    for job, run, _, fire in said:
        runs_of_fire[job, fire].add(run)
    yield from (f"{fire} ran as {runs}" for fire, runs in runs_of_fire.items() if len(runs) > 1)
    spoke = {(run, attempt) for _, run, attempt, _ in said}
    for row in rows:
        if row["state"] == "success" and (row["run"], row["attempt"]) not in spoke:
            yield f"is called success, but never spoke: {row}"


def check_fires(rows):
    for name, (period, _) in periods.items():
        fires = []
        for row in rows:
            if row["job"] == name:
                fires += range(epoch(row["fire"]), epoch(row["last_fire"] or row["fire"]) + 1, period)
        if not fires:
            yield f"{name} has no rows"
            continue
        yield from (f"{name}: the fire {fire} has {n} rows" for fire, n in collections.Counter(fires).items() if n > 1)
        missing = sorted(set(range(min(fires), max(fires), period)) - set(fires))
        yield from (f"{name}: the fire {fire} has no row" for fire in missing)


def cut_again_and_again(machine, until):
    done = 0
    while done < cuts and time.monotonic() < until:
        machine.boot()
        if chance.random() < 0.8:  # otherwise the cut may happen while it boots
            if not machine.await_word("READY", 120):
                sys.exit(f"after {done} cuts the machine is not ready; it said:\n{machine.said()[-3000:]}")
            time.sleep(chance.uniform(0, 6))
        else:
            machine.await_word("BOOTED", 120)
            time.sleep(chance.uniform(0, 1.5))
        machine.cut_power()
        done += 1
    return done


def main():
    begun = time.monotonic()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="marketcron-power-", dir="/var/tmp"))
    machine = None
    try:
        machine = Machine(folder, sys.argv[1], here / "power_init", {"desk.toml": configuration()})
        done = cut_again_and_again(machine, begun + time_limit)
        machine.boot("report")
        if not machine.await_word("REPORTED", 240):
            sys.exit(f"the machine does not report; it said:\n{machine.said()[-3000:]}")
        machine.process.wait(60)
        rows = [json.loads(line) for line in machine.file("/rows.json").splitlines()]
        said = spoken(machine.witness)
        wrong = [*check_witnesses(rows, said), *check_fires(rows)]
        if wrong:
            sys.exit("\n".join(wrong[:40] + [f"{len(wrong)} things are wrong after {done} cuts"]))
        states = collections.Counter(row["state"] for row in rows)
        print(f"power cut {done} times: {len(rows)} rows, {sum(said.values())} attempts spoke, none twice, lost only what was going on at a cut "
              f"({', '.join(f'{n} {state}' for state, n in sorted(states.items()))})")
    finally:
        if machine:
            machine.cut_power()
        if os.environ.get("MARKETCRON_POWER_KEEP"):
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder)


main()
