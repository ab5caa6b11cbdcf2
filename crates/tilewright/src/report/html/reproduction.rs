//! A paper reproduced: its claims, our counts and measurements, the curves.

use super::table::{Column, table};
use super::trained::{figures, lost, rates, recipe_list};
use super::{document, titled, top};
use crate::mapping::SubImageWindow;
use crate::report::markup::Element;
use crate::report::number::{grouped, percent, size};
use crate::report::reproduction::Oh2023;

/// The page of Oh, An, Min 2023 as HTML.
///
/// # Panics
/// Never: a reproduction always has a JSON form.
pub fn reproduction(oh2023: &Oh2023) -> String {
    let json = serde_json::to_string(oh2023).expect("a reproduction has a JSON form");
    let main = Element::new("main")
        .child(&header(oh2023))
        .child(&claims(oh2023))
        .child(&recognition(oh2023))
        .child(&counts(oh2023))
        .child(&overlaps(oh2023));
    let title = "Oh, An, Min 2023, reproduced";
    document(title, &main, &Element::json("reproduction", &json), include_str!("theme.js"))
}

fn header(oh2023: &Oh2023) -> Element {
    let note = |words: &str| Element::new("p").class("note").text(words);
    let citation = "Oh, An, Min: Area-Efficient Mapping of Convolutional Neural Networks to Memristor Crossbars Using Sub-Image \
                    Partitioning. Micromachines 14(2):309, 2023.";
    Element::new("header")
        .child(&top("reproduction"))
        .child(&Element::new("h1").text("Fewer crossbars by 2D+1D kernels"))
        .child(&Element::new("p").class("lead").text(citation))
        .child(&note(oh2023.reading))
        .child(&note(oh2023.unknown))
}

fn claims(oh2023: &Oh2023) -> Element {
    let columns = [
        Column::Words("claim"),
        Column::Words("paper"),
        Column::Number("3D"),
        Column::Number("replaced"),
        Column::Number("fewer"),
    ];
    let crossbars = oh2023.claims.iter().map(|claim| {
        let [of_3d, of_replaced] = [claim.crossbars_3d, claim.crossbars].map(grouped);
        vec![claim.statement.into(), claim.paper.into(), of_3d, of_replaced, percent(1.0 - claim.fraction)]
    });
    let rate_columns = [
        Column::Words("claim"),
        Column::Words("paper"),
        Column::Words("measured on"),
        Column::Number("points lost"),
        Column::Words("training"),
    ];
    let rates = oh2023.rate_claims.iter().map(|claim| {
        let measured = if claim.lost.is_some() { lost(claim.lost) } else { "not trained yet".into() };
        let on = claim.trained.as_ref().unwrap_or(&claim.network);
        let training = claim.lost.map_or("", |lost| lost.training());
        vec![claim.statement.into(), claim.paper.into(), on.clone(), measured, training.into()]
    });
    let lead = "What the paper states on CIFAR-10, and what we count on ResNet-20 and measure on our own networks.";
    titled("claims", "The claims", lead).child(&table("claims on crossbars", &columns, crossbars)).child(&table(
        "claims on recognition",
        &rate_columns,
        rates,
    ))
}

fn recognition(oh2023: &Oh2023) -> Element {
    let lead = "Networks trained with 3D, 2D+1D and mixed kernels: test images recognised, and unit crossbars of all 3×3 layers.";
    let section =
        titled("rates", "Recognition against crossbars", lead).children(figures(&oh2023.rates, &oh2023.curves));
    let section = if oh2023.rates.is_empty() {
        section
    } else {
        section.child(&rates(&oh2023.rates)).child(&recipe_list(&oh2023.rates))
    };
    if oh2023.missing.is_empty() {
        return section;
    }
    let columns = [Column::Words("not trained yet"), Column::Words("what trains it, the seed apart")];
    let rows = oh2023.missing.iter().map(|missing| vec![missing.name.clone(), missing.command.clone()]);
    section.child(&table("networks not trained yet", &columns, rows))
}

fn counts(oh2023: &Oh2023) -> Element {
    let columns = [
        Column::Words("network"),
        Column::Words("crossbar"),
        Column::Words("window"),
        Column::Words("kernels"),
        Column::Number("ratio"),
        Column::Number("crossbars"),
        Column::Number("fewer"),
    ];
    let rows = oh2023.counts.iter().map(|count| {
        let window = match count.window {
            SubImageWindow::Largest => "largest".to_owned(),
            SubImageWindow::Best => "best".to_owned(),
            SubImageWindow::Side(side) => side.to_string(),
        };
        vec![
            count.network.into(),
            count.crossbar.to_string(),
            window,
            count.kernels.clone(),
            format!("{:.2}", count.ratio),
            grouped(count.crossbars),
            percent(count.reduction),
        ]
    });
    let lead = "All 3×3 layers, by kernels. With the largest window, the paper’s reading, a crossbar holds one input and one \
                output channel; with the best one, as many as fit, and 3D kernels need far fewer.";
    titled("counts", "Crossbars by kernels", lead).child(&table("crossbars by kernels", &columns, rows))
}

fn overlaps(oh2023: &Oh2023) -> Element {
    let columns = [
        Column::Words("network"),
        Column::Words("crossbar"),
        Column::Words("kernels"),
        Column::Number("layers"),
        Column::Words("windows"),
        Column::Number("overlap of a window"),
        Column::Number("input loads"),
        Column::Number("of them halo"),
        Column::Number("overhead"),
    ];
    let rows = oh2023.kind_overlaps.iter().map(|overlap| {
        let windows: Vec<String> = overlap.windows.iter().map(|&window| size(window)).collect();
        let [least, greatest] = overlap.of_a_window.map(percent);
        vec![
            overlap.network.into(),
            overlap.crossbar.to_string(),
            overlap.kind.into(),
            overlap.layers.to_string(),
            windows.join(", "),
            if least == greatest { least } else { format!("{least} … {greatest}") },
            grouped(overlap.input_loads),
            grouped(overlap.halo_loads),
            percent(overlap.overhead),
        ]
    });
    let closed = oh2023.overlaps.iter().map(|overlap| format!("m = {}: {}", overlap.window, percent(overlap.overhead)));
    let closed = format!("In closed form, ((m+2)² − m²) / m²: {}.", closed.collect::<Vec<_>>().join(", "));
    let lead = "Neighbouring sub-images share a halo, which is driven again for each. Strided layers have smaller windows; 1D \
                kernels have no halo.";
    titled("overlaps", "What the overlap costs", lead)
        .child(&table("overlap by kernels", &columns, rows))
        .child(&Element::new("p").class("note").text(closed))
}
