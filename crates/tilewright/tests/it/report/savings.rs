//! What 2D+1D kernels save, from prices that are made up.

use std::collections::BTreeSet;
use tilewright::explore::{Figures, Outcome, Space};
use tilewright::report::figure::area_by_latency;
use tilewright::report::html;
use tilewright::report::reproduction::{Answer, AreaFront, Best, Explored, Savings};
use tilewright::report::table::{Column, Kind, Table};

/// Figures that depend on the place alone, in no order: some places have none.
fn outcome(place: u64) -> Outcome {
    if place % 7 == 3 {
        return Err("does not fit".into());
    }
    let part = |factor: u64| f64::from(u32::try_from(place * factor % 101).expect("small"));
    Ok(Figures {
        crossbars: place,
        area_mm2: 5.0 + part(37),
        energy_uj: 1.0 + part(53),
        latency_ms: 0.05 + part(71) / 50.0,
        interval_ms: 1.0,
        power_mw: 1.0,
        gap_millionths: None,
        kernel_loss: None,
        recognition: None,
    })
}

fn explored() -> Vec<Explored> {
    let steps = Savings::steps().expect("objectives that there are");
    let of_space = |space: &Space| (0..space.size()).map(outcome).collect();
    steps.into_iter().map(|step| (step.clone(), step.spaces.iter().map(of_space).collect())).collect()
}

/// Each space with its outcomes, step by step.
fn spaces(explored: &[Explored]) -> impl Iterator<Item = (usize, &Space, &Vec<Outcome>)> {
    explored.iter().enumerate().flat_map(|(step, (spaces, outcomes))| {
        spaces.spaces.iter().zip(outcomes).map(move |(space, outcomes)| (step, space, outcomes))
    })
}

/// Value and bound of every question that is asked, written down once more.
fn asked(least: &str, limit: Option<&str>, figures: &Figures) -> Option<f64> {
    let within = match limit.map(|limit| limit.split_whitespace().collect::<Vec<_>>()).as_deref() {
        None => true,
        Some(["latency", "<=", value, "ms"]) => figures.latency_ms <= value.parse().expect("a number"),
        Some(["area", "<=", value, "mm²"]) => figures.area_mm2 <= value.parse().expect("a number"),
        other => panic!("{other:?}"),
    };
    let value = match least {
        "area" => figures.area_mm2,
        "latency" => figures.latency_ms,
        "energy" => figures.energy_uj,
        other => panic!("{other}"),
    };
    within.then_some(value)
}

#[test]
fn the_best_design_is_the_least_of_all_that_keep_to_the_limit() {
    let explored = explored();
    let savings = Savings::new(&explored, &[], |point| point.network.into()).expect("objectives that there are");
    assert_eq!(savings.designs, spaces(&explored).map(|(_, _, outcomes)| outcomes.len() as u64).sum::<u64>());
    let mut least_of_3d = None;
    for Answer { design, least, limit, network, kept_digital, best, by_step, .. } in &savings.answers {
        let mut of_steps = vec![None; explored.len()];
        for (step, space, outcomes) in spaces(&explored) {
            for (place, outcome) in (0..).zip(outcomes) {
                let point = space.point(place);
                let Ok(figures) = outcome else { continue };
                let digital = point.settings.iter().find(|(name, _)| *name == "keep-digital").map(|(_, kind)| kind);
                if point.network == network && point.design == design && digital.copied() == kept_digital.as_deref() {
                    let value = asked(least, limit.as_deref(), figures);
                    of_steps[step] = [of_steps[step], value].into_iter().flatten().reduce(f64::min);
                }
            }
        }
        // What is least of all steps so far.
        let mut lowest: Option<f64> = None;
        for (of_step, found) in of_steps.into_iter().zip(by_step) {
            lowest = [lowest, of_step].into_iter().flatten().reduce(f64::min);
            assert_eq!(*found, lowest, "{network} on {design}: {least}, {limit:?}");
        }
        let found = best.as_ref().and_then(|best| asked(least, limit.as_deref(), &best.figures));
        assert_eq!(found, lowest, "{network} on {design}: {least}, {limit:?}");
        if network == "resnet20-3d-int8" {
            least_of_3d = lowest;
        }
        let of_3d = lowest.zip(least_of_3d).map(|(value, of_3d)| value / of_3d);
        assert_eq!(best.as_ref().and_then(|Best { of_3d, .. }| *of_3d), of_3d);
    }
    assert!(savings.answers.iter().any(|answer| answer.best.is_some()));
    // Every network on crossbars, and those that have 2D kernels with these in units too.
    let answers = |digital: Option<&str>| {
        let of = savings.answers.iter().filter(|answer| answer.kept_digital.as_deref() == digital);
        of.map(|answer| answer.network.as_str()).collect::<BTreeSet<_>>()
    };
    assert_eq!((answers(None).len(), answers(Some("2d")).len()), (7, 6));
    assert!(!answers(Some("2d")).contains("resnet20-3d-int8"));
}

#[test]
fn fronts_are_all_that_no_design_beats() {
    let explored = explored();
    let savings = Savings::new(&explored, &[], |_| String::new()).expect("objectives that there are");
    let mut drawn = 0;
    for AreaFront { design, network, kept_digital, steps, points } in &savings.fronts {
        let mut all: Vec<[f64; 2]> = Vec::new();
        for (_, space, outcomes) in spaces(&explored).filter(|(step, ..)| step < steps) {
            for (place, outcome) in (0..).zip(outcomes) {
                let (point, Ok(figures)) = (space.point(place), outcome) else { continue };
                let digital = point.settings.iter().find(|(name, _)| *name == "keep-digital").map(|(_, kind)| *kind);
                if point.network == network && point.design == design && digital == kept_digital.as_deref() {
                    all.push([figures.latency_ms, figures.area_mm2]);
                }
            }
        }
        let beats = |a: &[f64; 2], b: &[f64; 2]| a[0] <= b[0] && a[1] <= b[1] && a != b;
        let mut best: Vec<[f64; 2]> =
            all.iter().filter(|point| !all.iter().any(|other| beats(other, point))).copied().collect();
        best.sort_by(|a, b| a[0].total_cmp(&b[0]));
        best.dedup();
        assert_eq!(*points, best, "{network} on {design}, {steps} steps");
        drawn += 1;
    }
    // Two chips, seven networks on crossbars and six with 2D kernels in units, before and after.
    assert_eq!(drawn, 2 * 13 * 2);
    let of_chip: Vec<&AreaFront> = savings.fronts.iter().filter(|front| front.design == "seed").collect();
    let figure = area_by_latency(&of_chip).to_string();
    assert_eq!(figure.matches("class=\"curve").count(), 26);
    assert_eq!(figure.matches("dashed\"").count(), 13);
    let page = html::savings("title", &savings, Table::new(vec![Column::shown(Kind::Whole, "area")]), "notes");
    assert!(page.contains("resnet20-2d1d-wide, 2d in units") && page.contains("On generic-22nm."), "{page}");
}

#[test]
fn designs_without_a_price_are_counted_by_reason() {
    let explored = explored();
    let savings = Savings::new(&explored, &[], |_| String::new()).expect("objectives that there are");
    let failed = spaces(&explored).flat_map(|(_, _, outcomes)| outcomes).filter(|outcome| outcome.is_err()).count();
    assert_eq!(savings.failed, [("does not fit".to_owned(), failed as u64)].into());
}
