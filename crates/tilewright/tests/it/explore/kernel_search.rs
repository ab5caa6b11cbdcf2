//! Kernel plans searched for, against mapping every replaced network there is.

use proptest::prelude::*;
use std::collections::BTreeMap;
use tilewright::explore::{ExploreError, KernelSearch, PlannedKernels};
use tilewright::mapping::kernels::{Kernels2d, crossbars_saved};
use tilewright::mapping::scheme::{Im2col, SCHEMES, Scheme, SubImage, find};
use tilewright::mapping::{CrossbarSize, Encoding, SignRule, Target, map_network};
use tilewright::network::{Conv, KernelPlan, NamedLayer, Network, ReplaceRule, ReplacedLayers, zoo};

const RULES: [ReplaceRule; 3] = [ReplaceRule::First, ReplaceRule::Last, ReplaceRule::MostSaved];

fn target(side: usize) -> Target {
    Target::new(CrossbarSize::new(side, side).unwrap(), Encoding::whole(SignRule::Differential))
}

/// Losses in eighths, which add without rounding, from a list that is repeated.
fn losses(network: &Network, eighths: &[i32]) -> BTreeMap<String, Vec<f64>> {
    let values = eighths.iter().cycle().map(|&eighths| vec![f64::from(eighths) / 8.0]);
    network.replaceable_layers().into_iter().map(|layer| layer.name).zip(values).collect()
}

/// Crossbars of the network with a plan's layers replaced, by mapping it.
fn mapped(network: &Network, plan: &KernelPlan, scheme: &dyn Scheme, target: &Target) -> u64 {
    let replacement = plan
        .select_by(network, |shape, rank| crossbars_saved(shape, (rank, Kernels2d::OnCrossbars), scheme, target))
        .unwrap();
    let replaced = replacement.apply(network).unwrap();
    map_network(&replaced, scheme, target, None).unwrap().total().unwrap().crossbars
}

/// Crossbars and loss of every plan there is, each mapped as a network.
fn every_plan(
    network: &Network,
    losses: &BTreeMap<String, Vec<f64>>,
    scheme: &dyn Scheme,
    target: &Target,
) -> Vec<(u64, f64)> {
    let mut plans: Vec<Vec<NamedLayer>> = vec![vec![]];
    for layer in network.replaceable_layers() {
        let with = |plan: &Vec<NamedLayer>, rank| {
            let mut plan = plan.clone();
            plan.push(NamedLayer { name: layer.name.clone(), rank });
            plan
        };
        let ranks = losses[&layer.name].len();
        let longer = plans.iter().flat_map(|plan| (1..=ranks).map(|rank| with(plan, rank))).collect::<Vec<_>>();
        plans.extend(longer);
    }
    let evaluated = plans.into_iter().map(|replaced| {
        let loss = loss_of(&replaced, losses);
        let layers = if replaced.is_empty() { ReplacedLayers::None } else { ReplacedLayers::Named(replaced) };
        (mapped(network, &layers.into(), scheme, target), loss)
    });
    evaluated.collect()
}

fn loss_of(replaced: &[NamedLayer], losses: &BTreeMap<String, Vec<f64>>) -> f64 {
    replaced.iter().map(|layer| losses[&layer.name][layer.rank - 1]).sum()
}

#[test]
fn planned_crossbars_are_those_of_the_replaced_network() {
    for name in ["lenet5", "resnet8", "resnet20", "squeezenet1.1"] {
        let network = zoo::build(name).unwrap();
        for scheme in SCHEMES {
            let search =
                KernelSearch::new(&network, &losses(&network, &[3, 1, 4, -1, 5]), scheme, &target(96)).unwrap();
            let front = search.front().unwrap();
            // The ends and the middle.
            for point in [0, front.len() / 2, front.len() - 1].map(|place| &front[place]) {
                let crossbars = mapped(&network, &point.plan(), scheme, &target(96));
                assert_eq!(point.crossbars, crossbars, "{name} by {}", scheme.name());
            }
            assert_eq!(front[0].crossbars, search.least_crossbars());
        }
    }
}

#[test]
fn the_front_is_every_budgets_best() {
    let network = zoo::build("resnet20").unwrap();
    for scheme in [&SubImage as &dyn Scheme, &Im2col] {
        let search = KernelSearch::new(&network, &losses(&network, &[7, 2, 5, 3, 8, 1]), scheme, &target(128)).unwrap();
        let front = search.front().unwrap();
        for (place, point) in front.iter().enumerate() {
            assert_eq!(search.best(point.crossbars).unwrap(), *point);
            match place.checked_sub(1).map(|before| &front[before]) {
                Some(before) => {
                    assert!(before.crossbars < point.crossbars && before.loss > point.loss);
                    assert_eq!(search.best(point.crossbars - 1).unwrap(), *before);
                }
                None => assert!(search.best(point.crossbars - 1).is_err()),
            }
        }
        assert_eq!(search.best(u64::MAX).unwrap(), *front.last().unwrap());
    }
}

#[test]
fn ratio_plans_are_the_kernel_plans_of_their_text_and_never_better() {
    let network = zoo::build("resnet20").unwrap();
    let losses = losses(&network, &[7, 2, 5, 3, 8, 1]);
    for (scheme, budgets) in [(&SubImage as &dyn Scheme, [5_585, 30_000, 70_400, 70_401]), (&Im2col, [40, 54, 57, 60])]
    {
        let search = KernelSearch::new(&network, &losses, scheme, &target(128)).unwrap();
        for (budget, rule) in budgets.into_iter().flat_map(|budget| RULES.map(|rule| (budget, rule))) {
            // By mapping networks: the fewest layers in this order that keep to the budget.
            let at = |count: usize| -> KernelPlan {
                ReplacedLayers::Ratio { ratio: count as f64 / 19.0, rule, rank: 1 }.into()
            };
            let expected = (0..=19).find(|&count| mapped(&network, &at(count), scheme, &target(128)) <= budget);
            let found = search.ratio_plan(rule, budget);
            assert_eq!(found.as_ref().map(|found| found.planned.replaced.len()), expected, "{rule} {budget}");
            let Some(found) = found else { continue };
            let plan: KernelPlan = found.plan().to_string().parse().unwrap();
            assert_eq!(found.planned.crossbars, mapped(&network, &plan, scheme, &target(128)));
            assert_eq!(found.planned.loss, loss_of(&found.planned.replaced, &losses));
            assert!(search.best(budget).unwrap().loss <= found.planned.loss);
        }
    }
}

#[test]
fn nothing_is_replaced_for_nothing_and_a_gain_is_taken() {
    let network = zoo::build("resnet8").unwrap();
    let names: Vec<String> = network.replaceable_layers().into_iter().map(|layer| layer.name).collect();
    let best = |eighths: &[i32], scheme| {
        let search = KernelSearch::new(&network, &losses(&network, eighths), scheme, &target(128)).unwrap();
        search.best(u64::MAX).unwrap()
    };
    assert_eq!(best(&[1], &SubImage as &dyn Scheme).plan(), ReplacedLayers::None.into());
    assert_eq!(best(&[-1], &SubImage).plan(), ReplacedLayers::All { rank: 1 }.into());
    assert_eq!(best(&[1, 1, -1, 1, 1, 1, 1], &SubImage).replaced, [NamedLayer { name: names[2].clone(), rank: 1 }]);
    // Without any loss the crossbars decide; under im2col replacing the stem takes more.
    assert_eq!(best(&[0], &SubImage).plan(), ReplacedLayers::All { rank: 1 }.into());
    assert!(best(&[0], &Im2col).replaced.iter().all(|layer| layer.name != names[0]));
}

#[test]
fn a_network_without_replaceable_layers_has_one_plan() {
    let mut network = Network::new("pointwise", vec![4, 4, 4]);
    network.conv("conv", network.input(), Conv::same(4, 1)).unwrap();
    let search = KernelSearch::new(&network, &BTreeMap::new(), &Im2col, &target(16)).unwrap();
    let only = PlannedKernels { crossbars: 1, loss: 0.0, replaceable: 0, replaced: vec![] };
    assert_eq!(search.front().unwrap(), std::slice::from_ref(&only));
    assert_eq!((search.best(1).unwrap(), only.ratio(), only.plan()), (only.clone(), 0.0, ReplacedLayers::None.into()));
    assert_eq!(search.best(0), Err(ExploreError::Budget { budget: 0, least: 1 }));
}

#[test]
fn errors_say_what_is_allowed() {
    let network = zoo::build("resnet8").unwrap();
    let refused = |losses: &BTreeMap<String, Vec<f64>>, side| {
        KernelSearch::new(&network, losses, &SubImage, &target(side)).unwrap_err().to_string()
    };
    let good = losses(&network, &[1]);
    let with = |name: &str, loss| {
        let mut losses = good.clone();
        losses.insert(name.into(), vec![loss]);
        losses
    };
    for (found, expected) in [
        (
            refused(&with("conv2", 1.0), 128),
            r#"losses name "conv2", which is not a replaceable layer of "resnet8"; did you mean "conv1"?"#,
        ),
        (refused(&with("fc", 1.0), 128), r#"losses name "fc", which is not a replaceable layer of "resnet8""#),
        (
            refused(&with("conv1", f64::NAN), 128),
            r#"losses have NaN for "conv1"; give a number between -1e100 and 1e100"#,
        ),
        (refused(&with("conv1", f64::NEG_INFINITY), 128), r#"losses have -inf for "conv1"; give a number"#),
        (
            refused(&BTreeMap::from([("conv1".into(), vec![1.0]), ("stage1.block1.conv1".into(), vec![])]), 128),
            r#"losses have no number for 6 of the 7 replaceable layers of "resnet8", the first is "stage1.block1.conv1""#,
        ),
        (
            refused(&BTreeMap::from([("conv1".into(), vec![1.0; 10])]), 128),
            r#"losses have 10 ranks for "conv1", which has 9; give one for each rank from 1"#,
        ),
        (refused(&good, 8), r#"layer "conv1" does not fit"#),
    ] {
        assert!(found.starts_with(expected), "{found}");
    }
    let search = KernelSearch::new(&network, &good, &SubImage, &target(128)).unwrap();
    let least = search.least_crossbars();
    assert_eq!(
        search.best(least - 1).unwrap_err().to_string(),
        format!(
            "a budget of {} crossbars, but no choice of kernels takes fewer than {least}; raise the budget",
            least - 1
        )
    );
    assert_eq!(search.best(0).unwrap_err(), ExploreError::Budget { budget: 0, least });
    assert!(search.best(least).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn no_plan_with_ranks_is_better(
        of_conv1 in prop::collection::vec(-4i32..20, 1..5),
        of_conv2 in prop::collection::vec(-4i32..20, 1..5),
        scheme in prop::sample::select(vec!["sub-image", "im2col", "vw-sdk"]),
        side in prop::sample::select(vec![64usize, 128]),
    ) {
        let (network, scheme) = (zoo::build("lenet5").unwrap(), find(scheme).unwrap());
        let eighths = |losses: Vec<i32>| losses.into_iter().map(|eighths| f64::from(eighths) / 8.0).collect();
        let losses = BTreeMap::from([("conv1".into(), eighths(of_conv1)), ("conv2".into(), eighths(of_conv2))]);
        let search = KernelSearch::new(&network, &losses, scheme, &target(side)).unwrap();
        let every = every_plan(&network, &losses, scheme, &target(side));
        for &(budget, _) in &every {
            let within = every.iter().filter(|(crossbars, _)| *crossbars <= budget);
            let &(crossbars, loss) =
                within.min_by(|a, b| a.1.partial_cmp(&b.1).unwrap().then(a.0.cmp(&b.0))).unwrap();
            let found = search.best(budget).unwrap();
            prop_assert_eq!((found.crossbars, found.loss), (crossbars, loss));
            prop_assert_eq!(mapped(&network, &found.plan(), scheme, &target(side)), crossbars);
        }
    }

    #[test]
    fn no_plan_is_better(
        eighths in prop::collection::vec(-4i32..9, 7),
        scheme in prop::sample::select(vec!["sub-image", "im2col", "kernel-position"]),
        side in prop::sample::select(vec![32usize, 128]),
    ) {
        let (network, scheme) = (zoo::build("resnet8").unwrap(), find(scheme).unwrap());
        let losses = losses(&network, &eighths);
        let search = KernelSearch::new(&network, &losses, scheme, &target(side)).unwrap();
        let every = every_plan(&network, &losses, scheme, &target(side));
        let front = search.front().unwrap();
        for &(budget, _) in &every {
            let within = every.iter().filter(|(crossbars, _)| *crossbars <= budget);
            let &(crossbars, loss) =
                within.min_by(|a, b| a.1.partial_cmp(&b.1).unwrap().then(a.0.cmp(&b.0))).unwrap();
            let found = front.iter().rfind(|point| point.crossbars <= budget).unwrap();
            prop_assert_eq!((found.crossbars, found.loss), (crossbars, loss));
            prop_assert_eq!(&search.best(budget).unwrap(), found);
        }
    }
}
