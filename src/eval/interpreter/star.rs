//! `from module import *`: which names it binds, and what it fails for (the language reference, 7.11).

use crate::eval::Evaluator;
use crate::eval::domain::value::{Data, Value};
use crate::eval::interpreter::frame::{Frame, LocalFailure, Owner};
use crate::eval::interpreter::module::Progress;
use crate::eval::objects::attribute::Attribute;
use crate::eval::reuse::file_set::FileSet;
use crate::name::Name;
use crate::program::ModuleId;
use crate::python::library::public_names;
use crate::syntax::ir::ImportFrom;

impl<'p> Evaluator<'p> {
    /// `from m import *`: the names in `__all__`, or all public ones. It raises for a name in `__all__` that the module does not have
    /// (reference, 7.11: "If `__all__` is defined, all names in it are required to exist"); a submodule is imported for it.
    pub fn star_import(&mut self, frame: &mut Frame<'p>, import: &'p ImportFrom, module: ModuleId) {
        self.look_into(module);
        let info = self.program.module(module);
        let state = &self.modules[module.0 as usize];
        let has_list = state
            .by_name
            .get(&Name::new("__all__"))
            .is_some_and(|slot| state.slots[slot.0 as usize] != Value::UNBOUND);
        let mut open = state.is_open
            || state.progress != Progress::Done
            || !info.ir.errors.is_empty()
            || self.survey.dynamic_modules.contains(&module);
        let listed = self.exported(frame, module);
        if !has_list {
            self.star_import_submodules(frame, module);
        }
        open |= has_list && listed.is_none();
        if open {
            self.modules[frame.module.0 as usize].is_open = true;
        }
        self.look_for_more(frame.module, module);
        let is_listed = listed.is_some();
        // What puts names into a module may put a list there, and what is not on it stays what it was.
        let may_be_listed = !is_listed && self.is_rewritten(module)
            || self.stands_in_for_star(frame, import.module_range);
        let names = listed.unwrap_or_else(|| self.public_names(module));
        let mut missing = Vec::new();
        let before = self.looked.get();
        let mut rests_on = before;
        for name in names {
            // Each name rests on its own variable there, and not on the others'.
            let found = if is_listed {
                self.module_attribute(frame, module, name)
            } else {
                self.attribute_of_module(module, name)
            };
            let value = match found {
                Attribute::Found(value) => value,
                _ if self.modules[module.0 as usize].progress == Progress::Running => {
                    self.values.intern(Data::Import { module, name })
                }
                _ => Value::UNKNOWN,
            };
            if found == Attribute::Missing {
                missing.push(name);
            }
            let value = match self.bound_before(frame, name) {
                _ if may_be_listed => self.values.join(value, Value::UNKNOWN),
                // A list that is not known may lack the name; what nothing else has bound would not work then.
                Some(before) if has_list && !is_listed => self.values.join(value, before),
                _ => value,
            };
            self.bind_in_module(frame, name, value);
            rests_on = rests_on.union(self.looked.replace(before));
        }
        if is_listed {
            // Whether it comes to its end rests on them all.
            self.looked.set(rests_on);
            self.star_import_fails(frame, import, module, &missing);
        }
    }

    /// What a name of the module that runs was bound to before this statement.
    fn bound_before(&self, frame: &Frame<'p>, name: Name) -> Option<Value> {
        let module = &self.modules[frame.module.0 as usize];
        let starred = || module.starred.get(&name).map(|&(value, _)| value);
        let own = match module.by_name.get(&name) {
            Some(slot) if matches!(frame.owner, Owner::Module) => {
                Some(frame.state.slots[slot.0 as usize])
            }
            _ => starred(),
        };
        own.filter(|&value| value != Value::UNBOUND)
    }

    /// The same of a module outside the tree. Of the library it is known which names a module may have.
    pub(super) fn star_import_from_outside(
        &mut self,
        frame: &mut Frame<'p>,
        import: &'p ImportFrom,
        module: Name,
    ) {
        let Some(names) = public_names(&module).filter(|_| !self.is_graph()) else {
            self.bind_unknown(frame, import);
            return;
        };
        self.modules[frame.module.0 as usize].takes_private_names = true;
        for name in names {
            self.bind_in_module(frame, Name::new(name), Value::UNKNOWN);
        }
    }

    /// Binds a name in the module that runs without a statement that assigns it.
    pub fn bind_in_module(&mut self, frame: &mut Frame<'p>, name: Name, value: Value) {
        let module = &mut self.modules[frame.module.0 as usize];
        match module.by_name.get(&name).copied() {
            Some(slot) if matches!(frame.owner, Owner::Module) => {
                self.assign_slot(frame, slot, value);
            }
            _ => {
                let looked = self.looked.get();
                module.starred.insert(name, (value, looked));
            }
        }
    }

    /// Reports a star import of a module whose `__all__` lists names that it lacks. CPython names the first of them.
    pub fn star_import_fails(
        &mut self,
        frame: &mut Frame<'p>,
        import: &ImportFrom,
        module: ModuleId,
        missing: &[Name],
    ) {
        let Some(first) = missing.first() else { return };
        let Some(failure) = self.undefined_exports(module, missing) else {
            return;
        };
        self.may_raise(frame);
        if frame.is_unsure() {
            return;
        }
        let from = self.program.module(module).name;
        let refused = || format!("module '{from}' has no attribute '{first}'");
        let text = if self.has_hook(module) {
            self.hook_text(module, *first).unwrap_or_else(refused)
        } else {
            refused()
        };
        frame.failures.push(LocalFailure {
            exception: Some(format!("AttributeError: {text}")),
            range: import.module_range,
            doubt: None,
            note: String::from("imports all names that the module lists"),
            ..failure
        });
    }

    /// Notes that which names a module has rests on what decides which names another one has.
    pub fn look_for_more(&mut self, importer: ModuleId, imported: ModuleId) {
        let state = &self.modules[imported.0 as usize];
        let looked = match (state.progress, state.context) {
            (Progress::Done, Some(id)) => self.contexts[id.0 as usize].looked,
            _ => FileSet::ALL,
        };
        let importer = &mut self.modules[importer.0 as usize];
        importer.looked_for_more = importer.looked_for_more.union(looked);
    }

    /// A star import takes the submodules along that were imported so far, for they are names of the package like others.
    pub fn star_import_submodules(&mut self, frame: &Frame<'p>, module: ModuleId) {
        let prefix = format!("{}.", self.program.module(module).name);
        let names: Vec<Name> = self
            .program
            .module_ids()
            .filter(|id| self.modules[id.0 as usize].progress != Progress::Waiting)
            .filter_map(|id| self.program.module(id).name.as_str().strip_prefix(&prefix))
            .filter(|rest| !rest.contains('.') && !rest.starts_with('_'))
            .map(Name::new)
            .collect();
        let importer = &mut self.modules[frame.module.0 as usize];
        for name in names {
            if !importer.by_name.contains_key(&name) {
                // When it was imported, compared with this statement, is not known.
                importer
                    .starred
                    .entry(name)
                    .or_insert((Value::UNKNOWN, FileSet::ALL));
            }
        }
    }

    pub fn public_names(&self, module: ModuleId) -> Vec<Name> {
        let state = &self.modules[module.0 as usize];
        let mut names: Vec<Name> = state
            .by_name
            .iter()
            .filter(|(_, slot)| state.slots[slot.0 as usize] != Value::UNBOUND)
            .map(|(&name, _)| name)
            .chain(state.starred.keys().copied())
            .filter(|name| !name.starts_with('_'))
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}
