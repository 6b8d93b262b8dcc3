#!/usr/bin/env python3
"""channels_test.py MARKETCRON: what PagerDuty, Microsoft Teams and plain webhooks get from the real daemon. Servers on
loopback check each request against the vendor's published format (receivers.py)."""
import json
import pathlib
import signal
import socket

import desk
from desk import DeskTest, wait_for
from receivers import Alertmanager, Lineage, PagerDuty, Receiver, Teams

EXAMPLES = pathlib.Path(__file__).resolve().parent.parent.parent / "examples"
RULES = "failure late missed recovery".split()


class ChannelTest(DeskTest):
    def receiver(self, kind, *answers, port=0):
        made = kind(*answers, port=port)
        self.addCleanup(made.close)
        self.receivers.append(made)
        return made

    def setUp(self):
        super().setUp()
        self.receivers = []
        self.secrets = []

    def tearDown(self):
        for receiver in self.receivers:
            self.assertEqual(receiver.faults, [])
        for place in (self.desk.state / "ledger.db", self.desk.state / "ledger.db-wal", self.desk.folder / "daemon.log"):
            for secret in self.secrets if place.exists() else []:
                self.assertNotIn(secret.encode(), place.read_bytes(), f"a secret is in {place}")

    def begin(self, section, target, jobs, rules=RULES, start=True):
        notify = ", ".join(f'{rule} = ["{target}"]' for rule in rules)
        self.desk.jobs(f'{section}[defaults]\nschedule = "@yearly"\ncwd = "{self.desk.folder}"\nnotify = {{ {notify} }}\n{jobs}')
        if start:
            self.desk.start()

    def pending(self):
        return self.desk.ask("GET", "/v1/status")["outbox"]

    def delivered(self):
        wait_for(lambda: self.pending()["pending"] == 0, "an empty outbox")

    def break_job(self, job="a"):
        number = self.desk.start_job(job)
        self.desk.reach(number, "failed")
        return number

    def mend(self, number):
        (self.desk.folder / "good").touch()
        self.assertEqual(self.desk.run("rerun", str(number)).code, 0)
        self.desk.reach(number, "success")


BREAKS = '[job.a]\ncommand = "echo the last words; test -e good"\n'


class PagerDutyTest(ChannelTest):
    def pager(self, *answers, jobs=BREAKS, rules=RULES, port=0):
        pager = self.receiver(PagerDuty, *answers, port=port)
        self.desk.write(PagerDuty.key + "\n", name="key")
        self.secrets.append(PagerDuty.key)
        self.begin(f'[pagerduty.oncall]\nrouting_key_file = "key"\napi = "http://127.0.0.1:{pager.port}/v2"\n', "pagerduty:oncall",
                   jobs, rules)
        return pager

    def test_an_alert_is_triggered_acknowledged_and_resolved(self):
        self.desk.write("hush-hush-hush", name="password")
        pager = self.pager(jobs='[job.a]\nsecret_env = { PASSWORD = "password" }\nrunbook = "https://wiki.example.com/a"\n'
                                'command = "echo the last words $PASSWORD; test -e good"\n')
        run = self.break_job()
        pager.wait(1)
        self.assertEqual(self.desk.run("alerts", "ack", str(run), "--reason", "on it").code, 0)
        pager.wait(2)
        self.mend(run)
        pager.wait(3)
        key = f"{socket.gethostname()}/a/{run}"
        self.assertEqual(pager.steps(), [("trigger", key), ("acknowledge", key), ("resolve", key)])
        self.assertEqual(pager.incidents, {key: "resolved"})
        payload = pager.posts[0]["payload"]
        self.assertIn("a failed for ", payload["summary"])
        self.assertEqual((payload["severity"], payload["source"], payload["component"], payload["class"]),
                         ("error", socket.gethostname(), "a", "failure"))
        details = payload["custom_details"]
        self.assertEqual((details["job"], details["run"], details["attempt"], details["reason"], details["detail"]),
                         ("a", run, "attempt 1/1", "exit_code", "exit code 1"))
        self.assertIn("the last words ***", details["output"])
        self.assertNotIn("hush", json.dumps(pager.posts))
        self.assertEqual(pager.posts[0]["links"], [{"href": "https://wiki.example.com/a", "text": "Runbook"}])
        self.delivered()

    def test_other_notifications_open_nothing(self):
        pager = self.pager(jobs='[job.a]\ncommand = "echo done"\n', rules=("success", "output", "retry", "failure", "recovery"))
        self.desk.reach(self.desk.start_job("a"), "success")
        self.delivered()
        self.assertEqual(pager.posts, [])
        self.assertEqual(self.desk.run("status").out.count("TROUBLE: pagerduty"), 0)

    def test_a_daemon_that_is_killed_before_it_heard_the_answer_sends_the_same_key(self):
        pager = self.pager(20)
        self.break_job()
        pager.wait(1)
        self.desk.stop(signal.SIGKILL)
        self.desk.start()
        pager.wait(2)
        self.delivered()
        self.assertEqual(len(set(pager.steps())), 1, pager.steps())
        self.assertEqual(list(pager.incidents.values()), ["triggered"])

    def test_retry_after_an_outage_and_a_limit(self):
        pager = self.pager((429, {"Retry-After": "3"}, b""), (500, {}, b""), (503, {}, b"no"), None)
        self.break_job()
        pager.wait(5, 40)
        self.delivered()
        self.assertEqual(len(set(pager.steps())), 1)
        self.assertGreaterEqual(pager.times[1] - pager.times[0], 2.9)
        self.assertGreaterEqual(pager.times[2] - pager.times[1], 0.9)

    def test_a_server_that_says_nothing_is_an_outage(self):
        pager = self.pager(60)
        self.break_job()
        pager.wait(2, 60)
        self.delivered()
        self.assertGreater(pager.times[1] - pager.times[0], 25)

    def test_an_event_that_is_refused_is_given_up_with_the_reason(self):
        answer = {"status": "invalid event", "message": "Event object is invalid", "errors": ["'routing_key' is unknown"]}
        pager = self.pager((400, {}, json.dumps(answer).encode()))
        self.break_job()
        wait_for(lambda: "a message was given up" in self.desk.log(), "the end of the message")
        self.assertIn("pagerduty:oncall: HTTP 400 'routing_key' is unknown", self.desk.log())
        self.delivered()
        self.assertEqual(len(pager.posts), 1)

    def test_a_key_that_is_wrong_waits_for_a_reload(self):
        pager = self.pager(*[(403, {}, b"")] * 2)
        self.break_job()
        wait_for(lambda: "HTTP 403" in self.pending()["last_error"], "an error in the outbox")
        pager.answers.clear()
        other = "fedcba9876543210fedcba9876543210"
        self.secrets.append(other)
        self.desk.write(other, name="key")
        self.assertEqual(self.desk.run("reload").code, 0)
        self.delivered()
        self.assertEqual(pager.posts[-1]["routing_key"], other)

    def test_a_flood_is_an_incident_each_and_paced(self):
        pager = self.pager(jobs="".join(f'[job.j{i}]\ncommand = "exit 1"\n' for i in range(8)))
        for i in range(8):
            self.desk.start_job(f"j{i}")
        pager.wait(8)
        self.delivered()
        self.assertEqual(len(pager.incidents), 8)
        gaps = [later - earlier for earlier, later in zip(pager.times, pager.times[1:])]
        self.assertGreater(min(gaps), 0.45)

    def test_a_test_message_opens_an_incident_and_closes_it(self):
        pager = self.pager()
        done = self.desk.run("notify", "test", "pagerduty:oncall")
        self.assertEqual((done.code, done.out), (0, "a message for pagerduty:oncall was delivered\n"))
        self.assertEqual([action for action, _ in pager.steps()], ["trigger", "resolve"])
        self.assertEqual((len(pager.incidents), pager.posts[0]["payload"]["severity"]), (1, "info"))
        self.says(self.desk.run("notify", "test", "pagerduty:onca"), 1, "[pagerduty.onca] not found in", "did you mean oncall?")

    def test_a_key_that_others_can_read_is_refused(self):
        self.desk.write(PagerDuty.key, name="key", mode=0o644)
        self.begin('[pagerduty.oncall]\nrouting_key_file = "key"\n', "pagerduty:oncall", BREAKS, start=False)
        self.says(self.desk.run("check"), 2, "which holds the routing key of [pagerduty.oncall]", "chmod 600")

    def test_check_warns_of_incidents_that_nothing_resolves(self):
        self.desk.write(PagerDuty.key, name="key")
        self.begin('[pagerduty.oncall]\nrouting_key_file = "key"\n', "pagerduty:oncall", BREAKS, ("failure",), start=False)
        done = self.desk.run("check")
        self.assertIn('job "a" opens incidents in pagerduty:oncall that nothing resolves; write recovery = ["pagerduty:oncall"]',
                      done.out + done.err)


class TeamsTest(ChannelTest):
    def teams(self, *answers, jobs=BREAKS):
        teams = self.receiver(Teams, *answers)
        self.desk.write(teams.url() + "\n", name="hook")
        self.secrets.append("topsecretword")
        self.begin('[teams.ops]\nurl_file = "hook"\n', "teams:ops", jobs)
        return teams

    def test_a_card_says_what_slack_says(self):
        teams = self.teams(jobs='[job.a]\ncommand = "echo \'the *last* [words](x)\'; test -e good"\nrunbook = "https://wiki.example.com/a"\n')
        run = self.break_job()
        teams.wait(1)
        for part in ("🔴 a failed for ", "failed (exit_code) · attempt 1/1", "exit code 1", "the *last* [words](x)",
                     f"Details: marketcron logs {run}", f"Rerun: marketcron rerun {run}"):
            self.assertIn(part, teams.text(0))
        self.assertEqual(teams.posts[0]["attachments"][0]["content"]["actions"],
                         [{"type": "Action.OpenUrl", "title": "Runbook", "url": "https://wiki.example.com/a"}])
        self.mend(run)
        teams.wait(2)
        self.assertIn("✅ a recovered", teams.text(1))
        self.delivered()

    def test_a_large_output_is_shortened_to_what_teams_takes(self):
        teams = self.teams(jobs='''[job.a]
command = "for i in $(seq 20); do head -c 3000 /dev/zero | tr '\\\\0' '\\"'; echo é $i; done; exit 1"
''')
        self.break_job()
        teams.wait(1)
        self.delivered()
        self.assertIn("é 20", teams.text(0))

    def test_limits_and_outages(self):
        within = b"Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ContextId x."
        teams = self.teams((429, {"Retry-After": "3"}, b""), (502, {}, b""), (200, {}, within))
        self.break_job()
        teams.wait(4, 40)
        self.delivered()
        self.assertEqual(len({json.dumps(post) for post in teams.posts}), 1)
        self.assertGreaterEqual(teams.times[1] - teams.times[0], 2.9)

    def test_a_card_that_is_refused_is_given_up(self):
        teams = self.teams((400, {}, b"topsecretword is not what you think"))
        self.break_job()
        wait_for(lambda: "teams:ops: HTTP 400; a message was given up" in self.desk.log(), "the end of the message")
        self.delivered()
        self.assertEqual(len(teams.posts), 1)

    def test_a_flood_is_folded(self):
        rest = (503, {"Retry-After": "8"}, b"")  # long enough to collect all of them
        teams = self.teams(rest, jobs="".join(f'[job.j{i}]\ncommand = "exit 1"\n' for i in range(12)))
        for i in range(12):
            self.desk.start_job(f"j{i}")
        wait_for(lambda: sum(run["state"] == "failed" for run in self.desk.runs()) == 12, "twelve failures")
        self.delivered()
        self.assertLess(len(teams.posts), 12)
        folded = [teams.text(i) for i in range(len(teams.posts)) if " failed on " in teams.text(i)]
        self.assertRegex("\n".join(folded), r"\d+ failed on .*\n(.|\n)*Details: marketcron runs --state failed")

    def test_a_test_message(self):
        teams = self.teams()
        self.assertEqual(self.desk.run("notify", "test", "teams:ops").code, 0)
        self.assertEqual(teams.text(0), "marketcron can reach this target.")


class WebhookTest(ChannelTest):
    template = '\'{"job": {{job}}, "run": {{run}}, "note": "run {{run}} of {{job}}: {{output}}", "kind": {{kind}}}\''

    def hook(self, *answers, more="", jobs=BREAKS, rules=RULES):
        hook = self.receiver(Receiver, *answers)
        self.begin(f'[webhook.bus]\nurl = "{hook.url()}"\ntemplate = {self.template}\n{more}', "webhook:bus", jobs, rules)
        return hook

    def test_fields_are_filled_in_and_the_result_is_json_whatever_they_hold(self):
        hook = self.hook(jobs='''[job.a]
command = "printf 'a \\"quote\\", a \\\\\\\\, a \\\\t, \\\\377 and {{{{job}}\\\\n'; test -e good"
''')
        run = self.break_job()
        hook.wait(1)
        post = hook.posts[0]
        self.assertEqual((post["job"], post["run"], post["kind"]), ("a", run, "failure"))
        self.assertIn('a "quote", a \\', post["note"])
        self.assertIn("\ufffd and {{job}}", post["note"])

    def test_headers_and_their_secrets(self):
        self.desk.write("very-secret-token\n", name="token")
        self.secrets.append("very-secret-token")
        hook = self.hook(more='headers = { X-Desk = "rates", Authorization = { file = "token", prefix = "Bearer " } }\n')
        self.break_job()
        hook.wait(1)
        self.assertEqual((hook.headers[0]["X-Desk"], hook.headers[0]["Authorization"]), ("rates", "Bearer very-secret-token"))

    def test_a_kind_with_an_empty_template_is_not_sent(self):
        hook = self.hook(more="template_resolved = '[\"over\", \"{{job}}\"]'\ntemplate_success = ''\n", rules=("success", *RULES))
        run = self.break_job()
        hook.wait(1)
        self.mend(run)
        hook.wait(2)
        self.delivered()
        self.assertEqual(hook.posts[1:], [["over", "a"]])

    def test_an_outage_a_limit_and_a_refusal(self):
        hook = self.hook((503, {"Retry-After": "3"}, b""), None, (422, {}, b"secret words of a proxy"))
        self.break_job()
        hook.wait(3, 30)
        wait_for(lambda: "webhook:bus: HTTP 422; a message was given up" in self.desk.log(), "the end of the message")
        self.assertGreaterEqual(hook.times[1] - hook.times[0], 2.9)
        self.assertNotIn("words of a proxy", self.desk.log())

    def test_a_wrong_address_waits_for_a_reload(self):
        hook = self.hook((404, {}, b""))
        self.break_job()
        wait_for(lambda: "HTTP 404" in self.pending()["last_error"], "an error in the outbox")
        self.assertEqual(self.desk.run("reload").code, 0)
        hook.wait(2)
        self.delivered()

    def test_what_a_test_message_is(self):
        hook = self.hook()
        done = self.desk.run("notify", "test", "webhook:bus")
        self.assertEqual((done.code, done.out), (0, "a message for webhook:bus was delivered\n"))
        self.assertEqual((hook.posts[0]["job"], hook.posts[0]["run"], hook.posts[0]["kind"]), ("notify test", None, "message"))

    def test_trouble_of_the_daemon_begins_and_ends(self):
        hook = self.receiver(Alertmanager)
        self.example("alertmanager", hook)
        self.desk.start()
        text = self.desk.config.read_text()
        self.desk.write(text + "\n[job.b]\nnonsense = 1\n")
        self.assertNotEqual(self.desk.run("reload").code, 0)
        hook.wait(1)
        self.desk.write(text)
        self.assertEqual(self.desk.run("reload").code, 0)
        hook.wait(2, 90)
        first, last = hook.posts[0][0], hook.posts[-1][0]
        self.assertEqual(first["labels"], last["labels"])
        self.assertEqual(first["annotations"]["severity"], "critical")
        self.assertGreater(first["endsAt"], last["endsAt"])

    def example(self, name, receiver):
        """The shipped file, with this desk's jobs."""
        text = (EXAMPLES / f"{name}.toml").read_text()
        lines = [f'url = "{receiver.url()}"' if line.startswith("url_file") else line for line in text.splitlines()]
        head = "\n".join(lines[:lines.index("[job.load]")])
        if "[daemon]\n" in head:
            head = head.replace("[daemon]\n", desk.HEAD)
        else:
            head = desk.HEAD + head
        self.desk.write(head + '\n[job.a]\nschedule = "@yearly"\ncommand = "test -e good"\nrunbook = "https://wiki.example.com/a"\n'
                        f'cwd = "{self.desk.folder}"\n')

    def test_alertmanager_gets_alerts_that_begin_and_end(self):
        hook = self.receiver(Alertmanager)
        self.example("alertmanager", hook)
        self.desk.start()
        run = self.break_job()
        hook.wait(1)
        self.mend(run)
        hook.wait(2)
        self.delivered()
        first, last = hook.posts[0][0], hook.posts[1][0]
        self.assertEqual(first["labels"], last["labels"])
        self.assertEqual(first["labels"]["alert"], f"{socket.gethostname()}/a/{run}")
        self.assertGreater(first["endsAt"], last["endsAt"])

    def test_openlineage_gets_the_end_of_each_run(self):
        hook = self.receiver(Lineage)
        self.example("openlineage", hook)
        self.desk.start()
        run = self.break_job()
        hook.wait(1)
        self.mend(run)
        hook.wait(2)
        self.delivered()
        self.assertEqual([post["eventType"] for post in hook.posts], ["FAIL", "COMPLETE"])
        self.assertEqual(len({post["run"]["runId"] for post in hook.posts}), 1)


class Templates(ChannelTest):
    """Errors in a template are reported with their place."""

    def fault(self, template, place, *words):
        self.desk.jobs(f'[webhook.bus]\nurl = "https://bus.example.com/"\ntemplate = {template}\n')
        self.says(self.desk.run("check"), 2, f"desk.toml:{place}: error: ", *words)

    def test_faults(self):
        self.fault("'{\"a\": {{jb}}}'", "6:19", "unknown field {{jb}}; did you mean job?")
        self.fault("'{\"a\": {{job}'", "6:19", "a field is not closed")
        self.fault("'''\n{\n  \"a\": {{job}},\n  \"b\" {{run}}\n}'''", "9:7", "the template is not JSON here")
        self.fault("'''\n{\n  {{run}}: 1\n}'''", "8:3", "the template is not JSON here")
        self.fault("'{\"a\": {{job+2h}}}'", "6:19", "{{job}} is not an instant")
        self.fault("'{\"a\": \"{{created+2x}}\"}'", "6:20", '"2x"')
        self.fault("17", "6:12", "`template` must be a text in quotes")
        self.desk.jobs('[webhook.bus]\nurl = "https://bus.example.com/"\n')
        self.says(self.desk.run("check"), 2, "[webhook.bus] has no template")


if __name__ == "__main__":
    desk.main()
