//! Groups that take turns cost what each of them costs in a crossbar of its own, on fewer crossbars and in more steps.

use tilewright::cost::{Cost, CostModel, Library, Settings};
use tilewright::hardware::{Design, Order};
use tilewright::mapping::scheme::Im2col;
use tilewright::mapping::{GroupRule, Target, Tiles, map_network};
use tilewright::network::{Conv, Network};

const GROUPS: usize = 600;

fn costs(preset: &str) -> [Cost; 2] {
    let mut network = Network::new("groups", vec![GROUPS, 6, 6]);
    network.conv("layer", network.input(), Conv { groups: GROUPS, ..Conv::same(GROUPS, 3) }).expect("it is a network");
    let chip = Design { schedule: Order::LayerByLayer, ..Design::preset(preset).expect("it is built in") };
    let model = CostModel::new(&chip, &Library::built_in(), Settings::default()).expect("it is valid");
    let target = Target { groups: Some(GroupRule::Separate), ..model.target() };
    let separate = map_network(&network, &Im2col, &target, None).expect("it fits");
    let mut turns = separate.clone();
    let layer = &mut turns.layers[0];
    // One group at a time, as many a crossbar as fit.
    let tiles = |tiling| Tiles::new(&layer.shape, tiling, target.crossbar, target.encoding).expect("it fits");
    layer.tiling.turns = tiles(layer.tiling).most_turns().min(GROUPS);
    layer.counts = tiles(layer.tiling).counts().expect("they are small");
    [separate, turns].map(|mapping| model.cost(&network, &mapping).expect("it is priced"))
}

#[test]
fn a_turn_costs_what_a_crossbar_by_itself_does() {
    // Parts of other chips are paid for by the time that they are on.
    for preset in ["generic-22nm", "generic-65nm"] {
        let [separate, turns] = costs(preset);
        let crossbars = |cost: &Cost| cost.layers[0].crossbars;
        assert_eq!(crossbars(&separate), GROUPS as u64, "{preset}");
        assert!(crossbars(&turns) < crossbars(&separate) / 10, "{preset}");
        for part in ["adc", "driver", "crossbar-array", "shift-and-add", "analog-neuron"] {
            let energy = |cost: &Cost| cost.by_component.find(part).map_or(0.0, |part| part.energy_pj);
            let (found, expected) = (energy(&turns), energy(&separate));
            assert!((found - expected).abs() <= 1e-9 * expected, "{preset}, {part}: {found} and {expected}");
        }
        let steps = turns.layers[0].cycles / separate.layers[0].cycles;
        assert_eq!(crossbars(&turns), (GROUPS as u64).div_ceil(steps), "{preset}");
        assert!(turns.latency_ms > separate.latency_ms && turns.area_mm2 < separate.area_mm2, "{preset}");
    }
}
