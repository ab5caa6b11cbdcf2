//! PUMA: 577 GOPS/s/mm² and 837 GOPS/s/W, as its abstract has them, from the areas and powers of its blocks.
//!
//! Read: the two efficiencies of the abstract. Recalled, and checked by their sums: 62.5 W, 90.64 mm² and 52.31 TOPS/s of its table. The
//! efficiencies are the quotients of these three, so what is checked is that the recalled blocks sum to them, not a second measurement.
//!
//! The blocks (a core, the rest of a tile, the network, the links) are from memory and checked by their sums: 62.5 W and 90.64 mm².
//! The length of a pulse is the one that gives its 52.31 TOPS/s; areas and powers are not fitted to anything.

use tilewright::cost::{CostModel, Library, Settings};
use tilewright::hardware::Design;

#[test]
fn efficiencies_follow_from_the_blocks() {
    let chip = Design::preset("puma").expect("it is built in");
    let model = CostModel::new(&chip, &Library::built_in(), Settings::default()).expect("it is valid");
    let sheet = model.datasheet();
    let node = sheet.unit("chip").expect("a level");
    for (what, found, published) in [
        ("mm²", node.area_mm2, 90.64),
        ("W", node.power_mw * 1e-3, 62.5),
        ("TOPS/s", sheet.peak_tops, 52.31),
        ("GOPS/s/mm²", sheet.peak_tops * 1e3 / node.area_mm2, 577.0),
        ("GOPS/s/W", sheet.peak_tops * 1e6 / node.power_mw, 837.0),
    ] {
        let off = found / published - 1.0;
        println!("{what}: {found:.2}, published {published} ({:+.2} %)", 100.0 * off);
        assert!(off.abs() < 0.002, "{what}: {found}, published {published}");
    }
}
