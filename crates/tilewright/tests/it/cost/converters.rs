//! Models of converters, and constants with their sources.

use tilewright::cost::adc::{DEFAULT, MODELS};
use tilewright::cost::{CostError, CostModel, Library, Settings, Status};
use tilewright::hardware::{AdcBits, AdcSettings, Design, PRICED};
use tilewright::mapping::scheme::Im2col;
use tilewright::network::zoo;

fn with(model: &str, bits: u32, node_nm: f64) -> Result<CostModel, CostError> {
    let chip = Design::preset("generic-22nm").expect("it is built in");
    let adc = chip.adc.clone().expect("it has converters");
    let adc = AdcSettings { model: model.into(), bits: AdcBits::Given(bits), ..adc };
    CostModel::new(&Design { adc: Some(adc), node_nm, ..chip }, &Library::built_in(), Settings::default())
}

fn conversion_pj(model: &str, bits: u32, node_nm: f64) -> f64 {
    let explained = with(model, bits, node_nm).and_then(|model| model.explain("adc")).expect("it is priced");
    explained[0].energies[0].1
}

#[test]
fn formulas_by_hand() {
    let close =
        |found: f64, expected: f64| assert!((found / expected - 1.0).abs() < 1e-6, "{found}, by hand {expected}");
    close(conversion_pj("walden-typical", 8, 22.0), 28.5e-3 * (8.0f64 - 1.27).exp2());
    close(conversion_pj("walden-best", 8, 65.0), 16.6e-3 * (8.0f64 - 1.27).exp2());
    // (0.538 · 5 + 4.3753) · 6 fJ.
    close(conversion_pj("neurosim-sar", 5, 22.0), (0.538 * 5.0 + 4.3753) * 6.0 * 1e-3);
    close(conversion_pj("isaac", 8, 32.0), 1.6667);
    // (100 · 8 + 0.001 · 4⁸) fJ/V² at 0.86 V, where the table has 0.8 V at 22 and 0.9 V at 32 nm.
    close(conversion_pj("zigzag-imc", 8, 28.0), (800.0 + 65.536) * 0.86 * 0.86 * 1e-3);
}

/// 64 one-bit products of 11.628 fJ · 64^(0.58676 − 1), on 128 rows in 8 pulses of 4 slices.
#[test]
fn a_macro_by_hand() {
    let product_pj = 11.628e-3 * 64f64.powf(0.58676);
    let found = conversion_pj("nvm-macro", 8, 22.0);
    assert!((found / (128.0 * product_pj / (8.0 * 4.0)) - 1.0).abs() < 1e-9, "{found}");
    let chip = Design::preset("isaac").expect("it is built in");
    let adc = AdcSettings { model: "nvm-macro".into(), ..chip.adc.clone().expect("it has converters") };
    let error = CostModel::new(&Design { adc: Some(adc), ..chip }, &Library::built_in(), Settings::default());
    let error = error.map(drop).expect_err("16 bits").to_string();
    assert!(error.contains("1 to 8 bits, not 16 and 16"), "{error}");
}

/// Andrulis's regression by its published formula, term by term.
#[test]
fn andrulis_by_hand() {
    let (bits, node, rate) = (8.0f64, 32.0f64, 0.5e9f64);
    let merit = (213.7806687348118 - 2.8719030399529957 * rate.ln()).min(128.3068287398817 + 3.2205184213772 * bits);
    let sndr = 6.0206 * bits + 1.7609;
    let exponent =
        26.0496215686518 + 1.8800369206815004 * node.ln() - 2.8291256050594527 * bits.ln() - 1.4702022133784405;
    let expected = 0.5 * 10f64.powf(-(merit - sndr) / 10.0) * exponent.exp();
    let found = conversion_pj("andrulis", 8, 32.0);
    assert!((found / expected - 1.0).abs() < 1e-9, "{found}, by hand {expected}");
}

#[test]
fn more_bits_cost_more_and_areas_are_sane() {
    for model in MODELS {
        let energies: Vec<f64> = (4..=10).map(|bits| conversion_pj(model.name(), bits, 32.0)).collect();
        assert!(energies.is_sorted(), "{}: {energies:?}", model.name());
        let explained = with(model.name(), 8, 32.0).and_then(|model| model.explain("adc")).expect("it is priced");
        let area = explained[0].area_um2 / explained[0].units;
        assert!((100.0..20_000.0).contains(&area), "{}: {area} µm²", model.name());
        assert!(!explained[0].origins.is_empty(), "{}", model.name());
    }
    let error = with("isaac", 12, 32.0).expect_err("beyond its table").to_string();
    assert!(error.contains("4 to 10 bits, not 12") && error.contains("another model"), "{error}");
}

#[test]
fn the_spread_names_low_typical_and_high() {
    let library = Library::built_in();
    let model = with(DEFAULT, 8, 22.0).expect("it is valid");
    let network = zoo::build("resnet8").expect("a network of the zoo");
    let mapping = model.map(&network, &Im2col).expect("it fits");
    let cost = model.cost_with_spread(&network, &mapping, &library).expect("it is priced");
    let spread = cost.adc_spread.as_ref().expect("a spread");
    assert_eq!(spread.models.len(), MODELS.len());
    let [low, typical, high] = spread.low_typical_high().expect("there are models");
    assert!(low.energy_uj < typical.energy_uj && typical.energy_uj < high.energy_uj);
    assert_eq!(typical.model, DEFAULT);
    assert!((typical.energy_uj / cost.energy_uj - 1.0).abs() < 1e-12);
    // Only the converters differ between models.
    for point in &spread.models {
        let rest = point.energy_uj - point.adc_uj;
        assert!((rest / (cost.energy_uj - typical.adc_uj) - 1.0).abs() < 1e-9, "{}: {rest}", point.model);
    }
}

#[test]
fn every_constant_has_a_source_and_is_explained() {
    let library = Library::built_in();
    let mut explained: Vec<String> = Vec::new();
    for (preset, _) in PRICED {
        let mut chip = Design::preset(preset).expect("it is built in");
        chip.set_mac_units(64);
        let model = CostModel::new(&chip, &library, Settings::default()).expect("it is valid");
        for part in model.explain("all").expect("parts") {
            assert!(part.part == "timing" || !part.origins.is_empty(), "{preset}: {}", part.part);
            explained.extend(part.origins.into_iter().map(|origin| origin.id));
        }
    }
    let mut unused = Vec::new();
    for (id, constant) in library.iter() {
        assert!(!constant.source.is_empty(), "{id}");
        assert!(constant.status != Status::Assumed || !constant.conditions.is_empty(), "{id}: assumed without a word");
        // Alternatives that a chip or an option may name, and tables that are read at the nodes they need.
        let optional = ["adc.", "technology.", "wire.resistance", "leakage.", "dac."];
        if !explained.contains(&id.to_owned()) && !optional.iter().any(|start| id.starts_with(start)) {
            unused.push(id);
        }
    }
    assert!(unused.is_empty(), "used by nothing: {unused:?}");
}
