"""What a gateway system consists of, layer by layer.

Each layer holds its own idea of every name and every signature, so that an edit can change one side and forget the other.
A route goes entry -> wrapper -> executor -> router -> handler -> further calls; `route` ties the parts of one together.
"""

from dataclasses import dataclass, field


@dataclass
class Param:
    """A parameter: `kind` is posonly, plain or keyword; `default` is source text, None where there is none."""

    name: str
    kind: str = "plain"
    default: str | None = None


@dataclass
class Call:
    """A call that a handler makes: `sends` are pairs of keyword and expression."""

    module: str
    function: str
    sends: list
    open: bool = False
    lazy: bool = False
    positional: int = 0


@dataclass
class Function:
    """A handler, or a function that one calls. `open` is `**kwargs`, of which it `reads` some; `binding` is function, method, static or class."""

    name: str
    params: list
    open: bool = False
    route: str = ""
    is_async: bool = False
    decorator: str = ""
    calls: list = field(default_factory=list)
    binding: str = "function"
    reads: list = field(default_factory=list)


@dataclass
class Import:
    """A constant that a module imports and reads: on top, or in the functions when `lazy`."""

    module: str
    name: str
    lazy: bool = False


@dataclass
class Module:
    """A core or helper module. With `class_name` the functions are members of that class, one instance of which is `_INSTANCE`."""

    name: str
    functions: list
    class_name: str = ""
    imports: list = field(default_factory=list)
    constants: list = field(default_factory=list)
    reexports: list = field(default_factory=list)
    note: int = 0


@dataclass
class Arg:
    """How a router hands a keyword on by itself: to parameter `to`, by position if `positional`, from `kwargs[source]`."""

    to: str
    source: str
    positional: bool = False
    default: str | None = None


@dataclass
class Target:
    """A router's line for one operation. `keys` are demanded first; `mapping` None passes `**kwargs`; `preset` goes along."""

    route: str
    operation: str
    function: str
    module: str
    keys: list = field(default_factory=list)
    mapping: list | None = None
    preset: list = field(default_factory=list)


@dataclass
class Router:
    """A router module; `access` is from, guarded, attr, lazy, instance or class; `sends` and `drops` change every call's keywords.

    `demand` is how keys are demanded: loop or list.
    """

    module: str
    function: str
    style: str
    access: str
    targets: list
    class_name: str = ""
    sends: list = field(default_factory=list)
    drops: list = field(default_factory=list)
    demand: str = "loop"
    note: int = 0


@dataclass
class Wrapper:
    """A convenience function of the gateway: calls the executor with `member`, `operation` and what it `sends`."""

    route: str
    name: str
    params: list
    member: str
    operation: str
    sends: list
    open: bool = False
    is_async: bool = False
    form: str = "plain"


@dataclass
class Wrappers:
    """The wrapper module of one interface."""

    module: str
    functions: list
    exports: list | None = None
    lazy: bool = False
    note: int = 0


@dataclass
class Entry:
    """A call of a wrapper by the application: `positional` and `keywords` name the wrapper's parameters that it fills."""

    route: str
    name: str
    module: str
    function: str
    positional: int
    keywords: list
    access: str = "from"
    is_async: bool = False
    returns: bool = False


@dataclass
class App:
    """A module of the application; `direct` are calls of the executor, written as wrappers without parameters."""

    module: str
    entries: list
    direct: list = field(default_factory=list)
    note: int = 0


@dataclass
class Row:
    """The registry's line for an interface: `function` of `module`, or by operation where there are no routers."""

    interface: str
    member: str
    module: str
    function: str
    operations: list = field(default_factory=list)


@dataclass
class Gateway:
    """The gateway's core: how interfaces are looked up, and what happens to the keywords on the way.

    `form` is how it adds what it `sends`: in the call, or before it by item, update or merge.
    """

    style: str
    keys: str
    errors: str
    fast_path: bool
    rows: list
    params: list = field(default_factory=list)
    sends: list = field(default_factory=list)
    drops: list = field(default_factory=list)
    form: str = "call"
    note: int = 0


@dataclass
class System:
    """One version of a gateway system; `span` is the keyword that the decorator `traced` demands."""

    gateway: Gateway
    members: list
    facade: str
    exports: list
    routers: dict
    modules: dict
    wrappers: dict
    apps: dict
    span: str = "span"

    def handlers(self, route):
        """The handlers of a route, with their modules."""
        return [(m, f) for m in self.modules.values() for f in m.functions if f.route == route]

    def find(self, module, name):
        """A function by its place, if it is there."""
        found = self.modules.get(module)
        return next((f for f in found.functions if f.name == name), None) if found else None

    def routes(self):
        """All routes that have a wrapper, in order."""
        return [w.route for ws in self.wrappers.values() for w in ws.functions]

    def wrapper(self, route):
        """The wrapper of a route, with its module."""
        return next(((ws, w) for ws in self.wrappers.values() for w in ws.functions if w.route == route), None)

    def target(self, route):
        """The router's line for a route, with its router."""
        return next(((r, t) for r in self.routers.values() for t in r.targets if t.route == route), None)

    def entries(self, route):
        """The application's calls of a route, with their modules."""
        return [(a, e) for a in self.apps.values() for e in a.entries if e.route == route]

    def row(self, interface):
        """The registry's line for an interface."""
        return next((r for r in self.gateway.rows if r.interface == interface), None)
