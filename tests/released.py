#!/usr/bin/env python3
"""Runs coship on released packages, which work: an error that it reports is a real bug of theirs, or a false claim of ours.

    python3 tests/released.py                         the packages listed here
    python3 tests/released.py requests==2.32.3 ...    others
    python3 tests/released.py --stdlib                this Python's own library

Wheels come from the configured package index through `pip download` and stay in --cache (default: a directory under the
system's temporary one); none of their code is run. Prints one line per package: its lines, seconds, and errors, then the
errors themselves. Exits with 1 if there are more errors than the ones known to be real.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
LISTED = ROOT / 'tests' / 'released.txt'


def unpacked(spec: str, cache: pathlib.Path) -> pathlib.Path:
    """The directory with the content of the wheel of `name==version`."""
    target = cache / spec
    if target.is_dir():
        return target
    with tempfile.TemporaryDirectory() as download:
        subprocess.run([sys.executable, '-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary', ':all:',
                        '--dest', download, spec], check=True, timeout=600)
        partial = cache / f'{spec}.partial'
        shutil.rmtree(partial, ignore_errors=True)
        for wheel in pathlib.Path(download).glob('*.whl'):
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(partial)
        partial.rename(target)
    return target


def standard_library(cache: pathlib.Path) -> pathlib.Path:
    """A copy of this Python's library without its tests and what is installed beside it."""
    target = cache / f'stdlib-{sysconfig.get_python_version()}'
    if not target.is_dir():
        skip = shutil.ignore_patterns('test', 'tests', 'lib2to3', 'site-packages', 'dist-packages', '__pycache__', '*.so')
        shutil.copytree(sysconfig.get_path('stdlib'), target, ignore=skip)
    return target


def lines(tree: pathlib.Path) -> int:
    """How many lines of Python there are."""
    return sum(path.read_bytes().count(b'\n') for path in tree.rglob('*.py'))


def check(coship: str, tree: pathlib.Path, limit: float) -> tuple[list[dict], float, str]:
    """The errors, the seconds, and what went wrong if coship did not answer."""
    started = time.monotonic()
    try:
        done = subprocess.run([coship, 'check', str(tree), '--against', 'none', '--isolated', '--output-format', 'json'],
                              capture_output=True, text=True, timeout=limit, cwd=tree, check=False)
    except subprocess.TimeoutExpired:
        return [], time.monotonic() - started, f'no answer after {limit:.0f} s'
    seconds = time.monotonic() - started
    if done.returncode not in (0, 1):
        return [], seconds, f'exit {done.returncode}: {done.stderr.strip()[-2000:]}'
    findings = json.loads(done.stdout)['findings']
    return [finding for finding in findings if finding['severity'] == 'error'], seconds, ''


def shown(finding: dict) -> str:
    """One error with its call chain."""
    start = finding['range']['start']
    text = [f"  {finding['path']}:{start['line']}:{start['column']}: {finding['message']} [{finding['rule']}]"]
    if finding.get('witness'):
        text.append(f"      raises {finding['witness']['exception']}")
    for step in finding['chain']:
        text.append(f"      {step['path']}:{step['range']['start']['line']} in {step['function']}: {step['note']}")
    return '\n'.join(text)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('specs', nargs='*', metavar='NAME==VERSION')
    parser.add_argument('--stdlib', action='store_true', help='the standard library too')
    parser.add_argument('--cache', type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()) / 'coship-released')
    parser.add_argument('--coship', default=str(ROOT / 'target' / 'debug' / 'coship'))
    parser.add_argument('--limit', type=float, default=600, help='seconds for one package')
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    known: dict[str, int] = {}
    for line in LISTED.read_text().splitlines():
        spec, _, real = line.partition('#')[0].strip().partition(' ')
        if spec:
            known[spec] = int(real or 0)
    specs = options.specs or ([] if options.stdlib else list(known))
    trees = [(spec, unpacked, known.get(spec, 0)) for spec in specs]
    if options.stdlib:
        trees.append(('stdlib', lambda _, cache: standard_library(cache), 5))
    bad = total = 0
    for spec, tree_of, real in trees:
        tree = tree_of(spec, options.cache)
        count = lines(tree)
        total += count
        errors, seconds, trouble = check(os.path.abspath(options.coship), tree, options.limit)
        bad += bool(trouble) or len(errors) > real
        print(f'{spec}: {count} lines, {seconds:.1f} s, {trouble or f"{len(errors)} errors"}'
              + (f' ({real} known to be real)' if real else ''), flush=True)
        for finding in errors:
            print(shown(finding), flush=True)
    print(f'{len(trees)} packages, {total} lines: {bad} with more errors than are known to be real')
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
