"""Runs states under CPython, each in a process of its own, forked from one that has compiled every file once."""

import importlib
import importlib.machinery
import inspect
import json
import os
import sys
import warnings

import enum  # noqa: F401
import functools  # noqa: F401

COMPILED = {}


class Loader(importlib.machinery.SourceFileLoader):
    """Compiles a text once, however many states have it."""

    def get_code(self, fullname):
        data = self.get_data(self.path)
        return COMPILED.get(data) or compile(data, self.path, "exec", dont_inherit=True)


def prepare(texts):
    """Compile what the states of a system consist of; a text that does not compile is the generator's fault."""
    COMPILED.clear()
    for path, text in texts:
        COMPILED[text.encode()] = compile(text, path, "exec", dont_inherit=True)


def run(directory, probes):
    """What fails in a state: id -> exception. Runs in a child."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(read)
            answer = json.dumps(observe(directory, probes)).encode()
            with os.fdopen(write, "wb") as out:
                out.write(answer)
            status = 0
        finally:
            os._exit(status)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    if status:
        raise RuntimeError(f"{directory}: the child failed")
    # An ImportError ends with the file, which is another one in each state.
    found = json.loads(answer)
    return {name: text.replace(directory + os.sep, "") for name, text in found.items()}


def observe(directory, probes):
    """Import everything, call every entry, try every probe."""
    sys.dont_write_bytecode = True
    hook = importlib.machinery.FileFinder.path_hook((Loader, [".py"]))
    sys.path_hooks.insert(0, hook)
    sys.path_importer_cache.clear()
    sys.path.insert(0, directory)
    failures = {}
    modules = {}
    for name in sorted(f[:-3] for f in os.listdir(directory) if f.endswith(".py")):
        try:
            modules[name] = importlib.import_module(name)
        except Exception as e:
            failures[f"import:{name}"] = said(e)
    for name, module in modules.items():
        for attribute, function in list(vars(module).items()):
            if attribute.startswith("run_"):
                problem = attempt(function)
                if problem:
                    failures[f"entry:{name}.{attribute}"] = problem
    scope = {"M": importlib.import_module}
    if "gateway_enums" in modules:
        scope["E"] = modules["gateway_enums"].GatewayInterface
    for name, calls in probes:
        problem = None
        for call in calls:
            problem = attempt(lambda: eval(call, scope), lenient=True)
            if not problem:
                break
        if problem:
            failures[f"probe:{name}"] = problem
    return failures


def said(e):
    """An exception with its class."""
    return f"{type(e).__name__}: {e}"


def attempt(function, lenient=False):
    """What is wrong with a call, None if nothing is. A coroutine is run to its end."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = function()
            if inspect.iscoroutine(result):
                if lenient or inspect.iscoroutinefunction(function):
                    try:
                        result.send(None)
                    except StopIteration as stop:
                        result = stop.value
                else:
                    result.close()
            if isinstance(result, dict) and result.get("success") is False:
                return f"swallowed: {result['error']}"
        except Exception as e:
            return said(e)
            result = None
        for warning in caught:
            if "never awaited" in str(warning.message):
                return f"RuntimeWarning: {warning.message}"
    return None
