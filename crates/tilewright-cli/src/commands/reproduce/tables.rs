//! The reproduction as tables for people.

use crate::table::{Column, Table, percent, thousands, wrap};
use tilewright::mapping::SubImageWindow;
use tilewright::report::recognition::{self, Loss, RatePoint};
use tilewright::report::reproduction::Oh2023;

/// All of it, for people.
pub(super) fn text(counted: &Oh2023, width: Option<usize>) -> String {
    let rates = if counted.rates.is_empty() {
        String::new()
    } else {
        let table = rates(counted).render(width);
        format!("Recognition rates and crossbars of all 3×3 layers\n\n{table}\n{}", recipes(counted, width))
    };
    let parts = [
        "Oh, An, Min, Micromachines 14(2):309, 2023: the claims, and what we count\n".into(),
        claims(counted).render(width),
        "The claims on recognition, and what we measured\n".into(),
        rate_claims(counted).render(width),
        rates,
        missing(counted, width),
        "Crossbars of all 3×3 layers by kernels\n".into(),
        counts(counted).render(width),
        "Overlap of m×m windows under a 3×3 kernel\n".into(),
        overlaps(counted).render(width),
        "Overlap by kernels, under the rule\n".into(),
        kind_overlaps(counted).render(width),
        wrap(&format!("Reading: {}\n", counted.reading), width),
        wrap(&format!("Rates: {}\n", counted.unknown), width),
    ];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

fn claims(counted: &Oh2023) -> Table {
    let mut table = Table::new(vec![
        Column::text("claim"),
        Column::text("paper"),
        Column::number("3D"),
        Column::number("replaced"),
        Column::number("fewer"),
    ]);
    for claim in &counted.claims {
        table.row(vec![
            claim.statement.into(),
            claim.paper.into(),
            thousands(claim.crossbars_3d),
            thousands(claim.crossbars),
            percent(1.0 - claim.fraction),
        ]);
    }
    table
}

fn counts(counted: &Oh2023) -> Table {
    let mut table = Table::new(vec![
        Column::text("network"),
        Column::text("crossbar"),
        Column::text("window"),
        Column::text("kernels"),
        Column::number("ratio"),
        Column::number("crossbars"),
        Column::number("fewer"),
    ]);
    for count in &counted.counts {
        table.row(vec![
            count.network.into(),
            count.crossbar.to_string(),
            window(count.window),
            count.kernels.clone(),
            format!("{:.2}", count.ratio),
            thousands(count.crossbars),
            percent(count.reduction),
        ]);
    }
    table
}

fn overlaps(counted: &Oh2023) -> Table {
    let mut table = Table::new(vec![Column::number("m"), Column::number("overlap")]);
    for overlap in &counted.overlaps {
        table.row(vec![overlap.window.to_string(), format!("{:.4}", overlap.overhead)]);
    }
    table
}

/// The window rule as `--window` takes it.
pub(super) fn window(window: SubImageWindow) -> String {
    match window {
        SubImageWindow::Largest => "largest".into(),
        SubImageWindow::Best => "best".into(),
        SubImageWindow::Side(side) => side.to_string(),
    }
}

fn rate_claims(counted: &Oh2023) -> Table {
    let mut table = Table::new(vec![
        Column::text("claim"),
        Column::text("paper"),
        Column::text("measured on"),
        Column::number("points lost"),
        Column::text("training"),
    ]);
    for claim in &counted.rate_claims {
        let measured = if claim.lost.is_some() { lost(claim.lost) } else { "not trained yet".into() };
        let on = claim.trained.as_ref().unwrap_or(&claim.network);
        let training = claim.lost.map_or("", |lost| lost.training());
        table.row(vec![claim.statement.into(), claim.paper.into(), on.clone(), measured, training.into()]);
    }
    table
}

fn rates(counted: &Oh2023) -> Table {
    let mut table = Table::new(vec![
        Column::text("trained network"),
        Column::text("2D+1D"),
        Column::number("ratio"),
        Column::number("128×128").under("crossbars"),
        Column::number("256×256"),
        Column::number("recognised"),
        Column::number("seeds"),
        Column::number("points lost"),
        Column::number("recipe"),
    ]);
    let recipes = recognition::recipes(&counted.rates);
    for point in &counted.rates {
        let [of_128, of_256] = point.crossbars.map(thousands);
        table.row(vec![
            point.name.clone(),
            point.plan(),
            format!("{:.2}", point.ratio),
            of_128,
            of_256,
            rate(point),
            point.rate.seeds.to_string(),
            lost(point.lost),
            recipes.iter().position(|recipe| *recipe == point.recipe).map_or(String::new(), number),
        ]);
    }
    table
}

/// The recipes by the numbers of the table.
fn recipes(counted: &Oh2023, width: Option<usize>) -> String {
    let lead = "Recipes: what follows python -m tilewright.train NETWORK --kernels KERNELS --seed SEED\n";
    let recipes = recognition::recipes(&counted.rates).into_iter().enumerate();
    let lines = recipes.map(|(place, recipe)| wrap(&format!("  {}: {recipe}\n", number(place)), width));
    [wrap(lead, width)].into_iter().chain(lines).collect()
}

/// What a recipe of this place is called.
fn number(place: usize) -> String {
    (place + 1).to_string()
}

/// `91.23 ± 0.12%`, or with the interval of a single seed.
fn rate(point: &RatePoint) -> String {
    let mean = 100.0 * point.rate.mean;
    match (point.rate.deviation, point.interval) {
        (Some(deviation), _) => format!("{mean:.2} ± {:.2}%", 100.0 * deviation),
        (None, Some([low, high])) => format!("{mean:.2}% ({:.2}…{:.2})", 100.0 * low, 100.0 * high),
        (None, None) => format!("{mean:.2}%"),
    }
}

/// `1.20 ± 0.15`, or nothing.
fn lost(loss: Option<Loss>) -> String {
    let error = |loss: &Loss| loss.standard_error.map_or(String::new(), |error| format!(" ± {error:.2}"));
    loss.map_or(String::new(), |loss| format!("{:.2}{}", loss.points, error(&loss)))
}

/// Which rows are not there and how to get them; nothing if all are.
fn missing(counted: &Oh2023, width: Option<usize>) -> String {
    if counted.missing.is_empty() {
        return String::new();
    }
    let lead = "Not trained yet; --retrain trains them by these commands, or a card of the trained zoo brings them:\n";
    let commands = counted.missing.iter().map(|missing| format!("  {}\n", missing.command));
    [wrap(lead, width)].into_iter().chain(commands).collect()
}

fn kind_overlaps(counted: &Oh2023) -> Table {
    let mut table = Table::new(vec![
        Column::text("network"),
        Column::text("crossbar"),
        Column::text("kernels"),
        Column::number("layers"),
        Column::text("windows").hidden_at(1),
        Column::number("of a window"),
        Column::number("input loads"),
        Column::number("of them halo"),
        Column::number("overhead"),
    ]);
    for overlap in &counted.kind_overlaps {
        let windows: Vec<String> = overlap.windows.iter().map(|[height, width]| format!("{height}×{width}")).collect();
        let [least, greatest] = overlap.of_a_window.map(percent);
        table.row(vec![
            overlap.network.into(),
            overlap.crossbar.to_string(),
            overlap.kind.into(),
            overlap.layers.to_string(),
            windows.join(", "),
            if least == greatest { least } else { format!("{least}…{greatest}") },
            thousands(overlap.input_loads),
            thousands(overlap.halo_loads),
            percent(overlap.overhead),
        ]);
    }
    table
}
