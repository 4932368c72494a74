//! Ignore comments that silence nothing.

use crate::facts::Place;
use crate::fix::Fix;
use crate::fix::code::Code;
use crate::fix::text::{indent, line_start, next_line};
use crate::rules::Rule;
use crate::syntax::ir::Range;

/// The comment without the rule; without any rule left, no comment.
pub(super) fn remove(code: &Code, place: Place, rule: &Rule) -> Option<Fix> {
    let text = code.text(place.file);
    let comment = own(code.written(place));
    let start = place.range.start as usize;
    let (open, close) = (comment.find('[')?, comment.find(']')?);
    let listed = comment.get(open + 1..close)?;
    let is_it = |name: &str| name == rule.name || name.eq_ignore_ascii_case(rule.code);
    let names = || {
        listed
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
    };
    let left: Vec<&str> = names().filter(|name| !is_it(name)).collect();
    let what = format!("remove `ignore[{}]`, which silences nothing", rule.name);
    let edit = |from: usize, to: usize, written: String| {
        let range = Range::new(u32::try_from(from).ok()?, u32::try_from(to).ok()?);
        Some(Code::edit(place.file, range, written))
    };
    let end = start + comment.trim_end().len();
    let edit = if !left.is_empty() {
        edit(start + open + 1, start + close, left.join(", "))?
    } else if place.range.end as usize > end
        && !text[end..place.range.end as usize].trim().is_empty()
    {
        // Another tool's comment follows.
        let next = text[end..].len() - text[end..].trim_start().len();
        edit(start, end + next, String::new())?
    } else if indent(text, start).is_some() {
        edit(
            line_start(text, start),
            next_line(text, start),
            String::new(),
        )?
    } else {
        let before = text[..start].trim_end_matches([' ', '\t']).len();
        edit(before, place.range.end as usize, String::new())?
    };
    Some(Fix::safe(what, vec![edit]))
}

/// The part of a comment that is ours: up to another tool's, `# coship: ignore[x] why  # noqa`. A number sign (`fixes #12`) belongs to it.
fn own(comment: &str) -> &str {
    let begins = |(index, _): &(usize, &str)| {
        let is_apart = comment[..*index].ends_with([' ', '\t']);
        let next = comment[index + 1..].chars().next();
        is_apart && next.is_some_and(|next| !next.is_ascii_digit())
    };
    let end = comment.match_indices('#').skip(1).find(begins);
    end.map_or(comment, |(index, _)| &comment[..index])
}

#[cfg(test)]
mod tests {
    use super::own;

    #[test]
    fn other_tools_comments_are_theirs() {
        assert_eq!(
            own("# coship: ignore[a] fixes #12"),
            "# coship: ignore[a] fixes #12"
        );
        assert_eq!(
            own("# coship: ignore[a]  # noqa: E1"),
            "# coship: ignore[a]  "
        );
        assert_eq!(own("# coship: ignore[a] b#c"), "# coship: ignore[a] b#c");
    }
}
