//! Kernel plans for people: one plan layer by layer, or the front plan by plan.

use crate::output;
use std::fmt::Write;
use tilewright::explore::{KernelOption, Kernels, LayerOptions};
use tilewright::mapping::Target;
use tilewright::report::table::{Column, Document, Kind, Table, Value, counted, thousands};
use tilewright::report::{PlanNumbers, PlanSummary, onto};

/// The table with its title above and its notes below; a spreadsheet gets a row a plan.
pub(super) fn document<'a>(summary: &'a PlanSummary, target: &Target) -> Document<'a> {
    let title = format!("{}, scheme {}", summary.basis.network, summary.basis.scheme);
    let (table, notes) = match (summary.budget, &summary.plans[..]) {
        (Some(budget), [plan]) => (layers(summary, plan), budget_notes(summary, plan, budget)),
        _ => (front(summary), front_notes(summary)),
    };
    Document::new(&title)
        .lines(format!("{title}\n{}\n", onto(target)))
        .table(table)
        .lines(notes)
        .data(plans(summary))
        .json(output::as_json(summary))
}

fn plans(PlanSummary { basis, plans, .. }: &PlanSummary) -> Table {
    let columns = ["network", "scheme", "crossbars", "loss", "ratio", "kernels", "weight_bits", "weight_bits_from"];
    let mut table = Table::new(columns.map(Column::data).into());
    for plan in plans {
        table.row([
            (&basis.network).into(),
            basis.scheme.into(),
            plan.crossbars.into(),
            plan.loss.into(),
            plan.ratio.into(),
            (&plan.kernels).into(),
            basis.weight_bits.into(),
            basis.weight_bits_from.name().into(),
        ]);
    }
    table
}

/// A row a layer, with its options, the crossbars and loss of each, and which was taken.
fn layers(summary: &PlanSummary, plan: &PlanNumbers) -> Table {
    let ranks = 1..=greatest_rank(summary);
    let mut columns = vec![Column::shown(Kind::Words, "layer"), Column::shown(Kind::Whole, "crossbars").under("3D")];
    for kernels in ranks.clone().map(|rank| Kernels::Kernel2d1d { rank }) {
        columns.extend([
            Column::shown(Kind::Whole, "crossbars").under(short(kernels)),
            Column::shown(Kind::Exact, "loss"),
        ]);
    }
    columns.extend([
        Column::shown(Kind::Words, "kernels").under("taken"),
        Column::shown(Kind::Whole, "crossbars"),
        Column::shown(Kind::Exact, "loss"),
    ]);
    let mut table = Table::new(columns);
    for layer in &summary.layers {
        let taken = taken(layer, plan);
        let mut row = vec![(&layer.name).into(), crossbars(layer, Kernels::Kernel3d)];
        for kernels in ranks.clone().map(|rank| Kernels::Kernel2d1d { rank }) {
            row.extend([crossbars(layer, kernels), loss(layer, kernels)]);
        }
        row.extend([short(taken).into(), crossbars(layer, taken), loss(layer, taken)]);
        table.row(row);
    }
    let between = vec![Value::Blank; 2 * ranks.end()];
    let fixed = summary.fixed_crossbars.into();
    table.row([vec!["all others".into(), Value::Blank], between, vec![Value::Blank, fixed, Value::Blank]].concat());
    let mut total = vec!["total".into(), all(summary, Kernels::Kernel3d)];
    total.extend(ranks.flat_map(|rank| [all(summary, Kernels::Kernel2d1d { rank }), Value::Blank]));
    total.extend([Value::Blank, plan.crossbars.into(), number(plan.loss).into()]);
    table.total(total);
    table
}

/// The greatest rank a layer has losses of.
fn greatest_rank(summary: &PlanSummary) -> usize {
    let ranks = summary.layers.iter().flat_map(|layer| &layer.options).map(|option| match option.kernels {
        Kernels::Kernel3d => 1,
        Kernels::Kernel2d1d { rank } => rank,
    });
    ranks.max().unwrap_or(1)
}

fn taken(layer: &LayerOptions, plan: &PlanNumbers) -> Kernels {
    let mut replaced = plan.replaced.iter().zip(&plan.ranks);
    let found = replaced.find(|(name, _)| **name == layer.name);
    found.map_or(Kernels::Kernel3d, |(_, &rank)| Kernels::Kernel2d1d { rank })
}

fn short(kernels: Kernels) -> String {
    match kernels {
        Kernels::Kernel3d => "3D".into(),
        Kernels::Kernel2d1d { rank: 1 } => "2D+1D".into(),
        Kernels::Kernel2d1d { rank } => format!("2D+1D, rank {rank}"),
    }
}

/// Nothing stands for an option that does not fit the crossbar.
fn loss(layer: &LayerOptions, kernels: Kernels) -> Value {
    layer.option(kernels).map(|option| number(option.loss)).into()
}

fn crossbars(layer: &LayerOptions, kernels: Kernels) -> Value {
    layer.option(kernels).map(|option| option.crossbars).into()
}

/// Crossbars of the network with the same kernels everywhere.
fn all(summary: &PlanSummary, kernels: Kernels) -> Value {
    all_crossbars(summary, kernels).into()
}

fn all_crossbars(summary: &PlanSummary, kernels: Kernels) -> Option<u64> {
    summary.layers.iter().try_fold(summary.fixed_crossbars, |sum, layer| {
        let KernelOption { crossbars, .. } = layer.option(kernels)?;
        sum.checked_add(*crossbars)
    })
}

fn budget_notes(summary: &PlanSummary, plan: &PlanNumbers, budget: u64) -> String {
    let mut text = format!(
        "{} of {} replaced: {} of a budget of {}, loss {}. No other choice within the budget loses less.\n",
        plan.replaced.len(),
        counted(summary.layers.len() as u64, "layer"),
        counted(plan.crossbars, "crossbar"),
        thousands(budget),
        number(plan.loss)
    );
    for partner in &plan.ratio_plans {
        let (crossbars, loss) = (counted(partner.crossbars, "crossbar"), number(partner.loss));
        let _ = writeln!(
            text,
            "By ratio within the same budget: --kernels {}, {crossbars}, loss {loss}.",
            rounded(&partner.kernels)
        );
    }
    let _ = writeln!(text, "To map it: --kernels {}", plan.kernels);
    text + &reading(summary)
}

/// `ratio=0.5263157894736842:last` as `ratio=0.526:last`, which for up to 500 layers selects the same.
fn rounded(kernels: &str) -> String {
    let parts = kernels.strip_prefix("ratio=").and_then(|rest| rest.split_once(':'));
    match parts.and_then(|(ratio, rule)| Some((ratio.parse::<f64>().ok()?, rule))) {
        Some((ratio, rule)) => format!("ratio={}:{rule}", (ratio * 1000.0).round() / 1000.0),
        None => kernels.into(),
    }
}

/// A row a plan.
fn front(summary: &PlanSummary) -> Table {
    let mut table = Table::new(vec![
        Column::shown(Kind::Whole, "crossbars"),
        Column::shown(Kind::Share, "fewer").hidden_at(2),
        Column::shown(Kind::Exact, "replaced"),
        Column::shown(Kind::Exact, "loss"),
        Column::shown(Kind::Exact, "best ratio plan").hidden_at(1),
    ]);
    let most = all_crossbars(summary, Kernels::Kernel3d);
    for plan in &summary.plans {
        let fewer = most.map(|most| 1.0 - plan.crossbars as f64 / most as f64);
        let partner = plan.ratio_plans.iter().map(|partner| partner.loss).min_by(f64::total_cmp);
        table.row([
            plan.crossbars.into(),
            fewer.into(),
            plan.replaced.len().into(),
            number(plan.loss).into(),
            partner.map(number).into(),
        ]);
    }
    table
}

fn front_notes(summary: &PlanSummary) -> String {
    format!(
        "{} of {} replaceable layers, one for every budget; none loses less with as many crossbars. The best ratio plan is the \
         least loss of replacing first, last or most-saved layers first within the same crossbars. --budget shows one plan \
         layer by layer, --format json all of them with their layers.\n",
        counted(summary.plans.len() as u64, "plan"),
        summary.layers.len()
    ) + &reading(summary)
}

fn reading(summary: &PlanSummary) -> String {
    summary.basis.reading.map(|reading| format!("Reading: {reading}.\n")).unwrap_or_default()
}

/// A loss to four significant digits, so that columns stay narrow.
fn number(loss: f64) -> String {
    let magnitude = if loss == 0.0 { 0.0 } else { loss.abs().log10().floor() };
    if !(-4.0..6.0).contains(&magnitude) {
        return format!("{loss:.3e}");
    }
    let decimals = (3.0 - magnitude).max(0.0) as usize;
    let text = format!("{loss:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_to_four_digits() {
        let numbers = [0.0, 1.0, -0.25, 0.1 + 0.2, 12.3456, 1234.5, 123_456.0, 0.000_123_456, 0.000_012, 1e7];
        let expected = ["0", "1", "-0.25", "0.3", "12.35", "1234", "123456", "0.0001235", "1.200e-5", "1.000e7"];
        assert_eq!(numbers.map(number), expected);
    }

    #[test]
    fn ratios_are_short_and_select_as_many_layers() {
        assert_eq!(rounded("ratio=0.5263157894736842:last"), "ratio=0.526:last");
        assert_eq!(rounded("ratio=1:first"), "ratio=1:first");
        for layers in 1..=500usize {
            for count in 0..=layers {
                let ratio = (count as f64 / layers as f64 * 1000.0).round() / 1000.0;
                assert_eq!((ratio * layers as f64 + 0.5).floor() as usize, count, "{count} of {layers}");
            }
        }
    }
}
