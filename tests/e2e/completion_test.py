#!/usr/bin/env python3
"""completion_test.py MARKETCRON: what bash, zsh and fish offer when Tab is pressed."""
import getpass
import os
import subprocess

import desk
from desk import DeskTest

JOBS = '[slack.ops]\nwebhook_env = "HOOK"\n[job.ingest_bars]\nschedule = "@daily"\ncommand = "true"\n' \
       '[job.risk]\nschedule = "@daily"\ncommand = "true"\n'
BASH = r"""
source <(marketcron completion bash)
COMP_LINE=$1 COMP_POINT=${#1}
read -ra COMP_WORDS <<<"${1//:/ : }"
[[ $1 == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
compopt() { :; }
_marketcron
printf '%s\n' "${COMPREPLY[@]}"
"""
ZSH = r"""
compadd() { shift; print -l -- $@ }
_describe() { print -l -- ${offers%%:*} }
_files() { print FILES }
_message() { : }
words=(${=1}); [[ $1 == *' ' ]] && words+=('')
CURRENT=$#words PREFIX=$words[-1]
source =(marketcron completion zsh)
"""


class Completions(DeskTest):
    def setUp(self):
        super().setUp()
        home = self.desk.folder / "marketcron"
        home.mkdir()
        self.desk.write('[daemon]\nstate = "state"\nsocket = "control"\n' + JOBS, name="marketcron/marketcron.toml")
        os.symlink(self.desk.program, self.desk.folder / "bin")
        (self.desk.folder / "path").mkdir()
        # The shells run the program from PATH, with its default configuration: the test adds -c.
        self.desk.write(f'#!/bin/sh\ncase "$1 $2" in "completion jobs"|"completion targets"|"completion runs") '
                        f'exec {self.desk.program} "$@" -c {home}/marketcron.toml;; esac\nexec {self.desk.program} "$@"\n',
                        name="path/marketcron", mode=0o755)
        self.env = {"PATH": f"{self.desk.folder}/path:/usr/bin:/bin", "HOME": str(self.desk.folder), "TERM": "dumb",
                    "LANG": "C.UTF-8"}

    def run_shell(self, *words):
        done = subprocess.run(words, env=self.env, cwd=self.desk.folder, capture_output=True, text=True, timeout=20, check=False)
        self.assertEqual(done.stderr, "", words)
        return set(done.stdout.split("\n")) - {""}

    def offers(self, line):
        """The completions that the three shells offer for the line, which must be the same."""
        last = line.rsplit(" ", 1)[1]
        bash = self.run_shell("bash", "-c", BASH, "bash", line)
        zsh = {word for word in self.run_shell("zsh", "-f", "-c", ZSH, "zsh", line) if word.startswith(last) or word == "FILES"}
        fish = {word.split("\t")[0] for word in self.run_shell(
            "fish", "--no-config", "-c", f"marketcron completion fish | source; complete -C '{line}'")}
        self.assertEqual(zsh, bash, line)
        self.assertEqual(fish, bash, line)
        return bash

    def test_commands(self):
        self.assertEqual(self.offers("marketcron st"), {"status", "start", "stop"})
        self.assertEqual(self.offers("marketcron calendar s"), {"show", "sessions"})

    def test_what_the_configuration_names(self):
        self.assertEqual(self.offers("marketcron why "), {"ingest_bars", "risk"})
        self.assertEqual(self.offers("marketcron start i"), {"ingest_bars"})
        self.assertEqual(self.offers("marketcron calendar show XNY"), {"XNYS"})
        self.assertEqual(self.offers("marketcron next --calendar XLO"), {"XLON"})

    def test_nothing_of_a_name_is_executed(self):
        title = f"{self.desk.folder}/$(touch PWNED)it's:1"
        self.desk.write(f'0 1 * * * {getpass.getuser()} true\n', name="$(touch PWNED)it's", mode=0o644)
        home = self.desk.folder / "marketcron"
        with open(home / "marketcron.toml", "a", encoding="utf-8") as config:
            config.write(f"[crontab]\nfiles = [\"{self.desk.folder}/$(touch PWNED)it's\"]\n")
        offers = self.run_shell("bash", "-c", BASH, "bash", "marketcron why ")
        self.assertIn("ingest_bars", offers)
        [shown] = [offer for offer in offers if "PWNED" in offer]
        self.assertEqual(subprocess.run(["bash", "-c", f"printf %s {shown}"], capture_output=True, text=True, check=True).stdout, title)
        self.assertFalse((self.desk.folder / "PWNED").exists())

    def test_words_with_a_colon(self):
        [bash] = self.run_shell("bash", "-c", BASH, "bash", "marketcron notify test slack:o")
        self.assertEqual(bash, "ops", "bash has the part before the colon already")

    def test_options_and_their_values(self):
        self.assertEqual(self.offers("marketcron runs --state s"), {"success", "skipped"})
        self.assertEqual(self.offers("marketcron backfill risk --rerun "), {"failed", "all"})
        self.assertIn("--dry-run", self.run_shell("bash", "-c", BASH, "bash", "marketcron backfill risk --d"))
        self.assertIn("--dry-run", self.run_shell("zsh", "-f", "-c", ZSH, "zsh", "marketcron backfill risk --d"))
        self.assertIn("--dry-run\tonly list what would run", self.run_shell(
            "fish", "--no-config", "-c", "marketcron completion fish | source; complete -C 'marketcron backfill risk --d'"))

    def test_files(self):
        (self.desk.folder / "book.toml").touch()
        for command in "check", "diff", "diff old.toml", "calendar diff":
            self.assertEqual(self.run_shell("bash", "-c", BASH, "bash", f"marketcron {command} boo"), {"book.toml"})

    def test_an_unknown_shell(self):
        self.says(self.desk.run("completion", "bsh", config=False), 2, "no completions for `bsh`", "did you mean bash?")


if __name__ == "__main__":
    desk.main()
