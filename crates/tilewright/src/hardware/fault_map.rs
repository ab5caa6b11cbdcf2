//! Maps of stuck cells: what a test of a chip found.

use super::HardwareError;
use crate::comma_separated::{fields, lines};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The stuck cells of a chip, by crossbar.
///
/// Crossbars are numbered from 0 through the whole chip: layers in order of execution, of each all crossbars of the first copy, then those of the
/// next. Rows and columns are those of the mapping, from 0; a weight's columns are side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultMap {
    /// The file, for messages.
    file: String,
    /// By crossbar, row and column, no two the same.
    cells: Vec<FaultyCell>,
    /// The layer of a crossbar, where the file says it.
    layers: BTreeMap<u32, String>,
}

/// A cell that programming does not move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FaultyCell {
    /// Which crossbar of the chip.
    pub crossbar: u32,
    /// Its row.
    pub row: u32,
    /// Its column.
    pub column: u32,
    /// Where it is stuck.
    pub state: StuckAt,
}

/// Where a cell is stuck.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StuckAt {
    /// At the least conductance.
    Off,
    /// At the greatest conductance.
    On,
}

/// The columns of a table, those of the places first.
const COLUMNS: [&str; 4] = ["crossbar", "row", "column", "state"];
const LAYER: &str = "layer";

impl StuckAt {
    /// Its word in a table.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::On => "on",
        }
    }
}

impl FaultMap {
    /// A map of these cells, in any order. `file` is for messages.
    ///
    /// # Errors
    /// [`HardwareError::Value`] for a cell that is there twice.
    pub fn new(file: &str, mut cells: Vec<FaultyCell>) -> Result<Self, HardwareError> {
        cells.sort_unstable();
        let place = |cell: &FaultyCell| (cell.crossbar, cell.row, cell.column);
        if let Some(pair) = cells.windows(2).find(|pair| place(&pair[0]) == place(&pair[1])) {
            let FaultyCell { crossbar, row, column, .. } = pair[0];
            let key = format!("crossbar {crossbar}, row {row}, column {column}");
            return Err(wrong(file, key, "the cell is there twice; give each once"));
        }
        Ok(Self { file: file.into(), cells, layers: BTreeMap::new() })
    }

    /// Reads a table of comma-separated values. Its first line names the columns `crossbar`, `row`, `column` and `state` (`on` or `off`), and
    /// perhaps `layer`, the name of the crossbar's layer, by which a map of another network is found out.
    ///
    /// # Errors
    /// [`HardwareError::Value`] with line and column.
    pub fn from_csv(text: &str, file: &str) -> Result<Self, HardwareError> {
        let mut lines = lines(text);
        let names: Vec<&str> = lines.next().map_or_else(Vec::new, |(_, header)| fields(header).collect());
        let place = |name: &str| names.iter().position(|found| *found == name);
        let needed = COLUMNS.map(place);
        let layer = place(LAYER);
        let known = needed.iter().flatten().count() + usize::from(layer.is_some());
        if needed.contains(&None) || known != names.len() {
            let problem =
                format!("{}; give the columns crossbar, row, column and state, and perhaps layer", names.join(", "));
            return Err(wrong(file, "first line".into(), &problem));
        }
        let needed = needed.map(|place| place.expect("it was found"));
        let (mut cells, mut layers) = (vec![], BTreeMap::new());
        for (line, text) in lines {
            let fields: Vec<&str> = fields(text).collect();
            let cell = cell(&fields, names.len(), needed)
                .map_err(|(key, problem)| wrong(file, format!("line {line}{key}"), &problem))?;
            cells.push(cell);
            let Some(layer) = layer.map(|place| fields[place]) else { continue };
            let before = layers.entry(cell.crossbar).or_insert_with(|| layer.to_owned());
            if before != layer {
                let problem = format!("{layer:?}, and {before:?} before; crossbar {} is of one of them", cell.crossbar);
                return Err(wrong(file, format!("line {line}, column {LAYER}"), &problem));
            }
        }
        Ok(Self { layers, ..Self::new(file, cells)? })
    }

    /// The table that [`FaultMap::from_csv`] reads; with the layers of its crossbars if `layer` tells them.
    pub fn to_csv(&self, layer: Option<&dyn Fn(u32) -> String>) -> String {
        let mut text = COLUMNS.join(",") + layer.map_or("", |_| ",layer") + "\n";
        for FaultyCell { crossbar, row, column, state } in &self.cells {
            let name = layer.map_or(String::new(), |layer| format!(",{}", layer(*crossbar)));
            let _ = writeln!(text, "{crossbar},{row},{column},{}{name}", state.word());
        }
        text
    }

    /// All cells, by crossbar, row and column.
    pub fn cells(&self) -> &[FaultyCell] {
        &self.cells
    }

    /// Those of a crossbar, by row and column.
    pub fn of_crossbar(&self, crossbar: u32) -> &[FaultyCell] {
        let end = |below: u32| self.cells.partition_point(|cell| cell.crossbar < below);
        &self.cells[end(crossbar)..crossbar.checked_add(1).map_or(self.cells.len(), end)]
    }

    /// A number that other cells hardly have: 64-bit FNV-1a of all of them.
    pub fn digest(&self) -> u64 {
        let numbers = |cell: &FaultyCell| [cell.crossbar, cell.row, cell.column, cell.state as u32];
        let bytes = self.cells.iter().flat_map(numbers).flat_map(u32::to_le_bytes);
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
    }

    /// Checks that it can be of a chip with `layers`, each with its name and its number of crossbars, of a size.
    ///
    /// # Errors
    /// [`HardwareError::Value`] for a crossbar, a row or a column that the chip has not, and a crossbar of another layer.
    pub fn verify(&self, layers: &[(&str, u32)], [rows, columns]: [usize; 2]) -> Result<(), HardwareError> {
        let crossbars: u32 = layers.iter().map(|(_, count)| count).sum();
        let outside = |cell: &&FaultyCell| {
            cell.crossbar >= crossbars || cell.row as usize >= rows || cell.column as usize >= columns
        };
        if let Some(FaultyCell { crossbar, row, column, .. }) = self.cells.iter().find(outside) {
            let key = format!("crossbar {crossbar}, row {row}, column {column}");
            let problem = format!(
                "outside of the chip, which has {crossbars} crossbars of {rows}x{columns} cells, counted from 0; give the map of this network"
            );
            return Err(wrong(&self.file, key, &problem));
        }
        for (&crossbar, layer) in &self.layers {
            let (name, _) = layers[layer_of(layers, crossbar)];
            if name != layer {
                let problem =
                    format!("of layer {layer:?}, where the chip has one of {name:?}; give the map of this network");
                return Err(wrong(&self.file, format!("crossbar {crossbar}"), &problem));
            }
        }
        Ok(())
    }
}

/// The place of the layer that a crossbar of a chip is of, layers with their numbers of crossbars.
fn layer_of(layers: &[(&str, u32)], crossbar: u32) -> usize {
    let mut end = 0;
    let ends = layers.iter().map(|(_, count)| {
        end += count;
        end
    });
    ends.take_while(|end| *end <= crossbar).count()
}

/// The cell of a line, or where it is wrong and how.
fn cell(fields: &[&str], count: usize, places: [usize; 4]) -> Result<FaultyCell, (String, String)> {
    if fields.len() != count {
        return Err((String::new(), format!("{} values; give {count}, one a column", fields.len())));
    }
    let number = |column: usize| {
        let text = fields[places[column]];
        text.parse::<u32>()
            .map_err(|_| (format!(", column {}", COLUMNS[column]), format!("{text:?}; give a whole number from 0 on")))
    };
    let state = match fields[places[3]] {
        "on" => StuckAt::On,
        "off" => StuckAt::Off,
        other => return Err((format!(", column {}", COLUMNS[3]), format!("{other:?}; give on or off"))),
    };
    Ok(FaultyCell { crossbar: number(0)?, row: number(1)?, column: number(2)?, state })
}

fn wrong(file: &str, key: String, problem: &str) -> HardwareError {
    HardwareError::Value { file: file.into(), key, problem: problem.into() }
}
