//! Ranges of weights: what stands for the greatest conductance, and what an error of it then costs.

use std::ops::ControlFlow;
use std::sync::Arc;
use tilewright::circuit::device::Generic;
use tilewright::hardware::{Design, RangeRule};
use tilewright::mapping::{CrossbarSize, Encoding, SignRule, Target, map_network, scheme};
use tilewright::network::{Dense, Network, Op, Rounding, Tensor, WeightRange, WeightScope, Weights, integer_layers};
use tilewright::simulate::{Chip, Hardware, Plan, Programmable};

/// Two outputs of the same weights, those of the second a tenth of the first's.
fn network(scale: Option<Vec<f32>>) -> Network {
    let weights = [1.0, -0.6, 0.25, 0.75, 0.6, -1.0];
    let values = weights.into_iter().chain(weights.map(|weight| weight / 10.0)).collect();
    let values = Arc::new(Tensor::new(vec![2, 6], values));
    let mut network = Network::new("two", vec![6]);
    let dense = Dense { weights: Some(Weights { values, scale }), ..Dense::new(2) };
    network.push("dense", Op::Dense(dense), &[network.output()]).expect("a layer");
    network
}

fn layer(rule: RangeRule, scope: WeightScope) -> WeightRange {
    WeightRange { rule, scope }
}

fn integers(weight_range: WeightRange) -> (Vec<i32>, Vec<f32>) {
    let network = network(None);
    let rounding = Rounding { weight_bits: 4, input_bits: 8, weight_range };
    let layers = integer_layers(&network, &[network.random_image(1)], rounding).expect("weights");
    (layers[0].weights.values().to_vec(), layers[0].weight_scale.clone())
}

/// Of 7 levels, the greatest stands for the end of the range.
#[test]
fn integers_by_hand() {
    let channel = [7, -4, 2, 5, 4, -7];
    let (found, scales) = integers(WeightRange::default());
    assert_eq!(found, [channel, channel].concat());
    are_near(&scales, [1.0 / 7.0, 0.1 / 7.0]);
    let (found, scales) = integers(layer(RangeRule::Max, WeightScope::Layer));
    assert_eq!(found, [channel, [1, 0, 0, 1, 0, -1]].concat());
    are_near(&scales, [1.0 / 7.0; 2]);
    // Half of the magnitudes are at most 0.6: 0.75 and 1 are clipped.
    let (found, scales) = integers(layer(RangeRule::Percentile(50.0), WeightScope::Channel));
    let clipped = [7, -7, 3, 7, 7, -7];
    assert_eq!(found, [clipped, clipped].concat());
    are_near(&scales, [0.6 / 7.0, 0.06 / 7.0]);
}

fn are_near(found: &[f32], wanted: [f32; 2]) {
    assert!(found.iter().zip(wanted).all(|(found, wanted)| (found / wanted - 1.0).abs() < 1e-6), "{found:?}");
}

/// Scores of the network with cells that are off by 2 % of the greatest conductance, less those of exact cells.
fn errors(weight_range: WeightRange) -> Vec<f64> {
    let network = network(None);
    let image = [network.random_image(3)];
    let rounding = Rounding { weight_bits: 16, input_bits: 8, weight_range };
    let layers = integer_layers(&network, &image, rounding).expect("weights");
    let encoding = Encoding { weight_bits: 16, cell_bits: 16, sign: SignRule::Differential };
    let target = Target::new(CrossbarSize { rows: 8, columns: 8 }, encoding);
    let mapping = map_network(&network, scheme::find("im2col").expect("a scheme"), &target, None).expect("it fits");
    // Far from 0 S no error is cut off there.
    let device = Generic { programming_error: vec![0.02], on_off_ratio: 1.5, ..Generic::default() };
    let hardware = Hardware::new(Arc::from(device.device().expect("a device")));
    let plan = Plan {
        network: &network,
        mapping: &mapping,
        layers: &layers,
        hardware: &hardware,
        calibration: &image,
        threads: 1,
    };
    let scores = |chip: Chip| chip.scores(0, &image).expect("scores")[0].values().to_vec();
    let exact = scores(plan.ideal().expect("programmed"));
    let found = scores(Chip::program(&plan, 5, &|_, _| ControlFlow::Continue(())).expect("programmed"));
    found.into_iter().zip(exact).map(|(found, exact)| f64::from(found) - f64::from(exact)).collect()
}

/// The same conductances stand for weights ten times as large where the second output shares the range of the first.
#[test]
fn an_error_counts_by_the_range_that_it_is_an_error_of() {
    let [own, shared] = [WeightScope::Channel, WeightScope::Layer].map(|scope| errors(layer(RangeRule::Max, scope)));
    for (channel, factor) in [(0, 1.0), (1, 10.0)] {
        let ratio = shared[channel] / own[channel];
        assert!((ratio / factor - 1.0).abs() < 1e-3, "output {channel}: {ratio}, wanted {factor}");
    }
}

#[test]
fn a_model_with_integers_of_its_own_has_no_range_to_choose() {
    let network = network(Some(vec![0.25, 0.025]));
    let image = [network.random_image(1)];
    let ready = |text: &str| {
        let mut design = Design::preset("analog-22nm").expect("it is built in");
        design.set(tilewright::hardware::setting("weight-scope").expect("a setting"), text).expect("a value");
        let (design, bits) = design.for_network(&network).expect("bits");
        let hardware = Hardware::of(&design).expect("it is simulated");
        let target = Target::new(design.crossbar, design.encoding());
        let mapping = map_network(&network, scheme::find("im2col").expect("a scheme"), &target, None).expect("it fits");
        Programmable::new(&network, &image, (design, bits), hardware, mapping, 1).map(drop)
    };
    assert_eq!(ready("channel"), Ok(()));
    let message = ready("layer").expect_err("it has integers").to_string();
    assert!(message.starts_with("range of the weights: found one to be chosen; give none"), "{message}");
}
