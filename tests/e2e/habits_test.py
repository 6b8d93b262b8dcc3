#!/usr/bin/env python3
"""habits_test.py MARKETCRON: output on a terminal (a pty from script(1)), and in a pipe."""
import re
import subprocess

import desk
from desk import HEAD, DeskTest

JOBS = ('[defaults]\nschedule = "0 1 * * *"\ntimezone = "America/New_York"\ncwd = "/"\n'
        '[job.good]\ncommand = "true"\n[job.bad]\ncommand = "false"\n')
DAYS = ["--from", "2026-11-03", "--to", "2026-11-06"]


class Habits(DeskTest):
    def setUp(self):
        super().setUp()
        self.desk.write(HEAD + JOBS)

    def on_terminal(self, *words, keys="", **env):
        """The output on a terminal, with its colours, and the exit code."""
        line = " ".join([str(self.desk.program), *map(str, words), "-c", str(self.desk.config)])
        done = subprocess.run(["script", "-qec", line, "--echo", "never", "/dev/null"], input=keys, text=True, capture_output=True, timeout=60,
                              cwd=self.desk.folder, env={"PATH": "/usr/bin:/bin", "TERM": "xterm", "HOME": "/"} | env, check=False)
        return done.returncode, done.stdout.replace("\r\n", "\n")

    def run_both(self):
        self.desk.start()
        for job, state in (("good", "success"), ("bad", "failed")):
            self.desk.reach(self.desk.start_job(job), state)

    def test_colours_on_a_terminal_and_none_in_a_pipe(self):
        self.run_both()
        _, shown = self.on_terminal("runs")
        self.assertIn("\033[32msuccess\033[0m", shown)
        self.assertIn("\033[31mfailed\033[0m", shown)
        for plain in (self.on_terminal("runs", NO_COLOR="1")[1], self.on_terminal("runs", TERM="dumb")[1],
                      self.desk.run("runs").out):
            self.assertNotIn("\033", plain)
            self.assertIn("success", plain)
        _, shown = self.on_terminal("runs", NO_COLOR="")
        self.assertIn("\033[32m", shown, "an empty NO_COLOR is none")

    def test_columns_stand_below_each_other(self):
        self.run_both()
        lines = re.sub(r"\033\[\d+m", "", self.on_terminal("runs")[1]).splitlines()
        column = lines[0].index("STATE")
        self.assertEqual({line[column:].split()[0] for line in lines[1:]}, {"success", "failed"})

    def test_the_last_column_says_how_the_command_ended(self):
        self.desk.write(HEAD + JOBS + '[job.shot]\ncommand = "kill -9 $$"\n[job.long]\ncommand = "sleep 600"\n')
        self.run_both()
        self.desk.reach(self.desk.start_job("shot"), "failed")
        self.desk.reach(self.desk.start_job("long"), "running")
        shown = self.desk.run("runs").out.splitlines()
        at = shown[0].index("END")
        self.assertEqual([line[at:].strip() for line in shown[1:]], ["", "signal 9", "exit 1", "exit 0"])

    def test_times_are_the_jobs_and_say_their_zone(self):
        self.assertRegex(self.desk.run("next", "good", "--from", "2026-11-03T12:00:00Z", "-n", "1").out, r"01:00 EST")

    def test_a_backfill_shows_how_far_it_is(self):
        self.desk.start()
        code, shown = self.on_terminal("backfill", "good", *DAYS, keys="y\n")
        self.assertEqual(code, 0, shown)
        self.assertIn("4 of 4 done: 4 success\n", shown)
        self.assertIn("Ctrl-C stops watching; the daemon continues the runs", shown)
        code, shown = self.on_terminal("backfill", "bad", *DAYS, keys="y\n")
        self.assertEqual(code, 1, shown)
        self.assertIn("4 of 4 done: 4 failed\n", shown)

    def test_a_job_may_be_named_like_a_command(self):
        names = ("check", "hold", "status", "reload", "daemon", "calendar")
        self.desk.write(HEAD + "".join(f'[job.{name}]\ncommand = "true"\nschedule = "0 1 * * *"\n' for name in names))
        for name in names:
            shown = self.desk.run("next", name, "--json", "-n", "1")
            self.assertEqual((shown.code, shown.err), (0, ""), name)
            self.assertIn(f'"job":"{name}"', shown.out)
            self.assertEqual(self.desk.run("runs", name).code, 0)
        self.desk.start()
        self.desk.reach(self.desk.start_job("hold"), "success")
        self.assertIn("hold", self.desk.run("runs", "hold").out)

    def test_a_start_and_a_release_say_what_they_mean_and_ask(self):
        self.desk.write(HEAD + JOBS + '[job.after]\nafter = ["good"]\ncommand = "true"\n[job.tick]\nschedule = "* * * * * *"\ncommand = "true"\n')
        self.desk.start()
        code, shown = self.on_terminal("start", "good", keys="n\n")
        self.assertEqual(code, 1, shown)
        self.assertIn("after ignores a run without a date; add --session DATE\nStart good? [y/N]", shown)
        self.assertIn("Nothing was changed.", shown)
        self.assertEqual([run for run in self.desk.runs() if run["job"] == "good"], [])
        code, shown = self.on_terminal("start", "good", "--session", "2026-11-03", keys="y\n")
        self.assertEqual(code, 0, shown)
        self.assertIn("after depends on its result for 2026-11-03\nStart good for 2026-11-03?", shown)
        code, shown = self.on_terminal("start", "bad")
        self.assertEqual((code, "[y/N]" in shown), (0, False), "nothing hangs on it")
        self.assertEqual(self.desk.run("hold", "tick").code, 0)
        desk.wait_for(lambda: len([r for r in self.desk.runs() if r["job"] == "tick" and r["reason"] == "held"]) > 1, "held runs")
        code, shown = self.on_terminal("release", "tick", keys="n\n")
        self.assertEqual(code, 1, shown)
        self.assertRegex(shown, r"run \d+ is no longer held\n(run|runs) .* skipped because a newer run is kept\nRelease tick\? \[y/N\]")
        self.assertEqual(self.desk.run("release", "tick").code, 0)

    def test_a_verdict_says_what_the_ledger_has(self):
        self.desk.write(HEAD + JOBS + '[job.then]\nafter = ["good"]\nschedule = "0 1 * * *"\ncommand = "true"\n')
        self.desk.start()
        for job in ("good", "then"):
            code, shown = self.on_terminal("start", job, "--session", "2026-11-03", keys="y\n")
            self.assertEqual(code, 0, shown)
            number = desk.wait_for(lambda job=job: [r["run"] for r in self.desk.runs() if (r["job"], r["state"]) == (job, "success")], job)[0]
            good = number if job == "good" else good
        code, shown = self.on_terminal("mark", good, "failed", "--reason", "x", keys="n\n")
        self.assertEqual(code, 1, shown)
        self.assertIn(f"then has already ended as success and does not change\nMark run {good} of good for 2026-11-03? [y/N]", shown)
        alone = self.desk.start_job("good")
        self.desk.reach(alone, "success")
        _, shown = self.on_terminal("mark", alone, "failed", "--reason", "x", keys="n\n")
        self.assertIn("then ignores this run: it was started without a date\n", shown)
        # A command that will be refused asks no question first.
        for words, says in ((("hold", "good", "--until", "25:00"), "until: invalid time `25:00`"),
                            (("start", "good", "--session", "2099-01-05"), "is not due yet"),
                            (("stop", good), "has already ended")):
            code, shown = self.on_terminal(*words)
            self.assertNotEqual(code, 0, words)
            self.assertIn(says, shown)
            self.assertNotIn("[y/N]", shown)
            self.assertNotIn("then ", shown)

    def test_a_script_waits_where_it_says_so(self):
        self.desk.start()
        done = self.desk.run("backfill", "bad", *DAYS, "--yes", "--wait")
        self.assertEqual((done.code, done.err), (1, "4 of 4 done: 4 failed\n"))
        done = self.desk.run("backfill", "good", *DAYS, "--yes")
        self.assertEqual((done.code, done.err), (0, ""))
        self.assertRegex(done.out, r"4 of 4 fires to run, \d at a time\n.+\n$")

    def test_a_mistyped_word_gets_a_suggestion(self):
        self.says(self.desk.run("rnus", config=False), 2, "did you mean runs?")
        self.says(self.desk.run("why", "god"), 2, "unknown job `god`", "did you mean good?")

    def test_help_fits_a_screen_and_shows_an_example(self):
        overview = self.desk.run("--help", config=False).out
        self.assertLessEqual(overview.count("\n"), 40)
        for command in re.findall(r"^  (\w[\w-]*(?: [\w-]+)?)  ", overview, re.MULTILINE):
            text = self.desk.run(*command.split(), "--help", config=False).out
            self.assertLessEqual(text.count("\n"), 24, command)
            self.assertIn("Example:\n  marketcron ", text)

    def test_alone_it_says_what_to_type_or_how_things_are(self):
        home = self.desk.folder / "home" / "marketcron"
        home.mkdir(parents=True)
        env = {"XDG_CONFIG_HOME": str(home.parent), "HOME": str(self.desk.folder), "PATH": "/usr/bin:/bin"}
        alone = self.desk.run(config=False, env=env, ordinary=True)
        self.assertEqual(alone.code, 2)
        self.assertIn("Start with: marketcron check FILE", alone.out)
        self.assertEqual(self.desk.run().code, 2)
        self.desk.start()
        for words in ((), ("status",)):
            shown = self.desk.run("-c", self.desk.config, *words, config=False)
            self.assertIn("runs 2 jobs from", shown.out)


if __name__ == "__main__":
    desk.main()
