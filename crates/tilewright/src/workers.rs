//! Independent jobs on several threads.

use std::collections::BTreeMap;
use std::ops::{ControlFlow, Range};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Told how much of some long work is done, of how much; may end it.
pub type Watch<'a> = &'a (dyn Fn(u64, u64) -> ControlFlow<()> + Sync);

/// The results of jobs in their order, one job for each of `sizes`, which `watch` adds up; they do not depend on the number of
/// threads, nor does the first error. `None` if the watch ended the work with jobs left.
pub(crate) fn run<T: Send, E: Send>(
    sizes: &[u64],
    threads: usize,
    watch: Watch<'_>,
    job: impl Fn(usize) -> Result<T, E> + Sync,
) -> Result<Option<Vec<T>>, E> {
    let total = sizes.iter().sum();
    let (next, done, ended) = (AtomicUsize::new(0), AtomicU64::new(0), AtomicBool::new(false));
    let results = Mutex::new(BTreeMap::new());
    let work = || {
        while let (place, false) = (next.fetch_add(1, Ordering::Relaxed), ended.load(Ordering::Relaxed))
            && let Some(size) = sizes.get(place)
        {
            let result = job(place);
            let done = done.fetch_add(*size, Ordering::Relaxed) + size;
            let stop = result.is_err() | watch(done, total).is_break();
            results.lock().unwrap_or_else(PoisonError::into_inner).insert(place, result);
            ended.fetch_or(stop, Ordering::Relaxed);
        }
    };
    thread::scope(|scope| {
        (0..threads.clamp(1, sizes.len().max(1))).for_each(|_| drop(scope.spawn(work)));
    });
    // Jobs are begun in order, and what is begun is finished: the first error does not depend on the threads.
    let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    let results = results.into_values().collect::<Result<Vec<T>, E>>()?;
    Ok((results.len() == sizes.len()).then_some(results))
}

/// As [`run`], a job for every `size` places of 0 to `count`, or as many as are left; the watch is told of places.
pub(crate) fn in_batches<T: Send, E: Send>(
    (count, size): (usize, usize),
    threads: usize,
    watch: Watch<'_>,
    job: impl Fn(Range<usize>) -> Result<T, E> + Sync,
) -> Result<Option<Vec<T>>, E> {
    let batches: Vec<Range<usize>> = (0..count).step_by(size).map(|first| first..count.min(first + size)).collect();
    let sizes: Vec<u64> = batches.iter().map(|batch| batch.len() as u64).collect();
    run(&sizes, threads, watch, |place| job(batches[place].clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ON: Watch<'static> = &|_, _| ControlFlow::Continue(());

    #[test]
    fn results_and_the_first_error_are_the_same_on_any_number_of_threads() {
        for threads in [0, 1, 2, 5, 100] {
            let squares = run(&[1; 40], threads, ON, |job| Ok::<_, usize>(job * job));
            assert_eq!(squares, Ok(Some((0..40).map(|job| job * job).collect())));
            assert_eq!(run(&[1; 40], threads, ON, |job| if job % 7 == 6 { Err(job) } else { Ok(()) }), Err(6));
            assert_eq!(run(&[], threads, ON, |_| Ok::<_, ()>(0)), Ok(Some(vec![])));
        }
    }

    #[test]
    fn the_watch_adds_up_sizes_and_ends_the_work() {
        let seen = Mutex::new(vec![]);
        let watch = |done, total| {
            seen.lock().expect("no panic").push((done, total));
            if done >= 7 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        assert_eq!(run(&[4, 3, 2, 1], 1, &watch, Ok::<_, ()>), Ok(None));
        assert_eq!(run(&[4, 3], 1, &watch, Ok::<_, ()>), Ok(Some(vec![0, 1])), "nothing was left");
        assert_eq!(*seen.lock().expect("no panic"), [(4, 10), (7, 10), (4, 7), (7, 7)]);
    }
}
