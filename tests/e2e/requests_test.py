#!/usr/bin/env python3
"""requests_test.py MARKETCRON: every invalid request to the control socket gets 400, 403 or 409, and the daemon
continues. Tries every path, field and kind of mistake, as root, and as a user with a job."""
import json
import os
import pathlib
import pwd
import re
import time

import desk
from desk import DeskTest, NOBODY

MISSING, DOUBLED = object(), object()
DATE = "2037-11-02"

# Each path's valid body, and its required fields. Bodies that do not get 200 here are refused for their meaning.
BODIES = {
    "/v1/start": ({"job": "a", "session": DATE, "force": True, "gates": False, "memory": 2**27, "timeout": 60, "env": {"A": "b"}},
                  {"job"}),
    "/v1/stop": ({"run": 1}, {"run"}),
    "/v1/rerun": ({"run": 1, "force": True}, {"run"}),
    "/v1/mark": ({"run": 1, "state": "success", "reason": "checked"}, {"run", "state", "reason"}),
    "/v1/alert": ({"alert": 1, "do": "ack", "reason": "seen"}, {"alert", "do", "reason"}),
    "/v1/clear": ({"jobs": ["a"], "from": DATE, "to": DATE, "downstream": True, "dry_run": True}, {"jobs", "from", "to"}),
    "/v1/backfill": ({"jobs": ["a"], "from": DATE, "to": DATE, "rerun": "failed", "parallel": 2, "upstream": True,
                      "assume_upstream": False, "dry_run": True}, {"jobs", "from", "to"}),
    "/v1/hold": ({"job": "a", "until": "2037-11-02T00:00:00Z"}, {"job"}),
    "/v1/ice": ({"job": "a", "until": "2037-11-02T00:00:00Z"}, {"job"}),
    "/v1/release": ({"job": "a"}, {"job"}),
    "/v1/calendar-override": ({"calendar": "XNYS", "date": "2037-11-27", "what": "closed", "time": "", "reason": "storm"},
                              {"calendar", "date", "what"}),
    "/v1/reload": ({}, set()),
    "/v1/notify-test": ({"target": "ops"}, {"target"}),
    "/v1/drain": ({}, set()),
}
QUERIES = {
    "/v1/status": {},
    "/v1/runs": {"job": "a", "from": DATE, "to": DATE, "state": "success", "n": "3", "before": "1"},
    "/v1/alerts": {"all": "1"},
    "/v1/next": {"job": "a", "n": "3"},
    "/v1/why": {"job": "a", "date": DATE},
    "/v1/logs": {"run": "1", "offset": "0", "attempt": "0", "check": "1"},
    "/v1/calendar-overrides": {},
}
# Values to try in a field.
VALUES = {
    "missing": MISSING, "null": None, "number": 7, "negative": -1, "float": 1.5, "huge number": 10**40, "2^63": 2**63,
    "2^64-1": 2**64 - 1, "text": "x", "empty text": "", "huge text": "x" * 300_000, "odd text": "\u0000\ud83d\ude00%s{}'\"\n",
    "true": True, "array": [], "array of texts": ["x", "a"], "array of odd": [1, None, {}], "object": {},
    "object of texts": {"A": "b"}, "deep": [[[[[[[[[[[[]]]]]]]]]]]], "doubled": DOUBLED,
}


def kind(value):
    """The JSON type, with the control API's names."""
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, int):
        return "number"
    return {str: "text", list: "list", dict: "object"}.get(type(value), "other")


class Requests(DeskTest):
    def setUp(self):
        super().setUp()
        self.pauses = 0
        self.groups = ()
        own = 'user = "nobody"\n' if os.geteuid() == 0 else ""
        self.desk.jobs(f'[job.a]\nschedule = "@yearly"\ncommand = "true"\ncwd = "/"\n{own}'
                       '[job.b]\nafter = ["a"]\ncommand = "true"\ncwd = "/"\n')
        self.desk.start()

    def send(self, method, path, body=b"", uid=None):
        """The daemon's final answer: after a 429 the request is repeated when the answer says. For the limit of changes a
        second is enough, as refused requests cost nothing; two pauses, in case another second begins. The limit of time
        is another one: a slow program meets it."""
        groups = self.groups if uid is not None else ()
        status, answer = self.desk.send(method, path, body, uid, groups)
        pauses = 0
        while status == 429 and pauses < 2:
            self.assertIsNotNone(uid, answer)  # root is never limited
            self.assertEqual(answer["hint"], f"try again in {answer['retry_after']}s")
            if "too many requests" in answer["error"]:
                self.assertEqual(answer["retry_after"], 1)
                pauses += 1
                self.pauses += 1
            time.sleep(answer["retry_after"])
            status, answer = self.desk.send(method, path, body, uid, groups)
        return status, answer

    def lives(self):
        self.assertIsNone(self.desk.daemon.poll(), self.desk.log()[-2000:])
        status, answer = self.send("GET", "/v1/status")
        self.assertEqual(status, 200)
        self.assertEqual([one for one in answer["troubles"] if one.get("kind") == "internal"], [])

    def body_with(self, good, field, value):
        if value is DOUBLED:
            return json.dumps(good)[:-1] + (", " if good else "") + f'"{field}": {json.dumps(good.get(field))}}}'
        body = dict(good)
        body.pop(field, None)
        if value is not MISSING:
            body[field] = value
        return json.dumps(body)

    def expected(self, good, wanted, field, value):
        """The statuses that are possible."""
        if value is DOUBLED:
            return {400}
        if value is MISSING or value is None:
            return {400} if field in wanted else {200, 400, 409}
        if field not in good or kind(value) != kind(good[field]):
            return {400}
        return {200, 400, 409}

    def walk(self, uid=None, allowed=()):
        for path, (good, wanted) in BODIES.items():
            for field in [*good, "unknown"]:
                for name, value in VALUES.items():
                    if path in ("/v1/drain",) and (value is MISSING or field not in good and value is DOUBLED):
                        continue  # that would drain the daemon
                    body = self.body_with(good, field, value).encode()
                    with self.subTest(path=path, field=field, value=name, uid=uid):
                        status, answer = self.send("POST", path, body, uid)
                        expected = self.expected(good, wanted, field, value)
                        if field == "unknown" and value is MISSING:
                            expected = {200, 400, 409}
                        if field == "unknown" and value is DOUBLED:
                            expected = {400}
                        self.assertIn(status, expected | set(allowed), f"{body[:200]} {answer}"[:600])
                        self.assertTrue("text" in answer or "error" in answer or "items" in answer, answer)
        self.lives()

    def test_every_field_of_every_body_with_every_mistake(self):
        self.walk()

    def test_the_same_of_a_user_with_a_job_of_his_own(self):
        if os.geteuid() == 0:
            self.walk(NOBODY, {403})
            self.assertLess(self.pauses, 60)  # there are hundreds of mistakes, and they cost nothing
            return
        self.walk()

    def test_the_same_of_the_group_marketcron(self):
        if os.geteuid() != 0:
            self.walk()
            return
        group_file = self.desk.write(pathlib.Path("/etc/group").read_text() + "marketcron:x:61234:\n", name="group", mode=0o644)
        self.desk.stop()
        self.desk.start(by=("unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/group && exec "$@"', group_file))
        self.groups = (next(int(line.split(":")[2]) for line in group_file.read_text().splitlines() if line.startswith("marketcron:")),)
        self.assertEqual(self.send("POST", "/v1/reload", b"{}", NOBODY)[0], 200)  # only the group may do this
        self.walk(NOBODY, {403})

    def test_what_a_user_may_ask_for_is_bounded(self):
        if os.geteuid() != 0:
            return  # then this user owns all jobs and the daemon
        for name, schedule in (("minutely", "* * * * *"), ("hourly", "0 * * * *")):
            self.desk.write(self.desk.config.read_text() +
                            f'[job.{name}]\nschedule = "{schedule}"\nuser = "nobody"\ncwd = "/"\ncommand = "true"\n')
        self.assertEqual(self.desk.run("reload").code, 0)
        def backfill(job, first, last, uid=NOBODY):
            body = {"jobs": [job], "from": first, "to": last, "rerun": "all"}
            return self.send("POST", "/v1/backfill", json.dumps(body).encode(), uid)
        status, answer = backfill("minutely", "2026-01-05", "2026-01-05")
        self.assertEqual((status, answer["text"]), (400, "more than 1000 fires in one backfill; use a shorter range of dates"))
        self.assertEqual(self.desk.run("hold", "hourly", "--yes").code, 0)
        for month in ("01", "03", "05"):
            self.assertEqual(backfill("hourly", f"2026-{month}-01", f"2026-{month}-31")[0], 200)
        status, answer = backfill("hourly", "2026-07-01", "2026-07-31")
        self.assertEqual(status, 409)
        self.assertRegex(answer["error"], "uid 65534 has 2[0-9]{3} unfinished runs; the limit is 2000")
        self.assertEqual(backfill("hourly", "2026-07-01", "2026-07-31", uid=0)[0], 200)

    def test_pages_of_runs(self):
        for _ in range(5):
            self.assertEqual(self.send("POST", "/v1/start", b'{"job": "a"}')[0], 200)
        seen, page = [], self.send("GET", "/v1/runs?n=2")[1]
        while True:
            self.assertLessEqual(len(page["runs"]), 2)
            seen += [run["run"] for run in page["runs"]]
            if page["next"] is None:
                break
            self.assertEqual(page["next"], seen[-1])
            page = self.send("GET", f"/v1/runs?n=2&before={page['next']}")[1]
        whole = self.send("GET", "/v1/runs?n=5")[1]
        self.assertEqual((seen, whole["next"]), ([run["run"] for run in whole["runs"]], None))
        self.assertEqual(len(seen), 5)

    def test_bodies_that_are_no_object(self):
        for path in BODIES:
            for body in (b"[]", b"7", b"null", b'"x"', b"{", b'{"job":', b"\xff\xfe", b"\x00", b"{" * 100_000, b"[" * 500_000,
                         b'{"a":' * 50_000, b'{"job": "\xff"}', b'{"job": NaN}', b"{'job': 'a'}",
                         json.dumps({f"k{i}": i for i in range(50_000)}).encode()):
                with self.subTest(path=path, body=body[:20]):
                    self.assertEqual(self.send("POST", path, body)[0], 400)
        self.lives()

    def test_every_query_with_every_mistake(self):
        odd = ["", "x", "-1", "99999999999999999999", "2037-13-45", "%ff%fe", "%s{}", "x" * 6000, "1.5", "0x10"]
        for path, good in QUERIES.items():
            for name in [*good, "unknown"]:
                for value in odd:
                    with self.subTest(path=path, name=name, value=value[:20]):
                        status, _ = self.send("GET", f"{path}?{name}={value}")
                        self.assertIn(status, {400} if name == "unknown" else {200, 400, 409})
                with self.subTest(path=path, name=name):
                    self.assertEqual(self.send("GET", f"{path}?{name}=1&{name}=1")[0], 400)
                    self.assertEqual(self.send("GET", f"{path}?{name}=a%00b")[0], 400)
            self.assertEqual(self.send("GET", f"{path}?novalue")[0], 400)
        self.lives()

    def test_paths_and_methods(self):
        for path in ("/", "/v1", "/v1/nothing", "/v2/status", "/v1/status/", "//v1/status", "/v1/st%00op", "/%ff"):
            with self.subTest(path=path):
                self.assertEqual(self.send("GET", path)[0], 404)
        for path in BODIES:
            self.assertEqual(self.send("GET", path)[0], 405)
            self.assertEqual(self.desk.exchange("GET", path)[0].getheader("Allow"), "POST")
        for path in QUERIES:
            self.assertEqual(self.send("POST", path, b"{}")[0], 405)
            self.assertEqual(self.desk.exchange("PUT", path)[0].getheader("Allow"), "GET")
        self.lives()

    def test_a_job_that_the_daemon_has_not_yet(self):
        self.desk.config.write_text(self.desk.config.read_text() + '[job.new]\nschedule = "@yearly"\ncommand = "true"\n')
        self.says(self.desk.run("start", "new", "--yes"), 2, "unknown job `new`")
        self.assertEqual(self.send("POST", "/v1/start", b"{}"), (400, {
            "error": "`job` is missing", "hint": 'send "job": "..."', "exit_code": 2}))
        self.assertEqual(self.send("POST", "/v1/start", b'{"job": "new", "env": {"A": "b"}}')[0], 400)
        self.lives()
        self.assertEqual(self.desk.run("reload").code, 0)
        self.assertEqual(self.desk.run("start", "new", "--yes").code, 0)

    def test_a_misspelled_dry_run_changes_nothing(self):
        status, answer = self.send("POST", "/v1/backfill", json.dumps({**BODIES["/v1/backfill"][0], "jobs": []}).encode())
        self.assertEqual(status, 400, answer)
        self.assertIn("a list of strings that is not empty", answer["error"] + answer.get("hint", ""))
        body = json.dumps({**BODIES["/v1/backfill"][0], "dryrun": True}).encode()
        self.assertEqual(self.send("POST", "/v1/backfill", body), (400, {
            "error": "unknown field `dryrun`", "hint": "did you mean dry_run?", "exit_code": 2}))


class TimeOfAUser(DeskTest):
    QUESTION = "/v1/next?n=10000&job=dense"  # takes a large part of a second

    def test_a_user_whose_questions_take_seconds_waits_and_nobody_else(self):
        if os.geteuid() != 0:
            return  # then there is no other user
        self.desk.jobs('[defaults]\ncwd = "/"\ncommand = "true"\n'
                       '[job.dense]\nuser = "nobody"\ncalendar = "XNYS"\nschedule = "@every 1m from @open to @close"\n'
                       'when = "monthly_expiry"\n[job.other]\nuser = "daemon"\nschedule = "@yearly"\n')
        self.desk.config.chmod(0o644)
        self.desk.start()
        for asked in range(300):
            status, answer = self.desk.send("GET", self.QUESTION, uid=NOBODY)
            if status == 429:
                break
            self.assertEqual(status, 200, answer)
        refused = time.monotonic()
        self.assertEqual(status, 429, f"{asked} questions")
        self.assertGreater(asked, 0)
        self.assertEqual(answer["error"], f"the requests of uid {NOBODY} have taken too much of the daemon's time")
        wait = answer["retry_after"]
        self.assertEqual(answer["hint"], f"try again in {wait}s")
        # That user's other requests are also refused, but not those of root and other users.
        self.assertEqual(self.desk.send("GET", "/v1/status", uid=NOBODY)[0], 429)
        self.assertEqual(self.desk.send("GET", self.QUESTION)[0], 200)
        self.assertEqual(self.desk.send("GET", "/v1/status", uid=pwd.getpwnam("daemon").pw_uid)[0], 200)
        # A command that only reads waits until the daemon permits it.
        listed = self.desk.run("runs", ordinary=True)
        self.assertEqual((listed.code, listed.err), (0, ""))
        self.assertGreater(time.monotonic() - refused, wait - 1)


if __name__ == "__main__":
    desk.main()
