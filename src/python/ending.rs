//! Functions of the standard library, of `typing_extensions`, `six` and pytest that never come back: they end the program or the test that runs, or raise.
//!
//! Sources: the library reference (`sys.exit`, `os._exit`, `os.abort`, `os.execv` and its like, "Constants added by the site module"), and pytest's "API Reference",
//! "Functions".

/// Each by its module and its name.
pub const FUNCTIONS: [(&str, &str); 21] = [
    ("builtins", "exit"),
    ("builtins", "quit"),
    ("os", "_exit"),
    ("os", "abort"),
    ("os", "execl"),
    ("os", "execle"),
    ("os", "execlp"),
    ("os", "execlpe"),
    ("os", "execv"),
    ("os", "execve"),
    ("os", "execvp"),
    ("os", "execvpe"),
    ("pytest", "exit"),
    ("pytest", "fail"),
    ("pytest", "skip"),
    ("pytest", "xfail"),
    ("six", "raise_from"),
    ("six", "reraise"),
    ("sys", "exit"),
    ("typing", "assert_never"),
    ("typing_extensions", "assert_never"),
];

/// Whether a function of this module and name is one of them.
#[must_use]
pub fn never_returns(module: &str, name: &str) -> bool {
    FUNCTIONS.contains(&(module, name))
}
