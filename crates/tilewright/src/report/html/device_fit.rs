//! A device fitted to measurements: what was measured, what was fitted, and every number.

use super::{SCRIPT, captioned, document, titled, top};
use crate::circuit::device::LevelCurve;
use crate::report::DeviceFitSummary;
use crate::report::figure::level_curves;
use crate::report::markup::Element;
use crate::report::table::{Table, scrolling};

/// The page about a fitted device as HTML; `table` has its numbers, `notes` what to know of them.
///
/// # Panics
/// Never: a fit always has a JSON form.
pub fn device_fit(summary: &DeviceFitSummary, curves: &[LevelCurve], table: Table, notes: &str) -> String {
    let json = serde_json::to_string(summary).expect("a fit has a JSON form");
    let title = format!("Device {}", summary.name);
    let header = Element::new("header")
        .child(&top("device"))
        .child(&Element::new("h1").text(&title))
        .child(&Element::new("p").class("lead").text(&summary.source));
    let caption = "At the first time. Marks off their curve are cells that do not follow the fitted distribution.";
    let figure = captioned(&level_curves(curves), caption);
    let levels = titled("levels", "Levels", "Cells with at most a conductance: measured as marks, fitted as curves.")
        .child(&Element::new("div").class("figures").child(&figure));
    let numbers = titled("numbers", "Numbers", notes).child(&scrolling(&table.captioned("levels")));
    let main = Element::new("main").child(&header).child(&levels).child(&numbers);
    document(&title, &main, &Element::json("device", &json), SCRIPT)
}
