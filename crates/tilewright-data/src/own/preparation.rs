//! What is done to a picture before it is shown: resized, cropped, padded, in this order.

use super::picture::Picture;
use super::resample::resample;
use anyhow::{Result, anyhow};

/// The new size of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resize {
    /// The shorter side has so many pixels, the other keeps its proportion.
    Shorter(usize),
    /// Height and width.
    Exactly([usize; 2]),
}

/// What is done to each picture, as torchvision's `Resize`, `CenterCrop` and `Pad` do it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Preparation {
    /// The size it gets first.
    pub resize: Option<Resize>,
    /// Height and width of the part around its centre that is kept then.
    pub crop: Option<[usize; 2]>,
    /// Black pixels that are put on every side at last: above and below, left and right.
    pub pad: Option<[usize; 2]>,
}

impl Preparation {
    /// Does all of it.
    pub(crate) fn of(&self, picture: Picture) -> Result<Picture> {
        let picture = match self.resize.map(|resize| resize.size(&picture)) {
            Some([height, width]) => resample(picture, height, width),
            None => picture,
        };
        let picture = match self.crop {
            Some(size) => crop(&picture, size)?,
            None => picture,
        };
        Ok(match self.pad {
            Some(sides) => pad(&picture, sides),
            None => picture,
        })
    }
}

impl Resize {
    fn size(self, picture: &Picture) -> [usize; 2] {
        let Picture { height, width, .. } = *picture;
        match self {
            Self::Exactly(size) => size,
            Self::Shorter(side) if height <= width => [side, (side * width / height).max(1)],
            Self::Shorter(side) => [(side * height / width).max(1), side],
        }
    }
}

fn crop(picture: &Picture, [height, width]: [usize; 2]) -> Result<Picture> {
    if picture.height < height || picture.width < width {
        let Picture { height: has, width: wide, .. } = picture;
        return Err(anyhow!("it is {has}×{wide} pixels, too small for --crop {height}x{width}; give --resize too"));
    }
    let (top, left) = (half(picture.height - height), half(picture.width - width));
    let row = |row: usize| {
        let first = ((top + row) * picture.width + left) * picture.channels;
        &picture.pixels[first..first + width * picture.channels]
    };
    let pixels = (0..height).flat_map(row).copied().collect();
    Ok(Picture { height, width, channels: picture.channels, pixels })
}

/// Half of it, rounded to even as Python's `round` does.
const fn half(difference: usize) -> usize {
    let floor = difference / 2;
    if difference % 2 == 1 && floor % 2 == 1 { floor + 1 } else { floor }
}

fn pad(picture: &Picture, [rows, columns]: [usize; 2]) -> Picture {
    let (height, width) = (picture.height + 2 * rows, picture.width + 2 * columns);
    let mut pixels = vec![0; height * width * picture.channels];
    let lines = pixels.chunks_mut(width * picture.channels).skip(rows);
    for (line, row) in lines.zip(picture.pixels.chunks(picture.width * picture.channels)) {
        line[columns * picture.channels..][..row.len()].copy_from_slice(row);
    }
    Picture { height, width, channels: picture.channels, pixels }
}
