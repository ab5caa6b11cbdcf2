//! What is right of images that are not of one class each, from a file.

use super::npy::{self, Array, Numbers};
use super::{Own, array};
use anyhow::{Context, Result, anyhow};
use std::fs::{self, File};
use std::io::Read;
use tilewright::accuracy::Targets;

impl Own {
    /// What the labels say if they are no class an image: whole numbers of 0 and 1 with a column for each of `outputs`, or numbers in
    /// floating point, one for each. None where they are classes, or folders tell them. At most the first `limit` images are kept.
    ///
    /// # Errors
    /// Names the file, what was found, and what to do: a file that is no array, labels of another number than `outputs`, other ones than
    /// 0 and 1, or such as are not finite.
    pub fn targets(&self, outputs: usize, limit: usize) -> Result<Option<Targets>> {
        let Some((file, array)) = self.label_array()? else { return Ok(None) };
        let Some(mut targets) = targets_of(&file, array.numbers, &array.shape, outputs)? else { return Ok(None) };
        match &mut targets {
            Targets::Labels(labels) => labels.truncate(limit.saturating_mul(outputs)),
            Targets::Numbers(numbers) => numbers.truncate(limit.saturating_mul(outputs)),
        }
        Ok(Some(targets))
    }

    /// The labels as an array, and what to call its file; none where folders or a text file tell them.
    fn label_array(&self) -> Result<Option<(String, Array)>> {
        let (path, what, inside) = match &self.labels {
            Some(path) => (path, "labels", false),
            None if self.path.is_dir() => return Ok(None),
            None => (&self.path, "images", true),
        };
        let unreadable = || format!("cannot read the {what} {}", path.display());
        let mut begin = vec![];
        File::open(path).and_then(|file| file.take(6).read_to_end(&mut begin)).with_context(unreadable)?;
        // A text file tells classes, and an array of images alone no labels.
        if !begin.starts_with(b"PK") && (inside || begin != b"\x93NUMPY") {
            return Ok(None);
        }
        let bytes = fs::read(path).with_context(unreadable)?;
        let mut arrays = npy::read(&bytes).with_context(unreadable)?.into_iter();
        let found =
            if inside { arrays.find(|(name, _)| array::LABELS.contains(&name.as_str())) } else { arrays.next() };
        Ok(found.map(|(_, array)| (path.display().to_string(), array)))
    }
}

/// What the labels of `shape` say that `file` has, as [`Own::targets`]; none where they are classes.
///
/// # Errors
/// As [`Own::targets`].
pub fn targets_of(file: &str, numbers: Numbers, shape: &[usize], outputs: usize) -> Result<Option<Targets>> {
    let each = shape.iter().skip(1).product::<usize>();
    match numbers {
        Numbers::Reals(numbers) => {
            if each != outputs {
                return Err(anyhow!(
                    "{file} has labels in floating point, {each} an image, and the network yields {outputs} numbers; give whole numbers \
                     for a class an image, as in y.astype(\"int64\"), or {outputs} numbers an image for a regression"
                ));
            }
            if let Some(place) = numbers.iter().position(|number| !number.is_finite()) {
                return Err(anyhow!(
                    "{file} has {} for image {} (from 0); give finite numbers",
                    numbers[place],
                    place / each
                ));
            }
            Ok(Some(Targets::Numbers(numbers)))
        }
        _ if each == 1 && outputs > 1 => Ok(None),
        numbers => several(file, &whole(numbers), each, outputs).map(Some),
    }
}

fn whole(numbers: Numbers) -> Vec<i64> {
    match numbers {
        Numbers::Bytes(bytes) => bytes.into_iter().map(i64::from).collect(),
        Numbers::Integers(integers) => integers,
        Numbers::Reals(_) => unreachable!("these are no whole numbers"),
    }
}

/// Labels of 0 and 1, one for each output.
fn several(file: &str, labels: &[i64], each: usize, outputs: usize) -> Result<Targets> {
    if each != outputs {
        return Err(anyhow!(
            "{file} has {each} labels an image, and the network yields {outputs} scores; give a 0 or 1 for each of them, or one whole \
             number an image, its class"
        ));
    }
    if let Some(place) = labels.iter().position(|label| !(0..=1).contains(label)) {
        return Err(anyhow!(
            "{file} has {} for label {} of image {} (both from 0); give 0 or 1 where an image has {each} labels",
            labels[place],
            place % each,
            place / each
        ));
    }
    Ok(Targets::Labels(labels.iter().map(|&label| label == 1).collect()))
}
