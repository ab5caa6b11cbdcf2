//! Independent jobs on several threads.

use super::{SimulateError, Watch};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// The results of the jobs `0..count` in their order; they do not depend on the number of threads, nor does the first error.
pub(super) fn in_order<T: Send>(
    count: usize,
    threads: usize,
    watch: Watch<'_>,
    job: impl Fn(usize) -> Result<T, SimulateError> + Sync,
) -> Result<Vec<T>, SimulateError> {
    let (next, done, ended) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    let results = Mutex::new(BTreeMap::new());
    let work = || {
        while let (place, false) = (next.fetch_add(1, Ordering::Relaxed), ended.load(Ordering::Relaxed))
            && place < count
        {
            let result = job(place);
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            let stop = result.is_err() | watch(done as u64, count as u64).is_break();
            results.lock().unwrap_or_else(PoisonError::into_inner).insert(place, result);
            ended.fetch_or(stop, Ordering::Relaxed);
        }
    };
    thread::scope(|scope| {
        (0..threads.clamp(1, count.max(1))).for_each(|_| drop(scope.spawn(work)));
    });
    // Jobs are begun in order, and what is begun is finished: the first error does not depend on the threads.
    let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    let results = results.into_values().collect::<Result<Vec<T>, _>>()?;
    if results.len() < count { Err(SimulateError::Interrupted) } else { Ok(results) }
}
