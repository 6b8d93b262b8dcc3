#!/usr/bin/env python3
"""simulate_test.py MARKETCRON: the schedule on a virtual clock; the results of the examples; errors."""
import contextlib
import json
import pathlib
import sqlite3

import desk
from desk import DeskTest

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"
WEEK = ("--from", "2026-11-23", "--to", "2026-11-30")
EOD = ('[job.eod]\ncalendar = "XNYS"\nschedule = "@close"\ncommand = "touch ran"\n'
       '[job.after_it]\ncalendar = "XNYS"\nafter = ["eod"]\ncommand = "touch ran"\n')
RUN_KEYS = ["run", "job", "fire", "logical_date", "session", "origin", "state", "reason", "attempt", "started",
            "finished", "exit_code", "signal", "max_rss_bytes", "cpu_seconds", "fires", "last_fire"]


class Simulate(DeskTest):
    def simulate(self, *words):
        done = self.desk.run("simulate", *WEEK, *words)
        self.assertEqual(done.code, 0, done.err)
        return done

    def runs_of(self, *words):
        return [json.loads(line) for line in self.simulate("--json", *words).out.splitlines()]

    def example(self, name):
        self.desk.write((EXAMPLES / name).read_text())

    def test_nothing_is_run_and_nothing_written(self):
        self.desk.jobs(EOD)
        before = sorted(self.desk.folder.iterdir())
        runs = self.runs_of("--fail", "eod@2026-11-25", "--fail", "after_it@2026-11-27")
        self.assertEqual(sorted(self.desk.folder.iterdir()), before)
        self.assertEqual(list(runs[0])[:len(RUN_KEYS)], RUN_KEYS)
        self.assertEqual([(r["logical_date"], r["state"]) for r in runs if r["job"] == "eod"],
                         [("2026-11-23", "success"), ("2026-11-24", "success"), ("2026-11-25", "failed"),
                          ("2026-11-27", "success"), ("2026-11-30", "success")])
        self.assertEqual([r["state"] for r in runs if r["job"] == "after_it"],
                         ["success", "success", "upstream_failed", "failed", "success"])
        self.assertEqual(runs[0] | {"fire": "2026-11-23T21:00:00Z", "session": "2026-11-23", "origin": "live",
                                    "started": "2026-11-23T21:00:00Z", "finished": "2026-11-23T21:00:01Z",
                                    "exit_code": 0, "max_rss_bytes": None, "late": False}, runs[0])

    def test_durations_come_from_the_ledger_or_from_who_asks(self):
        self.desk.jobs('[job.eod]\ncalendar = "XNYS"\nschedule = "@close"\ncommand = "sleep 2"\n')
        self.desk.start()
        self.desk.reach(self.desk.start_job("eod"), "success")
        took = [(r["started"][11:], r["finished"][11:]) for r in self.runs_of()]
        self.assertIn(took[0], [("21:00:00Z", "21:00:02Z"), ("21:00:00Z", "21:00:03Z")])
        took = [(r["started"][11:], r["finished"][11:]) for r in self.runs_of("--duration", "eod=1h30m")]
        self.assertEqual(took[0], ("21:00:00Z", "22:30:00Z"))
        self.assertEqual(len(self.desk.runs()), 1)

    def test_the_usual_duration_is_that_of_the_latest_successes(self):
        """The median of 20, of which no older one counts."""
        self.desk.jobs('[job.eod]\ncalendar = "XNYS"\nschedule = "@close"\ncommand = "true"\n')
        self.desk.start()
        done = self.desk.run("backfill", "eod", "--from", "2026-08-24", "--to", "2026-10-30", "--parallel", "8", "--yes", "--wait",
                             timeout=120)
        self.assertEqual(done.code, 0, done.err)
        self.assertGreater(len(self.desk.runs("-n", "100")), 45)
        self.desk.stop()
        with contextlib.closing(sqlite3.connect(self.desk.state / "ledger.db")) as ledger, ledger:
            ledger.execute("UPDATE run SET finished = started + iif(id IN (SELECT id FROM run ORDER BY fire DESC LIMIT 20), 90, 10)")
        self.assertEqual(self.runs_of()[0]["finished"], "2026-11-23T21:01:30Z")

    def test_an_outage_in_local_time(self):
        self.desk.jobs('[job.a]\ntimezone = "UTC"\nschedule = "0 12 * * *"\ncommand = "true"\n')
        env = {"TZ": "America/New_York", "PATH": "/usr/bin:/bin"}
        for span in ("2026-11-24T06:30..2026-11-24T07:30", "2026-11-24 06:30..2026-11-24 07:30",
                     "2026-11-24T11:30:00Z..2026-11-24T12:30:00Z", "2026-11-24T06:30:00-05:00..2026-11-24T07:30:00-05:00"):
            done = self.desk.run("simulate", *WEEK, "--json", "--down", span, env=env)
            states = [json.loads(line)["state"] for line in done.out.splitlines()]
            self.assertEqual((done.code, states.count("missed"), states[1]), (0, 1, "missed"), (span, done.err))

    def test_people_see_a_screen_and_all_on_demand(self):
        self.desk.jobs(EOD)
        done = self.simulate("--fail", "eod@2026-11-25")
        self.assertEqual(done.out.splitlines()[0].split(),
                         ["JOB", "FIRES", "SUCCESS", "FAILED", "UPSTREAM_FAILED", "WAITED", "LONGEST", "FIRST", "LAST"])
        self.assertIn("\n  eod 2026-11-25: failed, exit_code (exit code 1)\n"
                      "  after_it 2026-11-25: upstream_failed (eod 2026-11-25: run ", done.out)
        self.assertIn("\nin all, 2026-11-23 to 2026-11-30: 10 fires of 2 jobs, 8 success, 1 failed, 1 upstream_failed\n",
                      done.out)
        self.assertEqual(len(self.simulate("--all").out.splitlines()), 11)

    def test_the_nightly_graph(self):
        self.example("nightly_graph.toml")
        # Down over two mornings: on Monday the 27th is no longer the newest date.
        runs = self.runs_of("--fail", "load@2026-11-25", "--down", "2026-11-27T00:00:00Z..2026-11-30T18:00:00Z")
        table = {(r["job"], r["logical_date"][8:]): r["reason"] or r["state"] for r in runs}
        self.assertEqual([table["load", d] for d in ("23", "24", "25", "27", "30")],
                         ["success", "success", "exit_code", "latest_only", "success"])
        self.assertEqual([table["daily_report", d] for d in ("23", "25", "27", "30")],
                         ["success", "upstream_failed", "upstream_skipped", "when_false"])
        self.assertEqual([table["month_end_report", d] for d in ("23", "30")], ["when_false", "success"])
        self.assertEqual([table["tell", d] for d in ("23", "25", "30")], ["success", "upstream_failed", "success"])
        self.assertEqual([table["alarm", d] for d in ("23", "25", "30")],
                         ["upstream_skipped", "success", "upstream_skipped"])
        self.assertNotIn(("load", "26"), table)  # Thanksgiving
        self.assertEqual(next(r["started"] for r in runs if r["job"] == "load"), "2026-11-23T14:00:00Z")  # nine

    def test_the_end_of_day_of_three_markets(self):
        self.example("end_of_day_three_markets.toml")
        quiet = self.runs_of()
        self.assertEqual(len({r["job"] for r in quiet}), 30)
        self.assertEqual({r["state"] for r in quiet}, {"success", "skipped"})
        self.assertEqual({r["job"] for r in quiet if r["state"] == "skipped"},
                         {f"{m}_month_end" for m in ("tokyo", "london", "new_york")})
        self.assertEqual([r["logical_date"][8:] for r in quiet if r["job"] == "world_report"], ["24", "25", "27", "30"])
        bad = self.runs_of("--fail", "tokyo_prices@2026-11-25", "--down", "2026-11-25T16:00:00Z..2026-11-25T19:00:00Z")
        wednesday = {r["job"]: r for r in bad if r["logical_date"] == "2026-11-25"}
        self.assertEqual(wednesday["tokyo_prices"]["attempt"], 6)
        self.assertEqual(wednesday["world_report"]["state"], "upstream_failed")
        self.assertEqual(wednesday["tokyo_archive"]["state"], "success")
        self.assertEqual(wednesday["london_prices"]["origin"], "catch_up")
        self.assertFalse(wednesday["tokyo_risk"]["late"])  # it was named in the failure of its prices
        self.assertTrue(all(r["late"] for r in bad if r["job"] == "tokyo_pnl" and r["state"] == "waiting"))
        waiting = [r["logical_date"][8:] for r in bad if r["job"] == "tokyo_pnl" and r["state"] == "waiting"]
        self.assertEqual(waiting, ["26", "27", "30"])  # each waits for its previous date

    def test_a_quarter_fits_a_screen(self):
        self.example("end_of_day_three_markets.toml")
        done = self.desk.run("simulate", "--from", "2026-01-01", "--to", "2026-03-31")
        self.assertEqual(done.code, 0, done.err)
        self.assertLess(len(done.out.splitlines()), 50)

    def test_a_failure_with_nothing_to_fail_is_told(self):
        self.desk.jobs(EOD)
        done = self.simulate("--fail", "eod@2026-11-26")
        self.assertIn("--fail eod@2026-11-26 has no effect: no run of the job started for that date", done.err)

    def test_what_is_refused(self):
        self.desk.jobs(EOD)
        for words, parts in (
                ((*WEEK, "--fail", "eof@2026-11-25"), ["unknown job `eof`", "did you mean", "eod"]),
                ((*WEEK, "--fail", "eod"), ["--fail `eod`", "write --fail "]),
                ((*WEEK, "--fail", "eod@25.11."), ["--fail `eod@25.11.`"]),
                ((*WEEK, "--fail", "eod@2026-02-30"), ["--fail `eod@2026-02-30`"]),
                ((*WEEK, "--fail", "eod@2026-12-25"), ["that date is not simulated", "2026-11-23 to 2026-11-30"]),
                ((*WEEK, "--down", "2026-11-25"), ["--down `2026-11-25` is not a time range", "write --down"]),
                ((*WEEK, "--down", "noon..2026-11-25T13:00"), ["is not a time range"]),
                ((*WEEK, "--down", "2026-11-25T14:00..2026-11-25T13:00"), ["ends before it begins"]),
                ((*WEEK, "--down", "2027-11-25T13:00..2027-11-25T14:00"), ["is outside"]),
                ((*WEEK, "--duration", "eod=long"), ["--duration `eod=long`"]),
                ((*WEEK, "--duration", "eof=5m"), ["unknown job `eof`"]),
                (("--from", "2026-11-23"), ["--to is missing"]),
                (("--from", "2026-11-31", "--to", "2026-12-01"), ["--from"]),
                (("--from", "2026-11-30", "--to", "2026-11-23"), ["--from 2026-11-30 is after --to 2026-11-23"]),
                (("--from", "2026-11-30", "--to", "2036-11-30"), ["days are too many to simulate"]),
                (("--from", "2070-01-01", "--to", "2070-02-01"), ["calendar XNYS covers dates only up to 20", "job after_it needs it"]),
                ((*WEEK, "eod"), [])):
            with self.subTest(words):
                done = self.desk.run("simulate", *words)
                self.says(done, 2, *parts)
                self.assertEqual(done.out, "")
        self.desk.jobs('[job.often]\nschedule = "* * * * * *"\ncommand = "true"\n')
        self.says(self.desk.run("simulate", "--from", "2026-01-01", "--to", "2026-12-31", timeout=800), 2,
                  "there are more than 2000000 runs")


if __name__ == "__main__":
    desk.main()
