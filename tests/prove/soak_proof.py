#!/usr/bin/env python3
"""soak_proof.py MARKETCRON: 200 jobs for half an hour; only the ledger of the daemon and its keeper grows.

The jobs succeed, fail, are retried, time out, wait for each other and for files; messages go to a real server, an
operator asks, reloads and starts by hand. After the first fifth the open descriptors, threads and memory of daemon and
keeper do not grow, each run costs the ledger no more bytes than at the start, and at the end no run is lost, and no
run has started more than two seconds late.

MARKETCRON_SOAK_SECONDS: how long (1800)."""
import collections
import datetime
import http.server
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "e2e"))
from killing import Process, census  # noqa: E402

program = pathlib.Path(sys.argv[1]).resolve()
seconds = int(os.environ.get("MARKETCRON_SOAK_SECONDS", "1800"))
kinds = [
    ("@every 10s", "", "exit 0"),
    ("@every 15s", "retries = 1\nretry_delay = \"2s\"\nnotify = { failure = [\"slack:x\"], recovery = [\"slack:x\"] }",
     "test $(( {{run}} % 5 )) -ne 0"),
    ("@every 20s", "timeout = \"1s\"\nkill_after = \"1s\"", "sleep $(( {{run}} % 3 ))"),
    ("@every 30s", "wait = [{ file = \"/etc/passwd\", poll = \"2s\" }]", "head -c 20000 /dev/zero | tr '\\0' 'x'"),
    ("0 * * * * *", "overlap = \"queue\"", "sleep 2"),
]


class Webhook(http.server.BaseHTTPRequestHandler):
    count = 0

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        Webhook.count += 1
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *words):
        pass


def configuration(folder, port):
    text = f'[daemon]\nstate = "{folder}/state"\nsocket = "{folder}/control"\nnotify = ["slack:x"]\n'
    text += f'[slack.x]\nwebhook = "http://127.0.0.1:{port}/x"\n'
    text += f'[defaults]\ntimezone = "UTC"\ncwd = "{folder}"\nenv = {{ KILL_TEST = "{folder}" }}\n'
    for number in range(200):
        schedule, keys, command = kinds[number % len(kinds)]
        text += f'[job.j{number}]\nschedule = "{schedule}"\n{keys}\ncommand = \'\'\'{command}\'\'\'\n'
    return text + '[job.after]\nafter = ["j0", "j1"]\ntrigger = "all_done"\ncommand = "true"\n'


def sizes(pid):
    """Descriptors, threads, and KB of private memory (without what is shared with files on disk)."""
    status = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    return len(os.listdir(f"/proc/{pid}/fd")), int(status["Threads"]), int(status["RssAnon"].split()[0])


def ask(config, *words):
    return subprocess.run([program, words[0], "-c", config, *words[1:]], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=60, check=False)


def keeper_of(folder):
    for pid in census(folder)[0]:
        with Process(pid) as process:
            if process.name == "mc-keeper":
                return pid
    sys.exit("there is no keeper")


def bytes_a_run(folder):
    with sqlite3.connect(f"file:{folder}/state/ledger.db?mode=ro", uri=True) as ledger:
        pages, free, size = (ledger.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size"))
        runs = ledger.execute("SELECT count(*) FROM run").fetchone()[0]
    return (pages - free) * size / max(runs, 1)


def soak(folder, config, daemon):
    begun = time.monotonic()
    samples = []
    while time.monotonic() - begun < seconds:
        time.sleep(min(15, max(0.0, begun + seconds - time.monotonic())))
        for words in (["status"], ["runs", "-n", "20"], ["why", "j1"], ["next"], ["start", "j4"], ["reload"]):
            ask(config, *words)
        if daemon.poll() is not None:
            sys.exit(f"the daemon ended with {daemon.returncode}: {pathlib.Path(folder, 'daemon.log').read_text()[-2000:]}")
        samples.append((sizes(daemon.pid), sizes(keeper_of(folder)), bytes_a_run(folder)))
    return samples


def judge(samples):
    """After the first fifth nothing grows beyond normal variation."""
    early, late = samples[len(samples) // 5:][:len(samples) // 5 or 1], samples[-(len(samples) // 5 or 1):]
    for which, name in enumerate(("daemon", "keeper")):
        for what, (unit, slack) in enumerate((("descriptors", 10), ("threads", 2), ("KB", 8192))):
            before, after = (max(sample[which][what] for sample in part) for part in (early, late))
            if after > before + slack:
                yield f"the {name} has {after} {unit}; it had {before}"
    before, after = early[0][2], late[-1][2]
    if after > 1.3 * before:
        yield f"a run costs the ledger {after:.0f} bytes; it cost {before:.0f}"


def wrong_rows(rows):
    late = collections.Counter()
    for row in rows:
        if row["state"] == "lost":
            yield f"is lost: {row}"
        if row["started"] and row["origin"] == "live" and row["attempt"] == 1 and row["job"] == "j0":
            fire, started = (datetime.datetime.fromisoformat(row[key].replace("Z", "+00:00")) for key in ("fire", "started"))
            late[int((started - fire).total_seconds())] += 1
    if late and max(late) > 2:
        yield f"j0 started up to {max(late)} s late"


def main():
    folder = os.path.realpath(tempfile.mkdtemp(prefix="marketcron-soak-"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Webhook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    config = pathlib.Path(folder, "desk.toml")
    config.write_text(configuration(folder, server.server_port))
    config.chmod(0o600)
    os.mkdir(f"{folder}/state")
    log = open(f"{folder}/daemon.log", "wb")
    daemon = subprocess.Popen([program, "daemon", "-c", config], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        samples = soak(folder, config, daemon)
        rows = [json.loads(line) for line in ask(config, "runs", "--json", "-n", "10000000").stdout.splitlines()]
        wrong = [*judge(samples), *wrong_rows(rows)]
        if wrong:
            sys.exit("\n".join(wrong[:20] + [f"{len(wrong)} things are wrong after {seconds} s"]))
        (fds, threads, kb), (keeper_fds, _, keeper_kb), cost = samples[-1]
        print(f"{seconds} s of 201 jobs: {len(rows)} runs, {Webhook.count} messages; daemon {fds} descriptors, {threads} threads, "
              f"{kb} KB; keeper {keeper_fds} descriptors, {keeper_kb} KB; {cost:.0f} bytes a run; none lost")
    finally:
        daemon.send_signal(signal.SIGKILL)
        daemon.wait()
        until = time.monotonic() + 20
        while any(living := census(folder)) and time.monotonic() < until:
            for pid in [*living[0], *living[1]]:
                try:
                    with Process(pid) as process:
                        process.send(signal.SIGKILL)
                except OSError:
                    continue
            time.sleep(0.1)
        log.close()
        server.shutdown()
        shutil.rmtree(folder)


main()
