"""Runs the cases of tests/python/*.md, and tells every exception that rose in them: tests/python_blocks.rs asks.

Standard input: a JSON list of {"folder": where the case's files are, "runs": [lines of Python]}. Each case's main.py is run as a script first, then each
line by itself; every run is a process of its own. Standard output: a JSON list with a list of runs for each case:

    {"code": null for main.py or the line, "uncaught": the exception that ended the run, or null,
     "raised": [{"text": an exception, "places": [[file, first line, last line], ...]}]}

`raised` has every exception that was raised or passed in the case's own frames, caught or not, with the calls that were open then: the span of the
expression that each frame was in. A coroutine that nobody awaits counts as raised where it was made.
"""

# Cases import most of these, and a fork is quicker than an import.
import asyncio, collections, contextlib, dataclasses, enum, functools, importlib, inspect, logging  # noqa: E401, F401
import gc
import json
import os
import signal
import sys
import threading
import types
import typing  # noqa: F401
import unittest  # noqa: F401
import warnings

LIMIT = 20
MOST = 3000


def text_of(error: BaseException) -> str:
    """The exception as a traceback's last line has it, without suggestions and without the file that an ImportError names."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ in ('builtins', '__main__') else f'{kind.__module__}.{kind.__qualname__}'
    try:
        words = str(error)
    except Exception:
        words = '<no text>'
    if isinstance(error, ImportError) and error.path and words.endswith(')'):
        words = words.rpartition(' (')[0]
    return f'{name}: {words}' if words else name


class Recorder:
    """Notes exceptions in frames whose code lies in the folder."""

    def __init__(self, folder: str):
        self.folder = folder + os.sep
        self.raised: dict[int, dict] = {}
        self.alive: list = []

    def place(self, frame) -> list | None:
        code = frame.f_code
        if not code.co_filename.startswith(self.folder):
            return None
        first = last = frame.f_lineno or 0
        for index, position in enumerate(code.co_positions()):
            if index == frame.f_lasti // 2:
                first, last = position[0] or first, position[1] or last
                break
        return [code.co_filename[len(self.folder):].replace(os.sep, '/'), first, last]

    def note(self, key, text: str, places: list) -> None:
        if key not in self.raised and len(self.raised) < MOST:
            self.raised[key] = {'text': text, 'places': []}
        entry = self.raised.get(key)
        if entry:
            entry['places'] += [place for place in places if place not in entry['places']]

    def trace(self, frame, event, argument):
        if not frame.f_code.co_filename.startswith(self.folder):
            return None
        frame.f_trace_lines = False
        if event == 'exception' and isinstance(argument[1], BaseException):
            error, places = argument[1], []
            while frame:
                place = self.place(frame)
                if place:
                    places.append(place)
                frame = frame.f_back
            self.alive.append(error)
            self.note(id(error), text_of(error), places)
        return self.trace

    def warn(self, message) -> None:
        """A coroutine that nobody awaited; the other warnings are nobody's business here."""
        text = str(message.message).partition('\n')[0]
        if 'was never awaited' not in text:
            return
        origin = getattr(message.source, 'cr_origin', None) or ()
        places = [[file[len(self.folder):], line, line] for file, line, _ in origin if file.startswith(self.folder)]
        self.note((text, str(places)), f'{message.category.__name__}: {text}', places)


def execute(folder: str, code: str | None) -> dict:
    """One run, in this process."""
    for name in os.listdir(folder):
        if name not in ('main.py', '__main__.py'):
            sys.modules.pop(name.removesuffix('.py'), None)
    os.chdir(folder)
    sys.path.insert(0, folder)
    sys.argv = ['main.py']
    module = types.ModuleType('__main__')
    module.__dict__.update(__builtins__=__builtins__)
    if code is None:
        module.__file__ = os.path.join(folder, 'main.py')
        with open(module.__file__, encoding='utf-8') as file:
            source = file.read()
    else:
        source = code
    sys.modules['__main__'] = module
    recorder = Recorder(folder)
    warnings.simplefilter('ignore')
    warnings.filterwarnings('always', category=RuntimeWarning)
    warnings._showwarnmsg = recorder.warn
    sys.set_coroutine_origin_tracking_depth(30)
    uncaught = None
    try:
        compiled = compile(source, module.__file__ if code is None else '<run>', 'exec', dont_inherit=True)
        threading.settrace(recorder.trace)
        sys.settrace(recorder.trace)
        exec(compiled, module.__dict__)
    except SystemExit as error:
        uncaught = text_of(error) if error.code else None
    except BaseException as error:
        uncaught = text_of(error)
        recorder.alive.append(error)
    finally:
        sys.settrace(None)
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join(LIMIT)
    # What the module's names still hold is dropped, as at the end of a program; exceptions are kept for their identity until now.
    recorder.alive.clear()
    module.__dict__.clear()
    gc.collect()
    return {'code': code, 'uncaught': uncaught, 'raised': list(recorder.raised.values())}


def run(folder: str, code: str | None) -> dict:
    """One run, in a child."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        signal.alarm(LIMIT)
        answer = execute(folder, code)
        with os.fdopen(writing, 'w', encoding='utf-8', errors='backslashreplace') as pipe:
            json.dump(answer, pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding='utf-8') as pipe:
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    if not answer:
        return {'code': code, 'uncaught': f'the run ended with {status} and no answer', 'raised': []}
    return json.loads(answer)


def main() -> None:
    cases = json.load(sys.stdin)
    gc.freeze()
    answers = []
    for case in cases:
        folder = os.path.realpath(case['folder'])
        answers.append([run(folder, code) for code in (None, *case['runs'])])
    json.dump(answers, sys.stdout)


if __name__ == '__main__':
    main()
