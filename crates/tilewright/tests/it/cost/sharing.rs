//! Layers that share crossbars cost what they cost apart, on fewer crossbars and in turns.

use std::collections::BTreeMap;
use tilewright::cost::{Cost, CostError, CostModel, Library, Settings};
use tilewright::hardware::{Design, Order};
use tilewright::mapping::scheme::Im2col;
use tilewright::mapping::{GroupRule, Mapping, Target, map_network};
use tilewright::network::{KernelPlan, Network, zoo};

fn model(preset: &str, schedule: Order) -> CostModel {
    let chip = Design { schedule, ..Design::preset(preset).expect("it is built in") };
    CostModel::new(&chip, &Library::built_in(), Settings::default()).expect("it is valid")
}

fn resnet8(plan: &str) -> Network {
    let plan: KernelPlan = plan.parse().expect("a plan");
    let network = zoo::build("resnet8").expect("it is built in");
    plan.select(&network).and_then(|replaced| replaced.apply(&network)).expect("layers that there are")
}

fn mapped(model: &CostModel, network: &Network, groups: GroupRule) -> Mapping {
    let target = Target { groups: Some(groups), ..model.target() };
    map_network(network, &Im2col, &target, None).expect("it fits")
}

/// What parts that are paid for by what is read take: no part of them depends on where layers lie.
fn read_pj(cost: &Cost) -> f64 {
    let parts = ["adc", "driver", "crossbar-array", "shift-and-add", "analog-neuron"];
    parts.iter().filter_map(|part| cost.by_component.find(part)).map(|part| part.energy_pj).sum()
}

#[test]
fn reads_cost_the_same_on_fewer_tiles() {
    for preset in ["generic-22nm", "generic-65nm", "seed"] {
        let model = model(preset, Order::LayerByLayer);
        for (plan, groups) in [("3d", GroupRule::Packed), ("2d1d", GroupRule::Packed), ("2d1d", GroupRule::Turns)] {
            let network = resnet8(plan);
            let mut apart = mapped(&model, &network, groups);
            let shared = apart.clone().shared().expect("it can be packed");
            // Groups at once are those of the packing, so that only where things lie differs.
            for (layer, as_shared) in apart.layers.iter_mut().zip(&shared.layers) {
                layer.tiling = as_shared.tiling;
                layer.counts = layer.tiles().and_then(|tiles| tiles.counts()).expect("they are small");
            }
            let [before, after] = [&apart, &shared].map(|mapping| model.cost(&network, mapping).expect("it is priced"));
            let case = format!("{preset}, {plan}, {groups:?}");
            let (found, expected) = (read_pj(&after), read_pj(&before));
            assert!((found - expected).abs() <= 1e-9 * expected, "{case}: {found} and {expected}");
            let sharing = shared.sharing.as_ref().expect("layers share");
            assert_eq!(after.crossbars, sharing.crossbars, "{case}");
            let per_macro = model.chip().crossbars_per_macro as f64;
            let tiles = (after.crossbars as f64 / per_macro).ceil() / f64::from(model.chip().macros_per_tile);
            assert_eq!(after.tiles, tiles.ceil(), "{case}");
            assert!(after.crossbars <= before.crossbars && after.area_mm2 <= before.area_mm2, "{case}");
            assert!((after.macros - (after.crossbars as f64 / per_macro).ceil()).abs() < 1e-9, "{case}");
            let of_layers: f64 = after.by_layer.parts.iter().map(|part| part.area_um2).sum();
            assert!((of_layers - after.area_mm2 * 1e6).abs() <= 1e-9 * of_layers, "{case}: the tree does not sum up");
        }
    }
}

/// The most of a layer's crossbars, or of packs that take turns, that lie in one shared crossbar: as many cycles does each of its loads take.
#[test]
fn what_lies_together_takes_turns() {
    let model = model("generic-22nm", Order::LayerByLayer);
    let network = resnet8("2d1d");
    let shared = mapped(&model, &network, GroupRule::Turns).shared().expect("it can be packed");
    let sharing = shared.sharing.as_ref().expect("layers share");
    let cost = model.cost(&network, &shared).expect("it is priced");
    let mut waited = 0;
    for (place, layer) in shared.layers.iter().enumerate() {
        let mut together: BTreeMap<usize, u64> = BTreeMap::new();
        let members = sharing.members.iter().filter(|member| member.layer == place);
        members.for_each(|member| *together.entry(member.place.bin).or_default() += 1);
        let turns = together.values().copied().max().expect("it lies somewhere");
        let loads = layer.counts.windows.div_ceil(layer.tiling.replication);
        assert_eq!(cost.layers[place].cycles, loads * turns, "{}", layer.name);
        assert_eq!(cost.layers[place].crossbars, together.len() as u64, "{}", layer.name);
        waited += turns - 1;
    }
    assert!(waited > 0, "no layer takes turns");
    assert_eq!(cost.layers.iter().map(|layer| layer.cycles).sum::<u64>(), sharing.cycles);
}

#[test]
fn layers_at_once_share_nothing() {
    let model = model("generic-22nm", Order::Pipelined);
    let network = resnet8("3d");
    let shared = mapped(&model, &network, GroupRule::Packed).shared().expect("it can be packed");
    let error = model.cost(&network, &shared).expect_err("they run at once");
    assert!(matches!(&error, CostError::Setting { problem } if problem.contains("layer-by-layer")), "{error}");
}
