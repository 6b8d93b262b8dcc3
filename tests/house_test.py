#!/usr/bin/env python3
"""The picture of house.py, and that it says so when the page, a room or an arrow is wrong."""
import pathlib
import tempfile
import unittest

import house

layers = """layer(base)         # words
layer(engine base)  # decisions
layer(os base)      # Linux
layer(net os)       # HTTP
layer(cli engine net)  # commands
layer(shop base)    # another floor
"""
drawn = """\
●      base                    words
├─●    engine  <- base         decisions
┼─┼──── the wall: above it no clock, file, environment, thread or randomness ────
├─│─●  os      <- base         Linux
│ │ ●  net     <- os           HTTP
│ ●─╯  cli     <- engine, net  commands
●      shop    <- base         another floor
"""


class Rooms(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.write("CMakeLists.txt", layers)
        for room, *included in (["base"], ["engine", "base"], ["os", "base"], ["net", "os", "base"],
                                ["cli", "net", "engine", "base"], ["shop", "base"]):
            self.write(f"src/{room}/a.cpp", "".join(f'#include "{other}/a.h"\n' for other in included))

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def faults(self):
        rooms = house.House(self.root)
        rooms.sizes.update(dict.fromkeys(rooms.rooms, 100) | self.sizes)
        page = f"before\n{house.begin}{house.picture(rooms)}{house.end}after\n"
        return list(house.faults(rooms, self.page or page))

    sizes = {"elsewhere": 400}  # so that none of them is too large
    page = None

    def test_the_picture(self):
        self.assertEqual(house.picture(house.House(self.root)), drawn)

    def test_a_house_in_order(self):
        self.assertEqual(self.faults(), [])

    def test_a_page_of_yesterday(self):
        self.page = f"before\n{house.begin}●  base\n{house.end}after\n"
        self.assertEqual(self.faults(), ["docs/architecture.md does not show the rooms as they are; run ./dev house"])
        self.assertIn(f"before\n{house.begin}●", house.replaced(self.page, house.House(self.root)))

    def test_a_room_that_is_too_large(self):
        self.sizes = {"elsewhere": 400, "os": 170}
        self.assertEqual(self.faults(), ["src/os has 15.9 % of the lines of src, the limit is 15 %; split it"])

    def test_an_arrow_that_points_back(self):
        self.write("src/os/a.cpp", '\n#include "net/a.h"\n')
        self.assertEqual(self.faults(), ["src/os/a.cpp:2: os includes net/a.h of a later room"])

    def test_a_room_without_a_purpose(self):
        self.write("CMakeLists.txt", layers.replace("  # decisions", ""))
        self.assertEqual(self.faults(),
                         ["CMakeLists.txt: engine has no purpose; write it behind its layer() line, as a comment"])


if __name__ == "__main__":
    unittest.main()
