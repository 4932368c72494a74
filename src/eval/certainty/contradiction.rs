//! Tests on the way to one place that cannot come out as the way asks: `if ghosts: raise ...`, and further down `if ghosts and ...`. Nothing comes there, whatever
//! is wrong with what stands there (DESIGN 3a.2).

use std::hash::{Hash, Hasher};

use rustc_hash::{FxHashMap, FxHasher};

use crate::eval::Evaluator;
use crate::eval::certainty::answers::{Answer, Bound, Hole, parts_with_outcome, shape_of};
use crate::eval::certainty::choices::choices_of;
use crate::eval::certainty::flow::Flow;
use crate::eval::certainty::looks::{Looker, Source, receiver_of_super};
use crate::eval::certainty::open::{OpenTest, OpenTests};
use crate::eval::certainty::shown::lacks_what_was_found;
use crate::eval::domain::value::{ClassRef, ContextId, Data};
use crate::eval::exceptions::recovery::same;
use crate::eval::interpreter::frame::Edge;
use crate::name::Name;
use crate::syntax::ir::{
    Call, Comparison, Constant, Expr, ExprKind, Module, Range, Slot, Stmt, StmtKind, Var,
};
use crate::syntax::visit;

use crate::eval::blame::ways::Ways;

/// A method's first parameter.
const RECEIVER: Source = Source {
    slot: Slot(0),
    item: None,
};

/// Whether a call is one of a method of the first parameter: `self.m()`, `super().m()`.
fn hands_itself_on(call: &Call) -> bool {
    let ExprKind::Attribute { value, .. } = &call.function.kind else {
        return false;
    };
    match &value.kind {
        ExprKind::Name(_, Var::Local(slot)) => *slot == RECEIVER.slot,
        ExprKind::Call(inner) => receiver_of_super(inner) == Some(RECEIVER.slot),
        _ => false,
    }
}

/// Whether a body assigns an attribute of this name, of whatever object.
fn assigns(body: &[Stmt], name: Name) -> bool {
    let mut found = false;
    visit::statements(body, &mut |stmt| {
        let targets = match &stmt.kind {
            StmtKind::Assign { targets, .. } => targets.as_slice(),
            StmtKind::AugAssign { target, .. } | StmtKind::AnnAssign { target, .. } => {
                std::slice::from_ref(target)
            }
            _ => return,
        };
        found |= targets.iter().any(
            |target| matches!(target.kind, ExprKind::Attribute { attribute, .. } if attribute == name),
        );
    });
    found
}

/// One part of a test, and how it comes out on the way to a place.
struct Answered<'p> {
    part: &'p Expr,
    is_true: bool,
    /// What that says of a variable.
    says: Option<(Hole, Answer)>,
}

impl<'p> Evaluator<'p> {
    /// Whether two tests around a place of a body, of what was not written in between, cannot both come out as the way there asks.
    pub fn is_contradicted_way(
        &self,
        ways: &Ways<'p>,
        context: ContextId,
        open: &OpenTests<'p>,
    ) -> bool {
        // Each chain through the place asks, and there may be many.
        let is_contradicted = || self.has_contradiction(ways, context, &open.all);
        !open.all.is_empty() && *open.contradicted.get_or_init(is_contradicted)
    }

    /// Whether a method that hands its own object on, by `self.m()` or `super().m()`, tests an attribute of it, and a test around a place in that one asks for the
    /// other outcome: nothing comes from here to there.
    pub fn is_denied_by_caller(
        &self,
        ways: &Ways<'p>,
        (context, range): (ContextId, Range),
        (caller, edge): (ContextId, &Edge<'p>),
    ) -> bool {
        let is_itself = edge.shift == 1 && edge.call.is_some_and(hands_itself_on);
        if !is_itself {
            return false;
        }
        let above = self.open_tests(ways, caller, edge.range);
        if above.all.is_empty() {
            return false;
        }
        let below = self.open_tests(ways, context, range);
        let said = |tests: &OpenTests<'p>| -> Vec<Answer> {
            let all = tests.all.iter().flat_map(|test| &test.said);
            let own = all.filter(|said| said.hole == Hole::Local(RECEIVER));
            own.map(|said| said.answer.clone()).collect()
        };
        let above = said(&above);
        let is_kept = |answer: &Answer| {
            let bodies = [self.body_of(caller), self.body_of(context)];
            let attribute = answer.attribute();
            attribute.is_some_and(|name| !bodies.iter().any(|body| assigns(body, name)))
        };
        said(&below)
            .iter()
            .any(|below| above.iter().any(|above| above.excludes(below)) && is_kept(below))
    }

    fn has_contradiction(
        &self,
        ways: &Ways<'p>,
        context: ContextId,
        tests: &[OpenTest<'p>],
    ) -> bool {
        let looker = Looker::new(self, &ways.flows, context);
        let mut outcomes = Vec::new();
        let mut eithers = Vec::new();
        for open in tests {
            let detour = open.detour();
            let is_open = |part: &Expr| open.parts.iter().any(|open| std::ptr::eq(*open, part));
            let Some(outcome) = detour.outcome else {
                continue;
            };
            for &asked in &detour.asked {
                if let ExprKind::Bool { is_and, values } = &asked.kind
                    && outcome != *is_and
                {
                    eithers.push((asked, values, outcome));
                }
                parts_with_outcome(asked, outcome, &is_open, &mut |part, outcome| {
                    let says = shape_of(part, outcome);
                    let says = says.map(|(hole, answer)| looker.made_of(hole, answer));
                    outcomes.push(Answered {
                        part,
                        is_true: outcome,
                        says,
                    });
                });
            }
        }
        if outcomes.is_empty() {
            return false;
        }
        outcomes.sort_by_key(|outcome| outcome.part.range.start);
        let body = self.body_of(context);
        let flow = ways.flows.borrow_mut().of(body);
        let is_left_out = |(asked, values, wanted): &(&'p Expr, &'p Vec<Expr>, bool)| {
            values.iter().all(|value| {
                let mut denying = outcomes
                    .iter()
                    .filter(|outcome| outcome.is_true != *wanted && same(outcome.part, value));
                let then = asked.range;
                denying.any(|outcome| {
                    let first = outcome.part.range;
                    is_unwritten(&flow, value, (first, then))
                        && (is_variable(value) || follow(body, first, then))
                })
            })
        };
        have_contradiction(&outcomes, &flow, body)
            || eithers.iter().any(is_left_out)
            || self.leaves_no_member(context, &outcomes, &flow)
            || leaves_no_choice(self.ir_of(context), &outcomes, &flow, body)
            || outcomes
                .iter()
                .any(|outcome| self.is_shown_otherwise(context, outcome, body))
    }

    /// Whether what was done before a test, or what its module says, shows another outcome.
    fn is_shown_otherwise(
        &self,
        context: ContextId,
        outcome: &Answered<'p>,
        body: &'p [Stmt],
    ) -> bool {
        let is_of_module = |(hole, answer): &(Hole, Answer)| {
            matches!(hole, Hole::Global(_) | Hole::Attribute(..))
                && self.is_denied_by_module(context, *hole, answer)
        };
        outcome.says.as_ref().is_some_and(is_of_module)
            || lacks_what_was_found(body, outcome.part, outcome.is_true)
    }

    /// Whether the tests deny one value every member of an enum: there is no further one that it could be.
    fn leaves_no_member(
        &self,
        context: ContextId,
        outcomes: &[Answered<'p>],
        flow: &Flow<'_>,
    ) -> bool {
        let denied: Vec<_> = outcomes
            .iter()
            .filter_map(|outcome| {
                let (subject, members) = denied_by(outcome)?;
                let members = members
                    .iter()
                    .map(|member| self.member_named(context, member));
                Some((outcome, subject, members.collect::<Option<Vec<_>>>()?))
            })
            .collect();
        denied.iter().any(|(first, subject, members)| {
            let Some(&(class, _)) = members.first() else {
                return false;
            };
            let about = denied.iter().filter(|(other, asked, _)| {
                same(subject, asked)
                    && is_unwritten(flow, first.part, (first.part.range, other.part.range))
            });
            let names: Vec<_> = about.flat_map(|(_, _, members)| members).collect();
            let all = self.enum_members(class).unwrap_or_default();
            !all.is_empty()
                && all.iter().all(|&member| match *self.data(member) {
                    Data::Member { class, name } => names.contains(&&(class, name)),
                    _ => false,
                })
        })
    }

    /// The member of an enum of the tree that an expression names: `Kind.BOOK`.
    fn member_named(&self, context: ContextId, expr: &Expr) -> Option<(ClassRef, Name)> {
        let ExprKind::Attribute {
            value, attribute, ..
        } = &expr.kind
        else {
            return None;
        };
        let ExprKind::Name(_, Var::Global(name)) = value.kind else {
            return None;
        };
        let module = self.contexts[context.0 as usize].module;
        let (module, name) = self
            .program
            .imported_as(module, name)
            .unwrap_or((module, name));
        match *self.data(self.variable_at_end(module, name)?) {
            Data::Class { class, .. } if self.class(class).is_enum => Some((class, *attribute)),
            _ => None,
        }
    }
}

/// Whether the tests deny an option everything that the parser of the command line lets through.
fn leaves_no_choice(
    ir: &Module,
    outcomes: &[Answered<'_>],
    flow: &Flow<'_>,
    body: &[Stmt],
) -> bool {
    let denied: Vec<_> = outcomes
        .iter()
        .filter_map(|outcome| Some((outcome, denied_by(outcome)?)))
        .collect();
    let Some((last, (subject, _))) = denied.last() else {
        return false;
    };
    let Some((choices, may_lack)) = choices_of(ir, body, subject) else {
        return false;
    };
    let is_given = |outcome: &Answered<'_>| {
        same(outcome.part, subject) && outcome.is_true
            || matches!(&outcome.part.kind, ExprKind::Not(inner) if same(inner, subject))
                && !outcome.is_true
    };
    let mut left = choices;
    for (outcome, (about, values)) in &denied {
        if same(about, subject)
            && is_unwritten(flow, outcome.part, (outcome.part.range, last.part.range))
        {
            left.retain(|choice| {
                !values.iter().any(|value| matches!(value.kind, ExprKind::Constant(Constant::Str(text)) if text == *choice))
            });
        }
    }
    left.is_empty() && (!may_lack || outcomes.iter().any(is_given))
}

/// What a test denies when it comes out as it does: that its subject is one of these (`==`, `is` and `in`, and what they turn into under `not`).
fn denied_by<'p>(outcome: &Answered<'p>) -> Option<(&'p Expr, Vec<&'p Expr>)> {
    let ExprKind::Compare { left, rest } = &outcome.part.kind else {
        return None;
    };
    let [(comparison, right)] = rest.as_slice() else {
        return None;
    };
    let denies = match comparison {
        Comparison::Eq | Comparison::Is | Comparison::In => !outcome.is_true,
        Comparison::NotEq | Comparison::IsNot | Comparison::NotIn => outcome.is_true,
        _ => false,
    };
    let is_among = matches!(comparison, Comparison::In | Comparison::NotIn);
    let members = match &right.kind {
        ExprKind::Tuple(items) | ExprKind::List(items) | ExprKind::Set(items) if is_among => {
            items.iter().collect()
        }
        _ if is_among => return None,
        _ => vec![right],
    };
    denies.then_some((&**left, members))
}

/// Whether one of the outcomes, in the order of the text, excludes a later one. There may be thousands: only those that are about the same are held against each other.
fn have_contradiction(outcomes: &[Answered<'_>], flow: &Flow<'_>, body: &[Stmt]) -> bool {
    let mut by_text: FxHashMap<u64, Vec<&Answered<'_>>> = FxHashMap::default();
    let mut by_hole: FxHashMap<Hole, [Vec<&Answered<'_>>; 2]> = FxHashMap::default();
    outcomes.iter().any(|later| {
        let excluded = |earlier: &&Answered<'_>| earlier.excludes(later, flow, body);
        let alike = by_text.entry(later.fingerprint()).or_default();
        // Where both say something of a variable, that is what counts.
        let mut written = alike
            .iter()
            .filter(|earlier| earlier.says.is_none() || later.says.is_none());
        let mut is_excluded = written.any(excluded);
        alike.push(later);
        if let Some((hole, answer)) = &later.says {
            let [telling, denying] = by_hole.entry(*hole).or_default();
            is_excluded |= telling.iter().any(&excluded);
            // That it is none of some and none of others goes together.
            if answer.only_denies() {
                denying.push(later);
            } else {
                is_excluded |= denying.iter().any(&excluded);
                telling.push(later);
            }
        }
        is_excluded
    })
}

impl<'p> Answered<'p> {
    /// What a comparison with a number says, and of what.
    fn bound(&self) -> Option<(&'p Expr, Bound)> {
        let ExprKind::Compare { left, rest } = &self.part.kind else {
            return None;
        };
        let [(op, right)] = rest.as_slice() else {
            return None;
        };
        Some((&**left, Bound::of(*op, right, self.is_true)?))
    }

    /// Whether both are comparisons of the same with numbers, and none is on the right side of both.
    fn is_out_of_bounds(&self, later: &Self) -> bool {
        let (Some((one, own)), Some((other, bound))) = (self.bound(), later.bound()) else {
            return false;
        };
        own.excludes(bound) && same(one, other)
    }
}

impl Answered<'_> {
    /// A number that is the same for parts that are written alike, or of which one is the other turned round, and for bounds of the same.
    fn fingerprint(&self) -> u64 {
        let mut hasher = FxHasher::default();
        let part = self.bound().map_or(self.part, |(of, _)| of);
        visit::expressions(part, &mut |expr| match &expr.kind {
            ExprKind::Name(_, var) => var.hash(&mut hasher),
            ExprKind::Attribute { attribute, .. } => attribute.hash(&mut hasher),
            ExprKind::Constant(Constant::Str(text)) => text.hash(&mut hasher),
            ExprKind::Constant(Constant::Int(value)) => value.hash(&mut hasher),
            _ => {}
        });
        hasher.finish()
    }

    /// Whether a later test cannot come out as it must, if this one did.
    fn excludes(&self, later: &Self, flow: &Flow<'_>, body: &[Stmt]) -> bool {
        let is_excluded = match (&self.says, &later.says) {
            (Some((hole, answer)), Some((other, later))) => hole == other && answer.excludes(later),
            _ => {
                same(self.part, later.part) && self.is_true != later.is_true
                    || self.is_out_of_bounds(later)
                    || are_opposite(self.part, later.part) && self.is_true == later.is_true
            }
        };
        let (first, then) = (self.part.range, later.part.range);
        is_excluded
            && is_unwritten(flow, self.part, (first, then))
            && is_unwritten(flow, later.part, (first, then))
            && (is_variable(self.part) && is_variable(later.part) || follow(body, first, then))
    }
}

/// Whether no local variable that a test names may be written between the first test and the second one.
fn is_unwritten(flow: &Flow<'_>, test: &Expr, (first, then): (Range, Range)) -> bool {
    let mut is_unwritten = true;
    let mut look = |slot: Slot| {
        let writes = flow.writes(slot).iter();
        let mut values = writes.flat_map(|write| &write.values);
        is_unwritten &=
            !values.any(|value| value.range.start > first.start && flow.reaches(value.range, then));
    };
    visit::expressions(test, &mut |expr| {
        if let ExprKind::Name(_, Var::Local(slot)) = expr.kind {
            look(slot);
        }
    });
    is_unwritten
}

/// Whether a test asks for no more than a function's own variable, which nothing else changes.
fn is_variable(test: &Expr) -> bool {
    let mut is_variable = true;
    visit::expressions(test, &mut |expr| {
        is_variable &= match expr.kind {
            ExprKind::Name(_, var) => matches!(var, Var::Local(_)),
            ExprKind::Not(_) | ExprKind::Constant(_) | ExprKind::Compare { .. } => true,
            _ => false,
        };
    });
    is_variable
}

/// Whether one test is the other one turned round: `x in y` and `x not in y` (language reference, "Comparisons").
fn are_opposite(a: &Expr, b: &Expr) -> bool {
    let (
        ExprKind::Compare { left, rest },
        ExprKind::Compare {
            left: other_left,
            rest: other,
        },
    ) = (&a.kind, &b.kind)
    else {
        return false;
    };
    let ([(op, right)], [(other, other_right)]) = (rest.as_slice(), other.as_slice()) else {
        return false;
    };
    let turned = match op {
        Comparison::In => Comparison::NotIn,
        Comparison::NotIn => Comparison::In,
        Comparison::Is => Comparison::IsNot,
        Comparison::IsNot => Comparison::Is,
        Comparison::Eq => Comparison::NotEq,
        Comparison::NotEq => Comparison::Eq,
        _ => return false,
    };
    turned == *other && same(left, other_left) && same(right, other_right)
}

/// Whether one test follows the other with no statement in between that could change what they ask for. An arm of an `if` that has other arms further down
/// lies in the text between its test and theirs, and does not run before them.
fn follow(body: &[Stmt], first: Range, then: Range) -> bool {
    body.iter().all(|stmt| {
        let range = stmt.range;
        if range.end <= first.start || range.start >= then.start {
            return true;
        }
        if range.start >= first.end && range.end <= then.start {
            return false;
        }
        match &stmt.kind {
            StmtKind::If { branches, orelse } if then.end <= range.end => {
                let arm = branches
                    .iter()
                    .rposition(|branch| branch.test.range.start <= then.start);
                let in_else = orelse
                    .first()
                    .is_some_and(|stmt| stmt.range.start <= then.start);
                let block = match arm {
                    _ if in_else => orelse.as_slice(),
                    Some(arm) => branches[arm].body.as_slice(),
                    None => &[],
                };
                follow(block, first, then)
            }
            _ => visit::blocks(stmt)
                .into_iter()
                .all(|block| follow(block, first, then)),
        }
    })
}
