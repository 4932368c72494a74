//! `coship init`: a commented configuration from what is found.

use std::fs::OpenOptions;
use std::io::{self, Write};

use crate::analysis;
use crate::cli::{Global, Init, TreeArgs};
use crate::commands::output::{Output, say};
use crate::commands::setup::Setup;
use crate::commands::{Error, Exit};
use crate::config::Options;
use crate::report::configuration;
use crate::source::{Choice, Texts};

/// Writes the file, or prints it.
pub(super) fn run(arguments: &Init, global: &Global) -> Result<Exit, Error> {
    let tree = TreeArgs {
        python_version: Vec::new(),
        python: None,
        packages: Vec::new(),
        tree: arguments.directory.to_string_lossy().into_owned(),
        staged: false,
        exclude: Vec::new(),
        extend_exclude: Vec::new(),
    };
    // An existing configuration says nothing about what is there: look without it.
    let isolated = Global {
        config: Vec::new(),
        isolated: true,
        ..*global
    };
    let setup = Setup::new(&tree, &isolated, Options::default())?;
    let tree = setup
        .candidate
        .read(&setup.settings.selection, &mut Texts::default())?;
    // A history that cannot be read is no obstacle here: the tag's line is commented out then.
    let tag = match setup.candidate.against(None, None, &setup.context) {
        Ok(Choice::Version(located)) => Some(located.name().to_owned()),
        Ok(Choice::Nothing(_)) | Err(_) => None,
    };
    let roots = analysis::pool()?.install(|| analysis::roots(&tree, &setup.settings));
    let found = configuration::discover(&tree, &setup.settings.layers, roots, tag);
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
    Ok(Exit::Clean)
}
