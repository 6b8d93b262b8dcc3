#!/usr/bin/env python3
"""prove.py MARKETCRON [NAME...]: runs the proofs in this directory one by one, and shows each one's last line.

A proof is a script NAME_proof.py in this directory. It is called with the program and optionally `--short`, limits
its own time, cleans up after itself, and ends with one line that says what it did and saw: figures, not "ok".
Exit status 0: the proof succeeded. `./dev prove` runs the full form of all proofs, or of those named; `./dev test`
runs the short form (`--short`: no sanitizer, no machine, seconds) of those that have one.

The environment names other builds of the program: MARKETCRON_FUZZ and MARKETCRON_TSAN are build directories, made by
`./dev prove`."""
import pathlib
import subprocess
import sys
import time

here = pathlib.Path(__file__).parent


def proofs():
    return {path.name.removesuffix("_proof.py"): path for path in sorted(here.glob("*_proof.py"))}


def run(name, path, program):
    """Prints the proof's output as it arrives; returns its exit status and its last line."""
    print(f"--- {name}", flush=True)
    begun = time.monotonic()
    last = ""
    with subprocess.Popen([sys.executable, path, program], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace") as proof:
        for line in proof.stdout:
            print(line, end="", flush=True)
            last = line.strip() or last
    return proof.returncode, f"{last} [{time.monotonic() - begun:.0f} s]"


def main():
    program, *names = sys.argv[1:]
    known = proofs()
    if unknown := [name for name in names if name not in known]:
        sys.exit(f"prove: unknown proof {', '.join(unknown)}; known: {', '.join(known)}")
    results = {name: run(name, known[name], program) for name in names or known}
    print("\n=== what was proved")
    for name, (status, last) in results.items():
        print(f"{name:10} {'holds' if status == 0 else 'FAILS'}  {last}")
    failed = sum(status != 0 for status, _ in results.values())
    print(f"{len(results) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
