//! Several mappings of one network side by side.

use super::Attempt;
use std::fmt::Write;
use tilewright::mapping::MappingError;
use tilewright::network::Network;
use tilewright::report::table::{Column, Document, Kind, Table, Value};
use tilewright::report::{Mapped, Summary, Total, onto, shared};

/// More schemes are compared by their totals alone.
const MOST_SIDE_BY_SIDE: usize = 4;

/// Layer by layer where the terminal is wide enough for that, else scheme by scheme; a spreadsheet gets every layer.
pub(super) fn document<'a>(attempts: &'a [Attempt], network: &Network, width: Option<usize>) -> Document<'a> {
    let title = fitting(attempts).next().map(|mapped| format!("{}\n{}\n", network.name, onto(&mapped.mapping.target)));
    let by_layer = (attempts.len() <= MOST_SIDE_BY_SIDE).then(|| by_layer(attempts, network));
    Document::new(&network.name)
        .lines(title.unwrap_or_default())
        .table(by_layer.filter(|table| table.fits(width)).unwrap_or_else(|| by_scheme(attempts)))
        .lines(notes(attempts))
        .data(Mapped::layers(fitting(attempts)))
}

fn fitting(attempts: &[Attempt]) -> impl Iterator<Item = &Mapped> {
    attempts.iter().filter_map(|attempt| attempt.result.as_ref().ok())
}

fn by_layer(attempts: &[Attempt], network: &Network) -> Table {
    let mut columns = vec![Column::shown(Kind::Words, "layer")];
    for Attempt { scheme, result } in attempts {
        let heading = if result.is_ok() { (*scheme).into() } else { format!("{scheme}: does not fit") };
        columns.push(Column::shown(Kind::Whole, "cross-\nbars").under(heading));
        columns.push(Column::shown(Kind::Whole, "acti-\nvations"));
        columns.push(Column::shown(Kind::Whole, "cycles"));
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

fn cells(name: String, attempts: &[Attempt], numbers: impl Fn(&Summary) -> [u64; 3]) -> Vec<Value> {
    let of = |attempt: &Attempt| match &attempt.result {
        Ok(mapped) => numbers(&mapped.summary).map(Value::from),
        Err(_) => [const { Value::Missing }; 3],
    };
    [name.into()].into_iter().chain(attempts.iter().flat_map(of)).collect()
}

fn by_scheme(attempts: &[Attempt]) -> Table {
    let mut table = Table::new(vec![
        Column::shown(Kind::Words, "scheme"),
        Column::shown(Kind::Whole, "crossbars"),
        Column::shown(Kind::Whole, "activations"),
        Column::shown(Kind::Whole, "cycles"),
        Column::shown(Kind::Whole, "slowest layer").hidden_at(2),
        Column::shown(Kind::Share, "utilization").hidden_at(1),
        Column::shown(Kind::Whole, "input loads").hidden_at(3),
    ]);
    for Attempt { scheme, result } in attempts {
        let mut cells = vec![Value::from(*scheme)];
        match result {
            Ok(Mapped { summary: Summary { total, .. }, .. }) => cells.extend(totals(total)),
            Err(error) => {
                cells.push(verdict(error).into());
                cells.resize(7, Value::Blank);
            }
        }
        table.row(cells);
    }
    table
}

fn totals(total: &Total) -> [Value; 6] {
    [
        total.crossbars.into(),
        total.array_activations.into(),
        total.cycles.into(),
        total.bottleneck_cycles.into(),
        total.utilization.into(),
        total.input_loads.into(),
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
    text
}
