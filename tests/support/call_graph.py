"""Holds the call graphs of tests/call_graph against CPython.

    call_graph.py CASE...           compare each case's callgraph.json with what its run shows; JSON lines of differences
    call_graph.py --write CASE...   write callgraph.json from the run

A case is a directory with a main.py, which is run as a script. Two things are watched:

* sys.setprofile says which function of the case runs under which other one, whoever called it: the code, the language (an operator, an
  iteration, a property, a decorator) or a library. The caller is the nearest function of the case on the stack.
* Every call as written is noted as well, since the profiler does not see calls of classes written in C, nor that of a generator function
  (whose body runs only when it is iterated). To this end `f(x)` is compiled as `note(f)(x)`.

A class body and a comprehension are part of the code that they stand in. Importing a module runs its code, and is no call.

callgraph.json is an adjacency list; a case may have `not_taken.json` besides, `{"why": ..., "edges": {caller: [callee]}}`: calls that the code
makes and that this run does not come by.
"""

import ast
import builtins
import functools
import importlib.machinery
import inspect
import json
import os
import sys
import threading
import types

NOTE = "__note_call__"
TYPES = {
    str: "<**PyStr**>", int: "<**PyNum**>", float: "<**PyNum**>", complex: "<**PyNum**>", bool: "<**PyNum**>",
    bytes: "<**PyBytes**>", tuple: "<**PyTuple**>", list: "<**PyList**>", dict: "<**PyDict**>", set: "<**PySet**>",
    frozenset: "<**PySet**>",
}
# Where a library defines a thing elsewhere than it offers it.
PUBLIC = {"posixpath": "os.path", "_functools": "functools", "_operator": "operator", "_collections": "collections",
          "_thread": "threading", "_heapq": "heapq", "_bisect": "bisect", "_random": "random", "_io": "io", "_asyncio": "asyncio"}


class Names(ast.NodeVisitor):
    """The names of a module's functions, by where their code begins."""

    def __init__(self, module):
        self.path = [module]
        self.lambdas = [[]]
        self.functions = {}
        self.lambda_spans = []

    def within(self, name, nodes):
        self.path.append(name)
        self.lambdas.append([])
        for node in nodes:
            self.visit(node)
        self.number()
        self.path.pop()

    def number(self):
        """Lambdas are numbered in source order, in the scope that they stand in."""
        for index, node in enumerate(sorted(self.lambdas.pop(), key=lambda node: (node.lineno, node.col_offset))):
            name = f"<lambda{index + 1}>"
            span = (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)
            self.lambda_spans.append((span, ".".join([*self.path, name])))
            self.within(name, [node.body])

    def visit_Module(self, node):
        self.generic_visit(node)
        self.number()

    def visit_FunctionDef(self, node):
        for part in [*node.decorator_list, node.args]:
            self.visit(part)
        first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        self.functions[node.name, first] = ".".join([*self.path, node.name])
        self.within(node.name, node.body)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_ClassDef(self, node):
        for part in [*node.decorator_list, *node.bases, *node.keywords]:
            self.visit(part)
        self.within(node.name, node.body)

    def visit_Lambda(self, node):
        self.visit(node.args)
        self.lambdas[-1].append(node)


class Noting(ast.NodeTransformer):
    """`f(x)` becomes `note(f)(x)`, `@d` becomes `@note(d)`."""

    def noting(self, node):
        function = ast.copy_location(ast.Name(NOTE, ast.Load()), node)
        return ast.copy_location(ast.Call(function, [node], []), node)

    def visit_Call(self, node):
        self.generic_visit(node)
        node.func = self.noting(node.func)
        return node

    def visit_FunctionDef(self, node):
        self.generic_visit(node)
        node.decorator_list = [self.noting(decorator) for decorator in node.decorator_list]
        return node

    visit_AsyncFunctionDef = visit_ClassDef = visit_FunctionDef


class Watch:
    """A run of a case."""

    def __init__(self, root):
        self.root = root
        self.files = {}
        # By identity: two functions with the same text in two files have equal code.
        self.owners = {}
        self.codes = []
        self.edges = set()
        self.modules = set()

    def compile(self, path, module):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        tree = ast.parse(text, path)
        names = Names(module)
        names.visit(tree)
        self.files[path] = names
        self.modules.add(module)
        tree = ast.fix_missing_locations(Noting().visit(tree))
        code = compile(tree, path, "exec", dont_inherit=True)
        self.own(code, module, module, names)
        return code

    def own(self, code, owner, scope, names):
        """Whose code every code object is. Class bodies and comprehensions belong to what they stand in."""
        self.owners[id(code)] = owner
        self.codes.append(code)
        for inner in code.co_consts:
            if not isinstance(inner, types.CodeType):
                continue
            if inner.co_name == "<lambda>":
                name = self.lambda_name(inner, scope, names)
                self.own(inner, name, name, names)
            elif name := names.functions.get((inner.co_name, inner.co_firstlineno)):
                self.own(inner, name, name, names)
            elif inner.co_name.startswith("<"):
                self.own(inner, owner, scope, names)
            else:
                self.own(inner, owner, f"{scope}.{inner.co_name}", names)

    @staticmethod
    def lambda_name(code, scope, names):
        spots = [(line, column) for line, _, column, _ in code.co_positions() if line and column is not None]
        spots = [spot for spot in spots if spot != (code.co_firstlineno, 0)] or spots
        holding = [(span, name) for span, name in names.lambda_spans
                   if name.rpartition(".")[0] == scope and span[0] <= min(spots) and max(spots) <= span[1]]
        return max(holding)[1]

    def is_function(self, code):
        return id(code) in self.owners and (code.co_name == "<lambda>" or self.is_def(code))

    def is_def(self, code):
        return (code.co_name, code.co_firstlineno) in self.files[code.co_filename].functions

    def caller(self, frame):
        while frame is not None:
            if id(frame.f_code) in self.owners:
                return self.owners[id(frame.f_code)]
            frame = frame.f_back
        return None

    def profile(self, frame, event, argument):
        if event == "call" and self.is_function(frame.f_code):
            back = frame.f_back
            caller = self.caller(back)
            # A coroutine that an event loop runs was called where it was made, and is awaited by nobody here.
            if frame.f_code.co_flags & inspect.CO_COROUTINE and (back is None or id(back.f_code) not in self.owners):
                return
            if caller is not None:
                self.edges.add((caller, self.owners[id(frame.f_code)]))

    def note(self, function):
        """Called with everything that is about to be called."""
        name = self.name(function)
        caller = self.caller(sys._getframe(1))
        if name is not None and caller is not None:
            self.edges.add((caller, name))
        return function

    def name(self, function):
        if isinstance(function, types.MethodType):
            function = function.__func__
        if isinstance(function, functools.partial):
            return None
        if isinstance(function, types.FunctionType):
            if id(function.__code__) in self.owners:
                return self.owners[id(function.__code__)] if self.is_function(function.__code__) else None
            return self.external(function)
        if isinstance(function, type):
            return self.external(function)
        if isinstance(function, (types.BuiltinFunctionType, types.MethodWrapperType)):
            owner = getattr(function, "__self__", None)
            if owner is None or isinstance(owner, types.ModuleType):
                return self.external(function)
            if isinstance(owner, type) and not isinstance(function, types.MethodWrapperType):
                return self.member(owner, function)
            kind = next((kind for kind in type(owner).__mro__ if kind in TYPES), None)
            if kind and hasattr(kind, function.__name__):
                return f"{TYPES[kind]}.{function.__name__}"
            defining = getattr(function, "__objclass__", None)
            if defining in (None, object):
                return None
            return self.member(defining, function)
        if isinstance(function, (types.MethodDescriptorType, types.WrapperDescriptorType, types.ClassMethodDescriptorType)):
            return self.member(function.__objclass__, function)
        return None

    def member(self, owner, function):
        name = self.external(owner)
        return name and f"{name}.{function.__name__}"

    def external(self, thing):
        """The name by which a library offers a thing; none for a thing of the case, and for what a library makes on the way."""
        module = PUBLIC.get(thing.__module__, thing.__module__)
        if module is None:
            return None
        if "<locals>" in thing.__qualname__ or module in self.modules | {"__main__"}:
            return None
        package = module.split(".")[0]
        if getattr(sys.modules.get(package), thing.__qualname__, None) is thing:
            module = package
        return f"{'<builtin>' if module == 'builtins' else module}.{thing.__qualname__}"

    def run(self):
        watch = self

        class Loader(importlib.machinery.SourceFileLoader):
            def get_code(self, fullname):
                return watch.compile(self.get_filename(fullname), fullname)

        hook = importlib.machinery.FileFinder.path_hook((Loader, [".py"]))

        def ours(path):
            if path != watch.root and not path.startswith(watch.root + os.sep):
                raise ImportError
            return hook(path)

        sys.path_hooks.insert(0, ours)
        sys.path_importer_cache.clear()
        sys.path.insert(0, self.root)
        setattr(builtins, NOTE, self.note)
        main = types.ModuleType("__main__")
        path = main.__file__ = os.path.join(self.root, "main.py")
        sys.modules["__main__"] = main
        code = self.compile(path, "main")
        threading.setprofile(self.profile)
        sys.setprofile(self.profile)
        try:
            exec(code, vars(main))
        except SystemExit:
            pass
        finally:
            sys.setprofile(None)
            threading.setprofile(None)

    def graph(self):
        graph = {module: set() for module in self.modules}
        for names in self.files.values():
            for name in [*names.functions.values(), *(name for _, name in names.lambda_spans)]:
                graph[name] = set()
        for caller, callee in self.edges:
            graph[caller].add(callee)
        return {name: sorted(callees) for name, callees in sorted(graph.items())}


def read(case, name):
    try:
        with open(os.path.join(case, name), encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return None


def judge(case, write):
    """Runs a case and says how its truth differs from the run."""
    watch = Watch(os.path.realpath(case))
    watch.run()
    seen = watch.graph()
    for caller, callees in ((read(case, "not_taken.json") or {}).get("edges") or {}).items():
        seen[caller] = sorted({*seen[caller], *callees})
    if write:
        with open(os.path.join(case, "callgraph.json"), "w", encoding="utf-8") as file:
            json.dump(seen, file, indent=2, ensure_ascii=False)
            file.write("\n")
        return []
    truth = read(case, "callgraph.json")
    edges = lambda graph: {(caller, callee) for caller, callees in graph.items() for callee in callees}
    wrong = [f"{caller} -> {callee} happens and is not in callgraph.json" for caller, callee in edges(seen) - edges(truth)]
    wrong += [f"{caller} -> {callee} is in callgraph.json and does not happen" for caller, callee in edges(truth) - edges(seen)]
    wrong += [f"{name} is a key of only one" for name in seen.keys() ^ truth.keys()]
    return sorted(wrong)


def apart(case, write):
    """Judges a case in a process of its own, what it prints left out."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        quiet = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(quiet, stream)
        try:
            wrong = judge(case, write)
        except BaseException as error:
            wrong = [f"the run fails: {type(error).__name__}: {error}"]
        os.write(writing, json.dumps(wrong).encode())
        os._exit(0)
    os.close(writing)
    with open(reading, encoding="utf-8") as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else ["the run died"]


def main(arguments):
    write = arguments[:1] == ["--write"]
    for case in arguments[write:]:
        for line in apart(case, write):
            print(json.dumps({"case": case, "difference": line}))


if __name__ == "__main__":
    main(sys.argv[1:])
