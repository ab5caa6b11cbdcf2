//! The page of a front, with prices and rates that are made up.

use super::hostile_page;
use tilewright::cost::{CostModel, Library, Settings};
use tilewright::explore::{Dropped, Figures, Outcome, Recognition, Space};
use tilewright::hardware::{Design, setting};
use tilewright::mapping::scheme::Im2col;
use tilewright::network::{Network, zoo};
use tilewright::report::html::{self, Detail};
use tilewright::report::table::{Column, Kind, Table};
use tilewright::report::{CommandPattern, Exploration, Explored, RatedOn};

/// A network of the zoo on 256×256 crossbars, whose drawings have a magnified part, as the design at `place`.
fn detail(place: u64, network: &Network) -> Detail {
    detail_on(place, network, "256")
}

/// The same on crossbars of another side.
fn detail_on(place: u64, network: &Network, side: &str) -> Detail {
    let mut design = Design::preset("generic-22nm").expect("a preset");
    design.set(setting("crossbar").expect("a setting"), side).expect("a size");
    let (design, _) = design.for_network(network).expect("bits in range");
    let model = CostModel::new(&design, &Library::built_in(), Settings::default()).expect("a valid chip");
    let mapping = model.map(network, &Im2col).expect("im2col always fits");
    let cost = model.cost(network, &mapping).expect("it is priced");
    Detail { place, mapping, cost }
}

/// Mappings and prices of two of the three designs of the front: one has layers of hostile names, the other has crossbars that are too large to
/// be drawn.
fn details() -> [Detail; 2] {
    let lenet = zoo::build("lenet5").expect("a network of the zoo");
    let drawn = detail(1, &lenet);
    let mut hostile = hostile_page().mapping.layers;
    hostile.truncate(1);
    let mut renamed = drawn.clone();
    renamed.mapping.layers[0].name.clone_from(&hostile[0].name);
    let large = super::page("lenet5", 4096, "sub-image", None).mapping;
    [renamed, Detail { place: 4, mapping: large, cost: drawn.cost }]
}

/// Eighteen designs: one cannot be priced, three are on the front, two were dropped early, the others were not simulated, and of these some
/// do not keep to the limit.
pub(super) fn page() -> String {
    page_with(&details())
}

fn page_with(details: &[Detail]) -> String {
    let text = "networks = [\"a <b>\", \"c\"]\ndesigns = [\"d\"]\nobjectives.minimize = [\"area\", \"latency\"]\n\
                objectives.maximize = [\"rate\"]\nlimits = [\"energy <= 15\"]\n[vary]\ncrossbar = [64, 128, 256]\nscheme = [\"im2col\", \"vw-sdk\", \"optimal\"]";
    let space = Space::parse("space.toml", text).expect("a space");
    let part = |place: u64, factor: u64| f64::from(u32::try_from(place * factor % 19).expect("small"));
    let priced = |place: u64| Figures {
        crossbars: 1 + place,
        area_mm2: 1.0 + 10.0 * part(place, 7),
        energy_uj: 1.0 + part(place, 5),
        latency_ms: 0.1 + part(place, 11),
        interval_ms: 1.0,
        power_mw: 1.0,
        gap_millionths: None,
        kernel_loss: None,
        recognition: None,
    };
    let rated = |place: u64| priced(place).recognising(Recognition::new(80.0 + part(place, 3), 99.5));
    let front = [1_u64, 4, 9];
    let outcomes: Vec<Outcome> = (0..18)
        .map(|place| match place {
            17 => Err("it does not fit".into()),
            place if front.contains(&place) => Ok(rated(place)),
            place => Ok(priced(place)),
        })
        .collect();
    let explored = |&place: &u64| {
        let point = space.point(place);
        Explored {
            place,
            network: point.network.into(),
            design: point.design.into(),
            settings: point.settings.iter().map(|&(name, value)| (name.into(), value.into())).collect(),
            figures: rated(place),
            command: format!(
                "tilewright cost '{}' --crossbar {} --scheme {} --constants mine.toml",
                point.network, point.settings[0].1, point.settings[1].1
            ),
        }
    };
    let dropped = |place, images| Dropped { place, images, rate_percent: [70.0, 75.5] };
    let found = Exploration {
        objectives: vec!["area".into(), "latency".into(), "rate".into()],
        limits: vec!["energy <= 15 µJ".into()],
        designs: 18,
        searched: None,
        failed: vec![],
        beyond_limits: 0,
        dropped: vec![dropped(2, 250), dropped(3, 1000), dropped(5, 0)],
        rated: Some(RatedOn {
            set: "images".into(),
            images: 2000,
            seeds: 1,
            first_seed: 0,
            calibration_images: 64,
            exact_designs: 3,
        }),
        worth_training: vec![],
        front: front.iter().map(explored).collect(),
    };
    let mut table = Table::new(vec![Column::new(Kind::Whole, "place", "place")]);
    front.iter().for_each(|&place| table.row([place.into()]));
    let words = |axis: &str, value: &str| match axis {
        "network" => format!("'{value}'"),
        "design" => String::new(),
        setting => format!("--{setting} {value}"),
    };
    let again = CommandPattern::new(&space, "tilewright cost", words, "--constants mine.toml".into());
    let alone = CommandPattern::new(&space, "tilewright explore", words, String::new());
    let explored = html::FrontPage {
        found: &found,
        space: &space,
        outcomes: &outcomes.into(),
        commands: [&again, &alone],
        details,
    };
    html::exploration(&explored, &table.captioned("the front"), "Three designs on the front.")
}

#[test]
fn names_are_text_and_nothing_else() {
    let page = page();
    assert!(!page.contains("a <b>") && !page.contains("alert(1)</"));
    assert_eq!(page, self::page(), "the same numbers give the same bytes");
}

/// Designs share the drawings of layers that look the same, and those alone.
#[test]
fn layers_that_look_the_same_are_drawn_once() {
    let network = zoo::build("lenet5").expect("a network of the zoo");
    let page = page_with(&[detail(1, &network), detail_on(4, &network, "512"), detail(9, &network)]);
    let json = page.split("id=\"details\">").nth(1).and_then(|rest| rest.split("</script>").next()).expect("data");
    let data: serde_json::Value = serde_json::from_str(json).expect("JSON");
    let drawings = |place: &str| -> Vec<u64> {
        let layers = data["designs"][place]["layers"].as_array().expect("layers");
        layers.iter().map(|layer| layer[2].as_u64().expect("it is drawn")).collect()
    };
    assert_eq!(drawings("1"), drawings("9"));
    assert!(drawings("1").iter().all(|drawing| !drawings("4").contains(drawing)));
    assert_eq!(page.matches("<template").count(), drawings("1").len() + drawings("4").len());
}
