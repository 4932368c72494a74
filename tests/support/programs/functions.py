"""Pieces of programs: functions, and what is done with them. Each takes a random source and a letter that keeps its names apart."""

from textwrap import indent

from programs import matrix
from programs.signature import NAMES, Signature, value


def body(r, signature):
    names = signature.names()
    return f"return ({', '.join(names)},)" if names else "return None"


def function(r, name, signature, first="", is_async=False):
    return f"{'async ' * is_async}def {name}({signature.text(first)}):\n    {body(r, signature)}\n\n\n"


def forwarders(r, x):
    """Functions that hand on what they get."""
    signature = Signature(r)
    text = function(r, f"{x}_0", signature)
    depth = r.randint(1, 4)
    for level in range(1, depth + 1):
        before = f"{x}_{level - 1}"
        kind = r.choice(("all", "all", "keyword", "logs", "table", "lambda", "checks"))
        if kind == "all":
            text += f"def {x}_{level}(*args, **kwargs):\n    return {before}(*args, **kwargs)\n\n\n"
        elif kind == "keyword":
            text += f"def {x}_{level}(*args, verbose=False, **kwargs):\n    if verbose:\n        print(args)\n    return {before}(*args, **kwargs)\n\n\n"
        elif kind == "logs":
            text += f"def {x}_{level}(*args, **kwargs):\n    print(len(args), sorted(kwargs))\n    result = {before}(*args, **kwargs)\n    return result\n\n\n"
        elif kind == "table":
            text += f"{x}_table_{level} = {{'go': {before}, 'no': None}}\n\n\ndef {x}_{level}(*args, **kwargs):\n    return {x}_table_{level}['go'](*args, **kwargs)\n\n\n"
        elif kind == "lambda":
            text += f"{x}_{level} = lambda *args, **kwargs: {before}(*args, **kwargs)\n\n\n"
        else:
            text += f"def {x}_{level}(*args, **kwargs):\n    kwargs = {{k: v for k, v in kwargs.items() if k != 'unwanted'}}\n    if not callable({before}):\n        return None\n    return {before}(*args, **kwargs)\n\n\n"
    for _ in range(r.randint(1, 3)):
        extra = ""
        call = signature.call(r)
        text += f"print({x}_{depth}({call}{extra}))\n"
    return text


def guarded(r, x):
    """Guards that decide what is done with a value."""
    names = {}
    exec(compile(matrix.PRELUDE, "prelude", "exec"), names)
    plain = [v for v in matrix.VALUES if not any(word in v for word in ("Plain", "Child", "Caller", "Sized", "Falsy", "Equal", "Color", "Level", "Text", "Point", "Pair", "Square", "Shape", "_function", "takes", "one"))]
    for _ in range(100):
        guards = [r.choice(matrix.GUARDS) for _ in range(r.randint(1, 3))]
        if any(word in guard for guard in guards for word in ("Plain", "Child", "Shape", "Color", "Level", "KINDS", "numbers", "Union", "plain_function", ":=", "int | str", "collections.abc")):
            continue
        joined = guards[0] if len(guards) == 1 else r.choice((" and ", " or ")).join(f"({guard})" for guard in guards)
        if r.random() < 0.3:
            joined = f"not ({joined})"
        values = r.sample(plain, 3)
        answers = []
        try:
            for text in values:
                names["b"] = eval(text, names)
                answers.append((text, bool(eval(joined, names))))
        except Exception:
            continue
        break
    else:
        return "pass\n"
    arms = {True: ("1, 2", f"{x}_two(b, *rest)"), False: ("3,", f"{x}_one(b, *rest)")}
    text = f"def {x}_two(a, b, c):\n    return a, b, c\n\n\ndef {x}_one(a, b):\n    return a, b\n\n\n"
    shape = r.randrange(5)
    then, other = arms[True][1], arms[False][1]
    if shape == 0:
        text += f"def {x}_f(b, *rest):\n    if {joined}:\n        return {then}\n    return {other}\n\n\n"
    elif shape == 1:
        text += f"def {x}_f(b, *rest):\n    while not ({joined}):\n        return {other}\n    return {then}\n\n\n"
    elif shape == 2:
        text += f"def {x}_f(b, *rest):\n    kept = [y for y in (b,) if {joined.replace('(c := b)', 'b')}]\n    if kept:\n        return {then}\n    return {other}\n\n\n"
    elif shape == 3:
        text += f"class {x}_C:\n    def __init__(self, b):\n        self.b = b\n        self.holds = bool({joined})\n\n    def f(self, *rest):\n        b = self.b\n        return {then} if self.holds else {other}\n\n\ndef {x}_f(b, *rest):\n    return {x}_C(b).f(*rest)\n\n\n"
    else:
        text += f"def {x}_f(b, *rest):\n    holds = {joined}\n    chosen = {x}_two if holds else {x}_one\n    return chosen(b, *rest)\n\n\n"
    for given, holds in answers:
        text += f"print({x}_f({given}, {arms[holds][0]}))\n"
    return text


def decorators(r, x):
    """Decorators that keep, add to or take from what a function gets."""
    signature = Signature(r, star=False)
    text = ""
    uses = []
    extra = None
    for number in range(r.randint(1, 3)):
        name = f"{x}_deco{number}"
        kind = r.choice(("plain", "argument", "optional", "class", "dual", "adds", "takes", "registers", "counts"))
        if kind == "plain":
            text += f"def {name}(func):\n    @functools.wraps(func)\n    def wrapper(*args, **kwargs):\n        return func(*args, **kwargs)\n    return wrapper\n\n\n"
            uses.append(f"@{name}")
        elif kind == "argument":
            text += f"def {name}(times):\n    def outer(func):\n        def wrapper(*args, **kwargs):\n            for _ in range(times):\n                result = func(*args, **kwargs)\n            return result\n        return wrapper\n    return outer\n\n\n"
            uses.append(f"@{name}({r.randint(1, 3)})")
        elif kind == "optional":
            text += f"def {name}(func=None, *, times=1):\n    if func is None:\n        return functools.partial({name}, times=times)\n    @functools.wraps(func)\n    def wrapper(*args, **kwargs):\n        return func(*args, **kwargs)\n    return wrapper\n\n\n"
            uses.append(r.choice((f"@{name}", f"@{name}()", f"@{name}(times=2)")))
        elif kind == "class":
            text += f"class {name}:\n    def __init__(self, func):\n        functools.update_wrapper(self, func)\n        self.func = func\n        self.calls = 0\n\n    def __call__(self, *args, **kwargs):\n        self.calls += 1\n        return self.func(*args, **kwargs)\n\n\n"
            uses.append(f"@{name}")
        elif kind == "dual":
            test = r.choice(("inspect.iscoroutinefunction", "asyncio.iscoroutinefunction"))
            text += f"def {name}(func):\n    if {test}(func):\n        @functools.wraps(func)\n        async def wrapper(*args, **kwargs):\n            return await func(*args, **kwargs)\n    else:\n        @functools.wraps(func)\n        def wrapper(*args, **kwargs):\n            return func(*args, **kwargs)\n    return wrapper\n\n\n"
            uses.append(f"@{name}")
        elif kind == "adds":
            text += f"def {name}(func):\n    def wrapper(*args, **kwargs):\n        if {r.choice((repr('extra'), repr('unknown')))} in inspect.signature(func).parameters:\n            kwargs['extra'] = 1\n        return func(*args, **kwargs)\n    return wrapper\n\n\n"
            uses.append(f"@{name}")
        elif kind == "takes":
            text += f"def {name}(func):\n    def wrapper(*args, quiet=False, **kwargs):\n        result = func(*args, **kwargs)\n        return None if quiet else result\n    return wrapper\n\n\n"
            uses.append(f"@{name}")
            extra = "quiet=True" if len(uses) == 1 else extra
        elif kind == "registers":
            text += f"{name}_all = {{}}\n\n\ndef {name}(name):\n    def register(func):\n        {name}_all[name] = func\n        return func\n    return register\n\n\n"
            uses.append(f"@{name}('first')")
        else:
            text += f"def {name}(func):\n    count = 0\n\n    def wrapper(*args, **kwargs):\n        nonlocal count\n        count += 1\n        return func(*args, **kwargs)\n    wrapper.calls = lambda: count\n    return wrapper\n\n\n"
            uses.append(f"@{name}")
    is_async = r.random() < 0.25 and all("deco" in use for use in uses)
    text += "\n".join(uses) + "\n" + function(r, f"{x}_f", signature, is_async=is_async)
    call = signature.call(r)
    if extra and r.random() < 0.5:
        call = ", ".join(part for part in (call, extra) if part)
    if is_async:
        text += f"async def {x}_main():\n    return await {x}_f({call})\n\n\nprint(asyncio.run({x}_main()))\n"
    else:
        text += f"print({x}_f({call}))\n"
    return text


def closures(r, x):
    """Factories."""
    kind = r.randrange(5)
    if kind == 0:
        names = r.sample(NAMES, 2)
        text = f"def {x}_make(kind, *given):\n    if kind == 'pair':\n        def inner({names[0]}, {names[1]}):\n            return {names[0]}, {names[1]}, given\n    elif kind == 'none':\n        def inner():\n            return given\n    else:\n        inner = None\n    return inner\n\n\n"
        text += f"print({x}_make('pair')(1, {names[1]}={value(r)}))\nprint({x}_make('none', 1)())\nprint({x}_make('other'))\n"
        return text
    if kind == 1:
        return f"def {x}_counter(start={r.randint(0, 3)}):\n    count = start\n\n    def step(by=1):\n        nonlocal count\n        count += by\n        return count\n\n    def reset():\n        nonlocal count\n        count = start\n    return step, reset\n\n\n{x}_step, {x}_reset = {x}_counter({r.choice(('', '5', 'start=2'))})\nprint({x}_step(), {x}_step(by=2), {x}_reset(), {x}_step({r.randint(1, 3)}))\n"
    if kind == 2:
        given = [value(r) for _ in range(3)]
        return f"{x}_made = [(lambda item=item, *rest: (item, rest)) for item in ({', '.join(given)})]\nfor {x}_f in {x}_made:\n    print({x}_f())\n    print({x}_f(1, 2))\n"
    if kind == 3:
        test = r.choice(("handler is None", "not handler", "handler is not None and not callable(handler)"))
        return f"def {x}_later(handler=None):\n    def run(*args):\n        if {test}:\n            return args\n        return handler(*args)\n    return run\n\n\nprint({x}_later()(1, 2))\nprint({x}_later(lambda *args: len(args))(1))\n"
    return f"def {x}_compose(*functions):\n    def run(item):\n        for function in functions:\n            item = function(item)\n        return item\n    return run\n\n\nprint({x}_compose(str, len)({value(r)}))\nprint({x}_compose()({value(r)}))\nprint({x}_compose(lambda item: (item, 1), lambda pair: pair[0])({value(r)}))\n"


def partials(r, x):
    """`functools.partial` and its kin."""
    signature = Signature(r, most=4)
    positionals, keywords = signature.arguments(r)
    split = r.randint(0, len(positionals))
    early = positionals[:split] + [f"{k}={v}" for k, v in keywords if r.random() < 0.5]
    given = {part.split("=")[0] for part in early}
    late = positionals[split:] + [f"{k}={v}" for k, v in keywords if k not in given]
    text = function(r, f"{x}_f", signature)
    how = r.randrange(4)
    if how == 0:
        text += f"{x}_p = functools.partial({', '.join([f'{x}_f', *early])})\nprint({x}_p({', '.join(late)}))\n"
    elif how == 1:
        text += f"{x}_p = {{'run': functools.partial({', '.join([f'{x}_f', *early])})}}\n\n\ndef {x}_go(op, *args, **kwargs):\n    return {x}_p[op](*args, **kwargs)\n\n\nprint({x}_go({', '.join([repr('run'), *late])}))\n"
    elif how == 2:
        text += f"def {x}_go(function, *args, **kwargs):\n    if isinstance(function, functools.partial):\n        function = function.func\n        return function\n    return function(*args, **kwargs)\n\n\nprint({x}_go({', '.join([f'{x}_f', *positionals, *(f'{k}={v}' for k, v in keywords)])}) is None)\nprint({x}_go(functools.partial({', '.join([f'{x}_f', *early])})) is {x}_f)\n"
    else:
        text += f"class {x}_C:\n    {indent(function(r, 'f', signature, 'self').rstrip(), '    ').strip()}\n\n    g = functools.partialmethod({', '.join(['f', *early])})\n\n\nprint({x}_C().g({', '.join(late)}))\n"
    return text


def dispatch(r, x):
    """An operation by its name: tables, loops, ladders, `getattr`, `match`."""
    count = r.randint(2, 4)
    operations = r.sample(["get", "set", "drop", "list", "load", "save"], count)
    signatures = {op: Signature(r, most=3) for op in operations}
    text = "".join(function(r, f"{x}_{op}", signatures[op]) for op in operations)
    how = r.choice(("table", "loop", "ladder", "globals", "match", "pairs", "default", "loop_break", "class", "kinds", "suffix"))
    if how == "table":
        text += f"{x}_TABLE = {{{', '.join(f'{op!r}: {x}_{op}' for op in operations)}}}\n\n\ndef {x}_run(op, *args, **kwargs):\n    if op not in {x}_TABLE:\n        raise ValueError(op)\n    return {x}_TABLE[op](*args, **kwargs)\n\n\n"
    elif how == "loop":
        text += f"{x}_TABLE = {{{', '.join(f'{op!r}: {x}_{op}' for op in operations)}}}\n\n\ndef {x}_run(op, *args, **kwargs):\n    for name, handler in {x}_TABLE.items():\n        if name == op:\n            return handler(*args, **kwargs)\n    return None\n\n\nprint({x}_run({value(r)}, 1, 2, 3, 4, 5))\n"
    elif how == "loop_break":
        text += f"def {x}_run(op, *args, **kwargs):\n    found = None\n    for name, handler in [{', '.join(f'({op!r}, {x}_{op})' for op in operations)}]:\n        if op == name:\n            found = handler\n            break\n    else:\n        return None\n    return found(*args, **kwargs)\n\n\nprint({x}_run({value(r)}, 1, 2, 3, 4, 5))\n"
    elif how == "ladder":
        arms = "".join(f"    {'elif' if index else 'if'} op == {op!r}:\n        return {x}_{op}(*args, **kwargs)\n" for index, op in enumerate(operations))
        text += f"def {x}_run(op, *args, **kwargs):\n{arms}    return None\n\n\nprint({x}_run({value(r)}, 1, 2, 3, 4, 5))\n"
    elif how == "globals":
        text += f"def {x}_run(op, *args, **kwargs):\n    handler = globals().get({x + '_'!r} + op)\n    if handler is None:\n        return None\n    return handler(*args, **kwargs)\n\n\n"
    elif how == "match":
        arms = "".join(f"        case {op!r}:\n            return {x}_{op}(*args, **kwargs)\n" for op in operations)
        text += f"def {x}_run(op, *args, **kwargs):\n    match op:\n{arms}        case int() | float():\n            return args\n        case [first, *others]:\n            return {x}_run(first, *args, **kwargs)\n        case None:\n            return None\n        case _:\n            return kwargs\n\n\nprint({x}_run({value(r)}, 1, 2, 3, 4, 5))\nprint({x}_run(3, 1, 2, 3, 4, 5))\n"
    elif how == "pairs":
        text += f"{x}_TABLE = {{{', '.join(f'({op!r}, {index % 2}): {x}_{op}' for index, op in enumerate(operations))}}}\n\n\ndef {x}_run(op, *args, **kwargs):\n    handler = {x}_TABLE.get((op, 0)) or {x}_TABLE.get((op, 1))\n    if not handler:\n        return None\n    return handler(*args, **kwargs)\n\n\nprint({x}_run('missing', 1, 2, 3, 4, 5, nothing=1))\n"
    elif how == "default":
        text += f"def {x}_other(*args, **kwargs):\n    return 'other'\n\n\n{x}_TABLE = dict({', '.join(f'{op}={x}_{op}' for op in operations)})\n\n\ndef {x}_run(op, *args, **kwargs):\n    return {x}_TABLE.get(op, {x}_other)(*args, **kwargs)\n\n\nprint({x}_run('missing', 1, 2, 3, 4, 5))\n"
    elif how == "class":
        methods = "".join(f"    def do_{op}(self, *args, **kwargs):\n        return {x}_{op}(*args, **kwargs)\n\n" for op in operations)
        text += f"class {x}_Router:\n{methods}    def run(self, op, *args, **kwargs):\n        handler = getattr(self, 'do_' + op, None)\n        if handler is None:\n            return self.unknown(op)\n        return handler(*args, **kwargs)\n\n    def unknown(self, op):\n        return op\n\n\n{x}_run = {x}_Router().run\nprint({x}_run('missing', 1, 2, 3, 4, 5))\n"
    elif how == "kinds":
        text += f"{x}_TABLE = {{{', '.join(f'{op!r}: ({x}_{op}, {index % 2 == 0})' for index, op in enumerate(operations))}, 'raw': ('text', False)}}\n\n\ndef {x}_run(op, *args, **kwargs):\n    handler, wanted = {x}_TABLE[op]\n    if isinstance(handler, str):\n        return handler\n    if wanted:\n        print(op)\n    return handler(*args, **kwargs)\n\n\nprint({x}_run('raw', 1, 2, 3, 4, 5))\n"
    else:
        text += f"{x}_TABLE = {{{', '.join(f'{op.upper()!r}: {x}_{op}' for op in operations)}}}\n\n\ndef {x}_run(op, *args, **kwargs):\n    op = op.strip().{r.choice(('upper', 'upper', 'swapcase'))}()\n    return {x}_TABLE[op](*args, **kwargs)\n\n\n"
    for _ in range(r.randint(1, 3)):
        op = r.choice(operations)
        call = signatures[op].call(r)
        text += f"print({x}_run({', '.join(part for part in (repr(op), call) if part)}))\n"
    return text


def fallbacks(r, x):
    """`try` and what comes after."""
    kind = r.randrange(9)
    if kind == 0:
        return f"def {x}_new(item, *, mode):\n    return item, mode\n\n\ndef {x}_old(item):\n    return item\n\n\ndef {x}_call(function, item):\n    try:\n        return function(item, mode=1)\n    except TypeError:\n        return function(item)\n\n\nprint({x}_call({x}_old, {value(r)}))\nprint({x}_call({x}_new, {value(r)}))\n"
    if kind == 1:
        return f"def {x}_one(item):\n    return item\n\n\ndef {x}_two(item, other):\n    return item, other\n\n\ndef {x}_first(*args):\n    for function in ({x}_one, {x}_two, len):\n        try:\n            return function(*args)\n        except TypeError:\n            continue\n    return None\n\n\nprint({x}_first({value(r)}))\nprint({x}_first({value(r)}, 1))\n"
    if kind == 2:
        return f"{x}_TABLE = {{'run': 1}}\n\n\ndef {x}_get(key):\n    try:\n        return {x}_TABLE[key]\n    except KeyError:\n        return None\n\n\nprint({x}_get('run'), {x}_get('stop'))\n"
    if kind == 3:
        return f"try:\n    import json_that_is_not_there as {x}_json\nexcept ImportError:\n    {x}_json = None\n\n\ndef {x}_dump(item):\n    if {x}_json is None:\n        return repr(item)\n    return {x}_json.dumps(item)\n\n\nprint({x}_dump({value(r)}))\n"
    if kind == 4:
        return f"class {x}_A:\n    pass\n\n\ndef {x}_name(item):\n    try:\n        return item.name\n    except AttributeError:\n        return 'none'\n\n\nprint({x}_name({x}_A()), {x}_name({value(r)}))\n"
    if kind == 5:
        errors = r.choice(("(TypeError, ValueError)", "Exception", "ERRORS"))
        return f"{'ERRORS = (TypeError, ValueError)' if errors == 'ERRORS' else 'pass'}\n\n\ndef {x}_number(text, default=None):\n    try:\n        return int(text)\n    except {errors}:\n        return default\n\n\nprint({x}_number('3'), {x}_number('x', 1), {x}_number(None))\n"
    if kind == 6:
        return f"def {x}_f(item):\n    return item\n\n\ndef {x}_safe(*args, **kwargs):\n    result = None\n    try:\n        result = {x}_f(*args, **kwargs)\n    except TypeError as error:\n        result = str(error)\n    else:\n        result = (result,)\n    finally:\n        print('done')\n    return result\n\n\nprint({x}_safe({value(r)}))\n"
    if kind == 7:
        return f"def {x}_parse(text):\n    try:\n        head, tail = text.split('.')\n    except (ValueError, AttributeError):\n        return {x}_default()\n    return head, tail\n\n\ndef {x}_default():\n    return 'x', 'y'\n\n\nfor {x}_item in ('a.b', 'ab', None, {value(r)}):\n    {x}_a, {x}_b = {x}_parse({x}_item)\n    print({x}_a, {x}_b)\n"
    return f"def {x}_loud(item):\n    with contextlib.suppress(TypeError, KeyError):\n        return len(item)\n    return -1\n\n\nprint({x}_loud({value(r)}), {x}_loud(3))\n"


def rebinding(r, x):
    """Names that are bound more than once."""
    kind = r.randrange(8)
    if kind == 0:
        return f"{x}_handler = None\n\n\ndef {x}_init():\n    global {x}_handler\n    {x}_handler = {r.choice(('len', 'str', 'lambda item: (item, 1)'))}\n\n\ndef {x}_run(item):\n    if {x}_handler is None:\n        {x}_init()\n    return {x}_handler(item)\n\n\nprint({x}_run('text'), {x}_run('more'))\n"
    if kind == 1:
        flag = r.choice(("True", "False", "0", "''", "'x'", "None", "[]", "len"))
        return f"{x}_FLAG = {flag}\n\nif {x}_FLAG:\n    def {x}_f(item, other):\n        return item, other\nelse:\n    def {x}_f(item):\n        return item\n\n\nprint({x}_f(1, 2) if {x}_FLAG else {x}_f(1))\n"
    if kind == 2:
        return f"def {x}_f(item):\n    return item\n\n\nprint({x}_f(1))\n\n\ndef {x}_f(item, *, mode):\n    return item, mode\n\n\nprint({x}_f(1, mode=2))\n{x}_f = len\nprint({x}_f('abc'))\n"
    if kind == 3:
        return f"def {x}_join(items):\n    if isinstance(items, str):\n        items = items.split(',')\n    elif not isinstance(items, (list, tuple)):\n        items = [items]\n    return [str(item) for item in items]\n\n\nprint({x}_join('a,b'), {x}_join(({value(r)},)), {x}_join({value(r)}))\n"
    if kind == 4:
        return f"def {x}_f(callback=None, **options):\n    callback = callback or (lambda *args: args)\n    options = dict(options, mode=1)\n    mode = options.pop('mode', None)\n    if mode:\n        return callback(1, 2)\n    return callback(**options)\n\n\nprint({x}_f(), {x}_f(max), {x}_f(min, key=1))\n"
    if kind == 5:
        return f"{x}_cache = {{}}\n\n\ndef {x}_get(key, make=None):\n    if key not in {x}_cache:\n        if make is None:\n            return None\n        {x}_cache[key] = make()\n    return {x}_cache[key]\n\n\nprint({x}_get('a'), {x}_get('a', dict), {x}_get('a'), {x}_get('b', lambda: {value(r)}))\n"
    if kind == 6:
        return f"def {x}_walk(item, depth=0):\n    if isinstance(item, dict):\n        return {{key: {x}_walk(inner, depth + 1) for key, inner in item.items()}}\n    if isinstance(item, (list, tuple)):\n        return type(item)({x}_walk(inner, depth=depth + 1) for inner in item)\n    if callable(item):\n        return item.__name__\n    return item\n\n\nprint({x}_walk({{'a': [1, ({value(r)}, 2)], 'b': {{}}}}))\n"
    return f"{x}_default = object()\n\n\ndef {x}_get(mapping, key, default={x}_default):\n    if key in mapping:\n        return mapping[key]\n    if default is {x}_default:\n        raise LookupError(key)\n    return default\n\n\nprint({x}_get({{'a': 1}}, 'a'), {x}_get({{}}, 'a', {value(r)}))\ntry:\n    {x}_get({{}}, 'a')\nexcept LookupError as {x}_error:\n    print({x}_error)\n"


def versions(r, x):
    """Versions from texts, of Python and of others."""
    text = r.choice(("1.2.3", "0.9", "2.0.0rc1", "10.1"))
    parse = r.choice((
        f"tuple(int(part) for part in {x}_VERSION.split('.')[:2])",
        f"tuple(map(int, re.findall(r'\\d+', {x}_VERSION)[:2]))",
        f"tuple(int(part) for part in {x}_VERSION.split('.') if part.isdigit())",
        f"[int(part) for part in {x}_VERSION.split('.')[:1]]",
        f"int({x}_VERSION.split('.')[0])",
        f"{x}_VERSION.partition('.')[0]",
        f"{x}_VERSION",
        f"float('.'.join({x}_VERSION.split('.')[:2]))",
    ))
    made = eval(parse, {"re": __import__("re"), f"{x}_VERSION": text})
    limit = {tuple: "(1, 2)", list: "[1]", int: "2", str: "'1'", float: "1.5"}[type(made)]
    op = r.choice((">=", "<", ">", "==", "<="))
    holds = eval(f"made {op} {limit}", {"made": made})
    definitions = ["    def {x}_f(item, *, mode):\n        return item, mode\n", "    def {x}_f(item):\n        return item\n"]
    calls = [f"{x}_f(1, mode=2)", f"{x}_f(1)"]
    text = f"{x}_VERSION = {text!r}\n{x}_info = {parse}\n{x}_IS_NEW = {x}_info {op} {limit}\n\nif {x}_IS_NEW:\n{definitions[0].format(x=x)}else:\n{definitions[1].format(x=x)}\n\n"
    how = r.randrange(3)
    if how == 0:
        text += f"print({calls[0] if holds else calls[1]})\n"
    elif how == 1:
        text += f"if {x}_IS_NEW:\n    print({calls[0]})\nelse:\n    print({calls[1]})\n"
    else:
        text += f"def {x}_run(**kwargs):\n    if not {x}_IS_NEW:\n        kwargs.pop('mode', None)\n    return {x}_f(1, **kwargs)\n\n\nprint({x}_run(mode=1))\n"
    if r.random() < 0.5:
        text += f"if sys.version_info >= (3, {r.choice((3, 8, 30))}):\n    {x}_run_new = lambda item, mode=0: item\nelse:\n    {x}_run_new = None\nprint({x}_run_new and {x}_run_new(1))\n"
    return text


def signatures(r, x):
    """Functions that look at what another one takes."""
    signature = Signature(r, most=3)
    text = function(r, f"{x}_f", signature)
    positionals, keywords = signature.arguments(r)
    given = ", ".join([*positionals, *(f"{k}={v}" for k, v in keywords)])
    how = r.randrange(4)
    if how == 0:
        text += f"def {x}_call(function, *args, **kwargs):\n    taken = inspect.signature(function).parameters\n    if 'verbose' in taken:\n        kwargs['verbose'] = True\n    return function(*args, **kwargs)\n\n\nprint({x}_call({', '.join(part for part in (f'{x}_f', given) if part)}))\n"
    elif how == 1:
        text += f"def {x}_call(function, *args, **kwargs):\n    taken = inspect.signature(function).parameters\n    kwargs = {{k: v for k, v in kwargs.items() if k in taken}}\n    return function(*args, **kwargs)\n\n\nprint({x}_call({', '.join(part for part in (f'{x}_f', given) if part)}{', ' if given else ', '}unknown=1))\n"
    elif how == 2:
        text += f"{x}_TAKES = 'ttl' in inspect.signature({x}_f).parameters\n\n\ndef {x}_call(*args, **kwargs):\n    if {x}_TAKES:\n        kwargs.setdefault('ttl', 1)\n    return {x}_f(*args, **kwargs)\n\n\nprint({x}_f({given}))\n"
    else:
        text += f"def {x}_count(function):\n    return len(inspect.signature(function).parameters)\n\n\ndef {x}_call(function):\n    if {x}_count(function) == 0:\n        return function()\n    if {x}_count(function) == 1:\n        return function(1)\n    return function(1, 2)\n\n\nprint({x}_call(lambda: 1), {x}_call(lambda a: a), {x}_call(lambda a, b: (a, b)))\n"
    return text


def generators(r, x):
    """Generators and comprehensions."""
    kind = r.randrange(6)
    if kind == 0:
        return f"def {x}_count(stop):\n    for number in range(stop):\n        yield number, str(number)\n\n\nfor {x}_n, {x}_t in {x}_count({r.randint(0, 3)}):\n    print({x}_n + 1, {x}_t.upper())\nprint(dict({x}_count(2)), list({x}_count(stop=1)))\n"
    if kind == 1:
        return f"def {x}_echo():\n    got = None\n    while True:\n        got = yield got\n        if got is None:\n            return 'end'\n\n\n{x}_g = {x}_echo()\nnext({x}_g)\nprint({x}_g.send({r.choice(('1', repr('a'), '(1,)'))}))\ntry:\n    {x}_g.send(None)\nexcept StopIteration as {x}_stop:\n    print({x}_stop.value)\n"
    if kind == 2:
        return f"def {x}_inner(items):\n    for item in items:\n        yield item\n    return len(items)\n\n\ndef {x}_outer(*groups):\n    for group in groups:\n        count = yield from {x}_inner(group)\n        yield count\n\n\nprint(list({x}_outer((1, 2), [], 'ab')))\n"
    if kind == 3:
        values = ", ".join(value(r) for _ in range(4))
        test = r.choice(("callable(item)", "isinstance(item, str)", "item", "item is None", "not item", "isinstance(item, (int, float)) and item > 0"))
        use = {"callable(item)": "item.__name__", "isinstance(item, str)": "item.upper()", "item is None": "item is None", "isinstance(item, (int, float)) and item > 0": "item + 1"}.get(test, "item")
        return f"{x}_items = [{values}]\nprint([{use} for item in {x}_items if {test}])\nprint({{repr(item): {use} for item in {x}_items if {test}}})\nprint(sum(1 for item in {x}_items if {test}))\n"
    if kind == 4:
        return f"def {x}_first(items, default=None):\n    return next((item for item in items if item), default)\n\n\n{x}_f = {x}_first((None, 0, len))\nprint({x}_f('abc'), {x}_first([]), {x}_first([], default=1))\n"
    return f"async def {x}_many(stop):\n    for number in range(stop):\n        yield number\n\n\nasync def {x}_main(stop=2):\n    return [number async for number in {x}_many(stop)]\n\n\nprint(asyncio.run({x}_main()), asyncio.run({x}_main(stop=1)))\n"


FAMILIES = [forwarders, guarded, guarded, decorators, decorators, closures, partials, dispatch, dispatch, fallbacks, rebinding, versions, signatures, generators]
