#!/usr/bin/env python3
"""man_test.py MARKETCRON PAGE...: executes every literal block of the man pages, and every fenced one of .md files.

The comment before a block says how: `example: shell` runs each "$ " line and compares its output,
`example: config` must be found good by `marketcron check`. A block without one, and a shell block that
runs nothing, is a failure. In an .md file a block says `toml` or `console`; they share a folder, in which the
former is written as desk.toml. `toml calendar` is a calendar's file, or a part of one, and must be found good by
`marketcron calendar check`; `text` and `sh` are not executed. Each command of `marketcron --help` must be in
marketcron.1."""
import pathlib
import re
import subprocess
import sys
import tempfile

program = pathlib.Path(sys.argv[1]).resolve()
failures = []
executed = 0
kinds = {"toml": "config", "console": "shell", "toml calendar": "calendar", "text": "text", "sh": "text"}


def unroff(text):
    return text.replace("\\(dq", '"').replace("\\&", "").replace("\\-", "-").replace("\\e", "\\")


def fenced_blocks(page):
    """The same of Markdown."""
    kind, start, body = None, 0, None
    for number, line in enumerate(page.read_text().splitlines(), 1):
        if not line.startswith("```"):
            if body is not None:
                body.append(line)
        elif body is None:
            kind, start, body = kinds.get(line[3:]), number, []
        else:
            yield start, kind, body
            body = None


def blocks(page):
    """(line number, kind or None, text) of each literal block."""
    if page.suffix == ".md":
        yield from fenced_blocks(page)
        return
    kind, start, body = None, 0, None
    for number, line in enumerate(page.read_text().splitlines(), 1):
        if body is not None:
            if line.startswith(".Ed"):
                yield start, kind, body
                kind, body = None, None
            else:
                body.append(unroff(line))
        elif found := re.match(r'\.\\" example: (\w+)', line):
            kind = found.group(1)
        elif line.startswith(".Bd -literal"):
            start, body = number, []


def run_shell(body, folder):
    """Runs the "$ " lines; returns (commands run, complaint or None)."""
    steps, expected = [], []
    for line in body:
        if line.startswith("$ "):
            steps.append(line[2:])
            expected.append([])
        elif steps:
            expected[-1].append(line)
    for command, lines in zip(steps, expected):
        done = subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True, timeout=60,
                              env={"PATH": f"{program.parent}:/usr/bin:/bin", "HOME": folder, "TZ": "UTC"})
        got = done.stdout.splitlines()
        if got != lines:
            return len(steps), f"{command}\n  expected {lines}\n  got      {got}\n  stderr   {done.stderr.strip()}"
    return len(steps), None


def check_config(body, folder):
    """Returns the complaint, or None; leaves the block as desk.toml."""
    file = pathlib.Path(folder) / "desk.toml"
    file.write_text("\n".join(body) + "\n")
    file.chmod(0o600)
    done = subprocess.run([program, "check", "-c", file], capture_output=True, text=True, timeout=60)
    idle = re.search("has no effect|on which [^ ]+ has no session|starts again", done.stderr)
    return None if done.returncode == 0 and not idle else done.stderr


# What a part of a calendar's file lacks: its head, a week, and hours for each of its days.
calendar_head = """name = "DOCUMENT"
timezone = "America/New_York"
description = "From a document"
checked = 2026-11-22
sources = ["A document"]
coverage = { from = 1990-01-01, trusted_to = 2027-12-31, to = 2050-12-31 }
"""
calendar_hours = """[[hours]]
open = "09:30"
close = "16:00"
"""


def check_calendar(body, folder):
    """Returns the complaint, or None."""
    text = "\n".join(body) + "\n"
    if not re.search("^name ", text.split("[[", 1)[0], re.M):
        text = calendar_head + calendar_hours + text
    elif not re.search("^extends ", text, re.M):
        text += calendar_hours
    name = re.search('^name += "(.*)"', text, re.M).group(1)
    file = pathlib.Path(folder) / f"{name.lower()}.toml"
    file.write_text(text)
    done = subprocess.run([program, "calendar", "check", file], capture_output=True, text=True, timeout=60)
    return None if done.returncode == 0 else done.stderr


def execute(kind, body, folder):
    """(examples executed, complaint or None)"""
    if kind == "text":
        return 0, None
    if kind == "config":
        return 1, check_config(body, folder)
    if kind == "calendar":
        return 1, check_calendar(body, folder)
    if kind != "shell":
        return 0, "nothing says how to execute the block"
    ran, complaint = run_shell(body, folder)
    return ran, complaint if ran else "the block runs nothing"


for page in map(pathlib.Path, sys.argv[2:]):
    with tempfile.TemporaryDirectory() as whole_page:
        for number, kind, body in blocks(page):
            with tempfile.TemporaryDirectory() as own:
                ran, complaint = execute(kind, body, whole_page if page.suffix == ".md" else own)
            executed += ran
            if complaint:
                failures.append(f"{page.name}:{number}: {complaint}")

page = next(pathlib.Path(p) for p in sys.argv[2:] if p.endswith("marketcron.1")).read_text()
overview = subprocess.run([program, "--help"], capture_output=True, text=True).stdout
commands = [c.strip() for c in re.findall(r"^  ((?:[a-z-]+ ?){1,2}?)  ", overview, re.M)]
for command in commands:
    if f".It Cm {command}" not in page:
        failures.append(f"marketcron.1 does not name the command `{command}`")
if not commands or executed == 0:
    failures.append("nothing was executed")

for failure in failures:
    print(failure)
print(f"{executed} examples executed, {len(commands)} commands named, {len(failures)} failures")
sys.exit(1 if failures else 0)
