//! Which layer calls which: a drawing of all, and below it each layer with its files, folded.

use std::io::{self, Write};

use super::groups::Grouped;
use super::picture::{self, FILES};
use super::text::{and_more, text};
use super::{Page, left_out, open};
use crate::report::summary;

/// How many files in all say whom they call.
const LISTED: usize = 1_500;
/// How many files a file's list names.
const NAMED: usize = 60;

/// Writes the part.
pub(super) fn write(page: &Page, out: &mut dyn Write) -> io::Result<()> {
    open("layers", out)?;
    let grouped = Grouped::new(page.layers);
    if grouped.files.is_empty() {
        return writeln!(out, "<p>There is nothing to draw.</p></section>");
    }
    writeln!(
        out,
        "<p>Who calls whom, from one file to another. A number is how many pairs of functions call each other, and a line is the stronger the more there are. \
         Solid lines go down, <span class=\"dashed\">broken ones back up</span>. Choose a box to unfold its files.</p>\n<div class=\"layers\"><div>"
    )?;
    picture::overview(&grouped, out)?;
    table(&grouped, out)?;
    writeln!(out, "</div>\n<div>")?;
    let mut listed = 0;
    for (index, group) in grouped.groups.iter().enumerate() {
        writeln!(
            out,
            "<details class=\"group\"><summary>{}: {}</summary><div id=\"group-{index}\">",
            text(&group.name),
            summary::count(group.files.len(), "file")
        )?;
        writeln!(
            out,
            "<p class=\"note\">On the left who calls these files, on the right whom they call; calls within this part are in the lists below.</p>"
        )?;
        picture::files(&grouped, index, out)?;
        let json = "coship graph --layers";
        left_out(
            group.files.len().saturating_sub(FILES),
            "file with fewer calls",
            json,
            out,
        )?;
        let rest = LISTED.saturating_sub(listed);
        lists(&grouped, &group.files[..group.files.len().min(rest)], out)?;
        left_out(
            group.files.len().saturating_sub(rest),
            "list of a file",
            json,
            out,
        )?;
        listed += group.files.len();
        writeln!(out, "</div></details>")?;
    }
    writeln!(out, "</div></div></section>")
}

/// The drawing in words.
fn table(grouped: &Grouped, out: &mut dyn Write) -> io::Result<()> {
    if grouped.between.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<details><summary>The same as a table</summary><div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Which part calls which\"><table>\
         <thead><tr><th scope=\"col\">From</th><th scope=\"col\">To</th><th scope=\"col\" class=\"right\">Calls</th></tr></thead><tbody>"
    )?;
    for (&(from, to), calls) in &grouped.between {
        writeln!(
            out,
            "<tr><td>{}</td><td>{}</td><td class=\"right\">{calls}</td></tr>",
            text(&grouped.groups[from].name),
            text(&grouped.groups[to].name)
        )?;
    }
    writeln!(out, "</tbody></table></div></details>")
}

/// What each file calls, and who calls it.
fn lists(grouped: &Grouped, files: &[usize], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<ul class=\"files-of\">")?;
    for &file in files {
        let calls = grouped.calls.iter();
        let pairs = |is_caller: bool| -> Vec<(usize, usize)> {
            let pairs = calls.clone().filter_map(|(&(from, to), &number)| {
                let (this, other) = if is_caller { (from, to) } else { (to, from) };
                (this == file).then_some((other, number))
            });
            pairs.collect()
        };
        let (calls, called) = (pairs(true), pairs(false));
        writeln!(
            out,
            "<li><details><summary><code>{}</code> calls {}, called by {}</summary><div id=\"file-{file}\">",
            text(grouped.files[file]),
            summary::count(calls.len(), "file"),
            calls_of(called.len())
        )?;
        if calls.is_empty() && called.is_empty() {
            writeln!(out, "<p>No calls to or from other files.</p>")?;
        }
        named("Calls", grouped, &calls, out)?;
        named("Called by", grouped, &called, out)?;
        writeln!(out, "</div></details></li>")?;
    }
    writeln!(out, "</ul>")
}

fn calls_of(files: usize) -> String {
    if files == 0 {
        return "none".to_owned();
    }
    summary::count(files, "file")
}

fn named(
    title: &str,
    grouped: &Grouped,
    others: &[(usize, usize)],
    out: &mut dyn Write,
) -> io::Result<()> {
    if others.is_empty() {
        return Ok(());
    }
    let names = others
        .iter()
        .take(NAMED)
        .map(|&(file, number)| format!("<code>{}</code> ({number})", text(grouped.files[file])));
    let names: Vec<String> = names.collect();
    let more = and_more(others.len() - names.len());
    writeln!(
        out,
        "<p><strong>{title}</strong> {}{more}</p>",
        names.join(", ")
    )
}
