//! Paths that code works out from where its file lies: they begin with `__file__` and go on with literals.
//!
//! `os.path.join(os.path.dirname(__file__), 'x.json')`, `Path(__file__).parent / 'data' / 'x.json'`, `Path(__file__).with_name('x.json')`, and the same
//! through a variable of the module that is assigned once. So do paths that begin with a package: `importlib.resources.files('shop') / 'x.json'`,
//! `pkgutil.get_data('shop', 'x.json')`.

use rustc_hash::FxHashMap;

use crate::name::Name;
use crate::syntax::ir::{Call, Constant, Expr, ExprKind, JoinedPart, Module, Operator, StmtKind};

/// How many variables a path may lead through.
const DEPTH: u32 = 8;

/// A path, seen from the file itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// How many parts of the file's own path are taken away, its name first.
    pub ups: usize,
    /// The parts that follow then.
    pub downs: Vec<String>,
    /// The module whose file is meant, where it is another one than that of the code: its dotted name.
    pub module: Option<String>,
}

impl Beside {
    /// The path from the tree's top, where `own` is the path from there of the file that is meant, with `/` between the parts; none if it leads out of the tree.
    #[must_use]
    pub fn of(&self, own: &str) -> Option<String> {
        let mut parts: Vec<&str> = own.split('/').collect();
        let kept = parts.len().checked_sub(self.ups)?;
        parts.truncate(kept);
        parts.extend(self.downs.iter().map(String::as_str));
        Some(parts.join("/"))
    }

    /// Whether it names anything but directories above the file.
    #[must_use]
    pub fn has_literal(&self) -> bool {
        !self.downs.is_empty()
    }

    fn up(mut self) -> Self {
        if self.downs.pop().is_none() {
            self.ups += 1;
        }
        self
    }

    fn down(mut self, text: &str) -> Option<Self> {
        if text.starts_with('/') {
            return None;
        }
        for part in text.split('/') {
            match part {
                "" | "." => {}
                ".." => self = self.up(),
                part => self.downs.push(part.to_owned()),
            }
        }
        Some(self)
    }
}

/// Reads the paths of a module.
pub struct Paths<'m> {
    variables: FxHashMap<Name, &'m Expr>,
}

impl<'m> Paths<'m> {
    /// A reader of the module's expressions.
    #[must_use]
    pub fn of(module: &'m Module) -> Self {
        Self {
            variables: variables(module),
        }
    }

    /// The path that an expression is, if it begins with the file's own.
    #[must_use]
    pub fn path(&self, expr: &Expr) -> Option<Beside> {
        self.at(expr, 0)
    }

    fn at(&self, expr: &Expr, depth: u32) -> Option<Beside> {
        if depth > DEPTH {
            return None;
        }
        match &expr.kind {
            ExprKind::Name(name, _) if name.as_str() == "__file__" => Some(Beside::default()),
            ExprKind::Name(name, _) => self.at(self.variables.get(name)?, depth + 1),
            ExprKind::Attribute {
                value, attribute, ..
            } if attribute.as_str() == "parent" => Some(self.at(value, depth)?.up()),
            ExprKind::Subscript { value, index } => match (&value.kind, &index.kind) {
                (
                    ExprKind::Attribute {
                        value, attribute, ..
                    },
                    ExprKind::Constant(Constant::Int(count)),
                ) if attribute.as_str() == "parents" => {
                    let mut found = self.at(value, depth)?;
                    for _ in 0..=*count.min(&64) {
                        found = found.up();
                    }
                    Some(found)
                }
                (ExprKind::Call(call), ExprKind::Constant(Constant::Int(0))) => {
                    Some(self.parted(call, depth)?.up())
                }
                // A package's own directory (reference, 5.4.3).
                (ExprKind::Name(name, _), ExprKind::Constant(Constant::Int(0)))
                    if name.as_str() == "__path__" =>
                {
                    Some(Beside::default().up())
                }
                _ => None,
            },
            ExprKind::Binary { left, op, right } => {
                let found = self.at(left, depth)?;
                match op {
                    Operator::Div => found.down(text(right)?),
                    Operator::Add => found.down(text(right)?.strip_prefix('/')?),
                    _ => None,
                }
            }
            ExprKind::Joined(parts) => match parts.as_slice() {
                [
                    JoinedPart::Value {
                        value, plain: true, ..
                    },
                    JoinedPart::Literal(text),
                ] => self.at(value, depth)?.down(text.strip_prefix('/')?),
                _ => None,
            },
            ExprKind::Call(call) => self.call(call, depth),
            _ => None,
        }
    }

    /// The path that a call takes the last part from: `os.path.split(path)`, `path.rsplit('/', 1)`.
    fn parted(&self, call: &Call, depth: u32) -> Option<Beside> {
        let ExprKind::Attribute {
            value, attribute, ..
        } = &call.function.kind
        else {
            return None;
        };
        match (attribute.as_str(), call.arguments.as_slice()) {
            ("split", [path]) => self.at(&path.value, depth),
            ("rsplit", [separator, once])
                if matches!(once.value.kind, ExprKind::Constant(Constant::Int(1)))
                    && (text(&separator.value) == Some("/")
                        || is_constant_of_os(&separator.value, "sep")) =>
            {
                self.at(value, depth)
            }
            _ => None,
        }
    }

    fn call(&self, call: &Call, depth: u32) -> Option<Beside> {
        let (name, receiver) = match &call.function.kind {
            ExprKind::Name(name, _) => (name.as_str(), None),
            ExprKind::Attribute {
                value, attribute, ..
            } => (attribute.as_str(), Some(&**value)),
            _ => return None,
        };
        let arguments: Vec<&Expr> = call.arguments.iter().map(|it| &it.value).collect();
        let of_receiver = || receiver.and_then(|receiver| self.at(receiver, depth));
        let of_argument = || self.at(arguments.first()?, depth);
        match name {
            "dirname" => Some(of_argument()?.up()),
            "abspath" | "realpath" | "normpath" | "Path" | "PurePath" | "str" | "fspath" => {
                of_argument()
            }
            "resolve" | "absolute" | "as_posix" => of_receiver(),
            "join" => {
                let texts = arguments.iter().skip(1).map(|argument| text(argument));
                texts.fold(of_argument(), |found, text| found?.down(text?))
            }
            "joinpath" => {
                let texts = arguments.iter().map(|argument| text(argument));
                texts.fold(of_receiver(), |found, text| found?.down(text?))
            }
            "with_name" => of_receiver()?.up().down(text(arguments.first()?)?),
            "as_file" => of_argument(),
            // `inspect.getfile(inspect.currentframe())`: of a function, and the file is the one that it stands in.
            "getfile" | "getsourcefile" => is_own_frame(arguments.first()?).then(Beside::default),
            "files" => beside_module(arguments.first().copied()),
            // `pkgutil`, and what `importlib.resources` had before `files`.
            "get_data" | "read_text" | "read_binary" | "open_text" | "open_binary" | "path" => {
                beside_module(Some(arguments.first()?))?.down(text(arguments.get(1)?)?)
            }
            _ => None,
        }
    }
}

/// The directory of the module that an expression names, as `importlib.resources` takes it; without one that of the code's own.
fn beside_module(named: Option<&Expr>) -> Option<Beside> {
    let is_own = |expr: &Expr| matches!(&expr.kind, ExprKind::Name(name, _) if matches!(name.as_str(), "__package__" | "__name__"));
    let module = match named {
        None => None,
        Some(expr) if is_own(expr) => None,
        Some(expr) => Some(text(expr)?.to_owned()),
    };
    Some(Beside {
        module,
        ..Beside::default().up()
    })
}

/// The variables that the module's own code assigns once, with their values.
fn variables(module: &Module) -> FxHashMap<Name, &Expr> {
    let mut found: FxHashMap<Name, Option<&Expr>> = FxHashMap::default();
    for stmt in &module.body {
        if let StmtKind::Assign { targets, value } = &stmt.kind {
            for target in targets {
                if let ExprKind::Name(name, _) = &target.kind {
                    let entry = found.entry(*name).or_insert(Some(value));
                    if !entry.is_some_and(|known| std::ptr::eq(known, value)) {
                        *entry = None;
                    }
                }
            }
        }
    }
    let known = found.into_iter();
    known
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

/// Whether an expression is a constant of `os` or `os.path` (library reference, `os.pardir` and its neighbours).
fn is_constant_of_os(expr: &Expr, wanted: &str) -> bool {
    let is_os = |value: &Expr| match &value.kind {
        ExprKind::Name(name, _) => matches!(name.as_str(), "os" | "path"),
        ExprKind::Attribute { attribute, .. } => attribute.as_str() == "path",
        _ => false,
    };
    matches!(&expr.kind, ExprKind::Attribute { value, attribute, .. }
        if attribute.as_str() == wanted && is_os(value))
}

/// `inspect.currentframe()`.
fn is_own_frame(expr: &Expr) -> bool {
    let ExprKind::Call(call) = &expr.kind else {
        return false;
    };
    let name = match &call.function.kind {
        ExprKind::Name(name, _) => *name,
        ExprKind::Attribute { attribute, .. } => *attribute,
        _ => return false,
    };
    name.as_str() == "currentframe" && call.arguments.is_empty()
}

/// A literal part of a path, or what `os` calls it.
fn text(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Constant(Constant::Str(text)) => Some(text.as_str()),
        _ if is_constant_of_os(expr, "pardir") => Some(".."),
        _ if is_constant_of_os(expr, "curdir") => Some("."),
        _ => None,
    }
}
