//! Planned kernels against every kernel plan there is.

use std::collections::{BTreeMap, BTreeSet};
use tilewright::cost::Library;
use tilewright::explore::{Front, Pricing, Sources, Space};
use tilewright::hardware::Design;
use tilewright::network::zoo;

fn space(vary: &str, minimize: &str) -> Space {
    let text = format!(
        "networks = [\"resnet8\"]\ndesigns = [\"generic-22nm\"]\nobjectives.minimize = [{minimize}]\n[vary]\n{vary}"
    );
    Space::parse("space.toml", &text).expect("a space")
}

/// Some layers lose nothing, and one gains.
fn sources() -> Sources {
    let network = zoo::build("resnet8").expect("of the zoo");
    let losses = [0.5, 0.25, 0.0, -0.125, 1.0, 0.75, 0.125].into_iter().map(|loss| vec![loss, loss / 2.0]);
    let losses = network.replaceable_layers().into_iter().map(|layer| layer.name).zip(losses).collect();
    let chips = BTreeMap::from([("generic-22nm".into(), Design::preset("generic-22nm").expect("a preset"))]);
    let networks = BTreeMap::from([("resnet8".into(), network)]);
    Sources { losses: Some(losses), ..Sources::new(networks, chips, Library::built_in()) }
}

/// Every choice of no, one or two 2D kernels an input channel for each of the layers.
fn every_plan(sources: &Sources) -> Vec<String> {
    let mut plans: Vec<Vec<String>> = vec![vec![]];
    for layer in sources.networks["resnet8"].replaceable_layers() {
        let with = |suffix: &str| {
            let name = format!("{}{suffix}", layer.name);
            plans.iter().map(|plan| [plan.as_slice(), std::slice::from_ref(&name)].concat()).collect::<Vec<_>>()
        };
        let (one, two) = (with(""), with("*2"));
        plans.extend(one);
        plans.extend(two);
    }
    plans.into_iter().map(|plan| if plan.is_empty() { "3d".into() } else { plan.join(",") }).collect()
}

fn front(space: &Space, sources: &Sources) -> BTreeSet<Vec<u64>> {
    let pricing = Pricing::new(space, sources).expect("a space");
    let mut front = Front::new();
    for place in 0..space.size() {
        let figures = pricing.outcome(place).expect("it is priced");
        front.offer(pricing.values(&figures).expect("priced"), place);
    }
    front.points().map(|(values, _)| values.iter().map(|value| value.to_bits()).collect()).collect()
}

#[test]
fn planned_kernels_lose_least_for_any_number_of_crossbars() {
    let sources = sources();
    let goals = "\"crossbars\", \"kernel-loss\"";
    for scheme in ["im2col", "sub-image"] {
        let rest = format!("\nscheme = [\"{scheme}\"]\ncrossbar = [64]\nencoding = [\"differential\"]");
        let planned = space(&format!("kernels = [\"planned\"]{rest}"), goals);
        let planned = planned.with_plans(&sources).expect("plans");
        let every = space(&format!("kernels = {:?}{rest}", every_plan(&sources)), goals);
        assert_eq!(every.size(), 2187);
        assert!(planned.size() < 100, "{}", planned.size());
        assert_eq!(front(&planned, &sources), front(&every, &sources), "{scheme}");
    }
}

#[test]
fn plans_stand_where_planned_stood_each_once() {
    let sources = sources();
    let vary = "kernels = [\"2d1d\", \"planned\"]\nscheme = [\"im2col\", \"sub-image\"]\ncrossbar = [64, 128]";
    let space = space(vary, "\"area\"").with_plans(&sources).expect("plans");
    let values: Vec<&str> = space.values_of("kernels").collect();
    assert_eq!((values[0], values[1]), ("2d1d", "3d"), "fewest replaced layers first");
    assert_eq!(values.iter().collect::<BTreeSet<_>>().len(), values.len());
    let again = space.clone().with_plans(&sources).expect("nothing is planned any more");
    assert_eq!(again, space);
}

#[test]
fn what_cannot_be_planned_is_refused() {
    let planned = space("kernels = [\"planned\"]", "\"area\"");
    let without = Sources { losses: None, ..sources() };
    let refused = |space: &Space, sources: &Sources| {
        space.clone().with_plans(sources).expect_err("it cannot be planned").to_string()
    };
    assert!(refused(&planned, &without).contains("give the file of losses"));
    let two = Space { networks: vec!["resnet8".into(), "resnet20".into()], ..planned.clone() };
    assert!(refused(&two, &sources()).contains("for one network"));
    let mut few = sources();
    few.losses.iter_mut().for_each(BTreeMap::clear);
    assert!(refused(&planned, &few).contains("have no number for 7 of the 7"));

    let by_loss = space("kernels = [\"3d\", \"2d1d*3\"]", "\"kernel-loss\"");
    let error = Pricing::new(&by_loss, &without).expect_err("no losses").to_string();
    assert!(error.contains("kernel-loss is the sum of what replacing layers loses"), "{error}");
    let sources = sources();
    let pricing = Pricing::new(&by_loss, &sources).expect("a space");
    assert_eq!(pricing.outcome(0).expect("3D kernels").kernel_loss, Some(0.0));
    assert!(pricing.outcome(1).expect_err("a rank without a loss").contains("with 3 2D kernels an input channel"));
}
