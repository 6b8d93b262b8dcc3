#!/usr/bin/env python3
"""json_keys_test.py MARKETCRON: each key that a command prints with --json is in the JSON section of marketcron(1)."""
import datetime
import json
import pathlib
import re

import desk
from desk import DeskTest

PAGE = pathlib.Path(__file__).resolve().parents[2] / "man" / "marketcron.1"
JOBS = """
[defaults]
calendar = "XNYS"
command = "true"
[slack.ops]
webhook = "http://127.0.0.1:1/"
[job.good]
schedule = "@close"
[job.bad]
schedule = "@close"
command = "false"
notify = { failure = ["slack:ops"] }
[job.long]
schedule = "@close"
command = "sleep 1000"
[job.later]
schedule = "@close"
command = "false"
retries = 1
retry_delay = "1h"
[job.lost]
schedule = "0 12 * * 6"
command = "echo {{session}}"
[job.past]
schedule = "0 0 * * *"
catch_up = "all"
"""
FILE_OF_A_CALENDAR = """name = "{}"
extends = "XNYS"
description = "A desk's own"
checked = 2026-11-22
sources = ["The desk"]
coverage = {{ from = 2020-01-01, trusted_to = 2026-12-31, to = 2040-12-31 }}
{}
"""


def keys_on_the_page():
    """{command: the keys of its lines}. `The keys of CMD` includes the keys of that command."""
    section = PAGE.read_text(encoding="utf-8").split("\n.Sh JSON\n", 1)[1].split("\n.Sh ", 1)[0]
    items = dict(re.findall(r"^\.It Cm ([a-z -]+)\n(.*?)(?=^\.It |^\.El)", section, re.M | re.S))

    def keys(command):
        text = items[command]
        own = set(re.findall(r'"([a-z0-9_]+)"', text))
        return own.union(*(keys(other) for other in re.findall(r"[Kk]eys of\s+\.Cm ([a-z]+)", text)))
    return {command: keys(command) for command in items}


def keys_of(value):
    """All keys, except inside objects whose keys are names from the configuration, and inside facts (tested by
    reason_json_test.cpp)."""
    if isinstance(value, list):
        return set().union(*map(keys_of, value))
    if not isinstance(value, dict):
        return set()
    return set(value).union(*(keys_of(part) for key, part in value.items() if key not in ("env", "reason_data")))


class Keys(DeskTest):
    def setUp(self):
        super().setUp()
        self.desk.jobs(JOBS)
        self.desk.start()
        self.bad = self.desk.start_job("bad", "--session", self.sessions(-10, -1)[-1])
        self.desk.reach(self.bad, "failed")
        self.desk.reach(self.desk.start_job("later"), "retrying")
        self.desk.start_job("long")
        self.desk.run("hold", "good")
        self.desk.run("ice", "past")
        self.desk.run("notify", "test", "slack:ops", timeout=60)

    def sessions(self, first, last):
        """The sessions of XNYS between these days from today."""
        dates = [(datetime.date.today() + datetime.timedelta(days=days)).isoformat() for days in (first, last)]
        done = self.desk.run("calendar", "sessions", "XNYS", "--from", dates[0], "--to", dates[1], "--json")
        return [json.loads(line)["session"] for line in done.out.splitlines()]

    def commands(self):
        """The commands with --json, from the help."""
        overview = self.desk.run("--help", config=False).out
        names = [name.strip() for name in re.findall(r"^  ((?:[a-z-]+ ?){1,2}?)  ", overview, re.M)]
        return {name for name in names if "--json" in self.desk.run(*name.split(), "--help", config=False).out}

    def questions(self):
        """The arguments for each command."""
        today = datetime.date.today()
        ago, ahead = (today - datetime.timedelta(days=10)).isoformat(), (today + datetime.timedelta(days=10)).isoformat()
        dates = ("--from", ago, "--to", today.isoformat())
        broken = self.desk.write("[job.a]\nschedule = 1\n", name="broken.toml")
        moved = self.desk.write(desk.HEAD + JOBS.replace('"@close"', '"@close+1h"', 1), name="moved.toml")
        calendars = self.desk.folder / "calendars"
        calendars.mkdir(exist_ok=True)
        closed = self.sessions(1, 10)[-1]
        self.desk.write(FILE_OF_A_CALENDAR.format("XNYS", f'[closed]\n{closed} = "A test"\n'),
                        name="calendars/xnys.toml", mode=0o644)
        self.desk.write(FILE_OF_A_CALENDAR.format("DESK", ""), name="calendars/desk.toml", mode=0o644)
        table = self.desk.write("A=b\n0 1 * * * true%in\n0 25 * * * true\n", name="table")
        return {
            "check": [("check",), ("check", broken)],
            "next": [("next",), ("next", "lost"), ("next", "--schedule", "@close", "--calendar", "XNYS")],
            "why": [("why", "bad"), ("why", "lost", "2026-11-21")],
            "diff": [("diff", moved)],
            "simulate": [("simulate", "--from", today.isoformat(), "--to", ahead)],
            "runs": [("runs",)],
            "alerts": [("alerts", "--all")],
            "status": [("status",)],
            "logs": [("logs", str(self.bad))],
            "clear": [("clear", "bad", *dates, "--dry-run")],
            "backfill": [("backfill", "bad", *dates, "--dry-run")],
            "calendar list": [("calendar", "list")],
            "calendar show": [("calendar", "show", "XNYS")],
            "calendar sessions": [("calendar", "sessions", "XNYS", "--from", today.isoformat(), "--to", ahead)],
            "calendar is-open": [("calendar", "is-open", "XNYS")],
            "calendar diff": [("calendar", "diff", calendars)],
            "import": [("import", table)],
        }

    def test_every_key_is_on_the_page(self):
        on_the_page, asked = keys_on_the_page(), self.questions()
        self.assertEqual(set(asked), self.commands(), "a command that knows --json is not asked here")
        self.assertEqual(set(asked), set(on_the_page), "a command that knows --json has no item in the section")
        for command, questions in asked.items():
            printed = set()
            for words in questions:
                done = self.desk.run(*words, "--json")
                lines = done.out.splitlines()
                self.assertTrue(lines, f"{words} prints nothing: {done.err}")
                printed |= keys_of([json.loads(line) for line in lines])
            with self.subTest(command=command):
                self.assertEqual(printed - on_the_page[command], set(), "keys that are on no page")
                # The page also has no keys that are not printed.
                self.assertEqual(on_the_page[command] - printed, set(), "keys of the page that were not printed")


if __name__ == "__main__":
    desk.main()
