#!/usr/bin/env python3
"""users_test.py MARKETCRON: what each user may request from root's daemon, which runs in a mount namespace with the
test's own passwd and group files. Run as root."""
import json
import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "e2e"))
import desk
from desk import HEAD, NOBODY, DeskTest, wait_for

ANN, BOB, OPERATOR, NAMELESS, GROUP = 64101, 64102, 64103, 64104, 64110
JOBS = ('[defaults]\nschedule = "@yearly"\ncwd = "/"\n'
        '[job.anns]\nuser = "ann"\ncommand = "echo hers; id -un"\n'
        '[job.roots]\ncommand = "echo secret"\n[job.late]\nuser = "later"\ncommand = "id -un"\n')


class ConfigFiles(DeskTest):
    def test_one_of_another_user_is_refused_unless_it_is_named(self):
        (self.desk.folder / "etc" / "marketcron").mkdir(parents=True)
        for name in ("passwd", "group"):
            shutil.copy(f"/etc/{name}", self.desk.folder / "etc" / name)
        file = self.desk.write(HEAD + '[job.a]\nschedule = "@yearly"\ncommand = "true"\n', name="etc/marketcron/marketcron.toml")
        os.chown(file, NOBODY, NOBODY)
        done = subprocess.run(["unshare", "-m", "sh", "-c", f"mount --bind {self.desk.folder}/etc /etc && exec {self.desk.program} daemon"],
                              capture_output=True, text=True, timeout=20, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("nobody can write this file and so decide what runs; chown 0 ", done.stderr)
        self.desk.jobs('[job.a]\nschedule = "@yearly"\ncommand = "true"\n')
        os.chown(self.desk.config, NOBODY, NOBODY)
        self.desk.start()

class CalendarFiles(DeskTest):
    """/etc/marketcron/calendars overrides the built-in calendars, and a bad file there is refused with its place."""
    def asked(self, *words):
        return subprocess.run(["unshare", "-m", "sh", "-c", 'mount --bind "$0"/etc /etc && exec "$@"', self.desk.folder,
                               self.desk.program, *words], capture_output=True, text=True, timeout=20, check=False)

    def test_they_win_and_are_checked(self):
        (self.desk.folder / "etc" / "marketcron" / "calendars").mkdir(parents=True)
        for name in ("passwd", "group"):
            shutil.copy(f"/etc/{name}", self.desk.folder / "etc" / name)
        head = 'name = "XNYS"\nextends = "XNYS"\n'
        config = self.desk.jobs('[job.a]\ncalendar = "XNYS"\nschedule = "@close"\ncommand = "true"\n')
        self.desk.write(head + '[closed]\n2026-12-23 = "a day off"\n', name="etc/marketcron/calendars/own.toml")
        self.assertIn("closed: a day off", self.asked("calendar", "show", "NYSE", "2026-12-23").stdout)
        self.assertEqual(self.asked("check", "-c", config).returncode, 0)
        self.desk.write(head + '[extra_sessions]\n2026-12-26 = { name = "x", open = "09:00", close = "08:00" }\n',
                        name="etc/marketcron/calendars/own.toml")
        for words in (("check", "-c", config), ("daemon", "-c", config)):
            done = self.asked(*words)
            self.assertEqual(done.returncode, 2, words)
            self.assertIn("own.toml:4:", done.stderr)
            self.assertIn("the close is not after the open", done.stderr)


    def test_a_broken_one_is_no_built_in_calendar(self):
        folder = self.desk.folder / "etc" / "marketcron" / "calendars"
        folder.mkdir(parents=True)
        for name in ("passwd", "group"):
            shutil.copy(f"/etc/{name}", self.desk.folder / "etc" / name)
        config = self.desk.jobs('[job.a]\ncalendar = "XNYS"\nschedule = "@close"\ncommand = "true"\n')
        asked = (("calendar", "show", "XLON"), ("calendar", "is-open", "XLON"), ("calendar", "list"),
                 ("calendar", "sessions", "XLON", "--from", "2026-01-05", "--to", "2026-01-06"),
                 ("next", "--schedule", "@close", "--calendar", "XLON"), ("check", "-c", config))
        file = folder / "own.toml"
        good = 'name = "XNYS"\nextends = "XNYS"\nwithout = ["Christmas Eve"]\n'
        for make, part in ((lambda: file.write_text('name = "XNYS"\nname = "XNYS"\n'), "own.toml:2:"),
                           (lambda: file.write_text(""), "own.toml:1:1: error: the file is empty; write the calendar"),
                           (lambda: file.write_bytes(b'name = "X\0"'), "own.toml:1:1: error: the file contains a NUL"),
                           (file.mkdir, "own.toml: error: "),
                           (lambda: os.mkfifo(file), "own.toml: error: not a regular file"),
                           (lambda: file.symlink_to("/nowhere"), "own.toml: error: "),
                           (lambda: file.write_text('name = "NYSE"\nextends = "XNYS"\n'), "own.toml:1:8:")):
            make()
            for words in asked:
                done = self.asked(*words)
                self.assertEqual((done.returncode, part in done.stderr), (2, True), (part, words, done.stderr))
            file.rmdir() if file.is_dir() else file.unlink()
        file.write_text(good)
        self.assertEqual(self.asked("check", "-c", config).returncode, 0)  # it extends the calendar that it replaces
        (folder / "second.toml").write_text(good)
        done = self.asked(*asked[0])
        self.assertEqual(done.returncode, 2)
        self.assertIn("second.toml:1:8: error: /etc/marketcron/calendars/own.toml defines calendar XNYS too", done.stderr)
        (folder / "second.toml").unlink()
        file.chmod(0o666)
        done = self.asked("daemon", "-c", config)
        self.assertEqual(done.returncode, 2)
        self.assertIn("own.toml:1:1: error: every user can write this file and so decide when jobs run; chmod go-w", done.stderr)


class Users(DeskTest):
    def setUp(self):
        super().setUp()
        self.desk.write(HEAD + JOBS, mode=0o644)
        users = {"ann": ANN, "bob": BOB, "operator1": OPERATOR}
        with open("/etc/passwd", encoding="utf-8") as passwd, open("/etc/group", encoding="utf-8") as group:
            self.passwd = passwd.read() + "".join(f"{name}:x:{uid}:{uid}::/:/bin/sh\n" for name, uid in users.items())
            groups = group.read() + f"marketcron:x:{GROUP}:operator1\n"
        self.desk.write(self.passwd, name="passwd", mode=0o644)
        self.desk.write(groups, name="group", mode=0o644)

    def start(self):
        """Starts the daemon in a system with ann, bob and the group marketcron."""
        mounts = "".join(f"mount --bind {self.desk.folder}/{name} /etc/{name} && " for name in ("passwd", "group"))
        with open(self.desk.folder / "daemon.log", "ab") as log:
            # unshare without --fork calls exec: the daemon's pid is that of unshare
            self.desk.daemon = subprocess.Popen(
                ["unshare", "-m", "sh", "-c", f"{mounts}exec {self.desk.program} daemon -c {self.desk.config}"],
                cwd=self.desk.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_for(self.desk.is_up, "a daemon that answers")

    def ask_as(self, uid, *words, groups=None):
        command = [str(self.desk.open_program()), *map(str, words), "-c", str(self.desk.config)]
        more = f"--groups={groups}" if groups else "--clear-groups"
        done = subprocess.run(["setpriv", f"--reuid={uid}", f"--regid={uid}", more, *command], cwd="/", text=True,
                              capture_output=True, timeout=30, check=False)
        return desk.Done(done.returncode, done.stdout, done.stderr)

    def test_each_sees_and_starts_what_is_his(self):
        self.start()
        secret = self.desk.start_job("roots")
        self.desk.reach(secret, "success")

        self.assertEqual(self.ask_as(ANN, "start", "anns").code, 0)
        wait_for(lambda: '"success"' in self.ask_as(ANN, "runs", "--json").out, "ann's run")
        runs = [json.loads(line) for line in self.ask_as(ANN, "runs", "--json").out.splitlines()]
        self.assertEqual([run["job"] for run in runs], ["anns"])
        self.assertIn("anns", self.ask_as(ANN, "runs").out)
        self.assertEqual(self.ask_as(ANN, "logs", runs[0]["run"]).out, "hers\nann\n")
        self.assertIn("success", self.ask_as(ANN, "why", "anns").out)
        status = json.loads(self.ask_as(ANN, "status", "--json").out)
        self.assertEqual((status["jobs"], {fire["job"] for fire in status["next"]}), (1, {"anns"}))
        self.says(self.ask_as(ANN, "start", "roots"), 2, "unknown job `roots`")
        self.says(self.ask_as(ANN, "logs", secret), 2, f"there is no run {secret}")
        for number in (secret, 9999):  # a run of another user and a missing run give the same answer
            self.says(self.ask_as(ANN, "stop", number), 2, f"there is no run {number}; marketcron runs lists them")
        self.says(self.ask_as(ANN, "why", "roots"), 2, "unknown job `roots`")
        self.assertEqual(self.ask_as(ANN, "runs", "roots", "--json").out, "")
        self.says(self.ask_as(ANN, "reload"), 1, f"uid {ANN} has no permission for /v1/reload")
        self.says(self.ask_as(BOB, "status"), 1, f"uid {BOB} has no access to this daemon")

        days = ["--from", "2026-01-01", "--to", "2026-01-01"]
        planned = self.ask_as(ANN, "backfill", "anns", *days, "--dry-run", "--json")
        self.assertEqual([json.loads(line)["chosen"] for line in planned.out.splitlines()], [True], planned.err)
        done = self.ask_as(ANN, "backfill", "anns", *days, "--yes", "--wait")
        self.assertEqual((done.code, done.err), (0, "1 of 1 done: 1 success\n"))
        self.says(self.ask_as(ANN, "backfill", "anns", "roots", *days, "--yes"), 2, "unknown job `roots`")

        operator = {"groups": GROUP}
        self.says(self.ask_as(OPERATOR, "start", "roots", "--env", "LD_PRELOAD=/tmp/x.so", **operator), 1,
                  "only root and the user that roots runs as can use --env")
        # A uid without a name is not the daemon's user, whose jobs also have no `user`.
        self.says(self.ask_as(NAMELESS, "start", "roots", "--env", "LD_PRELOAD=/tmp/x.so", **operator), 1,
                  "only root and the user that roots runs as can use --env")
        self.assertEqual(self.ask_as(OPERATOR, "start", "roots", **operator).code, 0)
        self.assertEqual(self.ask_as(OPERATOR, "logs", secret, **operator).out, "secret\n")
        self.assertEqual(json.loads(self.ask_as(OPERATOR, "status", "--json", **operator).out)["jobs"], 3)
        self.assertEqual(self.ask_as(OPERATOR, "reload", **operator).code, 0)
        self.says(self.ask_as(OPERATOR, "drain", **operator), 1, "has no permission for /v1/drain")

    def connect_as(self, uid, number, request=b""):
        """A process of that user that holds that many connections, each with that request, and reads no answer."""
        program = (f"import socket, sys, time\nheld = []\nfor _ in range({number}):\n  one = socket.socket(socket.AF_UNIX)\n"
                   f"  try:\n    one.connect({str(self.desk.socket)!r}); one.sendall({request!r})\n    held.append(one)\n"
                   f"  except OSError: pass\nprint('held', flush=True)\n" + ("" if request else "time.sleep(60)\n"))
        command = ["/usr/bin/python3", "-c", program]
        command = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", *command]
        held = subprocess.Popen(command, stdout=subprocess.PIPE, cwd="/")
        self.addCleanup(held.stdout.close)
        self.addCleanup(held.wait)
        self.addCleanup(held.kill)
        held.stdout.readline()
        return held

    def test_who_leaves_before_the_answer_ends_nothing(self):
        self.start()
        request = b"GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n" * 50
        self.connect_as(BOB, 20, request).wait(20)
        self.assertEqual(self.desk.run("status").code, 0)
        self.assertIsNone(self.desk.daemon.poll())

    def test_one_user_cannot_take_all_connections(self):
        self.start()
        descriptors = lambda: len(os.listdir(f"/proc/{self.desk.daemon.pid}/fd"))
        before = descriptors()
        self.connect_as(BOB, 600)
        wait_for(lambda: descriptors() <= before + 16, lambda: f"connections turned away; {before}, now {descriptors()}")
        self.assertEqual(self.desk.run("status").code, 0)

    def test_what_ran_as_root_stays_roots_when_its_job_becomes_anothers(self):
        self.start()
        number = self.desk.start_job("roots")
        self.desk.reach(number, "success")
        self.desk.write(HEAD + JOBS.replace("[job.roots]", '[job.roots]\nuser = "ann"'), mode=0o644)
        self.assertEqual(self.desk.run("reload").code, 0)
        self.says(self.ask_as(ANN, "logs", number), 2, f"there is no run {number}")
        self.assertEqual(self.ask_as(ANN, "runs", "roots", "--json").out, "")
        self.assertEqual(self.ask_as(ANN, "start", "roots").code, 0)
        wait_for(lambda: self.ask_as(ANN, "runs", "roots", "--json").out.count('"success"') == 1, "her own run of it")

    def test_a_crontab_user_operates_his_own_table(self):
        spool = self.desk.folder / "spool"
        spool.mkdir(mode=0o700)
        table = spool / "ann"
        table.write_text("MAILTO=\n0 1 1 1 * id -un\n")
        table.chmod(0o600)
        os.chown(table, ANN, ANN)
        self.desk.write(HEAD + JOBS + f'[crontab]\nspool = "{spool}"\n', mode=0o644)
        self.start()
        title = f"{table}:2"
        self.assertEqual(self.ask_as(ANN, "start", title).code, 0)
        wait_for(lambda: '"success"' in self.ask_as(ANN, "runs", title, "--json").out, "its run")
        self.assertIn(title, self.ask_as(ANN, "next").out)
        self.assertNotIn("roots", self.ask_as(ANN, "next").out)
        self.assertIn(title, self.ask_as(ANN, "completion", "jobs").out)

    def test_an_unknown_user_is_looked_for_again_at_each_fire(self):
        self.start()
        run = self.desk.reach(self.desk.start_job("late"), "failed")
        self.assertEqual((run["reason"], run["detail"].split(";")[0]), ("spawn_failed", "user later not found"))
        with open(self.desk.folder / "passwd", "a", encoding="utf-8") as passwd:
            passwd.write(f"later:x:{BOB + 10}:{BOB + 10}::/:/bin/sh\n")
        run = self.desk.reach(self.desk.start_job("late"), "success")
        self.assertEqual(self.desk.output(run["run"]).read_text(), "later\n")


if __name__ == "__main__":
    desk.main()
