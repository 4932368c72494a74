//! Assignments: to variables, attributes, items and patterns of them.

use crate::name::Name;
use crate::program::ModuleId;
use crate::syntax::ir::{Expr, ExprKind, Function, Slot, StmtKind, Var};
use crate::syntax::visit;

use crate::eval::Evaluator;
use crate::eval::callgraph::Holder;
use crate::eval::domain::state::Root;
use crate::eval::domain::value::{Data, SharedId, Value};
use crate::eval::interpreter::frame::{Frame, Owner};
use crate::eval::objects::refused::Change;
use crate::eval::reuse::content::Part;
use crate::eval::reuse::effect::{Act, Item};
use crate::eval::survey::Store;

impl<'p> Evaluator<'p> {
    /// `slot = value`.
    pub fn assign_slot(&mut self, frame: &mut Frame<'p>, slot: Slot, value: Value) {
        let variable = &frame.scope.slots[slot.0 as usize];
        let mut value = value;
        match frame.owner {
            Owner::Module => {
                value = self.outlive(frame, value);
                self.name_shared(value, variable.name);
            }
            Owner::Class(_) => {
                value = self.outlive(frame, value);
                self.name_shared(value, variable.name);
            }
            Owner::Function(_) if variable.captured && value != Value::UNBOUND => {
                value = self.outlive(frame, value);
                self.name_shared(value, variable.name);
                self.assign_cell(frame.context, slot, value);
            }
            Owner::Function(_) => {}
        }
        frame.state.set_slot(slot, value);
        frame.state.forget_root(Root::Slot(slot));
        if matches!(frame.owner, Owner::Module) {
            self.modules[frame.module.0 as usize].slots[slot.0 as usize] = value;
            self.rests_on_looks(frame.module, slot);
        }
    }

    /// Notes that functions inside may see `value` in a variable of this evaluation.
    fn assign_cell(
        &mut self,
        context: crate::eval::domain::value::ContextId,
        slot: Slot,
        value: Value,
    ) {
        let cells = &self.contexts[context.0 as usize].cells;
        match cells.iter().position(|(known, _)| *known == slot) {
            Some(index) => {
                let joined = self.values.join(cells[index].1, value);
                self.contexts[context.0 as usize].cells[index].1 = joined;
            }
            None => self.contexts[context.0 as usize].cells.push((slot, value)),
        }
    }

    /// `variable = value`.
    pub fn assign_var(&mut self, frame: &mut Frame<'p>, var: Var, value: Value) {
        match var {
            Var::Local(slot) => self.assign_slot(frame, slot, value),
            // What functions assign to names of their module was collected beforehand, and is joined when they are read.
            Var::Global(name) => {
                let value = self.outlive(frame, value);
                self.name_shared(value, name);
                frame.state.forget_root(Root::Global(name));
                self.learn_stored(Holder::Module(frame.module), name, value);
            }
            Var::Hidden { .. } => {}
            Var::Free { up, slot } => {
                let value = self.outlive(frame, value);
                frame.state.forget_root(Root::Free(up, slot));
                if let Some(owner) = self.free_owner(frame.closure, up) {
                    self.assign_cell(owner, slot, value);
                }
            }
        }
    }

    /// The evaluation whose variables a free variable is one of; `up` counts from 1.
    pub fn free_owner(
        &self,
        closure: Option<crate::eval::domain::value::ContextId>,
        up: u32,
    ) -> Option<crate::eval::domain::value::ContextId> {
        let mut owner = closure?;
        for _ in 1..up {
            owner = self.contexts[owner.0 as usize].closure?;
        }
        Some(owner)
    }

    /// What a store found by the survey assigns; none if it is not a plain assignment.
    pub fn stored_value(&self, module: ModuleId, store: Store) -> Option<&'p Expr> {
        let range = store.value?;
        let function: &'p Function = &self.program.module(module).ir[store.function];
        let mut found = None;
        visit::statements(&function.body, &mut |stmt| {
            if let StmtKind::Assign { value, .. }
            | StmtKind::AnnAssign {
                value: Some(value), ..
            } = &stmt.kind
                && value.range == range
            {
                found = Some(value);
            }
        });
        found
    }

    /// Remembers that code reaches a shared container by this name, or whichever of several.
    pub fn name_shared(&mut self, value: Value, name: Name) {
        for value in self.values.alternatives(value) {
            if let Data::Shared(id) = *self.data(value) {
                self.add_name(id, name);
            }
        }
    }

    /// Remembers one more name of a shared container.
    pub fn add_name(&mut self, id: SharedId, name: Name) {
        let shared = &mut self.shared[id.0 as usize];
        if !shared.names.contains(&name) {
            // The first name comes with the object itself.
            let is_news = !shared.names.is_empty();
            shared.names.push(name);
            if is_news {
                self.acts_on_shared(id, None);
                self.content_rests_on_looks(id, Part::All);
            } else {
                self.content_rests_on_looks(id, Part::Made);
            }
        }
    }

    /// Notes that a shared container is changed in a way that nothing said before; in this item alone, if that is known.
    pub fn acts_on_shared(&mut self, id: SharedId, item: Option<Item>) {
        if !self.is_importing && !self.is_own(id) && !self.is_open_anyway(id) {
            self.effects.acts.push(Act::Stores(id, item));
        }
    }

    /// Whether a value is, or holds, something that can be called or that code of the tree defines.
    pub fn is_code(&self, value: Value) -> bool {
        self.is_code_below(value, 4)
    }

    fn is_code_below(&self, value: Value, depth: u32) -> bool {
        if depth == 0 {
            return true;
        }
        match self.data(value) {
            Data::Function(_)
            | Data::Class { .. }
            | Data::Instance { .. }
            | Data::Module(_)
            | Data::Bound { .. }
            | Data::Partial(_)
            | Data::Wrapped(_)
            | Data::Import { .. } => true,
            Data::Shared(id) => {
                let mut found = false;
                let object = &self.shared[id.0 as usize].object;
                object.for_each(|item| found |= self.is_code_below(item, depth - 1));
                let mut added = self.shared[id.0 as usize].added.iter();
                found || added.any(|added| self.is_code_below(added.item, depth - 1))
            }
            Data::Tuple(items) | Data::Union(items) => items
                .iter()
                .any(|&item| self.is_code_below(item, depth - 1)),
            _ => false,
        }
    }

    /// Whether it was known beforehand that nothing can be said of a shared container's content.
    fn is_open_anyway(&self, id: SharedId) -> bool {
        self.shared[id.0 as usize].changed || self.is_arbitrary(id)
    }

    /// `target = value` for any target.
    pub fn assign(&mut self, frame: &mut Frame<'p>, target: &'p Expr, value: Value) {
        match &target.kind {
            ExprKind::Name(_, var) => self.assign_var(frame, *var, value),
            ExprKind::Tuple(targets) | ExprKind::List(targets) => {
                self.unpack(frame, targets, value);
            }
            ExprKind::Starred(inner) => self.assign(frame, inner, value),
            ExprKind::Attribute {
                value: base,
                attribute,
                ..
            } => {
                let base = self.expression(frame, base);
                let value = if self.assign_own(frame, base, *attribute, value) {
                    value
                } else {
                    self.outlive(frame, value)
                };
                frame.state.forget_attribute(*attribute);
                self.check_attribute_change(frame, target, (base, *attribute), Change::Set);
                self.name_shared(value, *attribute);
                self.assign_attribute(base, *attribute, value);
                self.assign_special(frame, target, base, *attribute);
                self.stored_attribute(frame, base, *attribute, value);
                self.run_set(frame, (base, *attribute), value, target.range);
            }
            ExprKind::Subscript {
                value: container,
                index,
            } => {
                let base = self.expression(frame, container);
                let index = self.expression(frame, index);
                self.fill_by_key(frame, container, index);
                frame.state.forget_items();
                self.check_item_change(frame, target, base, (index, false));
                self.run_special(frame, base, &["__setitem__"], &[index, value], target.range);
                self.assign_item(frame, base, index, value, Some(target));
            }
            _ => {}
        }
    }

    /// An attribute assigned on a class is seen by everyone; those of instances were collected beforehand.
    pub fn assign_attribute(&mut self, base: Value, attribute: Name, value: Value) {
        if let Data::Class { class, exact } = *self.data(base) {
            if !self.is_importing {
                self.effects.acts.push(Act::Other);
            }
            self.rests_on_looks_too(class);
            if exact {
                let class = &mut self.classes[class.0 as usize];
                let known = class.namespace.get(&attribute).copied();
                let joined = known.map_or(value, |known| self.values.join(known, value));
                self.classes_namespace_set(class_index(base, &self.values), attribute, joined);
            } else {
                self.classes[class.0 as usize].is_open = true;
            }
        }
    }

    fn classes_namespace_set(&mut self, class: Option<usize>, attribute: Name, value: Value) {
        if let Some(class) = class {
            self.classes[class].namespace.insert(attribute, value);
            self.class_changes += 1;
        }
    }

    /// `a, *b, c = value`.
    fn unpack(&mut self, frame: &mut Frame<'p>, targets: &'p [Expr], value: Value) {
        let item = self.iterated(frame, value);
        let items = self.known_items(frame, value).filter(|_| item.is_none());
        let star = targets
            .iter()
            .position(|target| matches!(target.kind, ExprKind::Starred(_)));
        match (items, star) {
            (Some(items), None) if items.len() == targets.len() => {
                for (target, item) in targets.iter().zip(items) {
                    self.assign(frame, target, item);
                }
            }
            (Some(items), Some(star)) if items.len() + 1 >= targets.len() => {
                let after = targets.len() - star - 1;
                for (target, &item) in targets[..star].iter().zip(&items) {
                    self.assign(frame, target, item);
                }
                let middle = items[star..items.len() - after].to_vec();
                let list = self.new_list(frame, crate::eval::domain::state::Sequence::of(middle));
                self.assign(frame, &targets[star], list);
                for (target, &item) in targets[star + 1..]
                    .iter()
                    .zip(&items[items.len() - after..])
                {
                    self.assign(frame, target, item);
                }
            }
            // The alternatives are unpacked one by one: what belongs together stays together only within each variable.
            (None, None) if item.is_none() && matches!(self.data(value), Data::Union(_)) => {
                let alternatives = self.values.alternatives(value);
                let mut columns: Vec<Vec<Value>> = vec![Vec::new(); targets.len()];
                for alternative in alternatives {
                    match self.known_items(frame, alternative) {
                        Some(items) if items.len() == targets.len() => {
                            for (column, item) in columns.iter_mut().zip(items) {
                                column.extend(self.values.alternatives(item));
                            }
                        }
                        // An alternative that does not fit raises, and what follows is not reached with it.
                        Some(_) => {}
                        None => {
                            for column in &mut columns {
                                column.push(Value::UNKNOWN);
                            }
                        }
                    }
                }
                for (target, column) in targets.iter().zip(columns) {
                    let joined = self.values.union(column);
                    self.assign(frame, target, joined);
                }
            }
            _ => {
                let item = item.unwrap_or_else(|| self.any_item(frame, value));
                for target in targets {
                    let item = if matches!(target.kind, ExprKind::Starred(_)) {
                        Value::UNKNOWN
                    } else {
                        item
                    };
                    self.assign(frame, target, item);
                }
            }
        }
    }
}

fn class_index(base: Value, values: &crate::eval::domain::value::Values) -> Option<usize> {
    match *values.get(base) {
        Data::Class { class, .. } => Some(class.0 as usize),
        _ => None,
    }
}
