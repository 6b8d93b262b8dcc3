#!/usr/bin/env python3
"""pid1_test.py WORK: `marketcron daemon` as the first process of its PID namespace, as in a container.

run.sh calls it: WORK contains the tree `full` and, in packages/, marketcron.deb. A first process inherits every
orphan, gets only signals that it handles, and when it ends the kernel kills all others.
"""
import os
import signal
import sys

from room import Room, expect, play, send_signal, wait_for

# A job with a double-forked child that outlives it; and one that handles SIGTERM and ends with its own exit code.
TABLE = """0 0 31 1 * root (setsid sh -c 'until test -e /run/go; do sleep 0.1; done; echo over >/run/over' &) ; exit 3
0 0 31 1 * root trap 'exit 4' TERM; echo ready >/run/ready; while :; do sleep 0.1; done
"""
LEAVES_A_CHILD, ENDS_WHEN_ASKED = "/etc/cron.d/first:1", "/etc/cron.d/first:2"


def zombies(room):
    stats = room.do("sh", "-c", "cat /proc/[0-9]*/stat 2>/dev/null || true").splitlines()
    # The name, in brackets, may contain anything; the state follows it.
    return [stat for stat in stats if stat.rpartition(")")[2].split()[0] == "Z"]


def no_zombies(room):
    wait_for(lambda: not zombies(room), f"an end of the zombies {zombies(room)}", 10)


def is_there(room, path):
    return room.ask("test", "-e", path).code == 0


def install(room):
    """installed where nothing else runs, it is started only by the container"""
    room.enter("sleep", "infinity")
    room.write("/etc/cron.d/first", TABLE)
    room.do("dpkg", "-i", "/packages/marketcron.deb")
    room.leave()
    room.enter("marketcron", "daemon")
    wait_for(room.is_up, "a daemon that answers")


def reaps_what_a_job_leaves(room):
    """it records a job's result, and reaps that job's double-forked child"""
    run = room.ended(room.start_job(LEAVES_A_CHILD))
    expect((run["state"], run["exit_code"]) == ("failed", 3), "the job's end is not what it was", run)
    no_zombies(room)
    room.do("touch", "/run/go")
    wait_for(lambda: is_there(room, "/run/over"), "the end of the job's child")
    no_zombies(room)


def reaps_strangers(room):
    """it reaps processes that it did not start"""
    room.do("sh", "-c", "for i in 1 2 3; do (setsid sh -c 'exit 5' >/dev/null 2>&1 &); done")
    no_zombies(room)


def reloads(room):
    """SIGHUP reloads the configuration"""
    send_signal(room.first_pid(), signal.SIGHUP)
    wait_for(lambda: "loaded" in room.log(), "a word of the reload:\n" + room.log())


def ends(room):
    """SIGTERM ends it cleanly, and sends SIGTERM to the running job"""
    room.start_job(ENDS_WHEN_ASKED)
    wait_for(lambda: is_there(room, "/run/ready"), "the job's first word")
    send_signal(room.first_pid(), signal.SIGTERM)
    expect(room.first.wait(20) == 0, f"it ended with {room.first.returncode}", room.log())


def starts_again(room):
    """the next container with the same state has that job's result, and runs nothing again"""
    room.enter("marketcron", "daemon")
    wait_for(room.is_up, "a daemon that answers")
    newest = room.ended(room.runs()[0]["run"])
    expect((newest["job"], newest["state"], newest["exit_code"]) == (ENDS_WHEN_ASKED, "failed", 4),
           "the end of the job is not recorded", newest)
    expect(len(room.runs()) == 2, "something ran again", room.runs())


room = Room(sys.argv[1], "pid1", "full")
play("pid1", room, [install, reaps_what_a_job_leaves, reaps_strangers, reloads, ends, starts_again], room.log)
