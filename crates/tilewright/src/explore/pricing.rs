//! The prices of the designs of a space, and which of them no other one beats.

use super::layout::word;
use super::{ExploreError, Figures, Front, LAYOUT_SETTINGS, Layout, Point, Space, Values};
use crate::cost::chip::{Changes, Chip};
use crate::cost::{CostModel, Library, Settings, adc};
use crate::mapping::{Target, kernels};
use crate::network::{Network, nearest};
use crate::workers::{self, Watch};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::convert::Infallible;

/// Designs that are priced at once: enough of them that nobody waits for a thread.
const CHUNK: usize = 64;

/// Raised when a design of the same space, networks, chips and constants gets other figures, so that stores do not mix them.
pub const PRICES_VERSION: u32 = 2;

/// What the names of a space mean.
#[derive(Clone, Debug)]
pub struct Sources {
    /// Networks by the names that the space has for them.
    pub networks: BTreeMap<String, Network>,
    /// Chips by the names that the space has for its designs.
    pub chips: BTreeMap<String, Chip>,
    /// The constants that parts are priced by.
    pub library: Library,
}

/// A design's figures, or why it has none.
pub type Outcome = Result<Figures, String>;

/// Prices designs, and keeps those on the front.
#[derive(Clone, Debug)]
pub struct Pricing<'a> {
    space: &'a Space,
    sources: &'a Sources,
}

impl<'a> Pricing<'a> {
    /// Checks every setting and value of a space.
    ///
    /// # Errors
    /// [`ExploreError::Space`] for a setting that there is not, with the nearest one, and for a value that no design can have.
    ///
    /// # Panics
    /// If a network or a design of the space is not among the sources.
    pub fn new(space: &'a Space, sources: &'a Sources) -> Result<Self, ExploreError> {
        for variable in &space.vary {
            for value in &variable.values {
                set(&mut Layout::default(), &mut Changes::default(), (&variable.name, value))?;
            }
        }
        Ok(Self { space, sources })
    }

    /// Prices the designs at `places`, on so many threads; the same on any number. `None` if the watch ended it.
    pub fn outcomes(&self, places: &[u64], threads: usize, watch: Watch<'_>) -> Option<Vec<Outcome>> {
        let chunks: Vec<&[u64]> = places.chunks(CHUNK).collect();
        let sizes: Vec<u64> = chunks.iter().map(|chunk| chunk.len() as u64).collect();
        let job = |chunk: usize| -> Result<Vec<Outcome>, Infallible> {
            Ok(chunks[chunk].iter().map(|&place| self.outcome(place)).collect())
        };
        let Ok(outcomes) = workers::run(&sizes, threads, watch, job);
        outcomes.map(|outcomes| outcomes.into_iter().flatten().collect())
    }

    /// Prices one design.
    pub fn outcome(&self, place: u64) -> Outcome {
        let point = self.space.point(place);
        self.figures(&point).map_err(|error| error.to_string())
    }

    fn figures(&self, point: &Point<'_>) -> Result<Figures, ExploreError> {
        let (mut layout, mut changes) = (Layout::default(), Changes::default());
        point.settings.iter().try_for_each(|&setting| set(&mut layout, &mut changes, setting))?;
        let network = &self.sources.networks[point.network];
        let (chip, bits) = self.sources.chips[point.design].clone().changed_for(network, &changes)?;
        let settings = Settings { layer_inputs: bits.layer_inputs, ..Settings::default() };
        let model = CostModel::new(&chip, &self.sources.library, settings)?;
        let Layout { row_split, groups, .. } = layout;
        let target = Target { row_split, groups, weight_bits_from: bits.weights.origin, ..model.target() };
        let network = replaced(network, &layout, &target)?;
        let mapping = model.map_for(&network, layout.scheme(), &target, (layout.objective, layout.budget))?;
        Ok(Figures::of(&model.cost(&network, &mapping)?))
    }

    /// What is to be minimised of a design; nothing if it does not keep to the limits.
    pub fn values(&self, figures: &Figures) -> Option<Values> {
        let kept = self.space.limits.iter().all(|limit| limit.kept(figures));
        kept.then(|| self.space.goals.iter().map(|goal| goal.to_minimize(figures)).collect())
    }

    /// The front of what was priced, its keys the places of designs.
    pub fn front<'b>(&self, outcomes: impl IntoIterator<Item = (u64, &'b Outcome)>) -> Front<u64> {
        let mut front = Front::new();
        for (place, outcome) in outcomes {
            if let Some(values) = outcome.as_ref().ok().and_then(|figures| self.values(figures)) {
                front.offer(values, place);
            }
        }
        front
    }
}

/// Reads one setting of a design.
fn set(layout: &mut Layout, changes: &mut Changes, (name, value): (&str, &str)) -> Result<(), ExploreError> {
    if layout.set(name, value)? {
        return Ok(());
    }
    let Some(setting) = HARDWARE.iter().find(|setting| setting.0 == name) else {
        let offer = nearest(name, names()).map(|near| format!("; did you mean {near}?")).unwrap_or_default();
        let known = names().collect::<Vec<_>>().join(", ");
        return Err(ExploreError::Space { problem: format!("{name} is no setting: there are {known}{offer}") });
    };
    setting.1(changes, value).map_err(|problem| ExploreError::Space { problem: format!("{name} = {value}: {problem}") })
}

/// The name of a setting that can vary, as the lists of settings have it.
pub fn setting_name(name: &str) -> Option<&'static str> {
    names().find(|known| *known == name)
}

/// All settings that can vary.
fn names() -> impl Iterator<Item = &'static str> {
    LAYOUT_SETTINGS.iter().map(|setting| setting.name).chain(HARDWARE.iter().map(|setting| setting.0))
}

/// A setting of the hardware: its name, and how a value is read.
type HardwareSetting = (&'static str, fn(&mut Changes, &str) -> Result<(), String>);

const HARDWARE: [HardwareSetting; 8] = [
    ("crossbar", |changes, value| read(value).map(|size| changes.crossbar = Some(size))),
    ("encoding", |changes, value| word(value).map(|sign| changes.encoding = Some(sign))),
    ("weight-bits", |changes, value| read(value).map(|bits| changes.weight_bits = Some(bits))),
    ("cell-bits", |changes, value| read(value).map(|bits| changes.cell_bits = Some(bits))),
    ("input-bits", |changes, value| read(value).map(|bits| changes.input_bits = Some(bits))),
    ("adc-bits", |changes, value| read(value).map(|bits| changes.adc_bits = Some(bits))),
    ("schedule", |changes, value| word(value).map(|order| changes.schedule = Some(order))),
    ("adc", |changes, value| {
        adc::find(value).map_err(|error| error.to_string())?;
        changes.adc = Some(value.into());
        Ok(())
    }),
];

fn read<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

/// The network under its kernel plan; what a replacement saves is counted under the layout's scheme.
fn replaced<'a>(network: &'a Network, layout: &Layout, target: &Target) -> Result<Cow<'a, Network>, ExploreError> {
    let Some(plan) = &layout.kernels else { return Ok(Cow::Borrowed(network)) };
    let replaced = kernels::replaced(network, plan, layout.scheme(), target);
    replaced.map(Cow::Owned).map_err(|error| ExploreError::Space { problem: error.to_string() })
}
