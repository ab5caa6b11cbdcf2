//! Which images are shown to a network, and how.

use super::data::{PlaceArgs, sets};
use super::number::{number, whole};
use clap::Args;
use clap::builder::TypedValueParser;
use tilewright_data::catalog::Entry;

/// The first test images of a data set.
#[derive(Clone, Debug, Args)]
pub(crate) struct ImageArgs {
    #[command(flatten)]
    pub(crate) set: SetArgs,

    /// Greatest number of images, from the first. [default: all]
    #[arg(long, value_name = "IMAGES", value_parser = whole(1..=u32::MAX))]
    pub(crate) limit: Option<u32>,
}

/// A data set, and how its images are normalised.
#[derive(Clone, Debug, Args)]
pub(crate) struct SetArgs {
    /// Data set whose test images are shown. [default: the one a trained network is for]
    #[arg(long, value_name = "NAME", value_parser = sets())]
    pub(crate) set: Option<&'static Entry>,

    #[command(flatten)]
    pub(crate) place: PlaceArgs,

    /// Mean of each channel, of pixels of 0 to 1, joined by commas. [default: what a trained network had, or the set's]
    #[arg(long, value_name = "MEANS", value_delimiter = ',', requires = "std", value_parser = mean())]
    pub(crate) mean: Vec<f32>,

    /// Standard deviation of each channel, joined by commas.
    #[arg(long, value_name = "DEVIATIONS", value_delimiter = ',', requires = "mean", value_parser = deviation())]
    pub(crate) std: Vec<f32>,
}

/// Pixels are 0 to 1, so that nothing greater is the mean of any.
fn mean() -> impl TypedValueParser<Value = f32> {
    number("a mean of pixels of 0 to 1, so not of 0 to 255, a number", -10.0..=10.0f32)
}

fn deviation() -> impl TypedValueParser<Value = f32> {
    number("a standard deviation of pixels of 0 to 1, so not of 0 to 255, a number", 1e-6..=10.0)
}
