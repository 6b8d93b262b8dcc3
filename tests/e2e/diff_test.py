#!/usr/bin/env python3
"""diff_test.py MARKETCRON: the changes that an edited configuration, or a new calendar file, would make."""
import datetime
import json

import desk
from desk import HEAD, DeskTest

EOD = '[job.eod]\ncalendar = "XNYS"\nschedule = "{}"\ncommand = "true"\n'
STORM = 'name = "XNYS"\nextends = "XNYS"\n[closed]\n2026-11-24 = { name = "Storm", unscheduled = true }\n'
WEEK = ("--from", "2026-11-23", "--to", "2026-11-27")


def lines(done):
    return [json.loads(line) for line in done.out.splitlines()]


class Diff(DeskTest):
    def diff(self, old, new, *words):
        """Compares OLD and NEW, given as texts of jobs."""
        self.desk.write(HEAD + old, "old.toml")
        self.desk.write(HEAD + new, "new.toml")
        done = self.desk.run("diff", "old.toml", "new.toml", *words, config=False)
        self.assertEqual(done.code, 0, done.err)
        return done

    def test_each_kind_of_change_as_json(self):
        other = '[job.{}]\ncalendar = "XNYS"\nschedule = "@open"\ncommand = "true"\n'
        done = self.diff(EOD.format("@close") + other.format("gone"), EOD.format("@close+15m") + other.format("come"),
                         "--from", "2026-11-27", "--to", "2026-11-27", "--json")
        self.assertEqual(done.err, "")
        known = {"run": None, "logical_date": "2026-11-27", "session": "2026-11-27"}
        never = {"old_fire": None, "old_logical_date": None}
        morning = {"fire": "2026-11-27T14:30:00Z", "local": "2026-11-27T09:30:00-05:00"}
        self.assertEqual(lines(done), [
            known | never | morning | {"job": "come", "change": "added"},
            known | {"job": "eod", "fire": "2026-11-27T18:15:00Z", "change": "moved",
                     "old_fire": "2026-11-27T18:00:00Z", "old_logical_date": "2026-11-27",
                     "local": "2026-11-27T13:15:00-05:00"},
            known | never | morning | {"job": "gone", "change": "dropped"}])
        self.assertEqual(list(lines(done)[0])[:7], ["run", "job", "fire", "logical_date", "session", "change", "old_fire"])

    def test_people_see_a_fold_and_all_on_demand(self):
        done = self.diff(EOD.format("@close"), EOD.format("@close-1h30m"), *WEEK)
        self.assertEqual(done.out, "eod: 4 fires move, 2026-11-23 to 2026-11-27, 1h30m earlier\n"
                                   "  Mon 2026-11-23 16:00 EST to 14:30 EST\n"
                                   "  Tue 2026-11-24 16:00 EST to 14:30 EST\n"
                                   "  ...\n"
                                   "  Fri 2026-11-27 13:00 EST to 11:30 EST\n"
                                   "in all, to 2026-11-27: 4 fires move\n")
        done = self.diff(EOD.format("@close"), EOD.format("@close-1h30m"), "--all", *WEEK)
        self.assertEqual(len(done.out.splitlines()), 5)
        self.assertIn("moved    eod  Wed 2026-11-25 16:00 EST to 14:30 EST\n", done.out)

    def test_many_fires_are_few_lines(self):
        poll = '[job.poll]\ntimezone = "UTC"\nschedule = "@every 5m"\ncommand = "true"\n'
        done = self.diff(poll, poll + "enabled = false\n")
        self.assertIn("poll (disabled): 115200 fires are dropped", done.out)
        self.assertEqual(len(done.out.splitlines()), 6)

    def test_another_date_for_the_same_instant(self):
        report = EOD.format("0 6 * * mon-fri") + 'when = "session"\nrun_for = "{}"\n'
        done = self.diff(report.format("session-1"), report.format("session"), "--from", "2026-11-24", "--to", "2026-11-24")
        self.assertIn("eod: 2 fires move, 2026-11-24 to 2026-11-25, to another date\n"
                      "  Tue 2026-11-24 06:00 EST, for 2026-11-24, was for 2026-11-23\n", done.out)

    def test_files_that_fire_alike(self):
        done = self.diff(EOD.format("@close"), EOD.format("@close").replace("true", "false"), *WEEK)
        self.assertEqual(done.out, "no fire differs up to 2026-11-27\n")
        done = self.diff(EOD.format("@close"), EOD.format("@close"), "--json")
        self.assertEqual((done.out, done.err), ("", ""))

    def test_two_fires_at_one_instant_are_two(self):
        twice = EOD.replace('"{}"', '["@close", "@close"]')
        done = self.diff(twice, EOD.format("@close"), "--json", "--from", "2026-11-27", "--to", "2026-11-27")
        self.assertEqual([line["change"] for line in lines(done)], ["dropped"])
        self.assertEqual(self.diff(twice, twice, "--json", *WEEK).out, "")

    def test_a_fire_that_already_has_a_run_is_left_out(self):
        """The run of an earlier schedule is that of the new one, too."""
        today = datetime.datetime.now(datetime.timezone.utc).date()
        def job(schedule):
            return f'[job.a]\ncalendar = "24-7"\nschedule = "{schedule}"\ncommand = "true"\n'
        later = self.desk.write(job("@open+47h"), "later.toml")
        def dates():
            self.desk.jobs(job("@open+46h"))
            done = self.desk.run("diff", later, "--to", today + datetime.timedelta(days=3), "--json")
            return {line["logical_date"] for line in lines(done)}
        self.assertIn(str(today), dates())
        self.desk.jobs(job("@open"))
        self.desk.start()
        done = self.desk.run("backfill", "a", "--from", today, "--to", today, "--yes", "--wait")
        self.assertEqual(done.code, 0, done.err)
        self.assertEqual({str(today), str(today + datetime.timedelta(days=1))} & dates(), {str(today + datetime.timedelta(days=1))})

    def test_a_calendar_that_ends_is_told(self):
        shop = '[calendar.SHOP]\ntimezone = "UTC"\nchecked = 2026-01-01\ncoverage = {{ from = 2026-01-01, to = 2026-11-25 }}\n' \
               '[[calendar.SHOP.hours]]\nopen = "09:00"\nclose = "17:00"\n' + EOD.replace("XNYS", "SHOP")
        done = self.diff(shop.format("@close"), shop.format("@close+1h"), "--json", *WEEK)
        self.assertEqual([line["fire"][:10] for line in lines(done)], ["2026-11-23", "2026-11-24", "2026-11-25"])
        self.assertEqual(done.err, "marketcron: SHOP covers dates up to 2026-11-25\n")

    def test_includes_belong_to_their_file(self):
        for side, schedule in ("old", "@close"), ("new", "@close+1h"):
            (self.desk.folder / side).mkdir()
            self.desk.write(EOD.format(schedule), f"{side}/jobs.toml")
            self.desk.write('include = ["jobs.toml"]\n', f"{side}/main.toml")
        done = self.desk.run("diff", "old/main.toml", "new/main.toml", *WEEK, config=False)
        self.assertIn("eod: 4 fires move", done.out, done.err)

    def test_one_file_is_compared_with_the_configuration(self):
        self.desk.jobs(EOD.format("@close"))
        self.desk.write(EOD.format("@close+1h"), "new.toml")
        self.assertIn("eod: 4 fires move", self.desk.run("diff", "new.toml", *WEEK).out)

    def test_changes_by_hand_hold_for_both(self):
        (self.desk.state / "calendars").mkdir(parents=True)
        self.desk.write(STORM, "state/calendars/xnys.toml")
        self.desk.write(HEAD + EOD.format("@close"), "old.toml")
        self.desk.write(EOD.format("@close+1h"), "new.toml")
        done = self.desk.run("diff", "old.toml", "new.toml", "--json", *WEEK, config=False)
        self.assertEqual([line["session"] for line in lines(done)], ["2026-11-23", "2026-11-25", "2026-11-27"])

    def test_what_is_refused(self):
        self.desk.jobs(EOD.format("@close"))
        self.desk.write("[job.eod]\nschedule = \"@closed\"\ncommand = \"true\"\ncolour = 1\n", "broken.toml")
        for words, parts in (
                (("desk.toml", "desk.toml", "--from", "2026-11-24", "--to", "2026-11-23"), ["--from 2026-11-24 is after --to"]),
                (("desk.toml", "desk.toml", "--to", "2020-11-23"), ["--to 2020-11-23 is in the past", "write --from too"]),
                (("desk.toml", "desk.toml", "--from", "tomorrow"), ["--from: "]),
                (("desk.toml", "missing.toml"), ["missing.toml"]),
                (("missing.toml", "desk.toml"), ["missing.toml"]),
                (("desk.toml", "broken.toml"), ["broken.toml:2:", "broken.toml:4:1: error: unknown key"]),
                (("broken.toml", "desk.toml"), ["broken.toml:4:1: error: unknown key"]),
                (("desk.toml", "desk.toml", "-c", "desk.toml"), ["-c cannot be combined with OLD"])):
            with self.subTest(words):
                done = self.desk.run("diff", *words, config=False)
                self.says(done, 2, *parts)
                self.assertEqual(done.out, "")


class CalendarDiff(DeskTest):
    def setUp(self):
        super().setUp()
        self.desk.jobs(EOD.format("@close+15m"))

    def diff(self, *words, **how):
        done = self.desk.run("calendar", "diff", *words, **how)
        self.assertEqual(done.code, 0, done.err)
        return done

    def test_sessions_with_reasons_and_the_fires_that_follow(self):
        self.desk.write(STORM + '[special_hours_on]\n2026-11-25 = { name = "Eve", close = "12:00" }\n'
                        '[extra_sessions]\n2026-11-26 = { name = "Trading after all", open = "10:00", close = "13:00" }\n', "xnys.toml")
        done = self.diff("xnys.toml", *WEEK)
        self.assertEqual(done.err, "")
        self.assertIn("XNYS: 1 session added, 1 session removed, 1 session changed, 2026-11-23 to 2026-11-27\n"
                      "  2026-11-24  closed (Storm, unscheduled), was open 09:30 to 16:00\n"
                      "  2026-11-25  closes 12:00, was 16:00", done.out)
        self.assertIn("  2026-11-26  open 10:00 to 13:00 (Trading after all), was closed (Thanksgiving", done.out)
        self.assertIn("eod: 1 fire moves, 4h earlier\n  Wed 2026-11-25 16:15 EST to 12:15 EST\n"
                      "eod: 1 fire is dropped\n  Tue 2026-11-24 16:15 EST\n"
                      "eod: 1 fire is added\n  Thu 2026-11-26 13:15 EST\n"
                      "in all, to 2026-11-27: 1 fire moves, 1 is dropped, 1 is added\n", done.out)

    def test_as_json(self):
        self.desk.write(STORM, "xnys.toml")
        found = lines(self.diff("xnys.toml", "--json", *WEEK))
        session = next(line for line in found if line.get("calendar") == "XNYS")
        self.assertEqual({key: session[key] for key in ("date", "change", "open", "old_open", "breaks", "reason", "unscheduled")},
                         {"date": "2026-11-24", "change": "removed", "open": None, "old_open": "2026-11-24T14:30:00Z",
                          "breaks": [], "reason": "Storm", "unscheduled": True})
        self.assertEqual([(line["change"], line["fire"]) for line in found if "job" in line],
                         [("dropped", "2026-11-24T21:15:00Z")])

    def test_calendars_made_of_it_change_too(self):
        self.desk.jobs('[calendar.DESK]\nextends = "XNYS"\n[calendar.BOTH]\nall_of = ["XNYS", "XLON"]\ntimezone = "UTC"\n'
                       '[job.a]\ncalendar = "BOTH"\nschedule = "@close"\ncommand = "true"\n'
                       '[job.b]\ncalendar = "XLON"\nschedule = "@close"\ncommand = "true"\n')
        self.desk.write(STORM, "xnys.toml")
        done = self.diff("xnys.toml", "--json", *WEEK)
        self.assertEqual({line["calendar"] for line in lines(done) if "calendar" in line}, {"XNYS", "IEX", "DESK", "BOTH"})
        self.assertEqual([line["job"] for line in lines(done) if "job" in line], ["a"])

    def test_a_directory_with_a_new_calendar_and_other_coverage(self):
        (self.desk.folder / "new").mkdir()
        self.desk.write('name = "SHOP"\ntimezone = "UTC"\nchecked = 2026-01-01\n'
                        'coverage = { from = 2026-01-01, to = 2030-12-31 }\n[[hours]]\nopen = "09:00"\nclose = "17:00"\n', "new/shop.toml")
        self.desk.write('name = "XNYS"\nextends = "XNYS"\ncoverage = { from = 1990-01-01, to = 2027-12-31 }\n', "new/xnys.toml")
        done = self.diff("new")
        self.assertIn("SHOP is new: 2026-01-01 to 2030-12-31", done.out)
        self.assertRegex(done.out, "XNYS: no session differs, .* to 2027-12-31\n  covers 1990-01-01 to 2027-12-31, .*\n  was 1990-01-01 to 20[3-9]")
        self.assertEqual([line["change"] for line in lines(self.diff("new", "--json")) if line.get("calendar") in ("SHOP", "XNYS")],
                         ["new", "coverage"])

    def test_a_file_that_changes_nothing(self):
        self.desk.write('name = "XNYS"\nextends = "XNYS"\n', "xnys.toml")
        done = self.diff("xnys.toml", *WEEK)
        self.assertEqual(done.out, "XNYS: no session differs, 2026-11-23 to 2026-11-27\nno fire differs up to 2026-11-27\n")
        self.assertEqual(self.diff("xnys.toml", "--json", *WEEK).out, "")

    def test_a_calendar_that_gets_a_time_zone_of_its_own_moves_its_cron_jobs(self):
        self.desk.jobs('[job.noon]\ncalendar = "XNYS"\nschedule = "0 12 * * *"\ncommand = "true"\n')
        self.desk.write('name = "XNYS"\nextends = "XNYS"\ntimezone = "America/Chicago"\n', "xnys.toml")
        out = self.diff("xnys.toml", "--from", "2026-11-24", "--to", "2026-11-24").out
        self.assertIn("  2026-11-24  the same local hours, at other instants\n", out)
        self.assertIn("noon: 1 fire moves, 1h later\n  Tue 2026-11-24 12:00 EST to 12:00 CST\n", out)

    def test_what_was_changed_by_hand_stays_on_top(self):
        (self.desk.state / "calendars").mkdir(parents=True)
        self.desk.write(STORM, "state/calendars/xnys.toml")
        self.desk.write(STORM, "xnys.toml")
        self.assertIn("XNYS: no session differs", self.diff("xnys.toml", *WEEK).out)

    def test_many_sessions_are_folded(self):
        self.desk.write('name = "XNYS"\nextends = "XNYS"\n[[hours]]\nopen = "10:00"\nclose = "16:00"\n', "xnys.toml")
        asked = ("xnys.toml", "--from", "2026-11-23", "--to", "2027-11-23")
        some = [line for line in self.diff(*asked).out.split("XNYS: ")[1].splitlines() if line.startswith("  20")]
        every = [line for line in self.diff(*asked, "--all").out.split("XNYS: ")[1].splitlines() if line.startswith("  20")]
        self.assertEqual((len(some), len(every) > 240), (5, True))
        self.assertTrue(some[0].startswith("  2026-11-23 to 2026-11-25, 3 sessions  opens 10:00, was 09:30"), some)
        self.assertEqual(every[0], "  2026-11-23  opens 10:00, was 09:30; pre-market none, was 04:00; post-market none, was 20:00")

    def test_unlike_changes_end_after_some_lines(self):
        self.desk.write('name = "XNYS"\nextends = "XNYS"\n[special_hours_on]\n'
                        + "".join(f'2026-12-{day:02} = {{ name = "Day {day}", close = "12:00" }}\n'
                                  for day in (1, 2, 3, 4, 7, 8, 9, 10, 11, 14, 15, 16, 17, 18)), "xnys.toml")
        out = self.diff("xnys.toml", "--from", "2026-11-23").out.split("XNYS: ")[1]
        self.assertEqual(sum(line.startswith("  2026-12-") for line in out.splitlines()), 12)
        self.assertIn("  ... and 2 more\n", out)

    def test_without_a_configuration_sessions_are_compared(self):
        self.desk.write(STORM, "xnys.toml", mode=0o644)
        done = self.diff("xnys.toml", *WEEK, config=False, ordinary=True,
                         env={"HOME": str(self.desk.folder), "PATH": "/usr/bin:/bin"})
        self.assertIn("XNYS: 1 session removed", done.out)

    def test_what_is_refused(self):
        self.desk.write('name = "XNYS"\nextends = "XNYS"\n[closed]\n2026-11-28 = "Saturday"\n2026-11-29 = "Sunday"\n', "wrong.toml")
        self.desk.write('name = "XNYS\n', "torn.toml")
        self.desk.write('extends = "XNYS"\n', "nameless.toml")
        (self.desk.folder / "empty").mkdir()
        self.desk.write(STORM, "xnys.toml")
        for words, parts in (
                (("wrong.toml",), ["wrong.toml:4:1: error: ", "wrong.toml:5:1: error: "]),
                (("torn.toml",), ["torn.toml:1:"]),
                (("nameless.toml",), ["nameless.toml"]),
                (("missing.toml",), ["missing.toml"]),
                (("empty",), ["no .toml file in empty"]),
                (("xnys.toml", "--from", "2026-11-24", "--to", "2026-11-23"), ["--from 2026-11-24 is after --to"])):
            with self.subTest(words):
                done = self.desk.run("calendar", "diff", *words)
                self.says(done, 2, *parts)
                self.assertEqual(done.out, "")

    def test_a_broken_configuration_hides_no_session(self):
        self.desk.jobs("[job.\n")
        self.desk.write(STORM, "xnys.toml")
        done = self.desk.run("calendar", "diff", "xnys.toml", *WEEK)
        self.says(done, 2, "desk.toml:")
        self.assertIn("XNYS: 1 session removed", done.out)


if __name__ == "__main__":
    desk.main()
