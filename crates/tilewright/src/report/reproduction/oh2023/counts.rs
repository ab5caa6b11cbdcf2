//! The paper's statements on crossbars beside our counts.

use crate::mapping::kernels::{Kernels2d, crossbars_saved, kernel_crossbars};
use crate::mapping::scheme::SubImage;
use crate::mapping::{CrossbarSize, Encoding, SignRule, SubImageWindow, Target};
use crate::network::{ConvShape, KernelPlan, ReplaceRule, ReplacedLayers, zoo};
use crate::report::recognition::{RecognitionError, SIDES};
use serde::Serialize;

/// The networks counted.
const NETWORKS: [&str; 2] = ["resnet20", "resnet110"];

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

/// Every network, crossbar, window rule and kernel plan.
pub(super) fn counts() -> Result<Vec<KernelCount>, RecognitionError> {
    let mut counts = Vec::new();
    for network in NETWORKS {
        for side in SIDES {
            for window in [SubImageWindow::Largest, SubImageWindow::Best] {
                counts.extend(count_plans(network, CrossbarSize { rows: side, columns: side }, window)?);
            }
        }
    }
    Ok(counts)
}

pub(super) fn claims(counts: &[KernelCount]) -> Vec<Claim> {
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
) -> Result<Vec<KernelCount>, RecognitionError> {
    let network = zoo::build(name)?;
    let target = Target { window, ..Target::new(crossbar, Encoding::whole(SignRule::Differential)) };
    let half = |rule| ReplacedLayers::Ratio { ratio: 0.5, rule, rank: 1 };
    let plans = [
        ReplacedLayers::None,
        half(ReplaceRule::First),
        half(ReplaceRule::Last),
        half(ReplaceRule::MostSaved),
        ReplacedLayers::All { rank: 1 },
    ];
    let mut all = None;
    let mut counts = Vec::new();
    for plan in plans.map(KernelPlan::from) {
        let replacement = plan.select_by(&network, |shape: &ConvShape, rank| {
            crossbars_saved(shape, (rank, Kernels2d::OnCrossbars), &SubImage, &target)
        })?;
        let crossbars = kernel_crossbars(&network, &replacement.apply(&network)?, &SubImage, &target)?;
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
