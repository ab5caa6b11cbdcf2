//! IDX files of unsigned bytes, as MNIST (LeCun, Cortes, Burges 1998) and Fashion-MNIST (Xiao, Rasul, Vollgraf 2017) have
//! them.
//!
//! A file begins with two zero bytes, the type of its values (8: unsigned bytes) and the number of its axes, then the length
//! of each axis as four bytes, the most significant first; the values follow, the last axis varying fastest.

use super::{Dataset, DatasetError};

/// An IDX file of pixels `[images, height, width]`.
const IMAGES: u32 = 0x0803;
/// An IDX file of labels `[images]`.
const LABELS: u32 = 0x0801;
/// How a gzip file of the usual method begins.
const GZIP: u32 = 0x1f8b_0800;

/// A file and its bytes.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// What errors call it.
    pub name: &'a str,
    /// What it holds, unpacked.
    pub bytes: &'a [u8],
}

/// Reads a file of images and the file of their labels, 0 to `classes` − 1; the set gets the name of the images.
///
/// # Errors
/// [`DatasetError::Magic`] for files of another kind, [`DatasetError::Length`] for those cut short or too long,
/// [`DatasetError::Dimensions`] for images without pixels or not as many as labels, [`DatasetError::Label`] for a label out
/// of range.
pub fn read(images: File<'_>, labels: File<'_>, classes: usize) -> Result<Dataset, DatasetError> {
    let ([count, height, width], pixels) = axes::<3>(images, IMAGES, "unsigned bytes on three axes")?;
    let ([labelled], values) = axes::<1>(labels, LABELS, "unsigned bytes on one axis")?;
    if count != labelled {
        return Err(DatasetError::Dimensions {
            file: labels.name.into(),
            found: format!("{labelled} labels"),
            allowed: format!("{} has {count} images, and each has one", images.name),
        });
    }
    let named_by = |file: &str, error: DatasetError| match error {
        DatasetError::Label { image, found, classes, .. } => {
            DatasetError::Label { file: file.into(), image, found, classes }
        }
        other => other,
    };
    let set = Dataset::new(images.name, [1, height, width], pixels.to_vec(), values.to_vec(), classes);
    set.map_err(|error| named_by(labels.name, error))
}

/// The lengths of the axes, and the values.
fn axes<'a, const N: usize>(
    file: File<'a>,
    magic: u32,
    meaning: &'static str,
) -> Result<([usize; N], &'a [u8]), DatasetError> {
    let length = |allowed: String| DatasetError::Length { file: file.name.into(), found: file.bytes.len(), allowed };
    let header = 4 + 4 * N;
    let words: Vec<u32> = file.bytes.chunks_exact(4).take(1 + N).map(word).collect();
    match words.first() {
        Some(&found) if found != magic => {
            let hint = if found == GZIP { "unpack it with gzip first" } else { "give an IDX file of that kind" };
            return Err(DatasetError::Magic { file: file.name.into(), found, allowed: magic, meaning, hint });
        }
        _ if words.len() <= N => return Err(length(format!("its header alone has {header}"))),
        _ => {}
    }
    let axes: [usize; N] = std::array::from_fn(|axis| words[1 + axis] as usize);
    // In 128 bits, because three lengths of 32 bits each may multiply to 96.
    let values: u128 = axes.iter().map(|&length| length as u128).product();
    if file.bytes.len() as u128 != header as u128 + values {
        return Err(length(format!("its header of {header} announces {values} values of one byte after it")));
    }
    Ok((axes, &file.bytes[header..]))
}

fn word(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |word, &byte| word << 8 | u32::from(byte))
}
