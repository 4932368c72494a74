//! What files that are not the candidate's break: the errors of the contract check that lead into them.

use crate::facts::FileId;
use crate::rules::finding::Related;
use crate::rules::{Finding, Matter, Severity, names, package};
use crate::source::Tree;

/// How many of the places are told one by one.
const TOLD: usize = 8;

/// Says beside each file that is not the candidate's what fails with it. `tree` is what was checked, `roots` are the folders of it that imports start from.
pub fn tell_what_breaks(findings: &mut [Finding], tree: &Tree, roots: &[String]) {
    for index in 0..findings.len() {
        let stale = &findings[index];
        let Some(file) = tree.find(&stale.path) else {
            continue;
        };
        if stale.rule != &package::STALE_FILE {
            continue;
        }
        let modules: Vec<String> = roots
            .iter()
            .filter_map(|root| module_at(&stale.path, root))
            .collect();
        let leads_there = |finding: &&Finding| {
            finding.severity == Severity::Error
                && (finding.rule.code.starts_with("CS1") || finding.rule.code.starts_with("CS2"))
                && (is_in(finding, file) || is_named(finding, &modules))
        };
        let mut broken: Vec<&Finding> = findings.iter().filter(leads_there).collect();
        broken.sort_by_key(|finding| (&finding.path, finding.place.map(|it| it.range.start)));
        let Some(first) = broken.first() else {
            continue;
        };
        let line = first.place.map_or(1, |place| {
            let text = &tree.file(place.file).text;
            text.position(place.range.start).line
        });
        let others = match broken.len() {
            1 => String::new(),
            2 => ", and one more place does".to_owned(),
            many => format!(", and {} more places do", many - 1),
        };
        let said = format!(
            "; with it {}:{line} fails: {}{others}",
            first.path, first.message
        );
        let related = broken.iter().take(TOLD).filter_map(|finding| {
            Some(Related {
                place: finding.place?,
                message: format!("this fails with it: {}", finding.message),
                aside: false,
            })
        });
        let related: Vec<Related> = related.collect();
        findings[index].message.push_str(&said);
        findings[index].related.extend(related);
    }
}

/// Whether something of that file refuses, or raises.
fn is_in(finding: &Finding, file: FileId) -> bool {
    let refuses = match &finding.matter {
        Matter::Broken(broken) => broken.callees.iter().any(|it| it.place.file == file),
        _ => false,
    };
    let last = finding.chain.last();
    refuses
        || finding.place.is_some_and(|place| place.file == file)
        || last.is_some_and(|frame| frame.place.file == file)
}

/// Whether the exception says that one of these modules lacks a name.
fn is_named(finding: &Finding, modules: &[String]) -> bool {
    let lacks = finding.rule == &names::MISSING_NAME || finding.rule == &names::MISSING_ATTRIBUTE;
    let text = finding.witness.as_deref().unwrap_or(&finding.message);
    lacks
        && modules.iter().any(|module| {
            text.contains(&format!("from '{module}'"))
                || text.contains(&format!("module '{module}' has no attribute"))
        })
}

/// What an import from a root calls the module at a path.
fn module_at(path: &str, root: &str) -> Option<String> {
    let below = match root {
        "" => path,
        root => path.strip_prefix(root)?.strip_prefix('/')?,
    };
    let stem = below.strip_suffix(".py")?;
    let stem = stem.strip_suffix("/__init__").unwrap_or(stem);
    Some(stem.replace('/', "."))
}
