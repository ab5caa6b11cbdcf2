//! Netlists run by ngspice. Tests of other crates take this file too.

use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Sink currents `[column]` as ngspice prints them; none where it is not installed.
pub(crate) fn currents(netlist: &str, columns: usize) -> Option<Vec<f64>> {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    let run = RUNS.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("tilewright-spice-{}-{run}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for the netlist");
    let file = folder.join("crossbar.cir");
    std::fs::write(&file, netlist).expect("the folder is writable");
    let output = Command::new("ngspice").arg("-b").arg(&file).stdin(Stdio::null()).output();
    std::fs::remove_dir_all(&folder).expect("it was made here");
    let text = String::from_utf8_lossy(&output.ok()?.stdout).into_owned();
    let current = |column: usize| {
        let name = format!("i(vcol{column}) = ");
        let line = text.lines().find_map(|line| line.strip_prefix(name.as_str()));
        line.and_then(|value| value.trim().parse().ok()).unwrap_or_else(|| panic!("{name} is missing in:\n{text}"))
    };
    Some((0..columns).map(current).collect())
}
