//! What a mapped network costs on a chip: area, energy and time.

use crate::design::{PyDesign, arguments};
use crate::error::{Failure, Outcome};
use crate::file::read;
use crate::network::PyNetwork;
use crate::printed::{Printed, printed};
use crate::target::{PyTarget, Rules, choose, ruled, whole};
use crate::watched;
use pyo3::prelude::*;
use std::sync::Arc;
use tilewright::cost::peer::{self, Peer};
use tilewright::cost::{CostError, CostModel, InputHistograms, Library, Settings};
use tilewright::hardware::{MacroKinds, Stage};
use tilewright::mapping::scheme::find;
use tilewright::mapping::search::{Priced, SearchRecord, Within};
use tilewright::mapping::{NetworkBits, Target};
use tilewright::report::CostSummary;
use tilewright::report::table::thousands;

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
        let model = CostModel::new(
            &design,
            &library,
            Settings { inputs, layer_inputs: bits.layer_inputs.clone(), ..Settings::default() },
        )?;
        library.verify_read(&model)?;
        Ok(Self { model: Arc::new(model), bits, library: Arc::new(library) })
    }

    /// What networks are mapped onto for the chip, by these rules.
    #[expect(clippy::needless_pass_by_value, reason = "values of Python")]
    fn target(&self, rules: Rules) -> Outcome<PyTarget> {
        let target = ruled(&rules, Target { weight_bits_from: self.bits.weights.origin, ..self.model.target() })?;
        Ok(PyTarget(self.model.chip().targets(&target, &self.bits.layer_weights)?, self.bits.clone()))
    }

    /// Maps and prices a network: the result, how the mapping was searched, in words, if it was, and the settings of layers as a file. A scheme comes with whether layers share crossbars. `search` has the objective, the budget, the longest time in ms and the kinds of
    /// macros to choose from; `peers` are the tools whose figures are put beside.
    #[expect(clippy::needless_pass_by_value, reason = "values of Python")]
    fn cost(
        &self,
        py: Python<'_>,
        network: &PyNetwork,
        scheme: (&str, bool),
        target: &PyTarget,
        search: (Option<&str>, Option<i64>, Option<f64>, Option<&str>),
        peers: Vec<String>,
    ) -> Outcome<(Printed, Option<String>, String)> {
        let (least, within) = (objective(search.0)?, within(search.1, search.2)?);
        let kinds = search.3.map(|kinds| Ok::<_, Failure>((macro_kinds(kinds)?, searched(least)?))).transpose()?;
        let peers: Vec<Peer> = peers.iter().map(|name| peer::find(name)).collect::<Result<_, _>>()?;
        let (scheme, share_layers) = (find(scheme.0)?, scheme.1);
        let (network, target) = (Arc::clone(&network.0), target.0.clone());
        let (model, bits, library) = (Arc::clone(&self.model), self.bits.clone(), Arc::clone(&self.library));
        let priced = watched::run(py, None, move |_| {
            let (model, mapping) = match kinds {
                Some((kinds, least)) => {
                    let (model, mapping) =
                        model.choose_kinds((&kinds, &library), &network, (scheme, &target), (least, within))?;
                    (Arc::new(model), mapping)
                }
                None => {
                    let mapping = model.map_for(&network, scheme, &target, (least, within))?;
                    (model, mapping)
                }
            };
            let mapping = if share_layers { mapping.shared()? } else { mapping };
            let cost = model.cost_with_spread(&network, &mapping, &library)?;
            Ok::<_, CostError>((CostSummary::new(cost, bits, &peers), mapping.search, model.chip().layers.to_toml()))
        });
        let (summary, search, layers) = priced??;
        let printed = printed(&summary, &summary.document(search.as_ref(), true))?;
        let searched = search.map(|SearchRecord { stop, compared, .. }| {
            format!("{stop} ({} compared), priced in full", thousands(compared))
        });
        Ok((printed, searched, layers))
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

/// What a search keeps to: crossbars, or a time in ms.
fn within(budget: Option<i64>, max_latency: Option<f64>) -> Outcome<Option<Within>> {
    match (budget, max_latency) {
        (Some(_), Some(_)) => Err(Failure::new("budget and max_latency are both given; give one of them")),
        (Some(budget), None) => Ok(Some(Within::Crossbars(whole("budget", budget)?))),
        (None, Some(time)) => {
            let time = Within::latency_ms(time).map_err(|problem| Failure::new(format!("max_latency: {problem}")))?;
            Ok(Some(time))
        }
        (None, None) => Ok(None),
    }
}

fn macro_kinds(text: &str) -> Outcome<MacroKinds> {
    text.parse().map_err(|problem| Failure::new(format!("macro_kinds: {problem}")))
}

/// The price that kinds of macros are chosen for.
fn searched(least: Option<Priced>) -> Outcome<Priced> {
    let problem = "macro_kinds are chosen by a search for a price; give an objective such as \"area\"";
    least.ok_or_else(|| Failure::new(problem))
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
