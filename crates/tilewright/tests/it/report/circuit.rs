//! The page of a crossbar's losses: it carries its numbers, and its figures are of its sweeps.

use super::page::{assert_self_contained, assert_well_formed, json_in};
use tilewright::circuit::Wiring;
use tilewright::circuit::study::{CellPattern, Parameter, Specimen, Sweep};
use tilewright::report::figure::loss_by_value;
use tilewright::report::html;

fn studied() -> (Specimen, Vec<Sweep>) {
    let wiring = Wiring { r_source: 3.0, ..Wiring::wires(2.5) };
    let specimen = Specimen { rows: 24, columns: 16, g_on: 1e-4, on_off: 100.0, cells: CellPattern::Random(1), wiring };
    let sweep = |varied, values: &[f64]| specimen.sweep(varied, values).expect("sane values");
    let sweeps = vec![
        sweep(Parameter::Size, &[4.0, 16.0, 32.0]),
        sweep(Parameter::ColumnLength, &[4.0, 98.0, 784.0]),
        sweep(Parameter::Wire, &[0.0, 0.1, 2.5, 10.0]),
        sweep(Parameter::Source, &[0.0, 10.0, 1000.0]),
        sweep(Parameter::Sink, &[0.0, 10.0, 1000.0]),
        sweep(Parameter::OnOff, &[1.0, 10.0, 1000.0]),
    ];
    (specimen, sweeps)
}

pub(super) fn page() -> String {
    let (specimen, sweeps) = studied();
    html::circuit(&specimen, &sweeps)
}

#[test]
fn a_page_carries_its_numbers() {
    let page = page();
    assert_well_formed(&page);
    assert_self_contained(&page);
    let (specimen, sweeps) = studied();
    assert_eq!(json_in(&page, "circuit"), serde_json::to_string(&(specimen, &sweeps)).expect("a JSON form"));
    assert_eq!(page.matches("<figure>").count(), 5, "one over sizes, one for each thing varied");
}

/// 0 is a decade before the least of the other values, equal ratios are equal lengths, equal losses equal heights.
#[test]
fn losses_are_drawn_where_they_are() {
    let (_, sweeps) = studied();
    let svg = |sweep: &Sweep| loss_by_value(sweep, "ohm", &[0.0, 1.0]).to_string();
    let marks = |svg: &str, class: &str| {
        let circles = svg.split("<circle class=\"mark ").skip(1).filter(|circle| circle.starts_with(class));
        let attribute = |circle: &str, name: &str| -> f64 {
            let (_, rest) = circle.split_once(&format!(" {name}=\"")).expect("it has one");
            rest.split_once('"').expect("it ends").0.parse().expect("a number")
        };
        circles.map(|circle| ["cx", "cy"].map(|name| attribute(circle, name))).collect::<Vec<[f64; 2]>>()
    };
    // 0, 0.1, 2.5 and 10 Ω lie at the logarithms -2, -1, 0.4 and 1.
    let wire = marks(&svg(&sweeps[2]), "n0");
    let [first, last] = [wire[0][0], wire[3][0]];
    for ([x, _], at) in wire.iter().zip([-2.0, -1.0, 2.5f64.log10(), 1.0]) {
        assert!((x - (first + (at + 2.0) / 3.0 * (last - first))).abs() < 0.02, "{wire:?}");
    }
    // Heights are linear in the loss: from 0 at the bottom, and the same for the columns that lose most and least.
    for (class, loss) in [("n0", 0), ("n1", 1), ("n2", 2)] {
        for sweep in &sweeps[2..] {
            let points = &sweep.points;
            let of = |place: usize| {
                [points[place].losses.mean_loss, points[place].losses.worst_loss, points[place].losses.least_loss][loss]
            };
            let at = marks(&svg(sweep), class);
            assert_eq!(at.len(), points.len());
            for (place, [_, y]) in at.iter().enumerate() {
                let expected = 286.0 - of(place) * (286.0 - 14.0);
                assert!((y - expected).abs() < 0.02, "{class}: {y} {expected}");
            }
        }
    }
}
