#!/usr/bin/env python3
"""tidy.py [ROOT]: the rules of the house that a compiler cannot see, read from the text alone.

Each finding is one line: the place, what is wrong, and what to do instead. tidy_test.py plants one
breach of every rule here and expects it to be caught.
"""
import pathlib
import re
import sys
from dataclasses import dataclass

above_the_wall = ("base", "calendar", "schedule", "crontab", "config", "reason", "engine", "explain")
file_lines_max = 600
function_lines_max = 60
manual_word_max = 58  # what a terminal of 80 columns has within the indent of a list
manual_line_max = 62  # the same of a line that is shown to be typed
code = (".h", ".cpp")
texts = code + (".py", ".sh", ".cmake", ".txt", ".toml", ".md", ".json", ".service",
                ".1", ".5", ".8")

# Headers of the standard library and the system that have no business above the wall.
unseen_headers = {
    "a clock": "ctime time.h",
    "a file": "fstream filesystem iostream dirent.h fcntl.h unistd.h",
    "the system": "csignal signal.h pthread.h poll.h netdb.h dlfcn.h pwd.h spawn.h",
    "a thread": "thread mutex shared_mutex condition_variable future atomic semaphore latch barrier "
                "stop_token",
    "randomness": "random",
    "an order that changes from run to run": "unordered_map unordered_set",
}
unseen_folders = {"sys/": "the system", "linux/": "the system", "netinet/": "the system",
                  "arpa/": "the system"}
unseen_calls = [
    (r"\b(steady|high_resolution)_clock\b", "reads a clock"),
    (r"\b(getenv|secure_getenv|setenv|putenv|environ)\b", "reads the environment"),
    (r"\b(s?rand|rand_r|random)\s*\(|\brandom_device\b|\bmt19937", "draws at random"),
    (r"\b(fopen|freopen|popen|tmpfile)\s*\(|(?<![\w>)])::open\s*\(|\bparse_file\b", "opens a file"),
    (r"\b(localtime|gmtime|mktime|tzset)(_r)?\s*\(", "asks the C library for the time"),
]
wall_clock = (r"\bsystem_clock::now\b|\bgettimeofday\s*\(|\bclock_gettime\s*\(\s*CLOCK_REALTIME|"
              r"\btimespec_get\s*\(|(?<![\w.>])time\s*\(\s*(nullptr|NULL|0)\s*\)")
wall_clock_home = "src/os/clock.cpp"

# Each outside library comes in by one door: where its headers may be included. Tests may not include them either if
# they are slow to compile.
doors = [
    ("toml++/", ("src/base/toml.h",), 'include "base/toml.h"'),
    ("nlohmann/", ("src/base/json_text.cpp", "tests/unit/base/json_test.cpp"), 'include "base/json.h"'),
    ("sqlite3.h", ("src/store/",), "ask the RunStore"),
    ("curl/", ("src/net/",), "let the courier send it"),
    ("openssl/", ("src/os/",), "ask os/crypto_library.h"),
    ("event2/", ("src/os/", "src/net/"), "use the loop of os/"),
    ("CLI/", ("src/cli/cli.cpp",), "add a row to the table of commands in cli/"),
]
slow_to_compile = ("toml++/", "nlohmann/", "CLI/")


# What throws or aborts where a person or a program sends something odd: where it may stand, and what to write instead.
traps = [
    (r"\btoml::parse\b", r"src/base/toml\.cpp", "asserts at slips of a person", "call parse_toml() of base/toml.h"),
    (r"(?<!json)\.at\(", r"(?!src/daemon/(control|endpoint|parameters))", "throws at what is sent from outside", "ask find_job() or find()"),
    (r"\bdirectory_iterator\s*\(\s*[\w\"/]", r"src/os/files\.cpp|src/desk/crontab_files\.cpp",
     "throws where a directory cannot be read on", "call entries_of() of os/files.h"),
    (r"\bfmt::print\s*\(", r"src/(desk/say|cli/(table|progress))\.cpp", "sends control characters to a terminal",
     "call say() of desk/say.h"),
    (r"\bstd::(regex|sto(i|l|ll|ul|ull|f|d|ld))\b", r"src/config/job_keys\.cpp", "throws at odd texts", "use std::from_chars"),
]


@dataclass(frozen=True)
class Finding:
    file: str
    line: int
    what: str
    instead: str

    def __str__(self):
        return f"{self.file}:{self.line}: {self.what}; {self.instead}"


class Source:
    """A file under ROOT: its lines as written, and the same with comments, texts and macros blanked."""

    def __init__(self, root, path):
        self.name = path.relative_to(root).as_posix()
        self.suffix = path.suffix
        # Some tests' data is broken text on purpose.
        self.text = path.read_text(encoding="utf-8", errors="replace")
        self.lines = self.text.splitlines()
        self.bare = blank(self.text) if self.suffix in code else ""

    def room(self):
        parts = self.name.split("/")
        return parts[1] if parts[0] == "src" and len(parts) == 3 else None

    def includes(self):
        """(line, path, is ours) of every #include."""
        for number, line in enumerate(self.lines, 1):
            if found := re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line):
                yield number, found[2], found[1] == '"'


def blank(text):
    """The text with comments, string and character literals and preprocessor lines turned to spaces;
    every character that stays is where it was."""
    token = re.compile(r'//[^\n]*|/\*.*?\*/|R"([^(\s]*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|'
                       r"(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'|^[ \t]*#(?:\\\n|[^\n])*",
                       re.DOTALL | re.MULTILINE)
    return token.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def line_at(text, offset):
    return text.count("\n", 0, offset) + 1


def house_map(root):
    """{room: the rooms it may include}, from the layer() lines of CMakeLists.txt."""
    text = (root / "CMakeLists.txt").read_text(encoding="utf-8")
    rows = [found.split() for found in re.findall(r"^layer\(([^)]*)\)", text, re.MULTILINE)]
    reach = {}
    for room, *neighbours in rows:
        reach[room] = {room}.union(*(reach[neighbour] for neighbour in neighbours))
    return reach


def arrows(source, reach):
    """A room includes itself, its neighbours and what lies beyond them."""
    room = source.room()
    if room is None:
        return
    if room not in reach:
        yield Finding(source.name, 1, f"src/{room} is no room of the house",
                      "give it a layer() line in CMakeLists.txt")
        return
    for line, path, is_ours in source.includes():
        if not is_ours:
            continue
        other = path.split("/")[0]
        if "/" not in path or ".." in path:
            yield Finding(source.name, line, f'"{path}" does not name its room',
                          f'write "{room}/{pathlib.PurePath(path).name}"')
        elif other in reach and other not in reach[room]:
            yield Finding(source.name, line, f"{room} may not include {other}",
                          f"it sees only {', '.join(sorted(reach[room]))}: pass in what it needs, or "
                          f"move this to a later room")


# Members that hold sentences or keys; and who reads those of a library.
sentence_read = (r"\b(detail|what|why|hint|key|sentence\(\)|text_of\([^()]*\))(\(\))?"
                 r"\s*\.\s*(starts_with|ends_with|find|rfind|contains)\(")
sentence_readers = ("src/base/toml.cpp", "src/notify/json_template.cpp", "src/config/own_calendars.cpp")


def wall(source):
    """The pure core sees no clock, file, environment, thread or randomness."""
    if source.room() not in above_the_wall:
        return
    for line, path, is_ours in source.includes():
        what = next((what for what, names in unseen_headers.items() if path in names.split()), None)
        what = what or next((w for folder, w in unseen_folders.items() if path.startswith(folder)), None)
        if what and not is_ours:
            yield Finding(source.name, line, f"<{path}> brings {what} above the wall",
                          "take it as an argument; the rooms below the wall have it")
    for pattern, what in unseen_calls:
        for found in re.finditer(pattern, source.bare):
            yield Finding(source.name, line_at(source.bare, found.start()),
                          f"{found[0].strip()} {what} above the wall",
                          "take the answer as an argument; the rooms below the wall ask")


def one_clock(source):
    """The wall clock is read in one place; all else is told what time it is."""
    if not source.name.startswith("src/") or source.name == wall_clock_home:
        return
    for found in re.finditer(wall_clock, source.bare):
        yield Finding(source.name, line_at(source.bare, found.start()),
                      f"{found[0].strip()} reads the wall clock",
                      f"take `now` as an argument, or ask {wall_clock_home}")


def one_door(source):
    """Each outside library is included by those who wrap it."""
    if not source.name.startswith(("src/", "tests/")) or source.suffix not in code:
        return
    for line, path, _ in source.includes():
        for library, homes, instead in doors:
            if source.name.startswith("tests/") and library not in slow_to_compile:
                continue
            if path.startswith(library) and not source.name.startswith(homes):
                yield Finding(source.name, line, f"<{path}> belongs to {' and '.join(homes)}", instead)


def odd_input(source):
    """Nothing that a person types or sends may throw past those who can say what is wrong."""
    if not source.name.startswith("src/"):
        return
    for pattern, homes, what, instead in traps:
        if re.match(homes, source.name):
            continue
        for found in re.finditer(pattern, source.bare):
            yield Finding(source.name, line_at(source.bare, found.start()), f"{found[0].strip()} {what}", instead)


def read_sentences(source):
    """A sentence is for people: what it says stands beside it as data. A libraries' sentences may be read."""
    if not source.name.startswith("src/") or source.name in sentence_readers:
        return
    for found in re.finditer(sentence_read, source.bare):
        yield Finding(source.name, line_at(source.bare, found.start()), f"{found[0].strip()}...) reads a sentence or a key",
                      "ask the data: Run::reason_data, Error::kind, FireKey; add a field where there is none")


def citations(source):
    """Whoever reads the code has the manual pages, and no other contract."""
    if not source.name.startswith(("src/", "tests/")) or source.suffix not in code:
        return
    for number, line in enumerate(source.lines, 1):
        if re.search(r"\bSPEC\b", line):
            yield Finding(source.name, number, "SPEC is nothing that a reader has", "name the manual page, or say it here")


def promises(source):
    """A header opens with its promise."""
    if source.suffix != ".h":
        return
    name = source.name.rsplit("/", 1)[-1]
    if not source.lines or not source.lines[0].startswith(f"// {name} — "):
        yield Finding(source.name, 1, "the header does not begin with its promise",
                      f'let line 1 be "// {name} — " and what it is, in a sentence')
    if "#pragma once" not in source.lines:
        yield Finding(source.name, 1, "the header may be read twice", "add #pragma once")


def sizes(source):
    """Files are split at 600 lines, functions fit a screen."""
    if len(source.lines) > file_lines_max and source.suffix in code + (".py", ".sh", ".cmake"):
        yield Finding(source.name, file_lines_max + 1,
                      f"the file has {len(source.lines)} lines, the limit is {file_lines_max}",
                      "split it by theme")
    if not source.name.startswith("src/") or source.suffix not in code:
        return
    for first, last in functions(source.bare):
        if last - first + 1 > function_lines_max:
            yield Finding(source.name, first,
                          f"the function has {last - first + 1} lines, the limit is {function_lines_max}",
                          "leave the branches here and give the straight parts their own names")


is_scope = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b[^()=]*$")
is_function = re.compile(r"\)\s*(const|noexcept|override|final|mutable|&&?|->[\w:<>,*&\s]+|\s)*$")
is_constructor = re.compile(r"\)\s*(noexcept\s*)?:(?!:)[^;]*$", re.DOTALL)


def functions(bare):
    """(first line, last line) of every function body outside another, by its braces."""
    closing = matching_braces(bare)
    head = 0  # where the present declaration begins
    at = 0
    while at < len(bare):
        char = bare[at]
        if char == ";" or char == "}":
            head = at + 1
        elif char == "{" and at in closing:
            before = bare[head:at]
            if is_scope.search(before):
                head = at + 1
            elif is_body(before):
                yield line_at(bare, head + len(before) - len(before.lstrip())), line_at(bare, closing[at])
                at = closing[at]
                head = at + 1
            else:  # an initializer: `= {...}`, `member_{...}`
                at = closing[at]
        at += 1


def is_body(before):
    """Whether the brace after this declaration opens a function's body."""
    if is_constructor.search(before) and not is_function.search(before):
        return before.rstrip()[-1:] in (")", "}")
    return bool(is_function.search(before))


def matching_braces(bare):
    closing, open_braces = {}, []
    for at, char in enumerate(bare):
        if char == "{":
            open_braces.append(at)
        elif char == "}" and open_braces:
            closing[open_braces.pop()] = at
    return closing


signal_homes = ("tests/support/send_signal.h", "tests/e2e/desk.py")


def guarded_signals(source):
    """A test sends no signal to a number that it did not check: 0 is its own group, -1 is every process."""
    if not source.name.startswith("tests/") or source.name in signal_homes or source.name.startswith("tests/tidy"):
        return
    if source.suffix in code:
        calls = [(line_at(source.bare, found.start()), "kill(2)", "call send_signal() of tests/support/send_signal.h")
                 for found in re.finditer(r"(?<![\w.>])kill(pg)?\s*\(", source.bare)]
    elif source.suffix == ".py":
        calls = [(number, "os.kill", "call send_signal() of tests/e2e/desk.py, or hold the process by a descriptor")
                 for number, line in enumerate(source.lines, 1)
                 if re.search(r"\bos\.kill(pg)?\((?!os\.getpid\(\))", line)]
    else:
        return
    for number, what, instead in calls:
        yield Finding(source.name, number, f"{what} without a look at the number", instead)


def leftovers(source):
    """What is unfinished is finished or filed, and nothing knows the machine it was written on."""
    if source.name in ("tests/tidy.py", "tests/tidy_test.py"):
        return
    for number, line in enumerate(source.lines, 1):
        if found := re.search(r"\b(TODO|FIXME|XXX|HACK)\b", line):
            yield Finding(source.name, number, f"{found[0]} is left over", "do it, or file an issue")
        if found := re.search(r"(?<![\w/.])/work/|\.\./shared\b", line):
            yield Finding(source.name, number, f"{found[0]} is a path of one machine",
                          "name it relative to the checkout")
        if source.suffix in code and source.name.startswith("src/") and '"/tmp' in line:
            yield Finding(source.name, number, "/tmp is hard-wired",
                          "write below the state directory, or where the user says")


def wide_words(source):
    """A manual page's words fit their line, but in literal blocks; groff and lintian warn of others."""
    if source.suffix not in (".1", ".5", ".8"):
        return
    literal = False
    for number, line in enumerate(source.lines, 1):
        literal = line.startswith(".Bd -literal") or (literal and not line.startswith(".Ed"))
        longest = max(map(len, line.split()), default=0)
        if line.startswith(".Dl ") and len(line) - 4 > manual_line_max:
            yield Finding(source.name, number, "a terminal of 80 columns breaks this line to type in two",
                          "write it in shorter lines, such as a cd first")
        if longest > manual_word_max and not literal and not line.startswith('.\\"'):
            yield Finding(source.name, number, f"a word of {longest} characters cannot be broken",
                          "put spaces into it, or show it in a literal block")


def read_house(root):
    places = ["src", "tests", "cmake", "calendars", "examples", "packaging", "man", "docs"]
    files = [path for place in places for path in (root / place).rglob("*")]
    files += root.iterdir()
    return [Source(root, path) for path in sorted(files) if path.is_file() and path.suffix in texts]


def findings(root):
    reach = house_map(root)
    for source in read_house(root):
        yield from arrows(source, reach)
        for rule in (wall, one_clock, one_door, odd_input, read_sentences, citations, promises, sizes, guarded_signals, leftovers, wide_words):
            yield from rule(source)


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    found = list(findings(root))
    for finding in found:
        print(finding)
    print(f"tidy: {len(found)} findings" if found else "tidy: the house is in order")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
