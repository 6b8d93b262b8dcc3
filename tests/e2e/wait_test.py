#!/usr/bin/env python3
"""wait_test.py MARKETCRON: runs that wait for real files, servers, commands and jobs."""
import datetime
import hashlib
import hmac
import http.server
import os
import pathlib
import signal
import threading
import time

import desk
from desk import DeskTest, wait_for


class Server:
    """Answers each GET with `status`; None keeps a client waiting."""

    def __init__(self, status):
        self.status = status
        self.paths, self.headers = [], []
        self.go = threading.Event()
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                server.paths.append(self.path)
                server.headers.append(self.headers)
                if server.status is None:
                    server.go.wait(60)
                    return
                self.send_response(server.status)
                self.send_header("Content-Length", str(1 << 40))  # more than the client reads
                self.end_headers()  # and no body
                self.wfile.flush()
                server.go.wait(60)

            def do_HEAD(self):
                server.paths.append("HEAD " + self.path)
                server.headers.append(self.headers)
                self.send_response(server.status)
                self.end_headers()

            def log_message(self, *_):
                pass

        class Quiet(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass

        self.server = Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self.go.set()
        self.server.shutdown()
        self.server.server_close()


def signature(path, headers, signed, region):
    """Signature Version 4 of a HEAD without a body, as a store computes it."""
    day = headers["X-Amz-Date"][:8]
    lines = "".join(f"{name}:{headers[name]}\n" for name in signed.split(";"))
    request = f"HEAD\n{path}\n\n{lines}\n{signed}\n{headers['X-Amz-Content-Sha256']}"
    to_sign = f"AWS4-HMAC-SHA256\n{headers['X-Amz-Date']}\n{day}/{region}/s3/aws4_request\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = b"AWS4a-very-secret-key"
    for part in (day, region, "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.new(key, to_sign.encode(), "sha256").hexdigest()


class WaitTest(DeskTest):
    def begin(self, jobs):
        """Each job fires once, in two seconds."""
        fire = time.gmtime(time.time() + 2)
        cron = f"{fire.tm_sec} {fire.tm_min} {fire.tm_hour} {fire.tm_mday} {fire.tm_mon} *"
        self.desk.jobs(f'[defaults]\ntimezone = "UTC"\nschedule = "{cron}"\ncwd = "{self.desk.folder}"\ncommand = "true"\n{jobs}')
        self.desk.start()

    def run_of(self, job):
        return next((run for run in self.desk.runs() if run["job"] == job), None)

    def reaches(self, job, *states, detail="", seconds=20.0):
        def there():
            run = self.run_of(job)
            return run if run and run["state"] in states and detail in (run["detail"] or "") else None
        return wait_for(there, lambda: f"{job} in {states} with {detail!r}; now {self.run_of(job)}", seconds)

    def serve(self, status):
        server = Server(status)
        self.addCleanup(server.close)
        return server

    def test_a_file_that_appears_and_stays(self):
        self.begin('[job.a]\nwait = [{ file = "in/{{date}}.ok", poll = "1s" }]\n'
                   '[job.b]\nwait = [{ file = "in/big", stable = "3s", poll = "1s" }]\n')
        waits = self.reaches("a", "waiting")
        self.assertEqual(waits["reason"], "sensor")
        self.assertEqual(waits["detail"], f"waits for file {self.desk.folder}/in/{waits['logical_date']}.ok, checked every 1s")
        self.assertIn("waits for file", self.desk.run("status").out)
        self.assertIn("it waits for file", self.desk.run("why", "a").out)
        (self.desk.folder / "in").mkdir()
        (self.desk.folder / "in" / f"{waits['logical_date']}.ok").touch()
        self.reaches("a", "success")
        big = self.desk.folder / "in" / "big"
        for _ in range(6):
            with open(big, "a") as file:
                file.write("more\n")
            time.sleep(0.7)
        written = time.time()
        self.reaches("b", "waiting", detail="may still be changing")
        self.reaches("b", "success")
        self.assertGreaterEqual(time.time() - written, 2.0)

    def test_a_path_without_permission(self):
        closed = self.desk.folder / "closed"
        closed.mkdir(mode=0o700)
        if os.geteuid() != 0:
            self.skipTest("only root runs jobs as others")
        (closed / "x").touch()
        self.begin('[job.a]\nuser = "nobody"\nwait = [{ file = "closed/x", poll = "1s" }]\n'
                   '[job.b]\nwait = [{ file = "closed/x", poll = "1s" }]\n')
        self.reaches("a", "waiting", detail="Permission denied")
        self.reaches("b", "success")
        closed.chmod(0o755)
        self.reaches("a", "success")

    def test_an_address_that_comes_up_and_one_that_never_does(self):
        soon = self.serve(404)
        self.begin(f'[job.a]\nwait = [{{ http = "{soon.url}/ready?key=secret", poll = "1s" }}]\n'
                   '[job.c]\nwait = [{ http = "http://127.0.0.1:1/", poll = "1s", timeout = "3s" }]\n')
        waits = self.reaches("a", "waiting", detail="the server answers 404")
        self.assertNotIn("secret", waits["detail"] + self.desk.log() + self.desk.run("why", "a").out)
        soon.status = 200
        self.reaches("a", "success")
        self.assertEqual(set(soon.paths), {"/ready?key=secret"})
        failed = self.reaches("c", "failed")
        self.assertEqual(failed["reason"], "sensor_timeout")
        self.assertIn("no answer", failed["detail"])

    def test_certificates_are_checked(self):
        server = self.serve(200)
        self.desk.speak_tls(server.server)
        url = server.url.replace("http:", "https:")
        self.begin(f'[job.stranger]\nwait = [{{ http = "{url}/", poll = "1s", timeout = "2s" }}]\n'
                   f'[job.friend]\nwait = [{{ http = "{url}/", poll = "1s", ca_file = "cert.pem" }}]\n'
                   f'[job.store]\nwait = [{{ s3 = "s3://bucket/k", endpoint = "{url}", poll = "1s", ca_file = "cert.pem" }}]\n'
                   'env = { AWS_ACCESS_KEY_ID = "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY = "a-very-secret-key" }\n')
        self.reaches("friend", "success")
        self.reaches("store", "success")
        self.assertIn("certificate", self.reaches("stranger", "failed")["detail"])

    def test_a_server_that_never_answers_keeps_nobody_else_waiting(self):
        never, well = self.serve(None), self.serve(200)
        self.begin("".join(f'[job.a{i:03}]\nwait = [{{ http = "{never.url}/", poll = "1s" }}]\n' for i in range(120)) +
                   f'[job.z]\nwait = [{{ http = "{well.url}/", poll = "1s" }}]\n')
        self.reaches("z", "success", seconds=15)
        self.assertEqual(len(never.paths), 4)

    def test_a_look_that_finds_no_place_decides_nothing(self):
        """Four checks of a silent server take all its slots for 30 s; most others have not started by then."""
        never = self.serve(None)
        self.begin("".join(f'[job.w{n:02}]\nwait = [{{ http = "{never.url}/", poll = "1s" }}]\n' for n in range(12)))
        text = wait_for(lambda: [one["text"] for one in self.desk.ask("GET", "/v1/status")["troubles"] if one["kind"] == "full"],
                        "a trouble", 60)[0]
        self.assertRegex(text, r"^w\d\d cannot start: its sensor cannot be checked: earlier requests took all slots for 30 s")

    def test_an_object_that_appears(self):
        store = self.serve(404)
        self.desk.write("AKIDEXAMPLE\n", "id")
        self.desk.write("a-very-secret-key\n", "key")
        place = f'endpoint = "{store.url}", poll = "1s"'
        self.begin('[job.a]\nwait = [{ s3 = "s3://bucket/in/{{date}}/a b", ' + place +
                   ', region = "eu-west-2", access_key_file = "id", secret_key_file = "key" }]\n'
                   '[job.b]\nenv = { AWS_ACCESS_KEY_ID = "OTHER", AWS_SESSION_TOKEN = "token" }\n'
                   'secret_env = { AWS_SECRET_ACCESS_KEY = "key" }\n'
                   'wait = [{ s3 = "s3://bucket/b", ' + place + ' }]\n'
                   '[job.c]\nwait = [{ s3 = "s3://bucket/c", ' + place + ', access_key_file = "id", secret_key_file = "none" }]\n')
        waits = self.reaches("a", "waiting", detail="waits for s3://bucket/in/")
        self.assertTrue(waits["detail"].endswith(f"/in/{waits['logical_date']}/a b, checked every 1s"), waits["detail"])
        self.reaches("c", "waiting", detail=f"cannot read {self.desk.folder}/none")
        store.status = 403
        self.reaches("a", "waiting", detail="the store answers 403")
        store.status = 200
        self.reaches("a", "success")
        self.reaches("b", "success")
        asked = dict(zip(store.paths, store.headers))
        self.assertEqual(set(asked), {f"HEAD /bucket/in/{waits['logical_date']}/a%20b", "HEAD /bucket/b"})
        for path, owner in ((f"HEAD /bucket/in/{waits['logical_date']}/a%20b", "AKIDEXAMPLE"), ("HEAD /bucket/b", "OTHER")):
            headers = asked[path]
            region = "eu-west-2" if owner == "AKIDEXAMPLE" else "us-east-1"
            day = headers["X-Amz-Date"][:8]
            signed = "host;x-amz-content-sha256;x-amz-date" + (";x-amz-security-token" if owner == "OTHER" else "")
            self.assertRegex(headers["Authorization"], f"^AWS4-HMAC-SHA256 Credential={owner}/{day}/{region}/s3/aws4_request, "
                                                       f"SignedHeaders={signed}, Signature=[0-9a-f]{{64}}$")
            self.assertEqual(headers["X-Amz-Content-Sha256"], hashlib.sha256(b"").hexdigest())
            self.assertEqual(headers["Authorization"].rpartition("=")[2], signature(path[5:], headers, signed, region))
            self.assertEqual(headers.get_all("Host"), [store.url[7:]])
        self.assertNotIn("a-very-secret-key", self.desk.log() + str(store.headers))

    def test_whoever_started_the_daemon_may_not_care_for_his_children(self):
        program = self.desk.program
        self.desk.program = self.desk.write(f"#!/bin/sh\ntrap '' CHLD\nexec {program} \"$@\"\n", "careless", 0o755)
        self.begin('[job.a]\nwait = [{ command = "true", poll = "1s" }]\n')
        self.reaches("a", "success")

    def test_a_command_and_a_job(self):
        self.begin('[job.a]\nenv = { WHERE = "here" }\nwait = [{ command = "test -s $WHERE", poll = "1s" }]\n'
                   '[job.b]\nwait = [{ job = "a", poll = "1h" }]\n'
                   '[job.c]\nwait = [{ command = ["/no/such/program"], poll = "1s", timeout = "2s", on_timeout = "skip" }]\n')
        self.reaches("a", "waiting", detail="waits for `test -s $WHERE`, checked every 1s")
        self.reaches("b", "waiting", detail="waits for job a")
        (self.desk.folder / "here").write_text("x")
        self.reaches("a", "success")
        self.reaches("b", "success")
        skipped = self.reaches("c", "skipped")
        self.assertEqual(skipped["reason"], "sensor_timeout")
        self.assertIn("program not found", skipped["detail"])

    def test_a_restart_in_the_middle(self):
        self.begin('[job.a]\nwait = [{ file = "x", poll = "1s" }]\n[job.b]\nwait = [{ file = "y", poll = "1s", timeout = "6s" }]\n')
        self.reaches("b", "waiting")
        self.desk.stop(signal.SIGKILL)
        time.sleep(4)
        (self.desk.folder / "x").touch()
        self.desk.start()
        self.reaches("a", "success")
        failed = self.reaches("b", "failed")
        fire, end = (datetime.datetime.fromisoformat(failed[key].replace("Z", "+00:00")) for key in ("fire", "finished"))
        self.assertIn((end - fire).total_seconds(), range(6, 9))  # 10 if its timeout had started again

    def test_thousands_cost_little(self):
        count, seconds = 1000, 4
        self.begin("".join(f'[job.j{i}]\nwait = [{{ file = "in/{i}", poll = "1s" }}]\n' for i in range(count)))
        wait_for(lambda: len(self.desk.runs("--state", "waiting")) == count, "all of them waiting", 30)
        time.sleep(1)

        def cpu():
            words = pathlib.Path(f"/proc/{self.desk.daemon.pid}/stat").read_text().rpartition(")")[2].split()
            return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
        before, size = cpu(), (self.desk.state / "ledger.db-wal").stat().st_size if (self.desk.state / "ledger.db-wal").exists() else 0
        time.sleep(seconds)
        used = cpu() - before
        threads = len(list(pathlib.Path(f"/proc/{self.desk.daemon.pid}/task").iterdir()))
        print(f"\n{count} files every second: {used / seconds:.1%} of a core, {threads} threads, ledger's log {size}")
        self.assertLess(used, 2.0)
        self.assertLess(threads, 40)
        (self.desk.folder / "in").mkdir()
        for i in range(count):
            (self.desk.folder / "in" / str(i)).touch()
        wait_for(lambda: len(self.desk.runs("--state", "success")) == count, "all of them done", 60)


if __name__ == "__main__":
    desk.main()
