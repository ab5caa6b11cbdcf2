//! Our figures beside those of other tools.

use crate::cost::Cost;
use crate::cost::peer::{Comparison, Line};
use crate::report::table::{Column, Document, Kind, Table, Value};

/// A table a tool, and under it why each line differs.
pub(super) fn parts<'a>(mut document: Document<'a>, cost: &Cost, compared: &[Comparison]) -> Document<'a> {
    for Comparison { peer, network, setting, source, lines } in compared {
        let mut head = format!("{peer}: {setting}\n{source}\n");
        if *network != cost.network {
            head.push_str(&format!("These figures are of {network}; ours are of {}.\n", cost.network));
        }
        let why: String = lines.iter().map(|line| format!("  {}: {}.\n", name(line), line.difference)).collect();
        document = document.lines(head).table(table(peer, lines)).lines(why);
    }
    document
}

fn table(peer: &str, lines: &[Line]) -> Table {
    let mut table = Table::new(vec![
        Column::shown(Kind::Words, "line"),
        Column::shown(Kind::Words, "unit"),
        Column::shown(Kind::Quantity, "ours"),
        Column::shown(Kind::Quantity, "theirs").under(peer),
        Column::shown(Kind::Quantity, "ours / theirs"),
    ]);
    for line in lines {
        let unit = line.unit.replace("^2", "²").replace('u', "µ");
        let ratio = line.ours.map(|ours| ours / line.theirs);
        table.row([name(line).into(), unit.into(), line.ours.into(), Value::Number(line.theirs), ratio.into()]);
    }
    table
}

fn name(line: &Line) -> String {
    let name =
        serde_json::to_value(line.quantity).ok().and_then(|name| name.as_str().map(|name| name.replace('-', " ")));
    name.unwrap_or_default()
}
