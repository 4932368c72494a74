#!/usr/bin/env python3
"""Seeds bugs into released packages and counts how many coship reports.

    python3 tests/mutants.py                            2,000 mutants in the packages of tests/mutants.txt
    python3 tests/mutants.py --seed 7 --count 400       others
    python3 tests/mutants.py --missed 40                print some that were missed, with why if that can be told

A mutant is a call that CPython binds and then does not: an argument dropped, a keyword that does not exist, a positional too
many, or a parameter renamed that the call passes by keyword. `support/mutable_calls.py` finds them without coship: it imports
each module in an environment of its own, follows the plain or dotted name that is called to one function or class, and holds
the call before and after against `inspect.signature(...).bind`.

Many mutants are put into one copy of a package: at most one in a function, and none in a call of a function that another one
changes. One that is missed there is tried again in a copy of its own, since a broken call can hide another. A mutant is reported if coship has an error of a call rule on its lines that it does not have without the mutant.
"""

import argparse
import ast
import collections
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

from released import ROOT, unpacked
from upgrades import environment

LISTED = ROOT / 'tests' / 'mutants.txt'
FINDER = ROOT / 'tests' / 'support' / 'mutable_calls.py'
KINDS = ('drop', 'unknown', 'surplus', 'rename')
RULES = {'unexpected-keyword', 'missing-argument', 'too-many-positionals', 'multiple-values', 'positional-only-keyword'}
SKIPPED = {'tests', 'test', 'testing', 'conftest.py', '__main__.py', 'setup.py'}
"""Code that fails on purpose, or that runs when it is imported."""


def sources(tree: pathlib.Path) -> list[str]:
    """The files whose calls are broken, from the tree."""
    paths = (path.relative_to(tree) for path in sorted(tree.rglob('*.py')))
    return [path.as_posix() for path in paths
            if not SKIPPED & set(path.parts) and not path.name.startswith('test_') and '.' not in ''.join(path.parts[:-1])]


def candidates(spec: str, tree: pathlib.Path, python: pathlib.Path, cache: pathlib.Path) -> list[dict]:
    """All mutants of a package, found once."""
    kept = cache / 'mutants' / f'{spec}.jsonl'
    if not kept.is_file():
        with tempfile.TemporaryDirectory() as directory, open(f'{kept}.partial', 'w', encoding='utf-8') as out:
            subprocess.run([python, '-W', 'ignore', FINDER, tree], input=json.dumps(sources(tree)).encode(), stdout=out,
                           stderr=subprocess.DEVNULL, env={**os.environ, 'PYTHONPATH': str(tree)}, cwd=directory, timeout=900, check=True)
        os.replace(f'{kept}.partial', kept)
    return [json.loads(line) | {'spec': spec} for line in kept.read_text(encoding='utf-8').splitlines()]


def chosen(pools: dict[str, list[dict]], count: int, seed: int) -> list[dict]:
    """Mutants in equal parts of each kind, and of each package as far as it has them."""
    picker = random.Random(seed)
    rows: dict[tuple[str, str], list[dict]] = collections.defaultdict(list)
    for spec, pool in pools.items():
        for mutant in pool:
            rows[mutant['kind'], spec].append(mutant)
    for row in rows.values():
        picker.shuffle(row)
    picked = []
    for kind in KINDS:
        wanted = count // len(KINDS)
        lines = {spec: row for (name, spec), row in rows.items() if name == kind}
        used = set()
        while wanted and lines:
            for spec in sorted(lines):
                if not lines[spec]:
                    del lines[spec]
                    continue
                mutant = lines[spec].pop()
                place = (spec, mutant['path'], mutant['line'])
                if wanted and place not in used:
                    used.add(place)
                    picked.append(mutant)
                    wanted -= 1
    return picked


def batches(mutants: list[dict], size: int) -> list[list[dict]]:
    """Groups of mutants that do not touch each other."""
    groups: list[tuple[list[dict], set]] = []
    for mutant in mutants:
        within, callee = ('in', *mutant['within']), tuple(mutant['callee'])
        changes = mutant['kind'] == 'rename'
        for group, taken in groups:
            if len(group) >= size or within in taken or ('changed', *callee) in taken or (changes and ('called', *callee) in taken):
                continue
            # The file of a changed head is edited by one mutant at most, so that no edits meet.
            if any(('edited', path) in taken for path, *_ in mutant['edits']) or (changes and ('in', mutant['edits'][0][0]) in taken):
                continue
            break
        else:
            group, taken = [], set()
            groups.append((group, taken))
        group.append(mutant)
        taken.update({within, ('called', *callee), ('in', mutant['path'])})
        if changes:
            taken.update({('changed', *callee), ('edited', mutant['edits'][0][0])})
    return [group for group, _ in groups]


def laid_out(tree: pathlib.Path, group: list[dict], target: pathlib.Path) -> list[dict]:
    """A copy of a tree with mutants in it; gives those whose files still parse."""
    shutil.copytree(tree, target, ignore=shutil.ignore_patterns('*.dist-info'))
    done = []
    edits: dict[str, list[tuple]] = collections.defaultdict(list)
    for mutant in group:
        for path, start, end, text in mutant['edits']:
            edits[path].append((start, end, text))
        done.append(mutant)
    for path, changes in edits.items():
        file = target / path
        data = file.read_bytes()
        for start, end, text in sorted(changes, reverse=True):
            data = data[:start] + text.encode() + data[end:]
        try:
            ast.parse(data)
        except SyntaxError:
            done = [mutant for mutant in done if all(edited != path for edited, *_ in mutant['edits'])]
            continue
        file.write_bytes(data)
    return done


def findings(coship: str, tree: pathlib.Path, limit: float) -> list[dict]:
    """What coship says of the calls of a tree, what may fail included."""
    done = subprocess.run([coship, 'check', str(tree), '--against', 'none', '--isolated', '--show', 'may', '--output-format', 'json'],
                          capture_output=True, text=True, timeout=limit, cwd=tree, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(f'exit {done.returncode}: {done.stderr.strip()[-2000:]}')
    return [finding for finding in json.loads(done.stdout)['findings'] if finding['rule'] in RULES]


def place_of(finding: dict) -> tuple:
    """What makes two findings of two trees the same."""
    return finding['path'], finding['range']['start']['line'], finding['rule'], finding['severity']


def verdict(mutant: dict, found: list[dict]) -> str:
    """`reported`, or `may` for one that coship is not sure of, or `silent`."""
    severities = set()
    for finding in found:
        start, end = (finding['range'][side]['line'] for side in ('start', 'end'))
        if finding['path'] == mutant['path'] and start <= mutant['end'] and end >= mutant['line']:
            severities.add(finding['severity'])
    return 'reported' if 'error' in severities else 'may' if severities else 'silent'


def tried(coship: str, tree: pathlib.Path, group: list[dict], before: set, limit: float) -> list[tuple[dict, str]]:
    """The verdict on each mutant of a group, in one copy of the tree."""
    with tempfile.TemporaryDirectory() as directory:
        target = pathlib.Path(directory) / 'tree'
        group = laid_out(tree, group, target)
        found = [finding for finding in findings(coship, target, limit) if place_of(finding) not in before]
    return [(mutant, verdict(mutant, found)) for mutant in group]


def circumstance(tree: pathlib.Path, mutant: dict) -> str:
    """What stands around a call that may be why nothing is said of it."""
    module = ast.parse((tree / mutant['path']).read_bytes())
    around = [node for node in ast.walk(module) if isinstance(node, ast.stmt)
              and node.lineno <= mutant['line'] and node.end_lineno >= mutant['end']]
    for node in reversed(around):
        if isinstance(node, ast.Try) and any(statement.lineno <= mutant['line'] <= statement.end_lineno for statement in node.body):
            names = {ast.unparse(handler.type) if handler.type else 'BaseException' for handler in node.handlers}
            if any('TypeError' in name for name in names):
                return 'within `except TypeError`'
        if isinstance(node, ast.If):
            test = ast.unparse(node.test)
            if any(word in test for word in ('version', 'TYPE_CHECKING', 'platform', 'PY2', 'PY3')):
                return 'under a test of version or platform'
    for node in reversed(around):
        if isinstance(node, (ast.If, ast.While)):
            return 'under a condition'
        if isinstance(node, ast.Try):
            return 'in a `try` statement'
    return 'in plain code'


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('specs', nargs='*', metavar='NAME==VERSION')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--count', type=int, default=2000)
    parser.add_argument('--batch', type=int, default=25, help='mutants in one tree')
    parser.add_argument('--missed', type=int, default=0, help='how many that were missed to print')
    parser.add_argument('--cache', type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()) / 'coship-released')
    parser.add_argument('--coship', default=str(ROOT / 'target' / 'debug' / 'coship'))
    parser.add_argument('--limit', type=float, default=600, help='seconds for one tree')
    options = parser.parse_args()
    (options.cache / 'mutants').mkdir(parents=True, exist_ok=True)
    lines = (line.partition('#')[0].split() for line in LISTED.read_text(encoding='utf-8').splitlines())
    listed = {words[0]: words[1:] for words in lines if words}
    coship = os.path.abspath(options.coship)
    pools, trees = {}, {}
    for spec in options.specs or listed:
        trees[spec] = unpacked(spec, options.cache).resolve()
        python = environment(f'mutants-{spec}', [spec, *listed.get(spec, [])], options.cache)
        pools[spec] = candidates(spec, trees[spec], python, options.cache)
        print(f'{spec}: {len(pools[spec])} candidates', file=sys.stderr, flush=True)
    picked = chosen(pools, options.count, options.seed)
    table = collections.Counter()
    reasons = collections.Counter()
    missed = []
    for spec, tree in trees.items():
        mine = [mutant for mutant in picked if mutant['spec'] == spec]
        if not mine:
            continue
        before = {place_of(finding) for finding in findings(coship, tree, options.limit)}
        words = []
        for group in batches(mine, options.batch):
            for mutant, word in tried(coship, tree, group, before, options.limit):
                if word != 'reported':
                    word = tried(coship, tree, [mutant], before, options.limit)[0][1]
                words.append((mutant, word))
        for mutant, word in words:
            table[mutant['kind'], word] += 1
            if word != 'reported':
                reasons[word, circumstance(tree, mutant)] += 1
                missed.append((word, mutant))
        done = sum(table.values())
        print(f'{spec}: {done} so far', file=sys.stderr, flush=True)
    print('| mutant | seeded | reported | said that it may fail | silent |')
    print('|---|---|---|---|---|')
    for kind in KINDS:
        words = [table[kind, word] for word in ('reported', 'may', 'silent')]
        print(f'| {kind} | {sum(words)} |', ' | '.join(f'{word}' for word in words), '|')
    total = sum(table.values())
    reported = sum(number for (_, word), number in table.items() if word == 'reported')
    print(f'{reported} of {total} reported: {100 * reported / max(total, 1):.1f} %')
    for (word, reason), number in reasons.most_common():
        print(f'  {number} {word}: {reason}')
    random.Random(options.seed).shuffle(missed)
    for word, mutant in missed[:options.missed]:
        line = (trees[mutant['spec']] / mutant['path']).read_text(encoding='utf-8').splitlines()[mutant['line'] - 1].strip()
        print(f"  {word} {mutant['kind']} {mutant['spec']} {mutant['path']}:{mutant['line']} ({mutant['place']}) calls {mutant['callee'][0]}:{mutant['callee'][1]}: {line[:110]}")
    return 0 if reported * 10 >= total * 9 else 1


if __name__ == '__main__':
    sys.exit(main())
