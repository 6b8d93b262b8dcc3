#!/usr/bin/env python3
"""users_test.py MARKETCRON: the files that the daemon trusts, and the users for whom its socket is open. The requests
that other users may make to root's daemon are tested in tests/system/users_test.py."""
import contextlib
import json
import os
import pwd
import resource
import socket
import sqlite3
import time

import desk
from desk import HEAD, DeskTest, wait_for


class ConfigFiles(DeskTest):
    def test_a_file_that_others_may_write_is_refused_and_says_why(self):
        self.desk.jobs('[job.a]\nschedule = "@yearly"\ncommand = "true"\n')
        self.desk.config.chmod(0o646)
        refusal = self.desk.run("daemon")
        self.says(refusal, 2, f"{self.desk.config}:1:1: error: every user can write this file", "chmod go-w")
        checked = self.desk.run("check")
        self.assertEqual(checked.code, 0)
        self.assertIn("the daemon refuses this file: every user can write this file", checked.err)

    def test_so_is_one_that_it_includes_also_at_a_reload(self):
        self.desk.write('[job.b]\nschedule = "@yearly"\ncommand = "true"\n', name="more.toml", mode=0o644)
        self.desk.write('include = ["more.toml"]\n' + HEAD + '[job.a]\nschedule = "@yearly"\ncommand = "true"\n')
        self.desk.start()
        (self.desk.folder / "more.toml").chmod(0o666)
        self.says(self.desk.run("reload"), 1, "more.toml:1:1: error: every user can write this file")
        (self.desk.folder / "more.toml").chmod(0o644)
        self.assertEqual(self.desk.run("reload").code, 0)

    def test_the_group_counts_where_it_has_others(self):
        self.desk.jobs('[job.a]\nschedule = "@yearly"\ncommand = "true"\n')
        self.desk.config.chmod(0o660)
        if os.geteuid() == 0:
            os.chown(self.desk.config, 0, 1)
            self.says(self.desk.run("daemon"), 2, "its group can write this file", "chmod go-w")
            os.chown(self.desk.config, 0, 0)
        self.desk.start()


class EnvFiles(DeskTest):
    def test_one_that_came_after_the_load_is_judged(self):
        if os.geteuid() != 0:
            return  # then this user owns every file
        public = self.desk.folder / "public"
        public.mkdir()
        public.chmod(0o1777)
        closed = self.desk.write("KEY=only-root\n", name="closed.env", mode=0o600)
        self.desk.jobs("".join(
            f'[job.{name}]\nschedule = "@yearly"\nuser = "{user}"\ncwd = "/"\ncommand = "echo $KEY"\nenv_file = "{file}"\n'
            for name, user, file in (("late", "root", public / "late.env"), ("linked", "nobody", public / "link.env"),
                                     ("own", "nobody", public / "own.env"), ("given", "nobody", closed))))
        self.desk.start()
        for name in ("late", "own"):
            (public / f"{name}.env").write_text("KEY=value\n")
            os.chown(public / f"{name}.env", desk.NOBODY, desk.NOBODY)
        (public / "link.env").symlink_to(closed)
        for name, word in (("late", "nobody owns it"), ("linked", "nobody cannot read it")):
            run = self.desk.reach(self.desk.start_job(name, "--yes"), "failed")
            self.assertEqual(run["reason"], "spawn_failed")
            self.assertIn(word, run["detail"])
        for name, printed in (("own", "value"), ("given", "only-root")):
            run = self.desk.reach(self.desk.start_job(name, "--yes"), "success")
            self.assertEqual(self.desk.run("logs", run["run"]).out, printed + "\n")
        os.chown(public / "late.env", 0, 0)
        (public / "late.env").chmod(0o666)
        run = self.desk.reach(self.desk.start_job("late", "--yes"), "failed")
        self.assertIn("every user can write it", run["detail"])


class Users(DeskTest):
    def test_the_socket_is_open_to_all_for_root_and_to_the_user_alone_else(self):
        self.desk.write(HEAD + '[job.a]\nschedule = "@yearly"\ncommand = "true"\n')
        self.desk.start()
        self.assertEqual(os.stat(self.desk.socket).st_mode & 0o777, 0o666 if os.geteuid() == 0 else 0o600)

    def test_a_job_may_name_the_user_of_an_ordinary_daemon(self):
        user, by = pwd.getpwuid(os.geteuid()), ()
        if user.pw_uid == 0:
            user = pwd.getpwuid(desk.NOBODY)
            by = ("setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups")
            self.desk.program = self.desk.open_program()
        self.desk.write(HEAD + f'[job.a]\nschedule = "* * * * * *"\nuser = "{user.pw_name}"\ncwd = "{self.desk.folder}"\n'
                        'command = "id -u > user"\n')
        for path in (self.desk.folder, self.desk.config):
            os.chown(path, user.pw_uid, user.pw_gid)
        self.desk.launch(by=by)
        told = wait_for((self.desk.folder / "user").read_text, self.desk.log)
        self.assertEqual(told, f"{user.pw_uid}\n")

    def test_a_user_is_shown_all_runs_however_many(self):
        own = 'user = "nobody"\n' if os.geteuid() == 0 else ""
        self.desk.write(HEAD + f'[job.a]\nschedule = "@yearly"\ncommand = "true"\ncwd = "/"\n{own}', mode=0o644)
        self.desk.start()
        self.desk.reach(self.desk.start_job("a", "--yes"), "success")
        with contextlib.closing(sqlite3.connect(self.desk.state / "ledger.db", isolation_level=None)) as ledger:
            given = {"id": "id + n", "key": "key || n", "fire": "fire + n"}
            columns = [row[1] for row in ledger.execute("PRAGMA table_info(run)")]
            ledger.execute(f"WITH RECURSIVE more(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM more WHERE n < 20500) "
                           f"INSERT INTO run ({', '.join(columns)}) SELECT {', '.join(given.get(one, one) for one in columns)} "
                           "FROM run, more")
        done = self.desk.run("runs", "--json", ordinary=True)
        self.assertEqual((done.code, done.err), (0, ""))
        numbers = [json.loads(line)["run"] for line in done.out.splitlines()]
        self.assertEqual((len(numbers), len(set(numbers))), (20501, 20501))
        self.assertEqual(len(self.desk.run("runs", "--json", "-n", "10001", ordinary=True).out.splitlines()), 10001)

    def test_who_leaves_before_the_answer_ends_nothing(self):
        self.desk.jobs('[job.a]\nschedule = "@yearly"\ncommand = "true"\n')
        self.desk.start()
        for _ in range(20):
            with socket.socket(socket.AF_UNIX) as one:
                one.connect(str(self.desk.socket))
                one.sendall(b"GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n" * 50)
        self.assertEqual(self.desk.run("status").code, 0)
        self.assertIsNone(self.desk.daemon.poll())


# Takes a lease on its own output whenever it can: each open of that file waits until the lease ends.
LEASE = """import fcntl, os, signal, time
signal.signal(signal.SIGIO, signal.SIG_IGN)
os.write(1, b"x" * 100_000)
while True:
    try:
        fcntl.fcntl(1, fcntl.F_SETLEASE, fcntl.F_WRLCK)
    except OSError:
        pass
    time.sleep(0.01)
"""


class WhatAUserHolds(DeskTest):
    def test_a_lease_on_an_output_holds_up_nobody_else(self):
        own = 'user = "nobody"\n' if os.geteuid() == 0 else ""
        script = self.desk.write(LEASE, name="lease.py", mode=0o644)
        self.desk.write(HEAD + 'max_output = "1K"\n'
                        f'[job.holder]\nschedule = "@yearly"\n{own}cwd = "/"\n'
                        f'command = "exec python3 {script}"\n'
                        '[job.other]\nschedule = "@yearly"\ncwd = "/"\ncommand = "echo done"\n', mode=0o644)
        self.desk.start()
        self.desk.reach(self.desk.start_job("holder", "--yes"), "running")
        begun = time.monotonic()
        for _ in range(4):  # the keeper shortens long outputs every second
            time.sleep(0.7)
            self.desk.reach(self.desk.start_job("other", "--yes"), "success")
        self.assertLess(time.monotonic() - begun, 20)

    def test_a_crontab_of_very_many_lines_is_ignored_and_said(self):
        name = pwd.getpwuid(os.geteuid()).pw_name
        self.desk.write(HEAD + f'[crontab]\nspool = "{self.desk.folder}/spool"\n[job.a]\nschedule = "@yearly"\ncommand = "true"\n')
        (self.desk.folder / "spool").mkdir()
        table = self.desk.write("0 0 1 1 * true\n" * 10_001, name=f"spool/{name}")
        checked = self.desk.run("check")
        self.assertIn(f"{table}", checked.err)
        self.assertIn("it has more than 10000 lines", checked.err)
        self.desk.write("0 0 1 1 * true\n" * 3, name=f"spool/{name}")
        self.assertNotIn("more than", self.desk.run("check").err)

    def test_a_limit_on_the_size_of_files_ends_no_daemon(self):
        self.desk.jobs('[job.a]\nschedule = "@yearly"\ncwd = "/"\ncommand = "true"\n')
        self.desk.start()
        self.desk.reach(self.desk.start_job("a", "--yes"), "success")
        limit = resource.prlimit(self.desk.daemon.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.desk.daemon.pid, resource.RLIMIT_FSIZE, (1000, limit[1]))
        self.desk.run("start", "a", "--yes")
        self.assertIsNone(self.desk.daemon.poll(), self.desk.log())
        resource.prlimit(self.desk.daemon.pid, resource.RLIMIT_FSIZE, limit)
        wait_for(lambda: self.desk.run("start", "a", "--yes").code == 0, "a ledger that can be written", 30)


if __name__ == "__main__":
    desk.main()
