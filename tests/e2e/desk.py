"""desk.py: one trading desk in a temporary directory, for the end-to-end tests.

A Desk has its own configuration, state directory and control socket. It starts the real daemon there and uses
the real commands. When it closes, it kills every process that still has a file open in its directory, by its
pid, and removes the directory.
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
# A program that counts lines or has sanitizers is several times as slow; ctest says how much longer tests wait for it.
PATIENCE = float(os.environ.get("MARKETCRON_PATIENCE") or "1")


class Done(NamedTuple):
    code: int
    out: str
    err: str


def wait_for(condition, what, seconds=15.0):
    """
    Calls `condition` until it is true, and returns its result. The limit is generous, for slow machines. A missing
    file counts as false.
    """
    seconds *= PATIENCE
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
    """A safe kill(2) for a number that was read from a file: 0 would mean our own process group, -1 all processes."""
    if not isinstance(pid, int) or pid <= 1:
        raise AssertionError(f"{pid!r} is not the number of an ordinary process")
    os.kill(pid, number)


def end_processes(folder):
    """Kills all processes with a file open in the folder; returns their number."""
    inside = f"{folder}/"
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
            continue  # it has ended, or belongs to another user
    return found


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
        return end_processes(self.folder)

    def write(self, text, name=None, mode=0o600):
        """Writes a file of the desk: `name`, or else the configuration."""
        path = self.folder / name if name else self.config
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        path.chmod(mode)
        return path

    def jobs(self, text):
        """Writes the configuration with the desk's state directory and socket, and these jobs."""
        return self.write(HEAD + text)

    def run(self, *words, config=True, stdin="", env=None, ordinary=False, timeout=30):
        """Runs a command as a user would type it; `ordinary`: as a user other than root."""
        command = [str(self.program), *map(str, words)]
        if config:
            command += ["-c", str(self.config)]
        if ordinary and os.geteuid() == 0:
            command[0] = str(self.open_program())
            command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *command]
        done = subprocess.run(command, input=stdin, env=env, cwd=self.folder, text=True, errors="replace",
                              capture_output=True, timeout=timeout * PATIENCE, check=False)
        return Done(done.returncode, done.stdout, done.stderr)

    def open_program(self):
        """A copy of the program that every user can execute: the checkout's directory may not be accessible."""
        copy = self.folder / "marketcron"
        if not copy.exists():
            shutil.copy(self.program, copy)
            copy.chmod(0o755)
        return copy

    def speak_tls(self, server):
        """Makes an HTTP server on 127.0.0.1 use HTTPS, with its own certificate: cert.pem in the desk's directory."""
        key, certificate = self.folder / "key.pem", self.folder / "cert.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                        key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost", "-addext",
                        "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)

    def start(self, env=None, by=()):
        """Starts the daemon and waits for its first answer; `by`: a program with arguments that executes the daemon."""
        self.launch(env, by)
        wait_for(self.is_up, "a daemon that answers")

    def launch(self, env=None, by=()):
        """Starts the daemon, and asks it nothing."""
        with open(self.folder / "daemon.log", "ab") as log:
            self.daemon = subprocess.Popen([*by, self.program, "daemon", "-c", self.config], cwd=self.folder,
                                           stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env)

    def is_up(self):
        if self.daemon.poll() is not None:
            raise AssertionError(f"the daemon ended with {self.daemon.returncode}:\n{self.log()}")
        return self.run("status", "--json").code == 0

    def ask(self, method, path, body=None):
        """A request to the control API itself, which does not depend on the configuration file."""
        return self.send(method, path, b"" if body is None else json.dumps(body).encode())[1]

    def send(self, method, path, body=b"", uid=None, groups=()):
        """Returns the answer's status and object; `uid` and `groups`: the user that connects."""
        answer, text = self.exchange(method, path, body, uid, groups)
        return answer.status, json.loads(text)

    def exchange(self, method, path, body=b"", uid=None, groups=()):
        """The same: http.client's answer, which has the headers, and its text."""
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(30 * PATIENCE)
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
        return answer, text

    def stop(self, number=signal.SIGTERM):
        """Stops only the daemon, and returns its exit status."""
        if self.daemon is None:
            return None
        if self.daemon.poll() is None:
            self.daemon.send_signal(number)
        status = self.daemon.wait(15 * PATIENCE)
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
        """Starts a run by hand; returns its number."""
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
    """A test with its own desk."""
    program = None

    def setUp(self):
        self.desk = Desk(self.program)
        self.addCleanup(self.desk.close)

    def says(self, done, code, *parts):
        """Checks a command's exit code and that its errors contain these words and no sign of a crash."""
        told = f"exit code {done.code}, stdout {done.out!r}, stderr {done.err!r}"
        self.assertEqual(done.code, code, told)
        for crash in ("terminate called", "what():", "Aborted", "Segmentation", "Sanitizer"):
            self.assertNotIn(crash, done.err, told)
        for part in parts:
            self.assertIn(part, done.err, told)


def main():
    DeskTest.program = sys.argv.pop(1)
    unittest.main(verbosity=2)
