//! Which images are shown to a network, and how.

use super::data::{PlaceArgs, sets};
use super::number::{number, whole};
use clap::builder::TypedValueParser;
use clap::{Args, ValueHint};
use std::path::PathBuf;
use tilewright_data::catalog::Entry;
use tilewright_data::own::{Own, Preparation, Resize};

/// The first test images of a data set.
#[derive(Clone, Debug, Args)]
pub(crate) struct ImageArgs {
    #[command(flatten)]
    pub(crate) set: SetArgs,

    /// Use at most this many images, from the first on. [default: all]
    #[arg(long, value_name = "IMAGES", value_parser = whole(1..=u32::MAX))]
    pub(crate) limit: Option<u32>,
}

/// A data set, and how its images are normalised.
#[derive(Clone, Debug, Args)]
pub(crate) struct SetArgs {
    /// Data set whose test images are used. [default: the one a trained network is for]
    #[arg(long, value_name = "NAME", value_parser = sets())]
    pub(crate) set: Option<&'static Entry>,

    #[command(flatten)]
    pub(crate) place: PlaceArgs,

    #[command(flatten)]
    pub(crate) own: OwnArgs,

    /// Mean of each channel, joined by commas, for pixels scaled to 0 to 1 or for features. [default: that of the trained network
    /// or of the data set; features are used unchanged]
    #[arg(long, value_name = "MEANS", value_delimiter = ',', requires = "std", value_parser = mean())]
    pub(crate) mean: Vec<f32>,

    /// Standard deviation of each channel, joined by commas.
    #[arg(long, value_name = "DEVIATIONS", value_delimiter = ',', requires = "mean", value_parser = deviation())]
    pub(crate) std: Vec<f32>,
}

/// Images of the user's own, in place of a data set.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Your own images")]
pub(crate) struct OwnArgs {
    /// Your own images: a folder with a folder of PNG, JPEG or WebP files for each class, sorted by name; or an NPY or NPZ file of
    /// uint8 pixels or float features, images along its first axis.
    #[arg(long, value_name = "DIR|FILE", value_hint = ValueHint::AnyPath, conflicts_with_all = ["set", "data"])]
    pub(crate) images: Option<PathBuf>,

    /// Labels of your images, counted from 0, if no folders give them: an NPY file, or text with one line per image,
    /// its label or its file name and its label.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "images")]
    pub(crate) labels: Option<PathBuf>,

    /// The images of your array are height x width x channels.
    #[arg(long, requires = "images")]
    pub(crate) channels_last: bool,

    /// First resize pictures: pixels of the shorter side, or height x width; bilinear, like torchvision's Resize.
    #[arg(long, value_name = "SIZE", value_parser = resize, requires = "images")]
    pub(crate) resize: Option<Resize>,

    /// Then keep the part around the centre: height x width, or one number for both.
    #[arg(long, value_name = "SIZE", value_parser = sides::<1>, requires = "images")]
    pub(crate) crop: Option<[usize; 2]>,

    /// Then pad with black pixels: above and below x left and right, or one number for both.
    #[arg(long, value_name = "PIXELS", value_parser = sides::<0>, requires = "images")]
    pub(crate) pad: Option<[usize; 2]>,
}

impl OwnArgs {
    /// The images, if they are the user's own.
    pub(crate) fn own(&self) -> Option<Own> {
        let labels = self.labels.clone();
        Some(Own { path: self.images.clone()?, labels, ..self.like(PathBuf::new()) })
    }

    /// Other images without labels, prepared alike.
    pub(crate) fn like(&self, path: PathBuf) -> Own {
        let Self { channels_last, resize, crop, pad, .. } = *self;
        Own { path, labels: None, channels_last, preparation: Preparation { resize, crop, pad } }
    }
}

/// What converters are calibrated on.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Your own images")]
pub(crate) struct CalibrationArgs {
    /// Images to calibrate on, given and prepared like --images, without labels. [default: the training images of the
    /// data set]
    #[arg(long, value_name = "DIR|FILE", value_hint = ValueHint::AnyPath)]
    pub(crate) calibration_images: Option<PathBuf>,
}

fn resize(text: &str) -> Result<Resize, String> {
    match text.parse() {
        Ok(side @ 1..=MOST_PIXELS) => Ok(Resize::Shorter(side)),
        _ => sides::<1>(text).map(Resize::Exactly),
    }
}

/// Rows and columns, or one number for both.
fn sides<const LEAST: usize>(text: &str) -> Result<[usize; 2], String> {
    let (rows, columns) = text.split_once(['x', '×']).unwrap_or((text, text));
    let side = |text: &str| text.parse().ok().filter(|side| (LEAST..=MOST_PIXELS).contains(side));
    let both = side(rows).zip(side(columns));
    both.map(Into::into).ok_or_else(|| format!("give {LEAST} to {MOST_PIXELS} pixels, or height x width as in 224x224"))
}

const MOST_PIXELS: usize = 16_384;

/// Pixels are 0 to 1, so that nothing greater is the mean of any.
fn mean() -> impl TypedValueParser<Value = f32> {
    number("a mean of pixels of 0 to 1, so not of 0 to 255, a number", -10.0..=10.0f32)
}

fn deviation() -> impl TypedValueParser<Value = f32> {
    number("a standard deviation of pixels of 0 to 1, so not of 0 to 255, a number", 1e-6..=10.0)
}
