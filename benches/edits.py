"""Makes random edits in a copy of a tree while `coship check --watch` looks at it, and holds each round against a fresh run.

    python benches/edits.py COSHIP TREE [--edits 200] [--seed 1] [--only KIND,KIND] [--against TREE]

Every round has to give the bytes of a fresh run of the same files; the first that does not is shown, and the exit code is 1. What it took is told at the
end, by kind of edit: the time that a round took of what the fresh run after it took (both as `--timings` says), and how often nothing was evaluated.
"""

import argparse
import ast
import io
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import tokenize
from pathlib import Path

BEGINS, ENDS = b"coship: round begins\n", b"coship: round ends\n"


def lines_of(text):
    return text.splitlines(keepends=True)


def logical(text):
    """Where logical lines begin and end: pairs of line numbers from 0, and the indentation."""
    found, start = [], None
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type in (tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER):
                continue
            if start is None:
                start = token.start
            if token.type == tokenize.NEWLINE:
                found.append((start[0] - 1, token.end[0] - 1, start[1]))
                start = None
    except (tokenize.TokenError, SyntaxError):
        pass
    return found


def at_logical(rng, text, make):
    places = logical(text)
    if not places:
        return None
    first, last, indent = rng.choice(places)
    lines = lines_of(text)
    return "".join(make(lines, first, last, " " * indent) or []) or None


def comment_line(rng, text):
    return at_logical(rng, text, lambda l, a, b, i: l[:a] + [f"{i}# note {rng.randrange(99)}\n"] + l[a:])


def blank_lines(rng, text):
    return at_logical(rng, text, lambda l, a, b, i: l[:a] + ["\n"] * rng.randrange(1, 4) + l[a:])


def behind(rng, text, comment):
    def make(lines, _, last, __):
        line = lines[last].rstrip("\n")
        return lines[:last] + [f"{line}  # {comment}\n"] + lines[last + 1 :]

    return at_logical(rng, text, make)


def trailing_comment(rng, text):
    return behind(rng, text, f"seen {rng.randrange(99)}")


def vouching_comment(rng, text):
    return behind(rng, text, rng.choice(["noqa: F821", "coship: ignore", "noqa", "type: ignore", "pylint: disable=undefined-variable"]))


def no_comment(rng, text):
    lines = lines_of(text)
    places = [n for n, line in enumerate(lines) if line.strip().startswith("#")]
    if not places:
        return None
    del lines[rng.choice(places)]
    return "".join(lines)


def top_comment(rng, text):
    return rng.choice(["# top\n", "\n", "#!/usr/bin/env python3\n", "# -*- coding: utf-8 -*-\n", '"""Doc."""\n']) + text


def docstring(rng, text):
    def make(lines, first, last, indent):
        if not re.match(r"\s*(def|class|async def) .*:\s*$", lines[last]):
            return None
        inner = indent + "    "
        return lines[: last + 1] + [f'{inner}"""Word {rng.randrange(99)}.\n\n{inner}More.\n{inner}"""\n'] + lines[last + 1 :]

    for _ in range(20):
        changed = at_logical(rng, text, make)
        if changed:
            return changed
    return None


def wrapped(rng, text):
    """A line break where brackets allow it."""
    places, depth = [], 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.OP and token.string in "([{":
                depth += 1
            elif token.type == tokenize.OP and token.string in ")]}":
                depth -= 1
            if depth and token.type == tokenize.OP and token.string in "([{,=":
                places.append(token.end)
    except (tokenize.TokenError, SyntaxError):
        return None
    return put(rng, text, places, rng.choice(["\n        ", "  # why\n    ", "   "]))


def spaced(rng, text):
    """Room around something that is no name."""
    places = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.OP and token.string not in "@":
                places.append(rng.choice([token.start, token.end]))
    except (tokenize.TokenError, SyntaxError):
        return None
    return put(rng, text, places, " ")


def put(rng, text, places, more):
    """The text with something put in at one of some places (row from 1, column from 0); None if there are none."""
    if not places:
        return None
    row, column = rng.choice(places)
    lines = lines_of(text)
    line = lines[row - 1]
    lines[row - 1] = line[:column] + more + line[column:]
    return "".join(lines)


def bracketed(rng, text):
    return swap(rng, text, r"(?m)^(\s+return) ([^\n#(){}\[\]\"']+)$", lambda m: f"{m[1]} ({m[2]})")


def swap(rng, text, pattern, make):
    found = list(re.finditer(pattern, text))
    if not found:
        return None
    match = rng.choice(found)
    return text[: match.start()] + make(match) + text[match.end() :]


def del_parameter(rng, text):
    return swap(rng, text, r"(?<=[(,])\s*\w+(: [\w\[\]., ]+)?( = [^,()\n]+|=[^,()\n]+)?,(?=[^()\n]*\)[^\n]*:\n)", lambda m: "")


def rename_parameter(rng, text):
    return swap(rng, text, r"def \w+\(([^()\n]*\b)([a-z]\w+)(?=[,=:)])", lambda m: m[0] + "_x")


def add_keyword(rng, text):
    return swap(rng, text, r"(?<=\w\()(?=[\w\"'][^()\n]*\))", lambda m: f"extra{rng.randrange(3)}=1, " if rng.random() < 0.3 else "")


def rename_function(rng, text):
    return swap(rng, text, r"def (\w+)\(", lambda m: f"def {m[1]}_x(")


def add_function(rng, text):
    number = rng.randrange(99)
    return text.rstrip("\n") + f"\n\n\ndef added_{number}(a, b=None):\n    return a.get(b)\n"


def add_import(rng, text):
    names = ["os", "json", "not_there", "cache_core", "re as regex"]
    return at_logical(rng, text, lambda l, a, b, i: l[:a] + [f"{i}import {rng.choice(names)}\n"] + l[a:])


def del_import(rng, text):
    return swap(rng, text, r"(?m)^(import|from) [^\n(]+\n", lambda m: "")


def del_statement(rng, text):
    return at_logical(rng, text, lambda l, a, b, i: l[:a] + [f"{i}pass\n"] + l[b + 1 :])


def constant(rng, text):
    return swap(rng, text, r"(?<=[:=(,] )(['\"])\w+\1|(?<=[:=] )\d+", lambda m: rng.choice(["'other'", "7", "None"]))


def class_attribute(rng, text):
    return swap(rng, text, r"(?m)^(\s*)class [^\n]+:\n", lambda m: f"{m[0]}{m[1]}    added = {rng.randrange(9)}\n")


def set_attribute(rng, text):
    return text.rstrip("\n") + f"\n\nimport sys\nsetattr(sys.modules[__name__], 'set_{rng.randrange(9)}', 1)\n"


def half_typed(rng, text):
    return at_logical(rng, text, lambda l, a, b, i: l[:b] + [l[b].rstrip("\n")[: -rng.randrange(1, 5)] + "\n"] + l[b + 1 :])


KINDS = {
    kind.__name__: kind
    for kind in [
        comment_line, blank_lines, trailing_comment, vouching_comment, no_comment, top_comment, docstring, wrapped, spaced, bracketed,
        del_parameter, rename_parameter, add_keyword, rename_function, add_function, add_import, del_import, del_statement,
        constant, class_attribute, set_attribute, half_typed,
    ]
}  # fmt: skip
OF_FILES = ["undo", "add_file", "del_file", "other_file", "declared"]


class Editor:
    def __init__(self, rng, root, only):
        self.rng, self.root, self.only = rng, root, only
        self.undone = []

    def files(self):
        return sorted(p for p in self.root.rglob("*.py") if p.is_file() and p.stat().st_size < 400_000)

    def write(self, path, data):
        self.undone.append((path, path.read_bytes() if path.exists() else None))
        self.put(path, data)

    @staticmethod
    def put(path, data):
        if data is None:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(path.name + ".tmp")
        beside.write_bytes(data)
        os.replace(beside, path)

    def edit(self):
        """Makes one edit; its kind."""
        while True:
            kind = self.rng.choice(self.only)
            if kind == "undo":
                if self.undone:
                    self.put(*self.undone.pop())
                    return kind
                continue
            if kind == "add_file":
                name = self.rng.choice(["added_one.py", "added_two.py", "notes/added.py"])
                self.write(self.root / name, f"import json\nVALUE = {self.rng.randrange(9)}\n".encode())
                return kind
            if kind == "del_file":
                files = self.files()
                if len(files) > 2:
                    self.write(self.rng.choice(files), None)
                    return kind
                continue
            if kind == "other_file":
                self.write(self.root / "NOTES.txt", str(self.rng.random()).encode())
                # Nothing looks at it: something else has to tell the round.
                kind = "comment_line"
            if kind == "declared":
                self.write(self.root / "requirements.txt", self.rng.choice([b"requests\n", b"boto3==1.0\n", b""]))
                return kind
            path = self.rng.choice(self.files())
            try:
                text = path.read_bytes().decode()
            except UnicodeDecodeError:
                continue
            if "\r" in text:
                continue
            changed = KINDS[kind](self.rng, text)
            if changed is not None and changed != text:
                self.write(path, changed.encode())
                return kind


class Watch:
    def __init__(self, command):
        self.child = subprocess.Popen([*command, "--watch"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def round(self):
        line = self.child.stdout.readline()
        while line != BEGINS:
            if not line:
                sys.exit("the watch ended")
            line = self.child.stdout.readline()
        report = b""
        while (line := self.child.stdout.readline()) != ENDS:
            report += line
        return report


def told(report):
    """A report without what it took, that in milliseconds, and how many trees were evaluated."""
    document = json.loads(report)
    timings = document.pop("timings")
    time = sum(phase["microseconds"] for phase in timings["phases"]) / 1000
    return json.dumps(document), time, timings["counts"]["evaluated"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("coship")
    parser.add_argument("tree", type=Path)
    parser.add_argument("--edits", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default=",".join([*KINDS, *OF_FILES]))
    parser.add_argument("--against", type=Path)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "tree"
        shutil.copytree(arguments.tree, root, ignore=shutil.ignore_patterns(".git", "__pycache__"))
        deployed = Path(folder) / "deployed"
        shutil.copytree(arguments.against or root, deployed, ignore=shutil.ignore_patterns(".git", "__pycache__"))
        command = [arguments.coship, "check", str(root), "--against", str(deployed), "--no-cache", "--timings", "--output-format", "json"]
        editor = Editor(rng, root, arguments.only.split(","))
        watch = Watch(command)
        watch.round()
        taken, wrong = {}, 0
        for number in range(arguments.edits):
            kind = editor.edit()
            report = watch.round()
            fresh = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
            found, time, evaluated = told(report)
            expected, fresh_time, _ = told(fresh)
            if found != expected:
                print(f"edit {number} ({kind}): other bytes than a fresh run", file=sys.stderr)
                changed = editor.undone[-1][0] if editor.undone else None
                keep = Path(tempfile.mkdtemp(prefix="edits-"))
                (keep / "watch.json").write_bytes(report)
                (keep / "fresh.json").write_bytes(fresh)
                shutil.copytree(root, keep / "tree")
                print(f"  {changed}: kept in {keep}", file=sys.stderr)
                wrong += 1
                break
            taken.setdefault(kind, []).append((time / fresh_time, evaluated == 0))
        watch.child.terminate()
        watch.child.wait()
        every = [one for of_kind in taken.values() for one in of_kind]
        for kind, of_kind in [*sorted(taken.items()), ("all", every)]:
            ratios = sorted(ratio for ratio, _ in of_kind)
            known = sum(known for _, known in of_kind)
            if ratios:
                mean, p90 = sum(ratios) / len(ratios), ratios[int(len(ratios) * 0.9) - 1]
                print(f"{kind:18} {len(ratios):5} edits  mean {mean:.3f}  p90 {p90:.3f}  not evaluated {known}")
        sys.exit(1 if wrong else 0)


main()
