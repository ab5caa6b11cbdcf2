//! Layers and products off the crossbars, in multiply-accumulate units.

use super::by_hand::{CHIP, close, library};
use tilewright::cost::schedule::Bound;
use tilewright::cost::{Cost, CostModel, Library, Settings};
use tilewright::hardware::{Design, Order};
use tilewright::mapping::scheme::Im2col;
use tilewright::network::{Conv, Network, Op, zoo};

fn cost_of(chip: &Design, network: &Network, library: &Library) -> Cost {
    let model = CostModel::new(chip, library, Settings::default()).expect("it is priced");
    let mapping = model.map(network, &Im2col).expect("it fits");
    model.cost(network, &mapping).expect("it is priced")
}

fn tiny(mac_units: u32) -> Design {
    let mut chip = Design::parse("tiny.toml", CHIP).expect("a chip");
    chip.set_mac_units(mac_units);
    chip
}

/// A 1D layer on a crossbar, and a 2D layer of two channels of 4×4 pixels behind it.
fn pair() -> Network {
    let mut network = Network::new("pair", vec![2, 4, 4]);
    let kernel_1d = network.conv("a", network.input(), Conv::same(2, 1)).expect("a layer");
    network.conv("b", kernel_1d, Conv { groups: 2, ..Conv::same(2, 3) }).expect("a layer");
    network.keep_digital(&["2d"]).expect("a kind")
}

/// Eight units: four neighbours of two channels, four passes of nine clocks. Each reads 2·3·6 inputs and 18 weights of two bits on the bus
/// of 64, and all 32 outputs of two bits are written.
#[test]
fn a_2d_layer_by_hand() {
    let network = pair();
    let (with, without) = (cost_of(&tiny(8), &network, &library()), cost_of(&tiny(0), &network, &library()));
    let [product] = &with.products[..] else { panic!("{:?}", with.products) };
    assert_eq!((product.name.as_str(), product.macs, product.bound), ("b", 2 * 9 * 16, Bound::Multiply));
    close(product.buffer_bits, 4.0 * (36.0 + 18.0) * 2.0 + 64.0);
    close(product.span_ns[1] - product.span_ns[0], 38.0);
    close((with.latency_ms - without.latency_ms) * 1e6, 38.0);
    assert_eq!(with.operations, without.operations + 2 * 288);
    assert_eq!(without.products, []);
    assert!(without.notes[0].contains("`mac-units` gives the chip units that compute them"), "{:?}", without.notes);
    assert!(with.notes[0].ends_with("8 multiply-accumulate units compute them"), "{:?}", with.notes);
    // At 32 nm: a multiplier of 2 × 2 bits is a sixteenth of one of 8 × 8; 36 bits are held, and 72 moved for a product.
    let (area, from_40) = (|um2: f64, node: f64| um2 * (32.0f64 / node).powi(2), |pj: f64| pj * energy_from(40.0));
    let unit_um2 = area(396.875, 40.0) / 16.0 + area(278.0, 40.0) + 36.0 * area(5.98, 40.0);
    let more_um2 = (8.0 * unit_um2 + 90_000.0) * 1.5;
    close(with.area_mm2 - without.area_mm2, more_um2 * 1e-6);
    let unit_pj = 0.2 * energy_from(45.0) / 16.0 + from_40(0.21) + 72.0 * from_40(0.009);
    let found = with.by_component.parts.iter().flat_map(|level| &level.parts).find(|part| &*part.name == "mac-unit");
    close(found.expect("a part of the chip").energy_pj, 288.0 * unit_pj);
    // What the layer takes travels from its tile to the units, a hop of 32 values of two bits.
    let router = |cost: &Cost| {
        let mut parts = cost.by_component.parts.iter().flat_map(|level| &level.parts);
        parts.find(|part| &*part.name == "router").map_or(0.0, |part| part.energy_pj)
    };
    close(router(&with) - router(&without), 64.0);
}

/// How an energy goes from a node to 32 nm, where the supply is 0.9 V.
fn energy_from(node_nm: f64) -> f64 {
    let supply = if node_nm == 45.0 { 1.0 } else { 0.9 + 0.1 * (node_nm - 32.0) / 13.0 };
    32.0 / node_nm * (0.9f64 / supply).powi(2)
}

/// Units share their time between layers that run at once: each takes as long as all products of an image.
#[test]
fn layers_that_run_at_once_share_the_units() {
    let network = zoo::build("mobilenetv2").expect("a network of the zoo");
    let network = network.keep_digital(&["2d"]).expect("a kind");
    let chip = |schedule| {
        let mut chip = Design { schedule, ..Design::preset("generic-22nm").expect("a preset") };
        chip.set_mac_units(128);
        chip
    };
    let of =
        |cost: &Cost| cost.products.iter().map(|product| product.span_ns[1] - product.span_ns[0]).collect::<Vec<_>>();
    let one_by_one = cost_of(&chip(Order::LayerByLayer), &network, &Library::built_in());
    let at_once = cost_of(&chip(Order::Pipelined), &network, &Library::built_in());
    let all: f64 = of(&one_by_one).iter().sum();
    assert!(of(&at_once).iter().all(|&ns| ns >= all * (1.0 - 1e-9)), "{all}");
    assert!(at_once.interval_ms * 1e6 >= all * (1.0 - 1e-9));
    let ends: Vec<f64> = one_by_one.layers.iter().map(|layer| layer.span_ns[1]).collect();
    let last = one_by_one.products.iter().map(|product| product.span_ns[1]).chain(ends).fold(0.0, f64::max);
    close(last, one_by_one.latency_ms * 1e6);
    assert_eq!(one_by_one.coverage.off_crossbars.len(), one_by_one.products.len());
    // Every tree has the same sums, units included.
    for cost in [&one_by_one, &at_once] {
        close(cost.by_layer.area_um2, cost.by_component.area_um2);
        close(cost.by_layer.energy_pj, cost.by_component.energy_pj);
    }
}

/// A product of two feature maps is one of images that make others: the same as a grouped 1×1 convolution of as many, whose weights are read
/// as inputs are.
#[test]
fn products_of_feature_maps_are_priced() {
    let mut network = Network::new("attention", vec![4, 8, 8]);
    let conv = network.conv("a", network.input(), Conv::same(4, 1)).expect("a layer");
    network.push("product", Op::MatMul, &[conv, conv]).expect("an operation");
    let mut chip = Design::preset("generic-22nm").expect("a preset");
    chip.set_mac_units(64);
    let cost = cost_of(&chip, &network, &Library::built_in());
    let [product] = &cost.products[..] else { panic!("{:?}", cost.products) };
    // Four products of 8×8 by 8×8; eight neighbours of eight channels at a time, each of which takes eight values of a row.
    assert_eq!(product.macs, 4 * 512);
    close(product.buffer_bits, 8.0 * (4.0 * (64.0 + 64.0) + 256.0));
    close(product.span_ns[1] - product.span_ns[0], f64::max(4.0 * 8.0, 8.0 * 512.0 / 256.0) + 2.0);
}

#[test]
fn units_of_a_tile_or_half_of_one_are_refused() {
    let refused = |text: String| {
        let chip = Design::parse("tiny.toml", &text).expect("a chip");
        CostModel::new(&chip, &library(), Settings::default()).expect_err("no price").to_string()
    };
    let error = refused(format!("{CHIP}\n[[tile]]\ncomponent = \"mac-unit\"\n"));
    assert!(error.contains("tiny.toml") && error.contains("list it under [[chip]]"), "{error}");
    let error = refused(format!("{CHIP}\n[[chip]]\ncomponent = \"mac-unit\"\ncount = 1.5\n"));
    assert!(error.contains("count 1.5") && error.contains("whole number"), "{error}");
}

/// All of them would be priced, and only the first would compute.
#[test]
fn a_second_part_of_units_is_refused() {
    let part = "\n[[chip]]\ncomponent = \"mac-unit\"\ncount = 2\n";
    let error = Design::parse("tiny.toml", &format!("{CHIP}{part}{part}")).expect_err("two parts").to_string();
    assert!(error.contains("tiny.toml") && error.contains("chip[") && error.contains("a second mac-unit"), "{error}");
}

#[test]
fn kinds_kept_digital_are_those_of_a_later_plan_too() {
    let network = zoo::build("resnet20").expect("a network of the zoo").keep_digital(&["2d"]).expect("a kind");
    let error = network.verify_kept_digital().expect_err("none yet").to_string();
    assert!(error.contains("2d kept digital: resnet20 has no layer of this kind; it has 3d, dense"), "{error}");
    let plan: tilewright::network::KernelPlan = "2d1d".parse().expect("a plan");
    let replaced = plan.select(&network).and_then(|chosen| chosen.apply(&network)).expect("it is a network");
    assert_eq!(replaced.verify_kept_digital(), Ok(()));
    assert!(replaced.layers().iter().all(|layer| !layer.name.ends_with(".2d")));
    assert!(replaced.nodes().iter().any(|node| node.name.ends_with(".2d")));
    let error = network.keep_digital(&["4d"]).expect_err("no kind").to_string();
    assert!(error.contains("the kinds of layers are 3d, 2d, 1d, grouped, dense"), "{error}");
}
