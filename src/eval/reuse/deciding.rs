//! Which parameters decide something in some mixtures of two trees and not in others.
//!
//! Whether the value of a parameter decides something ([`Survey::deciding`]) is said by the files together: one hands it on, another
//! looks it up. Both trees may agree in it, for different reasons, and a mixture have neither.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::name::Name;
use crate::syntax::ir::{Module, ParameterKind, Parent};

use crate::eval::reuse::file_set::FileSet;
use crate::eval::survey::Survey;
use crate::eval::survey::flows::{self, Flow, Target};

/// One thing that a file says of what decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hint {
    /// A function of it hands something on.
    Flows(Flow),
    /// A function of it that is called by the bare name `callee` takes an argument.
    Takes {
        /// The name.
        callee: Name,
        /// The argument's position; of `*args`: the first one's.
        position: usize,
        /// The parameter; none: `*args`.
        parameter: Option<Name>,
    },
}

/// What one file says of what decides.
pub fn hints_of(ir: &Module) -> FxHashSet<Hint> {
    let flows = Survey::flows_of_file(ir).iter().copied();
    let mut hints: FxHashSet<Hint> = flows.map(Hint::Flows).collect();
    for function in &ir.functions {
        let callee = flows::called(ir, function);
        let before = usize::from(matches!(function.parent, Parent::Class(_)));
        for (index, parameter) in function.params.iter().enumerate() {
            let is_star = parameter.kind == ParameterKind::VarPositional;
            if is_star || index >= before {
                hints.insert(Hint::Takes {
                    callee,
                    position: index.saturating_sub(before),
                    parameter: (!is_star).then_some(parameter.name),
                });
            }
        }
    }
    hints
}

/// What all files of two trees say.
#[derive(Debug, Default)]
pub struct Hints {
    /// With the changed file that says it; with none: it is said in any mixture.
    flows: FxHashSet<(Flow, FileSet)>,
    /// By the name of the callee.
    takes: FxHashMap<Name, FxHashSet<(usize, Option<Name>, FileSet)>>,
    /// Whether something is not said in any mixture.
    varies: bool,
}

impl Hints {
    /// Adds what these files say, if not in any mixture; with none: in any.
    pub fn add(&mut self, hint: Hint, files: FileSet) {
        self.varies |= files != FileSet::NONE;
        match hint {
            Hint::Flows(flow) => {
                self.flows.insert((flow, files));
            }
            Hint::Takes {
                callee,
                position,
                parameter,
            } => {
                let known = self.takes.entry(callee).or_default();
                known.insert((position, parameter, files));
            }
        }
    }

    /// The parameters that decide something in some mixtures only, with the files that it rests on.
    pub fn varying(&self) -> FxHashMap<Name, FileSet> {
        if !self.varies {
            return FxHashMap::default();
        }
        let mut always = FxHashMap::default();
        self.settle(&mut always, &|files| files == FileSet::NONE);
        let mut sometimes = always.clone();
        self.settle(&mut sometimes, &|_| true);
        sometimes.retain(|_, files| *files != FileSet::NONE);
        sometimes
    }

    /// Adds the parameters that decide something because of what files say that are `told`. What is known without a file stays so.
    fn settle(&self, known: &mut FxHashMap<Name, FileSet>, told: &dyn Fn(FileSet) -> bool) {
        let certain: FxHashSet<Name> = known.keys().copied().collect();
        let flows: Vec<_> = self
            .flows
            .iter()
            .filter(|(flow, files)| told(*files) && !certain.contains(&flow.from))
            .collect();
        let mut settled = false;
        while !settled {
            settled = true;
            for &&(Flow { from, to }, files) in &flows {
                let Some(why) = self.why(known, to, told) else {
                    continue;
                };
                let before = known.get(&from).copied();
                let now = before.unwrap_or_default().union(why).union(files);
                if before != Some(now) {
                    known.insert(from, now);
                    settled = false;
                }
            }
        }
    }

    /// The files because of which what is handed on to a target decides something; none: it does not, as far as that is known.
    fn why(
        &self,
        known: &FxHashMap<Name, FileSet>,
        target: Target,
        told: &dyn Fn(FileSet) -> bool,
    ) -> Option<FileSet> {
        match target {
            Target::Decides => Some(FileSet::NONE),
            Target::Keyword(keyword) => known.get(&keyword).copied(),
            Target::Positional(callee, index) => {
                let takes = self.takes.get(&callee).into_iter().flatten();
                let reasons = takes.filter_map(|&(position, parameter, files)| {
                    let why = match parameter {
                        None if position <= index => FileSet::NONE,
                        Some(parameter) if position == index => *known.get(&parameter)?,
                        _ => return None,
                    };
                    told(files).then(|| why.union(files))
                });
                reasons.reduce(FileSet::union)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `operation` decides in `gateway.py` (file 0) as deployed; the new one hands it on to `route` in `router.py` (file 1), where it decides.
    fn handed_on() -> Hints {
        let operation = Name::new("operation");
        let route = Name::new("route");
        let flow = |to| {
            Hint::Flows(Flow {
                from: operation,
                to,
            })
        };
        let takes = Hint::Takes {
            callee: route,
            position: 0,
            parameter: Some(operation),
        };
        let mut hints = Hints::default();
        hints.add(flow(Target::Decides), FileSet::of(0));
        hints.add(flow(Target::Positional(route, 0)), FileSet::of(0));
        hints.add(flow(Target::Decides), FileSet::of(1));
        hints.add(takes, FileSet::of(1));
        hints
    }

    #[test]
    fn what_decides_in_both_trees_for_different_reasons_rests_on_the_files_of_each() {
        let varying = handed_on().varying();
        let files = varying[&Name::new("operation")];
        assert_eq!(files, FileSet::of(0).union(FileSet::of(1)));
    }

    #[test]
    fn what_decides_in_any_mixture_rests_on_no_file() {
        let mut hints = handed_on();
        let from = Name::new("operation");
        let decides = Hint::Flows(Flow {
            from,
            to: Target::Decides,
        });
        hints.add(decides, FileSet::NONE);
        assert!(hints.varying().is_empty());
    }
}
