//! DNN+NeuroSim on VGG-8: what its printed figures mean, as the comparison of `tilewright cost --compare` says.
//!
//! The figures are of own runs (2026-11-22, random traces) and stand in the core's data.

use crate::figures::{Figure, Publication};
use tilewright::cost::peer::{self, Quantity};
use tilewright::cost::{CostModel, Library, Settings};
use tilewright::hardware::{AdcBits, AdcSettings, Design};
use tilewright::mapping::scheme::Im2col;
use tilewright::network::zoo;

fn theirs(peer: &str, quantity: Quantity) -> f64 {
    let chip = Design::preset("generic-22nm").expect("it is built in");
    let model = CostModel::new(&chip, &Library::built_in(), Settings::default()).expect("it is valid");
    let network = zoo::build("vgg8").expect("a network of the zoo");
    let cost = model.cost(&network, &model.map(&network, &Im2col).expect("it fits")).expect("it is priced");
    let comparison = peer::find(peer).expect("a peer").compare(&cost);
    comparison.lines.iter().find(|line| line.quantity == quantity).expect("a line").theirs
}

pub(crate) fn publication() -> Publication {
    let about = "What DNN+NeuroSim prints of VGG-8 in runs of our own, and what our counts make of its energies and times: its TOPS/W are \
                 operations over 1.22 times the energy it prints beside them. `tilewright cost vgg8 --compare` explains the rest.";
    Publication {
        title: "DNN+NeuroSim (Peng et al. 2019)",
        about,
        citation: include_str!("citation.bib"),
        figures: printed_rates(),
    }
}

/// TOPS/W is operations of padded maps over the printed energy times 1.22.
fn printed_rates() -> Vec<Figure> {
    let operations = 2.0 * zoo::build("vgg8").expect("a network of the zoo").macs() as f64;
    let of_a_version = |name: &str| {
        let energy = theirs(name, Quantity::DynamicEnergy) + theirs(name, Quantity::Leakage);
        let (explained, printed) = (operations / (1.22 * energy) * 1e-6, theirs(name, Quantity::TopsPerW));
        let efficiency = Figure::new(format!("`{name}`, TOPS/W"), printed, explained);
        let tops = operations / theirs(name, Quantity::Latency) * 1e-9;
        [efficiency, Figure::new(format!("`{name}`, TOPS"), theirs(name, Quantity::Tops), tops)]
    };
    ["neurosim-v1.3", "neurosim-v1.4"].into_iter().flat_map(of_a_version).collect()
}

#[test]
fn the_printed_efficiency_has_a_factor_that_the_energies_have_not() {
    printed_rates().iter().for_each(|figure| figure.assert_within(0.002));
}

#[test]
fn parts_of_v1_3_sum_to_its_area() {
    let parts = [
        Quantity::AdcArea,
        Quantity::ArrayArea,
        Quantity::InterconnectArea,
        Quantity::AccumulationArea,
        Quantity::OtherArea,
    ];
    let sum: f64 = parts.iter().map(|&part| theirs("neurosim-v1.3", part)).sum();
    assert!((sum / theirs("neurosim-v1.3", Quantity::Area) - 1.0).abs() < 1e-4, "{sum}");
}

/// With its fit, its 5 bits and its sharing, our count of conversions gives the order of its converters' energy.
#[test]
fn its_converters_on_our_mapping() {
    let mut chip = Design::preset("generic-22nm").expect("it is built in");
    let adc = chip.adc.clone().expect("it has converters");
    chip.adc = Some(AdcSettings { model: "neurosim-sar".into(), bits: AdcBits::Given(5), ..adc });
    let model = CostModel::new(&chip, &Library::built_in(), Settings::default()).expect("it is valid");
    let network = zoo::build("vgg8").expect("a network of the zoo");
    let cost = model.cost(&network, &model.map(&network, &Im2col).expect("it fits")).expect("it is priced");
    let ours = cost.by_component.find("adc").expect("converters").energy_pj * 1e-6;
    let theirs = theirs("neurosim-v1.4", Quantity::AdcEnergy);
    println!("conversions of VGG-8 by the same fit: ours {ours:.2} µJ, theirs {theirs} µJ");
    assert!((0.5..2.0).contains(&(ours / theirs)), "{ours} {theirs}");
}
