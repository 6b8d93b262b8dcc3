#!/usr/bin/env python3
"""pid1_test.py WORK: `marketcron daemon` as the first process of its PID namespace, as in a container.

run.sh calls it: WORK holds the tree `full` and, in packages/, marketcron.deb. The kernel lets no signal through
to a first process that it does not ask for, and ends all others with it. What becomes of the orphans that it
inherits is pid1_strangers_test.py's question.
"""
import os
import signal
import sys

from room import Room, expect, play, wait_for

TABLE = """0 0 31 1 * root exit 3
0 0 31 1 * root sleep infinity
"""


def install(room):
    """installed where nothing else runs, it is started by the container alone"""
    room.enter("sleep", "infinity")
    room.write("/etc/cron.d/first", TABLE)
    room.do("dpkg", "-i", "/packages/marketcron.deb")
    room.leave()
    room.enter("marketcron", "daemon")
    wait_for(room.is_up, "a daemon that answers")


def runs_jobs(room):
    """it runs jobs, and knows how they ended"""
    run = room.ended(room.start_job("/etc/cron.d/first:1"))
    expect((run["state"], run["exit_code"]) == ("failed", 3), "the job's end is not what it was", run)


def reloads(room):
    """SIGHUP reaches it"""
    os.kill(room.first_pid(), signal.SIGHUP)
    wait_for(lambda: "loaded" in room.log(), "a word of the reload:\n" + room.log())


def ends(room):
    """SIGTERM ends it in good order, while a job runs"""
    room.start_job("/etc/cron.d/first:2")
    os.kill(room.first_pid(), signal.SIGTERM)
    expect(room.first.wait(20) == 0, f"it ended with {room.first.returncode}", room.log())


def starts_again(room):
    """the next container on the same state knows what became of that job: it is lost, and is not run again"""
    room.enter("marketcron", "daemon")
    wait_for(room.is_up, "a daemon that answers")
    newest = room.ended(room.runs()[0]["run"])
    expect((newest["job"], newest["state"]) == ("/etc/cron.d/first:2", "lost"), "the job is not known as lost", newest)
    expect(len(room.runs()) == 2, "something ran again", room.runs())


room = Room(sys.argv[1], "pid1", "full")
play("pid1", room, [install, runs_jobs, reloads, ends, starts_again], room.log)
