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

/// Builtins that Python 2 has and Python 3 has not ("What's New In Python 3.0").
const OF_PYTHON_2: [&str; 14] = [
    "apply",
    "basestring",
    "buffer",
    "cmp",
    "coerce",
    "execfile",
    "file",
    "intern",
    "long",
    "raw_input",
    "reload",
    "unichr",
    "unicode",
    "xrange",
];

/// Modules of Python 2's library that have another name in Python 3, or none (PEP 3108), but for those whose names are common words.
const MODULES_OF_PYTHON_2: [&str; 31] = [
    "BaseHTTPServer",
    "Bastion",
    "CGIHTTPServer",
    "ConfigParser",
    "Cookie",
    "DocXMLRPCServer",
    "HTMLParser",
    "MimeWriter",
    "Queue",
    "SimpleHTTPServer",
    "SimpleXMLRPCServer",
    "SocketServer",
    "StringIO",
    "Tkinter",
    "UserDict",
    "UserList",
    "UserString",
    "__builtin__",
    "_winreg",
    "anydbm",
    "cPickle",
    "cStringIO",
    "cookielib",
    "copy_reg",
    "dumbdbm",
    "htmlentitydefs",
    "httplib",
    "robotparser",
    "urllib2",
    "urlparse",
    "xmlrpclib",
];

/// Whether Python 2's library has a module of this dotted name, and Python 3's does not.
#[must_use]
pub fn is_module_of_python_2(dotted: &str) -> bool {
    MODULES_OF_PYTHON_2.contains(&dotted)
}

/// Methods that Python 2 calls by itself and Python 3 never does ("What's New In Python 3.0"; the data model of 2.7).
const METHODS_OF_PYTHON_2: [&str; 14] = [
    "__cmp__",
    "__coerce__",
    "__delslice__",
    "__div__",
    "__getslice__",
    "__hex__",
    "__idiv__",
    "__long__",
    "__nonzero__",
    "__oct__",
    "__rcmp__",
    "__rdiv__",
    "__setslice__",
    "__unicode__",
];

/// Whether a name is a builtin of Python 2, read in a method that only Python 2 calls by itself: `cmp` in `__cmp__`.
#[must_use]
pub fn is_in_method_of_python_2(name: &str, method: &str) -> bool {
    OF_PYTHON_2.contains(&name) && METHODS_OF_PYTHON_2.contains(&method)
}

/// Whether a name is a builtin of Python 2, read in a file that it is meant for.
#[must_use]
pub fn is_of_python_2(name: &str, path: &str) -> bool {
    OF_PYTHON_2.contains(&name) && is_in_directory_of_python_2(path)
}

/// Whether Python 2 is meant for a file, by its path in the tree: it lies in a directory that is called after it, `python2/till.py`, beside the one for Python 3.
#[must_use]
pub fn is_in_directory_of_python_2(path: &str) -> bool {
    let directories = path
        .rsplit_once('/')
        .map_or("", |(directories, _)| directories);
    directories.split('/').any(is_python_2)
}

/// Whether a word names Python 2: `py2`, `Python2.7`, `python27`.
#[must_use]
pub fn is_python_2(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    let rest = word
        .strip_prefix("python")
        .or_else(|| word.strip_prefix("py"));
    rest.is_some_and(|rest| {
        rest.starts_with('2') && rest.chars().all(|c| c.is_ascii_digit() || c == '.')
    })
}

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

/// Whether a file that imports this module has statements that mean something else once it is compiled to an extension module: `length: cython.int` declares a
/// variable there (the Cython documentation, "Pure Python Mode").
#[must_use]
pub fn compiles(module: &str) -> bool {
    module == "cython" || module.starts_with("cython.")
}

/// Whether another Python has this name in this module of the library.
#[must_use]
pub fn adds(module: &str, name: &str) -> bool {
    ADDED.contains(&(module, name))
}
