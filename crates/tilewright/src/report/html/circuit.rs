//! A crossbar's losses: the figure over sizes, and every number.

use super::table::{Column, table};
use super::{captioned, document, titled, top};
use crate::circuit::study::{Specimen, Sweep, Varied};
use crate::report::figure::loss_by_size;
use crate::report::markup::Element;

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
    let sizes = titled(
        "sizes",
        "Current lost against size",
        "Why unit crossbars are small: the loss grows with the square of the size.",
    )
    .child(&captioned(
        &loss_by_size(sweeps),
        "Every node solved exactly; a single column has no neighbours on its word lines.",
    ));
    let columns = [
        Column::Words("varied"),
        Column::Number("value"),
        Column::Number("current lost"),
        Column::Number("worst column"),
        Column::Number("best column"),
    ];
    let percent = |share: f64| format!("{:.3} %", 100.0 * share);
    let rows = sweeps.iter().flat_map(|sweep| {
        sweep.points.iter().map(|point| {
            let [all, worst, best] = [point.mean_loss, point.worst_loss, point.least_loss].map(percent);
            vec![words_of(sweep.varied).into(), point.value.to_string(), all, worst, best]
        })
    });
    let lead = "One thing varied at a time. The on/off ratio is varied with random cells; what differs between columns no digital \
                gain makes good.";
    let numbers = titled("numbers", "What the loss depends on", lead).child(&table("losses", &columns, rows));
    let main = Element::new("main").child(&header).child(&sizes).child(&numbers);
    document("What wires take from a crossbar", &main, &Element::json("circuit", &json), include_str!("theme.js"))
}

/// What is varied, in words.
pub const fn words_of(varied: Varied) -> &'static str {
    match varied {
        Varied::Size => "rows and columns",
        Varied::ColumnLength => "rows of one column",
        Varied::Wire => "ohm per segment",
        Varied::Source => "ohm per source",
        Varied::Sink => "ohm per sink",
        Varied::OnOff => "on/off ratio, random cells",
    }
}
