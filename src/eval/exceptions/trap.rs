//! Where exceptions end: the `try` and `with` statements of a body as they were evaluated, each with what it catches.
//!
//! They are recorded by the range that they protect while a body is evaluated, and asked afterwards by the place where something fails. A statement that
//! is evaluated several times, in the passes of a loop, is one trap that catches what it certainly catches each time, and perhaps what it catches once.

use crate::syntax::ir::{Constant, Expr, ExprKind, Handler, Range, Stmt, StmtKind};
use crate::syntax::visit;

use crate::eval::Evaluator;
use crate::eval::domain::truth::Truth;
use crate::eval::domain::value::ContextId;
use crate::eval::exceptions::class::{Caught, ExceptionClass, IMPORT_ERROR, Meeting};
use crate::eval::exceptions::manager::Swallows;
use crate::eval::interpreter::frame::{Frame, TryExit};

/// What is known of the exceptions of a body.
#[derive(Debug, Default)]
pub struct Traps<'p> {
    /// Where they may end, outer places before those within.
    pub all: Vec<Trap<'p>>,
    /// Which of these are around the point that is being evaluated, outer ones first.
    pub around: Vec<usize>,
    /// Where the body yields.
    pub yields: Vec<Range>,
    /// The classes of what its `raise` statements raise, where that is a broken obligation.
    pub raises: Vec<(Range, ExceptionClass)>,
    /// The classes of what its `raise` statements raise, by the expression that gives it.
    pub raised: Vec<(Range, ExceptionClass)>,
}

impl<'p> Traps<'p> {
    /// Where an exception that rises at a place may end, in the order in which it comes by.
    pub fn around(&self, place: Range) -> impl Iterator<Item = &Trap<'p>> {
        let all = self.all.iter().rev();
        all.filter(move |trap| trap.around.contains(place))
    }

    /// What a clause of a trap catches.
    #[must_use]
    pub fn caught(&self, trap: usize, clause: usize) -> Option<Caught> {
        match &self.all.get(trap)?.kind {
            TrapKind::Clauses(clauses) => clauses.get(clause).map(|clause| clause.caught.clone()),
            _ => None,
        }
    }
}

/// A place where exceptions may end.
#[derive(Clone, Debug)]
pub struct Trap<'p> {
    /// What it protects.
    pub around: Range,
    /// What it is.
    pub kind: TrapKind<'p>,
}

/// What a trap is.
#[derive(Clone, Debug)]
pub enum TrapKind<'p> {
    /// The `except` clauses of a `try`, in order.
    Clauses(Vec<Clause<'p>>),
    /// A context manager: it may be one of these.
    Manager(Vec<Swallows>),
    /// A `finally` that leaves by `return`, `break` or `continue`, which drops the exception: always, or perhaps.
    Finally(Truth),
}

/// One `except` clause.
#[derive(Clone, Debug)]
pub struct Clause<'p> {
    /// The clause.
    pub handler: &'p Handler,
    /// The body of its `try`.
    pub protected: &'p [Stmt],
    /// What it catches.
    pub caught: Caught,
    /// How its body ends.
    pub ends: Ends,
}

/// How the body of a clause ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ends {
    /// Whether it was evaluated.
    pub is_entered: bool,
    /// Whether its end can be reached.
    pub falls: bool,
    /// Whether it can end by `return`.
    pub returns: bool,
    /// Whether it can end by `break` or `continue`.
    pub jumps: bool,
    /// Whether it always ends by raising, as it is written.
    pub raises: bool,
    /// If so: what, unless it is the same exception.
    pub raised: Raises,
}

/// What a clause raises.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Raises {
    /// What it caught.
    #[default]
    Same,
    /// An exception of this class.
    Other(ExceptionClass),
    /// It is not known what.
    Unknown,
}

impl Clause<'_> {
    /// What comes out of a clause that ends by raising, after `raised` went in; none: it is not known.
    #[must_use]
    pub fn raises(&self, raised: Option<ExceptionClass>) -> Option<ExceptionClass> {
        match self.ends.raised {
            Raises::Same => raised,
            Raises::Other(class) => Some(class),
            Raises::Unknown => None,
        }
    }

    /// Whether there is a `raise` in it at all.
    #[must_use]
    pub fn may_raise_again(&self) -> bool {
        let mut found = false;
        visit::statements(&self.handler.body, &mut |stmt| {
            found |= matches!(stmt.kind, StmtKind::Raise { .. });
        });
        found
    }
}

impl Ends {
    /// Whether the body always ends by an exception, or never ends.
    #[must_use]
    pub const fn is_raising(self) -> bool {
        self.raises || (self.is_entered && !self.falls && !self.returns && !self.jumps)
    }

    fn join(&mut self, other: Self) {
        self.is_entered |= other.is_entered;
        self.falls |= other.falls;
        self.returns |= other.returns;
        self.jumps |= other.jumps;
    }
}

impl<'p> Evaluator<'p> {
    /// A `try` with clauses begins. Gives its place among the traps.
    pub fn enter_clauses(
        &mut self,
        frame: &mut Frame<'p>,
        body: &'p [Stmt],
        handlers: &'p [Handler],
    ) -> usize {
        let clauses = handlers
            .iter()
            .map(|handler| {
                let caught = match &handler.exception {
                    Some(exception) => self.caught_by(frame, exception),
                    None => Caught::everything(),
                };
                let ends = Ends {
                    raises: raises_again(&handler.body),
                    raised: self.raised_by(frame, handler),
                    ..Ends::default()
                };
                Clause {
                    handler,
                    protected: body,
                    caught,
                    ends,
                }
            })
            .collect();
        self.enter_trap(frame, range_of(body), TrapKind::Clauses(clauses))
    }

    /// What a handler that ends by raising raises.
    fn raised_by(&mut self, frame: &mut Frame<'p>, handler: &'p Handler) -> Raises {
        let mut raised: Option<Raises> = None;
        let mut raises = Vec::new();
        last_raises(&handler.body, &mut raises);
        for exception in raises {
            let is_same = |exception: &Expr| handler.var.is_some_and(|var| gives(exception, var));
            let one = match exception {
                None => Raises::Same,
                Some(exception) if is_same(exception) => Raises::Same,
                Some(exception) => self
                    .raised_class(frame, exception)
                    .map_or(Raises::Unknown, Raises::Other),
            };
            raised = Some(match raised {
                Some(known) if known != one => Raises::Unknown,
                _ => one,
            });
        }
        raised.unwrap_or_default()
    }

    /// Something begins in which exceptions may end. Gives its place among the traps.
    pub fn enter_trap(
        &mut self,
        frame: &mut Frame<'p>,
        around: Range,
        kind: TrapKind<'p>,
    ) -> usize {
        let known = frame
            .traps
            .all
            .iter()
            .position(|trap| trap.around == around && trap.is_same(&kind));
        let index = match known {
            Some(known) => {
                frame.traps.all[known].join(kind);
                known
            }
            None => {
                frame.traps.all.push(Trap { around, kind });
                frame.traps.all.len() - 1
            }
        };
        frame.traps.around.push(index);
        index
    }

    /// What an exception of a class does that rises here, as far as this body's traps around this point say: in the order in which it meets them, each
    /// with whether it goes in.
    fn met_here<'f>(
        &'f self,
        frame: &'f Frame<'p>,
        raised: ExceptionClass,
    ) -> impl Iterator<Item = (&'f Trap<'p>, Meeting, Option<&'f Clause<'p>>)> {
        let around = frame.traps.around.iter().rev();
        around.map(move |&index| {
            let trap = &frame.traps.all[index];
            let (meeting, clause) = self.met(trap, Some(raised));
            (trap, meeting, clause)
        })
    }

    /// What an exception does when it comes to a trap, and into which clause it goes, if it certainly goes into one.
    pub fn met<'t>(
        &self,
        trap: &'t Trap<'p>,
        raised: Option<ExceptionClass>,
    ) -> (Meeting, Option<&'t Clause<'p>>) {
        match &trap.kind {
            TrapKind::Clauses(clauses) => {
                let mut unsure = false;
                for clause in clauses {
                    match self.meets(&clause.caught, raised) {
                        Meeting::Passes => {}
                        Meeting::Unknown => unsure = true,
                        _ if unsure => return (Meeting::Unknown, Some(clause)),
                        // Whatever it is, what stands before `assert False` is meant to raise it.
                        Meeting::Broad if refuses_success(clause.protected) => {
                            return (Meeting::Named, Some(clause));
                        }
                        meeting => return (meeting, Some(clause)),
                    }
                }
                let meeting = if unsure {
                    Meeting::Unknown
                } else {
                    Meeting::Passes
                };
                (meeting, None)
            }
            TrapKind::Manager(managers) => (self.swallowed_by(managers, raised), None),
            TrapKind::Finally(Truth::True) => (Meeting::Named, None),
            TrapKind::Finally(_) => (Meeting::Unknown, None),
        }
    }

    /// Whether an exception of a class that rises here ends in this body.
    pub fn is_caught_here(&self, frame: &Frame<'p>, raised: ExceptionClass) -> Truth {
        let mut caught = Truth::False;
        for (_, meeting, _) in self.met_here(frame, raised) {
            match meeting.truth() {
                Truth::True => return Truth::True,
                Truth::Unknown => caught = Truth::Unknown,
                Truth::False => {}
            }
        }
        caught
    }

    /// Whether the code around this point, in this body, expects an exception of a class: a clause that names it, a manager, a `finally` that drops it.
    pub fn is_expected_here(&self, frame: &Frame<'p>, raised: ExceptionClass) -> bool {
        let met = self.met_here(frame, raised);
        is_expected_by(met.map(|(_, meeting, clause)| (meeting, clause)))
    }

    /// The same of an exception that rises at a place of a body which was evaluated; none: it is not known what it is.
    pub fn is_expected_at(
        &self,
        context: ContextId,
        place: Range,
        raised: Option<ExceptionClass>,
    ) -> bool {
        let traps = self.contexts[context.0 as usize].traps.around(place);
        is_expected_by(traps.map(|trap| self.met(trap, raised)))
    }

    /// Whether a clause around this point, in this body, names an exception of a class, or what stands around it ends it: whatever the clause does
    /// then, it is expected.
    pub fn is_named_here(&self, frame: &Frame<'p>, raised: ExceptionClass) -> bool {
        self.met_here(frame, raised)
            .any(|(_, meeting, _)| meeting == Meeting::Named)
    }

    /// The clauses around this point, in this body, that an exception of a class may go into, inner ones first.
    pub fn clauses_here<'f>(
        &'f self,
        frame: &'f Frame<'p>,
        raised: ExceptionClass,
    ) -> impl Iterator<Item = &'f Clause<'p>> {
        self.met_here(frame, raised)
            .filter_map(|(_, meeting, clause)| clause.filter(|_| meeting != Meeting::Passes))
    }

    /// Whether a context manager around this point, in this body, ends exceptions of a class, or may.
    pub fn is_managed_here(&self, frame: &Frame<'p>, raised: ExceptionClass) -> bool {
        self.met_here(frame, raised).any(|(trap, meeting, _)| {
            matches!(trap.kind, TrapKind::Manager(_)) && meeting != Meeting::Passes
        })
    }

    /// Something here may raise: handlers may be entered from this state.
    pub fn may_raise(&mut self, frame: &mut Frame<'p>) {
        if let Some(innermost) = frame.tries.last_mut() {
            innermost.raises = true;
            frame.note_raise(&mut self.values);
        }
    }

    /// An import here may fail, or certainly does.
    pub fn import_may_fail(&mut self, frame: &mut Frame<'p>) {
        if frame.tries.is_empty() {
            return;
        }
        for exit in &mut frame.tries {
            exit.import_fails = true;
        }
        frame.note_raise(&mut self.values);
    }

    /// An exception of this class rises here.
    pub fn raises_here(&mut self, frame: &mut Frame<'p>, class: ExceptionClass) {
        if let Some(innermost) = frame.tries.last_mut() {
            innermost.classes.push(class);
            frame.note_raise(&mut self.values);
        }
    }

    /// Whether a clause may be entered: only if something in the body can raise what it names, and no clause before it takes all of that.
    pub fn is_clause_reached(&self, exit: &TryExit, caught: &Caught, earlier: &Caught) -> bool {
        // `except ():` names no class at all.
        if caught.is_empty() && !caught.is_open || self.is_shadowed(caught, earlier) {
            return false;
        }
        let raised = &exit.classes;
        let is_import_error =
            |&(class, _): &(ExceptionClass, bool)| self.covers(*IMPORT_ERROR, class) == Truth::True;
        let imports_only =
            !caught.is_empty() && !caught.is_open && caught.classes.iter().all(is_import_error);
        let is_met = |&class: &ExceptionClass| self.meets(caught, Some(class)) != Meeting::Passes;
        exit.import_fails || (exit.raises && !imports_only) || raised.iter().any(is_met)
    }
}

impl Evaluator<'_> {
    /// Whether clauses before one name all that it names: the first one that fits runs (the language reference, "The try statement").
    fn is_shadowed(&self, caught: &Caught, earlier: &Caught) -> bool {
        let is_taken = |&(class, _): &(ExceptionClass, bool)| {
            earlier.classes.iter().any(|&(known, sure)| {
                sure && (known == class || self.covers(known, class) == Truth::True)
            })
        };
        !caught.is_open && caught.classes.iter().all(is_taken)
    }
}

impl<'p> Trap<'p> {
    fn is_same(&self, kind: &TrapKind<'p>) -> bool {
        match (&self.kind, kind) {
            (TrapKind::Clauses(own), TrapKind::Clauses(other)) => own.len() == other.len(),
            (TrapKind::Manager(_), TrapKind::Manager(_))
            | (TrapKind::Finally(_), TrapKind::Finally(_)) => true,
            _ => false,
        }
    }

    /// The same statement is evaluated once more.
    fn join(&mut self, other: TrapKind<'p>) {
        match (&mut self.kind, other) {
            (TrapKind::Clauses(own), TrapKind::Clauses(other)) => {
                for (own, other) in own.iter_mut().zip(other) {
                    own.caught.join(&other.caught);
                    if own.ends.raised != other.ends.raised {
                        own.ends.raised = Raises::Unknown;
                    }
                }
            }
            (TrapKind::Manager(own), TrapKind::Manager(other)) => {
                for other in other {
                    if !own.contains(&other) {
                        own.push(other);
                    }
                }
            }
            _ => {}
        }
    }

    /// Notes how the body of a clause ended.
    pub fn clause_ended(&mut self, index: usize, ends: Ends) {
        if let TrapKind::Clauses(clauses) = &mut self.kind
            && let Some(clause) = clauses.get_mut(index)
        {
            clause.ends.join(ends);
        }
    }
}

/// Whether the body of a `try` fails where it comes to its end: `assert False`, `raise AssertionError`, `self.fail("no exception")`.
fn refuses_success(protected: &[Stmt]) -> bool {
    let name_of = |expr: &Expr| match &expr.kind {
        ExprKind::Name(name, _)
        | ExprKind::Attribute {
            attribute: name, ..
        } => Some(*name),
        _ => None,
    };
    let called = |expr: &Expr| match &expr.kind {
        ExprKind::Call(call) => name_of(&call.function),
        _ => None,
    };
    match protected.last().map(|stmt| &stmt.kind) {
        Some(StmtKind::Assert { test, .. }) => matches!(
            test.kind,
            ExprKind::Constant(Constant::Bool(false) | Constant::Int(0))
        ),
        Some(StmtKind::Raise {
            exception: Some(raised),
            ..
        }) => {
            let class = called(raised).or_else(|| name_of(raised));
            class.is_some_and(|class| class.as_str() == "AssertionError")
        }
        Some(StmtKind::Expr(expr)) => called(expr).is_some_and(|name| name.as_str() == "fail"),
        _ => false,
    }
}

/// Whether the first of some traps that ends an exception, in the order in which it meets them, expects it.
fn is_expected_by<'t, 'p: 't>(
    met: impl Iterator<Item = (Meeting, Option<&'t Clause<'p>>)>,
) -> bool {
    for (meeting, clause) in met {
        match (meeting, clause) {
            (Meeting::Passes, _) => {}
            // What comes out of a clause is another exception, or the same one on its way to the next trap.
            (Meeting::Broad | Meeting::Named, Some(clause)) if clause.ends.raises => {}
            (Meeting::Named, _) | (Meeting::Broad, None) => return true,
            (Meeting::Broad | Meeting::Unknown, _) => return false,
        }
    }
    false
}

/// From the first of some statements to the last.
#[must_use]
pub fn range_of(body: &[Stmt]) -> Range {
    match (body.first(), body.last()) {
        (Some(first), Some(last)) => Range::new(first.range.start, last.range.end),
        _ => Range::default(),
    }
}

/// Whether a `finally` leaves, so that an exception on its way through is dropped (the language reference, "The try statement").
#[must_use]
pub fn leaves_by_jump(finally: &[Stmt]) -> Truth {
    for stmt in finally {
        let truth = match &stmt.kind {
            StmtKind::Return(_) | StmtKind::Break | StmtKind::Continue => return Truth::True,
            StmtKind::Raise { .. } => return Truth::False,
            StmtKind::If { branches, orelse } => {
                let mut all = leaves_by_jump(orelse);
                for branch in branches {
                    all = all.merge(leaves_by_jump(&branch.body));
                }
                all
            }
            // A `break` in here is the loop's own.
            StmtKind::For { .. } | StmtKind::While { .. } => {
                let mut returns = false;
                visit::statements(std::slice::from_ref(stmt), &mut |stmt| {
                    returns |= matches!(stmt.kind, StmtKind::Return(_));
                });
                if returns {
                    Truth::Unknown
                } else {
                    Truth::False
                }
            }
            StmtKind::With { body, .. } => leaves_by_jump(body),
            _ => {
                let blocks = visit::blocks(stmt);
                let any = blocks
                    .iter()
                    .any(|block| leaves_by_jump(block) != Truth::False);
                if any { Truth::Unknown } else { Truth::False }
            }
        };
        match truth {
            Truth::True => return Truth::True,
            Truth::Unknown => return Truth::Unknown,
            Truth::False => {}
        }
    }
    Truth::False
}

/// Whether a handler's body always ends by raising.
#[must_use]
pub fn raises_again(body: &[Stmt]) -> bool {
    match body.last().map(|stmt| &stmt.kind) {
        Some(StmtKind::Raise { .. }) => true,
        Some(StmtKind::If { branches, orelse }) => {
            !orelse.is_empty()
                && raises_again(orelse)
                && branches.iter().all(|branch| raises_again(&branch.body))
        }
        Some(StmtKind::With { body, .. }) => raises_again(body),
        Some(StmtKind::Try {
            body,
            handlers,
            finally,
            ..
        }) => {
            leaves_by_jump(finally) == Truth::False
                && (raises_again(finally)
                    || raises_again(body)
                        && handlers.iter().all(|handler| raises_again(&handler.body)))
        }
        _ => false,
    }
}

/// The expressions of the `raise` statements that a body ends with; none: a bare one.
fn last_raises<'p>(body: &'p [Stmt], found: &mut Vec<Option<&'p Expr>>) {
    let Some(last) = body.last() else { return };
    if let StmtKind::Raise { exception, .. } = &last.kind {
        found.push(exception.as_ref());
    } else {
        for block in visit::blocks(last) {
            last_raises(block, found);
        }
    }
}

/// Whether `raise expr` raises what the clause's variable holds, or another exception of the same class: `e`, `e.with_traceback(tb)`, `type(e)(text)`.
fn gives(expr: &Expr, var: crate::syntax::ir::Var) -> bool {
    use crate::syntax::ir::ExprKind;
    match &expr.kind {
        ExprKind::Name(_, found) => *found == var,
        ExprKind::Attribute {
            value, attribute, ..
        } => matches!(attribute.as_str(), "__class__" | "with_traceback") && gives(value, var),
        ExprKind::Call(call) => match &call.function.kind {
            ExprKind::Name(name, _) if name.as_str() == "type" => {
                matches!(call.arguments.as_slice(), [only] if gives(&only.value, var))
            }
            ExprKind::Name(..) => false,
            _ => gives(&call.function, var),
        },
        _ => false,
    }
}
