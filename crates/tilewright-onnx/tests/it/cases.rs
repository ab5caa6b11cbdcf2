//! Models that were once read wrongly or not at all, with the values that are right. What they compute is held against ONNX Runtime's values
//! in `agreement.rs`; here is what they become.

use crate::build::{Model, int, ints};
use proptest::prelude::*;
use rten_onnx::onnx::{DataType, TensorProto};
use std::path::{Path, PathBuf};
use tilewright::mapping::{CrossbarSize, Encoding, SignRule, Target, map_network, scheme};
use tilewright::network::executor::Executor;
use tilewright::network::{Activation, Conv, Network, Op, reference::float};
use tilewright_onnx::{InputShape, Selection, from_bytes, from_bytes_shaped, load, load_shaped};

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name).join("model.onnx")
}

fn network(name: &str) -> Network {
    load(&path(name)).unwrap_or_else(|error| panic!("{error}")).network
}

/// Operations of an image, two a multiply-accumulate.
fn operations(network: &Network) -> u64 {
    network
        .nodes()
        .iter()
        .enumerate()
        .map(|(id, _)| 2 * network.macs_of(tilewright::network::NodeId(id)).unwrap())
        .sum()
}

fn im2col(network: &Network) -> [u64; 2] {
    let target = Target::new(CrossbarSize { rows: 128, columns: 128 }, Encoding::whole(SignRule::Differential));
    let scheme = scheme::find("im2col").expect("a scheme");
    let total = map_network(network, scheme, &target, None).expect("it fits").total().expect("no overflow");
    [total.crossbars, total.array_activations]
}

#[test]
fn every_weighted_operation_is_counted() {
    for (name, expected) in [
        ("case-cost-convtranspose", 1_335_296),
        ("case-local-function", 1_695_744),
        ("case-fusedconv", 1_032_192),
        ("case-attention", 191_488),
    ] {
        assert_eq!(operations(&network(name)), expected, "{name}");
    }
    let volume = Model::new(&[1, 1, 8, 8, 8]).zeros("w", &[16, 1, 3, 3, 3]).zeros("g", &[8192, 4]);
    let volume = volume.node("Conv", &["x", "w"], &["c"], vec![ints("pads", &[1; 6])]);
    let volume = volume.node("Flatten", &["c"], &["f"], vec![]).node("Gemm", &["f", "g"], &["y"], vec![]);
    assert_eq!(operations(&from_bytes(&volume.bytes(), None, "volume").unwrap().network), 507_904);
    for name in ["case-autoencoder", "case-autoencoder-si"] {
        let network = network(name);
        // Two convolutions, and two transposed ones whose four phases see the same inputs.
        assert_eq!((network.layers().len(), network.digital_products().count()), (4, 0), "{name}");
    }
}

/// A file that ONNX Runtime has optimised is the network it was before.
#[test]
fn optimised_files_are_mapped_as_before() {
    for name in ["case-small-ort-ext-vi", "case-small-ort-all"] {
        let network = network(name);
        assert_eq!(network.layers().len(), 4, "{name}");
        assert_eq!(im2col(&network), [4, 385], "{name}");
    }
}

/// mask = [0.5, 2.0] is true twice: a cast to BOOL asks whether a value is 0, not what it is cut to.
#[test]
fn a_cast_to_bool_is_a_truth_value() {
    let network = network("case-cast-bool");
    let Op::Conv(Conv { weights: Some(weights), .. }) = &network.nodes()[1].op else { panic!("a convolution") };
    assert!(weights.values.values().iter().all(|&w| w != 0.0), "{weights:?}");
}

#[test]
fn a_dead_convolution_is_left_out() {
    assert_eq!(network("case-dead-conv").layers().len(), 1);
}

#[test]
fn open_lengths_are_given() {
    let shape: InputShape = "x=3x224x160".parse().unwrap();
    let imported = load_shaped(&path("case-dynamic-hw"), Some(&shape)).unwrap();
    assert_eq!(imported.network.layers()[0].shape.input, [224, 160]);
    let error = load(&path("case-dynamic-hw")).unwrap_err().to_string();
    assert!(error.contains("axis 2") && error.contains("--input-shape 3x224x224"), "{error}");
    for (given, part) in [("4x8x8", "length 3"), ("3x8", "3 axes"), ("data=3x8x8", "\"data\"")] {
        let error = load_shaped(&path("case-dynamic-hw"), Some(&given.parse().unwrap())).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
    for wrong in ["", "3x", "0x3", "3xax4"] {
        assert!(wrong.parse::<InputShape>().is_err(), "{wrong}");
    }
}

#[test]
fn another_tensor_may_be_the_result() {
    let model = Model::new(&[1, 2]).zeros("w", &[2, 3]).node("MatMul", &["x", "w"], &["a"], vec![]);
    let bytes = model.node("Relu", &["a"], &["y"], vec![]).bytes();
    let of = |output| from_bytes_shaped(&bytes, None, "model.onnx", Selection { shape: None, output: Some(output) });
    assert_eq!(of("a").unwrap().network.nodes().len(), 2);
    assert_eq!(of("y").unwrap().network, from_bytes(&bytes, None, "model.onnx").unwrap().network);
    let error = of("yy").unwrap_err().to_string();
    assert!(error.contains("no tensor \"yy\"; its outputs are [\"y\"]"), "{error}");
}

/// Weights of few bits are whole multiples of scales the network keeps.
#[test]
fn weights_keep_the_levels_they_came_with() {
    for (name, most) in [
        ("case-wonly-int4", 8.0),
        ("case-wonly-qcdq", 8.0),
        ("case-brev-329", 128.0),
        ("case-brev-qcdq-w4a4", 8.0),
        ("case-int4-in-int32-data", 8.0),
        ("case-small-qdq-a16w4", 8.0),
        ("case-small-qop", 128.0),
        ("case-small-qop-pc", 128.0),
        ("case-small-dyn-si", 128.0),
        ("case-s32-u8w", 128.0),
        ("case-s32-m128", 128.0),
        ("offset-weights", 128.0),
        ("qonnx", 8.0),
    ] {
        let network = network(name);
        assert!(!network.layers().is_empty());
        for layer in network.layers() {
            let (Op::Conv(Conv { weights, .. }) | Op::Dense(tilewright::network::Dense { weights, .. })) =
                &network.node(layer.node).op
            else {
                panic!("a layer")
            };
            let weights = weights.as_ref().unwrap();
            let Some(scales) = &weights.scale else {
                assert_eq!((name, layer.name.as_str()), ("case-qlinearconv", "y"), "no scale");
                continue;
            };
            let each = weights.values.values().len() / weights.values.shape()[0];
            for (index, w) in weights.values.values().iter().enumerate() {
                let level = w / scales[index / each % scales.len()];
                assert!(
                    (level - level.round()).abs() < 1e-3 && level.abs() <= most + 0.5,
                    "{name} {}: {level}",
                    layer.name
                );
            }
        }
    }
}

/// The naive executor has been held against ONNX Runtime; the fast one against it.
#[test]
fn the_fast_executor_agrees_on_every_fixture() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    for folder in crate::recorded::folders(&fixtures) {
        let Ok(imported) = load(&folder.join("model.onnx")) else { continue };
        // Where values are rounded to levels, an error of the last place may decide between two.
        let rounds = |op: &Op| {
            matches!(op, Op::FakeQuantize { .. } | Op::DynamicQuantize | Op::Pairwise(_))
                || matches!(op, Op::Activation(Activation::Floor | Activation::Ceil | Activation::Round))
                || matches!(op, Op::Activation(Activation::Sign | Activation::Bipolar { .. } | Activation::NonZero))
        };
        let network = imported.network;
        if network.nodes().iter().any(|node| rounds(&node.op)) {
            continue;
        }
        let image = network.random_image(1);
        let expected = float::run(&network, &image).unwrap().pop().unwrap();
        let found = Executor::new(&network).and_then(|executor| executor.run(&[image])).unwrap().remove(0);
        let greatest = expected.values().iter().fold(f32::MIN_POSITIVE, |most, x| most.max(x.abs()));
        for (a, b) in found.values().iter().zip(expected.values()) {
            assert!((a - b).abs() <= 1e-4 * greatest, "{}: {a}, not {b}", folder.display());
        }
    }
}

/// A transposed convolution by its definition: every input adds the kernel to the output (ONNX operator `ConvTranspose`).
fn spread(case: &UpCase, image: &[f32], weights: &[f32]) -> Vec<f64> {
    let UpCase { groups, inputs, outputs, length, kernel, stride, dilation, padding, output_padding } = *case;
    let total = (length - 1) * stride + (kernel - 1) * dilation + 1 + output_padding - padding[0] - padding[1];
    let mut result = vec![0f64; groups * outputs * total];
    for from in 0..groups * inputs {
        for to in 0..outputs {
            for (place, tap) in (0..length).flat_map(|place| (0..kernel).map(move |tap| (place, tap))) {
                let Some(at) = (place * stride + tap * dilation).checked_sub(padding[0]).filter(|&at| at < total)
                else {
                    continue;
                };
                let weight = weights[(from * outputs + to) * kernel + tap];
                let channel = from / inputs * outputs + to;
                result[channel * total + at] += f64::from(image[from * length + place]) * f64::from(weight);
            }
        }
    }
    result
}

/// A transposed convolution of one spatial axis; channels are those of a group.
#[derive(Clone, Copy, Debug)]
struct UpCase {
    groups: usize,
    inputs: usize,
    outputs: usize,
    length: usize,
    kernel: usize,
    stride: usize,
    dilation: usize,
    padding: [usize; 2],
    output_padding: usize,
}

proptest! {
    #[test]
    fn transposed_convolutions_are_what_their_definition_says(
        [groups, inputs, outputs] in [1usize..3, 1..3, 1..3],
        [length, kernel] in [1usize..6, 1..6],
        [stride, dilation] in [1usize..5, 1..4],
        [before, after] in [0usize..5, 0..5],
        output_padding in 0usize..3,
    ) {
        let output_padding = output_padding.min(stride.max(dilation) - 1);
        let case = UpCase { groups, inputs, outputs, length, kernel, stride, dilation, padding: [before, after], output_padding };
        let reach = (length - 1) * stride + (kernel - 1) * dilation + 1 + output_padding;
        prop_assume!(reach > before + after);
        let count = groups * inputs * outputs * kernel;
        let weights: Vec<f32> = (0..count).map(|index| (index * 7 % 11) as f32 - 5.0).collect();
        let stored = TensorProto {
            dims: [groups * inputs, outputs, kernel].map(|length| length as i64).to_vec(),
            data_type: Some(DataType::FLOAT),
            float_data: weights.clone(),
            name: Some("w".into()),
            ..TensorProto::default()
        };
        let list = |name: &str, values: &[usize]| ints(name, &values.iter().map(|&value| value as i64).collect::<Vec<_>>());
        let attributes = vec![
            list("strides", &[stride]),
            list("dilations", &[dilation]),
            list("pads", &[before, after]),
            list("output_padding", &[output_padding]),
            int("group", groups as i64),
        ];
        let model = Model::new(&[1, (groups * inputs) as i64, length as i64]).stored(stored);
        let model = model.node("ConvTranspose", &["x", "w"], &["y"], attributes);
        let network = from_bytes(&model.bytes(), None, "up").unwrap().network;
        let image = network.random_image(1);
        let found = float::run(&network, &image).unwrap().pop().unwrap();
        let expected = spread(&case, image.values(), &weights);
        prop_assert_eq!(found.values().len(), expected.len());
        for (a, b) in found.values().iter().zip(&expected) {
            prop_assert!((f64::from(*a) - b).abs() < 1e-4, "{} instead of {}: {:?}", a, b, case);
        }
        // Nothing is multiplied by zeros put between inputs.
        let taps: u64 = network.layers().iter().map(|layer| layer.shape.weights()).sum();
        prop_assert!(taps <= (count) as u64);
    }
}
