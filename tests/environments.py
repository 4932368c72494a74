#!/usr/bin/env python3
"""Runs coship on upgrades of the environment alone: a tree that nobody touched, and a distribution beside it that moved on.

    python3 tests/environments.py                    every pair of tests/environments.toml
    python3 tests/environments.py httpx-proxies ...  some of them
    python3 tests/environments.py --confirm          run all three states under CPython too

Each pair is a file of a user's own, and two versions of what it calls, which are installed with all that they require into a directory
of their own (`pip install --target`). `coship check TREE --packages DIRECTORY --against-packages OLD` has to be silent with the old one, to name the caller's line with
the new one as new and with what it came, and to be silent again when the caller is mended. Nothing may be said of what lies in the environment. Distributions come from the configured package index and stay in --cache. Exits
with 1 if anything differs from the table.

A partial upgrade has `old` and `over`: what is put over the old directory without what it requires, and whatever the others require. It is mended by `fixed`, the
directory in which the others moved on as well.
"""

import argparse
import importlib.metadata
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib

sys.dont_write_bytecode = True

from upgrades import run

ROOT = pathlib.Path(__file__).resolve().parent.parent
LISTED = ROOT / 'tests' / 'environments.toml'


def states_of(pair: dict) -> dict[str, tuple[str, str]]:
    """The states of a pair: which directory lies beside which text."""
    states = {'old': ('old', 'code'), 'new': ('new', 'code')}
    if 'over' not in pair:
        states['mended'] = ('new', 'mended')
    elif 'fixed' in pair:
        states['mended'] = ('fixed', 'code')
    return states


def install(specs: list[str], target: pathlib.Path, *options: str) -> None:
    """Installs distributions into a directory."""
    subprocess.run([sys.executable, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--target', target, *options, *specs],
                   check=True, timeout=1200, capture_output=True)


def remove(name: str, directory: pathlib.Path) -> None:
    """Removes a distribution from a directory, as its RECORD says."""
    for distribution in list(importlib.metadata.distributions(path=[str(directory)])):
        if distribution.metadata['Name'].lower().replace('_', '-') == name.lower().replace('_', '-'):
            for file in distribution.files or []:
                distribution.locate_file(file).unlink(missing_ok=True)
                if file.parent.suffix == '.dist-info':
                    shutil.rmtree(distribution.locate_file(file.parent), ignore_errors=True)


def installed(pair: dict, side: str, cache: pathlib.Path) -> pathlib.Path:
    """The directory with one version of the distributions, and what they require."""
    over = pair.get('over', []) if side == 'new' else []
    first = pair['old' if over else side]
    specs = [*([first] if isinstance(first, str) else first), *pair.get('needs', [])]
    target = cache / 'environments-own' / '+'.join([*specs, *over])
    if not target.is_dir():
        partial = target.with_name(target.name + '.partial')
        shutil.rmtree(partial, ignore_errors=True)
        if over:
            shutil.copytree(installed(pair, 'old', cache), partial)
            for spec in over:
                remove(spec.partition('==')[0], partial)
            install(over, partial, '--no-deps', '--upgrade')
        else:
            install(specs, partial)
        partial.rename(target)
    return target


def reported(coship: str, tree: pathlib.Path, packages: pathlib.Path, before: pathlib.Path, limit: float) -> tuple[list[dict], float]:
    """The errors and warnings of a tree in an environment that took the place of another one, and the seconds that it took."""
    start = time.monotonic()
    done = subprocess.run([coship, 'check', '.', '--against', 'none', '--isolated', '--no-cache', '--packages', str(packages),
                           '--against-packages', str(before), '--output-format', 'json'], capture_output=True, text=True, timeout=limit, cwd=tree, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(f'exit {done.returncode}: {done.stderr.strip()[-2000:]}')
    findings = json.loads(done.stdout)['findings']
    return [finding for finding in findings if finding['severity'] in ('error', 'warning')], time.monotonic() - start


def is_expected(finding: dict, pair: dict) -> bool:
    """Whether a finding is the one that the table names: its rule, its severity, the text of its line, and that it came with an upgrade."""
    lines = pair['code'].strip().splitlines()
    start, end = (finding['range'][side]['line'] for side in ('start', 'end'))
    is_there = any(pair['at'] in line for line in lines[start - 1:end])
    is_new = finding['status'] == 'new' and finding.get('upgrades')
    return is_new and finding['severity'] == pair.get('severity', 'error') and finding['rule'] == pair['rule'] and finding['path'] == 'main.py' and is_there


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('names', nargs='*', metavar='NAME', help='pairs of the table')
    parser.add_argument('--confirm', action='store_true', help='run all states under CPython')
    parser.add_argument('--table', type=pathlib.Path, default=LISTED)
    parser.add_argument('--cache', type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()) / 'coship-released')
    parser.add_argument('--coship', default=str(ROOT / 'target' / 'debug' / 'coship'))
    parser.add_argument('--limit', type=float, default=600, help='seconds for one tree')
    options = parser.parse_args()
    (options.cache / 'environments-own').mkdir(parents=True, exist_ok=True)
    pairs = tomllib.loads(options.table.read_text(encoding='utf-8'))['pair']
    pairs = [pair for pair in pairs if not options.names or pair['name'] in options.names]
    told = bad = 0
    for pair in pairs:
        words, others, said, took = {}, [], {}, 0.0
        before = installed(pair, 'old', options.cache)
        for state, (side, text) in states_of(pair).items():
            packages = installed(pair, side, options.cache)
            with tempfile.TemporaryDirectory() as directory:
                tree = pathlib.Path(directory)
                (tree / 'main.py').write_text(pair[text].strip() + '\n', encoding='utf-8')
                findings, seconds = reported(os.path.abspath(options.coship), tree, packages, before, options.limit)
            took = max(took, seconds)
            hits = [finding for finding in findings if state == 'new' and is_expected(finding, pair)]
            words[state] = f"line {hits[0]['range']['start']['line']}" if hits else 'silent'
            others += [f"      {state}: {finding['path']}:{finding['range']['start']['line']}: {finding['severity']}: {finding['message']}"
                       for finding in findings if finding not in hits]
            if options.confirm:
                said[state] = run(pathlib.Path(sys.executable), packages, pair[text])
        is_told = words['new'] != 'silent'
        right = is_told != ('missed' in pair) and not others
        if said:
            right &= said['old'] == said.get('mended', '') == '' and said['new'].startswith(pair['raises'])
        told += is_told
        bad += not right
        word = 'BAD' if not right else 'ok ' if is_told else 'mis'
        states = ', '.join(f'{name} {state}' for name, state in words.items())
        moved = f"over {' and '.join(pair['over'])}" if 'over' in pair else f"{pair['old']} -> {pair['new']}"
        print(f"{word} {pair['name']}: {moved}: {states} ({took:.1f} s)", flush=True)
        for line in others + [f'      CPython, {state}: {text or "works"}' for state, text in said.items()]:
            print(line, flush=True)
    print(f'{len(pairs)} pairs: {told} reported, {len(pairs) - told} missed, {bad} not as the table says')
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
