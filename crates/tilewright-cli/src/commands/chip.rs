//! `chip`: the built-in chips.

use crate::args::cost::ChipCommandArgs;
use crate::{Outcome, output};
use anyhow::Result;
use tilewright::cost::chip::{PRESETS, preset_text};
use tilewright::report::ChipSummary;
use tilewright::report::table::{Column, Document, Kind, Table, Value};

/// Lists all presets, or one; as a table one is the file itself.
pub(crate) fn run(args: &ChipCommandArgs) -> Result<Outcome> {
    let presets = match &args.name {
        Some(name) => vec![(name.as_str(), preset_text(name)?)],
        None => PRESETS.to_vec(),
    };
    let listed = presets.iter().map(|(name, _)| ChipSummary::preset(name)).collect::<Result<Vec<_>, _>>()?;
    if args.name.is_some() && args.output.format.name == "table" {
        output::write(&args.output.output, |to| Ok(to.write_all(presets[0].1.as_bytes())?))?;
        return Ok(Outcome::Done);
    }
    let abouts: String = listed.iter().map(|chip| format!("{}: {}.\n", chip.name, chip.about)).collect();
    let note = "At full work; a chip without a number of tiles has one here. `tilewright chip NAME` prints its file.\n";
    let document = Document::new("Chips").table(table(&listed)).lines(abouts).lines(note).data(units(&listed));
    output::result(&args.output, &document.json(output::as_json(&listed)))?;
    Ok(Outcome::Done)
}

/// A row a unit of every chip, for spreadsheets.
fn units(listed: &[ChipSummary]) -> Table {
    let mut table = Table::new(["name", "node_nm", "unit", "area_mm2", "power_mw"].map(Column::data).into());
    for chip in listed {
        for unit in &chip.datasheet.units {
            let numbers = [unit.area_mm2, unit.power_mw].map(Value::from);
            table.row([(&chip.name).into(), chip.node_nm.into(), unit.level.into()].into_iter().chain(numbers));
        }
    }
    table
}

fn table(listed: &[ChipSummary]) -> Table {
    let mut table = Table::new(vec![
        Column::shown(Kind::Words, "chip"),
        Column::shown(Kind::Quantity, "nm"),
        Column::shown(Kind::Quantity, "macro mm²").hidden_at(2),
        Column::shown(Kind::Quantity, "macro mW").hidden_at(2),
        Column::shown(Kind::Quantity, "tile mm²").hidden_at(1),
        Column::shown(Kind::Quantity, "tile mW").hidden_at(1),
        Column::shown(Kind::Quantity, "chip mm²"),
        Column::shown(Kind::Quantity, "chip W"),
        Column::shown(Kind::Quantity, "peak TOPS"),
    ]);
    for ChipSummary { name, node_nm, datasheet, .. } in listed {
        let unit = |level: &str| datasheet.unit(level).map_or((0.0, 0.0), |unit| (unit.area_mm2, unit.power_mw));
        let [macros, tile, whole] = ["macro", "tile", "chip"].map(unit);
        let numbers = [*node_nm, macros.0, macros.1, tile.0, tile.1, whole.0, whole.1 * 1e-3, datasheet.peak_tops]
            .map(Value::from);
        table.row([name.into()].into_iter().chain(numbers));
    }
    table
}
