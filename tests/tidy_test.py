#!/usr/bin/env python3
"""Every rule of tidy.py catches the breach that is planted for it, in its place, and nothing else."""
import pathlib
import re
import tempfile
import unittest

import tidy

house = """layer(base)
layer(calendar base)
layer(engine calendar)
layer(os base)
layer(daemon engine os)
layer(cli daemon)
"""
long_body = "    step();\n"


class House(unittest.TestCase):
    """A small house in order, into which each test plants a file."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.write("CMakeLists.txt", house)
        self.write("src/base/time.h", "// time.h — kinds of time.\n#pragma once\n")
        self.write("src/os/clock.cpp", "auto now() { return std::chrono::system_clock::now(); }\n")

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def expect(self, name, text, line, words):
        self.write(name, text)
        found = list(tidy.findings(self.root))
        self.assertEqual([(f.file, f.line) for f in found], [(name, line)], [str(f) for f in found])
        self.assertIn(words, str(found[0]))
        self.assertIn("; ", str(found[0]))

    def expect_nothing(self, name, text):
        self.write(name, text)
        self.assertEqual([str(f) for f in tidy.findings(self.root)], [])


class Arrows(House):
    def test_a_house_in_order(self):
        self.expect_nothing("src/engine/a.cpp", '#include "engine/a.h"\n#include "base/time.h"\n')

    def test_a_later_room(self):
        self.expect("src/calendar/a.cpp", '\n#include "engine/engine.h"\n', 2, "calendar may not include engine")

    def test_os_knows_nothing_of_jobs(self):
        self.expect("src/os/a.cpp", '#include "calendar/calendar.h"\n', 1, "os may not include calendar")

    def test_an_include_without_its_room(self):
        self.expect("src/base/a.cpp", '#include "time.h"\n', 1, "does not name its room")

    def test_a_room_that_is_not_in_the_map(self):
        self.expect("src/cellar/a.cpp", "int a;\n", 1, "no room of the house")


class Wall(House):
    def test_forbidden_headers(self):
        for header in ("thread", "mutex", "fstream", "filesystem", "random", "unordered_map",
                       "iostream", "sys/stat.h", "unistd.h", "ctime"):
            with self.subTest(header):
                self.expect("src/engine/a.cpp", f"int a;\n#include <{header}>\n", 2, "above the wall")

    def test_forbidden_calls(self):
        for call in ('std::getenv("TZ")', "std::chrono::steady_clock::now()", "rand()", "std::mt19937{}",
                     'std::fopen("a", "r")', '::open("a", 0)', "localtime_r(&t, &out)",
                     'toml::parse_file("a")'):
            with self.subTest(call):
                self.expect("src/base/a.cpp", f"// A file.\nauto a = {call};\n", 2, "above the wall")

    def test_below_it_they_are_at_home(self):
        self.expect_nothing("src/os/a.cpp", '#include <fstream>\nauto a = std::getenv("TZ");\n')

    def test_comments_and_texts_are_no_calls(self):
        self.expect_nothing("src/base/a.cpp", '// rand() is not here\nauto a = "rand()";\n/* rand()\n */\n'
                                              'auto b = R"(rand())";\nauto c = session.open(3);\n')


class Doors(House):
    def test_the_wall_clock_is_read_in_one_place(self):
        for call in ("std::chrono::system_clock::now()", "time(nullptr)", "std::time(nullptr)",
                     "clock_gettime(CLOCK_REALTIME, &t)", "gettimeofday(&t, nullptr)"):
            with self.subTest(call):
                self.expect("src/daemon/a.cpp", f"\n\nauto a = {call};\n", 3, "reads the wall clock")

    def test_a_monotonic_clock_and_a_timer_are_not_the_wall_clock(self):
        self.expect_nothing("src/os/a.cpp", "auto a = clock_gettime(CLOCK_MONOTONIC, &t);\n"
                                            "auto b = timerfd_create(CLOCK_REALTIME, 0);\n")

    def test_outside_libraries(self):
        for header, room in (("sqlite3.h", "engine"), ("curl/curl.h", "daemon"), ("event2/event.h", "daemon"),
                             ("openssl/evp.h", "daemon"), ("CLI/CLI.hpp", "os"), ("toml++/toml.h", "base"),
                             ("nlohmann/json.hpp", "cli"), ("nlohmann/json_fwd.hpp", "daemon")):
            with self.subTest(header):
                self.expect(f"src/{room}/a.cpp", f"#include <{header}>\n", 1, "belongs to")
                self.write(f"src/{room}/a.cpp", "")

    def test_outside_libraries_where_they_belong(self):
        for file, header in (("src/base/json_text.cpp", "nlohmann/json.hpp"), ("src/cli/cli.cpp", "CLI/CLI.hpp"),
                             ("tests/unit/base/json_test.cpp", "nlohmann/json.hpp"),
                             ("tests/unit/store/a_test.cpp", "sqlite3.h")):
            with self.subTest(file):
                self.expect_nothing(file, f"#include <{header}>\n")

    def test_what_is_slow_to_compile_stays_out_of_tests_too(self):
        self.expect("tests/unit/notify/a_test.cpp", "#include <nlohmann/json.hpp>\n", 1, "belongs to")

    def test_broken_text_is_read_all_the_same(self):
        (self.root / "tests").mkdir()
        (self.root / "tests" / "a.toml").write_bytes(b"a = '\xe9'\n# TO" + b"DO\n")
        self.assertEqual([f.line for f in tidy.findings(self.root)], [2])


class OddInput(House):
    def test_what_throws_at_it(self):
        for file, line, what in (("daemon/endpoint_start", "auto a = plan.jobs.at(name);", "outside"),
                                 ("calendar/a", "auto a = toml::parse(text);", "asserts"),
                                 ("os/a", "for (auto& a : std::filesystem::directory_iterator(directory, error)) b(a);", "read on"),
                                 ("cli/cmd_a", 'fmt::print("{}", a);', "control characters"),
                                 ("os/b", "int a = std::stoi(text);", "odd texts")):
            with self.subTest(line):
                self.expect(f"src/{file}.cpp", f"\n{line}\n", 2, what)
                self.write(f"src/{file}.cpp", "")

    def test_what_is_ours_may_be_asked_for(self):
        self.expect_nothing("src/engine/a.cpp", "auto a = runs.at(id);\n")
        self.expect_nothing("src/base/toml.cpp", "auto a = toml::parse(text);\n")


class Sentences(House):
    def test_code_that_reads_a_sentence(self):
        for text in ('run.detail.starts_with("x")', 'error.what.find("larger")', 'error.sentence().contains("x")',
                     'fire.key.starts_with("start ")'):
            self.expect("src/engine/a.cpp", f"bool a() {{ return {text}; }}\n", 1, "reads a sentence or a key")

    def test_texts_of_users_may_be_read(self):
        self.expect_nothing("src/engine/a.cpp", 'bool a() { return text.starts_with("@"); }\n')

    def test_a_contract_that_a_reader_does_not_have(self):
        self.expect("src/engine/a.cpp", "\n// of SPEC 3\n", 2, "SPEC is nothing that a reader has")


class Page(House):
    def test_a_header_without_its_promise(self):
        self.expect("src/base/a.h", "// b.h — not its name\n#pragma once\n", 1, "promise")

    def test_a_header_without_a_guard(self):
        self.expect("src/base/a.h", "// a.h — a.\n", 1, "twice")

    def test_a_long_file(self):
        self.expect("tests/unit/base/a_test.cpp", "int a;\n" * 601, 601, "601 lines")

    def test_a_long_function(self):
        self.expect("src/base/a.cpp", "namespace mc {\n\nint a(int b) {\n" + long_body * 59 + "}\n}\n",
                    3, "61 lines")

    def test_a_function_that_fits(self):
        self.expect_nothing("src/base/a.cpp", "namespace mc {\nint a(int b) {\n" + long_body * 58 + "}\n}\n")

    def test_long_functions_in_every_dress(self):
        for head in ("auto a() const -> std::vector<int>", "A::A(int b) : b_{b}, c_(b)", "A::~A() noexcept",
                     "A::A() : b_{1}, c_{2}", "template <class T>\nvoid a(T b)",
                     "auto a = [](int b)", "Result<int> a(int b,\n      int c = f({1}))"):
            with self.subTest(head):
                self.expect("src/base/a.cpp", head + " {\n" + long_body * 60 + "}\n", 1, "the limit is 60")

    def test_short_functions_in_a_long_class_and_a_long_table(self):
        member = "    int a() const { return 1; }\n"
        self.expect_nothing("src/base/a.cpp", "struct A : B {\n" + member * 70 + "};\n"
                                              "const int table[] = {\n" + "    f(1),\n" * 70 + "};\n")

    def test_a_signal_to_any_number(self):
        self.expect("tests/unit/os/a_test.cpp", "\n    ::kill(pid, SIGKILL);\n", 2, "send_signal()")
        self.write("tests/unit/os/a_test.cpp", "child.kill(9); send_signal(pid, 9);\n")
        self.expect("tests/e2e/a_test.py", "\nos.kill(pid, 9)\n", 2, "send_signal()")
        self.expect_nothing("tests/e2e/a_test.py", "send_signal(pid, 9)\nos.kill(os.getpid(), 9)\n")

    def test_leftovers(self):
        for word in ("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"):
            with self.subTest(word):
                self.expect("docs/a.md", f"\nA page. {word}: more.\n", 2, "left over")

    def test_a_word_wider_than_a_manual_page(self):
        word = '{"alert",' + '"kind",' * 8 + '"job"}'
        self.expect("man/a.1", f".Sh JSON\n.Li {word}\n", 2, "cannot be broken")
        self.expect_nothing("man/a.1", f".Bd -literal\n{word}\n.Ed\n.Li " + '{"alert", \\&"job"}\n')

    def test_a_line_to_type_that_a_manual_page_breaks(self):
        line = "ln -s /dev/null /etc/systemd/system/marketcron.service.d/crontabs.conf"
        self.expect("man/a.8", f".Sh UNIT\n.Dl {line}\n", 2, "breaks this line to type in two")
        self.expect_nothing("man/a.8", ".Dl cd /etc/systemd/system\n.Dl ln -s /dev/null marketcron.service.d/crontabs.conf\n")

    def test_a_template_of_mkstemp_is_no_leftover(self):
        self.expect_nothing("src/os/a.cpp", 'auto a = directory + "/exit.XXXXXX";\n')

    def test_paths_of_one_machine(self):
        self.expect("examples/a.toml", 'command = "/work/a"\n', 1, "one machine")
        self.write("examples/a.toml", "")
        self.expect("src/os/a.cpp", 'auto a = "/tmp/a";\n', 1, "hard-wired")


class Wall(unittest.TestCase):
    def test_the_rooms_above_it_are_those_that_the_build_lists_first(self):
        text = (pathlib.Path(__file__).resolve().parent.parent / "CMakeLists.txt").read_text(encoding="utf-8")
        above = text.split("\n# ... the wall")[0]
        self.assertEqual(re.findall(r"^layer\((\w+)", above, re.MULTILINE), list(tidy.above_the_wall))


if __name__ == "__main__":
    unittest.main()
