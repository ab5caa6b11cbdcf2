//! Images of the user's own: pictures in a folder, or an array of numpy.
//!
//! A folder has a folder a class, as torchvision's `ImageFolder`: classes and files are sorted by name. Images are taken from all
//! classes in turn, the first of each, then the second of each, so that the first few stand for all. With labels in a file they are
//! taken in the order of their names.
//!
//! Not modelled: pictures as they are stored turned (Exif), colour profiles, transparency, arrays too large for memory.

mod array;
mod folder;
mod labels;
pub(crate) mod npy;
mod picture;
mod preparation;
mod resample;
mod targets;
#[cfg(test)]
mod tests;

pub use npy::Numbers;
pub use preparation::{Preparation, Resize};
pub use targets::targets_of;

use anyhow::Result;
use std::path::PathBuf;
use tilewright::dataset::Dataset;

/// Where a user's images are, and what is done to them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Own {
    /// A folder of PNG, JPEG and WebP files, an NPY or an NPZ file.
    pub path: PathBuf,
    /// Their labels, where neither folders nor an array of the same file say them: an NPY file, or text with a line an image. Where
    /// labels do not matter they still say that images are shown in the order of their names.
    pub labels: Option<PathBuf>,
    /// Whether images of an array are `[height, width, channels]`.
    pub channels_last: bool,
    /// What is done to each picture.
    pub preparation: Preparation,
}

/// What the images are for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// What the network is called.
    pub network: &'a str,
    /// Shape of its input.
    pub input: &'a [usize],
    /// How many classes it tells apart; `None` if labels do not matter, and then every label is 0.
    pub classes: Option<usize>,
    /// How many images are read at most.
    pub limit: usize,
}

impl Own {
    /// Reads the images, in the form that the network takes where they can be put into it.
    ///
    /// # Errors
    /// Names the file, what was found, and what to do: a file that is no picture or array, a picture of another size than the
    /// network's, labels that are missing, too many or beyond the classes, features that are not finite.
    pub fn read(&self, wanted: &Wanted<'_>) -> Result<Dataset> {
        let set = if self.path.is_dir() { folder::read(self, wanted) } else { array::read(self, wanted) };
        Ok(set?.for_input(wanted.input))
    }
}
