//! `design`: the built-in designs.

use crate::args::cost::DesignCommandArgs;
use crate::{Outcome, design, output};
use anyhow::Result;
use serde::Serialize;
use tilewright::hardware::{DEFAULT, Design, Kind, PRESETS, SETTINGS, Setting, preset_text};
use tilewright::report::DesignSummary;
use tilewright::report::table::{self, Column, Document, Table, Value};

/// Lists all presets, or one; as a table one is the file itself.
pub(crate) fn run(args: &DesignCommandArgs) -> Result<Outcome> {
    if args.settings {
        let design = design::load(args.name.as_deref().unwrap_or(DEFAULT))?;
        let rows: Vec<Row> = SETTINGS.iter().map(|setting| row(setting, &design)).collect();
        let document = Document::new(format!("Settings of {}", design.name)).table(settings(&rows));
        output::result(&args.output, &document.json(output::as_json(&rows)))?;
        return Ok(Outcome::Done);
    }
    let presets = match &args.name {
        Some(name) => vec![(name.as_str(), preset_text(name)?)],
        None => PRESETS.to_vec(),
    };
    let listed = presets.iter().map(|(name, _)| DesignSummary::preset(name)).collect::<Result<Vec<_>, _>>()?;
    if args.name.is_some() && args.output.format.name == "table" {
        output::write(&args.output.output, |to| Ok(to.write_all(presets[0].1.as_bytes())?))?;
        return Ok(Outcome::Done);
    }
    let abouts: String = listed.iter().map(|design| format!("{}: {}.\n", design.name, design.about)).collect();
    let note =
        "At full work; a chip without a number of tiles has one here. `tilewright design NAME` prints its file.\n";
    let document = Document::new("Designs").table(table(&listed)).lines(abouts).lines(note).data(units(&listed));
    output::result(&args.output, &document.json(output::as_json(&listed)))?;
    Ok(Outcome::Done)
}

/// A row a unit of every design, for spreadsheets.
fn units(listed: &[DesignSummary]) -> Table {
    let mut table = Table::new(["name", "node_nm", "unit", "area_mm2", "power_mw"].map(Column::data).into());
    for design in listed {
        for unit in design.datasheet.iter().flat_map(|sheet| &sheet.units) {
            let numbers = [unit.area_mm2, unit.power_mw].map(Value::from);
            table.row([(&design.name).into(), design.node_nm.into(), unit.level.into()].into_iter().chain(numbers));
        }
    }
    table
}

fn table(listed: &[DesignSummary]) -> Table {
    let mut table = Table::new(vec![
        Column::shown(table::Kind::Words, "design"),
        Column::shown(table::Kind::Quantity, "nm"),
        Column::shown(table::Kind::Quantity, "macro mm²").hidden_at(2),
        Column::shown(table::Kind::Quantity, "macro mW").hidden_at(2),
        Column::shown(table::Kind::Quantity, "tile mm²").hidden_at(1),
        Column::shown(table::Kind::Quantity, "tile mW").hidden_at(1),
        Column::shown(table::Kind::Quantity, "chip mm²"),
        Column::shown(table::Kind::Quantity, "chip W"),
        Column::shown(table::Kind::Quantity, "peak TOPS"),
    ]);
    for DesignSummary { name, node_nm, datasheet, .. } in listed {
        let unit = |level: &str| datasheet.as_ref().and_then(|sheet| sheet.unit(level));
        let area = |level: &str| unit(level).map(|unit| unit.area_mm2);
        let power = |level: &str| unit(level).map(|unit| unit.power_mw);
        let numbers = [
            Some(*node_nm),
            area("macro"),
            power("macro"),
            area("tile"),
            power("tile"),
            area("chip"),
            power("chip").map(|milliwatts| milliwatts * 1e-3),
            datasheet.as_ref().map(|sheet| sheet.peak_tops),
        ];
        table.row([name.into()].into_iter().chain(numbers.map(Value::from)));
    }
    table
}

/// A setting as flat values.
#[derive(Serialize)]
struct Row {
    name: &'static str,
    /// In the design; none where it leaves it open.
    value: Option<String>,
    unit: &'static str,
    allowed: String,
    /// The stages that heed it.
    heeded_by: Vec<&'static str>,
    /// Whether a layer can have one of its own.
    of_layers: bool,
    about: String,
}

fn settings(rows: &[Row]) -> Table {
    let mut listed = Table::new(vec![
        Column::new(table::Kind::Words, "name", "setting"),
        Column::new(table::Kind::Words, "value", "value"),
        Column::new(table::Kind::Words, "unit", "unit").hidden_at(1),
        Column::new(table::Kind::Words, "allowed", "allowed").hidden_at(3),
        Column::new(table::Kind::Words, "heeded_by", "heeded by").hidden_at(2),
        Column::new(table::Kind::Words, "of_layers", "per layer").hidden_at(5),
        Column::new(table::Kind::Words, "about", "about").hidden_at(4),
    ]);
    for Row { name, value, unit, allowed, heeded_by, of_layers, about } in rows {
        let stages = heeded_by.join(", ");
        listed.row([
            (*name).into(),
            value.as_ref().into(),
            (*unit).into(),
            allowed.into(),
            stages.into(),
            if *of_layers { "yes" } else { "no" }.into(),
            about.into(),
        ]);
    }
    listed
}

fn row(setting: &Setting, design: &Design) -> Row {
    let (unit, allowed) = match setting.kind {
        Kind::Whole { unit, range: [least, u32::MAX] } => (unit, format!("{least} or more")),
        Kind::Whole { unit, range: [least, greatest] } => (unit, format!("{least} to {greatest}")),
        Kind::Number { unit, allowed } | Kind::Text { unit, allowed } => (unit, allowed.into()),
        Kind::Words(words) => ("WORD", words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ")),
        Kind::Switch => ("WHETHER", "true, false".into()),
    };
    let heeded_by = setting.stages.iter().map(|stage| stage.name()).collect();
    Row {
        name: setting.name,
        value: setting.of(design),
        unit,
        allowed,
        heeded_by,
        of_layers: setting.of_layers,
        about: crate::args::design::options(setting.sentence),
    }
}
