//! PUMA: 577 GOPS/s/mm² and 837 GOPS/s/W, as its abstract has them, from the areas and powers of its blocks.
//!
//! Read: the two efficiencies of the abstract. Recalled, and checked by their sums: 62.5 W, 90.64 mm² and 52.31 TOPS/s of its table. The
//! efficiencies are the quotients of these three, so what is checked is that the recalled blocks sum to them, not a second measurement.
//!
//! The blocks (a core, the rest of a tile, the network, the links) are from memory and checked by their sums: 62.5 W and 90.64 mm².
//! The length of a pulse is the one that gives its 52.31 TOPS/s; areas and powers are not fitted to anything.

use crate::figures::{Figure, Publication};
use tilewright::cost::{CostModel, Library, Settings};
use tilewright::hardware::Design;

pub(crate) fn publication() -> Publication {
    let about = "PUMA: the areas and powers of its blocks, recalled, sum to its chip and to the two efficiencies of its abstract.";
    Publication { title: "PUMA (Ankit et al. 2019)", about, citation: include_str!("citation.bib"), figures: figures() }
}

fn figures() -> Vec<Figure> {
    let chip = Design::preset("puma").expect("it is built in");
    let model = CostModel::new(&chip, &Library::built_in(), Settings::default()).expect("it is valid");
    let sheet = model.datasheet();
    let node = sheet.unit("chip").expect("a level");
    vec![
        Figure::new("mm²", 90.64, node.area_mm2),
        Figure::new("W", 62.5, node.power_mw * 1e-3),
        Figure::new("TOPS/s", 52.31, sheet.peak_tops),
        Figure::new("GOPS/s/mm²", 577.0, sheet.peak_tops * 1e3 / node.area_mm2),
        Figure::new("GOPS/s/W", 837.0, sheet.peak_tops * 1e6 / node.power_mw),
    ]
}

#[test]
fn efficiencies_follow_from_the_blocks() {
    figures().iter().for_each(|figure| figure.assert_within(0.002));
}
