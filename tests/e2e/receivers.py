"""receivers.py: servers on loopback that receive marketcron's messages and answer like the real services.

Each checks every request against its vendor's published format, and collects errors in `faults`, which a test
expects to be empty. Sources: PagerDuty, github.com/PagerDuty/developer-docs, docs/events-API-v2 (01-Overview,
02-Trigger-Events); Teams, learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors (connectors-using,
add-incoming-webhook) and adaptivecards.io/explorer; Alertmanager, github.com/prometheus/alertmanager,
api/v2/openapi.yaml; OpenLineage, github.com/OpenLineage/OpenLineage, spec/OpenLineage.json.
"""
import datetime
import http.server
import json
import re
import threading
import time
import uuid

from desk import wait_for


class Receiver:
    """Records each post. The first requests get `answers` in turn, later ones the service's own answer: each is (status,
    headers, body), None for a connection closed without an answer, or a number of seconds to wait."""
    path = "/"

    def __init__(self, *answers, port=0):
        self.answers = list(answers)
        self.posts, self.times, self.headers, self.faults = [], [], [], []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                text = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.times.append(time.monotonic())
                receiver.headers.append(self.headers)
                answer = receiver.take(self.path, self.headers, text)
                if isinstance(answer, (int, float)):
                    receiver.closing.wait(answer)
                    answer = None
                if answer is None:
                    self.close_connection = True
                    return
                status, headers, body = answer
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(body))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.closing = threading.Event()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()

    def take(self, path, headers, text):
        problems = []
        body = None
        try:
            body = json.loads(text.decode())
        except ValueError as problem:
            problems.append(f"no JSON: {problem}")
        if path != self.path:
            problems.append(f"posted to {path}")
        if headers["Content-Type"] != "application/json":
            problems.append(f"Content-Type {headers['Content-Type']}")
        if body is not None:
            problems += self.check(body, text)
        self.faults += problems
        own = self.accept(body) if not problems else self.refuse(problems)
        self.posts.append(body)
        return self.answers.pop(0) if self.answers else own

    def check(self, body, text):
        return []

    def accept(self, body):
        return 200, {}, b"ok"

    def refuse(self, problems):
        return 400, {}, b"bad request"

    def close(self):
        if self.thread.is_alive():
            self.closing.set()
            self.server.shutdown()
            self.thread.join()
            self.server.server_close()

    def url(self):
        return f"http://127.0.0.1:{self.port}{self.path}"

    def wait(self, count, seconds=20):
        wait_for(lambda: len(self.posts) >= count, lambda: f"{count} posts; there are {self.posts}", seconds)


def is_instant(text):
    try:
        return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).tzinfo is not None
    except (AttributeError, ValueError):
        return False


def is_uri(text):
    return isinstance(text, str) and re.fullmatch(r"[a-z][a-z0-9+.-]*://\S+", text) is not None


def is_text(value, most=None):
    return isinstance(value, str) and value != "" and (most is None or len(value) <= most)


class PagerDuty(Receiver):
    """Events API v2. `incidents` are by dedup_key: triggered, acknowledged, resolved."""
    path = "/v2/enqueue"
    key = "0123456789abcdef0123456789abcdef"

    def __init__(self, *answers, port=0):
        self.incidents = {}
        super().__init__(*answers, port=port)

    def check(self, body, text):
        problems = [] if len(text) <= 512 * 1024 else ["larger than 512 KB"]
        if len(body.get("routing_key", "")) != 32:
            problems.append("Length of 'routing_key' is incorrect (should be 32 characters)")
        if body.get("event_action") not in ("trigger", "acknowledge", "resolve"):
            problems.append("'event_action' is invalid")
        if not is_text(body.get("dedup_key"), 255):
            problems.append("'dedup_key' is missing or too long")
        unknown = set(body) - {"routing_key", "event_action", "dedup_key", "payload", "images", "links", "client", "client_url"}
        if unknown:
            problems.append(f"unknown fields {unknown}")
        for link in body.get("links", []):
            if not is_uri(link.get("href")) or set(link) - {"href", "text"}:
                problems.append(f"a bad link {link}")
        return problems + (self.check_payload(body.get("payload", {})) if body.get("event_action") == "trigger" else [])

    @staticmethod
    def check_payload(payload):
        problems = []
        if not is_text(payload.get("summary"), 1024):
            problems.append("'payload.summary' is missing, or longer than 1024 characters")
        if not is_text(payload.get("source")):
            problems.append("'payload.source' is missing")
        if payload.get("severity") not in ("critical", "error", "warning", "info"):
            problems.append("'payload.severity' is invalid")
        if "timestamp" in payload and not is_instant(payload["timestamp"]):
            problems.append("'payload.timestamp' is invalid")
        if not isinstance(payload.get("custom_details", {}), dict):
            problems.append("'payload.custom_details' is no object")
        unknown = set(payload) - {"summary", "source", "severity", "timestamp", "component", "group", "class", "custom_details"}
        return problems + ([f"unknown fields {unknown}"] if unknown else [])

    def accept(self, body):
        key, action = body["dedup_key"], body["event_action"]
        now = self.incidents.get(key)
        if action == "trigger" and now != "acknowledged":
            self.incidents[key] = "triggered"
        elif action != "trigger" and now in ("triggered", "acknowledged"):
            self.incidents[key] = action + "d"
        answer = {"status": "success", "message": "Event processed", "dedup_key": key}
        return 202, {"Content-Type": "application/json"}, json.dumps(answer).encode()

    def refuse(self, problems):
        answer = {"status": "invalid event", "message": "Event object is invalid", "errors": problems}
        return 400, {"Content-Type": "application/json"}, json.dumps(answer).encode()

    def steps(self):
        return [(post["event_action"], post["dedup_key"]) for post in self.posts]


class Teams(Receiver):
    """The workflow "Post to a channel when a webhook request is received"."""
    path = "/workflows/triggers/manual/paths/invoke?sig=topsecretword"
    elements = {"TextBlock": {"text"}, "RichTextBlock": {"inlines"}, "FactSet": {"facts"}, "Container": {"items"}}

    def check(self, body, text):
        problems = [] if len(text) <= 28 * 1024 else [f"{len(text)} bytes, more than 28 KB"]
        if set(body) != {"type", "attachments"} or body["type"] != "message" or len(body["attachments"]) != 1:
            return problems + ["no message with one attachment"]
        attachment = body["attachments"][0]
        if attachment.get("contentType") != "application/vnd.microsoft.card.adaptive" or attachment.get("contentUrl") is not None:
            problems.append("the attachment is no card")
        card = attachment.get("content", {})
        if card.get("type") != "AdaptiveCard" or card.get("version") != "1.4":
            problems.append("no AdaptiveCard 1.4")
        if not card.get("body"):
            problems.append("an empty card")
        for element in card.get("body", []):
            problems += self.check_element(element)
        for action in card.get("actions", []):
            if action.get("type") != "Action.OpenUrl" or not is_uri(action.get("url")):
                problems.append(f"a bad action {action}")
        return problems

    def check_element(self, element):
        needed = self.elements.get(element.get("type"))
        if needed is None or not needed <= set(element):
            return [f"a bad element {element}"]
        return [f"a bad run {run}" for run in element.get("inlines", [])
                if run.get("type") != "TextRun" or not is_text(run.get("text")) or "\n" in run["text"]]

    def accept(self, body):
        return 202, {}, b""

    def text(self, number):
        """The text of a card as its reader sees it."""
        body = self.posts[number]["attachments"][0]["content"]["body"]
        return "\n".join("".join(run["text"] for run in block["inlines"]) for block in body)


class Alertmanager(Receiver):
    """POST /api/v2/alerts: postableAlerts."""
    path = "/api/v2/alerts"

    def check(self, body, text):
        if not isinstance(body, list) or not body:
            return ["no list of alerts"]
        problems = []
        for alert in body:
            if set(alert) - {"labels", "annotations", "startsAt", "endsAt", "generatorURL"}:
                problems.append(f"unknown fields in {alert}")
            if not alert.get("labels"):
                problems.append("an alert without labels")
            for labels in (alert.get("labels", {}), alert.get("annotations", {})):
                problems += [f"a bad label {name}={value!r}" for name, value in labels.items()
                             if not re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]*", name) or not isinstance(value, str)]
            problems += [f"{key} is no instant" for key in ("startsAt", "endsAt") if key in alert and not is_instant(alert[key])]
        return problems


class Lineage(Receiver):
    """A RunEvent of OpenLineage."""
    path = "/api/v1/lineage"

    def check(self, body, text):
        problems = [] if body.get("eventType") in ("START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER") else ["eventType"]
        problems += [] if is_instant(body.get("eventTime")) else ["eventTime"]
        problems += [key for key in ("producer", "schemaURL") if not is_uri(body.get(key))]
        problems += [f"job.{key}" for key in ("namespace", "name") if not is_text(body.get("job", {}).get(key))]
        try:
            uuid.UUID(body["run"]["runId"])
        except (KeyError, TypeError, ValueError):
            problems.append("run.runId")
        return problems

    def accept(self, body):
        return 201, {}, b""
