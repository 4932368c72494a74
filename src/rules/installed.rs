//! CS2: what fails within installed packages.

super::rule::declare_rules! {
    /// ## What it finds
    ///
    /// An import or a call of an installed package that fails within the packages: one of them imports or calls what another one, in the version that is
    /// installed, does not have or take. It is looked for where packages are named with `--packages` or `--python`; imports within packages where
    /// `--against-packages` names what was installed before.
    ///
    /// ## Why it matters
    ///
    /// Packages are upgraded one by one, and not every one says what it needs of the others. Nothing of the own code changed, and its line fails each time it
    /// runs. It is an error only where no test is left on the way from that line to what fails.
    ///
    /// ## Example
    ///
    /// A `wire` that calls its `quote` something else, and a `helper` that does not know:
    ///
    /// ```python
    /// # packages/wire/__init__.py
    /// def escape(text):
    ///     return text
    ///
    /// # packages/helper/__init__.py
    /// from wire import quote
    ///
    /// # main.py
    /// import helper
    ///
    /// print(helper.quote('a'))
    /// ```
    ///
    /// ```text
    /// ImportError: cannot import name 'quote' from 'wire'
    /// ```
    ///
    /// With the next version of `helper`:
    ///
    /// ```python
    /// # packages/wire/__init__.py
    /// def escape(text):
    ///     return text
    ///
    /// # packages/helper/__init__.py
    /// from wire import escape as quote
    ///
    /// # main.py
    /// import helper
    ///
    /// print(helper.quote('a'))
    /// ```
    ///
    /// ## How to ship it
    ///
    /// A version of the one that calls which fits the other one, or the other one as it was. Pin both.
    BROKEN_PACKAGE = "CS215", "broken-package", Error, "Installed packages do not fit each other";
}
