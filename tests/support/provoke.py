"""The child's side of confirm.py: makes a finding's exception happen, and says what happened instead if it does not.

Reads one job from standard input: the tree, the finding, whether to stub missing third-party packages. Prints one list of attempts, each
`{"by", "match", "place", "reached", "saw"}`; the parent judges them.
"""

import ast
import importlib
import inspect
import json
import os
import re
import sys
import types
import unittest.mock

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import guard

CALLS = 5


def matches(witness, text):
    """Whether CPython's text is the witness; `…` in the witness stands for anything, a class alone for any text."""
    witness, text = guard.normal(witness), guard.normal(text)
    if witness == text or (":" not in witness and text.partition(":")[0] == witness):
        return True
    if "…" not in witness:
        return False
    rest, parts = text, witness.split("…")
    if not rest.startswith(parts[0]) or not rest.endswith(parts[-1]):
        return False
    for part in parts:
        found = rest.find(part)
        if found < 0:
            return False
        rest = rest[found + len(part):]
    return True


class Source:
    """A file of the tree and its syntax tree, with columns in code points from 1 as coship counts them."""

    def __init__(self, tree, path):
        with open(os.path.join(tree, path), encoding="utf-8") as stream:
            self.text = stream.read()
        self.lines = self.text.splitlines() or [""]
        self.ast = ast.parse(self.text)

    def span(self, node):
        """`((line, column), (line, column))` of a node, end exclusive."""
        def place(line, column):
            head = self.lines[line - 1].encode()[:column]
            return line, len(head.decode()) + 1
        return place(node.lineno, node.col_offset), place(node.end_lineno, node.end_col_offset)

    def at(self, wanted, *kinds):
        """The node of one of these kinds at a range: exactly there, else the smallest around it, else the first within it."""
        start, end = ends(wanted)
        nodes = [(self.span(node), node) for node in ast.walk(self.ast) if isinstance(node, kinds) and hasattr(node, "lineno")]
        exact = [node for span, node in nodes if span == (start, end)]
        around = [(span, node) for span, node in nodes if span[0] <= start and end <= span[1]]
        within = [(span, node) for span, node in nodes if start <= span[0] and span[1] <= end]
        if exact:
            return exact[0]
        if around:
            return min(around, key=lambda item: (item[0][1][0] - item[0][0][0], item[0][1][1] - item[0][0][1]))[1]
        return min(within, key=lambda item: item[0])[1] if within else None

    def function_around(self, wanted):
        """The innermost function or lambda around a range, and whether it is a method that gets its instance."""
        start, end = ends(wanted)
        best, owner = None, None
        stack = [(self.ast, None)]
        while stack:
            node, parent = stack.pop()
            for child in ast.iter_child_nodes(node):
                stack.append((child, node))
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                body = node.body if isinstance(node.body, list) else [node.body]
                if self.span(body[0])[0] <= start and end <= self.span(body[-1])[1]:
                    if best is None or self.span(best)[0] <= self.span(node)[0]:
                        best, owner = node, parent
        static = best is not None and any(getattr(d, "id", None) == "staticmethod" for d in getattr(best, "decorator_list", []))
        return best, isinstance(owner, ast.ClassDef) and not static


def ends(wanted):
    """A report's range as two `(line, column)` pairs."""
    return tuple((wanted[side]["line"], wanted[side]["column"]) for side in ("start", "end"))


def module_of(path):
    """The dotted name of a file, from the import root."""
    parts = path[:-3].split("/")
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


_FILLED = {"dict": {"placeholder": "placeholder"}, "list": ["placeholder"], "tuple": ("placeholder",), "set": {"placeholder"}}
_SIMPLE = {"int": 1, "float": 1.0, "str": "placeholder", "bool": True, "dict": {}, "list": [], "tuple": (), "set": set(), "bytes": b""}


def _placeholder(parameter, style):
    if style == "mock":
        return unittest.mock.MagicMock(name=parameter.name)
    hint = parameter.annotation
    hint = hint if isinstance(hint, str) else getattr(hint, "__name__", str(hint))
    hint = hint.replace("typing.", "").removeprefix("Optional[").partition("[")[0].rstrip("]").lower()
    if style == "filled" and hint in _FILLED:
        return type(_FILLED[hint])(_FILLED[hint])
    if hint in _SIMPLE:
        return type(_SIMPLE[hint])(_SIMPLE[hint])
    if parameter.default not in (inspect.Parameter.empty, None):
        return parameter.default
    return "placeholder"


def _call_with_placeholders(function, style, every, keywords=()):
    args, kwargs = [], dict(keywords)
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        parameters = ()
    for parameter in parameters:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        if parameter.default is not parameter.empty and not every:
            continue
        if parameter.kind == parameter.KEYWORD_ONLY or (every and parameter.kind == parameter.POSITIONAL_OR_KEYWORD):
            kwargs[parameter.name] = _placeholder(parameter, style)
        else:
            args.append(_placeholder(parameter, style))
    return function(*args, **kwargs)


def _takes_any_keyword(function):
    try:
        return any(p.kind == p.VAR_KEYWORD for p in inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return False


def _bound(holder, function, style):
    """A method found on its class becomes one of an instance."""
    if not inspect.isclass(holder) or not inspect.isfunction(function):
        return function
    if isinstance(inspect.getattr_static(holder, function.__name__, None), staticmethod):
        return function
    if function.__name__ == "__init__":
        return holder
    try:
        instance = _call_with_placeholders(holder, style, False)
    except Exception:
        instance = object.__new__(holder)
    return function.__get__(instance, holder)


def _resolve(module, dotted, style="typed"):
    """The object that `dotted` names within a module."""
    holder, found = None, module
    for part in dotted.split(".") if dotted else []:
        holder, found = found, getattr(found, part)
    return _bound(holder, found, style)


def _missing_names(text):
    """The parameters that an exception's text asks for."""
    if "missing" in text or "require" in text:
        return [name for name in re.findall(r"'(\w+)'", text) if name.isidentifier()]
    return []


class _Space(dict):
    """Local names for an expression: known ones, those of the module, and placeholders for the rest."""

    def __init__(self, module, known, other):
        super().__init__(known)
        self.module = vars(module)
        self.other = other

    def __missing__(self, name):
        builtin = self.module.get("__builtins__")
        builtin = builtin if isinstance(builtin, dict) else vars(builtin)
        if name in self.module or name in builtin:
            return self.module.get(name, builtin.get(name))
        return self.other(name)


def _evaluate(node, module, known=(), other=lambda name: "placeholder"):
    """Evaluates an expression of a module where it stands; unknown names are what `other` makes of them."""
    code = compile(ast.fix_missing_locations(ast.Expression(node)), module.__file__ or "<run>", "eval")
    return eval(code, vars(module), _Space(module, dict(known), other))


class Job:
    """One finding in one tree."""

    def __init__(self, tree, root, finding):
        self.tree, self.root, self.finding = tree, root, finding
        self.witness = (finding.get("witness") or {}).get("exception")
        self.chain = finding.get("chain") or []
        # Why the file of the finding cannot be imported, once that is known.
        self.behind = ""
        self.lines = [(f["path"], f["range"]["start"]["line"], f["range"]["end"]["line"]) for f in self.chain]

    def local(self, path):
        """A path from the import root."""
        return os.path.relpath(os.path.join(self.tree, path), self.root).replace(os.sep, "/")

    def module(self, path):
        """Imports the module that a file is."""
        return importlib.import_module(module_of(self.local(path)))

    def lenient_module(self, path):
        """The module that a file is; if it cannot be imported, an empty one with what the file's imports give one by one."""
        try:
            return self.module(path)
        except Exception as error:
            self.behind = guard.text_of(error)
        module = types.ModuleType(module_of(self.local(path)))
        module.__file__ = os.path.join(self.tree, path)
        module.__package__ = module.__name__.rpartition(".")[0]
        for statement in Source(self.tree, path).ast.body:
            self._execute_import(statement, module, vars(module))
        return module

    @staticmethod
    def _execute_import(statement, module, names):
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            code = compile(ast.Module([statement], []), "<import>", "exec")
            try:
                exec(code, vars(module), names)
            except Exception:
                # What it would have brought stays unknown.
                return

    def local_names(self, source, frame, module):
        """What the function around a frame imports, and the instance that a method is bound to."""
        names = {}
        function, method = source.function_around(frame["range"])
        for statement in ast.walk(function) if function is not None else ():
            self._execute_import(statement, module, names)
        if method and function.args.args:
            try:
                owner = _resolve(module, self.inner_name(frame).rpartition(".")[0])
                names[function.args.args[0].arg] = _call_with_placeholders(owner, "typed", False)
            except Exception:
                names[function.args.args[0].arg] = unittest.mock.MagicMock()
        return names

    def inner_name(self, frame):
        """A frame's function within its module; empty for the module itself."""
        module = module_of(self.local(frame["path"]))
        name = frame["function"]
        return "" if name == module else name.removeprefix(module + ".")

    def watch(self, by, function):
        """Runs a function and compares all that it raises with the witness."""
        record = guard.Recorder(self.tree, self.lines).run(function, CALLS)
        report = record.report()
        seen = [(raised["text"], raised) for raised in report["seen"]]
        seen += [(text, None) for text in report["raises"] if text not in [t for t, _ in seen]]
        match, place, other = False, False, False
        path, first, last = self.lines[-1] if self.lines else ("", 0, 0)
        for text, raised in seen:
            there = bool(raised) and raised["path"] == path and first <= raised["line"] <= last
            if self.witness and matches(self.witness, text):
                match = True
                place = place or there
            elif there and self.witness and text.partition(":")[0] != self.witness.partition(":")[0]:
                # An argument of the call fails already, say: that tells nothing about the call.
                other = True
        if self.finding["rule"] == "not-awaited" and not (self.witness and match):
            wanted = self.witness or "was never awaited"
            if any(wanted in warning for warning in report["warnings"]):
                match = place = True
        if self.behind:
            by += f"; the file itself cannot be imported: {self.behind}"
        return {"by": by, "all": [text for text, _ in seen], "raises": bool(report["raises"]), "match": match, "place": place, "reached": report["reached"] and not other,
                "saw": [text for text, _ in seen][-4:] + report["warnings"][-2:] or [f"no exception, value {report['value']}"]}

    def call_outermost(self, style, every):
        """Calls the function that the chain begins in, or imports the module."""
        frame = self.chain[0]
        name = self.inner_name(frame)
        if not name:
            return self.watch("import", lambda: self.module(frame["path"]))
        holder, keywords = {}, {}

        def prepare():
            holder["function"] = _resolve(self.module(frame["path"]), name, style)

        def call():
            if "function" not in holder:
                prepare()
            return _call_with_placeholders(holder["function"], style, every, keywords)

        result = None
        for _ in range(6):
            result = self.watch(f"call of {frame['function']} ({style}{', all arguments' if every else ''})", call)
            wanted = [name for text in result["all"] for name in _missing_names(text) if name not in keywords]
            # Keys that the tree itself asks for, in whatever it takes by `**`.
            if (result["match"] and result["place"]) or not wanted or not _takes_any_keyword(holder.get("function")):
                break
            keywords.update((name, "placeholder") for name in wanted)
        return result

    def evaluate_outermost(self, style):
        """Evaluates the chain's first call as it is written, with what its function imports."""
        frame = self.chain[0]
        source = Source(self.tree, frame["path"])
        node = source.at(frame["range"], ast.Call)
        if node is None:
            return None
        other = (lambda name: unittest.mock.MagicMock(name=name)) if style == "mock" else (lambda name: "placeholder")

        def call():
            module = self.lenient_module(frame["path"])
            return _evaluate(node, module, self.local_names(source, frame, module), other)

        result = self.watch(f"the call as written in {frame['function']} ({style})", call)
        # Nothing follows from a call with made-up values that works.
        result["reached"] = False
        return result

    def execute_route(self, index):
        """Calls an executor that the chain goes through with the finding's own interface and operation."""
        frame = self.chain[index]
        name = self.inner_name(frame)
        routes = self.finding.get("routes") or []
        if not name or not routes:
            return None
        tried = []
        for route in routes[:3]:
            for style in ("typed", "filled", "mock"):
                tried.append(self._execute_one(frame, name, route, style, index))
                if tried[-1] is None or (tried[-1]["match"] and tried[-1]["place"]):
                    return tried[-1]
        return tried[0]

    def _execute_one(self, frame, name, route, style, index):
        holder = {"keywords": {}, "own": set()}

        def prepare():
            executor = _resolve(self.module(frame["path"]), name)
            first = [p for p in inspect.signature(executor).parameters.values() if p.kind == p.POSITIONAL_OR_KEYWORD][:2]
            holder["executor"], holder["arguments"] = executor, self._route_arguments(route, first)
            # No keyword can bring what a position fills.
            holder["own"] = {p.name for p in first[:len(holder["arguments"])]}

        def call():
            if "executor" not in holder:
                prepare()
            return holder["executor"](*holder["arguments"], **holder["keywords"])

        result = None
        for _ in range(6):
            result = self.watch(f"{frame['function']} with {route['interface']}, {route['operation']!r}", call)
            if result["match"] and result["place"]:
                break
            wanted = [name for text in result["all"] for name in _missing_names(text)
                      if name not in holder["keywords"] and name not in holder["own"]]
            if "executor" not in holder or not wanted:
                break
            for parameter in wanted:
                value = unittest.mock.MagicMock(name=parameter) if style == "mock" else 1.0 if parameter == "value" else "placeholder"
                holder["keywords"][parameter] = value
        # Later frames alone are reached with arguments that the first ones might never send.
        result["reached"] = result["reached"] and index == 0
        return result

    def _route_arguments(self, route, parameters):
        owner, _, member = route["interface"].rpartition(".")
        owner = owner.rpartition(".")[2]
        for module in list(sys.modules.values()):
            found = getattr(module, owner, None) if owner and getattr(module, "__file__", None) else None
            if inspect.isclass(found) and member in getattr(found, "__members__", {}):
                return [found[member], route["operation"]][:len(parameters)]
        if owner or len(parameters) < 2:
            raise LookupError(f"no {route['interface']}")
        return [route["interface"], route["operation"]]

    def walk(self):
        """Carries the arguments from call to call along the chain, then makes the last call."""
        known = {}
        call, module = None, None
        for index, frame in enumerate(self.chain):
            source = Source(self.tree, frame["path"])
            module = self.module(frame["path"])
            if call is not None:
                known = self._bind(source, frame, module, *call)
            node = source.at(frame["range"], ast.Call)
            if node is None or (index + 1 == len(self.chain) and ends(frame["range"])[0] != source.span(node)[0]):
                return None
            call = self._arguments(node, module, known)
        callee = self.finding.get("callee")
        name = callee if isinstance(callee, str) else (callee or {}).get("name") or (callee or {}).get("function")
        if not name:
            return None
        target = self._find(name)
        if target is None:
            return None
        result = self.watch("the chain's arguments, bound step by step", lambda: target(*call[0], **call[1]))
        # The last call was made from here, not from its own frame.
        result["place"] = result["match"]
        result["reached"] = True
        return result

    def _arguments(self, node, module, known):
        args, kwargs = [], {}
        for arg in node.args:
            if isinstance(arg, ast.Starred):
                args.extend(_evaluate(arg.value, module, known))
            else:
                args.append(_evaluate(arg, module, known))
        for keyword in node.keywords:
            value = _evaluate(keyword.value, module, known)
            if keyword.arg is None:
                if not isinstance(value, dict):
                    raise LookupError("unknown content of **")
                kwargs.update(value)
            else:
                kwargs[keyword.arg] = value
        return args, kwargs

    def _bind(self, source, frame, module, args, kwargs):
        function, method = source.function_around(frame["range"])
        if function is None:
            return {}
        probe = ast.parse("lambda: locals()", mode="eval").body
        probe.args = function.args
        for argument in ast.walk(probe.args):
            if isinstance(argument, ast.arg):
                argument.annotation = None
        make = _evaluate(probe, module)
        if method and len(args) + len(kwargs) < len(function.args.args):
            args = [unittest.mock.MagicMock(), *args]
        return make(*args, **kwargs)

    def _find(self, name):
        parts = name.split(".")
        for cut in range(len(parts) - 1, 0, -1):
            try:
                module = importlib.import_module(".".join(parts[:cut]))
            except ImportError:
                continue
            try:
                return _resolve(module, ".".join(parts[cut:]))
            except AttributeError:
                return None
        return None

    def _package(self, name):
        """Imports a package; one whose own code fails is stood in for by an empty one with the same directory."""
        try:
            importlib.import_module(name)
            return
        except Exception as error:
            self.behind = guard.text_of(error)
        parts = name.split(".")
        for count in range(1, len(parts) + 1):
            dotted, directory = ".".join(parts[:count]), os.path.join(self.root, *parts[:count])
            if dotted not in sys.modules and os.path.isdir(directory):
                module = sys.modules[dotted] = types.ModuleType(dotted)
                module.__path__ = [directory]

    def execute_import(self):
        """Executes the import statement of the finding by itself."""
        finding = self.finding
        source = Source(self.tree, finding["path"])
        statement = source.at(finding["range"], ast.Import, ast.ImportFrom)
        if statement is None:
            return None
        chosen = source.at(finding["range"], ast.alias)
        start, end = ends(finding["range"])
        if isinstance(chosen, ast.alias) and source.span(chosen)[0] <= start and end <= source.span(chosen)[1] and chosen in statement.names:
            statement.names = [chosen]
        local = module_of(self.local(finding["path"]))
        package = local if finding["path"].endswith("__init__.py") else local.rpartition(".")[0]
        code = compile(ast.Module([statement], []), "<import>", "exec")

        def run():
            if package:
                self._package(package)
            exec(code, {"__name__": local, "__package__": package})

        result = self.watch("the import by itself", run)
        result["place"] = result["match"]
        return result

    def star_import(self):
        """Imports the finding's own name as `import *` does; of several that are missing, CPython names the first alone."""
        finding = self.finding
        name = module_of(self.local(finding["path"]))
        string = Source(self.tree, finding["path"]).at(finding["range"], ast.Constant)
        if string is None:
            return None

        imported = guard.attempt(lambda: self.watch("import", lambda: importlib.import_module(name)))

        def run():
            module = importlib.import_module(name)
            if string.value in module.__all__:
                module.__all__ = [string.value]
            exec(f"from {name} import *", {"__name__": "reader"})

        result = self.watch("the star import", run)
        result["place"] = result["match"]
        result["reached"] = not imported.get("raises", True)
        return result

    def look_up(self):
        """Evaluates the attribute access of the finding by itself."""
        finding = self.finding
        node = Source(self.tree, finding["path"]).at(finding["range"], ast.Attribute)
        if node is None:
            return None
        frame = {"path": finding["path"], "range": finding["range"], "function": (self.chain or [{"function": ""}])[-1]["function"]}

        def look_up():
            module = self.lenient_module(finding["path"])
            return _evaluate(node, module, self.local_names(Source(self.tree, finding["path"]), frame, module))

        result = self.watch("the attribute by itself", look_up)
        result["place"] = result["match"]
        result["reached"] = False
        return result

    def look_up_target(self):
        """Imports what the strings of a table entry name."""
        finding = self.finding
        source = Source(self.tree, finding["path"])
        (first, _), (last, _) = ends(finding["range"])

        def texts(nodes):
            return [n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)]

        strings = texts(n for n in ast.walk(source.ast) if hasattr(n, "lineno") and first <= n.lineno and n.end_lineno <= last)
        # A table of names beside the module that they are in: ("module", {"operation": "name"}).
        around = [n for n in ast.walk(source.ast) if isinstance(n, (ast.Tuple, ast.List)) and n.lineno <= first and last <= n.end_lineno]
        modules = dict.fromkeys([*strings, *(text for node in around for text in texts(node.elts))])
        found = [self._try_pair(module, name) for module in modules for name in [*strings, ""] if module and name != module]
        found = [result for result in found if result and result["match"]]
        return found[0] if found else None

    def _try_pair(self, module, name):
        if not all(part.isidentifier() for part in module.split(".")) or (name and not name.isidentifier()):
            return None

        def run():
            found = importlib.import_module(module)
            return getattr(found, name) if name else found

        result = self.watch(f"import of {module}{', then ' + name if name else ''}", run)
        result["place"] = result["match"]
        return result

    def with_switches(self, attempt):
        """An attempt with every environment variable that the chain's files read switched on."""
        names = set()
        for frame in self.chain:
            for node in ast.walk(Source(self.tree, frame["path"]).ast):
                text = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
                if text in ("os.getenv", "os.environ.get", "getenv", "environ.get") and isinstance(node.args[0], ast.Constant):
                    names.add(node.args[0].value)
        if not names:
            return None
        os.environ.update((name, "true") for name in names if name not in os.environ)
        result = attempt()
        if result is not None:
            result["by"] += ", environment switched on"
        return result

    def by_route(self):
        """The attempts that go the whole way: from the function that the chain hands an operation's name to."""
        for index, frame in enumerate(self.chain[:-1]):
            call = Source(self.tree, frame["path"]).at(frame["range"], ast.Call)
            texts = [n.value for n in ast.walk(call) if isinstance(n, ast.Constant)] if call is not None else []
            if any(operation in texts for operation in self.finding["operations"]):
                return [lambda: self.execute_route(index + 1)]
        return [lambda: self.execute_route(0)]

    def plan(self):
        """The attempts for this finding's rule, best first."""
        rule, steps = self.finding["rule"], []
        if rule in ("missing-module", "missing-name", "guarded-import"):
            steps.append(self.execute_import)
        if rule == "undefined-export":
            steps.append(self.star_import)
        if self.chain:
            if self.finding.get("routes"):
                steps.append(lambda: self.execute_route(0))
            steps += [lambda s=s, e=e: self.call_outermost(s, e) for s in ("typed", "filled", "mock") for e in (False, True)]
            steps.append(lambda: self.with_switches(lambda: self.call_outermost("filled", False)))
            steps += [lambda s=s: self.evaluate_outermost(s) for s in ("typed", "mock")]
            if self.finding.get("routes"):
                steps += [lambda i=i: self.execute_route(i) for i in range(1, len(self.chain))]
                steps.append(lambda: self.with_switches(lambda: self.execute_route(0)))
        if rule == "missing-attribute":
            steps.append(self.look_up)
        if rule == "missing-target":
            steps.append(self.look_up_target)
        if rule in ("missing-module", "missing-name", "guarded-import"):
            steps.append(lambda: self.watch("import of the file", lambda: self.module(self.finding["path"])))
        if self.chain and rule in ("unexpected-keyword", "missing-argument", "too-many-positionals", "multiple-values", "positional-only-keyword"):
            steps.append(self.walk)
        return steps


def run(job):
    """All attempts, until one confirms at the right place; or the one that the job names."""
    chain = job["finding"].get("chain") or []
    places = [(os.path.join(job["tree"], f["path"]), f["range"]["start"]["line"]) for f in chain]
    mends = [(os.path.join(job["tree"], f["path"]), f["range"]) for f in job["mends"]]
    guard.isolate(job["root"], job["workdir"], job["stubs"], job["missing"], job["tree"], job["roots"], places, mends)
    finding = Job(job["tree"], job["root"], job["finding"])
    attempts = []
    for number, step in enumerate(finding.by_route() if job.get("by_route") else finding.plan()):
        result = guard.attempt(step) if job.get("only") in (None, number) else None
        if result is None:
            continue
        late = result.get("died") == guard.TIMEOUT
        if "died" in result:
            lines = result["died"].strip().splitlines()
            result = {"by": "an attempt", "match": False, "place": False, "reached": False, "saw": [lines[-1] if lines else "nothing"]}
        result.pop("all", None)
        result.pop("raises", None)
        result["number"] = number
        attempts.append(result)
        if late or (result["match"] and result["place"]):
            break
    return attempts


if __name__ == "__main__":
    json.dump(run(json.load(sys.stdin)), sys.stdout)
