//! ISAAC-CE: its component table sums to its published macro, tile and chip, and its cells and cycles to its published density.
//!
//! | figure | published | status | ours |
//! |---|---|---|---|
//! | an IMA | 24.08 mW, 0.01312 mm² | checked: recalled, and sums of the table | within 0.2 % |
//! | a tile | 329.8 mW, 0.3723 mm² | checked | within 0.2 % |
//! | a chip of 168 tiles | 65.81 W, 85.42 mm² | checked | within 0.2 % |
//! | computational efficiency | 478.95 GOPS/(s·mm²) | recalled | 483.3, 0.9 % above |
//! | power efficiency | 363.7 GOPS/W | recalled | 627.4, a factor of 1.73 above: not reproduced |
//! | a chip's peak | none known to us | derived: 16 128 crossbars of 128 × 16 weights in 16 cycles of 100 ns | 41.29 TOPS |
//!
//! The text of the paper was not at hand: "recalled" is from memory. 483.3 and 627.4 are quotients of the figures above and no check of
//! anything. Where the factor of 1.73 comes from is not known: 363.7 GOPS/W are the chip's 65.81 W at 23.9 TOPS, or its 41.29 TOPS at
//! 113.5 W. The published area of the crossbars is 1.49 F² a cell, below the 4 F² of any crosspoint; it is kept, for these sums only.

use crate::figures::{Figure, Publication};
use tilewright::cost::{CostModel, Library, Settings};
use tilewright::hardware::Design;

/// 0.2 %.
const TOLERANCE: f64 = 0.002;

fn isaac() -> CostModel {
    let chip = Design::preset("isaac").expect("a preset");
    CostModel::new(&chip, &Library::built_in(), Settings::default()).expect("it is valid")
}

pub(crate) fn publication() -> Publication {
    let about = "ISAAC-CE: its table of components sums to its macro, tile and chip, and its cells and cycles to its density. The power \
                 efficiency is not reproduced: at the printed power the peak gives a factor of 1.73 more.";
    let mut figures = sums();
    figures.extend([density(), efficiency()]);
    Publication { title: "ISAAC (Shafiee et al. 2016)", about, citation: include_str!("citation.bib"), figures }
}

fn sums() -> Vec<Figure> {
    let sheet = isaac().datasheet();
    let published = [("macro", 24.08, 0.01312), ("tile", 329.8, 0.3723), ("chip", 65_810.0, 85.42)];
    let of_a_level = |(level, power_mw, area_mm2): (&str, f64, f64)| {
        let unit = sheet.unit(level).expect("a level");
        let power = Figure::new(format!("{level}, mW"), power_mw, unit.power_mw);
        [power, Figure::new(format!("{level}, mm²"), area_mm2, unit.area_mm2)]
    };
    published.into_iter().flat_map(of_a_level).collect()
}

fn density() -> Figure {
    let sheet = isaac().datasheet();
    Figure::new("GOPS/mm²", 478.95, sheet.peak_tops * 1e3 / sheet.unit("chip").expect("a level").area_mm2)
}

fn efficiency() -> Figure {
    let sheet = isaac().datasheet();
    Figure::new("GOPS/W", 363.7, sheet.peak_tops * 1e6 / sheet.unit("chip").expect("a level").power_mw)
}

#[test]
fn components_sum_to_macro_tile_and_chip() {
    sums().iter().for_each(|figure| figure.assert_within(TOLERANCE));
    let imbalance = isaac().datasheet().tree.imbalance();
    assert!(imbalance < 1e-12, "{imbalance}");
}

#[test]
fn density_follows_from_cells_cycles_and_areas() {
    density().assert_within(0.01);
}

/// The peak by arithmetic that the model has no part in.
#[test]
fn peak_by_hand() {
    let weights = 168.0 * 12.0 * 8.0 * 128.0 * (128.0 / 8.0);
    let peak_tops = 2.0 * weights / (16.0 * 100.0) * 1e-3;
    assert!((isaac().datasheet().peak_tops / peak_tops - 1.0).abs() < 1e-12, "{peak_tops}");
}

/// Not reproduced: the printed efficiency is below that of the printed power at the peak. Holds the factor, so that it cannot drift.
#[test]
fn efficiency_is_above_the_printed_one() {
    let factor = 1.0 + efficiency().off();
    println!("GOPS/W: a factor of {factor:.3} above the printed 363.7");
    assert!((factor - 1.725).abs() < 0.005, "{factor}");
}

/// Without a change of crossbars the converters of another model change the sums; so the test above can fail.
#[test]
fn another_converter_gives_another_sum() {
    let mut chip = Design::preset("isaac").expect("a preset");
    if let Some(adc) = &mut chip.adc {
        adc.model = "walden-typical".into();
    }
    let model = CostModel::new(&chip, &Library::built_in(), Settings::default()).expect("it is valid");
    let power = model.datasheet().unit("macro").expect("a level").power_mw;
    assert!((power / 24.08 - 1.0).abs() > 0.1, "{power}");
}
