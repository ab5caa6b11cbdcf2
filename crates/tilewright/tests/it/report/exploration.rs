//! The page of a front, with prices and rates that are made up.

use tilewright::explore::{Dropped, Figures, Outcome, Recognition, Space};
use tilewright::report::table::{Column, Kind, Table};
use tilewright::report::{Exploration, Explored, RatedOn, html};

/// Eighteen designs: one cannot be priced, three are on the front, two were dropped early, the others were not simulated.
pub(super) fn page() -> String {
    let text = "networks = [\"a <b>\", \"c\"]\ndesigns = [\"d\"]\nobjectives.minimize = [\"area\", \"latency\"]\n\
                objectives.maximize = [\"rate\"]\n[vary]\ncrossbar = [64, 128, 256]\nscheme = [\"im2col\", \"vw-sdk\", \"optimal\"]";
    let space = Space::parse("space.toml", text).expect("a space");
    let part = |place: u64, factor: u64| f64::from(u32::try_from(place * factor % 19).expect("small"));
    let priced = |place: u64| Figures {
        crossbars: 1 + place,
        area_mm2: 1.0 + 10.0 * part(place, 7),
        energy_uj: 1.0 + part(place, 5),
        latency_ms: 0.1 + part(place, 11),
        interval_ms: 1.0,
        power_mw: 1.0,
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
            command: format!("tilewright explore 'a <b>' --vary place={place}"),
        }
    };
    let dropped = |place, images| Dropped { place, images, rate_percent: [70.0, 75.5] };
    let found = Exploration {
        objectives: vec!["area".into(), "latency".into(), "rate".into()],
        limits: vec![],
        designs: 18,
        searched: None,
        failed: vec![],
        beyond_limits: 0,
        dropped: vec![dropped(2, 250), dropped(3, 1000), dropped(5, 0)],
        rated: Some(RatedOn { set: "images".into(), images: 2000, seeds: 1, first_seed: 0, calibration_images: 64 }),
        front: front.iter().map(explored).collect(),
    };
    let mut table = Table::new(vec![Column::new(Kind::Whole, "place", "place")]);
    front.iter().for_each(|&place| table.row([place.into()]));
    html::exploration(&found, &space, &outcomes.into(), &table.captioned("the front"), "Three designs on the front.")
}

#[test]
fn names_are_text_and_nothing_else() {
    let page = page();
    assert!(!page.contains("a <b>"));
    assert_eq!(page, self::page(), "the same numbers give the same bytes");
}
