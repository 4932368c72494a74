"""Every guard over every value, in every shape.

A guard is an expression over `b`; CPython says whether it holds for a value. A shape puts something that fails for the value into the arm that is
not taken, and something that works into the other, so that the program works just because the guard comes out as it does. The twin of a program has
its arms exchanged: it fails.
"""

PRELUDE = """\
import abc
import asyncio
import collections
import collections.abc
import enum
import functools
import inspect
import numbers
import sys
import types
import typing
from typing import Union


class Plain:
    kind = "plain"

    def method(self):
        return 1


class Child(Plain):
    extra = 2


class Caller:
    def __call__(self, *args, **kwargs):
        return args


class Sized:
    def __len__(self):
        return 0


class Falsy:
    def __bool__(self):
        return False


class Equal:
    def __eq__(self, other):
        return True

    __hash__ = None


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 0
    HIGH = 3


class Text(str):
    pass


class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self):
        ...


class Square(Shape):
    def area(self):
        return 4


Point = collections.namedtuple("Point", "x y")


class Pair(typing.NamedTuple):
    left: int
    right: int = 2


def plain_function(a=1):
    return a


async def coroutine_function(a=1):
    return a


def generator_function(a=1):
    yield a


def takes_ttl(key, *, ttl=None):
    return ttl


def two(name, d):
    return name


def one(name):
    return name


KINDS = (int, str)
TABLE = {"run": one, 1: one, None: one}
"""

# Each is evaluated anew wherever it is written.
VALUES = [
    "None", "True", "False", "0", "1", "7", "-3", "2 ** 70", "0.0", "1.0", "2.5", "0j", "3 + 1j", "''", "'run'", "'stop'", "' run '", "'1.2.3'", "b''", "b'run'",
    "()", "(1, 2)", "('run', 1)", "[]", "[0]", "['run', 'stop']", "{}", "{'key': 1}", "{'run': None}", "set()", "{1, 2}", "frozenset()", "frozenset({1})",
    "range(0)", "range(3)", "...", "NotImplemented", "len", "print", "int", "dict", "plain_function", "coroutine_function", "generator_function", "takes_ttl",
    "lambda: 1", "Plain", "Child", "Shape", "Plain()", "Child()", "Caller()", "Sized()", "Falsy()", "Equal()", "Square()", "Plain().method", "'x'.upper", "[].append",
    "Color.RED", "Color", "Level.LOW", "Level.HIGH", "Text('run')", "Text('')", "Point(1, 2)", "Pair(1)", "functools.partial(one, 1)", "object()", "sys", "bytearray(b'a')",
    "slice(1)", "ValueError('run')", "ValueError", "iter(())", "(x for x in ())", "type(None)", "type('run')",
]

GUARDS = [
    "b", "not b", "b is None", "b is not None", "b is True", "b is ...", "b == 0", "b == 1", "b == 'run'", "b != 'run'", "b == b'run'", "b == ()", "b == []", "b == {}", "b == (1, 2)",
    "b == [0]", "b == {'key': 1}", "b == {1, 2}", "b == 2.5", "b == 1.0", "b in ('run', 1)", "b not in ('run', None)", "b in [0, 'stop']", "b in (1.0, 'x')", "b in {'run': 1}.values()",
    "b is len", "b is int", "b == Color.RED", "b is Color.RED", "b == Level.LOW", "b == Plain", "b == plain_function",
    "isinstance(b, dict)", "isinstance(b, str)", "isinstance(b, int)", "isinstance(b, bool)", "isinstance(b, float)", "isinstance(b, bytes)", "isinstance(b, (list, tuple))",
    "isinstance(b, (int, (str, float)))", "isinstance(b, KINDS)", "isinstance(b, set)", "isinstance(b, (set, frozenset))", "isinstance(b, complex)", "isinstance(b, type)",
    "isinstance(b, object)", "isinstance(b, range)", "isinstance(b, slice)", "isinstance(b, Plain)", "isinstance(b, Child)", "isinstance(b, Shape)", "isinstance(b, Exception)",
    "isinstance(b, enum.Enum)", "isinstance(b, Color)", "isinstance(b, tuple)", "isinstance(b, type(None))", "isinstance(b, types.FunctionType)", "isinstance(b, types.ModuleType)",
    "isinstance(b, (types.MethodType, types.BuiltinFunctionType))", "isinstance(b, functools.partial)", "isinstance(b, types.GeneratorType)",
    "isinstance(b, collections.abc.Mapping)", "isinstance(b, collections.abc.Sequence)", "isinstance(b, collections.abc.Iterable)", "isinstance(b, collections.abc.Callable)",
    "isinstance(b, collections.abc.Hashable)", "isinstance(b, collections.abc.Sized)", "isinstance(b, collections.abc.Container)", "isinstance(b, collections.abc.Collection)",
    "isinstance(b, collections.abc.Set)", "isinstance(b, collections.abc.MutableMapping)", "isinstance(b, collections.abc.MutableSequence)", "isinstance(b, collections.abc.Iterator)",
    "isinstance(b, typing.Mapping)", "isinstance(b, numbers.Number)", "isinstance(b, numbers.Integral)", "isinstance(b, numbers.Real)",
    "not isinstance(b, (str, bytes))", "isinstance(b, str) and b", "isinstance(b, str) or b is None", "isinstance(b, str) and not b.strip()", "not (isinstance(b, int) and b > 0)",
    "type(b) is dict", "type(b) is str", "type(b) is int", "type(b) is not bool", "type(b) == float", "type(b) in (int, float)", "type(b) in (list, tuple, set)", "type(b) not in KINDS",
    "type(b) is Plain", "type(b) is type", "type(b) is type(None)", "type(b).__name__ == 'str'", "b.__class__ is str", "b.__class__.__name__ == 'Plain'",
    "callable(b)", "not callable(b)", "hasattr(b, '__call__')", "hasattr(b, 'keys')", "hasattr(b, 'method')", "hasattr(b, 'extra')", "hasattr(b, 'append')", "hasattr(b, 'upper')",
    "hasattr(b, '__len__')", "hasattr(b, '__iter__')", "hasattr(b, 'nothing_has_this')", "hasattr(b, 'value')", "hasattr(b, '__name__')", "getattr(b, 'kind', None) == 'plain'",
    "getattr(b, 'value', None) is None", "getattr(b, 'real', 1) == 0", "not getattr(b, 'extra', None)",
    "isinstance(b, type) and issubclass(b, Plain)", "isinstance(b, type) and issubclass(b, (int, dict))", "inspect.isclass(b) and issubclass(b, Exception)", "inspect.isfunction(b)",
    "inspect.ismethod(b)", "inspect.isclass(b)", "inspect.isroutine(b)", "inspect.isbuiltin(b)", "inspect.iscoroutinefunction(b)", "inspect.isgeneratorfunction(b)", "inspect.ismodule(b)",
    "inspect.isawaitable(b)", "inspect.isgenerator(b)", "asyncio.iscoroutinefunction(b)", "callable(b) and 'ttl' in inspect.signature(b).parameters",
    "len(b) == 0", "len(b) > 1", "b > 0", "b < 2", "b >= 1.0", "0 <= b < 5", "b + 1 > 1", "b * 2 == 2", "b % 2 == 1", "-b < 0", "b & 1", "b | 2 == 3", "b // 2 == 0", "b[0] == 1", "b[0] == 'r'", "b[:1] == 'r'",
    "b[-1] == 2", "b[::-1] == (2, 1)", "b['key'] == 1", "1 in b", "'run' in b", "'r' in b", "'key' not in b", "b.get('key') == 1", "b.strip() == 'run'", "b.startswith('r')", "b.upper() == 'RUN'",
    "b.split('.')[0] == '1'", "tuple(int(x) for x in b.split('.')[:2]) >= (1, 2)", "b.isdigit()", "b.encode() == b'run'", "b.decode() == 'run'", "b.count(1) == 1", "b.index(2) == 1", "list(b) == [1, 2]",
    "sorted(b) == ['run', 'stop']", "tuple(b) == ()", "set(b) == {1, 2}", "bool(b)", "bool(b) is False", "str(b) == '1'", "int(b) == 1", "float(b) == 1.0", "repr(b) == '1'", "abs(b) == 3", "max(b) == 2",
    "min(b, 1) == 1", "sum(b) == 3", "any(b)", "all(b)", "b or None", "b and True", "(b or 'run') == 'run'", "(0 if b else 1) == 1", "f'{b}' == '1'", "b'%s' % b == b'run'", "'%s' % (b,) == 'run'",
    "'{}'.format(b) == '1'", "(c := b) is None", "bool(b) == (b is not None)", "[x for x in b if x == 1] == [1]", "dict(b) == {}", "isinstance(b, Union[int, str])", "isinstance(b, int | str)",
    "b is NotImplemented", "b == b", "b is b", "hash(b) == hash(1)", "id(b) == 0", "round(b) == 2", "divmod(b, 2) == (0, 1)", "ord(b[0]) == 114", "chr(b) == chr(7)", "len(str(b)) == 1", "b.real == 1",
    "b.__name__ == 'len'", "b.value == 'red'", "b.name == 'RED'", "b.kind == 'plain'", "b in Color", "b in (Color.RED, Color.BLUE)", "b.x == 1", "b == (1, 2) or b is None", "next(iter(b)) == 'run'",
]

# In a shape, GUARD is the guard, VALUE the value, N the number of the program, GOOD and BAD the arms, in terms of `b` and `rest`, which is (1, 2).
SHAPES = [
    # An early return.
    """\
def f{n}(b, *rest):
    if {guard}:
        return {then}
    return {other}


f{n}({value}, 1, 2)
""",
    # Two arms.
    """\
def f{n}(e, *rest, b):
    if not ({guard}):
        result = {other}
    else:
        result = {then}
    return result


f{n}(0, 1, 2, b={value})
""",
    # A conditional expression.
    """\
def f{n}(rest, b):
    return {then} if {guard} else {other}


f{n}((1, 2), {value})
""",
    # A closure.
    """\
def make{n}(b):
    def inner(*rest):
        if {guard}:
            return {then}
        else:
            return {other}
    return inner


make{n}({value})(1, 2)
""",
    # A helper that answers.
    """\
def ask{n}(b):
    return bool({guard})


def f{n}(b, rest):
    if ask{n}(b):
        return {then}
    return {other}


f{n}({value}, (1, 2))
""",
    # The value is written in the function.
    """\
def f{n}(*rest):
    b = {value}
    if {guard}:
        return {then}
    return {other}


f{n}(1, 2)
""",
]

GOOD = ["one(b)", "two(*rest)", "len(rest)", "(lambda x: x)(b)", "TABLE[1](b)"]

# What fails for (1, 2), whatever `b` is: not where it stands alone, so that an error is one about the chain.
BAD = ["one(*rest)", "two(*rest, d=1)", "TABLE['run'](*rest)", "rest[0]()", "one(rest).nothing_has_this() if False else one(*rest)", "TABLE[None](*rest)"]


def program(number, guard, value, shape, holds, swapped=False):
    """The program's text; `holds`: how the guard comes out."""
    good, bad = GOOD[number % len(GOOD)], BAD[number // len(GOOD) % len(BAD)].format()
    then, other = (good, bad) if holds != swapped else (bad, good)
    return SHAPES[shape].format(n=number, guard=guard, value=value, then=then, other=other)


def decided(g, v):
    """A function in which something fails whichever way a guard comes out: on its third line from the end, or on its last."""
    return f"""

def f{v}():
    b = {VALUES[v]}
    if {GUARDS[g]}:
        one()
    else:
        one()
"""


def answers():
    """For each guard and value that CPython has an answer for: the two numbers, and the answer."""
    names = {}
    exec(compile(PRELUDE, "prelude", "exec"), names)
    for g, guard in enumerate(GUARDS):
        code = compile(guard, "guard", "eval")
        for v, value in enumerate(VALUES):
            try:
                names["b"] = eval(value, names)
                yield g, v, bool(eval(code, names))
            except Exception:
                pass
