//! ISAAC-CE: its component table sums to its published macro, tile and chip, and its cells and cycles to its throughput.
//!
//! Quoted: 24.08 mW and 0.01312 mm² an IMA, 329.8 mW and 0.3723 mm² a tile, 65.81 W and 85.42 mm² a chip of 168 tiles, 41.29 TOPS
//! at 16 bits. The published area of its crossbars is 1.49 F² a cell, below the 4 F² of any crosspoint; it is kept, for these sums
//! only.

use tilewright::cost::chip::Chip;
use tilewright::cost::{CostModel, Library, Settings};

/// 0.2 %.
const TOLERANCE: f64 = 0.002;

fn isaac() -> CostModel {
    let chip = Chip::preset("isaac").expect("it comes along");
    CostModel::new(&chip, &Library::built_in(), Settings::default()).expect("it is valid")
}

fn assert_close(what: &str, found: f64, published: f64, tolerance: f64) {
    let off = found / published - 1.0;
    println!("{what}: {found:.5}, published {published} ({:+.2} %)", 100.0 * off);
    assert!(off.abs() <= tolerance, "{what}: {found}, published {published}");
}

#[test]
fn components_sum_to_macro_tile_and_chip() {
    let sheet = isaac().datasheet();
    for (level, power_mw, area_mm2) in [("macro", 24.08, 0.01312), ("tile", 329.8, 0.3723), ("chip", 65_810.0, 85.42)] {
        let unit = sheet.unit(level).expect("a level");
        assert_close(&format!("{level} mW"), unit.power_mw, power_mw, TOLERANCE);
        assert_close(&format!("{level} mm²"), unit.area_mm2, area_mm2, TOLERANCE);
    }
    assert!(sheet.tree.imbalance() < 1e-12, "{}", sheet.tree.imbalance());
}

#[test]
fn throughput_follows_from_cells_and_cycles() {
    let sheet = isaac().datasheet();
    let chip = sheet.unit("chip").expect("a level");
    assert_close("TOPS", sheet.peak_tops, 41.29, TOLERANCE);
    assert_close("GOPS/mm²", sheet.peak_tops * 1e3 / chip.area_mm2, 483.3, TOLERANCE);
    assert_close("GOPS/W", sheet.peak_tops * 1e6 / chip.power_mw, 627.4, TOLERANCE);
}

/// Without a change of crossbars the converters of another model change the sums; so the test above can fail.
#[test]
fn another_converter_gives_another_sum() {
    let mut chip = Chip::preset("isaac").expect("it comes along");
    if let Some(adc) = &mut chip.adc {
        adc.model = "walden-typical".into();
    }
    let model = CostModel::new(&chip, &Library::built_in(), Settings::default()).expect("it is valid");
    let power = model.datasheet().unit("macro").expect("a level").power_mw;
    assert!((power / 24.08 - 1.0).abs() > 0.1, "{power}");
}
