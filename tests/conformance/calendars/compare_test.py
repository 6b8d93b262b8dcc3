#!/usr/bin/env python3
"""compare_test.py CALENDAR_COMPARE: checks that it reports differences, from golden files and from answers."""
import pathlib
import subprocess
import sys
import tempfile

CALENDAR = """
name = "TEST"
timezone = "Europe/Berlin"
checked = 2026-11-22
coverage = { from = 2024-01-01, to = 2024-12-31 }
[[hours]]
open = "09:00"
close = "17:30"
[[holiday]]
name = "New Year's Day"
on = "jan 1"
"""
GOLDEN = """# TEST
span 2024-01-01 2024-01-10
week 2024-01-01 1111100
hours 2024-01-01 09:00 17:30
closed 2024-01-01
"""
ANSWERS = """session,open,close,break_start,break_end
2024-01-02,2024-01-02 08:00:00+00:00,2024-01-02 16:30:00+00:00,,
2024-01-03,2024-01-03T08:00:00Z,2024-01-03T16:30:00Z,,
"""


def compare(program, calendar, name, expected):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "calendars").mkdir()
        (folder / "calendars" / "test.toml").write_text(calendar)
        (folder / "expected").mkdir()
        (folder / "expected" / name).write_text(expected)
        run = subprocess.run([program, folder / "calendars", folder / "expected"], capture_output=True, text=True)
        return run.returncode, run.stdout.replace(str(folder), "")


def main():
    program = sys.argv[1]
    rows = [
        (CALENDAR, "TEST.golden", GOLDEN, (0, "1 of 1 agree\n")),
        (CALENDAR, "test.csv", ANSWERS, (0, "1 of 1 agree\n")),
        (CALENDAR, "TEST.golden", GOLDEN + "closed 2024-01-05\n",
         (1, "TEST: expected closed, got 09:00 17:30: 2024-01-05 Fri\n0 of 1 agree\n")),
        (CALENDAR, "TEST.csv", ANSWERS.replace("03,2024-01-03T08:00:00Z", "03,2024-01-03T07:00:00Z"),
         (1, "TEST: expected 08:00 17:30, got 09:00 17:30: 2024-01-03 Wed\n0 of 1 agree\n")),
        (CALENDAR + 'to = 2000\n', "TEST.csv", ANSWERS,
         (1, "/calendars/test.toml:9:1: error: the holiday \"New Year's Day\" never closes a trading day of the "
             "week\n0 of 1 agree\n")),
        (CALENDAR, "OTHER.golden", GOLDEN, (1, "OTHER: error: unknown calendar \"OTHER\"; known: TEST\n0 of 1 agree\n")),
    ]
    failed = 0
    for calendar, name, expected, wanted in rows:
        got = compare(program, calendar, name, expected)
        if got != wanted:
            failed += 1
            print(f"{name}: expected {wanted}, got {got}")
    print(f"{len(rows) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
