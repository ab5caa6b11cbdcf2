//! Several mappings of one network side by side.

use super::layers::{onto, shared};
use super::{Attempt, Mapped};
use crate::table::{Column, Table, percent, thousands, wrap};
use std::fmt::Write;
use tilewright::mapping::MappingError;
use tilewright::network::Network;
use tilewright::report::{Summary, Total};

/// More schemes are compared by their totals alone.
const MOST_SIDE_BY_SIDE: usize = 4;

/// Layer by layer where the terminal is wide enough for that, else scheme by scheme.
pub(super) fn text(attempts: &[Attempt], network: &Network, width: Option<usize>) -> String {
    let mut text = String::new();
    if let Some(mapped) = fitting(attempts).next() {
        let _ = writeln!(text, "{}\n{}\n", network.name, onto(&mapped.mapping.target));
    }
    let by_layer = (attempts.len() <= MOST_SIDE_BY_SIDE).then(|| by_layer(attempts, network));
    let table = by_layer.filter(|table| table.fits(width)).unwrap_or_else(|| by_scheme(attempts));
    text.push_str(&table.render(width));
    text + &wrap(&notes(attempts), width)
}

fn fitting(attempts: &[Attempt]) -> impl Iterator<Item = &Mapped> {
    attempts.iter().filter_map(|attempt| attempt.result.as_ref().ok())
}

fn by_layer(attempts: &[Attempt], network: &Network) -> Table {
    let mut columns = vec![Column::text("layer")];
    for Attempt { scheme, result } in attempts {
        let heading = if result.is_ok() { (*scheme).into() } else { format!("{scheme}: does not fit") };
        columns.push(Column::number("cross-\nbars").under(&heading));
        columns.push(Column::number("acti-\nvations"));
        columns.push(Column::number("cycles"));
    }
    let mut table = Table::new(columns);
    for (place, layer) in network.layers().into_iter().enumerate() {
        let numbers = |summary: &Summary| {
            let layer = &summary.layers[place];
            [layer.crossbars, layer.array_activations, layer.cycles]
        };
        table.row(cells(layer.name, attempts, numbers));
    }
    let numbers = |Summary { total, .. }: &Summary| [total.crossbars, total.array_activations, total.cycles];
    table.total(cells("total".into(), attempts, numbers));
    table
}

fn cells(name: String, attempts: &[Attempt], numbers: impl Fn(&Summary) -> [u64; 3]) -> Vec<String> {
    let of = |attempt: &Attempt| match &attempt.result {
        Ok(mapped) => numbers(&mapped.summary).map(thousands),
        Err(_) => ["–"; 3].map(String::from),
    };
    [name].into_iter().chain(attempts.iter().flat_map(of)).collect()
}

fn by_scheme(attempts: &[Attempt]) -> Table {
    let mut table = Table::new(vec![
        Column::text("scheme"),
        Column::number("crossbars"),
        Column::number("activations"),
        Column::number("cycles"),
        Column::number("slowest layer").hidden_at(2),
        Column::number("utilization").hidden_at(1),
        Column::number("input loads").hidden_at(3),
    ]);
    for Attempt { scheme, result } in attempts {
        let mut cells = vec![String::from(*scheme)];
        match result {
            Ok(Mapped { summary: Summary { total, .. }, .. }) => cells.extend(totals(total)),
            Err(error) => {
                cells.push(verdict(error).into());
                cells.resize(7, String::new());
            }
        }
        table.row(cells);
    }
    table
}

fn totals(total: &Total) -> [String; 6] {
    [
        thousands(total.crossbars),
        thousands(total.array_activations),
        thousands(total.cycles),
        thousands(total.bottleneck_cycles),
        percent(total.utilization),
        thousands(total.input_loads),
    ]
}

const fn verdict(error: &MappingError) -> &'static str {
    match error {
        MappingError::Infeasible { .. } => "not within the limit",
        _ => "does not fit",
    }
}

fn notes(attempts: &[Attempt]) -> String {
    let mut text = String::new();
    for Attempt { scheme, result } in attempts {
        match result {
            Ok(Mapped { summary: Summary { basis, sharing, .. }, .. }) => {
                let notes = basis.reading.map(|reading| format!("{reading}.")).into_iter().chain(sharing.map(shared));
                notes.for_each(|note| text.push_str(&format!("{scheme}: {note}\n")));
            }
            Err(error) => {
                let _ = writeln!(text, "{scheme}: {error}.");
            }
        }
    }
    if text.is_empty() { text } else { format!("\n{text}") }
}
