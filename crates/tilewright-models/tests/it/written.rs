//! Trained networks written as ONNX and read back.

use tilewright::network::{Network, Tensor, Weights};
use tilewright_models::trained::{self, Precision};
use tilewright_onnx::{from_bytes, to_bytes};

#[test]
fn trained_networks_come_back_node_by_node() {
    for (trained, precision) in trained::entries().iter().flat_map(|it| Precision::ALL.map(|precision| (it, precision)))
    {
        let network = trained.network(precision).unwrap();
        let back = from_bytes(&to_bytes(&network).unwrap(), None, &network.name).unwrap().network;
        assert_eq!(back.nodes(), network.nodes(), "{}", network.name);
    }
}

#[test]
fn a_weight_off_its_levels_is_refused() {
    let (trained, precision) = trained::find("resnet8-3d-int8").expect("a trained network");
    let network = trained.network(precision).unwrap();
    let (id, _) = network.iter().find(|(_, node)| node.op.is_weighted()).expect("a layer");
    let mut damaged = Network::new("damaged", network.shape(network.input()).to_vec());
    for (other, node) in network.iter().skip(1) {
        let mut op = node.op.clone();
        if let (true, Some(Weights { values, scale: Some(steps) })) =
            (other == id, op.parameters_mut().and_then(|parameters| parameters.weights.as_mut()))
        {
            let mut moved = values.values().to_vec();
            moved[0] += 0.25 * steps[0];
            *values = Tensor::new(values.shape().to_vec(), moved).into();
        }
        damaged.push(node.name.clone(), op, &node.inputs).unwrap();
    }
    let error = to_bytes(&damaged).unwrap_err().to_string();
    assert!(error.contains("levels off its quantisation levels"), "{error}");
}
