"""desk.py: one trading desk in a temporary directory, for the end-to-end tests.

A Desk has a configuration, a state directory and a control socket of its own, starts the real daemon
there, and asks it by the real commands. When it closes, every process that still has a file open below
its directory is ended, by its id, and the directory is removed.
"""
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest
from typing import NamedTuple

HEAD = '[daemon]\nstate = "state"\nsocket = "control"\n'
NOBODY = 65534


class Done(NamedTuple):
    code: int
    out: str
    err: str


def wait_for(condition, what, seconds=15.0):
    """
    Asks until the answer is true, and returns it; time is what the machine needs, so there is plenty. A file that
    is not there yet is a no.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if answer := condition():
                return answer
        except FileNotFoundError:
            pass
        time.sleep(0.03)
    raise AssertionError(f"within {seconds:.0f} s this did not come: {what() if callable(what) else what}")


def send_signal(pid, number):
    """kill(2), for a number that was read somewhere: 0 would be our own process group, and -1 everybody."""
    if not isinstance(pid, int) or pid <= 1:
        raise AssertionError(f"{pid!r} is not the number of an ordinary process")
    os.kill(pid, number)


class Desk:
    def __init__(self, program):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="marketcron-desk-"))
        self.folder.chmod(0o755)
        self.program = pathlib.Path(program).resolve()
        self.config = self.folder / "desk.toml"
        self.state = self.folder / "state"
        self.socket = self.folder / "control"
        self.daemon = None

    def close(self):
        self.stop(signal.SIGKILL)
        wait_for(lambda: not self.end_processes(), "the end of what the desk started", 10)
        shutil.rmtree(self.folder)

    def end_processes(self):
        """Kills whatever has a file open below the desk; says how many there were."""
        inside = str(self.folder) + "/"
        found = 0
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                links = [os.readlink(fd) for fd in (entry / "fd").iterdir()] + [os.readlink(entry / "cwd")]
                if any((link + "/").startswith(inside) for link in links):
                    found += 1
                    send_signal(int(entry.name), signal.SIGKILL)
            except OSError:
                continue  # it has ended, or is another user's
        return found

    def write(self, text, name=None, mode=0o600):
        """Writes a file of the desk, the configuration unless it is named."""
        path = self.folder / name if name else self.config
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        path.chmod(mode)
        return path

    def jobs(self, text):
        """The configuration: its place for state and socket, and these jobs."""
        return self.write(HEAD + text)

    def run(self, *words, config=True, stdin="", env=None, ordinary=False, timeout=30):
        """A command, as it would be typed; `ordinary`: as a user who is not root."""
        command = [str(self.program), *map(str, words)]
        if config:
            command += ["-c", str(self.config)]
        if ordinary and os.geteuid() == 0:
            command[0] = str(self.open_program())
            command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *command]
        done = subprocess.run(command, input=stdin, env=env, cwd=self.folder, text=True, errors="replace",
                              capture_output=True, timeout=timeout, check=False)
        return Done(done.returncode, done.stdout, done.stderr)

    def open_program(self):
        """The program where everybody may execute it: a checkout may lie in a closed directory."""
        copy = self.folder / "marketcron"
        if not copy.exists():
            shutil.copy(self.program, copy)
            copy.chmod(0o755)
        return copy

    def speak_tls(self, server):
        """Makes an HTTP server on 127.0.0.1 one of HTTPS, with a certificate of its own: cert.pem beside the file."""
        key, certificate = self.folder / "key.pem", self.folder / "cert.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                        key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost", "-addext",
                        "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)

    def start(self, env=None, by=()):
        """The daemon, up to its first answer; `by`: a program and its words that becomes the daemon."""
        with open(self.folder / "daemon.log", "ab") as log:
            self.daemon = subprocess.Popen([*by, self.program, "daemon", "-c", self.config], cwd=self.folder,
                                           stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env)
        wait_for(self.is_up, "a daemon that answers")

    def is_up(self):
        if self.daemon.poll() is not None:
            raise AssertionError(f"the daemon ended with {self.daemon.returncode}:\n{self.log()}")
        return self.run("status", "--json").code == 0

    def ask(self, method, path, body=None):
        """The control API itself, which no broken file can hide."""
        return self.send(method, path, b"" if body is None else json.dumps(body).encode())[1]

    def send(self, method, path, body=b"", uid=None, groups=()):
        """The answer's status and object; `uid` and `groups`: who connects."""
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(30)
        own_groups = os.getgroups()
        try:
            if uid is not None:
                os.setgroups(groups)
                os.seteuid(uid)
            connection.connect(str(self.socket))
        finally:
            if uid is not None:
                os.seteuid(0)
                os.setgroups(own_groups)
        asked = http.client.HTTPConnection("marketcron")
        asked.sock = connection
        asked.request(method, path, body or None)
        answer = asked.getresponse()
        text = answer.read()
        asked.close()
        return answer.status, json.loads(text)

    def stop(self, number=signal.SIGTERM):
        """Ends the daemon alone, and returns its exit status."""
        if self.daemon is None:
            return None
        if self.daemon.poll() is None:
            self.daemon.send_signal(number)
        status = self.daemon.wait(15)
        self.daemon = None
        return status

    def log(self):
        return (self.folder / "daemon.log").read_text(errors="replace")

    def runs(self, *words):
        """The ledger, newest first."""
        done = self.run("runs", *words, "--json")
        if done.code != 0:
            raise AssertionError(f"runs ended with {done.code}: {done.err}")
        return [json.loads(line) for line in done.out.splitlines()]

    def start_job(self, job, *words):
        """A run by hand; returns its number."""
        done = self.run("start", job, *words)
        number = re.search(r"run (\d+)", done.out)
        if done.code != 0 or not number:
            raise AssertionError(f"start {job} ended with {done.code}: {done.out}{done.err}")
        return int(number.group(1))

    def find_run(self, number):
        return next((run for run in self.runs() if run["run"] == number), None)

    def reach(self, number, *states, seconds=20.0):
        """Waits until the run is in one of the states; returns it."""
        def there():
            run = self.find_run(number)
            return run if run and run["state"] in states else None
        return wait_for(there, lambda: f"run {number} in {' or '.join(states)}; now {self.find_run(number)}", seconds)

    def output(self, number, attempt=1):
        return self.state / "runs" / str(number // 1000) / f"{number}.{attempt}.output"


class DeskTest(unittest.TestCase):
    """A test with a desk of its own."""
    program = None

    def setUp(self):
        self.desk = Desk(self.program)
        self.addCleanup(self.desk.close)

    def says(self, done, code, *parts):
        """A refusal as the house wants it: this exit code, these words, and nothing that looks like a crash."""
        told = f"exit code {done.code}, stdout {done.out!r}, stderr {done.err!r}"
        self.assertEqual(done.code, code, told)
        for crash in ("terminate called", "what():", "Aborted", "Segmentation", "Sanitizer"):
            self.assertNotIn(crash, done.err, told)
        for part in parts:
            self.assertIn(part, done.err, told)


def main():
    DeskTest.program = sys.argv.pop(1)
    unittest.main(verbosity=2)
