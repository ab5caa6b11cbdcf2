//! Searches by area, energy, time and products.

use tilewright::cost::{Cost, CostError, CostModel, Library, Settings};
use tilewright::hardware::{Design, Order, PRICED};
use tilewright::mapping::scheme::{self, Im2col, Optimal, SCHEMES};
use tilewright::mapping::search::{Objective, Priced, StopReason, Within, candidates};
use tilewright::mapping::{Counts, CrossbarSize, Mapping, Tiles, Tiling};
use tilewright::network::{Conv, Network, Op, zoo};

fn model() -> CostModel {
    let chip = Design::preset("generic-22nm").expect("it is built in");
    CostModel::new(&chip, &Library::built_in(), Settings::default()).expect("it is valid")
}

fn best(model: &CostModel, network: &Network, least: Priced) -> Cost {
    let mapping = model.optimize(network, &Optimal, &model.target(), (least, None)).expect("it fits");
    let objective = mapping.search.expect("a search").objective;
    assert_eq!(objective, Objective::Priced { least, budget: None, max_latency_ps: None });
    model.cost(network, &mapping).expect("it is priced")
}

/// What the objective is of.
pub(super) fn value(least: Priced, cost: &Cost) -> f64 {
    match least {
        Priced::Area => cost.area_mm2,
        Priced::Energy => cost.energy_uj,
        Priced::Latency => cost.latency_ms,
        Priced::EnergyDelay => cost.energy_uj * cost.latency_ms,
        Priced::AreaDelay => cost.area_mm2 * cost.latency_ms,
    }
}

/// The part of the result by which a combination may take less, as the search says.
fn left_open(mapping: &Mapping) -> f64 {
    match mapping.search.expect("a search").stop {
        StopReason::BoundClosed => 0.0,
        StopReason::Within { millionths } => millionths as f64 * 1e-6,
        other => panic!("{other:?}"),
    }
}

/// All mappings of a network: every candidate of every layer in every number of copies that saves a cycle.
fn all_mappings(model: &CostModel, network: &Network) -> Vec<Mapping> {
    let target = model.target();
    let mut mappings = vec![model.map(network, &Im2col).expect("it fits")];
    for (place, layer) in network.layers().iter().enumerate() {
        let mut options = Vec::new();
        for candidate in candidates(&layer.shape, &target).expect("it fits") {
            let windows = candidate.counts.windows;
            for copies in (1..=windows).filter(|&n| n == 1 || windows.div_ceil(n) < windows.div_ceil(n - 1)) {
                let tiling = Tiling { replication: copies, ..candidate.tiling };
                let tiles = Tiles::new(&layer.shape, tiling, target.crossbar, target.encoding).expect("it fits");
                options.push((tiling, tiles.counts().expect("counts")));
            }
        }
        let with = |mapping: &Mapping, (tiling, counts): &(Tiling, Counts)| {
            let mut mapping = mapping.clone();
            (mapping.layers[place].tiling, mapping.layers[place].counts) = (*tiling, *counts);
            mapping
        };
        mappings = mappings.iter().flat_map(|mapping| options.iter().map(|option| with(mapping, option))).collect();
    }
    mappings
}

/// The inputs of layer `a` have so many bits, those of others the chip's.
fn first_layer_of(bits: u32) -> Settings {
    Settings { layer_inputs: [("a".to_owned(), bits)].into_iter().collect(), ..Settings::default() }
}

/// Two layers with a shortcut and pooling, a chain of three,
/// and the chain with a layer in the middle that is on no crossbar.
fn small_networks() -> [Network; 3] {
    let mut shortcut = Network::new("shortcut", vec![2, 3, 3]);
    let a = shortcut.conv("a", shortcut.input(), Conv::same(2, 3)).expect("a layer");
    let sum = shortcut.push("sum", Op::Add, &[a, shortcut.input()]).expect("an operation");
    shortcut.conv("b", sum, Conv::same(40, 3)).expect("a layer");
    let mut chain = Network::new("chain", vec![1, 1, 3]);
    let a = chain.conv("a", chain.input(), Conv::same(20, 3)).expect("a layer");
    let a = chain.relu(a).expect("an operation");
    let b = chain.conv("b", a, Conv::same(2, 3)).expect("a layer");
    chain.conv("c", b, Conv::same(1, 1)).expect("a layer");
    let kept = chain.clone().keep_digital(&["b"]).expect("a layer that there is");
    [shortcut, chain, kept]
}

/// Every combination priced in full: none is better than the search by more than it says, and the search's is one of them. The first
/// layer's inputs have fewer bits than the others'.
#[test]
fn equals_enumeration_but_for_what_it_leaves_open() {
    for (preset, _) in PRICED {
        for schedule in [Order::LayerByLayer, Order::Pipelined] {
            // Small crossbars, so that small layers have something to choose.
            let chip = Design::preset(preset).expect("a preset");
            let mut chip =
                Design { schedule, crossbar: CrossbarSize { rows: 32, columns: 64 }, macros_per_tile: 2, ..chip };
            chip.set_mac_units(3);
            let model = CostModel::new(&chip, &Library::built_in(), first_layer_of(2)).expect("it is valid");
            for network in small_networks() {
                let mappings = all_mappings(&model, &network);
                let costs: Vec<Cost> =
                    mappings.iter().map(|mapping| model.cost(&network, mapping).expect("it is priced")).collect();
                for (name, least) in Priced::ALL {
                    let mapping = model.optimize(&network, &Optimal, &model.target(), (least, None)).expect("it fits");
                    let found = value(least, &model.cost(&network, &mapping).expect("it is priced"));
                    let best = costs.iter().map(|cost| value(least, cost)).fold(f64::INFINITY, f64::min);
                    let what = format!("{preset} {schedule:?} {} {name} of {}", network.name, costs.len());
                    let open = left_open(&mapping);
                    println!(
                        "{what}: {:.4} % above the least, {:.4} % left open",
                        1e2 * (found / best - 1.0),
                        1e2 * open
                    );
                    assert!(found >= best * (1.0 - 1e-9), "{what}: {found}, but the least is {best}");
                    assert!(1.0 - best / found <= open + 1e-9, "{what}: {found}, the least {best}, {open} left open");
                    assert!(found <= best * 1.000_001, "{what}: {found}, but the least is {best}");
                    assert!(open < 0.5, "{what}: {open} left open");
                }
            }
        }
    }
}

/// Where parts draw power by themselves the least energy is no more than that of the least product of energy and delay.
#[test]
fn least_energy_is_least_on_every_chip() {
    let network = zoo::build("resnet20").expect("a network of the zoo");
    for (preset, _) in PRICED {
        let chip = Design::preset(preset).expect("a preset");
        let model = CostModel::new(&chip, &Library::built_in(), Settings::default()).expect("it is valid");
        let costs = Priced::ALL.map(|(_, least)| best(&model, &network, least));
        for (name, least) in Priced::ALL {
            let own = value(least, &best(&model, &network, least));
            let others = costs.iter().map(|cost| value(least, cost)).fold(f64::INFINITY, f64::min);
            assert!(own <= others * (1.0 + 1e-9), "{preset} {name}: {own}, {others} by another objective");
        }
    }
}

/// No published scheme, priced in full, beats the search.
#[test]
fn no_scheme_is_better() {
    let model = model();
    for name in ["lenet5", "resnet8"] {
        let network = zoo::build(name).expect("a network of the zoo");
        for (objective, least) in Priced::ALL {
            let found = value(least, &best(&model, &network, least));
            for scheme in SCHEMES {
                let mapping = model.map(&network, scheme).expect("it fits");
                let of_scheme = value(least, &model.cost(&network, &mapping).expect("it is priced"));
                let what = format!("{name} {objective} {}", scheme.name());
                assert!(found <= of_scheme * (1.0 + 1e-9), "{what}: {found} {of_scheme}");
            }
        }
        let (area, latency) = (best(&model, &network, Priced::Area), best(&model, &network, Priced::Latency));
        assert!(latency.area_mm2 > area.area_mm2, "copies take area");
        assert!(area.latency_ms > latency.latency_ms, "and save time");
    }
}

#[test]
fn a_budget_limits_latency_only() {
    let model = model();
    let network = zoo::build("resnet8").expect("a network of the zoo");
    let within = |budget| {
        let mapping =
            model.optimize(&network, &Optimal, &model.target(), (Priced::Latency, Some(Within::Crossbars(budget))));
        let mapping = mapping.expect("it fits");
        assert!(mapping.total().expect("counts").crossbars <= budget);
        model.cost(&network, &mapping).expect("it is priced").latency_ms
    };
    assert!(within(400) < within(100));
    let error = model
        .optimize(&network, &Optimal, &model.target(), (Priced::Area, Some(Within::Crossbars(400))))
        .expect_err("no limit");
    assert!(matches!(error, CostError::Setting { .. }), "{error}");
    let error = model
        .optimize(&network, &Optimal, &model.target(), (Priced::Latency, Some(Within::Crossbars(3))))
        .expect_err("too few");
    assert!(error.to_string().contains("raise the budget"), "{error}");
}

/// A scheme of one tiling is given its best number of copies.
#[test]
fn schemes_get_copies() {
    let model = model();
    let network = zoo::build("lenet5").expect("a network of the zoo");
    let im2col = scheme::find("im2col").expect("a scheme");
    let mapping = model.optimize(&network, im2col, &model.target(), (Priced::AreaDelay, None)).expect("it fits");
    assert!(mapping.layers.iter().any(|layer| layer.tiling.replication > 1));
}
