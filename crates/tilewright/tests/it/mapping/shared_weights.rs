//! Weights that several layers have, held once, against the same network with them apart.

use std::ops::ControlFlow;
use std::sync::Arc;
use tilewright::circuit::device::Generic;
use tilewright::cost::{CostModel, Library, Settings};
use tilewright::hardware::{Design, Order};
use tilewright::mapping::scheme::Im2col;
use tilewright::mapping::search::{Objective, ObjectiveName};
use tilewright::mapping::sharing::share_crossbars;
use tilewright::mapping::{CrossbarSize, Encoding, Mapping, SharedWeights, SignRule, Target, map_network};
use tilewright::network::{Conv, Network, NodeId, Rounding, Tensor, Weights, integer_layers};
use tilewright::simulate::{Chip, Hardware, Plan};

fn weights(seed: usize) -> Weights {
    let values = (0..8 * 8 * 9).map(|at| ((at * 7 + seed * 13) % 31) as f32 / 15.0 - 1.0).collect();
    Weights { values: Arc::new(Tensor::new(vec![8, 8, 3, 3], values)), scale: None }
}

/// Four layers in a row, of which the first, the second and the last have the same weights, but the last other maps.
fn network() -> Network {
    let mut network = Network::new("shared", vec![8, 6, 6]);
    let mut push = |name: &str, input: NodeId, seed: usize, stride: usize| {
        let conv = Conv { weights: Some(weights(seed)), stride: [stride; 2], ..Conv::same(8, 3) };
        network.conv(name, input, conv).expect("a layer")
    };
    let a = push("a", NodeId(0), 0, 1);
    let b = push("b", a, 0, 1);
    let c = push("c", b, 1, 2);
    push("d", c, 0, 1);
    network
}

fn target(shared_weights: SharedWeights) -> Target {
    let crossbar = CrossbarSize { rows: 64, columns: 64 };
    Target { shared_weights, ..Target::new(crossbar, Encoding::whole(SignRule::Differential)) }
}

fn mapped(shared_weights: SharedWeights) -> Mapping {
    map_network(&network(), &Im2col, &target(shared_weights), None).expect("it fits")
}

#[test]
fn the_first_layer_holds_the_weights_of_those_alike() {
    let [apart, once] = [SharedWeights::Apart, SharedWeights::Once].map(mapped);
    // 72 rows take two crossbars each; the last layer has the weights, but not the maps.
    assert_eq!(once.holders(), [0, 0, 2, 3]);
    assert_eq!(apart.holders(), [0, 1, 2, 3]);
    let [of_apart, of_once] = [&apart, &once].map(|mapping| mapping.total().expect("counts"));
    assert_eq!((of_apart.crossbars, of_once.crossbars), (8, 6));
    assert_eq!((of_apart.weight_cells, of_once.weight_cells), (4 * 8 * 72 * 2, 3 * 8 * 72 * 2));
    assert_eq!((of_apart.cycles, of_once.cycles), (36 + 36 + 9 + 9, 36 + 36 + 9 + 9));
    // Two layers on the same crossbars take as long as both.
    assert_eq!((apart.bottleneck_cycles(), once.bottleneck_cycles()), (36, 72));
    let shared = share_crossbars(&once).expect("they are packed");
    assert!(shared.members.iter().all(|member| member.layer != 1));
    assert_eq!(shared.crossbars, share_crossbars(&mapped(SharedWeights::Once)).expect("again").crossbars);
}

#[test]
fn what_cannot_be_held_once_is_refused() {
    let untrained = tilewright::network::zoo::build("lenet5").expect("a network of the zoo");
    let once = target(SharedWeights::Once);
    let error = map_network(&untrained, &Im2col, &once, None).expect_err("nothing to compare");
    assert!(error.to_string().contains("has no weights to compare"), "{error}");
    let objective = Objective::new(ObjectiveName::Latency, Some(100), None).expect("an objective");
    let error = map_network(&network(), &Im2col, &once, Some(objective)).expect_err("a search");
    assert!(error.to_string().contains("held once"), "{error}");
}

#[test]
fn a_chip_has_their_macros_once_and_its_layers_wait_for_each_other() {
    let priced = |schedule: Order, shared_weights: SharedWeights| {
        let design = Design { schedule, ..Design::preset("generic-22nm").expect("a preset") };
        let (design, _) = design.for_network(&network()).expect("bits in range");
        let model = CostModel::new(&design, &Library::built_in(), Settings::default()).expect("a chip");
        let target = Target { shared_weights, ..model.target() };
        let mapping = map_network(&network(), &Im2col, &target, None).expect("it fits");
        model.cost(&network(), &mapping).expect("a price")
    };
    for schedule in [Order::LayerByLayer, Order::Pipelined] {
        let [apart, once] = [SharedWeights::Apart, SharedWeights::Once].map(|rule| priced(schedule, rule));
        let macros = |cost: &tilewright::cost::Cost| cost.layers.iter().map(|layer| layer.macros).collect::<Vec<_>>();
        let own = macros(&apart);
        assert_eq!(macros(&once), [own[0], 0.0, own[2], own[3]]);
        assert_eq!((apart.macros, once.macros), (own.iter().sum(), own[0] + own[2] + own[3]));
        let took = |layer: usize| apart.layers[layer].span_ns[1] - apart.layers[layer].span_ns[0];
        match schedule {
            Order::LayerByLayer => {
                assert_eq!((once.latency_ms, once.interval_ms), (apart.latency_ms, apart.interval_ms));
            }
            Order::Pipelined => {
                let [a, b] = [0, 1].map(|layer| once.layers[layer].span_ns);
                assert!(b[0] >= a[1], "{a:?} {b:?}");
                assert!(once.interval_ms > apart.interval_ms && once.latency_ms > apart.latency_ms);
                assert!(once.interval_ms * 1e6 > 1.9 * took(0), "{}", once.interval_ms);
            }
        }
        // What crossbars do is the same.
        let dynamic = |cost: &tilewright::cost::Cost| cost.energy_uj - cost.leakage_uj;
        assert!((dynamic(&once) / dynamic(&apart) - 1.0).abs() < 0.05, "{} {}", dynamic(&once), dynamic(&apart));
    }
}

#[test]
fn a_chip_has_the_same_errors_wherever_the_weights_are_used() {
    let network = network();
    let layers = integer_layers(&network, &[network.random_image(1)], Rounding::to_bits(8, 8)).expect("rounded");
    let device = Generic { programming_error: vec![0.05], ..Generic::default() }.device().expect("a device");
    let hardware = Hardware::new(Arc::from(device));
    let held = |shared_weights: SharedWeights| {
        let mapping = mapped(shared_weights);
        let plan = Plan {
            network: &network,
            mapping: &mapping,
            layers: &layers,
            hardware: &hardware,
            calibration: &[],
            threads: 2,
        };
        let go_on: tilewright::simulate::Watch<'_> = &|_, _| ControlFlow::Continue(());
        let chip = Chip::program(&plan, 3, go_on).expect("programmed");
        (plan.held_weights(3, go_on).expect("held"), chip.crossbars)
    };
    let (apart, of_apart) = held(SharedWeights::Apart);
    let (once, of_once) = held(SharedWeights::Once);
    assert!(apart[0] != apart[1] && once[0] == once[1] && once[0] == apart[0] && once[3] == apart[3]);
    assert_eq!((of_apart, of_once), (8, 6));
}
