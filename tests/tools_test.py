#!/usr/bin/env python3
"""What `./dev mutants` changes, how `./dev cov` judges a room, and which files are compiled together."""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from unittest import mock

import coverage
import mutants
import tidy

sys.path[:0] = [str(mutants.root / "cmake"), str(mutants.root / "tests/e2e")]
import desk
import together


def changes(line, after="", before=""):
    """{what: the line then} of one line; nothing for one that is left out or moved."""
    found = mutants.mutations(line, tidy.blank(line), tidy.blank(after), before)
    return {what: new[0] if new else None for what, new in found}


class Mutants(unittest.TestCase):
    def test_a_comparison(self):
        self.assertEqual(changes("    return a <= b;")["<= for <"], "    return a < b;")
        self.assertNotIn("<= for <", changes("    return a <=> b;"))

    def test_a_condition(self):
        self.assertEqual(changes("    if (is_held(run)) return;")["condition negated"], "    if (!(is_held(run))) return;")
        self.assertNotIn("condition negated", changes("    if (const auto at = find(x); at != end) return;"))

    def test_a_constant(self):
        self.assertEqual(changes("constexpr Seconds pause{5};")["5 for 6"], "constexpr Seconds pause{6};")
        self.assertEqual(changes("    x = true;")["true for false"], "    x = false;")
        self.assertEqual(changes("    is_true_or(x);").get("true for false"), None)

    def test_a_statement(self):
        found = changes("    book_.queue(run);", "    tell(run);")
        self.assertEqual(found["left out"], "")
        self.assertIn("after the next one", found)
        self.assertNotIn("left out", changes("    return judge(run);"))
        self.assertNotIn("left out", changes("        last(run));", before="    book_.queue(first(run),"))

    def test_the_second_change_of_a_kind_has_a_number(self):
        found = changes("    return a == b && c == d;")
        self.assertEqual(found["== for !="], "    return a != b && c == d;")
        self.assertEqual(found["== for !=, 2"], "    return a == b && c != d;")

    def test_assignments_change_places_if_one_reads_the_other(self):
        self.assertNotIn("after the next one", changes("    a.begin = 1;", "    a.end = 2;"))
        self.assertIn("after the next one", changes("    a.begin = 1;", "    a.end = a.begin;"))
        self.assertIn("after the next one", changes("    a.begin = 1;", "    write(a);"))

    def test_an_equivalent_change_is_one_of_a_line_that_exists(self):
        known = {(str(m.path), m.line, m.what) for room in mutants.suites for m in mutants.all_mutants(room)}
        self.assertEqual(mutants.equivalents() - known, set())

    def test_the_draw_keeps_its_order(self):
        drawn = mutants.drawn("reason", 1)
        self.assertEqual(drawn, mutants.drawn("reason", 1))
        self.assertNotEqual(drawn, mutants.drawn("reason", 2))
        self.assertEqual(len(drawn), len(set(drawn)))

    def test_texts_and_comments_stay(self):
        self.assertEqual(changes('    say("a == b"); // 7'), {"left out": ""})

    def test_every_room_has_its_suites(self):
        text = (mutants.root / "CMakeLists.txt").read_text(encoding="utf-8")
        rooms = {line[len("layer("):].split()[0].rstrip(")") for line in text.splitlines() if line.startswith("layer(")}
        self.assertEqual(rooms, set(mutants.suites))

    def test_each_script_exists_and_each_theme_has_files(self):
        for name in {name for names in [*mutants.suites.values(), *mutants.themes.values()] for name in names}:
            if script := mutants.script_of(name):
                self.assertTrue(script.exists(), name)
        for start in mutants.themes:
            self.assertTrue(list((mutants.root / "src").glob(f"{start}*.cpp")), start)

    def test_a_file_has_the_suites_of_its_room_and_its_theme(self):
        found = mutants.suites_of(pathlib.Path("src/cli/cmd_import.cpp"))
        self.assertEqual(found, mutants.suites["cli"] + ["e2e.import"])
        self.assertEqual(mutants.program_of("e2e.import"), "marketcron")
        self.assertEqual(mutants.program_of("net_test"), "tests/net_test")

    def test_what_a_suite_has_started_ends_with_it(self):
        with tempfile.TemporaryDirectory() as folder:
            program = pathlib.Path(folder) / "some_test"
            program.write_text('#!/bin/sh\nout=$PWD/pid\ncd "$TMPDIR"\nsleep 300 &\necho $! >"$out"\nwait\n')
            program.chmod(0o755)
            shop = mutants.Workshop.__new__(mutants.Workshop)
            shop.build, shop.seeds = pathlib.Path(folder), []
            self.assertTrue(shop.run("some_test", program, (5, 1)))
            status = pathlib.Path(f"/proc/{(pathlib.Path(folder) / 'pid').read_text().strip()}/status")
            desk.wait_for(lambda: not status.exists() or "State:\tZ" in status.read_text(), "the end of sleep")

    def test_a_script_has_to_fail_twice(self):
        shop = mutants.Workshop.__new__(mutants.Workshop)
        for suite, results, fails in (("e2e.http", [True, False], False), ("e2e.http", [True, True], True),
                                      ("net_test", [True], True), ("net_test", [False], False)):
            with self.subTest(suite, results=results), mock.patch.object(shop, "run", side_effect=results):
                self.assertEqual(shop.fails(suite, "program", (1, 1)), fails)

    def test_its_help_needs_no_build(self):
        with tempfile.TemporaryDirectory() as tools:
            (pathlib.Path(tools) / "dirname").symlink_to(shutil.which("dirname"))
            (pathlib.Path(tools) / "python3").symlink_to(sys.executable)
            done = subprocess.run(["/bin/bash", mutants.root / "dev", "mutants", "--help"], env={"PATH": tools},
                                  capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("--count", done.stdout)


class Coverage(unittest.TestCase):
    def test_the_bar_is_higher_above_the_wall(self):
        text, good = coverage.rows([("engine", 1000, 890), ("os", 1000, 800)])
        self.assertFalse(good)
        self.assertIn("engine          1000     890   89.0 %  90 % MISSED", text)
        self.assertIn("os              1000     800   80.0 %  80 %\n", text)

    def test_all_reached(self):
        self.assertTrue(coverage.rows([("engine", 10, 9), ("os", 10, 8)])[1])

    def test_a_line_has_run_where_any_path_to_its_file_says_so(self):
        shown = f"{coverage.root}/src/os/a.cpp:\n    1|   4.2k|int f() {{\n   12|      0|    g();\n   13|       |\n" \
                f"   14|      0|    k();\n{coverage.root}/build/cov/../../src/os/a.cpp:\n   14|      1|    k();\n\n" \
                f"{coverage.root}/src/main.cpp:\n    7|      0|    h();\n"
        self.assertEqual(coverage.counts(shown), [("os", 3, 2)])
        self.assertEqual(list(coverage.not_run(shown, "os")), ["src/os/a.cpp:12:    g();"])
        self.assertEqual(list(coverage.not_run(shown, "exec")), [])

    def test_the_build_says_where_its_programs_count(self):
        with tempfile.TemporaryDirectory() as folder:
            cache = pathlib.Path(folder) / "CMakeCache.txt"
            cache.write_text("CMAKE_CXX_FLAGS:STRING=-fprofile-instr-generate=/a/b/%m%c.profraw -fcoverage-mapping\n")
            self.assertEqual(coverage.counts_folder(pathlib.Path(folder)), pathlib.Path("/a/b"))
            cache.write_text("CMAKE_CXX_FLAGS:STRING=-O2\n")
            with self.assertRaisesRegex(SystemExit, "build the preset `cov`"):
                coverage.counts_folder(pathlib.Path(folder))


class Patience(unittest.TestCase):
    def test_a_slow_build_has_more_time(self):
        def comes_after(seconds):
            end = time.monotonic() + seconds
            return lambda: time.monotonic() >= end
        with mock.patch.object(desk, "PATIENCE", 100):
            desk.wait_for(comes_after(0.3), "what comes late", 0.1)
        with self.assertRaisesRegex(AssertionError, "within 0 s this did not come: what comes late"):
            desk.wait_for(comes_after(30), "what comes late", 0.1)


class Together(unittest.TestCase):
    def test_the_names_that_a_file_keeps_to_itself(self):
        text = """#include "a.h"
namespace mc {
void known();
namespace {
constexpr std::size_t first_max = 3, second_max{f(4)};  // third = 1
struct Row { int inside; };
enum class Kind { one };
using Rows = std::vector<Row>;
template <class T>
std::map<int, T> build(const T& argument) { int local = 5; return other(local); }
std::string text = "fourth = 1; {";
TEST_CASE("a") {}
}  // namespace
int outside = 3;
namespace { int again(); }
}"""
        self.assertEqual(together.own_names(text),
                         {"first_max", "second_max", "Row", "Kind", "Rows", "build", "text", "again"})

    def test_files_with_a_name_in_common_are_apart(self):
        def own(name):
            return f"namespace {{ int {name} = 1; }}"
        texts = {"a": own("x"), "b": own("y"), "c": own("x"), "d": own("z"), "e": "#define A\n"}
        self.assertEqual(together.grouped(texts), [["a", "b", "d"], ["c"], ["e"]])

    def test_groups_are_of_a_size(self):
        texts = {f"{number:02}": "" for number in range(together.files_max * 2 + 1)}
        self.assertEqual([len(group) for group in together.grouped(texts)], [6, 6, 5])

    def test_only_a_group_that_changes_is_written(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "room").mkdir()
            for name in "abcdefghij":
                (root / "room" / f"{name}.cpp").write_text("int n;\n")
            sources = sorted(map(str, (root / "room").iterdir()))
            tool = [sys.executable, together.__file__, root / "out" / "room"]
            made = subprocess.run([*tool, "0", root, *sources], check=True, capture_output=True, text=True).stdout.split()
            self.assertEqual([pathlib.Path(path).name for path in made], ["room_1.cpp", "room_2.cpp"])
            self.assertEqual(pathlib.Path(made[0]).read_text(), "".join(f'#include "room/{n}.cpp"\n' for n in "abcde"))
            written = [pathlib.Path(path).stat().st_mtime_ns for path in made]
            again = subprocess.run([*tool, "2", root, *sources], check=True, capture_output=True, text=True).stdout
            self.assertEqual(again, "")
            self.assertEqual([pathlib.Path(path).stat().st_mtime_ns for path in made], written)
            for name in "abc":
                (root / "room" / f"{name}.cpp").write_text("namespace { int n; }\n")
            more = subprocess.run([*tool, "2", root, *sources], check=False, capture_output=True, text=True)
            self.assertEqual(more.returncode, 1)
            self.assertIn("room needs 3 groups now, and has 2: run cmake again", more.stderr)


if __name__ == "__main__":
    unittest.main()
