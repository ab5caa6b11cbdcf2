//! The fast executor against the naive one: random networks of every operation, and the zoo.

use proptest::prelude::*;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use tilewright::network::executor::{BATCH, Executor, input_counts};
use tilewright::network::reference::{float, integer, quantized};
use tilewright::network::{
    Activation, BatchNorm, Conv, Dense, IntegerLayer, Network, NodeId, Op, Padding, Pairwise, Pool, PoolKind,
    Reduction, Rounding, ScaleShift, Tensor, TopK, Weights, integer_layers, zoo,
};

/// What a random node is made from.
type Recipe = (usize, [usize; 8]);

/// Appends what the recipe says, if its input can take it.
fn append(network: &mut Network, (kind, numbers): Recipe) {
    let [pick, other, a, b, c, d, e, f] = numbers;
    // Mostly the newest node, so that networks get deep.
    let newest = network.output().0;
    let node = |pick: usize| NodeId(if pick.is_multiple_of(3) { pick % (newest + 1) } else { newest });
    let (first, second) = (node(pick), node(other));
    let shape = network.shape(first).to_vec();
    if shape.is_empty() {
        return;
    }
    let axis = a % shape.len();
    let sides = |a: usize, b: usize, most: usize| [1 + a % most, 1 + b % most];
    let padding = Padding { top: a % 3, left: b % 3, bottom: c % 3, right: d % 2 };
    let ramp = |count: usize| (0..count).map(|i| 0.5 + ((i * 7 + a) % 5) as f32 / 4.0).collect();
    let (op, inputs) = match kind {
        0 | 1 => {
            let groups = if kind == 0 { 1 } else { [shape[0], 2][e % 2] };
            let conv = Conv {
                kernel: sides(c, d, 4),
                stride: sides(e, f, 3),
                dilation: sides(a, f, 2),
                padding,
                groups,
                bias: Some(ramp(groups * (1 + b % 11))),
                ..Conv::same(groups * (1 + b % 11), 1)
            };
            (Op::Conv(conv), vec![first])
        }
        2 => (Op::Dense(Dense { bias: Some(ramp(1 + b % 20)), ..Dense::new(1 + b % 20) }), vec![first]),
        3 => {
            let parameters = ScaleShift { scale: ramp(shape[0]), shift: ramp(shape[0]) };
            (Op::BatchNorm(BatchNorm { parameters: (b % 4 > 0).then_some(parameters) }), vec![first])
        }
        4 => {
            let activations = [
                Activation::Relu,
                Activation::Clip { min: -0.5, max: 0.75 },
                Activation::LeakyRelu { slope: 0.125 },
                Activation::Sigmoid,
                Activation::HardSigmoid { slope: 0.25, offset: 0.5 },
                Activation::HardSwish,
                Activation::Tanh,
                Activation::Gelu,
                Activation::Elu { alpha: 0.75 },
                Activation::Mish,
                Activation::Swish { slope: 1.5 },
                Activation::Abs,
            ];
            (Op::Activation(activations[b % activations.len()]), vec![first])
        }
        5 => {
            let kind = [PoolKind::Max, PoolKind::Average { count_padding: d % 2 == 0 }][e % 2];
            let kernel = sides(a, b, 4);
            // No window lies in the padding alone, whose maximum or mean is of nothing.
            let padding =
                Padding { top: (c % 2).min(kernel[0] - 1), left: (d % 2).min(kernel[1] - 1), ..Padding::all(0) };
            let pool = Pool { kind, kernel, stride: sides(c, f, 3), dilation: [1, 1], padding, ceil: f % 2 == 0 };
            (Op::Pool(pool), vec![first])
        }
        6 => {
            let axes = (0..shape.len()).filter(|axis| (1 + b) >> axis & 1 == 1).collect();
            (Op::Mean { axes, keep_axes: c % 2 == 0 || shape.len() == 1 }, vec![first])
        }
        7 => (Op::Add, vec![first, second]),
        8 => (Op::Mul, vec![first, second]),
        9 => (Op::Concat { axis }, [first, second, first][..1 + b % 3].to_vec()),
        10 => (Op::Reshape { shape: vec![shape.iter().product()] }, vec![first]),
        11 => {
            let mut order: Vec<usize> = (0..shape.len()).collect();
            order.rotate_left(axis);
            order.swap(0, b % shape.len());
            (Op::Transpose { order }, vec![first])
        }
        12 => {
            let start = b % shape[axis];
            let end = start + 1 + c % (shape[axis] - start);
            (Op::Slice { axis, start, end, step: 1 + d % 3 }, vec![first])
        }
        13 => {
            let sides = |seed: usize| (0..shape.len()).map(|axis| (seed >> axis) % 3).collect();
            (Op::Pad { before: sides(b), after: sides(c), value: d as f32 / 16.0 }, vec![first])
        }
        14 => (Op::Softmax { axis }, vec![first]),
        // Of the image itself: elsewhere a rounding error may decide between two levels.
        17 => {
            let pairwise = [Pairwise::Min, Pairwise::Max, Pairwise::PRelu, Pairwise::Less][b % 4];
            // Comparisons of computed values could be decided by a rounding error.
            let inputs = if pairwise == Pairwise::Less { [network.input(); 2] } else { [first, second] };
            (Op::Pairwise(pairwise), inputs.to_vec())
        }
        18 => (Op::Where, vec![network.input(), first, second]),
        19 => (Op::MatMul, vec![first, second]),
        20 => {
            let count = 1 + b % shape[axis];
            let top = TopK { axis, count, greatest: c % 2 == 0, last: d % 2 == 0, places: e % 2 == 0 };
            // Of the image: an order of computed values could be decided by a rounding error.
            let axis = axis.min(network.shape(network.input()).len() - 1);
            let count = count.min(network.shape(network.input())[axis]);
            (Op::TopK(TopK { axis, count, ..top }), vec![network.input()])
        }
        21 => {
            let reductions = [Reduction::Sum, Reduction::Max, Reduction::L2, Reduction::LogSumExp, Reduction::Min];
            let axes = (0..shape.len()).filter(|axis| (1 + b) >> axis & 1 == 1).collect();
            let keep_axes = c % 2 == 0 || shape.len() == 1;
            (Op::Reduce { reduction: reductions[d % 5], axes, keep_axes }, vec![first])
        }
        22 => {
            let axes = (0..shape.len()).filter(|axis| (1 + b) >> axis & 1 == 1).collect();
            // Without a sizeable epsilon, the rounding errors of nearly equal values would be blown up.
            (Op::Standardize { axes, epsilon: 1.0, mean: c % 2 == 0 }, vec![first])
        }
        23 => {
            let indices = (0..1 + c % 7).map(|i| (b + i * d) % shape[axis]).collect();
            (Op::Select { axis, indices }, vec![first])
        }
        24 => {
            let taps = (0..1 + c % 7).map(|i| (0..i % 4).map(|tap| ((b + i * tap) % shape[axis], 0.25)).collect());
            (Op::Interpolate { axis, taps: taps.collect() }, vec![first])
        }
        25 => (Op::LogSoftmax { axis }, vec![first]),
        26 => (Op::DynamicQuantize, vec![network.input()]),
        15 => {
            let rounding = Op::FakeQuantize { scale: 0.0625, zero_point: b as i32 - 32, range: [-20, 25] };
            (rounding, vec![network.input()])
        }
        _ => (Op::Constant(Tensor::new(shape.clone(), ramp(shape.iter().product()).to_vec()).into()), vec![]),
    };
    let name = format!("node{}", newest + 1);
    // Recipes whose input is of the wrong shape are passed over; so are those that grow without end.
    if shape.iter().product::<usize>() < 4_000 || matches!(op, Op::Slice { .. } | Op::Pool(_) | Op::Mean { .. }) {
        drop(network.push(name, op, &inputs));
    }
}

/// The two executors on every image; differences are relative to the greatest magnitude anywhere in the network.
fn compare(network: &Network, images: &[Tensor<f32>]) -> Result<(), String> {
    let outputs =
        Executor::new(network).and_then(|executor| executor.run(images)).map_err(|error| error.to_string())?;
    for (image, output) in images.iter().zip(outputs) {
        let expected = float::run(network, image).map_err(|error| error.to_string())?;
        let greatest = expected.iter().flat_map(Tensor::values).fold(0f32, |most, x| most.max(x.abs()));
        let expected = &expected[network.output().0];
        if !greatest.is_finite() {
            return Ok(());
        }
        if output.shape() != expected.shape() {
            return Err(format!("shape {:?}, not {:?}", output.shape(), expected.shape()));
        }
        for (at, (found, expected)) in output.values().iter().zip(expected.values()).enumerate() {
            let close = (found - expected).abs() <= 1e-5 * greatest;
            if !close {
                return Err(format!("value {at} is {found}, not {expected}, of at most {greatest}"));
            }
        }
    }
    Ok(())
}

fn images(network: &Network, count: usize) -> Vec<Tensor<f32>> {
    (0..count as u64).map(|seed| network.random_image(seed)).collect()
}

proptest! {
    #[test]
    fn equals_the_naive_executor_on_random_networks(
        input in [1usize..5, 1usize..9, 1usize..9],
        recipes in prop::collection::vec((0usize..28, prop::array::uniform8(0usize..60)), 1..12),
        count in 1usize..=BATCH + 1,
    ) {
        let mut network = Network::new("random", input.to_vec());
        recipes.into_iter().for_each(|recipe| append(&mut network, recipe));
        let network = network.initialize(3).expect("layers without weights get some");
        compare(&network, &images(&network, count)).map_err(|problem| {
            TestCaseError::fail(format!("{problem}\n{:#?}", network.nodes().iter().map(|node| (&node.op, &node.inputs)).collect::<Vec<_>>()))
        })?;
    }
}

/// Every recipe leads to its operation on a suitable network; otherwise the random networks would lack one in silence.
#[test]
fn random_networks_have_every_operation() {
    for (kind, name) in [
        (0, "conv"),
        (1, "conv"),
        (2, "dense"),
        (3, "batch_norm"),
        (4, "relu"),
        (5, "max_pool"),
        (6, "mean"),
        (7, "add"),
        (8, "mul"),
        (9, "concat"),
        (10, "reshape"),
        (11, "transpose"),
        (12, "slice"),
        (13, "pad"),
        (14, "softmax"),
        (15, "fake_quantize"),
        (16, "constant"),
    ] {
        let shape = if name == "dense" { vec![8] } else { vec![4, 6, 6] };
        let mut network = Network::new("one", shape);
        append(&mut network, (kind, [1, 1, 0, 0, 0, 0, 0, 0]));
        assert_eq!(network.node(network.output()).op.name(), name);
    }
}

#[test]
fn equals_the_naive_executor_on_the_zoo() {
    for entry in zoo::entries() {
        let network = entry.build().expect("the zoo builds");
        // The naive executor takes minutes for the others.
        if network.macs() > 150_000_000 {
            continue;
        }
        let network = network.initialize(1).expect("weights");
        compare(&network, &images(&network, 2)).unwrap_or_else(|problem| panic!("{}: {problem}", entry.name));
    }
}

#[test]
fn an_image_is_computed_alike_in_any_company() {
    let network = zoo::build("resnet8").and_then(|network| network.initialize(1)).expect("a network of the zoo");
    let executor = Executor::new(&network).expect("it has weights");
    let images = images(&network, BATCH + 3);
    let together = executor.run(&images).expect("images of its shape");
    for (image, output) in images.iter().zip(&together) {
        assert_eq!(&executor.run(std::slice::from_ref(image)).expect("an image of its shape")[0], output);
    }
    assert_eq!(executor.run(&[]).expect("no images"), []);
}

#[test]
fn what_cannot_run_is_said_at_once() {
    let network = zoo::build("lenet5").expect("a network of the zoo");
    let error = Executor::new(&network).err().expect("it has no weights").to_string();
    assert!(error.contains("conv1") && error.contains("no weights"), "{error}");

    let executor = Executor::new(&network.initialize(1).expect("weights")).expect("it has weights");
    let error = executor.run(&[Tensor::filled(vec![1, 28, 27], 0.0)]).expect_err("another shape").to_string();
    assert!(error.contains("[1, 28, 28]") && error.contains("[1, 28, 27]"), "{error}");

    let mut network = Network::new("opaque", vec![3]);
    network
        .push("lstm", Op::Opaque { operator: "LSTM".into(), shape: vec![3], macs: None }, &[network.input()])
        .expect("a node");
    let error = Executor::new(&network).err().expect("it cannot run").to_string();
    assert!(error.contains("lstm") && error.contains("LSTM"), "{error}");
}

/// A network of two convolutions whose model holds integers: weights up to `most_weight` and inputs up to `most_input`.
fn of_integers(most_weight: i32, most_input: i32, groups: usize, side: usize, channels: usize) -> Network {
    let mut network = Network::new("integers", vec![4, side, side]);
    let mut x = network.input();
    for (number, inputs) in [4, channels].into_iter().enumerate() {
        let round =
            Op::FakeQuantize { scale: 2.0 / most_input as f32, zero_point: 3, range: [3 - most_input, 3 + most_input] };
        x = network.then(x, round).expect("it rounds any map");
        let scale: Vec<f32> = (0..channels).map(|channel| 0.3 / (1 + channel) as f32 / most_weight as f32).collect();
        let kernel = inputs / groups * 9;
        let integer =
            |at: usize| (at as i32 * 7919 + 13) % (most_weight + 1) * if at.is_multiple_of(3) { -1 } else { 1 };
        let values = (0..channels * kernel).map(|at| integer(at) as f32 * scale[at / kernel]).collect();
        let values = Arc::new(Tensor::new(vec![channels, inputs / groups, 3, 3], values));
        let weights = Some(Weights { values, scale: Some(scale) });
        let bias = Some((0..channels).map(|channel| 0.1 * channel as f32).collect());
        let conv = Conv { weights, bias, stride: [1 + number, 1], ..Conv::same(channels, 3).groups(groups) };
        x = network.conv(&format!("conv{number}"), x, conv).expect("it takes the map");
    }
    network
}

/// The same bits as exact sums of 64-bit integers: also where 32-bit floating point cannot hold a sum, or a product.
#[test]
fn what_holds_integers_is_computed_in_integers() {
    for (most_weight, most_input, groups, side, channels) in
        [(7, 7, 1, 5, 8), (127, 255, 2, 6, 8), (127, 255, 1, 3, 96), (32_767, 255, 1, 4, 20), (32_767, 65_535, 4, 4, 8)]
    {
        let network = of_integers(most_weight, most_input, groups, side, channels);
        let images = images(&network, BATCH + 1);
        let layers = integer_layers(&network, &[], Rounding::to_bits(16, 16)).expect("it is rounded");
        let convolve = |layer: &IntegerLayer, input: &Tensor<i32>| {
            Ok(integer::convolve(&layer.layer.shape, input, &layer.weights))
        };
        let found = Executor::new(&network).and_then(|executor| executor.run(&images)).expect("it has weights");
        for (image, found) in images.iter().zip(&found) {
            let expected = quantized::run(&network, &layers, image, convolve).expect("an image of its shape");
            assert_eq!(found, &expected[network.output().0], "weights to {most_weight}, inputs to {most_input}");
        }
    }
}

/// As the naive executor hands them to each layer, on any number of threads and whatever is in the batch beside them.
#[test]
fn the_inputs_of_layers_are_counted() {
    let plain = zoo::build("resnet8").and_then(|network| network.initialize(3)).expect("a network of the zoo");
    for (network, bits) in [(of_integers(7, 7, 1, 5, 8), 16), (plain, 5)] {
        let images = images(&network, BATCH + 3);
        let rounding = Rounding::to_bits(8, bits);
        let layers = integer_layers(&network, &images[..2], rounding).expect("it has weights");
        let mut expected: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for image in &images {
            let convolve = |layer: &IntegerLayer, input: &Tensor<i32>| {
                let blank = || vec![0; 1 << layer.input.count_bits()];
                let counts = expected.entry(layer.layer.name.clone()).or_insert_with(blank);
                input.values().iter().for_each(|value| counts[value.unsigned_abs() as usize] += 1);
                Ok(integer::convolve(&layer.layer.shape, input, &layer.weights))
            };
            quantized::run(&network, &layers, image, convolve).expect("an image of its shape");
        }
        for threads in [1, 3] {
            let go_on = |_, _| ControlFlow::Continue(());
            let found = input_counts(&network, &layers, (images.len(), threads), &go_on, |image| images[image].clone());
            let found = found.expect("it runs").expect("nobody ended it");
            assert_eq!(found.iter().map(|layer| &layer.layer).collect::<Vec<_>>(), names(&layers));
            let found: BTreeMap<_, _> = found.into_iter().map(|layer| (layer.layer, layer.counts)).collect();
            assert_eq!(found, expected, "{} on {threads} threads", network.name);
        }
        let ended = input_counts(&network, &layers, (images.len(), 1), &|_, _| ControlFlow::Break(()), |image| {
            images[image].clone()
        });
        assert_eq!(ended, Ok(None));
    }
}

fn names(layers: &[IntegerLayer]) -> Vec<&String> {
    layers.iter().map(|layer| &layer.layer.name).collect()
}

#[test]
fn all_images_at_once_yield_what_each_yields() {
    let network = zoo::build("lenet5").and_then(|network| network.initialize(1)).expect("a network of the zoo");
    let images = images(&network, 2 * BATCH + 5);
    let executor = Executor::new(&network).expect("it has weights");
    let expected = executor.run(&images).expect("images of its shape");
    for threads in [1, 2, 7] {
        let go_on = |_, _| ControlFlow::Continue(());
        let found = executor.run_all(images.len(), threads, &go_on, |image| images[image].clone());
        assert_eq!(found.expect("images of its shape").expect("nobody ended it"), expected);
    }
    assert_eq!(
        executor.run_all(3, 1, &|_, _| ControlFlow::Break(()), |image| images[image].clone()),
        Ok(Some(expected[..3].to_vec()))
    );
    assert_eq!(executor.run_all(40, 1, &|_, _| ControlFlow::Break(()), |image| images[image % 3].clone()), Ok(None));
    assert!(executor.run_all(1, 1, &|_, _| ControlFlow::Continue(()), |_| Tensor::new(vec![2], vec![0.0; 2])).is_err());
}

/// A ReLU or a rounding would turn it into a number, and a network that yields nothing into one with a rate.
#[test]
fn what_is_not_a_number_is_refused() {
    let with = |value: f32| {
        let mut network = Network::new("wrong", vec![2]);
        let values = Arc::new(Tensor::new(vec![2, 2], vec![1.0, value, -1.0, 0.5]));
        let dense = Dense { weights: Some(Weights { values, scale: None }), ..Dense::new(2) };
        network.push("fc", Op::Dense(dense), &[network.input()]).expect("a layer");
        network
    };
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let error = Executor::new(&with(value)).err().expect("not a number").to_string();
        assert!(error.contains("\"fc\" has 1 of 4 weights that are NaN or infinite"), "{error}");
    }
    assert!(Executor::new(&with(3.0)).is_ok());
    let relu = [Activation::Relu, Activation::Clip { min: 0.0, max: 6.0 }].map(|activation| activation.of(f32::NAN));
    assert!(relu.iter().all(|value| value.is_nan()), "{relu:?}");
}
