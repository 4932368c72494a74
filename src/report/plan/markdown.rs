//! The deployment checklist: what coship proved is ticked, what only a person can tell is not.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::Arc;

use super::undecided::{advice, site};
use super::{Direction, Part, Plan, Verdict};
use crate::report::escape::plain;
use crate::report::summary::{self, count};
use crate::skew::Change;
use crate::source::Tree;

/// How many reasons a step shows before the rest is counted.
const REASONS: usize = 3;
/// A file that is smaller by this factor than the deployed one may have been cut off.
const SHRUNK: usize = 2;
/// Below this many bytes a file is too small for its size to say anything.
const SMALL: usize = 2_000;

/// Writes the checklist.
///
/// # Errors
///
/// What writing to `out` returns.
pub fn markdown(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let title = match plan.direction {
        Direction::Forward => "Deployment checklist",
        Direction::Back => "Rollback checklist",
    };
    writeln!(out, "# {title}\n")?;
    writeln!(out, "| | |\n|---|---|")?;
    let part = plan.part.as_ref().map(Part::words).unwrap_or_default();
    let candidate = summary::name(plan.candidate) + &part;
    writeln!(out, "| To ship | {} |", cell(&candidate))?;
    writeln!(
        out,
        "| Deployed now | {} |",
        cell(&summary::name(plan.against))
    )?;
    writeln!(
        out,
        "| Verdict | **{}**: {} |\n",
        plan.verdict.as_str(),
        cell(&plan.sentence())
    )?;
    before(plan, out)?;
    if plan.verdict == Verdict::NothingToShip {
        return Ok(());
    }
    upload(plan, out)?;
    after(plan, out)?;
    way_back(plan, out)?;
    if plan.direction == Direction::Forward {
        tag(plan, out)?;
    }
    Ok(())
}

fn before(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## Before\n")?;
    let files = &plan.changes.files;
    writeln!(
        out,
        "- [x] Affected files are complete: {}",
        count(files.len(), "changed file")
    )?;
    for file in files {
        writeln!(out, "  - {} {}", code(&file.path), file.change.as_str())?;
        let contract = plan.contract.iter().find(|(path, _)| *path == file.path);
        for line in contract.iter().flat_map(|(_, lines)| lines) {
            writeln!(out, "    - {}", text(line))?;
        }
    }
    let syntax = |rule: &str| matches!(rule, "syntax-error" | "unreadable-file");
    let unparsed = plan
        .errors
        .iter()
        .filter(|finding| syntax(finding.rule.name))
        .count();
    let total = plan.candidate.files.len();
    writeln!(
        out,
        "- [{}] No file is truncated: {} of {} have no new syntax error",
        tick(unparsed == 0),
        total - unparsed.min(total),
        count(total, "Python file"),
    )?;
    for (path, old, new) in shrunk(plan) {
        writeln!(
            out,
            "- [ ] {} is whole: it has {new} bytes and had {old}",
            code(&path)
        )?;
    }
    let clean = plan.verdict != Verdict::Broken;
    writeln!(
        out,
        "- [{}] The contract is clean: {}",
        tick(clean),
        if clean {
            "no error that the deployed version does not have".to_owned()
        } else {
            count(plan.errors.len(), "new error")
        }
    )?;
    for finding in &plan.errors {
        let line = finding.span(plan.candidate).start.line;
        let place = code(&format!("{}:{line}", finding.path));
        writeln!(
            out,
            "  - {place} {} [{}]",
            text(&finding.message),
            finding.rule.name
        )?;
    }
    if plan.verdict == Verdict::NothingToShip {
        return Ok(());
    }
    let steps = if plan.steps.len() > 1 {
        "every state between the steps is safe"
    } else {
        "there is no state in between"
    };
    writeln!(out, "- [x] The steps are safe: {steps}")?;
    for undecided in &plan.undecided {
        let (site, advice) = (site(plan, undecided), advice(undecided));
        writeln!(
            out,
            "- [ ] Not followed: {}; {}",
            text(&site),
            text(&advice)
        )?;
    }
    writeln!(
        out,
        "- [ ] {} is still what runs",
        sentence_name(plan.against)
    )?;
    writeln!(out, "- [ ] The tests pass")?;
    writeln!(
        out,
        "- [ ] The package holds exactly this: `coship verify PACKAGE TREE`\n"
    )
}

fn upload(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    if plan.steps.len() == 1 {
        writeln!(out, "## Upload, all at once\n")?;
    } else if plan.verdict == Verdict::AnyOrder {
        writeln!(out, "## Upload, in this or any other order\n")?;
    } else {
        writeln!(out, "## Upload, in this order\n")?;
    }
    for (index, files) in plan.steps.iter().enumerate() {
        let names: Vec<String> = files
            .iter()
            .map(|path| format!("{}{}", code(path), action(plan, path)))
            .collect();
        let at_once = if files.len() > 1 { ", at once" } else { "" };
        writeln!(out, "- [ ] {}. {}{at_once}", index + 1, names.join(", "))?;
        let reasons: Vec<_> = plan.reasons_of(index).collect();
        for reason in reasons.iter().take(REASONS) {
            let what = text(&reason.finding.message);
            let (new, old) = (codes(&reason.new), codes(&reason.old));
            if reason.first == reason.last {
                writeln!(out, "  - {new} without {old}: {what}")?;
            } else {
                writeln!(out, "  - after {old}: {what}")?;
            }
        }
        if reasons.len() > REASONS {
            writeln!(
                out,
                "  - and {}",
                count(reasons.len() - REASONS, "more reason")
            )?;
        }
    }
    writeln!(out)
}

fn after(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## After\n")?;
    if plan.steps.len() > 1 {
        writeln!(
            out,
            "- [ ] One request of every kind answered after each step"
        )?;
    } else {
        writeln!(out, "- [ ] One request of every kind answered")?;
    }
    writeln!(
        out,
        "- [ ] Logs watched: no `TypeError`, `ImportError`, `KeyError`, `AttributeError`"
    )?;
    if let (Some(tag), Direction::Forward) = (&plan.tag, &plan.direction) {
        writeln!(out, "- [ ] Tag {} pushed", code(&tag.name))?;
    }
    writeln!(out)
}

fn way_back(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    if plan.direction == Direction::Back {
        return Ok(());
    }
    writeln!(out, "## If it has to go back\n")?;
    let steps = plan.steps.iter().enumerate().rev();
    for (index, files) in steps {
        let names = codes(files);
        writeln!(
            out,
            "- [ ] step {} undone: {names} as in {}",
            index + 1,
            sentence_name(plan.against)
        )?;
    }
    writeln!(out)
}

/// The tag with its message, ready to paste.
fn tag(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let message = message(plan);
    match &plan.tag {
        Some(tag) => {
            writeln!(
                out,
                "## Tag\n\n{} (after {}), with this message:\n",
                code(&tag.name),
                code(&tag.after)
            )?;
        }
        None => writeln!(out, "## Commit\n")?,
    }
    writeln!(out, "```text\n{message}```")
}

/// What is said of the deploy in the history: the changed contracts, per file.
fn message(plan: &Plan) -> String {
    let mut lines = String::new();
    let title = plan.tag.as_ref().map_or("Deploy", |tag| tag.name.as_str());
    // Writing to a String does not fail.
    let _ = writeln!(lines, "{}: {}\n", plain(title), unfenced(&plan.sentence()));
    for file in &plan.changes.files {
        let change = match file.change {
            Change::Modified => "",
            Change::Added => " (added)",
            Change::Removed => " (removed)",
        };
        let _ = writeln!(lines, "* {}{change}", unfenced(&file.path));
        let contract = plan.contract.iter().find(|(path, _)| *path == file.path);
        for line in contract.iter().flat_map(|(_, lines)| lines) {
            let _ = writeln!(lines, "  - {}", unfenced(line));
        }
    }
    lines
}

/// Files that are much smaller than they were.
fn shrunk(plan: &Plan) -> Vec<(Arc<str>, usize, usize)> {
    let size = |tree: &Tree, path: &str| {
        tree.find(path)
            .map(|file| tree.file(file).text.content().len())
    };
    let files = plan.changes.files.iter().filter_map(|file| {
        let old = size(plan.against, &file.path)?;
        let new = size(plan.candidate, &file.path)?;
        (old > SMALL && new * SHRUNK < old).then(|| (Arc::clone(&file.path), old, new))
    });
    files.collect()
}

fn action(plan: &Plan, path: &str) -> &'static str {
    match plan.mark(path) {
        " (removed)" => " (delete)",
        mark => mark,
    }
}

const fn tick(done: bool) -> char {
    if done { 'x' } else { ' ' }
}

fn codes(files: &[Arc<str>]) -> String {
    files
        .iter()
        .map(|path| code(path))
        .collect::<Vec<_>>()
        .join(", ")
}

/// A tree's name within a sentence.
fn sentence_name(tree: &Tree) -> String {
    let name = tree.short_commit().map_or_else(
        || code(&tree.name),
        |commit| format!("{} ({})", code(&tree.name), plain(commit)),
    );
    format!(
        "{} {name}",
        match tree.kind {
            crate::source::Kind::WorkTree => "work tree",
            kind => kind.as_str(),
        }
    )
}

/// Text as code: nothing in it is markup. A fence of more backticks than the text has in a row holds it.
fn code(text: &str) -> String {
    let text = plain(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    if longest == 0 {
        return format!("`{text}`");
    }
    let fence = "`".repeat(longest + 1);
    format!("{fence} {text} {fence}")
}

/// Text in a sentence: what Markdown or HTML would act upon is escaped.
fn text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in plain(text).chars() {
        if matches!(
            c,
            '\\' | '`'
                | '*'
                | '_'
                | '{'
                | '}'
                | '['
                | ']'
                | '<'
                | '>'
                | '#'
                | '|'
                | '!'
                | '~'
                | '&'
                | '@'
        ) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// Text in a table.
fn cell(name: &str) -> String {
    text(name)
}

/// Text in a fenced block, which it cannot close.
fn unfenced(text: &str) -> String {
    plain(text).replace("```", "'''")
}

#[cfg(test)]
mod tests {
    use super::{code, text, unfenced};

    #[test]
    fn names_are_no_markup() {
        assert_eq!(code("a.py"), "`a.py`");
        assert_eq!(code("a`b``c"), "``` a`b``c ```");
        assert_eq!(text("<b>*x*</b>"), "\\<b\\>\\*x\\*\\</b\\>");
        assert_eq!(unfenced("```\nx"), "'''\\nx");
    }
}
