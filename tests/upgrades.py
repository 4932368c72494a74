#!/usr/bin/env python3
"""Runs coship on partial upgrades that broke in the wild: a dependency moved on, and the package that calls it did not.

    python3 tests/upgrades.py                      every pair of tests/upgrades.toml
    python3 tests/upgrades.py openai-proxies ...   some of them
    python3 tests/upgrades.py --confirm            run both sides under CPython too

Each pair is a caller and a dependency. Their wheels are laid into one directory, three times: with the old dependency, where
nothing may be reported at the place that broke; with the new one, where that place must be; and with the new one and the
caller's repaired version, where it must no longer be. Other dependencies are left out, and so unknown to coship.

`--confirm` makes a virtual environment for each pair with what the caller requires, puts the same three directories before
it on the path, and runs the pair's snippet: it has to work, to raise what the table says, and to work again.

Wheels come from the configured package index through `pip download` and stay in --cache, as do the environments. Exits with 1
if anything differs from the table.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import tomllib
import venv

sys.dont_write_bytecode = True

from released import ROOT, unpacked

LISTED = ROOT / 'tests' / 'upgrades.toml'


def tree_of(specs: list[str], cache: pathlib.Path) -> pathlib.Path:
    """One directory with the content of several wheels."""
    target = cache / 'trees' / '+'.join(specs)
    if not target.is_dir():
        partial = target.with_name(target.name + '.partial')
        shutil.rmtree(partial, ignore_errors=True)
        for spec in specs:
            shutil.copytree(unpacked(spec, cache), partial, dirs_exist_ok=True)
        partial.rename(target)
    return target


def trees_of(pair: dict, cache: pathlib.Path) -> dict[str, pathlib.Path]:
    """The three states of a pair."""
    beside = pair.get('beside', [])
    states = {'old': [pair['caller'], pair['old']], 'new': [pair['caller'], pair['new']]}
    if 'fixed' in pair:
        states['fixed'] = [pair['fixed'], pair['new']]
    return {state: tree_of(specs + beside, cache) for state, specs in states.items()}


def reported(coship: str, tree: pathlib.Path, limit: float) -> list[dict]:
    """The errors of a tree."""
    done = subprocess.run([coship, 'check', str(tree), '--against', 'none', '--isolated', '--output-format', 'json'],
                          capture_output=True, text=True, timeout=limit, cwd=tree, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(f'exit {done.returncode}: {done.stderr.strip()[-2000:]}')
    return [finding for finding in json.loads(done.stdout)['findings'] if finding['severity'] == 'error']


def is_expected(finding: dict, pair: dict, tree: pathlib.Path) -> bool:
    """Whether an error is the one that the table names: its rule, its file, and the text of its line."""
    path, _, text = pair['at'].partition(': ')
    if finding['rule'] != pair['rule'] or finding['path'] != path:
        return False
    lines = (tree / path).read_text(encoding='utf-8').splitlines()
    start, end = (finding['range'][side]['line'] for side in ('start', 'end'))
    return any(text in line for line in lines[start - 1:end])


def judged(pair: dict, trees: dict[str, pathlib.Path], options: argparse.Namespace) -> tuple[dict[str, str], list[str]]:
    """What coship says of each state, in a word, and the errors that the table does not know."""
    words, others = {}, []
    for state, tree in trees.items():
        errors = reported(os.path.abspath(options.coship), tree, options.limit)
        hits = [finding for finding in errors if is_expected(finding, pair, tree)]
        line = hits[0]['range']['start']['line'] if hits else 0
        words[state] = f'line {line}' if hits else 'silent'
        for finding in errors:
            if finding not in hits:
                start = finding['range']['start']['line']
                others.append(f"  {state}: {finding['path']}:{start}: {finding['message']} [{finding['rule']}]")
    return words, others


def environment(name: str, requirements: list[str], cache: pathlib.Path) -> pathlib.Path:
    """The Python of a virtual environment with the requirements."""
    target = cache / 'environments' / name
    wanted = '\n'.join(requirements)
    stamp = target / 'requirements.txt'
    python = target / 'bin' / 'python'
    if not stamp.is_file() or stamp.read_text() != wanted:
        shutil.rmtree(target, ignore_errors=True)
        venv.create(target, with_pip=True)
        subprocess.run([python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', *requirements],
                       check=True, timeout=1200)
        stamp.write_text(wanted)
    return python


def run(python: pathlib.Path, tree: pathlib.Path, snippet: str) -> str:
    """What a snippet raises with a tree before everything else on the path; nothing if it works."""
    with tempfile.TemporaryDirectory() as directory:
        done = subprocess.run([python, '-W', 'ignore', '-c', snippet], env={**os.environ, 'PYTHONPATH': str(tree)},
                              capture_output=True, text=True, timeout=300, cwd=directory, check=False)
    if done.returncode == 0:
        return ''
    return next((line for line in reversed(done.stderr.splitlines()) if line.strip()), f'exit {done.returncode}')


def confirmed(pair: dict, trees: dict[str, pathlib.Path], cache: pathlib.Path) -> dict[str, str]:
    """What CPython says of each state."""
    said = {}
    for state, tree in trees.items():
        if state == 'fixed':
            name, requirements = 'fixed', [pair['fixed'], *pair.get('fixed_needs', [])]
        else:
            name, requirements = 'broken', [pair['caller'], *pair.get('needs', [])]
        said[state] = run(environment(f"{pair['name']}-{name}", requirements, cache), tree, pair['run'])
    return said


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('names', nargs='*', metavar='NAME', help='pairs of the table')
    parser.add_argument('--confirm', action='store_true', help='run both sides under CPython')
    parser.add_argument('--table', type=pathlib.Path, default=LISTED)
    parser.add_argument('--cache', type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()) / 'coship-released')
    parser.add_argument('--coship', default=str(ROOT / 'target' / 'debug' / 'coship'))
    parser.add_argument('--limit', type=float, default=600, help='seconds for one tree')
    parser.add_argument('--others', action='store_true', help='list the errors that the table does not name')
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    (options.cache / 'trees').mkdir(exist_ok=True)
    pairs = tomllib.loads(options.table.read_text(encoding='utf-8'))['pair']
    if options.names:
        pairs = [pair for pair in pairs if pair['name'] in options.names]
    bad = missed = 0
    for pair in pairs:
        try:
            trees = trees_of(pair, options.cache)
            words, others = judged(pair, trees, options)
            said = confirmed(pair, trees, options.cache) if options.confirm else {}
        except (RuntimeError, subprocess.SubprocessError) as trouble:
            print(f"{pair['name']}: {trouble}", flush=True)
            bad += 1
            continue
        told = words['new'] != 'silent'
        right = words['old'] == words.get('fixed', 'silent') == 'silent' and told != ('missed' in pair)
        missed += not told
        if said:
            right &= said['old'] == said.get('fixed', '') == '' and said['new'].startswith(pair['raises'])
        bad += not right
        states = ', '.join(f'{name} {word}' for name, word in words.items())
        state = 'BAD' if not right else 'ok ' if told else 'mis'
        print(f"{state} {pair['name']}: {pair['caller']} with {pair['old']} -> {pair['new']}: {states}, {len(others)} others", flush=True)
        for state, text in said.items():
            print(f"      CPython, {state}: {text or 'works'}", flush=True)
        if options.others:
            print('\n'.join(others), flush=True)
    print(f'{len(pairs)} pairs: {len(pairs) - missed} reported, {missed} missed, {bad} not as the table says')
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
