//! What was recognised, for people and for programs.

use super::run::Spent;
use crate::output;
use std::time::Duration;
use tilewright::report::html;
use tilewright::report::simulation::SimulationReport;
use tilewright::report::table::{Document, counted};
use tilewright::simulate::CrossbarMap;

/// The runs, and a crossbar for the page.
pub(super) struct Simulated {
    pub(super) report: SimulationReport,
    pub(super) map: Option<CrossbarMap>,
    pub(super) took: Duration,
    pub(super) classifying: Spent,
}

impl Simulated {
    pub(super) fn document(&self) -> Document<'_> {
        let Self { report, map, took, classifying: Spent { images, seconds } } = self;
        let speed = match images {
            0 => "nothing newly classified".into(),
            images => format!("{} classified, {:.0} a second", counted(*images, "image"), *images as f64 / seconds),
        };
        let speed = format!("{speed}; {:.1} s in all.", took.as_secs_f64());
        let document = report.document(&speed).json(output::as_json(report));
        match map {
            Some(map) => document.page(|| html::simulation(report, map)),
            None => document,
        }
    }
}
