//! What a change says in one line.

use crate::change::{Change, Kind};

/// The line, with text of the analysed code as it is.
pub(in crate::report) fn message(change: &Change) -> String {
    let name = &change.function;
    let subjects: Vec<String> = change
        .subjects
        .iter()
        .map(|subject| format!("`{subject}`"))
        .collect();
    let subject = subjects.join(", ");
    let first = subjects.first().map_or("", String::as_str);
    let second = subjects.get(1).map_or("", String::as_str);
    let detail = change.detail.as_deref().unwrap_or_default();
    let arrow = || detail.split_once(" -> ").unwrap_or((detail, ""));
    let (from, to) = arrow();
    let plural = subjects.len() > 1;
    let because = if detail.is_empty() {
        String::new()
    } else {
        format!(": {detail}")
    };
    match change.kind {
        Kind::ParameterAdded => format!("`{name}` takes one more parameter, {subject} ({detail})"),
        Kind::ParameterRemoved => format!("`{name}` no longer takes {subject} ({detail})"),
        Kind::ParameterRenamed => format!("`{name}` calls its parameter {first} {second} now"),
        Kind::ParameterMoved => format!("`{name}` takes {subject} in another order"),
        Kind::ParameterKind => {
            format!(
                "`{name}` takes {subject} {} instead of {}",
                passing(to),
                passing(from)
            )
        }
        Kind::ParameterRequired => format!("`{name}` requires {subject}, which had a default"),
        Kind::ParameterDeprecated => format!("`{name}` warns about {subject}"),
        Kind::KeyRequired => {
            format!("`{name}` insists on the key {first} in {second}{because}")
        }
        Kind::KeyOptional => format!("`{name}` no longer insists on the key {first} in {second}"),
        Kind::OverrideNarrowed => {
            format!("`{name}` refuses calls that {first}, which it overrides, takes")
        }
        Kind::DefaultAdded => format!("`{name}` no longer requires {subject}"),
        Kind::DefaultChanged => format!("`{name}` has another default for {subject}: {detail}"),
        Kind::VarPositionalAdded => format!(
            "`{name}` takes any number of positionals now, as *{}",
            bare(first)
        ),
        Kind::VarPositionalRemoved => format!(
            "`{name}` no longer takes any number of positionals (*{})",
            bare(first)
        ),
        Kind::VarKeywordAdded => format!("`{name}` takes any keyword now, as **{}", bare(first)),
        Kind::VarKeywordRemoved => {
            format!("`{name}` no longer takes any keyword (**{})", bare(first))
        }
        Kind::AsyncChanged => format!("a call of `{name}` gives a {to} instead of a {from}"),
        Kind::BindingChanged => format!("`{name}` is a {to} instead of a {from}"),
        Kind::DecoratorChanged => format!("`{name}` is decorated differently{because}"),
        Kind::FunctionAdded | Kind::ClassAdded => format!("`{name}` is new"),
        Kind::FunctionRemoved | Kind::ClassRemoved => format!("`{name}` is gone"),
        Kind::ModuleAdded => format!("the module `{name}` is new{}", holding(change)),
        Kind::ModuleRemoved => format!("the module `{name}` is gone{}", holding(change)),
        Kind::FunctionMoved | Kind::ClassMoved | Kind::ModuleMoved => format!(
            "`{}` is `{}` now",
            change.before.as_deref().unwrap_or_default(),
            change.after.as_deref().unwrap_or_default()
        ),
        Kind::MemberAdded => format!("`{name}` has one more member, {subject}"),
        Kind::MemberRemoved => format!("`{name}` no longer has the member {subject}"),
        Kind::MemberRenamed => format!("`{name}` calls its member {first} {second} now"),
        Kind::MemberValueChanged => format!("`{name}` has another value for {subject}: {detail}"),
        Kind::OperationAdded => format!(
            "`{name}` has one more operation, `{}`",
            change.subjects.join(" / ")
        ),
        Kind::OperationRemoved => format!(
            "`{name}` no longer has the operation `{}`",
            change.subjects.join(" / ")
        ),
        Kind::OperationRetargeted => {
            format!(
                "`{name}` leads `{}` to another function{because}",
                change.subjects.join(" / ")
            )
        }
        Kind::SendsMore | Kind::SendsLess | Kind::SendsRenamed => sends(change, &because),
        Kind::PositionalRebind => {
            format!(
                "positional {detail} and those after it arrive at other parameters of `{name}`, without a sound"
            )
        }
        Kind::KeywordCapture => format!(
            "{subject} of `{name}` {} a keyword that used to reach its **kwargs, without a sound",
            if plural { "each take" } else { "takes" }
        ),
        Kind::SwallowedKeyword => {
            format!("the keyword {subject} ends in the **kwargs of `{name}`, which nobody reads")
        }
        Kind::DefaultDrift => {
            format!("another hop keeps the old default for {subject} of `{name}`: {detail}")
        }
    }
}

/// What a body sends otherwise.
fn sends(change: &Change, because: &str) -> String {
    let name = &change.function;
    match (change.kind, change.subjects.as_slice()) {
        (Kind::SendsMore, []) => format!("`{name}` sends more positionals{because}"),
        (Kind::SendsMore, [keyword, ..]) => format!("`{name}` sends `{keyword}` as well{because}"),
        (_, [old, new]) => format!("`{name}` sends `{new}` instead of `{old}`{because}"),
        (_, [keyword, ..]) => format!("`{name}` no longer sends `{keyword}`{because}"),
        (_, []) => format!("`{name}` sends fewer positionals{because}"),
    }
}

/// `, with f and 2 more`.
fn holding(change: &Change) -> String {
    match change.subjects.len() {
        0 => String::new(),
        1 => format!(", with `{}`", change.subjects[0]),
        many => format!(", with `{}` and {} more", change.subjects[0], many - 1),
    }
}

fn bare(quoted: &str) -> &str {
    quoted.trim_matches('`')
}

/// `by keyword only`.
fn passing(kind: &str) -> &'static str {
    match kind {
        "positional-only" => "by position only",
        "keyword-only" => "by keyword only",
        _ => "by position or keyword",
    }
}
