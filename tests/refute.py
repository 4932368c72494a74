#!/usr/bin/env python3
"""Refutes errors of coship by the test suites of the packages that it reports them on.

    python3 tests/refute.py NAME[==VERSION] ...                       these distributions
    python3 tests/refute.py DIRECTORY ...                             checkouts
    python3 tests/refute.py --names FILE --date D --count 40          a draw: in the order of SHA-256 of `D NAME`, until 40 suites ran
    python3 tests/refute.py --bare DIRECTORY --findings FILE --runner unittest     as it stands, no coship, nothing installed

Each distribution is fetched as an sdist, installed in an environment of its own with what its tests need, and laid out with its
tests as one directory. Coship checks that directory; the tests are run in it under `support/line_monitor.py`, without a
network where the system can do that. An error is

    refuted      the expression at the end of its chain gave a result, with the whole chain on the stack, and never raised what is claimed
    confirmed    it raised what is claimed
    mixed        both: it fails for some values
    undecided    its line ran, and neither was seen
    not run      its line did not run

In return, TypeErrors, AttributeErrors, NameErrors, ImportErrors and KeyErrors that rose in the tree's own frames are listed, with
whether coship names them: the same class and subject, on their line or their caller's. Those that tests provoke
(`pytest.raises`, a handler in a test), and those of a `raise` statement, count apart.

Drawn names that stand on a list of this project are skipped. Foreign code is run: give a `--user` who may do no harm. Writes a
page (`--page`) and a JSON document (`--out`); exits with 1 if an error was refuted.
"""

import argparse
import collections
import concurrent.futures
import datetime
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import tomllib

sys.dont_write_bytecode = True

from released import ROOT, check
from support.seeding import numbered, seeded
from support.suites import Ran, Suite, Unsuitable, Workshop, has_tests, is_test, name_of

RUNNERS = ('_pytest/', 'pluggy/', 'unittest/', 'support/line_monitor.py', '<frozen', 'runpy')
EXPECTING = ('unittest/case.py:handle', '_pytest/python_api.py:raises', '_pytest/raises.py:raises', 'unittest/case.py:assertRaises')
VERDICTS = ('refuted', 'confirmed', 'mixed', 'undecided', 'not run')


def listed() -> set[str]:
    """The distributions that some list of this project names."""
    names = set()
    for file in ('released.txt', 'mutants.txt'):
        names |= {name_of(line) for line in (ROOT / 'tests' / file).read_text().splitlines() if line and line[0] not in '# '}
    for pair in tomllib.loads((ROOT / 'tests' / 'upgrades.toml').read_text())['pair']:
        for value in pair.values():
            names |= {name_of(spec) for spec in (value if isinstance(value, list) else [value]) if '==' in spec and ' ' not in spec}
    return names


def drawn(file: pathlib.Path, date: str) -> list[str]:
    """All names of a file, in the order that a date gives them, without those on a list."""
    known = listed()
    names = {name_of(line) for line in file.read_text().splitlines() if line.strip()} - known
    return sorted(names, key=lambda name: hashlib.sha256(f'{date} {name}'.encode()).hexdigest())


def verdict(finding: dict, seen: dict) -> tuple[str, str]:
    """What a run says of an error, and why."""
    claimed, _, text = (finding.get('witness') or {}).get('exception', '').partition(': ')
    if seen['exported']:
        return {'there': ('refuted', 'the module has the name when the tests end'), 'missing': ('confirmed', 'the module lacks it')}[seen['exported']]
    if not seen['line_ran'] and not seen['reached']:
        return 'not run', ''
    if claimed == 'RuntimeWarning':
        if seen['unawaited']:
            return ('confirmed', '') if seen['unawaited'] >= seen['passed'] else ('mixed', 'some were awaited')
        return ('refuted', f"{seen['passed']} were made, each was awaited") if seen['passed'] else ('undecided', '')
    raised = [row for row in seen['raised'] if (row['here'] and claimed in {row['exception'], *seen['names']})
              or (row['exception'] == claimed and row['text'] == text)]
    if raised and seen['passed']:
        return 'mixed', f"passed {seen['passed']} times, raised {raised[0]['text']}"
    if raised:
        return 'confirmed', f"{raised[0]['exception']}: {raised[0]['text']}"
    if seen['passed']:
        return 'refuted', f"gave a result {seen['passed']} times"
    if seen['mocked']:
        return 'undecided', 'a mock answered'
    return 'undecided', 'not located' if not seen['located'] else 'the chain was not on the stack' if seen['reached'] else 'not evaluated'


def fate(record: dict) -> str:
    """Where an exception went: `escaped`, `tree`, `outside`, or `provoked`."""
    fates = set()
    for where in record['caught']:
        path, _, rest = where.partition(':')
        if any(where.startswith(expecting) for expecting in EXPECTING):
            fates.add('provoked')
        elif any(where.startswith(runner) for runner in RUNNERS):
            fates.add('escaped')
        elif rest[:1].isdigit():
            fates.add('provoked' if is_test(path) else 'tree')
        else:
            fates.add('outside')
    return next((each for each in ('escaped', 'tree', 'outside', 'provoked') if each in fates), 'outside')


def subjects(text: str) -> set[str]:
    """What an exception's text speaks of: what it quotes, and the functions it names."""
    quoted = re.findall(r"'([^']+)'", text)
    return set(quoted or [text]) | set(re.findall(r'([\w.]+)\(\)', text))


def names(errors: list[dict], record: dict) -> bool:
    """Whether one of the errors is this exception."""
    places = {tuple(frame.split(' in ')[0].rsplit(':', 1)) for frame in record['stack'][:2]}
    for error in errors:
        claimed, _, text = (error.get('witness') or {}).get('exception', '').partition(': ')
        ranges = [(link['path'], link['range']) for link in (error, *error['chain'])]
        if claimed == record['exception'] and subjects(text) & set().union(*map(subjects, record['texts'])) and any(
                path == at and span['start']['line'] <= int(line) <= span['end']['line'] for path, span in ranges for at, line in places):
            return True
    return False


def judged(suite: Suite, errors: list[dict], ran: Ran) -> dict:
    """Everything that one run says."""
    result = {'name': suite.name, 'version': suite.version, 'passed': ran.passed, 'failed': ran.failed, 'skipped': ran.skipped,
              'complete': ran.is_complete, 'errors': [], 'risen': []}
    seen = ran.document or {'lines': {}, 'findings': {}, 'risen': []}
    result['lines_ran'] = sum(len(lines) for lines in seen['lines'].values())
    for number, error in enumerate(errors):
        said, why = verdict(error, seen['findings'][str(number)]) if ran.document else ('not run', '')
        end = error['chain'][-1] if error['chain'] else error
        result['errors'].append({
            'verdict': said, 'why': why, 'rule': error['rule'], 'message': error['message'], 'path': error['path'],
            'line': error['range']['start']['line'], 'exception': (error.get('witness') or {}).get('exception', ''),
            'text': line_of(suite.tree / end['path'], end['range']['start']['line']), 'is_test': is_test(end['path']),
            'chain': [f"{link['path']}:{link['range']['start']['line']} in {link.get('function', '?')}: {link['note']}" for link in error['chain']],
            'stack': seen['findings'][str(number)]['stack'] if ran.document else [],
        })
    for record in seen['risen']:
        result['risen'].append({**record, 'fate': fate(record), 'named': names(errors, record),
                                'source': line_of(suite.tree / record['path'], record['line'])})
    return result


def line_of(path: pathlib.Path, number: int) -> str:
    """One line of a file."""
    try:
        return path.read_text(encoding='utf-8', errors='replace').split('\n')[number - 1].strip()[:200]
    except (OSError, IndexError):
        return ''


class Run:
    """The work on all distributions: prepared side by side, tested one after another."""

    def __init__(self, options: argparse.Namespace, workshop: Workshop):
        self.options = options
        self.workshop = workshop
        self.testing = threading.Lock()
        self.results: list[dict] = []
        self.left_out: list[dict] = []

    def one(self, spec: str) -> None:
        """A distribution or a checkout, from fetching it to the verdicts."""
        if self.options.count and len(self.results) >= self.options.count:
            return
        directory = pathlib.Path(spec).resolve() if os.sep in spec else None
        try:
            result = self.tested(self.suite(spec, directory))
            if not result['passed']:
                raise Unsuitable(f"no test passed ({result['failed']} failed)")
        except Unsuitable as why:
            self.left_out.append({'name': spec, 'why': str(why)})
            print(f'{spec}: left out, {why}', flush=True)
        except Exception as trouble:
            self.left_out.append({'name': spec, 'why': f'{type(trouble).__name__} of this script: {trouble}'[:300]})
            print(f'{spec}: {trouble!r}', flush=True)
        else:
            self.results.append(result)
            counts = collections.Counter(error['verdict'] for error in result['errors'])
            print(f"{spec} {result['version']}: {result['passed']} passed, {result['failed']} failed, {result['lines_ran']} lines ran; "
                  f"{len(result['errors'])} errors, " + ', '.join(f'{counts[each]} {each}' for each in VERDICTS), flush=True)
            self.write()
        finally:
            if not self.options.keep and not self.options.bare:
                shutil.rmtree(self.workshop.cache / 'suites' / name_here(spec), ignore_errors=True)
                shutil.rmtree(self.workshop.cache / 'fetched' / spec, ignore_errors=True)

    def suite(self, spec: str, directory: pathlib.Path | None) -> Suite:
        """What is run: as it stands, as it was kept, or made anew."""
        if self.options.bare:
            home = pathlib.Path(tempfile.mkdtemp(dir=self.workshop.cache))
            return Suite(pathlib.Path(spec).name, 'as it stands', directory, pathlib.Path(self.options.python), home)
        home = self.workshop.cache / 'suites' / name_here(spec)
        kept = home / 'kept.json'
        if kept.is_file():
            row = json.loads(kept.read_text())
            if 'why' in row:
                raise Unsuitable(row['why'])
            return Suite(row['name'], row['version'], home / 'tree', home / 'env' / 'bin' / 'python', home)
        row = {}
        try:
            source = directory or self.workshop.fetch(spec)
            if self.options.min_errors:
                self.screen(source)
            suite = self.workshop.prepare(name_here(spec), source)
            row = {'name': suite.name, 'version': suite.version}
        except Unsuitable as why:
            shutil.rmtree(home, ignore_errors=True)
            row = {'why': str(why)}
            raise
        finally:
            if self.options.keep and row:
                home.mkdir(parents=True, exist_ok=True)
                kept.write_text(json.dumps(row))
        return suite

    def screen(self, source: pathlib.Path) -> None:
        """Leaves out, before anything is installed, what coship says too little of."""
        has_tests(source)
        errors, _, trouble = check(os.path.abspath(self.options.coship), source, 300)
        if trouble or len(errors) < self.options.min_errors:
            raise Unsuitable(f'coship: {trouble}' if trouble else f'fewer than {self.options.min_errors} errors')

    def tested(self, suite: Suite) -> dict:
        """A suite's run and the verdicts on its errors."""
        if self.options.findings:
            errors = [each for each in json.loads(self.options.findings.read_text())['findings'] if each['severity'] == 'error']
        else:
            errors, _, trouble = check(os.path.abspath(self.options.coship), suite.tree, 300)
            if trouble or len(errors) < self.options.min_errors:
                raise Unsuitable(f'coship: {trouble}' if trouble else f'fewer than {self.options.min_errors} errors')
        with self.testing:
            ran = self.workshop.test(suite, numbered(errors), self.options.runner)
            result = judged(suite, errors, ran)
            if self.options.mutants and ran.document and ran.is_complete and ran.passed > ran.failed:
                coship = os.path.abspath(self.options.coship)
                result['mutants'] = seeded(self.workshop, suite, lambda tree: check(coship, tree, 300)[0], judged, errors, ran.document['lines'],
                                           self.options.runner, self.options.mutants, self.options.timeout * 2)
        return result

    def write(self) -> None:
        """The document and the page, anew after each distribution."""
        rows = sorted(self.results, key=lambda row: row['name'])
        draw = {'date': self.options.date, 'names_sha256': hashlib.sha256(self.options.names.read_bytes()).hexdigest()} if self.options.names else {}
        about = {'coship': version_of(self.options), 'python': python_of(self.options.python), 'draw': draw}
        if self.options.out:
            self.options.out.write_text(json.dumps({**about, 'packages': rows, 'left_out': self.left_out}, indent=1))
        if self.options.page:
            self.options.page.write_text(page(about, rows, self.left_out))


def name_here(spec: str) -> str:
    """A directory's name for a distribution or a checkout."""
    return pathlib.Path(spec).name if os.sep in spec else spec


def version_of(options: argparse.Namespace) -> str:
    """Which coship was run: its version and the hash of its bytes."""
    if options.findings:
        return f'the findings of {options.findings.name}'
    said = subprocess.run([options.coship, '--version'], capture_output=True, text=True, check=False).stdout.strip()
    return f"{said}, SHA-256 {hashlib.sha256(pathlib.Path(options.coship).read_bytes()).hexdigest()[:12]}"


def python_of(python: str) -> str:
    """Which Python ran the suites."""
    return subprocess.run([python, '--version'], capture_output=True, text=True, check=False).stdout.strip()


def page(about: dict, rows: list[dict], left_out: list[dict]) -> str:
    """What was found, in Markdown."""
    errors = [{**error, 'package': row['name']} for row in rows for error in row['errors']]
    counts = collections.Counter(error['verdict'] for error in errors)
    ran = len(errors) - counts['not run']
    risen = [{**record, 'package': row['name']} for row in rows for record in row['risen']]
    plain = sorted((record for record in risen if not record['explicit'] and record['fate'] != 'provoked'), key=lambda record: record['fate'] != 'escaped')
    out = ['# Errors held against test suites', '',
           f"{about['coship']}; suites run by {about['python']}."
           + (f" Drawn with the date `{about['draw']['date']}` from names with SHA-256 `{about['draw']['names_sha256']}`." if about['draw'] else ''), '',
           f"{len(rows)} suites, {sum(row['passed'] for row in rows)} tests passed, {sum(row['failed'] for row in rows)} failed, "
           f"{sum(row['lines_ran'] for row in rows)} lines ran. {len(errors)} errors, {ran} on lines that ran: "
           + ', '.join(f'**{counts[each]} {each}**' for each in VERDICTS[:4]) + '.',
           f"{sum(record['named'] for record in plain)} of {len(plain)} risen in-tree exceptions are named "
           f"({', '.join(ratio(plain, each) for each in ('escaped', 'tree', 'outside'))}); besides, {len(risen) - len(plain)} were provoked by tests or "
           'come from a `raise` statement.', '',
           '| package | version | passed | failed | lines ran | errors | on lines that ran | refuted | confirmed | mixed | undecided | risen, named |',
           '|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|']
    for row in rows:
        own = collections.Counter(error['verdict'] for error in row['errors'])
        rose = [record for record in row['risen'] if not record['explicit'] and record['fate'] != 'provoked']
        out.append(f"| {row['name']} | {row['version']} | {row['passed']} | {row['failed']}{'' if row['complete'] else ', ended early'} | {row['lines_ran']} | "
                   f"{len(row['errors'])} | {len(row['errors']) - own['not run']} | {own['refuted']} | {own['confirmed']} | {own['mixed']} | {own['undecided']} | "
                   f"{len(rose)}, {sum(record['named'] for record in rose)} |")
    out += mutants_of(rows)
    for each in VERDICTS[:4]:
        chosen = [error for error in errors if error['verdict'] == each]
        if chosen:
            out += ['', f'## {each.capitalize()}', '']
        for error in chosen:
            out += [f"* {error['package']} `{error['path']}:{error['line']}` {error['message']} [{error['rule']}]: {error['why']}", '',
                    f"      {error['text']}", *(f'      chain {link}' for link in error['chain']), *(f'      stack {frame}' for frame in error['stack'][:4]), '']
    for title, chosen in (('Risen and named', [record for record in plain if record['named']]),
                          ('Risen and not named', [record for record in plain if not record['named']])):
        out += ['', f'## {title}', '']
        for record in chosen:
            out.append(f"* {record['package']} `{record['path']}:{record['line']}` {record['exception']}: {record['text']} ({record['count']} times, "
                       f"{record['fate']}: {', '.join(list(record['caught'])[:2])}): `{record['source']}`")
    out += ['', f'## Left out: {len(left_out)}', '']
    reasons = collections.defaultdict(list)
    for row in left_out:
        reasons[row['why'].split(':')[0].split(' (')[0]].append(row['name'])
    out += [f"* {why}: {', '.join(sorted(named))}" for why, named in sorted(reasons.items(), key=lambda item: -len(item[1]))]
    return '\n'.join(out) + '\n'


def mutants_of(rows: list[dict]) -> list[str]:
    """What became of seeded bugs."""
    rows = [row for row in rows if row.get('mutants')]
    if not rows:
        return []
    errors = [{**error, 'package': row['name']} for row in rows for error in row['mutants']['errors']]
    counts = collections.Counter(error['verdict'] for error in errors)
    seeds, rose, named = (sum(row['mutants'][key] for row in rows) for key in ('seeded', 'rose', 'named'))
    out = ['', '## Seeded bugs', '', f'{seeds} seeded into {len(rows)} packages, of which {rose} raised under the suite; coship names {named} of these. '
           f"{len(errors)} errors on them: " + ', '.join(f'{counts[each]} {each}' for each in VERDICTS) + '.', '']
    for error in errors:
        if error['verdict'] in ('refuted', 'mixed'):
            out += [f"* {error['verdict']}: {error['package']} `{error['path']}:{error['line']}` {error['message']} [{error['rule']}]: {error['why']}: "
                    f"`{error['text']}`", *(f'      chain {link}' for link in error['chain'])]
    return [*out, *(f"* missed: {row['name']} {missed}" for row in rows for missed in row['mutants']['missed'])]


def ratio(records: list[dict], kind: str) -> str:
    """How many exceptions of a fate are named."""
    chosen = [record for record in records if record['fate'] == kind]
    words = {'escaped': 'that failed a test', 'tree': 'caught in the tree', 'outside': 'caught elsewhere'}
    return f"{words[kind]}: {sum(record['named'] for record in chosen)} of {len(chosen)}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('specs', nargs='*', metavar='NAME or DIRECTORY')
    parser.add_argument('--list', type=pathlib.Path, help='a file with one of them a line')
    parser.add_argument('--names', type=pathlib.Path, help='a file of names to draw from')
    parser.add_argument('--date', default=datetime.date.today().isoformat())
    parser.add_argument('--count', type=int, default=0, help='how many suites have to run')
    parser.add_argument('--min-errors', type=int, default=0, help='leave out, unrun, the suites on which coship has fewer')
    parser.add_argument('--tries', type=int, default=400, help='how many names are drawn at most')
    parser.add_argument('--jobs', type=int, default=2, help='how many are prepared side by side')
    parser.add_argument('--mutants', type=int, default=0, help='seed so many bugs into each, and hold the errors on them against the suite')
    parser.add_argument('--timeout', type=float, default=300, help='seconds for one suite')
    parser.add_argument('--cache', type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()) / 'coship-refute')
    parser.add_argument('--keep', action='store_true', help='keep environments, for another coship on the same suites')
    parser.add_argument('--coship', default=str(ROOT / 'target' / 'debug' / 'coship'))
    parser.add_argument('--python', default=sys.executable, help='3.12 or later, runs the suites')
    parser.add_argument('--user', help='who runs foreign code')
    parser.add_argument('--runner', choices=('pytest', 'unittest'), default='pytest')
    parser.add_argument('--bare', action='store_true', help='directories as they stand: nothing is installed')
    parser.add_argument('--findings', type=pathlib.Path, help="coship's JSON, instead of running it")
    parser.add_argument('--out', type=pathlib.Path)
    parser.add_argument('--page', type=pathlib.Path)
    options = parser.parse_args()
    specs = [f'.{os.sep}{spec}' if os.sep not in spec and pathlib.Path(spec).is_dir() else spec for spec in options.specs]
    if options.list:
        specs += [line.split('#')[0].strip() for line in options.list.read_text().splitlines() if line.split('#')[0].strip()]
    if options.names:
        specs += drawn(options.names, options.date)[:options.tries]
    run = Run(options, Workshop(options.cache, options.python, options.user, options.timeout))
    with concurrent.futures.ThreadPoolExecutor(1 if options.bare else options.jobs) as pool:
        list(pool.map(run.one, specs))
    run.write()
    print(page({'coship': version_of(options), 'python': python_of(options.python), 'draw': {}}, run.results, run.left_out).split('\n| package')[0])
    return int(any(error['verdict'] == 'refuted' for row in run.results for error in row['errors']))


if __name__ == '__main__':
    sys.exit(main())
