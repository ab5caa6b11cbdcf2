//! Settings of single layers: each layer is mapped, verified, simulated and priced as a design that has them throughout.

use std::ops::ControlFlow;
use std::sync::Arc;
use tilewright::cost::{CostModel, Library, Settings};
use tilewright::hardware::{Design, LayerSettings, setting};
use tilewright::mapping::scheme::{SCHEMES, find};
use tilewright::mapping::verification::{Question, verify_network};
use tilewright::mapping::{CrossbarSize, Mapping, NetworkBits, Target, Targets, map_network};
use tilewright::network::{Network, Tensor, zoo};
use tilewright::simulate::{Chip, Hardware, Programmable};

const LAYERS: &str = r#"
[layer."conv1"]
crossbar = "48x24"
weight-bits = 4
adc_bits = 5

[layer.fc2]
encoding = "differential"
cell-bits = 2
scheme = "sdk"
"#;

fn lenet() -> Network {
    zoo::build("lenet5").and_then(|network| network.initialize(3)).expect("a network of the zoo")
}

fn design(preset: &str, layers: &str) -> Design {
    let mut design = Design::preset(preset).expect("a preset");
    design.layers = LayerSettings::parse("layers.toml", layers).expect("settings of layers");
    design
}

fn with(mut design: Design, settings: &[(&str, &str)]) -> Design {
    for (name, value) in settings {
        design.set(setting(name).expect("a setting"), value).expect("a value");
    }
    design
}

fn targets(design: &Design, bits: &NetworkBits) -> Targets {
    let common = Target::new(design.crossbar, design.encoding());
    design.targets(&common, &bits.layer_weights).expect("settings that go together")
}

/// A network on a design, by the design's scheme.
fn mapped(network: &Network, design: Design) -> (Design, NetworkBits, Mapping) {
    let (design, bits) = design.for_network(network).expect("layers that there are");
    let mapping = map_network(network, design.scheme_for(false), targets(&design, &bits), None).expect("it fits");
    (design, bits, mapping)
}

#[test]
fn each_layer_is_mapped_as_if_all_were_like_it() {
    let network = lenet();
    let (.., mixed) = mapped(&network, design("generic-22nm", LAYERS));
    let plain = || Design::preset("generic-22nm").expect("a preset");
    let (.., common) = mapped(&network, plain());
    let (.., of_conv1) = mapped(&network, with(plain(), &[("crossbar", "48x24"), ("weight-bits", "4")]));
    let fc2 = with(plain(), &[("encoding", "differential"), ("cell-bits", "2")]);
    let (.., of_fc2) = mapped(&network, Design { scheme: "sdk".into(), ..fc2 });
    for (place, layer) in mixed.layers.iter().enumerate() {
        let alike = match layer.name.as_str() {
            "conv1" => &of_conv1,
            "fc2" => &of_fc2,
            _ => &common,
        };
        assert_eq!(*layer, alike.layers[place]);
    }
    assert_ne!(mixed.layers, common.layers);
    assert_eq!(mixed.targets().of("conv1").crossbar, CrossbarSize { rows: 48, columns: 24 });
}

#[test]
fn each_layer_runs_bit_exact_on_its_own_crossbars() {
    let network = lenet();
    let (design, bits) = design("generic-22nm", LAYERS).for_network(&network).expect("layers that there are");
    let targets = targets(&design, &bits);
    let question =
        Question { network: &network, schemes: &SCHEMES, targets: &targets, input_bits: 8, seed: 1, threads: 2 };
    let verified = verify_network(&question, &|_, _| ControlFlow::Continue(())).expect("it can be run");
    assert!(verified.equal);
    assert!(verified.schemes.iter().all(|scheme| scheme.layers == 5), "{verified:?}");
}

fn scores(network: &Network, design: Design, images: &[Tensor<f32>]) -> Vec<Tensor<f32>> {
    let (design, bits, mapping) = mapped(network, design);
    let hardware = Hardware::of(&design).expect("what is simulated");
    let ready = Programmable::new(network, images, (design, bits), hardware, mapping, 2).expect("they go together");
    let chip = Chip::program(&ready.plan(), 1, &|_, _| ControlFlow::Continue(())).expect("programmed");
    chip.scores(0, images).expect("images of its shape")
}

#[test]
fn settings_of_every_layer_are_those_of_the_design() {
    let network = lenet();
    let images: Vec<Tensor<f32>> = (1..5).map(|seed| network.random_image(seed)).collect();
    let table = |layer: &str| {
        format!("[layer.{layer}]\nadc-bits = 5\nprogramming-error = 0.02\nwire = 1.5\ncrossbar = 64\nweight-bits = 5\n")
    };
    let all: String = network.layers().iter().map(|layer| table(&layer.name)).collect();
    let settings =
        [("adc-bits", "5"), ("programming-error", "0.02"), ("wire", "1.5"), ("crossbar", "64"), ("weight-bits", "5")];
    let throughout = with(Design::preset("analog-22nm").expect("a preset"), &settings);
    let expected = scores(&network, throughout, &images);
    assert_eq!(scores(&network, design("analog-22nm", &all), &images), expected);
    assert_ne!(scores(&network, design("analog-22nm", &table("conv2")), &images), expected);
}

/// A layer with noisy cells is wrong, the layers before it are not.
#[test]
fn only_the_layer_with_the_setting_is_simulated_so() {
    let network = lenet();
    let images = [network.random_image(1)];
    let (design, bits, mapping) = mapped(&network, design("analog-22nm", "[layer.fc1]\nadc-bits = 4\n"));
    let hardware = Hardware::of(&design).expect("what is simulated");
    let differences = hardware.record().differences();
    assert!(differences.contains(&"fc1: adc.bits=4".to_owned()), "{differences:?}");
    assert!(differences.iter().all(|difference| difference.starts_with("fc1: adc")), "{differences:?}");
    let ready = Programmable::new(&network, &images, (design, bits), hardware, mapping, 1).expect("they go together");
    let chip = Chip::program(&ready.plan(), 1, &|_, _| ControlFlow::Continue(())).expect("programmed");
    let ideal = ready.plan().ideal().expect("programmed");
    let errors = tilewright::simulate::layer_errors(&chip, &ideal, &ready.plan(), &images).expect("errors");
    let own: Vec<&str> =
        errors.iter().filter(|error| error.own.snr_db.is_some()).map(|error| error.name.as_str()).collect();
    assert_eq!(own, ["fc1"]);
}

#[test]
fn prices_of_layers_with_macros_of_their_own_add_up() {
    let network = lenet();
    let price = |design: Design| {
        let (design, _, mapping) = mapped(&network, design);
        let model = CostModel::new(&design, &Library::built_in(), Settings::default()).expect("a price");
        model.cost(&network, &mapping).expect("a price")
    };
    let mixed = price(design("generic-22nm", LAYERS));
    let plain = || Design::preset("generic-22nm").expect("a preset");
    let of_conv1 = [("crossbar", "48x24"), ("weight-bits", "4"), ("adc-bits", "5")];
    let conv1 = price(with(plain(), &of_conv1));
    let common = price(plain());
    let of = |cost: &tilewright::cost::Cost, layer: &str| {
        let found = cost.by_layer.parts.iter().find(|part| &*part.name == layer).expect("a layer").clone();
        (
            found.area_um2,
            found.energy_pj,
            cost.layers.iter().find(|known| known.name == layer).expect("a layer").cycle_ns,
        )
    };
    assert_eq!(of(&mixed, "conv1").0, of(&conv1, "conv1").0);
    assert_eq!(of(&mixed, "conv1").2, of(&conv1, "conv1").2);
    assert_ne!(of(&mixed, "conv1").0, of(&common, "conv1").0);
    assert_eq!(of(&mixed, "fc1").0, of(&common, "fc1").0);
    let [by_layer, by_component] = [&mixed.by_layer, &mixed.by_component];
    for (a, b) in [
        (by_layer.area_um2, by_component.area_um2),
        (by_layer.total_energy_pj(), by_component.total_energy_pj()),
        (by_layer.leakage_pj, by_component.leakage_pj),
    ] {
        assert!((a / b - 1.0).abs() < 1e-9, "{a} {b}");
    }
    assert!(mixed.notes.iter().any(|note| note.contains("conv1: adc_bits 5")), "{:?}", mixed.notes);
}

#[test]
fn written_and_read_again() {
    let design = design("isaac", LAYERS);
    let again = Design::parse("isaac", &design.to_toml()).expect("what was written");
    assert_eq!(again, design);
}

#[test]
fn what_cannot_be_is_named() {
    for (text, parts) in [
        ("[layer.conv1]\nage = 3", ["layer.\"conv1\".age", "of the whole chip"]),
        ("[layer.conv1]\nadc-bitz = 3", ["no such setting", "did you mean \"adc-bits\""]),
        ("[layer.conv1]\nadc-bits = 77", ["layer.\"conv1\".adc-bits: 77", "1 to 16"]),
        ("[layer.conv1]\nscheme = \"im2cool\"", ["layer.\"conv1\".scheme", "did you mean \"im2col\""]),
        ("[layer.conv1]", ["layer.\"conv1\"", "has no settings"]),
        ("[[layer]]\nname = 3", ["layers.toml", "[layer.\"conv1\"]"]),
        ("[layers.conv1]\nadc-bits = 3", ["layers.toml", "[layer.\"conv1\"]"]),
    ] {
        let read = LayerSettings::parse("layers.toml", text);
        let mut design = Design::preset("generic-22nm").expect("a preset");
        let error = match read {
            Err(error) => error.to_string(),
            Ok(layers) => {
                design.layers = layers;
                design.for_network(&lenet()).expect_err(text).to_string()
            }
        };
        assert!(parts.iter().all(|part| error.contains(part)), "{text}: {error}");
    }
}

#[test]
fn what_does_not_go_together_is_named() {
    for (text, parts) in [
        ("[layer.cnov1]\nadc-bits = 3", ["\"cnov1\"", "did you mean \"conv1\""]),
        ("[layer.conv1]\nactive-rows = 200", ["layer \"conv1\"", "1 to 128"]),
        ("[layer.conv1]\nadc-bits = \"none\"\nadc-range = \"max\"", ["layer.\"conv1\".adc-range", "changes nothing"]),
    ] {
        let error = design("generic-22nm", text).for_network(&lenet()).expect_err(text).to_string();
        assert!(parts.iter().all(|part| error.contains(part)), "{text}: {error}");
    }
}

/// A search for a price takes each layer on its own crossbars; where layers share crossbars, those of their own are refused.
#[test]
fn searches_for_a_price_take_layers_on_their_own_crossbars() {
    let network = lenet();
    let (design, bits) = design("generic-22nm", LAYERS).for_network(&network).expect("layers that there are");
    let model = CostModel::new(&design, &Library::built_in(), Settings::default()).expect("a price");
    let scheme = find("optimal").expect("a scheme");
    for (_, least) in tilewright::mapping::search::Priced::ALL {
        let mapping = model.optimize(&network, scheme, targets(&design, &bits), (least, None)).expect("it fits");
        assert_eq!(mapping.layers[0].crossbar, CrossbarSize { rows: 48, columns: 24 });
        assert_eq!(mapping.layers[3].scheme, "sdk");
        model.cost(&network, &mapping).expect("a price");
    }
    let shared =
        tilewright::mapping::sharing::share_crossbars(&mapped(&network, self::design("generic-22nm", LAYERS)).2);
    assert!(shared.expect_err("refused").to_string().contains("sharing crossbars"));
}

/// A model that mixes bits is mapped with each layer's own.
#[test]
fn layers_keep_the_bits_that_the_model_holds() {
    let network = quantized(&lenet(), &[("conv1", 3), ("conv2", 8), ("fc1", 4), ("fc2", 8), ("fc3", 8)]);
    let (_, bits, mapping) = mapped(&network, Design::preset("generic-22nm").expect("a preset"));
    assert_eq!(bits.weights.bits, 8);
    let own: Vec<u32> = mapping.layers.iter().map(|layer| layer.encoding.weight_bits).collect();
    assert_eq!(own, [3, 8, 4, 8, 8]);
}

/// The same network with weights in integers of so many bits.
fn quantized(network: &Network, bits: &[(&str, u32)]) -> Network {
    use tilewright::network::{Op, Weights};
    let mut made = Network::new(network.name.clone(), network.shape(network.input()).to_vec());
    for node in &network.nodes()[1..] {
        let mut op = node.op.clone();
        if let Op::Conv(tilewright::network::Conv { weights: Some(weights), .. })
        | Op::Dense(tilewright::network::Dense { weights: Some(weights), .. }) = &mut op
        {
            let limit = bits.iter().find(|(name, _)| *name == node.name).map_or(127, |(_, bits)| (1 << (bits - 1)) - 1);
            let values = weights.values.values().iter().enumerate();
            let integers = values.map(|(place, _)| (place as i32 * 7 % (2 * limit + 1) - limit) as f32 * 0.5).collect();
            let shape = weights.values.shape().to_vec();
            *weights = Weights { values: Arc::new(Tensor::new(shape, integers)), scale: Some(vec![0.5]) };
        }
        made.push(node.name.clone(), op, &node.inputs).expect("a node as it was");
    }
    made
}

/// What is kept digital is computed as before, is no layer to be mapped, and is named as off the crossbars.
#[test]
fn layers_kept_digital_are_computed_as_before() {
    let network = lenet();
    let kept = network.clone().keep_digital(&["conv1", "fc3"]).expect("layers that there are");
    let names: Vec<String> = kept.layers().into_iter().map(|layer| layer.name).collect();
    assert_eq!(names, ["conv2", "fc1", "fc2"]);
    let image = network.random_image(1);
    let run = |network: &Network| tilewright::network::reference::float::run(network, &image).expect("it has weights");
    assert_eq!(run(&kept), run(&network));
    let fast = |network: &Network| {
        let executor = tilewright::network::executor::Executor::new(network).expect("it has weights");
        executor.run(std::slice::from_ref(&image)).expect("an image of its shape")
    };
    assert_eq!(fast(&kept), fast(&network));
    let coverage = kept.coverage();
    let off: Vec<&str> = coverage.off_crossbars.iter().map(|operation| operation.name.as_str()).collect();
    assert_eq!((off, coverage.macs), (vec!["conv1", "fc3"], network.coverage().macs));
    let (design, _, mapping) = mapped(&kept, Design::preset("generic-22nm").expect("a preset"));
    let model = CostModel::new(&design, &Library::built_in(), Settings::default()).expect("a price");
    let cost = model.cost(&kept, &mapping).expect("a price");
    assert!(cost.notes.iter().any(|note| note.contains("conv1 (conv")), "{:?}", cost.notes);
    let error = network.keep_digital(&["cnov1"]).expect_err("no such layer").to_string();
    assert!(error.contains("did you mean \"conv1\""), "{error}");
}
