//! `--baseline FILE`: what is known already is not reported, and `--update-baseline` writes it down.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::cli::Check;
use crate::commands::Error;
use crate::commands::output::say;
use crate::commands::setup::Setup;
use crate::report::Tally;
use crate::rules::baseline::{Entry, Present, matched};
use crate::rules::{Finding, Suppressed, Suppressor, baseline_file, input, shipping};
use crate::source::Tree;

/// What `--baseline` takes for none, whatever the configuration names.
const NONE: &str = "none";

/// Set by every CI: there, a baseline only shrinks.
const CI_VARIABLE: &str = "CI";

/// A baseline, as it was read.
pub(super) struct Baseline {
    path: PathBuf,
    name: String,
    entries: Vec<Entry>,
    update: bool,
}

impl Baseline {
    /// The baseline that the flags or the configuration name; none if neither does.
    pub(super) fn open(arguments: &Check, setup: &Setup) -> Result<Option<Self>, Error> {
        let update = arguments.update_baseline;
        let configured = setup.settings.baseline.as_ref();
        let (path, name) = match (&arguments.baseline, configured) {
            (Some(path), _) if path.as_os_str() == NONE => {
                return if update {
                    Err(Error::NoBaseline)
                } else {
                    Ok(None)
                };
            }
            (Some(path), _) => (path.clone(), path.display().to_string()),
            (None, Some(written)) => {
                let path = setup.beside(&written.at.source, &written.value);
                (path, written.value.clone())
            }
            (None, None) if update => return Err(Error::NoBaseline),
            (None, None) => return Ok(None),
        };
        Self::read(path, name, update).map(Some)
    }

    fn read(path: PathBuf, name: String, update: bool) -> Result<Self, Error> {
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound && update => String::new(),
            Err(error) => return Err(Error::Baseline { name, error }),
        };
        let entries = baseline_file::read(&text, &name)?;
        Ok(Self {
            path,
            name,
            entries,
            update,
        })
    }

    /// The baseline that the configuration names, for a command that only reads it.
    pub(super) fn configured(setup: &Setup) -> Result<Option<Self>, Error> {
        let Some(written) = &setup.settings.baseline else {
            return Ok(None);
        };
        let path = setup.beside(&written.at.source, &written.value);
        Self::read(path, written.value.clone(), false).map(Some)
    }

    /// The baseline to be of what is found now, in a file that is not there yet.
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            name: path.display().to_string(),
            path,
            entries: Vec::new(),
            update: true,
        }
    }

    /// Takes out the findings that it lists, and counts them. `is_whole`: the run saw all that there is, so that an entry without a finding is mended.
    pub(super) fn apply(
        &self,
        findings: &mut Vec<Finding>,
        tally: &mut Tally,
        (tree, present): (&Tree, &Present),
        (is_whole, quiet): (bool, bool),
    ) -> Result<(), Error> {
        let ours: Vec<usize> = (0..findings.len())
            .filter(|&index| is_kept(&findings[index]))
            .collect();
        let found: Vec<Entry> = ours
            .iter()
            .map(|&index| Entry::of(&findings[index], tree, present))
            .collect();
        let mut matched = matched(&self.entries, &found, present);
        if self.update {
            let may_grow = !is_ci();
            let wanted: Vec<Entry> = found
                .iter()
                .zip(&matched.known)
                .filter(|(_, known)| may_grow || **known)
                .map(|(entry, _)| entry.clone())
                .collect();
            self.write(&wanted, matched.entries.iter().flatten().count(), quiet)?;
            if may_grow {
                matched.known.fill(true);
            }
        } else if is_whole {
            tally.baseline_unused = matched
                .entries
                .iter()
                .filter(|found| found.is_none())
                .count();
        }
        tally.baseline = Some(self.name.clone());
        let mut taken = vec![false; findings.len()];
        for (&index, &known) in ours.iter().zip(&matched.known) {
            taken[index] = known;
        }
        for (finding, taken) in std::mem::take(findings).into_iter().zip(taken) {
            if taken {
                tally.suppressed.push(Suppressed {
                    finding,
                    by: Suppressor::Baseline,
                    justification: format!("it was there before: {}", self.name),
                });
            } else {
                findings.push(finding);
            }
        }
        Ok(())
    }

    /// Writes the file, unless it says the same already, and tells what changed. `kept` of its entries have a finding.
    fn write(&self, entries: &[Entry], kept: usize, quiet: bool) -> Result<(), Error> {
        let (added, removed) = (entries.len() - kept, self.entries.len() - kept);
        let text = baseline_file::write(entries);
        let is_same = fs::read_to_string(&self.path).is_ok_and(|old| old == text);
        if !is_same {
            replace(&self.path, &text).map_err(|error| Error::Output {
                name: self.name.clone(),
                error,
            })?;
        }
        let wrote = if is_same {
            "nothing to change in"
        } else {
            "wrote"
        };
        let findings = if entries.len() == 1 {
            "finding"
        } else {
            "findings"
        };
        let changes = format!("{added} added, {removed} taken out");
        say(
            !quiet,
            &format!(
                "{wrote} {}: {} {findings} ({changes})",
                self.name,
                entries.len()
            ),
        );
        Ok(())
    }
}

/// Replaces a file as a whole: whoever reads it meanwhile reads the old one.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = path.with_file_name(name);
    fs::write(&new, text)?;
    fs::rename(&new, path).inspect_err(|_| {
        let _ = fs::remove_file(&new);
    })
}

/// Whether a baseline keeps the finding: infos too, since who adopts a repository wants to see what is new. What is to be shipped together is another
/// question each time.
fn is_kept(finding: &Finding) -> bool {
    finding.is_certain()
        && !shipping::is_of(finding.rule)
        // It is about the configuration beside it.
        && *finding.rule != input::UNUSED_WAIVER
}

fn is_ci() -> bool {
    std::env::var(CI_VARIABLE).is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"))
}
