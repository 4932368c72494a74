#!/usr/bin/env python3
"""Runs coship on calls, names and imports that failed in public applications, before and after the commit that mended each.

    python3 tests/incidents.py --repositories DIR                  every incident of tests/incidents.toml
    python3 tests/incidents.py --repositories DIR electrum ...     those whose repository, commit or kind has the word
    python3 tests/incidents.py --repositories DIR --ty ty          the checker `ty` on the same trees, for comparison

DIR holds clones with their history, `owner+name` or `owner/name` each, bare or not. Both versions are laid out in --cache; nothing
of them is run. A hit is a finding with the incident's exception at one of its places, or at the line of a call that leads there
(any line of the chain that the finding shows), in the broken version; after the fix no such finding may be left.

Prints a line for each incident and a table by kind. Exits with 1 if a finding is still there after the fix.
"""

import argparse
import collections
import functools
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib

sys.dont_write_bytecode = True

ROOT = pathlib.Path(__file__).resolve().parent.parent
LISTED = ROOT / 'tests' / 'incidents.toml'
NEAR = 4  # a call's line and that of the keyword or argument that is wrong differ by so much at most

# What the checker's rules mean as exceptions.
OF_TY = {
    'unresolved-reference': 'NameError UnboundLocalError',
    'possibly-unresolved-reference': 'NameError UnboundLocalError',
    'unresolved-attribute': 'AttributeError',
    'possibly-missing-attribute': 'AttributeError',
    'possibly-unbound-attribute': 'AttributeError',
    'unresolved-import': 'ImportError',
    # As versions from 0.0.100 on say it.
    'missing-attribute': 'AttributeError',
    'missing-union-attribute': 'AttributeError',
    'missing-module-member': 'AttributeError ImportError',
    'import-not-found': 'ImportError',
    'invalid-syntax': 'SyntaxError',
    'unused-awaitable': 'RuntimeWarning',
}


def repository_at(folder: pathlib.Path, name: str) -> pathlib.Path | None:
    """The git directory of `owner/name`."""
    for base in (folder / name.replace('/', '+'), folder / name):
        for path in (base / 'repo' / '.git', base / 'repo', base / '.git', base):
            if (path / 'HEAD').is_file():
                return path
    return None


def laid_out(git: pathlib.Path, name: str, commit: str, cache: pathlib.Path) -> pathlib.Path:
    """A folder with the files of a commit that matter: Python, and what declares dependencies."""
    target = cache / f'{name.replace("/", "+")}@{commit[:10]}'
    if target.is_dir():
        return target
    partial = target.with_name(target.name + '.partial')
    listed = subprocess.run(['git', '-C', str(git), 'ls-tree', '-r', '-z', commit], capture_output=True, check=True).stdout
    wanted = []
    for entry in filter(None, listed.decode(errors='surrogateescape').split('\0')):
        (mode, _, blob), path = entry.split('\t')[0].split(), entry.split('\t', 1)[1]
        if mode.startswith('100') and re.search(r'\.(pyi?|toml|cfg|txt|in|lock)$', path):
            wanted.append((blob, path))
    # One process for all blobs: starting one for each took longer than the check itself.
    asked = ''.join(f'{blob}\n' for blob, _ in wanted).encode()
    answer = subprocess.run(['git', '-C', str(git), 'cat-file', '--batch'], input=asked, capture_output=True, check=True).stdout
    at = 0
    for _, path in wanted:
        head, at = answer[at:answer.index(b'\n', at)].split(), answer.index(b'\n', at) + 1
        if head[1:] == [b'missing']:
            continue  # A snapshot may lack its largest files.
        (partial / path).parent.mkdir(parents=True, exist_ok=True)
        (partial / path).write_bytes(answer[at:at + int(head[2])])
        at += int(head[2]) + 1
    partial.rename(target)
    return target


@functools.cache
def of_coship(program: str, tree: pathlib.Path) -> list[dict]:
    """Findings as {severity, exception, lines}, `lines` being all places that the finding names."""
    done = subprocess.run([program, 'check', str(tree), '--against', 'none', '--isolated', '--no-cache', '--output-format', 'json'],
                          capture_output=True, text=True, timeout=900)
    found = []
    for finding in json.loads(done.stdout)['findings']:
        where = [finding, *finding['chain'], *finding['related']]
        exception = (finding.get('witness') or {}).get('exception') or finding['message']
        if finding['rule'] == 'not-awaited':
            exception = 'RuntimeWarning: ' + exception
        if finding['rule'] == 'syntax-error':
            exception = 'SyntaxError: ' + exception
        found.append({'severity': finding['severity'], 'exception': exception, 'rule': finding['rule'],
                      'lines': {(w['path'], w['range']['start']['line']) for w in where if w.get('path')}})
    return found


@functools.cache
def of_ty(program: str, tree: pathlib.Path) -> list[dict]:
    """The same of the checker's findings."""
    done = subprocess.run([program, 'check', '--project', str(tree), '--output-format', 'concise', '--exit-zero', str(tree)],
                          capture_output=True, text=True, timeout=900, cwd=tree)
    found = []
    for line in done.stdout.splitlines():
        match = re.match(r'(?:.*/)??([^:]+):(\d+):\d+: (error|warning)\[([\w-]+)\]', line)
        if match:
            path = pathlib.Path(match[1])
            path = path.relative_to(tree) if path.is_absolute() else path
            found.append({'severity': match[3], 'exception': OF_TY.get(match[4], 'TypeError'), 'rule': match[4],
                          'lines': {(str(path), int(match[2]))}})
    return found


def hits(incident: dict, found: list[dict]) -> list[dict]:
    """The findings that tell of the incident."""
    places = [(path, int(line)) for path, line in (p.rsplit(':', 1) for p in incident['places'])]
    # An await that is missing shows in what is done with the coroutine, or as such.
    names = {incident['exception']} | ({'RuntimeWarning'} if incident['kind'] == 'not awaited' else set())
    names |= {'NameError', 'UnboundLocalError'} if incident['exception'] in ('NameError', 'UnboundLocalError') else set()
    return [f for f in found if f['severity'] in ('error', 'warning') and any(n in f['exception'] for n in names)
            and any(path == p and abs(line - n) <= NEAR for path, line in places for p, n in f['lines'])]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('words', nargs='*', help='of repositories, commits or kinds')
    parser.add_argument('--repositories', type=pathlib.Path, required=True, help='the folder of clones')
    parser.add_argument('--coship', default=str(ROOT / 'target/debug/coship'))
    parser.add_argument('--ty', help='run this checker instead')
    parser.add_argument('--cache', type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()) / 'coship-incidents')
    options = parser.parse_args()

    listed = tomllib.loads(LISTED.read_text())['incident']
    if options.words:
        listed = [i for i in listed if any(w in f'{i["repository"]} {i["fixed"]} {i["kind"]}' for w in options.words)]
    table: dict[str, collections.Counter] = collections.defaultdict(collections.Counter)
    left = 0
    for incident in listed:
        git = repository_at(options.repositories, incident['repository'])
        if git is None:
            print(f'{incident["repository"]}: no clone of it')
            continue
        answers = []
        for side in ('broken', 'fixed'):
            tree = laid_out(git, incident['repository'], incident[side], options.cache)
            found = of_ty(options.ty, tree) if options.ty else of_coship(options.coship, tree)
            answers.append(hits(incident, found))
            if not answers[0]:
                break
        rules = {(f['severity'], f['rule']) for f in answers[0]}
        verdict = 'error' if any(s == 'error' for s, _ in rules) else 'warning' if rules else 'silent'
        # After the fix lines have moved a little; only a finding of the same rule counts.
        still = [f for f in answers[-1] if (f['severity'], f['rule']) in rules] if len(answers) == 2 else []
        left += bool(still)
        table[incident['kind']][verdict] += 1
        told = ', '.join(sorted(r for _, r in rules))
        print(f'{verdict:7} {incident["repository"]} {incident["fixed"][:10]} {incident["exception"]} ({incident["kind"]}) {told}'
              f'{" STILL THERE" if still else ""}', flush=True)
    total: collections.Counter = sum(table.values(), collections.Counter())
    for kind, counts in [*sorted(table.items(), key=lambda entry: -sum(entry[1].values())), ('all', total)]:
        print(f'{kind:28} {sum(counts.values()):3}: {counts["error"]:3} errors, {counts["warning"]:3} warnings, {counts["silent"]:3} silent')
    print(f'{left} still there after the fix')
    return 1 if left else 0


if __name__ == '__main__':
    sys.exit(main())
