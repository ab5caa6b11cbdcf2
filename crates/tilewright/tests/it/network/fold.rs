//! Batch normalisation merged into layers computes the same.

use std::sync::Arc;
use tilewright::network::reference::float;
use tilewright::network::{BatchNorm, Conv, Network, NodeId, Op, ScaleShift, Tensor, Weights};

fn norm(scale: &[f32], shift: &[f32]) -> Op {
    Op::BatchNorm(BatchNorm { parameters: Some(ScaleShift { scale: scale.into(), shift: shift.into() }) })
}

fn results(network: &Network) -> Vec<f32> {
    let outputs = float::run(network, &network.random_image(1)).unwrap();
    outputs.last().unwrap().values().to_vec()
}

fn assert_near(a: &[f32], b: &[f32]) {
    assert!(a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5), "{a:?} {b:?}");
}

#[test]
fn a_layer_nobody_else_uses_takes_the_normalisation() {
    let mut network = Network::new("small", vec![2, 4, 4]);
    let x = network.conv("conv1", network.input(), Conv::same(3, 3)).unwrap();
    let x = network.then(x, norm(&[2.0, -1.0, 0.5], &[0.1, 0.2, 0.3])).unwrap();
    let x = network.relu(x).unwrap();
    let x = network.flatten(x).unwrap();
    let x = network.dense("fc", x, 2).unwrap();
    network.then(x, norm(&[3.0, 4.0], &[-1.0, 1.0])).unwrap();
    let network = network.initialize(3).unwrap();

    let folded = network.fold_batch_norm().unwrap();
    folded.verify().unwrap();
    let names: Vec<&str> = folded.nodes().iter().map(|node| node.name.as_str()).collect();
    assert_eq!(names, ["input", "conv1", "conv1.batch_norm.relu", "conv1.batch_norm.relu.reshape", "fc"]);
    assert_near(&results(&folded), &results(&network));
}

#[test]
fn a_layer_with_two_users_keeps_its_normalisation() {
    let mut network = Network::new("fork", vec![2, 4, 4]);
    let x = network.conv("conv1", network.input(), Conv::same(2, 3)).unwrap();
    let y = network.then(x, norm(&[2.0, -1.0], &[0.1, 0.2])).unwrap();
    network.push("add", Op::Add, &[x, y]).unwrap();
    let network = network.initialize(3).unwrap();
    assert_eq!(network.fold_batch_norm().unwrap(), network);
}

#[test]
fn without_parameters_the_normalisation_just_goes() {
    let mut network = Network::new("untrained", vec![2, 4, 4]);
    let x = network.conv("conv1", network.input(), Conv::same(2, 3)).unwrap();
    network.batch_norm(x).unwrap();
    let folded = network.fold_batch_norm().unwrap();
    assert_eq!(folded.nodes(), &network.nodes()[..2]);
}

#[test]
fn quantised_weights_stay_whole_levels() {
    let values = Arc::new(Tensor::new(vec![2, 1, 1, 1], vec![0.5, -0.75]));
    let weights = Some(Weights { values, scale: Some(vec![0.25]) });
    let mut network = Network::new("quantised", vec![1, 1, 1]);
    let conv = Conv { weights, ..Conv::same(2, 1) };
    let x = network.push("conv1", Op::Conv(conv), &[network.input()]).unwrap();
    network.then(x, norm(&[3.0, -2.0], &[0.0, 0.0])).unwrap();
    let folded = network.fold_batch_norm().unwrap();
    let Op::Conv(Conv { weights: Some(weights), .. }) = &folded.node(NodeId(1)).op else { panic!("a convolution") };
    let scale = weights.scale.as_ref().unwrap();
    let levels: Vec<f32> = weights.values.values().iter().zip(scale).map(|(w, scale)| w / scale).collect();
    assert_eq!(levels, [2.0, 3.0]);
}
