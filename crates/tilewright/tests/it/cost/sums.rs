//! Parts sum to totals for every network of the zoo on every chip.

use tilewright::cost::{Breakdown, Cost, CostModel, Library, Settings};
use tilewright::hardware::{Design, Order, PRICED};
use tilewright::mapping::scheme;
use tilewright::network::zoo;

const TOLERANCE: f64 = 1e-9;

fn assert_close(what: &str, found: f64, expected: f64) {
    assert!((found - expected).abs() <= TOLERANCE * expected.abs(), "{what}: {found} and {expected}");
}

/// All leaves of a tree, summed apart from the sums that the tree itself has.
fn leaves(tree: &Breakdown) -> [f64; 3] {
    if tree.parts.is_empty() {
        return [tree.area_um2, tree.energy_pj, tree.leakage_pj];
    }
    tree.parts.iter().map(leaves).fold([0.0; 3], |sum, part| [0, 1, 2].map(|place| sum[place] + part[place]))
}

fn check(what: &str, model: &CostModel, cost: &Cost) {
    for tree in [&cost.by_component, &cost.by_layer] {
        assert!(tree.imbalance() <= TOLERANCE, "{what}: {}", tree.imbalance());
        let [area, energy, leakage] = leaves(tree);
        assert_close(what, area * 1e-6, cost.area_mm2);
        assert_close(what, (energy + leakage) * 1e-6, cost.energy_uj);
        assert_close(what, leakage * 1e-6, cost.leakage_uj);
    }
    // The area again, from the chip by itself: macros and tiles as many as there are, the rest once a chip, and layout.
    let sheet = model.datasheet();
    let chip = model.chip();
    let tile = sheet.unit("tile").expect("a level").area_mm2;
    let on_chip = cost.by_component.find("chip, shared").map_or(0.0, |part| part.area_um2 * 1e-6);
    assert_close(what, (cost.tiles * tile + on_chip) * (1.0 + chip.layout_overhead), cost.area_mm2);
    assert_close(what, cost.operations as f64 / cost.energy_uj * 1e-6, cost.tops_per_w);
    assert!(cost.tiles * f64::from(chip.macros_per_tile) >= cost.macros, "{what}");
    assert!(cost.latency_ms >= cost.interval_ms * (1.0 - TOLERANCE), "{what}");
    assert!(cost.layers.iter().all(|layer| layer.span_ns[0] < layer.span_ns[1]), "{what}");
}

#[test]
fn parts_sum_to_totals_for_every_network_and_chip() {
    let library = Library::built_in();
    for (preset, _) in PRICED {
        for order in [Order::LayerByLayer, Order::Pipelined] {
            let chip = Design { schedule: order, ..Design::preset(preset).expect("it is built in") };
            let model = CostModel::new(&chip, &library, Settings::default()).expect("it is valid");
            for entry in zoo::entries() {
                let network = entry.build().expect("the zoo builds");
                for name in ["im2col", "vw-sdk", "sub-image"] {
                    let scheme = scheme::find(name).expect("a scheme");
                    // Large kernels do not fit small crossbars under some schemes.
                    let Ok(mapping) = model.map(&network, scheme) else { continue };
                    let cost = model.cost(&network, &mapping).expect("it is priced");
                    check(&format!("{preset} {} {name}", entry.name), &model, &cost);
                }
            }
        }
    }
}

/// Every preset's levels, one within the other.
#[test]
fn chips_by_themselves_sum() {
    for (preset, _) in PRICED {
        let chip = Design::preset(preset).expect("it is built in");
        let sheet = CostModel::new(&chip, &Library::built_in(), Settings::default()).expect("valid").datasheet();
        assert!(sheet.tree.imbalance() <= TOLERANCE, "{preset}: {}", sheet.tree.imbalance());
        let areas: Vec<f64> = sheet.units.iter().map(|unit| unit.area_mm2).collect();
        assert!(areas.is_sorted(), "{preset}: {areas:?}");
    }
}

/// The same result for any number of threads.
#[test]
fn a_sweep_is_in_order() {
    let library = Library::built_in();
    let network = zoo::build("lenet5").expect("a network of the zoo");
    let base = Design::preset("generic-22nm").expect("it is built in");
    let chips: Vec<Design> = (1..=8).map(|bits| Design { input_bits: bits, ..base.clone() }).collect();
    let run = |threads| {
        let costs = tilewright::cost::sweep(&network, &chips, &library, std::num::NonZero::new(threads).expect("one"));
        costs.into_iter().map(|cost| cost.expect("it is priced").energy_uj).collect::<Vec<f64>>()
    };
    let energies = run(1);
    assert_eq!(energies, run(3));
    assert!(energies.is_sorted(), "more bits cost more: {energies:?}");
}
