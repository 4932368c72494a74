//! Where code names what other modules have.

use crate::eval::Evaluator;
use crate::eval::domain::value::{Data, Value};
use crate::eval::objects::mro::Ancestor;
use crate::facts::Place;
use crate::name::Name;
use crate::program::ModuleId;
use crate::syntax::ir::{Expr, ExprKind, Function, Range, Stmt, StmtKind, Var};
use crate::syntax::visit;

use super::{Contract, Use};

impl Evaluator<'_> {
    /// The names that modules have at their top level.
    pub(super) fn contract_names(&mut self, contract: &mut Contract) {
        self.attribute_names(contract);
        let program = self.program;
        for id in program.module_ids() {
            let module = program.module(id);
            contract.modules.entry(module.name).or_insert(module.file);
            for variable in module
                .ir
                .scope
                .slots
                .iter()
                .filter(|variable| !variable.hidden)
            {
                if self.variable(id, variable.name) != Value::UNBOUND {
                    contract
                        .names
                        .insert(format!("{}.{}", module.name, variable.name));
                }
            }
            let mut starred = Vec::new();
            visit::statements(&module.ir.body, &mut |stmt| {
                if let StmtKind::ImportFrom(import) = &stmt.kind
                    && import.star
                {
                    starred.extend(self.program.imported_from(id, import));
                }
            });
            for source in starred {
                for variable in &program.module(source).ir.scope.slots {
                    if !variable.hidden && self.variable(id, variable.name) != Value::UNBOUND {
                        contract
                            .names
                            .insert(format!("{}.{}", module.name, variable.name));
                    }
                }
            }
        }
    }

    /// Classes' attributes are names as well, inherited ones included: `module.Class.method`.
    fn attribute_names(&self, contract: &mut Contract) {
        for class in self.classes.iter().filter(|class| class.closure.is_none()) {
            let module = self.program.module(class.module).name;
            let owner = format!("{module}.{}", class.definition.qualname);
            for ancestor in &class.mro {
                if let Ancestor::Tree(ancestor) = ancestor {
                    let attributes = self.classes[ancestor.0 as usize].namespace.keys();
                    contract
                        .names
                        .extend(attributes.map(|name| format!("{owner}.{name}")));
                }
            }
        }
    }

    pub(super) fn contract_uses(&mut self, contract: &mut Contract) {
        let program = self.program;
        for id in program.module_ids() {
            let module = program.module(id);
            let name = module.name;
            self.uses_in(contract, id, &module.ir.body, None, name.as_str());
            for class in &module.ir.classes {
                self.uses_in(contract, id, &class.body, None, name.as_str());
            }
            for function in &module.ir.functions {
                let owner = format!("{name}.{}", function.qualname);
                self.uses_in(contract, id, &function.body, Some(function), &owner);
            }
        }
        for table in &contract.tables {
            for entry in &table.entries {
                if let Some(target) = &entry.target {
                    let found = Use {
                        function: table.module.to_string(),
                        place: entry.place,
                    };
                    contract.uses.entry(target.clone()).or_default().push(found);
                }
            }
        }
        for found in contract
            .uses
            .values_mut()
            .chain(contract.members.values_mut())
        {
            found.sort();
            found.dedup();
        }
    }

    fn uses_in(
        &mut self,
        contract: &mut Contract,
        module: ModuleId,
        body: &[Stmt],
        function: Option<&Function>,
        owner: &str,
    ) {
        let file = self.program.module(module).file;
        let at = |range: Range| Use {
            function: owner.to_owned(),
            place: Place { file, range },
        };
        visit::statements(body, &mut |stmt| {
            if let StmtKind::ImportFrom(import) = &stmt.kind
                && let Some(target) = self.program.imported_from(module, import)
            {
                let source = self.program.module(target).name;
                for name in &import.names {
                    let key = format!("{source}.{}", name.name);
                    contract.uses.entry(key).or_default().push(at(name.range));
                }
            }
        });
        let mut attributes: Vec<(&Expr, Name, Range)> = Vec::new();
        visit::all_expressions(body, &mut |expr| {
            if let ExprKind::Attribute {
                value, attribute, ..
            } = &expr.kind
            {
                attributes.push((value, *attribute, expr.range));
            }
        });
        for (value, attribute, range) in attributes {
            let local = matches!(
                value.kind,
                ExprKind::Name(_, Var::Local(_) | Var::Global(_))
            );
            let is_path = local || matches!(value.kind, ExprKind::Attribute { .. });
            if !is_path {
                continue;
            }
            let Some(base) = self.static_value(module, function, value) else {
                let open = contract.attributes.entry(attribute).or_default();
                open.push(at(range));
                continue;
            };
            match *self.data(base) {
                Data::Unknown => {
                    let open = contract.attributes.entry(attribute).or_default();
                    open.push(at(range));
                }
                Data::Module(target) => {
                    let key = format!("{}.{attribute}", self.program.module(target).name);
                    contract.uses.entry(key).or_default().push(at(range));
                }
                Data::Class { class, .. } if self.classes[class.0 as usize].is_enum => {
                    let class = self.classes[class.0 as usize].definition.qualname;
                    contract
                        .members
                        .entry((class, attribute))
                        .or_default()
                        .push(at(range));
                }
                _ => {}
            }
        }
    }
}
