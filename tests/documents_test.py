#!/usr/bin/env python3
"""documents_test.py MARKETCRON SOURCE: what the documents say between their blocks, and the files that are shipped.

Each `key = value` in a man page, docs/*.md, README.md or CHANGELOG.md is a line of some section: it is laid into a frame
of that section (a job, [daemon], a calendar's file, ...) and must be found good in one of them. Each command that a text
names must exist, with its options. The examples, the package's configuration and the job that is commented out in it
must be good files."""
import itertools
import pathlib
import re
import subprocess
import sys
import tempfile

program, source = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
failures = []

slack = '[slack.ops]\nwebhook_env = "X"\n[slack.NAME]\nwebhook_env = "X"\n'
others = slack + "[pool.db]\nslots = 4\n[pool.NAME]\nslots = 4\n[group.etl]\nnice = 1\n"
calendar_head = ('name = "DOCUMENT"\ntimezone = "America/New_York"\ndescription = "x"\nchecked = 2026-11-22\n'
                 'sources = ["x"]\ncoverage = { from = 1990-01-01, trusted_to = 2027-12-31, to = 2050-12-31 }\n')
calendar_hours = '[[hours]]\nopen = "09:30"\nclose = "16:00"\n'
# The kind of file, what stands before the fragment, and what behind it.
frames = [
    ("desk", '[job.x]\nschedule = "0 9 * * *"\ncalendar = "XNYS"\ncommand = "true"\n', others),
    ("desk", '[job.x]\nschedule = "@every 1h"\ntimezone = "UTC"\n', others),
    ("desk", '[job.x]\nschedule = "0 9 * * *"\ncommand = "true"\nenv_file = "/x"\n[[job.x.wait]]\nfile = "/x"\ntimeout = "2h"\n', others),
    ("desk", '[job.x]\nschedule = "0 9 * * *"\nenv_file = "/x"\n[job.x.http]\nurl = "https://example.com/"\n', others),
    ("desk", '[job.x]\nschedule = "0 9 * * *"\ncommand = "true"\n[job.x.notify]\nfailure = ["slack:ops"]\n', others),
    ("desk", "[daemon]\n", others),
    ("desk", '[crontab]\nfiles = ["/etc/crontab"]\n', others),
    ("desk", '[mail]\nsmtp = "smtp://mail.example.com"\n', others),
    ("desk", "[mail]\n", others),
    ("desk", '[slack.x]\ntoken_env = "X"\nchannel = "C1"\n', others),
    ("desk", '[slack.x]\n', others),
    ("desk", "[pool.x]\n", others),
    ("desk", '[calendar.X]\nextends = "XNYS"\n', others),
    ("desk", '[calendar.X]\ntimezone = "UTC"\n', others),
    ("desk", "", others),
    ("calendar", calendar_head, calendar_hours),
    ("calendar", calendar_head + '[[holiday]]\nname = "X"\non = "jul 4"\n', calendar_hours),
    ("calendar", calendar_head + '[[special_hours]]\nname = "X"\non = "jul 4"\nclose = "13:00"\n', calendar_hours),
    ("calendar", calendar_head + '[[hours]]\nopen = "09:30"\nclose = "16:00"\n', calendar_hours),
    ("calendar", calendar_head + '[[week]]\ndays = "sun-sat"\n', calendar_hours),
]


def unroff(text):
    return text.replace("\\(dq", '"').replace("\\&", "").replace("\\-", "-").replace("\\e", "\\")


def spans(page):
    """(line number, text) of what is set as code outside of blocks."""
    inside = False
    for number, line in enumerate(page.read_text().splitlines(), 1):
        if page.suffix == ".md":
            inside ^= line.startswith("```")
            for span in [] if inside else re.findall(r"`([^`]+)`", line):
                yield number, span.replace("\\|", "|")
            if not inside and line.startswith("    marketcron "):
                yield number, line.strip()
            continue
        inside = (inside or line.startswith(".Bd")) and not line.startswith(".Ed")
        if not inside and re.match(r"\.(It )?(Ic|Li|Ql|Cm|Dl)\b", line):
            words = re.sub(r" ?\b(Ic|Li|Ql|Cm|No|Ns|It|Ar|Dl)\b ?", " ", unroff(line[1:]))
            yield number, re.sub(r"\s+[,.;:)]$", "", re.sub(r"^ +| +$", "", words))


def alternatives(fragment):
    """'a = "x" | "y"' as 'a = "x"' and 'a = "y"'."""
    key, value = fragment.split(" = ", 1)
    parts = [part.strip() for part in value.split(" | ")]
    return [f"{key} = {part}" for part in parts] if len(parts) > 1 else [fragment]


def without(frame, key):
    """The frame without its own line of that key, or of another action."""
    keys = (key, "command") if key in ("http", "slack") else (key,)
    return "".join(line + "\n" for line in frame.splitlines() if line.split(" = ", 1)[0] not in keys)


def good(kind, text):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / ("document.toml" if kind == "calendar" else "desk.toml")
        file.write_text(text)
        file.chmod(0o600)
        words = ["calendar", "check", file] if kind == "calendar" else ["check", "-c", file]
        done = subprocess.run([program, *words], capture_output=True, text=True, timeout=60)
        return done.returncode == 0, done.stderr.strip()


def check_fragment(fragment):
    """The complaint of the likeliest frame, or None."""
    key = fragment.split(" = ", 1)[0]
    fragment = fragment.replace("[...]", {"notify": '["slack:ops"]', "wait": '[{ file = "/x" }]'}.get(key, '["XNYS"]'))
    fragment = fragment.replace("{ ... }", '{ url = "https://example.com/" }')
    fragment = fragment.replace('url = "..."', 'url = "https://example.com/"').replace("ADDRESS", "a@example.com")
    section = re.match(r"\[(\w+)(\.\w+)?\] ?(.*)", fragment)
    tried = frames
    if section:
        key = section[3].split(" = ", 1)[0]
        fragment = section[3]
        tried = [frame for frame in frames if f"[{section[1]}" in frame[1]] or frames
    jobs = "".join(f'[job.{name}]\nschedule = "@daily"\ncommand = "x"\n'
                   for name in sorted(set(re.findall(r'"(\w+)(?:@previous)?"', fragment))) if key == "after" and name != "x")
    first = None
    for kind, before, behind in tried:
        fits, complaint = good(kind, without(before, key) + fragment + "\n" + behind + jobs)
        if fits:
            return None
        first = first or complaint
    return first


def options_of(command, known={}):
    """The options in a command's help; None where there is no such command."""
    if command not in known:
        done = subprocess.run([program, *command.split(), "--help"], capture_output=True, text=True, timeout=60)
        known[command] = set(re.findall(r"(?<![\w-])--?[a-z][\w-]*", done.stdout)) | {"-c", "--help"} if done.returncode == 0 else None
    return known[command]


def check_command(text):
    words = text.split()[1:]
    if not words or not re.fullmatch(r"[a-z-]+", words[0]) or words[0] in ("-", "command"):
        return None
    name = " ".join(itertools.takewhile(lambda word: re.fullmatch(r"[a-z][a-z-]*", word), words[:2]))
    for command in (name, words[0]):
        known = options_of(command)
        if known is None:
            continue
        unknown = [word for word in words if re.fullmatch(r"--?[a-z][\w-]*", word) and word not in known]
        return f"unknown options {unknown}" if unknown else None
    return "there is no such command"


def indented_blocks(page):
    """(line number, text) of what Markdown sets as code by four spaces."""
    inside, body = False, []
    for number, line in enumerate([*page.read_text().splitlines(), ""], 1):
        inside ^= line.startswith("```")
        if not inside and line.startswith("    ") and (body or not line.strip().startswith("|")):
            body.append(line[4:])
        elif body:
            yield number - len(body), "\n".join(body)
            body = []


def fragments_of(page):
    for number, block in indented_blocks(page) if page.suffix == ".md" else []:
        if block.startswith("["):
            yield f"{page.name}:{number}", lambda block=block: None if (found := good("desk", block + "\n"))[0] else found[1]
    for number, span in spans(page):
        place = f"{page.name}:{number}: {span}"
        if re.match(r"(\[\w+(\.\w+)?\] )?[a-z_]+ += +\S", span):
            for one in alternatives(re.sub(r" += +", " = ", span, count=1)):
                yield place, lambda one=one: check_fragment(one)
        elif span.startswith("marketcron "):
            yield place, lambda span=span: check_command(span)


pages = sorted([*(source / "man").glob("*.[158]"), *(source / "docs").glob("*.md"), source / "README.md", source / "CHANGELOG.md"])
checked = 0
for place, check in itertools.chain.from_iterable(map(fragments_of, pages)):
    checked += 1
    if complaint := check():
        failures.append(f"{place}\n    {complaint}")

shipped = [*sorted((source / "examples").glob("*.toml")), *sorted((source / "packaging").glob("*.toml"))]
for file in shipped:
    done = subprocess.run([program, "check", "-c", file], capture_output=True, text=True, timeout=60)
    checked += 1
    if done.returncode != 0 or re.search("has no effect|on which [^ ]+ has no session|starts again", done.stderr):
        failures.append(f"{file.name}: {done.stderr}")
packaged = (source / "packaging" / "marketcron.toml").read_text()
job = "\n".join(line[1:] for line in packaged.splitlines() if re.match(r"#(\[job|\w+ +=)", line))
for name, text in (("the job that is commented out", job), ("with the whole file", packaged + job)):
    fits, complaint = good("desk", text + "\n")
    checked += 1
    if not fits or "[job." not in job:
        failures.append(f"packaging/marketcron.toml: {name}: {complaint}")

for failure in failures:
    print(failure)
print(f"{checked} fragments, commands and files, {len(failures)} failures")
sys.exit(1 if failures or checked < 80 else 0)
