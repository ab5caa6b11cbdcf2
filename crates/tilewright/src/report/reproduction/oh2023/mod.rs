//! Oh, An, Min, "Area-Efficient Mapping of Convolutional Neural Networks to Memristor Crossbars Using Sub-Image Partitioning",
//! Micromachines 14(2):309, 2023: unit crossbars and recognition rates of 3D, 2D+1D and mixed kernels.

mod counts;
mod overlap;
mod rates;
mod savings;

pub use counts::{Claim, KernelCount};
pub use overlap::{KindOverlap, Overlap};
pub use rates::{Missing, RateClaim};
pub use savings::{Answer, AreaFront, Best, Explored, Savings, Step};

use crate::report::recognition::{RatePoint, RatioCurve, RecognitionError, SIDES, TestedNetwork, rate_points};
use serde::Serialize;

/// The paper's claims beside our counts and measurements.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Oh2023 {
    /// What of the counts is the paper's and what our reading of it.
    pub reading: &'static str,
    /// What is not known of the paper's measurements, and how ours were made.
    pub unknown: &'static str,
    /// The paper's statements on crossbars and our figures.
    pub claims: Vec<Claim>,
    /// The paper's statements on recognition and our measurements.
    pub rate_claims: Vec<RateClaim>,
    /// Trained networks: recognition rate and crossbars.
    pub rates: Vec<RatePoint>,
    /// The trained networks that are not there yet.
    pub missing: Vec<Missing>,
    /// Crossbars of all 3×3 layers per network, crossbar and kernel plan.
    pub counts: Vec<KernelCount>,
    /// Crossbars at every normalized ratio, of the networks that are trained.
    pub curves: Vec<RatioCurve>,
    /// What the halos cost by window.
    pub overlaps: Vec<Overlap>,
    /// What the halos cost by kernel kind, under the rule.
    pub kind_overlaps: Vec<KindOverlap>,
}

impl Oh2023 {
    /// The paper's data set, as `tilewright data` calls it.
    pub const DATA_SET: &str = "cifar10";

    /// Counts everything in a moment and puts trained networks beside it; those on other data sets than the paper's are left
    /// out.
    ///
    /// # Errors
    /// Only for what is wrong with the trained networks, see [`rate_points`].
    pub fn count(trained: &[TestedNetwork]) -> Result<Self, RecognitionError> {
        let counts = counts::counts()?;
        let rates = rate_points(&rates::on_its_data(trained))?;
        let curves = rates::TRAINED.into_iter().flat_map(|network| SIDES.map(|side| RatioCurve::new(network, side)));
        Ok(Self {
            reading: "The paper's text of the rule and its network are not at hand. Counted is the sub-image scheme, \
                      largest-window reading: differential pairs; for every kernel the largest m×m output window whose \
                      single-channel sub-image fits, (m+2)² ≤ rows and 2·m² ≤ columns; one copy per window; all 3×3 layers, \
                      the first included, pointwise shortcuts and the classifier not: 70 400 \
                      crossbars of 128×128 for ResNet-20, 70 401 where all of it is mapped.",
            unknown: "Of the paper's recognition rates only its statements are at hand, not its network, its training, its \
                      rates, nor which layers it replaces at each ratio, nor whether its 2 % are percentage points of the \
                      rate. Ours are percentage points on CIFAR-10's test images, in floating point, first layers replaced \
                      first unless the plan names its layers; ± is the sample standard deviation over the seeds, of losses \
                      the standard error; with one seed, the interval is Wilson's of 95 %. Losses are against 3D kernels \
                      trained by the same recipe where there are such; otherwise it is said that training was not equal, \
                      and part of the loss or gain is the training's. Every network's recipe is in the list of recipes.",
            claims: counts::claims(&counts),
            rate_claims: rates::rate_claims(&rates),
            missing: rates::missing(&rates),
            rates,
            counts,
            curves: curves.collect::<Result<_, _>>()?,
            overlaps: overlap::by_window(),
            kind_overlaps: overlap::by_kind()?,
        })
    }
}
