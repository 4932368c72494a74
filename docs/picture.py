#!/usr/bin/env python3
"""Draws what coship prints about the outage as a picture for the README.

    python3 docs/picture.py COSHIP > docs/outage.svg

The text is that of the program, coloured as on a terminal; tests/docs.rs compares. Colours differ in lightness as well, and each severity has its word and sign.
"""

import html
import os
import re
import subprocess
import sys

COMMAND = ["check", "fixtures/outage/candidate", "--against", "fixtures/outage/deployed", "--select", "unexpected-keyword"]
COLORS = {"31": "#ff8b80", "33": "#f0c674", "36": "#7fd1e0", "35": "#d6a6f0", "34": "#8fb8f6", "32": "#a8d8a0"}
TEXT, BACKGROUND, DIM = "#e6e6e6", "#1b1e24", "#a0a6b0"
# Browsers would drop blanks at the beginning of a text.
NO_BREAK = "\u00a0"
WIDTH, HEIGHT, MARGIN = 8.43, 18, 16


def printed(program):
    """The lines that the program prints on a terminal of 100 columns."""
    environment = {"PATH": os.environ["PATH"], "COLUMNS": "100", "HOME": os.environ.get("HOME", "/")}
    look = ["--quiet", "--output-format", "full", "--color", "always"]
    output = subprocess.run([program, *COMMAND, *look], capture_output=True, text=True, env=environment)
    return output.stdout.rstrip("\n").split("\n")


def spans(line):
    """The pieces of a line, each with its colour and weight."""
    color, bold = TEXT, False
    for escape, text in re.findall(r"\x1b\[([0-9;]*)m|([^\x1b]+)", line):
        if text:
            yield text, color, bold
            continue
        for code in escape.split(";"):
            if code in ("", "0"):
                color, bold = TEXT, False
            elif code == "1":
                bold = True
            elif code == "2":
                color = DIM
            elif code[-2:] in COLORS and len(code) <= 2:
                color = COLORS[code]


def main():
    lines = ["$ coship " + " ".join(COMMAND[:4]), *printed(sys.argv[1])]
    width = round(104 * WIDTH + 2 * MARGIN)
    height = len(lines) * HEIGHT + 2 * MARGIN
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img">')
    print("<title>coship finds the keyword that broke seven routes</title>")
    print(f'<rect width="{width}" height="{height}" rx="8" fill="{BACKGROUND}"/>')
    print('<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14">')
    for number, line in enumerate(lines):
        y = MARGIN + HEIGHT * number + 14
        print(f'<text y="{y}">', end="")
        column = 0
        for text, color, bold in spans(line):
            weight = ' font-weight="bold"' if bold else ""
            x = round(MARGIN + column * WIDTH, 1)
            length = round(len(text) * WIDTH, 1)
            shown = html.escape(text).replace(" ", NO_BREAK)
            print(f'<tspan x="{x}" textLength="{length}" fill="{color}"{weight}>{shown}</tspan>', end="")
            column += len(text)
        print("</text>")
    print("</g>\n</svg>")


main()
