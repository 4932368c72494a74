//! Where a value stands that a test may say something of: a variable, `self.x`, `config['mode']`.
//!
//! Variables of the body are changed in its state. What a test says of other places is a fact beside it, which holds until anything might change it: a call
//! of code that is not known to only look, an assignment to such an attribute or item, the end of the branch.

use std::rc::Rc;

use crate::name::Name;
use crate::syntax::ir::{Constant, Expr, ExprKind, Slot, Var};

use crate::eval::Evaluator;
use crate::eval::domain::state::{Fact, Path, Root, State, Step, no_facts};
use crate::eval::domain::value::{Data, Kind, Value};
use crate::eval::interpreter::frame::{Frame, Owner};
use crate::eval::interpreter::refinement::is_assigned_inside;
use crate::eval::objects::mro::InMro;

/// How many steps a place is away from its variable.
const STEPS: usize = 3;

/// How many facts are kept at once.
const FACTS: usize = 16;

/// A place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A variable of the body that nothing else changes.
    Slot(Slot),
    /// Anything else.
    Path(Path),
}

impl<'p> Evaluator<'p> {
    /// The place that an expression names, if nothing but an assignment or a call can change what stands there.
    pub fn place_of(&mut self, frame: &mut Frame<'p>, expr: &'p Expr) -> Option<Place> {
        if let ExprKind::Walrus { var, .. } = &expr.kind {
            return match var {
                Var::Local(slot) if !is_assigned_inside(frame, *slot) => Some(Place::Slot(*slot)),
                _ => None,
            };
        }
        let path = path_of(expr)?;
        match path {
            Path {
                root: Root::Slot(slot),
                ref steps,
            } if steps.is_empty() && !is_assigned_inside(frame, slot) => Some(Place::Slot(slot)),
            _ if frame.function().is_none() => None,
            path => self.is_plain(frame, expr).then_some(Place::Path(path)),
        }
    }

    /// Whether what an expression reads is no property or the like, which may give something else each time.
    fn is_plain(&mut self, frame: &mut Frame<'p>, expr: &'p Expr) -> bool {
        let ExprKind::Attribute {
            value, attribute, ..
        } = &expr.kind
        else {
            return true;
        };
        let base = self.peek(frame, value);
        match *self.data(base) {
            Data::Instance { class, .. } => match self.in_mro(class, *attribute) {
                InMro::Found(value, _) => matches!(
                    self.data(value),
                    Data::Function(_) | Data::None | Data::Bool(_) | Data::Int(_) | Data::Str(_)
                ),
                InMro::Missing => true,
                InMro::Unknown => false,
            },
            Data::Module(_) => true,
            _ => false,
        }
    }

    /// What stands at a place.
    pub fn value_at(&mut self, frame: &mut Frame<'p>, expr: &'p Expr, place: &Place) -> Value {
        match place {
            Place::Slot(slot) => self.settled(frame.state.slots[slot.0 as usize]),
            Place::Path(path) => match frame.state.fact(path) {
                Some(value) => value,
                None => self.peek(frame, expr),
            },
        }
    }

    /// Another value is known to stand at a place.
    pub fn set_refined(&mut self, frame: &mut Frame<'p>, place: Place, value: Value) {
        match place {
            Place::Slot(slot) => frame.state.set_slot(slot, value),
            Place::Path(path) => {
                let facts = Rc::make_mut(&mut frame.state.facts);
                facts.retain(|fact| fact.path != path);
                if facts.len() < FACTS {
                    facts.push(Fact { path, value });
                }
            }
        }
    }

    /// What tests said of what an expression reads; `read` if they said nothing.
    #[inline]
    pub fn with_facts(&self, frame: &Frame<'p>, expr: &Expr, read: Value) -> Value {
        if frame.state.facts.is_empty() || !matches!(frame.owner, Owner::Function(_)) {
            return read;
        }
        let mut facts = frame.state.facts.iter();
        let fact = facts.find(|fact| is_path_of(&fact.path, expr));
        fact.map_or(read, |fact| fact.value)
    }

    /// Whether a function leaves everything as it is.
    pub fn only_looks(&self, function: Value) -> bool {
        match self.data(function) {
            Data::External(name) => crate::eval::library::table::only_looks(*name),
            Data::Method { receiver, .. } => {
                let kind = self.values.plain_kind(*receiver);
                kind.is_some_and(|kind| matches!(kind, Kind::Str | Kind::Bytes | Kind::Tuple))
            }
            _ => false,
        }
    }

    /// Code runs that may change anything but the variables of this body.
    pub fn forget_facts(&mut self, frame: &mut Frame<'p>) {
        if !frame.state.facts.is_empty() {
            frame.state.facts = no_facts();
        }
    }
}

impl State {
    /// What a test said of a place.
    fn fact(&self, path: &Path) -> Option<Value> {
        let mut facts = self.facts.iter();
        facts.find(|fact| fact.path == *path).map(|fact| fact.value)
    }

    /// A variable is assigned.
    pub fn forget_root(&mut self, root: Root) {
        self.forget(|fact| fact.path.root == root);
    }

    /// An attribute is assigned, of an object that may go by other names as well.
    pub fn forget_attribute(&mut self, name: Name) {
        self.forget(|fact| fact.path.steps.contains(&Step::Attribute(name)));
    }

    /// An item of some container is assigned.
    pub fn forget_items(&mut self) {
        let is_item = |step: &Step| matches!(step, Step::Item(_) | Step::Index(_));
        self.forget(|fact| fact.path.steps.iter().any(is_item));
    }
}

/// Whether an expression writes out a path: what [`path_of`] gives is this one.
fn is_path_of(path: &Path, expr: &Expr) -> bool {
    let mut steps = path.steps.iter().rev();
    let mut at = expr;
    loop {
        let step = match &at.kind {
            ExprKind::Name(name, var) => {
                return steps.next().is_none() && root_of(*name, *var) == Some(path.root);
            }
            ExprKind::Attribute {
                value, attribute, ..
            } => {
                at = value;
                Step::Attribute(*attribute)
            }
            ExprKind::Subscript { value, index } => {
                at = value;
                match index.kind {
                    ExprKind::Constant(Constant::Str(key)) => Step::Item(key),
                    ExprKind::Constant(Constant::Int(index)) => Step::Index(index),
                    _ => return false,
                }
            }
            _ => return false,
        };
        if steps.next() != Some(&step) {
            return false;
        }
    }
}

/// What a path begins with that begins with this variable.
fn root_of(name: Name, var: Var) -> Option<Root> {
    match var {
        Var::Local(slot) => Some(Root::Slot(slot)),
        Var::Global(_) => Some(Root::Global(name)),
        Var::Free { up, slot } => Some(Root::Free(up, slot)),
        Var::Hidden { .. } => None,
    }
}

/// The path that an expression writes out.
fn path_of(expr: &Expr) -> Option<Path> {
    let mut steps = Vec::new();
    let mut at = expr;
    loop {
        match &at.kind {
            ExprKind::Name(name, var) => {
                let root = root_of(*name, *var)?;
                steps.reverse();
                return Some(Path { root, steps });
            }
            ExprKind::Attribute {
                value, attribute, ..
            } => {
                steps.push(Step::Attribute(*attribute));
                at = value;
            }
            ExprKind::Subscript { value, index } => {
                steps.push(match index.kind {
                    ExprKind::Constant(Constant::Str(key)) => Step::Item(key),
                    ExprKind::Constant(Constant::Int(index)) => Step::Index(index),
                    _ => return None,
                });
                at = value;
            }
            _ => return None,
        }
        if steps.len() > STEPS {
            return None;
        }
    }
}
