//! `--hook`: what the git operation moves that a hook was started for.
//!
//! Before a commit or a merge commit that is the index. Before a push it is what is pushed, which neither the index nor HEAD need be: pre-commit names
//! it in a variable, and git hands it to a plain hook on stdin.

use std::collections::BTreeSet;
use std::env;
use std::io::{self, IsTerminal, Read};

use crate::cli::{HookStage, TreeArgs};
use crate::commands::Error;
use crate::source::{Context, commit_of};

/// What pre-commit says is pushed, in a hook of that stage: the commit, or where a whole history is pushed for the first time, the branch alone.
const PUSHED: [&str; 2] = ["PRE_COMMIT_TO_REF", "PRE_COMMIT_LOCAL_BRANCH"];

/// The trees that are to be judged: the index, or what is pushed; none if a push only deletes.
pub(super) fn moved(stage: HookStage, tree: &TreeArgs) -> Result<Vec<TreeArgs>, Error> {
    let revision = |name: &str| TreeArgs {
        tree: Some(format!("rev:{name}")),
        ..tree.clone()
    };
    let is_commit = matches!(stage, HookStage::PreCommit | HookStage::PreMergeCommit);
    let mut pushed = PUSHED.iter().filter_map(|name| env::var(name).ok());
    let pushed = pushed.find(|name| !name.is_empty());
    if let Some(pushed) = pushed.filter(|_| !is_commit) {
        return Ok(vec![revision(&pushed)]);
    }
    if stage != HookStage::PrePush {
        return Ok(vec![TreeArgs {
            staged: true,
            ..tree.clone()
        }]);
    }
    let mut stdin = io::stdin();
    if stdin.is_terminal() {
        return Err(Error::NothingPushed);
    }
    let mut text = String::new();
    stdin
        .read_to_string(&mut text)
        .map_err(|error| Error::Pushed {
            line: error.to_string(),
        })?;
    let context = Context::of_process()?;
    // A branch and an annotated tag of one commit are pushed with two ids, and are one tree to judge.
    let commit = |id: &str| commit_of(id, &context).unwrap_or_else(|| id.to_owned());
    let mut seen = BTreeSet::new();
    let commits = commits(&text)?.into_iter().map(commit);
    let commits = commits.filter(|commit| seen.insert(commit.clone()));
    Ok(commits.map(|commit| revision(&commit)).collect())
}

/// What to do next where a hook refuses a tree.
pub(super) fn refused(tree: &TreeArgs) -> String {
    let (what, tree) = match &tree.tree {
        Some(pushed) => ("push", pushed.as_str()),
        None => ("commit", "--staged"),
    };
    format!(
        "{what} refused: `coship check {tree} --diff` shows what can be mended, `coship rule RULE` explains a finding"
    )
}

/// What is pushed by what git hands to a pre-push hook, `LOCAL_REF LOCAL_ID REMOTE_REF REMOTE_ID` a line, in its order. An id of zeros deletes.
fn commits(text: &str) -> Result<Vec<&str>, Error> {
    let mut commits = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let id = match fields.as_slice() {
            [_, id, _, _] if id.bytes().all(|byte| byte.is_ascii_hexdigit()) => *id,
            _ => {
                return Err(Error::Pushed {
                    line: line.to_owned(),
                });
            }
        };
        if id.bytes().any(|byte| byte != b'0') {
            commits.push(id);
        }
    }
    Ok(commits)
}

#[cfg(test)]
mod tests {
    use super::commits;

    #[test]
    fn deletions_push_nothing() {
        let (a, b, none) = ("a".repeat(40), "b".repeat(40), "0".repeat(40));
        let text = format!(
            "refs/heads/x {a} refs/heads/x {none}\n(delete) {none} refs/heads/y {b}\nrefs/tags/t {a} refs/tags/t {none}\n"
        );
        assert_eq!(commits(&text).unwrap(), [a.as_str(), a.as_str()]);
        assert!(commits("").unwrap().is_empty());
        assert!(commits("one two\n").is_err());
    }
}
