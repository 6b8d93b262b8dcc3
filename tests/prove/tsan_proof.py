#!/usr/bin/env python3
"""tsan_proof.py PROGRAM: no data races. Runs the unit tests of the rooms that have threads, and the end-to-end tests
that make the program use its own threads (those that watch files and seal output), with the build of gcc's thread
sanitizer.

The build is MARKETCRON_TSAN (preset `tsan`). Each process writes its reports into a separate file, because some
have no terminal; a report is a failure, and so is a test that fails. tsan.supp lists libevent's reports that are
not faults."""
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
    """Runs a suite; false if it failed. Then its output is printed."""
    try:
        # The sanitizer needs fixed addresses, which a randomised layout may occupy.
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
        os.chmod(folder, 0o1777)  # jobs of other users also write there, and read it
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
