"""Pieces of programs: classes, and what is made of them."""

from textwrap import indent

from programs.functions import body
from programs.signature import NAMES, Signature, value


def method(r, name, signature, decorator="", first="self"):
    text = f"{decorator}def {name}({signature.text(first)}):\n    {body(r, signature)}\n"
    return indent(text, "    ") + "\n"


def hierarchies(r, x):
    """`super()` along a line of classes."""
    names = r.sample(NAMES, 3)
    depth = r.randint(1, 3)
    text = f"class {x}_0:\n    def __init__(self, {names[0]}, **kwargs):\n        self.{names[0]} = {names[0]}\n        self.rest = kwargs\n\n    def show(self, *args):\n        return type(self).__name__, args\n\n\n"
    for level in range(1, depth + 1):
        how = r.choice(("keyword", "all", "none", "default"))
        base = f"{x}_{level - 1}"
        if how == "none":
            text += f"class {x}_{level}({base}):\n    def show(self, *args):\n        return super().show(*args, {level})\n\n\n"
        elif how == "all":
            text += f"class {x}_{level}({base}):\n    def __init__(self, *args, **kwargs):\n        super().__init__(*args, **kwargs)\n        self.level = {level}\n\n\n"
        elif how == "default":
            text += f"class {x}_{level}({base}):\n    def __init__(self, {names[0]}={value(r)}, **kwargs):\n        super().__init__({names[0]}, **kwargs)\n\n\n"
        else:
            text += f"class {x}_{level}({base}):\n    def __init__(self, *args, option{level}=None, **kwargs):\n        super().__init__(*args, **kwargs)\n        if option{level} is not None:\n            self.option{level} = option{level}\n\n    def show(self, *args):\n        if hasattr(self, 'option{level}'):\n            return self.option{level}\n        return super().show(*args)\n\n\n"
    call = r.choice((f"{value(r)}", f"{names[0]}={value(r)}"))
    text += f"{x}_made = {x}_{depth}({call})\nprint({x}_made.show(), {x}_made.show(1, 2), isinstance({x}_made, {x}_0), {x}_made.{names[0]})\n"
    return text


def mixins(r, x):
    """Several bases."""
    order = r.sample([f"{x}_A", f"{x}_B"], 2)
    return f"class {x}_Base:\n    def __init__(self, name):\n        self.name = name\n\n    def tell(self):\n        return [self.name]\n\n\nclass {x}_A({x}_Base):\n    def __init__(self, *args, size=1, **kwargs):\n        super().__init__(*args, **kwargs)\n        self.size = size\n\n    def tell(self):\n        return super().tell() + [self.size]\n\n\nclass {x}_B({x}_Base):\n    def __init__(self, *args, mode=None, **kwargs):\n        super().__init__(*args, **kwargs)\n        self.mode = mode\n\n    def tell(self):\n        return super().tell() + [self.mode]\n\n\nclass {x}_C({', '.join(order)}):\n    pass\n\n\nprint({x}_C('n', size=2, mode={value(r)}).tell(), {x}_C(name='n').tell(), [c.__name__ for c in {x}_C.__mro__])\n"


def methods(r, x):
    """Methods of every kind."""
    signatures = {name: Signature(r, most=3) for name in ("plain", "of_class", "static", "call")}
    text = f"class {x}_C:\n    made = 0\n\n    def __init__(self, start={value(r)}):\n        self.start = start\n        {x}_C.made += 1\n\n"
    text += method(r, "plain", signatures["plain"])
    text += method(r, "of_class", signatures["of_class"], "@classmethod\n", "cls")
    text += method(r, "static", signatures["static"], "@staticmethod\n", "")
    text += method(r, "__call__", signatures["call"])
    text += f"    @property\n    def twice(self):\n        return self.start, self.start\n\n    @classmethod\n    def of(cls, *args, **kwargs):\n        return cls(*args, **kwargs)\n\n    def __len__(self):\n        return 1\n\n    def __getitem__(self, key):\n        return key\n\n    def __eq__(self, other):\n        return isinstance(other, {x}_C) and other.start == self.start\n\n\n"
    text += f"{x}_o = {x}_C.of({value(r)})\n"
    for name in r.sample(sorted(signatures), 3):
        attribute = "" if name == "call" else f".{name}"
        holder = r.choice((f"{x}_o", f"{x}_C()", *([f"{x}_C"] if name in ("of_class", "static") else [])))
        text += f"print({holder}{attribute}({signatures[name].call(r)}))\n"
    text += f"print({x}_o.twice, len({x}_o), {x}_o['a'], {x}_o == {x}_C(), {x}_C.made)\n"
    how = r.randrange(3)
    if how == 0:
        text += f"{x}_table = {{'plain': {x}_o.plain, 'static': {x}_C.static}}\nprint({x}_table['plain']({signatures['plain'].call(r)}))\n"
    elif how == 1:
        text += f"print(getattr({x}_o, 'plain')({signatures['plain'].call(r)}))\nprint(getattr({x}_o, 'nothing', None))\n"
    return text


def dataclass(r, x):
    """`dataclasses`."""
    names = r.sample(NAMES, 3)
    options = r.choice(("", "(frozen=True)", "(order=True)", "(eq=False)", "(repr=False)"))
    fields = [f"    {names[0]}: object", f"    {names[1]}: object = {r.choice(('None', '1', repr('x'), '()'))}"]
    if r.random() < 0.5:
        fields.append(f"    {names[2]}: list = dataclasses.field(default_factory=list)")
    if r.random() < 0.3:
        fields.append("    KIND: typing.ClassVar[str] = 'kind'")
    extra = ""
    if r.random() < 0.4 and "frozen" not in options:
        extra += f"\n    def __post_init__(self):\n        self.made = ({names[0]!r}, self.{names[1]})\n"
    if r.random() < 0.4:
        extra += f"\n    @property\n    def both(self):\n        return self.{names[0]}, self.{names[1]}\n"
    text = f"@dataclasses.dataclass{options}\nclass {x}_D:\n" + "\n".join(fields) + "\n" + extra + "\n\n"
    calls = [value(r), f"{value(r)}, {value(r)}", f"{names[0]}={value(r)}", f"{value(r)}, {names[1]}={value(r)}"]
    text += f"{x}_d = {x}_D({r.choice(calls)})\nprint({x}_d.{names[0]}, {x}_d.{names[1]}, {x}_d == {x}_d)\nprint(dataclasses.replace({x}_d, {names[0]}=1).{names[0]}, sorted(dataclasses.asdict({x}_D(1))))\n"
    if "__post_init__" in extra:
        text += f"print({x}_d.made)\n"
    if r.random() < 0.5 and "frozen" not in options:
        text += f"\n\n@dataclasses.dataclass\nclass {x}_E({x}_D):\n    extra: int = 3\n\n\nprint({x}_E({r.choice(calls)}, extra=1).extra)\n"
    if r.random() < 0.4:
        text += f"match {x}_d:\n    case {x}_D({names[0]}=None):\n        print('none')\n    case {x}_D({names[0]}=found):\n        print(found)\n"
    return text


def descriptors(r, x):
    """What stands behind an attribute."""
    kind = r.randrange(5)
    if kind == 0:
        return f"class {x}_Field:\n    def __init__(self, default=None):\n        self.default = default\n\n    def __set_name__(self, owner, name):\n        self.name = '_' + name\n\n    def __get__(self, instance, owner=None):\n        if instance is None:\n            return self\n        return getattr(instance, self.name, self.default)\n\n    def __set__(self, instance, given):\n        setattr(instance, self.name, given)\n\n\nclass {x}_C:\n    size = {x}_Field({r.choice(('1', 'default=2', ''))})\n    name = {x}_Field()\n\n\n{x}_o = {x}_C()\nprint({x}_o.size, {x}_o.name)\n{x}_o.size = {value(r)}\nprint({x}_o.size, {x}_C.name.default)\n"
    if kind == 1:
        return f"class {x}_C:\n    def __init__(self, text):\n        self.text = text\n\n    @functools.cached_property\n    def parts(self):\n        return self.text.split('.')\n\n    @property\n    def head(self):\n        return self.parts[0]\n\n    @head.setter\n    def head(self, given):\n        self.text = given\n\n\n{x}_o = {x}_C('a.b')\n{x}_o.head = 'c.d'\nprint({x}_o.parts, {x}_o.head.upper())\n"
    if kind == 2:
        return f"class {x}_Lazy:\n    def __init__(self, make):\n        self.make = make\n\n    def __get__(self, instance, owner):\n        made = self.make(instance)\n        instance.__dict__[self.make.__name__] = made\n        return made\n\n\nclass {x}_C:\n    @{x}_Lazy\n    def handler(self):\n        return lambda *args: args\n\n\n{x}_o = {x}_C()\nprint({x}_o.handler(1, 2), {x}_o.handler())\n"
    if kind == 3:
        return f"class {x}_C:\n    __slots__ = ('name', 'size')\n\n    def __init__(self, name, size=None):\n        self.name = name\n        if size is not None:\n            self.size = size\n\n    def __repr__(self):\n        return f'{{self.name}} {{getattr(self, \"size\", None)}}'\n\n\nprint({x}_C('a'), {x}_C(name='b', size={value(r)}))\nprint(hasattr({x}_C('a'), 'size'))\n"
    return f"class {x}_Proxy:\n    def __init__(self, target):\n        self._target = target\n\n    def __getattr__(self, name):\n        return getattr(self._target, name)\n\n\nclass {x}_T:\n    name = {value(r)}\n\n    def go(self, *args, mode=None):\n        return args, mode\n\n\n{x}_p = {x}_Proxy({x}_T())\nprint({x}_p.go(1, mode=2), {x}_p.name)\nprint({x}_Proxy('text').upper(), hasattr({x}_p, 'nothing'))\n"


def managers(r, x):
    """Context managers."""
    kind = r.randrange(5)
    if kind == 0:
        swallow = r.choice(("True", "kind is not None and issubclass(kind, KeyError)", "None"))
        risky = "{'a': 1}['b']" if "None" != swallow else "{'a': 1}['a']"
        return f"class {x}_M:\n    def __init__(self, name='m'):\n        self.name = name\n\n    def __enter__(self):\n        return self\n\n    def __exit__(self, kind, error, trace):\n        return {swallow}\n\n\nwith {x}_M({r.choice(('', repr('n')))}) as {x}_m:\n    print({x}_m.name)\n    print({risky})\nprint('after')\n"
    if kind == 1:
        return f"@contextlib.contextmanager\ndef {x}_set(mapping, **given):\n    before = dict(mapping)\n    mapping.update(given)\n    try:\n        yield mapping\n    finally:\n        mapping.clear()\n        mapping.update(before)\n\n\n{x}_settings = {{'mode': 1}}\nwith {x}_set({x}_settings, mode=2, extra={value(r)}) as {x}_now:\n    print({x}_now['mode'], {x}_now['extra'])\nprint({x}_settings['mode'], 'extra' in {x}_settings)\n"
    if kind == 2:
        return f"@contextlib.contextmanager\ndef {x}_quiet(*kinds):\n    try:\n        yield\n    except kinds:\n        pass\n\n\ndef {x}_f(item):\n    return item\n\n\nwith {x}_quiet(TypeError, KeyError):\n    {x}_f(1, 2)\nprint('after', {x}_f({value(r)}))\n"
    if kind == 3:
        return f"class {x}_M:\n    def __init__(self, log):\n        self.log = log\n\n    def __enter__(self):\n        self.log.append('in')\n        return self.log.append\n\n    def __exit__(self, *error):\n        self.log.append('out')\n\n\n{x}_log = []\nwith contextlib.ExitStack() as {x}_stack:\n    {x}_add = {x}_stack.enter_context({x}_M({x}_log))\n    {x}_add({value(r)})\n    {x}_stack.callback({x}_log.append, 'last')\nprint({x}_log)\n"
    return f"class {x}_M:\n    async def __aenter__(self):\n        return self.go\n\n    async def __aexit__(self, *error):\n        return False\n\n    async def go(self, item, *, mode=None):\n        return item, mode\n\n\nasync def {x}_main():\n    async with {x}_M() as go:\n        return await go({value(r)}, mode=1)\n\n\nprint(asyncio.run({x}_main()))\n"


def registries(r, x):
    """Classes that know their subclasses."""
    kind = r.randrange(5)
    if kind == 0:
        return f"class {x}_Plugin:\n    known = {{}}\n\n    def __init_subclass__(cls, name=None, **kwargs):\n        super().__init_subclass__(**kwargs)\n        if name is not None:\n            cls.known[name] = cls\n\n    def __init__(self, size=1):\n        self.size = size\n\n\nclass {x}_One({x}_Plugin, name='one'):\n    def run(self, *args):\n        return self.size, args\n\n\nclass {x}_Two({x}_Plugin, name='two'):\n    def __init__(self, *, size):\n        super().__init__(size)\n\n    def run(self):\n        return self.size\n\n\nprint({x}_Plugin.known['one']().run(1), {x}_Plugin.known['two'](size=2).run())\n"
    if kind == 1:
        return f"class {x}_Color(enum.Enum):\n    RED = {r.choice(('1', repr('red'), '(1, 2)'))}\n    BLUE = {r.choice(('2', repr('blue'), '(3, 4)'))}\n\n    @classmethod\n    def default(cls):\n        return cls.RED\n\n    def shout(self, mark='!'):\n        return self.name + mark\n\n\ndef {x}_paint(color, *args):\n    if color is {x}_Color.RED:\n        return args\n    if color == {x}_Color.BLUE:\n        return color.shout(*args)\n    if isinstance(color, str):\n        return {x}_paint({x}_Color[color.upper()], *args)\n    return None\n\n\nprint({x}_paint({x}_Color.RED, 1, 2, 3), {x}_paint({x}_Color.BLUE, '?'), {x}_paint('red', 1, 2), {x}_paint({value(r).replace(repr('run'), '0').replace(repr('a.b'), '0').replace(repr(''), '0')}))\nprint([c.name for c in {x}_Color], {x}_Color.default().shout())\n"
    if kind == 2:
        return f"class {x}_Meta(type):\n    def __new__(mcs, name, bases, body, **options):\n        cls = super().__new__(mcs, name, bases, body)\n        cls.options = options\n        return cls\n\n    def __init__(cls, name, bases, body, **options):\n        super().__init__(name, bases, body)\n\n    def make(cls, *args):\n        return cls(*args)\n\n\nclass {x}_C(metaclass={x}_Meta, mode={value(r)}):\n    def __init__(self, size=0):\n        self.size = size\n\n\nprint({x}_C.options['mode'], {x}_C.make(3).size, {x}_C().size)\n"
    if kind == 3:
        return f"class {x}_Single:\n    _made = None\n\n    def __new__(cls, *args, **kwargs):\n        if cls._made is None:\n            cls._made = super().__new__(cls)\n        return cls._made\n\n    def __init__(self, name='x'):\n        self.name = name\n\n\nprint({x}_Single() is {x}_Single('y'), {x}_Single(name={value(r)}).name)\n"
    return f"class {x}_Shape(abc.ABC):\n    @abc.abstractmethod\n    def area(self, scale=1):\n        ...\n\n    @property\n    @abc.abstractmethod\n    def name(self):\n        ...\n\n    def tell(self):\n        return self.name, self.area(), self.area(scale=2)\n\n\nclass {x}_Square({x}_Shape):\n    name = 'square'\n\n    def __init__(self, side):\n        self.side = side\n\n    def area(self, scale=1):\n        return self.side * self.side * scale\n\n\nprint({x}_Square({r.randint(1, 4)}).tell(), isinstance({x}_Square(side=1), {x}_Shape))\n"


def states(r, x):
    """Objects whose attributes change."""
    kind = r.randrange(5)
    if kind == 0:
        lazy = r.choice(("True", "False", "0", "1", "None", "''"))
        args = "lambda: 1" if lazy in ("True", "1") else value(r)
        return f"class {x}_Log:\n    def __init__(self, lazy):\n        self.lazy = lazy\n\n    def info(self, text, *args):\n        if self.lazy:\n            args = [argument() for argument in args]\n        return text, args\n\n\n{x}_log = {x}_Log({lazy})\nprint({x}_log.info('x', {args}))\n"
    if kind == 1:
        return f"class {x}_Client:\n    def __init__(self, transport=None):\n        self.transport = transport\n        self.calls = 0\n\n    def open(self):\n        if self.transport is None:\n            self.transport = self._default\n        return self\n\n    def _default(self, path, *, mode='r'):\n        return path, mode\n\n    def send(self, *args, **kwargs):\n        self.calls += 1\n        if not self.transport:\n            self.open()\n        return self.transport(*args, **kwargs)\n\n\nprint({x}_Client().send('p'), {x}_Client().open().send('p', mode='w'), {x}_Client(transport=lambda *args: args).send(1, 2, 3))\n"
    if kind == 2:
        return f"class {x}_Node:\n    def __init__(self, name, parent=None):\n        self.name, self.parent, self.children = name, parent, []\n        if parent is not None:\n            parent.children.append(self)\n\n    def path(self):\n        node, parts = self, []\n        while node is not None:\n            parts.append(node.name)\n            node = node.parent\n        return '/'.join(reversed(parts))\n\n    def root(self):\n        return self.parent.root() if self.parent else self\n\n\n{x}_a = {x}_Node('a')\n{x}_b = {x}_Node('b', {x}_a)\nprint({x}_Node('c', parent={x}_b).path(), {x}_b.root().name, len({x}_a.children))\n"
    if kind == 3:
        given = value(r)
        return f"class {x}_Box:\n    def __init__(self, content):\n        self.content = content\n\n    def get(self):\n        if callable(self.content):\n            return self.content\n        if isinstance(self.content, dict):\n            return self.content.get('key', self)\n        if isinstance(self.content, str) and self.content:\n            return self.content.upper()\n        if isinstance(self.content, (list, tuple)):\n            return [type(item).__name__ for item in self.content]\n        return self.content\n\n\nfor {x}_item in ({given}, {value(r)}, {value(r)}):\n    print({x}_Box({x}_item).get().__class__.__name__)\n"
    return f"class {x}_Events:\n    def __init__(self):\n        self.handlers = collections.defaultdict(list)\n\n    def on(self, name, handler=None):\n        if handler is None:\n            return functools.partial(self.on, name)\n        self.handlers[name].append(handler)\n        return handler\n\n    def emit(self, name, *args, **kwargs):\n        return [handler(*args, **kwargs) for handler in self.handlers[name]]\n\n\n{x}_events = {x}_Events()\n\n\n@{x}_events.on('go')\ndef {x}_go(item, *, mode=None):\n    return item, mode\n\n\n{x}_events.on('stop', lambda *args: args)\nprint({x}_events.emit('go', 1, mode=2), {x}_events.emit('stop'), {x}_events.emit('none', 1, 2, 3))\n"


FAMILIES = [hierarchies, mixins, methods, dataclass, descriptors, managers, registries, states]
