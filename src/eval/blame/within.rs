//! Failures within installed packages, as seen from the tree's own call that leads there.
//!
//! Nothing is told of a package. But where it calls another one, which in the version that is installed does not take that, the tree's own line fails, and fails each time it
//! runs if no test is left on the way down. Tests in the packages are decided by what the tree passes, or they are not; of the tree's own, those of the outermost function alone
//! do not count (DESIGN 3a, rule 1).

use crate::facts::{FailureKind, Impact, Place};
use crate::name::Name;
use crate::program::ModuleId;

use crate::eval::Evaluator;
use crate::eval::blame::trace::Node;
use crate::eval::blame::ways::Ways;
use crate::eval::certainty::control::End;
use crate::eval::domain::value::ContextId;
use crate::eval::interpreter::frame::{Callee, LocalFailure};

/// The tree's own call that leads to a failure within packages.
pub(super) struct OwnCall {
    /// Where it is.
    pub place: Place,
    /// The evaluation that it stands in.
    pub context: ContextId,
    /// What it calls, dotted.
    pub called: Name,
}

impl<'p> Evaluator<'p> {
    /// The own call that certainly fails; none if the cause is the tree's own, or the call may get around it. `way` are the frames from the outermost one to the one that
    /// fails, in which another package refuses a call.
    pub(super) fn own_call_into_packages(
        &self,
        ways: &Ways<'p>,
        failure: &LocalFailure<'p>,
        way: &[Node],
        cause: (Place, ContextId),
    ) -> Option<OwnCall> {
        let is_installed = |node: &Node| self.is_in_package(node.context);
        if !self.is_in_package(cause.1) || !self.is_refused_by_another(failure, cause.1) {
            return None;
        }
        let at = way.iter().rposition(|node| !is_installed(node))?;
        let own = way[at];
        let edge = &self.contexts[own.context.0 as usize].edges[own.edge?];
        let is_straight = |node: &Node| {
            let range = match node.edge {
                Some(edge) => self.contexts[node.context.0 as usize].edges[edge].range,
                None => failure.range,
            };
            let open = self.open_tests(ways, node.context, range);
            let mut tests = open.all.iter();
            tests.all(|test| matches!(test.detour().end, End::Raises(_)))
        };
        let is_certain = edge.certain
            && way.get(1..)?.iter().all(is_straight)
            && own.travel?.hidden_by.is_none()
            && self.impact(ways, failure, way, cause) == Impact::Breaks;
        is_certain.then(|| OwnCall {
            place: self.place(own.context, edge.range),
            context: own.context,
            called: Name::new(&self.owner_name(edge.callee)),
        })
    }

    fn is_in_package(&self, context: ContextId) -> bool {
        let module = self.contexts[context.0 as usize].module;
        self.program.module(module).is_installed
    }

    /// Whether what refuses a call belongs to another package than the code that calls: each by itself was tested by whoever released it.
    fn is_refused_by_another(&self, failure: &LocalFailure<'p>, context: ContextId) -> bool {
        let is_of_call = matches!(
            failure.kind,
            FailureKind::UnexpectedKeyword
                | FailureKind::MissingArgument
                | FailureKind::TooManyPositionals
                | FailureKind::MultipleValues
                | FailureKind::PositionalOnlyKeyword
        );
        let module = match failure.callee {
            Some(Callee::Function(function)) => function.module,
            Some(Callee::Class(class)) => self.classes[class.0 as usize].module,
            None => return false,
        };
        let top = |module: ModuleId| {
            let name = self.program.module(module).name.as_str();
            name.split('.').next().unwrap_or(name)
        };
        let caller = self.contexts[context.0 as usize].module;
        is_of_call
            && failure.exception.is_some()
            && self.program.module(module).is_installed
            && top(module) != top(caller)
    }
}
