"""Runs a module as `python -m` does and records which lines of a tree ran, which expressions came to their end, and what rose.

    python line_monitor.py CONFIG.json MODULE [ARGUMENT ...]

Needs CPython 3.12 or later: `sys.monitoring` tells of each line once, so that a test suite runs at about its usual speed. Only
the code objects in which a finding stands are followed instruction by instruction: an expression came to its end when, in the
same frame, the instruction behind it is about to run. What runs in other processes is not seen.

CONFIG.json has `tree` (a directory), `out` (the file to write), `limit` (seconds after which the process writes and ends) and
`findings`: each with an `id` and `chain`, the places from the outermost call to the operation that is said to fail, in
coship's own form (`path`, `range`, `note`). The document that is written:

    lines      {path: the lines that ran}
    findings   {id: {located, line_ran, reached, passed, mocked, unawaited, stack, raised, names, exported}}
               reached: how often the last place was entered; passed: how often it came to its end with the whole chain on
               the stack; mocked: how often it did so by the help of a mock, which says nothing; unawaited: how many coroutines
               made on its lines were never awaited; stack: where the first time was; raised: what rose there
    risen      exceptions of five kinds that rose in the tree: place, class, texts, count, and where they were caught
"""

import atexit
import dis
import gc
import json
import os
import runpy
import sys
import threading
import time
import unittest.mock
import warnings

NAMES = (TypeError, AttributeError, NameError, ImportError, KeyError)
"""What the failures that coship looks for raise."""

ENOUGH = 3000
"""How often an expression is watched; exceptions are seen for ever."""

ANONYMOUS = ('<genexpr>', '<lambda>', '<listcomp>', '<dictcomp>', '<setcomp>')
"""Frames that a call chain may leave out."""

MOCKS = unittest.mock.__file__

CALLS = ('CALL', 'CALL_FUNCTION_EX', 'CALL_KW', 'BEFORE_WITH', 'BEFORE_ASYNC_WITH')
KINDS = (
    ('awaits', ('GET_AWAITABLE',)),
    ('imports the module', ('IMPORT_NAME',)),
    ('imports the name', ('IMPORT_FROM',)),
    ('raises', ('RAISE_VARARGS',)),
    ('calls', CALLS),
    ('reads the attribute', ('LOAD_ATTR', 'LOAD_METHOD', 'LOAD_SUPER_ATTR')),
    ('looks', ('BINARY_SUBSCR', 'BINARY_OP', *CALLS)),
    ('', ('LOAD_NAME', 'LOAD_GLOBAL', 'LOAD_FAST_CHECK', 'LOAD_FAST', 'LOAD_DEREF', 'LOAD_FROM_DICT_OR_GLOBALS',
          'LOAD_FROM_DICT_OR_DEREF', 'LOAD_ATTR', 'BINARY_SUBSCR', *CALLS)),
)
"""Which instruction does what a chain's note says."""


class Place:
    """One link of a finding's chain, and what was seen of it."""

    def __init__(self, link: dict, lines: list[str]):
        start, end = link['range']['start'], link['range']['end']
        self.lines = range(start['line'], max(end['line'], start['line'] + 1) + (end['line'] > start['line']))
        self.span = (start['line'], end['line'], column(lines, start), column(lines, end))
        self.text = lines[start['line'] - 1][start['column'] - 1:end['column'] - 1] if start['line'] == end['line'] <= len(lines) else ''
        decorator = lines[start['line'] - 1][:start['column'] - 1].strip() if start['line'] <= len(lines) else ''
        self.is_decorator = decorator == '@'
        self.operations = next(names for note, names in KINDS if link.get('note', '').startswith(note))
        self.is_located = False
        self.reached = 0
        self.unawaited = 0
        self.raised: dict[tuple[str, str, bool], int] = {}
        self.names: set[str] = set()

    def matches(self, position, instruction) -> int:
        """How well an instruction fits: 0 for not at all."""
        line, end_line, start, end = position
        if None in position or instruction.opname not in self.operations:
            return 0
        if (line, end_line, start, end) == self.span:
            return 3
        if (end_line, end) == (self.span[1], self.span[3]) and (line, start) >= (self.span[0], self.span[2]):
            return 2
        within = (line, start) <= (self.span[0], self.span[2]) and (self.span[1], self.span[3]) <= (end_line, end)
        if within and instruction.opname == 'IMPORT_FROM' and self.text.split(' ')[0] == instruction.argval:
            return 1
        return int(within and instruction.opname in ('IMPORT_NAME', 'RAISE_VARARGS'))


def column(lines: list[str], position: dict) -> int:
    """A column in bytes from 0, as code objects count, of one in code points from 1."""
    if position['line'] > len(lines):
        return position['column'] - 1
    return len(lines[position['line'] - 1][:position['column'] - 1].encode())


class Watch:
    """The instructions of one code object that do what findings speak of."""

    def __init__(self, code, places: list[Place]):
        self.targets: dict[int, list[Place]] = {}
        self.ends: dict[int, int] = {}
        self.modules: dict[int, str] = {}
        self.spans: list[tuple[int, int, Place]] = []
        self.lines = {offset: line for start, end, line in code.co_lines() if line for offset in range(start, end, 2)}
        instructions = [found for found in dis.get_instructions(code) if found.opname != 'CACHE']
        scores: dict[int, dict[Place, int]] = {}
        for index, instruction in enumerate(instructions):
            position = tuple(instruction.positions or (None,) * 4)
            for place in places:
                if score := place.matches(position, instruction):
                    scores.setdefault(index, {})[place] = score
        best = {place: max(row.get(place, 0) for row in scores.values()) for row in scores.values() for place in row}
        last = {place: index for index in sorted(scores) for place in scores[index]}
        for index, row in scores.items():
            for place, score in row.items():
                if score == best[place] and index + 1 < len(instructions):
                    # `@f(1)` is two calls with one position: what came by the second has passed the first.
                    self.add(instructions, index, place, not place.is_decorator or index == last[place])

    def add(self, instructions: list, index: int, place: Place, is_end: bool) -> None:
        """Watches an instruction and, if the place ends by it, the one behind it, prefixes of either included."""
        place.is_located = True
        if instructions[index].opname == 'IMPORT_NAME':
            self.modules[instructions[index].offset] = instructions[index].argval
        first = index
        while first and instructions[first - 1].opname == 'EXTENDED_ARG':
            first -= 1
        for prefix in instructions[first:index + 1] if is_end else ():
            places = self.targets.setdefault(prefix.offset, [])
            if place not in places:
                places.append(place)
        behind = index + 1
        self.spans.append((instructions[first].offset, instructions[behind].offset, place))
        while is_end:
            self.ends[instructions[behind].offset] = instructions[index].offset
            if instructions[behind].opname != 'EXTENDED_ARG' or behind + 1 == len(instructions):
                break
            behind += 1

    def is_mock(self, offset: int) -> bool:
        """Whether an import took a mock that somebody put among the modules."""
        return isinstance(sys.modules.get(self.modules.get(offset)), unittest.mock.NonCallableMock)

    def places_at(self, offset: int) -> list[Place]:
        """What is being evaluated while a frame stands at an instruction, or at what is cached behind it."""
        return [place for start, end, place in self.spans if start <= offset < end]


class Finding:
    """A claim: with this chain of calls on the stack, the last place raises."""

    def __init__(self, given: dict, places: list[tuple[str, Place]]):
        self.id = given['id']
        self.chain = places
        self.passed = 0
        self.mocked = 0
        self.stack: list[str] = []


class Monitor:
    """Records what runs until it is asked to write."""

    def __init__(self, config: dict):
        self.tree = os.path.realpath(config['tree']) + os.sep
        self.out = config['out']
        self.limit = config['limit']
        self.process = os.getpid()
        self.paths: dict[str, str | None] = {}
        self.lines: dict[str, set[int]] = {}
        self.places: dict[str, list[Place]] = {}
        self.findings: list[Finding] = []
        self.claims: dict[int, list[Finding]] = {}
        self.watches: dict = {}
        self.open: dict[int, tuple[int, int]] = {}
        self.mocks = 0
        self.count: dict[tuple, int] = {}
        self.alive: dict[int, dict] = {}
        self.risen: dict[tuple, dict] = {}
        self.is_raise: dict[tuple, bool] = {}
        known: dict[str, Place] = {}
        texts: dict[str, list[str]] = {}
        for given in config['findings']:
            chain = []
            for link in given['chain']:
                path = link['path']
                if path not in texts:
                    texts[path] = source(self.tree + path)
                key = json.dumps([path, link['range'], link.get('note', '')])
                if key not in known:
                    known[key] = Place(link, texts[path])
                    self.places.setdefault(path, []).append(known[key])
                chain.append((path, known[key]))
            finding = Finding(given, chain)
            self.findings.append(finding)
            self.claims.setdefault(id(chain[-1][1]), []).append(finding)

    def path_of(self, code) -> str | None:
        """The path in the tree of the file that some code comes from."""
        name = code.co_filename
        if name not in self.paths:
            real = os.path.realpath(name) if name.endswith('.py') else ''
            self.paths[name] = real[len(self.tree):].replace(os.sep, '/') if real.startswith(self.tree) else None
        return self.paths[name]

    def start(self) -> None:
        """Takes a tool's place in this interpreter."""
        monitoring = sys.monitoring
        self.tool = next(tool for tool in (4, 3, 2, 5) if monitoring.get_tool(tool) is None)
        monitoring.use_tool_id(self.tool, 'coship-refute')
        events = monitoring.events
        self.local = events.LINE, events.INSTRUCTION
        for event, callback in ((events.PY_START, self.on_start), (events.LINE, self.on_line), (events.INSTRUCTION, self.on_instruction),
                                (events.RAISE, self.on_raise), (events.PY_UNWIND, self.on_unwind)):
            monitoring.register_callback(self.tool, event, callback)
        monitoring.set_events(self.tool, events.PY_START | events.RAISE | events.PY_UNWIND)
        sys.set_coroutine_origin_tracking_depth(1)
        self.warn, warnings._warn_unawaited_coroutine = warnings._warn_unawaited_coroutine, self.on_unawaited
        atexit.register(self.write)
        threading.Thread(target=self.end_in_time, daemon=True).start()

    def end_in_time(self) -> None:
        """Writes what there is when the time is over."""
        time.sleep(self.limit)
        self.write()
        os._exit(124)

    def on_start(self, code, _offset):
        """The first call of some code: from here on its lines are told.

        Not lines and instructions of one code object: 3.12 loses the second where it does not tell the first.
        """
        path = self.path_of(code)
        if code.co_filename == MOCKS:
            self.mocks += 1
            return None
        if path is not None:
            wanted = self.local[0]
            if path in self.places and code not in self.watches:
                watch = Watch(code, self.places[path])
                if watch.targets:
                    self.watches[code] = watch
                    wanted = self.local[1]
            sys.monitoring.set_local_events(self.tool, code, wanted)
        return sys.monitoring.DISABLE

    def on_line(self, code, line):
        """A line of the tree runs for the first time."""
        path = self.path_of(code)
        if path is not None:
            self.lines.setdefault(path, set()).add(line)
        return sys.monitoring.DISABLE

    def on_instruction(self, code, offset):
        """An instruction is about to run in code that findings speak of."""
        watch = self.watches.get(code)
        if watch is None:
            return sys.monitoring.DISABLE
        self.on_line(code, watch.lines.get(offset, code.co_firstlineno))
        if offset not in watch.targets and offset not in watch.ends:
            return sys.monitoring.DISABLE
        frame = sys._getframe(1)
        begun = watch.ends.get(offset)
        if begun is not None:
            entered, mocks = self.open.pop(id(frame), (None, 0))
            for place in watch.targets[begun] if entered == begun else ():
                self.came_to_end(place, frame, mocks != self.mocks or watch.is_mock(begun))
        if offset in watch.targets:
            key = code, offset
            self.count[key] = self.count.get(key, 0) + 1
            if self.count[key] > ENOUGH:
                return sys.monitoring.DISABLE
            for place in watch.targets[offset]:
                place.reached += 1
            self.open[id(frame)] = offset, self.mocks
        return None

    def on_unawaited(self, coroutine) -> None:
        """A coroutine ends that nothing awaited."""
        for file, line, _ in (coroutine.cr_origin or ())[:1]:
            name = os.path.realpath(file)
            for place in self.places.get(name[len(self.tree):].replace(os.sep, '/') if name.startswith(self.tree) else '', ()):
                place.unawaited += line in place.lines
        self.warn(coroutine)

    def came_to_end(self, place: Place, frame, is_mocked: bool) -> None:
        """An expression gave its result: what was claimed of it is refuted if the chain stands."""
        for finding in self.claims.get(id(place), ()):
            if self.is_chain(finding.chain[:-1], frame.f_back):
                if is_mocked:
                    finding.mocked += 1
                    continue
                finding.passed += 1
                if not finding.stack:
                    finding.stack = self.stack(frame)

    def is_chain(self, chain: list[tuple[str, Place]], frame) -> bool:
        """Whether these calls stand on the stack, with nothing of the tree's between them."""
        links = list(chain)
        while links and frame is not None:
            path = self.path_of(frame.f_code)
            if path is not None:
                expected, place = links[-1]
                watch = self.watches.get(frame.f_code)
                at = place in watch.places_at(frame.f_lasti) if watch and place.is_located else frame.f_lineno in place.lines
                if path == expected and at:
                    links.pop()
                elif frame.f_code.co_name not in ANONYMOUS:
                    return False
            frame = frame.f_back
        return not links

    def stack(self, frame) -> list[str]:
        """The tree's frames, innermost first."""
        shown = []
        while frame is not None and len(shown) < 12:
            path = self.path_of(frame.f_code)
            if path is not None:
                shown.append(f'{path}:{frame.f_lineno} in {frame.f_code.co_qualname}')
            frame = frame.f_back
        return shown

    def on_raise(self, code, offset, raised):
        """An exception rises in a frame, or comes up into it."""
        path = self.path_of(code)
        frame = None
        if path is not None:
            frame = sys._getframe(1)
            watch = self.watches.get(code)
            if watch is not None:
                self.open.pop(id(frame), None)
                for place in watch.places_at(offset):
                    self.rose_at(place, raised)
        trace = raised.__traceback__
        is_origin = trace is None or trace.tb_next is None
        if is_origin:
            self.settle(self.alive.pop(id(raised), None))
            if path is not None and isinstance(raised, NAMES) and type(raised).__module__ == 'builtins':
                self.rises(path, frame, code, offset, raised)
        elif (record := self.alive.get(id(raised))) is not None:
            record['last'] = path, code.co_filename, code.co_name, sys._getframe(1).f_lineno
            record['unwound'] = False

    def rose_at(self, place: Place, raised) -> None:
        """Something rose while an expression was evaluated."""
        trace = raised.__traceback__
        is_origin = trace is None or trace.tb_next is None
        key = type(raised).__name__, text_of(raised), is_origin
        if key in place.raised or len(place.raised) < 50:
            place.raised[key] = place.raised.get(key, 0) + 1
            if is_origin:
                place.names.update(kind.__name__ for kind in type(raised).__mro__[:-2])

    def rises(self, path: str, frame, code, offset: int, raised) -> None:
        """An exception of the kinds that coship looks for begins in the tree."""
        key = path, frame.f_lineno, type(raised).__name__
        text = text_of(raised)
        record = self.risen.get(key)
        if record is None:
            if (code, offset) not in self.is_raise:
                self.is_raise[code, offset] = dis.opname[code.co_code[offset]] == 'RAISE_VARARGS'
            record = self.risen[key] = {
                'path': path, 'line': frame.f_lineno, 'exception': key[2], 'text': text, 'texts': [], 'count': 0,
                'explicit': self.is_raise[code, offset], 'stack': self.stack(frame), 'caught': {},
            }
        record['count'] += 1
        if text not in record['texts'] and len(record['texts']) < 20:
            record['texts'].append(text)
        if record['count'] < 50:
            self.alive[id(raised)] = {'of': record, 'last': (path, code.co_filename, code.co_name, frame.f_lineno), 'unwound': False}

    def on_unwind(self, _code, _offset, raised):
        """A frame ends by an exception."""
        record = self.alive.get(id(raised))
        if record is not None:
            record['unwound'] = True

    def settle(self, record: dict | None) -> None:
        """Says where an exception went that is no more."""
        if record is None:
            return
        path, file, function, line = record['last']
        if path is not None:
            where = f'{path}:{line}' + (' into C' if record['unwound'] else '')
        else:
            where = f'{os.path.basename(os.path.dirname(file))}/{os.path.basename(file)}:{function}'
        caught = record['of']['caught']
        if where in caught or len(caught) < 20:
            caught[where] = caught.get(where, 0) + 1

    def undefined(self, finding: Finding, given: dict) -> str | None:
        """For a name listed in `__all__`: what the module that lists it says when everything has run."""
        path, place = finding.chain[-1]
        name = place.text.strip('"\'')
        for module in list(sys.modules.values()):
            file = getattr(module, '__file__', None)
            if file and os.path.realpath(file) == self.tree + path:
                try:
                    getattr(module, name)
                except AttributeError:
                    return 'missing'
                except Exception:
                    return None
                return 'there'
        return None

    def write(self) -> None:
        """Writes the document, once, and only in the process that began it."""
        if os.getpid() != self.process or self.out is None:
            return
        out, self.out = self.out, None
        gc.collect()
        sys.monitoring.set_events(self.tool, 0)
        for record in list(self.alive.values()):
            self.settle(record)
        findings = {}
        for finding in self.findings:
            path, place = finding.chain[-1]
            findings[finding.id] = {
                'located': place.is_located, 'line_ran': bool(self.lines.get(path, set()) & set(place.lines)), 'reached': place.reached,
                'passed': finding.passed, 'mocked': finding.mocked, 'unawaited': place.unawaited, 'stack': finding.stack, 'names': sorted(place.names),
                'raised': [{'exception': name, 'text': text, 'here': here, 'count': count}
                           for (name, text, here), count in place.raised.items()],
                'exported': self.undefined(finding, {}) if place.text[:1] in ('"', "'") else None,
            }
        document = {'lines': {path: sorted(lines) for path, lines in sorted(self.lines.items())}, 'findings': findings,
                    'risen': list(self.risen.values())}
        with open(f'{out}.partial', 'w', encoding='utf-8') as file:
            json.dump(document, file)
        os.replace(f'{out}.partial', out)


def text_of(raised) -> str:
    """An exception's text, if it can be had without running code of others."""
    arguments = BaseException.__getattribute__(raised, 'args')
    text = arguments[0] if arguments else ''
    return (text if type(text) is str else repr(text) if type(text) in (int, float, bool, tuple, bytes, type(None)) else f'<{type(text).__name__}>')[:300]


def source(path: str) -> list[str]:
    """The lines of a file, as columns count in them."""
    try:
        with open(path, encoding='utf-8-sig', errors='replace', newline=None) as file:
            return file.read().split('\n')
    except OSError:
        return []


def main() -> None:
    with open(sys.argv[1], encoding='utf-8') as file:
        config = json.load(file)
    del sys.argv[:2]
    sys.path[0] = os.getcwd()
    Monitor(config).start()
    runpy.run_module(sys.argv[0], run_name='__main__', alter_sys=True)


if __name__ == '__main__':
    main()
