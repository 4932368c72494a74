#!/usr/bin/env python3
"""Draws distributions that nobody chose, checks them, and writes a page on which each error is judged.

    python3 tests/fresh.py --date 2026-12-01 --count 60 --min-lines 5000000 --names NAMES --old OLD-BUILD --page tests/fresh/2026-12-01.md

The draw: the names of the file NAMES (one a line), normalised as PEP 503 says, in the order of SHA-256 of date and name; those on any list of the project are
left out (released.txt, mutants.txt, upgrades.toml, the pages in tests/fresh, and each --spent file), and so are those that have no wheel for CPython 3.11, or
no Python in the newest one, which the page lists. The draw ends with --count distributions and --min-lines lines. A draw that was looked at while
something was mended is spent: the next claim needs a new date.

With --sdists it is the newest source distributions that are drawn: trees as repositories have them, with tests, build files and extension modules that are not compiled yet.

Wheels come from the configured package index through `pip download` and stay in --cache; none of their code is run, but by --judge. What a draw got is noted
in --cache, so that the same draw is the same again.

The verdicts: each error has a line `verdict: ?` on the page, to be made `true`, `false`, `on purpose` or `undecided`, a colon, and a reason. *True*: CPython
raised it, or a snippet that calls the function as written raises. A warning's is `act`, if a maintainer would act on it, or `not`. Running the script again
keeps the verdicts of the page, takes those of the TOML file beside it, and computes the sums:

    ["1f0c2a9be4"]
    verdict = "true"
    reason = "the function takes no such keyword since 2.0"
    snippet = "import pkg.mod; pkg.mod.f(1)"

With --judge an error that has a snippet there is judged by CPython: the distribution is installed into an environment of its own, and the error is true if the
snippet raises what the error's witness says, false if it works, and undecided if it raises something else. Exits with 1 if an error is not judged or --judge contradicts a verdict.
"""

import argparse
import collections
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import tomllib
import zipfile

sys.dont_write_bytecode = True

from released import ROOT, lines
from support import sdists
from upgrades import environment, run

TESTS = ROOT / 'tests'
TEXTS = ('.py', '.pyi', '.toml', '.cfg', '.ini', '.txt', 'METADATA', 'RECORD', 'WHEEL')
LARGEST = 64 * 1024 * 1024
SHOWN_WARNINGS = 50
ERRORS = ('true', 'false', 'on purpose', 'undecided')
WARNINGS = ('act', 'not')


def normalised(name: str) -> str:
    """PEP 503."""
    return re.sub(r'[-_.]+', '-', name.strip()).lower()


def digest(text: str | bytes) -> str:
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


# The draw


def spent(page: pathlib.Path, files: list[pathlib.Path]) -> set[str]:
    """The distributions on any list of the project, those of the page that is being written excepted."""
    words = []
    for listed in (TESTS / 'released.txt', TESTS / 'mutants.txt', *files):
        for line in listed.read_text().splitlines():
            words += line.partition('#')[0].split()
    for pair in tomllib.loads((TESTS / 'upgrades.toml').read_text())['pair']:
        for value in pair.values():
            words += value if isinstance(value, list) else value.split() if '==' in str(value) else []
    for other in (TESTS / 'fresh').glob('*.md'):
        if other.resolve() != page.resolve():
            words += re.findall(r'^\| ([^ |]+) \| [^ |]+ \| [\d,]+ \|', other.read_text(), re.MULTILINE)
    return {normalised(re.split(r'[=<>!~\[; ]', word)[0]) for word in words}


def without_addresses(text: str) -> str:
    """What a client said, without where the index is: that differs from machine to machine."""
    return re.sub(r' ?\(?\bfrom https?://[^)\s]*\)?|https?://\S+', '', text)


def unpack(wheel: pathlib.Path, target: pathlib.Path) -> None:
    """The Python files and what says which names there are; of all else, extension modules among it, empty files say that it is there."""
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            parts = pathlib.PurePosixPath(entry.filename).parts
            if len(parts) > 2 and parts[0].endswith('.data'):
                parts = parts[2:] if parts[1] in ('purelib', 'platlib') else ()
            name = parts[-1] if parts else ''
            if entry.is_dir() or not parts or '..' in parts or parts[0] == '/' or '\\' in entry.filename:
                continue
            path = target.joinpath(*parts)
            # A folder of data alone can be imported too (PEP 420).
            path.parent.mkdir(parents=True, exist_ok=True)
            if name.endswith(TEXTS) and entry.file_size <= LARGEST:
                path.write_bytes(archive.read(entry))
            else:
                path.touch()


def noted(note: pathlib.Path, cache: pathlib.Path) -> dict | None:
    """What an earlier run got, if its tree is still there."""
    if not note.is_file():
        return None
    known = json.loads(note.read_text())
    is_there = known.get('skipped') or (cache / 'trees' / f"{known['name']}=={known['version']}").is_dir()
    return known if is_there else None


def kept(name: str, version: str, partial: pathlib.Path, cache: pathlib.Path) -> dict:
    """Puts an unpacked distribution in its place, if there is Python in it."""
    count = lines(partial) if partial.is_dir() else 0
    if not count:
        return {'name': name, 'skipped': 'no Python'}
    target = cache / 'trees' / f'{name}=={version}'
    shutil.rmtree(target, ignore_errors=True)
    partial.rename(target)
    return {'name': name, 'version': version, 'lines': count}


def source_of(name: str, cache: pathlib.Path) -> dict:
    """The newest source distribution: its version and lines, or why there is none."""
    note = cache / 'notes' / f'{name}.sdist.json'
    if known := noted(note, cache):
        return known
    with tempfile.TemporaryDirectory(dir=cache) as download:
        partial = pathlib.Path(download) / 'tree'
        try:
            version, archive = sdists.newest(name, pathlib.Path(download), LARGEST)
            sdists.unpack(archive, partial, TEXTS, LARGEST)
        except sdists.Unfetched as error:
            found = {'name': name, 'skipped': str(error)}
        except (tarfile.TarError, EOFError, OSError) as error:
            return {'name': name, 'skipped': f'not unpacked: {error}'}
        else:
            found = kept(name, f'{version}.sdist', partial, cache)
    note.write_text(json.dumps(found))
    return found


def fetched(name: str, cache: pathlib.Path) -> dict:
    """The newest release of a distribution: its version and lines, or why there is none."""
    note = cache / 'notes' / f'{name}.json'
    if known := noted(note, cache):
        return known
    with tempfile.TemporaryDirectory(dir=cache) as download:
        command = [sys.executable, '-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '--python-version',
                   '3.11', '--dest', download, name]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
        except subprocess.TimeoutExpired:
            return {'name': name, 'skipped': 'not downloaded in 15 minutes'}
        wheels = list(pathlib.Path(download).glob('*.whl'))
        if not wheels:
            said = done.stderr.strip().splitlines()
            is_known = 'No matching distribution' in done.stderr
            found = {'name': name, 'skipped': 'no wheel' if is_known else f"not downloaded: {without_addresses(said[-1]) if said else '?'}"[:200]}
        else:
            version = wheels[0].name.split('-')[1]
            partial = pathlib.Path(download) / 'tree'
            try:
                unpack(wheels[0], partial)
            except (zipfile.BadZipFile, OSError) as error:
                return {'name': name, 'skipped': f'not unpacked: {error}'}
            found = kept(name, version, partial, cache)
    note.write_text(json.dumps(found))
    return found


def drawn(options: argparse.Namespace, names: list[str]) -> tuple[list[dict], list[dict]]:
    """The distributions of the draw, and those that were skipped on the way."""
    for folder in ('notes', 'trees', 'environments'):
        (options.cache / folder).mkdir(parents=True, exist_ok=True)
    found, skipped, total = [], [], 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        waiting = collections.deque()
        rest = iter(names)
        while len(found) < options.count or total < options.min_lines:
            while len(waiting) < options.jobs and (name := next(rest, None)):
                waiting.append(pool.submit(source_of if options.sdists else fetched, name, options.cache))
            if not waiting:
                break
            answer = waiting.popleft().result()
            if 'skipped' in answer:
                skipped.append(answer)
            else:
                found.append(answer)
                total += answer['lines']
            print(f"{answer['name']}: {answer.get('skipped') or answer['lines']}", file=sys.stderr, flush=True)
        for future in waiting:
            future.cancel()
    return found, skipped


# The check


def checked(coship: str, tree: pathlib.Path, limit: float) -> dict:
    """What coship reports, or what went wrong."""
    command = [coship, 'check', '.', '--against', 'none', '--isolated', '--no-cache', '--output-format', 'json']
    started = time.monotonic()
    try:
        done = subprocess.run(command, capture_output=True, timeout=limit, cwd=tree, check=False)
    except subprocess.TimeoutExpired:
        return {'findings': [], 'seconds': limit, 'trouble': f'no answer after {limit:.0f} s'}
    seconds = time.monotonic() - started
    if done.returncode not in (0, 1):
        said = done.stderr.decode(errors='replace').strip()[-300:]
        return {'findings': [], 'seconds': seconds, 'trouble': f'exit {done.returncode}: {said}'}
    return {'findings': json.loads(done.stdout)['findings'], 'seconds': seconds, 'trouble': ''}


def witness(finding: dict) -> str:
    return (finding.get('witness') or {}).get('exception', '')


def identify(spec: str, findings: list[dict]) -> None:
    """Gives each finding an `id` that other builds' findings at the same place share, whatever they say in their message."""
    seen = collections.Counter()
    for finding in findings:
        text = '\0'.join((spec, finding['rule'], finding['path'], str(finding['range']['start']['line']), witness(finding)))
        seen[text] += 1
        finding['id'] = digest(f'{text}\0{seen[text]}')[:10]


def of(result: dict, severity: str) -> list[dict]:
    return [finding for finding in result['findings'] if finding['severity'] == severity]


def lost(old: dict, new: dict) -> list[dict]:
    """The old build's errors of which the new one has none at that line."""
    places = {(finding['path'], finding['range']['start']['line']) for finding in of(new, 'error')}
    ids = {finding['id'] for finding in of(new, 'error')}
    return [finding for finding in of(old, 'error')
            if finding['id'] not in ids and (finding['path'], finding['range']['start']['line']) not in places]


def told_otherwise(gone: list[dict], new: dict) -> list[dict]:
    """Those of the old build's lost errors that the new one tells with less weight: at that line, or, of an `__all__`, in the one finding of its list."""
    lines_of = {(finding['rule'], finding['path'], finding['range']['start']['line']) for finding in new['findings']}
    listed = {finding['path'] for finding in new['findings'] if finding['rule'] == 'undefined-export'}
    return [finding for finding in gone
            if (finding['rule'], finding['path'], finding['range']['start']['line']) in lines_of
            or finding['rule'] == 'undefined-export' and finding['path'] in listed]


# The verdicts


def verdicts_of(page: pathlib.Path) -> dict[str, dict]:
    """Those that a person wrote on the page, and those of the file beside it."""
    known = {}
    if page.is_file():
        form = re.compile(r'^- `(\w{10})`.*?^  verdict: (.*?)$', re.MULTILINE | re.DOTALL)
        for key, said in form.findall(page.read_text()):
            word, _, reason = said.partition(':')
            if word.strip() in ERRORS + WARNINGS:
                known[key] = {'verdict': word.strip(), 'reason': reason.strip()}
    beside = page.with_suffix('.toml')
    if beside.is_file():
        for key, entry in tomllib.loads(beside.read_text()).items():
            if entry.get('verdict', 'true') not in ERRORS + WARNINGS:
                raise SystemExit(f"{beside}: {key}: no verdict is called {entry['verdict']!r}")
            known.setdefault(key, {}).update(entry)
    return known


def judge(drawn_ones: list[dict], verdicts: dict[str, dict], cache: pathlib.Path) -> int:
    """Lets CPython judge the errors that have a snippet; returns how many verdicts it contradicts."""
    contradicted = 0
    for one in drawn_ones:
        spec = f"{one['name']}=={one['version']}"
        for finding in one['errors'] + one['lost']:
            entry = verdicts.get(finding['id'], {})
            if 'snippet' not in entry:
                continue
            python = environment(one['name'], [spec, *entry.get('needs', [])], cache)
            said = run(python, cache / 'trees' / spec, entry['snippet'])
            is_true = witness(finding).partition(' (')[0] in said
            word = 'true' if is_true else 'undecided' if said else 'false'
            if entry.get('verdict', word) != word:
                contradicted += 1
                print(f"{finding['id']}: {entry['verdict']}, but CPython says {word}: {said or 'nothing is raised'}", file=sys.stderr)
            entry['verdict'] = word
            entry.setdefault('reason', f"`{entry['snippet']}` raises {said or 'nothing'}")
    return contradicted


# The page


def one_line(text: str, limit: int = 180) -> str:
    """Text of somebody else's on one line, without what Markdown or a terminal acts upon."""
    text = ''.join(char if char.isprintable() else ' ' for char in text).replace('`', "'").strip()
    return text if len(text) <= limit else text[:limit] + '...'


def code_of(tree: pathlib.Path, finding: dict) -> str:
    """The line that a finding stands at."""
    try:
        text = (tree / finding['path']).read_text(encoding='utf-8', errors='replace').splitlines()
        return one_line(text[finding['range']['start']['line'] - 1])
    except (OSError, IndexError):
        return ''


def entry_of(tree: pathlib.Path, finding: dict, verdicts: dict[str, dict], facts_only: bool) -> list[str]:
    """A finding with the place of its verdict; with the facts only, none of the words and names of the package."""
    start = finding['range']['start']
    place = f"- `{finding['id']}` **{finding['rule']}** `{finding['path']}:{start['line']}`"
    entry = verdicts.get(finding['id'], {})
    reason = f": {one_line(entry['reason'], 1000)}" if entry.get('reason') else ''
    verdict = f"  verdict: {entry.get('verdict', '?')}{reason}"
    if facts_only:
        return [place + '\\', verdict]
    said = [f"{place}: {one_line(finding['message'], 400)}\\"]
    if witness(finding):
        said.append(f'  raises `{one_line(witness(finding), 400)}`\\')
    chain = [f"{step['path']}:{step['range']['start']['line']}" for step in finding['chain']]
    if len(chain) > 1:
        said.append(f"  through {one_line(', '.join(chain), 400)}\\")
    said.append(f'  `{code_of(tree, finding)}`\\')
    return [*said, verdict]


def table(heads: list[str], rows: list[list]) -> list[str]:
    shown = lambda cell: f'{cell:,}' if isinstance(cell, int) else f'{cell:.2f}' if isinstance(cell, float) else str(cell)
    return ['| ' + ' | '.join(heads) + ' |', '|' + ' --- |' * len(heads),
            *('| ' + ' | '.join(map(shown, row)) + ' |' for row in rows), '']


def tally(findings: list[dict], verdicts: dict[str, dict]) -> collections.Counter:
    return collections.Counter(verdicts.get(finding['id'], {}).get('verdict', '?') for finding in findings)


def sums(drawn_ones: list[dict], verdicts: dict[str, dict], with_old: bool) -> list[str]:
    """What the verdicts come to."""
    total = sum(one['lines'] for one in drawn_ones)
    errors = [finding for one in drawn_ones for finding in one['errors']]
    count = tally(errors, verdicts)
    million = total / 1e6 or 1
    share = f"{100 * count['true'] / len(errors):.0f} %" if errors else 'none'
    said = [f'{len(drawn_ones)} distributions, {total:,} lines: {len(errors)} errors, {count["true"]} true, {count["false"]} false, '
            f'{count["on purpose"]} on purpose, {count["undecided"]} undecided, {count["?"]} not judged. '
            f'False errors per million lines: {count["false"] / million:.2f}. True: {share}.', '']
    if with_old:
        gone = [finding for one in drawn_ones for finding in one['lost']]
        kept = tally([finding for one in drawn_ones for finding in one['old_kept']], verdicts)['true']
        lost_true = tally(gone, verdicts)
        told = tally([finding for one in drawn_ones for finding in one['told']], verdicts)['true']
        of_true = kept + lost_true['true']
        said += [f"The old build has {sum(len(one['old_errors']) for one in drawn_ones)} errors; {len(gone)} of them are no longer reported: {lost_true['true']} true, "
                 f"{lost_true['false']} false, {lost_true['on purpose']} on purpose, {lost_true['undecided']} undecided, {lost_true['?']} not judged. "
                 + (f'Of its true errors {100 * kept / of_true:.1f} % are still errors, {100 * (kept + told) / of_true:.1f} % are still reported.'
                    if of_true else 'None of its errors is known to be true.'), '']
    rows = []
    for rule in sorted({finding['rule'] for finding in errors}):
        these = tally([finding for finding in errors if finding['rule'] == rule], verdicts)
        rows.append([f'{rule}', these.total(), *(these[word] for word in (*ERRORS, '?')), these['false'] / million])
    return said + table(['rule', 'errors', *ERRORS, 'not judged', 'false per million lines'], rows)


def warnings(drawn_ones: list[dict], options: argparse.Namespace, verdicts: dict[str, dict]) -> list[str]:
    """How loud the warnings are, and some of them, drawn by hash."""
    total = sum(one['lines'] for one in drawn_ones) or 1
    all_of_them = [(one, finding) for one in drawn_ones for finding in one['warnings']]
    count = collections.Counter(finding['rule'] for _, finding in all_of_them)
    said = ['## Warnings', '', *table(['rule', 'warnings', 'per 10,000 lines'],
                                      [[rule, number, 1e4 * number / total] for rule, number in count.most_common()])]
    chosen = sorted(all_of_them, key=lambda pair: digest(options.date + pair[1]['id']))[:SHOWN_WARNINGS]
    words = tally([finding for _, finding in chosen], verdicts)
    said += [f'{len(chosen)} of them, drawn by hash: a maintainer would act on {words["act"]}, not on {words["not"]}; {words["?"]} not judged.', '']
    for one, finding in chosen:
        spec = f"{one['name']}=={one['version']}"
        entry = entry_of(options.cache / 'trees' / spec, finding, verdicts, options.facts_only)
        said += [entry[0].replace('** `', f'** {spec} `', 1), *entry[1:]]
    return [*said, '']


def page_of(options: argparse.Namespace, facts: dict, drawn_ones: list[dict], skipped: list[dict], verdicts: dict[str, dict]) -> str:
    head = [f'# Fresh draw {options.date}', '',
            f"Written by tests/fresh.py: the names of a list of {facts['names']:,} (SHA-256 {facts['sha']}) in the order of SHA-256 of `{options.date}` and name, without "
            f"{facts['spent']:,} that some list of the project has; the newest {'source distributions' if options.sdists else 'wheels for CPython 3.11'}, first {len(drawn_ones)} with Python in them. "
            f"coship: {facts['coship']}." + (f" The old build: {facts['old']}." if options.old else ''), '',
            '*True*: CPython raised it, or a snippet that calls the function as written raises.', '', '## Sums', '',
            *sums(drawn_ones, verdicts, bool(options.old)), '## Distributions', '']
    rows = [[one['name'], one['version'], one['lines'], len(one['errors']), len(one['old_errors']) if options.old else '', len(one['lost']) if options.old else '',
             len(one['warnings']), f"{one['seconds']:.1f}", one['trouble']] for one in drawn_ones]
    head += table(['name', 'version', 'lines', 'errors', 'old', 'lost', 'warnings', 'seconds', ''], rows)
    if skipped:
        head += ['Skipped: ' + ', '.join(f"{one['name']} ({one_line(one['skipped'])})" for one in skipped) + '.', '']
    for title, key in (('Errors', 'errors'), ('Errors of the old build that are no longer reported', 'lost')):
        if key == 'lost' and not options.old:
            continue
        head += [f'## {title}', '']
        for one in drawn_ones:
            if one[key]:
                spec = f"{one['name']}=={one['version']}"
                head += [f'### {spec}', '']
                for finding in one[key]:
                    head += entry_of(options.cache / 'trees' / spec, finding, verdicts, options.facts_only)
                head.append('')
    return '\n'.join(head + warnings(drawn_ones, options, verdicts)).rstrip() + '\n'


def build_of(binary: str) -> str:
    """Which build it is."""
    version = subprocess.run([binary, '--version'], capture_output=True, text=True, check=True).stdout.strip()
    return f'{version}, SHA-256 {digest(pathlib.Path(binary).read_bytes())[:16]}'


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--date', required=True, help='of the draw; a new one makes a new draw')
    parser.add_argument('--count', type=int, required=True, help='how many distributions, at least')
    parser.add_argument('--min-lines', type=int, default=0, help='how many lines, at least')
    parser.add_argument('--names', type=pathlib.Path, required=True, help='a list of names, one a line')
    parser.add_argument('--spent', type=pathlib.Path, action='append', default=[], help='a list of names to leave out besides')
    parser.add_argument('--cache', type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()) / 'coship-fresh')
    parser.add_argument('--coship', default=str(ROOT / 'target' / 'debug' / 'coship'))
    parser.add_argument('--old', help='an older build to compare with')
    parser.add_argument('--page', type=pathlib.Path, required=True)
    parser.add_argument('--facts-only', action='store_true', help='write a page without any line or message: what may be committed')
    parser.add_argument('--judge', action='store_true', help='let CPython judge what has a snippet')
    parser.add_argument('--limit', type=float, default=900, help='seconds for one check')
    parser.add_argument('--jobs', type=int, default=4, help='downloads at once')
    parser.add_argument('--sdists', action='store_true', help='draw source distributions')
    options = parser.parse_args()
    builds = [os.path.abspath(build) for build in (options.coship, options.old) if build]
    options.cache = options.cache.absolute()
    text = options.names.read_bytes()
    names = list(dict.fromkeys(normalised(line) for line in text.decode().splitlines() if line.strip()))
    known = spent(options.page, options.spent)
    open_names = sorted((name for name in names if name not in known), key=lambda name: digest(options.date + name))
    found, skipped = drawn(options, open_names)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        trees = [options.cache / 'trees' / f"{one['name']}=={one['version']}" for one in found]
        results = [list(pool.map(lambda tree, build=build: checked(build, tree, options.limit), trees)) for build in builds]
    for index, one in enumerate(found):
        spec = f"{one['name']}=={one['version']}"
        for result in results:
            identify(spec, result[index]['findings'])
        new = results[0][index]
        one.update(errors=of(new, 'error'), warnings=of(new, 'warning'), seconds=new['seconds'], trouble=one_line(new['trouble']).replace('|', ' '))
        old = results[1][index] if options.old else {'findings': []}
        one.update(old_errors=of(old, 'error'), lost=lost(old, new))
        one['told'] = told_otherwise(one['lost'], new)
        gone = {finding['id'] for finding in one['lost']}
        one['old_kept'] = [finding for finding in one['old_errors'] if finding['id'] not in gone]
    verdicts = verdicts_of(options.page)
    # An old error that the new build tells at the same place, in other words, shares that one's verdict.
    for one in found:
        by_place = {(finding['path'], finding['range']['start']['line']): finding['id'] for finding in one['errors']}
        for finding in one['old_kept']:
            other = by_place.get((finding['path'], finding['range']['start']['line']))
            if finding['id'] not in verdicts and other in verdicts:
                verdicts[finding['id']] = verdicts[other]
    contradicted = judge(found, verdicts, options.cache) if options.judge else 0
    facts = {'names': len(names), 'sha': digest(text), 'spent': len(known & set(names)), 'coship': build_of(builds[0]),
             'old': build_of(builds[1]) if options.old else ''}
    options.page.parent.mkdir(parents=True, exist_ok=True)
    options.page.write_text(page_of(options, facts, found, skipped, verdicts))
    print('\n'.join(line for line in sums(found, verdicts, bool(options.old)) if line))
    judged = all(finding['id'] in verdicts for one in found for finding in one['errors'] + one['lost'])
    return 0 if judged and not contradicted else 1


if __name__ == '__main__':
    sys.exit(main())
