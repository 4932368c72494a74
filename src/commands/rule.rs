//! `coship rule`: the list of the rules, or one rule's page.

use crate::cli::{Global, Rule, RuleFormat};
use crate::commands::output::Output;
use crate::commands::{Error, Exit};
use crate::report::rules;
use crate::rules::{all, find};

/// Prints the list or the page.
pub(super) fn run(arguments: &Rule, global: &Global) -> Result<Exit, Error> {
    let rule = arguments.rule.as_deref().map(find).transpose()?;
    let output = Output::new(None)?;
    let look = output.look(global.color);
    output.write(|out| match (rule, arguments.output_format) {
        (Some(rule), RuleFormat::Full) => rules::page(rule, look, out),
        (Some(rule), RuleFormat::Json) => rules::json(std::iter::once(rule), out),
        (None, RuleFormat::Full) => rules::list(all(), look, out),
        (None, RuleFormat::Json) => rules::json(all(), out),
    })?;
    Ok(Exit::Clean)
}
