//! Other Pythons: by what a file shows that it is written for one of them, which has names that no CPython has.
//!
//! Sources: the MicroPython documentation, "MicroPython libraries" ("MicroPython-specific libraries", and what it adds to `time`); that of CircuitPython,
//! "Core Modules"; that of Brython and Pyodide, whose module `browser`, or `js`, is the page around them.

/// Modules that are part of such a Python, and of no CPython.
const MODULES: [&str; 14] = [
    "browser",
    "esp32",
    "framebuf",
    "js",
    "machine",
    "microcontroller",
    "micropython",
    "pyb",
    "rp2",
    "uasyncio",
    "ujson",
    "uos",
    "usocket",
    "utime",
];

/// What such a Python has in modules of the standard library, besides what CPython has there.
const ADDED: [(&str, &str); 10] = [
    ("gc", "mem_alloc"),
    ("gc", "mem_free"),
    ("sys", "print_exception"),
    ("time", "sleep_ms"),
    ("time", "sleep_us"),
    ("time", "ticks_add"),
    ("time", "ticks_cpu"),
    ("time", "ticks_diff"),
    ("time", "ticks_ms"),
    ("time", "ticks_us"),
];

/// Whether another Python brings a module of this name along.
#[must_use]
pub fn has_module(name: &str) -> bool {
    MODULES.contains(&name)
}

/// Whether a file that imports this module is never run as Python: a compiler to another language reads it (the Transcrypt documentation, "The package module
/// `org.transcrypt`").
#[must_use]
pub fn translates(module: &str) -> bool {
    module
        .strip_prefix("org.transcrypt")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Whether another Python has this name in this module of the library.
#[must_use]
pub fn adds(module: &str, name: &str) -> bool {
    ADDED.contains(&(module, name))
}
