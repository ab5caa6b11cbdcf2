//! What 2D+1D kernels save: least area within every latency, and every answer.

use super::{SCRIPT, captioned, document, titled, top};
use crate::report::figure::area_by_latency;
use crate::report::markup::Element;
use crate::report::reproduction::{AreaFront, Savings};
use crate::report::table::{Table, scrolling};
use std::collections::BTreeSet;

/// The networks of the figures: 3D kernels, and 2D+1D kernels in all layers, of the network as it is and wider.
const SHOWN: [&str; 3] = ["resnet20-3d-int8", "resnet20-2d1d-wide-int8", "resnet20-2d1d-int8"];

/// The page about what 2D+1D kernels save as HTML; `table` has the answers, `notes` what to know of them.
///
/// # Panics
/// Never: savings always have a JSON form.
pub fn savings(title: &str, savings: &Savings, table: Table, notes: &str) -> String {
    let json = serde_json::to_string(savings).expect("savings have a JSON form");
    let header = Element::new("header").child(&top("savings")).child(&Element::new("h1").text(title));
    let chips: BTreeSet<&str> = savings.fronts.iter().map(|front| front.design.as_str()).collect();
    let figures = chips.into_iter().map(|chip| {
        let is_shown = |front: &&AreaFront| front.design == chip && SHOWN.contains(&front.network.as_str());
        let fronts: Vec<&AreaFront> = savings.fronts.iter().filter(is_shown).collect();
        captioned(&area_by_latency(&fronts), format!("On {chip}."))
    });
    let lead = "Least area within every latency, each network mapped as suits it best; dashed with layers one after another on crossbars \
                of their own, solid with all that mappings may do.";
    let areas = titled("areas", "Area and latency", lead)
        .child(&Element::new("div").class("figures").children(figures.collect::<Vec<_>>()));
    let numbers = titled("numbers", "Numbers", notes).child(&scrolling(&table.captioned("answers")));
    let main = Element::new("main").child(&header).child(&areas).child(&numbers);
    document(title, &main, &Element::json("savings", &json), SCRIPT)
}
