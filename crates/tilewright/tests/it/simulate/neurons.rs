//! Analog neurons against the network executed without rounding, and against closed forms.

use std::ops::ControlFlow;
use std::sync::Arc;
use tilewright::hardware::{Cells, Compensation, Copies, DriftCompensation, Neurons, Subtraction};
use tilewright::mapping::{CrossbarSize, Encoding, Mapping, SignRule, Target, map_network, scheme};
use tilewright::network::executor::Executor;
use tilewright::network::reference::float;
use tilewright::network::{
    Activation, Conv, Dense, IntegerLayer, Network, NodeId, Op, Rounding, Tensor, Weights, integer_layers, zoo,
};
use tilewright::simulate::{Adc, Chip, Hardware, Plan, SimulateError, layer_errors};

const CHIPS: u64 = 2000;

fn with(neurons: Neurons) -> Hardware {
    Hardware { neuron: Some(neurons), ..Hardware::ideal() }
}

fn target(rows: usize, columns: usize) -> Target {
    Target::new(CrossbarSize { rows, columns }, Encoding::whole(SignRule::Differential))
}

/// A network in integers, and how it is mapped.
struct Mapped {
    network: Network,
    mapping: Mapping,
    layers: Vec<IntegerLayer>,
    calibration: Vec<Tensor<f32>>,
}

impl Mapped {
    fn new(network: Network, scheme_name: &str, target: &Target, calibration: Vec<Tensor<f32>>) -> Self {
        let layers = integer_layers(&network, &calibration, Rounding::to_bits(8, 8)).expect("weights");
        let scheme = scheme::find(scheme_name).expect("a scheme");
        let mapping = map_network(&network, scheme, target, None).expect("it fits");
        Self { network, mapping, layers, calibration }
    }

    fn plan<'a>(&'a self, hardware: &'a Hardware, threads: usize) -> Plan<'a> {
        let Self { network, mapping, layers, calibration, .. } = self;
        Plan { network, mapping, layers, hardware, calibration, threads }
    }

    fn chip(&self, hardware: &Hardware, seed: u64) -> Chip {
        let go_on = |_, _| ControlFlow::Continue(());
        Chip::program(&self.plan(hardware, 2), seed, &go_on).expect("programmed")
    }

    /// The network with its weights in whole numbers of their scales and no rounding but that of the image, made here node by node. A quantiser
    /// behind a layer is left out; `clips` says that it stays as a clip.
    fn unrounded(&self, clips: bool) -> Network {
        let first = self.network.layers()[0].node;
        let grid = self.layers[0].input;
        let mut other = Network::new("unrounded", self.network.shape(self.network.input()).to_vec());
        let rounding = Op::FakeQuantize { scale: grid.scale, zero_point: 0, range: grid.range };
        let image = other.push("dac", rounding, &[NodeId(0)]).expect("it rounds any map");
        let mut places = vec![image];
        let mut layers = self.layers.iter();
        for (id, node) in self.network.iter().skip(1) {
            let inputs: Vec<NodeId> = node.inputs.iter().map(|input| places[input.0]).collect();
            let op = match &node.op {
                Op::Conv(conv) => {
                    let weights = Some(dequantised(layers.next().expect("a layer")));
                    Op::Conv(Conv { weights, ..conv.clone() })
                }
                Op::Dense(dense) => {
                    let Weights { values, .. } = dequantised(layers.next().expect("a layer"));
                    let values =
                        Arc::new(Tensor::new(self.network.weight_axes(id).expect("a layer"), values.values().to_vec()));
                    Op::Dense(Dense { weights: Some(Weights { values, scale: None }), ..dense.clone() })
                }
                Op::FakeQuantize { scale, zero_point, range } if id > first => {
                    if !clips {
                        places.push(inputs[0]);
                        continue;
                    }
                    let [min, max] = range.map(|end| (end - zero_point) as f32 * scale);
                    Op::Activation(Activation::Clip { min, max })
                }
                op => op.clone(),
            };
            places.push(other.push(node.name.clone(), op, &inputs).expect("as before"));
        }
        other
    }
}

fn dequantised(layer: &IntegerLayer) -> Weights {
    let kernel = layer.weights.values().len() / layer.weight_scale.len();
    let real = |(at, &weight): (usize, &i32)| weight as f32 * layer.weight_scale[at / kernel];
    let values = layer.weights.values().iter().enumerate().map(real).collect();
    Weights { values: Arc::new(Tensor::new(layer.weights.shape().to_vec(), values)), scale: None }
}

fn images(network: &Network, count: u64) -> Vec<Tensor<f32>> {
    (0..count).map(|seed| network.random_image(seed + 1)).collect()
}

fn trained(name: &str) -> Network {
    zoo::build(name).and_then(|network| network.initialize(3)).expect("a network of the zoo")
}

/// How far scores are off, by the greatest of those wanted.
fn off(found: &[Tensor<f32>], wanted: &[Tensor<f32>]) -> f32 {
    let pairs = || found.iter().zip(wanted).flat_map(|(found, wanted)| found.values().iter().zip(wanted.values()));
    let greatest = pairs().fold(0f32, |most, (_, wanted)| most.max(wanted.abs()));
    pairs().fold(0f32, |most, (found, wanted)| most.max((found - wanted).abs())) / greatest
}

/// Every scheme, row blocks and shortcuts among it, against the oracle in 64 bits: sums are of 32 bits here, in the order of a crossbar's rows, so
/// that they are off by some times 2^−24 a layer.
#[test]
fn neurons_without_errors_compute_the_network_without_rounding() {
    for (name, scheme, [rows, columns]) in [
        ("resnet8", "im2col", [64, 64]),
        ("resnet8", "im2col", [128, 128]),
        ("lenet5", "vw-sdk", [100, 80]),
        ("lenet5", "sub-image", [128, 128]),
    ] {
        let network = trained(name);
        let shown = images(&network, 3);
        let mapped = Mapped::new(network, scheme, &target(rows, columns), shown.clone());
        let found = mapped.chip(&with(Neurons::default()), 0).scores(0, &shown).expect("scores");
        let oracle = mapped.unrounded(false);
        let run = |image| float::run(&oracle, image).expect("it runs").pop().expect("an output");
        let wanted: Vec<Tensor<f32>> = shown.iter().map(run).collect();
        let error = off(&found, &wanted);
        assert!(error < 2e-6, "{name} by {scheme}: {error:e}");
        // What integers make of it is something else.
        let rounded = mapped.chip(&Hardware::ideal(), 0).scores(0, &shown).expect("scores");
        assert!(off(&rounded, &wanted) > 1e-3, "{name}: {}", off(&rounded, &wanted));
    }
}

/// Quantisers clip as the network was trained to, and do not round.
#[test]
fn quantisers_between_layers_clip() {
    let network = two_layers(Some([0, 15]));
    let shown = images(&network, 4);
    let mapped = Mapped::new(network, "im2col", &target(8, 8), shown.clone());
    let found = mapped.chip(&with(Neurons::default()), 0).scores(0, &shown).expect("scores");
    let executed =
        |clips: bool| Executor::new(&mapped.unrounded(clips)).and_then(|it| it.run(&shown)).expect("it runs");
    assert!(off(&found, &executed(true)) < 1e-6, "{found:?}");
    assert!(off(&found, &executed(false)) > 1e-2, "some values are beyond the ends");
}

/// Two dense layers, the first of twelve inputs in two row blocks of a crossbar of eight rows; the image is what the first takes, in quarters. Behind it a
/// ReLU that a quantiser of these ends does.
fn two_layers(rounded_to: Option<[i32; 2]>) -> Network {
    let quantiser = |scale: f32, range: [i32; 2]| Op::FakeQuantize { scale, zero_point: 0, range };
    let mut network = Network::new("two", vec![12]);
    let image = network.then(network.input(), quantiser(0.25, [-128, 127])).expect("it rounds");
    let first = network.push("first", dense(4, 12, 5), &[image]).expect("a layer");
    let between = match rounded_to {
        Some(range) => network.then(first, quantiser(0.125, range)),
        None => network.relu(first),
    };
    network.push("second", dense(3, 4, 9), &[between.expect("a function")]).expect("a layer");
    network
}

/// Weights of 8 bits that are whole multiples of 1/64, all of them given by their place.
fn dense(outputs: usize, inputs: usize, seed: i32) -> Op {
    let integers = (0..(outputs * inputs) as i32).map(|at| ((at + seed) * 37) % 255 - 127);
    let values = Arc::new(Tensor::new(vec![outputs, inputs], integers.map(|integer| integer as f32 / 64.0).collect()));
    Op::Dense(Dense {
        out_features: outputs,
        weights: Some(Weights { values, scale: Some(vec![1.0 / 64.0; outputs]) }),
        bias: None,
    })
}

/// One layer of three outputs of one image; calibrated on twice the image, so that nothing saturates at 1.
fn one_layer() -> (Mapped, Vec<Tensor<f32>>) {
    let mut network = Network::new("one", vec![12]);
    let rounding = Op::FakeQuantize { scale: 0.25, zero_point: 0, range: [-128, 127] };
    let image = network.then(network.input(), rounding).expect("it rounds");
    network.push("layer", dense(3, 12, 5), &[image]).expect("a layer");
    let shown = Tensor::new(vec![12], (0..12).map(|at| (at as f32 - 4.0) * 0.5).collect());
    let twice = shown.map(|x| 2.0 * x);
    (Mapped::new(network, "im2col", &target(8, 8), vec![twice]), vec![shown])
}

/// What the layer yields of the image, and its range: the greatest magnitude of twice that.
fn by_hand(mapped: &Mapped, shown: &[Tensor<f32>]) -> (Vec<f64>, f64) {
    let weights = mapped.layers[0].weights.values().chunks_exact(12);
    let sums: Vec<f64> = weights
        .map(|row| row.iter().zip(shown[0].values()).map(|(&weight, &x)| f64::from(weight) / 64.0 * f64::from(x)).sum())
        .collect();
    let greatest = sums.iter().fold(0f64, |most, sum| most.max(sum.abs()));
    (sums, 2.0 * greatest)
}

/// Whether values have a mean of 0 and this deviation, within four standard errors.
fn assert_spread(what: &str, values: &[f64], expected: f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let found = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
    assert!(mean.abs() < 4.0 * expected / count.sqrt(), "{what}: mean {mean}, deviation expected {expected}");
    assert!((found / expected - 1.0).abs() < 4.0 / (2.0 * count).sqrt(), "{what}: {found}, expected {expected}");
}

#[test]
fn gains_and_offsets_are_drawn_for_each_neuron() {
    let (mapped, shown) = one_layer();
    let (sums, range) = by_hand(&mapped, &shown);
    let of = |neurons: Neurons, seed: u64| -> Vec<f64> {
        let scores = mapped.chip(&with(neurons), seed).scores(0, &shown).expect("scores");
        scores[0].values().iter().zip(&sums).map(|(&found, sum)| f64::from(found) - sum).collect()
    };
    let gain = Neurons { gain: 0.05, ..Neurons::default() };
    let offset = Neurons { offset: 0.02, ..Neurons::default() };
    let [gains, offsets] = [gain, offset].map(|neurons| (0..CHIPS).map(|seed| of(neurons, seed)).collect::<Vec<_>>());
    for neuron in 0..3 {
        let of = |errors: &[Vec<f64>]| errors.iter().map(|of| of[neuron]).collect::<Vec<f64>>();
        assert_spread("gain", &of(&gains), 0.05 * sums[neuron].abs());
        assert_spread("offset", &of(&offsets), 0.02 * range);
    }
    let product = offsets.iter().map(|of| of[0] * of[1]).sum::<f64>() / CHIPS as f64;
    assert!(product.abs() < 4.0 * (0.02 * range).powi(2) / (CHIPS as f64).sqrt(), "neurons are independent: {product}");
}

/// By im2col a channel has one neuron for all its outputs, with two copies two in turn; unfolded, every output has its own.
#[test]
fn a_neuron_serves_the_outputs_of_its_columns() {
    let mut network = Network::new("conv", vec![1, 6, 6]);
    let rounding = Op::FakeQuantize { scale: 0.25, zero_point: 0, range: [-128, 127] };
    let image = network.then(network.input(), rounding).expect("it rounds");
    let values = (0..18).map(|at| (at * 37 % 100 + 20) as f32 / 64.0).collect();
    let values = Arc::new(Tensor::new(vec![2, 1, 3, 3], values));
    let weights = Some(Weights { values, scale: Some(vec![1.0 / 64.0; 2]) });
    network.conv("layer", image, Conv { weights, ..Conv::same(2, 3) }).expect("a layer");
    let shown = vec![Tensor::filled(vec![1, 6, 6], 2.0)];
    let hardware = with(Neurons { gain: 0.1, ..Neurons::default() });
    // Gains of the outputs of each channel, to six digits, in their order.
    let gains = |scheme: &str, copies: u64| -> Vec<Vec<i64>> {
        let mut mapped = Mapped::new(network.clone(), scheme, &target(64, 128), shown.clone());
        mapped.mapping.layers[0].tiling.replication = copies;
        let of = |hardware: &Hardware| mapped.chip(hardware, 3).scores(0, &shown).expect("scores").remove(0);
        let (found, exact) = (of(&hardware), of(&with(Neurons::default())));
        let ratios =
            found.values().iter().zip(exact.values()).map(|(found, exact)| (1e6 * found / exact).round() as i64);
        ratios.collect::<Vec<i64>>().chunks(36).map(<[i64]>::to_vec).collect()
    };
    let distinct = |gains: &[i64]| {
        let mut sorted = gains.to_vec();
        sorted.sort_unstable();
        // Rounding may be off by one in the last digit.
        sorted.windows(2).filter(|pair| pair[1] - pair[0] > 2).count() + 1
    };
    let [one, two, all] = [("im2col", 1), ("im2col", 2), ("unfolded", 1)].map(|(scheme, copies)| gains(scheme, copies));
    for (channel, neurons) in one.iter().enumerate() {
        assert_eq!([distinct(neurons), distinct(&two[channel])], [1, 2]);
        assert!(distinct(&all[channel]) > 30, "{:?}", all[channel]);
        let every_other: Vec<i64> = two[channel].iter().copied().step_by(2).collect();
        assert_eq!(distinct(&every_other), 1);
    }
    assert_eq!(distinct(&[one[0][0], one[1][0]]), 2);
}

#[test]
fn noise_is_drawn_anew_for_every_output() {
    let (mapped, shown) = one_layer();
    let (sums, range) = by_hand(&mapped, &shown);
    let chip = mapped.chip(&with(Neurons { noise: 0.01, ..Neurons::default() }), 7);
    let scores = chip.scores(0, &vec![shown[0].clone(); CHIPS as usize]).expect("scores");
    for (neuron, sum) in sums.iter().enumerate() {
        let errors = scores.iter().map(|scores| f64::from(scores.values()[neuron]) - sum).collect::<Vec<f64>>();
        assert_spread("noise", &errors, 0.01 * range);
    }
}

#[test]
fn saturation_cuts_off_at_its_part_of_the_range() {
    let (mapped, shown) = one_layer();
    let (sums, range) = by_hand(&mapped, &shown);
    let chip = mapped.chip(&with(Neurons { saturation: Some(0.25), ..Neurons::default() }), 0);
    let scores = chip.scores(0, &shown).expect("scores");
    let wanted: Vec<f64> = sums.iter().map(|sum| sum.clamp(-0.25 * range, 0.25 * range)).collect();
    assert!(sums.iter().any(|sum| sum.abs() > 0.25 * range) && sums.iter().any(|sum| sum.abs() < 0.25 * range));
    for (&found, wanted) in scores[0].values().iter().zip(&wanted) {
        assert!((f64::from(found) - wanted).abs() < 1e-5 * range, "{found}, wanted {wanted}");
    }
    // Of its whole range nothing is cut off, not even what it was calibrated on.
    let whole = mapped.chip(&with(Neurons { saturation: Some(1.0), ..Neurons::default() }), 0);
    let exact = mapped.chip(&with(Neurons::default()), 0);
    assert_eq!(whole.scores(0, &mapped.calibration), exact.scores(0, &mapped.calibration));
}

/// An error before the row blocks met would be one for each: here the sum of both has one.
#[test]
fn row_blocks_meet_before_the_neuron() {
    let (mapped, shown) = one_layer();
    assert!(mapped.mapping.total().expect("counts").crossbars == 2, "two row blocks");
    let tall = Mapped::new(mapped.network.clone(), "im2col", &target(16, 8), mapped.calibration.clone());
    let neurons = with(Neurons { gain: 0.1, offset: 0.1, ..Neurons::default() });
    let [split, whole] = [&mapped, &tall].map(|mapped| mapped.chip(&neurons, 4).scores(0, &shown).expect("scores"));
    assert!(off(&split, &whole) < 1e-6, "{split:?}, {whole:?}");
}

/// Of a layer and its shortcut, the sum is amplified: a gain error acts on both, and an end cuts off both.
#[test]
fn shortcuts_meet_before_the_neuron() {
    let mut network = Network::new("short", vec![4]);
    let rounding = Op::FakeQuantize { scale: 0.25, zero_point: 0, range: [-128, 127] };
    let image = network.then(network.input(), rounding).expect("it rounds");
    let first = network.push("first", dense(4, 4, 5), &[image]).expect("a layer");
    let second = network.push("second", dense(4, 4, 9), &[first]).expect("a layer");
    network.push("sum", Op::Add, &[second, first]).expect("one shape");
    let shown = vec![Tensor::new(vec![4], vec![1.0, -0.5, 2.0, 0.25])];
    let mapped = Mapped::new(network, "im2col", &target(8, 8), shown.clone());
    let exact = float::run(&mapped.unrounded(false), &shown[0]).expect("it runs").pop().expect("an output");
    let neurons = with(Neurons { saturation: Some(0.5), ..Neurons::default() });
    let found = mapped.chip(&neurons, 0).scores(0, &shown).expect("scores").remove(0);
    // The first layer, which goes two ways, is cut off by itself.
    let before = float::run(&mapped.unrounded(false), &shown[0]).expect("it runs");
    let cut = |map: &Tensor<f32>| {
        let end = 0.5 * map.values().iter().fold(0f32, |most, x| most.max(x.abs()));
        map.map(|x| x.clamp(-end, end))
    };
    let first = cut(&before[before.len() - 3]);
    let weights = mapped.layers[1].weights.values().chunks_exact(4);
    let second =
        weights.map(|row| row.iter().zip(first.values()).map(|(&weight, x)| weight as f32 / 64.0 * x).sum::<f32>());
    let end = 0.5 * exact.values().iter().fold(0f32, |most, x| most.max(x.abs()));
    let wanted: Vec<f32> =
        second.zip(first.values()).map(|(second, first)| (second + first).clamp(-end, end)).collect();
    assert!(
        off(std::slice::from_ref(&found), &[Tensor::new(vec![4], wanted.clone())]) < 1e-6,
        "{found:?}, wanted {wanted:?}"
    );
    // One draw acts on the whole sum.
    let gains = |seed: u64| {
        let chip = mapped.chip(&with(Neurons { gain: 0.1, ..Neurons::default() }), seed);
        chip.scores(0, &shown).expect("scores").remove(0)
    };
    assert_ne!(gains(1), gains(2));
}

/// LeNet-5 on small crossbars, copies of some layers, with everything that neurons and cells can do wrong.
#[test]
fn threads_and_batches_do_not_matter() {
    let network = trained("lenet5");
    let shown = images(&network, 21);
    let mapped = Mapped::new(network, "vw-sdk", &target(100, 80), shown[..4].to_vec());
    let neurons = Neurons { gain: 0.02, offset: 0.01, noise: 0.01, saturation: Some(0.9) };
    let hardware = Hardware { cells: Cells { copies: Copies::Apart, ..Cells::default() }, ..with(neurons) };
    let of = |threads: usize, seed: u64| {
        let chip = Chip::program(&mapped.plan(&hardware, threads), seed, &|_, _| ControlFlow::Continue(()))
            .expect("programmed");
        let all = chip.scores(0, &shown).expect("scores");
        for image in [0, 20] {
            let alone = chip.scores(image, &shown[image as usize..][..1]).expect("scores");
            assert_eq!(alone[0], all[image as usize], "an image does not depend on the others");
        }
        all
    };
    assert_eq!(of(1, 5), of(2, 5));
    assert_ne!(of(1, 5), of(1, 6));
    assert!(hardware.varies() && hardware.copies_differ() && hardware.is_calibrated());
}

/// The errors of layers are those against the network without rounding.
#[test]
fn layers_are_held_against_the_network_without_rounding() {
    let network = trained("resnet8");
    let shown = images(&network, 16);
    let mapped = Mapped::new(network, "im2col", &target(128, 128), shown.clone());
    let errors = |neurons: Neurons| {
        let hardware = with(neurons);
        let plan = mapped.plan(&hardware, 2);
        layer_errors(&mapped.chip(&hardware, 1), &plan.ideal().expect("programmed"), &plan, &shown).expect("errors")
    };
    assert!(errors(Neurons::default()).iter().all(|layer| layer.reached.snr_db.is_none()), "nothing is wrong");
    // 1 % of gain is 40 dB.
    let first = &errors(Neurons { gain: 0.01, ..Neurons::default() })[0];
    let snr = first.own.snr_db.expect("an error");
    assert!((34.0..46.0).contains(&snr), "{snr}");
}

/// Hardware with neurons is never shown to compute the integers.
#[test]
fn neurons_do_not_compute_integers() {
    let (mapped, _) = one_layer();
    let is_exact = |hardware: &Hardware| mapped.plan(hardware, 1).is_exact();
    assert_eq!((is_exact(&Hardware::ideal()), is_exact(&with(Neurons::default()))), (Ok(true), Ok(false)));
}

#[test]
fn what_takes_numbers_is_refused() {
    let (mapped, _) = one_layer();
    let neurons = || with(Neurons::default());
    let refused = |hardware: Hardware| match mapped.plan(&hardware, 1).verify().expect_err("refused") {
        error @ SimulateError::Setting { .. } => error.to_string(),
        other => panic!("{other}"),
    };
    let compensation = |of: Compensation| Hardware { compensation: of, ..neurons() };
    for (hardware, part) in [
        (Hardware { adc: Some(Adc::new(8)), ..neurons() }, "found converters"),
        (Hardware { dac_bits: Some(1), ..neurons() }, "inputs of 1 bits a pulse"),
        (Hardware { active_rows: Some(4), ..neurons() }, "word lines driven at a time: found 4; give 8"),
        (Hardware { pairs: Subtraction::Digital, ..neurons() }, "pairs subtracted as numbers"),
        (compensation(Compensation { refresh: true, ..Compensation::default() }), "(refresh)"),
        (
            compensation(Compensation {
                drift_compensation: DriftCompensation::PerCrossbar,
                ..Compensation::default()
            }),
            "(drift compensation)",
        ),
        (Hardware { layers: [("layer".into(), Hardware::ideal())].into(), ..neurons() }, "of some layers"),
        (with(Neurons { saturation: Some(0.0), ..Neurons::default() }), "saturates at 0"),
        (with(Neurons { noise: f64::NAN, ..Neurons::default() }), "noise of the neurons"),
    ] {
        let error = refused(hardware);
        assert!(error.contains(part), "{part}: {error}");
    }
}
