//! CS1, continued: operations that a value does not have.

super::rule::declare_rules! {
    /// ## What it finds
    ///
    /// An operation of the language on a value whose type does not have it: an item of `None`, a loop over a number, a text and a number added, an index
    /// past the end of a tuple, `", ".join` of numbers, a text where bytes are asked for, an object whose class has no `__getitem__` used like a dict,
    /// an argument of a type that a function of the library refuses (`range(3.5)`, `open([])`), more, fewer or other arguments than a builtin function, a method
    /// of a builtin type or a function of the library takes (`isinstance(x)`), a property without a setter that is assigned, a list as a key of a dict, a look into a module, a `raise` of what is no exception.
    /// Only types that are certain count, and classes of the tree to which nothing adds methods.
    ///
    /// ## Why it matters
    ///
    /// What a function returns is part of its contract, and no signature says it. A function that returned a dict and now returns nothing on some path binds
    /// as before; what its caller does with the result fails.
    ///
    /// ## Example
    ///
    /// ```python
    /// # store.py
    /// def settings(options):
    ///     options.setdefault("ttl", 60)
    /// # use.py
    /// from store import settings
    ///
    /// def ttl():
    ///     return settings({})["ttl"]
    /// ```
    ///
    /// ```text
    /// TypeError: 'NoneType' object is not subscriptable
    /// ```
    ///
    /// Return what the callers use:
    ///
    /// ```python
    /// # store.py
    /// def settings(options):
    ///     options.setdefault("ttl", 60)
    ///     return options
    /// # use.py
    /// from store import settings
    ///
    /// def ttl():
    ///     return settings({})["ttl"]
    /// ```
    ///
    /// ## How to ship it
    ///
    /// The function and the callers that use its result together.
    INVALID_OPERATION = "CS112", "invalid-operation", Error, "A value does not have the operation that the code asks of it";

    /// ## What it finds
    ///
    /// A format string that asks for more, fewer or other arguments than it gets, by `%`, `str.format` or in an f-string.
    ///
    /// A message of `logging` that does not fit what it is formatted with is a warning: the library prints the failure and goes on, and the message is lost.
    ///
    /// ## Why it matters
    ///
    /// Messages are formatted where something went wrong already: the line that should tell what happened raises instead.
    ///
    /// ## Example
    ///
    /// ```python
    /// # report.py
    /// def failed(name, count):
    ///     return "%s failed %d times, last at %s" % (name, count)
    /// ```
    ///
    /// ```text
    /// TypeError: not enough arguments for format string
    /// ```
    ///
    /// Give each conversion its argument:
    ///
    /// ```python
    /// # report.py
    /// def failed(name, count, last):
    ///     return "%s failed %d times, last at %s" % (name, count, last)
    /// ```
    ///
    /// ## How to ship it
    ///
    /// In one file by itself, unless an argument has to come from a caller.
    FORMAT_MISMATCH = "CS113", "format-mismatch", Error, "A format string does not fit its arguments";

    /// ## What it finds
    ///
    /// A member that an enum does not have, looked up by its name (`Color["GREEN"]`) or by its value (`Color("green")`).
    ///
    /// ## Why it matters
    ///
    /// Members are renamed and their values change, and what is stored or written out elsewhere keeps the old ones. `Color.GREEN` without that member is
    /// `missing-attribute`. An enum that is called without a value fails each time.
    ///
    /// ## Example
    ///
    /// ```python
    /// # colors.py
    /// from enum import Enum
    ///
    /// class Color(Enum):
    ///     RED = "red"
    /// # use.py
    /// from colors import Color
    ///
    /// def default():
    ///     return Color("green")
    /// ```
    ///
    /// ```text
    /// ValueError: 'green' is not a valid Color
    /// ```
    ///
    /// Name a member that is there:
    ///
    /// ```python
    /// # colors.py
    /// from enum import Enum
    ///
    /// class Color(Enum):
    ///     RED = "red"
    /// # use.py
    /// from colors import Color
    ///
    /// def default():
    ///     return Color("red")
    /// ```
    ///
    /// ## How to ship it
    ///
    /// A member is added before the code that names it, and removed after it.
    UNKNOWN_MEMBER = "CS114", "unknown-member", Error, "An enum has no member of this name or value";
}
