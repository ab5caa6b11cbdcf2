//! Trained 3D kernels as 2D+1D kernels: exact at full rank, nearer with every term, and measured right.

use proptest::prelude::*;
use std::sync::Arc;
use tilewright::network::convert::{Conversion, separate};
use tilewright::network::reference::float;
use tilewright::network::{
    Conv, KernelPlan, Layer, LayerKind, Network, Op, Padding, ReplacedLayers, Replacement, Tensor, Weights, zoo,
};

/// A network of one layer with everything uneven, and its weights.
fn uneven(channels: usize, outputs: usize, kernel: [usize; 2], seed: u64) -> Network {
    let mut network = Network::new("uneven", vec![channels, 7, 6]);
    let conv = Conv {
        kernel,
        stride: [2, 1],
        dilation: [1, 2],
        padding: Padding { top: 1, left: 2, bottom: 0, right: 1 },
        bias: Some((0..outputs).map(|output| output as f32).collect()),
        ..Conv::same(outputs, 1)
    };
    network.conv("conv", network.input(), conv).expect("it has an output");
    network.initialize(seed).expect("it can be rebuilt")
}

fn weights(network: &Network) -> &Tensor<f32> {
    match &network.nodes()[1].op {
        Op::Conv(Conv { weights: Some(weights), .. }) => &weights.values,
        op => panic!("{op:?} is no convolution with weights"),
    }
}

/// Σ P · D, element by element.
fn sum_of_terms(kernel_2d: &Tensor<f32>, kernel_1d: &Tensor<f32>, shape: &[usize]) -> Vec<f64> {
    let [outputs, channels, taps] = [shape[0], shape[1], shape[2] * shape[3]];
    let rank = kernel_2d.shape()[0] / channels;
    let term = |m: usize, place: usize, tap: usize| {
        f64::from(kernel_1d.values()[m * channels * rank + place]) * f64::from(kernel_2d.values()[place * taps + tap])
    };
    let indices = (0..outputs).flat_map(|m| (0..channels).flat_map(move |c| (0..taps).map(move |tap| (m, c, tap))));
    indices.map(|(m, c, tap)| (0..rank).map(|i| term(m, c * rank + i, tap)).sum()).collect()
}

fn frobenius(values: impl Iterator<Item = f64>) -> f64 {
    values.map(|value| value * value).sum::<f64>().sqrt()
}

proptest! {
    #[test]
    fn the_error_is_as_said_and_never_grows_with_the_rank(
        channels in 1usize..4, outputs in 2usize..8, kernel in [1usize..4, 2usize..3], seed in any::<u64>(),
    ) {
        let network = uneven(channels, outputs, kernel, seed);
        let kernel_3d = weights(&network);
        let full = outputs.min(kernel[0] * kernel[1]);
        let mut before = 1.0;
        for rank in 1..=full {
            let separated = separate(kernel_3d, rank).expect("finite");
            let sums = sum_of_terms(&separated.kernel_2d.values, &separated.kernel_1d.values, kernel_3d.shape());
            let difference = frobenius(sums.iter().zip(kernel_3d.values()).map(|(sum, &weight)| sum - f64::from(weight)));
            let norm = frobenius(kernel_3d.values().iter().map(|&weight| f64::from(weight)));
            prop_assert!((difference / norm - separated.relative_error).abs() < 1e-6);
            prop_assert!(separated.relative_error <= before);
            before = separated.relative_error;
        }
        prop_assert!(before < 1e-12);
        prop_assert_eq!(separate(kernel_3d, full + 5).expect("finite"), separate(kernel_3d, full).expect("finite"));
    }

    #[test]
    fn full_rank_computes_the_same(
        channels in 1usize..4, outputs in 2usize..8, kernel in [1usize..4, 2usize..3], seed in any::<u64>(),
    ) {
        let network = uneven(channels, outputs, kernel, seed);
        let conversion = of_rank(&network, usize::MAX).convert(&network).expect("trained");
        let image = network.random_image(seed);
        let expected = float::run(&network, &image).expect("it runs").pop().expect("an output");
        let found = float::run(&conversion.network, &image).expect("it runs").pop().expect("an output");
        prop_assert_eq!(expected.shape(), found.shape());
        for (expected, found) in expected.values().iter().zip(found.values()) {
            prop_assert!((expected - found).abs() < 1e-5, "{} instead of {}", found, expected);
        }
        let snr = conversion.layers_on(&network, &[image]).expect("it runs")[0].output_snr_db.expect("measured");
        prop_assert!(snr > 110.0, "{snr} dB at full rank");
    }
}

/// 2D+1D kernels of a rank everywhere.
fn of_rank(network: &Network, rank: usize) -> Replacement {
    KernelPlan::from(ReplacedLayers::All { rank }).select(network).expect("any rank will do")
}

#[test]
fn a_kernel_of_known_terms() {
    // One channel, two outputs, 1×2 taps: [[4, 0], [3, -5]] has the singular values √40 and √10.
    let kernel = Tensor::new(vec![2, 1, 1, 2], vec![4.0, 0.0, 3.0, -5.0]);
    let separated = separate(&kernel, 1).expect("finite");
    assert!((separated.relative_error - (10f64 / 50.0).sqrt()).abs() < 1e-12);
    // The nearest matrix of rank 1 is [[2, -2], [4, -4]].
    let sums = sum_of_terms(&separated.kernel_2d.values, &separated.kernel_1d.values, kernel.shape());
    for (found, expected) in sums.iter().zip([2.0, -2.0, 4.0, -4.0]) {
        assert!((found - expected).abs() < 1e-6, "{sums:?}");
    }
    assert_eq!(separate(&Tensor::filled(vec![2, 1, 1, 2], 0.0), 1).expect("finite").relative_error, 0.0);
    assert_eq!(separate(&Tensor::filled(vec![2, 1, 1, 2], f32::NAN), 1), None);
}

#[test]
fn a_whole_network_gets_nearer_with_every_term() {
    let network = zoo::build("resnet8").expect("it is in the zoo").initialize(3).expect("it can be rebuilt");
    let image = network.random_image(5);
    let mut before = vec![f64::NEG_INFINITY; 4];
    for rank in [1, 3, 9] {
        let plan: KernelPlan = format!("ratio=0.5:last*{rank}").parse().expect("a plan");
        let plan = plan.select(&network).expect("it fits");
        let conversion = plan.convert(&network).expect("it has weights");
        let kinds: Vec<LayerKind> = conversion.network.layers().iter().map(|layer| layer.shape.kind()).collect();
        let count = |kind| kinds.iter().filter(|&&found| found == kind).count();
        assert_eq!(count(LayerKind::Kernel2d), plan.layers().len());
        let layers = conversion.layers_on(&network, std::slice::from_ref(&image)).expect("it runs");
        for (layer, before) in layers.iter().zip(&mut before) {
            let snr = layer.output_snr_db.expect("measured");
            assert!(layer.rank == rank && snr > *before, "{layer:?} after {before} dB");
            *before = snr;
        }
    }
    assert!(before.iter().all(|&snr| snr > 110.0), "{before:?}");
}

#[test]
fn output_errors_are_those_of_the_naive_convolution() {
    let network = zoo::build("lenet5").expect("it is in the zoo").initialize(3).expect("it can be rebuilt");
    // One more than is computed together.
    let images: Vec<_> = (0..17).map(|seed| network.random_image(seed)).collect();
    let conversion = of_rank(&network, 2).convert(&network).expect("it has weights");
    let layers = conversion.layers_on(&network, &images).expect("it runs");
    let original = network.layers();
    let after = conversion.network.layers();
    let convolve = |network: &Network, layer: &Layer, input: &Tensor<f32>| {
        let Op::Conv(Conv { weights: Some(weights), .. }) = &network.node(layer.node).op else {
            panic!("{} is no convolution with weights", layer.name)
        };
        float::convolve(&layer.shape, input, &weights.values, None)
    };
    for (at, converted) in layers.iter().enumerate() {
        let (mut signal, mut noise) = (0.0, 0.0);
        for image in &images {
            let maps = float::run(&network, image).expect("it runs");
            let input = &maps[network.node(original[at].node).inputs[0].0];
            let expected = convolve(&network, &original[at], input);
            let between = convolve(&conversion.network, &after[2 * at], input);
            let found = convolve(&conversion.network, &after[2 * at + 1], &between);
            for (&expected, &found) in expected.values().iter().zip(found.values()) {
                signal += f64::from(expected).powi(2);
                noise += (f64::from(expected) - f64::from(found)).powi(2);
            }
        }
        let (found, expected) = (converted.output_snr_db.expect("measured"), 10.0 * (signal / noise).log10());
        assert!((found - expected).abs() < 1e-3, "{}: {found} dB instead of {expected}", converted.name);
    }
}

#[test]
fn fitting_to_images_never_makes_a_layer_worse_on_them() {
    let network = zoo::build("resnet8").expect("it is in the zoo").initialize(3).expect("it can be rebuilt");
    // One more than is computed together.
    let images: Vec<_> = (0..17).map(|seed| network.random_image(seed)).collect();
    for rank in [1, 9] {
        let conversion = of_rank(&network, rank).convert(&network).expect("it has weights");
        let fitted = conversion.fitted(&network, &images).expect("it runs");
        let snr = |conversion: &Conversion| -> Vec<f64> {
            let layers = conversion.layers_on(&network, &images).expect("it runs");
            layers.iter().map(|layer| layer.output_snr_db.expect("measured")).collect()
        };
        let (before, after) = (snr(&conversion), snr(&fitted));
        // Beyond 100 dB rounding is all that is left.
        assert!(
            before.iter().zip(&after).all(|(before, after)| after.min(100.0) >= before.min(100.0)),
            "{before:?} {after:?}"
        );
        // The random image is white noise, where the nearest weights are the nearest outputs; later layers see correlations.
        let gains = before.iter().zip(&after).skip(1);
        assert!(rank > 1 || gains.into_iter().all(|(before, after)| *after > before + 1.0), "{before:?} {after:?}");
        let names = |network: &Network| network.nodes().iter().map(|node| node.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&fitted.network), names(&conversion.network));
    }
}

#[test]
fn a_normalisation_between_the_kernels_changes_nothing_before_it_is_trained() {
    let network = zoo::build("resnet8").expect("it is in the zoo").initialize(3).expect("it can be rebuilt");
    let images = [network.random_image(4)];
    let [plain, norm] = ["2d1d*2", "2d1d*2+norm"].map(|plan| {
        let plan: KernelPlan = plan.parse().expect("a plan");
        let conversion = plan.select(&network).expect("it fits").convert(&network).expect("it has weights");
        conversion.fitted(&network, &images).expect("it runs")
    });
    let output = |conversion: &Conversion| float::run(&conversion.network, &images[0]).expect("it runs").pop();
    assert_eq!(output(&plain), output(&norm));
    assert_eq!(plain.layers_on(&network, &images), norm.layers_on(&network, &images));
    let count = |conversion: &Conversion| conversion.network.nodes().len();
    assert_eq!(count(&norm), count(&plain) + plain.layers.len());
    assert!(norm.network.nodes().iter().any(|node| node.name == "stage1.block1.conv1.2d.batch_norm"));
}

#[test]
fn what_cannot_be_converted_is_named() {
    let untrained = zoo::build("lenet5").expect("it is in the zoo");
    let plan = of_rank(&untrained, 1);
    let error = plan.convert(&untrained).expect_err("no weights").to_string();
    assert!(error.contains("has no weights to convert"), "{error}");
    let trained = untrained.initialize(1).expect("it can be rebuilt");
    let active: KernelPlan = "2d1d+norm-relu".parse().expect("a plan");
    let error = active.select(&trained).expect("it fits").convert(&trained).expect_err("an activation").to_string();
    assert!(error.contains("puts an activation between") && error.contains("give nothing or norm"), "{error}");
    let other = uneven(1, 2, [2, 2], 1);
    assert!(plan.convert(&other).expect_err("another network").to_string().contains("is of another network"));
    let conversion = plan.convert(&trained).expect("trained");
    let error = conversion.layers_on(&other, &[other.random_image(1)]).expect_err("another network").to_string();
    assert!(error.contains("is of another network"), "{error}");
    let mut network = Network::new("broken", vec![1, 4, 4]);
    let values = Arc::new(Tensor::filled(vec![2, 1, 3, 3], f32::NAN));
    let conv = Conv { weights: Some(Weights { values, scale: None }), ..Conv::same(2, 3) };
    network.conv("conv", network.input(), conv).expect("it has an output");
    assert!(of_rank(&network, 1).convert(&network).expect_err("NaN").to_string().contains("not finite"));
}
