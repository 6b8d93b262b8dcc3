#!/usr/bin/env python3
"""embed_calendars.py OUT FILE...: writes OUT/calendars.S (the files' bytes, by .incbin) and
OUT/calendars.cpp (their names and aliases), so that a command finds one without reading all."""
import pathlib
import sys
import tomllib

out, files = pathlib.Path(sys.argv[1]), [pathlib.Path(f) for f in sorted(sys.argv[2:])]
out.mkdir(parents=True, exist_ok=True)


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


asm = [".section .rodata"]
rows = []
for n, file in enumerate(files):
    head = tomllib.loads(file.read_text())
    asm += [f".global marketcron_calendar_{n}", f".global marketcron_calendar_{n}_end", f"marketcron_calendar_{n}:",
            f".incbin {quoted(str(file))}", f"marketcron_calendar_{n}_end: .byte 0"]
    aliases = ", ".join(quoted(a) for a in head.get("aliases", []))
    rows.append((n, f'{{{quoted(head["name"])}, {{{aliases}}}, {quoted("calendars/" + file.name)}, '
                    f'{{marketcron_calendar_{n}, static_cast<std::size_t>(marketcron_calendar_{n}_end - '
                    f'marketcron_calendar_{n})}}, nullptr}}'))
asm.append('.section .note.GNU-stack,"",@progbits')
(out / "calendars.S").write_text("\n".join(asm) + "\n")

symbols = "\n".join(f"extern const char marketcron_calendar_{n}[]; extern const char marketcron_calendar_{n}_end[];"
                    for n, _ in rows)
body = ",\n        ".join(row for _, row in rows)
(out / "calendars.cpp").write_text(f"""// Made by cmake/embed_calendars.py from calendars/*.toml.
#include "desk/embedded.h"

extern "C" {{
{symbols}
}}

namespace mc::app {{
std::vector<CalendarSource> embedded_calendars() {{
    return {{
        {body}
    }};
}}
}}  // namespace mc::app
""")
