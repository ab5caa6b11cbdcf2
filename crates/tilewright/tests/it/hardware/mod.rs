//! Designs, and the list of what can be set of them.

mod layers;
mod variations;

use tilewright::hardware::{
    AdcBits, Design, FaultMap, HardwareError, Neurons, PRESETS, SETTINGS, Setting, Stage, setting,
};
use tilewright::simulate::{Hardware, SimulateError};

fn preset(name: &str) -> Design {
    Design::preset(name).expect("it is built in")
}

fn set(design: &mut Design, name: &str, value: &str) {
    design.set(setting(name).expect("a setting"), value).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn every_setting_says_what_it_is_and_who_heeds_it() {
    for Setting { name, sentence, stages, .. } in SETTINGS {
        assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{name}");
        assert!(sentence.ends_with('.') && sentence.len() > 20, "{name}: {sentence}");
        assert!(!stages.is_empty(), "{name}");
        assert_eq!(SETTINGS.iter().filter(|other| other.name == *name).count(), 1, "{name}");
    }
}

/// What a setting reads of a design it can set, and then nothing has changed but that it was given.
#[test]
fn values_are_read_as_they_are_written() {
    for (name, _) in PRESETS {
        let mut design = preset(name);
        for setting in SETTINGS {
            if let Some(value) = setting.of(&design) {
                design.set(setting, &value).unwrap_or_else(|error| panic!("{name}: {error}"));
                assert_eq!(setting.of(&design), Some(value), "{name}: {}", setting.name);
            }
        }
        design.given.clear();
        // What drives all of an input at once has no bits of its own.
        assert_eq!(Design { dac_bits: preset(name).dac_bits, ..design }, preset(name));
    }
}

/// A value of every setting that a design has another one of.
const VALUES: [(&str, &str); 64] = [
    ("crossbar", "64x32"),
    ("encoding", "offset"),
    ("weight-bits", "6"),
    ("cell-bits", "3"),
    ("weight-range", "99.5"),
    ("weight-scope", "layer"),
    ("active-rows", "9"),
    ("layer-settings", "layers.toml"),
    ("device", "wan_2022"),
    ("on-off", "7"),
    ("g-on", "2e-5"),
    ("levels", "16"),
    ("programming-error", "0.05"),
    ("read-noise", "0.01"),
    ("stuck", "0.02"),
    ("fault-map", "faults.csv"),
    ("drift", "0.1"),
    ("sinh-volts", "0.5"),
    ("read-voltage", "0.3"),
    ("verify-within", "0.03"),
    ("max-pulses", "7"),
    ("unused-cells", "unformed"),
    ("g-unformed", "1e-9"),
    ("shorts", "0.25"),
    ("age", "86400"),
    ("copies", "alike"),
    ("reads", "alike"),
    ("wire", "2.5"),
    ("bit-wire", "1"),
    ("source", "100"),
    ("sink", "10"),
    ("drive", "both"),
    ("collect", "top"),
    ("adc", "andrulis"),
    ("adc-bits", "6"),
    ("adc-columns", "4"),
    ("adc-rate", "0.25"),
    ("adc-range", "99.5"),
    ("adc-scope", "8"),
    ("adc-offset", "1.5"),
    ("adc-gain", "0.02"),
    ("adc-noise", "0.5"),
    ("adc-mismatch", "0.01"),
    ("adc-steps", "ramp"),
    ("dac-bits", "2"),
    ("pairs", "digital"),
    ("input-bits", "5"),
    ("neuron-gain", "0.02"),
    ("neuron-offset", "0.01"),
    ("neuron-noise", "0.005"),
    ("neuron-saturation", "1.5"),
    ("order", "by-faults"),
    ("spare-lines", "true"),
    ("fault-aware", "slices"),
    ("predistort", "4"),
    ("drift-compensation", "crossbar"),
    ("refresh", "true"),
    ("schedule", "pipelined"),
    ("chains", "streamed"),
    ("clock", "0.5"),
    ("bus-bits", "512"),
    ("crossbars-per-macro", "2"),
    ("macros-per-tile", "4"),
    ("mac-units", "256"),
];

/// A design that has what a setting is of.
fn with(name: &str) -> Design {
    preset(if name.starts_with("neuron-") { "seed" } else { "analog-22nm" })
}

/// What is set is in the file that is written, so that a file can say all that an option can.
#[test]
fn what_is_set_is_in_the_file() {
    assert_eq!(VALUES.map(|(name, _)| name).to_vec(), SETTINGS.iter().map(|setting| setting.name).collect::<Vec<_>>());
    for (name, value) in VALUES {
        let mut design = with(name);
        let before = design.to_toml();
        set(&mut design, name, value);
        assert_ne!(design.to_toml(), before, "{name}");
        let read = Design::parse("mine.toml", &design.to_toml()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(setting(name).expect("a setting").of(&read).as_deref(), Some(value), "{name}");
    }
}

/// Stores tell runs apart by the record, so that all that simulation heeds of a hardware is in it.
#[test]
fn what_simulation_heeds_is_in_the_record() {
    let base = |name: &str| {
        let mut base = with(name);
        if base.adc.is_some() {
            set(&mut base, "adc-bits", "8");
            set(&mut base, "adc-mismatch", "0.02");
        }
        base
    };
    let record = |design: &Design| Hardware::of(design).expect("what is simulated").record();
    // What is driven of an input is in the layers' integers, and known by them.
    for (name, value) in VALUES.into_iter().filter(|(name, _)| *name != "input-bits") {
        let mut design = base(name);
        set(&mut design, name, value);
        design.cells.read_fault_map(|_| FaultMap::new("by hand", vec![])).expect("a map");
        design
            .read_layer_settings(|_| Ok::<_, HardwareError>("[layer.conv1]\nadc-bits = 4\n".into()))
            .expect("settings");
        if setting(name).expect("a setting").is_heeded_by(&[Stage::Simulate]) {
            assert_ne!(record(&design), record(&base(name)), "{name}");
        }
    }
}

#[test]
fn wrong_settings_say_what_is_allowed() {
    let error = |name: &str, value: &str| {
        let found = setting(name).and_then(|setting| preset("seed").set(setting, value));
        found.expect_err(name).to_string()
    };
    for (name, value, part) in [
        ("wires", "1", "did you mean \"wire\""),
        ("wire", "thick", "0, or 1e-9 to 1e12 ohm"),
        ("wire", "NaN", "0, or 1e-9 to 1e12 ohm"),
        ("weight-bits", "17", "a whole number of 2 to 16"),
        ("weight-bits", "-1", "a whole number of 2 to 16"),
        ("encoding", "twin", "differential, offset, single"),
        ("refresh", "yes", "true or false"),
        ("adc-bits", "6", "no converters of its own"),
        ("dac-bits", "0", "1 to 16, or none"),
        (
            "neuron-saturation",
            "0",
            "give a number above 0, since an amplifier that saturates at 0 passes nothing on, or none",
        ),
        ("neuron-saturation", "inf", "give a number above 0"),
        ("neuron-gain", "much", "give 0 to 1"),
    ] {
        let error = error(name, value);
        assert!(error.contains(part), "{name} = {value}: {error}");
    }
    let error = preset("isaac").set(setting("neuron-gain").expect("a setting"), "0.1").expect_err("no neurons");
    assert!(error.to_string().contains("design isaac has no analog neurons"), "{error}");
    assert_eq!(setting("adc_bits").map(|setting| setting.name), Ok("adc-bits"));
}

/// A reason names settings that there are.
#[test]
fn idle_settings_say_what_to_do() {
    let mut design = preset("analog-22nm");
    for (name, value) in
        [("adc-range", "99"), ("max-pulses", "3"), ("shorts", "0.1"), ("drift", "0.1"), ("predistort", "2")]
    {
        set(&mut design, name, value);
    }
    let idle: Vec<_> = design.idle().collect();
    assert_eq!(idle.len(), 5);
    for (_, because) in idle {
        let named = because.split('`').skip(1).step_by(2).collect::<Vec<_>>();
        assert!(!named.is_empty() && named.iter().all(|name| setting(name).is_ok()), "{because}");
    }
    for (name, value) in
        [("adc-bits", "6"), ("verify-within", "0.1"), ("unused-cells", "unformed"), ("age", "10"), ("sink", "1")]
    {
        set(&mut design, name, value);
    }
    assert_eq!(design.idle().count(), 0);
}

/// Some designs are priced and not simulated: what is not modelled of them is said.
#[test]
fn what_is_not_simulated_is_said() {
    let of =
        |design: &Design| Hardware::of(design).map(|hardware| (hardware.dac_bits, hardware.adc.map(|adc| adc.bits)));
    assert_eq!(of(&preset("analog-22nm")), Ok((None, None)));
    assert_eq!(of(&preset("isaac")), Ok((Some(1), Some(8))));
    // 128 · 3 · 1 = 384 < 2^9.
    assert_eq!(of(&preset("generic-22nm")), Ok((Some(1), Some(9))));
    for (name, part) in [("puma", "nothing is said of converters"), ("neurram", "either sign")] {
        let Err(SimulateError::Design { problem, .. }) = of(&preset(name)) else { panic!("{name} is simulated") };
        assert!(problem.contains(part), "{problem}");
    }
    let seed = Hardware::of(&preset("seed")).expect("neurons pass its currents on");
    assert_eq!((seed.adc, seed.neuron), (None, Some(Neurons::default())));
    let mut added = preset("isaac");
    added.accumulation = tilewright::hardware::Accumulation::Analog;
    assert!(matches!(of(&added), Err(SimulateError::Design { .. })));
    added.adc.as_mut().expect("it has converters").bits = AdcBits::Exact;
    assert_eq!(of(&added), Ok((Some(1), None)));
}

#[test]
fn bad_files_name_the_key() {
    let broken = |from: &str, to: &str| {
        let text = preset("analog-22nm").to_toml();
        assert!(text.contains(from), "{from} is not in {text}");
        Design::parse("mine.toml", &text.replacen(from, to, 1)).expect_err(to).to_string()
    };
    for (from, to, part) in [
        ("shorts = 0.0", "shorts = 5.0", "cells.shorts: 5; give 0 to 1"),
        ("age = 0.0", "age = -1.0", "cells.age: -1"),
        ("wire = 0.0", "wire = -2.0", "wires"),
        ("predistort = 0", "predistort = 101", "compensation.predistort: 101"),
        ("bits = \"none\"", "bits = \"some\"", "1 to 16, lossless, or none"),
        ("bits = \"none\"", "bits = 17", "1 to 16, lossless, or none"),
        ("scheme = \"optimal\"", "scheme = \"best\"", "scheme"),
        ("copies = \"apart\"", "copied = \"apart\"", "copied"),
    ] {
        let error = broken(from, to);
        assert!(error.contains("mine.toml") && error.contains(part), "{to}: {error}");
    }
    let seed = |to: &str| {
        Design::parse("mine.toml", &preset("seed").to_toml().replace("[neuron]\n", to)).expect_err(to).to_string()
    };
    for (to, part) in [
        (
            "[neuron]\nsaturation = 0.0\n",
            "neuron.saturation: 0; give a number above 0, since an amplifier that saturates",
        ),
        ("[neuron]\nsaturation = inf\n", "neuron.saturation: inf; give a number above 0"),
        ("[neuron]\ngain = 5.0\n", "neuron.gain: 5; give 0 to 1"),
        ("[neuron]\nnoise = -0.1\n", "neuron.noise: -0.1; give 0 to 1"),
        ("[neuron]\n[adc]\nmodel = \"sar\"\ncolumns = 1\nrate_gsps = 1.0\n", "neuron: given beside [adc]"),
    ] {
        let error = seed(to);
        assert!(error.contains("mine.toml") && error.contains(part), "{to}: {error}");
    }
    let unpriced = preset("seed").to_toml().replace("component = \"analog-neuron\"", "component = \"driver\"");
    let error = Design::parse("mine.toml", &unpriced).expect_err("no price").to_string();
    assert!(error.contains("neuron: no [[macro]] part is an analog-neuron"), "{error}");
    assert!(matches!(Design::preset("isac"), Err(HardwareError::Unknown { suggestion: Some("isaac"), .. })));
}

#[test]
fn commands_have_what_their_stages_heed() {
    let heeded = |stages: &[Stage]| SETTINGS.iter().filter(|setting| setting.is_heeded_by(stages)).count();
    assert_eq!(heeded(&[Stage::Map]), 5);
    assert_eq!(heeded(&[Stage::Map, Stage::Simulate, Stage::Cost, Stage::Circuit]), SETTINGS.len());
}
