//! Attributes whose annotation says what they hold: `self.exchange: Exchange = find(name)`, and `self.exchange.spot` in a method.
//!
//! Where evaluation does not know what the attribute holds, what no class that is meant has is worth a warning: nothing makes the program keep to an annotation.

use rustc_hash::FxHashMap;

use crate::eval::Evaluator;
use crate::eval::domain::value::{ClassRef, Data, Value};
use crate::eval::interpreter::frame::{Frame, Owner};
use crate::eval::objects::attribute::is_special;
use crate::eval::objects::mro::Ancestor;
use crate::facts::May;
use crate::name::Name;
use crate::syntax::ir::{Expr, ExprKind, Parent, Slot, StmtKind, Var};
use crate::syntax::visit;

impl<'p> Evaluator<'p> {
    /// `self.kept.name`, where it is not known what `self.kept` holds: a warning, if its annotation names a class of the tree that has no such attribute.
    pub fn check_annotated(
        &mut self,
        frame: &mut Frame<'p>,
        expr: &'p Expr,
        base: Value,
        name: Name,
    ) {
        if base != Value::UNKNOWN || self.is_graph() || is_special(name) || frame.is_unsure() {
            return;
        }
        let is_method = |owner: &Owner<'_>| matches!(owner, Owner::Function(own) if matches!(own.parent, Parent::Class(_)));
        let ExprKind::Attribute { value: holder, .. } = &expr.kind else {
            return;
        };
        let ExprKind::Attribute {
            value: receiver,
            attribute: kept,
            ..
        } = &holder.kind
        else {
            return;
        };
        if !is_method(&frame.owner)
            || !matches!(receiver.kind, ExprKind::Name(_, Var::Local(Slot(0))))
        {
            return;
        }
        let own = self.peek(frame, receiver);
        let Data::Instance { class, .. } = *self.data(own) else {
            return;
        };
        let Some(told) = self.annotated_class(class, *kept) else {
            return;
        };
        if !self.is_put_nowhere(told, false, name) || self.is_announced_by_class(told, name) {
            return;
        }
        let meant = self.values.intern(Data::Instance {
            class: told,
            exact: false,
            data: None,
            given: None,
        });
        self.doubt_attribute(frame, (expr, meant, name), May::Hint);
    }

    /// The class of the tree that the annotation of an attribute names, in the class itself or one that it derives from.
    fn annotated_class(&mut self, class: ClassRef, attribute: Name) -> Option<ClassRef> {
        let mro = self.class(class).mro.clone();
        mro.iter().find_map(|ancestor| match *ancestor {
            Ancestor::Tree(ancestor) => self.announced_by(ancestor, attribute),
            _ => None,
        })
    }

    fn announced_by(&mut self, class: ClassRef, attribute: Name) -> Option<ClassRef> {
        if let Some(known) = self.announced.get(&class) {
            return known.get(&attribute).copied();
        }
        let object = self.class(class);
        let (module, id) = (object.module, object.id);
        let ir = &self.program.module(module).ir;
        let mut written: Vec<(Name, &Expr)> = Vec::new();
        for function in &ir.functions {
            if !matches!(function.parent, Parent::Class(found) if found == id) {
                continue;
            }
            visit::statements(&function.body, &mut |stmt| {
                if let StmtKind::AnnAssign {
                    target, annotation, ..
                } = &stmt.kind
                    && let ExprKind::Attribute {
                        value, attribute, ..
                    } = &target.kind
                    && matches!(value.kind, ExprKind::Name(_, Var::Local(Slot(0))))
                {
                    written.push((*attribute, annotation));
                }
            });
        }
        visit::statements(&ir[id].body, &mut |stmt| {
            if let StmtKind::AnnAssign {
                target, annotation, ..
            } = &stmt.kind
                && let ExprKind::Name(name, _) = target.kind
            {
                written.push((name, annotation));
            }
        });
        let mut found = FxHashMap::default();
        for (name, annotation) in written {
            if let Some(told) = self.class_named(module, annotation) {
                found.insert(name, told);
            }
        }
        let told = found.get(&attribute).copied();
        self.announced.insert(class, found);
        told
    }
}
