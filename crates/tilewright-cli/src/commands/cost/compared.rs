//! Our figures beside those of other tools.

use super::tables::number;
use crate::table::{Column, Table, wrap};
use std::fmt::Write;
use tilewright::cost::Cost;
use tilewright::cost::peer::{Comparison, Line};

/// A table a tool, and under it why each line differs.
pub(super) fn text(cost: &Cost, compared: &[Comparison], width: Option<usize>) -> String {
    let mut text = String::new();
    for comparison in compared {
        let Comparison { peer, network, setting, source, lines } = comparison;
        let head = format!("\n{peer}: {setting}\n{source}\n");
        text.push_str(&wrap(&head, width));
        if *network != cost.network {
            let note = format!("These figures are of {network}; ours are of {}.\n", cost.network);
            text.push_str(&wrap(&note, width));
        }
        let _ = write!(text, "\n{}\n", table(peer, lines).render(width));
        for line in lines {
            text.push_str(&wrap(&format!("  {}: {}.\n", name(line), line.difference), width));
        }
    }
    text
}

fn table(peer: &str, lines: &[Line]) -> Table {
    let mut table = Table::new(vec![
        Column::text("line"),
        Column::text("unit"),
        Column::number("ours"),
        Column::number("theirs").under(peer),
        Column::number("ours / theirs"),
    ]);
    for line in lines {
        let ratio = line.ours.map_or("–".into(), |ours| number(ours / line.theirs));
        let unit = line.unit.replace("^2", "²").replace('u', "µ");
        table.row(vec![name(line), unit, line.ours.map_or("–".into(), number), number(line.theirs), ratio]);
    }
    table
}

fn name(line: &Line) -> String {
    let name =
        serde_json::to_value(line.quantity).ok().and_then(|name| name.as_str().map(|name| name.replace('-', " ")));
    name.unwrap_or_default()
}
