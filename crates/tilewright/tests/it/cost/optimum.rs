//! Searches by area, energy, time and products.

use tilewright::cost::chip::Chip;
use tilewright::cost::{Cost, CostError, CostModel, Library, Settings};
use tilewright::mapping::scheme::{self, Optimal, SCHEMES};
use tilewright::mapping::search::{Objective, Priced};
use tilewright::network::{Network, zoo};

fn model() -> CostModel {
    let chip = Chip::preset("generic-22nm").expect("it comes along");
    CostModel::new(&chip, &Library::built_in(), Settings::default()).expect("it is valid")
}

fn best(model: &CostModel, network: &Network, least: Priced) -> Cost {
    let mapping = model.optimize(network, &Optimal, &model.target(), (least, None)).expect("it fits");
    let objective = mapping.search.expect("a search").objective;
    assert_eq!(objective, Objective::Priced { least, budget: None });
    model.cost(network, &mapping).expect("it is priced")
}

/// No published scheme, priced in full, beats the search by more than the tile that it may be rounded up by.
#[test]
fn no_scheme_is_better() {
    let model = model();
    let tile = model.datasheet().unit("tile").expect("a level").area_mm2 * 1.25;
    for name in ["lenet5", "resnet8"] {
        let network = zoo::build(name).expect("a network of the zoo");
        let area = best(&model, &network, Priced::Area);
        let energy = best(&model, &network, Priced::Energy);
        let latency = best(&model, &network, Priced::Latency);
        let energy_delay = best(&model, &network, Priced::EnergyDelay);
        let area_delay = best(&model, &network, Priced::AreaDelay);
        for scheme in SCHEMES {
            let mapping = model.map(&network, scheme).expect("it fits");
            let cost = model.cost(&network, &mapping).expect("it is priced");
            let what = format!("{name} {}", scheme.name());
            assert!(area.area_mm2 <= cost.area_mm2 + tile, "{what}");
            assert!(latency.latency_ms <= cost.latency_ms * (1.0 + 1e-9), "{what}");
            // Idle macros and whole tiles leak, transport and the buffer cost: not part of the search, and little.
            assert!(energy.energy_uj <= cost.energy_uj * 1.05, "{what}: {} {}", energy.energy_uj, cost.energy_uj);
            let product = |cost: &Cost| cost.energy_uj * cost.latency_ms;
            assert!(product(&energy_delay) <= product(&cost) * 1.05, "{what}");
            let product = |cost: &Cost| cost.area_mm2 * cost.latency_ms;
            assert!(product(&area_delay) <= product(&cost) * (1.0 + tile / cost.area_mm2), "{what}");
        }
        assert!(latency.area_mm2 > area.area_mm2, "copies take area");
        assert!(area.latency_ms > latency.latency_ms, "and save time");
    }
}

#[test]
fn a_budget_limits_latency_only() {
    let model = model();
    let network = zoo::build("resnet8").expect("a network of the zoo");
    let within = |budget| {
        let mapping = model.optimize(&network, &Optimal, &model.target(), (Priced::Latency, Some(budget)));
        let mapping = mapping.expect("it fits");
        assert!(mapping.total().expect("counts").crossbars <= budget);
        model.cost(&network, &mapping).expect("it is priced").latency_ms
    };
    assert!(within(400) < within(100));
    let error = model.optimize(&network, &Optimal, &model.target(), (Priced::Area, Some(400))).expect_err("no limit");
    assert!(matches!(error, CostError::Setting { .. }), "{error}");
    let error = model.optimize(&network, &Optimal, &model.target(), (Priced::Latency, Some(3))).expect_err("too few");
    assert!(error.to_string().contains("raise --budget"), "{error}");
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
