"""Lists the mutants of a tree: calls whose callee CPython knows, and ways to break each.

    python mutable_calls.py DIRECTORY < JSON array of paths, from the directory

Runs in an environment in which the tree's modules can be imported, apart from `mutants.py`, since importing runs their code.
Writes one JSON object per line: see `Mutant` there. It knows nothing of coship: a callee is what CPython's own names lead to
after the import, and a mutant counts only if `inspect.signature(...).bind` takes the call before and refuses it after.
"""

import ast
import builtins
import enum
import importlib
import inspect
import json
import os
import pathlib
import signal
import sys
import types

UNKNOWN = 'not_a_parameter'
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def bound_names(scope: ast.AST) -> set[str]:
    """The names that a function's or class' own code binds."""
    names: set[str] = set()
    shared: set[str] = set()
    if isinstance(scope, SCOPES):
        arguments = scope.args
        for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]:
            if argument:
                names.add(argument.arg)
    pending = list(scope.body) if isinstance(scope.body, list) else [scope.body]
    while pending:
        node = pending.pop()
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                names.add(node.name)
                continue
            case ast.Name(ctx=ast.Store() | ast.Del()):
                names.add(node.id)
            case ast.Import() | ast.ImportFrom():
                names.update((alias.asname or alias.name).partition('.')[0] for alias in node.names)
            case ast.ExceptHandler(name=str() as name) | ast.MatchAs(name=str() as name) | ast.MatchStar(name=str() as name):
                names.add(name)
            case ast.MatchMapping(rest=str() as name):
                names.add(name)
            case ast.Global():
                shared.update(node.names)
        pending.extend(ast.iter_child_nodes(node))
    return names - shared


class Source:
    """A file: its bytes, its syntax tree, and where lines begin."""

    def __init__(self, path: str):
        self.path = path
        self.data = pathlib.Path(path).read_bytes()
        self.tree = ast.parse(self.data)
        self.starts = [0]
        for line in self.data.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def span(self, node: ast.AST) -> tuple[int, int]:
        """The bytes of a node."""
        return self.starts[node.lineno - 1] + node.col_offset, self.starts[node.end_lineno - 1] + node.end_col_offset

    def calls(self):
        """Every call with the scopes around it, from the outside in."""
        pending = [(self.tree, ())]
        while pending:
            node, around = pending.pop()
            if isinstance(node, ast.Call):
                yield node, around
            for field, value in ast.iter_fields(node):
                # Decorators, defaults and annotations are evaluated outside.
                inner = (*around, node) if isinstance(node, (*SCOPES, ast.ClassDef)) and field == 'body' else around
                for child in value if isinstance(value, list) else [value]:
                    if isinstance(child, ast.AST):
                        pending.append((child, inner))


def resolved(expression: ast.expr, around: tuple, module: types.ModuleType, bound: dict):
    """What a plain or dotted name is after the import; None if anything else could be meant."""
    parts = []
    while isinstance(expression, ast.Attribute):
        parts.append(expression.attr)
        expression = expression.value
    if not isinstance(expression, ast.Name):
        return None
    for place, scope in enumerate(around):
        # A class body's names are seen by its own code only.
        if isinstance(scope, ast.ClassDef) and place != len(around) - 1:
            continue
        if scope not in bound:
            bound[scope] = bound_names(scope)
        if expression.id in bound[scope]:
            return None
    name = expression.id
    value = vars(module).get(name, vars(builtins).get(name))
    for part in reversed(parts):
        if not isinstance(value, (types.ModuleType, type)):
            return None
        try:
            value = getattr(value, part)
        except Exception:
            return None
    return value


def definition(value) -> types.FunctionType | None:
    """The function whose parameters a call fills; None if it is not sure to be one."""
    if isinstance(value, type):
        if isinstance(value, enum.EnumMeta) or '__signature__' in dir(value) or type(value).__call__ is not type.__call__:
            return None
        new, init = value.__new__, value.__init__
        if new is object.__new__:
            return init if isinstance(init, types.FunctionType) else None
        return None
    if isinstance(value, types.MethodType):
        value = value.__func__
    return value if isinstance(value, types.FunctionType) else None


def binds(signature: inspect.Signature, call: ast.Call) -> bool:
    """Whether a call fills the parameters."""
    try:
        signature.bind(*call.args, **{keyword.arg: keyword.value for keyword in call.keywords})
    except TypeError:
        return False
    return True


def parsed(text: bytes) -> ast.Call | None:
    """A call's text as a call."""
    try:
        call = ast.parse(b'(' + text + b')', mode='eval').body
    except (SyntaxError, ValueError):
        return None
    return call if isinstance(call, ast.Call) else None


def without(data: bytes, start: int, end: int) -> bytes:
    """Nothing but the line ends of a piece of text, so that no line moves."""
    return b'\n' * data[start:end].count(b'\n')


def call_mutants(source: Source, call: ast.Call, signature: inspect.Signature):
    """Ways to break a call at its place: kind, start, end, new text."""
    begin, end = source.span(call)
    passed = [*call.args, *call.keywords]
    spans = [source.span(node) for node in passed]
    for index, (start, stop) in enumerate(spans):
        rest = source.data[stop:end]
        comma = len(rest) - len(rest.lstrip())
        if rest[comma:comma + 1] == b',':
            yield 'drop', start, stop + comma + 1, without(source.data, start, stop + comma + 1)
        elif index:
            yield 'drop', spans[index - 1][1], stop, without(source.data, spans[index - 1][1], stop)
        else:
            yield 'drop', start, stop, without(source.data, start, stop)
    last = max((stop for _, stop in spans), default=None)
    if last is None:
        yield 'unknown', end - 1, end - 1, f'{UNKNOWN}=None'.encode()
    else:
        yield 'unknown', last, last, f', {UNKNOWN}=None'.encode()
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    room = sum(parameter.kind in kinds for parameter in signature.parameters.values())
    surplus = b', '.join([b'None'] * max(1, room - len(call.args) + 1))
    if call.args:
        last = source.span(call.args[-1])[1]
        yield 'surplus', last, last, b', ' + surplus
    elif spans:
        yield 'surplus', spans[0][0], spans[0][0], surplus + b', '
    else:
        yield 'surplus', end - 1, end - 1, surplus


def is_confirmed(source: Source, call: ast.Call, signature: inspect.Signature, start: int, end: int, text: bytes) -> bool:
    """Whether the changed call is a call that fails to bind."""
    begin, stop = source.span(call)
    changed = parsed(source.data[begin:start] + text + source.data[end:stop])
    return changed is not None and ast.dump(changed.func) == ast.dump(call.func) and not binds(signature, changed)


def renamings(source: Source, function: types.FunctionType, keyword: str) -> list | None:
    """The edits that give a parameter another name, in the function's head and body."""
    code = function.__code__
    for node in ast.walk(source.tree):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) or node.name != code.co_name:
            continue
        if min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)]) != code.co_firstlineno:
            continue
        edits = []
        arguments = [*node.args.args, *node.args.kwonlyargs]
        for argument in arguments:
            if argument.arg == keyword:
                start, _ = source.span(argument)
                edits.append([start, start + len(keyword), f'{keyword}_renamed'])
        for statement in node.body:
            for inner in ast.walk(statement):
                if isinstance(inner, SCOPES) and keyword in bound_names(inner):
                    return None
                if isinstance(inner, (ast.Global, ast.Nonlocal)) and keyword in inner.names:
                    return None
                if isinstance(inner, ast.Name) and inner.id == keyword:
                    start, end = source.span(inner)
                    if source.data[start:end] != keyword.encode():
                        return None
                    edits.append([start, end, f'{keyword}_renamed'])
        return edits
    return None


def renamed(signature: inspect.Signature, keyword: str) -> inspect.Signature:
    """A signature with one parameter under another name."""
    parameters = [parameter.replace(name=f'{name}_renamed') if name == keyword else parameter
                  for name, parameter in signature.parameters.items()]
    return signature.replace(parameters=parameters)


def mutants(path: str, module: types.ModuleType, sources: dict[str, Source], top: str):
    """All mutants of the calls in one file."""
    source = sources[path]
    bound: dict = {}
    for call, around in source.calls():
        if any(isinstance(argument, ast.Starred) for argument in call.args) or any(k.arg is None for k in call.keywords):
            continue
        if any(isinstance(argument, ast.GeneratorExp) for argument in call.args):
            continue
        value = resolved(call.func, around, module, bound)
        function = definition(value) if value is not None else None
        if function is None or hasattr(function, '__wrapped__'):
            continue
        file = os.path.realpath(function.__code__.co_filename)
        if not file.startswith(top):
            continue
        try:
            signature = inspect.signature(value, follow_wrapped=False)
        except (TypeError, ValueError):
            continue
        if not binds(signature, call):
            continue
        functions = [scope for scope in around if isinstance(scope, SCOPES)]
        common = {
            'path': path, 'line': call.lineno, 'end': call.end_lineno,
            'within': [path, functions[0].lineno if functions else 0],
            'callee': [os.path.relpath(file, top), function.__code__.co_firstlineno],
            'place': 'function' if functions else 'class' if around else 'module',
        }
        for kind, start, end, text in call_mutants(source, call, signature):
            if is_confirmed(source, call, signature, start, end, text):
                yield {**common, 'kind': kind, 'edits': [[path, start, end, text.decode()]]}
        for keyword in call.keywords:
            callee = common['callee'][0]
            if callee not in sources or keyword.arg not in signature.parameters:
                continue
            if signature.parameters[keyword.arg].kind not in (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY):
                continue
            if binds(renamed(signature, keyword.arg), call):
                continue
            edits = renamings(sources[callee], function, keyword.arg)
            if edits:
                yield {**common, 'kind': 'rename', 'edits': [[callee, *edit] for edit in edits]}


class TookTooLong(BaseException):
    """An import that does not end."""


def too_long(*_):
    raise TookTooLong


def main() -> None:
    top = os.path.realpath(sys.argv[1])
    paths = json.load(sys.stdin)
    out = os.fdopen(os.dup(1), 'w')
    # What the modules print is of no interest.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.argv = sys.argv[:1]
    signal.signal(signal.SIGALRM, too_long)
    sources = {}
    for path in paths:
        try:
            sources[path] = Source(os.path.join(top, path))
        except (SyntaxError, ValueError):
            continue
    for path in sources:
        name = path.removesuffix('.py').removesuffix('/__init__').replace('/', '.')
        signal.alarm(20)
        try:
            module = importlib.import_module(name)
        except BaseException:
            continue
        finally:
            signal.alarm(0)
        if os.path.realpath(getattr(module, '__file__', None) or '') != os.path.join(top, path):
            continue
        for mutant in mutants(path, module, sources, top):
            out.write(json.dumps(mutant) + '\n')
    out.flush()
    os._exit(0)


if __name__ == '__main__':
    main()
