#!/usr/bin/env python3
"""calendar_test.py MARKETCRON: calendars that change while the daemon runs."""
import datetime
import json
import os
import sqlite3
import time

import desk
from desk import DeskTest, wait_for


class Overrides(DeskTest):
    def setUp(self):
        super().setUp()
        # Yesterday's close plus a day is next midnight; moved to 00:01, it is today 00:01, which must be in the past.
        while datetime.datetime.now(datetime.timezone.utc).time() < datetime.time(0, 1, 5):
            time.sleep(1)
        self.yesterday = (datetime.datetime.now(datetime.timezone.utc).date() - datetime.timedelta(days=1)).isoformat()
        self.desk.jobs('[job.eod]\ncalendar = "24/7"\nschedule = "@close+1d"\ncommand = "true"\n'
                       '[job.close]\ncalendar = "XNYS"\nschedule = "@close"\ncommand = "true"\n'
                       '[calendar.OWN]\nextends = "XNYS"\n'
                       '[job.own]\ncalendar = "OWN"\nschedule = "@open"\ncommand = "true"\n')
        self.desk.start()

    def override(self, *words):
        return self.desk.run("calendar", "override", *words)

    def show(self, calendar, date):
        done = self.desk.run("calendar", "show", calendar, date, "--json")
        self.assertEqual(done.code, 0, done.err)
        return json.loads(done.out)

    @staticmethod
    def today():
        return datetime.datetime.now(datetime.timezone.utc).date().isoformat()

    def closes(self):
        done = self.desk.run("next", "close", "--from", "2026-12-22T00:00:00Z", "-n", "3", "--json")
        return [json.loads(line)["local"][:16] for line in done.out.splitlines()]

    def test_a_fire_that_moves_into_the_past_runs_now_and_once(self):
        done = self.override("24/7", self.yesterday, "close", "00:01", "--reason", "storm")
        self.assertEqual((done.code, done.err), (0, ""))
        self.assertIn(f"24/7 {self.yesterday} closes at 00:01: ", done.out)
        self.assertIn("is due now", done.out)
        run = self.desk.reach(1, "success")
        self.assertEqual((run["job"], run["session"], run["origin"]), ("eod", self.yesterday, "live"))
        self.assertEqual(self.override("24/7", self.yesterday, "clear").code, 0)
        # Its fire is in the future again, but has run: neither the daemon nor the files show it as a next fire.
        tomorrow = (datetime.datetime.now(datetime.timezone.utc).date() + datetime.timedelta(days=1)).isoformat()

        def sessions(fires):
            return [fire["session"] for fire in fires if fire["job"] == "eod"]

        coming = self.desk.run("next", "eod", "-n", "1", "--json").out.splitlines()
        self.assertEqual(sessions(json.loads(line) for line in coming), [self.today()])
        self.assertEqual(sessions(self.desk.ask("GET", "/v1/status")["next"]), [self.today()])
        self.assertEqual(sessions(self.desk.ask("GET", "/v1/next?job=eod&n=2")["fires"]), [self.today(), tomorrow])
        self.desk.stop()
        coming = self.desk.run("next", "eod", "-n", "1", "--json").out.splitlines()
        self.assertEqual(sessions(json.loads(line) for line in coming), [self.today()])
        self.desk.start()
        self.assertEqual(len(self.desk.runs()), 1)

    def test_it_is_seen_by_who_reads_files_and_outlives_a_restart(self):
        self.assertEqual(self.closes(), ["2026-12-22T16:00", "2026-12-23T16:00", "2026-12-24T13:00"])
        self.assertEqual(self.override("nyse", "2026-12-22", "closed", "--reason", "state funeral").code, 0)
        self.assertEqual(self.override("XNYS", "2026-12-23", "close", "14:30").code, 0)
        self.assertEqual(self.override("XNYS", "2026-12-25", "open").code, 0)
        own = {fire["fire"][:10] for fire in self.desk.ask("GET", "/v1/next?job=own&n=40")["fires"]}
        self.assertEqual(own & {"2026-12-22", "2026-12-25"}, {"2026-12-25"} if self.soon() else set())
        self.assertEqual(self.closes(), ["2026-12-23T14:30", "2026-12-24T13:00", "2026-12-25T16:00"])
        day = self.show("OWN", "2026-12-22")
        self.assertEqual((day["session"], day["reason"], day["unscheduled"]), (False, "state funeral", True))
        self.assertIsNotNone(day["declared"])
        self.desk.stop()
        self.desk.start()
        self.assertEqual({fire["fire"][:10] for fire in self.desk.ask("GET", "/v1/next?job=close&n=40")["fires"]}
                         & {"2026-12-22", "2026-12-25"}, {"2026-12-25"} if self.soon() else set())
        # A change replaces another one of the same day, and clear restores the calendar's own day.
        self.assertEqual(self.override("XNYS", "2026-12-22", "close", "12:00").code, 0)
        self.assertEqual(self.closes()[0], "2026-12-22T12:00")
        for date in ("2026-12-22", "2026-12-23", "2026-12-25"):
            self.assertEqual(self.override("XNYS", date, "clear").code, 0)
        self.assertEqual(self.closes(), ["2026-12-22T16:00", "2026-12-23T16:00", "2026-12-24T13:00"])

    @staticmethod
    def soon():
        return datetime.date(2026, 11, 1) < datetime.date.today() < datetime.date(2026, 12, 20)

    def test_what_makes_no_sense_is_refused_and_changes_nothing(self):
        for words, code, part in (
                (("XNYS", "2026-12-22", "shut"), 2, "write closed, open, open 11:00, close 13:00 or clear"),
                (("XNYS", "2026-12-22", "close"), 2, "`close` needs a time"),
                (("XNYS", "2026-12-22", "close", "25:00"), 2, "`close 25:00`"),
                (("XNYS", "2026-12-32", "closed"), 2, "2026-12-32"),
                (("XNYZ", "2026-12-22", "closed"), 2, "did you mean XNYS?"),
                (("XNYS", "2150-12-22", "closed"), 2, "coverage"),
                (("XNYS", "2026-12-25", "closed"), 1, "is already closed"),
                (("XNYS", "2026-12-26", "close", "13:00"), 1, "is not a session; open it first"),
                (("XNYS", "2026-12-22", "open"), 1, "is already a session"),
                (("XNYS", "2026-12-22", "close", "09:00"), 1, "close"),
                (("XNYS", "2026-12-22", "clear"), 1, "has no override")):
            with self.subTest(words):
                self.says(self.override(*words), code, part)
        self.assertEqual(list((self.desk.state / "calendars").glob("*") if (self.desk.state / "calendars").exists() else []), [])
        self.assertEqual(self.show("XNYS", "2026-12-22")["session"], True)

    def test_own_and_joint_calendars_are_overridden_like_any_other(self):
        self.desk.jobs('[calendar.OWN]\nextends = "XNYS"\nclosed = [2026-12-22]\n'
                       '[calendar.SHOP]\ntimezone = "UTC"\n[[calendar.SHOP.hours]]\nopen = "09:00"\nclose = "17:00"\n'
                       '[calendar.BOTH]\nall_of = ["XNYS", "XLON"]\ntimezone = "America/New_York"\n'
                       '[calendar.MORE]\nany_of = ["BOTH", "SHOP"]\ntimezone = "UTC"\n'
                       + "".join(f'[job.{name.lower()}]\ncalendar = "{name}"\nschedule = "@close"\ncommand = "true"\n'
                                 for name in ("OWN", "SHOP", "BOTH", "MORE")))
        self.assertEqual(self.desk.run("reload").code, 0)

        def closes(name):
            done = self.desk.run("next", name, "--from", "2026-12-21T00:00:00Z", "-n", "2", "--json")
            return [json.loads(line)["fire"][:16] for line in done.out.splitlines()]

        self.assertEqual(closes("both"), ["2026-12-21T16:30", "2026-12-22T16:30"])
        self.assertEqual(self.override("OWN", "2026-12-21", "closed", "--reason", "storm").code, 0)
        self.assertEqual(self.override("SHOP", "2026-12-21", "close", "12:00").code, 0)
        self.assertEqual(self.override("BOTH", "2026-12-21", "closed", "--reason", "flood").code, 0)
        done = self.override("both", "2026-12-22", "close", "10:30")
        self.assertIn("BOTH 2026-12-22 closes at 10:30: ", done.out, done.err)
        # Without common hours on that day: the regular ones, with the open from the override.
        self.assertEqual(self.override("BOTH", "2026-12-24", "open", "10:00").code, 0)
        day = self.show("BOTH", "2026-12-24")
        self.assertEqual((day["open"], day["close"]), ("2026-12-24T15:00:00Z", "2026-12-24T16:30:00Z"))
        for again in (lambda: None, lambda: self.desk.run("reload"), lambda: (self.desk.stop(), self.desk.start())):
            again()
            self.assertEqual(closes("own"), ["2026-12-23T21:00", "2026-12-24T18:00"])
            self.assertEqual(closes("shop"), ["2026-12-21T12:00", "2026-12-22T17:00"])
            self.assertEqual(closes("both"), ["2026-12-22T15:30", "2026-12-23T16:30"])
            self.assertEqual(closes("more"), ["2026-12-21T12:00", "2026-12-22T17:00"])
        day = self.show("BOTH", "2026-12-21")
        self.assertEqual((day["session"], day["reason"], day["unscheduled"]), (False, "flood", True))
        # The same day is closed in the calendar below: the file can still be read.
        self.assertEqual(self.override("XNYS", "2026-12-22", "closed").code, 0)
        self.assertEqual(self.desk.run("reload").code, 0)
        self.assertEqual(self.override("XNYS", "2026-12-22", "clear").code, 0)
        for calendar, date in (("OWN", "2026-12-21"), ("SHOP", "2026-12-21"), ("BOTH", "2026-12-21"), ("BOTH", "2026-12-22")):
            self.assertEqual(self.override(calendar, date, "clear").code, 0)
        self.assertEqual(closes("both"), ["2026-12-21T16:30", "2026-12-22T16:30"])
        self.assertEqual(closes("shop"), ["2026-12-21T17:00", "2026-12-22T17:00"])

    def test_an_edit_that_nobody_has_reloaded_stays_out(self):
        """The edit is even invalid: an override works while the file is broken."""
        self.desk.config.write_text(self.desk.config.read_text() + "[job.\n")
        done = self.override("24/7", self.yesterday, "close", "00:01")
        self.assertEqual(done.code, 0, done.err)
        self.desk.reach(1, "success")
        self.assertEqual(self.desk.ask("GET", "/v1/status")["jobs"], 3)

    def test_what_cannot_be_recorded_is_refused_and_leaves_nothing_behind(self):
        def fires():
            return {fire["fire"] for fire in self.desk.ask("GET", "/v1/next?job=close&n=40")["fires"]}
        before = fires()
        day = max(before)[:10]
        lock = sqlite3.connect(self.desk.state / "ledger.db", isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        self.assertNotEqual(self.override("XNYS", day, "closed").code, 0)
        lock.execute("ROLLBACK")
        lock.close()
        wait_for(lambda: not self.desk.ask("GET", "/v1/status")["trouble"], "a ledger that is well again", 20)
        self.assertEqual(fires(), before)
        self.assertEqual(list((self.desk.state / "calendars").glob("*")), [])
        self.assertEqual(self.override("XNYS", day, "closed").code, 0)
        self.assertEqual(len(before - fires()), 1)

    def test_one_end_leaves_the_other(self):
        def hours(calendar, date):
            day = self.show(calendar, date)
            return [day["open"][11:16], day["close"][11:16], *(time[11:16] for pair in day["breaks"] for time in pair)]
        self.assertEqual(self.override("XNYS", "2026-11-27", "open", "11:00").code, 0)
        self.assertEqual(hours("XNYS", "2026-11-27"), ["16:00", "18:00"])  # it still closes early
        self.assertEqual(self.override("XNYS", "2026-11-27", "close", "12:30").code, 0)
        self.assertEqual(hours("XNYS", "2026-11-27"), ["16:00", "17:30"])
        self.assertEqual(self.override("XTKS", "2026-12-22", "close", "11:45").code, 0)
        self.assertEqual(hours("XTKS", "2026-12-22"), ["00:00", "02:30"])  # inside the lunch break
        self.assertEqual(self.override("XTKS", "2026-12-22", "close", "14:00").code, 0)
        self.assertEqual(hours("XTKS", "2026-12-22")[:2], ["00:00", "05:00"])
        # A day that was opened can be shortened, and closed again.
        self.assertEqual(self.override("XNYS", "2026-12-26", "open").code, 0)
        self.assertEqual(self.override("XNYS", "2026-12-26", "close", "13:00").code, 0)
        self.assertEqual(hours("XNYS", "2026-12-26"), ["14:30", "18:00"])
        self.assertEqual(self.override("XNYS", "2026-12-26", "clear").code, 0)

    def test_it_says_what_holds_after_it(self):
        done = self.override("XTKS", "2026-12-22", "close", "12:00")
        self.assertIn("XTKS 2026-12-22 closes at 11:30 (12:00 is in its break)", done.out)
        done = self.override("XTKS", "2026-12-23", "open", "12:00")
        self.assertIn("XTKS 2026-12-23 opens at 12:30 (12:00 is in its break)", done.out)

    def test_a_user_who_may_not_read_the_state_hears_of_it(self):
        if os.geteuid() != 0:
            return  # then there is no other user to test with
        self.assertEqual(self.override("XNYS", "2026-12-22", "closed").code, 0)
        self.desk.config.chmod(0o644)
        asked = self.desk.run("calendar", "is-open", "XNYS", "2026-12-22T16:00:00Z", ordinary=True)
        self.assertEqual((asked.code, asked.out, asked.err), (1, "closed\n", ""))
        self.desk.stop()
        asked = self.desk.run("calendar", "is-open", "XNYS", "2026-12-22T16:00:00Z", ordinary=True)
        self.assertIn("cannot read the calendar overrides", asked.err)

    def test_a_bad_calendar_file_is_refused(self):
        bad = self.desk.write('name = "XNYS"\nextends = "XNYS"\n[extra_sessions]\n'
                              '2026-12-26 = { name = "x", open = "09:00", close = "08:00" }\n', "bad.toml")
        self.says(self.desk.run("calendar", "check", bad, config=False), 2, "the close is not after the open")

    def test_what_is_not_certain_of_a_date_is_said(self):
        def lines(*words):
            return self.desk.run("calendar", "show", *words, config=False).out.splitlines()[1:]
        self.assertEqual(lines("XNYS", "2026-12-24"), [])
        self.assertEqual(lines("XKRX", "2027-11-18"), ["  tentative: depends on an announcement that was not made yet"])
        self.assertEqual(lines("XNYS", "2029-12-24"),
                         ["  by rule only: XNYS was compared with published dates up to 2027-12-31"])
        self.assertEqual(lines("CMEGlobex_Livestock", "2026-12-24"), ["  doubtful: one source has 12:15 as the close"])
        asked = [self.show("XKRX", "2027-11-18"), self.show("XNYS", "2029-12-24"),
                 self.show("CMEGlobex_Livestock", "2026-12-24")]
        self.assertEqual([(day["tentative"], day["by_rule_only"], day["doubt"]) for day in asked],
                         [(True, False, None), (False, True, None), (False, False, "one source has 12:15 as the close")])

    def test_what_is_not_certain_of_sessions_is_said(self):
        doubt = "one source has 12:15 as the close"
        def ask(calendar, date, *form):
            return self.desk.run("calendar", "sessions", calendar, "--from", date, "--to", date, *form, config=False)
        self.assertRegex(ask("CMEGlobex_Livestock", "2026-12-24").out, f"early close, doubtful: {doubt}\n")
        self.assertIn(f"note: CMEGlobex_Livestock 2026-12-24: open, doubtful: {doubt}\n",
                      ask("CMEGlobex_Livestock", "2026-12-24", "--csv").err)
        (line,) = map(json.loads, ask("CMEGlobex_Livestock", "2026-12-24", "--json").out.splitlines())
        self.assertEqual((line["doubt"], line["tentative"], line["by_rule_only"]), (doubt, False, False))
        self.assertIn("published dates up to 2027-12-31; later ones are by rule only", ask("XNYS", "2029-12-24").out)
        self.assertEqual(ask("XNYS", "2026-12-24", "--csv").err, "")
        self.assertIn("2027-03-11 is closed, tentative, doubtful: the midday break", ask("XIDX", "2027-03-11").out)
        done = self.desk.run("calendar", "is-open", "CMEGlobex_Livestock", "2026-12-24T18:10:00Z", config=False)
        self.assertIn(f"note: CMEGlobex_Livestock 2026-12-24: doubtful: {doubt}\n", done.err)

    def test_without_a_daemon(self):
        self.desk.stop()
        self.says(self.override("XNYS", "2026-12-22", "closed"), 3, "no daemon")


class Asking(DeskTest):
    def test_a_schedule_by_a_calendar_of_the_file(self):
        self.desk.jobs('[calendar.OWN]\nextends = "XNYS"\nearly_close = { 2026-12-22 = "12:00" }\n'
                       '[calendar.SHOP]\ntimezone = "UTC"\nclosed = [2026-12-24]\n'
                       '[[calendar.SHOP.hours]]\nopen = "09:00"\nclose = "17:00"\n')
        for calendar, local in (("OWN", "2026-12-22T12:00"), ("own", "2026-12-22T12:00"), ("SHOP", "2026-12-22T17:00")):
            done = self.desk.run("next", "--schedule", "@close", "--calendar", calendar, "--from", "2026-12-22", "-n", "1",
                                 "--json")
            self.assertEqual(json.loads(done.out)["local"][:16], local, done.err)
        self.says(self.desk.run("next", "--schedule", "@close", "--calendar", "ANOTHER"), 2, "unknown calendar")

    def test_csv_has_columns_for_the_most_breaks(self):
        self.desk.jobs('[calendar.PIT]\ntimezone = "UTC"\n[[calendar.PIT.hours]]\nopen = "09:00"\nclose = "17:00"\n'
                       'breaks = [["10:00", "10:15"], ["12:00", "13:00"]]\n')
        done = self.desk.run("calendar", "sessions", "PIT", "--from", "2026-12-22", "--to", "2026-12-22", "--csv")
        self.assertEqual(done.out, "session,open,close,break_start,break_end,break_start_2,break_end_2\n"
                                   "2026-12-22,2026-12-22T09:00:00Z,2026-12-22T17:00:00Z,"
                                   "2026-12-22T10:00:00Z,2026-12-22T10:15:00Z,2026-12-22T12:00:00Z,2026-12-22T13:00:00Z\n", done.err)

    def test_unusual_hours_are_named(self):
        self.desk.jobs('[calendar.OWN]\nextends = "XNYS"\nearly_close = { 2026-12-22 = "12:00" }\n'
                       'late_open = { 2026-12-23 = "11:00" }\n')
        def shown(date):
            return self.desk.run("calendar", "show", "OWN", date).out.splitlines()[0]
        self.assertEqual(shown("2026-12-21"), "OWN 2026-12-21: open 2026-12-21T09:30:00-05:00 to 2026-12-21T16:00:00-05:00")
        self.assertRegex(shown("2026-12-22"), "T12:00:00-05:00, early close")
        self.assertRegex(shown("2026-12-23"), "open 2026-12-23T11:00:00-05:00 to .*, late open")

    def test_a_run_that_will_fail_is_told_beforehand(self):
        """On a Saturday no session can fill in the template."""
        self.desk.jobs('[job.a]\ncalendar = "XNYS"\nschedule = "0 12 * * 6"\ncommand = "x {{session}}"\n'
                       '[job.b]\ncalendar = "XNYS"\nschedule = "@close"\ncommand = "x {{session}}"\n')
        self.desk.start()
        [line] = self.desk.run("next", "a", "-n", "1", "--json").out.splitlines()
        self.assertEqual(json.loads(line)["fails"], "no_session")
        [line] = self.desk.run("next", "b", "-n", "1", "--json").out.splitlines()
        self.assertNotIn("fails", json.loads(line))
        for words in (("next", "a", "-n", "1"), ("status",)):
            done = self.desk.run(*words)
            self.assertEqual(done.out.count(", fails: no_session"), 1, done.out)
        for fires in (self.desk.ask("GET", "/v1/next?n=1&job=a")["fires"], self.desk.ask("GET", "/v1/status")["next"]):
            self.assertEqual([fire["job"] for fire in fires if fire.get("fails") == "no_session"], ["a"])

    def test_a_horizon_names_its_calendar(self):
        done = self.desk.run("next", "--schedule", "0 9 * * *", "--when", "XIST.session and XNYS.session", "--from", "2050-12-30",
                             "-n", "20", config=False)
        self.assertRegex(done.err, "X(IST|NYS) covers dates up to ")

    def test_a_calendar_file_of_a_taken_name_or_none(self):
        for text, part in (('name = "NYSE"\nextends = "XNYS"\n', ':1:8: error: "NYSE" is already a name of XNYS'),
                           ('name = "OWN"\naliases = ["lse"]\nextends = "XNYS"\n', ':2:12: error: "lse" is already a name of XLON'),
                           ("", ":1:1: error: the file is empty; write the calendar"),
                           ('name = "A"\nname = "A"\n', ":2:")):
            with self.subTest(text):
                self.says(self.desk.run("calendar", "check", self.desk.write(text, "bad.toml"), config=False), 2, part)


class Extending(DeskTest):
    def test_an_override_counts_for_a_built_in_calendar_that_extends_it(self):
        self.desk.jobs('[job.iex]\ncalendar = "IEX"\nschedule = "@close"\ncommand = "true"\n')
        (self.desk.state / "calendars").mkdir(parents=True)
        self.desk.write('name = "XNYS"\nextends = "XNYS"\n[closed]\n2026-11-24 = "Storm"\n', "state/calendars/xnys.toml")
        done = self.desk.run("next", "iex", "--from", "2026-11-24", "-n", "1", "--json")
        self.assertEqual(json.loads(done.out)["session"], "2026-11-25")


if __name__ == "__main__":
    desk.main()
