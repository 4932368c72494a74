#!/usr/bin/env python3
"""Writes programs, runs them under CPython, and says what happened: `tests/working_programs.rs` holds coship against it.

    working_programs.py OUT matrix [--every]         every guard over every value; with --every in every shape, otherwise in one
    working_programs.py OUT decided                  every guard over every value, with something that fails whichever way it comes out
    working_programs.py OUT random SEED COUNT        random programs, and a failing mutant of some of them

One line of JSON is printed for each tree in OUT: {"tree": its directory, "programs": [...]}. A program is {"file", "name", "lines": [first, last], "ok": [lines that ran to
their end and on which nothing was raised], "ran": [...], "exception": null or text, "line": where it rose}. What works and what fails never stands in one tree.
Where guards are decided it is {"name", "taken": the line that CPython comes to, "other": the one that it does not come to}.
"""

import json
import random
import sys
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "support"))

from programs import matrix, mutate, pieces, run  # noqa: E402


def told(file, name, lines, exception, line, watch):
    first, last = lines
    within = lambda numbers: sorted(n for n in numbers if first <= n <= last)
    return {
        "file": file,
        "name": name,
        "lines": [first, last],
        "ok": within(watch.done - watch.raised),
        "ran": within(watch.ran),
        "exception": exception,
        "line": line,
    }


def write(out, tree, files, programs):
    directory = out / tree
    directory.mkdir(parents=True)
    for name, text in files.items():
        (directory / name).write_text(text)
    print(json.dumps({"tree": tree, "programs": programs}))


def write_matrix(out, every):
    by_guard = {}
    for g, v, holds in matrix.answers():
        by_guard.setdefault(g, []).append((v, holds))
    for g, answers in by_guard.items():
        for swapped in (False, True):
            write_guard(out, g, answers, every, swapped)


def write_guard(out, g, answers, every, swapped):
    """One file with all programs about a guard."""
    file = "guard.py"
    lines = matrix.PRELUDE.count("\n")
    text, spans = matrix.PRELUDE, []
    for v, holds in answers:
        chosen = range(len(matrix.SHAPES)) if every else [(g + v) % len(matrix.SHAPES)]
        for shape in chosen:
            guard, value = matrix.GUARDS[g], matrix.VALUES[v]
            number = (g * len(matrix.VALUES) + v) * len(matrix.SHAPES) + shape
            program = "\n\n" + matrix.program(number, guard, value, shape, holds, swapped)
            count = program.count("\n")
            spans.append((f"{guard}  b = {value}  shape {shape}", program, lines + 1, lines + count))
            text += program
            lines += count
    path = str(out / f"{'fails' if swapped else 'works'}-{g}" / file)
    programs = []
    if swapped:
        names = {"__name__": "program"}
        exec(compile(matrix.PRELUDE, path, "exec"), names)
        for name, program, first, last in spans:
            exception, line, watch = run.run(path, program, dict(names))
            if exception is not None:
                programs.append(told(file, name, (first, last), exception, first + line - 1, watch))
    else:
        exception, line, watch = run.run(path, text)
        assert exception is None, f"{path}:{line}: {exception}"
        programs = [told(file, name, (first, last), None, None, watch) for name, _, first, last in spans]
    write(out, f"{'fails' if swapped else 'works'}-{g}", {file: text}, programs)


def write_decided(out):
    by_guard = {}
    for g, v, holds in matrix.answers():
        by_guard.setdefault(g, []).append((v, holds))
    for g, answers in by_guard.items():
        text, programs = matrix.PRELUDE, []
        for v, holds in answers:
            text += matrix.decided(g, v)
            last = text.count("\n")
            taken, other = (last - 2, last) if holds else (last, last - 2)
            name = f"{matrix.GUARDS[g]}  b = {matrix.VALUES[v]}"
            programs.append({"name": name, "taken": taken, "other": other})
        write(out, f"decided-{g}", {"guard.py": text}, programs)


def write_random(out, seed, count):
    made = tried = 0
    while made < count:
        number = seed * 1_000_003 + tried
        tried += 1
        source = random.Random(number)
        kind, text = pieces.program(source)
        file = "program.py"
        name = f"{kind} {number}"
        exception, line, watch = run.run(str(out / str(number) / file), text)
        span = (1, text.count("\n") + 1)
        if exception is not None:
            # What fails without having been meant to is shown as well: it is a program like any other.
            if not exception.startswith(("SyntaxError", "RecursionError")):
                write(out, f"born-{number}", {file: text}, [told(file, name, span, exception, line, watch)])
            continue
        made += 1
        write(out, f"works-{number}", {file: text}, [told(file, name, span, None, None, watch)])
        for mutant, what in mutate.mutants(source, text):
            exception, line, watch = run.run(str(out / f"{number}-mutant" / file), mutant)
            if exception is not None and exception.startswith(mutate.EXPECTED):
                span = (1, mutant.count("\n") + 1)
                write(out, f"fails-{number}", {file: mutant}, [told(file, f"{name}: {what}", span, exception, line, watch)])
                break


def main():
    out = Path(sys.argv[1])
    warnings.simplefilter("ignore")
    if sys.argv[2] == "matrix":
        write_matrix(out, "--every" in sys.argv)
    elif sys.argv[2] == "decided":
        write_decided(out)
    else:
        write_random(out, int(sys.argv[3]), int(sys.argv[4]))


main()
