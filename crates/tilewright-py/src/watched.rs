//! Long work beside the interpreter: other Python threads go on, Ctrl-C is heard, progress is told.

use crate::error::Outcome;
use pyo3::prelude::*;
use std::ops::ControlFlow;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

/// How long Ctrl-C may go unheard.
const TICK: Duration = Duration::from_millis(50);

/// What the work sees of the interpreter.
pub(crate) struct Watch {
    stopped: Arc<AtomicBool>,
    reports: Sender<Report>,
}

/// How much is done, of how much.
pub(crate) type Report = (u64, u64);

impl Watch {
    /// Whether nobody waits for the result any more.
    pub(crate) fn stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Whether to go on: not where nobody waits any more.
    pub(crate) fn go_on(&self) -> ControlFlow<()> {
        if self.stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Says how much is done.
    pub(crate) fn report(&self, report: Report) {
        // Without a listener there is nobody to tell.
        let _ = self.reports.send(report);
    }
}

/// Runs `work` on a thread of its own and waits for it; `progress` is called with each report of how much is done, of how much.
///
/// After Ctrl-C, or an exception of `progress`, this returns at once; the work is told to stop, and what cannot stop ends
/// in the background without anybody seeing its result.
pub(crate) fn run<T: Send + 'static>(
    py: Python<'_>,
    progress: Option<&Bound<'_, PyAny>>,
    work: impl FnOnce(&Watch) -> T + Send + 'static,
) -> Outcome<T> {
    let (reports, mut reported) = mpsc::channel();
    let stopped = Arc::new(AtomicBool::new(false));
    let watch = Watch { stopped: Arc::clone(&stopped), reports };
    let worker = thread::spawn(move || work(&watch));
    loop {
        let listener = &mut reported;
        let report = py.detach(move || listener.recv_timeout(TICK));
        let heard = match (report, progress) {
            (Ok(report), Some(progress)) => progress.call1(report).map(drop),
            (Err(RecvTimeoutError::Disconnected), _) => break,
            _ => Ok(()),
        };
        if let Err(error) = heard.and_then(|()| py.check_signals()) {
            stopped.store(true, Ordering::Relaxed);
            return Err(error.into());
        }
    }
    // The sender is gone, so the thread is ending; a panic of the core goes on as Python's PanicException.
    py.detach(|| worker.join()).or_else(|panic| resume_unwind(panic))
}
