//! CrossSim's tutorial of ISCA 2024: a ResNet-14 that recognises 89.40 % of 5 000 images of CIFAR-10 keeps 64.48 % on RRAM cells.
//!
//! `README.md` has the commands, what they give and why. The weights are in CrossSim's repository, so what is asserted here is that the design
//! is the tutorial's set-up; the rates are those of the commands.

use tilewright::hardware::Design;

const DESIGN: &str = include_str!("milo.toml");

/// Of `params/resnet14_params_RRAMMilo.p`: settings of CrossSim, and ours.
#[test]
fn the_design_is_the_tutorials() {
    let design = Design::parse("milo.toml", DESIGN).expect("a design");
    let setting = |name| tilewright::hardware::setting(name).expect("a setting").of(&design).expect("it is set");
    for (crosssim, name, ours) in [
        ("rows_max 576, cols_max 256, a pair of columns each", "crossbar", "576x512"),
        ("style BALANCED, one-sided", "encoding", "differential"),
        ("weight_bits 8", "weight-bits", "8"),
        ("mapping.weights.percentile 1.0", "weight-range", "max"),
        ("of the matrix of a layer", "weight-scope", "layer"),
        ("programming_error RRAMMilo, Rmin 4450, Rmax 20000", "device", "milo_2021"),
        ("time 0", "age", "0"),
        ("Rp_row 0, Rp_col 0", "wire", "0"),
        ("subtract_current_in_xbar", "pairs", "analog"),
        ("adc.mvm.bits 8, calibrated", "adc-bits", "8"),
        ("dac.mvm.bits 8", "input-bits", "8"),
    ] {
        assert_eq!(setting(name), ours, "{crosssim}");
    }
    let range = design.cells.device().expect("built in").range();
    assert!((range.on * 4450.0 - 1.0).abs() < 2e-3 && (range.off * 20_000.0 - 1.0).abs() < 2e-3, "{range:?}");
}
