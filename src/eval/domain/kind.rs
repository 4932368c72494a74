//! The builtin types: their names, what they are instances of, and what holds for all of their instances.

/// A builtin type (the library reference, "Built-in Types" and `types`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `float`
    Float,
    /// `complex`
    Complex,
    /// `str`
    Str,
    /// `bytes`
    Bytes,
    /// `bytearray`
    ByteArray,
    /// `tuple`
    Tuple,
    /// `list`
    List,
    /// `set`
    Set,
    /// `dict`
    Dict,
    /// An iterator of some type: a generator, a `zip` and the like.
    Iterator,
    /// What calling an `async def` gives.
    Coroutine,
    /// `Ellipsis`
    Ellipsis,
    /// `NoneType`
    NoneType,
    /// `frozenset`
    FrozenSet,
    /// `range`
    Range,
    /// `slice`
    Slice,
    /// The keys, values or items of a dict.
    View,
    /// What calling a generator function gives.
    Generator,
    /// A function written in Python.
    Function,
    /// Such a function bound to an object.
    Method,
    /// A function or method written in C.
    BuiltinFunction,
    /// `module`
    Module,
    /// A class made by `type` itself.
    Type,
    /// `functools.partial`
    Partial,
    /// `property`
    Property,
    /// `NotImplemented`
    NotImplemented,
    /// `object()`
    Object,
}

/// The abstract classes of sized iterables that can be asked for an item.
const COLLECTION: &str = "collections.abc.Sized collections.abc.Iterable collections.abc.Container collections.abc.Collection";

impl Kind {
    /// The type's `__name__`; none if it is one of several types.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Float => "float",
            Self::Complex => "complex",
            Self::Str => "str",
            Self::Bytes => "bytes",
            Self::ByteArray => "bytearray",
            Self::Tuple => "tuple",
            Self::List => "list",
            Self::Set => "set",
            Self::Dict => "dict",
            Self::Coroutine => "coroutine",
            Self::Ellipsis => "ellipsis",
            Self::NoneType => "NoneType",
            Self::FrozenSet => "frozenset",
            Self::Range => "range",
            Self::Slice => "slice",
            Self::Generator => "generator",
            Self::Function => "function",
            Self::Method => "method",
            Self::Module => "module",
            Self::Type => "type",
            Self::Partial => "partial",
            Self::Property => "property",
            Self::NotImplemented => "NotImplementedType",
            Self::Object => "object",
            Self::BuiltinFunction => "builtin_function_or_method",
            Self::Iterator | Self::View => return None,
        })
    }

    /// Whether its instances are data: numbers, texts and containers, which are what they are wherever they go.
    #[must_use]
    pub const fn is_data(self) -> bool {
        matches!(
            self,
            Self::Bool
                | Self::Int
                | Self::Float
                | Self::Complex
                | Self::Str
                | Self::Bytes
                | Self::ByteArray
                | Self::Tuple
                | Self::List
                | Self::Set
                | Self::Dict
                | Self::FrozenSet
                | Self::Range
                | Self::Slice
        )
    }

    /// The dotted name by which the type itself goes here; none if it is one of several types.
    #[must_use]
    pub const fn dotted(self) -> Option<&'static str> {
        Some(match self {
            Self::Bool => "builtins.bool",
            Self::Int => "builtins.int",
            Self::Float => "builtins.float",
            Self::Complex => "builtins.complex",
            Self::Str => "builtins.str",
            Self::Bytes => "builtins.bytes",
            Self::ByteArray => "builtins.bytearray",
            Self::Tuple => "builtins.tuple",
            Self::List => "builtins.list",
            Self::Set => "builtins.set",
            Self::Dict => "builtins.dict",
            Self::FrozenSet => "builtins.frozenset",
            Self::Range => "builtins.range",
            Self::Slice => "builtins.slice",
            Self::Type => "builtins.type",
            Self::Object => "builtins.object",
            Self::Property => "builtins.property",
            Self::NoneType => "types.NoneType",
            Self::Ellipsis => "types.EllipsisType",
            Self::NotImplemented => "types.NotImplementedType",
            Self::Coroutine => "types.CoroutineType",
            Self::Generator => "types.GeneratorType",
            Self::Function => "types.FunctionType",
            Self::Method => "types.MethodType",
            Self::Module => "types.ModuleType",
            Self::Partial => "functools.partial",
            Self::BuiltinFunction => "types.BuiltinFunctionType",
            Self::Iterator | Self::View => return None,
        })
    }

    /// The type that goes by a dotted name.
    #[must_use]
    pub fn of_type(name: &str) -> Option<Self> {
        let name = canonical(name);
        ALL.into_iter().find(|kind| kind.dotted() == Some(name))
    }

    /// Whether its instances are instances of the class that goes by a dotted name outside the tree; none: it cannot be told.
    #[must_use]
    pub fn is_instance_of(self, class: &str) -> Option<bool> {
        let class = canonical(class);
        if class == "builtins.object" || self.dotted() == Some(class) {
            return Some(true);
        }
        let among = |names: &str| names.split_ascii_whitespace().any(|name| name == class);
        if self.abstract_classes().iter().any(|names| among(names)) {
            return Some(true);
        }
        let is_known = Self::of_type(class).is_some()
            || CONCRETE.contains(&class)
            || ABSTRACT.contains(&class)
            || is_builtin_class(class);
        match self {
            // It is one of several types.
            Self::Iterator if among(ITERATORS) => None,
            Self::View if class.starts_with("collections.abc.") => None,
            _ if is_known => Some(false),
            _ => None,
        }
    }

    /// The other classes outside the tree that its instances are instances of.
    const fn abstract_classes(self) -> &'static [&'static str] {
        match self {
            Self::Bool => &[
                "builtins.int numbers.Number numbers.Complex numbers.Real numbers.Rational numbers.Integral",
                HASHABLE,
            ],
            Self::Int => &[
                "numbers.Number numbers.Complex numbers.Real numbers.Rational numbers.Integral",
                HASHABLE,
            ],
            Self::Float => &["numbers.Number numbers.Complex numbers.Real", HASHABLE],
            Self::Complex => &["numbers.Number numbers.Complex", HASHABLE],
            Self::Str | Self::Tuple | Self::Range => &[
                COLLECTION,
                HASHABLE,
                "collections.abc.Reversible collections.abc.Sequence",
            ],
            Self::Bytes => &[
                COLLECTION,
                HASHABLE,
                "collections.abc.Reversible collections.abc.Sequence collections.abc.ByteString collections.abc.Buffer",
            ],
            Self::ByteArray => &[
                COLLECTION,
                "collections.abc.Reversible collections.abc.Sequence collections.abc.MutableSequence collections.abc.ByteString collections.abc.Buffer",
            ],
            Self::List => &[
                COLLECTION,
                "collections.abc.Reversible collections.abc.Sequence collections.abc.MutableSequence",
            ],
            Self::Set => &[COLLECTION, "collections.abc.Set collections.abc.MutableSet"],
            Self::FrozenSet => &[COLLECTION, HASHABLE, "collections.abc.Set"],
            Self::Dict => &[
                COLLECTION,
                "collections.abc.Reversible collections.abc.Mapping collections.abc.MutableMapping",
            ],
            Self::Iterator => &[
                HASHABLE,
                "collections.abc.Iterable collections.abc.Iterator",
            ],
            Self::Generator => &[
                HASHABLE,
                "collections.abc.Iterable collections.abc.Iterator collections.abc.Generator",
            ],
            Self::View => &["collections.abc.Sized collections.abc.Iterable"],
            Self::Coroutine => &[
                HASHABLE,
                "collections.abc.Awaitable collections.abc.Coroutine",
            ],
            Self::Function | Self::Method | Self::BuiltinFunction | Self::Partial | Self::Type => {
                &[HASHABLE, "collections.abc.Callable"]
            }
            Self::Slice => &[],
            Self::NoneType
            | Self::Ellipsis
            | Self::NotImplemented
            | Self::Module
            | Self::Property
            | Self::Object => &[HASHABLE],
        }
    }

    /// Whether its instances can be called.
    #[must_use]
    pub const fn is_callable(self) -> Option<bool> {
        match self {
            Self::Function | Self::Method | Self::BuiltinFunction | Self::Partial | Self::Type => {
                Some(true)
            }
            Self::Iterator => None,
            _ => Some(false),
        }
    }

    /// Whether all of its instances count as true: they have neither `__bool__` nor `__len__`.
    #[must_use]
    pub const fn is_always_true(self) -> bool {
        matches!(
            self,
            Self::Coroutine
                | Self::Ellipsis
                | Self::Slice
                | Self::Generator
                | Self::Iterator
                | Self::Function
                | Self::Method
                | Self::BuiltinFunction
                | Self::Module
                | Self::Type
                | Self::Partial
                | Self::Property
                | Self::Object
        )
    }

    /// Whether its instances may change, so that what was found of one need not last.
    #[must_use]
    pub const fn is_mutable(self) -> bool {
        matches!(
            self,
            Self::List | Self::Set | Self::Dict | Self::ByteArray | Self::View
        )
    }

    /// Whether it is a number.
    #[must_use]
    pub const fn is_number(self) -> bool {
        matches!(self, Self::Bool | Self::Int | Self::Float | Self::Complex)
    }

    /// Whether instances of two types may be equal: a number equals a number, a set a frozenset; other types keep to themselves.
    #[must_use]
    pub fn may_equal(self, other: Self) -> bool {
        let is_set = |kind| matches!(kind, Self::Set | Self::FrozenSet | Self::View);
        let is_bytes = |kind| matches!(kind, Self::Bytes | Self::ByteArray);
        // A view's type is not known, nor an iterator's.
        self == other
            || self.is_number() && other.is_number()
            || is_set(self) && is_set(other)
            || is_bytes(self) && is_bytes(other)
            || self == Self::Iterator && other == Self::Generator
            || self == Self::Generator && other == Self::Iterator
    }

    /// Whether two of its instances are equal only if they are the same one.
    #[must_use]
    pub const fn is_compared_by_identity(self) -> bool {
        matches!(
            self,
            Self::NoneType
                | Self::Ellipsis
                | Self::NotImplemented
                | Self::Coroutine
                | Self::Generator
                | Self::Function
                | Self::Module
                | Self::Type
                | Self::Partial
                | Self::Property
                | Self::Object
        )
    }
}

const HASHABLE: &str = "collections.abc.Hashable";

/// What an iterator that the language makes may be an instance of besides, but need not.
const ITERATORS: &str = "builtins.enumerate builtins.filter builtins.map builtins.reversed builtins.zip types.GeneratorType types.AsyncGeneratorType \
    collections.abc.Generator collections.abc.AsyncGenerator collections.abc.AsyncIterator collections.abc.AsyncIterable";

/// All of them.
pub const ALL: [Kind; 29] = [
    Kind::Bool,
    Kind::Int,
    Kind::Float,
    Kind::Complex,
    Kind::Str,
    Kind::Bytes,
    Kind::ByteArray,
    Kind::Tuple,
    Kind::List,
    Kind::Set,
    Kind::Dict,
    Kind::Iterator,
    Kind::Coroutine,
    Kind::Ellipsis,
    Kind::NoneType,
    Kind::FrozenSet,
    Kind::Range,
    Kind::Slice,
    Kind::View,
    Kind::Generator,
    Kind::Function,
    Kind::Method,
    Kind::BuiltinFunction,
    Kind::Module,
    Kind::Type,
    Kind::Partial,
    Kind::Property,
    Kind::NotImplemented,
    Kind::Object,
];

/// Classes of the library whose instances are none of a builtin type, and to which none is registered.
const CONCRETE: &[&str] = &[
    "builtins.memoryview",
    "builtins.super",
    "builtins.staticmethod",
    "builtins.classmethod",
    "builtins.enumerate",
    "builtins.zip",
    "builtins.map",
    "builtins.filter",
    "builtins.reversed",
    "array.array",
    "asyncio.Future",
    "asyncio.Task",
    "collections.ChainMap",
    "collections.Counter",
    "collections.OrderedDict",
    "collections.UserDict",
    "collections.UserList",
    "collections.UserString",
    "collections.defaultdict",
    "collections.deque",
    "datetime.date",
    "datetime.datetime",
    "datetime.time",
    "datetime.timedelta",
    "datetime.timezone",
    "datetime.tzinfo",
    "decimal.Decimal",
    "enum.Enum",
    "enum.Flag",
    "enum.IntEnum",
    "enum.IntFlag",
    "enum.StrEnum",
    "fractions.Fraction",
    "functools.cached_property",
    "functools.partialmethod",
    "functools.singledispatchmethod",
    "io.BytesIO",
    "io.StringIO",
    "ipaddress.IPv4Address",
    "ipaddress.IPv6Address",
    "logging.Handler",
    "logging.Logger",
    "pathlib.Path",
    "pathlib.PosixPath",
    "pathlib.PurePath",
    "pathlib.PurePosixPath",
    "pathlib.PureWindowsPath",
    "pathlib.WindowsPath",
    "random.Random",
    "re.Match",
    "re.Pattern",
    "subprocess.Popen",
    "threading.Event",
    "threading.Thread",
    "types.AsyncGeneratorType",
    "types.CodeType",
    "types.FrameType",
    "types.MappingProxyType",
    "types.MemberDescriptorType",
    "types.GetSetDescriptorType",
    "types.SimpleNamespace",
    "types.TracebackType",
    "types.UnionType",
    "types.GenericAlias",
    "types.CellType",
    "types.WrapperDescriptorType",
    "types.MethodWrapperType",
    "types.MethodDescriptorType",
    "types.ClassMethodDescriptorType",
    "uuid.UUID",
    "weakref.ref",
];

/// Whether a class of the library is known here, and is neither abstract nor a builtin type, nor derived from one in a way that is not told elsewhere.
#[must_use]
pub fn is_concrete(class: &str) -> bool {
    CONCRETE.contains(&class)
}

/// Abstract classes of the library: what is an instance of them is known of builtin types.
const ABSTRACT: &[&str] = &[
    "collections.abc.Awaitable",
    "collections.abc.AsyncGenerator",
    "collections.abc.AsyncIterable",
    "collections.abc.AsyncIterator",
    "collections.abc.Buffer",
    "collections.abc.ByteString",
    "collections.abc.Callable",
    "collections.abc.Collection",
    "collections.abc.Container",
    "collections.abc.Coroutine",
    "collections.abc.Generator",
    "collections.abc.Hashable",
    "collections.abc.ItemsView",
    "collections.abc.Iterable",
    "collections.abc.Iterator",
    "collections.abc.KeysView",
    "collections.abc.Mapping",
    "collections.abc.MappingView",
    "collections.abc.MutableMapping",
    "collections.abc.MutableSequence",
    "collections.abc.MutableSet",
    "collections.abc.Reversible",
    "collections.abc.Sequence",
    "collections.abc.Set",
    "collections.abc.Sized",
    "collections.abc.ValuesView",
    "numbers.Complex",
    "numbers.Integral",
    "numbers.Number",
    "numbers.Rational",
    "numbers.Real",
    "os.PathLike",
];

/// Whether a dotted name is a builtin exception's.
#[must_use]
pub fn is_exception(name: &str) -> bool {
    let Some(name) = name.strip_prefix("builtins.") else {
        return false;
    };
    name.ends_with("Error")
        || name.ends_with("Warning")
        || matches!(
            name,
            "BaseException"
                | "Exception"
                | "BaseExceptionGroup"
                | "ExceptionGroup"
                | "GeneratorExit"
                | "KeyboardInterrupt"
                | "StopAsyncIteration"
                | "StopIteration"
                | "SystemExit"
        )
}

/// Whether a dotted name is a builtin exception's or another class's of `builtins`.
#[must_use]
pub fn is_builtin_class(name: &str) -> bool {
    is_exception(name)
        || matches!(
            name.strip_prefix("builtins.").unwrap_or_default(),
            "memoryview"
                | "super"
                | "staticmethod"
                | "classmethod"
                | "enumerate"
                | "zip"
                | "map"
                | "filter"
                | "reversed"
        )
}

/// One name for a class that goes by several.
#[must_use]
pub fn canonical(name: &str) -> &str {
    if let Some(typing) = name.strip_prefix("typing.") {
        return match typing {
            "Mapping" => "collections.abc.Mapping",
            "MutableMapping" => "collections.abc.MutableMapping",
            "Sequence" => "collections.abc.Sequence",
            "MutableSequence" => "collections.abc.MutableSequence",
            "Iterable" => "collections.abc.Iterable",
            "Iterator" => "collections.abc.Iterator",
            "Callable" => "collections.abc.Callable",
            "Hashable" => "collections.abc.Hashable",
            "Sized" => "collections.abc.Sized",
            "Container" => "collections.abc.Container",
            "Collection" => "collections.abc.Collection",
            "AbstractSet" => "collections.abc.Set",
            "MutableSet" => "collections.abc.MutableSet",
            "Generator" => "collections.abc.Generator",
            "Awaitable" => "collections.abc.Awaitable",
            "Coroutine" => "collections.abc.Coroutine",
            "AsyncIterable" => "collections.abc.AsyncIterable",
            "AsyncIterator" => "collections.abc.AsyncIterator",
            "AsyncGenerator" => "collections.abc.AsyncGenerator",
            "Reversible" => "collections.abc.Reversible",
            "Dict" => "builtins.dict",
            "List" => "builtins.list",
            "Set" => "builtins.set",
            "FrozenSet" => "builtins.frozenset",
            "Tuple" => "builtins.tuple",
            "Type" => "builtins.type",
            "Text" => "builtins.str",
            "OrderedDict" => "collections.OrderedDict",
            "DefaultDict" => "collections.defaultdict",
            "Deque" => "collections.deque",
            "Counter" => "collections.Counter",
            "Pattern" => "re.Pattern",
            "Match" => "re.Match",
            _ => name,
        };
    }
    match name {
        "types.LambdaType" => "types.FunctionType",
        "types.BuiltinMethodType" => "types.BuiltinFunctionType",
        "builtins.EnvironmentError" | "builtins.IOError" => "builtins.OSError",
        "socket.error" | "select.error" | "os.error" => "builtins.OSError",
        "inspect.types.FunctionType" => "types.FunctionType",
        _ => name,
    }
}
