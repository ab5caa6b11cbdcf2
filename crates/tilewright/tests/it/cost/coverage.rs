//! What is on no crossbar, and what has no price, is said.

use tilewright::cost::{Cost, CostModel, Library, Settings};
use tilewright::hardware::Design;
use tilewright::mapping::scheme::Im2col;
use tilewright::network::{Activation, BatchNorm, Conv, Network, NodeId, Op, Pool};

fn opaque(operator: &str, shape: [usize; 3], macs: Option<u64>) -> Op {
    Op::Opaque { operator: operator.into(), shape: shape.to_vec(), macs }
}

/// 16·9·64 multiply-accumulates on crossbars, then what the closure adds.
fn network(add: impl FnOnce(&mut Network, NodeId)) -> Network {
    let mut network = Network::new("partly", vec![4, 8, 8]);
    let conv = network.conv("conv", network.input(), Conv::same(4, 3)).expect("a layer");
    add(&mut network, conv);
    network
}

fn cost_on(chip: &str, network: &Network) -> Cost {
    let chip = Design::preset(chip).expect("a preset");
    let model = CostModel::new(&chip, &Library::built_in(), Settings::default()).expect("it is priced");
    let mapping = model.map(network, &Im2col).expect("it fits");
    model.cost(network, &mapping).expect("it is priced")
}

#[test]
fn products_off_the_crossbars_are_named_with_their_share() {
    let network = network(|network, conv| {
        let up = network.push("up", opaque("ConvTranspose", [4, 16, 16], Some(3 * 9216)), &[conv]).expect("a node");
        network.push("act", opaque("Gelu", [4, 16, 16], Some(0)), &[up]).expect("a node");
    });
    let coverage = network.coverage();
    assert_eq!((coverage.macs_on_crossbars, coverage.macs, coverage.share), (9216, 4 * 9216, 0.25));
    assert_eq!(coverage.off_crossbars.len(), 1);
    let cost = cost_on("generic-22nm", &network);
    assert_eq!(cost.coverage, coverage);
    let notes = cost.notes.join("\n");
    assert!(notes.contains("25.0 % of the multiply-accumulates (9216 of 36864)"), "{notes}");
    assert!(notes.contains("up (ConvTranspose, 75.0 %)"), "{notes}");
    assert!(notes.contains("not priced: 1 Gelu (1024 values an image; what it takes is not known)"), "{notes}");
}

#[test]
fn an_unknown_number_makes_the_share_an_upper_bound() {
    let unknown = network(|network, conv| {
        network.push("mystery", opaque("Mystery", [4, 8, 8], None), &[conv]).expect("a node");
    });
    let warning = unknown.coverage().warning().expect("not whole");
    assert!(warning.contains("at most 100.0 %") && warning.contains("mystery (Mystery, share not known)"), "{warning}");
    assert!(network(|_, _| ()).coverage().warning().is_none());
}

#[test]
fn a_chip_without_a_part_for_an_operation_says_so() {
    let pooled = network(|network, conv| {
        network.pool(conv, Pool::max(2, 2)).expect("a node");
    });
    let unpriced = |chip: &str| cost_on(chip, &pooled).unpriced.iter().map(|op| op.reason).collect::<Vec<_>>();
    assert_eq!(unpriced("seed"), ["the chip has no part for it"]);
    assert!(unpriced("generic-22nm").is_empty());
}

#[test]
fn a_normalisation_that_no_layer_takes_in_is_paid_for() {
    let energy = |before: Option<Op>| {
        let network = network(|network, conv| {
            let input = before.map_or(conv, |op| network.push("before", op, &[conv]).expect("a node"));
            network.push("norm", Op::BatchNorm(BatchNorm::default()), &[input]).expect("a node");
        });
        cost_on("generic-22nm", &network).by_component.find("activation-unit").expect("a part").energy_pj
    };
    let relu = energy(Some(Op::Activation(Activation::Relu)));
    assert_eq!(energy(None), 0.0);
    // A product and a sum of each of 256 values besides the 256 of the ReLU.
    let lone = network(|network, conv| {
        network.relu(conv).expect("a node");
    });
    let once = cost_on("generic-22nm", &lone).by_component.find("activation-unit").expect("a part").energy_pj;
    assert!((relu / once - 3.0).abs() < 1e-12, "{relu} {once}");
}
