#!/usr/bin/env python3
"""Seeds defects into generated gateway systems and counts how many `coship check --fix` mends.

    python3 tests/fixes.py                      300 defects
    python3 tests/fixes.py --count 60 --seed 7  others
    python3 tests/fixes.py --show 5             print some that were not mended

A system is a gateway, routers, cores and a program of its own that calls each wrapper and prints what comes back. A defect breaks it in one of the ways of
KINDS. The fixed system's program has to print, under CPython, what the whole one prints; the lines that neither the defect nor the fix is about stay as they
are, to the byte. Kinds that can only be mended by taking something away run with `--unsafe-fixes`; half of all run beside the deployed version.

Without `--unsafe-fixes` a fix may leave the defect, but never make the program print something else.
"""

import argparse
import collections
import difflib
import os
import pathlib
import random
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
NAMES = ['key', 'value', 'ttl', 'namespace', 'region', 'prefix', 'limit', 'offset', 'level', 'payload']
SHAPES = ['plain', 'default', 'keyword-only', 'lines', 'comments', 'lambda', 'method', 'partial', 'async', 'annotated']


class System:
    """A whole system: files by path, and where the things are that defects break."""

    def __init__(self, picker: random.Random):
        self.picker = picker
        self.newline = picker.choice(['\n', '\n', '\r\n'])
        self.tab = picker.choice(['    ', '    ', '  ', '\t'])
        self.operations = []
        for index in range(picker.randint(3, 5)):
            names = picker.sample(NAMES, picker.randint(2, 3))
            self.operations.append((f'{picker.choice(["load", "store", "emit", "purge"])}_{index}', names, picker.choice(SHAPES)))
        self.files = self.written()

    def head(self, name: str, names: list[str], shape: str) -> str:
        first, *rest = names
        match shape:
            case 'default':
                inner = ', '.join([first, *[f'{one}={index + 1}' for index, one in enumerate(rest)]])
            case 'keyword-only':
                inner = f'{first}, *, ' + ', '.join(f'{one}=None' for one in rest)
            case 'lines':
                inner = '\n' + ''.join(f'{self.tab}{self.tab}{one},\n' for one in names)
            case 'comments':
                inner = f'{first},  # the first\n' + ''.join(f'{self.tab}{self.tab}{one}=None,  # {one}, and (\n' for one in rest) + self.tab
            case 'annotated':
                inner = ', '.join([f'{first}: str', *[f'{one}: dict[str, int] | None = None' for one in rest]])
            case _:
                inner = ', '.join([first, *[f'{one}=None' for one in rest]])
        return f'def {name}({inner})'

    def core(self) -> str:
        lines = ['"""What the operations do."""', 'import functools', '', '']
        for name, names, shape in self.operations:
            body = 'return (' + ', '.join([repr(name), *names]) + ')'
            match shape:
                case 'lambda':
                    lines += [f'{name} = lambda {", ".join([names[0], *[f"{one}=None" for one in names[1:]]])}: ({", ".join([repr(name), *names])})', '', '']
                case 'method':
                    lines += [f'class Of_{name}:', f'{self.tab}' + self.head('run', ['self', *names], 'plain') + ':',
                              f'{self.tab}{self.tab}{body}', '', '', f'{name} = Of_{name}().run', '', '']
                case 'partial':
                    lines += [self.head(f'_{name}', [*names], shape).replace('(', '(_, ', 1) + ':', f'{self.tab}{body}', '', '', f'{name} = functools.partial(_{name}, 1)', '', '']
                case 'async':
                    lines += ['async ' + self.head(f'later_{name}', names, shape) + ':', f'{self.tab}{body}', '', '',
                              self.head(name, names, 'plain') + ':', f'{self.tab}return {", ".join([repr(name), *names])}', '', '']
                case _:
                    lines += [self.head(name, names, shape) + ':', f'{self.tab}{body}', '', '']
        return '\n'.join(lines)

    def written(self) -> dict[str, str]:
        tab = self.tab
        router = ['import core', '', '_DISPATCH = {', *[f"{tab}'{name}': core.{name}," for name, *_ in self.operations], '}', '', '',
                  'def execute(operation, **kwargs):', f'{tab}return _DISPATCH[operation](**kwargs)', '']
        gateway = ['import importlib', '', "_ROUTERS = {'store': ('interface_store', 'execute'), 'twin': ('interface_twin', 'execute_twin')}", '', '',
                   'def execute_operation(interface, operation, **kwargs):', f'{tab}module, function = _ROUTERS[interface]',
                   f'{tab}return getattr(importlib.import_module(module), function)(operation, **kwargs)', '']
        wrappers = ['from gateway import execute_operation', 'from helpers import clean', 'import tools', '']
        for name, names, _ in self.operations:
            passed = ', '.join(f'{one}={one}' for one in names)
            wrappers += ['', f'def do_{name}({", ".join(names)}):', f"{tab}return execute_operation('store', '{name}', {passed})", '']
            wrappers += ['', f'def direct_{name}({", ".join(names)}):', f'{tab}import core', f'{tab}{names[0]} = clean({names[0]})',
                         f'{tab}return tools.mark(core.{name}({passed}))', '']
        main = ['import wrappers', '']
        for name, names, _ in self.operations:
            values = ', '.join(repr(f'{one}!') for one in names)
            main += [f'print(wrappers.do_{name}({values}))', f'print(wrappers.direct_{name}({values}))']
        main.append('')
        files = {
            'core.py': self.core(),
            'interface_store.py': '\n'.join(router),
            'interface_twin.py': '\n'.join(['import core', '', '', 'def execute_twin(operation, **kwargs):', f'{tab}return core.__name__', '']),
            'gateway.py': '\n'.join(gateway),
            'wrappers.py': '\n'.join(wrappers),
            'helpers.py': '\n'.join(['# Gr\u00fc\u00dfe', 'def clean(text):', f'{tab}return text.strip()', '']),
            'tools.py': '\n'.join(['def mark(thing):', f"{tab}return ['marked', thing]", '']),
            'attic.py': '\n'.join(['"""Other things."""', '', '', 'def unrelated():', f'{tab}return 1', '']),
            'main.py': '\n'.join(main),
        }
        return {path: text.replace('\n', self.newline) for path, text in files.items()}

    def edit(self, path: str, old: str, new: str) -> bool:
        old, new = old.replace('\n', self.newline), new.replace('\n', self.newline)
        if self.files[path].count(old) < 1:
            return False
        self.files[path] = self.files[path].replace(old, new, 1)
        return True

    def some(self, *shapes: str):
        those = [operation for operation in self.operations if not shapes or operation[2] in shapes]
        return self.picker.choice(those) if those else None


def misspelt(system: System) -> bool:
    _, names, _ = operation = system.some()
    long = [name for name in names if len(name) > 4]
    return bool(long) and system.edit('wrappers.py', f"'{operation[0]}', " + ', '.join(f'{one}={one}' for one in names),
                                      f"'{operation[0]}', " + ', '.join(f'{one[:-2] + one[-1] if one == long[0] else one}={one}' for one in names))


def misspelt_direct(system: System) -> bool:
    _, names, _ = operation = system.some()
    long = [name for name in names if len(name) > 4]
    return bool(long) and system.edit('wrappers.py', f'core.{operation[0]}(' + ', '.join(f'{one}={one}' for one in names),
                                      f'core.{operation[0]}(' + ', '.join(f'{one + "s" if one == long[0] else one}={one}' for one in names))


def parameter_removed(system: System) -> bool:
    found = system.some('plain', 'default', 'keyword-only', 'lines', 'comments', 'annotated')
    if not found:
        return False
    name, names, shape = found
    head = system.head(name, names, shape)
    if shape == 'keyword-only' and len(names) == 2:
        return False
    return system.edit('core.py', head + ':', system.head(name, names[:-1], shape) + ':')


def parameter_renamed(system: System) -> bool:
    found = system.some('plain', 'default', 'keyword-only', 'lines', 'annotated')
    if not found:
        return False
    name, names, shape = found
    renamed = [*names[:-1], f'{names[-1]}_renamed']
    body = '\n' + system.tab + 'return (' + ', '.join([repr(name), *names]) + ')'
    return system.edit('core.py', system.head(name, names, shape) + ':' + body,
                       system.head(name, renamed, shape) + ':' + body.replace(f', {names[-1]})', f', {renamed[-1]})'))


def head_renamed(system: System) -> bool:
    found = system.some('plain', 'default', 'keyword-only', 'annotated')
    if not found:
        return False
    name, names, shape = found
    return system.edit('core.py', system.head(name, names, shape) + ':', system.head(name, [*names[:-1], 'another'], shape) + ':')


def forwarded(system: System) -> bool:
    return system.edit('gateway.py', 'operation, **kwargs):', 'operation, timeout=30, **kwargs):') \
        and system.edit('gateway.py', '(operation, **kwargs)\n', '(operation, timeout=timeout, **kwargs)\n')


def name_moved(system: System) -> bool:
    text = system.files['helpers.py']
    start = text.index('def clean')
    system.files['attic.py'] += system.newline * 2 + text[start:]
    system.files['helpers.py'] = text[:start] + 'other = 1' + system.newline
    return True


def attribute_moved(system: System) -> bool:
    text = system.files['tools.py']
    system.files['attic.py'] += system.newline * 2 + text
    system.files['tools.py'] = 'other = 1' + system.newline
    return True


def module_moved(system: System) -> bool:
    system.files['shared/__init__.py'] = ''
    system.files['shared/helpers.py'] = system.files.pop('helpers.py')
    return True


def import_lost(system: System) -> bool:
    return system.edit('wrappers.py', 'from helpers import clean\n', '')


def router_moved(system: System) -> bool:
    text = system.files['interface_store.py']
    start = text.index('def execute')
    system.files['routing.py'] = text
    system.files['interface_store.py'] = text[:start]
    return True


def dropped(system: System) -> bool:
    # Elsewhere the first parameter has a default, so that nothing fails.
    found = system.some('plain', 'default', 'keyword-only', 'lines', 'comments', 'annotated', 'lambda')
    if not found:
        return False
    name, names, _ = found
    passed = ', '.join(f'{one}={one}' for one in names)
    target = system.picker.choice([f"'{name}', ", f'core.{name}('])
    return system.edit('wrappers.py', target + passed, target + passed.replace(f'{names[0]}={names[0]}, ', '', 1))


def unknown(system: System) -> bool:
    name, names, _ = system.some()
    passed = ', '.join(f'{one}={one}' for one in names)
    target = system.picker.choice([f"'{name}', ", f'core.{name}('])
    return system.edit('wrappers.py', target + passed, f'{target}{passed}, not_a_parameter=None')


def surplus(system: System) -> bool:
    name, names, _ = system.some()
    passed = ', '.join(f'{one}={one}' for one in names)
    if system.picker.random() < 0.5:
        return system.edit('wrappers.py', f'clean({names[0]})', f'clean({names[0]}, 0)')
    return system.edit('wrappers.py', f'core.{name}({passed}))', f'core.{name}({passed}), None)')


def dead_ignore(system: System) -> bool:
    return system.edit('wrappers.py', 'import tools\n', 'import tools  # noqa: X1  # coship: ignore[missing-module] it was elsewhere\n')


KINDS = {
    # What to do, whether only an unsafe fix can mend it, and whether it takes the deployed version.
    'keyword misspelt': (misspelt, False, None),
    'keyword misspelt, direct call': (misspelt_direct, False, None),
    'parameter removed': (parameter_removed, False, None),
    'parameter renamed': (parameter_renamed, False, True),
    'parameter renamed in the head alone': (head_renamed, False, None),
    'keyword forwarded': (forwarded, True, None),
    'name moved': (name_moved, False, None),
    'attribute moved': (attribute_moved, False, None),
    'module moved': (module_moved, False, None),
    'import lost': (import_lost, False, None),
    'router moved': (router_moved, False, None),
    'argument dropped': (dropped, False, None),
    'keyword unknown': (unknown, True, None),
    'argument too many': (surplus, True, None),
    'ignore comment left': (dead_ignore, False, None),
}


def lay_out(files: dict[str, str], directory: pathlib.Path) -> None:
    for path, text in files.items():
        target = directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())


def printed(directory: pathlib.Path) -> str | None:
    done = subprocess.run([sys.executable, '-B', 'main.py'], cwd=directory, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout if done.returncode == 0 else None


def check(coship: str, directory: pathlib.Path, *arguments: str) -> subprocess.CompletedProcess:
    done = subprocess.run([coship, 'check', '.', '--isolated', *arguments], cwd=directory, capture_output=True, text=True, timeout=120, check=False,
                          env={**os.environ, 'COSHIP_NO_CACHE': '1', 'COSHIP_OUTPUT_FORMAT': 'concise'})
    if done.returncode not in (0, 1):
        raise RuntimeError(f'exit {done.returncode}: {done.stderr}')
    return done


def tried(coship: str, kind: str, seed: int) -> tuple[str, str]:
    """`mended`, `left`, or `WRONG`, with what coship said."""
    defect, is_unsafe, beside = KINDS[kind]
    picker = random.Random(f'{kind} {seed}')
    for _ in range(50):
        whole = System(picker)
        broken = System.__new__(System)
        broken.__dict__ |= {**whole.__dict__, 'files': dict(whole.files)}
        if defect(broken) and broken.files != whole.files:
            break
    else:
        raise RuntimeError(f'no system for {kind}')
    with tempfile.TemporaryDirectory() as directory:
        old, new = pathlib.Path(directory) / 'old', pathlib.Path(directory) / 'new'
        lay_out(whole.files, old)
        lay_out(broken.files, new)
        wanted = printed(old)
        assert wanted is not None, 'the whole system runs'
        assert check(coship, old, '--against', 'none').returncode == 0, 'the whole system is clean'
        is_dead = kind == 'ignore comment left'
        before = printed(new)
        assert is_dead or before != wanted, f'{kind}: the defect shows'
        against = str(old) if beside or (beside is None and seed % 2) else 'none'
        flags = ['--fix', '--against', against, *(['--unsafe-fixes'] if is_unsafe else [])]
        done = check(coship, new, *flags)
        said = done.stdout + done.stderr
        now = printed(new)
        if now not in (None, wanted, before):
            return 'WRONG', f'{now!r} for {wanted!r}\n{said}'
        changed = 0
        for path, text in broken.files.items():
            after = (new / path).read_bytes().decode()
            matcher = difflib.SequenceMatcher(None, text.splitlines(keepends=True), after.splitlines(keepends=True), autojunk=False)
            changed += sum(max(b - a, d - c) for tag, a, b, c, d in matcher.get_opcodes() if tag != 'equal')
            if has_other_line_ends(text, after):
                return 'WRONG', f'{path}: line ends\n{said}'
        if changed > 12:
            return 'WRONG', f'{changed} lines changed\n{said}'
        if is_dead:
            is_gone = 'coship: ignore' not in (new / 'wrappers.py').read_text() and '# noqa: X1' in (new / 'wrappers.py').read_text()
            return ('mended' if is_gone else 'left'), said
        return ('mended' if now == wanted and done.returncode == 0 else 'left'), said


def has_other_line_ends(before: str, after: str) -> bool:
    """Whether a file of CRLF has got another line end."""
    return '\r\n' in before and after.replace('\r\n', '').count('\n') > 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--count', type=int, default=300)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--show', type=int, default=0, help='how many that were not mended to print')
    parser.add_argument('--coship', default=str(ROOT / 'target' / 'debug' / 'coship'))
    options = parser.parse_args()
    coship = os.path.abspath(options.coship)
    table = collections.Counter()
    shown = 0
    wrong = 0
    for number in range(options.count):
        kind = list(KINDS)[number % len(KINDS)]
        word, said = tried(coship, kind, options.seed * 100_000 + number)
        table[kind, word] += 1
        wrong += word == 'WRONG'
        if word == 'WRONG' or (word == 'left' and shown < options.show):
            shown += word == 'left'
            print(f'--- {kind}: {word}\n{said}')
    print('| defect | seeded | mended |\n|---|---|---|')
    for kind in KINDS:
        words = {word: table[kind, word] for word in ('mended', 'left', 'WRONG')}
        print(f'| {kind} | {sum(words.values())} | {words["mended"]} |')
    mended = sum(number for (_, word), number in table.items() if word == 'mended')
    print(f'{mended} of {options.count} mended, {wrong} wrong')
    each = all(table[kind, 'mended'] * 2 >= sum(table[kind, word] for word in ('mended', 'left', 'WRONG')) for kind in KINDS)
    return 0 if not wrong and each and mended * 3 >= options.count * 2 else 1


if __name__ == '__main__':
    sys.exit(main())
