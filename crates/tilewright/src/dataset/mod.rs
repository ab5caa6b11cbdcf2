//! Stage 4: labelled images to measure accuracy on. Readers of the published binary forms, pure: bytes in, [`Dataset`] out.
//!
//! [`cifar`] reads CIFAR-10 and CIFAR-100, [`idx`] MNIST and Fashion-MNIST; [`Normalization`] turns pixels into what a
//! network was trained on. Guaranteed by every reader and checked by [`Dataset::verify`]: at least one image, as many labels
//! as images, every label below the number of classes, no image without pixels, no feature that is not a number. Not modelled:
//! augmentation, batches, sets too large for memory.
//!
//! ```
//! use tilewright::dataset::{Normalization, cifar};
//!
//! let mut record = vec![7]; // a horse
//! record.extend([128; 3072]);
//! let set = cifar::read(cifar::Labels::Cifar10, "data_batch_1.bin", &record)?;
//! assert_eq!((set.len(), set.label(0)), (1, 7));
//! let image = set.image(0, &Normalization::CIFAR10);
//! assert_eq!(image.shape(), [3, 32, 32]);
//! # Ok::<(), tilewright::dataset::DatasetError>(())
//! ```

pub mod cifar;
pub mod idx;
mod images;
mod normalization;
mod statistics;
mod values;

pub use images::Dataset;
pub use normalization::Normalization;
pub use values::Values;

/// Why bytes are not a data set. Each is the file's, never a bug.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DatasetError {
    /// A file cut short, or with something after its end.
    #[error("{file} has {found} bytes; {allowed}")]
    Length {
        /// The file.
        file: String,
        /// Its length in bytes.
        found: usize,
        /// What its length may be.
        allowed: String,
    },
    /// A file of another kind.
    #[error("{file} begins with {found:#010x}, not with {allowed:#010x} ({meaning}); {hint}")]
    Magic {
        /// The file.
        file: String,
        /// Its first four bytes, the most significant first.
        found: u32,
        /// What they must be.
        allowed: u32,
        /// What is read here.
        meaning: &'static str,
        /// What to do.
        hint: &'static str,
    },
    /// A label that stands for no class.
    #[error("{file} labels image {image} (from 0) with {found}; labels are 0 to {}", classes - 1)]
    Label {
        /// The file.
        file: String,
        /// The image, from 0.
        image: usize,
        /// Its label.
        found: u32,
        /// The number of classes.
        classes: usize,
    },
    /// A feature that is not a number, or infinite.
    #[error(
        "{file} has the value {found} in image {image} (from 0); a network needs finite numbers, so clean the data first"
    )]
    NotFinite {
        /// The file.
        file: String,
        /// The image, from 0.
        image: usize,
        /// Its value.
        found: f32,
    },
    /// Sizes that make no sense, or that do not go together.
    #[error("{file} has {found}; {allowed}")]
    Dimensions {
        /// The file.
        file: String,
        /// What was found.
        found: String,
        /// What is allowed.
        allowed: String,
    },
}
