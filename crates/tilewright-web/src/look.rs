//! One mapping: what it takes, what it costs, and how a layer lies on its crossbars.

use crate::session::{AskError, Session};
use crate::setup::{Mapped, Setup};
use serde::Serialize;
use tilewright::report::{CostSummary, Summary, html};

/// The answer.
#[derive(Serialize)]
pub(crate) struct Look {
    /// What `tilewright map` prints.
    mapping: Summary,
    /// What `tilewright cost` prints.
    cost: CostSummary,
    /// The layer that is drawn.
    layer: String,
    /// Its feature map and a crossbar as HTML; none if the crossbar has too many cells.
    drawing: Option<String>,
}

impl Look {
    pub(crate) fn new(session: &Session, setup: &Setup, layer: Option<&str>) -> Result<Self, AskError> {
        let Mapped { network, mapping, model, bits } = setup.mapped(session)?;
        let place = place(&mapping, layer);
        let cost = model.cost_with_spread(&network, &mapping, &session.library)?;
        Ok(Self {
            layer: mapping.layers[place].name.clone(),
            drawing: html::layer(&mapping, place).map(|drawing| drawing.to_string()),
            mapping: Summary::new(&network, &mapping)?,
            cost: CostSummary::new(cost, bits, &[]),
        })
    }
}

/// Where a layer is in a mapping. One that other kernels took the place of is looked for under its name with theirs, and the first
/// layer stands in for one that there is not.
pub(crate) fn place(mapping: &tilewright::mapping::Mapping, layer: Option<&str>) -> usize {
    let Some(name) = layer else { return 0 };
    let exact = mapping.layers.iter().position(|layer| layer.name == name);
    let begun = || mapping.layers.iter().position(|layer| layer.name.starts_with(name));
    exact.or_else(begun).unwrap_or(0)
}
