#!/usr/bin/env python3
"""systemd_test.py WORK: the package under a real systemd, in its own namespaces and without a network.

run.sh calls it: WORK contains the tree `full`, which has systemd, and in packages/ marketcron.deb and next.deb.

No step waits for a fixed time. The long job ends with exit status 7 when the test creates a file; it
records each of its starts, so that a job that ran twice is noticed."""
import re
import sys

from room import Room, expect, play, wait_for

UNIT = "marketcron.service"
CONFIG = "/etc/marketcron/marketcron.toml"
LONG = "/etc/cron.d/long:2"
LONG_TABLE = """# A job that ends when the test says so.
0 0 31 1 * root echo started >>/var/tmp/starts; until test -e /var/tmp/go; do sleep 0.1; done; exit 7
@reboot root echo booted >>/var/tmp/boots
"""
OWN_JOB = '[job.own]\nschedule = "0 0 31 1 *"\ncommand = "echo the new job"\n'


def shows(room, name):
    return room.do("systemctl", "show", "--value", "-p", name, UNIT).strip()


def state(room):
    return room.ask("systemctl", "is-active", UNIT).out.strip()


def journal(room):
    """All log lines of the unit and of systemd about it."""
    return room.do("journalctl", "--no-pager", "-o", "cat", "-u", UNIT)


def journal_gets(room, text):
    wait_for(lambda: text in journal(room), f'"{text}" in the journal:\n{journal(room)}', 15)


def daemon_changed(room, pid):
    """The pid of another daemon than that one, once it is ready."""
    def there():
        now = shows(room, "MainPID")
        return now if state(room) == "active" and now not in ("0", pid) else None
    return wait_for(there, f"another daemon than {pid}; the unit is {state(room)}")


def start_long(room):
    """Starts the long job; returns its run's number once it is running."""
    room.do("rm", "-f", "/var/tmp/go", "/var/tmp/starts")
    number = room.start_job(LONG)
    wait_for(lambda: room.exists("/var/tmp/starts"), "the long job's first line")
    return number


def long_runs(room):
    # The brackets keep pgrep from finding itself.
    return room.ask("sh", "-c", "grep -qsa 'test -e /var/tmp/g[o]' /proc/[0-9]*/cmdline").code == 0


def end_long(room):
    room.do("touch", "/var/tmp/go")
    wait_for(lambda: not long_runs(room), "the end of the long job's process")


def long_is_recorded(room, number):
    run = room.ended(number)
    expect((run["state"], run["exit_code"], run["attempt"]) == ("failed", 7, 1), "the end of the long job is not recorded:",
           run)
    expect(room.read("/var/tmp/starts") == "started\n", "the long job was not started just once")


def boot(room):
    """systemd boots"""
    room.write("/etc/cron.d/long", LONG_TABLE)
    room.enter("/lib/systemd/systemd", systemd=True)
    def booted():
        return room.ask("systemctl", "is-system-running").out.strip() in ("running", "degraded")
    wait_for(booted, "a booted system", 60)


def fresh(room):
    """a fresh installation is enabled, ready (Type=notify) and runs the crontabs"""
    room.do("dpkg", "-i", "/packages/marketcron.deb")
    expect(state(room) == "active", "it is not active", journal(room))
    expect(room.do("systemctl", "is-enabled", UNIT).strip() == "enabled", "it is not enabled")
    expect(shows(room, "Type") == "notify", "it is not asked for its readiness")
    room.do("marketcron", "status", "--json")
    room.do("marketcron", "next", "/etc/crontab:18")
    journal_gets(room, f"jobs from {CONFIG}")
    wait_for(lambda: room.exists("/var/tmp/boots"), "what the @reboot job writes")
    expect(room.read("/var/tmp/boots") == "booted\n", "the @reboot job did not run just once")
    wait_for(lambda: '"success"' in room.do("marketcron", "runs", "/etc/cron.d/long:3", "--json"), "its end in the ledger")


def group(room):
    """members of the group marketcron may start root's jobs, and others may not"""
    room.do("useradd", "--groups", "marketcron", "trader")
    room.do("useradd", "visitor")
    def start_as(user):
        return room.ask("setpriv", "--reuid", user, "--regid", user, "--init-groups", "marketcron", "start", "/etc/crontab:18")
    refused = start_as("visitor")
    expect(refused.code == 1, "anybody may start it", refused)
    done = start_as("trader")
    expect(done.code == 0, "the group may not", done)
    run = room.ended(int(re.search(r"run (\d+)", done.out).group(1)))
    expect(run["state"] == "success", "the job did not succeed", run)


def jobs_may(room):
    """with the shipped unit, jobs can do the same as under cron: su, setuid programs, /etc, /home, mounts, sockets"""
    lines = {"home": "root install -d -o trader /home/trader && touch /home/trader/by-a-job",
             "su": "root su trader -c 'id -un' | grep -qx trader",
             "setuid file": "root install -m 4755 /usr/bin/id /var/tmp/id-of-root",
             "setuid program": "trader /var/tmp/id-of-root -u | grep -qx 0",
             "etc and usr": "root touch /etc/by-a-job /usr/local/by-a-job",
             "mount": "root mkdir -p /mnt/by-a-job && mount -t tmpfs tmpfs /mnt/by-a-job",
             "device": "root head -c 1 /dev/zero >/dev/null && test -e /dev/tty",
             "socket": "root test -S /run/systemd/journal/stdout && systemctl is-active marketcron",
             "other processes": "trader test -r /proc/1/comm",
             "namespaces": "root unshare --mount --net true",
             "low priority": "root nice -n 10 true && nice -n -5 true"}
    room.write("/etc/cron.d/may", "".join(f"0 0 31 1 * {line}\n" for line in lines.values()))
    wait_for(lambda: room.ask("marketcron", "next", f"/etc/cron.d/may:{len(lines)}").code == 0, "the table")
    for number, (what, line) in enumerate(lines.items(), 1):
        run = room.ended(room.start_job(f"/etc/cron.d/may:{number}"))
        expect(run["state"] == "success", f"{what}: `{line}` does not succeed", run,
               room.ask("marketcron", "logs", str(run["run"])).out)
    room.do("mountpoint", "/mnt/by-a-job")  # not only for the job
    room.do("umount", "/mnt/by-a-job")
    room.do("rm", "/etc/cron.d/may")


def crash(room):
    """after SIGKILL it is restarted; the running job continues, once, and its exit status is kept"""
    number = start_long(room)
    pid, restarts = shows(room, "MainPID"), int(shows(room, "NRestarts"))
    room.do("sh", "-c", f"kill -KILL {pid}")
    daemon_changed(room, pid)
    expect(int(shows(room, "NRestarts")) == restarts + 1, "systemd did not restart it")
    expect(long_runs(room), "the job did not go on")
    expect(room.find_run(number)["state"] == "running", "the job is not known to run", room.find_run(number))
    end_long(room)
    long_is_recorded(room, number)
    journal_gets(room, f"run {number}")


def upgrade(room):
    """an upgrade restarts it; the running job continues, once, and its exit status is kept"""
    number = start_long(room)
    pid = shows(room, "MainPID")
    room.do("dpkg", "-i", "/packages/next.deb")
    expect(daemon_changed(room, pid) != pid, "it was not restarted")
    expect("The next version says more." in room.read(CONFIG), "an untouched conffile was not brought up to date")
    expect(long_runs(room), "the job did not go on")
    end_long(room)
    long_is_recorded(room, number)


def stays_stopped(room):
    """an upgrade does not start what the administrator has stopped"""
    room.do("systemctl", "stop", UNIT)
    room.do("dpkg", "-i", "/packages/marketcron.deb")
    expect(state(room) == "inactive", "it was started")
    room.do("systemctl", "start", UNIT)


def reload(room):
    """`systemctl reload` loads a valid file, and refuses an invalid one without any change"""
    pid, good = shows(room, "MainPID"), room.read(CONFIG)
    room.write(CONFIG, good + OWN_JOB)
    room.do("systemctl", "reload", UNIT)
    expect(room.ended(room.start_job("own"))["state"] == "success", "the new job did not succeed")
    room.write(CONFIG, good + OWN_JOB.replace("schedule", "shedule"))
    expect(room.ask("systemctl", "reload", UNIT).code != 0, "a bad file was not refused")
    journal_gets(room, "shedule")
    expect((state(room), shows(room, "MainPID")) == ("active", pid), "the daemon is not what it was")
    room.write(CONFIG, good + OWN_JOB)
    room.do("systemctl", "reload", UNIT)
    expect(shows(room, "MainPID") == pid, "a reload is no restart")
    room.ended(room.start_job("own"))
    room.write(CONFIG, good)
    room.do("systemctl", "reload", UNIT)


def stop(room):
    """a stop leaves the job running; its result, without any daemon, is known to the next one"""
    number = start_long(room)
    room.do("systemctl", "stop", UNIT)
    expect(state(room) == "inactive", "it was not stopped")
    expect(long_runs(room), "the job was stopped too")
    journal_gets(room, "stopping; running jobs continue")
    end_long(room)
    room.do("systemctl", "start", UNIT)
    long_is_recorded(room, number)
    expect(shows(room, "Result") == "success", "systemd does not call it a success")


def bad_file(room):
    """with an invalid file an upgrade leaves the running daemon, and shows why; a start fails, once, and shows why"""
    good, pid = room.read(CONFIG), shows(room, "MainPID")
    room.write(CONFIG, good + "[job]\nbroken\n")
    out = room.do("dpkg", "--force-confold", "-i", "/packages/next.deb")
    expect((state(room), shows(room, "MainPID")) == ("active", pid), "it was not left alone", out)
    expect(f"{CONFIG}:" in out and "systemctl restart" in out, "the upgrade does not say what is wrong", out)
    expect(room.ask("systemctl", "restart", UNIT).code != 0, "it starts on a broken file")
    expect(state(room) == "failed", "it is tried again", state(room))
    journal_gets(room, f"{CONFIG}:")
    room.write(CONFIG, good)
    room.do("systemctl", "start", UNIT)


def lost_ledger(room):
    """with a missing or damaged ledger a start fails, once, and shows why"""
    room.do("systemctl", "stop", UNIT)
    ledger = "/var/lib/marketcron/ledger.db"
    room.do("mv", ledger, "/var/tmp/ledger.db")
    for words, why in ((["true"], "is gone, but it existed before"), (["sh", "-c", f"yes noise | head -c 9000 >{ledger}"], "is damaged")):
        room.do(*words)
        expect(room.ask("systemctl", "start", UNIT).code != 0, "it starts without its ledger")
        expect(state(room) == "failed", "it is tried again", state(room))
        journal_gets(room, why)
    room.do("mv", "/var/tmp/ledger.db", ledger)
    room.do("systemctl", "start", UNIT)


def remove(room):
    """removal while a job runs: stopped, disabled, and the job continues; purge: nothing is left"""
    start_long(room)
    room.do("dpkg", "-r", "marketcron")
    expect(state(room) == "inactive", "it is not stopped", state(room))
    expect(room.ask("systemctl", "is-enabled", UNIT).code != 0, "it is not disabled")
    expect(long_runs(room), "the job was stopped too")
    end_long(room)
    room.do("dpkg", "-P", "marketcron")
    for path in ("/var/lib/marketcron", "/run/marketcron", "/etc/marketcron"):
        expect(room.ask("test", "-e", path).code != 0, f"{path} is left")
    expect(room.ask("getent", "group", "marketcron").code != 0, "the group is left")
    expect("not-found" in room.do("systemctl", "show", "-p", "LoadState", UNIT), "systemd still knows the unit")


def beside_cron(room):
    """if cron is running a fresh installation stays disabled; the one command that it names switches"""
    room.apt("install", "--no-download", "--no-install-recommends", "cron")
    expect(room.do("systemctl", "is-active", "cron").strip() == "active", "cron does not run")
    out = room.do("dpkg", "-i", "/packages/marketcron.deb")
    expect(state(room) == "inactive", "it was started beside cron", out)
    expect(room.ask("systemctl", "is-enabled", UNIT).code != 0, "it was enabled beside cron")
    command = re.search(r"^ *(systemctl disable .*)$", out, re.M)
    expect(command, "how to switch is not said:", out)
    room.do("sh", "-c", command.group(1))
    expect(state(room) == "active", "the command did not switch", journal(room))
    expect(cron_state(room) == "inactive", "cron still runs")


def cron_state(room):
    return room.ask("systemctl", "is-active", "cron").out.strip()


def one_at_a_time(room):
    """the unit conflicts with cron's: starting one stops the other"""
    room.do("systemctl", "start", "cron")
    wait_for(lambda: (state(room), cron_state(room)) == ("inactive", "active"), "a stop by the start of cron")
    room.do("systemctl", "start", UNIT)
    expect((state(room), cron_state(room)) == ("active", "inactive"), "both run", journal(room))


def both(room):
    """with the conflict removed, a cron that starts later suspends the crontabs until it ends; other jobs run"""
    room.write("/etc/cron.d/minutely", "* * * * * root true\n")
    good = room.read(CONFIG)
    room.write(CONFIG, good + OWN_JOB)
    room.do("mkdir", "-p", "/etc/systemd/system/marketcron.service.d")
    room.do("ln", "-s", "/dev/null", "/etc/systemd/system/marketcron.service.d/crontabs.conf")
    room.do("systemctl", "daemon-reload")
    room.do("systemctl", "restart", UNIT)
    room.do("systemctl", "start", "cron")
    expect((state(room), cron_state(room)) == ("active", "active"), "they do not run side by side")
    def newest():
        runs = room.ask("marketcron", "runs", "/etc/cron.d/minutely:1", "-n", "1", "--json").lines()
        return runs and (runs[0]["state"], runs[0]["reason"])
    wait_for(lambda: newest() == ("skipped", "other_cron"), "a line that is skipped", 70)
    expect("TROUBLE: cron (pid" in room.do("marketcron", "status"), "status says nothing")
    expect(room.ended(room.start_job("own"))["state"] == "success", "the file's own job does not run")
    room.do("systemctl", "stop", "cron")
    wait_for(lambda: "TROUBLE" not in room.do("marketcron", "status"), "the end of the trouble")
    wait_for(lambda: newest() == ("success", None), "a line that runs again", 70)
    room.do("systemctl", "start", "cron")
    room.do("systemctl", "stop", UNIT)
    refused = room.ask("systemctl", "start", UNIT)
    expect(refused.code == 0, "a daemon that had run the tables does not come back beside cron", journal(room))
    room.do("rm", "/etc/systemd/system/marketcron.service.d/crontabs.conf", "/etc/cron.d/minutely")
    room.do("systemctl", "daemon-reload")
    room.write(CONFIG, good)


def tight(room):
    """without crontabs.conf jobs can use other users and setuid programs, but cannot mount or start containers"""
    good = room.read(CONFIG)
    allowed = {"su": "su trader -c 'id -un' | grep -qx trader", "setuid": "su trader -c '/var/tmp/id-of-root -u' | grep -qx 0",
               "processes": "test -r /proc/1/environ", "files": "touch /etc/by-a-job /usr/local/by-a-job", "nice": "nice -n -5 true"}
    refused = {"mount": "mount -t tmpfs tmpfs /mnt", "namespace": "unshare --net true", "hostname": "hostname elsewhere"}
    jobs = {**allowed, **refused}
    room.write(CONFIG, good + "".join(f'[job.{name}]\nschedule = "@yearly"\ncommand = """{line}"""\n' for name, line in jobs.items()))
    room.do("mkdir", "-p", "/etc/systemd/system/marketcron.service.d")
    room.do("ln", "-s", "/dev/null", "/etc/systemd/system/marketcron.service.d/crontabs.conf")
    room.do("systemctl", "daemon-reload")
    # The keeper outlives the daemon, and keeps the limits with which it started.
    room.do("systemctl", "kill", "--kill-whom=all", "--signal=KILL", UNIT)
    wait_for(lambda: state(room) == "active" and room.ask("marketcron", "status").code == 0, "a daemon that answers", 30)
    for name in jobs:
        run = room.ended(room.start_job(name))
        expect(run["state"] == ("success" if name in allowed else "failed"), f"{name}: `{jobs[name]}`", run,
               room.ask("marketcron", "logs", str(run["run"])).out)
    room.do("rm", "/etc/systemd/system/marketcron.service.d/crontabs.conf")
    room.do("systemctl", "daemon-reload")
    room.write(CONFIG, good)
    room.do("systemctl", "kill", "--kill-whom=all", "--signal=KILL", UNIT)
    wait_for(lambda: state(room) == "active" and room.ask("marketcron", "status").code == 0, "a daemon that answers", 30)


def replaces_cron(room):
    """`apt-get install marketcron cron-` replaces cron immediately"""
    room.do("dpkg", "-P", "marketcron")
    room.do("systemctl", "enable", "--now", "cron")
    out = room.apt("install", "--no-install-recommends", "/packages/marketcron.deb", "cron-")
    expect(state(room) == "active", "it does not run, though cron is gone", out)
    expect(room.do("systemctl", "is-enabled", UNIT).strip() == "enabled", "it is not enabled")


def diagnosis():
    if room.first is None or room.first.poll() is not None:
        return room.log()
    asked = [room.ask("systemctl", "status", "--no-pager", "-l", UNIT), room.ask("marketcron", "status"),
             room.ask("journalctl", "--no-pager", "-n", "60")]
    return "\n".join(done.out for done in asked)


room = Room(sys.argv[1], "systemd", "full")
play("systemd", room, [boot, fresh, group, jobs_may, tight, crash, upgrade, stays_stopped, reload, stop, bad_file, lost_ledger, remove, beside_cron,
                             one_at_a_time, both,
                             replaces_cron], diagnosis)
