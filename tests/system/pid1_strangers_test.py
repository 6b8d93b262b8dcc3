#!/usr/bin/env python3
"""pid1_strangers_test.py WORK: `marketcron daemon` as the first process reaps the orphans that it inherits.

run.sh calls it: WORK holds the tree `full` and, in packages/, marketcron.deb. It is not among those that run by
themselves (run.sh, `waiting`).
"""
import sys

from room import Room, expect, play, wait_for

# A job whose child is twice forked, and outlives it.
TABLE = """0 0 31 1 * root (setsid sh -c 'until test -e /run/go; do sleep 0.1; done; echo over >/run/over' &) ; exit 3
"""


def zombies(room):
    stats = room.do("sh", "-c", "cat /proc/[0-9]*/stat 2>/dev/null || true").splitlines()
    # The name, in brackets, may hold anything; the state is what follows it.
    return [stat for stat in stats if stat.rpartition(")")[2].split()[0] == "Z"]


def no_zombies(room):
    wait_for(lambda: not zombies(room), f"an end of the zombies {zombies(room)}", 10)


def install(room):
    """the package is there, and the daemon is the first process"""
    room.enter("sleep", "infinity")
    room.write("/etc/cron.d/strangers", TABLE)
    room.do("dpkg", "-i", "/packages/marketcron.deb")
    room.leave()
    room.enter("marketcron", "daemon")
    wait_for(room.is_up, "a daemon that answers")


def reaps_what_a_job_leaves(room):
    """it reaps a job, and later the job's twice forked child"""
    run = room.ended(room.start_job("/etc/cron.d/strangers:1"))
    expect((run["state"], run["exit_code"]) == ("failed", 3), "the job's end is not what it was", run)
    no_zombies(room)
    room.do("touch", "/run/go")
    wait_for(lambda: room.ask("test", "-e", "/run/over").code == 0, "the end of the job's child")
    no_zombies(room)


def reaps_strangers(room):
    """it reaps what was never its own"""
    room.do("sh", "-c", "for i in 1 2 3; do (setsid sh -c 'exit 5' >/dev/null 2>&1 &); done")
    no_zombies(room)


def runs_on(room):
    """and knows its own as before"""
    run = room.ended(room.start_job("/etc/cron.d/strangers:1"))
    expect((run["state"], run["exit_code"]) == ("failed", 3), "the job's end is not what it was", run)


room = Room(sys.argv[1], "pid1_strangers", "full")
play("pid1_strangers", room, [install, reaps_what_a_job_leaves, reaps_strangers, runs_on], room.log)
