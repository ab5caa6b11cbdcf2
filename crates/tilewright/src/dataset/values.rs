//! The numbers of images: pixels of eight bits, or features.

use std::ops::Range;

/// The values of all images of a set, one image after another.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Pixels of 0 to 255, which a network sees as 0 to 1 before they are normalised.
    Pixels(Vec<u8>),
    /// Numbers that are taken as they are.
    Features(Vec<f32>),
}

impl Values {
    /// How many numbers.
    pub const fn len(&self) -> usize {
        match self {
            Self::Pixels(pixels) => pixels.len(),
            Self::Features(features) => features.len(),
        }
    }

    /// Whether there is no number.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes of some of them, the least significant first.
    pub(super) fn bytes(&self, range: Range<usize>) -> Vec<u8> {
        match self {
            Self::Pixels(pixels) => pixels[range].to_vec(),
            Self::Features(features) => features[range].iter().flat_map(|value| value.to_le_bytes()).collect(),
        }
    }

    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Pixels(_) => "images",
            Self::Features(_) => "features",
        }
    }

    /// Some of them as numbers; a pixel is 0 to 1.
    pub(super) fn numbers(&self, range: Range<usize>) -> Vec<f32> {
        match self {
            Self::Pixels(pixels) => pixels[range].iter().map(|&pixel| f32::from(pixel) / 255.0).collect(),
            Self::Features(features) => features[range].to_vec(),
        }
    }

    /// The first number that is none, and where it is.
    pub(super) fn first_not_finite(&self) -> Option<(usize, f32)> {
        let Self::Features(features) = self else { return None };
        features.iter().copied().enumerate().find(|(_, value)| !value.is_finite())
    }

    /// Puts others behind, if they are of the same kind.
    pub(super) fn append(&mut self, others: &Self) -> bool {
        match (self, others) {
            (Self::Pixels(pixels), Self::Pixels(others)) => pixels.extend_from_slice(others),
            (Self::Features(features), Self::Features(others)) => features.extend_from_slice(others),
            _ => return false,
        }
        true
    }

    /// Each image `[rows, columns]` as `[columns, rows]`.
    pub(super) fn transposed(&self, rows: usize, columns: usize) -> Self {
        match self {
            Self::Pixels(pixels) => Self::Pixels(transposed(pixels, rows, columns)),
            Self::Features(features) => Self::Features(transposed(features, rows, columns)),
        }
    }
}

fn transposed<T: Copy>(values: &[T], rows: usize, columns: usize) -> Vec<T> {
    let of_image = |image: &[T]| -> Vec<T> {
        (0..rows * columns).map(|place| image[place % rows * columns + place / rows]).collect()
    };
    values.chunks(rows * columns).flat_map(of_image).collect()
}

impl From<Vec<u8>> for Values {
    fn from(pixels: Vec<u8>) -> Self {
        Self::Pixels(pixels)
    }
}

impl From<Vec<f32>> for Values {
    fn from(features: Vec<f32>) -> Self {
        Self::Features(features)
    }
}
