//! What a mapped network costs on a chip: area, energy and time.

use crate::design::{PyDesign, arguments};
use crate::error::{Failure, Outcome};
use crate::file::read;
use crate::network::PyNetwork;
use crate::target::{GROUP_RULES, PyTarget, ROW_SPLITS, choose, sub_image_window, whole};
use crate::watched;
use pyo3::prelude::*;
use std::sync::Arc;
use tilewright::cost::peer::{self, Peer};
use tilewright::cost::{CostError, CostModel, InputHistograms, Library, Settings};
use tilewright::hardware::Stage;
use tilewright::mapping::scheme::find;
use tilewright::mapping::search::{Priced, SearchRecord, Within};
use tilewright::mapping::{NetworkBits, Target};
use tilewright::report::CostSummary;
use tilewright::report::table::{FORMATS, notebook, thousands};

/// A chip with every part priced.
#[pyclass(frozen, module = "tilewright._core", name = "CostModel")]
pub(crate) struct PyCostModel {
    model: Arc<CostModel>,
    bits: NetworkBits,
    library: Arc<Library>,
}

#[pymethods]
impl PyCostModel {
    /// A design for a network, with files of constants over the built-in ones; `inputs` is the JSON of histograms.
    #[new]
    #[expect(clippy::needless_pass_by_value, reason = "values of Python")]
    fn new(network: &PyNetwork, design: &PyDesign, constants: Vec<String>, inputs: Option<&str>) -> Outcome<Self> {
        let mut library = Library::built_in();
        for path in &constants {
            library.merge(path, &read("", path)?)?;
        }
        let design = design.heeded("cost", &[Stage::Map, Stage::Cost])?.clone();
        let (design, bits) = design.for_network(&network.0)?;
        let inputs = inputs.map(|text| InputHistograms::parse("inputs", text)).transpose()?.unwrap_or_default();
        let inputs = inputs.for_network(&network.0)?;
        let model = CostModel::new(&design, &library, Settings { inputs, layer_inputs: bits.layer_inputs.clone() })?;
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
        Ok(PyTarget(self.model.chip().targets(&target, &self.bits.layer_weights)?, self.bits.clone()))
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
        let search =
            (objective(search.0)?, search.1.map(|budget| whole("budget", budget)).transpose()?.map(Within::Crossbars));
        let peers: Vec<Peer> = peers.iter().map(|name| peer::find(name)).collect::<Result<_, _>>()?;
        let (network, scheme, target) = (Arc::clone(&network.0), find(scheme)?, target.0.clone());
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
pub(crate) fn cost_scheme(design: &PyDesign, objective: Option<&str>) -> Outcome<&'static str> {
    Ok(design.0.scheme_for(self::objective(objective)?.is_some()).name())
}

fn objective(name: Option<&str>) -> Outcome<Option<Priced>> {
    name.map(|name| choose("objective", name, &Priced::ALL)).transpose()
}

impl From<CostError> for Failure {
    fn from(error: CostError) -> Self {
        match error {
            CostError::Mapping(error) => error.into(),
            CostError::Hardware(error) => error.into(),
            error @ CostError::Value { .. } => Self::new(arguments(&error.to_string())),
            error => Self::new(error.to_string()),
        }
    }
}
