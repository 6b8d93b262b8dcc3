#!/usr/bin/env python3
"""house.py [--write | --check]: the rooms of src/ as a picture, from what their files include.

Without an option it prints the picture and the size of each room. --write puts the picture into docs/architecture.md.
--check fails when the picture there is not the one of today, when a room is larger than 15 per cent of src/, and when a
file includes one of a later room. A room's purpose is the comment behind its layer() line in CMakeLists.txt.

The picture has one row for each room and one rail for each room that later rooms include: a row joins the rails of the
rooms that it includes directly. What a room reaches through another room is not drawn."""
import pathlib
import re
import sys

import tidy

share_max = 15  # per cent of the lines of src/
page_name = "docs/architecture.md"
begin, end = "<!-- rooms: written by ./dev house -->\n```text\n", "```\n<!-- end of rooms -->\n"
wall_text = "the wall: above it no clock, file, environment, thread or randomness"


class House:
    """The rooms in the order of CMakeLists.txt: their purposes, their sizes in lines, and what they include."""

    def __init__(self, root):
        text = (root / "CMakeLists.txt").read_text(encoding="utf-8")
        rows = re.findall(r"^layer\((\w+)[^)]*\)(?:\s*#\s*(.*))?$", text, re.MULTILINE)
        self.purposes = dict(rows)
        self.rooms = list(self.purposes)
        self.sizes = dict.fromkeys(self.rooms, 0)
        self.included = {room: set() for room in self.rooms}
        self.backward = []
        for path in sorted((root / "src").rglob("*")):
            if path.suffix in tidy.code:
                self.add(tidy.Source(root, path))
        self.direct = {room: self.nearest(room) for room in self.rooms}

    def add(self, source):
        room = source.room()
        if room not in self.sizes:
            return
        self.sizes[room] += len(source.lines)
        for line, path, is_ours in source.includes():
            other = path.split("/")[0]
            if not is_ours or other == room or other not in self.sizes:
                continue
            if self.rooms.index(other) > self.rooms.index(room):
                self.backward.append(f"{source.name}:{line}: {room} includes {path} of a later room")
            else:
                self.included[room].add(other)

    def reached(self, room):
        """All that lies beyond a room."""
        return self.included[room].union(*(self.reached(other) for other in self.included[room]))

    def nearest(self, room):
        """What a room includes and does not reach through another room."""
        far = set().union(*(self.reached(other) for other in self.included[room]))
        return [other for other in self.rooms if other in self.included[room] - far]

    def share(self, room):
        return 100 * self.sizes[room] / max(1, sum(self.sizes.values()))


def drawn_rails(house):
    """[(room, its row of rails)]; under the last room above the wall (None, the rails that cross it)."""
    last = {other: room for room in house.rooms for other in house.direct[room]}
    rails, rows, was_used = [], [], []  # rails: the room of each column, or None
    pure = [room for room in house.rooms if room in tidy.above_the_wall]

    for room in house.rooms:
        joined = [column for column, owner in enumerate(rails) if owner in house.direct[room]]
        ended = [column for column in joined if last[rails[column]] == room]
        # Its own column continues one that ends here; never one that another room has just left.
        free = [c for c, owner in enumerate(rails) if owner is None and not was_used[c] and c > max(joined, default=-1)]
        at = (ended + free + [len(rails)])[0]
        was_used = [owner is not None for owner in rails]
        if at == len(rails):
            rails.append(None)
            was_used.append(False)
        rows.append((room, row_of(rails, at, joined, ended)))
        for column in ended:
            rails[column] = None
        rails[at] = room if room in last else None
        was_used[at] = True
        if pure and room == pure[-1]:
            rows.append((None, "─".join("┼" if owner else "─" for owner in rails)))
    return rows


def row_of(rails, at, joined, ended):
    """One row: the room's dot, the rails that it joins, and those that it crosses."""
    ends = [*joined, at]
    text = ""
    for column, owner in enumerate(rails):
        inside = min(ends) < column < max(ends)
        if column == at:
            sign = "●"
        elif column in joined:
            left, right = column > min(ends), column < max(ends)
            up_only = column in ended
            sign = {(True, True): "┴" if up_only else "┼", (True, False): "╯" if up_only else "┤",
                    (False, True): "╰" if up_only else "├"}[left, right]
        elif inside:
            sign = "│" if owner else "─"
        else:
            sign = "│" if owner else " "
        text += sign + ("─" if min(ends) <= column < max(ends) else " ")
    return text.rstrip()


def picture(house, with_sizes=False):
    rows = drawn_rails(house)
    wide = max(len(rails) for room, rails in rows if room) + 2
    arrows = {room: "<- " + ", ".join(others) if others else "" for room, others in house.direct.items()}
    name_wide, arrow_wide = max(map(len, house.rooms)) + 2, max(map(len, arrows.values())) + 2
    text = ""
    for room, rails in rows:
        if room is None:
            text += f"{rails:─<{wide}} {wall_text} ".ljust(wide + name_wide + arrow_wide + 50, "─") + "\n"
            continue
        size = f"{house.share(room):5.1f} %  " if with_sizes else ""
        text += f"{rails:{wide}}{room:{name_wide}}{size}{arrows[room]:{arrow_wide}}{house.purposes[room]}".rstrip() + "\n"
    return text


def faults(house, page):
    """What is wrong, in sentences."""
    yield from house.backward
    for room in house.rooms:
        if not house.purposes[room]:
            yield f"CMakeLists.txt: {room} has no purpose; write it behind its layer() line, as a comment"
        if house.share(room) > share_max:
            yield f"src/{room} has {house.share(room):.1f} % of the lines of src, the limit is {share_max} %; split it"
    if replaced(page, house) != page:
        yield f"{page_name} does not show the rooms as they are; run ./dev house"


def replaced(page, house):
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    return before + begin + picture(house) + end + after


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    house = House(root)
    path = root / page_name
    page = path.read_text(encoding="utf-8")
    if "--check" in sys.argv[1:]:
        found = list(faults(house, page))
        print("\n".join(found) or "house: the picture is true")
        return 1 if found else 0
    if "--write" in sys.argv[1:]:
        path.write_text(replaced(page, house), encoding="utf-8")
    print(picture(house, with_sizes=True), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
