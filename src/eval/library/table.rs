//! What is known of functions outside the tree. A contributor adds a line to [`TABLE`].

use std::sync::LazyLock;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::name::Name;
use crate::python::ending;

use crate::eval::domain::value::Kind;
use crate::eval::exceptions::manager::Makes;

/// What calling a function outside the tree does.
#[derive(Clone, Copy, Debug)]
pub enum Known {
    /// It gives some instance of a type, and leaves its arguments as they are.
    Gives(Kind),
    /// It gives `None`, and leaves its arguments as they are.
    Nothing,
    /// It gives something, and leaves its arguments as they are.
    Something,
    /// It gives its argument with this number: decorators that change no signature, `typing.cast`.
    Argument(usize),
    /// It gives a decorator that changes no signature, whatever its arguments: `functools.wraps(f)`.
    Decorator,
    /// Either of the two, after its first argument: `@lru_cache` and `@lru_cache(maxsize=1)`.
    PlainOrDecorator,
    /// It never returns.
    Never,
    /// It is evaluated by the function of that name in `library`.
    Special(Special),
}

/// Functions with a meaning of their own.
#[derive(Clone, Copy, Debug)]
pub enum Special {
    ImportModule,
    ResolveName,
    Import,
    GetAttr,
    SetAttr,
    HasAttr,
    Callable,
    IsInstance,
    IsSubclass,
    Inspect,
    Signature,
    /// It computes something of its arguments.
    Compute,
    Object,
    FrozenSet,
    Dict,
    List,
    Tuple,
    Set,
    Sorted,
    Str,
    Type,
    Super,
    Partial,
    Static,
    Class,
    Property,
    CachedProperty,
    Dataclass,
    Globals,
    Enumerate,
    Zip,
    Copy,
    AnyAll,
    Len,
    DefaultDict,
    Map,
    Next,
    ContextManager,
    Manager(Makes),
    NamedTuple,
}

use Known::{
    Argument, Decorator, Gives, Never, Nothing, PlainOrDecorator, Something, Special as Is,
};

/// What a call such as `functools.wraps(f)` gives: a decorator that gives back what it gets. No name of Python's can be this.
pub const DECORATOR: &str = "<decorator>";

/// The same for `functools.lru_cache(maxsize=1)`.
pub const CACHING: &str = "<caching decorator>";

/// Functions by their dotted name.
const TABLE: &[(&str, Known)] = &[
    (CACHING, Argument(0)),
    (DECORATOR, Argument(0)),
    ("abc.abstractmethod", Argument(0)),
    ("argparse.ArgumentParser().error", Never),
    ("argparse.ArgumentParser().exit", Never),
    ("argparse._SubParsersAction().add_parser().error", Never),
    ("argparse._SubParsersAction().add_parser().exit", Never),
    ("asyncio.iscoroutine", Is(Special::Inspect)),
    ("asyncio.iscoroutinefunction", Is(Special::Inspect)),
    ("atexit.register", Argument(0)),
    ("builtins.__import__", Is(Special::Import)),
    ("builtins.abs", Is(Special::Compute)),
    ("builtins.all", Is(Special::AnyAll)),
    ("builtins.any", Is(Special::AnyAll)),
    ("builtins.ascii", Is(Special::Compute)),
    ("builtins.bin", Is(Special::Compute)),
    ("builtins.complex", Is(Special::Compute)),
    ("builtins.divmod", Is(Special::Compute)),
    ("builtins.pow", Is(Special::Compute)),
    ("builtins.bool", Is(Special::Compute)),
    ("builtins.bytearray", Is(Special::Compute)),
    ("builtins.bytearray.fromhex", Gives(Kind::ByteArray)),
    ("builtins.bytes", Is(Special::Compute)),
    ("builtins.bytes.fromhex", Gives(Kind::Bytes)),
    ("builtins.float.fromhex", Gives(Kind::Float)),
    ("builtins.int.from_bytes", Gives(Kind::Int)),
    ("builtins.callable", Is(Special::Callable)),
    ("builtins.chr", Is(Special::Compute)),
    ("builtins.classmethod", Is(Special::Class)),
    ("builtins.dict", Is(Special::Dict)),
    ("builtins.dir", Gives(Kind::List)),
    ("builtins.enumerate", Is(Special::Enumerate)),
    ("builtins.float", Is(Special::Compute)),
    ("builtins.format", Is(Special::Compute)),
    ("builtins.frozenset", Is(Special::FrozenSet)),
    ("builtins.getattr", Is(Special::GetAttr)),
    ("builtins.globals", Is(Special::Globals)),
    ("builtins.hasattr", Is(Special::HasAttr)),
    ("builtins.hash", Is(Special::Compute)),
    ("builtins.hex", Is(Special::Compute)),
    ("builtins.id", Is(Special::Compute)),
    ("builtins.int", Is(Special::Compute)),
    ("builtins.isinstance", Is(Special::IsInstance)),
    ("builtins.issubclass", Is(Special::IsSubclass)),
    ("builtins.iter", Is(Special::Compute)),
    ("builtins.len", Is(Special::Len)),
    ("builtins.list", Is(Special::List)),
    ("builtins.map", Is(Special::Map)),
    ("builtins.max", Is(Special::Compute)),
    ("builtins.min", Is(Special::Compute)),
    ("builtins.next", Is(Special::Next)),
    ("builtins.object", Is(Special::Object)),
    ("builtins.oct", Is(Special::Compute)),
    ("builtins.ord", Is(Special::Compute)),
    ("builtins.print", Nothing),
    ("builtins.property", Is(Special::Property)),
    ("builtins.range", Is(Special::Compute)),
    ("builtins.repr", Is(Special::Compute)),
    ("builtins.reversed", Is(Special::Compute)),
    ("builtins.round", Is(Special::Compute)),
    ("builtins.set", Is(Special::Set)),
    ("builtins.setattr", Is(Special::SetAttr)),
    ("builtins.object.__setattr__", Is(Special::SetAttr)),
    ("builtins.type.__setattr__", Is(Special::SetAttr)),
    ("builtins.sorted", Is(Special::Sorted)),
    ("builtins.slice", Is(Special::Compute)),
    ("builtins.staticmethod", Is(Special::Static)),
    ("builtins.str", Is(Special::Str)),
    ("builtins.sum", Is(Special::Compute)),
    ("builtins.super", Is(Special::Super)),
    ("builtins.tuple", Is(Special::Tuple)),
    ("builtins.type", Is(Special::Type)),
    ("builtins.zip", Is(Special::Zip)),
    ("collections.OrderedDict", Is(Special::Dict)),
    ("collections.defaultdict", Is(Special::DefaultDict)),
    ("collections.namedtuple", Is(Special::NamedTuple)),
    (
        "contextlib.asynccontextmanager",
        Is(Special::ContextManager),
    ),
    ("contextlib.contextmanager", Is(Special::ContextManager)),
    (
        "contextlib.AsyncExitStack",
        Is(Special::Manager(Makes::Stack)),
    ),
    ("contextlib.ExitStack", Is(Special::Manager(Makes::Stack))),
    (
        "contextlib.nullcontext",
        Is(Special::Manager(Makes::Enters)),
    ),
    ("contextlib.suppress", Is(Special::Manager(Makes::Ends))),
    ("copy.copy", Is(Special::Copy)),
    ("copy.deepcopy", Is(Special::Copy)),
    ("dataclasses.asdict", Gives(Kind::Dict)),
    ("dataclasses.dataclass", Is(Special::Dataclass)),
    ("enum.auto", Something),
    ("enum.global_enum", Argument(0)),
    ("enum.unique", Argument(0)),
    ("functools.cache", Argument(0)),
    ("functools.cached_property", Is(Special::CachedProperty)),
    ("functools.lru_cache", PlainOrDecorator),
    ("functools.partial", Is(Special::Partial)),
    ("functools.total_ordering", Argument(0)),
    ("functools.update_wrapper", Argument(0)),
    ("functools.wraps", Decorator),
    ("importlib.import_module", Is(Special::ImportModule)),
    ("inspect.isasyncgenfunction", Is(Special::Inspect)),
    ("inspect.isawaitable", Is(Special::Inspect)),
    ("inspect.isbuiltin", Is(Special::Inspect)),
    ("inspect.isclass", Is(Special::Inspect)),
    ("inspect.iscoroutine", Is(Special::Inspect)),
    ("inspect.iscoroutinefunction", Is(Special::Inspect)),
    ("inspect.isfunction", Is(Special::Inspect)),
    ("inspect.isgenerator", Is(Special::Inspect)),
    ("inspect.isgeneratorfunction", Is(Special::Inspect)),
    ("inspect.ismethod", Is(Special::Inspect)),
    ("inspect.ismodule", Is(Special::Inspect)),
    ("inspect.isroutine", Is(Special::Inspect)),
    ("inspect.signature", Is(Special::Signature)),
    ("json.dumps", Gives(Kind::Str)),
    ("json.loads", Something),
    ("logging.getLogger", Something),
    ("pkgutil.resolve_name", Is(Special::ResolveName)),
    ("pytest.raises", Is(Special::Manager(Makes::EndsFirst))),
    ("os.getenv", Something),
    ("os.environ.get", Something),
    ("os.path.join", Something),
    ("threading.Lock", Something),
    ("threading.RLock", Something),
    ("time.perf_counter", Gives(Kind::Float)),
    ("time.sleep", Nothing),
    ("time.time", Gives(Kind::Float)),
    ("traceback.format_exc", Gives(Kind::Str)),
    ("types.MappingProxyType", Argument(0)),
    ("typing.cast", Argument(1)),
    ("typing.final", Argument(0)),
    ("typing.no_type_check", Argument(0)),
    ("typing.override", Argument(0)),
    ("typing.runtime_checkable", Argument(0)),
    ("typing_extensions.final", Argument(0)),
    ("typing_extensions.override", Argument(0)),
    ("typing_extensions.runtime_checkable", Argument(0)),
    ("uuid.uuid4", Something),
    ("base64.b16decode", Gives(Kind::Bytes)),
    ("base64.b16encode", Gives(Kind::Bytes)),
    ("base64.b32decode", Gives(Kind::Bytes)),
    ("base64.b32encode", Gives(Kind::Bytes)),
    ("base64.b64decode", Gives(Kind::Bytes)),
    ("base64.b64encode", Gives(Kind::Bytes)),
    ("base64.urlsafe_b64decode", Gives(Kind::Bytes)),
    ("base64.urlsafe_b64encode", Gives(Kind::Bytes)),
    ("binascii.hexlify", Gives(Kind::Bytes)),
    ("binascii.unhexlify", Gives(Kind::Bytes)),
    ("gzip.compress", Gives(Kind::Bytes)),
    ("gzip.decompress", Gives(Kind::Bytes)),
    ("os.urandom", Gives(Kind::Bytes)),
    ("pickle.dumps", Gives(Kind::Bytes)),
    ("secrets.token_bytes", Gives(Kind::Bytes)),
    ("struct.pack", Gives(Kind::Bytes)),
    ("zlib.compress", Gives(Kind::Bytes)),
    ("zlib.decompress", Gives(Kind::Bytes)),
    ("getpass.getuser", Gives(Kind::Str)),
    ("html.escape", Gives(Kind::Str)),
    ("html.unescape", Gives(Kind::Str)),
    ("inspect.getsource", Gives(Kind::Str)),
    ("os.getcwd", Gives(Kind::Str)),
    ("platform.machine", Gives(Kind::Str)),
    ("platform.node", Gives(Kind::Str)),
    ("platform.python_version", Gives(Kind::Str)),
    ("platform.system", Gives(Kind::Str)),
    ("secrets.token_hex", Gives(Kind::Str)),
    ("secrets.token_urlsafe", Gives(Kind::Str)),
    ("shlex.join", Gives(Kind::Str)),
    ("shlex.quote", Gives(Kind::Str)),
    ("socket.gethostname", Gives(Kind::Str)),
    ("subprocess.getoutput", Gives(Kind::Str)),
    ("tempfile.gettempdir", Gives(Kind::Str)),
    ("textwrap.dedent", Gives(Kind::Str)),
    ("textwrap.indent", Gives(Kind::Str)),
    ("time.strftime", Gives(Kind::Str)),
    ("urllib.parse.quote", Gives(Kind::Str)),
    ("urllib.parse.quote_plus", Gives(Kind::Str)),
    ("urllib.parse.unquote", Gives(Kind::Str)),
    ("urllib.parse.unquote_plus", Gives(Kind::Str)),
    ("urllib.parse.urlencode", Gives(Kind::Str)),
    ("os.getpid", Gives(Kind::Int)),
    ("os.path.getsize", Gives(Kind::Int)),
    ("random.getrandbits", Gives(Kind::Int)),
    ("random.randint", Gives(Kind::Int)),
    ("time.time_ns", Gives(Kind::Int)),
    ("zlib.crc32", Gives(Kind::Int)),
    ("math.sqrt", Gives(Kind::Float)),
    ("random.random", Gives(Kind::Float)),
    ("random.uniform", Gives(Kind::Float)),
    ("time.monotonic", Gives(Kind::Float)),
    ("glob.glob", Gives(Kind::List)),
    ("inspect.getmembers", Gives(Kind::List)),
    ("shlex.split", Gives(Kind::List)),
    ("traceback.format_tb", Gives(Kind::List)),
    ("os.path.exists", Gives(Kind::Bool)),
    ("os.path.isdir", Gives(Kind::Bool)),
    ("os.path.isfile", Gives(Kind::Bool)),
];

pub static BY_NAME: LazyLock<FxHashMap<Name, Known>> = LazyLock::new(|| {
    let listed = TABLE.iter().map(|&(name, known)| (Name::new(name), known));
    let ending = ending::FUNCTIONS
        .iter()
        .map(|(module, name)| (Name::new(&format!("{module}.{name}")), Never));
    listed.chain(ending).collect()
});

/// Whether a function changes nothing that other code can see.
#[must_use]
pub fn only_looks(name: Name) -> bool {
    match BY_NAME.get(&name) {
        Some(Gives(_) | Nothing | Argument(_)) => true,
        Some(Is(special)) => matches!(
            special,
            Special::GetAttr
                | Special::HasAttr
                | Special::Callable
                | Special::IsInstance
                | Special::IsSubclass
                | Special::Inspect
                | Special::Signature
                | Special::Compute
                | Special::Dict
                | Special::List
                | Special::Tuple
                | Special::Set
                | Special::FrozenSet
                | Special::Len
                | Special::Str
                | Special::Type
                | Special::Super
                | Special::Sorted
                | Special::Object
        ),
        _ => false,
    }
}

/// The names of CPython 3.11's `builtins`.
const BUILTINS: &[&str] = &[
    "ArithmeticError",
    "AssertionError",
    "AttributeError",
    "BaseException",
    "BaseExceptionGroup",
    "BlockingIOError",
    "BrokenPipeError",
    "BufferError",
    "BytesWarning",
    "ChildProcessError",
    "ConnectionAbortedError",
    "ConnectionError",
    "ConnectionRefusedError",
    "ConnectionResetError",
    "DeprecationWarning",
    "EOFError",
    "Ellipsis",
    "EncodingWarning",
    "EnvironmentError",
    "Exception",
    "ExceptionGroup",
    "False",
    "FileExistsError",
    "FileNotFoundError",
    "FloatingPointError",
    "FutureWarning",
    "GeneratorExit",
    "IOError",
    "ImportError",
    "ImportWarning",
    "IndentationError",
    "IndexError",
    "InterruptedError",
    "IsADirectoryError",
    "KeyError",
    "KeyboardInterrupt",
    "LookupError",
    "MemoryError",
    "ModuleNotFoundError",
    "NameError",
    "None",
    "NotADirectoryError",
    "NotImplemented",
    "NotImplementedError",
    "OSError",
    "OverflowError",
    "PendingDeprecationWarning",
    "PermissionError",
    "ProcessLookupError",
    "RecursionError",
    "ReferenceError",
    "ResourceWarning",
    "RuntimeError",
    "RuntimeWarning",
    "StopAsyncIteration",
    "StopIteration",
    "SyntaxError",
    "SyntaxWarning",
    "SystemError",
    "SystemExit",
    "TabError",
    "TimeoutError",
    "True",
    "TypeError",
    "UnboundLocalError",
    "UnicodeDecodeError",
    "UnicodeEncodeError",
    "UnicodeError",
    "UnicodeTranslateError",
    "UnicodeWarning",
    "UserWarning",
    "ValueError",
    "Warning",
    "ZeroDivisionError",
    "abs",
    "aiter",
    "all",
    "anext",
    "any",
    "ascii",
    "bin",
    "bool",
    "breakpoint",
    "bytearray",
    "bytes",
    "callable",
    "chr",
    "classmethod",
    "compile",
    "complex",
    "copyright",
    "credits",
    "delattr",
    "dict",
    "dir",
    "divmod",
    "enumerate",
    "eval",
    "exec",
    "exit",
    "filter",
    "float",
    "format",
    "frozenset",
    "getattr",
    "globals",
    "hasattr",
    "hash",
    "help",
    "hex",
    "id",
    "input",
    "int",
    "isinstance",
    "issubclass",
    "iter",
    "len",
    "license",
    "list",
    "locals",
    "map",
    "max",
    "memoryview",
    "min",
    "next",
    "object",
    "oct",
    "open",
    "ord",
    "pow",
    "print",
    "property",
    "quit",
    "range",
    "repr",
    "reversed",
    "round",
    "set",
    "setattr",
    "slice",
    "sorted",
    "staticmethod",
    "str",
    "sum",
    "super",
    "tuple",
    "type",
    "vars",
    "zip",
    "__import__",
    "__build_class__",
];

static BUILTIN_NAMES: LazyLock<FxHashMap<Name, Name>> = LazyLock::new(|| {
    BUILTINS
        .iter()
        .map(|name| (Name::new(name), Name::new(&format!("builtins.{name}"))))
        .collect()
});

/// The dotted name of a builtin, if `name` is one.
#[must_use]
pub fn builtin(name: Name) -> Option<Name> {
    BUILTIN_NAMES.get(&name).copied()
}

/// Classes of the library that have a meaning here.
const CLASSES: &[&str] = &[
    "abc.ABC",
    "abc.ABCMeta",
    "enum.Enum",
    "enum.Flag",
    "enum.IntEnum",
    "enum.IntFlag",
    "enum.StrEnum",
    "dataclasses.KW_ONLY",
    "dataclasses.field",
    "typing.ClassVar",
    "typing.Generic",
    "typing.NamedTuple",
    "typing.Protocol",
];

static LIBRARY: LazyLock<FxHashSet<Name>> = LazyLock::new(|| {
    TABLE
        .iter()
        .map(|(name, _)| *name)
        .chain(CLASSES.iter().copied())
        .map(Name::new)
        .collect()
});

/// The dotted name of something of the library whose meaning is known, even where the library itself is the tree.
#[must_use]
pub fn library_name(module: Name, name: Name) -> Option<Name> {
    if !crate::program::stdlib::is_standard(&module) {
        return None;
    }
    let dotted = Name::new(&format!("{module}.{name}"));
    LIBRARY.contains(&dotted).then_some(dotted)
}
