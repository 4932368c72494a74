//! Files in other languages that a tool makes Python modules of: the modules need not be in the tree.

/// Files of a tree that modules may be made of.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    all: Vec<Source>,
}

#[derive(Clone, Debug)]
struct Source {
    /// The path as shown to people.
    shown: String,
    /// Its directory, below the tree, with `/`; empty for the tree itself.
    directory: String,
    /// Its name without the ending.
    stem: String,
    tool: Tool,
}

/// What makes modules of a file, and so what they are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tool {
    /// protoc: `till.proto` gives `till_pb2`, and `till_pb2_grpc` with the plug-in of gRPC ("Python Generated Code Guide" of protocol buffers).
    Protoc,
    /// uic of PyQt and of Qt for Python: `till.ui` gives `till`, or `ui_till` as their documents do ("Using Qt Designer", "Using .ui files").
    Uic,
    /// rcc of both: the import that uic writes for `till.qrc` is `till_rc` ("The PyQt5 Resource System").
    Rcc,
    /// SWIG: `till.i` gives `till`, beside the extension module `_till` ("SWIG and Python", "Running SWIG").
    Swig,
    /// ANTLR: `Till.g4` gives `TillLexer`, `TillParser`, `TillListener` and `TillVisitor` (ANTLR 4 documentation, "Python").
    Antlr,
    /// A compiler: `till.c` is the source of the extension module `till`; so is `tillmodule.c` ("Extending Python with C or C++").
    Compiler,
    /// Something that fills in a form: `till.py.in` gives `till`.
    Form,
}

/// The endings of files that modules are made of, without the dot.
const ENDINGS: [(&str, Tool); 15] = [
    ("c", Tool::Compiler),
    ("cc", Tool::Compiler),
    ("cpp", Tool::Compiler),
    ("cu", Tool::Compiler),
    ("cxx", Tool::Compiler),
    ("f", Tool::Compiler),
    ("f90", Tool::Compiler),
    ("g4", Tool::Antlr),
    ("i", Tool::Swig),
    ("m", Tool::Compiler),
    ("proto", Tool::Protoc),
    ("qrc", Tool::Rcc),
    ("rs", Tool::Compiler),
    ("swg", Tool::Swig),
    ("ui", Tool::Uic),
];

/// The endings that a form of a Python file has behind its own: those of autoconf, CMake and Meson, and of template engines.
const FORMS: [&str; 8] = [
    "cmake", "in", "j2", "jinja", "jinja2", "mako", "template", "tmpl",
];

impl Tool {
    /// What makes modules of a file with this name, and the name's part that theirs are formed of.
    fn of(file: &str) -> Option<(Self, &str)> {
        let (stem, ending) = file.rsplit_once('.')?;
        if let Some(stem) = stem.strip_suffix(".py") {
            return FORMS.contains(&ending).then_some((Self::Form, stem));
        }
        let at = ENDINGS
            .binary_search_by_key(&ending, |(ending, _)| ending)
            .ok()?;
        Some((ENDINGS[at].1, stem))
    }

    /// Whether what it makes may lie anywhere: the others write, by custom, beside their source.
    fn writes_anywhere(self) -> bool {
        self == Self::Protoc
    }

    /// Whether it makes a module of this name of a file with that stem.
    fn makes(self, name: &str, stem: &str) -> bool {
        let is_around = |before: &[&str], behind: &[&str]| {
            name == stem
                || before
                    .iter()
                    .any(|part| name.strip_prefix(part) == Some(stem))
                || behind
                    .iter()
                    .any(|part| name.strip_suffix(part) == Some(stem))
        };
        match self {
            Self::Protoc => {
                let own = name.strip_suffix("_grpc").unwrap_or(name);
                own.strip_suffix("_pb2") == Some(stem)
            }
            Self::Uic => is_around(&["ui_", "Ui_"], &["_ui", "UI"]),
            Self::Rcc => is_around(&["rc_", "qrc_"], &["_rc", "_qrc"]),
            Self::Swig => is_around(&["_"], &[]),
            Self::Antlr => ["Lexer", "Parser", "Listener", "Visitor"]
                .iter()
                .any(|part| name.strip_suffix(part) == Some(stem)),
            Self::Compiler => name == stem || stem.strip_suffix("module") == Some(name),
            Self::Form => name == stem,
        }
    }
}

/// Whether modules may be made of a file with this name; of Python files and compiled modules none are.
#[must_use]
pub fn is_source(file: &str) -> bool {
    Tool::of(file).is_some()
}

impl Sources {
    /// Adds a file of the tree by its path below it and by the path as shown to people, if modules may be made of it.
    pub fn add(&mut self, path: &str, shown: String) {
        let (directory, file) = path.rsplit_once('/').unwrap_or(("", path));
        if let Some((tool, stem)) = Tool::of(file) {
            // What no identifier can hold becomes an underscore.
            let stem = stem.replace(['-', '.'], "_");
            self.all.push(Source {
                shown,
                directory: directory.to_owned(),
                stem,
                tool,
            });
        }
    }

    /// The file that a module of this dotted name may be made of, as shown to people: the module lies beside it, below some directory that imports start from.
    #[must_use]
    pub fn of(&self, module: &str) -> Option<&str> {
        let (package, name) = module.rsplit_once('.').unwrap_or(("", module));
        let package = package.replace('.', "/");
        let is_beside = |directory: &str| {
            let before = directory.strip_suffix(package.as_str());
            before.is_some_and(|before| {
                package.is_empty() || before.is_empty() || before.ends_with('/')
            })
        };
        let mut all = self.all.iter();
        let found = all.find(|source| {
            source.tool.makes(name, &source.stem)
                && (source.tool.writes_anywhere() || is_beside(&source.directory))
        });
        found.map(|source| source.shown.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::{ENDINGS, Sources};

    fn sources(paths: &[&str]) -> Sources {
        let mut sources = Sources::default();
        for path in paths {
            sources.add(path, (*path).to_owned());
        }
        sources
    }

    #[test]
    fn endings_are_sorted() {
        assert!(ENDINGS.is_sorted_by_key(|(ending, _)| ending));
    }

    #[test]
    fn tools_call_what_they_make_after_its_source() {
        let all = sources(&[
            "src/shop/till.ui",
            "src/shop/icons.qrc",
            "src/shop/scale.i",
            "src/shop/Orders.g4",
            "src/shop/_fast.c",
            "src/shop/slowmodule.cpp",
            "src/shop/const.py.in",
            "src/shop/old.py.orig",
            "schemas/till-book.proto",
        ]);
        for (module, source) in [
            ("shop.till", Some("src/shop/till.ui")),
            ("shop.ui_till", Some("src/shop/till.ui")),
            ("till", Some("src/shop/till.ui")),
            ("shop.icons_rc", Some("src/shop/icons.qrc")),
            ("shop._scale", Some("src/shop/scale.i")),
            ("shop.OrdersParser", Some("src/shop/Orders.g4")),
            ("shop._fast", Some("src/shop/_fast.c")),
            ("shop.slow", Some("src/shop/slowmodule.cpp")),
            ("shop.const", Some("src/shop/const.py.in")),
            (
                "shop.raw.till_book_pb2_grpc",
                Some("schemas/till-book.proto"),
            ),
            ("shop.till_book", None),
            ("shop.Orders", None),
            ("shop.old", None),
            ("shop.fast", None),
            ("workshop._fast", None),
            ("other.till", None),
        ] {
            assert_eq!(all.of(module), source, "{module}");
        }
    }
}
