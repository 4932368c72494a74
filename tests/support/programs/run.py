"""Runs a program under CPython and notes which of its lines ran to their end."""

import contextlib
import io
import sys
import threading


class Watch:
    """The lines of one file: which ran, which came to their end, and on which an exception passed."""

    def __init__(self, path):
        self.path = path
        self.ran, self.done, self.raised = set(), set(), set()

    def trace(self, frame, event, argument):
        if frame.f_code.co_filename != self.path:
            return None
        at = frame.f_lineno
        local = Lines(self)
        self.ran.add(at)
        return local.step


class Lines:
    """One frame."""

    def __init__(self, watch):
        self.watch, self.at = watch, None

    def step(self, frame, event, argument):
        watch = self.watch
        if event == "line":
            if self.at is not None:
                watch.done.add(self.at)
            self.at = frame.f_lineno
            watch.ran.add(self.at)
        elif event == "exception":
            # What ends a loop or a generator is no failure.
            if not issubclass(argument[0], (StopIteration, StopAsyncIteration, GeneratorExit)):
                watch.raised.add(frame.f_lineno)
            self.at = None
        elif event == "return":
            if self.at is not None:
                watch.done.add(self.at)
            self.at = None
        return self.step


def run(path, text, names=None):
    """What came of it: nothing or an exception, the line of the program that raised it, and the lines."""
    watch = Watch(path)
    if names is None:
        names = {"__name__": "program", "__file__": path}
    failed = None
    try:
        code = compile(text, path, "exec")
    except SyntaxError as error:
        return f"SyntaxError: {error}", 0, watch
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        threading.settrace(watch.trace)
        sys.settrace(watch.trace)
        try:
            exec(code, names)
        except BaseException as error:
            failed = error
        finally:
            sys.settrace(None)
            threading.settrace(None)
    if failed is None:
        return None, None, watch
    line, trace = 0, failed.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    return f"{type(failed).__name__}: {failed}", line, watch
