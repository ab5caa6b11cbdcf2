//! The report: its page, its figures, both in a browser, and trained networks on them.

mod browser;
mod circuit;
mod exploration;
mod figure;
mod page;
mod recognition;
mod savings;
mod simulation;
/// The table in every format.
mod table;

use tilewright::cost::{CostModel, Library, Settings};
use tilewright::hardware::Design;
use tilewright::mapping::search::Objective;
use tilewright::mapping::{CrossbarSize, Encoding, SignRule, Target, scheme};
use tilewright::network::{Conv, Network, zoo};
use tilewright::report::html::{Page, Price};

fn target(side: usize) -> Target {
    let crossbar = CrossbarSize::new(side, side).expect("a sane size");
    Target::new(crossbar, Encoding::whole(SignRule::Differential))
}

fn page(network: &str, side: usize, scheme: &str, objective: Option<Objective>) -> Page {
    let network = zoo::build(network).expect("a network of the zoo");
    let scheme = scheme::find(scheme).expect("a scheme");
    Page::new(&network, &target(side), scheme, objective).expect("it fits")
}

/// The same page with what the network costs on a chip.
fn priced_page(name: &str, scheme: &str, chip: &str) -> Page {
    let library = Library::built_in();
    let chip = Design::preset(chip).expect("a preset");
    let network = zoo::build(name).expect("a network of the zoo");
    let (chip, bits) = chip.for_network(&network).expect("bits in range");
    let model = CostModel::new(&chip, &library, Settings::default()).expect("a valid chip");
    let scheme_of = scheme::find(scheme).expect("a scheme");
    let price = Price::new(&network, scheme_of, (&model, bits), &library).expect("it is priced");
    Page { price: Some(price), ..page(name, 128, scheme, None) }
}

/// Names that mean something to HTML, SVG, JSON and CSS.
const HOSTILE: [&str; 4] =
    ["<script>alert(1)</script>", "\"'><img src=x onerror=alert(1)>", "<!--<script>", "a&lt;b\u{1b}\\"];

/// A page of layers called [`HOSTILE`].
fn hostile_page() -> Page {
    let mut network = Network::new("</title><script>alert(0)</script>", vec![2, 12, 12]);
    let mut last = network.input();
    for name in HOSTILE {
        last = network.conv(name, last, Conv::same(4, 3)).expect("a sane layer");
    }
    Page::new(&network, &target(64), &scheme::SubImage, None).expect("it fits")
}
