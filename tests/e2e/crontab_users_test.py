#!/usr/bin/env python3
"""crontab_users_test.py MARKETCRON: lines and crontabs of users that do not exist yet."""
import getpass
import os
import pathlib

import desk
from desk import HEAD, DeskTest, wait_for

user = getpass.getuser()


class UnknownUsers(DeskTest):
    """The daemon has its own passwd(5)."""

    def setUp(self):
        super().setUp()
        for name in ("etc", "spool"):
            (self.desk.folder / name).mkdir(mode=0o755)
        self.desk.write(HEAD + '[crontab]\nfiles = ["etc/crontab"]\nspool = "spool"\n')
        self.table = self.desk.write(f"0 1 * * * coming true\n0 2 * * * {user} true\n", name="etc/crontab", mode=0o644)
        self.spooled = self.desk.write("0 3 * * * true\n", name="spool/also-coming")
        self.passwd = self.desk.write(pathlib.Path("/etc/passwd").read_text(encoding="utf-8"), name="passwd", mode=0o644)

    def start(self):
        own_mounts = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
        self.desk.start(by=[*own_mounts, "sh", "-c", 'mount --bind "$0" /etc/passwd && exec "$@"', self.passwd])

    def add_user(self, name):
        with open(self.passwd, "a", encoding="utf-8") as users:
            users.write(f"{name}:x:{os.getuid()}:{os.getgid()}::/:/bin/sh\n")

    def see(self, *titles):
        def seen():
            return {fire["job"] for fire in self.desk.ask("GET", "/v1/status")["next"]}
        wait_for(lambda: seen() == set(titles), lambda: f"{titles}; there are {seen()}", 70)

    def test_they_are_left_out_until_the_user_exists(self):
        """In a system crontab only the line is left out, in a spool the whole crontab."""
        told = (f"{self.table}:1:1: warning: left out: user coming not found; its jobs run once the user exists",
                f"{self.spooled}: warning: ignored: user also-coming not found; its jobs run once the user exists")
        self.says(self.desk.run("check"), 0, *told)
        self.start()
        for text in (self.desk.log(), self.desk.run("status").out):
            for line in told:
                self.assertIn(line, text)
        self.see(f"{self.table}:2")
        self.assertEqual(self.desk.ask("GET", "/v1/status")["troubles"], [])  # ignored crontabs do not notify anyone
        self.add_user("coming")
        self.assertEqual(self.desk.run("reload").code, 0)
        self.see(f"{self.table}:1", f"{self.table}:2")
        self.add_user("also-coming")  # no directory changes: the check each minute finds the user
        self.see(f"{self.table}:1", f"{self.table}:2", f"{self.spooled}:1")

    def test_a_reload_while_no_users_are_known_loses_none(self):
        """A directory service that is restarting knows no users."""
        known = self.passwd.read_text(encoding="utf-8")
        self.add_user("coming")
        self.add_user("also-coming")
        self.start()
        self.see(f"{self.table}:1", f"{self.table}:2", f"{self.spooled}:1")
        self.passwd.write_text(known, encoding="utf-8")
        done = self.desk.run("reload")
        self.assertIn("loaded 3 jobs", done.out, done)
        self.see(f"{self.table}:1", f"{self.table}:2", f"{self.spooled}:1")
        self.assertNotIn("the crontabs changed", self.desk.log())


if __name__ == "__main__":
    desk.main()
