//! The crossbar itself: cells between word lines and bit lines.

use super::{Charge, Component, Place, Price};
use crate::cost::activity::Event;
use crate::cost::{CostError, Site};

/// Cells; a read costs V²·G·t of every cell whose word line is driven (Σ over all cells; the mapping says how many hold a weight,
/// weights and inputs say how strong). Of cells whose current bends G is that at V; smaller voltages are weighed by their squares all the same,
/// which is more than such cells draw.
///
/// Constants of the chip's cell: `area` (F² or µm², one cell), `voltage`, `pulse`; its conductances are the device's. With constants of its own the
/// array is priced by those instead: `area` (one crossbar), and `power` (while the macro works) or `row-energy` (a driven row and
/// pulse, where bit lines are sensed by voltage and no current flows for the length of the pulse).
pub(super) struct CrossbarArray;

impl Component for CrossbarArray {
    fn name(&self) -> &'static str {
        "crossbar-array"
    }

    fn summary(&self) -> &'static str {
        "cells; V²·G·t a driven cell and pulse; as many as the macro has crossbars"
    }

    fn price(&self, place: Place<'_>, site: &mut Site<'_>) -> Result<Price, CostError> {
        let units = place.count(place.crossbars(site));
        let own = place.part.constants.as_deref();
        let area = own.map(|prefix| format!("{prefix}.area")).filter(|id| site.has(id));
        let each = match area {
            Some(id) => site.area_um2(&id)?,
            None => site.area_um2(&format!("{}.area", site.chip.cell))? * site.crossbar.cells() as f64,
        };
        let charges = match own {
            Some(prefix) if site.has(&format!("{prefix}.power")) => {
                let energy_pj = units * site.power_mw(&format!("{prefix}.power"))?;
                vec![Charge { event: place.at_work(), energy_pj }]
            }
            Some(prefix) if site.has(&format!("{prefix}.row-energy")) => {
                vec![Charge { event: Event::RowPulse, energy_pj: site.energy_pj(&format!("{prefix}.row-energy"))? }]
            }
            _ => {
                let energy_pj = full_read_pj(site)?;
                [Event::WeightRead, Event::EmptyRead, Event::OffsetRead].map(|event| Charge { event, energy_pj }).into()
            }
        };
        Ok(Price { units, area_um2: units * each, idle_um2: units * each, charges, ..Price::default() })
    }
}

/// Energy of one cell at g_on under the full voltage for one pulse, in pJ.
fn full_read_pj(site: &mut Site<'_>) -> Result<f64, CostError> {
    let cell = site.chip.cell.clone();
    let volts = site.number(&format!("{cell}.voltage"), "V")?;
    let device = site.chip.cells.device()?;
    let siemens = device.range().on;
    // What a cell that bends conducts at this voltage, by what it does at small ones.
    let bend = device.curve().shape(volts).filter(|_| volts > 0.0).map_or(1.0, |shape| shape / volts);
    let nanoseconds = match site.chip.pulse_ns {
        Some(given) => given,
        None => site.time_ns(&format!("{cell}.pulse"))?,
    };
    // V² · S · ns = nJ.
    Ok(volts * volts * siemens * nanoseconds * 1e3 * bend)
}

/// Time the lines of a crossbar need to settle to a tenth, in ns: 2.3·R·C/2 of the word line and 2.3·R·C of its driver with it
/// (Elmore delay of a distributed line). Cells are taken as square.
pub(in crate::cost) fn settling_ns(site: &mut Site<'_>) -> Result<f64, CostError> {
    let cell = site.chip.cell.clone();
    let pitch_um = site.area_um2(&format!("{cell}.area"))?.sqrt();
    let length_um = pitch_um * site.crossbar.columns.max(site.crossbar.rows) as f64;
    let line_ohm = length_um * site.technology.wire_resistance(site.chip.node_nm);
    let line_ff = length_um * site.number("wire.capacitance", "fF/um")?;
    let driver_ohm = site.number("wire.driver-resistance", "ohm")?;
    // Ω · fF = 10⁻⁶ ns.
    Ok(2.3 * (line_ohm / 2.0 + driver_ohm) * line_ff * 1e-6)
}
