//! What asks for a version, a platform or a signature, and what is there for one of them only.

use rustc_hash::FxHashSet;

use crate::name::Name;
use crate::program::{ModuleId, Program};
use crate::syntax::ir::{Expr, ExprKind, Function, Module, Parent, Stmt, StmtKind};
use crate::syntax::visit::{self, Parts};

use super::Survey;

impl Survey {
    /// Collects what a version is asked for by: `IS_NEW = lib.VERSION > '2'`, `def major(): return int(lib.__version__[0])`.
    pub(super) fn version_names(&mut self, ir: &Module) {
        visit::statements(&ir.body, &mut |stmt| {
            if let StmtKind::Assign { targets, value } = &stmt.kind
                && is_made_of_version(value)
            {
                for target in targets {
                    if let ExprKind::Name(name, _) = target.kind {
                        self.version_names.insert(name);
                    }
                }
            }
        });
        let is_helper = |function: &&Function| {
            matches!(function.parent, Parent::Module) && function.params.is_empty()
        };
        for function in ir.functions.iter().filter(is_helper) {
            if let Some(StmtKind::Return(Some(value))) = function.body.last().map(|stmt| &stmt.kind)
                && is_made_of_version(value)
            {
                self.version_names.insert(function.name);
            }
        }
    }

    /// Collects the names in tests around imports.
    pub(super) fn import_guards(&mut self, parts: &Parts<'_>) {
        parts.statements.iter().for_each(|stmt| {
            let StmtKind::If { branches, .. } = &stmt.kind else {
                return;
            };
            let mut imports = false;
            for block in visit::blocks(stmt) {
                visit::statements(block, &mut |stmt| {
                    imports |= matches!(stmt.kind, StmtKind::Import(_) | StmtKind::ImportFrom(_));
                });
            }
            for branch in branches.iter().filter(|_| imports) {
                visit::expressions(&branch.test, &mut |expr| {
                    if let ExprKind::Name(name, _)
                    | ExprKind::Attribute {
                        attribute: name, ..
                    } = &expr.kind
                    {
                        self.import_guards.insert(*name);
                    }
                });
            }
        });
    }

    /// The modules that are imported under a test about versions or the like, and nowhere else; and of these, the ones that only tests for the platform decide about.
    pub(super) fn find_behind_versions(
        &self,
        program: &Program,
    ) -> (FxHashSet<ModuleId>, FxHashSet<ModuleId>) {
        let mut found = FxHashSet::default();
        let mut versioned = FxHashSet::default();
        let has_guards = |id: &ModuleId| {
            let mut guards = Self::of_file(&program.module(*id).ir).import_guards.iter();
            guards.any(|name| speaks_of_version(*name) || self.version_names.contains(name))
        };
        for id in program.module_ids().filter(has_guards) {
            self.imports_of(program, id, &mut |module, behind| match behind {
                Behind::Nothing => {}
                Behind::Platform => {
                    found.insert(module);
                }
                Behind::Version => {
                    found.insert(module);
                    versioned.insert(module);
                }
            });
        }
        if !found.is_empty() {
            let mut elsewhere = FxHashSet::default();
            for id in program.module_ids().filter(|id| !found.contains(id)) {
                self.imports_of(program, id, &mut |module, behind| {
                    if behind == Behind::Nothing {
                        elsewhere.insert(module);
                    }
                });
            }
            found.retain(|module| !elsewhere.contains(module));
        }
        found
            .into_iter()
            .partition(|module| versioned.contains(module))
    }

    /// Gives the modules that a module imports, its functions included, and which tests each import stands behind.
    fn imports_of(
        &self,
        program: &Program,
        importer: ModuleId,
        visit: &mut dyn FnMut(ModuleId, Behind),
    ) {
        let ir = &program.module(importer).ir;
        let bodies = ir.functions.iter().map(|function| {
            let given = function.params.iter().map(|parameter| parameter.name);
            (&function.body, given.collect())
        });
        for (body, given) in bodies.chain([(&ir.body, FxHashSet::default())]) {
            self.imports_in(body, (Behind::Nothing, &given), &mut |stmt, behind| {
                for module in program.imported(importer, stmt) {
                    if module != importer {
                        visit(module, behind);
                    }
                }
            });
        }
    }

    /// Gives the imports of a body, and what each stands behind. What a function is `given`, it asks for no version by, whatever it is called: `parser_for(version)` may
    /// be asked for any.
    fn imports_in(
        &self,
        body: &[Stmt],
        (around, given): (Behind, &FxHashSet<Name>),
        visit: &mut dyn FnMut(&Stmt, Behind),
    ) {
        for stmt in body {
            let mut behind = around;
            if let StmtKind::If { branches, .. } = &stmt.kind {
                let tests = branches.iter().map(|branch| &branch.test);
                let tests = tests.filter(|test| !is_of_given(test, given));
                behind = behind.max(tests.map(|test| self.behind(test)).max().unwrap_or(around));
            }
            if matches!(stmt.kind, StmtKind::Import(_) | StmtKind::ImportFrom(_)) {
                visit(stmt, behind);
            }
            for block in crate::syntax::visit::blocks(stmt) {
                self.imports_in(block, (behind, given), visit);
            }
        }
    }

    /// What stands behind a test.
    fn behind(&self, test: &Expr) -> Behind {
        let mut behind = Behind::Nothing;
        visit::expressions(test, &mut |expr| {
            let (ExprKind::Name(name, _)
            | ExprKind::Attribute {
                attribute: name, ..
            }) = &expr.kind
            else {
                return;
            };
            let is_asked = self.version_names.contains(name) || speaks_of_version(*name);
            behind = behind.max(match name.as_str() {
                "platform" => Behind::Platform,
                _ if is_asked => Behind::Version,
                _ => Behind::Nothing,
            });
        });
        behind
    }
}

/// What the tests around an import ask for; the more, the later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Behind {
    /// Neither.
    Nothing,
    /// Which platform this is.
    Platform,
    /// A version, or a signature.
    Version,
}

/// Whether a test compares nothing but names that a function is given, and constants.
fn is_of_given(test: &Expr, given: &FxHashSet<Name>) -> bool {
    let (mut is_of_given, mut is_other) = (false, false);
    visit::expressions(test, &mut |expr| match &expr.kind {
        ExprKind::Name(name, _) if given.contains(name) => is_of_given = true,
        ExprKind::Name(..) | ExprKind::Attribute { .. } | ExprKind::Call(_) => is_other = true,
        _ => {}
    });
    is_of_given && !is_other
}

/// Whether an expression mentions a version, a platform or a signature by name.
fn mentions_version(expr: &Expr) -> bool {
    let mut found = false;
    visit::expressions(expr, &mut |expr| {
        let name = match &expr.kind {
            ExprKind::Name(name, _) => Some(*name),
            ExprKind::Attribute { attribute, .. } => Some(*attribute),
            _ => None,
        };
        found |= name.is_some_and(speaks_of_version);
    });
    found
}

/// The same for one that computes with nothing else: what is called in it takes texts and numbers apart.
fn is_made_of_version(expr: &Expr) -> bool {
    let mut plain = true;
    visit::expressions(expr, &mut |expr| {
        if let ExprKind::Call(call) = &expr.kind {
            plain &= match &call.function.kind {
                ExprKind::Name(name, _) => {
                    matches!(
                        name.as_str(),
                        "int" | "float" | "str" | "tuple" | "list" | "map" | "len" | "bool"
                    ) || speaks_of_version(*name)
                }
                ExprKind::Attribute { attribute, .. } => {
                    matches!(
                        attribute.as_str(),
                        "split" | "rsplit" | "partition" | "strip" | "startswith" | "parse"
                    ) || speaks_of_version(*attribute)
                }
                _ => false,
            };
        }
    });
    plain && mentions_version(expr)
}

/// Whether a flag is called after a version of Python: `PY3`, `PY313`, `IS_PY310_PLUS`, `PYTHON_3_12`.
#[must_use]
pub fn names_python(text: &str) -> bool {
    let text = text.trim_start_matches('_');
    let text = text.strip_prefix("IS_").unwrap_or(text);
    let rest = text
        .strip_prefix("PYTHON")
        .or_else(|| text.strip_prefix("PY"));
    rest.is_some_and(|rest| rest.trim_start_matches('_').starts_with(['2', '3']))
}

/// Whether a name says that a version, a signature or the platform is asked for.
#[must_use]
pub fn speaks_of_version(name: Name) -> bool {
    let text = name.as_str();
    let contains = |part: &str| {
        let mut places = text.as_bytes().windows(part.len());
        places.any(|place| place.eq_ignore_ascii_case(part.as_bytes()))
    };
    contains("version")
        || contains("signature")
        || names_python(text)
        || matches!(
            text,
            "getfullargspec"
                | "getargspec"
                | "co_varnames"
                | "__code__"
                | "co_argcount"
                | "platform"
        )
}
