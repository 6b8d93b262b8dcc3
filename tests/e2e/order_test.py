#!/usr/bin/env python3
"""order_test.py MARKETCRON: jobs that wait for other jobs, and an operator's actions on them."""
import json
import signal

import desk
from desk import DeskTest, wait_for

DAY = ("--from", "2026-11-20", "--to", "2026-11-20")


class OrderTest(DeskTest):
    def begin(self, jobs, prices=""):
        """prices is the first upstream job; each job records its start in `starts`, and ends as `JOB.exit` says."""
        folder = self.desk.folder
        note = 'command = "echo {{job}} >> starts; exit $(cat {{job}}.exit 2>/dev/null || echo 0)"\n'
        self.desk.write(f'{desk.HEAD}[defaults]\ntimezone = "UTC"\ncwd = "{folder}"\n{note}'
                        f'[job.prices]\nschedule = "0 6 * * *"\n{prices}{jobs}')
        self.desk.start()

    def backfill(self, *words):
        done = self.desk.run("backfill", *words, *DAY, "--yes")
        self.assertEqual(done.code, 0, done.err)

    def states(self):
        return {run["job"]: run["state"] for run in self.desk.runs()}

    def number(self, job):
        return next(run["run"] for run in self.desk.runs() if run["job"] == job)

    def reach(self, **states):
        wait_for(lambda: self.states() == states, f"{states}")

    def starts(self):
        path = self.desk.folder / "starts"
        return path.read_text().split() if path.exists() else []


class Chains(OrderTest):
    CHAIN = '[job.risk]\nafter = ["prices"]\n[job.report]\nafter = ["risk"]\n'

    def test_a_chain_runs_in_order_and_each_once(self):
        self.begin(self.CHAIN)
        self.backfill("report", "risk", "prices")
        self.reach(prices="success", risk="success", report="success")
        self.assertEqual(self.starts(), ["prices", "risk", "report"])

    def test_a_backfill_names_what_it_hangs_on(self):
        self.begin(self.CHAIN)
        alone = ("backfill", "risk", *DAY)
        self.says(self.desk.run(*alone, "--yes"), 1, "upstream job prices has a fire for 2026-11-20, and no row", "--upstream")
        self.says(self.desk.run(*alone, "--upstream", "--assume-upstream"), 2, "cannot be combined")
        self.assertEqual(self.desk.run(*alone, "--yes", "--upstream").code, 0)
        self.reach(prices="success", risk="success")
        self.assertEqual(self.desk.run("backfill", "report", *DAY, "--yes", "--assume-upstream").code, 0)
        self.reach(prices="success", risk="success", report="success")

    def test_a_failure_spreads_heals_and_is_explained(self):
        self.begin(self.CHAIN)
        (self.desk.folder / "prices.exit").write_text("3")
        self.backfill("report", "risk", "prices")
        self.reach(prices="failed", risk="upstream_failed", report="upstream_failed")
        why = self.desk.run("why", "risk", "2026-11-20").out
        self.assertIn(f"prices 2026-11-20: run {self.number('prices')} failed (exit_code)", why)
        lines = [json.loads(line) for line in self.desk.run("why", "report", "2026-11-20", "--json").out.splitlines()]
        self.assertIn("upstream_failed", {reason["check"] for reason in lines[0]["reasons"]})
        [alert] = [json.loads(line) for line in self.desk.run("alerts", "--json").out.splitlines()]
        self.assertEqual((alert["job"], alert["behind"]), ("prices", ["report", "risk"]))
        self.assertIn("report and risk", self.desk.run("alerts").out)
        (self.desk.folder / "prices.exit").unlink()
        again = self.desk.run("rerun", self.number("prices"))
        self.assertEqual((again.code, again.out.splitlines()),
                         (0, ["once it succeeds, report and risk wait again (upstream_failed until then)",
                              f"run {self.number('prices')} of prices for 2026-11-20 starts again"]))
        self.reach(prices="success", risk="success", report="success")
        self.assertEqual(self.starts(), ["prices", "prices", "risk", "report"])

    def test_a_mark_heals_too_and_stands_in_the_ledger(self):
        self.begin(self.CHAIN)
        (self.desk.folder / "prices.exit").write_text("1")
        self.backfill("report", "risk", "prices")
        self.reach(prices="failed", risk="upstream_failed", report="upstream_failed")
        run = self.number("prices")
        self.says(self.desk.run("mark", run, "success"), 2, "--reason is missing")
        self.says(self.desk.run("mark", run, "done", "--reason", "x"), 2, "a run cannot be marked `done`", "skipped")
        self.says(self.desk.run("mark", 999, "failed", "--reason", "x"), 2, "there is no run 999")
        self.assertEqual(self.desk.run("mark", run, "success", "--reason", "loaded\nby hand").code, 0)
        self.reach(prices="success", risk="success", report="success")
        marked = self.desk.find_run(run)
        self.assertEqual((marked["reason"], marked["detail"]), ("marked", "by root: loaded by hand; it was failed"))
        self.says(self.desk.run("rerun", 999), 2, "there is no run 999")

    def test_a_branch_that_was_not_taken_is_not_taken_later(self):
        self.begin('[job.risk]\nafter = ["prices"]\nwhen = "weekday(mon)"\n'  # the 20th is a Friday
                   '[job.report]\nafter = ["risk"]\ntrigger = "none_failed"\n')
        self.assertEqual(self.desk.run("backfill", "prices", *DAY, "--yes").code, 0)
        self.reach(prices="success")
        plan = [json.loads(line) for line in self.desk.run("backfill", "risk", *DAY, "--dry-run", "--json").out.splitlines()]
        self.assertEqual([(item["chosen"], item["skipped"]) for item in plan], [(False, "when_false")])
        self.assertIn("when_false: `weekday(mon)` is false", plan[0]["why"])
        done = self.desk.run("backfill", "risk", "report", *DAY, "--yes")
        self.assertEqual(done.code, 0, done.err)
        self.reach(prices="success", risk="skipped", report="success")
        # Cleared with all its downstream runs.
        done = self.desk.run("clear", "prices", *DAY, "--downstream", "--yes")
        self.assertEqual(done.code, 0, done.err)
        self.assertRegex(done.out, r"risk +2026-11-20 +clear +was skipped; when_false: it ends as skipped")
        wait_for(lambda: self.starts().count("report") == 2, "the report again")
        self.reach(prices="success", risk="skipped", report="success")
        self.assertNotIn("risk", self.starts())
        number = str(self.number("risk"))
        # Started by hand, with and without --gates.
        done = self.desk.run("rerun", number)
        self.assertEqual(done.code, 0, done.err)
        self.assertIn(f"is skipped (when_false): `weekday(mon)` is false; `marketcron rerun {number} --force` runs it", done.out)
        self.says(self.desk.run("start", "risk", "--session", "2026-11-20"), 1, f"to run it again: `marketcron rerun {number} --force`")
        self.says(self.desk.run("start", "risk", "--session", "2026-11-20", "--gates"), 1, "already has a run for 2026-11-20")
        self.assertEqual(self.desk.run("rerun", number, "--force").code, 0)
        wait_for(lambda: "risk" in self.starts(), "risk by force")
        # A Thursday and a Monday, on neither of which prices ran.
        self.assertIn("is skipped (when_false)", self.desk.run("start", "risk", "--session", "2026-11-19", "--gates").out)
        self.says(self.desk.run("start", "risk", "--session", "2026-11-16", "--gates"), 1, "upstream job prices has a fire for")
        self.assertEqual(self.desk.run("start", "risk", "--session", "2026-11-18").code, 0)
        wait_for(lambda: self.starts().count("risk") == 2, "risk past its gates")

    def test_simulate_takes_no_branch_that_is_not_to_be(self):
        self.begin('[job.risk]\nafter = ["prices"]\nwhen = "weekday(mon)"\n')
        done = self.desk.run("simulate", "--from", "2026-11-20", "--to", "2026-11-23", "--json")
        runs = [json.loads(line) for line in done.out.splitlines()]
        risk = {run["logical_date"]: (run["state"], run["reason"]) for run in runs if run.get("job") == "risk"}
        self.assertEqual(risk["2026-11-20"], ("skipped", "when_false"))
        self.assertEqual(risk["2026-11-23"][0], "success")

    def test_an_iced_job_is_passed_over(self):
        self.begin(self.CHAIN + '[job.tick]\nschedule = "* * * * * *"\n[job.tock]\nafter = ["tick"]\n')
        shown = self.desk.run("ice", "tick")
        self.assertEqual(shown.code, 0, shown.err)
        self.assertRegex(shown.out, r"tock starts at \S+ without it\n")
        wait_for(lambda: any(r["job"] == "tick" and r["reason"] == "iced" for r in self.desk.runs("-n", "200")), "an iced run")
        status = json.loads(self.desk.run("status", "--json").out)
        self.assertEqual([ice["job"] for ice in status["iced"]], ["tick"])
        self.assertIn("Iced\n  JOB", self.desk.run("status").out)
        self.assertEqual(self.desk.run("release", "tick").code, 0)
        self.says(self.desk.run("release", "tick"), 1, "neither held nor iced")
        self.says(self.desk.run("ice", "tik"), 2, "unknown job `tik`", "tick")


class Clears(OrderTest):
    # It ignores SIGTERM, and continues to write until SIGKILL.
    STUBBORN = ('[job.risk]\nafter = ["prices"]\nkill_after = "2s"\n'
                'command = "echo risk >> starts; trap \'\' TERM; while :; do sleep 0.2; echo late >> writes; done"\n'
                '[job.report]\nafter = ["risk"]\n')

    # Counts the other jobs' writes at its start and at its end.
    COUNT = 'command = "echo prices >> starts; touch writes; wc -l < writes >> counts; sleep 0.7; wc -l < writes >> counts"\n'

    def test_nothing_of_a_cleared_chain_writes_after_the_clear(self):
        self.begin(self.STUBBORN, self.COUNT)
        self.backfill("report", "risk", "prices")
        written = self.desk.folder / "writes"
        wait_for(lambda: self.states().get("risk") == "running" and written.read_text(), "a chain in the middle")
        self.says(self.desk.run("clear", "prices", *DAY), 1, "cannot ask for confirmation: not a terminal", "--yes")
        dry = self.desk.run("clear", "prices", *DAY, "--dry-run")
        self.assertRegex(dry.out, r"(?s)prices +2026-11-20 +clear +was success.*risk +2026-11-20 +clear +is running: it is stopped first")
        self.assertIn("3 of 3 runs to clear; 1 of them running: stopped first\n", dry.out)
        self.assertEqual(self.states()["risk"], "running")
        done = self.desk.run("clear", "prices", *DAY, "--yes")
        self.assertEqual(done.code, 0, done.err)
        self.assertIn("is being stopped; once it has ended, 3 runs are cleared", done.out)
        self.says(self.desk.run("clear", "report", *DAY, "--yes"), 1, "is already being cleared")
        self.assertEqual(self.states(), {"prices": "success", "risk": "running", "report": "waiting"})
        # The daemon dies during the clear: the next one continues it.
        self.desk.stop(signal.SIGKILL)
        self.desk.start()
        wait_for(lambda: self.starts().count("risk") == 2, "risk again", 25)
        self.assertEqual(self.starts(), ["prices", "risk", "prices", "risk"])
        counts = (self.desk.folder / "counts").read_text().split()
        self.assertEqual(len(counts), 4)
        self.assertEqual(counts[2], counts[3], "nothing was written between the clear and what runs after it")
        self.desk.run("stop", self.number("risk"))

    def test_bad_input_changes_nothing(self):
        self.begin(self.STUBBORN)
        self.says(self.desk.run("clear", "prices", "--from", "2026-11-21", "--to", "2026-11-20", "--yes"), 2, "is after --to")
        self.says(self.desk.run("clear", "price", *DAY, "--yes"), 2, "unknown job `price`", "prices")
        nothing = self.desk.run("clear", "prices", *DAY, "--yes")
        self.assertEqual((nothing.code, nothing.out), (0, "0 of 0 runs to clear\n"))
        self.says(self.desk.run("clear", "prices", "--from", "2026-11-20"), 2, "--to")


if __name__ == "__main__":
    desk.main()
