//! Imports that the configured layers do not allow.
//!
//! Each import of the tree is looked at, those in functions and of `import_module` with a literal name too. What lies in no layer is looked through, if
//! nothing is said of what such files may import: a helper between a gateway and a core does not hide that the gateway reaches the core. Tests are left
//! out, as they may look at whatever they test.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::analysis::is_test;
use crate::config::{LayerRules, Layers, Places, Settings};
use crate::facts::{Breach, BreachKind, Facts, Frame, LayerModule, Place, Route, Symbol};
use crate::name::Name;
use crate::program::{ImportSite, ModuleId, Program};
use crate::source::Tree;

/// What evaluation found, with the imports that the layers do not allow.
pub(super) fn with_breaches(
    mut facts: Facts,
    program: &Program,
    tree: &Tree,
    settings: &Settings,
) -> Facts {
    let layers = &settings.layers;
    if let Some(rules) = &layers.rules {
        let places = layers.places(tree.files.iter().map(|file| &*file.path));
        let look = Look {
            program,
            tree,
            layers,
            rules,
            places,
        };
        facts.breaches = look.all(&facts.routes);
    }
    facts
}

/// One step from a module to another: where, in which function, and how.
struct Step {
    to: ModuleId,
    place: Place,
    function: String,
    note: String,
}

struct Look<'a> {
    program: &'a Program,
    tree: &'a Tree,
    layers: &'a Layers,
    rules: &'a LayerRules,
    places: Places,
}

impl Look<'_> {
    fn path(&self, module: ModuleId) -> &str {
        &self.tree.file(self.program.module(module).file).path
    }

    fn layer(&self, module: ModuleId) -> Option<usize> {
        self.places.layer(self.path(module))
    }

    /// All breaches, each pair of modules once.
    fn all(&self, routes: &[Route]) -> Vec<Breach> {
        let mut steps: BTreeMap<ModuleId, Vec<Step>> = BTreeMap::new();
        for module in self.program.module_ids() {
            if !is_test(self.path(module)) {
                steps.insert(module, self.imports(module));
            }
        }
        for route in routes {
            self.add_table(route, &mut steps);
        }
        let mut found = Vec::new();
        for &importer in steps.keys() {
            self.of(importer, &steps, &mut found);
        }
        found.sort_by(|left, right| {
            let key = |it: &Breach| (it.importer.path.clone(), it.imported.path.clone());
            key(left).cmp(&key(right))
        });
        found
    }

    fn imports(&self, module: ModuleId) -> Vec<Step> {
        let own = self.program.module(module);
        let sites = self.program.import_sites(module).into_iter();
        let counted = sites.filter(|site| !site.for_checkers || self.rules.counts_type_checking);
        let step = |site: ImportSite| Step {
            to: site.module,
            place: site.place,
            function: match site.function {
                Some(function) => format!("{}.{}", own.name, own.ir[function].qualname),
                None => own.name.to_string(),
            },
            note: format!("imports {}", self.program.module(site.module).name),
        };
        counted.map(step).collect()
    }

    /// A table that leads a call to another module imports it, as far as layers go.
    fn add_table(&self, route: &Route, steps: &mut BTreeMap<ModuleId, Vec<Step>>) {
        let Some(router) = route.router.as_ref().or(route.handler.as_ref()) else {
            return;
        };
        let module = |symbol: &Symbol| self.program.module_of(symbol.place.file);
        let (Some(from), Some(to)) = (module(&route.executor), module(router)) else {
            return;
        };
        if from == to {
            return;
        }
        let Some(known) = steps.get_mut(&from) else {
            return;
        };
        if known.iter().all(|step| step.to != to) {
            known.push(Step {
                to,
                place: route.executor.place,
                function: route.executor.name.clone(),
                note: format!("is led to {} by a table", router.name),
            });
        }
    }

    /// The breaches of one importer.
    fn of(
        &self,
        importer: ModuleId,
        steps: &BTreeMap<ModuleId, Vec<Step>>,
        found: &mut Vec<Breach>,
    ) {
        let mut queue: VecDeque<(ModuleId, Vec<&Step>)> = VecDeque::from([(importer, Vec::new())]);
        let mut seen = BTreeSet::from([importer]);
        let from = self.layer(importer);
        while let Some((module, way)) = queue.pop_front() {
            for step in steps.get(&module).into_iter().flatten() {
                if !seen.insert(step.to) {
                    continue;
                }
                let mut way = way.clone();
                way.push(step);
                match self.layer(step.to) {
                    Some(to) => {
                        // Of a file in no layer, what it imports by itself is told there.
                        let is_told = way.len() > 1 && !self.rules.allows(None, to);
                        if let Some(kind) = self.kind(importer, step.to)
                            && !is_told
                        {
                            let first = &steps[&importer];
                            found.push(self.breach(kind, (importer, step.to), &way, first));
                        }
                    }
                    None if from.is_some() => queue.push_back((step.to, way)),
                    None => {}
                }
            }
        }
    }

    /// In which way an import breaks the rules; none if it does not.
    fn kind(&self, importer: ModuleId, imported: ModuleId) -> Option<BreachKind> {
        let from = self.layer(importer);
        let to = self.layer(imported)?;
        if !self.rules.allows(from, to) {
            // What is in no layer lies outside of all.
            return Some(if from.is_none_or(|from| from < to) {
                BreachKind::Skipped
            } else {
                BreachKind::Reversed
            });
        }
        let own = self.places.part(self.path(importer))?;
        let other = self.places.part(self.path(imported))?;
        (self.rules.is_private(to) && own != other).then_some(BreachKind::Foreign)
    }

    fn breach(
        &self,
        kind: BreachKind,
        (importer, imported): (ModuleId, ModuleId),
        way: &[&Step],
        first: &[Step],
    ) -> Breach {
        let hop = way.first().map(|step| step.to);
        let places = first.iter().filter(|step| Some(step.to) == hop);
        let between = way.iter().rev().skip(1).rev();
        let names: Vec<&str> = self.layers.names().collect();
        let allowed = self.rules.allowed(self.layer(importer)).unwrap_or_default();
        Breach {
            kind,
            importer: self.module(importer, &names),
            imported: self.module(imported, &names),
            places: places.map(|step| step.place).collect(),
            chain: way.iter().map(|step| step.frame()).collect(),
            through: between.map(|step| self.name(step.to)).collect(),
            allowed: allowed.iter().map(|&it| names[it].to_owned()).collect(),
        }
    }

    fn name(&self, module: ModuleId) -> Name {
        self.program.module(module).name
    }

    fn module(&self, module: ModuleId, names: &[&str]) -> LayerModule {
        let path = self.path(module);
        LayerModule {
            name: self.name(module),
            path: path.to_owned(),
            layer: self.layer(module).map(|layer| names[layer].to_owned()),
            part: self.places.part(path).map(str::to_owned),
        }
    }
}

impl Step {
    fn frame(&self) -> Frame {
        Frame {
            place: self.place,
            function: self.function.clone(),
            note: self.note.clone(),
        }
    }
}
