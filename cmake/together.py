#!/usr/bin/env python3
"""together.py OUT GROUPS ROOT SOURCE...: sorts C++ files into groups, each of which is compiled as one file (ADR 15).

Writes OUT_1.cpp to OUT_GROUPS.cpp, which include the sources by their paths below ROOT. Two sources of a group never keep
the same name to themselves (in an anonymous namespace), so that none is taken for the other's. With 0 as GROUPS it
makes as many groups as are needed, and prints their paths. Files whose text stays the same are not written.
"""
import math
import pathlib
import re
import sys

files_max = 8  # of a group: more save little, and each change compiles a whole group

not_code = re.compile(r'//[^\n]*|/\*.*?\*/|R"([^(\s]*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|'
                      r"(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'", re.DOTALL)
template_head = re.compile(r"\btemplate\s*<[^{;=()]*?>\s")
declared = re.compile(r"\b(?:struct|class|enum class|enum|union|using)\s+([A-Za-z]\w*)|(?<![\w:])([A-Za-z]\w*)\s*(?=[={;\[(])")
macro = re.compile(r"^\s*#\s*define\b", re.MULTILINE)


def own_blocks(code):
    """What is in the anonymous namespaces, without the insides of its braces and parentheses."""
    for found in re.finditer(r"\bnamespace\s*{", code):
        depth, block = 1, []
        for char in code[found.end():]:
            depth -= char in "})"
            if depth == 0:
                break
            if depth == 1:
                block.append(char)
            depth += char in "{("
        yield "".join(block)


def own_names(text):
    """The names that the file keeps to itself. It may find a few more; they only make a group smaller."""
    code = template_head.sub("", not_code.sub(" ", text))
    found = [pair for block in own_blocks(code) for pair in declared.findall(block)]
    names = {type_name for type_name, _ in found} | {name for _, name in found if not name.isupper()}  # TEST_CASE(
    return names - {"", "namespace", "operator"}


def grouped(texts):
    """The sources of {source: text} in groups. A file with a macro is alone: it would change what comes after it."""
    limit = math.ceil(len(texts) / max(1, math.ceil(len(texts) / files_max)))  # so that groups are of a size
    groups = []  # (sources, their names)
    alone = []
    for source, text in texts.items():
        if macro.search(text):
            alone.append([source])
            continue
        names = own_names(text)
        fitting = (group for group in groups if len(group[0]) < limit and not names & group[1])
        group = next(fitting, None)
        if group is None:
            group = ([], set())
            groups.append(group)
        group[0].append(source)
        group[1].update(names)
    return [sources for sources, _ in groups] + alone


def write(path, text):
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def main(out, count, root, *sources):
    groups = grouped({source: pathlib.Path(source).read_text(encoding="utf-8") for source in sorted(sources)})
    planned = int(count) or len(groups)
    if len(groups) > planned:
        sys.exit(f"together: {pathlib.Path(out).name} needs {len(groups)} groups now, and has {planned}: run cmake again")
    for number, group in enumerate(groups + [[]] * (planned - len(groups)), 1):
        path = pathlib.Path(f"{out}_{number}.cpp")
        write(path, "".join(f'#include "{pathlib.Path(source).relative_to(root).as_posix()}"\n' for source in group))
        if count == "0":
            print(path)


if __name__ == "__main__":
    main(*sys.argv[1:])
