//! Networks written as models and read back.

use crate::recorded::{folders, imported};
use std::path::Path;
use tilewright::network::reference::float;
use tilewright::network::{ConvShape, Dense, Network, Op, Pairwise, Tensor, TopK, Weights, zoo};
use tilewright_onnx::{Imported, WriteError, from_bytes, to_bytes};

/// A layer as it must come back.
type WrittenLayer = (String, ConvShape, Option<Weights>, Option<Vec<f32>>);

fn layers(network: &Network) -> Vec<WrittenLayer> {
    let weighted = |layer: tilewright::network::Layer| {
        let op = &network.node(layer.node).op;
        (layer.name, layer.shape, op.weights().cloned(), op.bias().map(|bias| bias.to_vec()))
    };
    network.layers().into_iter().map(weighted).collect()
}

fn assert_same_layers(network: &Network, back: &Network, name: &str) {
    let [expected, found] = [network, back].map(layers);
    assert_eq!(found.len(), expected.len(), "{name}");
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!((&found.0, found.1), (&expected.0, expected.1), "{name}");
        assert!(found == expected, "{name}: other weights in {}", expected.0);
    }
}

fn read_back(network: &Network) -> Result<Network, WriteError> {
    let back = from_bytes(&to_bytes(network)?, None, &network.name).unwrap_or_else(|error| panic!("{error}")).network;
    back.verify().unwrap();
    Ok(back)
}

fn result(network: &Network, image: &Tensor<f32>) -> Tensor<f32> {
    float::run(network, image).unwrap().pop().expect("a result")
}

/// Compares what two networks yield, to within a few units of the last place of the greatest value.
fn assert_yields(network: &Network, back: &Network, image: &Tensor<f32>, name: &str) {
    let [expected, found] = [network, back].map(|network| result(network, image));
    // One value without an axis has one of length 1 in a model, whose axes begin with the batch.
    let shape = |tensor: &Tensor<f32>| if tensor.shape().is_empty() { vec![1] } else { tensor.shape().to_vec() };
    assert_eq!(shape(&found), shape(&expected), "{name}");
    let greatest = expected.values().iter().filter(|value| value.is_finite()).fold(0f32, |most, x| most.max(x.abs()));
    for (found, expected) in found.values().iter().zip(expected.values()) {
        let same = found == expected || (found.is_nan() && expected.is_nan());
        assert!(same || (found - expected).abs() <= 2e-6 * greatest, "{name}: {found}, not {expected}");
    }
}

#[test]
fn every_recorded_model_comes_back_as_it_was() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let folders = folders(&fixtures);
    assert!(folders.len() > 60);
    for folder in folders {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let (Imported { network, .. }, image, _) = imported(&folder).unwrap_or_else(|error| panic!("{name}: {error}"));
        let back = read_back(&network).unwrap_or_else(|error| panic!("{name}: {error}"));
        // A product with a constant vector is one with a matrix in the core, and a matrix of a model is a layer.
        if name != "products" {
            assert_same_layers(&network, &back, &name);
        }
        assert_yields(&network, &back, &image, &name);
    }
}

#[test]
fn networks_of_the_zoo_come_back_node_by_node() {
    for name in ["lenet5", "resnet20", "mobilenetv2", "squeezenet1.1"] {
        let network = zoo::build(name).unwrap();
        let error = to_bytes(&network).unwrap_err();
        assert!(error.to_string().contains("has no weights; train the network"), "{error}");
        let network = network.initialize(1).unwrap().fold_batch_norm().unwrap();
        assert_eq!(read_back(&network).unwrap().nodes(), network.nodes(), "{name}");
    }
}

/// A network of one operation on a feature map `[2, 3, 4]`.
fn one(op: Op, inputs: usize) -> Network {
    let mut network = Network::new("one", vec![2, 3, 4]);
    let input = network.input();
    network.push("operation", op, &vec![input; inputs]).unwrap();
    network
}

#[test]
fn what_a_model_cannot_say_is_refused_by_name() {
    let constant = Op::Constant(Tensor::new(vec![2], vec![0.0, 1.0]).into());
    let mut layered = Network::new("layered", vec![2]);
    let values = layered.push("values", constant.clone(), &[]).unwrap();
    let weights = Some(Weights { values: Tensor::new(vec![1, 2], vec![1.0, 1.0]).into(), scale: None });
    layered.push("dense", Op::Dense(Dense { weights, ..Dense::new(1) }), &[values]).unwrap();
    let mut idle = Network::new("idle", vec![2]);
    idle.push("values", constant, &[]).unwrap();
    let last = TopK { axis: 1, count: 2, greatest: true, last: true, places: true };
    let opaque = Op::Opaque { operator: "Mystery".into(), shape: vec![2], macs: None };
    let rounding = Op::FakeQuantize { scale: 0.1, zero_point: 0, range: [-512, 511] };
    for (network, said) in [
        (layered, r#"node "dense" (dense) takes a constant, which has no batch axis"#),
        (one(Op::Pairwise(Pairwise::Mod), 2), "with the divisor's sign; ONNX has it for integers"),
        (one(opaque, 1), r#"node "operation" (Mystery) is known by name only"#),
        (idle, "idle computes nothing from its image"),
        (Network::new("empty", vec![2]), "empty computes nothing from its image"),
        (one(Op::TopK(last), 1), "takes the last of equal values first; ONNX takes the first"),
        (one(rounding, 1), "rounds to -512 to 511; 8 bits or fewer, or 16, can be written"),
    ] {
        let error = to_bytes(&network).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
}
