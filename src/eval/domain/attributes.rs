//! The attributes of the builtin types' instances, as `dir` shows them in CPython 3.9 to 3.13.

use std::sync::LazyLock;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::eval::domain::kind::{ALL, Kind};

/// What every object has.
const OBJECT: &str = "\
    __class__ __delattr__ __dir__ __doc__ __eq__ __format__ __ge__ __getattribute__ __gt__ __hash__ \
    __init__ __init_subclass__ __le__ __lt__ __ne__ __new__ __reduce__ __reduce_ex__ __repr__ \
    __setattr__ __sizeof__ __str__ __subclasshook__";

/// What the instances of one type have besides, and what those of some versions alone have.
const fn own(kind: Kind) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        Kind::NoneType => (
            "\
                __bool__",
            "",
        ),
        Kind::Int | Kind::Bool => (
            "\
                __abs__ __add__ __and__ __bool__ __ceil__ __divmod__ __float__ __floor__ __floordiv__ __getnewargs__ \
                __index__ __int__ __invert__ __lshift__ __mod__ __mul__ __neg__ __or__ __pos__ __pow__ __radd__ \
                __rand__ __rdivmod__ __rfloordiv__ __rlshift__ __rmod__ __rmul__ __ror__ __round__ __rpow__ \
                __rrshift__ __rshift__ __rsub__ __rtruediv__ __rxor__ __sub__ __truediv__ __trunc__ __xor__ \
                as_integer_ratio bit_length conjugate denominator from_bytes imag numerator real to_bytes",
            "\
                bit_count is_integer",
        ),
        Kind::Float => (
            "\
                __abs__ __add__ __bool__ __ceil__ __divmod__ __float__ __floor__ __floordiv__ __getformat__ \
                __getnewargs__ __int__ __mod__ __mul__ __neg__ __pos__ __pow__ __radd__ __rdivmod__ __rfloordiv__ \
                __rmod__ __rmul__ __round__ __rpow__ __rsub__ __rtruediv__ __sub__ __truediv__ __trunc__ \
                as_integer_ratio conjugate fromhex hex imag is_integer real",
            "\
                __setformat__",
        ),
        Kind::Complex => (
            "\
                __abs__ __add__ __bool__ __getnewargs__ __mul__ __neg__ __pos__ __pow__ __radd__ __rmul__ __rpow__ \
                __rsub__ __rtruediv__ __sub__ __truediv__ conjugate imag real",
            "\
                __complex__ __divmod__ __float__ __floordiv__ __int__ __mod__ __rdivmod__ __rfloordiv__ __rmod__",
        ),
        Kind::Str => (
            "\
                __add__ __contains__ __getitem__ __getnewargs__ __iter__ __len__ __mod__ __mul__ __rmod__ __rmul__ \
                capitalize casefold center count encode endswith expandtabs find format format_map index isalnum \
                isalpha isascii isdecimal isdigit isidentifier islower isnumeric isprintable isspace istitle isupper \
                join ljust lower lstrip maketrans partition removeprefix removesuffix replace rfind rindex rjust \
                rpartition rsplit rstrip split splitlines startswith strip swapcase title translate upper zfill",
            "",
        ),
        Kind::Bytes => (
            "\
                __add__ __contains__ __getitem__ __getnewargs__ __iter__ __len__ __mod__ __mul__ __rmod__ __rmul__ \
                capitalize center count decode endswith expandtabs find fromhex hex index isalnum isalpha isascii \
                isdigit islower isspace istitle isupper join ljust lower lstrip maketrans partition removeprefix \
                removesuffix replace rfind rindex rjust rpartition rsplit rstrip split splitlines startswith strip \
                swapcase title translate upper zfill",
            "\
                __buffer__ __bytes__",
        ),
        Kind::ByteArray => (
            "\
                __add__ __alloc__ __contains__ __delitem__ __getitem__ __iadd__ __imul__ __iter__ __len__ __mod__ \
                __mul__ __rmod__ __rmul__ __setitem__ append capitalize center clear copy count decode endswith \
                expandtabs extend find fromhex hex index insert isalnum isalpha isascii isdigit islower isspace \
                istitle isupper join ljust lower lstrip maketrans partition pop remove removeprefix removesuffix \
                replace reverse rfind rindex rjust rpartition rsplit rstrip split splitlines startswith strip \
                swapcase title translate upper zfill",
            "\
                __buffer__ __release_buffer__ resize",
        ),
        Kind::Tuple => (
            "\
                __add__ __class_getitem__ __contains__ __getitem__ __getnewargs__ __iter__ __len__ __mul__ __rmul__ \
                count index",
            "",
        ),
        Kind::List => (
            "\
                __add__ __class_getitem__ __contains__ __delitem__ __getitem__ __iadd__ __imul__ __iter__ __len__ \
                __mul__ __reversed__ __rmul__ __setitem__ append clear copy count extend index insert pop remove \
                reverse sort",
            "",
        ),
        Kind::Set => (
            "\
                __and__ __class_getitem__ __contains__ __iand__ __ior__ __isub__ __iter__ __ixor__ __len__ __or__ \
                __rand__ __ror__ __rsub__ __rxor__ __sub__ __xor__ add clear copy difference difference_update \
                discard intersection intersection_update isdisjoint issubset issuperset pop remove \
                symmetric_difference symmetric_difference_update union update",
            "",
        ),
        Kind::FrozenSet => (
            "\
                __and__ __class_getitem__ __contains__ __iter__ __len__ __or__ __rand__ __ror__ __rsub__ __rxor__ \
                __sub__ __xor__ copy difference intersection isdisjoint issubset issuperset symmetric_difference \
                union",
            "",
        ),
        Kind::Dict => (
            "\
                __class_getitem__ __contains__ __delitem__ __getitem__ __ior__ __iter__ __len__ __or__ __reversed__ \
                __ror__ __setitem__ clear copy fromkeys get items keys pop popitem setdefault update values",
            "",
        ),
        Kind::Range => (
            "\
                __bool__ __contains__ __getitem__ __iter__ __len__ __reversed__ count index start step stop",
            "",
        ),
        Kind::Slice => (
            "\
                indices start step stop",
            "",
        ),
        Kind::Ellipsis => ("", ""),
        Kind::NotImplemented => (
            "\
                __bool__",
            "",
        ),
        Kind::Function => (
            "\
                __annotations__ __call__ __closure__ __code__ __defaults__ __dict__ __get__ __globals__ \
                __kwdefaults__ __module__ __name__ __qualname__",
            "\
                __builtins__ __type_params__",
        ),
        Kind::Method => (
            "\
                __call__ __func__ __self__",
            "\
                __get__",
        ),
        Kind::BuiltinFunction => (
            "\
                __call__ __module__ __name__ __qualname__ __self__ __text_signature__",
            "",
        ),
        Kind::Generator => (
            "\
                __del__ __iter__ __name__ __next__ __qualname__ close gi_code gi_frame gi_running gi_yieldfrom send \
                throw",
            "\
                __class_getitem__ gi_suspended",
        ),
        Kind::Coroutine => (
            "\
                __await__ __del__ __name__ __qualname__ close cr_await cr_code cr_frame cr_origin cr_running send \
                throw",
            "\
                __class_getitem__ cr_suspended",
        ),
        Kind::Partial => (
            "\
                __call__ __class_getitem__ __dict__ __setstate__ args func keywords",
            "\
                __get__ __module__ __vectorcalloffset__",
        ),
        Kind::Property => (
            "\
                __delete__ __get__ __isabstractmethod__ __set__ deleter fdel fget fset getter setter",
            "\
                __name__ __set_name__",
        ),
        Kind::Object => ("", ""),
        // One of several types: what some of them have is not known of any.
        Kind::Iterator => (
            "\
                __iter__ __next__",
            "\
                __aiter__ __anext__ __class_getitem__ __del__ __length_hint__ __name__ __qualname__ __setstate__ \
                aclose ag_await ag_code ag_frame ag_running ag_suspended asend athrow close gi_code gi_frame \
                gi_running gi_suspended gi_yieldfrom send throw",
        ),
        // So are the keys, values and items of a dict.
        Kind::View => (
            "\
                __iter__ __len__ __reversed__ mapping",
            "\
                __and__ __contains__ __rand__ __or__ __ror__ __sub__ __rsub__ __xor__ __rxor__ __class_getitem__ isdisjoint",
        ),
        Kind::Module | Kind::Type => return None,
    })
}

/// The names by type: what its instances have, and what they have in some versions alone.
static NAMES: LazyLock<FxHashMap<Kind, [FxHashSet<&'static str>; 2]>> = LazyLock::new(|| {
    let split = |names: &'static str| names.split_ascii_whitespace();
    let of = |kind: Kind| {
        let (own, sometimes) = own(kind)?;
        let always = split(OBJECT).chain(split(own)).collect();
        Some((kind, [always, split(sometimes).collect()]))
    };
    ALL.into_iter().filter_map(of).collect()
});

/// Whether any object has an attribute of this name: those of `object` itself.
#[must_use]
pub fn has_any_object(name: &str) -> bool {
    static NAMES: LazyLock<FxHashSet<&'static str>> =
        LazyLock::new(|| OBJECT.split_ascii_whitespace().collect());
    NAMES.contains(name)
}

/// Whether instances of a builtin type have an attribute; none: it cannot be told.
#[must_use]
pub fn has_attribute(kind: Kind, name: &str) -> Option<bool> {
    let [always, sometimes] = NAMES.get(&kind)?;
    if always.contains(name) {
        Some(true)
    } else if sometimes.contains(name) || name == "__getstate__" {
        None
    } else {
        Some(false)
    }
}
