//! The first crossbar of a layer, solved with its wires.

use crate::look::place;
use crate::session::{AskError, Session};
use crate::setup::Setup;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tilewright::circuit::study::{CellPattern, Specimen};
use tilewright::circuit::{Crossbar, Keep, SolveOptions, Wiring, solve_with};
use tilewright::mapping::Tiles;
use tilewright::mapping::placement::{PlacedCrossbar, crossbars};
use tilewright::report::figure::HeatMap;

/// What is solved.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct WiresOf {
    /// The first one unless named.
    layer: Option<String>,
    /// Word and bit line between neighbouring cells. Ohm.
    wire: f64,
    /// Each source's own resistance. Ohm.
    source: f64,
    /// Each sink's own resistance. Ohm.
    sink: f64,
    /// Conductance of a cell that is on. Siemens.
    g_on: f64,
    /// Greatest by least conductance.
    on_off: f64,
    /// Of the cells' conductances.
    seed: u64,
    /// Whether the crossbar itself is in the answer.
    #[serde(default)]
    case: bool,
}

/// The answer. Every row in use is driven with 1 V.
#[derive(Serialize)]
pub(crate) struct Wires {
    layer: String,
    /// Word lines in use.
    rows: usize,
    /// Bit lines in use.
    columns: usize,
    /// Voltage across each cell as a figure.
    figure: String,
    /// Of each column. Ampere.
    currents: Vec<f64>,
    /// Shares of the current that ideal wires would carry: of all columns, of the one that loses most, of the one that loses least.
    mean_loss: f64,
    worst_loss: f64,
    least_loss: f64,
    /// Of the cell that gets the least of its volt.
    least_voltage: f64,
    residual: f64,
    iterations: usize,
    /// What `tilewright circuit solve` reads, if it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    case: Option<Value>,
}

impl Wires {
    pub(crate) fn new(session: &Session, setup: &Setup, of: &WiresOf) -> Result<Self, AskError> {
        let mapped = setup.mapped(session)?;
        let layer = &mapped.mapping.layers[place(&mapped.mapping, of.layer.as_deref())];
        let tiles = layer.tiles()?;
        let Some(placed) = crossbars(&tiles).next() else {
            return Err(AskError::Other(format!("layer {:?} has no crossbar", layer.name)));
        };
        let crossbar = of.crossbar(&placed, &tiles)?;
        let voltages = vec![1.0; crossbar.rows()];
        let options = SolveOptions { keep: Keep::Nodes, ..SolveOptions::default() };
        let solution = solve_with(&crossbar, &voltages, &options)?;
        let nodes = &solution.nodes[0];
        let across: Vec<f64> = nodes.word.iter().zip(&nodes.bit).map(|(word, bit)| word - bit).collect();
        let ideal = column_sums(&crossbar);
        let losses: Vec<f64> = solution.currents.iter().zip(&ideal).map(|(real, ideal)| 1.0 - real / ideal).collect();
        let end = |pick: fn(f64, f64) -> f64, from: f64, values: &[f64]| values.iter().copied().fold(from, pick);
        let percent: Vec<f64> = across.iter().map(|volt| 100.0 * volt).collect();
        let name = format!("Voltage across each cell of a crossbar of {}, in percent of the source's", layer.name);
        Ok(Self {
            layer: layer.name.clone(),
            rows: crossbar.rows(),
            columns: crossbar.columns(),
            figure: HeatMap::new(name, " %", crossbar.columns(), &percent).draw().to_string(),
            mean_loss: 1.0 - solution.currents.iter().sum::<f64>() / ideal.iter().sum::<f64>(),
            worst_loss: end(f64::max, f64::NEG_INFINITY, &losses),
            least_loss: end(f64::min, f64::INFINITY, &losses),
            least_voltage: end(f64::min, f64::INFINITY, &across),
            residual: solution.residual,
            iterations: solution.iterations,
            case: of.case.then(|| case(&crossbar)),
            currents: solution.currents,
        })
    }
}

impl WiresOf {
    /// The lines in use. Cells of weights are evenly distributed between off and on, as those of `tilewright circuit --pattern random`;
    /// the others are off.
    fn crossbar(&self, placed: &PlacedCrossbar, tiles: &Tiles) -> Result<Crossbar, AskError> {
        let width = tiles.encoding.columns_per_weight();
        let (rows, columns) = (placed.rows.len(), placed.columns.len() * width + tiles.encoding.extra_columns());
        let wiring = Wiring { r_source: self.source, r_sink: self.sink, ..Wiring::wires(self.wire) };
        let cells = CellPattern::Random(self.seed);
        let specimen = Specimen { rows, columns, g_on: self.g_on, on_off: self.on_off, cells, wiring };
        let random = specimen.crossbar()?;
        let mut held = vec![false; rows * columns];
        for cell in &placed.weights {
            held[cell.row * columns + cell.column * width..][..width].fill(true);
        }
        let off = self.g_on / self.on_off;
        let conductances =
            random.conductances().iter().zip(held).map(|(siemens, held)| if held { *siemens } else { off });
        Ok(Crossbar::new(rows, columns, conductances.collect(), wiring)?)
    }
}

/// What ideal wires would carry of 1 V on every row: the sum of each column's conductances.
fn column_sums(crossbar: &Crossbar) -> Vec<f64> {
    let columns = crossbar.columns();
    (0..columns).map(|column| crossbar.conductances()[column..].iter().step_by(columns).sum()).collect()
}

fn case(crossbar: &Crossbar) -> Value {
    let rows: Vec<&[f64]> = crossbar.conductances().chunks_exact(crossbar.columns()).collect();
    let Wiring { r_word, r_bit, r_source, r_sink, .. } = *crossbar.wiring();
    json!({
        "rows": crossbar.rows(), "cols": crossbar.columns(),
        "r_word": r_word, "r_bit": r_bit, "r_source": r_source, "r_sink": r_sink,
        "G": rows, "V": vec![[1.0]; crossbar.rows()],
    })
}
