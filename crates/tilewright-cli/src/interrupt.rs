//! Ctrl-C and its kin: what is unfinished is removed, what is kept is said, and the process still ends by the signal.

use std::sync::{Mutex, PoisonError};

/// What is said to whoever stops the command.
static WORD: Mutex<Option<String>> = Mutex::new(None);

/// From now on whoever stops the command is told this.
pub(crate) fn say_when_stopped(word: String) {
    *WORD.lock().unwrap_or_else(PoisonError::into_inner) = Some(word);
}

/// Heeds the signals that stop a command, from a thread of its own.
#[cfg(unix)]
pub(crate) fn heed() {
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;
    use std::io::IsTerminal;
    // Without that thread signals end the process as ever, and the next command clears up.
    let Ok(mut signals) = Signals::new(unix::heeded()) else { return };
    std::thread::spawn(move || {
        for signal in signals.forever() {
            crate::output::abandon();
            if let Some(word) = &*WORD.lock().unwrap_or_else(PoisonError::into_inner) {
                // Not behind a bar or the ^C of a terminal.
                let before = if std::io::stderr().is_terminal() { "\n" } else { "" };
                crate::output::note(&format!("{before}{word}"));
            }
            drop(emulate_default_handler(signal));
        }
    });
}

/// Nothing to heed: where there are no Unix signals, the next command clears up.
#[cfg(not(unix))]
pub(crate) fn heed() {}

#[cfg(unix)]
mod unix {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

    /// The signals to heed. Those that whoever started the command had ignored, as `nohup` and the background of a shell do,
    /// stay ignored; where it cannot be seen which these are, a terminal that is closed is left to the system.
    pub(super) fn heeded() -> Vec<i32> {
        match std::fs::read_to_string("/proc/self/status").ok().as_deref().and_then(ignored) {
            Some(ignored) => {
                [SIGHUP, SIGINT, SIGTERM].into_iter().filter(|signal| ignored & 1 << (signal - 1) == 0).collect()
            }
            None => vec![SIGINT, SIGTERM],
        }
    }

    /// The mask of ignored signals in Linux's description of a process.
    fn ignored(status: &str) -> Option<u64> {
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
        u64::from_str_radix(mask.trim(), 16).ok()
    }
}
