//! CS9: what the analysed files themselves have wrong.

super::rule::declare_rules! {
    /// ## What it finds
    ///
    /// A file that does not parse, with the first position where it does not.
    ///
    /// A template, or a text that something puts into a function, is shown as an info. A stub, the data of tests, and a file of which the only error is an `await` at the top
    /// level, which notebooks and event loops take, are warnings.
    ///
    /// ## Why it matters
    ///
    /// Such a file cannot be imported, and takes all of its names with it. The rest of the tree is analysed all the same.
    ///
    /// ## Example
    ///
    /// ```python
    /// # core.py
    /// def fetch(key:
    ///     return key
    /// ```
    ///
    /// ```text
    /// SyntaxError: '(' was never closed
    /// ```
    ///
    /// ```python
    /// # core.py
    /// def fetch(key):
    ///     return key
    /// ```
    ///
    /// ## How to ship it
    ///
    /// Not at all, until it parses.
    SYNTAX_ERROR = "CS901", "syntax-error", Error, "A file does not parse";

    /// ## What it finds
    ///
    /// A Python file that cannot be read: no permission, a link to nowhere, bytes that its encoding does not allow.
    ///
    /// ## Why it matters
    ///
    /// What cannot be read cannot be judged, and a clean report about the rest would be a false one.
    ///
    /// ## Example
    ///
    /// ```text
    /// SyntaxError: (unicode error) 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte
    /// ```
    ///
    /// ## How to ship it
    ///
    /// Repair the file, or exclude it (`exclude` in the configuration, `--extend-exclude`) if it is not part of the program.
    UNREADABLE_FILE = "CS902", "unreadable-file", Error, "A file cannot be read";

    /// ## What it finds
    ///
    /// A `# coship: ignore[...]` comment that silences nothing, or that names a rule which does not exist.
    ///
    /// ## Why it matters
    ///
    /// A stale comment waits for the next defect on its line, and hides it.
    ///
    /// ## Example
    ///
    /// ```python
    /// # core.py
    /// def fetch(key):
    ///     return key
    ///
    /// def run():
    ///     return fetch('a')  # coship: ignore[unexpected-keyword] the old core took ttl
    /// ```
    ///
    /// Remove it:
    ///
    /// ```python
    /// # core.py
    /// def fetch(key):
    ///     return key
    ///
    /// def run():
    ///     return fetch('a')
    /// ```
    ///
    /// ## How to ship it
    ///
    /// In any order: it is a comment.
    UNUSED_IGNORE = "CS903", "unused-ignore", Warning, "An ignore comment that silences nothing";

    /// ## What it finds
    ///
    /// An entry of `[[waivers]]` in the configuration that no finding matches.
    ///
    /// ## Why it matters
    ///
    /// A waiver that outlives its finding waits for the next one of its kind, and hides it. It also is a line of an audit that is no longer true.
    ///
    /// ## Example
    ///
    /// ```toml
    /// [[waivers]]
    /// rule = "unexpected-keyword"
    /// path = "gateway_core.py"
    /// until = 2026-03-31
    /// reason = "the core takes it from 1.5 on"
    /// ```
    ///
    /// When the core takes the keyword, remove the entry. A waiver that has expired is reported with its finding, as long as there is one.
    ///
    /// ## How to ship it
    ///
    /// In any order: it is no part of the program.
    UNUSED_WAIVER = "CS904", "unused-waiver", Warning, "A waiver that no finding matches";
}
