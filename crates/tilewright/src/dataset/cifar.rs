//! The binary form of CIFAR-10 and CIFAR-100 (Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny Images").
//!
//! A file is records after one another: the label (CIFAR-100: the coarse, then the fine label), one byte each, then 1 024
//! red, 1 024 green and 1 024 blue bytes, each plane row by row.

use super::{Dataset, DatasetError};

/// Size of an image, `[channels, height, width]`.
pub const SHAPE: [usize; 3] = [3, 32, 32];

const PIXELS: usize = 3 * 32 * 32;

/// Which labels a file has, and which of them are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Labels {
    /// CIFAR-10: 10 classes.
    Cifar10,
    /// CIFAR-100: its 100 classes.
    Cifar100Fine,
    /// CIFAR-100: the 20 superclasses of five classes each.
    Cifar100Coarse,
}

impl Labels {
    /// Number of classes.
    pub const fn classes(self) -> usize {
        match self {
            Self::Cifar10 => 10,
            Self::Cifar100Fine => 100,
            Self::Cifar100Coarse => 20,
        }
    }

    /// Number of classes of each label byte of a record, and which of the bytes is read.
    const fn bytes(self) -> (&'static [usize], usize) {
        match self {
            Self::Cifar10 => (&[10], 0),
            Self::Cifar100Fine => (&[20, 100], 1),
            Self::Cifar100Coarse => (&[20, 100], 0),
        }
    }
}

/// Reads the bytes of a file; `file` names it in errors and names the set.
///
/// # Errors
/// [`DatasetError::Length`] unless the bytes are one whole record or more, [`DatasetError::Label`] for a label out of range.
pub fn read(labels: Labels, file: &str, bytes: &[u8]) -> Result<Dataset, DatasetError> {
    let (label_classes, read) = labels.bytes();
    let record = label_classes.len() + PIXELS;
    if bytes.is_empty() || !bytes.len().is_multiple_of(record) {
        return Err(DatasetError::Length {
            file: file.into(),
            found: bytes.len(),
            allowed: format!("a record has {record} bytes, and a file one whole record or more"),
        });
    }
    let images = bytes.len() / record;
    let (mut pixels, mut chosen) = (Vec::with_capacity(images * PIXELS), Vec::with_capacity(images));
    for (image, record) in bytes.chunks_exact(record).enumerate() {
        let (found, values) = record.split_at(label_classes.len());
        for (&found, &classes) in found.iter().zip(label_classes) {
            if usize::from(found) >= classes {
                return Err(DatasetError::Label { file: file.into(), image, found: found.into(), classes });
            }
        }
        chosen.push(found[read]);
        pixels.extend_from_slice(values);
    }
    Dataset::new(file, SHAPE, pixels, chosen, labels.classes())
}
