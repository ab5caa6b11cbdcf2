//! What trained networks recognise beside the crossbars they take: the data of the curves.
//!
//! Input type: [`TestedNetwork`], one a kernel plan, from whoever trained them; output type: [`RatePoint`]. Crossbars are those
//! of the layers with more than one tap under the sub-image scheme, largest-window reading, in differential pairs. Not
//! modelled: what the crossbars' analog hardware does to the rate; it is the rate in floating point.

mod curve;

pub use curve::{RatioCount, RatioCurve};

use crate::accuracy::{MeanRate, Rate};
use crate::mapping::kernels::kernel_crossbars;
use crate::mapping::scheme::SubImage;
use crate::mapping::search::keep_front;
use crate::mapping::{CrossbarSize, Encoding, MappingError, SignRule, Target};
use crate::network::{KernelPlan, NetworkError, ReplaceRule, ReplacedLayers, zoo};
use serde::Serialize;

/// Sides of the square crossbars that are counted.
pub const SIDES: [usize; 2] = [128, 256];

/// What a network's name has before its width.
const WIDTH: &str = ":width=";

/// A network trained under a kernel plan and shown the test images of its data set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TestedNetwork {
    /// What it is called.
    pub name: String,
    /// The network of the zoo it was built from.
    pub network: String,
    /// Its kernel plan as text.
    pub kernels: String,
    /// How it was trained, whatever its network and kernels are; networks of equal texts were trained equally.
    pub recipe: String,
    /// The data set.
    pub data_set: String,
    /// Images shown.
    pub images: u64,
    /// One entry a seed.
    pub runs: Vec<SeedResult>,
}

/// How many test images the network of one seed recognises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SeedResult {
    /// The seed.
    pub seed: u64,
    /// Images recognised.
    pub recognised: u64,
}

/// A trained network as a point of the curves.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RatePoint {
    /// What it is called.
    pub name: String,
    /// The network of the zoo it was built from, its width included if it is another.
    pub network: String,
    /// The data set.
    pub data_set: String,
    /// Its kernel plan.
    pub kernels: String,
    /// How it was trained, as [`TestedNetwork::recipe`].
    pub recipe: String,
    /// Whether it goes another way than the paper's: layers by name or from the last one, several 2D kernels per channel, or
    /// another width.
    pub searched: bool,
    /// Normalized ratio: replaced / replaceable layers.
    pub ratio: f64,
    /// Crossbars of the layers with more than one tap, for each of [`SIDES`].
    pub crossbars: [u64; 2],
    /// The recognition rate over the seeds.
    pub rate: MeanRate,
    /// 95 % interval of the rate (Wilson) where there is one seed only, so no deviation.
    pub interval: Option<[f64; 2]>,
    /// What it loses against 3D kernels; `None` if these were not trained, or it has them itself.
    pub lost: Option<Loss>,
}

/// Rate of the same network with 3D kernels less that of this one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Loss {
    /// In percentage points; less than 0 is a gain.
    pub points: f64,
    /// Standard error in percentage points, √(s₁²/n₁ + s₂²/n₂); `None` unless both have several seeds.
    pub standard_error: Option<f64>,
    /// Whether both were trained by one recipe; otherwise the loss is also one of training.
    pub equal_training: bool,
}

/// Why trained networks are no points of a curve. Each is the caller's input.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecognitionError {
    /// A network or plan.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// A mapping.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// Test results that are no rate.
    #[error("the trained network {name:?} has {problem}")]
    Runs {
        /// What it is called.
        name: String,
        /// What was found and what is allowed.
        problem: String,
    },
}

/// All points in the order of the figures: networks as they first come, plans by rule before searched ones, by ratio. Each loses
/// against 3D kernels trained by its own recipe, or if nobody did that, by another.
///
/// # Errors
/// If a network or plan does not exist, does not fit a crossbar, or the images recognised are no rate.
pub fn rate_points(tested: &[TestedNetwork]) -> Result<Vec<RatePoint>, RecognitionError> {
    let mut points = tested.iter().map(RatePoint::new).collect::<Result<Vec<_>, _>>()?;
    let is_original = |point: &&RatePoint| point.ratio == 0.0 && point.base() == point.network;
    let originals: Vec<RatePoint> = points.iter().filter(is_original).cloned().collect();
    for point in points.iter_mut().filter(|point| point.ratio > 0.0) {
        let family: Vec<&RatePoint> = originals.iter().filter(|original| original.is_of_family(point)).collect();
        let alike = family.iter().find(|original| original.recipe == point.recipe);
        point.lost = alike.or(family.first()).map(|original| Loss::new(original, point));
    }
    let families = families(&points);
    let place = |point: &RatePoint| families.iter().position(|family| *family == point.family());
    points
        .sort_by(|a, b| (place(a), a.searched).cmp(&(place(b), b.searched)).then_with(|| a.ratio.total_cmp(&b.ratio)));
    Ok(points)
}

/// The recipes, each once, in the order of their first points.
pub fn recipes(points: &[RatePoint]) -> Vec<&str> {
    let mut recipes: Vec<&str> = Vec::new();
    for point in points {
        if !recipes.contains(&point.recipe.as_str()) {
            recipes.push(&point.recipe);
        }
    }
    recipes
}

/// The networks with their data sets, each once, in the order of their first points.
pub fn families(points: &[RatePoint]) -> Vec<String> {
    let mut families: Vec<String> = Vec::new();
    for family in points.iter().map(RatePoint::family) {
        if !families.contains(&family) {
            families.push(family);
        }
    }
    families
}

/// The points that no other beats on crossbars of the given side (a place in [`SIDES`]) and on rate, fewest crossbars first; of
/// equal points the first.
pub fn front(points: &[RatePoint], side: usize) -> Vec<&RatePoint> {
    let mut sorted: Vec<&RatePoint> = points.iter().collect();
    sorted.sort_by(|a, b| a.crossbars[side].cmp(&b.crossbars[side]).then_with(|| b.rate.mean.total_cmp(&a.rate.mean)));
    keep_front(&mut sorted, |point| -point.rate.mean);
    sorted
}

impl Loss {
    fn new(original: &RatePoint, replaced: &RatePoint) -> Self {
        let errors = [original, replaced].map(|of| of.rate.deviation.map(|s| s * s / of.rate.seeds as f64));
        let standard_error = match errors {
            [Some(first), Some(second)] => Some(100.0 * (first + second).sqrt()),
            _ => None,
        };
        Self {
            points: 100.0 * (original.rate.mean - replaced.rate.mean),
            standard_error,
            equal_training: original.recipe == replaced.recipe,
        }
    }

    /// How the training of both compares, in a word.
    pub const fn training(&self) -> &'static str {
        if self.equal_training { "equal" } else { "another than 3D’s" }
    }
}

impl RatePoint {
    fn new(tested: &TestedNetwork) -> Result<Self, RecognitionError> {
        let TestedNetwork { name, network, kernels, recipe, data_set, images, runs } = tested;
        if let Some(problem) = problem(*images, runs) {
            return Err(RecognitionError::Runs { name: name.clone(), problem });
        }
        let rates: Vec<f64> = runs.iter().map(|run| run.recognised as f64 / *images as f64).collect();
        let original = zoo::build(network)?;
        let replacement = kernels.parse::<KernelPlan>()?.select(&original)?;
        let replaced = replacement.apply(&original)?;
        let mut crossbars = [0; 2];
        for (count, side) in crossbars.iter_mut().zip(SIDES) {
            *count = kernel_crossbars(&original, &replaced, &SubImage, &target(side))?;
        }
        Ok(Self {
            name: name.clone(),
            network: network.clone(),
            data_set: data_set.clone(),
            kernels: kernels.clone(),
            recipe: recipe.clone(),
            searched: network.contains(WIDTH) || !is_the_papers(kernels),
            ratio: replacement.ratio(),
            crossbars,
            rate: MeanRate::new(&rates),
            interval: (runs.len() == 1).then(|| Rate::new(runs[0].recognised, *images).interval),
            lost: None,
        })
    }

    /// The network of the zoo at its own width.
    pub fn base(&self) -> &str {
        base(&self.network)
    }

    /// Its network and data set, `resnet20, cifar10`: rates of different data sets cannot be compared.
    pub fn family(&self) -> String {
        format!("{}, {}", self.base(), self.data_set)
    }

    fn is_of_family(&self, other: &Self) -> bool {
        (self.base(), &self.data_set) == (other.base(), &other.data_set)
    }

    /// Its kernels in a word: the plan, or how many layers were chosen; and the width, if it is another.
    pub fn plan(&self) -> String {
        let named = self.kernels.split(',').count();
        let kernels = match self.kernels.parse() {
            Ok(KernelPlan { layers: ReplacedLayers::Named(_), .. }) => format!("{named} layers"),
            _ => self.kernels.replace("ratio=", "").replace(":first", ""),
        };
        match self.network.split_once(WIDTH) {
            Some((_, width)) => format!("{kernels}, width {width}"),
            None => kernels,
        }
    }

    /// What lies between its 2D and 1D kernels, as a plan's text ends with it; empty for nothing.
    pub fn between(&self) -> &str {
        self.kernels.split_once('+').map_or("", |(_, between)| between)
    }

    /// Ends of the error bar: one sample standard deviation to either side, or the interval of a single seed.
    pub fn error_bar(&self) -> [f64; 2] {
        let MeanRate { mean, deviation, .. } = self.rate;
        match (deviation, self.interval) {
            (Some(deviation), _) => [mean - deviation, mean + deviation],
            (None, interval) => interval.unwrap_or([mean; 2]),
        }
    }
}

/// A network's name without its width.
pub(in crate::report) fn base(network: &str) -> &str {
    network.split_once(WIDTH).map_or(network, |(base, _)| base)
}

/// Whether a plan replaces none, all or the first layers, with one 2D kernel per input channel.
fn is_the_papers(kernels: &str) -> bool {
    use ReplacedLayers::{All, None, Ratio};
    let plan = kernels.parse::<KernelPlan>();
    plan.is_ok_and(|plan| {
        matches!(plan.layers, None | All { rank: 1 } | Ratio { rule: ReplaceRule::First, rank: 1, .. })
    })
}

/// What is wrong with test results, if anything.
fn problem(images: u64, runs: &[SeedResult]) -> Option<String> {
    if images == 0 || runs.is_empty() {
        return Some(format!("{} results on {images} images; give at least one of each", runs.len()));
    }
    let run = runs.iter().find(|run| run.recognised > images)?;
    Some(format!("a seed {} that recognises {} of {images} images; give no more than all", run.seed, run.recognised))
}

/// The paper's crossbars: differential pairs, the largest window.
pub(in crate::report) fn target(side: usize) -> Target {
    Target::new(CrossbarSize { rows: side, columns: side }, Encoding::whole(SignRule::Differential))
}
