"""Bugs seeded into a distribution, and its test suite run over each batch of them: whether what coship says of them is what happens."""

import dataclasses
import json
import os
import pathlib
import random
import shutil
import time

from mutants import FINDER, KINDS, batches, laid_out, place_of, sources, verdict

from support.suites import Ran, Suite, Workshop

SIZE = 10
"""Mutants in one copy of a tree: the first that raises in a test hides what the test would do after it."""


def mutants_of(workshop: Workshop, suite: Suite) -> list[dict]:
    """All mutants of a distribution's own code, tests left out."""
    finder = shutil.copy(FINDER, suite.home / FINDER.name)
    done = workshop.run([suite.python, '-W', 'ignore', finder, suite.tree], cwd=suite.home / 'home', seconds=300, network=False,
                        given=json.dumps(sources(suite.tree)), home=suite.home / 'home')
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"')]


def chosen(mutants: list[dict], lines: dict[str, list[int]], count: int, seed: int) -> list[dict]:
    """Mutants of each kind within functions, on lines that the suite runs."""
    ran = {path: set(numbers) for path, numbers in lines.items()}
    fit = [mutant for mutant in mutants if mutant['within'][1] and ran.get(mutant['path'], set()) & set(range(mutant['line'], mutant['end'] + 1))]
    random.Random(seed).shuffle(fit)
    rows = [[mutant for mutant in fit if mutant['kind'] == kind] for kind in KINDS]
    picked, places = [], set()
    while len(picked) < count and any(rows):
        for row in rows:
            mutant = row.pop() if row else None
            if mutant and len(picked) < count and (mutant['path'], mutant['line']) not in places:
                places.add((mutant['path'], mutant['line']))
                picked.append(mutant)
    return picked


def seeded(workshop: Workshop, suite: Suite, check, judged, before: list[dict], lines: dict, runner: str, count: int, seconds: float) -> dict:
    """What coship says of seeded bugs, held against a run of each batch.

    `check` gives the errors of a tree, `judged` the verdicts on errors after a run. A mutant *rose* if a TypeError began on its lines, and
    is *named* if an error stands there.
    """
    known = {place_of(error) for error in before}
    row: dict = {'seeded': 0, 'rose': 0, 'named': 0, 'errors': [], 'missed': []}
    link = next((suite.home / 'env' / 'lib').glob('python3.*')) / 'site-packages' / 'refute.pth'
    until = time.monotonic() + seconds
    try:
        for number, group in enumerate(batches(chosen(mutants_of(workshop, suite), lines, count, 1), SIZE)):
            if time.monotonic() > until:
                break
            tree = suite.home / f'seeded{number}'
            shutil.rmtree(tree, ignore_errors=True)
            group = laid_out(suite.tree, group, tree)
            workshop.own_all(tree)
            link.write_text(f'{tree}\n')
            errors = [error for error in check(tree) if place_of(error) not in known]
            ran = workshop.test(dataclasses.replace(suite, tree=tree), numbered(errors), runner)
            add(row, group, errors, ran, judged(dataclasses.replace(suite, tree=tree), errors, ran))
            shutil.rmtree(tree)
    finally:
        link.write_text(f'{suite.tree}\n')
    return row


def numbered(errors: list[dict]) -> list[dict]:
    """Errors as the monitor takes them."""
    return [{'id': str(number), 'chain': error['chain'] or [{**error, 'note': ''}]} for number, error in enumerate(errors)]


def add(row: dict, group: list[dict], errors: list[dict], ran: Ran, result: dict) -> None:
    """Counts what one batch came to."""
    row['errors'] += result['errors']
    for mutant in group:
        row['seeded'] += 1
        rose = [record for record in (ran.document or {'risen': []})['risen'] if record['path'] == mutant['path']
                and mutant['line'] <= record['line'] <= mutant['end'] and record['exception'] == 'TypeError' and not record['explicit']]
        if rose:
            row['rose'] += 1
            if verdict(mutant, errors) == 'reported':
                row['named'] += 1
            else:
                row['missed'].append(f"{mutant['kind']} {mutant['path']}:{mutant['line']}: {rose[0]['text']}")
