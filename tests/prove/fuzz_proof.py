#!/usr/bin/env python3
"""fuzz_proof.py PROGRAM: user input and requests as random bytes, under libFuzzer with the address and
undefined-behaviour sanitizers: each target of tests/fuzz for 10 minutes or MARKETCRON_FUZZ_SECONDS, as many at once
as there are processors.

The fuzzers are those of the build directory MARKETCRON_FUZZ (preset `fuzz`), where their corpus is also kept. An input
that crashes, hangs for 20 s or takes 2 GB is written to tests/fuzz/found/TARGET: from then on `./dev test` replays it."""
import concurrent.futures
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

root = pathlib.Path(__file__).resolve().parent.parent.parent
targets = ("toml", "crontab", "calendar", "cron", "predicate", "template", "control")
examples = {
    "toml": ["examples/*.toml", "tests/conformance/config/bad/*.toml"],
    "crontab": ["tests/conformance/crontab/*.crontab"],
    "calendar": ["calendars/x*.toml"],
}
longest_input = 4096


def fill(corpus, target):
    """Fills the corpus with the seeds, the found inputs and the examples, cut to the longest length."""
    corpus.mkdir(parents=True, exist_ok=True)
    places = [f"tests/fuzz/seeds/{target}/*", f"tests/fuzz/found/{target}/*", *examples.get(target, [])]
    for path in (path for place in places for path in root.glob(place)):
        text = path.read_bytes()[:longest_input]
        (corpus / hashlib.sha256(text).hexdigest()[:16]).write_bytes(text)
    if target == "cron":
        for line in (root / "tests/conformance/cron/grammar.tsv").read_text(encoding="utf-8").splitlines():
            if not line.startswith("#") and "\t" in line:
                text = line.split("\t")[1].encode()
                (corpus / hashlib.sha256(text).hexdigest()[:16]).write_bytes(text)


def fuzz(build, target, seconds):
    """Returns the number of inputs, and the files of those that failed."""
    corpus = build / "corpus" / target
    fill(corpus, target)
    with tempfile.TemporaryDirectory(prefix="marketcron-fuzz-") as folder:
        done = subprocess.run(
            [build / "tests" / f"fuzz_{target}", f"-max_total_time={seconds}", "-timeout=20", "-rss_limit_mb=2048",
             f"-max_len={longest_input}", "-print_final_stats=1", f"-artifact_prefix={folder}/", corpus],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=seconds + 600, check=False)
        found = []
        for path in pathlib.Path(folder).iterdir():
            kept = root / "tests/fuzz/found" / target / hashlib.sha256(path.read_bytes()).hexdigest()[:16]
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, kept)
            found.append(kept)
    units = re.search(r"stat::number_of_executed_units:\s*(\d+)", done.stderr)
    if done.returncode != 0:
        print("\n".join(done.stderr.splitlines()[-60:]))
        found = found or [pathlib.Path("no file")]
    return int(units[1]) if units else 0, found


def main():
    if not (build := os.environ.get("MARKETCRON_FUZZ")):
        sys.exit("fuzz_proof: MARKETCRON_FUZZ names no build of the preset `fuzz`; run ./dev prove fuzz")
    seconds = int(os.environ.get("MARKETCRON_FUZZ_SECONDS", "600"))
    tried, failed = 0, 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for target, (inputs, found) in zip(targets, pool.map(lambda one: fuzz(pathlib.Path(build), one, seconds), targets)):
            print(f"{target:10} {inputs:>12,} inputs, {len(found)} faults {' '.join(map(str, found))}", flush=True)
            tried += inputs
            failed += len(found)
            if inputs == 0:
                failed += 1
    print(f"{len(targets)} targets for {seconds} s each: {tried:,} inputs, {failed} faults")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
