//! The reproduction as tables for people.

use super::retrain::command_of;
use crate::output;
use tilewright::mapping::SubImageWindow;
use tilewright::report::html::reproduction;
use tilewright::report::recognition::{self, Loss, RatePoint, SIDES};
use tilewright::report::reproduction::{KernelCount, Oh2023};
use tilewright::report::table::{Column, Document, Kind, Table, Value, percent};

/// All of it for people; for spreadsheets the counts and the rates.
pub(super) fn document(counted: &Oh2023) -> Document<'_> {
    let mut document = Document::new("Oh, An, Min 2023, reproduced")
        .lines("Oh, An, Min, Micromachines 14(2):309, 2023: the claims, and what we count\n")
        .table(claims(counted))
        .lines("The claims on recognition, and what we measured\n")
        .table(rate_claims(counted));
    if !counted.rates.is_empty() {
        document = document
            .lines("Recognition rates and crossbars of all 3×3 layers\n")
            .table(rates(counted))
            .lines(recipes(counted));
    }
    document
        .lines(missing(counted))
        .lines("Crossbars of all 3×3 layers by kernels\n")
        .table(counts(counted))
        .lines("Overlap of m×m windows under a 3×3 kernel\n")
        .table(overlaps(counted))
        .lines("Overlap by kernels, under the rule\n")
        .table(kind_overlaps(counted))
        .lines(format!("Reading: {}\n", counted.reading))
        .lines(format!("Rates: {}\n", counted.unknown))
        .data(data(counted))
        .json(output::as_json(counted))
        .page(|| reproduction(counted))
}

/// The counts, then a row for every trained network and crossbar; each leaves empty what it does not have.
fn data(counted: &Oh2023) -> Table {
    let counts = ["network", "rows", "columns", "window", "kernels", "ratio", "crossbars", "reduction"];
    let rates = ["trained", "rate", "rate_deviation", "rate_low", "rate_high", "seeds", "points_lost"];
    let training = ["points_lost_error", "equal_training", "recipe"];
    let columns = counts.into_iter().chain(rates).chain(training);
    let mut table = Table::new(columns.map(Column::data).collect());
    for count in &counted.counts {
        let KernelCount { network, crossbar, kernels, ratio, crossbars, reduction, .. } = count;
        let values: [Value; 8] = [
            (*network).into(),
            crossbar.rows.into(),
            crossbar.columns.into(),
            window(count.window).into(),
            kernels.into(),
            (*ratio).into(),
            (*crossbars).into(),
            (*reduction).into(),
        ];
        table.row(values.into_iter().chain([const { Value::Missing }; 10]));
    }
    for point in &counted.rates {
        for (side, crossbars) in SIDES.into_iter().zip(point.crossbars) {
            table.row(measured(point, side, crossbars));
        }
    }
    table
}

fn measured(point: &RatePoint, side: usize, crossbars: u64) -> [Value; 18] {
    let RatePoint { name, network, kernels, recipe, ratio, rate, interval, lost, .. } = point;
    [
        network.into(),
        side.into(),
        side.into(),
        "largest".into(),
        kernels.into(),
        (*ratio).into(),
        crossbars.into(),
        Value::Missing,
        name.into(),
        rate.mean.into(),
        rate.deviation.into(),
        interval.map(|[low, _]| low).into(),
        interval.map(|[_, high]| high).into(),
        rate.seeds.into(),
        lost.map(|lost| lost.points).into(),
        lost.and_then(|lost| lost.standard_error).into(),
        lost.map(|lost| lost.equal_training.to_string()).into(),
        recipe.into(),
    ]
}

fn claims(counted: &Oh2023) -> Table {
    let mut table = Table::new(vec![
        Column::shown(Kind::Words, "claim"),
        Column::shown(Kind::Words, "paper"),
        Column::shown(Kind::Whole, "3D"),
        Column::shown(Kind::Whole, "replaced"),
        Column::shown(Kind::Share, "fewer"),
    ]);
    for claim in &counted.claims {
        table.row([
            claim.statement.into(),
            claim.paper.into(),
            claim.crossbars_3d.into(),
            claim.crossbars.into(),
            (1.0 - claim.fraction).into(),
        ]);
    }
    table
}

fn counts(counted: &Oh2023) -> Table {
    let mut table = Table::new(vec![
        Column::shown(Kind::Words, "network"),
        Column::shown(Kind::Words, "crossbar"),
        Column::shown(Kind::Words, "window"),
        Column::shown(Kind::Words, "kernels"),
        Column::shown(Kind::Fixed(2), "ratio"),
        Column::shown(Kind::Whole, "crossbars"),
        Column::shown(Kind::Share, "fewer"),
    ]);
    for count in &counted.counts {
        table.row([
            count.network.into(),
            count.crossbar.to_string().into(),
            window(count.window).into(),
            (&count.kernels).into(),
            count.ratio.into(),
            count.crossbars.into(),
            count.reduction.into(),
        ]);
    }
    table
}

fn overlaps(counted: &Oh2023) -> Table {
    let mut table = Table::new(vec![Column::shown(Kind::Exact, "m"), Column::shown(Kind::Fixed(4), "overlap")]);
    for overlap in &counted.overlaps {
        table.row([overlap.window.into(), overlap.overhead.into()]);
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
        Column::shown(Kind::Words, "claim"),
        Column::shown(Kind::Words, "paper"),
        Column::shown(Kind::Words, "measured on"),
        Column::shown(Kind::Exact, "points lost"),
        Column::shown(Kind::Words, "training"),
    ]);
    for claim in &counted.rate_claims {
        let measured = if claim.lost.is_some() { lost(claim.lost) } else { "not trained yet".into() };
        let on = claim.trained.as_ref().unwrap_or(&claim.network);
        let training = claim.lost.map_or("", |lost| lost.training());
        table.row([claim.statement.into(), claim.paper.into(), on.into(), measured.into(), training.into()]);
    }
    table
}

fn rates(counted: &Oh2023) -> Table {
    let mut table = Table::new(vec![
        Column::shown(Kind::Words, "trained network"),
        Column::shown(Kind::Words, "2D+1D"),
        Column::shown(Kind::Fixed(2), "ratio"),
        Column::shown(Kind::Whole, "128×128").under("crossbars"),
        Column::shown(Kind::Whole, "256×256"),
        Column::shown(Kind::Exact, "recognised"),
        Column::shown(Kind::Exact, "seeds"),
        Column::shown(Kind::Exact, "points lost"),
        Column::shown(Kind::Exact, "recipe"),
    ]);
    let recipes = recognition::recipes(&counted.rates);
    for point in &counted.rates {
        let [of_128, of_256] = point.crossbars.map(Value::from);
        table.row([
            (&point.name).into(),
            point.plan().into(),
            point.ratio.into(),
            of_128,
            of_256,
            rate(point).into(),
            point.rate.seeds.into(),
            lost(point.lost).into(),
            recipes
                .iter()
                .position(|recipe| *recipe == point.recipe)
                .map_or(Value::Blank, |place| number(place).into()),
        ]);
    }
    table
}

/// The recipes by the numbers of the table.
fn recipes(counted: &Oh2023) -> String {
    let lead = "Recipes: what follows python -m tilewright.train NETWORK --kernels KERNELS --seed SEED\n";
    let recipes = recognition::recipes(&counted.rates).into_iter().enumerate();
    let lines = recipes.map(|(place, recipe)| format!("  {}: {recipe}\n", number(place)));
    [lead.to_owned()].into_iter().chain(lines).collect()
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
fn missing(counted: &Oh2023) -> String {
    if counted.missing.is_empty() {
        return String::new();
    }
    let lead = "Not trained yet; --retrain trains them by these commands, or a card of the trained zoo brings them:\n";
    let commands = counted.missing.iter().map(|missing| format!("  {}\n", command_of(missing)));
    [lead.to_owned()].into_iter().chain(commands).collect()
}

fn kind_overlaps(counted: &Oh2023) -> Table {
    let mut table = Table::new(vec![
        Column::shown(Kind::Words, "network"),
        Column::shown(Kind::Words, "crossbar"),
        Column::shown(Kind::Words, "kernels"),
        Column::shown(Kind::Exact, "layers"),
        Column::shown(Kind::Words, "windows").hidden_at(1),
        Column::shown(Kind::Exact, "of a window"),
        Column::shown(Kind::Whole, "input loads"),
        Column::shown(Kind::Whole, "of them halo"),
        Column::shown(Kind::Share, "overhead"),
    ]);
    for overlap in &counted.kind_overlaps {
        let windows: Vec<String> = overlap.windows.iter().map(|[height, width]| format!("{height}×{width}")).collect();
        let [least, greatest] = overlap.of_a_window.map(percent);
        table.row([
            overlap.network.into(),
            overlap.crossbar.to_string().into(),
            overlap.kind.into(),
            overlap.layers.into(),
            windows.join(", ").into(),
            if least == greatest { least } else { format!("{least}…{greatest}") }.into(),
            overlap.input_loads.into(),
            overlap.halo_loads.into(),
            overlap.overhead.into(),
        ]);
    }
    table
}
