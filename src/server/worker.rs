//! The thread that checks. What it keeps from check to check stays on it.

use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::{Duration, Instant};

use super::snapshot::{Checker, Snapshot};
use crate::source::Overlay;

/// What is to be done.
enum Job {
    /// Check a folder.
    Check(PathBuf, Overlay),
    /// Look whether something changed in it.
    Look(PathBuf),
}

/// What was done.
pub(super) enum Report {
    /// A folder was checked, or cannot be. With its stamp before that.
    Checked {
        folder: PathBuf,
        stamp: Option<u64>,
        result: Result<Box<Snapshot>, String>,
    },
    /// A folder was looked at, which took so long.
    Looked {
        folder: PathBuf,
        stamp: Option<u64>,
        took: Duration,
    },
}

/// A handle on the thread.
pub(super) struct Worker {
    jobs: Sender<Job>,
    /// Whether it has something to do.
    is_busy: bool,
}

impl Worker {
    /// Starts the thread.
    pub(super) fn start<C: Checker>(
        checker: impl FnOnce() -> C + Send + 'static,
        report: impl Fn(Report) + Send + 'static,
    ) -> io::Result<Self> {
        let (jobs, todo) = mpsc::channel();
        thread::Builder::new()
            .name("checker".to_owned())
            .spawn(move || {
                let mut checker = checker();
                for job in todo {
                    report(done(&mut checker, job));
                }
            })?;
        Ok(Self {
            jobs,
            is_busy: false,
        })
    }

    /// Whether it waits for something to do.
    pub(super) fn is_free(&self) -> bool {
        !self.is_busy
    }

    /// Has a folder checked.
    pub(super) fn check(&mut self, folder: PathBuf, overlay: Overlay) {
        self.is_busy = self.jobs.send(Job::Check(folder, overlay)).is_ok();
    }

    /// Has it looked at.
    pub(super) fn look(&mut self, folder: PathBuf) {
        self.is_busy = self.jobs.send(Job::Look(folder)).is_ok();
    }

    /// Notes that a report has come.
    pub(super) fn has_reported(&mut self) {
        self.is_busy = false;
    }
}

fn done<C: Checker>(checker: &mut C, job: Job) -> Report {
    match job {
        Job::Check(folder, overlay) => {
            let stamp = checker.stamp(&folder);
            // A mistake of ours ends this check and no other. What is kept is keyed by content and stays right.
            let result = panic::catch_unwind(AssertUnwindSafe(|| checker.check(&folder, overlay)));
            let result = result
                .unwrap_or_else(|_| Err("this is a bug in coship: see its stderr".to_owned()));
            Report::Checked {
                folder,
                stamp,
                result: result.map(Box::new),
            }
        }
        Job::Look(folder) => {
            let begun = Instant::now();
            let stamp = checker.stamp(&folder);
            let took = begun.elapsed();
            Report::Looked {
                folder,
                stamp,
                took,
            }
        }
    }
}
