"""Lets analysed code run without touching the machine, and records what it raises.

Used inside a child process of its own (`python3 -I -B`), never in the test runner itself. `isolate` is called once; after it the import
root stands first on `sys.path`, nothing outside the working directory can be written, no socket can connect, no process can be
started. `Recorder` then notes every exception that passes through a frame of the tree, those included that the tree swallows.
"""

import ast
import asyncio
import builtins
import importlib.abc
import importlib.machinery
import inspect
import io
import os
import re
import resource
import signal
import sys
import threading
import traceback
import unittest.mock
import warnings

import mend

TIMEOUT = "no answer in time"

_ACTIVE = False
_WORKDIR = ""
_READABLE = ()

_PATH_EVENTS = {
    "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.chmod", "os.chown", "os.link", "os.symlink", "os.truncate", "os.utime",
    "os.setxattr", "os.removexattr", "shutil.rmtree", "shutil.move", "shutil.copyfile", "shutil.copymode", "shutil.copystat",
    "shutil.copytree", "shutil.make_archive", "shutil.unpack_archive", "tempfile.mkstemp", "tempfile.mkdtemp", "sqlite3.connect",
}
_FORBIDDEN_EVENTS = {
    "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile", "os.fork", "os.forkpty", "pty.spawn",
    "os.kill", "os.killpg", "signal.pthread_kill", "socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname",
    "socket.gethostbyaddr", "socket.getnameinfo", "socket.sendto", "socket.sendmsg", "socket.sethostname", "syslog.openlog",
    "ftplib.connect", "smtplib.connect", "urllib.Request", "webbrowser.open", "resource.setrlimit", "resource.prlimit",
}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def _inside(path, roots):
    try:
        path = os.path.abspath(os.fsdecode(path))
    except (TypeError, ValueError):
        return False
    return any(path == root or path.startswith(root + os.sep) for root in roots)


def _audit(event, args):
    if not _ACTIVE:
        return
    if event == "open":
        path, _, flags = args
        if isinstance(path, int) or path in ("/dev/null", "/dev/urandom"):
            return
        writes = isinstance(flags, int) and flags & _WRITING
        if _inside(path, (_WORKDIR,)) or (not writes and _inside(path, _READABLE)):
            return
        raise PermissionError(13, "blocked while analysed code runs", os.fsdecode(path))
    if event in _FORBIDDEN_EVENTS or (event == "ctypes.dlopen" and args[0] is not None):
        raise PermissionError(1, f"blocked while analysed code runs: {event}")
    if event in _PATH_EVENTS:
        paths = [arg for arg in args if isinstance(arg, (str, bytes, os.PathLike))]
        if not paths or not all(_inside(path, (_WORKDIR,)) for path in paths):
            raise PermissionError(1, f"blocked while analysed code runs: {event}")


class _StubModule(unittest.mock.MagicMock):
    """A module that has every attribute; stands in for a third-party package that is not installed."""

    __path__ = []

    def _get_child_mock(self, **kwargs):
        return unittest.mock.MagicMock(**kwargs)


class _StubFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Answers for third-party modules that are not installed; last on `sys.meta_path`."""

    def __init__(self, refused):
        self._refused = refused
        self._stubbed = set()

    def find_spec(self, fullname, path=None, target=None):
        top = fullname.partition(".")[0]
        if fullname in self._refused or top in self._refused or top in sys.stdlib_module_names:
            return None
        if "." in fullname and top not in self._stubbed:
            return None
        self._stubbed.add(top)
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec):
        return _StubModule(name=spec.name)

    def exec_module(self, module):
        pass


def tree_modules(root):
    """The names that can be imported from `root` first hand: its modules and packages."""
    names = set()
    for entry in os.scandir(root):
        if entry.is_dir() and entry.name.isidentifier():
            names.add(entry.name)
        elif entry.name.endswith(".py"):
            names.add(entry.name[:-3])
    return names


class _Rearming(ast.NodeTransformer):
    """Puts a call that re-arms the recorder before the innermost statements at given lines; changes nothing else.

    Code that recurses without end takes the tracer down with it: there is no room left to call it.
    """

    def __init__(self, lines):
        self._lines = lines

    def _block(self, statements):
        result = []
        for statement in statements:
            here = any(statement.lineno <= line <= statement.end_lineno for line in self._lines)
            inner = any(isinstance(child, ast.stmt) and any(child.lineno <= line <= child.end_lineno for line in self._lines)
                        for child in ast.walk(statement) if child is not statement)
            if here and not inner:
                rearm = ast.parse("try:\n    __rearm__()\nexcept RecursionError:\n    pass").body[0]
                for node in ast.walk(rearm):
                    if hasattr(node, "lineno"):
                        ast.copy_location(node, statement)
                        node.end_lineno, node.end_col_offset = node.lineno, node.col_offset
                result.append(rearm)
            result.append(statement)
        return result

    def visit(self, node):
        """Looks into every block below a function; a module's own statements stay as they are."""
        self.generic_visit(node)
        if not isinstance(node, (ast.Module, ast.ClassDef)):
            for name in ("body", "orelse", "finalbody"):
                block = getattr(node, name, None)
                if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                    setattr(node, name, self._block(block))
        return node


def _instrument(places, mends):
    """Makes imported files of the tree re-arm the recorder before they reach one of the places `(file, line)`, and mends them."""
    lines, ranges = {}, {}
    for path, line in places:
        lines.setdefault(os.path.realpath(path), set()).add(line)
    for path, one in mends:
        ranges.setdefault(os.path.realpath(path), []).append(one)
    mend.provide()
    loader = importlib.machinery.SourceFileLoader
    compile_as_is = loader.source_to_code

    def source_to_code(self, data, path, **options):
        file = os.path.realpath(path) if isinstance(path, str) else None
        if file not in lines and file not in ranges:
            return compile_as_is(self, data, path, **options)
        tree = mend.mended(data, path, ranges[file]) if file in ranges else ast.parse(data, path)
        return compile(_Rearming(lines.get(file, ())).visit(tree), path, "exec", dont_inherit=True)

    loader.source_to_code = source_to_code
    builtins.__rearm__ = Recorder.rearm


def isolate(root, workdir, stubs=False, missing=(), tree=None, roots=(), places=(), mends=()):
    """Prepares this process for code of the tree `root` (absolute).

    `roots` are further import roots, searched last; `places` lines `(file, line)` that an exception is expected to pass; `mends` ranges `(file, range)` to stand in for. With `stubs`, third-party modules that are not installed are replaced by mocks, except those named in `missing` and those of the tree.
    `tree` is the directory around `root`, if that is another one; its files may be read.
    """
    global _ACTIVE, _WORKDIR, _READABLE
    sys.dont_write_bytecode = True
    prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix, *(p for p in sys.path if p), os.path.dirname(os.__file__)}
    _WORKDIR = os.path.realpath(workdir)
    _READABLE = (root, os.path.realpath(root), tree or root, *sorted(os.path.abspath(p) for p in prefixes), "/usr/share/zoneinfo", "/proc/self")
    os.chdir(workdir)
    sys.path.insert(0, root)
    sys.path.extend(other for other in roots if other != root)
    _instrument(places, mends)
    sys.argv = ["lambda_runtime"]
    own = tree_modules(root)
    # A module of the tree may have the name of a standard one that this file has already imported.
    for name in list(sys.modules):
        if name.partition(".")[0] in own:
            del sys.modules[name]
    if stubs:
        sys.meta_path.append(_StubFinder(own | set(missing)))
    for limit, value in ((resource.RLIMIT_CPU, 20), (resource.RLIMIT_FSIZE, 1 << 20), (resource.RLIMIT_CORE, 0)):
        _, hard = resource.getrlimit(limit)
        resource.setrlimit(limit, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))
    sys.addaudithook(_audit)
    _ACTIVE = True


def attempt(function, seconds=10.0):
    """Calls `function` in a forked child and returns its result (plain JSON data), or `{"died": reason}`."""
    global _ACTIVE
    import json
    import select
    import time

    reader, writer = os.pipe()
    active, _ACTIVE = _ACTIVE, False
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        status = 1
        try:
            _ACTIVE = active
            result = function()
            _ACTIVE = False
            with os.fdopen(writer, "wb") as stream:
                stream.write(json.dumps(result).encode())
            status = 0
        except BaseException:
            _ACTIVE = False
            with io.open(writer, "wb") as stream:
                stream.write(json.dumps({"died": traceback.format_exc()[-1500:]}).encode())
        finally:
            os._exit(status)
    _ACTIVE = active
    os.close(writer)
    chunks, deadline = [], time.monotonic() + seconds
    while True:
        ready, _, _ = select.select([reader], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            _ACTIVE = False
            os.kill(pid, signal.SIGKILL)
            _ACTIVE = active
            chunks = [json.dumps({"died": TIMEOUT}).encode()]
            break
        chunk = os.read(reader, 1 << 16)
        if not chunk:
            break
        chunks.append(chunk)
    os.close(reader)
    os.waitpid(pid, 0)
    text = b"".join(chunks)
    return json.loads(text) if text else {"died": "the process ended by itself"}


_PLACE = re.compile(r" \((?:[^()]*\.(?:pyc?|so|zip)|unknown location)\)$")
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def text_of(error):
    """`TypeError: ...` as CPython prints it in its last line, without what differs from machine to machine."""
    text = str(error)
    return normal(f"{type(error).__name__}: {text}" if text else type(error).__name__)


def normal(text):
    """Drops the file's path that an ImportError ends with, and addresses."""
    return _ADDRESS.sub(" at 0x", _PLACE.sub("", text))


def chain_of(error):
    """The texts of an exception and all that it was raised from, outermost first."""
    texts, seen = [], set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        texts.append(text_of(error))
        error = error.__cause__ or error.__context__
    return texts


class Recorder:
    """Notes exceptions and, for chosen lines, whether they were reached by the given way.

    `chain` is a list of `(path, first line, last line)`, outermost first; `reached` is set once a line of its last entry runs while all
    the others are on the stack, in that order.
    """

    def __init__(self, root, chain=()):
        self.root = os.path.realpath(root)
        self.chain = list(chain)
        self.reached = False
        self.raised = []
        self.warned = []
        self.outcome = None
        self.value = None
        self._known = {}

    _current = None

    @staticmethod
    def rearm():
        """Takes up tracing again where a recorder's was lost."""
        recorder = Recorder._current
        if recorder is None or sys.gettrace() is not None:
            return
        frame = sys._getframe(1)
        while frame is not None:
            if recorder._path(frame) is not None:
                frame.f_trace = recorder._trace
            frame = frame.f_back
        sys.settrace(recorder._trace)

    def _path(self, frame):
        name = frame.f_code.co_filename
        if name.startswith("<"):
            return None
        name = os.path.realpath(name)
        return os.path.relpath(name, self.root) if name.startswith(self.root + os.sep) else None

    def _trace(self, frame, event, arg):
        path = self._path(frame)
        if path is None:
            return None
        if event == "exception":
            error = arg[1]
            if isinstance(error, BaseException) and id(error) not in self._known:
                self._known[id(error)] = error
                self.raised.append({"text": text_of(error), "path": path, "line": frame.f_lineno, "function": frame.f_code.co_qualname})
        elif event == "line" and self.chain and not self.reached:
            self._look(frame, path)
        return self._trace

    def _look(self, frame, path):
        last, first_line, last_line = self.chain[-1]
        if path != last or not first_line <= (frame.f_lineno or 0) <= last_line:
            return
        rest = list(self.chain[:-1])
        outer = frame.f_back
        while outer is not None and rest:
            where = self._path(outer)
            line = outer.f_lineno or 0
            if where == rest[-1][0] and rest[-1][1] <= line <= rest[-1][2]:
                rest.pop()
            outer = outer.f_back
        self.reached = not rest

    def run(self, function, times=1):
        """Calls `function` up to `times` times, until it raises; a coroutine that it returns is run to its end."""
        def step():
            value = function()
            if inspect.iscoroutine(value):
                return asyncio.run(value)
            return value

        stdout, stderr = sys.stdout, sys.stderr
        sys.stdout = sys.stderr = io.StringIO()
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                Recorder._current = self
                sys.settrace(self._trace)
                threading.settrace(self._trace)
                try:
                    for _ in range(times):
                        self.value = None
                        self.value = step()
                except BaseException as error:
                    self.outcome = error
                finally:
                    Recorder._current = None
                    sys.settrace(None)
                    threading.settrace(None)
                    import gc
                    gc.collect()
                self.warned = [f"{w.category.__name__}: {w.message}" for w in caught]
        finally:
            sys.stdout, sys.stderr = stdout, stderr
        return self

    def report(self):
        """What happened, as JSON data."""
        return {
            "raises": chain_of(self.outcome) if self.outcome is not None else [],
            "seen": self.raised,
            "warnings": self.warned,
            "reached": self.reached,
            "value": repr(self.value)[:200] if self.outcome is None else None,
        }


def environment(workdir):
    """A minimal environment for the child process: no home, no credentials, no proxies."""
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "TMPDIR": workdir,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "placeholder",
        "AWS_SECRET_ACCESS_KEY": "placeholder",
        "AWS_LAMBDA_FUNCTION_NAME": "placeholder",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
