#!/usr/bin/env python3
"""coverage.py BUILD [--begin | ROOM]: how many lines of each room of src/ the tests of a build have run.

The build is of the preset `cov`. Its programs count in files that are mapped into memory and shared (clang's continuous
mode): a process that is killed has counted, and so has a forked one.

--begin deletes the counts of earlier tests. Without it, a row for each room: its lines, those that have run, per cent,
and what is to be reached: 90 per cent above the wall, 80 below it. Fails when a room is below its bar. With a ROOM, its
lines that have not run. `./dev cov` makes the build, begins, runs the tests and prints the rows."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
from collections import defaultdict

import tidy

above_bar, below_bar = 90, 80
root = pathlib.Path(__file__).resolve().parent.parent


def counts_folder(build):
    """Where the programs of the build count: what its compiler was told."""
    cache = (build / "CMakeCache.txt").read_text(encoding="utf-8")
    found = re.search(r"-fprofile-instr-generate=(\S+)/%m%c\.profraw", cache)
    if not found:
        sys.exit(f"coverage: {build} does not count lines; build the preset `cov`")
    return pathlib.Path(found.group(1))


def begin(build):
    """Tests run the program also as another user, who shares its file. So any user may write to it, and to no other."""
    folder = counts_folder(build)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    subprocess.run([build / "marketcron", "--version"], check=True, stdout=subprocess.DEVNULL)
    for file in folder.iterdir():
        file.chmod(0o666)


def programs(build):
    """Those that contain rooms: the program, and the tests that are programs."""
    files = [build / "marketcron", *sorted((build / "tests").iterdir())]
    return [file for file in files if file.is_file() and os.access(file, os.X_OK)]


def show(build):
    """What `llvm-cov show` prints: each line of src/, and how often it has run."""
    merged = build / "tests.profdata"
    files = sorted(counts_folder(build).glob("*.profraw"))
    if not files:
        sys.exit("coverage: no test has run")
    subprocess.run(["llvm-profdata", "merge", "-sparse", "-o", merged, *files], check=True)
    first, *others = programs(build)
    objects = [first, *(f"-object={other}" for other in others)]
    return subprocess.run(["llvm-cov", "show", "-show-instantiations=false", "-ignore-filename-regex=^/usr/|/tests/",
                           f"-instr-profile={merged}", *objects], check=True, capture_output=True, text=True).stdout


def lines_of(shown):
    """{file: {line: (has run, text)}}, from what `llvm-cov show` prints. A file may be shown under several paths."""
    found, lines = {}, None
    for row in shown.splitlines():
        if row.startswith("/") and row.endswith(":"):
            lines = found.setdefault(pathlib.Path(os.path.normpath(row[:-1])), {})
        elif parts := re.match(r" *(\d+)\| *([\d.]+\w?)\|(.*)", row):
            number, count, text = int(parts[1]), parts[2], parts[3]
            lines[number] = (count != "0" or lines.get(number, (False, ""))[0], text)
    return found


def room_of(file):
    """The room of a file; None of one that is in none."""
    parts = file.relative_to(root).parts
    return parts[1] if len(parts) > 2 and parts[0] == "src" else None


def counts(shown):
    """[(room, lines, run)] in the order of the names."""
    lines, run = defaultdict(int), defaultdict(int)
    for file, found in lines_of(shown).items():
        if room := room_of(file):
            lines[room] += len(found)
            run[room] += sum(has_run for has_run, _ in found.values())
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


def not_run(shown, room):
    """`file:line:text` of each line of the room that has not run."""
    for file, found in sorted(lines_of(shown).items()):
        if room_of(file) == room:
            yield from (f"{file.relative_to(root)}:{number}:{text}"
                        for number, (has_run, text) in sorted(found.items()) if not has_run)


def main(build, word=None):
    build = pathlib.Path(build).resolve()
    if word == "--begin":
        begin(build)
    elif word:
        print("\n".join(not_run(show(build), word)))
    else:
        text, good = rows(counts(show(build)))
        print(text, end="")
        return 0 if good else 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
