#!/usr/bin/env python3
"""http_test.py MARKETCRON: jobs that send a request, and a real HTTP server on loopback that answers as the test says,
or not at all."""
import hashlib
import hmac
import http.client
import http.server
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.parse
from typing import NamedTuple

import desk
from desk import DeskTest, wait_for

SECRET = "a-very-secret-word"


class Request(NamedTuple):
    at: float
    method: str
    path: str
    headers: http.client.HTTPMessage
    body: str


class Answer(NamedTuple):
    status: int = 200
    text: str = "done"
    headers: dict = {}


class Server:
    """Records each request. The first requests get `answers` in turn, later ones 200; None keeps a client waiting until
    `go` is set."""

    def __init__(self, answers=()):
        self.answers = list(answers)
        self.requests = []
        self.go = threading.Event()
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                body = self.rfile.read(int(self.headers["Content-Length"] or 0))
                server.requests.append(Request(time.monotonic(), self.command, self.path, self.headers, body.decode()))
                answer = server.answers.pop(0) if server.answers else Answer()
                if answer is None:
                    server.go.wait(60)
                    answer = Answer()
                self.send_response(answer.status)
                for name, value in ({"Content-Length": str(len(answer.text))} | answer.headers).items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(answer.text.encode())

            do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = answer

            def log_message(self, *_):
                pass

        class Quiet(http.server.ThreadingHTTPServer):
            def handle_error(self, *_):
                pass  # a client that was killed

        self.server = Quiet(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()

    def close(self):
        self.go.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class HttpTest(DeskTest):
    def serve(self, *answers):
        server = Server(answers)
        self.addCleanup(server.close)
        return server

    def begin(self, job, env=None):
        """Starts a daemon with one job `a`, with sessions, so that its texts have all names."""
        self.desk.jobs(f'[defaults]\ncalendar = "XNYS"\nschedule = "@open"\ncwd = "/"\n[job.a]\n{job}\n')
        self.desk.start(env)

    def finish(self, state="success", *words):
        """Starts the job for a session, and returns its run when it has ended."""
        return self.desk.reach(self.desk.start_job("a", "--session", "2026-11-20", *words), state)

    def printed(self, run):
        return self.desk.run("logs", run["run"]).out

    def secret(self, text=SECRET, name="secret"):
        return self.desk.write(text + "\n", name=name)

    def sender(self):
        """The process ids of the processes that send this desk's requests."""
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and (entry / "comm").read_text() == "marketcron-http\n" and \
                        os.readlink(entry / "fd/1").startswith(str(self.desk.folder)):
                    found.append(int(entry.name))
            except OSError:
                continue
        return found


class Requests(HttpTest):
    def test_success(self):
        server = self.serve(Answer(201, "started job 99"))
        self.begin(f'http = {{ url = "{server.url}/launch" }}')
        run = self.finish()
        self.assertEqual((run["exit_code"], run["attempt"]), (0, 1))
        self.assertEqual(self.printed(run), f"GET {server.url}/launch\nHTTP/1.0 201 Created\nstarted job 99")
        (request,) = server.requests
        self.assertEqual((request.method, request.path, request.body), ("GET", "/launch", ""))
        self.assertEqual(request.headers["User-Agent"], "marketcron")

    def test_texts_are_filled_in(self):
        server = self.serve()
        self.begin(f'''[job.a.http]
url = "{server.url}/{{{{session:%Y%m%d}}}}/{{{{job}}}}?next={{{{XLON.session+1}}}}"
headers = {{ X-Run = "{{{{run}}}}-{{{{attempt}}}}", Content-Type = "application/json", X-Empty = "" }}
body = '{{"session":"{{{{session}}}}"}}'
''')
        run = self.finish()
        (request,) = server.requests
        self.assertEqual((request.method, request.path), ("POST", "/20261120/a?next=2026-11-23"))
        self.assertEqual(request.body, '{"session":"2026-11-20"}')
        self.assertEqual((request.headers["X-Run"], request.headers["X-Empty"]), (f"{run['run']}-1", ""))
        self.assertEqual(request.headers.get_all("Content-Type"), ["application/json"])

    def test_methods_and_bodies(self):
        self.assertEqual(self.sent('method = "put"\nbody = ""')[:3], ("PUT", "0", None))
        self.assertEqual(self.sent('method = "DELETE"')[:3], ("DELETE", None, None))
        self.assertEqual(self.sent('method = "POST"')[:3], ("POST", "0", None))
        self.assertEqual(self.sent('method = "HEAD"')[:3], ("HEAD", None, None))
        large = self.desk.write("x" * 2_000_000, name="2026-11-20.csv")
        self.assertEqual(large.stat().st_size, 2_000_000)
        self.assertEqual(self.sent('body_file = "{{session}}.csv"'), ("POST", "2000000", None, "x" * 2_000_000))

    def sent(self, keys):
        """The request that these keys produce."""
        server = self.serve()
        self.begin(f'[job.a.http]\nurl = "{server.url}/"\n{keys}\n')
        self.finish("success")
        self.desk.stop()
        self.desk.end_processes()
        shutil.rmtree(self.desk.state)
        (one,) = server.requests
        return one.method, one.headers["Content-Length"], one.headers["Content-Type"], one.body

    def test_another_status_fails_and_says_so(self):
        server = self.serve(Answer(409, "it runs already", {"Retry-After": "30"}))
        self.begin(f'http = {{ url = "{server.url}/", status = [200, 202] }}')
        run = self.finish("failed")
        self.assertEqual((run["exit_code"], run["reason"]), (1, "exit_code"))
        self.assertEqual(self.printed(run), f"GET {server.url}/\nHTTP/1.0 409 Conflict\nit runs already\n"
                                            "marketcron: the status is 409, expected 200 or 202; Retry-After: 30\n")

    def test_a_status_that_is_wanted_is_success(self):
        server = self.serve(Answer(409))
        self.begin(f'http = {{ url = "{server.url}/", status = 409 }}')
        self.finish("success")

    def test_times_and_paths_that_are_odd(self):
        server = self.serve()
        self.desk.write("text", name="20261120")
        self.begin(f'''timeout = "30000d"
[job.a.http]
url = "{server.url}/"
body_file = "{{{{session:{self.desk.folder}/%Y%m%d}}}}"
''')
        self.finish("success")
        self.assertEqual(server.requests[0].body, "text")

    def test_a_retry_then_success(self):
        server = self.serve(Answer(503, "later"), Answer(200, "now"))
        self.begin(f'retries = 2\nretry_delay = "2s"\nhttp = {{ url = "{server.url}/{{{{attempt}}}}" }}')
        run = self.finish()
        self.assertEqual((run["attempt"], run["exit_code"]), (2, 0))
        self.assertEqual([request.path for request in server.requests], ["/1", "/2"])
        self.assertGreaterEqual(server.requests[1].at - server.requests[0].at, 0.9)
        self.assertIn("expected 200-299", self.desk.output(run["run"], 1).read_text())

    def test_a_redirect_is_not_followed(self):
        server = self.serve(Answer(302, "", {"Location": "/elsewhere"}))
        self.begin(f'http = {{ method = "POST", url = "{server.url}/" }}')
        run = self.finish("failed")
        self.assertEqual(run["exit_code"], 1)
        self.assertIn("the status is 302, expected 200-299; it redirects to /elsewhere, but redirects are not followed",
                      self.printed(run))
        self.assertEqual(len(server.requests), 1)

    def test_much_output_is_bounded(self):
        server = self.serve(Answer(200, "HEAD\n" + "x" * 3_000_000 + "\nTAIL\n"))
        self.desk.write(f'{desk.HEAD}max_output = "1M"\n[job.a]\nschedule = "@yearly"\nhttp = {{ url = "{server.url}/" }}\n')
        self.desk.start()
        run = self.desk.reach(self.desk.start_job("a"), "success")
        self.assertLessEqual(self.desk.output(run["run"]).stat().st_size, 1 << 20)
        self.assertTrue(self.printed(run).endswith("xxx\nTAIL\n"))

    def test_a_message_shows_the_end_of_the_answer(self):
        server = self.serve(Answer(500, "the database is full"))
        self.desk.write(f"{server.url}/hook", name="hook")
        self.begin(f'http = {{ url = "{server.url}/" }}\nnotify = {{ failure = ["slack:ops"] }}\n'
                   '[slack.ops]\nwebhook_file = "hook"')
        self.finish("failed")
        wait_for(lambda: len(server.requests) == 2, "a message")
        self.assertIn("the database is full", server.requests[1].body)


class NoAnswers(HttpTest):
    def test_connection_refused(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            port = closed.getsockname()[1]
        self.begin(f'http = {{ url = "http://127.0.0.1:{port}/" }}')
        run = self.finish("failed")
        self.assertEqual((run["exit_code"], run["reason"]), (2, "exit_code"))
        self.assertIn(f"marketcron: no answer: Failed to connect to 127.0.0.1 port {port}", self.printed(run))

    def test_a_server_that_never_answers_is_timed_out(self):
        server = self.serve(None)
        self.begin(f'timeout = "1s"\nhttp = {{ url = "{server.url}/" }}')
        run = self.finish("timed_out")
        self.assertEqual((run["reason"], run["signal"]), ("timeout", signal.SIGTERM))
        self.assertEqual(self.printed(run), f"GET {server.url}/\n\nmarketcron: ended before the answer arrived\n")

    def test_without_a_daemon_it_ends_by_itself(self):
        server = self.serve(None)
        self.begin(f'timeout = "1s"\nhttp = {{ url = "{server.url}/" }}')
        number = self.desk.start_job("a")
        wait_for(lambda: server.requests, "a request")
        self.desk.stop(signal.SIGKILL)
        wait_for(lambda: not self.sender(), "its end")
        self.desk.start()
        run = self.desk.reach(number, "failed", "timed_out")
        self.assertIn("no answer: Operation timed out", self.printed(run))

    def test_an_answer_that_breaks_off(self):
        server = self.serve(Answer(200, "half", {"Content-Length": "100"}))
        self.begin(f'http = {{ url = "{server.url}/" }}')
        run = self.finish("failed")
        self.assertEqual(run["exit_code"], 2)
        self.assertIn("half\nmarketcron: the answer is incomplete: ", self.printed(run))

    def test_stop(self):
        server = self.serve(None)
        self.begin(f'http = {{ url = "{server.url}/" }}')
        number = self.desk.start_job("a")
        wait_for(lambda: server.requests, "a request")
        self.assertEqual(self.desk.run("stop", number).code, 0)
        self.assertEqual(self.desk.reach(number, "killed")["reason"], "stopped")
        self.assertEqual(self.sender(), [])

    def test_it_survives_a_restart_of_the_daemon(self):
        server = self.serve(None)
        self.begin(f'http = {{ method = "POST", url = "{server.url}/" }}')
        number = self.desk.start_job("a")
        wait_for(lambda: server.requests, "a request")
        self.desk.stop(signal.SIGKILL)
        server.go.set()
        wait_for(lambda: not self.sender(), "the request's end")
        self.desk.start()
        run = self.desk.reach(number, "success")
        self.assertEqual((run["attempt"], len(server.requests)), (1, 1))
        self.assertTrue(self.printed(run).endswith("200 OK\ndone"))

    def test_a_program_that_was_replaced_or_removed_under_the_daemon(self):
        server = self.serve()
        copy = self.desk.open_program()
        self.desk.program = copy
        self.begin(f'http = {{ url = "{server.url}/" }}')
        copy.rename(self.desk.folder / "older")
        self.desk.program = self.desk.folder / "older"
        self.finish("success")
        shutil.copy(self.desk.program, copy)
        self.desk.reach(self.desk.start_job("a"), "success")
        self.assertEqual(len(server.requests), 2)

    def test_certificates_are_checked(self):
        server = self.serve()
        self.desk.speak_tls(server.server)
        self.desk.jobs('[defaults]\nschedule = "@yearly"\n'
                       f'[job.stranger]\nhttp = {{ url = "https://127.0.0.1:{server.port}/" }}\n'
                       f'[job.friend]\nhttp = {{ url = "https://127.0.0.1:{server.port}/", ca_file = "cert.pem" }}\n')
        self.desk.start()
        run = self.desk.reach(self.desk.start_job("stranger"), "failed")
        self.assertEqual(run["exit_code"], 2)
        self.assertIn("no answer: SSL certificate problem", self.printed(run))
        self.desk.reach(self.desk.start_job("friend"), "success")


class Secrets(HttpTest):
    def hidden(self, run=None):
        """The secret is in no file of the daemon except the output itself, which only its user can read."""
        for place in (self.desk.state / "ledger.db", self.desk.state / "ledger.db-wal", self.desk.folder / "daemon.log"):
            if place.exists():
                self.assertNotIn(SECRET.encode(), place.read_bytes(), place)
        if run:
            self.assertNotIn(SECRET, self.printed(run))

    def test_a_header_s_secret_is_sent_and_masked(self):
        server = self.serve(Answer(500, f"who is Bearer {SECRET}? {SECRET}?"))
        self.begin(f'http = {{ url = "{server.url}/", headers = {{ Authorization = '
                   f'{{ prefix = "Bearer ", file = "{self.secret()}" }} }} }}')
        run = self.finish("failed")
        self.assertEqual(server.requests[0].headers["Authorization"], f"Bearer {SECRET}")
        self.assertIn("who is Bearer ***? ***?", self.printed(run))
        self.hidden(run)

    def test_of_a_whole_header_the_word_is_masked_too(self):
        server = self.serve(Answer(200, f"hello {SECRET}"))
        self.begin(f'http = {{ url = "{server.url}/", headers = {{ Authorization = '
                   f'{{ file = "{self.secret("Bearer " + SECRET)}" }} }} }}')
        run = self.finish()
        self.assertEqual(server.requests[0].headers["Authorization"], f"Bearer {SECRET}")
        self.assertIn("hello ***", self.printed(run))
        self.hidden(run)

    def test_neither_ps_nor_proc_shows_it(self):
        server = self.serve(None)
        self.begin(f'http = {{ url = "{server.url}/", headers = {{ X-Token = {{ file = "{self.secret()}" }} }} }}')
        number = self.desk.start_job("a")
        wait_for(lambda: server.requests, "a request")
        (pid,) = self.sender()
        shown = (pathlib.Path(f"/proc/{pid}/cmdline").read_bytes() + pathlib.Path(f"/proc/{pid}/environ").read_bytes() +
                 subprocess.run(["ps", "-eww", "-o", "args"], capture_output=True, check=True).stdout)
        self.assertNotIn(SECRET.encode(), shown)
        server.go.set()
        self.hidden(self.desk.reach(number, "success"))

    def test_an_address_that_is_a_secret(self):
        server = self.serve(Answer(404, f"no hook /hooks/{SECRET}, nor {SECRET}"))
        self.begin(f'http = {{ body = "x", url = {{ file = "{self.secret(server.url + "/hooks/" + SECRET)}" }} }}')
        run = self.finish("failed")
        self.assertEqual(server.requests[0].path, f"/hooks/{SECRET}")
        self.assertTrue(self.printed(run).startswith(f"POST {server.url}/***\n"), self.printed(run))
        self.hidden(run)

    def test_an_address_that_was_a_secret(self):
        """Nothing of it is in the output itself, so that a later change of the secret cannot reveal it."""
        server = self.serve(Answer(302, "", {"Location": f"/hooks/{SECRET}/2"}))
        self.begin(f'http = {{ body = "x", url = {{ file = "{self.secret(server.url + "/hooks/" + SECRET)}" }} }}')
        run = self.finish("failed")
        self.assertIn("it redirects to /***", self.printed(run))
        self.assertNotIn(SECRET, self.desk.output(run["run"], 1).read_text())

    def refused(self, text, *detail):
        secret = self.secret(text) if text is not None else "/no/such/secret"
        self.begin(f'http = {{ url = "http://127.0.0.1:1/", headers = {{ X-Token = {{ file = "{secret}" }} }} }}')
        run = self.finish("failed")
        self.assertEqual(run["reason"], "spawn_failed")
        for part in detail:
            self.assertIn(part, run["detail"])
        self.hidden()

    def test_a_secret_that_is_not_there(self):
        self.refused(None, "http: cannot read /no/such/secret")
        self.assertIn('job "a", on this machine: http: cannot read /no/such/secret', self.desk.run("check").err)

    def test_an_empty_secret(self):
        self.refused("  \n", "is empty or blank")

    def test_a_secret_of_two_lines_is_no_second_header(self):
        self.refused(f"{SECRET}\r\nX-Other: 1", "http: the header X-Token has a line break")

    def test_a_secret_that_is_no_text(self):
        path = self.desk.write(SECRET.encode() + b"\xff\n", name="secret")
        self.begin(f'http = {{ url = "http://127.0.0.1:1/", headers = {{ X-Token = {{ file = "{path}" }} }} }}')
        run = self.finish("failed")
        self.assertIn("not UTF-8", run["detail"])
        self.hidden()

    def test_an_address_file_that_holds_none(self):
        self.begin(f'http = {{ url = {{ file = "{self.secret("https://")}" }} }}')
        run = self.finish("failed")
        self.assertEqual((run["reason"], run["detail"]),
                         ("spawn_failed", 'http: `url` has no host; write url = "https://HOST/PATH"'))

    def test_the_environment_is_the_job_s_and_its_proxy(self):
        proxy = self.serve(Answer(200, "by proxy"))
        environment = {**os.environ, "http_proxy": "http://127.0.0.1:1"}
        self.begin(f'env = {{ http_proxy = "{proxy.url}" }}\nhttp = {{ url = "http://tower.invalid/x" }}', environment)
        self.finish()
        self.assertEqual(proxy.requests[0].path, "http://tower.invalid/x")

    def test_the_daemon_s_own_proxy_is_not_taken(self):
        server = self.serve()
        self.begin(f'http = {{ url = "{server.url}/" }}', {**os.environ, "http_proxy": "http://127.0.0.1:1"})
        self.finish()

    def test_another_user_sends_it(self):
        if os.geteuid() != 0:
            return  # only root can become another user
        server = self.serve(None)
        self.desk.program = self.desk.open_program()
        self.begin(f'user = "nobody"\nhttp = {{ url = "{server.url}/", headers = {{ X-Token = {{ file = "{self.secret()}" }} }} }}')
        number = self.desk.start_job("a")
        wait_for(lambda: server.requests, "a request")
        (pid,) = self.sender()
        self.assertEqual(os.stat(f"/proc/{pid}").st_uid, desk.NOBODY)
        server.go.set()
        self.desk.reach(number, "success")
        self.assertEqual(server.requests[0].headers["X-Token"], SECRET)

    def test_another_user_whom_the_program_is_closed_to(self):
        if os.geteuid() != 0:
            return
        server = self.serve()
        (self.desk.folder / "closed").mkdir(mode=0o700)
        self.desk.program = shutil.copy(self.desk.program, self.desk.folder / "closed")
        self.begin(f'user = "nobody"\nhttp = {{ url = "{server.url}/" }}')
        self.finish()


def signature(request, secret, service, headers):
    """Amazon's signature of the request, computed from the documentation, without marketcron's code."""
    def keyed(key, text):
        return hmac.new(key, text.encode(), hashlib.sha256).digest()
    url = urllib.parse.urlsplit(request.path)
    path = url.path if service == "s3" else urllib.parse.quote(url.path, safe="/~")
    query = sorted(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
    time_text = request.headers["X-Amz-Date"]
    canonical = "\n".join([
        request.method, path, urllib.parse.urlencode(query, quote_via=urllib.parse.quote, safe="~"),
        *(f"{name}:{request.headers[name]}" for name in headers), "", ";".join(headers),
        hashlib.sha256(request.body.encode()).hexdigest()])
    scope = f"{time_text[:8]}/eu-west-2/{service}/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{time_text}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = ("AWS4" + secret).encode()
    for part in (time_text[:8], "eu-west-2", service, "aws4_request"):
        key = keyed(key, part)
    return (f"AWS4-HMAC-SHA256 Credential=AKIDDESK/{scope}, SignedHeaders={';'.join(headers)}, "
            f"Signature={keyed(key, text).hex()}")


class Signed(HttpTest):
    def keys(self):
        return (f'access_key_file = "{self.secret("AKIDDESK", "id")}"\nsecret_key_file = "{self.secret(name="key")}"\n')

    def test_a_message_into_a_queue(self):
        server = self.serve(Answer(200, f"do you sign with {SECRET} as AKIDDESK?"))
        self.begin(f'''[job.a.http]
url = "{server.url}/123/desk queue"
headers = {{ X-Amz-Target = "AmazonSQS.SendMessage", Content-Type = "application/x-amz-json-1.0" }}
body = '{{"QueueUrl":"q","MessageBody":"{{{{session}}}}"}}'
[job.a.http.sigv4]\nregion = "eu-west-2"\nservice = "sqs"\n{self.keys()}'''.replace("desk queue", "desk%20queue?b=2&a=1%2F2"))
        run = self.finish()
        (request,) = server.requests
        self.assertEqual(request.headers["Authorization"], signature(
            request, SECRET, "sqs", ["content-type", "host", "x-amz-date", "x-amz-target"]))
        self.assertIsNone(request.headers["X-Amz-Content-Sha256"])
        self.assertLess(abs(time.mktime(time.strptime(request.headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ")) -
                            time.mktime(time.gmtime())), 60)
        self.assertIn("do you sign with *** as AKIDDESK?", self.printed(run))

    def test_a_file_into_a_bucket_with_keys_of_the_environment(self):
        server = self.serve()
        self.desk.write("date,pnl\n2026-11-20,17\n", name="2026-11-20.csv")
        self.begin(f'''env = {{ AWS_ACCESS_KEY_ID = "AKIDDESK" }}
secret_env = {{ AWS_SECRET_ACCESS_KEY = "{self.secret()}", AWS_SESSION_TOKEN = "{self.secret("a-token", "token")}" }}
[job.a.http]
method = "PUT"
url = "{server.url}/desk/{{{{session}}}}/p%26l.csv"
body_file = "{{{{session}}}}.csv"
sigv4 = {{ region = "eu-west-2", service = "s3" }}''')
        self.finish()
        (request,) = server.requests
        self.assertEqual(request.body, "date,pnl\n2026-11-20,17\n")
        self.assertEqual(request.headers["X-Amz-Content-Sha256"], hashlib.sha256(request.body.encode()).hexdigest())
        self.assertEqual(request.headers["Authorization"], signature(
            request, SECRET, "s3", ["host", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token"]))

    def test_keys_that_are_not_there_after_all(self):
        server = self.serve()
        self.desk.write("OTHER=1\n", name="aws.env")
        self.begin(f'env_file = "aws.env"\nhttp = {{ url = "{server.url}/", '
                   'sigv4 = { region = "eu-west-2", service = "sqs" } }')
        run = self.finish("failed")
        self.assertEqual(run["exit_code"], 2)
        self.assertIn("not sent: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not in the job's environment", self.printed(run))
        self.assertEqual(server.requests, [])


class Bare(HttpTest):
    def test_the_process_alone_reads_its_request_from_its_input_only(self):
        done = self.desk.run("http-request", config=False, stdin='{"version":1,"url":"top-secret"')
        self.assertEqual(done.code, 2)
        self.assertEqual(done.err, "marketcron: not sent: this is not a marketcron request\n")
        self.assertNotIn("http-request", self.desk.run("--help", config=False).out)


if __name__ == "__main__":
    desk.main()
