#!/usr/bin/env python3
"""mutants.py [ROOM...]: changes one deciding line at a time and lists what the tests do not see.

Each mutant is one change of one line of src/ROOM: a comparison, a condition, a constant, the order of two statements, or
a statement left out. The suites that could see it are linked with the changed file in place of the real one, and run
one after the other; the first that fails has killed it. Nothing in the tree changes: all is below BUILD/mutants. A
mutant that fails to compile is none. Each mutant is printed with what became of it, its place and its change.

tests/mutants_equivalent.txt lists changes that change nothing, each with the reason; they are left out.
Exit 1 when a room is below its bar: 95 per cent killed, 80 by the simulator alone."""
import argparse
import concurrent.futures
import hashlib
import itertools
import json
import pathlib
import re
import resource
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass

import tidy

root = pathlib.Path(__file__).resolve().parent.parent
killed_bar, simulator_bar = 95, 80
compile_seconds_max = 1200

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
    """A room's suites as they are, and what makes them with one file changed."""

    def __init__(self, build, room, names, jobs):
        self.build, self.room, self.names = build, room, names
        self.seeds = [] if names == ["marketcron_sim"] else ["--count", "30"]  # beside other suites, some will do
        self.folder = build / "mutants" / room
        self.folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cmake", "--build", build, "--parallel", str(jobs), "--target", *names], check=True,
                       stdout=subprocess.DEVNULL)
        commands = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
        self.compiles = {pathlib.Path(c["file"]): self.plain(c["command"]) for c in commands}
        self.links = {name: self.link_command(name) for name in names}
        self.limits = {name: self.measured(name) for name in names}
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

    def link_command(self, name):
        commands = subprocess.run(["ninja", "-t", "commands", "-s", f"tests/{name}"], cwd=self.build, check=True,
                                  capture_output=True, text=True).stdout
        return shlex.split(commands.removeprefix(": && ").removesuffix("\n").removesuffix(" && :"))

    def measured(self, name):
        """A mutant's limits in this suite, (processor time, time) in whole seconds; the suite must pass."""
        used, begun = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime, time.monotonic()
        if self.run(self.build / "tests" / name, (3600, 3600)):
            raise SystemExit(f"mutants: {name} fails without a mutant")
        used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - used
        return 10 + int(5 * used), 120 + int(20 * (time.monotonic() - begun))

    def precompile(self):
        """Most of a file's time goes to the headers: those of the room's files are compiled once."""
        texts = [path.read_text(encoding="utf-8") for path in sorted((root / "src" / self.room).glob("*.cpp"))]
        headers = {name for text in texts for name in re.findall(r'^#include "(.*)"$', text, re.M)}
        header = self.folder / "room.h"
        outside = "".join(f"#include <{name}>\n" for name in ("algorithm", "functional", "map", "variant", "fmt/format.h"))
        header.write_text(outside + "".join(f'#include "{name}"\n' for name in sorted(headers)), encoding="utf-8")
        command = next(self.compiles[path] for path in self.compiles if path.parent == root / "src" / self.room)
        subprocess.run([*command, "-x", "c++-header", header, "-o", f"{header}.gch"], cwd=self.build, check=True)

    def run(self, program, limits):
        """Whether the suite fails. One that goes on for ever uses up its processor time, also on a busy machine."""
        options = self.seeds if program.name.startswith("marketcron_sim") else ["--abort"]
        try:
            return subprocess.run(["prlimit", f"--cpu={limits[0]}", program, *options], capture_output=True, check=False,
                                  cwd=self.build, timeout=limits[1]).returncode != 0
        except subprocess.TimeoutExpired:
            return True

    def judge(self, mutant):
        """(mutant, the suite that kills it or "", seconds); none if it does not compile."""
        begun = time.monotonic()
        stem = self.folder / hashlib.sha256(str(mutant).encode()).hexdigest()[:12]
        source, thing = stem.with_suffix(".cpp"), stem.with_suffix(".o")
        source.write_text(mutant.text, encoding="utf-8")
        programs = []
        try:
            command = [*self.compiles[root / mutant.path], "-include", self.folder / "room.h", "-c", source, "-o", thing]
            if subprocess.run(command, cwd=self.build, check=False, capture_output=True,
                              timeout=compile_seconds_max).returncode:
                return None
            for name in self.names:
                programs.append(self.folder / f"{name}.{stem.name}")
                self.link(name, thing, programs[-1])
                if self.run(programs[-1], self.limits[name]):
                    return mutant, name, time.monotonic() - begun
            return mutant, "", time.monotonic() - begun
        finally:
            for path in (source, thing, *programs):
                path.unlink(missing_ok=True)

    def link(self, name, thing, program):
        """The linker takes nothing from a library that it has already: the changed file comes first."""
        words = list(self.links[name])
        words[words.index("-o") + 1] = program
        words.insert(words.index("-o"), thing)
        subprocess.run([*words, "-fuse-ld=gold"], cwd=self.build, check=True, capture_output=True)


def examine(room, options):
    names = ["marketcron_sim"] if options.simulator else suites[room]
    shop = Workshop(options.build.resolve(), room, names, options.jobs)
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
