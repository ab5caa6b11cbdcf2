//! A paper reproduced: its claims, our counts and measurements, the curves.

use super::trained::{figures, lost, rates, recipe_list};
use super::{SCRIPT, document, titled, top};
use crate::mapping::SubImageWindow;
use crate::report::markup::Element;
use crate::report::number::{percent, size};
use crate::report::reproduction::{Missing, Oh2023};
use crate::report::table::{Column, Kind, Table, scrolling};

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
    document(title, &main, &Element::json("reproduction", &json), SCRIPT)
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
    let mut crossbars = Table::new(vec![
        Column::shown(Kind::Words, "claim"),
        Column::shown(Kind::Words, "paper"),
        Column::shown(Kind::Whole, "3D"),
        Column::shown(Kind::Whole, "replaced"),
        Column::shown(Kind::Share, "fewer"),
    ]);
    for claim in &oh2023.claims {
        let counts = [claim.crossbars_3d, claim.crossbars].map(Into::into);
        let words = [claim.statement, claim.paper].map(Into::into);
        crossbars.row(words.into_iter().chain(counts).chain([(1.0 - claim.fraction).into()]));
    }
    let mut rates = Table::new(vec![
        Column::shown(Kind::Words, "claim"),
        Column::shown(Kind::Words, "paper"),
        Column::shown(Kind::Words, "measured on"),
        Column::shown(Kind::Exact, "points lost"),
        Column::shown(Kind::Words, "training"),
    ]);
    for claim in &oh2023.rate_claims {
        let measured = if claim.lost.is_some() { lost(claim.lost) } else { "not trained yet".into() };
        let on = claim.trained.as_ref().unwrap_or(&claim.network);
        let training = claim.lost.map_or("", |lost| lost.training());
        rates.row([claim.statement.into(), claim.paper.into(), on.into(), measured.into(), training.into()]);
    }
    let lead = "What the paper states on CIFAR-10, and what we count on ResNet-20 and measure on our own networks.";
    titled("claims", "The claims", lead)
        .child(&scrolling(&crossbars.captioned("claims on crossbars")))
        .child(&scrolling(&rates.captioned("claims on recognition")))
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
    let titles = ["not trained yet", "network", "kernels"];
    let mut table = Table::new(titles.map(|title| Column::shown(Kind::Words, title)).into());
    for Missing { name, network, kernels } in &oh2023.missing {
        table.row([name, network, kernels].map(Into::into));
    }
    section.child(&scrolling(&table.captioned("networks not trained yet")))
}

fn counts(oh2023: &Oh2023) -> Element {
    let mut table = Table::new(vec![
        Column::shown(Kind::Words, "network"),
        Column::shown(Kind::Words, "crossbar"),
        Column::shown(Kind::Words, "window"),
        Column::shown(Kind::Words, "kernels"),
        Column::shown(Kind::Fixed(2), "ratio"),
        Column::shown(Kind::Whole, "crossbars"),
        Column::shown(Kind::Share, "fewer"),
    ]);
    for count in &oh2023.counts {
        let window = match count.window {
            SubImageWindow::Largest => "largest".to_owned(),
            SubImageWindow::Best => "best".to_owned(),
            SubImageWindow::Side(side) => side.to_string(),
        };
        table.row([
            count.network.into(),
            count.crossbar.to_string().into(),
            window.into(),
            (&count.kernels).into(),
            count.ratio.into(),
            count.crossbars.into(),
            count.reduction.into(),
        ]);
    }
    let lead = "All 3×3 layers, by kernels. With the largest window, the paper’s reading, a crossbar holds one input and one \
                output channel; with the best one, as many as fit, and 3D kernels need far fewer.";
    titled("counts", "Crossbars by kernels", lead).child(&scrolling(&table.captioned("crossbars by kernels")))
}

fn overlaps(oh2023: &Oh2023) -> Element {
    let mut table = Table::new(vec![
        Column::shown(Kind::Words, "network"),
        Column::shown(Kind::Words, "crossbar"),
        Column::shown(Kind::Words, "kernels"),
        Column::shown(Kind::Exact, "layers"),
        Column::shown(Kind::Words, "windows"),
        Column::shown(Kind::Exact, "overlap of a window"),
        Column::shown(Kind::Whole, "input loads"),
        Column::shown(Kind::Whole, "of them halo"),
        Column::shown(Kind::Share, "overhead"),
    ]);
    for overlap in &oh2023.kind_overlaps {
        let windows: Vec<String> = overlap.windows.iter().map(|&window| size(window)).collect();
        let [least, greatest] = overlap.of_a_window.map(percent);
        table.row([
            overlap.network.into(),
            overlap.crossbar.to_string().into(),
            overlap.kind.into(),
            overlap.layers.into(),
            windows.join(", ").into(),
            if least == greatest { least } else { format!("{least} … {greatest}") }.into(),
            overlap.input_loads.into(),
            overlap.halo_loads.into(),
            overlap.overhead.into(),
        ]);
    }
    let closed = oh2023.overlaps.iter().map(|overlap| format!("m = {}: {}", overlap.window, percent(overlap.overhead)));
    let closed = format!("In closed form, ((m+2)² − m²) / m²: {}.", closed.collect::<Vec<_>>().join(", "));
    let lead = "Neighbouring sub-images share a halo, which is driven again for each. Strided layers have smaller windows; 1D \
                kernels have no halo.";
    titled("overlaps", "What the overlap costs", lead)
        .child(&scrolling(&table.captioned("overlap by kernels")))
        .child(&Element::new("p").class("note").text(closed))
}
