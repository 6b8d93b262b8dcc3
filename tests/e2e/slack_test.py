#!/usr/bin/env python3
"""slack_test.py MARKETCRON: messages reach a webhook, a real HTTP server on loopback that answers as the
test says, stops and starts again."""
import http.server
import json
import signal
import socket
import threading
import time

import desk
from desk import DeskTest, wait_for

PATH = "/services/T0001/B0001/topsecretword"


class Webhook:
    """Records each post with its time. The first posts get `answers` in turn, (status, headers, body) or None for a
    connection closed without an answer; later ones 200."""

    def __init__(self, port=0, answers=()):
        self.answers = list(answers)
        self.posts = []
        self.tokens = []
        webhook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                webhook.posts.append((time.monotonic(), self.path, body.decode()))
                webhook.tokens.append(self.headers.get("Authorization"))
                answer = webhook.answers.pop(0) if webhook.answers else (200, {}, b"ok")
                if answer is None:
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                status, headers, text = answer
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(text))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()

    def close(self):
        if self.thread.is_alive():
            self.server.shutdown()
            self.thread.join()
            self.server.server_close()

    def texts(self):
        return [json.loads(body)["text"] for _, _, body in self.posts]

    def wait(self, count, seconds=20):
        wait_for(lambda: len(self.posts) >= count, lambda: f"{count} posts; there are {len(self.posts)}", seconds)


class SlackTest(DeskTest):
    def webhook(self, *answers, port=0):
        webhook = Webhook(port, answers)
        self.addCleanup(webhook.close)
        return webhook

    def begin(self, port, jobs='[job.a]\ncommand = "echo the last words; exit 3"\n'):
        self.desk.write(f"http://127.0.0.1:{port}{PATH}\n", name="hook")
        self.desk.jobs('[slack.ops]\nwebhook_file = "hook"\n[defaults]\nschedule = "@yearly"\ncwd = "/"\n'
                       f'notify = {{ failure = ["slack:ops"], recovery = ["slack:ops"] }}\n{jobs}')
        self.desk.start()

    def pending(self):
        return self.desk.ask("GET", "/v1/status")["outbox"]

    def delivered(self):
        wait_for(lambda: self.pending()["pending"] == 0, "an empty outbox")

    def break_job(self, job="a"):
        number = self.desk.start_job(job)
        self.desk.reach(number, "failed")
        return number

    def tearDown(self):
        for place in (self.desk.state / "ledger.db", self.desk.state / "ledger.db-wal", self.desk.folder / "daemon.log"):
            if place.exists():
                self.assertNotIn(b"topsecretword", place.read_bytes(), f"the webhook stands in {place}")


class Tests(SlackTest):
    """`notify test` shows the result of its message."""

    def test_it_arrives(self):
        hook = self.webhook()
        self.begin(hook.port)
        for name in ("ops", "slack:ops"):
            done = self.desk.run("notify", "test", name)
            self.assertEqual((done.code, done.out, done.err), (0, "a message for slack:ops was delivered\n", ""))
        self.assertEqual(len(hook.posts), 2)

    def test_it_is_refused_or_waits(self):
        hook = self.webhook(*[(400, {}, b"no_text")] * 4)
        self.begin(hook.port)
        done = self.desk.run("notify", "test", "ops")
        self.says(done, 1, "the message to slack:ops was not delivered: ", "HTTP 400")
        hook.close()
        done = self.desk.run("notify", "test", "ops")
        self.says(done, 1, "the message to slack:ops was not delivered yet", "it is retried; `marketcron status` shows")

    def test_an_unknown_target_is_told_what_to_write(self):
        self.begin(self.webhook().port)
        self.says(self.desk.run("notify", "test", "ops@example.com"), 1, "write mail:ops@example.com")
        self.says(self.desk.run("notify", "test", "slack:opps"), 1, "[slack.opps] not found in", "did you mean ops?")
        self.says(self.desk.run("notify", "test", "slak:ops"), 1, "unknown kind of channel `slak`", "did you mean slack?")


class Messages(SlackTest):
    def test_a_bot_updates_its_message_and_replies_in_its_thread(self):
        ok = json.dumps({"ok": True, "channel": "C9", "ts": "17.5", "message": {"text": "x" * 9000}}).encode()
        slack = self.webhook(*[(200, {}, ok)] * 6)
        self.desk.write("xoxb-top-secret\n", name="bot")
        self.desk.jobs(f'[slack.ops]\ntoken_file = "bot"\nchannel = "C1"\napi = "http://127.0.0.1:{slack.port}/api/"\n'
                       '[defaults]\nschedule = "@yearly"\ncwd = "/"\n'
                       'notify = { failure = ["slack:ops"], recovery = ["slack:ops"] }\n'
                       f'[job.a]\ncommand = "test -e {self.desk.folder}/there"\n')
        self.desk.start()
        self.assertEqual(self.desk.run("start", "a").code, 0)
        slack.wait(1)
        (self.desk.folder / "there").touch()
        run = self.desk.runs()[0]["run"]
        self.assertEqual(self.desk.run("alerts", "ack", str(run), "--reason", "on it").code, 0)
        self.assertIn(": on it", self.desk.run("alerts").out)
        slack.wait(3)
        self.assertEqual(self.desk.run("rerun", str(run)).code, 0)
        slack.wait(5)
        self.assertEqual([path for _, path, _ in slack.posts],
                         ["/api/chat.postMessage", *["/api/chat.update", "/api/chat.postMessage"] * 2])
        bodies = [json.loads(body) for _, _, body in slack.posts]
        self.assertEqual((bodies[0]["channel"], bodies[1]["ts"], bodies[2]["thread_ts"]), ("C1", "17.5", "17.5"))
        self.assertIn("alert acknowledged", bodies[1]["text"])
        self.assertRegex(bodies[1]["text"], r"by \S+: on it")
        self.assertIn("recovered", bodies[3]["text"])
        self.assertEqual(set(slack.tokens), {"Bearer xoxb-top-secret"})
        self.delivered()
        self.assertEqual(self.desk.run("alerts").out, "")
        self.assertIn("it has succeeded", self.desk.run("alerts", "--all").out)

    def test_a_failure_says_what_and_where_to_look(self):
        hook = self.webhook()
        self.begin(hook.port, '[job.a]\ncommand = "echo the last words; exit 3"\nretries = 1\nretry_delay = "1s"\n'
                              'runbook = "https://wiki.example.com/a"\n')
        number = self.break_job()
        hook.wait(1)
        _, path, body = hook.posts[0]
        self.assertEqual(path, PATH)
        for part in ("*a* failed", "failed (exit_code)", "attempt 2/2", "exit code 3", "the last words", socket.gethostname(),
                     f"marketcron logs {number}", "https://wiki.example.com/a"):
            self.assertIn(part, json.dumps(json.loads(body), ensure_ascii=False))
        self.delivered()
        self.assertEqual(len(hook.posts), 1)

    def test_a_recovery_follows_once(self):
        hook = self.webhook()
        self.begin(hook.port, '[job.a]\nschedule = "0 1 * * *"\ncommand = "test -e good"\ncwd = "%s"\n' % self.desk.folder)
        day = ["--from", "2026-11-04", "--to", "2026-11-04", "--yes"]
        self.desk.run("backfill", "a", *day)
        hook.wait(1)
        (self.desk.folder / "good").touch()
        self.desk.run("backfill", "a", *day, "--rerun", "failed")
        hook.wait(2)
        self.assertIn("failed", hook.texts()[0])
        self.assertIn("*a*", hook.texts()[1])
        self.assertNotIn("failed for", hook.texts()[1])

    def test_a_test_message(self):
        hook = self.webhook()
        self.begin(hook.port)
        for name in ("ops", "slack:ops"):
            self.assertEqual(self.desk.run("notify", "test", name).code, 0)
        hook.wait(2)
        self.says(self.desk.run("notify", "test", "opps"), 1, "[slack.opps] not found in")

    def test_a_job_that_is_a_message(self):
        hook = self.webhook((500, {}, b""))
        self.begin(hook.port, '[job.lunch]\nslack = { to = "ops", text = "Lunch, for {{date}}!" }\n')
        run = self.desk.reach(self.desk.start_job("lunch"), "success")
        self.assertEqual(hook.texts(), [f"Lunch, for {run['logical_date']}!"] * 2)

    def test_a_message_that_slack_refuses_fails_its_job(self):
        refusal = (404, {}, b"no_service")
        hook = self.webhook(refusal)
        self.begin(hook.port, '[job.lunch]\nnotify = {}\nslack = { to = "ops", text = "Lunch!" }\n')
        run = self.desk.reach(self.desk.start_job("lunch"), "failed")
        self.assertIn("404", run["detail"])
        self.assertEqual(len(hook.posts), 1)

    def test_a_flood_is_folded_and_paced(self):
        hook = self.webhook()
        jobs = "".join(f'[job.j{i}]\ncommand = "exit 1"\n' for i in range(12))
        self.begin(hook.port, jobs)
        for i in range(12):
            self.desk.start_job(f"j{i}")
        wait_for(lambda: sum(run["state"] == "failed" for run in self.desk.runs()) == 12, "twelve failures")
        self.delivered()
        self.assertLess(len(hook.posts), 12)
        times = [when for when, _, _ in hook.posts]
        self.assertTrue(all(later - earlier > 0.95 for earlier, later in zip(times, times[1:])), times)


class Outages(SlackTest):
    def retried(self, *answers, least=0.0):
        """The first answers are not deliveries; then the same message arrives. Checks the wait after the first."""
        hook = self.webhook(*answers)
        self.begin(hook.port)
        self.break_job()
        hook.wait(len(answers) + 1)
        self.delivered()
        self.assertEqual(len(hook.posts), len(answers) + 1)
        self.assertEqual(len(set(hook.texts())), 1)
        self.assertGreaterEqual(hook.posts[1][0] - hook.posts[0][0], least)

    def test_500_then_200(self):
        self.retried((500, {}, b"oops"), (503, {}, b""), least=0.9)

    def test_429_with_retry_after(self):
        self.retried((429, {"Retry-After": "4"}, b""), least=3.9)

    def test_no_answer_and_garbage(self):
        self.retried(None, (500, {"Content-Length": "3"}, b"\xff\x00{"), least=0.9)

    def test_a_server_that_is_down_and_comes_back(self):
        hook = self.webhook()
        hook.close()
        self.begin(hook.port)
        self.break_job()
        outbox = wait_for(lambda: (box := self.pending())["last_error"] and box, "an error in the outbox")
        self.assertEqual(outbox["pending"], 1)
        said = self.desk.run("status").out
        self.assertIn("\nTROUBLE: slack:ops: ", said)
        self.assertIn("\n1 message not sent yet\n", said)
        back = self.webhook(port=hook.port)
        back.wait(1)
        self.delivered()
        self.assertIn("*a* failed", back.texts()[0])

    def test_a_daemon_killed_before_it_could_send(self):
        hook = self.webhook()
        hook.close()
        self.begin(hook.port)
        self.break_job()
        self.desk.stop(signal.SIGKILL)
        back = self.webhook(port=hook.port)
        self.desk.start()
        back.wait(1)
        self.delivered()
        self.assertIn("*a* failed", back.texts()[0])

    def test_a_job_that_failed_while_no_daemon_lived(self):
        hook = self.webhook()
        self.begin(hook.port, f'[job.a]\ncwd = "{self.desk.folder}"\n'
                              'command = "touch began; while ! test -e go; do sleep 0.05; done; touch done; exit 3"\n')
        self.desk.start_job("a")
        wait_for((self.desk.folder / "began").exists, "the job")
        self.desk.stop(signal.SIGKILL)
        (self.desk.folder / "go").touch()
        wait_for((self.desk.folder / "done").exists, "its end")
        self.desk.start()
        hook.wait(1)
        self.delivered()
        self.assertEqual(len(hook.posts), 1)

    def test_a_webhook_file_that_vanished_and_came_back(self):
        hook = self.webhook()
        self.begin(hook.port)
        secret = (self.desk.folder / "hook").read_text()
        (self.desk.folder / "hook").unlink()
        self.break_job()
        wait_for(lambda: "cannot be read" in self.pending()["last_error"], "an error in the outbox")
        self.desk.write(secret, name="hook")
        self.assertEqual(self.desk.run("reload").code, 0)
        hook.wait(1)


if __name__ == "__main__":
    desk.main()
