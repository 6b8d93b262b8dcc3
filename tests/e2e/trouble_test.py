#!/usr/bin/env python3
"""trouble_test.py MARKETCRON: troubles of the daemon itself reach [daemon] notify: each kind, at a real webhook, and
by mail. The trouble of another cron daemon is tested in crontab_test.py, because two tests with a false cron daemon
would disturb each other."""
import datetime
import os
import pathlib
import signal
import sqlite3
import subprocess

import desk
from desk import HEAD, DeskTest, send_signal, wait_for
from mail_test import Mailbox
from slack_test import PATH, Webhook

CLOCK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t clock, struct timespec* now) {
    int (*real)(clockid_t, struct timespec*) = dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, now);
    if (clock == CLOCK_REALTIME && access(getenv("CLOCK_STEP"), F_OK) == 0) now->tv_sec += 7200;
    return result;
}
"""
# While a file exists, allocations of some sizes fail.
MEMORY = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
static int is_missing(size_t bytes) {
    return bytes > 300000 && bytes < 500000 && getenv("NO_MEMORY") != NULL && access(getenv("NO_MEMORY"), F_OK) == 0;
}
void* malloc(size_t bytes) {
    static void* (*real)(size_t);
    if (real == NULL) real = dlsym(RTLD_NEXT, "malloc");
    if (!is_missing(bytes)) return real(bytes);
    errno = ENOMEM;
    return NULL;
}
// operator new, which a sanitizer's does not ask malloc
__attribute__((weak)) void _ZSt17__throw_bad_allocv(void);
void* _Znwm(size_t bytes) {
    static void* (*real)(size_t);
    if (real == NULL) real = dlsym(RTLD_NEXT, "_Znwm");
    if (is_missing(bytes)) _ZSt17__throw_bad_allocv();
    return real(bytes);
}
"""
JOB = '[job.a]\nschedule = "@yearly"\ncwd = "/"\ncommand = "true"\n'


class TroubleTest(DeskTest):
    def setUp(self):
        super().setUp()
        self.hook = self.webhook()

    def webhook(self, *answers):
        webhook = Webhook(0, answers)
        self.addCleanup(webhook.close)
        return webhook

    def write(self, more="", notify='"slack:ops"', jobs=JOB, hook=None):
        self.desk.write(f"http://127.0.0.1:{(hook or self.hook).port}{PATH}\n", name="hook")
        self.desk.write(f'{HEAD}notify = [{notify}]\n[slack.ops]\nwebhook_file = "hook"\n{more}\n{jobs}')

    def begin(self, more="", **how):
        self.write(more, **how)
        self.desk.start()

    def begin_with(self, source, **environment):
        """Starts the daemon with a library between it and the C library."""
        file, library = self.desk.folder / "between.c", self.desk.folder / "between.so"
        file.write_text(source)
        subprocess.run(["cc", "-shared", "-fPIC", "-fexceptions", "-o", library, file, "-ldl"], check=True)
        self.write()
        before = {"LD_PRELOAD": str(library), "ASAN_OPTIONS": "verify_asan_link_order=0"}
        self.desk.start(env=os.environ | before | {name: str(value) for name, value in environment.items()})

    def status(self):
        return self.desk.ask("GET", "/v1/status")

    def kinds(self):
        return [trouble["kind"] for trouble in self.status()["troubles"]]

    def keepers(self):
        """The keeper and its wardens: the other processes that have the state directory open."""
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) in (os.getpid(), self.desk.daemon.pid):
                continue
            try:
                links = [os.readlink(fd) for fd in (entry / "fd").iterdir()]
            except OSError:
                continue  # it has ended, or belongs to another user
            if str(self.desk.state) in links:
                found.append(int(entry.name))
        self.assertGreaterEqual(len(found), 2)
        return found

    def told(self, *parts, hook=None, seconds=25):
        """Waits for the message that contains all parts, and checks that there is only one."""
        posts = hook or self.hook
        def found():
            texts = [text for text in posts.texts() if all(part in text for part in parts)]
            return texts and texts[0]
        text = wait_for(found, lambda: f"a message with {parts}; there are {posts.texts()}", seconds)
        self.assertEqual(sum(all(part in text for part in parts) for text in posts.texts()), 1, posts.texts())
        return text


class Kinds(TroubleTest):
    def test_ledger_while_it_cannot_be_written(self):
        self.begin()
        lock = sqlite3.connect(self.desk.state / "ledger.db", isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        self.desk.run("start", "a")
        text = self.told("🔴 TROUBLE: the ledger cannot be written", "nothing is lost")
        self.assertIn("Details: `marketcron status`", text)
        self.assertEqual(self.kinds(), ["ledger"])
        self.assertIn("TROUBLE: the ledger cannot be written", self.desk.run("status").out)
        lock.execute("ROLLBACK")
        lock.close()
        wait_for(lambda: self.kinds() == [], "a ledger that can be written", 30)
        self.assertIn("marketcron: the ledger can be written again", self.desk.log())

    def test_ledger_and_a_webhook_that_fails_first(self):
        hook = self.webhook((503, {}, b"busy"), None, (500, {}, b"no"))
        self.begin(hook=hook)
        lock = sqlite3.connect(self.desk.state / "ledger.db", isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        self.desk.run("start", "a")
        hook.wait(4, seconds=40)
        lock.execute("ROLLBACK")
        lock.close()
        self.assertEqual(len(set(hook.texts()[:4])), 1)
        self.assertIn("TROUBLE: the ledger cannot be written", hook.texts()[3])

    def test_keeper(self):
        self.begin()
        socket = self.desk.state / "keeper.sock"
        socket.unlink()
        (socket / "in the way").mkdir(parents=True)
        keepers = self.keepers()
        for number in (signal.SIGSTOP, signal.SIGKILL):  # so that none ends because another one has ended
            for pid in keepers:
                send_signal(pid, number)
        self.told("🔴 TROUBLE: no job can start")
        self.assertEqual(self.kinds(), ["keeper"])
        (socket / "in the way").rmdir()
        socket.rmdir()
        wait_for(lambda: self.kinds() == [], "a keeper", 30)
        self.desk.reach(self.desk.start_job("a"), "success")

    def test_keeper_that_hangs(self):
        lines = self.desk.folder / "lines"
        self.begin(jobs=f'[job.a]\nschedule = "@yearly"\noverlap = "allow"\n'
                        f'command = "echo $MARKETCRON_RUN >> {lines}"\n')
        self.desk.reach(self.desk.start_job("a"), "success")
        keeper = next(pid for pid in self.keepers() if pathlib.Path(f"/proc/{pid}/comm").read_text() == "mc-keeper\n")
        send_signal(keeper, signal.SIGSTOP)
        try:
            runs = [self.desk.start_job("a") for _ in range(2)]
            text = self.told("🔴 TROUBLE: no job can start: the keeper", "has not answered since")
            self.assertIn(f"(process {keeper})", text)
            self.assertIn(f"run {runs[0]} of a (and 1 more) was handed to it", text)
            self.assertEqual(self.kinds(), ["keeper"])
        finally:
            send_signal(keeper, signal.SIGCONT)
        wait_for(lambda: self.kinds() == [], "the keeper's answer")
        for run in runs:
            self.desk.reach(run, "success")
        self.assertEqual(sorted(lines.read_text().split()), sorted(str(number) for number in (1, *runs)))

    def test_a_keeper_that_hangs_is_replaced_when_it_is_killed(self):
        self.begin()
        self.desk.reach(self.desk.start_job("a"), "success")
        keeper = next(pid for pid in self.keepers() if pathlib.Path(f"/proc/{pid}/comm").read_text() == "mc-keeper\n")
        send_signal(keeper, signal.SIGSTOP)
        run = self.desk.start_job("a")
        wait_for(lambda: self.kinds() == ["keeper"], "the trouble", 30)
        send_signal(keeper, signal.SIGKILL)  # as the message suggests
        self.assertEqual(self.desk.reach(run, "success")["attempt"], 1)
        self.assertEqual(self.kinds(), [])

    def test_configuration_that_a_reload_refuses(self):
        self.begin()
        good = self.desk.config.read_text()
        self.desk.config.write_text(good + JOB.replace("job.a", "job.b") + "schedul = 1\n")
        self.assertEqual(self.desk.run("reload").code, 1)
        text = self.told("🔴 TROUBLE: a reload was refused", "desk.toml:", "unknown key `schedul`")
        self.assertNotIn("TROUBLE since", text)
        self.assertEqual(self.kinds(), ["configuration"])
        self.desk.run("reload")
        self.desk.config.write_text(good)
        self.assertEqual(self.desk.run("reload").code, 0)
        self.assertEqual(self.kinds(), [])
        self.assertEqual(len(self.hook.posts), 1)

    def test_outbox_of_a_target_that_loses_messages(self):
        """Another target gets the message; the one that does not work does not."""
        dead = self.webhook(*[(410, {}, b"gone")] * 9)
        self.desk.write(f"http://127.0.0.1:{dead.port}{PATH}\n", name="dead")
        self.begin('[slack.dead]\nwebhook_file = "dead"\n', notify='"slack:dead", "slack:ops"')
        self.assertEqual(self.desk.run("notify", "test", "dead").code, 1)  # not delivered
        wait_for(lambda: self.kinds() == ["outbox"], lambda: self.status()["troubles"])
        self.told("🔴 TROUBLE: slack:dead: HTTP 410", seconds=90)
        self.assertFalse([text for text in dead.texts() if "TROUBLE" in text])


    def test_crontabs_that_are_not_read(self):
        table = self.desk.folder / "table"
        table.write_text("0 0 1 1 * true\n")
        table.chmod(0o666)
        self.begin(f'[crontab]\nfiles = ["{table}", "{self.desk.folder}/not-there-yet"]\n')
        self.told("🔴 TROUBLE: no line of", str(table), "users other than its owner can write it")
        self.assertEqual(self.kinds(), ["crontabs"])
        table.chmod(0o644)
        wait_for(lambda: self.kinds() == [], "a table that is read")

    def test_disk_with_little_room(self):
        """The state is on a small disk, in mounts that only the daemon has."""
        self.write()
        self.desk.state.mkdir(mode=0o700)
        own_mounts = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
        self.desk.start(by=[*own_mounts, "sh", "-c", 'mount -t tmpfs -o size=40m,mode=700 tmpfs "$0" && exec "$@"',
                            self.desk.state])
        filler = pathlib.Path(f"/proc/{self.desk.daemon.pid}/root{self.desk.state}/filler")
        self.assertEqual(self.kinds(), [])
        room = os.statvfs(filler.parent)
        with open(filler, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, room.f_bavail * room.f_frsize - (1 << 20))
        self.status()  # the check happens when the daemon wakes
        self.told("🔴 TROUBLE: only", "MB are free in", str(self.desk.state))
        self.assertEqual(self.kinds(), ["disk"])
        filler.unlink()
        self.status()
        self.assertEqual(self.kinds(), [])

    def test_clock_that_is_set(self):
        """Through a library between the daemon and the C library: a test must not set the machine's clock."""
        step = self.desk.folder / "step"
        self.begin_with(CLOCK, CLOCK_STEP=step)
        step.touch()
        self.status()
        self.told("🔴 TROUBLE: the wall clock was set forward by 2h")
        self.assertEqual(self.kinds(), ["clock"])

    def test_calendars_that_end(self):
        last = datetime.date.today() + datetime.timedelta(days=30)
        self.begin(f'[calendar.SHORT]\ntimezone = "UTC"\ncoverage = {{ from = 2020-01-01, to = {last} }}\n'
                   '[[calendar.SHORT.hours]]\nopen = "09:00"\nclose = "17:30"\n',
                   jobs='[job.a]\nschedule = "@close"\ncalendar = "SHORT"\ncommand = "true"\n')
        self.told("🔴 TROUBLE: calendar SHORT ends on", "1 of the jobs need it")
        self.assertEqual(self.kinds(), ["calendars"])

    def test_outbox_that_lost_a_message(self):
        hook = self.webhook((413, {}, b"too large"))
        self.begin(hook=hook)
        self.assertEqual(self.desk.run("notify", "test", "ops").code, 1)  # not delivered
        self.told("🔴 TROUBLE: slack:ops: HTTP 413", "a message was given up", hook=hook)

    def test_socket_that_is_removed(self):
        self.begin()
        self.desk.socket.unlink()
        wait_for(lambda: self.desk.run("status").code == 0, "an answer")
        self.assertEqual(self.kinds(), [])
        (self.desk.folder / "plain").write_text("in the way")
        (self.desk.folder / "plain").rename(self.desk.socket)
        self.told("🔴 TROUBLE: no command reaches the daemon: its control socket was removed, and ", "is not a socket")
        self.desk.socket.unlink()
        wait_for(lambda: self.desk.run("status").code == 0, "an answer")
        self.assertEqual(self.kinds(), [])

    def test_internal_error_and_the_daemon_goes_on(self):
        missing = self.desk.folder / "no-memory"
        self.begin_with(MEMORY, NO_MEMORY=missing)
        run = self.desk.reach(self.desk.start_job("a"), "success")
        missing.touch()
        status, answer = self.desk.send("POST", "/v1/notify-test", b'{"target": "' + b"x" * 300_000 + b'"}')
        self.assertEqual(status, 500, answer)
        self.assertIn("internal error", answer["error"])
        missing.unlink()
        self.told("🔴 TROUBLE: an internal error: std::bad_alloc", "the daemon continues from its ledger")
        self.assertEqual(self.kinds(), ["internal"])
        self.assertIsNone(self.desk.daemon.poll())
        self.assertEqual(self.desk.find_run(run["run"]), run)
        self.desk.reach(self.desk.start_job("a"), "success")

    def test_identity_of_a_ledger_that_lacks_runs(self):
        self.begin()
        self.desk.reach(self.desk.start_job("a"), "success")
        self.desk.stop()
        for file in self.desk.state.glob("ledger.db*"):
            file.unlink()
        self.desk.start()
        self.told("🔴 TROUBLE: the ledger lacked 1 run that left files in", "do not run a second time")
        self.assertEqual(self.kinds(), ["identity"])

    def test_full_where_no_attempt_can_be_started(self):
        self.begin()
        self.desk.reach(self.desk.start_job("a"), "success")
        place = self.desk.state / "runs" / "0"
        place.rename(place.with_name("away"))
        place.write_text("in the way")
        run = self.desk.start_job("a")
        self.told("🔴 TROUBLE: no job can start: cannot write the attempt's record: Not a directory", "nothing is lost")
        self.assertEqual(set(self.kinds()), {"full"})
        place.unlink()
        place.with_name("away").rename(place)
        self.desk.reach(run, "success", seconds=45)


class Ways(TroubleTest):
    def test_by_mail(self):
        mailbox = Mailbox()
        self.addCleanup(mailbox.close)
        self.begin(f'[mail]\nsmtp = "smtp://127.0.0.1:{mailbox.port}"\n', notify='"mail:ops@example.com"')
        self.desk.config.write_text(self.desk.config.read_text() + "[job.\n")
        self.assertEqual(self.desk.run("reload").code, 1)
        wait_for(lambda: mailbox.letters, "a mail")
        letter = mailbox.letters[0].content.decode()
        self.assertRegex(letter, r"Subject: marketcron on \S+: TROUBLE")
        self.assertEqual(mailbox.letters[0].rcpt_tos, ["ops@example.com"])

    def test_a_daemon_without_targets_says_it_in_status(self):
        self.begin(notify="")
        self.desk.config.write_text(self.desk.config.read_text() + "[job.\n")
        self.assertEqual(self.desk.run("reload").code, 1)
        self.assertEqual(self.kinds(), ["configuration"])
        self.assertEqual(self.hook.posts, [])

    def test_what_the_control_api_says(self):
        self.begin()
        self.desk.config.write_text(self.desk.config.read_text() + "[job.\n")
        self.desk.run("reload")
        trouble = self.status()["troubles"][0]
        self.assertEqual({key: type(value) for key, value in trouble.items()},
                         {"kind": str, "about": str, "text": str, "since": str, "times": int})
        self.assertEqual((trouble["kind"], trouble["about"], trouble["times"]), ("configuration", "", 1))


if __name__ == "__main__":
    desk.main()
