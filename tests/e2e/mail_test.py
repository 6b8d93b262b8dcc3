#!/usr/bin/env python3
"""mail_test.py MARKETCRON: the output of a crontab's job, and notifications, by mail: through programs
with the sendmail interface (including msmtp) and to a real SMTP server on loopback."""
import asyncio
import datetime
import email
import email.policy
import getpass
import logging
import os
import socket
import ssl
import subprocess
import threading
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

import desk
from desk import HEAD, DeskTest, wait_for

logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # hides faults that the tests cause
user = getpass.getuser()
PASSWORD = "topsecretword"
FAILING = '[job.a]\nschedule = "@yearly"\ncwd = "/"\nnotify = { failure = ["mail:ops@example.com"] }\n' \
          'command = "echo the last words; exit 3"\n'


class Mailbox:
    """
    An SMTP server that keeps the mails. The first mails get `answers` in turn, later ones 250. While it is `silent`, it
    does not answer after a mail's last line.
    """

    def __init__(self, answers=(), nobody=(), **settings):
        self.letters = []
        self.silent = False
        self.unanswered = 0
        self.answers = list(answers)
        mailbox = self

        class Keeper:
            async def handle_RCPT(self, _server, _session, envelope, address, _options):
                if address in nobody:
                    return "550 no such user here"
                envelope.rcpt_tos.append(address)
                return "250 ok"

            async def handle_DATA(self, _server, _session, envelope):
                mailbox.unanswered += 1
                while mailbox.silent:
                    await asyncio.sleep(0.01)
                mailbox.unanswered -= 1
                answer = mailbox.answers.pop(0) if mailbox.answers else "250 kept"
                if answer.startswith("250"):
                    mailbox.letters.append(envelope)
                return answer

        class Place(Controller):
            def _trigger_server(self):
                self.port = self.server.sockets[0].getsockname()[1]
                super()._trigger_server()

            def factory(self):
                return SMTP(self.handler, **settings)

        self.place = Place(Keeper(), hostname="127.0.0.1", port=0)
        self.place.start()
        self.closed = False
        self.port = self.place.port

    def close(self):
        if not self.closed:
            self.place.stop()
        self.closed = True

    def wait(self, count):
        wait_for(lambda: len(self.letters) >= count, lambda: f"{count} letters; there are {len(self.letters)}")
        return [parsed(letter.content) for letter in self.letters]


def parsed(text):
    return email.message_from_bytes(text, policy=email.policy.default)


def instant(text):
    """Seconds since 1970 of a time in the JSON of a run."""
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class MailTest(DeskTest):
    def begin(self, mail, jobs=FAILING):
        self.desk.write(HEAD + mail + "\n" + jobs)
        self.desk.start()

    def mailer(self, body, name="mailer"):
        """A program in place of sendmail."""
        return self.desk.write(f"#!/bin/sh\n{body}\n", name=name, mode=0o755)

    def keeping_mailer(self):
        """A mailer that writes each message to a separate file."""
        (self.desk.folder / "letters").mkdir()
        return self.mailer(f'echo "$@" > {self.desk.folder}/words; cat > {self.desk.folder}/fresh.$$; '
                           f'mv {self.desk.folder}/fresh.$$ {self.desk.folder}/letters/')

    def letters(self, count=1):
        folder = self.desk.folder / "letters"
        wait_for(lambda: len(list(folder.iterdir())) >= count, f"{count} letters")
        return [parsed(path.read_bytes()) for path in sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)]

    def table(self, text, mail):
        self.desk.write(text, name="crontab", mode=0o644)
        self.begin(mail, '[crontab]\nfiles = ["crontab"]\n')

    def start_line(self, line):
        return self.desk.start_job(f"{self.desk.folder}/crontab:{line}")

    def outbox(self):
        return self.desk.ask("GET", "/v1/status")["outbox"]

    def empty_outbox(self):
        wait_for(lambda: self.outbox()["pending"] == 0, "an empty outbox")

    def trouble(self, *words):
        wait_for(lambda: all(word in self.outbox()["last_error"] for word in words), f"{words} in the outbox")


class AsCron(MailTest):
    def test_what_a_line_prints_goes_to_mailto(self):
        self.table(f'SECRET=x\nMAILTO=desk@example.com,ops@example.com\nMAILFROM=cron@example.com\n'
                   f'CONTENT_TYPE="text/plain; charset=latin1"\n0 1 1 1 * {user} printf "grün\\r\\n"; echo more %x\n',
                   f'[mail]\ncommand = "{self.keeping_mailer()}"\n')
        self.start_line(5)
        letter, other = self.letters(2)
        self.assertEqual({letter["To"], other["To"]}, {"desk@example.com", "ops@example.com"})
        self.assertIn("cron@example.com", letter["From"])
        self.assertEqual(letter["Subject"].replace("\n", ""),
                         f'Cron <{user}@{os.uname().nodename.split(".")[0]}> printf "grün\\r\\n"; echo more ')
        self.assertEqual(letter["Content-Type"], 'text/plain; charset="latin1"')
        self.assertEqual(letter["Auto-Submitted"], "auto-generated")
        self.assertEqual(letter.get_payload(decode=True), "grün\nmore\n".encode())
        self.assertNotIn("SECRET", letter.as_string())
        self.assertEqual((self.desk.folder / "words").read_text(), "-t -oi\n")

    def test_to_the_user_where_nothing_says_to_whom_and_to_nobody_where_mailto_is_empty(self):
        self.table(f'0 1 1 1 * {user} echo one\nMAILTO=""\n0 1 1 1 * {user} echo two\nMAILTO=$LOGNAME@example.com\n'
                   f"0 1 1 1 * {user} echo three\n0 1 1 1 * {user} true\n",
                   f'[mail]\ncommand = ["{self.keeping_mailer()}"]\n')
        for line in (3, 6, 1, 5):
            self.desk.reach(self.start_line(line), "success")
        letters = self.letters(2)
        self.empty_outbox()
        self.assertEqual(sorted((letter["To"], letter.get_payload()) for letter in self.letters(2)),
                         [(user, "one\n"), (f"{user}@example.com", "three\n")])
        self.assertEqual(len(letters), 2)

    def test_dash_n_mails_failures_alone(self):
        self.table(f"0 1 1 1 * {user} -n echo good\n0 1 1 1 * {user} -n echo bad; false\n0 1 1 1 * {user} -n false\n",
                   f'[mail]\ncommand = "{self.keeping_mailer()}"\n')
        for line, state in ((1, "success"), (3, "failed"), (2, "failed")):
            self.desk.reach(self.start_line(line), state)
        [letter] = self.letters()
        self.empty_outbox()
        self.assertEqual([letter.get_payload() for letter in self.letters()], ["bad\n"])

    def test_each_run_has_a_mail_of_its_own_also_in_a_flood(self):
        self.table(f"0 1 1 1 * {user} echo $$\n", f'[mail]\ncommand = "{self.keeping_mailer()}"\n')
        for _ in range(12):
            self.start_line(1)
        self.assertEqual(len({letter.get_payload() for letter in self.letters(12)}), 12)

    def test_a_line_that_was_edited_while_it_ran_is_mailed_all_the_same(self):
        self.table(f"0 1 1 1 * {user} echo old; until test -e {self.desk.folder}/go; do sleep 0.05; done\n",
                   f'[mail]\ncommand = "{self.keeping_mailer()}"\n')
        self.start_line(1)
        self.desk.write(f"0 1 1 1 * {user} echo new\n", name="crontab", mode=0o644)
        wait_for(lambda: "the crontabs changed" in self.desk.log(), "the new table")
        (self.desk.folder / "go").touch()
        self.assertEqual(self.letters()[0].get_payload(), "old\n")

    def test_long_lines_and_nuls_arrive_whole(self):
        self.table(f"0 1 1 1 * {user} head -c 5000 /dev/zero | tr '\\000' x; head -c 3 /dev/zero; echo; echo a=b\n",
                   f'[mail]\ncommand = "{self.keeping_mailer()}"\n')
        self.start_line(1)
        [letter] = self.letters()
        self.assertEqual(letter.get_payload(decode=True), b"x" * 5000 + b"\0\0\0\na=b\n")
        self.assertLess(max(len(line) for line in letter.as_string().splitlines()), 999)

    def test_an_address_that_is_none_is_told_and_gets_nothing(self):
        self.table(f'MAILTO="x y;reboot <a>"\n0 1 1 1 * {user} echo one\n', f'[mail]\ncommand = "{self.keeping_mailer()}"\n')
        self.assertIn("is not a mail address", self.desk.run("check").err)
        self.desk.reach(self.start_line(2), "success")
        self.assertEqual(self.outbox()["pending"], 0)


class Notices(MailTest):
    def test_a_failure_says_what_and_where_to_look(self):
        self.begin(f'[mail]\ncommand = "{self.keeping_mailer()}"\nfrom = "desk@example.com"\n')
        number = self.desk.start_job("a")
        [letter] = self.letters()
        self.assertIn("a failed for", letter["Subject"])
        self.assertEqual(letter["To"], "ops@example.com")
        self.assertIn("desk@example.com", letter["From"])
        for part in ("failed (exit_code)", "exit code 3", "the last words", f"marketcron logs {number}"):
            self.assertIn(part, letter.get_content())

    def test_output_of_a_job_of_the_file(self):
        self.begin(f'[mail]\ncommand = "{self.keeping_mailer()}"\n',
                   '[job.a]\nschedule = "@yearly"\ncwd = "/"\nsecret_env = { S = "secret" }\n'
                   'notify = { output = ["mail:ops@example.com"] }\ncommand = "seq 30; echo $S"\n')
        self.desk.write(PASSWORD, name="secret")
        self.desk.start_job("a")
        [letter] = self.letters()
        self.assertIn("a printed output for", letter["Subject"])
        self.assertIn("\n1\n2\n", letter.get_content())
        self.assertTrue(letter.get_content().endswith("30\n***\n"))

    def test_a_flood_is_folded(self):
        jobs = "".join(f'[job.a{n}]\nschedule = "@yearly"\ncommand = "false"\n' for n in range(40))
        gate = self.desk.folder / "gate"
        gate.touch()
        (self.desk.folder / "letters").mkdir()
        mailer = self.mailer(f'test -e {gate} && exit 75; cat > {self.desk.folder}/fresh.$$; mv {self.desk.folder}/fresh.$$ {self.desk.folder}/letters/')
        self.begin(f'[mail]\ncommand = "{mailer}"\n',
                   '[defaults]\ncwd = "/"\nnotify = { failure = ["mail:ops@example.com"] }\n' + jobs)
        for n in range(40):
            self.desk.start_job(f"a{n}")
        wait_for(lambda: self.outbox()["pending"] == 40, "40 messages that wait")
        gate.unlink()
        letter = self.letters()[-1]
        self.assertRegex(letter["Subject"], r"\d+ failed on ")
        self.assertIn("marketcron runs --state failed", letter.get_content())

    def test_a_test_message(self):
        self.begin(f'[mail]\ncommand = "{self.keeping_mailer()}"\n')
        self.assertEqual(self.desk.run("notify", "test", "mail:ops@example.com").code, 0)
        self.assertIn("marketcron can reach", self.letters()[0].get_content())
        self.says(self.desk.run("notify", "test", "mail:a b"), 1, "no valid mail address")


class BadMailers(MailTest):
    """The trouble is shown in `status`; nothing is lost, and other deliveries continue."""

    def test_one_that_fails_is_tried_again(self):
        gate = self.desk.folder / "gate"
        gate.touch()
        (self.desk.folder / "letters").mkdir()
        mailer = self.mailer(f'test -e {gate} && {{ echo queue is full >&2; exit 75; }}; cat > {self.desk.folder}/fresh.$$; mv {self.desk.folder}/fresh.$$ {self.desk.folder}/letters/')
        self.begin(f'[mail]\ncommand = "{mailer}"\n')
        self.desk.start_job("a")
        self.trouble("the mailer exited with 75", "queue is full")
        gate.unlink()
        self.letters()
        self.empty_outbox()

    def test_one_that_is_missing(self):
        self.begin('[mail]\ncommand = ["/nonexistent/mailer", "-t"]\n')
        self.desk.start_job("a")
        self.trouble("/nonexistent/mailer: program not found")
        self.assertIn("/nonexistent/mailer", self.desk.run("check").err)

    def test_one_that_knows_no_such_user_is_believed(self):
        self.begin(f'[mail]\ncommand = "{self.mailer("exit 67")}"\n')
        self.desk.start_job("a")
        wait_for(lambda: "a message was given up" in self.desk.log(), "a message given up")
        self.assertIn("the mailer exited with 67", self.desk.log())

    def test_one_that_hangs_blocks_no_job_and_no_other_address(self):
        (self.desk.folder / "letters").mkdir()
        mailer = self.mailer(f'cat > {self.desk.folder}/fresh.$$; grep -q "^To: hung" {self.desk.folder}/fresh.$$ && exec sleep 1000; '
                             f'mv {self.desk.folder}/fresh.$$ {self.desk.folder}/letters/')
        self.begin(f'[mail]\ncommand = "{mailer}"\n',
                   FAILING.replace("ops@", "hung@") + '[job.b]\nschedule = "@yearly"\ncwd = "/"\ncommand = "false"\n'
                   'notify = { failure = ["mail:well@example.com"] }\n')
        self.desk.start_job("a")
        wait_for(lambda: self.outbox()["pending"] == 1, "a message on its way")
        self.desk.reach(self.desk.start_job("b"), "failed")
        self.assertEqual(self.letters()[0]["To"], "well@example.com")
        # The mail is there a moment before its mailer ends, and before the ledger records it.
        wait_for(lambda: self.outbox()["pending"] == 1, lambda: f"the hung message alone; now {self.outbox()}")
        self.assertEqual(len(self.letters()), 1)
        self.assertEqual(self.desk.stop(), 0)

    def resident(self):
        """The daemon's peak memory, in kB."""
        with open(f"/proc/{self.desk.daemon.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

    def test_one_that_prints_a_gigabyte(self):
        mailer = self.mailer(f'cat > {self.desk.folder}/letter; yes | head -c 1000000000; exit 75')
        self.begin(f'[mail]\ncommand = "{mailer}"\n')
        before = self.resident()
        self.desk.start_job("a")
        wait_for(lambda: "the mailer exited with 75" in self.outbox()["last_error"], "its end", 60)
        self.assertLess(self.resident() - before, 100_000, "kB of memory for it")
        self.assertLess(len(self.outbox()["last_error"]), 600)


class Servers(MailTest):
    def mailbox(self, *answers, **settings):
        mailbox = Mailbox(answers, **settings)
        self.addCleanup(mailbox.close)
        return mailbox

    def certificate(self):
        """A self-signed certificate for 127.0.0.1."""
        key, cert = self.desk.folder / "key.pem", self.desk.folder / "cert.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=desk",
                        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        return context

    def test_a_plain_server(self):
        mailbox = self.mailbox()
        self.begin(f'[mail]\nsmtp = "smtp://127.0.0.1:{mailbox.port}"\nfrom = "desk@example.com"\n',
                   FAILING + '[crontab]\nfiles = ["crontab"]\n')
        self.desk.write(f"0 1 1 1 * {user} echo .; echo ..x; echo grün\n", name="crontab", mode=0o644)
        self.desk.start_job("a")
        [letter] = mailbox.wait(1)
        self.assertIn("the last words", letter.get_content())
        self.assertEqual(mailbox.letters[0].mail_from, "desk@example.com")
        self.assertEqual(mailbox.letters[0].rcpt_tos, ["ops@example.com"])
        wait_for(lambda: f"{self.desk.folder}/crontab:1" in self.desk.run("next").out, "the table")
        self.start_line(1)
        letter = mailbox.wait(2)[1]
        self.assertEqual(letter["To"], f"{user}@example.com")
        self.assertEqual(letter.get_payload(decode=True).replace(b"\r\n", b"\n").decode(), ".\n..x\ngrün\n")

    def test_a_server_with_tls_and_a_login(self):
        told = []

        def authenticate(_server, _session, _envelope, _mechanism, login):
            told.append(login)
            good = isinstance(login, LoginPassword) and login.password == PASSWORD.encode()
            return AuthResult(success=good, handled=False)

        mailbox = self.mailbox(tls_context=self.certificate(), require_starttls=True, auth_required=True,
                               authenticator=authenticate)
        self.desk.write(f"desk:wrong{PASSWORD}\n", name="login")
        self.begin(f'[mail]\nsmtp = "smtp://127.0.0.1:{mailbox.port}"\nlogin_file = "login"\nca_file = "cert.pem"\n'
                   'tls = "required"\n')
        self.desk.start_job("a")
        self.trouble("535")
        self.assertEqual(self.outbox()["pending"], 1)
        self.desk.write(f"desk:{PASSWORD}\n", name="login")
        mailbox.wait(1)
        self.assertEqual(told[-1].login, b"desk")
        self.empty_outbox()
        for place in (self.desk.state / "ledger.db", self.desk.state / "ledger.db-wal", self.desk.folder / "daemon.log"):
            self.assertNotIn(PASSWORD.encode(), place.read_bytes())
        self.assertNotIn(PASSWORD.encode(), mailbox.letters[0].content)

    def test_no_message_to_a_server_whose_certificate_is_not_good(self):
        mailbox = self.mailbox(tls_context=self.certificate())
        self.begin(f'[mail]\nsmtp = "smtp://127.0.0.1:{mailbox.port}"\ntls = "required"\n')
        self.desk.start_job("a")
        self.trouble("certificate")
        self.assertEqual(mailbox.letters, [])

    def test_no_message_where_tls_is_required_and_not_offered(self):
        mailbox = self.mailbox()
        self.begin(f'[mail]\nsmtp = "smtp://127.0.0.1:{mailbox.port}"\ntls = "required"\n')
        self.desk.start_job("a")
        self.trouble("SSL")
        self.assertEqual(mailbox.letters, [])

    def require_tls_after_a_letter(self, mailbox, *words):
        """The connection is still open, and must not be used."""
        place = f'[mail]\nsmtp = "smtp://127.0.0.1:{mailbox.port}"\n'
        self.begin(place + 'tls = "opportunistic"\n')
        self.desk.start_job("a")
        mailbox.wait(1)
        self.empty_outbox()
        self.desk.write(HEAD + place + 'tls = "required"\n' + FAILING)
        self.assertEqual(self.desk.run("reload").code, 0)
        self.desk.start_job("a")
        self.trouble(*words)
        self.assertEqual(len(mailbox.letters), 1)

    def test_a_reload_that_requires_tls_uses_no_connection_without_it(self):
        self.require_tls_after_a_letter(self.mailbox(), "SSL")

    def test_a_reload_that_requires_tls_uses_no_connection_whose_certificate_was_not_checked(self):
        self.require_tls_after_a_letter(self.mailbox(tls_context=self.certificate()), "certificate")

    def test_a_server_that_is_busy_is_asked_again_and_one_that_refuses_is_believed(self):
        mailbox = self.mailbox("451 busy", "250 kept", "554 no thanks")
        self.begin(f'[mail]\nsmtp = "smtp://127.0.0.1:{mailbox.port}"\n')
        self.desk.start_job("a")
        mailbox.wait(1)
        self.assertIn("451 busy", self.desk.log())
        self.desk.start_job("a")
        wait_for(lambda: "a message was given up" in self.desk.log(), "a message given up")
        self.assertIn("554 no thanks", self.desk.log())

    def test_a_dead_address_takes_nothing_from_the_others(self):
        mailbox = self.mailbox(nobody=["bad@example.com"])
        self.table(f"MAILTO=bad@example.com,good@example.com\n0 1 1 1 * {user} echo one\n",
                   f'[mail]\nsmtp = "smtp://127.0.0.1:{mailbox.port}"\n')
        self.start_line(2)
        mailbox.wait(1)
        self.assertEqual(mailbox.letters[0].rcpt_tos, ["good@example.com"])
        wait_for(lambda: "a message was given up" in self.desk.log(), "the other given up")
        self.assertIn("mail:bad@example.com: the mail server answered: 550 no such user here", self.desk.log())
        self.assertIn("TROUBLE: mail:bad@example.com", self.desk.run("status").out)

    def test_a_server_that_has_no_time_is_asked_again(self):
        busy = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(busy.close)

        def greet():
            try:
                while True:
                    connection, _ = busy.accept()
                    with connection:
                        connection.sendall(b"554 too many connections\r\n")
                        connection.recv(100)
            except OSError:
                return

        threading.Thread(target=greet, daemon=True).start()
        self.begin(f'[mail]\nsmtp = "smtp://127.0.0.1:{busy.getsockname()[1]}"\n')
        self.desk.start_job("a")
        self.trouble("554 too many connections")
        self.assertEqual(self.outbox()["pending"], 1)

    def test_a_server_that_is_silent_after_the_last_line_blocks_nothing(self):
        mailbox = self.mailbox()
        mailbox.silent = True
        self.begin(f'[mail]\nsmtp = "smtp://127.0.0.1:{mailbox.port}"\n',
                   FAILING + '[job.b]\nschedule = "@every 1s"\ncwd = "/"\noverlap = "allow"\ncommand = "true"\n')
        self.desk.start_job("a")
        wait_for(lambda: mailbox.unanswered == 1, "a mail that waits for its answer")
        begun = time.time()
        time.sleep(4)  # four runs of b are due
        runs = [run for run in self.desk.runs() if run["job"] == "b" and instant(run["fire"]) > begun]
        self.assertGreaterEqual(sum(run["state"] == "success" for run in runs), 2, runs)
        for run in runs:
            if run["started"]:
                self.assertLess(instant(run["started"]) - instant(run["fire"]), 2, run)
        self.assertEqual(self.outbox()["pending"], 1)
        mailbox.silent = False
        self.empty_outbox()
        mailbox.silent = True
        self.desk.start_job("a")
        wait_for(lambda: mailbox.unanswered == 1, "the next one")
        begun = time.monotonic()
        self.assertEqual(self.desk.stop(), 0)
        self.assertLess(time.monotonic() - begun, 10, "seconds until the daemon ended")
        self.assertEqual(len(mailbox.letters), 1)

    def test_a_server_that_is_not_there_loses_nothing(self):
        mailbox = self.mailbox()
        mailbox.close()
        self.begin(f'[mail]\nsmtp = "127.0.0.1:{mailbox.port}"\n')
        self.desk.start_job("a")
        self.trouble(f"mail:ops@example.com: smtp://127.0.0.1:{mailbox.port}: ")
        self.assertEqual(self.outbox()["pending"], 1)

    def test_a_login_that_others_may_read_is_not_used(self):
        mailbox = self.mailbox()
        self.desk.write(f"desk:{PASSWORD}\n", name="login", mode=0o644)
        self.begin(f'[mail]\nsmtp = "smtp://127.0.0.1:{mailbox.port}"\nlogin_file = "login"\n')
        self.desk.start_job("a")
        self.trouble("other users can read the login file")
        self.assertIn(f"other users can read {self.desk.folder}/login, which contains a secret", self.desk.run("check").err)

    def test_msmtp_delivers(self):
        mailbox = self.mailbox()
        self.desk.write(f"account default\nhost 127.0.0.1\nport {mailbox.port}\nfrom desk@example.com\n", name="msmtprc")
        self.begin(f'[mail]\ncommand = ["msmtp", "-C", "{self.desk.folder}/msmtprc", "-t"]\n')
        self.desk.start_job("a")
        [letter] = mailbox.wait(1)
        self.assertIn("the last words", letter.get_content())
        self.assertEqual(mailbox.letters[0].rcpt_tos, ["ops@example.com"])


if __name__ == "__main__":
    desk.main()
