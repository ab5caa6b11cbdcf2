//! A crossbar's losses: over sizes, over what they depend on, and every number.

use super::{SCRIPT, captioned, document, titled, top};
use crate::circuit::study::{Parameter, Specimen, Sweep};
use crate::report::figure::{loss_by_size, loss_by_value};
use crate::report::markup::Element;
use crate::report::table::{Column, Kind, Table, scrolling};

/// The page about a crossbar's losses as HTML.
///
/// # Panics
/// Never: a sweep always has a JSON form.
pub fn circuit(specimen: &Specimen, sweeps: &[Sweep]) -> String {
    let json = serde_json::to_string(&(specimen, sweeps)).expect("a sweep has a JSON form");
    let wiring = &specimen.wiring;
    let lead = format!(
        "{}×{} cells, {:e} S when on; {} Ω a word line segment, {} Ω a bit line segment, sources of {} Ω, sinks of {} Ω. Every row is \
         driven with the same voltage.",
        specimen.rows, specimen.columns, specimen.g_on, wiring.r_word, wiring.r_bit, wiring.r_source, wiring.r_sink
    );
    let header = Element::new("header")
        .child(&top("circuit"))
        .child(&Element::new("h1").text("What wires take from a crossbar"))
        .child(&Element::new("p").class("lead").text(lead));
    let mut table = Table::new(vec![
        Column::shown(Kind::Words, "varied"),
        Column::shown(Kind::Exact, "value"),
        Column::shown(Kind::Exact, "current lost"),
        Column::shown(Kind::Exact, "worst column"),
        Column::shown(Kind::Exact, "best column"),
    ]);
    let percent = |share: f64| format!("{:.3} %", 100.0 * share);
    for sweep in sweeps {
        for point in &sweep.points {
            let losses = [point.losses.mean_loss, point.losses.worst_loss, point.losses.least_loss]
                .map(|loss| percent(loss).into());
            table.row([words_of(sweep.varied).into(), point.value.into()].into_iter().chain(losses));
        }
    }
    let numbers = titled(
        "numbers",
        "Numbers",
        "For every crossbar solved. No single digital gain corrects differences between columns.",
    )
    .child(&scrolling(&table.captioned("losses")));
    let main = Element::new("main").child(&header).child(&sizes(sweeps)).child(&sensitivities(sweeps)).child(&numbers);
    document("What wires take from a crossbar", &main, &Element::json("circuit", &json), SCRIPT)
}

fn sizes(sweeps: &[Sweep]) -> Element {
    let lead =
        "Why unit crossbars are small: the loss grows with the square of the size, until little is left to lose.";
    let caption = "Every node solved exactly; a single column has no neighbours on its word lines.";
    let figure = captioned(&loss_by_size(sweeps), caption);
    titled("sizes", "Current lost against size", lead).child(&Element::new("div").class("figures").child(&figure))
}

/// A figure for every sweep that leaves the size as it is, all on one axis of losses.
fn sensitivities(sweeps: &[Sweep]) -> Element {
    let sized = [Parameter::Size, Parameter::ColumnLength];
    let drawn: Vec<&Sweep> = sweeps.iter().filter(|sweep| !sized.contains(&sweep.varied)).collect();
    let points = drawn.iter().flat_map(|sweep| &sweep.points);
    let losses: Vec<f64> = points.flat_map(|point| [point.losses.worst_loss, point.losses.least_loss]).collect();
    let figures = drawn.iter().map(|sweep| {
        let caption = match sweep.varied {
            Parameter::OnOff => "With cells evenly distributed between off and on: the more is off, the less flows and the less is lost.",
            Parameter::Wire => "Word and bit lines alike; columns far from the sources lose most.",
            Parameter::Source => "All columns share the loss of a source.",
            Parameter::Sink => "Every column loses by its own sink.",
            Parameter::Size | Parameter::ColumnLength => "",
        };
        captioned(&loss_by_value(sweep, words_of(sweep.varied), &losses), caption)
    });
    let lead = "One thing varied at a time, all else as above.";
    let section = titled("sensitivities", "What the loss depends on", lead);
    section.child(&Element::new("div").class("figures").children(figures))
}

/// What is varied, in words.
pub const fn words_of(varied: Parameter) -> &'static str {
    match varied {
        Parameter::Size => "rows and columns",
        Parameter::ColumnLength => "rows of one column",
        Parameter::Wire => "ohm per segment",
        Parameter::Source => "ohm per source",
        Parameter::Sink => "ohm per sink",
        Parameter::OnOff => "on/off ratio, random cells",
    }
}
