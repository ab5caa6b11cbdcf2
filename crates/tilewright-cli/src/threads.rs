//! How many threads do the work.

use std::thread;

/// As many as were asked for, or one for each processor.
pub(crate) fn asked(threads: Option<u32>) -> usize {
    threads.map_or_else(|| thread::available_parallelism().map_or(1, usize::from), |threads| threads as usize)
}
