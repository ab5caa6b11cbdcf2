//! A bar on the standard error; none if that is not a terminal.

use indicatif::{ProgressBar, ProgressStyle};
use std::ops::ControlFlow;

/// Shows on a bar how much of the work is done, of how much; never ends it.
pub(crate) fn on(bar: &ProgressBar) -> impl Fn(u64, u64) -> ControlFlow<()> + '_ {
    |done, total| {
        bar.set_length(total);
        bar.set_position(done);
        ControlFlow::Continue(())
    }
}

/// A bar over `what`, of no length yet.
pub(crate) fn bar(what: &str) -> ProgressBar {
    let style =
        ProgressStyle::with_template(&format!("{{bar:40}} {{percent:>3}}% of {{human_len}} {what}, {{eta}} left"));
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
