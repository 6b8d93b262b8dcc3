#!/usr/bin/env python3
"""mutants.py [ROOM...] [--count N] [--seed S] [--simulator]: changes one deciding line at a time and lists what the tests
do not see.

Each mutant is one change of one line of src/ROOM: a comparison, a condition, a constant, the order of two statements, or
a statement left out. It is built in a copy of the tree (build/mutants), and the suites that could see it run. A mutant
that fails to compile is none. One that survives is printed with its place and its change.

  --count N      so many mutants of each room (default 20), drawn by the seed
  --seed S       another draw (default 1)
  --simulator    only the simulator is run: what it alone sees of the engine

tests/mutants_equivalent.txt lists changes that change nothing, each with the reason; they are left out.
Exit 1 when a room is below its bar: 95 per cent killed, 80 by the simulator alone."""
import argparse
import pathlib
import random
import re
import shutil
import subprocess
import sys

import tidy

root = pathlib.Path(__file__).resolve().parent.parent
copy = root / "build" / "mutants"
killed_bar, simulator_bar = 95, 80
build_seconds_max, suite_seconds_max = 900, 120

# The suites that could see a change in a room, quick ones first.
suites = {
    "base": ["base_test", "calendar_test", "schedule_test", "config_test", "engine_test"],
    "calendar": ["calendar_test", "calendars_conformance_test", "schedule_test", "config_test"],
    "schedule": ["schedule_test", "config_test", "engine_test", "explain_test", "marketcron_sim"],
    "crontab": ["crontab_test", "config_test"],
    "config": ["config_test", "engine_test", "explain_test"],
    "reason": ["reason_test", "engine_test", "explain_test", "store_test"],
    "engine": ["engine_test", "explain_test", "shell_test", "marketcron_sim"],
    "explain": ["explain_test", "daemon_test"],
    "store": ["store_test", "shell_test", "engine_test"],
    "notify": ["notify_test", "marketcron_sim"],
    "shell": ["shell_test", "engine_test", "marketcron_sim"],
    "sim": ["sim_test", "engine_test", "marketcron_sim"],
    "os": ["os_test"],
    "exec": ["exec_test"],
    "net": ["net_test"],
    "desk": ["desk_test"],
    "daemon": ["daemon_test"],
    "cli": ["cli_test"],
}

swaps = [("<=", "<"), (">=", ">"), ("==", "!="), ("!=", "=="), ("&&", "||"), ("||", "&&"), (" < ", " <= "),
         (" > ", " >= "), (" + ", " - "), (" - ", " + "), ("true", "false"), ("false", "true")]


def code_lines(text):
    """[(number, line)] of lines that decide something: not comments, not declarations alone."""
    plain = tidy.blank(text)
    lines, kept = text.split("\n"), plain.split("\n")
    for number, (line, bare) in enumerate(zip(lines, kept)):
        stripped = bare.strip()
        if stripped and not stripped.startswith(("#", "//", "namespace", "using", "template", "static_assert")):
            yield number, line, bare


def mutations(line, bare, next_bare):
    """[(what, the new lines)] of one line; `bare` is it without texts and comments. None: it changes places."""
    found = []
    bare, next_bare = bare.rstrip(), next_bare.rstrip()
    for old, new in swaps:
        for at in [m.start() for m in re.finditer(re.escape(old), bare)]:
            if old.isalpha() and re.match(r"\w", bare[at + len(old):at + len(old) + 1] or " "):
                continue
            if old in ("<=", ">=") and bare[at:at + 3] == "<=>":
                continue
            found.append((f"{old.strip()} for {new.strip()}", [line[:at] + new + line[at + len(old):]]))
    if match := re.match(r"^(\s*(?:else )?if \()(.*)(\)\s*(?:return|continue|break|\{|[\w_.:>-]+\().*)$", bare):
        at = match.end(1)
        end = match.end(2)
        if ";" not in match[2]:
            found.append(("condition negated", [f"{line[:at]}!({line[at:end]}){line[end:]}"]))
    for match in re.finditer(r"(?<![\w.'\"])(\d+)(?![\w.'\"])", bare):
        found.append((f"{match[1]} for {int(match[1]) + 1}",
                      [line[:match.start()] + str(int(match[1]) + 1) + line[match.end():]]))
    is_call = re.match(r"^\s+[\w.:>\-\[\]*()]+\(.*\);$", bare) and not re.match(r"^\s+(return|const|auto|check)\b", bare)
    is_assignment = re.match(r"^\s+[\w.>\-\[\]*]+ (=|\+=|-=) .*;$", bare)
    if is_call or is_assignment:
        found.append(("left out", [""]))
        if next_bare and re.match(r"^\s+[\w.:>\-\[\]*()]+(\(| = ).*;$", next_bare):
            found.append(("after the next one", None))
    return found


def all_mutants(room):
    for path in sorted((root / "src" / room).glob("*.cpp")):
        text = path.read_text(encoding="utf-8")
        lines = text.split("\n")
        bares = tidy.blank(text).split("\n")
        for number, line, bare in code_lines(text):
            next_bare = bares[number + 1] if number + 1 < len(bares) else ""
            for what, new in mutations(line, bare, next_bare):
                changed = list(lines)
                if new is None:
                    changed[number], changed[number + 1] = changed[number + 1], changed[number]
                else:
                    changed[number:number + 1] = new
                yield path.relative_to(root), number + 1, what, line.strip(), "\n".join(changed)


def equivalents():
    """{(file, line's text, what)}: lines of `FILE: TEXT: WHAT: reason`."""
    path = root / "tests" / "mutants_equivalent.txt"
    known = set()
    for row in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        if row and not row.startswith("#"):
            file, text, what, _ = row.split(" | ")
            known.add((file, text, what))
    return known


def prepare():
    """A copy of the tree that git knows, with a build of its own."""
    copy.mkdir(parents=True, exist_ok=True)
    files = subprocess.run(["git", "ls-files"], cwd=root, check=True, capture_output=True, text=True).stdout.splitlines()
    for name in files:
        source, target = root / name, copy / name
        if not source.exists():
            continue
        if not target.exists() or target.read_bytes() != source.read_bytes():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    if not (copy / "build").exists():
        subprocess.run(["cmake", "-S", copy, "-B", copy / "build", "-G", "Ninja", "-D", "CMAKE_BUILD_TYPE=Release",
                        "-D", "CMAKE_CXX_FLAGS_RELEASE=-O1", "--log-level=WARNING"], check=True, stdout=subprocess.DEVNULL)


def build(targets):
    done = subprocess.run(["cmake", "--build", copy / "build", "--target", *targets], capture_output=True, check=False,
                          timeout=build_seconds_max)
    return done.returncode == 0


def is_seen(names):
    for name in names:
        program = copy / "build" / "tests" / name
        arguments = ["--count", "60"] if name == "marketcron_sim" else []
        try:
            done = subprocess.run([program, *arguments], capture_output=True, check=False, timeout=suite_seconds_max)
        except subprocess.TimeoutExpired:
            return name
        if done.returncode != 0:
            return name
    return None


def examine(room, options):
    names = ["marketcron_sim"] if options.simulator else [n for n in suites[room]]
    if not build(names):
        raise SystemExit(f"mutants: the suites of {room} do not build: {' '.join(names)}")
    if failing := is_seen(names):
        raise SystemExit(f"mutants: {failing} fails without a mutant")
    known = equivalents()
    drawn = [m for m in all_mutants(room) if (str(m[0]), m[3], m[2]) not in known]
    random.Random(f"{room} {options.seed}").shuffle(drawn)
    killed, survived = 0, []
    for path, number, what, line, text in drawn:
        if killed + len(survived) == options.count:
            break
        target = copy / path
        before = target.read_text(encoding="utf-8")
        target.write_text(text, encoding="utf-8")
        if build(names):
            if is_seen(names):
                killed += 1
            else:
                survived.append(f"{path}:{number}: {what}: {line}")
                print(f"  survives  {survived[-1]}", flush=True)
        target.write_text(before, encoding="utf-8")
    return killed, survived


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rooms", nargs="*", metavar="ROOM")
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--simulator", action="store_true")
    options = parser.parse_args()
    rooms = options.rooms or (["engine"] if options.simulator else list(suites))
    if unknown := [room for room in rooms if room not in suites]:
        parser.error(f"unknown room {unknown[0]}; known: {', '.join(suites)}")
    prepare()
    bar, good = simulator_bar if options.simulator else killed_bar, True
    for room in rooms:
        killed, survived = examine(room, options)
        total = killed + len(survived)
        share = 100 * killed / max(1, total)
        good = good and share >= bar
        print(f"{room:10} {killed} of {total} killed, {share:.0f} % (to reach: {bar} %)", flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
