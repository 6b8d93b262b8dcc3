#!/usr/bin/env python3
"""broken_files_test.py MARKETCRON: no mistake in a file ends a process without its own exit code. A table of broken
files, each read by every command that reads it, and by a running daemon, which keeps its last good configuration."""
import pathlib
import re
import signal
import subprocess

import desk
from desk import DeskTest, HEAD, wait_for

JOB = '[job.a]\nschedule = "@yearly"\ncommand = "echo hello"\n'

# The text after the job in the file, and the error: line and column count from the end of the job.
SLIPS = {
    "a list that ends as a table": ('tags = ["x",}', "1:13: error: invalid TOML: '}' is not expected here"),
    "a header without a name": ("[=]", "1:2: error: invalid TOML: '=' is not expected here"),
    "a date with one digit of a time": ("d = 2026-11-02 9", "1:16: error: invalid TOML: "),
    "a letter other than A-Z in a header": ("[\u00fc]", "1:2: error: invalid TOML: '\u00fc' cannot be in a key without quotes"),
    "a key of such letters": ("\u00e4tze = 1", "1:1: error: invalid TOML: "),
    "a key without a name": ("= 1", "1:1: error: invalid TOML: "),
    "a list that is not closed": ("x = [1, 2", "1:10: error: invalid TOML: "),
    "two commas": ("x = [1,,2]", "1:8: error: invalid TOML: "),
    "a table in a line that is not closed": ("x = { a = 1", "1:12: error: invalid TOML: "),
    "a dot at the end": ("x.= 1", "1:3: error: invalid TOML: "),
    "a number that is none": ("x = 1__0", "1:"),
    "a number without bounds": ("x = " + "9" * 5000, "1:"),
    "a date that is none": ("x = 2026-02-31", "1:"),
    "an escape that is none": ('x = "\\u12"', "1:"),
    "a control character": ('x = "\x01"', "1:"),
    "lists in lists": ("x = " + "[" * 100_000, "1:37: error: unsupported TOML: values are nested more than 32 deep"),
    "headers in headers": ("[" * 100_000, "1:3: error: invalid TOML"),
    "tables in tables": ("x = " + "{a=" * 100_000, "values are nested more than 32 deep"),
    "a key with very many dots": ("a." * 100_000 + "b = 1", "1:65: error: unsupported TOML: the key has more than 32 parts"),
    "very many keys with dots": ("\n".join(f"a{i}.b = 1" for i in range(100_100)), "keys with dots"),
}


def place(text, said):
    """The mistake's place in the whole file: it is on the line after `text`."""
    line, _, rest = said.partition(":")
    return f":{text.count(chr(10)) + int(line)}:{rest}" if line.isdigit() else said


class BrokenFiles(DeskTest):
    def test_commands_refuse_each_with_its_place(self):
        for name, (slip, said) in SLIPS.items():
            self.desk.write(HEAD + JOB + slip)
            for command in (["check"], ["next"], ["daemon"], ["why", "a"]):
                with self.subTest(slip=name, command=command[0]):
                    self.says(self.desk.run(*command), 2, place(HEAD + JOB, said))

    def test_a_running_daemon_keeps_its_last_good_file(self):
        self.desk.jobs(JOB)
        self.desk.start()
        for name, (slip, said) in SLIPS.items():
            with self.subTest(slip=name):
                self.desk.write(HEAD + JOB + slip)
                answer = self.desk.ask("POST", "/v1/reload")
                self.assertFalse(answer["ok"])
                self.assertIn(place(HEAD + JOB, said), answer["text"])
                refusals = self.desk.log().count("error: ")
                self.desk.daemon.send_signal(signal.SIGHUP)
                wait_for(lambda seen=refusals: self.desk.log().count("error: ") > seen, "a refusal in the log")
                self.assertEqual(self.desk.ask("GET", "/v1/status")["jobs"], 1)
        self.assertIsNone(self.desk.daemon.poll())
        self.desk.jobs(JOB)
        self.assertTrue(self.desk.ask("POST", "/v1/reload")["ok"])

    def test_a_reload_that_is_asked_for_while_the_daemon_starts(self):
        many = "".join(f'[job.j{i}]\nschedule = "@yearly"\ncommand = "true"\n' for i in range(4000))
        self.desk.jobs(JOB + many)
        with open(self.desk.folder / "daemon.log", "ab") as log:
            self.desk.daemon = subprocess.Popen([self.desk.program, "daemon", "-c", self.desk.config], stdin=subprocess.DEVNULL,
                                                stdout=log, stderr=log)
        def keeps_a_hangup():
            status = pathlib.Path(f"/proc/{self.desk.daemon.pid}/status").read_text()
            return int(re.search(r"SigBlk:\t(\w+)", status)[1], 16) & 1 << (signal.SIGHUP - 1)
        wait_for(keeps_a_hangup, "a daemon that keeps SIGHUP")
        self.assertFalse(self.desk.socket.exists(), "it is still reading the file")
        # At once: the daemon may be reading the file now.
        self.desk.write(HEAD + JOB, name="fresh.toml").rename(self.desk.config)
        self.desk.daemon.send_signal(signal.SIGHUP)
        wait_for(self.desk.is_up, "a daemon that answers")
        wait_for(lambda: self.desk.ask("GET", "/v1/status")["jobs"] == 1, self.desk.log)

    def test_calendar_files(self):
        folder = self.desk.folder / "calendars"
        folder.mkdir()
        good = 'name = "MINE"\n'
        for name, (slip, said) in SLIPS.items():
            with self.subTest(slip=name):
                path = self.desk.write(good + slip, name="calendars/mine.toml")
                self.says(self.desk.run("calendar", "check", path, config=False), 2, place(good, said))

    def test_included_files_and_calendars_of_the_file(self):
        self.desk.write('include = ["more.toml"]\n' + HEAD + JOB)
        for name, (slip, said) in SLIPS.items():
            with self.subTest(slip=name):
                self.desk.write(slip, name="more.toml")
                self.says(self.desk.run("check"), 2, "more.toml", said)

    def test_the_file_of_an_override_that_somebody_broke(self):
        self.desk.jobs(JOB + '[job.b]\nschedule = "@close"\ncalendar = "XNYS"\ncommand = "true"\n')
        self.desk.start()
        overrides = self.desk.state / "calendars"
        overrides.mkdir(exist_ok=True)
        (overrides / "XNYS.toml").write_text('tags = ["x",}\n')
        done = self.desk.run("calendar", "override", "XNYS", "2037-11-27", "closed", "--reason", "storm", "--yes")
        self.assertIn(done.code, (1, 2), done.err)
        self.assertNotIn("Aborted", done.err)
        self.assertIsNone(self.desk.daemon.poll())
        self.assertEqual(self.desk.ask("GET", "/v1/status")["jobs"], 2)

    def test_words_of_the_command_line(self):
        self.desk.jobs(JOB)
        odd = ["", "-", "--", "\u00fc", "%s%n{}", "9" * 400, "-1", "a@b@c", "@", "x" * 100_000, "2026-13-45", "[[", "\udcff"]
        for command in (["why"], ["next", "-n"], ["next", "--from"], ["runs", "-n"], ["runs", "--from"], ["logs"], ["stop"],
                        ["rerun"], ["start", "a", "--memory"], ["start", "a", "--timeout"], ["start", "a", "--env"],
                        ["hold", "a", "--until"], ["mark"], ["backfill", "a", "--from"], ["calendar", "show"],
                        ["calendar", "is-open", "XNYS"], ["simulate", "--from"], ["diff"], ["import"], ["check"], []):
            for word in odd:
                with self.subTest(command=command, word=word[:20]):
                    done = self.desk.run(*command, word, timeout=60)
                    self.assertIn(done.code, (0, 1, 2, 3), done.err)
                    self.assertNotIn("internal error", done.err)
                    self.assertNotIn("terminate", done.err)


if __name__ == "__main__":
    desk.main()
