//! `coship init`: a commented configuration from what is found.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use crate::analysis;
use crate::cli::{Global, Init, TreeArgs};
use crate::commands::baseline::Baseline;
use crate::commands::output::{Output, say};
use crate::commands::setup::Setup;
use crate::commands::verdict::default_selection;
use crate::commands::{Error, Exit};
use crate::config::Options;
use crate::report::Tally;
use crate::report::configuration::{self, NewestTag};
use crate::rules::Severity;
use crate::source::{Choice, Texts, Unlike};

/// The file that `--adopt` writes besides.
const BASELINE: &str = "coship-baseline.toml";

/// Writes the file, or prints it.
pub(super) fn run(arguments: &Init, global: &Global) -> Result<Exit, Error> {
    let tree = tree_at(&arguments.directory);
    // An existing configuration says nothing about what is there: look without it.
    let isolated = Global {
        config: Vec::new(),
        isolated: true,
        ..*global
    };
    let setup = Setup::new(&tree, &isolated, Options::default())?;
    let mut texts = Texts::default();
    let selection = &setup.settings.selection;
    let tree = setup.candidate.read(selection, &mut texts)?;
    // A history that cannot be read is no obstacle here: the tag's line is commented out then.
    let tag = match setup.candidate.against(None, None, &setup.context) {
        Ok(Choice::Version(newest)) => Some(NewestTag {
            name: newest.name().to_owned(),
            runs: match newest.unlike(&tree, selection, &mut texts) {
                Ok((other, Unlike::Another)) => Some(other.name().to_owned()),
                Ok((_, Unlike::Named | Unlike::First)) | Err(_) => None,
            },
        }),
        Ok(Choice::Nothing(_)) | Err(_) => None,
    };
    let roots = analysis::pool()?.install(|| analysis::roots(&tree, &setup.settings));
    let mut found = configuration::discover(&tree, &setup.settings.layers, roots, tag);
    if arguments.adopt {
        found.baseline = Some(BASELINE.to_owned());
    }
    if arguments.stdout {
        Output::new(None)?.write(|out| configuration::write(&found, out))?;
        return Ok(Exit::Clean);
    }
    let path = arguments.directory.join("coship.toml");
    let name = path.display().to_string();
    let mut options = OpenOptions::new();
    options.write(true);
    if arguments.force {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    let mut file = match options.open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(Error::Exists { name });
        }
        Err(error) => return Err(Error::Output { name, error }),
    };
    let mut text = Vec::new();
    let result = configuration::write(&found, &mut text).and_then(|()| file.write_all(&text));
    result.map_err(|error| Error::Output {
        name: name.clone(),
        error,
    })?;
    say(!global.quiet, &format!("wrote {name}"));
    if arguments.adopt {
        adopt(&arguments.directory, &isolated)?;
    }
    Ok(Exit::Clean)
}

/// Writes the baseline of what is found with the configuration that was just written, and says what comes next.
fn adopt(directory: &Path, global: &Global) -> Result<(), Error> {
    let tree = tree_at(directory);
    let with_file = Global {
        config: Vec::new(),
        isolated: false,
        ..*global
    };
    let mut setup = Setup::new(&tree, &with_file, Options::default())?;
    let selection = default_selection(&setup.settings)?;
    let tree = setup
        .candidate
        .read(&setup.settings.selection, &mut Texts::default())?;
    setup.look_around(&tree, None)?;
    let settings = &setup.settings;
    let candidate = analysis::pool()?.install(|| analysis::analyse_one(&tree, settings));
    let mut findings = candidate.judge(&selection);
    let errors = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error && finding.is_certain());
    let errors = errors.count();
    let mut tally = Tally::default();
    let how = (true, global.quiet);
    let baseline = Baseline::new(directory.join(BASELINE));
    baseline.apply(
        &mut findings,
        &mut tally,
        (&tree, &candidate.present()),
        how,
    )?;
    let what = match errors {
        0 => "there is no error now".to_owned(),
        1 => "1 error is in it: it was there before, and is not reported".to_owned(),
        many => format!("{many} errors are in it: they were there before, and are not reported"),
    };
    say(!global.quiet, &what);
    say(
        !global.quiet,
        "commit both files; from now on `coship check` reports what is new, and `coship check --update-baseline` takes out what is mended",
    );
    Ok(())
}

/// The arguments for a directory and nothing else.
fn tree_at(directory: &Path) -> TreeArgs {
    TreeArgs {
        python_version: Vec::new(),
        python: None,
        packages: Vec::new(),
        tree: Some(directory.to_string_lossy().into_owned()),
        staged: false,
        exclude: Vec::new(),
        extend_exclude: Vec::new(),
    }
}
