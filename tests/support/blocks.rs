//! Reads `tests/python/*.md`: cases of Python text with what is expected of each line written beside it.
//!
//! A case is a heading (`## a sentence`) with what stands below it: ` ```python ` is its `main.py`, ` ```python file=store.py ` a further file (any
//! language will do), ` ```run ` has lines of Python that are run besides `main.py`. A comment at a line's end says what is expected there:
//!
//! * `# error: [rule] text`: an error of this rule, whose witness or message has the text; `CPython` raises it through this line
//! * `# may: [rule] text`: shown with `--show may` only; the text may be left out
//! * `# warning: [rule] text`: a warning; the text may be left out
//! * `# raises: text`: `CPython` raises this here, which confirms an error that is told at another line, because that is what has to change

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// What a comment expects of its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An error, which some run has to confirm.
    Error,
    /// Something that may fail, which is no error.
    May,
    /// A warning.
    Warning,
    /// An exception, whether or not something is reported here.
    Raises,
}

impl Kind {
    const ALL: [(&'static str, Self); 4] = [
        ("# error:", Self::Error),
        ("# may:", Self::May),
        ("# warning:", Self::Warning),
        ("# raises:", Self::Raises),
    ];

    /// The severity of a finding that is expected.
    pub fn severity(self) -> Option<&'static str> {
        match self {
            Self::Error => Some("error"),
            Self::May => Some("info"),
            Self::Warning => Some("warning"),
            Self::Raises => None,
        }
    }

    /// The word that a comment begins with.
    pub fn word(self) -> &'static str {
        let (word, _) = Self::ALL.iter().find(|(_, kind)| *kind == self).unwrap();
        word.trim_start_matches("# ").trim_end_matches(':')
    }
}

/// A comment that expects something.
pub struct Expectation {
    pub kind: Kind,
    /// Empty for `raises`.
    pub rule: String,
    pub text: String,
    /// The file of the case, and the line in it.
    pub file: String,
    pub line: u64,
    /// The line in the Markdown file.
    pub place: usize,
}

/// One file of a case.
pub struct Block {
    pub file: String,
    pub text: String,
    /// The line of the Markdown file before its first one.
    pub offset: usize,
}

/// What stands below one heading.
pub struct Case {
    /// The Markdown file.
    pub path: PathBuf,
    pub heading: String,
    /// The heading's line.
    pub place: usize,
    /// The lines of the Markdown file, from 0.
    pub lines: Range<usize>,
    pub blocks: Vec<Block>,
    pub runs: Vec<String>,
    pub expectations: Vec<Expectation>,
}

impl Case {
    /// The Markdown file without its folder and ending.
    pub fn topic(&self) -> String {
        let stem = self.path.file_stem().expect("a Markdown file has a name");
        stem.to_string_lossy().into_owned()
    }

    /// Where the heading stands, and what it says.
    pub fn name(&self) -> String {
        format!("{}.md:{}: {}", self.topic(), self.place, self.heading)
    }

    /// Writes the files into a folder.
    pub fn write(&self, folder: &Path) {
        for block in &self.blocks {
            let path = folder.join(&block.file);
            fs::create_dir_all(path.parent().unwrap()).expect("a folder for a case");
            fs::write(path, &block.text).expect("a file of a case");
        }
    }

    /// The line of the Markdown file that a line of one of the case's files is.
    pub fn place_of(&self, file: &str, line: u64) -> usize {
        let block = self.blocks.iter().find(|block| block.file == file);
        let line = usize::try_from(line).unwrap_or(0);
        block.map_or(self.place, |block| block.offset + line)
    }
}

/// The Markdown files of a folder, sorted.
pub fn topics(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    found.sort();
    found
}

/// The cases of a Markdown file. Panics with the line where it has not the form above.
pub fn read(path: &Path) -> Vec<Case> {
    let text = fs::read_to_string(path).expect("a Markdown file");
    let mut cases: Vec<Case> = Vec::new();
    let lines: Vec<&str> = text.lines().collect();
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at];
        let complain = |what: &str| -> ! { panic!("{}:{}: {what}", path.display(), at + 1) };
        if let Some(heading) = line.strip_prefix("## ") {
            cases.push(Case {
                path: path.to_owned(),
                heading: heading.trim().to_owned(),
                place: at + 1,
                lines: at..at + 1,
                blocks: Vec::new(),
                runs: Vec::new(),
                expectations: Vec::new(),
            });
        } else if let Some(info) = line.strip_prefix("```") {
            let Some(case) = cases.last_mut() else {
                complain("a block without a heading");
            };
            let rest = &lines[at + 1..];
            let Some(length) = rest.iter().position(|line| *line == "```") else {
                complain("a block without an end");
            };
            if let Err(what) = add(case, info, &rest[..length], at + 1) {
                complain(&what);
            }
            at += length + 1;
        }
        if let Some(case) = cases.last_mut() {
            case.lines.end = at + 1;
        }
        at += 1;
    }
    for case in &cases {
        let has_main = case.blocks.iter().any(|block| block.file == "main.py");
        assert!(has_main, "{}: no main.py", case.name());
    }
    cases
}

/// Adds a block to a case.
fn add(case: &mut Case, info: &str, lines: &[&str], offset: usize) -> Result<(), String> {
    let (language, option) = info.trim().split_once(' ').unwrap_or((info.trim(), ""));
    if language == "run" {
        let runs = lines.iter().filter(|line| !line.trim().is_empty());
        case.runs.extend(runs.map(|line| (*line).to_owned()));
        return Ok(());
    }
    let mut file = (language == "python").then_some("main.py");
    if !option.is_empty() {
        // A name may hold blanks.
        let name = option.trim().strip_prefix("file=");
        file = Some(name.ok_or_else(|| format!("unknown option {option}"))?);
    }
    let Some(file) = file else {
        return Err(format!("a block in {language:?} needs a file="));
    };
    if case.blocks.iter().any(|block| block.file == file) {
        return Err(format!("{file} twice below one heading"));
    }
    for (index, line) in lines.iter().enumerate() {
        case.expectations
            .extend(expectations(line, file, index, offset)?);
    }
    case.blocks.push(Block {
        file: file.to_owned(),
        text: lines.join("\n") + "\n",
        offset,
    });
    Ok(())
}

/// What the comments of a line expect.
fn expectations(
    line: &str,
    file: &str,
    index: usize,
    offset: usize,
) -> Result<Vec<Expectation>, String> {
    let mut starts: Vec<(usize, &str, Kind)> = Kind::ALL
        .into_iter()
        .flat_map(|(word, kind)| {
            line.match_indices(word)
                .map(move |(at, _)| (at, word, kind))
        })
        .collect();
    starts.sort_by_key(|(at, _, _)| *at);
    let ends = starts.iter().skip(1).map(|(at, _, _)| *at);
    let ends: Vec<usize> = ends.chain([line.len()]).collect();
    let mut found = Vec::new();
    for ((at, word, kind), end) in starts.into_iter().zip(ends) {
        let said = line[at + word.len()..end].trim();
        let (rule, text) = match kind {
            Kind::Raises => ("", said),
            _ => said
                .strip_prefix('[')
                .and_then(|said| said.split_once(']'))
                .ok_or_else(|| format!("`{word} {said}` has no [rule]"))?,
        };
        let text = text.trim();
        if text.is_empty() && matches!(kind, Kind::Error | Kind::Raises) {
            return Err(format!("`{word} {said}` does not say what is raised"));
        }
        found.push(Expectation {
            kind,
            rule: rule.to_owned(),
            text: text.to_owned(),
            file: file.to_owned(),
            line: index as u64 + 1,
            place: offset + index + 1,
        });
    }
    Ok(found)
}
