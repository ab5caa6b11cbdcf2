//! Images or features in an array of numpy.

use super::labels::{self, Labels};
use super::npy::{self, Array, Numbers};
use super::{Own, Preparation, Wanted};
use anyhow::{Context, Result, anyhow};
use std::fs;
use tilewright::dataset::{Dataset, Values};

/// What arrays of an archive are called.
const IMAGES: [&str; 6] = ["x", "images", "data", "features", "x_test", "arr_0"];
pub(super) const LABELS: [&str; 5] = ["y", "labels", "targets", "y_test", "arr_1"];

/// Reads an NPY or NPZ file.
pub(super) fn read(own: &Own, wanted: &Wanted<'_>) -> Result<Dataset> {
    let file = own.path.display().to_string();
    if own.preparation != Preparation::default() {
        return Err(anyhow!(
            "{file} is an array, and --resize, --crop and --pad are of pictures in a folder; leave them out"
        ));
    }
    let unreadable = || format!("cannot read the images {file}");
    let arrays = npy::read(&fs::read(&own.path).with_context(unreadable)?).with_context(unreadable)?;
    let is_alone = arrays.len() == 1;
    let (mut images, mut inside) = (None, None);
    let names = arrays.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    for (name, array) in arrays {
        if IMAGES.contains(&name.as_str()) || is_alone {
            images = Some(array);
        } else if LABELS.contains(&name.as_str()) {
            inside = Some(array);
        }
    }
    let images =
        images.ok_or_else(|| anyhow!("{file} has the arrays {names}; call the images {}", IMAGES.join(" or ")))?;
    let count = *images.shape.first().filter(|_| images.shape.len() > 1).ok_or_else(|| {
        anyhow!("{file} has the shape {:?}; give the images along the first axis, and more axes for each", images.shape)
    })?;
    let shape = images.shape[1..].to_vec();
    let per_image: usize = shape.iter().product();
    let kept = count.min(wanted.limit);
    let values: Values = match images.numbers {
        Numbers::Bytes(pixels) => pixels.into_iter().take(kept * per_image).collect::<Vec<u8>>().into(),
        Numbers::Reals(features) => features.into_iter().take(kept * per_image).collect::<Vec<f32>>().into(),
        Numbers::Integers(_) => {
            return Err(anyhow!(
                "{file} has whole numbers of more than 8 bits; give uint8 for pixels of 0 to 255, or float32 for features"
            ));
        }
    };
    let (labels, classes) = match wanted.classes {
        None => (vec![0; kept], 1),
        Some(classes) => (labels_of(own, &file, inside, count, classes)?, classes),
    };
    let set = Dataset::new(file, shape, values, labels.into_iter().take(kept), classes)?;
    Ok(if own.channels_last { set.with_channels_last() } else { set })
}

/// The labels of a file of their own, or of the same archive.
fn labels_of(own: &Own, file: &str, inside: Option<Array>, count: usize, classes: usize) -> Result<Vec<u32>> {
    let (name, values) = match (&own.labels, inside) {
        (Some(path), Some(_)) => {
            return Err(anyhow!("{file} has labels itself; leave --labels {} out", path.display()));
        }
        (Some(path), None) => {
            let name = path.display().to_string();
            match Labels::read(path)? {
                Labels::InOrder(values) => (name, values),
                Labels::ByName(_) => {
                    return Err(anyhow!(
                        "{name} names files, and {file} is an array; give one label per image, in order"
                    ));
                }
            }
        }
        (None, Some(array)) => (file.to_owned(), labels::whole(file, array)?),
        (None, None) => {
            return Err(anyhow!(
                "{file} has no labels; give --labels FILE, or an NPZ file with an array called {}",
                LABELS.join(" or ")
            ));
        }
    };
    if values.len() != count {
        return Err(anyhow!("{name} has {} labels, and {file} {count} images; give each image one", values.len()));
    }
    labels::checked(&name, &values, classes)
}
