"""Existing crontabs, run in place by the real daemon."""
import getpass
import json
import os
import shutil
import signal
import subprocess
import time

import desk
from desk import HEAD, DeskTest, wait_for
from slack_test import Webhook

user = getpass.getuser()


class Crontabs(DeskTest):
    def setUp(self):
        super().setUp()
        for name in ("etc", "cron.d", "spool"):
            (self.desk.folder / name).mkdir(mode=0o755)
        self.table = self.desk.folder / "etc" / "crontab"
        self.desk.write(HEAD + '[crontab]\nfiles = ["etc/crontab"]\ndirs = ["cron.d"]\nspool = "spool"\n')

    def put(self, path, text, mode=0o644):
        """Replaces a file as an editor does: writes a new file, and renames it over the old one."""
        fresh = self.desk.folder / "fresh"
        fresh.write_text(text)
        fresh.chmod(mode)
        fresh.rename(path)

    def titles(self):
        return sorted({json.loads(line)["job"] for line in self.desk.run("next", "-n", "200", "--json").out.splitlines()})

    def in_daemon(self):
        return {fire["job"] for fire in self.desk.ask("GET", "/v1/status")["next"]}

    def see(self, *titles):
        wanted = {str(title) for title in titles}
        wait_for(lambda: self.in_daemon() == wanted, f"{wanted}; there are {self.in_daemon()}")

    def test_a_line_runs_as_under_cron(self):
        home = self.desk.folder / "etc"
        self.put(self.table, f'HOME={home}\nA="b c"\n'
                             f'30 4 1 1 * {user} echo $A $PATH {{{{x}}}}; pwd; id -un; cat%in 1%in\\% 2\n')
        self.desk.start()
        title = f"{self.table}:3"
        run = self.desk.reach(self.desk.start_job(title), "success")
        self.assertEqual(run["job"], title)
        self.assertEqual(self.desk.output(run["run"]).read_text(),
                         f"b c /usr/bin:/bin:/usr/sbin:/sbin {{{{x}}}}\n{home}\n{user}\nin 1\nin% 2\n")
        [line] = self.desk.run("runs", title, "--json").out.splitlines()
        self.assertEqual(json.loads(line)["job"], title)
        self.assertIn(title, self.desk.run("why", title, "2027-01-01").out)
        self.assertIn(title, self.desk.run("runs").out)

    def test_a_line_by_the_end_of_its_name(self):
        self.put(self.desk.folder / "cron.d" / "desk", f"0 1 1 1 * {user} true\n0 2 1 1 * {user} true\n")
        self.put(self.table, f"0 3 1 1 * {user} true\n")
        self.desk.start()
        whole = f"{self.desk.folder}/cron.d/desk:2"
        for command in ("hold", "ice", "release", "start", "why"):
            with self.subTest(command=command):
                self.says(self.desk.run(command, "cron.d/desk:2"), 2, f"did you mean {whole}?")
        unknown = self.desk.run("hold", "nosuch")
        self.says(unknown, 2, "unknown job `nosuch`", whole)
        self.assertNotRegex(unknown.err, r"[ ,]cron-[0-9a-f]")
        self.assertEqual(self.desk.run("hold", whole).code, 0)

    def test_a_line_is_held_also_when_it_moves(self):
        self.put(self.table, f"0 1 1 1 * {user} true\n")
        self.desk.start()
        held = self.desk.run("hold", f"{self.table}:1")
        self.assertEqual((held.code, held.err), (0, ""))
        self.put(self.table, f"# a line above\n0 1 1 1 * {user} true\n")
        moved = f"{self.table}:2"
        self.see(moved)
        self.table.unlink()
        self.see()
        self.put(self.table, f"# a line above\n0 1 1 1 * {user} true\n")
        self.see(moved)
        self.assertEqual(json.loads(self.desk.run("status", "--json").out)["held"][0]["job"], moved)
        self.assertIn("the job is held by", self.desk.run("why", moved, f"{time.localtime().tm_year + 1}-01-01").out)
        released = self.desk.run("release", moved)
        self.assertEqual((released.code, released.out), (0, f"{moved} is released\n"), released.err)

    def test_changes_are_noticed_at_once(self):
        self.put(self.table, f"0 1 * * * {user} true\n")
        self.desk.start()
        self.see(f"{self.table}:1")
        self.put(self.table, f"# a line above\n0 1 * * * {user} true\n0 2 * * * {user} true\n")
        self.see(f"{self.table}:2", f"{self.table}:3")
        self.put(self.desk.folder / "cron.d" / "load", f"0 3 * * * {user} true\n")
        self.put(self.desk.folder / "spool" / user, "0 4 * * * true\n", mode=0o600)
        load, spool = self.desk.folder / "cron.d" / "load", self.desk.folder / "spool" / user
        self.see(f"{self.table}:2", f"{self.table}:3", f"{load}:1", f"{spool}:1")
        load.unlink()
        with open(self.table, "a", encoding="utf-8") as table:
            table.write(f"0 5 * * * {user} true\n")
        self.see(f"{self.table}:2", f"{self.table}:3", f"{self.table}:4", f"{spool}:1")
        shutil.rmtree(self.desk.folder / "cron.d")
        (self.desk.folder / "cron.d").mkdir()
        self.put(load, f"0 6 * * * {user} true\n")
        self.see(f"{self.table}:2", f"{self.table}:3", f"{self.table}:4", f"{spool}:1", f"{load}:1")

    def test_a_link_that_is_led_elsewhere(self):
        for name, hour in (("one", 1), ("two", 2)):
            (self.desk.folder / name).mkdir()
            self.put(self.desk.folder / name / "table", f"0 {hour} * * * {user} true\n# {name}\n")
        link = self.desk.folder / "cron.d" / "linked"
        link.symlink_to("../one/table")
        self.desk.start()
        self.see(f"{link}:1")
        self.put(self.desk.folder / "one" / "table", f"\n0 1 * * * {user} true\n")
        self.see(f"{link}:2")
        fresh = self.desk.folder / "cron.d" / "fresh.link"
        fresh.symlink_to("../two/table")
        fresh.rename(link)
        self.see(f"{link}:1")

    def test_links_on_the_way(self):
        """A release that is switched by a link in the middle of its path, and a directory that is a link itself."""
        for version, table, x in (("v1", f"0 1 * * * {user} true\n", f"0 2 * * * {user} true\n"),
                                  ("v2", f"\n0 1 * * * {user} true\n", f"0 2 * * * {user} true\n" * 2)):
            (self.desk.folder / "app" / version / "cron").mkdir(parents=True)
            self.put(self.desk.folder / "app" / version / "cron" / "table", table)
            (self.desk.folder / version).mkdir()
            self.put(self.desk.folder / version / "x", x)
        current, linked, directory = self.desk.folder / "app" / "current", self.desk.folder / "cron.d" / "app", self.desk.folder / "linked.d"
        current.symlink_to("v1")
        linked.symlink_to("../app/current/cron/table")
        directory.symlink_to("v1")
        self.desk.write(HEAD + '[crontab]\ndirs = ["cron.d", "linked.d"]\n')
        self.desk.start()
        self.see(f"{linked}:1", f"{directory}/x:1")
        fresh = self.desk.folder / "fresh.link"
        fresh.symlink_to("v2")
        fresh.rename(current)
        self.see(f"{linked}:2", f"{directory}/x:1")
        fresh.symlink_to("v2")
        fresh.rename(directory)
        self.see(f"{linked}:2", f"{directory}/x:1", f"{directory}/x:2")

    def test_what_is_not_read_says_why(self):
        self.put(self.table, f"MAILTO=<ops>\n0 1 * * * {user} true\n0 25 * * * {user} true\n")
        self.put(self.desk.folder / "cron.d" / "load.dpkg-old", f"0 3 * * * {user} true\n")
        self.put(self.desk.folder / "cron.d" / "open", f"0 3 * * * {user} true\n", mode=0o666)
        (self.desk.folder / "cron.d" / "nowhere").symlink_to("/no/table")
        (self.desk.folder / "cron.d" / "around").symlink_to("around")
        (self.desk.folder / "cron.d" / "directory").mkdir()
        self.put(self.desk.folder / "cron.d" / ".placeholder", "nothing\n")
        spooled = self.desk.folder / "spool" / user
        self.put(spooled, "0 4 * * * true\n", mode=0o600)
        os.link(spooled, self.desk.folder / "second")
        reasons = {
            f"{self.table}:3:1": "25 is outside 0-23",
            f"{self.table}:2:1": "MAILTO=<ops> is not a mail address",
            str(self.desk.folder / "cron.d" / "load.dpkg-old"): "other than letters, digits",
            str(self.desk.folder / "cron.d" / "open"): "users other than its owner can write it",
            str(self.desk.folder / "cron.d" / "nowhere"): "the link is broken",
            str(self.desk.folder / "cron.d" / "around"): "the link is broken",
            str(self.desk.folder / "cron.d" / "directory"): "not a regular file",
            str(spooled): "a second name",
        }
        checked = self.desk.run("check")
        self.assertEqual(checked.code, 0)
        self.desk.start()
        for told in (checked.err, self.desk.log(), self.desk.run("status").out):
            for place, reason in reasons.items():
                self.assertTrue(any(place in line and reason in line for line in told.splitlines()), f"{place}: {reason}: {told}")
            self.assertNotIn(".placeholder", told)
        self.see(f"{self.table}:2")

    def test_what_is_misspelt_or_cannot_be_read_is_told(self):
        self.desk.write(HEAD + '[crontab]\nfiles = ["etc/crontabb"]\ndirs = ["cron.dd", "etc/table"]\nspool = "spol"\n')
        self.put(self.desk.folder / "etc" / "table", "\n")
        checked = self.desk.run("check")
        for name in ("etc/crontabb", "cron.dd", "spol"):
            self.assertIn(f"{self.desk.folder / name}: warning: ignored: not found; it is read when it appears", checked.err)
        self.assertIn(f"{self.desk.folder / 'etc' / 'table'}: warning: ignored: it cannot be read: Not a directory", checked.err)
        self.desk.start()
        self.put(self.desk.folder / "etc" / "crontabb", f"0 1 * * * {user} true\n")
        self.see(f"{self.desk.folder / 'etc' / 'crontabb'}:1")

    def test_no_crontab_writes_to_the_terminal(self):
        """No line, name, command, address or file name can."""
        odd = self.desk.folder / "cron.d" / "\x1b]0;x\x07"
        self.put(odd, "")
        spooled = self.desk.folder / "spool" / user
        self.put(spooled, "MAILTO=\x1b[31m\n0 \x1b[2J * * * true\n0 1 1 1 * echo \x1b[2J\x9b\x7f\rx\n\x1b[2J\n", mode=0o600)
        self.desk.start()
        title = f"{spooled}:3"
        self.desk.reach(self.desk.start_job(title), "success")
        told = {"log": self.desk.log()}
        for words in (("check",), ("status",), ("runs",), ("next",), ("why", title), ("why", "\x1b[2J"), ("\x1b[2J",),
                      ("hold", title, "--until", "\x1b[2J")):
            done = self.desk.run(*words)
            told[" ".join(words)] = done.out + done.err
        for command, text in told.items():
            with self.subTest(command=command):
                self.assertNotRegex(text, "[\x00-\x08\x0b-\x1f\x7f-\x9f]")
        for command in ("log", "check", "status"):
            self.assertIn("\\x1b[31m is not a mail address", told[command])
            self.assertIn("cron.d/\\x1b]0;x\\x07: ", told[command])

    def test_a_dash_keeps_a_job_out_of_the_log(self):
        self.put(self.table, f"-0 1 * * * {user} true\n0 2 * * * {user} true\n")
        self.desk.start()
        for line in (1, 2):
            self.desk.reach(self.desk.start_job(f"{self.table}:{line}"), "success")
        self.assertNotIn(f"{self.table}:1", self.desk.log())
        self.assertIn(f"{self.table}:2", self.desk.log())

    def test_another_owner(self):
        if os.geteuid() != 0:
            self.skipTest("only root can give a file away")
        self.put(self.table, "0 1 * * * root true\n")
        os.chown(self.table, 65534, 65534)
        spooled = self.desk.folder / "spool" / "nobody"
        self.put(spooled, "HOME=/\n0 4 * * * id -un\n", mode=0o600)
        os.chown(spooled, 1, 1)
        checked = self.desk.run("check")
        self.assertIn(f"{self.table}: warning: ignored: its owner is neither root nor the daemon's user", checked.err)
        self.assertIn(f"{spooled}: warning: ignored: its owner is neither root nor nobody", checked.err)
        os.chown(spooled, 65534, 65534)
        self.desk.start()
        run = self.desk.reach(self.desk.start_job(f"{spooled}:2"), "success")
        self.assertEqual(self.desk.output(run["run"]).read_text(), "nobody\n")

    def test_bytes_of_all_kinds(self):
        self.table.write_bytes(b"0 1 * * * root\0x\n0 2 * * * " + user.encode() + b" echo \xff\r\n0 3 * * * " +
                               user.encode() + b" " + b"x" * 100_000 + b"\n0 4 * * * " + user.encode() + b" true")
        self.table.chmod(0o644)
        self.desk.start()
        self.see(f"{self.table}:2", f"{self.table}:3")
        run = self.desk.reach(self.desk.start_job(f"{self.table}:2"), "success")
        self.assertEqual(self.desk.output(run["run"]).read_bytes(), b"\xff\r\n")

    def test_a_hundred_thousand_entries(self):
        self.put(self.table, "".join(f"{n % 60} {n % 24} {n % 28 + 1} 1 * {user} true {n}\n" for n in range(100_000)))
        self.assertIn("100000 jobs", self.desk.run("check", timeout=120).out)

    def test_beside_another_cron(self):
        impostor = self.desk.folder / "cron"
        shutil.copy(shutil.which("sleep"), impostor)
        with subprocess.Popen([impostor, "1000"]) as other:
            try:
                self.desk.write(HEAD + '[crontab]\ndirs = ["/etc/cron.d"]\n')
                self.says(self.desk.run("daemon"), 1, "runs the crontabs already: each job would run twice", "systemctl disable --now")
                self.desk.write(HEAD + '[job.a]\nschedule = "@yearly"\ncommand = "true"\n')
                self.desk.start()
                self.desk.write(HEAD + '[crontab]\ndirs = ["/etc/cron.d"]\n')
                self.says(self.desk.run("reload"), 1, "each job would run twice")
            finally:
                other.kill()


class OtherCron(DeskTest):
    """Another cron daemon starts while this one runs. The daemon treats the desk's spool as the machine's."""
    title = "/var/spool/crontab:1"

    def setUp(self):
        super().setUp()
        self.impostor = self.desk.folder / "cron"
        shutil.copy(shutil.which("sleep"), self.impostor)
        spool = self.desk.folder / "spool"
        spool.mkdir()
        (spool / "crontab").write_text(f"* * * * * {user} true\n")
        self.hook = Webhook()
        self.addCleanup(self.hook.close)
        self.desk.write(f"http://127.0.0.1:{self.hook.port}/\n", name="hook")
        self.desk.write(f'{HEAD}notify = ["slack:ops"]\n[slack.ops]\nwebhook_file = "hook"\n'
                        '[crontab]\nfiles = ["/var/spool/crontab"]\n'
                        '[job.a]\nschedule = "* * * * *"\ncommand = "true"\n')
        own_mounts = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
        self.by = [*own_mounts, "sh", "-c", 'mount --bind "$0" /var/spool && exec "$@"', spool]
        self.desk.start(by=self.by)

    def other(self):
        other = subprocess.Popen([self.impostor, "1000"])
        self.addCleanup(other.wait)
        self.addCleanup(other.kill)
        return other

    def troubles(self):
        return [trouble["text"] for trouble in self.desk.ask("GET", "/v1/status")["troubles"]]

    def lines(self):
        return [run for run in self.desk.runs() if run["job"] == self.title]

    def test_it_is_noticed_before_the_next_line_and_its_end_at_once(self):
        other = self.other()
        before = len(self.lines())
        wait_for(lambda: len(self.lines()) > before, "the line's next minute", 70)
        run = self.lines()[0]
        self.assertEqual((run["state"], run["reason"]), ("skipped", "other_cron"), run)
        self.assertEqual(run["detail"], f"cron (pid {other.pid}) runs the crontabs too")
        self.assertEqual(len(self.troubles()), 1)
        self.assertIn(f"cron (pid {other.pid}) runs the crontabs too", self.troubles()[0])
        self.assertIn("TROUBLE: cron (pid", self.desk.run("status").out)
        wait_for(lambda: [r for r in self.desk.runs("a") if r["state"] == "success"], "the file's own job")
        self.desk.config.write_text(self.desk.config.read_text() + "# an edit\n")
        self.assertEqual(self.desk.run("reload").code, 0)
        self.assertEqual(len(self.troubles()), 1)
        self.hook.wait(1)
        self.assertIn(f"🔴 TROUBLE: cron (pid {other.pid}) runs the crontabs too: their lines", self.hook.texts()[0])
        other.kill()  # a zombie: a daemon that has ended runs nothing
        wait_for(lambda: self.troubles() == [], "its end in status")
        wait_for(lambda: self.lines()[0]["state"] == "success", "a line that runs", 70)
        self.assertIn("the crontabs are run again", self.desk.log())
        self.hook.wait(2, 70)
        self.assertIn("✅ no other cron daemon runs", self.hook.texts()[1])
        self.assertEqual(len(self.hook.posts), 2)

    def test_a_daemon_that_comes_back_beside_it_holds_the_tables_and_runs_the_rest(self):
        self.desk.stop(signal.SIGKILL)
        self.other()
        self.desk.start(by=self.by)
        self.assertEqual(len(self.troubles()), 1)
        self.assertEqual(self.desk.reach(self.desk.start_job("a"), "success")["job"], "a")


if __name__ == "__main__":
    desk.main()
