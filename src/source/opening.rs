//! Packages that are being read: their code first, the rest while the code is checked.
//!
//! The members of a zip are work in a queue, what makes its tree in front. A thread begins with it while something else is read, and ends when the code is asked for, so that it
//! is in nobody's way; whoever needs the rest, or has nothing to do, does what is left.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};

use super::bundle::{Bundle, Member, Packed, is_code};
use super::error::SourceError;
use super::folder;
use super::locate::{Located, Place};
use super::tree::Kind;
use super::unzip::{Tools, Unpacked, Zip};

/// A package whose members are known, and perhaps not yet what is in all of them.
pub struct Opening {
    kind: Kind,
    name: String,
    members: Members,
}

enum Members {
    /// All of a directory.
    Read(Vec<Member>),
    Zip(Unpacking),
}

/// A zip that is being unpacked.
struct Unpacking {
    queue: Arc<Queue>,
    /// The thread that begins with it.
    thread: Option<JoinHandle<()>>,
}

/// The members of a zip, and the zip itself, as work that several threads share.
struct Queue {
    zip: Zip,
    /// The numbers of the members in the order in which they are unpacked.
    order: Vec<usize>,
    /// How many of them make the tree.
    code: usize,
    /// How many of the order are taken; the digest of the zip comes behind the last one.
    taken: AtomicUsize,
    /// Whether the thread that began with it has done enough.
    is_enough: AtomicBool,
    /// What came of each member, by number; nothing where the thread panicked, which has said so.
    unpacked: Vec<OnceLock<Option<Result<Unpacked, SourceError>>>>,
    /// What the zip itself is known by.
    packed: OnceLock<Result<Packed, SourceError>>,
}

impl Queue {
    fn new(zip: Zip) -> Self {
        let mut order: Vec<usize> = (0..zip.listed.len()).collect();
        let is_rest = |number: &usize| !is_code(&zip.listed[*number].member);
        order.sort_by_key(is_rest);
        Self {
            code: order.partition_point(|number| !is_rest(number)),
            unpacked: order.iter().map(|_| OnceLock::new()).collect(),
            order,
            taken: AtomicUsize::new(0),
            is_enough: AtomicBool::new(false),
            packed: OnceLock::new(),
            zip,
        }
    }

    /// How many pieces of work there are.
    fn all(&self) -> usize {
        self.order.len() + 1
    }

    /// Does what nobody has taken of the first `count` pieces of work, as long as `goes_on`.
    fn work(&self, count: usize, goes_on: &dyn Fn() -> bool) {
        let mut tools = Tools::default();
        let next = |taken| (taken < count && goes_on()).then_some(taken + 1);
        let order = Ordering::Relaxed;
        while let Ok(taken) = self.taken.fetch_update(order, order, next) {
            let Some(&number) = self.order.get(taken) else {
                self.packed.get_or_init(|| self.zip.digest());
                continue;
            };
            let unpack = || self.zip.unpack(&self.zip.listed[number], &mut tools);
            // Whoever waits for it would wait for ever.
            let unpacked = catch_unwind(AssertUnwindSafe(unpack)).ok();
            if unpacked.is_none() {
                tools = Tools::default();
            }
            // A member is taken once.
            let _ = self.unpacked[number].set(unpacked);
        }
    }

    /// What came of a member, as soon as it was unpacked.
    fn wait_for(&self, number: usize) -> &Result<Unpacked, SourceError> {
        let unpacked = self.unpacked[number].wait();
        let panicked = || resume_unwind(Box::new("a thread that unpacked a member panicked"));
        unpacked.as_ref().unwrap_or_else(panicked)
    }
}

impl Unpacking {
    /// Begins to unpack at once, if that `is_wanted`.
    fn new(zip: Zip, is_wanted: bool) -> Self {
        let queue = Arc::new(Queue::new(zip));
        let thread = is_wanted.then(|| {
            let queue = Arc::clone(&queue);
            let goes_on = move |queue: &Queue| !queue.is_enough.load(Ordering::Relaxed);
            let work = move || queue.work(queue.all(), &|| goes_on(&queue));
            thread::Builder::new().spawn(work).ok()
        });
        Self {
            queue,
            thread: thread.flatten(),
        }
    }

    /// The members, those that make the tree with their content; none if one of these cannot be unpacked. The rest has to wait from here on.
    fn code(&self) -> Option<Vec<Member>> {
        let queue = &self.queue;
        queue.work(queue.code, &|| true);
        queue.is_enough.store(true, Ordering::Relaxed);
        let listed = queue.zip.listed.iter();
        let mut members: Vec<Member> = listed.map(|listed| listed.member.clone()).collect();
        for &number in &queue.order[..queue.code] {
            let unpacked = queue.wait_for(number).as_ref().ok()?;
            members[number].content.clone_from(&unpacked.content);
        }
        Some(members)
    }

    /// All members, and what the zip itself is known by; `busy` threads have something else to do. What is wrong with the first member that is damaged is told, whatever was
    /// unpacked first.
    fn whole(&self, busy: usize) -> Result<(Vec<Member>, Packed), SourceError> {
        let queue = &self.queue;
        let threads = rayon::current_num_threads().saturating_sub(busy);
        if threads < 2 {
            queue.work(queue.all(), &|| true);
        } else {
            rayon::broadcast(|it| {
                if it.index() < threads {
                    queue.work(queue.all(), &|| true);
                }
            });
        }
        let packed = queue.packed.wait().clone()?;
        let unpacked = (0..queue.order.len()).map(|number| queue.wait_for(number));
        Ok((queue.zip.members(unpacked)?, packed))
    }
}

impl Drop for Unpacking {
    fn drop(&mut self) {
        self.queue.is_enough.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A panic was told where it mattered.
            let _ = thread.join();
        }
    }
}

impl Opening {
    /// The package with the content of what makes its tree and says what is installed in it; other files have none yet.
    ///
    /// # Errors
    /// As for [`Located::bundle`].
    pub fn code(&self) -> Result<Bundle, SourceError> {
        match &self.members {
            Members::Read(members) => Ok(self.bundle(members.clone(), None)),
            Members::Zip(zip) => match zip.code() {
                Some(members) => Ok(self.bundle(members, None)),
                None => self.whole(),
            },
        }
    }

    /// The package as a whole.
    ///
    /// # Errors
    /// As for [`Located::bundle`].
    pub fn whole(&self) -> Result<Bundle, SourceError> {
        self.whole_beside(0)
    }

    /// The same while so many threads are busy with something else: no more threads read than are left.
    ///
    /// # Errors
    /// As for [`Located::bundle`].
    pub fn whole_beside(&self, busy: usize) -> Result<Bundle, SourceError> {
        match &self.members {
            Members::Read(members) => Ok(self.bundle(members.clone(), None)),
            Members::Zip(zip) => {
                let (members, packed) = zip.whole(busy)?;
                Ok(self.bundle(members, Some(packed)))
            }
        }
    }

    /// Does what is left to be read and nobody has begun.
    pub fn help(&self) {
        if let Members::Zip(zip) = &self.members {
            zip.queue.work(zip.queue.all(), &|| true);
        }
    }

    fn bundle(&self, members: Vec<Member>, packed: Option<Packed>) -> Bundle {
        Bundle {
            kind: self.kind,
            name: self.name.clone(),
            members,
            packed,
        }
    }
}

impl Located {
    /// Begins to read a package on disk; a zip goes on being unpacked while something else is done.
    ///
    /// # Errors
    /// If its members cannot be listed.
    pub fn open(&self) -> Result<Opening, SourceError> {
        self.opening(true)
    }

    /// The same for what is wanted as a whole.
    pub(super) fn listed(&self) -> Result<Opening, SourceError> {
        self.opening(false)
    }

    fn opening(&self, is_ahead: bool) -> Result<Opening, SourceError> {
        let (kind, members) = match &self.place {
            Place::Zip { disk } => {
                let zip = Zip::list(disk, &self.name)?;
                (Kind::Zip, Members::Zip(Unpacking::new(zip, is_ahead)))
            }
            Place::Directory { disk } | Place::WorkTree { disk, .. } => {
                let members = folder::read(disk, &self.name)?;
                (Kind::Directory, Members::Read(members))
            }
            Place::Index { .. } | Place::Revision { .. } => {
                return Err(SourceError::NotAFile {
                    path: self.name.clone(),
                });
            }
        };
        Ok(Opening {
            kind,
            name: self.name.clone(),
            members,
        })
    }
}
