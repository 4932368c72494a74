//! CS2: names that nothing binds.

super::rule::declare_rules! {
    /// ## What it finds
    ///
    /// A name that neither the function, nor the module, nor the builtins have when the line runs.
    ///
    /// ## Why it matters
    ///
    /// Importing the module proves nothing: the name is looked for when the line runs, which in a function is the first request that comes by.
    /// A helper that was renamed, an import that was taken out one line too early, a function that moved to another file leave such names behind.
    ///
    /// Names that something may put there are left alone: `exec`, `globals()[name] = ...`, a star import of a module outside the tree,
    /// `builtins.name = ...`, `setattr(module, ...)`; so is what `except NameError` expects. In a module that something fills by computation, a name that no text and no
    /// keyword of the tree has is a warning.
    ///
    /// Annotations count where the Python that is declared evaluates them. Of type hints that nothing evaluates (texts, postponed annotations, `type` statements) the names
    /// are shown by `--show may`: what resolves such a hint fails, as `typing.get_type_hints` does.
    ///
    /// ## Example
    ///
    /// ```python
    /// # cache_core.py
    /// def read(key, default=None):
    ///     return default
    ///
    /// def get(key):
    ///     return fetch(key)
    /// ```
    ///
    /// ```text
    /// NameError: name 'fetch' is not defined
    /// ```
    ///
    /// Use the name that is there, or import the one that is meant:
    ///
    /// ```python
    /// # cache_core.py
    /// def read(key, default=None):
    ///     return default
    ///
    /// def get(key):
    ///     return read(key)
    /// ```
    ///
    /// ## How to ship it
    ///
    /// The file alone, unless the name comes from another changed file: that one first.
    UNDEFINED_NAME = "CS211", "undefined-name", Error, "A name that nothing defines";

    /// ## What it finds
    ///
    /// A local variable that nothing has bound when it is read: on every way that leads there.
    ///
    /// It is a warning where a statement binds it on one way alone, and what reads it is run whichever way was taken: the handler of a `try` that only logs, an
    /// `else` that only prints, an `if` without one. Nothing in between asks again, leaves, or binds it. What else only some ways leave unbound is shown by `--show may`.
    ///
    /// ## Why it matters
    ///
    /// One assignment anywhere in a function makes the name local to all of it, also above the assignment: a module's variable of the same name
    /// is no longer seen. `except ... as error` takes `error` away again when the handler is over.
    ///
    /// ## Example
    ///
    /// ```python
    /// # metrics_core.py
    /// count = 0
    ///
    /// def record(name):
    ///     count += 1
    ///     return count
    /// ```
    ///
    /// ```text
    /// UnboundLocalError: cannot access local variable 'count' where it is not associated with a value
    /// ```
    ///
    /// Say whose variable it is, or bind it first:
    ///
    /// ```python
    /// # metrics_core.py
    /// count = 0
    ///
    /// def record(name):
    ///     global count
    ///     count += 1
    ///     return count
    /// ```
    ///
    /// ## How to ship it
    ///
    /// The file alone.
    UNBOUND_LOCAL = "CS212", "unbound-local", Error, "A local variable is read before anything binds it";
}
