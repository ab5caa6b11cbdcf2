//! Where numbers are from, as text.

use std::fmt::Write;
use tilewright::cost::{Explanation, Origin, Status};
use tilewright::hardware::Design;
use tilewright::report::table::number;

/// Every part with what it costs and every constant behind it.
pub(super) fn text(chip: &Design, explained: &[Explanation]) -> String {
    let mut text = format!("Design {} at {} nm: {}\n", chip.name, chip.node_nm, chip.about);
    for part in explained {
        let _ = writeln!(text, "\n{}: {}", part.part, part.what);
        if part.area_um2 > 0.0 {
            let _ = writeln!(text, "  {} × {} µm²", number(part.units), number(part.area_um2 / part.units.max(1.0)));
        }
        part.energies.iter().for_each(|(event, energy)| {
            let _ = writeln!(text, "  {} pJ for each {event}", number(*energy));
        });
        part.origins.iter().for_each(|origin| text.push_str(&constant(origin)));
    }
    text
}

fn constant(origin: &Origin) -> String {
    let Origin { id, constant, file, used, used_unit, rule } = origin;
    let used = match rule.as_str() {
        "" => String::new(),
        rule => format!(" → {} {used_unit} ({rule})", number(*used)),
    };
    let node = constant.node_nm.map_or(String::new(), |node| format!(" at {node} nm"));
    let status = match constant.status {
        Status::Read => "read",
        Status::Derived => "derived",
        Status::Measured => "measured",
        Status::Fitted => "fitted",
        Status::Checked => "from memory, checked by sums",
        Status::Recalled => "from memory",
        Status::Assumed => "assumed",
    };
    let conditions = if constant.conditions.is_empty() { String::new() } else { format!("; {}", constant.conditions) };
    format!(
        "  {id} = {} {}{node}{used}\n      {status}{conditions}\n      {} ({file})\n",
        constant.value, constant.unit, constant.source
    )
}
