#!/usr/bin/env python3
"""make_golden.py FACTS_DIR OUT_DIR [CALENDAR...]: writes the golden files of calendars in golden.csv.

Without names: of all calendars. Add a golden file here only together with its calendar.

The facts come from two reference libraries (sections of CSV rows, one file for each market);
corrections.csv lists their errors, each with a source. Nothing comes from marketcron itself.

A golden file contains what is irregular, in the order of dates, with times in the exchange's time zone:
    span FROM TO
    week FROM WEEKDAYS              trading days from then on, e.g. 1111100, Monday first
    hours FROM OPEN CLOSE BREAK...  regular hours from then on
    closed DATE                     a trading day of its week that is not a session
    session DATE OPEN CLOSE BREAK...   other hours than regular, or a session on a day that its week has closed
A time is HH:MM[:SS], with -1d or +1d for the day before or after; a break is START/END."""
import csv
import datetime
import pathlib
import sys

HERE = pathlib.Path(__file__).parent


def csv_rows(path):
    with open(path) as file:
        return list(csv.reader(line for line in file if not line.startswith("#")))


def read_facts(path):
    """The sections of a facts file: name -> rows."""
    sections = {}
    for line in path.read_text().splitlines():
        if line.startswith("["):
            rows = sections.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("#"):
            rows.append(next(csv.reader([line])))
    return sections


def time_text(local, day_offset):
    text = local[:5] if local.endswith(":00") else local
    return text + {0: "", 1: "+1d", -1: "-1d"}[int(day_offset or 0)]


class Facts:
    KINDS = ("open", "close", "break_start", "break_end")

    def __init__(self, sections):
        self.week = [(r[0], r[1], r[2]) for r in sections["weekmask"]]
        self.regular = {k: self.rows_of(sections, "regular", k) for k in self.KINDS}
        self.special = {k: {r[0]: time_text(r[2], r[3]) if r[2] else None
                            for r in self.rows_of(sections, "special", k)} for k in self.KINDS}
        self.closed = {r[0] for r in sections["closed"]}
        self.extra = {r[0] for r in sections["extra_sessions"]}

    @staticmethod
    def rows_of(sections, word, kind):
        return sections.get(f"{word} {kind}") or sections.get(f"{word} market_{kind}") or []

    def mask(self, day):
        for start, end, mask in reversed(self.week):
            if start <= day and (not end or day <= end):
                return mask
        raise ValueError(f"no week on {day}")

    def regular_time(self, kind, day):
        found = None
        for start, local, offset in self.regular[kind]:
            if start <= day:
                found = time_text(local, offset) if local else None
        return found

    def regular_hours(self, day):
        words = [self.regular_time("open", day), self.regular_time("close", day)]
        if self.regular_time("break_start", day):
            words.append(f"{self.regular_time('break_start', day)}/{self.regular_time('break_end', day)}")
        return with_room(words)

    def hours(self, day, regular):
        """The regular hours, with the day's special hours."""
        words = regular.split()
        breaks = [text.split("/") for text in words[2:]]
        if any(day in self.special[k] for k in ("break_start", "break_end")):
            start, end = (self.special[k].get(day, self.regular_time(k, day)) for k in ("break_start", "break_end"))
            breaks = [[start, end]] if start else []
        times = [self.special["open"].get(day, words[0]), self.special["close"].get(day, words[1])]
        return with_room(times + [f"{start}/{end}" for start, end in breaks])


def with_room(words):
    """Removes the breaks that do not fit into the day's hours."""
    first, last = minutes(words[0]), minutes(words[1])

    def fits(text):
        start, end = (minutes(time) for time in text.split("/"))
        return first < end and start < min(last, end)
    return " ".join(words[:2] + [text for text in words[2:] if fits(text)])


class Corrections:
    """Rows of corrections.csv for one calendar: for single dates, for all regular days in a span, and for all
    Saturdays and Sundays in a span ("sat-sun OPEN CLOSE"), which are then sessions."""

    def __init__(self, rows):
        self.of_date = {date: what for date, what in rows if ".." not in date}
        spans = [(*date.split(".."), what) for date, what in rows if ".." in date]
        self.of_span = [row for row in spans if not row[2].startswith("sat-sun ")]
        self.of_weekends = [row for row in spans if row not in self.of_span]

    def of_day(self, day, what):
        """The correct answer for a date, for which the facts say `what`."""
        for first, last, hours in self.of_weekends:
            if first <= day.isoformat() <= last and day.weekday() >= 5:
                what = hours.partition(" ")[2]
        return self.of_date.get(day.isoformat(), what)

    def regular(self, day, hours):
        """The regular hours, or "closed"."""
        for first, last, what in self.of_span:
            if first <= day <= last:
                hours = what
        return hours


def minutes(time):
    clock, _, sign = time.partition("-1d") if "-1d" in time else time.partition("+1d")
    days = -1 if "-1d" in time else 1 if "+1d" in time else 0
    return days * 1440 + int(clock[:2]) * 60 + int(clock[3:5])


def golden_lines(facts, corrections, start, end):
    yield f"span {start} {end}"
    mask = hours = None
    day = datetime.date.fromisoformat(start)
    while day <= datetime.date.fromisoformat(end):
        text = day.isoformat()
        if facts.mask(text) != mask:
            mask = facts.mask(text)
            yield f"week {text} {mask}"
        corrected = corrections.regular(text, facts.regular_hours(text))
        if corrected not in (hours, "closed"):
            hours = corrected
            yield f"hours {text} {hours}"
        week_has = mask[day.weekday()] == "1"
        is_session = text in facts.extra or (week_has and text not in facts.closed)
        is_session = is_session and corrected != "closed"
        what = facts.hours(text, hours) if is_session else "closed"
        what = corrections.of_day(day, what)
        what = hours if what == "regular" else what
        if what == "closed" and week_has:
            yield f"closed {text}"
        if what != "closed" and (what != hours or not week_has):
            yield f"session {text} {what}"
        day += datetime.timedelta(days=1)


def main():
    facts_dir, out, wanted = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3:]
    all_corrections = csv_rows(HERE / "corrections.csv")
    for calendar, facts_name, start, end in csv_rows(HERE / "golden.csv"):
        if wanted and calendar not in wanted:
            continue
        facts = Facts(read_facts(facts_dir / f"{facts_name}.txt"))
        corrections = Corrections([r[1:3] for r in all_corrections if r[0] == calendar])
        lines = golden_lines(facts, corrections, start, end)
        head = f"# {calendar}, made by make_golden.py from facts {facts_name}\n"
        (out / f"{calendar}.golden").write_text(head + "\n".join(lines) + "\n")


main()
