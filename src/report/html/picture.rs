//! The drawings, as SVG: all groups with the calls between them, and one group with its files.
//!
//! Colour says nothing in them: a call on is a solid line and a call back a broken one, numbers say how many. Both are laid out for 380 units of width, so
//! that they can be read on a telephone.

use std::io::{self, Write};

use super::groups::{Grouped, common_folder};
use super::text::{shortened, text};
use crate::report::summary;

/// The width of a drawing.
const WIDTH: usize = 380;
/// How many files of a group are drawn.
pub(super) const FILES: usize = 60;

/// The boxes of the groups: left edge, width, height, and the distance from one top to the next.
const BOX: (usize, usize, usize, usize) = (110, 160, 52, 96);
/// How far the line bulges that passes one box, and the one that passes most.
const BULGE: (usize, usize) = (32, 62);
/// With more boxes the numbers would stand in each other's way; the table has them.
const NUMBERED: usize = 5;

/// The files: left edge, width, the distance from one top to the next.
const ROW: (usize, usize, usize) = (112, 156, 26);
/// How wide the boxes beside the files are.
const SIDE: usize = 68;
/// What is left free at the edges, for the strokes of the boxes.
const EDGE: usize = 2;
/// Characters that fit into a file's row.
const NAME: usize = 24;

/// How strong a line is for so many calls: 1 to 6.
fn strength(calls: usize) -> u32 {
    1 + calls.max(1).ilog2().div_ceil(2).min(5)
}

/// Draws all groups, one below the other, each a link to its files.
pub(super) fn overview(grouped: &Grouped, out: &mut dyn Write) -> io::Result<()> {
    let (left, width, height, distance) = BOX;
    let count = grouped.groups.len();
    let total = 16 + count.saturating_sub(1) * distance + height + 8;
    writeln!(
        out,
        "<svg class=\"picture\" viewBox=\"0 0 {WIDTH} {total}\" role=\"group\" aria-label=\"Which part calls which\">\n\
         <defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"9\" markerHeight=\"9\" markerUnits=\"userSpaceOnUse\" orient=\"auto\">\
         <path class=\"head\" d=\"M0 0 L8 4 L0 8 z\"/></marker></defs>"
    )?;
    for (&(from, to), &calls) in &grouped.between {
        line(from, to, calls, count, out)?;
    }
    for (index, group) in grouped.groups.iter().enumerate() {
        let top = 16 + index * distance;
        let middle = left + width / 2;
        let name = text(&shortened(&group.name, 20));
        writeln!(
            out,
            "<a href=\"#group-{index}\"><rect class=\"box\" x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" rx=\"6\"/>\
             <text class=\"name\" x=\"{middle}\" y=\"{}\">{name}</text><text class=\"detail\" x=\"{middle}\" y=\"{}\">{}, {} inside</text></a>",
            top + 22,
            top + 40,
            summary::count(group.files.len(), "file"),
            summary::count(grouped.inside(index), "call"),
        )?;
    }
    writeln!(out, "</svg>")
}

/// A line between two boxes: straight to the next one, around those between otherwise; on the right side down, on the left side up.
fn line(from: usize, to: usize, calls: usize, count: usize, out: &mut dyn Write) -> io::Result<()> {
    let (left, width, height, distance) = BOX;
    let top = |group: usize| 16 + group * distance;
    let (is_down, span) = (from < to, from.abs_diff(to));
    let class = if is_down { "on" } else { "back" };
    let (path, label) = if span == 1 {
        let x = if is_down {
            left + width / 3
        } else {
            left + 2 * width / 3
        };
        let (start, end) = if is_down {
            (top(from) + height, top(to))
        } else {
            (top(from), top(to) + height)
        };
        (
            format!("M{x} {start} L{x} {end}"),
            (x + 8, usize::midpoint(start, end) + 4, "start"),
        )
    } else {
        let spread = BULGE.1 - BULGE.0;
        let bulge = BULGE.0 + spread * (span - 2) / count.saturating_sub(3).max(1);
        let (start, end) = if is_down {
            (top(from) + height * 3 / 4, top(to) + height / 4)
        } else {
            (top(from) + height / 4, top(to) + height * 3 / 4)
        };
        let middle = usize::midpoint(start, end);
        let (edge, pulled, at, anchor) = if is_down {
            let edge = left + width;
            (edge, edge + bulge * 4 / 3, edge + bulge + 4, "start")
        } else {
            (
                left,
                left.saturating_sub(bulge * 4 / 3),
                left.saturating_sub(bulge + 4),
                "end",
            )
        };
        let path = format!("M{edge} {start} C{pulled} {start} {pulled} {end} {edge} {end}");
        (path, (at, middle + 4, anchor))
    };
    writeln!(
        out,
        "<path class=\"call {class} s{}\" d=\"{path}\" marker-end=\"url(#arrow)\"/>",
        strength(calls)
    )?;
    if count <= NUMBERED {
        let (x, y, anchor) = label;
        writeln!(
            out,
            "<text class=\"number\" x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{calls}</text>"
        )?;
    }
    Ok(())
}

/// A box beside the files, and the stretch of the drawing that it has.
struct Side {
    group: usize,
    top: usize,
    height: usize,
}

/// Draws the files of one group between those who call them and those whom they call, and says which files it drew.
pub(super) fn files(grouped: &Grouped, group: usize, out: &mut dyn Write) -> io::Result<()> {
    let drawn = busiest(grouped, group);
    let (left, width, distance) = ROW;
    let sides = |is_caller: bool| -> Vec<usize> {
        let others = (0..grouped.groups.len()).filter(|&other| {
            let pair = if is_caller {
                (other, group)
            } else {
                (group, other)
            };
            other != group && grouped.between.contains_key(&pair)
        });
        others.collect()
    };
    let (callers, callees) = (sides(true), sides(false));
    let most = callers.len().max(callees.len());
    let total = (drawn.len() * distance).max(most * 40) + 12;
    let (callers, callees) = (stack(&callers, total), stack(&callees, total));
    writeln!(
        out,
        "<svg class=\"picture\" viewBox=\"0 0 {WIDTH} {total}\" role=\"group\" aria-label=\"Files of {}\">",
        text(&grouped.groups[group].name)
    )?;
    for (x, sides) in [(EDGE, &callers), (WIDTH - SIDE - EDGE, &callees)] {
        for side in sides {
            let name = text(&shortened(&grouped.groups[side.group].name, 10));
            writeln!(
                out,
                "<a href=\"#group-{}\"><rect class=\"box\" x=\"{x}\" y=\"{}\" width=\"{SIDE}\" height=\"{}\" rx=\"6\"/>\
                 <text class=\"side-name\" x=\"{}\" y=\"{}\">{name}</text></a>",
                side.group,
                side.top,
                side.height,
                x + SIDE / 2,
                side.top + side.height / 2 + 4
            )?;
        }
    }
    let common = common_folder(
        &drawn
            .iter()
            .map(|&file| grouped.files[file])
            .collect::<Vec<_>>(),
    );
    for (row, &file) in drawn.iter().enumerate() {
        let top = 6 + row * distance;
        let middle = top + (distance - 4) / 2;
        writeln!(out, "<g class=\"row\">")?;
        for side in &callers {
            let calls = number(grouped, |(from, to)| {
                to == file && grouped.group_of[from] == side.group
            });
            fan(
                (SIDE + EDGE, target(side, row, drawn.len())),
                (left, middle),
                calls,
                out,
            )?;
        }
        for side in &callees {
            let calls = number(grouped, |(from, to)| {
                from == file && grouped.group_of[to] == side.group
            });
            let end = (WIDTH - SIDE - EDGE, target(side, row, drawn.len()));
            fan((left + width, middle), end, calls, out)?;
        }
        let path = &grouped.files[file][common..];
        let name = shortened(path.strip_suffix(".py").unwrap_or(path), NAME);
        // A font that is wider than most is squeezed, so that the name stays in its box.
        let fit = if name.chars().count() > NAME - 5 {
            format!(
                " textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\"",
                width - 10
            )
        } else {
            String::new()
        };
        writeln!(
            out,
            "<a href=\"#file-{file}\"><title>{}</title><rect class=\"box\" x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{}\" rx=\"4\"/>\
             <text class=\"file\" x=\"{}\" y=\"{}\"{fit}>{}</text></a></g>",
            text(grouped.files[file]),
            distance - 4,
            left + width / 2,
            middle + 4,
            text(&name)
        )?;
    }
    writeln!(out, "</svg>")
}

/// The files of a group that are drawn, in the order of their paths: all, or those with most calls.
fn busiest(grouped: &Grouped, group: usize) -> Vec<usize> {
    let mut files = grouped.groups[group].files.clone();
    if files.len() > FILES {
        files.sort_by_cached_key(|&file| {
            std::cmp::Reverse(number(grouped, |(from, to)| from == file || to == file))
        });
        files.truncate(FILES);
        files.sort_unstable();
    }
    files
}

/// How many calls there are between files for which `holds`.
fn number(grouped: &Grouped, holds: impl Fn((usize, usize)) -> bool) -> usize {
    let calls = grouped.calls.iter().filter(|(pair, _)| holds(**pair));
    calls.map(|(_, number)| number).sum()
}

/// Boxes one below the other, over the whole height.
fn stack(groups: &[usize], total: usize) -> Vec<Side> {
    let each = total / groups.len().max(1);
    let sides = groups.iter().enumerate().map(|(index, &group)| Side {
        group,
        top: index * each + 6,
        height: each.saturating_sub(12),
    });
    sides.collect()
}

/// Where a row's line meets a box: as far down in the box as the row is in the drawing, so that lines do not cross more than they must.
fn target(side: &Side, row: usize, rows: usize) -> usize {
    side.top + side.height * (2 * row + 1) / (2 * rows.max(1))
}

/// A line from one edge to another; nothing for no calls.
fn fan(
    (from, start): (usize, usize),
    (to, end): (usize, usize),
    calls: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    if calls == 0 {
        return Ok(());
    }
    let middle = usize::midpoint(from, to);
    writeln!(
        out,
        "<path class=\"call on s{}\" d=\"M{from} {start} C{middle} {start} {middle} {end} {to} {end}\" marker-end=\"url(#arrow)\"/>",
        strength(calls).min(3)
    )
}
