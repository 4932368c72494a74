//! `coship hook install` and `coship hook remove`: git's own hooks, without a program around them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::cli::{Global, Hook, HookAction};
use crate::commands::output::say;
use crate::commands::{Error, Exit};
use crate::source::{Context, hooks_directory};

/// The hooks, each with the stage that it is.
const HOOKS: [&str; 3] = ["pre-commit", "pre-merge-commit", "pre-push"];

/// What a hook of ours is known by.
const MARK: &str = "# Written by `coship hook install`; `coship hook remove` takes it away.";

/// The lines of a hook that say what to do where git's environment has no coship: a graphical client's often lacks a virtual environment's programs.
const FINDS_COSHIP: &str = "\
if ! command -v coship >/dev/null 2>&1; then
    echo 'coship: not found on PATH, so nothing was checked and the hook fails' >&2
    echo 'help: install it (pip install coship) or put its directory on PATH; --no-verify goes without the check once' >&2
    exit 127
fi
";

/// Writes or removes the hooks of the repository around the working directory. None is touched if one of them is somebody else's.
pub(super) fn run(arguments: &Hook, global: &Global) -> Result<Exit, Error> {
    let directory = hooks_directory(&Context::of_process()?)?;
    let hooks: Vec<PathBuf> = HOOKS.iter().map(|hook| directory.join(hook)).collect();
    let mut own = Vec::new();
    for (hook, path) in HOOKS.iter().zip(&hooks) {
        match fs::read(path) {
            Ok(text) if is_ours(&text) => own.push((*hook, path)),
            Ok(_) if arguments.action == HookAction::Install => {
                return Err(Error::ForeignHook {
                    hook: (*hook).to_owned(),
                });
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(hook, error)),
        }
    }
    let done = match arguments.action {
        HookAction::Install => {
            fs::create_dir_all(&directory).map_err(|error| failed("hooks", error))?;
            for (hook, path) in HOOKS.iter().zip(&hooks) {
                write(hook, path).map_err(|error| failed(hook, error))?;
            }
            format!("wrote the hooks {}", HOOKS.join(", "))
        }
        HookAction::Remove if own.is_empty() => "there is no hook of coship's".to_owned(),
        HookAction::Remove => {
            for (hook, path) in &own {
                fs::remove_file(path).map_err(|error| failed(hook, error))?;
            }
            let names: Vec<&str> = own.iter().map(|(hook, _)| *hook).collect();
            format!("removed the hooks {}", names.join(", "))
        }
    };
    say(!global.quiet, &done);
    Ok(Exit::Clean)
}

fn is_ours(text: &[u8]) -> bool {
    text.split(|&byte| byte == b'\n')
        .any(|line| line == MARK.as_bytes())
}

fn write(hook: &str, path: &Path) -> io::Result<()> {
    fs::write(
        path,
        format!("#!/bin/sh\n{MARK}\n{FINDS_COSHIP}exec coship check --hook={hook}\n"),
    )?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

fn failed(hook: &str, error: io::Error) -> Error {
    Error::Output {
        name: format!("the hook {hook}"),
        error,
    }
}
