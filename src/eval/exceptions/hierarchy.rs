//! Exceptions outside the tree: which derive from which.
//!
//! The tables were made by running CPython 3.10, 3.11 and 3.13 (`issubclass` over every exception class of `builtins` and of the public modules of the
//! standard library). A unit test holds them against the `python3` at hand.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::name::Name;

/// Exceptions of `builtins`, each with the first class that it derives from. `ExceptionGroup` is an `Exception` besides.
const BUILTIN: &[(&str, &str)] = &[
    ("ArithmeticError", "Exception"),
    ("AssertionError", "Exception"),
    ("AttributeError", "Exception"),
    ("BaseExceptionGroup", "BaseException"),
    ("BlockingIOError", "OSError"),
    ("BrokenPipeError", "ConnectionError"),
    ("BufferError", "Exception"),
    ("BytesWarning", "Warning"),
    ("ChildProcessError", "OSError"),
    ("ConnectionAbortedError", "ConnectionError"),
    ("ConnectionError", "OSError"),
    ("ConnectionRefusedError", "ConnectionError"),
    ("ConnectionResetError", "ConnectionError"),
    ("DeprecationWarning", "Warning"),
    ("EOFError", "Exception"),
    ("EncodingWarning", "Warning"),
    ("Exception", "BaseException"),
    ("ExceptionGroup", "BaseExceptionGroup"),
    ("FileExistsError", "OSError"),
    ("FileNotFoundError", "OSError"),
    ("FloatingPointError", "ArithmeticError"),
    ("FutureWarning", "Warning"),
    ("GeneratorExit", "BaseException"),
    ("ImportError", "Exception"),
    ("ImportWarning", "Warning"),
    ("IndentationError", "SyntaxError"),
    ("IndexError", "LookupError"),
    ("InterruptedError", "OSError"),
    ("IsADirectoryError", "OSError"),
    ("KeyError", "LookupError"),
    ("KeyboardInterrupt", "BaseException"),
    ("LookupError", "Exception"),
    ("MemoryError", "Exception"),
    ("ModuleNotFoundError", "ImportError"),
    ("NameError", "Exception"),
    ("NotADirectoryError", "OSError"),
    ("NotImplementedError", "RuntimeError"),
    ("OSError", "Exception"),
    ("OverflowError", "ArithmeticError"),
    ("PendingDeprecationWarning", "Warning"),
    ("PermissionError", "OSError"),
    ("ProcessLookupError", "OSError"),
    ("PythonFinalizationError", "RuntimeError"),
    ("RecursionError", "RuntimeError"),
    ("ReferenceError", "Exception"),
    ("ResourceWarning", "Warning"),
    ("RuntimeError", "Exception"),
    ("RuntimeWarning", "Warning"),
    ("StopAsyncIteration", "Exception"),
    ("StopIteration", "Exception"),
    ("SyntaxError", "Exception"),
    ("SyntaxWarning", "Warning"),
    ("SystemError", "Exception"),
    ("SystemExit", "BaseException"),
    ("TabError", "IndentationError"),
    ("TimeoutError", "OSError"),
    ("TypeError", "Exception"),
    ("UnboundLocalError", "NameError"),
    ("UnicodeDecodeError", "UnicodeError"),
    ("UnicodeEncodeError", "UnicodeError"),
    ("UnicodeError", "ValueError"),
    ("UnicodeTranslateError", "UnicodeError"),
    ("UnicodeWarning", "Warning"),
    ("UserWarning", "Warning"),
    ("ValueError", "Exception"),
    ("Warning", "Exception"),
    ("ZeroDivisionError", "ArithmeticError"),
];

/// Other names of builtin exceptions.
const ALIASES: &[(&str, &str)] = &[
    ("builtins.EnvironmentError", "OSError"),
    ("builtins.IOError", "OSError"),
    ("calendar.error", "ValueError"),
    ("dbm.dumb.error", "OSError"),
    ("mmap.error", "OSError"),
    ("os.error", "OSError"),
    ("posix.error", "OSError"),
    ("resource.error", "OSError"),
    ("select.error", "OSError"),
    ("socket.error", "OSError"),
    ("socket.timeout", "TimeoutError"),
    ("ssl.socket_error", "OSError"),
    ("threading.ThreadError", "RuntimeError"),
];

/// Exceptions of the standard library that derive from more than `Exception`: from these builtin ones.
const LIBRARY: &[(&str, &[&str])] = &[
    ("asyncio.BrokenBarrierError", &["RuntimeError"]),
    ("asyncio.CancelledError", &["BaseException"]),
    ("asyncio.IncompleteReadError", &["EOFError"]),
    ("asyncio.SendfileNotAvailableError", &["RuntimeError"]),
    ("asyncio.exceptions.BrokenBarrierError", &["RuntimeError"]),
    ("asyncio.exceptions.CancelledError", &["BaseException"]),
    ("asyncio.exceptions.IncompleteReadError", &["EOFError"]),
    (
        "asyncio.exceptions.SendfileNotAvailableError",
        &["RuntimeError"],
    ),
    ("binascii.Error", &["ValueError"]),
    ("calendar.IllegalMonthError", &["ValueError"]),
    ("calendar.IllegalWeekdayError", &["ValueError"]),
    ("concurrent.futures.BrokenExecutor", &["RuntimeError"]),
    ("dataclasses.FrozenInstanceError", &["AttributeError"]),
    ("dbm.sqlite3.error", &["OSError"]),
    ("decimal.Clamped", &["ArithmeticError"]),
    ("decimal.ConversionSyntax", &["ArithmeticError"]),
    ("decimal.DecimalException", &["ArithmeticError"]),
    ("decimal.DivisionByZero", &["ZeroDivisionError"]),
    ("decimal.DivisionImpossible", &["ArithmeticError"]),
    ("decimal.DivisionUndefined", &["ZeroDivisionError"]),
    ("decimal.FloatOperation", &["ArithmeticError", "TypeError"]),
    ("decimal.Inexact", &["ArithmeticError"]),
    ("decimal.InvalidContext", &["ArithmeticError"]),
    ("decimal.InvalidOperation", &["ArithmeticError"]),
    ("decimal.Overflow", &["ArithmeticError"]),
    ("decimal.Rounded", &["ArithmeticError"]),
    ("decimal.Subnormal", &["ArithmeticError"]),
    ("decimal.Underflow", &["ArithmeticError"]),
    ("email.errors.CloseBoundaryNotFoundDefect", &["ValueError"]),
    (
        "email.errors.FirstHeaderLineIsContinuationDefect",
        &["ValueError"],
    ),
    ("email.errors.HeaderDefect", &["ValueError"]),
    ("email.errors.HeaderMissingRequiredValue", &["ValueError"]),
    (
        "email.errors.InvalidBase64CharactersDefect",
        &["ValueError"],
    ),
    ("email.errors.InvalidBase64LengthDefect", &["ValueError"]),
    ("email.errors.InvalidBase64PaddingDefect", &["ValueError"]),
    ("email.errors.InvalidDateDefect", &["ValueError"]),
    ("email.errors.InvalidHeaderDefect", &["ValueError"]),
    (
        "email.errors.InvalidMultipartContentTransferEncodingDefect",
        &["ValueError"],
    ),
    ("email.errors.MalformedHeaderDefect", &["ValueError"]),
    ("email.errors.MessageDefect", &["ValueError"]),
    (
        "email.errors.MisplacedEnvelopeHeaderDefect",
        &["ValueError"],
    ),
    (
        "email.errors.MissingHeaderBodySeparatorDefect",
        &["ValueError"],
    ),
    ("email.errors.MultipartConversionError", &["TypeError"]),
    (
        "email.errors.MultipartInvariantViolationDefect",
        &["ValueError"],
    ),
    ("email.errors.NoBoundaryInMultipartDefect", &["ValueError"]),
    ("email.errors.NonASCIILocalPartDefect", &["ValueError"]),
    ("email.errors.NonPrintableDefect", &["ValueError"]),
    ("email.errors.ObsoleteHeaderDefect", &["ValueError"]),
    ("email.errors.StartBoundaryNotFoundDefect", &["ValueError"]),
    ("email.errors.UndecodableBytesDefect", &["ValueError"]),
    (
        "encodings.CodecRegistryError",
        &["LookupError", "SystemError"],
    ),
    ("getpass.GetPassWarning", &["UserWarning"]),
    ("graphlib.CycleError", &["ValueError"]),
    ("gzip.BadGzipFile", &["OSError"]),
    ("http.client.RemoteDisconnected", &["ConnectionResetError"]),
    ("http.cookiejar.LoadError", &["OSError"]),
    (
        "importlib.metadata.PackageNotFoundError",
        &["ModuleNotFoundError"],
    ),
    ("io.UnsupportedOperation", &["OSError", "ValueError"]),
    ("ipaddress.AddressValueError", &["ValueError"]),
    ("ipaddress.NetmaskValueError", &["ValueError"]),
    ("json.JSONDecodeError", &["ValueError"]),
    ("json.decoder.JSONDecodeError", &["ValueError"]),
    ("mailcap.UnsafeMailcapInput", &["Warning"]),
    (
        "multiprocessing.resource_tracker.ReentrantCallError",
        &["RuntimeError"],
    ),
    ("pathlib.UnsupportedOperation", &["NotImplementedError"]),
    ("plistlib.InvalidFileException", &["ValueError"]),
    ("shutil.Error", &["OSError"]),
    ("shutil.ExecError", &["OSError"]),
    ("shutil.ReadError", &["OSError"]),
    ("shutil.SameFileError", &["OSError"]),
    ("shutil.SpecialFileError", &["OSError"]),
    ("signal.ItimerError", &["OSError"]),
    ("smtplib.SMTPAuthenticationError", &["OSError"]),
    ("smtplib.SMTPConnectError", &["OSError"]),
    ("smtplib.SMTPDataError", &["OSError"]),
    ("smtplib.SMTPException", &["OSError"]),
    ("smtplib.SMTPHeloError", &["OSError"]),
    ("smtplib.SMTPNotSupportedError", &["OSError"]),
    ("smtplib.SMTPRecipientsRefused", &["OSError"]),
    ("smtplib.SMTPResponseException", &["OSError"]),
    ("smtplib.SMTPSenderRefused", &["OSError"]),
    ("smtplib.SMTPServerDisconnected", &["OSError"]),
    ("socket.gaierror", &["OSError"]),
    ("socket.herror", &["OSError"]),
    ("ssl.CertificateError", &["OSError", "ValueError"]),
    ("ssl.SSLCertVerificationError", &["OSError", "ValueError"]),
    ("ssl.SSLEOFError", &["OSError"]),
    ("ssl.SSLError", &["OSError"]),
    ("ssl.SSLSyscallError", &["OSError"]),
    ("ssl.SSLWantReadError", &["OSError"]),
    ("ssl.SSLWantWriteError", &["OSError"]),
    ("ssl.SSLZeroReturnError", &["OSError"]),
    ("statistics.StatisticsError", &["ValueError"]),
    ("threading.BrokenBarrierError", &["RuntimeError"]),
    ("tomllib.TOMLDecodeError", &["ValueError"]),
    ("urllib.error.ContentTooShortError", &["OSError"]),
    ("urllib.error.HTTPError", &["OSError"]),
    ("urllib.error.URLError", &["OSError"]),
    ("urllib.request.ContentTooShortError", &["OSError"]),
    ("urllib.request.HTTPError", &["OSError"]),
    ("urllib.request.URLError", &["OSError"]),
    ("wsgiref.validate.WSGIWarning", &["Warning"]),
    ("zipapp.ZipAppError", &["ValueError"]),
    ("zipimport.ZipImportError", &["ImportError"]),
    ("zoneinfo.InvalidTZPathWarning", &["RuntimeWarning"]),
    ("zoneinfo.ZoneInfoNotFoundError", &["KeyError"]),
];

/// By dotted name: the classes that an exception is an instance of, itself first.
static ANCESTORS: LazyLock<FxHashMap<Name, Vec<Name>>> = LazyLock::new(|| {
    let builtin = |name: &str| Name::new(&format!("builtins.{name}"));
    let parents: FxHashMap<&str, &str> = BUILTIN.iter().copied().collect();
    let line = |first: &str| {
        let mut line = vec![builtin(first)];
        let mut class = first;
        if class == "ExceptionGroup" {
            line.push(builtin("Exception"));
        }
        while let Some(&parent) = parents.get(class) {
            line.push(builtin(parent));
            class = parent;
        }
        line
    };
    let mut ancestors: FxHashMap<Name, Vec<Name>> = FxHashMap::default();
    ancestors.insert(builtin("BaseException"), line("BaseException"));
    for (name, _) in BUILTIN {
        ancestors.insert(builtin(name), line(name));
    }
    for (dotted, bases) in LIBRARY {
        let mut all = vec![Name::new(dotted)];
        all.extend(bases.iter().flat_map(|base| line(base)));
        ancestors.insert(Name::new(dotted), all);
    }
    ancestors
});

static CANONICAL: LazyLock<FxHashMap<Name, Name>> = LazyLock::new(|| {
    ALIASES
        .iter()
        .map(|(alias, name)| (Name::new(alias), Name::new(&format!("builtins.{name}"))))
        .collect()
});

/// The name of a class under which it is known here: `socket.error` is `builtins.OSError`.
#[must_use]
pub fn canonical(class: Name) -> Name {
    CANONICAL.get(&class).copied().unwrap_or(class)
}

/// The classes that instances of an exception are instances of, itself first; none: it is not known.
#[must_use]
pub fn ancestors(class: Name) -> Option<&'static [Name]> {
    ANCESTORS.get(&canonical(class)).map(Vec::as_slice)
}

/// The dotted name of the builtin exception that `name` is, unless something else is bound to it.
#[must_use]
pub fn builtin(name: Name) -> Option<Name> {
    let dotted = Name::new(&format!("builtins.{name}"));
    ancestors(dotted).map(|_| canonical(dotted))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::{ALIASES, BUILTIN, LIBRARY};

    /// Prints the lines that are wrong. What the running version does not have is passed over.
    const CHECK: &str = "
import builtins, importlib, sys
def find(dotted):
    module, name = dotted.rsplit('.', 1)
    try:
        return getattr(importlib.import_module(module), name, None)
    except ImportError:
        return None
for line in sys.stdin:
    kind, name, *bases = line.split()
    found = find(name)
    if found is None or any(not hasattr(builtins, base) for base in bases):
        continue
    if sys.version_info < (3, 10) and name == 'socket.timeout':
        continue
    bases = [getattr(builtins, base) for base in bases]
    if kind == 'alias' and found is not bases[0] or not issubclass(found, tuple(bases)):
        print(line, end='')
    if kind == 'builtin' and found.__base__ is not bases[0]:
        print(line, end='')
";

    #[test]
    fn tables_say_what_cpython_says() {
        use std::io::Write as _;
        use std::process::Stdio;

        let mut text = String::new();
        for (name, base) in BUILTIN {
            text.push_str(&format!("builtin builtins.{name} {base}\n"));
        }
        for (name, class) in ALIASES {
            text.push_str(&format!("alias {name} {class}\n"));
        }
        for (name, bases) in LIBRARY {
            text.push_str(&format!("library {name} {}\n", bases.join(" ")));
        }
        let mut python = Command::new("python3");
        python.args(["-W", "ignore", "-c", CHECK]);
        let python = python.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let Ok(mut python) = python else {
            eprintln!("NOT CHECKED: no python3 found");
            return;
        };
        let input = python.stdin.as_mut().unwrap();
        input.write_all(text.as_bytes()).unwrap();
        let output = python.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    }
}
