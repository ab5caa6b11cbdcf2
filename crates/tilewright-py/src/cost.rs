//! What a mapped network costs on a chip: area, energy and time.

use crate::error::{Failure, Outcome};
use crate::file::read;
use crate::network::PyNetwork;
use crate::target::{ENCODINGS, GROUP_RULES, PyTarget, ROW_SPLITS, choose, sub_image_window, whole};
use crate::watched;
use pyo3::prelude::*;
use std::sync::Arc;
use tilewright::cost::chip::{Changes, Chip, Order};
use tilewright::cost::peer::{self, Peer};
use tilewright::cost::{CostError, CostModel, InputHistograms, Library, Settings};
use tilewright::mapping::scheme::find;
use tilewright::mapping::search::{Priced, SearchRecord};
use tilewright::mapping::{NetworkBits, Target};
use tilewright::report::table::{FORMATS, notebook, thousands};
use tilewright::report::{ChipSummary, CostSummary};

const ORDERS: [(&str, Order); 2] = [("layer-by-layer", Order::LayerByLayer), ("pipelined", Order::Pipelined)];

/// The built-in chips, as JSON.
#[pyfunction]
pub(crate) fn chips() -> Outcome<String> {
    Ok(serde_json::to_string(&ChipSummary::presets()?)?)
}

/// A chip with every part priced.
#[pyclass(frozen, module = "tilewright._core", name = "CostModel")]
pub(crate) struct PyCostModel {
    model: Arc<CostModel>,
    bits: NetworkBits,
    library: Arc<Library>,
}

/// What is asked for in place of the chip's own settings, by attribute.
#[derive(FromPyObject)]
struct Asked {
    crossbar: Option<String>,
    encoding: Option<String>,
    weight_bits: Option<i64>,
    cell_bits: Option<i64>,
    input_bits: Option<i64>,
    adc: Option<String>,
    adc_bits: Option<i64>,
    schedule: Option<String>,
}

#[pymethods]
impl PyCostModel {
    /// A preset or a file for a network, with files of constants over the built-in ones; `inputs` is the JSON of histograms.
    #[new]
    #[expect(clippy::needless_pass_by_value, reason = "values of Python")]
    fn new(
        network: &PyNetwork,
        chip: &str,
        asked: Asked,
        constants: Vec<String>,
        inputs: Option<&str>,
    ) -> Outcome<Self> {
        let mut library = Library::built_in();
        for path in &constants {
            library.merge(path, &read("", path)?)?;
        }
        let (chip, bits) = Chip::named(chip, |path| read("", path))?.changed_for(&network.0, &asked.changes()?)?;
        let inputs = inputs.map(|text| InputHistograms::parse("inputs", text)).transpose()?.unwrap_or_default();
        let model = CostModel::new(&chip, &library, Settings { inputs, layer_inputs: bits.layer_inputs.clone() })?;
        library.verify_read(&model)?;
        Ok(Self { model: Arc::new(model), bits, library: Arc::new(library) })
    }

    /// What networks are mapped onto for the chip, by these rules.
    fn target(&self, row_split: Option<&str>, grouped: Option<&str>, window: &str) -> Outcome<PyTarget> {
        let target = Target {
            row_split: row_split.map(|name| choose("row_split", name, &ROW_SPLITS)).transpose()?,
            groups: grouped.map(|name| choose("grouped", name, &GROUP_RULES)).transpose()?,
            window: sub_image_window(window)?,
            weight_bits_from: self.bits.weights.origin,
            ..self.model.target()
        };
        Ok(PyTarget(target, self.bits.clone()))
    }

    /// Maps and prices a network: the documented JSON, how the mapping was searched, in words, if it was, and the tables as text and
    /// for a notebook. `search` has the objective and the budget; `peers` are the tools whose figures are put beside.
    #[expect(clippy::needless_pass_by_value, reason = "values of Python")]
    fn cost(
        &self,
        py: Python<'_>,
        network: &PyNetwork,
        scheme: &str,
        target: &PyTarget,
        search: (Option<&str>, Option<i64>),
        peers: Vec<String>,
    ) -> Outcome<(String, Option<String>, String, String)> {
        let search = (objective(search.0)?, search.1.map(|budget| whole("budget", budget)).transpose()?);
        let peers: Vec<Peer> = peers.iter().map(|name| peer::find(name)).collect::<Result<_, _>>()?;
        let (network, scheme, target) = (Arc::clone(&network.0), find(scheme)?, target.0);
        let (model, bits, library) = (Arc::clone(&self.model), self.bits.clone(), Arc::clone(&self.library));
        let priced = watched::run(py, None, move |_| {
            let mapping = model.map_for(&network, scheme, &target, search)?;
            let cost = model.cost_with_spread(&network, &mapping, &library)?;
            Ok::<_, CostError>((CostSummary::new(cost, bits, &peers), mapping.search))
        });
        let (summary, search) = priced??;
        let document = summary.document(search.as_ref(), true);
        let (text, html) = ((FORMATS[0].render)(&document, None), notebook(&document));
        let searched = search.map(|SearchRecord { stop, compared, .. }| {
            format!("{stop} ({} compared), priced in full", thousands(compared))
        });
        Ok((serde_json::to_string(&summary)?, searched, text, html))
    }
}

/// The default scheme.
#[pyfunction]
pub(crate) fn cost_scheme(objective: Option<&str>) -> Outcome<&'static str> {
    Ok(CostModel::default_scheme(self::objective(objective)?))
}

fn objective(name: Option<&str>) -> Outcome<Option<Priced>> {
    name.map(|name| choose("objective", name, &Priced::ALL)).transpose()
}

impl Asked {
    fn changes(&self) -> Outcome<Changes> {
        let bits = |setting: &str, bits: Option<i64>| bits.map(|bits| whole(setting, bits)).transpose();
        Ok(Changes {
            crossbar: self.crossbar.as_deref().map(str::parse).transpose()?,
            encoding: self.encoding.as_deref().map(|name| choose("encoding", name, &ENCODINGS)).transpose()?,
            weight_bits: bits("weight_bits", self.weight_bits)?,
            cell_bits: bits("cell_bits", self.cell_bits)?,
            input_bits: bits("input_bits", self.input_bits)?,
            adc: self.adc.clone(),
            adc_bits: bits("adc_bits", self.adc_bits)?,
            schedule: self.schedule.as_deref().map(|name| choose("schedule", name, &ORDERS)).transpose()?,
        })
    }
}

impl From<CostError> for Failure {
    fn from(error: CostError) -> Self {
        match error {
            CostError::Mapping(error) => error.into(),
            error => Self::new(error.to_string()),
        }
    }
}
