#!/usr/bin/env python3
"""What `./dev mutants` changes, and how `./dev cov` judges a room."""
import unittest

import coverage
import mutants
import tidy


def changes(line, after=""):
    """{what: the line then} of one line; nothing for one that is left out or moved."""
    found = mutants.mutations(line, tidy.blank(line), tidy.blank(after))
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

    def test_texts_and_comments_stay(self):
        self.assertEqual(changes('    say("a == b"); // 7'), {"left out": ""})

    def test_every_room_has_its_suites(self):
        text = (mutants.root / "CMakeLists.txt").read_text(encoding="utf-8")
        rooms = {line[len("layer("):].split()[0].rstrip(")") for line in text.splitlines() if line.startswith("layer(")}
        self.assertEqual(rooms, set(mutants.suites))


class Coverage(unittest.TestCase):
    def test_the_bar_is_higher_above_the_wall(self):
        text, good = coverage.rows([("engine", 1000, 890), ("os", 1000, 800)])
        self.assertFalse(good)
        self.assertIn("engine          1000     890   89.0 %  90 % MISSED", text)
        self.assertIn("os              1000     800   80.0 %  80 %\n", text)

    def test_all_reached(self):
        self.assertTrue(coverage.rows([("engine", 10, 9), ("os", 10, 8)])[1])


if __name__ == "__main__":
    unittest.main()
