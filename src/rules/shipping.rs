//! CS4: which changed files must not be apart.

use std::sync::Arc;

use crate::facts::{Confidence, Place};
use crate::rules::baseline::Basis;
use crate::rules::fingerprint::{Fnv, fingerprint};
use crate::rules::{Finding, Matter, Related, Rule, Selection, Status};
use crate::source::Tree;
use crate::syntax::ir::Range;

super::rule::declare_rules! {
    /// ## What it finds
    ///
    /// Changed files of which none may be new while another is old: whatever ships first breaks what has not shipped.
    ///
    /// ## Why it matters
    ///
    /// Whoever uploads one of them alone has an outage until the others follow. A deploy that is cut off in the middle has one too.
    ///
    /// ## Example
    ///
    /// The gateway begins to send `timeout`, and the router begins to demand it:
    ///
    /// ```text
    /// gateway_core.py     router(operation, **kwargs)  ->  router(operation, timeout=timeout, **kwargs)
    /// interface_cache.py  def execute(operation)       ->  def execute(operation, timeout)
    /// ```
    ///
    /// The new gateway fails with the old router, and the old gateway with the new router.
    ///
    /// ## How to ship it
    ///
    /// All of the files in one upload. Or in two steps: let the router take `timeout=30` first, ship that, then let the gateway send it.
    SHIP_TOGETHER = "CS401", "ship-together", Warning, "Changed files that must ship at once";

    /// ## What it finds
    ///
    /// A changed file that must not be new while another is old.
    ///
    /// ## Why it matters
    ///
    /// Files are often uploaded one at a time. In the wrong order, every upload but the last leaves a broken program behind.
    ///
    /// ## Example
    ///
    /// ```text
    /// gateway_core.py     router(operation, **kwargs)        ->  router(operation, timeout=timeout, **kwargs)
    /// interface_cache.py  def execute(operation, **kwargs)   ->  def execute(operation, timeout=30, **kwargs)
    /// ```
    ///
    /// The new router works with both gateways; the new gateway only with the new router.
    ///
    /// ## How to ship it
    ///
    /// In the order that `coship plan` gives, or all at once.
    SHIP_FIRST = "CS402", "ship-first", Warning, "A changed file that must ship before another";

    /// ## What it finds
    ///
    /// With `--only`: a file that is to ship while another, which it needs or which needs it, stays as deployed.
    ///
    /// ## Why it matters
    ///
    /// Each version is sound by itself; what runs in between is neither of them.
    ///
    /// ## Example
    ///
    /// ```text
    /// $ coship check --only gateway_core.py
    /// gateway_core.py:1:1: error: gateway_core.py cannot ship without interface_cache.py [partial-state]
    /// ```
    ///
    /// ## How to ship it
    ///
    /// With the files that it names, or after them. `coship plan` gives the order.
    PARTIAL_STATE = "CS403", "partial-state", Error, "A file would ship without what it needs";
}

/// Files that would ship, and what they would miss.
pub struct Partial<'a> {
    /// What is new; not empty.
    pub new: Vec<Arc<str>>,
    /// What is old and must not be, as far as the findings show.
    pub old: Vec<Arc<str>>,
    /// What these need in turn.
    pub further: &'a [Arc<str>],
    /// The findings that show it, in the report's order.
    pub findings: Vec<&'a Finding>,
}

/// The finding for files that cannot ship without others; none if the rule is off.
#[must_use]
pub fn partial_state(partial: &Partial, tree: &Tree, selection: &Selection) -> Option<Finding> {
    let first = partial.new.first()?;
    let mut message = format!(
        "{} cannot ship without {}",
        listed(&partial.new),
        listed(&partial.old)
    );
    if !partial.further.is_empty() {
        message.push_str(", and these need ");
        message.push_str(&listed(partial.further));
    }
    let help =
        "ship them together, or the missing ones first: `coship plan` gives the order".to_owned();
    let mut finding = about(&PARTIAL_STATE, first, message, help, tree, selection)?;
    finding.witness = partial
        .findings
        .iter()
        .find_map(|finding| finding.witness.clone());
    let related = partial.findings.iter().filter_map(|cause| {
        Some(Related {
            place: cause.place?,
            message: cause.message.clone(),
            aside: true,
        })
    });
    finding.related = related.collect();
    Some(finding)
}

/// Why files are to ship in a certain way: what fails otherwise.
pub struct Ground<'a> {
    /// The files that must not be new.
    pub new: Vec<Arc<str>>,
    /// While these are old.
    pub old: Vec<Arc<str>>,
    /// What fails.
    pub finding: &'a Finding,
}

/// The finding for files of one step; none if the rule is off.
#[must_use]
pub fn ship_together(
    files: &[Arc<str>],
    grounds: &[Ground],
    candidate: &Tree,
    selection: &Selection,
) -> Option<Finding> {
    let message = format!("{} must ship together", listed(files));
    because(
        &SHIP_TOGETHER,
        files.first()?,
        message,
        grounds,
        candidate,
        selection,
    )
}

/// The finding for files that others have to wait for; none if the rule is off. The grounds are those of the same new files.
#[must_use]
pub fn ship_first(grounds: &[Ground], candidate: &Tree, selection: &Selection) -> Option<Finding> {
    let first = grounds.first()?;
    let mut old: Vec<Arc<str>> = grounds
        .iter()
        .flat_map(|ground| &ground.old)
        .cloned()
        .collect();
    old.sort_unstable();
    old.dedup();
    let message = format!("{} must ship before {}", listed(&old), listed(&first.new));
    because(
        &SHIP_FIRST,
        first.new.first()?,
        message,
        grounds,
        candidate,
        selection,
    )
}

fn because(
    rule: &'static Rule,
    path: &Arc<str>,
    message: String,
    grounds: &[Ground],
    candidate: &Tree,
    selection: &Selection,
) -> Option<Finding> {
    let ground = grounds.first()?;
    let help = format!(
        "with {} new and {} old: {}",
        listed(&ground.new),
        listed(&ground.old),
        ground.finding.message
    );
    let mut finding = about(rule, path, message, help, candidate, selection)?;
    finding.witness.clone_from(&ground.finding.witness);
    Some(finding)
}

/// Says in the help of a finding which files would have to ship.
pub fn name_missing(finding: &mut Finding, missing: &[Arc<str>]) {
    let cure = match missing {
        [file] => format!("{file} does not ship, and has the other half of the change"),
        files => format!(
            "{} do not ship, and have the other half of the change",
            listed(files)
        ),
    };
    finding.help = Some(cure);
}

/// Whether the rule is one of these: about the way to the candidate, and not about its code.
#[must_use]
pub fn is_of(rule: &Rule) -> bool {
    RULES.contains(&rule)
}

/// A finding about a changed file as such; none if the rule is off.
fn about(
    rule: &'static Rule,
    path: &Arc<str>,
    message: String,
    help: String,
    tree: &Tree,
    selection: &Selection,
) -> Option<Finding> {
    let severity = selection.severity(rule)?;
    let atom = Fnv::new()
        .field(rule.name)
        .field(path)
        .field(&message)
        .finish();
    let place = tree.find(path).map(|file| Place {
        file,
        range: Range::new(0, 0),
    });
    Some(Finding {
        rule,
        severity,
        confidence: Confidence::Must,
        certainty: crate::facts::Certainty::Site,
        status: Status::New,
        message,
        path: Arc::clone(path),
        place,
        routes: Vec::new(),
        callee: None,
        witness: None,
        chain: Vec::new(),
        related: Vec::new(),
        help: Some(help),
        fingerprint: fingerprint(&[atom], 0),
        atoms: vec![atom],
        basis: Basis::default(),
        matter: Matter::Other,
        upgrades: Vec::new(),
    })
}

/// `a`, `a and b`, `a, b and c`.
fn listed(paths: &[Arc<str>]) -> String {
    match paths {
        [] => String::new(),
        [path] => path.to_string(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}
