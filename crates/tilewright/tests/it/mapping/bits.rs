//! Bits of weights and inputs: asked for, the model's, or the default.

use std::sync::Arc;
use tilewright::mapping::{AskedBits, BitsFrom, FloatBits, MappingError, NetworkBits, SignRule};
use tilewright::network::{Dense, HeldIntegers, Network, Op, Tensor, Weights};

/// A dense layer for each of these: integer weights or none, and the range of the inputs' integers, or none.
fn network(layers: &[(&[i32], Option<[i32; 2]>)]) -> Network {
    let mut network = Network::new("net", vec![2]);
    for (number, &(integers, range)) in layers.iter().enumerate() {
        let mut x = network.output();
        if let Some(range) = range {
            x = network.then(x, Op::FakeQuantize { scale: 0.5, zero_point: 0, range }).expect("it rounds a vector");
        }
        let scale = (!integers.is_empty()).then(|| vec![0.125]);
        let values = [integers, &[1, 1, 1, 1]].concat().into_iter().take(4).map(|weight| weight as f32 * 0.125);
        let values = Arc::new(Tensor::new(vec![2, 2], values.collect()));
        let dense = Dense { weights: Some(Weights { values, scale }), ..Dense::new(2) };
        network.push(format!("fc{number}"), Op::Dense(dense), &[x]).expect("a layer");
    }
    network
}

const PAIRS: AskedBits = AskedBits { sign: SignRule::Differential, weights: None, cell: None, inputs: None };

fn of(asked: AskedBits, network: &Network) -> NetworkBits {
    asked.of(&HeldIntegers::of(network), FloatBits::default()).expect("bits that hold the model's integers").1
}

#[test]
fn they_are_those_the_model_holds() {
    let four = network(&[(&[7, -7], Some([-8, 7])), (&[3, 0], Some([0, 15]))]);
    let bits = of(PAIRS, &four);
    assert_eq!((bits.weights.bits, bits.weights.origin.from), (4, BitsFrom::Model));
    assert_eq!((bits.inputs.bits, bits.inputs.origin.from), (4, BitsFrom::Model));
    // 3 is of 3 bits with its sign, so the layers differ; the greatest holds both.
    assert_eq!(bits.weights.origin.of_layers, Some([3, 4]));
    assert_eq!(bits.weights.to_string(), "4 bits, from the model: the greatest of its layers' 3 to 4");
    assert_eq!(bits.inputs.to_string(), "4 bits, from the model");
    let mixed = network(&[(&[7], Some([-128, 127])), (&[7], Some([0, 15]))]);
    assert_eq!(of(PAIRS, &mixed).inputs.to_string(), "8 bits, from the model: the greatest of its layers' 4 to 8");
    let of_layers = |bits: &NetworkBits| ["fc0", "fc1"].map(|layer| bits.layer_inputs.of(layer, 16));
    assert_eq!(of_layers(&of(PAIRS, &mixed)), [8, 4]);
    // A layer in floating point has the default; all have what is set.
    assert_eq!(of_layers(&of(PAIRS, &network(&[(&[7], Some([0, 15])), (&[], None)]))), [4, 8]);
    assert_eq!(of_layers(&of(AskedBits { inputs: Some(9), ..PAIRS }, &mixed)), [16, 16]);
    let wide = network(&[(&[-20_000], Some([-30_000, 2]))]);
    assert_eq!((of(PAIRS, &wide).weights.bits, of(PAIRS, &wide).inputs.bits), (16, 15));
}

#[test]
fn a_model_in_floating_point_has_the_default_or_the_chips() {
    let float = network(&[(&[], None)]);
    assert_eq!(of(PAIRS, &float).weights.to_string(), "8 bits, by default, since the model is in floating point");
    let chip = FloatBits { weights: 16, inputs: 5, from: BitsFrom::Chip };
    let (encoding, bits) = PAIRS.of(&HeldIntegers::of(&float), chip).expect("bits in range");
    assert_eq!((encoding.weight_bits, bits.inputs.bits, bits.inputs.origin.from), (16, 5, BitsFrom::Chip));
    // One layer of a model is in floating point: it is not squeezed into the other's bits.
    let part = network(&[(&[7], Some([0, 15])), (&[], None)]);
    assert_eq!((of(PAIRS, &part).weights.bits, of(PAIRS, &part).weights.origin.from), (8, BitsFrom::Default));
}

#[test]
fn what_is_set_comes_first_unless_it_cannot_hold_the_integers() {
    let four = network(&[(&[7, -7], Some([-8, 7]))]);
    let set = of(AskedBits { weights: Some(8), inputs: Some(6), ..PAIRS }, &four);
    assert_eq!((set.weights.bits, set.inputs.bits), (8, 6));
    assert_eq!([set.weights, set.inputs].map(|bits| bits.origin.from), [BitsFrom::Set; 2]);
    let refused = |asked: AskedBits, words: &[&str]| match asked.of(&HeldIntegers::of(&four), FloatBits::default()) {
        Err(MappingError::Setting { problem }) => {
            words.iter().for_each(|word| assert!(problem.contains(word), "{problem} lacks {word}"));
        }
        other => panic!("{other:?}"),
    };
    refused(AskedBits { weights: Some(3), ..PAIRS }, &["\"fc0\" has the weight -7", "-4 to 3", "give 4 weight bits"]);
    refused(AskedBits { inputs: Some(3), ..PAIRS }, &["3 bits an input", "\"fc0\" to -8 to 7", "give 4 or more"]);
    refused(AskedBits { weights: Some(1), ..PAIRS }, &["1 bits per weight", "2 to 16"]);
}

#[test]
fn the_least_weight_of_twos_complement_needs_room_for_its_magnitude() {
    let least = network(&[(&[-128, 127], Some([0, 255]))]);
    let bits = |asked: AskedBits| of(asked, &least).weights.bits;
    for sign in [SignRule::Offset, SignRule::Single] {
        assert_eq!(bits(AskedBits { sign, cell: Some(1), ..PAIRS }), 8);
    }
    assert_eq!([None, Some(2), Some(4)].map(|cell| bits(AskedBits { cell, ..PAIRS })), [8; 3]);
    // Seven 1-bit cells hold 127; the model is not refused for it, but takes an eighth.
    assert_eq!(bits(AskedBits { cell: Some(1), ..PAIRS }), 9);
}
