//! Oh, An, Min, "Area-Efficient Mapping of Convolutional Neural Networks to Memristor Crossbars Using Sub-Image Partitioning",
//! Micromachines 14(2):309, 2023: unit crossbars of 3D, 2D+1D and mixed kernels.

use crate::mapping::kernels::crossbars_saved;
use crate::mapping::scheme::{Scheme, SubImage};
use crate::mapping::{CrossbarSize, Encoding, MappingError, SignRule, SubImageWindow, Target, map_network};
use crate::network::{
    ConvShape, KernelPlan, LayerKind, Network, NetworkError, Padding, ReplaceRule, ReplacedLayers, zoo,
};
use crate::partition::Partition;
use serde::Serialize;

/// The networks counted.
const NETWORKS: [&str; 2] = ["resnet20", "resnet110"];
/// The paper's crossbars.
const SIDES: [usize; 2] = [128, 256];

/// The paper's claims on crossbars beside ours.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Oh2023 {
    /// What of this is the paper's and what our reading of it.
    pub reading: &'static str,
    /// The paper's statements and our figures.
    pub claims: Vec<Claim>,
    /// Crossbars of all 3×3 layers per network, crossbar and kernel plan.
    pub counts: Vec<KernelCount>,
    /// What the halos cost.
    pub overlaps: Vec<Overlap>,
}

/// A statement of the paper and what we count.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Claim {
    /// What is stated.
    pub statement: &'static str,
    /// The paper's figure, as it gives it.
    pub paper: &'static str,
    /// Crossbars with 3D kernels.
    pub crossbars_3d: u64,
    /// Crossbars with the replaced kernels.
    pub crossbars: u64,
    /// Crossbars per crossbar of the 3D kernels.
    pub fraction: f64,
}

/// Crossbars of a network's 3×3 layers under one kernel plan.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KernelCount {
    /// The network.
    pub network: &'static str,
    /// Its crossbar.
    pub crossbar: CrossbarSize,
    /// Which layers are 2D+1D.
    pub kernels: String,
    /// Window rule of the sub-image scheme.
    pub window: SubImageWindow,
    /// Replaced / replaceable layers.
    pub ratio: f64,
    /// Unit crossbars.
    pub crossbars: u64,
    /// Fewer than with 3D kernels under the same window rule, 0 to 1.
    pub reduction: f64,
}

/// Overlap overhead of an m×m window of a 3×3 kernel.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Overlap {
    /// Window side m in outputs.
    pub window: usize,
    /// ((m+2)² − m²) / m²
    pub overhead: f64,
}

/// Why a reproduction cannot be counted; never for the networks and crossbars used here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReproductionError {
    /// A network or plan.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// A mapping.
    #[error(transparent)]
    Mapping(#[from] MappingError),
}

impl Oh2023 {
    /// Counts everything, in milliseconds.
    ///
    /// # Errors
    /// None for the networks and crossbars used here; the type says what could fail.
    pub fn count() -> Result<Self, ReproductionError> {
        let mut counts = Vec::new();
        for network in NETWORKS {
            for side in SIDES {
                for window in [SubImageWindow::Largest, SubImageWindow::Best] {
                    counts.extend(count_plans(network, CrossbarSize { rows: side, columns: side }, window)?);
                }
            }
        }
        let overlaps = [1, 2, 4, 8, 11].map(|window| Overlap { window, overhead: overlap(window) });
        Ok(Self {
            reading: "The paper's text of the rule and its network are not at hand. Counted is the sub-image scheme, \
                      largest-window reading: differential pairs; for every kernel the largest m×m output window whose \
                      single-channel sub-image fits, (m+2)² ≤ rows and 2·m² ≤ columns; one copy per window; all 3×3 layers, \
                      the first included, the classifier not.",
            claims: claims(&counts),
            counts,
            overlaps: overlaps.into(),
        })
    }
}

fn claims(counts: &[KernelCount]) -> Vec<Claim> {
    let crossbars = |side: usize, kernels: &str| {
        let wanted = |count: &&KernelCount| {
            count.network == "resnet20"
                && count.crossbar.rows == side
                && count.kernels == kernels
                && count.window == SubImageWindow::Largest
        };
        counts.iter().find(wanted).map_or(0, |count| count.crossbars)
    };
    let claim = |statement, paper, side, kernels| {
        let (crossbars_3d, crossbars) = (crossbars(side, "3d"), crossbars(side, kernels));
        Claim { statement, paper, crossbars_3d, crossbars, fraction: crossbars as f64 / crossbars_3d as f64 }
    };
    vec![
        claim("2D+1D kernels on 128×128", "about 90 % fewer crossbars", 128, "2d1d"),
        claim("2D+1D kernels on 256×256", "about 95 % fewer crossbars", 256, "2d1d"),
        claim("half of the layers 2D+1D, 128×128", "about half of the crossbars", 128, "ratio=0.5:first"),
    ]
}

fn count_plans(
    name: &'static str,
    crossbar: CrossbarSize,
    window: SubImageWindow,
) -> Result<Vec<KernelCount>, ReproductionError> {
    let network = zoo::build(name)?;
    let target = Target { window, ..Target::new(crossbar, Encoding::whole(SignRule::Differential)) };
    let half = |rule| ReplacedLayers::Ratio { ratio: 0.5, rule };
    let plans = [
        ReplacedLayers::None,
        half(ReplaceRule::First),
        half(ReplaceRule::Last),
        half(ReplaceRule::MostSaved),
        ReplacedLayers::All,
    ];
    let mut all = None;
    let mut counts = Vec::new();
    for plan in plans.map(KernelPlan::from) {
        let replacement = plan.select_by(&network, |shape: &ConvShape| crossbars_saved(shape, &SubImage, &target))?;
        let crossbars = kernel_crossbars(&replacement.apply(&network)?, &SubImage, &target)?;
        let all = *all.get_or_insert(crossbars);
        counts.push(KernelCount {
            network: name,
            crossbar,
            kernels: plan.to_string(),
            window,
            ratio: replacement.ratio(),
            crossbars,
            reduction: 1.0 - crossbars as f64 / all as f64,
        });
    }
    Ok(counts)
}

/// Crossbars of all layers but the classifier.
fn kernel_crossbars(network: &Network, scheme: &dyn Scheme, target: &Target) -> Result<u64, MappingError> {
    let mapping = map_network(network, scheme, target, None)?;
    let kernels = mapping.layers.iter().filter(|layer| layer.kind != LayerKind::Dense);
    Ok(kernels.map(|layer| layer.counts.crossbars).sum())
}

fn overlap(window: usize) -> f64 {
    let shape = ConvShape { padding: Padding::all(1), ..ConvShape::new(1, [32, 32], 1, 3) };
    Partition::new(&shape, [window, window]).overlap_overhead()
}
