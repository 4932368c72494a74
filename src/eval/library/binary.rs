//! Texts where bytes are asked for, and bytes where texts are (the library reference, "Text Sequence Type" and "Binary Sequence Types").
//!
//! A contributor adds a line to [`ASKS_BYTES`].

use crate::eval::Evaluator;
use crate::eval::calls::arguments::Actual;
use crate::eval::domain::kind::Kind;
use crate::eval::domain::truth::Truth;
use crate::eval::domain::value::Value;
use crate::eval::interpreter::frame::Frame;
use crate::eval::interpreter::operation::Wrong;
use crate::facts::FailureKind;
use crate::name::Name;
use crate::python::Version;
use crate::syntax::ir::Range;

const NO_BYTES: &str = "TypeError: a bytes-like object is required, not 'str'";
const NOT_ENCODED: &str = "TypeError: Strings must be encoded before hashing";

/// What asks for bytes in its first positional argument, and what it raises for a text.
const ASKS_BYTES: &[(&str, &str)] = &[
    ("base64.b16encode", NO_BYTES),
    ("base64.b64encode", NO_BYTES),
    ("base64.urlsafe_b64encode", NO_BYTES),
    ("binascii.hexlify", NO_BYTES),
    ("hashlib.md5", NOT_ENCODED),
    ("hashlib.sha1", NOT_ENCODED),
    ("hashlib.sha256", NOT_ENCODED),
    ("hashlib.sha512", NOT_ENCODED),
    ("zlib.compress", NO_BYTES),
    ("zlib.crc32", NO_BYTES),
    ("zlib.decompress", NO_BYTES),
];

/// The function whose result is what a program printed.
const OUTPUT: &str = "subprocess.check_output";

/// Whether a function asks for bytes, or gives them.
#[must_use]
pub fn is_listed(name: &str) -> bool {
    name == OUTPUT || ASKS_BYTES.iter().any(|asks| asks.0 == name)
}

impl<'p> Evaluator<'p> {
    /// A method of a text that certainly gets bytes, or one of bytes that gets a text.
    pub fn check_text_argument(
        &mut self,
        frame: &mut Frame<'p>,
        range: Range,
        (receiver, name): (Value, Name),
        actual: &Actual,
    ) {
        let Some(&first) = actual.positionals.first() else {
            return;
        };
        let exception = match (
            self.exact_kind(frame, receiver),
            self.exact_kind(frame, first),
        ) {
            (Some(Kind::Str), Some(Kind::Bytes)) => self.text_refuses_bytes(name),
            (Some(Kind::Bytes), Some(Kind::Str)) => bytes_refuse_text(name),
            _ => return,
        };
        if let Some(exception) = exception {
            self.wrong_text(frame, range, exception);
        }
    }

    /// A function of the library that asks for bytes, and certainly gets a text.
    pub fn check_bytes_asked(
        &mut self,
        frame: &mut Frame<'p>,
        range: Range,
        name: &str,
        actual: &Actual,
    ) {
        let Some(&(_, exception)) = ASKS_BYTES.iter().find(|asks| asks.0 == name) else {
            return;
        };
        if let Some(&first) = actual.positionals.first()
            && self.exact_kind(frame, first) == Some(Kind::Str)
        {
            self.wrong_text(frame, range, exception.to_owned());
        }
    }

    /// What a program that was run has printed: bytes, unless something asks for a text (the library reference, `subprocess.check_output`).
    pub fn output_of(&self, name: &str, actual: &Actual) -> Option<Kind> {
        if name != OUTPUT || actual.rest.is_some() {
            return None;
        }
        let asks = ["text", "universal_newlines", "encoding", "errors"];
        let given = asks.iter().filter_map(|keyword| actual.keyword(keyword));
        let mut kind = Some(Kind::Bytes);
        for value in given {
            match self.values.plain_truth(value) {
                Truth::True => return Some(Kind::Str),
                Truth::False => {}
                Truth::Unknown => kind = None,
            }
        }
        kind
    }

    fn text_refuses_bytes(&self, name: Name) -> Option<String> {
        let words = match name.as_str() {
            "split" | "rsplit" => String::from("must be str or None, not bytes"),
            "startswith" | "endswith" => {
                format!("{name} first arg must be str or a tuple of str, not bytes")
            }
            "find" | "rfind" | "index" | "rindex" | "count"
                if self.program.targets().wording() >= Version(13) =>
            {
                format!("{name}() argument 1 must be str, not bytes")
            }
            "find" | "rfind" | "index" | "rindex" | "count" | "partition" | "rpartition" => {
                String::from("must be str, not bytes")
            }
            "replace" => String::from("replace() argument 1 must be str, not bytes"),
            "strip" | "lstrip" | "rstrip" => format!("{name} arg must be None or str"),
            "removeprefix" | "removesuffix" => {
                format!("{name}() argument must be str, not bytes")
            }
            _ => return None,
        };
        Some(format!("TypeError: {words}"))
    }

    fn wrong_text(&mut self, frame: &mut Frame<'p>, range: Range, exception: String) {
        if self.is_graph() || !frame.state.live {
            return;
        }
        let wrong = Wrong {
            kind: FailureKind::InvalidOperation,
            exception,
            subject: "text",
            note: "takes texts for bytes, or bytes for texts",
        };
        self.wrong_operation(frame, range, wrong);
    }
}

fn bytes_refuse_text(name: Name) -> Option<String> {
    Some(match name.as_str() {
        "split" | "rsplit" | "replace" | "strip" | "lstrip" | "rstrip" | "partition"
        | "rpartition" | "removeprefix" | "removesuffix" => NO_BYTES.to_owned(),
        "startswith" | "endswith" => {
            format!("TypeError: {name} first arg must be bytes or a tuple of bytes, not str")
        }
        "find" | "rfind" | "index" | "rindex" | "count" => {
            String::from("TypeError: argument should be integer or bytes-like object, not 'str'")
        }
        _ => return None,
    })
}
