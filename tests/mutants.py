#!/usr/bin/env python3
"""mutants.py [ROOM...]: changes one deciding line at a time and lists what the tests do not see.

Each mutant is one change of one line of src/ROOM: a comparison, a condition, a constant, the order of two statements, or
a statement left out. The suites that could see it are linked with the changed file in place of the real one, and run
one after the other; the first that fails has killed it. For the rooms of the whole program these are also scripts of
tests/e2e, each with a program marketcron that has the changed file. Nothing in the tree changes: all is below
BUILD/mutants. A mutant that fails to compile is none. Each mutant is printed with what became of it, its place and its
change.

tests/mutants_equivalent.txt lists changes that change nothing, each with the reason; they are left out.
Exit 1 when a room is below its bar: 95 per cent killed, 80 by the simulator alone."""
import argparse
import concurrent.futures
import hashlib
import itertools
import json
import os
import pathlib
import re
import resource
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

import tidy

root = pathlib.Path(__file__).resolve().parent.parent
sys.path.append(str(root / "tests" / "e2e"))
import desk

killed_bar, simulator_bar = 95, 80
compile_seconds_max = 1200

# The suites that could see a change in a room, quick ones first. e2e.NAME is the script tests/e2e/NAME_test.py, and
# man.examples is tests/man_test.py.
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
    "net": ["net_test", "e2e.slack", "e2e.http"],
    "desk": ["desk_test", "e2e.broken_files", "e2e.json_keys", "e2e.bad_input"],
    "daemon": ["daemon_test", "e2e.users", "e2e.habits", "e2e.restore", "e2e.requests"],
    "cli": ["man.examples", "e2e.documents", "e2e.broken_files", "e2e.habits", "e2e.json_keys", "e2e.bad_input"],
}

# The scripts whose theme is a part of a room: the files whose names begin so.
themes = {
    "cli/calendar_report": ["e2e.diff", "e2e.calendar"],
    "cli/cmd_act": ["e2e.order", "e2e.jobs"],
    "cli/cmd_backfill": ["e2e.order", "e2e.jobs"],
    "cli/cmd_calendar": ["e2e.diff", "e2e.calendar"],
    "cli/cmd_clear": ["e2e.order"],
    "cli/cmd_completion": ["e2e.completion"],
    "cli/cmd_diff": ["e2e.diff"],
    "cli/cmd_import": ["e2e.import"],
    "cli/cmd_logs": ["e2e.records", "e2e.jobs"],
    "cli/cmd_next": ["e2e.hints"],
    "cli/cmd_notify_test": ["e2e.slack", "e2e.channels"],
    "cli/cmd_runs": ["e2e.users", "e2e.jobs"],
    "cli/cmd_simulate": ["e2e.simulate"],
    "cli/cmd_status": ["e2e.slack", "e2e.jobs"],
    "cli/cmd_why": ["e2e.order", "e2e.jobs"],
    "cli/commands": ["e2e.completion"],
    "cli/completion": ["e2e.completion"],
    "cli/fire_report": ["e2e.diff"],
    "cli/import_files": ["e2e.import"],
    "cli/simulation_report": ["e2e.simulate"],
    "daemon/attempt_outputs": ["e2e.records", "e2e.secrets"],
    "daemon/cron_watch": ["e2e.crontab"],
    "daemon/daemon": ["e2e.calendar", "e2e.slack", "e2e.jobs", "e2e.trouble"],
    "daemon/endpoint_logs": ["e2e.records"],
    "daemon/health": ["e2e.trouble"],
    "daemon/http_": ["e2e.http"],
    "daemon/keeper_seed": ["e2e.jobs"],
    "daemon/launch": ["e2e.http", "e2e.jobs", "e2e.wait"],
    "daemon/living_attempts": ["e2e.records", "e2e.jobs"],
    "daemon/log_watch": ["e2e.shortage"],
    "daemon/machine_warnings": ["e2e.bad_input", "e2e.crontab"],
    "daemon/rival_cron": ["e2e.crontab"],
    "daemon/s3_look": ["e2e.wait"],
    "daemon/sealing": ["e2e.records", "e2e.secrets"],
    "daemon/seen": ["e2e.wait"],
    "daemon/sensors": ["e2e.wait"],
    "daemon/trouble": ["e2e.trouble"],
    "desk/attempt_secrets": ["e2e.secrets"],
    "desk/calendar_overrides": ["e2e.calendar"],
    "desk/crontab_files": ["e2e.crontab_users", "e2e.crontab"],
    "desk/masked_output": ["e2e.secrets"],
    "desk/output_view": ["e2e.records"],
    "desk/secrets": ["e2e.http", "e2e.secrets"],
    "desk/trust": ["e2e.users"],
    "desk/view_of": ["e2e.users", "e2e.records"],
}

swaps = [("<=", "<"), (">=", ">"), ("==", "!="), ("!=", "=="), (" && ", " || "), (" || ", " && "), (" < ", " <= "),
         (" > ", " >= "), (" + ", " - "), (" - ", " + "), ("true", "false"), ("false", "true")]


def code_lines(text):
    """[(number, line)] of lines that decide something: not comments, not declarations alone."""
    plain = tidy.blank(text)
    lines, kept = text.split("\n"), plain.split("\n")
    for number, (line, bare) in enumerate(zip(lines, kept)):
        stripped = bare.strip()
        if stripped and not stripped.startswith(("#", "//", "namespace", "using", "template", "static_assert")):
            yield number, line, bare


def mutations(line, bare, next_bare, before=""):
    """[(what, the new lines)] of one line; `bare` is it without texts and comments, `before` the code line before it.
    None: it changes places."""
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
    begins = not before.strip() or before.rstrip().endswith((";", "{", "}", ":", ")", "else"))
    if begins and (is_call or is_assignment):
        found.append(("left out", [""]))
        if next_bare and re.match(r"^\s+[\w.:>\-\[\]*()]+(\(| = ).*;$", next_bare) and not independent(bare, next_bare):
            found.append(("after the next one", None))
    return numbered(found)


def independent(one, other):
    """Two assignments without a call, of which neither has the other's target: their order decides nothing."""
    if "(" in one + other or " = " not in one or " = " not in other:
        return False
    names = [line.split(" = ")[0].strip() for line in (one, other)]
    return names[0] not in other and names[1] not in one


def numbered(found):
    """The second change of a kind in a line is called "KIND, 2"."""
    counts = {}
    for what, new in found:
        counts[what] = counts.get(what, 0) + 1
        yield (what if counts[what] == 1 else f"{what}, {counts[what]}"), new


def suites_of(path):
    """The suites that could see a change in a file, whose path is from the root."""
    file = str(path.relative_to("src"))
    return list(dict.fromkeys(suites[path.parent.name] + [name for start in themes if file.startswith(start)
                                                          for name in themes[start]]))


def script_of(suite):
    """The script that tests the whole program; none for a suite that is a program itself."""
    if suite == "man.examples":
        return root / "tests" / "man_test.py"
    return root / "tests" / "e2e" / f"{suite.removeprefix('e2e.')}_test.py" if suite.startswith("e2e.") else None


def program_of(suite):
    """What is linked for a suite, as ninja calls it."""
    return "marketcron" if script_of(suite) else f"tests/{suite}"


def documents():
    return [root / "README.md", *root.glob("man/*.[158]"), *root.glob("docs/*.md")]


@dataclass(frozen=True)
class Mutant:
    path: pathlib.Path  # from the root
    number: int
    what: str
    line: str
    text: str  # of the whole file

    def __str__(self):
        return f"{self.path}:{self.number}: {self.what}: {self.line}"


def all_mutants(room):
    for path in sorted((root / "src" / room).glob("*.cpp")):
        text = path.read_text(encoding="utf-8")
        lines = text.split("\n")
        bares = tidy.blank(text).split("\n")
        for number, line, bare in code_lines(text):
            next_bare = bares[number + 1] if number + 1 < len(bares) else ""
            before = next((bares[at] for at in range(number - 1, -1, -1) if bares[at].strip()), "")
            for what, new in mutations(line, bare, next_bare, before):
                changed = list(lines)
                if new is None:
                    changed[number], changed[number + 1] = changed[number + 1], changed[number]
                else:
                    changed[number:number + 1] = new
                yield Mutant(path.relative_to(root), number + 1, what, line.strip(), "\n".join(changed))


def equivalents():
    """{(file, line's text, what)}: lines of `FILE | TEXT | WHAT | reason`."""
    path, known = root / "tests" / "mutants_equivalent.txt", set()
    for row in path.read_text(encoding="utf-8").splitlines():
        if row and not row.startswith("#"):
            file, rest = row.split(" | ", 1)
            known.add((file, *rest.rsplit(" | ", 2)[:2]))
    return known


def drawn(room, seed):
    """All mutants of a room but the equivalent ones, in an order that a change of other lines does not change."""
    known = equivalents()
    counts, ordered = {}, []
    for mutant in all_mutants(room):
        kind = (str(mutant.path), mutant.line, mutant.what)
        counts[kind] = counts.get(kind, 0) + 1
        if kind not in known:
            ordered.append((hashlib.sha256(f"{seed} {counts[kind]} {kind}".encode()).digest(), mutant))
    return [mutant for _, mutant in sorted(ordered, key=lambda row: row[0])]


class Workshop:
    """A room's suites as they are, and what makes them with one file changed. `only`: a suite that judges alone."""

    def __init__(self, build, room, jobs, only=None):
        self.build, self.room, self.only = build, room, only
        self.seeds = [] if only == "marketcron_sim" else ["--count", "30"]  # beside other suites, some will do
        self.folder = build / "mutants" / room
        self.folder.mkdir(parents=True, exist_ok=True)
        names = [only] if only else {name for path in (root / "src" / room).glob("*.cpp")
                                     for name in suites_of(path.relative_to(root))}
        self.limits = {}
        programs = sorted({program_of(name) for name in names})
        subprocess.run(["cmake", "--build", build, "--parallel", str(jobs), "--target",
                        *[pathlib.Path(program).name for program in programs]], check=True, stdout=subprocess.DEVNULL)
        self.links = {program: self.link_command(program) for program in programs}
        commands = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
        self.compiles = {pathlib.Path(c["file"]): self.plain(c["command"]) for c in commands}
        self.precompile()

    @staticmethod
    def plain(command):
        """The command without launcher, precompiled header, warnings and files: quick beats quick to run."""
        words = [word for word in shlex.split(command) if not word.startswith("-W")]
        words = words[1:] if words[0].endswith("ccache") else words
        for option in ("-include", "-o", "-c"):
            if option in words:
                at = words.index(option)
                del words[at:at + 2]
        return [*("-O1" if word in ("-O2", "-O3") else word for word in words), "-w"]

    def link_command(self, program):
        commands = subprocess.run(["ninja", "-t", "commands", "-s", program], cwd=self.build, check=True,
                                  capture_output=True, text=True).stdout
        return shlex.split(commands.removeprefix(": && ").removesuffix("\n").removesuffix(" && :"))

    def limits_of(self, suite):
        """A mutant's limits in this suite, (processor time, time) in whole seconds. They are measured at the first use;
        then the suite must pass."""
        if suite not in self.limits:
            used, begun = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime, time.monotonic()
            if self.fails(suite, self.build / program_of(suite), (3600, 3600)):
                raise SystemExit(f"mutants: {suite} fails without a mutant")
            used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - used
            times = 5 if script_of(suite) else 20  # a script's waits have limits of their own
            self.limits[suite] = 10 + int(5 * used), 120 + int(times * (time.monotonic() - begun))
        return self.limits[suite]

    def precompile(self):
        """Most of a file's time goes to the headers: those of the room's files are compiled once."""
        texts = [path.read_text(encoding="utf-8") for path in sorted((root / "src" / self.room).glob("*.cpp"))]
        headers = {name for text in texts for name in re.findall(r'^#include "(.*)"$', text, re.M)}
        header = self.folder / "room.h"
        outside = "".join(f"#include <{name}>\n" for name in ("algorithm", "functional", "map", "variant", "fmt/format.h"))
        header.write_text(outside + "".join(f'#include "{name}"\n' for name in sorted(headers)), encoding="utf-8")
        command = next(self.compiles[path] for path in self.compiles if path.parent == root / "src" / self.room)
        subprocess.run([*command, "-x", "c++-header", header, "-o", f"{header}.gch"], cwd=self.build, check=True)

    def fails(self, suite, program, limits):
        """A script has to fail twice: on a busy machine one can fail without a reason."""
        return all(self.run(suite, program, limits) for _ in range(2 if script_of(suite) else 1))

    def run(self, suite, program, limits):
        """Whether the suite fails. One that goes on for ever uses up its processor time, also on a busy machine. What it
        has started ends with it."""
        if script := script_of(suite):
            options = documents() if suite == "man.examples" else ["--failfast"]
            command = ["/usr/bin/python3", script, program, *options]
        else:
            command = [program, *(self.seeds if suite == "marketcron_sim" else ["--abort"])]
        with tempfile.TemporaryDirectory(prefix="mutant-", ignore_cleanup_errors=True) as folder:
            os.chmod(folder, 0o755)  # some tests act as other users
            try:
                return subprocess.run(["prlimit", f"--cpu={limits[0]}", *command], capture_output=True, check=False,
                                      stdin=subprocess.DEVNULL, cwd=self.build, timeout=limits[1],
                                      env={**os.environ, "TMPDIR": folder}).returncode != 0
            except subprocess.TimeoutExpired:
                return True
            finally:
                desk.end_processes(folder)

    def judge(self, mutant):
        """(mutant, the suite that kills it or "", seconds); none if it does not compile."""
        begun = time.monotonic()
        folder = self.folder / hashlib.sha256(str(mutant).encode()).hexdigest()[:12]
        (folder / "tests").mkdir(parents=True, exist_ok=True)
        source, thing = folder / "mutant.cpp", folder / "mutant.o"
        source.write_text(mutant.text, encoding="utf-8")
        try:
            command = [*self.compiles[root / mutant.path], "-include", self.folder / "room.h", "-c", source, "-o", thing]
            if subprocess.run(command, cwd=self.build, check=False, capture_output=True,
                              timeout=compile_seconds_max).returncode:
                return None
            for suite in [self.only] if self.only else suites_of(mutant.path):
                program = folder / program_of(suite)
                if not program.exists():
                    self.link(program_of(suite), thing, program)
                if self.fails(suite, program, self.limits_of(suite)):
                    return mutant, suite, time.monotonic() - begun
            return mutant, "", time.monotonic() - begun
        finally:
            shutil.rmtree(folder)

    def link(self, name, thing, program):
        """The linker takes nothing from a library that it has already: the changed file comes first."""
        words = list(self.links[name])
        words[words.index("-o") + 1] = program
        words.insert(words.index("-o"), thing)
        subprocess.run([*words, "-fuse-ld=gold"], cwd=self.build, check=True, capture_output=True)


def examine(room, options):
    shop = Workshop(options.build.resolve(), room, options.jobs, "marketcron_sim" if options.simulator else None)
    left = iter([mutant for mutant in drawn(room, options.seed) if options.only in str(mutant)])
    killed = survived = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        while some := list(itertools.islice(left, options.count - killed - survived)):
            for verdict in filter(None, pool.map(shop.judge, some)):
                mutant, killer, seconds = verdict
                killed, survived = killed + (killer != ""), survived + (killer == "")
                print(f"{f'killed by {killer}' if killer else 'SURVIVES':26} {seconds:4.0f} s  {mutant}", flush=True)
    return killed, survived


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rooms", nargs="*", metavar="ROOM")
    parser.add_argument("--build", type=pathlib.Path, default=root / "build" / "release", help="a configured build")
    parser.add_argument("--count", type=int, default=20, help="so many mutants of each room (default 20)")
    parser.add_argument("--seed", type=int, default=1, help="another draw (default 1)")
    parser.add_argument("--only", default="", metavar="TEXT", help="only those with this text in their line of output")
    parser.add_argument("--jobs", type=int, default=2, help="so many at a time (default 2)")
    parser.add_argument("--simulator", action="store_true", help="only what the simulator alone sees of the engine")
    options = parser.parse_args()
    rooms = options.rooms or (["engine"] if options.simulator else list(suites))
    if unknown := [room for room in rooms if room not in suites]:
        parser.error(f"unknown room {unknown[0]}; known: {', '.join(suites)}")
    bar, good = simulator_bar if options.simulator else killed_bar, True
    for room in rooms:
        killed, survived = examine(room, options)
        share = 100 * killed / max(1, killed + survived)
        good = good and share >= bar
        print(f"{room:10} {killed} of {killed + survived} killed, {share:.0f} % (to reach: {bar} %)", flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
