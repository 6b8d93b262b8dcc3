#!/usr/bin/env python3
"""documents_test.py MARKETCRON: the queries of docs/ledger.md on a ledger, and the requests of docs/control-api.md."""
import pathlib
import re
import sqlite3
import time

import desk
from desk import DeskTest

docs = pathlib.Path(__file__).parent.parent.parent / "docs"


def indented(page):
    """The text that Markdown sets as code by four spaces."""
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


if __name__ == "__main__":
    desk.main()
