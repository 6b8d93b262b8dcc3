#!/usr/bin/env python3
"""secrets_proof.py MARKETCRON [--short]: no secret is shown anywhere.

A desk with a canary in every place for a secret: secret_env (also one that begins with another, and one of several
lines), env_file, webhooks, a bot's token, the mail server's password, headers, addresses and signing keys of http jobs
and sensors. Its jobs print their secrets, whole and in several encodings, are cut in the middle, succeed, fail, are
retried and time out; real servers on loopback record what they get, and answer with everything that they were sent.
Then each canary, and each piece of six bytes of one, is searched for: in every file of the desk except the secrets'
own, in the ledger's bytes, the daemon's log, the answers of the API and of the commands, the messages, and the command
lines and environments of all processes except the jobs'. A canary may only be where it belongs, and a planted one
must be found.

Takes about a minute, with --short 20 s."""
import base64
import http.server
import json
import os
import pathlib
import random
import re
import socketserver
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
from desk import Desk, wait_for  # noqa: E402

LETTERS = "QXZJVKWqxzjvkw23456789"
PIECE = 6


class Canaries:
    """The secrets, by name; each made of letters that are rare elsewhere."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.values = {}

    def new(self, name, length=24, more="", before="", after=""):
        core = "".join(self.random.choice(LETTERS + more) for _ in range(length))
        self.values[name] = before + core + after
        return self.values[name]

    def forms(self, name):
        """The forms of the canary that are searched for: itself and its lines, percent-encoded, in JSON, in base64."""
        value = self.values[name]
        yield from (line for line in value.splitlines() if len(line) >= PIECE)
        yield urllib.parse.quote(value, safe="")
        yield json.dumps(value)[1:-1]
        for shift in range(3):
            yield base64.b64encode(b"\0" * shift + value.encode()).decode().rstrip("=")[4:-4]

    def pieces(self, but=()):
        found = {}
        for name in self.values:
            if name not in but:
                for form in self.forms(name):
                    for at in range(len(form) - PIECE + 1):
                        piece = form[at:at + PIECE]
                        # Only pieces that are typical of the canary: "%0A%0A" and "-----B" may occur anywhere.
                        if sum(letter in LETTERS for letter in piece) >= PIECE - 1 or form.isalnum():
                            found.setdefault(piece.encode(), name)
        return found


class Searcher:
    """Finds pieces in texts. Searches by their first three bytes, to be fast on large texts."""

    def __init__(self, canaries, but=()):
        self.pieces = canaries.pieces(but)
        self.pattern = re.compile(b"|".join(sorted({re.escape(piece) for piece in self.pieces})))

    def first(self, text):
        found = self.pattern.search(text)
        return (self.pieces[found.group()], text[max(0, found.start() - 60):found.end() + 60]) if found else None


class WebServer:
    """Records all requests, and answers with all that it was sent; /slack and /api like Slack, each after a failure."""

    def __init__(self):
        self.requests = []
        self.lock = threading.Lock()
        server = self
        told = {}

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                with server.lock:
                    server.requests.append((self.path, str(self.headers), body))
                    count = told[self.path] = told.get(self.path, 0) + 1
                echo = f"{self.path}\n{self.headers}\n{body.decode(errors='replace')}\n{json.dumps(dict(self.headers))}\n"
                status, text = 200, echo
                if self.path.startswith("/slack"):
                    status, text = (500, echo) if count == 1 else (200, "ok")
                elif self.path.startswith("/api/"):
                    token = self.headers["Authorization"].split()[-1]
                    text = json.dumps({"ok": False, "error": f"no {token} here " + "x" * 70 + token} if count == 1 else
                                      {"ok": True, "channel": "C1", "ts": f"1.{count}"})
                elif self.path.startswith("/fail"):
                    status = 500
                self.send_response(status)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(text.encode())

            do_GET = do_POST = do_HEAD = do_PUT = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class MailServer:
    """Receives mails after a login; refuses the first one, and repeats it in its answer."""

    def __init__(self):
        self.letters, self.logins = [], []
        server = self

        class Handler(socketserver.StreamRequestHandler):
            def say(self, text):
                self.wfile.write(text.encode() + b"\r\n")

            def handle(self):
                self.say("220 hello")
                while line := self.rfile.readline():
                    word = line.decode(errors="replace").strip()
                    if word.upper().startswith("EHLO"):
                        self.say("250-here\r\n250 AUTH PLAIN")
                    elif word.upper().startswith("AUTH"):
                        login = word.split()[2] if len(word.split()) > 2 else ""
                        if not login:
                            self.say("334 ")
                            login = self.rfile.readline().decode().strip()
                        server.logins.append(login)
                        plain = base64.b64decode(login).decode().split("\0")[-1]
                        self.say(f"535 not {login}, not {plain}" if len(server.logins) == 1 else "235 welcome")
                    elif word.upper() == "DATA":
                        self.say("354 go on")
                        lines = []
                        while (line := self.rfile.readline()) not in (b".\r\n", b""):
                            lines.append(line)
                        server.letters.append(b"".join(lines))
                        self.say("250 kept")
                    elif word.upper() == "QUIT":
                        self.say("221 bye")
                        return
                    else:
                        self.say("250 ok")

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Watcher(threading.Thread):
    """Repeatedly examines the command lines and environments of all processes, except a job's own environment and the
    secrets in the daemon's own environment, where the configuration says that they are."""

    def __init__(self, canaries, given):
        super().__init__(daemon=True)
        self.all, self.but_given = Searcher(canaries), Searcher(canaries, given)
        self.found, self.looks, self.ended = [], 0, False
        self.seen = {}

    def run(self):
        while not self.ended:
            for process in pathlib.Path("/proc").iterdir():
                if process.name.isdigit() and int(process.name) != os.getpid():
                    self.look(process)
            self.looks += 1
            time.sleep(0.02)

    def look(self, process):
        try:
            line, environment = ((process / name).read_bytes() for name in ("cmdline", "environ"))
        except OSError:
            return  # it has ended, or belongs to another user
        if self.seen.get(process.name) == (line, environment):
            return
        self.seen[process.name] = (line, environment)
        is_job = b"MARKETCRON_RUN=" in environment
        if hit := self.all.first(line):
            self.found.append((f"command line of {process.name}", *hit))
        if not is_job and (hit := self.but_given.first(environment)):
            self.found.append((f"environment of {process.name}", *hit))


PRINTS = r"""for i in 1 2; do echo "$A|$AB|$A$AB"; done; printf '%s' "$AB" | base64; printf '%s' "x$AB" | base64
printf '%s\n' "$KEY"; printf '%s\n' "$KEY" | sed 's/^/  /' | tail -n 3; echo "$ODD"
printf '{"a":"%s"}\n' "$(printf %s "$ODD_JSON" | sed 's/\\/\\\\/g; s/"/\\"/g')"
"""


def desk_text(web, mail, secrets, rounds, chance):
    """The configuration. `secrets` returns the path of a secret's file for its name."""
    targets = '["slack:file", "slack:env", "slack:plain", "slack:bot", "mail:ops@example.com"]'
    env = "{ " + ", ".join(f'{name} = "{secrets(name.lower())}"' for name in ("A", "AB", "KEY", "ODD", "ODD_JSON")) + " }"
    text = f"""[daemon]
state = "state"
socket = "control"
max_output = "20k"
[defaults]
schedule = "@yearly"
cwd = "/"
retry_delay = "1s"
notify = {{ failure = {targets}, retry = {targets}, success = {targets}, recovery = {targets}, output = ["mail:ops@example.com"] }}
[mail]
smtp = "smtp://127.0.0.1:{mail.port}"
tls = "none"
from = "desk@example.com"
login_file = "{secrets('login')}"
[slack.file]
webhook_file = "{secrets('webhook')}"
[slack.env]
webhook_env = "PROOF_WEBHOOK"
[slack.plain]
webhook = "{web.url}/slack/plain/{secrets.canaries.values['plain_webhook']}"
[slack.bot]
token_file = "{secrets('token')}"
channel = "C1"
api = "{web.url}/api"
"""
    def job(name, body):
        return f"[job.{name}]\n{body}\n"

    def command(script):
        return f"command = '''\n{script}'''\nsecret_env = {env}\n"

    text += job("good", command(PRINTS))
    text += job("bad", command(PRINTS + "exit 3\n") + "retries = 1")
    text += job("late", command(PRINTS + 'printf %s "$AB"; sleep 60\n') + 'timeout = "1s"\nkill_after = "1s"')
    text += job("nowhere", f'command = ["/no/such/program"]\nsecret_env = {env}')
    text += job("slow", command('for c in $(echo "$AB" | sed "s/./& /g"); do printf %s "$c"; sleep 0.05; done; echo\n'))
    text += job("quiet", f'command = "true"\nenv_file = "{secrets("env_file")}"')
    for number in range(rounds):
        dots, lines = chance.randrange(900, 3000), chance.randrange(1, 40)
        text += job(f"cut{number}", command(
            f'head -c {dots} /dev/zero | tr "\\0" .; for i in $(seq {chance.randrange(1, 900)}); do printf "%s" "$AB$KEY"; '
            f'done; head -c {chance.randrange(0, 60)} /dev/zero | tr "\\0" .; printf "\\n%.0s" $(seq {lines}); exit 1\n'))
    headers = (f'headers = {{ X-Odd = {{ file = "{secrets("header")}" }}, '
               f'Authorization = {{ prefix = "Bearer ", file = "{secrets("bearer")}" }} }}')
    text += job("sent", f'http = {{ url = "{web.url}/", body = "x", {headers} }}')
    text += job("refused", f'retries = 1\nhttp = {{ url = "{web.url}/fail", body = "x", {headers} }}')
    text += job("address", f'http = {{ url = {{ file = "{secrets("address")}" }}, body = "x" }}')
    text += job("nobody_there", f'http = {{ url = {{ file = "{secrets("dead_address")}" }}, body = "x" }}')
    keys = (f'region = "us-east-1", service = "s3", access_key_file = "{secrets("key_id")}", secret_key_file = "{secrets("signing")}", '
            f'session_token_file = "{secrets("session")}"')
    text += job("signed", f'http = {{ url = "{web.url}/fail/signed", sigv4 = {{ {keys} }} }}')
    text += job("signed_by_env", f'http = {{ url = "{web.url}/fail/signed", sigv4 = {{ region = "us-east-1", service = "s3" }} }}\n'
                                 f'env_file = "{secrets("aws_file")}"')
    text += job("waits", f'command = "true"\nwait = [ {{ s3 = "s3://bucket/key", endpoint = "{web.url}", region = "us-east-1", '
                         f'access_key_file = "{secrets("key_id")}", secret_key_file = "{secrets("signing")}" }}, '
                         f'{{ http = "{web.url}/there" }} ]')
    return text


class Secrets:
    """The files that contain the canaries."""

    def __init__(self, desk, canaries):
        self.desk, self.canaries = desk, canaries
        self.folder = desk.folder / "secret"
        self.folder.mkdir()

    def write(self, name, text):
        self.desk.write(text + "\n", name=f"secret/{name}")

    def __call__(self, name):
        path = self.folder / name
        assert path.exists(), name
        return path


def make_secrets(desk, canaries, web):
    secrets = Secrets(desk, canaries)
    values = canaries.values
    secrets.write("a", canaries.new("a", 12))
    secrets.write("ab", canaries.new("ab", 14, before=values["a"]))
    key = "\n".join(canaries.new(f"key{n}", 40) for n in range(8))
    secrets.write("key", "-----BEGIN KEY-----\n" + key + "\n-----END KEY-----")
    secrets.write("odd", canaries.new("odd", 24, more="/+%& ", before="Q/", after="&X"))
    secrets.write("odd_json", canaries.new("odd_json", 20, more='"\\'))
    secrets.write("login", "desk:" + canaries.new("password"))
    secrets.write("webhook", f"{web.url}/slack/{canaries.new('webhook')}/{canaries.new('webhook2')}")
    canaries.new("env_webhook")
    canaries.new("plain_webhook")
    secrets.write("token", canaries.new("token", before="xoxb-"))
    secrets.write("header", canaries.new("header", more="%/\\"))
    secrets.write("bearer", canaries.new("bearer"))
    secrets.write("address", f"{web.url}/fail/{canaries.new('address')}?key={canaries.new('address2')}")
    secrets.write("dead_address", f"http://127.0.0.1:1/{canaries.new('dead_address')}")
    secrets.write("key_id", "AKIDDESK")
    secrets.write("signing", canaries.new("signing", 40, more="/+"))
    secrets.write("session", canaries.new("session", 80, more="/+"))
    secrets.write("env_file", "NOT_PRINTED=" + canaries.new("env_file"))
    secrets.write("aws_file", f"AWS_ACCESS_KEY_ID=AKIDDESK\nAWS_SECRET_ACCESS_KEY={canaries.new('aws_file', 40)}\n"
                              f"AWS_SESSION_TOKEN={canaries.new('aws_session', 40)}")
    return secrets


# Where else a canary may be: the configuration contains one webhook.
AT_HOME = {"desk.toml": ("plain_webhook",)}


def search_files(desk, secrets, canaries, found):
    searcher = Searcher(canaries)
    count = size = 0
    for path in desk.folder.rglob("*"):
        if not path.is_file() or path.is_relative_to(secrets.folder) or path.name == "marketcron":
            continue
        text = path.read_bytes()
        count, size = count + 1, size + len(text)
        used = Searcher(canaries, AT_HOME[path.name]) if path.name in AT_HOME else searcher
        if hit := used.first(text):
            found.append((str(path.relative_to(desk.folder)), *hit))
    return count, size


def search_answers(desk, canaries, runs, found):
    searcher, count = Searcher(canaries), 0
    paths = ["/v1/status", "/v1/runs", "/v1/alerts", "/v1/alerts?all=1", "/v1/next"]
    paths += [f"/v1/logs?run={run['run']}&offset={offset}" for run in runs for offset in (0, 7, 1000)]
    paths += [f"/v1/why?job={job}" for job in {run["job"] for run in runs}]
    for path in paths:
        count += 1
        if hit := searcher.first(json.dumps(desk.ask("GET", path)).encode()):
            found.append((path, *hit))
    words = [("runs", "--json"), ("status",), ("status", "--json"), ("check",), ("alerts", "--all")]
    words += [("logs", run["run"]) for run in runs] + [("why", job) for job in sorted({run["job"] for run in runs})]
    for command in words:
        count += 1
        done = desk.run(*command)
        if hit := searcher.first((done.out + done.err).encode()):
            found.append((" ".join(map(str, command)), *hit))
    return count


# The canaries that a request must contain: its own address, login, header, token.
def own(path, headers):
    mine = set()
    if path.startswith("/slack/plain"):
        mine = {"plain_webhook"}
    elif path.startswith("/slack/env"):
        mine = {"env_webhook"}
    elif path.startswith("/slack"):
        mine = {"webhook", "webhook2"}
    elif path.startswith("/api"):
        mine = {"token"}
    elif "X-Odd" in headers:
        mine = {"header", "bearer"}
    elif "X-Amz-Security-Token" in headers:
        mine = {"session", "aws_session"}
    elif "key=" in path:
        mine = {"address", "address2"}
    return mine


def search_messages(web, mail, canaries, found):
    for path, headers, body in web.requests:
        if hit := Searcher(canaries, own(path, headers)).first(f"{path}\n{headers}\n".encode() + body):
            found.append((f"request {path[:12]}", *hit))
    searcher = Searcher(canaries)
    for letter in mail.letters:
        if hit := searcher.first(letter) or searcher.first(letter.replace(b"=\r\n", b"")):
            found.append(("mail", *hit))
    return len(web.requests) + len(mail.letters)


def all_sealed(desk):
    with sqlite3.connect(f"file:{desk.state}/ledger.db?mode=ro", uri=True) as ledger:
        return ledger.execute("SELECT count(*) FROM attempt WHERE output_sha256 IS NULL").fetchone()[0] == 0


def prove(program, short):
    seed = 1 if short else random.randrange(1 << 30)
    print(f"seed {seed}")
    canaries = Canaries(seed)
    web, mail, desk = WebServer(), MailServer(), Desk(program)
    found = []
    try:
        secrets = make_secrets(desk, canaries, web)
        rounds = 6 if short else 60
        desk.write(desk_text(web, mail, secrets, rounds, canaries.random))
        given = {"PROOF_WEBHOOK": f"{web.url}/slack/env/{canaries.values['env_webhook']}"}
        watcher = Watcher(canaries, ("env_webhook",))
        watcher.start()
        desk.start({**os.environ, **given})
        jobs = [line[5:-1] for line in desk.config.read_text().splitlines() if line.startswith("[job.")]
        follower = None
        for job in jobs:
            number = desk.start_job(job)
            if job == "slow":
                follower = subprocess.Popen([program, "logs", str(number), "-f", "-c", desk.config], stdout=subprocess.PIPE)
        over = lambda: all(run["finished"] for run in desk.runs("-n", "1000"))  # noqa: E731
        wait_for(over, lambda: f"the end of all runs: {[run for run in desk.runs() if not run['finished']]}", 60)
        followed = follower.communicate(timeout=20)[0]
        if hit := Searcher(canaries).first(followed):
            found.append(("logs -f", *hit))
        if followed != b"***\n":
            found.append(("logs -f", "", followed))
        wait_for(lambda: all_sealed(desk), "every output sealed", 30)
        # A webhook gets one message a second, and how many are folded depends on timing: wait for some of each.
        wait_for(lambda: len(mail.letters) >= 5 and len(web.requests) >= 12,
                 lambda: f"5 letters and 12 requests, but {len(mail.letters)} and {len(web.requests)}", 60)
        runs = desk.runs("-n", "1000")
        answers = search_answers(desk, canaries, runs, found)
        messages = search_messages(web, mail, canaries, found)
        files, size = search_files(desk, secrets, canaries, found)
        watcher.ended = True
        watcher.join()
        found += watcher.found
        states = sorted({run["state"] for run in runs})
        for state in ("failed", "success", "timed_out"):
            assert state in states, (state, states)
        # Planted canaries must be found, in a file and in a process.
        planted = Searcher(canaries).first(b"x" * 100 + canaries.values["token"][7:7 + PIECE].encode() + b"x")
        assert planted and planted[0] == "token", planted
    finally:
        desk.close()
        web.close()
        mail.close()
    for place, name, text in found[:20]:
        print(f"FOUND in {place}: of {name}: {text!r}")
    print(f"{len(canaries.values)} canaries, {len(runs)} runs ({', '.join(states)}), {messages} messages, {answers} answers, "
          f"{files} files of {size // 1024} KB, {watcher.looks} looks at all processes: {len(found)} found")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(prove(sys.argv[1], "--short" in sys.argv))
