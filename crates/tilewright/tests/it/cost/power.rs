//! No chip draws more than its parts can: the mean power of an image against the parts at full work.

use tilewright::cost::{Cost, CostModel, Library, Settings};
use tilewright::hardware::{Design, Order, PRICED};
use tilewright::mapping::scheme::Im2col;
use tilewright::network::{KernelPlan, Network, ReplacedLayers, zoo};

/// All tiles and chips of a result at full work, and its buffer's leakage, in mW.
fn most_mw(model: &CostModel, cost: &Cost) -> f64 {
    let sheet = model.datasheet();
    let own = |level: &str| sheet.unit(level).expect("a level").power_mw;
    let shared = own("chip") - own("tile") * f64::from(model.chip().tiles_per_chip.unwrap_or(1));
    let buffer = cost.by_component.find("buffer").map_or(0.0, |buffer| buffer.leakage_pj / (cost.interval_ms * 1e6));
    cost.tiles * own("tile") + cost.chips * shared.max(0.0) + buffer
}

/// The network, and with 2D+1D kernels where it has any to replace.
fn kernels(network: Network) -> Vec<(&'static str, Network)> {
    let plan = KernelPlan::from(ReplacedLayers::All { rank: 1 });
    let replaced = plan.select(&network).and_then(|chosen| chosen.apply(&network)).ok();
    [Some(("3d", network)), replaced.map(|replaced| ("2d1d", replaced))].into_iter().flatten().collect()
}

#[test]
fn mean_power_is_at_most_that_of_the_parts() {
    let library = Library::built_in();
    let networks: Vec<_> = zoo::entries().iter().flat_map(|entry| kernels(entry.build().expect("it builds"))).collect();
    for (preset, _) in PRICED {
        for schedule in [Order::LayerByLayer, Order::Pipelined] {
            let chip = Design { schedule, ..Design::preset(preset).expect("a preset") };
            let model = CostModel::new(&chip, &library, Settings::default()).expect("it is valid");
            for (kernels, network) in &networks {
                let Ok(mapping) = model.map(network, &Im2col) else { continue };
                let cost = model.cost(network, &mapping).expect("it is priced");
                let most = most_mw(&model, &cost);
                let what = format!("{preset} {schedule:?} {} {kernels}", network.name);
                println!("{what}: {} {most} {}", cost.power_mw, cost.power_mw / most);
                assert!(cost.power_mw <= most * (1.0 + 1e-9), "{what}: {} mW, its parts {most} mW", cost.power_mw);
            }
        }
    }
}

/// ResNet-20 with 2D+1D kernels fits one ISAAC: nothing crosses its links, and layers at once are charged once.
#[test]
fn isaac_is_not_its_idle_link() {
    let chip = Design::preset("isaac").expect("a preset");
    let model = CostModel::new(&chip, &Library::built_in(), Settings::default()).expect("it is valid");
    let network = zoo::build("resnet20").expect("a network of the zoo");
    let cost = model.cost(&network, &model.map(&network, &Im2col).expect("it fits")).expect("it is priced");
    assert_eq!(cost.chips, 1.0);
    assert_eq!(cost.by_component.find("link").expect("a part").total_energy_pj(), 0.0);
    assert!(cost.tops_per_w > 0.1, "{}", cost.tops_per_w);
}

/// A network that takes two chips pays the link for what is handed over.
#[test]
fn a_second_chip_is_reached_over_the_link() {
    let chip = Design { tiles_per_chip: Some(2), ..Design::preset("isaac").expect("a preset") };
    let model = CostModel::new(&chip, &Library::built_in(), Settings::default()).expect("it is valid");
    let network = zoo::build("resnet20").expect("a network of the zoo");
    let cost = model.cost(&network, &model.map(&network, &Im2col).expect("it fits")).expect("it is priced");
    assert!(cost.chips > 1.0);
    let bits = cost.by_component.find("link").expect("a part").energy_pj / (10_400.0 / 204.8);
    assert!(bits > 0.0 && (bits / 16.0 - (bits / 16.0).round()).abs() < 1e-6, "whole values of 16 bits: {bits}");
}
