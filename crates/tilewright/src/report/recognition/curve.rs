//! Crossbars of a network at every normalized ratio.

use super::{RecognitionError, target};
use crate::mapping::kernels::kernel_crossbars;
use crate::mapping::scheme::SubImage;
use crate::network::{KernelPlan, zoo};
use serde::Serialize;

/// Crossbars against the normalized ratio, first layers replaced first.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RatioCurve {
    /// The network of the zoo.
    pub network: String,
    /// Rows and columns of the crossbar.
    pub side: usize,
    /// From no layer replaced to all.
    pub points: Vec<RatioCount>,
}

/// Crossbars at one normalized ratio.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RatioCount {
    /// Replaced / replaceable layers.
    pub ratio: f64,
    /// Crossbars of the layers with more than one tap.
    pub crossbars: u64,
}

impl RatioCurve {
    /// Counts a network with no layer replaced, one, two, …, all.
    ///
    /// # Errors
    /// If there is no such network, or it does not fit the crossbar.
    pub fn new(network: &str, side: usize) -> Result<Self, RecognitionError> {
        let original = zoo::build(network)?;
        let layers = original.replaceable_layers().len();
        let points = (0..=layers).map(|replaced| {
            let plan: KernelPlan = format!("ratio={}", replaced as f64 / layers.max(1) as f64).parse()?;
            let replacement = plan.select(&original)?;
            let mixed = replacement.apply(&original)?;
            let crossbars = kernel_crossbars(&original, &mixed, &SubImage, &target(side))?;
            Ok(RatioCount { ratio: replacement.ratio(), crossbars })
        });
        let points = points.collect::<Result<_, RecognitionError>>()?;
        Ok(Self { network: network.into(), side, points })
    }
}
