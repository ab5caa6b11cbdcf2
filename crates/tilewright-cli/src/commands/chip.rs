//! `chip`: the chips that come along.

use super::cost::number;
use crate::args::Format;
use crate::args::cost::ChipCommandArgs;
use crate::table::{Column, Table};
use crate::{Outcome, csv, output, table};
use anyhow::Result;
use tilewright::cost::chip::{PRESETS, preset_text};
use tilewright::report::ChipSummary;

/// Lists all presets, or one; as a table one is the file itself.
pub(crate) fn run(args: &ChipCommandArgs) -> Result<Outcome> {
    let presets = match &args.name {
        Some(name) => vec![(name.as_str(), preset_text(name)?)],
        None => PRESETS.to_vec(),
    };
    let listed = presets.iter().map(|(name, _)| ChipSummary::preset(name)).collect::<Result<Vec<_>, _>>()?;
    output::write(&args.output.output, |to| match args.output.format {
        Format::Table if args.name.is_some() => Ok(to.write_all(presets[0].1.as_bytes())?),
        Format::Table => Ok(to.write_all(text(&listed, table::width()).as_bytes())?),
        Format::Json => output::json(to, &listed),
        Format::Csv => {
            csv::line(to, ["name", "node_nm", "unit", "area_mm2", "power_mw"])?;
            for chip in &listed {
                for unit in &chip.datasheet.units {
                    let numbers = [chip.node_nm, unit.area_mm2, unit.power_mw].map(|number| number.to_string());
                    csv::line(to, [chip.name.as_str(), &numbers[0], unit.level, &numbers[1], &numbers[2]])?;
                }
            }
            Ok(())
        }
    })?;
    Ok(Outcome::Done)
}

fn text(listed: &[ChipSummary], width: Option<usize>) -> String {
    let mut table = Table::new(vec![
        Column::text("chip"),
        Column::number("nm"),
        Column::number("macro mm²").hidden_at(2),
        Column::number("macro mW").hidden_at(2),
        Column::number("tile mm²").hidden_at(1),
        Column::number("tile mW").hidden_at(1),
        Column::number("chip mm²"),
        Column::number("chip W"),
        Column::number("peak TOPS"),
    ]);
    for chip in listed {
        let unit = |level: &str| chip.datasheet.unit(level).map_or((0.0, 0.0), |unit| (unit.area_mm2, unit.power_mw));
        let [macros, tile, whole] = ["macro", "tile", "chip"].map(unit);
        table.row(vec![
            chip.name.clone(),
            number(chip.node_nm),
            number(macros.0),
            number(macros.1),
            number(tile.0),
            number(tile.1),
            number(whole.0),
            number(whole.1 * 1e-3),
            number(chip.datasheet.peak_tops),
        ]);
    }
    let abouts: String = listed.iter().map(|chip| format!("{}: {}.\n", chip.name, chip.about)).collect();
    let note =
        "\nAt full work; a chip without a number of tiles has one here. `tilewright chip NAME` prints its file.\n";
    table.render(width) + &crate::table::wrap(&format!("\n{abouts}{note}"), width)
}
