//! Whether a failure is certain along the calls that lead to it.
//!
//! [`needed`] says what makes an operation fail. [`control`] reads which tests lead around a place, [`flow`] and [`looks`] what these look at ([`own`]: what is
//! the code's own making and not the world's, [`kinds`]: what the type of a value rests on, [`parts`]: what is needed of an object beside its type; [`passing`]: what calls pass on; [`captured`]: what a function around it was given; [`callers`]: who calls the first function), [`chain`] carries both up the calls that lead to a failure and says what makes it a *may* ([`open`]: the tests around one place that were undecided; [`answers`]: tests that
//! contradict each other, on the way to one place [`contradiction`], or what was done before [`shown`]; what another way gives the same to [`taken`]). [`guard`] and [`decide`] judge while a body is evaluated, [`features`], [`presence`], [`registered`], [`reached`] and
//! [`validated`] what excuses a failure altogether; [`written_out`] says which of those that only may be are worth a look.

pub mod answers;
pub mod callers;
pub mod captured;
pub mod chain;
mod choices;
pub mod contradiction;
pub mod control;
pub mod decide;
pub mod features;
pub mod flow;
pub mod guard;
pub mod kinds;
pub mod looks;
pub mod needed;
pub mod open;
pub mod own;
pub mod parts;
pub mod passing;
mod presence;
pub mod reached;
pub mod registered;
mod shown;
mod taken;
mod unasked;
pub mod validated;
mod written_out;
