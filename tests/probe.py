#!/usr/bin/env python3
"""Shows where coship is blind: puts failures into every module of real trees, and counts which of them it tells.

    python3 tests/probe.py --coship target/debug/coship TREE...

Each module of a copy of TREE gets, behind all that it has, functions that certainly fail in CPython: one reads a name that nothing binds, one calls another one
with a keyword that it does not take, one reads an attribute that its class never sets. What is not told there is a module about which coship keeps silent,
whatever is wrong with it: a place to look at, since most of what keeps it silent is meant for other files. Nothing of TREE is run.

Prints a line for each tree and each kind, and with --blind N the first N modules in which a kind is not told, by directory.
"""

import argparse
import ast
import collections
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

PROBE = '''


def coship_probe_name():
    return coship_probe_unbound


def coship_probe_takes(first):
    return first


def coship_probe_call():
    return coship_probe_takes(1, coship_probe_keyword=2)


class CoshipProbe:
    def __init__(self):
        self.there = 1

    def read(self):
        return self.coship_probe_attribute


def coship_probe_read():
    return CoshipProbe().read()
'''

# By kind, what the finding's message has.
KINDS = {'name': 'coship_probe_unbound', 'call': 'coship_probe_keyword', 'attribute': 'coship_probe_attribute'}


def probed(tree: pathlib.Path) -> list[str]:
    """Puts the failures into each module that parses, and tells their paths."""
    modules = []
    for path in sorted(tree.rglob('*.py')):
        try:
            text = path.read_bytes()
            ast.parse(text)
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        path.write_bytes(text + PROBE.encode())
        modules.append(path.relative_to(tree).as_posix())
    return modules


def told(coship: str, tree: pathlib.Path) -> dict[str, dict[str, str]]:
    """By kind and module, the severity with which its failure is told."""
    command = [coship, 'check', '.', '--against', 'none', '--isolated', '--no-cache', '--output-format', 'json']
    done = subprocess.run(command, capture_output=True, cwd=tree, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr.decode(errors='replace'))
    found: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}
    for finding in json.loads(done.stdout)['findings']:
        for kind, mark in KINDS.items():
            if mark in finding['message']:
                found[kind][finding['path']] = finding['severity']
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--coship', required=True)
    parser.add_argument('--blind', type=int, default=0, help='how many modules to list in which a kind is not told')
    parser.add_argument('trees', type=pathlib.Path, nargs='+')
    options = parser.parse_args()
    coship = str(pathlib.Path(options.coship).absolute())
    total: dict[str, collections.Counter] = {kind: collections.Counter() for kind in KINDS}
    for source in options.trees:
        with tempfile.TemporaryDirectory() as directory:
            tree = pathlib.Path(directory) / 'tree'
            shutil.copytree(source, tree, symlinks=True)
            modules = probed(tree)
            found = told(coship, tree)
        for kind, severities in found.items():
            count = collections.Counter(severities.get(module, 'nothing') for module in modules)
            total[kind].update(count)
            print(f'{source.name}: {kind}: {len(modules)} modules, ' + ', '.join(f'{number} {word}' for word, number in count.most_common()))
            blind = [module for module in modules if module not in severities]
            around = collections.Counter(module.rpartition('/')[0] or '.' for module in blind)
            for directory, number in around.most_common(options.blind):
                print(f'    {number} in {directory}')
    for kind, count in total.items():
        everything = count.total() or 1
        print(f'all: {kind}: ' + ', '.join(f'{word} {100 * number / everything:.1f} %' for word, number in count.most_common()))


if __name__ == '__main__':
    main()
