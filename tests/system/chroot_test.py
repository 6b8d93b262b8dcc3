#!/usr/bin/env python3
"""chroot_test.py WORK: the package in a minimal Debian 12 without systemd, where apt installs it.

run.sh calls it: WORK contains the tree `base` and, in packages/, marketcron.deb and next.deb."""
import re
import sys

from room import Room, expect, play, wait_for

LINK = "/etc/systemd/system/multi-user.target.wants/marketcron.service"
CONFIG = "/etc/marketcron/marketcron.toml"
# These do not belong to a package: data of apt and dpkg, backups of dpkg's daily job, and files of the test itself.
UNLISTED = "/proc /sys /dev /run /tmp /packages /var/backups /var/cache /var/lib/apt /var/lib/dpkg /var/log".split()
before = {}


def entries(room, table):
    """The lines of a crontab that start a job, by their number."""
    lines = enumerate(room.read(table).splitlines(), 1)
    return [f"{table}:{number}" for number, line in lines if re.match(r"\s*[0-9*@]", line)]


def all_entries(room):
    tables = ["/etc/crontab", *(f"/etc/cron.d/{path.name}" for path in (room.tree / "etc/cron.d").glob("[a-z]*"))]
    found = [entry for table in tables for entry in entries(room, table)]
    expect(len(tables) > 1 and len(found) >= 6, "Debian's crontabs are not what they were", found)
    return found


def files(room):
    prune = " -o ".join(f"-path {path}" for path in UNLISTED)
    return set(room.do("sh", "-c", f"find / \\( {prune} \\) -prune -o -print").splitlines())


def satisfy(room):
    """apt finds all dependencies of the package, and Debian's crontabs"""
    room.enter("sleep", "infinity")
    room.apt("update")
    depends = room.do("dpkg-deb", "-f", "/packages/marketcron.deb", "Depends").strip()
    room.apt("satisfy", "--no-install-recommends", depends)
    room.apt("install", "--no-install-recommends", "cron-daemon-common", "e2fsprogs")
    before["files"] = files(room)
    before["groups"] = room.read("/etc/group")


def install(room):
    """installation by apt: conffile, group, directories, manuals, completions; enabled at the next boot"""
    out = room.apt("install", "/packages/marketcron.deb")
    expect("1 newly installed" in out, "apt did not install this package alone:", out)
    expect(CONFIG in room.do("dpkg-query", "-W", "-f", "${Conffiles}", "marketcron"), "the conffile is none")
    expect("cron-daemon" in room.do("dpkg-query", "-W", "-f", "${Provides}", "marketcron"), "no cron-daemon is provided")
    room.do("getent", "group", "marketcron")
    expect(room.do("stat", "-c", "%a", "/var/lib/marketcron", "/run/marketcron").split() == ["700", "755"],
           "the places have other modes")
    for path in (LINK, "/usr/share/bash-completion/completions/marketcron",
                 "/usr/share/zsh/vendor-completions/_marketcron", "/usr/share/fish/vendor_completions.d/marketcron.fish",
                 "/usr/share/marketcron/calendars/xnys.toml"):
        expect(room.exists(path), f"{path} is missing")
    room.do("bash", "-n", "/usr/share/bash-completion/completions/marketcron")
    room.do("dpkg", "--verify", "marketcron")


def libraries(room):
    """no linked or loaded library is missing"""
    out = room.do("ldd", "/usr/bin/marketcron")
    expect("not found" not in out, "a library is missing:", out)
    expect("libcurl.so.4" in room.do("ldconfig", "-p"), "libcurl, which is loaded for messages, is missing")


def names_the_jobs(room):
    """`next` names every line of Debian's own crontabs, and `check` finds no error"""
    room.do("marketcron", "check")
    # Each job separately: early in a month the hourly lines fire more than 400 times before the monthly line.
    missing = [entry for entry in all_entries(room)
               if f'"{entry}"' not in room.do("marketcron", "next", "-n", "1", "--json", entry)]
    expect(not missing, "`next` names no fire of", missing)


def runs_the_jobs(room):
    """the daemon, started by hand, runs each of them successfully"""
    daemon = room.start("marketcron", "daemon")
    wait_for(room.is_up, "a daemon that answers")
    for entry in all_entries(room):
        run = room.ended(room.start_job(entry), 60)
        expect(run["state"] == "success", f"{entry} did not succeed:", run, room.ask("marketcron", "logs", run["run"]).out)
    room.do("sh", "-c", "kill -TERM $(pidof marketcron)")
    expect(daemon.wait(20) == 0, "SIGTERM did not end the daemon in good order", room.log())


def upgrade(room):
    """an upgrade keeps the edited conffile and the ledger"""
    edited = room.read(CONFIG) + "# Edited here.\n"
    room.write(CONFIG, edited)
    room.apt("install", "/packages/next.deb")
    expect("+next" in room.do("dpkg-query", "-W", "-f", "${Version}", "marketcron"), "nothing was upgraded")
    expect(room.read(CONFIG) == edited, "the conffile is another one")
    expect(len(room.runs()) == len(all_entries(room)), "the ledger is not what it was")
    expect(room.exists(LINK), "it is no longer switched on")


def disabled_stays_so(room):
    """an upgrade does not enable what the administrator has disabled"""
    (room.tree / LINK.lstrip("/")).unlink()
    room.apt("install", "--allow-downgrades", "/packages/marketcron.deb")
    expect(not room.exists(LINK), "it was switched on again")


def remove(room):
    """a removal leaves the conffile and the ledger"""
    room.apt("remove", "marketcron")
    expect(not room.exists("/usr/bin/marketcron"), "the program is still there")
    expect(room.read(CONFIG).endswith("# Edited here.\n"), "the conffile is gone, or another one")
    expect(room.exists("/var/lib/marketcron/ledger.db"), "the ledger is gone")


def install_again(room):
    """a new installation enables it again, with the same ledger; and a second removal works"""
    room.apt("install", "/packages/marketcron.deb")
    expect(room.exists(LINK), "it was not switched on")
    expect(len(room.runs()) == len(all_entries(room)), "the ledger is not what it was")
    room.apt("remove", "marketcron")
    expect(not room.exists(LINK), "it is still switched on")


def purge(room):
    """a purge leaves nothing: no file, no group"""
    room.apt("purge", "marketcron")
    after = files(room)
    expect(after == before["files"], "the files are not those of before:",
           "left: " + " ".join(sorted(after - before["files"])), "gone: " + " ".join(sorted(before["files"] - after)))
    expect(room.read("/etc/group") == before["groups"], "the groups are not those of before")
    expect(not room.ask("ls", "/run/marketcron").code == 0, "/run/marketcron is left")


def beside_cron(room):
    """if cron is enabled it stays disabled, and shows how to switch"""
    room.apt("install", "--no-install-recommends", "cron")
    out = room.apt("install", "/packages/marketcron.deb")
    expect(not room.exists(LINK), "it was switched on beside cron", out)
    expect("systemctl disable --now cron.service && systemctl enable --now marketcron.service" in out,
           "how to switch is not said:", out)
    expect("cron.service" not in room.apt("install", "/packages/next.deb"), "an upgrade says it again")
    expect(not room.exists(LINK), "the upgrade switched it on")


play("chroot", Room(sys.argv[1], "chroot", "base"), [
    satisfy, install, libraries, names_the_jobs, runs_the_jobs, upgrade, disabled_stays_so, remove, install_again,
    purge, beside_cron])
