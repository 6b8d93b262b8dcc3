#!/usr/bin/env python3
"""tsan_proof.py PROGRAM: no two threads use one thing at once without a lock. The unit tests of the rooms that have
threads, and the end-to-end tests that make the program use its own (those that watch files and seal output), run with the
build of gcc's thread sanitizer.

The build is MARKETCRON_TSAN (preset `tsan`). Each process writes what it sees into a file of its own, because some of
them have no terminal; a file with a report is a fault, and so is a test that fails. tsan.supp says what of
libevent is none."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

root = pathlib.Path(__file__).resolve().parent.parent.parent
units = ("os", "exec", "net", "store", "notify", "sim", "desk", "daemon")
stories = ("wait", "secrets", "slack", "jobs", "trouble")
seconds_each = 900


def commands(build):
    for room in units:
        yield f"unit.{room}", [build / "tests" / f"{room}_test"]
    for name in stories:
        yield f"e2e.{name}", [sys.executable, root / f"tests/e2e/{name}_test.py", build / "marketcron"]


def run(name, command, environment):
    """False: it failed. What it said is shown then."""
    try:
        # Its memory has fixed places, which a randomised layout may take.
        done = subprocess.run(["setarch", "-R", *command], stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
                              timeout=seconds_each, check=False, env=environment)
        code, said = done.returncode, done.stdout + done.stderr
    except subprocess.TimeoutExpired:
        code, said = "no end", ""
    print(f"{name:14} {'passed' if code == 0 else f'failed ({code})'}", flush=True)
    if code != 0:
        print("\n".join(said.splitlines()[-60:]), flush=True)
    return code == 0


def main():
    if not (build := os.environ.get("MARKETCRON_TSAN")):
        sys.exit("tsan_proof: MARKETCRON_TSAN names no build of the preset `tsan`; run ./dev prove tsan")
    with tempfile.TemporaryDirectory(prefix="marketcron-tsan-") as folder:
        os.chmod(folder, 0o1777)  # jobs of other users write there too, and read it
        environment = {**os.environ, "TSAN_OPTIONS": f"log_path={folder}/report:die_after_fork=0:exitcode=0:"
                       f"suppressions={shutil.copy(root / 'tests/prove/tsan.supp', folder)}"}
        results = [run(name, command, environment) for name, command in commands(pathlib.Path(build))]
        reports = [path.read_text(errors="replace") for path in pathlib.Path(folder).glob("report*")]
    found = [report for report in reports if "WARNING: ThreadSanitizer" in report]
    for report in found[:10]:
        print(report)
    kinds = sorted({kind.strip() for report in found for kind in re.findall(r"ThreadSanitizer: ([a-z -]+)", report)})
    print(f"{len(results)} suites with the thread sanitizer: {len(results) - sum(results)} failed, "
          f"{len(found)} processes with a report{': ' + ', '.join(kinds) if kinds else ''}")
    sys.exit(0 if all(results) and not found else 1)


if __name__ == "__main__":
    main()
