//! What is mapped onto, and by which rules: the core's `Target` from the words the command takes.

use crate::design::PyDesign;
use crate::error::{Failure, Outcome};
use crate::network::PyNetwork;
use pyo3::prelude::*;
use tilewright::hardware::Stage;
use tilewright::mapping::search::{Objective, ObjectiveName};
use tilewright::mapping::{GroupRule, NetworkBits, RowSplit, SharedWeights, SubImageWindow, Target, Targets};

const ROW_SPLITS: [(&str, RowSplit); 2] = [("element", RowSplit::Element), ("channel", RowSplit::Channel)];
const GROUP_RULES: [(&str, GroupRule); 4] = [
    ("packed", GroupRule::Packed),
    ("separate", GroupRule::Separate),
    ("turns", GroupRule::Turns),
    ("dense", GroupRule::Dense),
];

const SHARED_WEIGHTS: [(&str, SharedWeights); 2] = [("apart", SharedWeights::Apart), ("once", SharedWeights::Once)];

/// A unit crossbar, how weights become its cells, and the rules a mapping follows.
#[pyclass(frozen, module = "tilewright._core", name = "Target")]
pub(crate) struct PyTarget(pub(crate) Targets, pub(crate) NetworkBits);

#[pymethods]
impl PyTarget {
    /// A design for a network, which says its bits where none are set, and the rules of a mapping.
    #[new]
    #[expect(clippy::needless_pass_by_value, reason = "values of Python")]
    fn new(network: &PyNetwork, design: &PyDesign, rules: Rules, simulated: bool) -> Outcome<Self> {
        design.layers_heeded(if simulated { &[Stage::Map, Stage::Simulate] } else { &[Stage::Map] })?;
        let (design, bits) = design.0.clone().for_network(&network.0)?;
        let common = Target::new(design.crossbar, design.encoding());
        let target = ruled(&rules, Target { weight_bits_from: bits.weights.origin, ..common })?;
        Ok(Self(design.targets(&target, &bits.layer_weights)?, bits))
    }

    /// Greatest weight.
    #[getter]
    fn weight_limit(&self) -> i32 {
        self.0.common.encoding.weight_limit()
    }
}

/// Row split, grouping, window and how shared weights are held.
pub(crate) type Rules = (Option<String>, Option<String>, String, String);

/// A target that follows these rules.
pub(crate) fn ruled((row_split, grouped, window, shared_weights): &Rules, target: Target) -> Outcome<Target> {
    Ok(Target {
        row_split: row_split.as_deref().map(|name| choose("row_split", name, &ROW_SPLITS)).transpose()?,
        groups: grouped.as_deref().map(|name| choose("grouped", name, &GROUP_RULES)).transpose()?,
        window: sub_image_window(window)?,
        shared_weights: choose("shared_weights", shared_weights, &SHARED_WEIGHTS)?,
        ..target
    })
}

pub(crate) fn choose<T: Copy>(setting: &str, name: &str, choices: &[(&str, T)]) -> Outcome<T> {
    let found = choices.iter().find(|(known, _)| *known == name);
    found.map(|&(_, value)| value).ok_or_else(|| {
        let names: Vec<&str> = choices.iter().map(|&(known, _)| known).collect();
        Failure::new(format!("{setting} is {name:?}; give {}", names.join(", ")))
    })
}

fn sub_image_window(text: &str) -> Outcome<SubImageWindow> {
    match text {
        "largest" => Ok(SubImageWindow::Largest),
        "best" => Ok(SubImageWindow::Best),
        side => match side.parse() {
            Ok(side @ 1..) => Ok(SubImageWindow::Side(side)),
            _ => Err(Failure::new(format!(
                "window is {text:?}; give largest, best, or a side of at least 1 pixel such as 4"
            ))),
        },
    }
}

/// A number that Python may have made negative or too great.
pub(crate) fn whole<T: TryFrom<i64>>(setting: &str, number: i64) -> Outcome<T> {
    T::try_from(number)
        .map_err(|_| Failure::new(format!("{setting} is {number}; give a whole number within its range")))
}

/// The objective searched for, if any; a limit alone implies the objective it is a limit of.
pub(crate) fn objective(
    name: Option<&str>,
    budget: Option<i64>,
    max_cycles: Option<i64>,
) -> Outcome<Option<Objective>> {
    let budget: Option<u64> = budget.map(|limit| whole("budget", limit)).transpose()?;
    let max_cycles: Option<u64> = max_cycles.map(|limit| whole("max_cycles", limit)).transpose()?;
    let name = match (name, budget, max_cycles) {
        (Some(name), ..) => name.parse()?,
        (None, Some(_), _) => ObjectiveName::Cycles,
        (None, None, Some(_)) => ObjectiveName::Crossbars,
        (None, None, None) => return Ok(None),
    };
    Ok(Some(Objective::new(name, budget, max_cycles)?))
}
