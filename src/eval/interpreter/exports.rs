//! `__all__`: what a module says that it exports, and what of that it lacks.

use crate::eval::Evaluator;
use crate::eval::domain::value::Value;
use crate::eval::interpreter::frame::{Blame, Frame, LocalFailure};
use crate::eval::objects::attribute::Attribute;
use crate::facts::FailureKind;
use crate::name::Name;
use crate::program::ModuleId;
use crate::syntax::ir::{Constant, ExprKind, Range, Stmt};
use crate::syntax::visit;

/// The list of what `from module import *` takes.
const ALL: &str = "__all__";

impl<'p> Evaluator<'p> {
    /// Notes the names in `__all__` that the module does not have. By itself that raises nothing: see [`Self::star_import`].
    pub fn check_exports(&mut self, frame: &mut Frame<'p>) {
        let names = self.exported(frame, frame.module).unwrap_or_default();
        let missing: Vec<Name> = names
            .into_iter()
            .filter(|&name| self.module_attribute(frame, frame.module, name) == Attribute::Missing)
            .collect();
        if let Some(failure) = self.undefined_exports(frame.module, &missing) {
            frame.failures.push(failure);
        }
    }

    /// The texts that a module's `__all__` lists, each once; none if there is no such list, or its content is not known.
    pub fn exported(&mut self, frame: &Frame<'p>, module: ModuleId) -> Option<Vec<Name>> {
        let state = &self.modules[module.0 as usize];
        let slot = state.by_name.get(&Name::new(ALL))?;
        let listed = state.slots[slot.0 as usize];
        if listed == Value::UNBOUND {
            return None;
        }
        let mut names: Vec<Name> = Vec::new();
        for item in self.known_items(frame, listed)? {
            // What is not known may be any name.
            let name = self.values.as_str(item)?;
            if !names.contains(&name) {
                names.push(name);
            }
        }
        Some(names)
    }

    /// What is wrong with a list of exports: the names, in their order, that the module lacks; none if they are not written in its file.
    pub fn undefined_exports(
        &self,
        module: ModuleId,
        missing: &[Name],
    ) -> Option<LocalFailure<'p>> {
        let body = &self.program.module(module).ir.body;
        let mut places = missing
            .iter()
            .filter_map(|&name| exported_at(body, Name::new(ALL), name));
        let range = places.next()?;
        Some(LocalFailure {
            blame: Blame::Export(module, range),
            ..LocalFailure::at(
                FailureKind::UndefinedExport,
                joined(missing),
                range,
                "lists the name in __all__",
            )
        })
    }
}

/// Names as one text, as [`crate::facts::Failure::subject`] has several.
pub fn joined(names: &[Name]) -> Name {
    let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
    Name::new(&names.join(", "))
}

/// Where `name` is written in the assignments of `__all__`.
pub fn exported_at(body: &[Stmt], all: Name, name: Name) -> Option<Range> {
    let mut found = None;
    visit::statements(body, &mut |stmt| {
        let mut mentions = false;
        let mut place = None;
        visit::direct_expressions(stmt, &mut |expr| {
            visit::expressions(expr, &mut |expr| match expr.kind {
                ExprKind::Name(written, _) => mentions |= written == all,
                ExprKind::Constant(Constant::Str(text)) if text == name => {
                    place = place.or(Some(expr.range));
                }
                _ => {}
            });
        });
        if mentions && found.is_none() {
            found = place;
        }
    });
    found
}
