#!/usr/bin/env python3
"""documents_test.py MARKETCRON: the queries of docs/ledger.md on a ledger, and the requests of docs/control-api.md."""
import pathlib
import re
import sqlite3
import subprocess
import time

import desk
from desk import DeskTest

docs = pathlib.Path(__file__).parent.parent.parent / "docs"


def indented(page):
    """The text that Markdown formats as code by four spaces."""
    return "\n".join(line[4:] for line in (docs / page).read_text().splitlines() if line.startswith("    "))


class Documents(DeskTest):
    def test_every_query_of_the_ledger(self):
        self.desk.jobs('[job.good]\nschedule = "@yearly"\ncommand = "true"\n'
                       '[job.bad]\nschedule = "@yearly"\ncommand = "false"\n')
        self.desk.start()
        self.desk.reach(self.desk.start_job("good"), "success")
        self.desk.reach(self.desk.start_job("bad"), "failed")
        queries = re.findall(r"^SELECT.*?;", indented("ledger.md"), re.M | re.S)
        self.assertGreaterEqual(len(queries), 3)
        ledger = sqlite3.connect(f"file:{self.desk.state}/ledger.db?mode=ro", uri=True)
        answers = [ledger.execute(re.sub("'2026-11-20T", f"'{time.gmtime().tm_year}-01-01T", query)).fetchall()
                   for query in queries]
        self.assertEqual([row[1] for row in answers[0]], ["bad"])
        ledger.close()

    def test_every_request_without_a_body(self):
        self.desk.jobs('[job.good]\nschedule = "@yearly"\ncommand = "true"\n')
        self.desk.start()
        number = self.desk.start_job("good")
        self.desk.reach(number, "success")
        paths = re.findall(r"^\| GET (/v1/\S+) \|", (docs / "control-api.md").read_text(), re.M)
        self.assertGreaterEqual(len(paths), 5)
        for path in paths:
            query = {"/v1/why": "?job=good&date=2026-11-20", "/v1/logs": f"?run={number}"}.get(path, "")
            with self.subTest(path=path):
                self.assertNotIn("error", self.desk.ask("GET", path + query))


class Readme(DeskTest):
    """The rows of README's first hour, typed as printed, with the files that it says to save."""

    def test_a_first_hour(self):
        text = (docs.parent / "README.md").read_text()
        desk_file, hello = re.findall(r"^```toml\n(.*?)^```", text, re.M | re.S)
        for name, content in (("desk.toml", desk_file), ("new.toml", desk_file.replace("+15m", "+20m")), ("hello.toml", hello)):
            self.desk.write(content, name=name)
        (self.desk.folder / "marketcron").symlink_to(self.desk.program)
        hour = text[text.index("## A first hour"):]
        rows = re.findall(r"^\| `(marketcron [^`]*)` \|", hour[:hour.index("All of it is in")], re.M)
        self.assertGreater(len(rows), 12)
        env = {"PATH": f"{self.desk.folder}:/usr/bin:/bin", "HOME": str(self.desk.folder)}
        daemon = None
        try:
            for row in rows:
                words = f"exec {row}" if "daemon" in row else row
                process = subprocess.Popen(["sh", "-c", words], cwd=self.desk.folder, env=env, text=True,
                                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                if "daemon" in row:
                    daemon = process
                    desk.wait_for(lambda: (self.desk.folder / "state" / "control").exists(), "the daemon answers")
                    continue
                shown, _ = process.communicate(timeout=60)
                with self.subTest(row=row):
                    self.assertIn(process.returncode, (0, 1) if "is-open" in row else (0,), shown)
                    self.assertNotIn("error:", shown)
        finally:
            if daemon:
                daemon.terminate()
                daemon.communicate(timeout=30)


if __name__ == "__main__":
    desk.main()
