#!/usr/bin/env python3
"""coverage.py BUILD: how many lines of each room of src/ the tests of that build have run, from gcov's counts.

One row for each room: lines that can run, lines that have run, per cent, and what is to be reached: 90 per cent above the
wall, 80 below it. Fails when a room is below its bar. `./dev cov` makes the build and runs the tests before."""
import json
import pathlib
import subprocess
import sys
from collections import defaultdict

import tidy

above_bar, below_bar = 90, 80


def counts(build):
    """[(room, lines, run)]: what gcovr reads from the build, in the order of the names."""
    root = pathlib.Path(__file__).resolve().parent.parent
    report = subprocess.run(
        ["gcovr", "--root", root, "--object-directory", build, "--filter", f"{root}/src/", "--json-summary",
         "--exclude-unreachable-branches", build], check=True, capture_output=True, text=True).stdout
    lines, run = defaultdict(int), defaultdict(int)
    for file in json.loads(report)["files"]:
        parts = pathlib.PurePath(file["filename"]).parts
        room = parts[parts.index("src") + 1]
        lines[room] += file["line_total"]
        run[room] += file["line_covered"]
    return [(room, lines[room], run[room]) for room in sorted(lines) if lines[room]]


def bar(room):
    return above_bar if room in tidy.above_the_wall else below_bar


def rows(measured):
    """The table, and whether every room reaches its bar."""
    text, good = f"{'room':12} {'lines':>7} {'run':>7} {'':>7}  to reach\n", True
    for room, lines, run in measured:
        share = 100 * run / lines
        is_low = share < bar(room)
        good = good and not is_low
        text += f"{room:12} {lines:7} {run:7} {share:6.1f} %  {bar(room)} %{' MISSED' if is_low else ''}\n"
    return text, good


def main():
    text, good = rows(counts(pathlib.Path(sys.argv[1]).resolve()))
    print(text, end="")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
