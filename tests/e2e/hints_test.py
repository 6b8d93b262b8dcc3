"""Syntax of other crons: it is refused, and the suggested schedule fires when the other cron would."""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

program = sys.argv.pop(1)
table = pathlib.Path(__file__).parent.parent / "conformance" / "cron" / "other_crons.tsv"
start = "2025-12-31T23:59:59Z"


def run(*words):
    return subprocess.run([program, *words], capture_output=True, text=True, check=False, timeout=60)


def hint_of(expression):
    """The text that the error suggests, as (schedule, when, timezone)."""
    refused = run("next", "--schedule", expression, "--timezone", "UTC")
    if refused.returncode != 2 or refused.stdout:
        raise AssertionError(f"{expression} is not refused: {refused}")
    found = re.search(r'; write schedule = "([^"]*)"(?: with when = "([^"]*)")?(?: (?:with|and) timezone = "([^"]*)")?',
                      refused.stderr)
    if not found:
        raise AssertionError(f"{expression}: no hint in {refused.stderr}")
    return found.groups()


def fires_of(schedule, when, zone, count, from_=start):
    words = ["next", "--schedule", schedule, "--timezone", zone or "UTC", "--from", from_, "-n", str(count), "--json"]
    done = run(*words, *(["--when", when] if when else []))
    return [json.loads(line)["fire"] for line in done.stdout.splitlines()]


class Hints(unittest.TestCase):
    def test_every_hint_fires_as_the_other_cron(self):
        rows = [line.split("\t") for line in table.read_text().splitlines() if not line.startswith("#")]
        self.assertGreater(len(rows), 70)
        for expression, whose, wanted in rows:
            with self.subTest(expression=expression, whose=whose):
                fires = wanted.split()
                self.assertEqual(fires_of(*hint_of(expression), len(fires)), fires)

    def test_every_hint_is_a_good_file(self):
        rows = [line.split("\t")[0] for line in table.read_text().splitlines() if not line.startswith("#")]
        text = ""
        for number, expression in enumerate(rows):
            text += f'[job.j{number}]\ncommand = "true"\n'
            for key, value in zip(("schedule", "when", "timezone"), hint_of(expression)):
                text += f'{key} = "{value}"\n' if value else ""
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "desk.toml"
            file.write_text(text)
            done = run("check", "-c", str(file))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("starts again", done.stderr)

    def test_what_jenkins_draws(self):
        hour = fires_of(*hint_of("H/15 * * * *"), 8)
        minutes = [int(fire[14:16]) for fire in hour]
        self.assertEqual([(b - a) % 60 for a, b in zip(minutes, minutes[1:])], [15] * 7)
        days = fires_of(*hint_of("H H(0-7) * * *"), 3)
        self.assertEqual([fire[:10] for fire in days], ["2026-01-01", "2026-01-02", "2026-01-03"])
        self.assertTrue(all(int(fire[11:13]) <= 7 for fire in days))
        self.assertEqual(len({fire[11:] for fire in days}), 1)
        self.assertTrue(all(int(fire[14:16]) <= 29 for fire in fires_of(*hint_of("H(0-29)/10 * * * *"), 9)))

    def test_the_nearest_session_by_roll(self):
        refused = run("next", "--schedule", "0 9 15W * *", "--calendar", "XNYS")
        self.assertIn('for the nearest session of a calendar write roll = "nearest"', refused.stderr)
        done = run("next", "--schedule", "0 9 15 * *", "--calendar", "XNYS", "--roll", "nearest", "--from", start, "-n", "3", "--json")
        self.assertEqual([json.loads(line)["session"] for line in done.stdout.splitlines()],
                         ["2026-01-15", "2026-02-17", "2026-03-16"])  # February 16th is a holiday

    def test_a_character_is_shown_whole(self):
        for wrong, name, right in (("0 9 * * 1–5", "U+2013, an en dash", "0 9 * * 1-5"),
                                   ("0\u00a09 * * 1-5", "U+00A0, a no-break space", "0 9 * * 1-5"),
                                   ("０ 9 * * *", "U+FF10, a full-width character", "0 9 * * *"),
                                   ("@close−15m", "U+2212, a minus sign", "@close-15m")):
            refused = run("next", "--schedule", wrong, "--calendar", "XNYS")
            self.assertEqual(refused.returncode, 2)
            self.assertIn(name, refused.stderr)
            self.assertIn(f'write "{right}"', refused.stderr)
            self.assertEqual(run("next", "--schedule", right, "--calendar", "XNYS", "-n", "1").returncode, 0)
        self.assertIn("'é' (U+00E9)", run("next", "--schedule", "0 9 é * *").stderr)

    def test_what_is_nothing_at_all_is_refused_without_a_guess(self):
        for wrong in ("x", "0 9 * *", "0 9 * * 1 2 3 4", "0 9 32L * *", "0 9 * * 8#1", "0 9 * * 1#6", "0 9 0W * *",
                      "H(5-2) * * * *", "TZ=UTC", "cron()", "rate(5 minutes", "0 9 30 2 ?", "@weekdayss", "L" * 1000):
            refused = run("next", "--schedule", wrong)
            self.assertEqual((refused.returncode, refused.stdout), (2, ""), wrong)
            self.assertNotIn("write schedule =", refused.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
