//! CS2: what the declared Python does not know.

super::rule::declare_rules! {
    /// ## What it finds
    ///
    /// Syntax that the Python which is declared (`--python-version`, `python-version`, a template's `Runtime`, `requires-python`,
    /// `.python-version`) does not know. Where none is declared, nothing is said.
    ///
    /// ## Why it matters
    ///
    /// The file does not compile there: every import of it dies with a `SyntaxError`, whichever of its functions is meant. On the developer's
    /// newer Python nothing shows. It is an error where something runs the file: another module imports it, and neither a test on the version
    /// nor a handler is around that; or nothing imports it and it stands at an import root. Else it is information.
    ///
    /// ## Example
    ///
    /// ```python
    /// # cache_core.py
    /// def kind(value):
    ///     match value:
    ///         case int():
    ///             return 'number'
    ///         case _:
    ///             return 'other'
    /// ```
    ///
    /// On Python 3.9:
    ///
    /// ```text
    /// SyntaxError: invalid syntax
    /// ```
    ///
    /// Write it in the older way:
    ///
    /// ```python
    /// # cache_core.py
    /// def kind(value):
    ///     if isinstance(value, int):
    ///         return 'number'
    ///     return 'other'
    /// ```
    ///
    /// ## How to ship it
    ///
    /// The new Python first, then the file.
    UNSUPPORTED_SYNTAX = "CS213", "unsupported-syntax", Error, "Syntax that the declared Python does not know";

    /// ## What it finds
    ///
    /// A module, a name or a parameter that the declared Python's standard library does not have: it went, or it came later. Where no
    /// version is declared, nothing is said; nor where a handler catches the error, or a test asks for the version or the name first.
    ///
    /// ## Why it matters
    ///
    /// The next runtime takes away what the last one only warned about. A module of the library that is gone takes every module with it that
    /// imports it.
    ///
    /// ## Example
    ///
    /// ```python
    /// # metrics_core.py
    /// from distutils.util import strtobool
    ///
    /// def enabled(text):
    ///     return bool(strtobool(text))
    /// ```
    ///
    /// On Python 3.12:
    ///
    /// ```text
    /// ModuleNotFoundError: No module named 'distutils'
    /// ```
    ///
    /// Write what is needed of it, or use what took its place:
    ///
    /// ```python
    /// # metrics_core.py
    /// def enabled(text):
    ///     return text.lower() in ('y', 'yes', 't', 'true', 'on', '1')
    /// ```
    ///
    /// ## How to ship it
    ///
    /// Code that works with both versions first, then the new Python.
    REMOVED_FROM_PYTHON = "CS214", "removed-from-python", Error, "Something that the declared Python's library does not have";
}
