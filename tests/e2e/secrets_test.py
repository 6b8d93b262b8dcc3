#!/usr/bin/env python3
"""secrets_test.py MARKETCRON: a job's output is masked completely, however it is cut, and sealed at the end; the limits
on how often and how much a user may request."""
import hashlib
import json
import os
import signal
import sqlite3
import time

import desk
from desk import HEAD, NOBODY, DeskTest, wait_for
from slack_test import Webhook

SHORT, LONG = "kestrel-4471", "kestrel-4471-Windhover"
LINES = "-----BEGIN-----\nMIIEvQIBADANBgkqhkiG9w0\nBAQEFAASCBKcwggSjAgEAAoIB\n-----END-----\n"


def pieces(secret, size=6):
    return {secret[at:at + size] for at in range(len(secret) - size + 1)}


class SecretsTest(DeskTest):
    def begin(self, jobs, secrets, head=HEAD, env=None):
        names = ", ".join(f'{name} = "{self.desk.write(text, name=name.lower())}"' for name, text in secrets.items())
        self.desk.write(head + "[defaults]\nschedule = \"@yearly\"\ncwd = \"/\"\nsecret_env = { " + names + " }\n" + jobs)
        self.desk.start(env)

    def finish(self, job="a", state="success"):
        return self.desk.reach(self.desk.start_job(job), state)

    def nothing_of(self, text, *secrets):
        for secret in secrets:
            for piece in pieces(secret):
                self.assertNotIn(piece, text)

    def seal(self, run):
        def done():
            with sqlite3.connect(f"file:{self.desk.state}/ledger.db?mode=ro", uri=True) as ledger:
                row = ledger.execute("SELECT output_sha256, output_bytes FROM attempt WHERE run = ? AND number = ?",
                                     (run["run"], run["attempt"])).fetchone()
            return row if row and row[0] is not None else None
        return wait_for(done, "a seal")


class Masks(SecretsTest):
    def test_a_secret_that_begins_with_another(self):
        self.begin('[job.a]\ncommand = "echo 1 $A 2 $B 3 $A$B 4"\n', {"A": SHORT, "B": LONG})
        self.assertEqual(self.desk.run("logs", self.finish()["run"]).out, "1 *** 2 *** 3 *** 4\n")

    def test_a_message_s_tail_is_masked_before_it_is_cut(self):
        """Its last 2000 bytes and 10 lines may begin anywhere inside a secret."""
        webhook = Webhook()
        self.addCleanup(webhook.close)
        key = LINES + "".join(f"Qx{n:02}vGhtRblKpWzZ{n:03}y\n" for n in range(40))
        self.begin("".join(f'[job.a{n}]\nnotify = {{ failure = ["slack:ops"] }}\n'
                           f'command = \'printf "%s\\n" "$KEY"; head -c {n} /dev/zero | tr "\\0" x; echo; exit 1\'\n'
                           for n in range(900, 1030, 26)) +
                   f'[slack.ops]\nwebhook = "http://127.0.0.1:{webhook.port}/x"\n', {"KEY": key})
        runs = [self.finish(f"a{n}", "failed") for n in range(900, 1030, 26)]
        wait_for(lambda: len(webhook.posts) >= min(5, len(runs)), "the messages", 30)
        for _, _, body in webhook.posts:
            for line in key.splitlines():
                self.nothing_of(body, line)
        self.assertNotIn("Qx", self.desk.log())

    def test_what_is_left_of_a_secret_where_the_middle_was_left_out(self):
        self.begin("".join(f'[job.a{n}]\ncommand = \'head -c {n} /dev/zero | tr "\\0" .; for i in $(seq 300); do printf %s "$B"; '
                           'done\'\n' for n in range(0, 22, 3)), {"B": LONG},
                   head=HEAD.replace("[daemon]\n", '[daemon]\nmax_output = "1000"\n'))
        for n in range(0, 22, 3):
            run = self.finish(f"a{n}")
            printed = self.desk.run("logs", run["run"]).out
            self.assertIn("bytes left out", printed)
            self.nothing_of(printed, LONG)

    def test_logs_f_while_a_secret_comes_letter_by_letter(self):
        self.begin('[job.a]\ncommand = \'for i in 1 2; do for c in $(echo "$B" | sed "s/./& /g"); do printf %s "$c"; '
                   'sleep 0.02; done; printf " $i "; done; echo end\'\n', {"A": SHORT, "B": LONG})
        number = self.desk.start_job("a")
        self.desk.reach(number, "running")
        followed = self.desk.run("logs", number, "-f").out
        self.assertEqual(followed, "*** 1 *** 2 end\n")

    def test_a_large_output_holds_the_daemon_for_no_longer_than_a_small_one(self):
        """For a client that reads it in pieces from the beginning, and for one that reads far ahead."""
        self.begin('[job.a]\ncommand = "yes \\"0123456789 $B\\" | head -c 150000000; exec sleep 600"\n', {"B": LONG},
                   head=HEAD.replace("[daemon]\n", '[daemon]\nmax_output = "1G"\n'))
        number = self.desk.start_job("a")
        self.desk.reach(number, "running")
        wait_for(lambda: self.desk.output(number).stat().st_size >= 150_000_000, "its output", 60)
        place, longest, begun = 0, 0.0, time.monotonic()
        for _ in range(20):
            asked = time.monotonic()
            piece = self.desk.ask("GET", f"/v1/logs?run={number}&offset={place}")
            longest = max(longest, time.monotonic() - asked)
            self.assertEqual(set(piece["text"].splitlines()[1:-1]), {"0123456789 ***"})
            self.assertGreater(piece["next"], place)
            place = piece["next"]
        self.assertLess(longest, 3)
        self.assertLess(time.monotonic() - begun, 25)
        piece = {"text": "", "more": True}
        while not piece["text"] and piece["more"]:
            asked = time.monotonic()
            piece = self.desk.ask("GET", f"/v1/logs?run={number}&offset={place + 10_000_000}")
            self.assertLess(time.monotonic() - asked, 3)
        self.assertEqual(set(piece["text"].splitlines()[1:-1]), {"0123456789 ***"})

    def test_a_secret_that_was_changed_while_the_job_ran(self):
        self.begin('[job.a]\ncommand = "while [ ! -e go ]; do sleep 0.05; done; echo $A"\ncwd = "' +
                   str(self.desk.folder) + '"\n', {"A": SHORT})
        number = self.desk.start_job("a")
        self.desk.reach(number, "running")
        self.desk.write("another-word\n", name="a")
        self.desk.write("", name="go")
        run = self.desk.reach(number, "success")
        self.seal(run)
        self.assertEqual(self.desk.run("logs", number).out, "***\n")

    def test_a_short_one_is_warned_of(self):
        self.begin('[job.a]\ncommand = "echo $A"\n', {"A": "ab\n"})
        self.assertIn("secret_env A: its value has 2 bytes; fewer than 3 are not masked", self.desk.run("check").err)


class Sealed(SecretsTest):
    def intact(self, run):
        (line,) = self.desk.run("logs", run["run"], "--json").out.splitlines()
        return json.loads(line)

    def test_the_output_is_a_masked_copy_of_the_daemon_s_and_its_hash_is_kept(self):
        who = 'user = "nobody"\n' if os.geteuid() == 0 else ""
        self.begin(f'[job.a]\n{who}command = "echo one $A"\n', {"A": SHORT})
        run = self.finish()
        sha256, size = self.seal(run)
        file = self.desk.output(run["run"])
        text = file.read_bytes()
        self.assertEqual((text, sha256, size), (b"one ***\n", hashlib.sha256(text).hexdigest(), len(text)))
        status = file.stat()
        self.assertEqual((status.st_mode & 0o7777, status.st_uid, status.st_nlink), (0o600, os.geteuid(), 1))
        self.assertEqual(self.intact(run), {"run": run["run"], "attempt": 1, "output_sha256": sha256, "output_bytes": size,
                                            "output_intact": True})
        if os.geteuid() == 0:  # the job's user, who cannot read the ledger
            self.desk.config.chmod(0o644)
            far = self.desk.run("logs", run["run"], "--json", ordinary=True)
            self.assertEqual((far.code, json.loads(far.out or far.err)), (0, self.intact(run)))
            self.assertEqual(self.desk.run("logs", run["run"], "--attempt", 1, ordinary=True), (0, "one ***\n", ""))

    def test_what_the_job_kept_open_or_linked_changes_nothing(self):
        link = self.desk.folder / "open"
        link.mkdir(mode=0o777)
        link.chmod(0o777)
        who = 'user = "nobody"\n' if os.geteuid() == 0 else ""
        self.begin(f'[job.a]\n{who}command = \'echo true; ln -L /proc/self/fd/1 {link}/mine; '
                   f'(while [ ! -e {link}/go ]; do sleep 0.05; done; echo false; echo done > {link}/done) & sleep 0.2\'\n', {"A": SHORT})
        run = self.finish()
        self.seal(run)
        mine = link / "mine"
        if mine.exists():  # the kernel may forbid the link
            mine.write_text("forged\n")
        (link / "go").touch()
        wait_for((link / "done").exists, "the rest of the job")
        self.assertEqual(self.desk.run("logs", run["run"]), (0, "true\n", ""))
        self.assertTrue(self.intact(run)["output_intact"])

    def test_a_file_that_was_changed_is_told(self):
        self.begin('[job.a]\ncommand = "echo yes"\n', {"A": SHORT})
        run = self.finish()
        self.seal(run)
        self.desk.output(run["run"]).write_text("no!\n")
        self.says(self.desk.run("logs", run["run"]), 1, f"the output of run {run['run']} was changed after its end")
        self.assertFalse(self.intact(run)["output_intact"])

    def test_a_file_that_is_gone_is_told(self):
        who = 'user = "nobody"\n' if os.geteuid() == 0 else ""
        self.begin(f'[job.a]\n{who}command = "echo yes; exit 3"\n[job.b]\n{who}command = "echo yes"\n', {"A": SHORT})
        self.desk.config.chmod(0o644)
        for job, state in (("a", "failed"), ("b", "success")):
            run = self.finish(job, state)
            self.seal(run)
            said = f"the output of run {run['run']} was removed or emptied after its end"
            self.desk.output(run["run"]).unlink()
            self.says(self.desk.run("logs", run["run"]), 1, said)
            self.assertFalse(self.intact(run)["output_intact"])
            if os.geteuid() == 0:
                self.says(self.desk.run("logs", run["run"], ordinary=True), 1, said)

    def test_a_user_of_the_daemon_s_is_told_too(self):
        if os.geteuid() != 0:
            return  # a user reads their own ledger directly
        self.begin('[job.a]\nuser = "nobody"\ncommand = "echo yes"\n', {"A": SHORT})
        self.desk.config.chmod(0o644)
        run = self.finish()
        self.seal(run)
        self.assertEqual(self.desk.run("logs", run["run"], ordinary=True), (0, "yes\n", ""))
        self.desk.output(run["run"]).write_text("no!\n")
        self.says(self.desk.run("logs", run["run"], ordinary=True), 1, f"the output of run {run['run']} was changed after its end")

    def test_what_is_left_running_fills_no_disk(self):
        """Its file has no name any more: nobody could find what fills the disk."""
        command = "(setsid sh -c 'echo $$ > pid; while :; do head -c 1000000 /dev/zero; sleep 0.1; done' &); exit 0"
        self.begin(f'[job.a]\ncwd = "{self.desk.folder}"\ncommand = """{command}"""\n', {"A": SHORT},
                   head=HEAD.replace("[daemon]\n", '[daemon]\nmax_output = "100K"\n'))
        run = self.finish()
        pid = int(wait_for((self.desk.folder / "pid").read_text, "the process that is left"))
        self.addCleanup(lambda: desk.send_signal(pid, signal.SIGKILL))
        self.seal(run)

        def taken():
            return os.stat(f"/proc/{pid}/fd/1").st_blocks * 512
        self.assertIn("(deleted)", os.readlink(f"/proc/{pid}/fd/1"))
        time.sleep(4)
        self.assertLess(max(taken() for _ in range(3)), 25_000_000)
        least = []
        for _ in range(30):
            least.append(taken())
            time.sleep(0.05)
        self.assertLess(min(least), 3_000_000)
        # The next daemon continues to empty it.
        self.desk.stop(signal.SIGKILL)
        self.desk.start()
        self.desk.reach(self.desk.start_job("a"), "success")
        wait_for(lambda: taken() < 3_000_000, "that it is emptied", 10)

    def test_a_daemon_that_was_killed_before_the_copy_was_made(self):
        """The next daemon makes each copy that is missing in the ledger."""
        self.begin('[job.a]\ncommand = "sleep 1; echo $A"\n', {"A": SHORT})
        number = self.desk.start_job("a")
        self.desk.reach(number, "running")
        wait_for(self.desk.output(number).exists, "its output's file")
        self.desk.stop(signal.SIGKILL)
        wait_for(lambda: SHORT in self.desk.output(number).read_text(), "what it prints")
        (self.desk.state / "runs" / "0" / f"{number}.1.output.new").write_text("half")
        self.desk.start()
        self.seal(self.desk.reach(number, "success"))
        self.assertEqual(self.desk.output(number).read_text(), "***\n")
        self.assertEqual([file.name for file in self.desk.output(number).parent.glob("*.new")], [])

    def test_the_output_of_a_job_that_has_left_the_file(self):
        self.begin('[job.a]\ncommand = "echo one $A"\n[job.b]\ncommand = "true"\n', {"A": SHORT})
        run = self.finish()
        self.seal(run)
        self.desk.jobs('[job.b]\nschedule = "@yearly"\ncommand = "true"\n')
        self.assertEqual(self.desk.run("reload").code, 0)
        self.assertEqual(self.desk.run("logs", run["run"]).out, "one ***\n")
        self.assertEqual(self.desk.ask("GET", f"/v1/logs?run={run['run']}")["text"], "one ***\n")
        self.desk.output(run["run"]).write_text(f"one {SHORT}\n")
        self.says(self.desk.run("logs", run["run"]), 1, "cannot be masked: its job is not in the configuration")
        self.assertNotIn(SHORT, self.desk.ask("GET", f"/v1/logs?run={run['run']}")["text"])

    def test_logs_f_goes_on_through_the_change(self):
        self.begin('[job.a]\ncommand = "for i in $(seq 2000); do echo $i $A; done; sleep 1; echo end"\n', {"A": SHORT})
        number = self.desk.start_job("a")
        self.desk.reach(number, "running")
        self.assertEqual(self.desk.run("logs", number, "-f").out, "".join(f"{i} ***\n" for i in range(1, 2001)) + "end\n")

    def test_logs_f_says_that_the_output_was_shortened_at_the_end(self):
        self.begin(f'[job.a]\ncwd = "{self.desk.folder}"\ncommand = "yes head | head -c 150000; touch said; sleep 3; echo LAST"\n',
                   {"A": SHORT}, head=HEAD.replace("[daemon]\n", '[daemon]\nmax_output = "100K"\n'))
        number = self.desk.start_job("a")
        wait_for((self.desk.folder / "said").exists, "what it prints first")
        done = self.desk.run("logs", number, "-f")
        self.assertEqual(done.code, 0)
        if not done.out.endswith("LAST\n"):  # unless the reader was fast
            self.assertIn(f"the output of run {number} was shortened to max_output when it ended", done.err)
        self.seal(self.desk.find_run(number))
        self.assertTrue(self.desk.ask("GET", f"/v1/logs?run={number}&offset=150000")["shortened"])
        self.assertFalse(self.desk.ask("GET", f"/v1/logs?run={number}&offset=0")["shortened"])
        self.assertTrue(self.desk.run("logs", number).out.endswith("LAST\n"))

    def test_a_secret_whose_file_is_gone_is_told_while_it_is(self):
        self.begin('[job.a]\ncommand = "echo $A; while [ ! -e go ]; do sleep 0.05; done"\ncwd = "' + str(self.desk.folder) + '"\n',
                   {"A": SHORT})
        number = self.desk.start_job("a")
        self.desk.reach(number, "running")
        wait_for(lambda: SHORT in self.desk.output(number).read_text(), "its line")
        self.desk.stop(signal.SIGKILL)
        secret = (self.desk.folder / "a").rename(self.desk.folder / "away")
        self.desk.write("", name="go")
        wait_for(lambda: "finished" in self.desk.output(number).with_suffix(".record").read_text(), "its end")
        self.desk.start()
        self.desk.reach(number, "success")
        text = wait_for(lambda: [one["text"] for one in self.desk.ask("GET", "/v1/status")["troubles"] if one["kind"] == "full"],
                        "a trouble")[0]
        self.assertIn(f"the output of run {number} cannot be masked and copied: secret_env A: ", text)
        self.assertIn("tried again every minute", text)
        self.assertIn(SHORT, self.desk.output(number).read_text())  # as before
        # Another file may replace it: the value of the old one is no longer known.
        secret.rename(self.desk.folder / "a")
        self.desk.config.write_text(self.desk.config.read_text() + '[job.b]\ncommand = "true"\n')
        self.assertEqual(self.desk.run("reload").code, 0)  # then it is tried immediately
        wait_for(lambda: [one["kind"] for one in self.desk.ask("GET", "/v1/status")["troubles"]] == ["output"], "the other trouble")


class Rotated(SecretsTest):
    """A secret's file gets another value while a job with the old value runs."""
    def begin_one(self, rest=""):
        self.begin('[job.a]\ncommand = "echo begin $A; while [ ! -e go ]; do sleep 0.05; done; echo end $A; exit 3"\n'
                   f'cwd = "{self.desk.folder}"\n' + rest, {"A": LONG})
        number = self.desk.start_job("a")
        self.desk.reach(number, "running")
        wait_for(lambda: self.desk.output(number).exists() and self.desk.output(number).read_text(), "its first line")
        time.sleep(0.05)
        return number

    def rotate(self):
        self.desk.write("another-value-4711\n", name="a")

    def end(self):
        self.desk.write("", name="go")

    def test_logs_reads_the_file_itself(self):
        number = self.begin_one()
        self.rotate()
        self.assertEqual(self.desk.run("logs", number).out.strip(), "begin ***")
        self.end()
        self.seal(self.desk.reach(number, "failed"))
        self.assertEqual(self.desk.run("logs", number).out, "begin ***\nend ***\n")

    def lose_daemon_and_secret(self):
        """The daemon dies while the job runs, and the secret changes; returns the run's number and the webhook."""
        webhook = Webhook()
        self.addCleanup(webhook.close)
        number = self.begin_one(f'notify = {{ failure = ["slack:ops"] }}\n[slack.ops]\nwebhook = "http://127.0.0.1:{webhook.port}/x"\n')
        self.desk.stop(signal.SIGKILL)
        self.rotate()
        return number, webhook

    def test_the_next_daemon_learns_what_a_job_that_runs_was_given(self):
        number, webhook = self.lose_daemon_and_secret()
        self.desk.start()
        self.assertEqual(self.desk.ask("GET", f"/v1/logs?run={number}")["text"].strip(), "begin ***")
        self.end()
        self.seal(self.desk.reach(number, "failed"))
        self.assertEqual(self.desk.output(number).read_text(), "begin ***\nend ***\n")
        self.assertEqual(self.desk.run("logs", number).out, "begin ***\nend ***\n")
        wait_for(lambda: webhook.posts, "the message", 30)
        self.assertIn("end ***", webhook.posts[0][2])
        self.nothing_of(webhook.posts[0][2], LONG)

    def test_what_cannot_be_known_any_more_is_not_shown(self):
        number, webhook = self.lose_daemon_and_secret()
        self.end()
        wait_for(lambda: "end" in self.desk.output(number).read_text(), "its last line")
        time.sleep(0.3)
        self.desk.start()
        self.desk.reach(number, "failed")
        wait_for(lambda: webhook.posts, "the message", 30)
        self.nothing_of(webhook.posts[0][2], LONG)
        why = f"{self.desk.folder}/a was changed after the attempt started, and its earlier content is not known"
        self.assertEqual(self.desk.ask("GET", f"/v1/logs?run={number}")["text"], f"(not shown: {why})\n")
        self.says(self.desk.run("logs", number), 1, "cannot be masked", why)
        told = f"the output of attempt 1 of run {number} cannot be masked: {why}; `logs` does not show it"
        self.assertEqual(self.desk.log().count("TROUBLE: " + told), 1, self.desk.log())
        self.assertIn("TROUBLE: " + told, self.desk.run("status").out)
        self.assertEqual(self.desk.run("reload").code, 0)
        self.assertEqual(self.desk.log().count("TROUBLE: " + told), 1, self.desk.log())
        self.desk.stop(signal.SIGKILL)
        self.says(self.desk.run("logs", number), 1, "cannot be masked", why)


class Nothing(SecretsTest):
    def test_logs_of_a_message_says_that_it_prints_nothing(self):
        webhook = Webhook()
        self.addCleanup(webhook.close)
        self.begin(f'[job.a]\nslack = {{ to = "ops", text = "lunch" }}\n[slack.ops]\nwebhook = "http://127.0.0.1:{webhook.port}/x"\n'
                   '[job.b]\ncommand = "true"\n', {"A": SHORT})
        run = self.finish()
        self.assertEqual(self.desk.run("logs", run["run"]),
                         (0, "", f"marketcron: run {run['run']} has no output: it is a Slack message\n"))
        run = self.finish("b")
        self.assertEqual(self.desk.run("logs", run["run"]), (0, "", f"marketcron: run {run['run']} printed nothing\n"))


class WrongPlaces(SecretsTest):
    def test_a_secret_in_the_wrong_place_is_repeated_by_no_message(self):
        for section, key in (("mail", "smtp = \"smtp://desk:Qxz-pa55word@mail.example.com\""),
                             ("slack.ops", "webhook_env = \"https://hooks.slack.com/services/T0/B0/Qxz-pa55word\""),
                             ("slack.ops", "webhook_file = \"https://hooks.slack.com/services/T0/B0/Qxz-pa55word\""),
                             ("slack.ops", "channel = \"C1\"\ntoken_file = \"xoxb-Qxz-pa55word\""),
                             ("slack.ops", "channel = \"C1\"\ntoken_env = \"xoxb-Qxz-pa55word\""),
                             ("mail", "smtp = \"smtp://127.0.0.1\"\nlogin_file = \"desk:Qxz-pa55word\""),
                             ("job.b", "schedule = \"@yearly\"\ncommand = \"true\"\nsecret_env = { K = \"xoxb-Qxz-pa55word\" }"),
                             ("job.b", "schedule = \"@yearly\"\nhttp = { url = { file = \"https://h/Qxz-pa55word\" } }"),
                             ("job.b", "schedule = \"@yearly\"\nhttp = { url = \"https://h/\", "
                              "headers = { A = { file = \"xoxb-Qxz-pa55word\" } } }")):
            self.desk.write(HEAD + f'[job.a]\nschedule = "@yearly"\ncommand = "true"\n[{section}]\n{key}\n')
            checked = self.desk.run("check")
            self.assertEqual(checked.code, 2, checked)
            self.assertNotIn("pa55word", checked.out + checked.err)


class Limits(SecretsTest):
    def test_the_environment_of_a_start_has_64_kilobytes(self):
        self.begin('[job.a]\ncommand = "echo ${#BIG}"\n', {"A": SHORT})
        run = self.desk.reach(self.desk.start_job("a", "--env", "BIG=" + "x" * (64 * 1024 - 5)), "success")
        self.assertEqual(self.desk.run("logs", run["run"]).out, f"{64 * 1024 - 5}\n")
        for env in ({"BIG": "x" * (64 * 1024 - 4)}, {f"N{n}": "x" * 1000 for n in range(70)}):
            answer = self.desk.ask("POST", "/v1/start", {"job": "a", "env": env})
            self.assertIn("the limit is 65536", answer["error"])
            words = [word for name, value in env.items() for word in ("--env", f"{name}={value}")]
            self.says(self.desk.run("start", "a", *words), 2, "--env has ", " bytes in total; the limit is 65536")
        self.assertEqual(len(self.desk.runs()), 1)

    def test_a_user_may_not_ask_too_often(self):
        if os.geteuid() != 0:
            return  # the daemon's own user has no limit
        self.begin('[job.a]\nuser = "nobody"\ncommand = "true"\n', {})
        self.desk.config.chmod(0o644)
        def start(body):
            while True:
                status, answer = self.desk.send("POST", "/v1/start", body, NOBODY)
                if status != 429 or "taken too much of the daemon's time" not in answer["error"]:
                    return status, answer
                time.sleep(1)  # that is another limit, if the program is slow
        for body in (b'{"job": "b"}', b'{"job": "a", "session": "x"}', b'{"job": "a", "session": "%s"}' % (b"x" * 200_000)):
            for _ in range(30):  # refused requests cost nothing
                self.assertEqual(start(body)[0], 400)
        began = time.monotonic()
        done = 0
        while (asked := start(b'{"job": "a"}'))[0] == 200:
            done += 1
            self.assertLess(done, 61 + (time.monotonic() - began))
        self.assertGreaterEqual(done, 60)
        self.assertEqual((asked[0], asked[1]["exit_code"], asked[1]["hint"]), (429, 1, "try again in 1s"))
        self.assertIn(f"too many requests from uid {NOBODY}", asked[1]["error"])
        for _ in range(100):  # if the command takes a second, the user regains one request
            if (refused := self.desk.run("start", "a", ordinary=True)).code != 0:
                break
        self.says(refused, 1, "too many requests from")
        self.assertEqual(self.desk.run("start", "a").code, 0)  # root


if __name__ == "__main__":
    desk.main()
