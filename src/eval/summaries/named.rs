//! Parameters that are called like a class of the tree: `peer`, where there is one `class Peer`, and what is done with it is what a `Peer` can do.
//!
//! Nothing makes a caller keep to it, as with an annotation, so that it is a hint, and no more. It takes the class's name, that this class has all that is asked of the
//! parameter, and that no other class of the tree has: then what its methods do not take, or what its attributes lack, is a mistake more often than not.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use crate::eval::Evaluator;
use crate::eval::domain::value::{ClassRef, FunctionObject};
use crate::eval::objects::mro::InMro;
use crate::eval::reuse::file_set::FileSet;
use crate::name::Name;
use crate::syntax::ir::{Expr, ExprKind, Module, Parent, Slot, Var};
use crate::syntax::visit;

/// How many attributes must be asked for: one is soon had by chance.
const SHARED: usize = 2;

/// The classes of a tree by their names as variables have them, without case and underscores; none for a name that several have.
pub type ByWords = FxHashMap<String, Option<ClassRef>>;

impl Evaluator<'_> {
    /// The class of the tree that a parameter is called like, if what the function asks of the parameter is what instances of that class have.
    pub(super) fn class_by_name_of(
        &mut self,
        function: &FunctionObject,
        parameter: Name,
    ) -> Option<ClassRef> {
        // Of a mixed state only what certainly fails is asked for.
        if self.is_partial {
            return None;
        }
        let class = (*self.classes_by_words().get(&words(&parameter))?)?;
        // Any file may have another class of that name, or of that kind.
        self.look(FileSet::ALL);
        let name = self.class(class).definition.name;
        if !self.survey.called_names.contains(&name) || !self.has_known_instances(class) {
            return None;
        }
        let asked = self.asked_of(function, parameter);
        let has = |evaluator: &mut Self, class: ClassRef, name: Name| {
            matches!(evaluator.in_mro(class, name), InMro::Found(..))
                || evaluator.is_assigned_by_methods(class, name)
        };
        // What the class lacks says that another one is meant.
        if asked.len() < SHARED || !asked.iter().all(|&name| has(self, class, name)) {
            return None;
        }
        let own = self.class(class).mro.clone();
        let others: Vec<ClassRef> = self.class_refs().filter(|&other| other != class).collect();
        let is_other = |evaluator: &mut Self, other: ClassRef| {
            let is_relative = own.contains(&crate::eval::objects::mro::Ancestor::Tree(other))
                || evaluator.derived(class).contains(&other);
            !is_relative && asked.iter().all(|&name| has(evaluator, other, name))
        };
        let has_other = others.into_iter().any(|other| is_other(self, other));
        (!has_other).then_some(class)
    }

    fn class_refs(&self) -> impl Iterator<Item = ClassRef> + use<> {
        let count = u32::try_from(self.classes.len()).unwrap_or(u32::MAX);
        (0..count).map(ClassRef)
    }

    fn classes_by_words(&mut self) -> &ByWords {
        if self.by_words.is_none() {
            let mut found = ByWords::default();
            for class in self.class_refs() {
                let known = found.entry(words(&self.class(class).definition.name));
                known
                    .and_modify(|known| *known = None)
                    .or_insert(Some(class));
            }
            self.by_words = Some(found);
        }
        self.by_words.get_or_insert_default()
    }

    /// The attributes that a function reads of a parameter; those that all methods of the class read of what its `__init__` keeps of it.
    fn asked_of(&self, function: &FunctionObject, parameter: Name) -> BTreeSet<Name> {
        let ir = &self.program.module(function.function.module).ir;
        let definition = self.definition(function.function);
        let mut asked = BTreeSet::new();
        let at = definition
            .params
            .iter()
            .position(|known| known.name == parameter);
        let slot = at.and_then(|at| u32::try_from(at).ok()).map(Slot);
        visit::all_expressions(&definition.body, &mut |expr| {
            if let Some((
                Expr {
                    kind: ExprKind::Name(_, Var::Local(found)),
                    ..
                },
                name,
            )) = read(expr)
                && Some(*found) == slot
            {
                asked.insert(name);
            }
        });
        if definition.name.as_str() == "__init__"
            && let Parent::Class(class) = definition.parent
        {
            for method in methods_of(ir, class) {
                visit::all_expressions(&method.body, &mut |expr| {
                    if let Some((base, name)) = read(expr)
                        && let Some((
                            Expr {
                                kind: ExprKind::Name(_, Var::Local(Slot(0))),
                                ..
                            },
                            kept,
                        )) = read(base)
                        && kept.trim_start_matches('_') == parameter.as_str()
                    {
                        asked.insert(name);
                    }
                });
            }
        }
        asked
    }
}

/// `base.name`: both.
fn read(expr: &Expr) -> Option<(&Expr, Name)> {
    match &expr.kind {
        ExprKind::Attribute {
            value, attribute, ..
        } => Some((value, *attribute)),
        _ => None,
    }
}

fn methods_of(
    ir: &Module,
    class: crate::syntax::ir::ClassId,
) -> impl Iterator<Item = &crate::syntax::ir::Function> {
    let is_of_class =
        move |parent: Parent| matches!(parent, Parent::Class(found) if found == class);
    let functions = ir.functions.iter();
    functions.filter(move |function| is_of_class(function.parent))
}

/// A name without case and underscores: `EventLoop` and `event_loop`.
fn words(name: &str) -> String {
    let letters = name.chars().filter(|&letter| letter != '_');
    letters.flat_map(char::to_lowercase).collect()
}
