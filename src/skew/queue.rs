//! Work on several threads that is begun in order, and that may use what came of earlier work.

use std::sync::{Condvar, Mutex, PoisonError};

/// How many items may be under way at a time: an item may use what came of all that lie this far before it, whatever the machine. A lower
/// number lets items use more of what came before, a higher one keeps more threads busy.
const WINDOW: usize = 8;

/// Does the work for items `0..count` on the threads of the pool at hand.
///
/// `work` gets an item, and up to where all items are done for certain: that number depends on the item alone, so that what comes of it need
/// not depend on the machine either.
pub fn in_order(count: usize, work: impl Fn(usize, usize) + Sync) {
    let progress = Progress::default();
    rayon::broadcast(|_| {
        while let Some(item) = progress.begin(count) {
            let done = (item + 1).saturating_sub(WINDOW);
            progress.wait_for(done);
            let _end = End(&progress, item);
            work(item, done);
        }
    });
}

/// How far the work is.
#[derive(Default)]
struct Progress {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// The first item that is not begun.
    next: usize,
    /// The first item that is not done.
    first_open: usize,
    /// Items after that one which are done.
    done: Vec<usize>,
}

impl Progress {
    /// Takes the next item.
    fn begin(&self, count: usize) -> Option<usize> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let item = (state.next < count).then_some(state.next)?;
        state.next += 1;
        Some(item)
    }

    /// Waits until all items before this one are done. They are begun already, each on a thread that waits for earlier ones at most.
    fn wait_for(&self, item: usize) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = self
            .changed
            .wait_while(state, |state| state.first_open < item);
        drop(wait.unwrap_or_else(PoisonError::into_inner));
    }
}

/// The end of an item's work, even if it panics: the others must not wait for it.
struct End<'p>(&'p Progress, usize);

impl Drop for End<'_> {
    fn drop(&mut self) {
        let Self(progress, item) = self;
        let mut state = progress
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        state.done.push(*item);
        while let Some(found) = state.done.iter().position(|done| *done == state.first_open) {
            state.done.swap_remove(found);
            state.first_open += 1;
        }
        drop(state);
        progress.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_item_is_done_once_and_after_what_it_may_use() {
        let finished = Mutex::new(BTreeSet::new());
        in_order(100, |item, done| {
            let known = finished.lock().expect("no panic").clone();
            assert!((0..done).all(|earlier| known.contains(&earlier)));
            assert!(done <= item && item < done + WINDOW);
            assert!(finished.lock().expect("no panic").insert(item));
        });
        assert_eq!(finished.into_inner().expect("no panic").len(), 100);
    }

    #[test]
    fn who_panics_keeps_no_one_waiting() {
        let result = std::panic::catch_unwind(|| {
            in_order(50, |item, _| assert_ne!(item, 3));
        });
        assert!(result.is_err());
    }
}
