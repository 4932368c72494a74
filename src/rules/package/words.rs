//! What findings about packages say.

use std::sync::Arc;

use super::findings::at_most;
use super::{
    CASE_COLLISION, DUPLICATE_ENTRY, EXTRA_FILE, FOREIGN_EXTENSION, INVISIBLE_NAME, MISPLACED_ROOT,
    MISSING_DEPENDENCY, MISSING_FILE, OVER_LIMIT, SHADOWED_MODULE, STALE_BYTECODE, STALE_FILE,
    TRUNCATED_FILE, UNREADABLE_MODE, UNSUPPORTED_COMPRESSION, UNUSED_REQUIREMENT, VERSION_CONFLICT,
};
use crate::package::{
    Bytecode, Cut, Dropped, Extra, Fact, Foreign, Limit, Name, Need, Needed, Shadow,
};
use crate::rules::{Rule, Severity};
use crate::source::{Change, Origin};

/// How many missing files are named.
const NAMED: usize = 4;

/// What is said of a fact.
pub(super) struct Said {
    pub rule: &'static Rule,
    pub severity: Severity,
    pub path: String,
    /// What stays the same whatever else the message says.
    pub subject: String,
    pub message: String,
    pub help: String,
    pub witness: Option<String>,
}

impl Said {
    pub(super) fn error(rule: &'static Rule, path: &str, message: String, help: &str) -> Self {
        Self {
            rule,
            severity: Severity::Error,
            path: path.to_owned(),
            subject: String::new(),
            message,
            help: help.to_owned(),
            witness: None,
        }
    }

    pub(super) fn with(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    pub(super) fn about(mut self, subject: &str) -> Self {
        subject.clone_into(&mut self.subject);
        self
    }
}

/// What is said of a fact.
pub(super) fn said(fact: &Fact) -> Said {
    match fact {
        Fact::Missing {
            path,
            is_folder,
            files,
            dropped,
            elsewhere,
        } => missing(
            path,
            *is_folder,
            files,
            dropped.as_ref(),
            elsewhere.as_ref(),
        ),
        Fact::Stale {
            path,
            origin,
            change,
        } => stale(path, origin.as_ref(), change.as_ref()),
        Fact::Truncated { path, cut } => truncated(path, cut),
        Fact::Extra { path, why, files } => extra(path, why, *files),
        Fact::Bytecode { path, source, why } => bytecode(path, source.as_deref(), *why),
        Fact::Misplaced {
            folder,
            entry,
            files,
        } => Said::error(
            &MISPLACED_ROOT,
            folder,
            format!(
                "the code lies in '{folder}' ({files} files), and {entry} is looked for at the package's top"
            ),
            &format!(
                "make the package from within the folder: (cd {folder} && zip -r ../package.zip .), or with `coship pack`"
            ),
        ),
        Fact::Shadowed { path, by, why } => shadowed(path, by, why),
        Fact::Case { path, other } => Said::error(
            &CASE_COLLISION,
            path,
            format!("{path} and {other} differ in case alone"),
            "rename one of them: a system that does not tell cases apart keeps only one",
        ),
        Fact::Mode { path, mode, others } => Said::error(
            &UNREADABLE_MODE,
            path,
            format!(
                "{path} has mode {mode:03o}{}: the function may not read it",
                and_others(*others)
            ),
            "make it readable before packing: chmod -R a+rX",
        ),
        Fact::NotExecutable { path, mode, others } => Said::error(
            &UNREADABLE_MODE,
            path,
            format!(
                "{path} has mode {mode:03o}{}, and the candidate may run it: here it cannot be run",
                and_others(*others)
            ),
            "pack it with its mode: `coship pack` and `zip` keep it",
        )
        .with(Severity::Warning),
        Fact::Invisible { name, why, others } => invisible(name, *why, *others),
        Fact::Duplicate { path, differs } => duplicate(path, *differs),
        Fact::FileAndFolder { path } => Said::error(
            &DUPLICATE_ENTRY,
            path,
            format!("{path} is a file, and a folder in which others lie: only one can be unpacked"),
            "make the package from nothing",
        ),
        Fact::Foreign { path, why } => foreign(path, why),
        Fact::Stored {
            path,
            method,
            others,
        } => stored(path, *method, *others),
        Fact::Over { limit, has, may } => over(*limit, *has, *may),
        Fact::Dependency {
            name,
            path,
            missing,
            wanted_by,
        } => dependency(name, path, missing.as_ref(), wanted_by.as_deref()),
        Fact::Altered {
            name,
            path,
            file,
            others,
        } => Said::error(
            &MISSING_DEPENDENCY,
            path,
            format!(
                "{file}{} is not the one that the RECORD of {name} describes",
                and_others(*others)
            ),
            "install everything into an empty folder at once",
        )
        .with(Severity::Warning)
        .about(name),
        Fact::OtherPython {
            name,
            path,
            wanted,
            version,
        } => Said::error(
            &VERSION_CONFLICT,
            path,
            format!("{name} is for Python {wanted}, and Python {version} runs it"),
            "install it with the Python that runs it, or with pip's --python-version",
        )
        .with(Severity::Warning)
        .about(name),
        Fact::Unused { name, path, files } => Said::error(
            &UNUSED_REQUIREMENT,
            path,
            format!(
                "nothing that the function starts imports {name}, which has {files} Python files"
            ),
            "leave it out, unless something finds it by an entry point or a computed name",
        )
        .with(Severity::Info)
        .about(name),
        Fact::Version {
            name,
            path,
            versions,
            wanted,
        } => Said::error(
            &VERSION_CONFLICT,
            path,
            match wanted {
                Some((by, what)) => {
                    format!(
                        "{by} requires {what}, and {name} is there in version {}",
                        versions.join(" and ")
                    )
                }
                None => format!("{name} is there in versions {}", versions.join(" and ")),
            },
            "install everything into an empty folder at once",
        )
        .with(Severity::Warning)
        .about(name),
    }
}

fn and_others(others: usize) -> String {
    match others {
        0 => String::new(),
        1 => " (and 1 other)".to_owned(),
        many => format!(" (and {many} others)"),
    }
}

/// `a.py:3 imports b, b.py:7 imports c`.
fn way(needed: &Needed) -> String {
    let steps = needed.way.iter();
    let steps: Vec<String> = steps
        .map(|step| format!("{}:{} {}", step.path, step.line, step.note))
        .collect();
    match steps.len() {
        0 => "execution starts there".to_owned(),
        1..=4 => steps.join(", "),
        many => format!(
            "{}, ... ({} more), {}",
            steps[..2].join(", "),
            many - 3,
            steps[many - 1]
        ),
    }
}

fn missing(
    path: &str,
    is_folder: bool,
    files: &[Needed],
    dropped: Option<&Dropped>,
    elsewhere: Option<&Arc<str>>,
) -> Said {
    let Some(first) = files.first() else {
        return Said::error(&MISSING_FILE, path, String::new(), "");
    };
    let mut message = if is_folder {
        let names: Vec<&str> = files.iter().take(NAMED).map(|file| &*file.path).collect();
        let more = files.len().saturating_sub(NAMED);
        let more = match more {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let noun = if files.len() == 1 { "file" } else { "files" };
        format!(
            "the folder {path} is not in the package: {} {noun} that the program needs ({}{more})",
            files.len(),
            names.join(", ")
        )
    } else {
        format!("{path} is not in the package")
    };
    message.push_str("; ");
    message.push_str(&way(first));
    if let Some(elsewhere) = elsewhere {
        message.push_str(&format!("; its content is at {elsewhere}"));
    }
    let help = match dropped {
        Some(dropped) => dropped.to_string(),
        None => "make the package again with it; `coship pack` packs what is needed".to_owned(),
    };
    let is_needed = files.iter().any(|file| file.need > Need::Named);
    let severity = at_most(Severity::Warning, is_needed);
    let mut said = Said::error(&MISSING_FILE, path, message, &help).with(severity);
    if first.need == Need::Import
        && let Some(module) = &first.module
    {
        said.witness = Some(format!("ModuleNotFoundError: No module named '{module}'"));
    }
    said
}

fn stale(path: &str, origin: Option<&Origin>, change: Option<&Change>) -> Said {
    let mut message = format!("{path} is not the candidate's");
    if let Some(Origin {
        commit, date, tag, ..
    }) = origin
    {
        message += &match tag {
            Some(tag) => format!(": it is that of {tag} ({commit}, {date})"),
            None => format!(": it is that of {commit} ({date})"),
        };
    }
    message += &match change {
        Some(Change::Commit {
            commit,
            date,
            author,
        }) => format!("; {author} last changed the candidate's in {commit} ({date})"),
        Some(Change::Uncommitted) => {
            "; the candidate's has a change that is not committed".to_owned()
        }
        None => String::new(),
    };
    let help = "make the package again from the candidate, from nothing";
    Said::error(&STALE_FILE, path, message, help)
}

fn truncated(path: &str, cut: &Cut) -> Said {
    let message = match cut {
        Cut::Prefix(lines, of) => {
            format!("{path} is cut off: the first {lines} of the candidate's {of} lines")
        }
        Cut::Deployed(lines, of) => {
            format!("{path} is cut off: the first {lines} of the deployed version's {of} lines")
        }
        Cut::Empty(count) => format!(
            "{path} defines nothing, and the candidate's defines {count} functions and classes"
        ),
        Cut::OtherFile(other) => format!("{path} has the content of {other}"),
        Cut::Short(lines, min) => {
            format!(
                "{path} has {lines} line{}, and min-lines wants {min}",
                if *lines == 1 { "" } else { "s" }
            )
        }
    };
    Said::error(
        &TRUNCATED_FILE,
        path,
        message,
        "make the package again from the candidate",
    )
}

fn extra(path: &str, why: &Extra, files: usize) -> Said {
    let count = match files {
        1 => String::new(),
        many => format!(" ({many} files)"),
    };
    let (severity, message, help) = match why {
        Extra::Secret(what) => (
            Severity::Error,
            format!("{path} is in the package: {what}"),
            "leave it out; if it was uploaded before, replace the secret itself",
        ),
        Extra::Deleted(removal) => (
            Severity::Warning,
            format!("{path} is in the package, and was {removal}"),
            "make the package from nothing: `zip` takes no file out of a zip that is there",
        ),
        Extra::Unknown => (
            Severity::Warning,
            format!("{path} is in the package{count}, and the candidate does not have it"),
            "leave it out, or add it to the candidate; what is installed has a RECORD that says so",
        ),
        Extra::Test => (
            Severity::Warning,
            format!("{path} is in the package{count}: a test"),
            "leave tests out: nothing that runs needs them",
        ),
        Extra::VersionControl => (
            Severity::Error,
            format!(
                "{path} is in the package{count}: the version control's own files, the whole history among them"
            ),
            "leave it out",
        ),
        Extra::Archive => (
            Severity::Warning,
            format!("{path} is an archive, and the candidate does not have it"),
            "make the package from nothing, and outside the folder that is packed",
        ),
        Extra::Litter => (
            Severity::Warning,
            format!("{path} is in the package{count}: a cache, or what a tool left behind"),
            "leave it out",
        ),
    };
    Said::error(&EXTRA_FILE, path, message, help).with(severity)
}

fn bytecode(path: &str, source: Option<&str>, why: Bytecode) -> Said {
    let source = source.unwrap_or_default();
    let (severity, message) = match why {
        Bytecode::Unchecked => (
            Severity::Error,
            format!(
                "{path} runs in place of {source}, and is of another source: it is marked never to be checked"
            ),
        ),
        Bytecode::SameTime => (
            Severity::Error,
            format!(
                "{path} runs in place of {source}, and has names that the source does not: it notes the same time and size"
            ),
        ),
        Bytecode::OtherSource => (
            Severity::Error,
            format!("{path} runs in place of {source}, and was made from another source"),
        ),
        Bytecode::Magic(number) => (
            Severity::Error,
            format!(
                "{path} stands without source and is for another Python: its magic number is {number}"
            ),
        ),
    };
    let mut said = Said::error(
        &STALE_BYTECODE,
        path,
        message,
        "leave bytecode out of the package, or make it from these very sources",
    )
    .with(severity);
    if let Bytecode::Magic(_) = why {
        let name = path.rsplit('/').next().unwrap_or(path);
        let module = name.trim_end_matches(".pyc");
        said.witness = Some(format!("ImportError: bad magic number in '{module}'"));
    }
    said
}

fn shadowed(path: &str, by: &str, why: &Shadow) -> Said {
    let (severity, message, help) = match why {
        Shadow::Package => (
            Severity::Warning,
            format!("{path} is never imported: the package {by} beside it is taken"),
            "keep one of them",
        ),
        Shadow::Compiled => (
            Severity::Warning,
            format!("{path} is never imported: {by} beside it is taken"),
            "keep one of them",
        ),
        Shadow::Standard => (
            Severity::Warning,
            format!(
                "{path} has the name of the standard library's module '{by}', which others import"
            ),
            "give it another name",
        ),
        Shadow::Namespace(layer) => (
            Severity::Error,
            format!(
                "{path} and {by} of the layer {layer} are one package of which only one part is found: a regular package is one folder"
            ),
            "leave out the `__init__.py` on both sides, or keep the whole package in one place",
        ),
        Shadow::Layer(layer) => (
            Severity::Warning,
            format!(
                "{path} of the layer {layer} is not the one that runs: the package's own {by} differs and stands before it"
            ),
            "keep one of them",
        ),
        Shadow::Folder => (
            Severity::Error,
            format!("{path} is a folder, where Python looks for a file"),
            "make the package again: something created a folder of that name",
        ),
        Shadow::EmptyFolder => (
            Severity::Error,
            format!(
                "{path} is empty, and the candidate has files there ({by}): most likely a link to a folder was packed"
            ),
            "pack what the link leads to: `coship pack`, `zip -r` and `python -m zipfile -c` do",
        ),
    };
    Said::error(&SHADOWED_MODULE, path, message, help)
        .with(severity)
        .about(by)
}

fn invisible(name: &str, why: Name, others: usize) -> Said {
    let others = and_others(others);
    let (severity, message) = match why {
        Name::Outside => (
            Severity::Error,
            format!(
                "'{name}'{others} leads out of the package: no unpacker puts it there, and some put it inside"
            ),
        ),
        Name::Backslash => (
            Severity::Error,
            format!(
                "'{name}'{others} has a backslash: on Linux this is one file name, and no folder"
            ),
        ),
        Name::NotPlain => (
            Severity::Warning,
            format!(
                "'{name}'{others} has './' or '//': an import from the zip does not find it, an unpacker puts it in its place"
            ),
        ),
        Name::Link => (
            Severity::Error,
            format!("'{name}'{others} is a symbolic link: nothing says that it is unpacked as one"),
        ),
    };
    Said::error(
        &INVISIBLE_NAME,
        name,
        message,
        "make the package with plain names and '/' between them, links followed",
    )
    .with(severity)
}

fn duplicate(path: &str, differs: bool) -> Said {
    let (severity, how) = if differs {
        (
            Severity::Error,
            "with different contents: the last one counts",
        )
    } else {
        (Severity::Warning, "each time with the same content")
    };
    let message = format!("{path} is in the package more than once, {how}");
    Said::error(
        &DUPLICATE_ENTRY,
        path,
        message,
        "make the package from nothing",
    )
    .with(severity)
}

fn foreign(path: &str, why: &Foreign) -> Said {
    let message = match why {
        Foreign::Python(tag) => {
            let digits = tag.trim_end_matches(|last: char| last.is_ascii_alphabetic());
            let (major, minor) = digits.split_at(1.min(digits.len()));
            let version = format!("{major}.{minor}");
            let build = match tag.as_bytes().last() {
                Some(b'd') => " built for debugging",
                Some(b't') => " without the global lock",
                _ => "",
            };
            format!(
                "{path} is for Python {version}{build}, and another one runs the package: it is not seen"
            )
        }
        Foreign::Interpreter(name) => {
            format!("{path} is for {name}, and CPython runs the package: it is not seen")
        }
        Foreign::BesideProcessor(has, other, beside) => {
            format!("{path} is for {has} and {beside} for {other}: no processor runs both")
        }
        Foreign::System(system) => format!("{path} is for {system}: Linux cannot load it"),
        Foreign::Processor(has, wanted) => {
            format!("{path} is for {has}, and the function runs on {wanted}")
        }
        Foreign::Nothing => format!("{path} is no compiled module: it begins like none"),
    };
    Said::error(
        &FOREIGN_EXTENSION,
        path,
        message,
        "install for the target: pip install --platform ... --python-version ... --only-binary=:all: -t DIR",
    )
}

fn stored(path: &str, method: Option<u16>, others: usize) -> Said {
    let others = and_others(others);
    let message = match method {
        None => format!("{path}{others} is encrypted"),
        Some(method) => {
            let name = match method {
                9 => " (deflate64)",
                12 => " (bzip2)",
                14 => " (lzma)",
                93 => " (zstandard)",
                95 => " (xz)",
                _ => "",
            };
            format!(
                "{path}{others} is compressed with method {method}{name}: only stored and deflated members are unpacked everywhere"
            )
        }
    };
    Said::error(
        &UNSUPPORTED_COMPRESSION,
        path,
        message,
        "make the package with deflate, unencrypted",
    )
}

fn over(limit: Limit, has: u64, may: u64) -> Said {
    let tenths = has * 10 / 1024 / 1024;
    let megabytes = format!("{}.{} MB", tenths / 10, tenths % 10);
    let may_be = may / 1024 / 1024;
    let (severity, message, help) = match limit {
        Limit::Zipped => (
            Severity::Warning,
            format!("the zip has {megabytes}, and {may_be} MB are accepted in a direct upload"),
            "upload it by way of a bucket, or leave something out",
        ),
        Limit::Unzipped => (
            Severity::Error,
            format!(
                "the package and its layers unpack to {megabytes}, and {may_be} MB are accepted"
            ),
            "leave out what the runtime brings along, tests and caches",
        ),
        Limit::Layers => (
            Severity::Error,
            format!("there are {has} layers, and {may} are accepted"),
            "put several layers into one",
        ),
    };
    Said::error(&OVER_LIMIT, ".", message, help)
        .with(severity)
        .about(match limit {
            Limit::Zipped => "zipped",
            Limit::Unzipped => "unzipped",
            Limit::Layers => "layers",
        })
}

fn dependency(
    name: &str,
    path: &str,
    missing: Option<&(String, usize)>,
    wanted_by: Option<&str>,
) -> Said {
    let message = match (missing, wanted_by) {
        (Some((first, count)), _) => {
            let noun = if *count == 1 { "module" } else { "modules" };
            format!("{name} lacks {count} {noun} that its RECORD lists, the first is {first}")
        }
        (None, Some(by)) => {
            format!("{by} requires {name}, and neither the package nor a layer has it")
        }
        (None, None) => format!("{name} is required, and neither the package nor a layer has it"),
    };
    Said::error(
        &MISSING_DEPENDENCY,
        path,
        message,
        "install everything into an empty folder at once",
    )
    .with(Severity::Warning)
    .about(name)
}
