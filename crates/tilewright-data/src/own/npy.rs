//! Arrays of numpy: NPY (version 1 to 3 of its format) and NPZ, a ZIP archive of them.

use anyhow::{Context, Result, anyhow};
use std::io::Read;

/// Bytes that one array may have.
const MOST: u64 = 8 << 30;

/// An array in row-major order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Array {
    pub(crate) shape: Vec<usize>,
    pub(crate) numbers: Numbers,
}

/// The numbers of an array; others than these are made to them without loss, but for `float64`, which is rounded to `float32`.
#[derive(Clone, Debug, PartialEq)]
pub enum Numbers {
    /// Unsigned bytes, or truth values of 0 and 1.
    Bytes(Vec<u8>),
    /// Other whole numbers.
    Integers(Vec<i64>),
    /// Numbers in floating point.
    Reals(Vec<f32>),
}

/// The arrays of an NPY file, which has one without a name, or of an NPZ archive.
pub(crate) fn read(bytes: &[u8]) -> Result<Vec<(String, Array)>> {
    if bytes.starts_with(b"PK") {
        return archive(bytes);
    }
    Ok(vec![(String::new(), array(bytes)?)])
}

fn archive(bytes: &[u8]) -> Result<Vec<(String, Array)>> {
    let archive = rawzip::ZipArchive::from_slice(bytes)?;
    let (mut entries, mut arrays) = (archive.entries(), vec![]);
    while let Some(entry) = entries.next_entry()? {
        let name = String::from_utf8_lossy(entry.file_path().as_ref()).into_owned();
        let stored = archive.get_entry(entry.wayfinder())?;
        let found = match entry.compression_method() {
            rawzip::CompressionMethod::STORE => array(stored.verifying_reader(stored.data())),
            rawzip::CompressionMethod::DEFLATE => {
                array(stored.verifying_reader(flate2::bufread::DeflateDecoder::new(stored.data())))
            }
            other => Err(anyhow!("it is packed by {other:?}; write it with numpy.savez or numpy.savez_compressed")),
        };
        let name = name.strip_suffix(".npy").unwrap_or(&name).to_owned();
        arrays.push((name.clone(), found.with_context(|| format!("array {name:?}"))?));
    }
    Ok(arrays)
}

fn array(mut from: impl Read) -> Result<Array> {
    let header = header(&mut from)?;
    let descr = between(&header, "'descr':").context("its header names no type")?;
    let kind = Kind::of(descr.trim().trim_matches(['\'', '"']))?;
    let fortran = between(&header, "'fortran_order':").is_some_and(|order| order.trim() == "True");
    let shape = shape(&header).context("its header gives no shape")?;
    let count = shape.iter().try_fold(kind.size as u64, |bytes, &side| bytes.checked_mul(side as u64));
    let count = count.filter(|&bytes| bytes <= MOST);
    let count =
        count.ok_or_else(|| anyhow!("its shape {shape:?} takes more than {} GB; give a part of it", MOST >> 30))?;
    let mut bytes = vec![];
    from.take(count + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 != count {
        let (found, more) = (bytes.len(), if bytes.len() as u64 > count { " or more" } else { "" });
        return Err(anyhow!("it has {found}{more} bytes of values; {shape:?} of {} takes {count}", kind.name));
    }
    let order = if fortran { row_major(&shape) } else { (0..bytes.len() / kind.size).collect() };
    Ok(Array { numbers: kind.numbers(&bytes, &order), shape })
}

/// The text of the header, which is a Python dictionary.
fn header(from: &mut impl Read) -> Result<String> {
    let mut begin = [0; 8];
    let is_npy = from.read_exact(&mut begin).is_ok() && begin.starts_with(b"\x93NUMPY");
    if !is_npy {
        return Err(anyhow!("it is not a NumPy array; write it with numpy.save or numpy.savez"));
    }
    let mut length = [0; 4];
    let width = if begin[6] == 1 { 2 } else { 4 };
    from.read_exact(&mut length[..width]).context("its header is cut short")?;
    let length = u32::from_le_bytes(length);
    if length > 1 << 20 {
        return Err(anyhow!("its header has {length} bytes; an array of numbers has a short one"));
    }
    let mut text = vec![0; length as usize];
    from.read_exact(&mut text).context("its header is cut short")?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// What follows a key, up to the next comma.
fn between<'a>(header: &'a str, key: &str) -> Option<&'a str> {
    header.split_once(key)?.1.split(',').next()
}

fn shape(header: &str) -> Option<Vec<usize>> {
    let (_, after) = header.split_once("'shape':")?;
    let (_, inside) = after.split_once('(')?;
    let (inside, _) = inside.split_once(')')?;
    inside.split(',').map(str::trim).filter(|side| !side.is_empty()).map(|side| side.parse().ok()).collect()
}

/// Where in Fortran's order each number of the row-major order is.
fn row_major(shape: &[usize]) -> Vec<usize> {
    let count: usize = shape.iter().product();
    let place = |mut rest: usize| {
        let (mut place, mut stride) = (0, count);
        for &side in shape.iter().rev() {
            stride /= side;
            place += rest % side * stride;
            rest /= side;
        }
        place
    };
    (0..count).map(place).collect()
}

/// numpy's name of a type, such as `<f4`, taken apart.
struct Kind<'a> {
    name: &'a str,
    letter: u8,
    size: usize,
    is_big_endian: bool,
}

impl<'a> Kind<'a> {
    fn of(name: &'a str) -> Result<Self> {
        let unknown = || {
            anyhow!(
                "its type is {name}; give uint8 for pixels, float32 for features, or whole numbers for labels, as in x.astype(\"float32\")"
            )
        };
        let &[order, letter, size] = name.as_bytes() else { return Err(unknown()) };
        let size = usize::from(size.wrapping_sub(b'0'));
        let known = matches!((letter, size), (b'u' | b'i', 1 | 2 | 4 | 8) | (b'b', 1) | (b'f', 2 | 4 | 8));
        if known { Ok(Self { name, letter, size, is_big_endian: order == b'>' }) } else { Err(unknown()) }
    }

    fn numbers(&self, bytes: &[u8], order: &[usize]) -> Numbers {
        let word = |&place: &usize| {
            let bytes = &bytes[place * self.size..][..self.size];
            let add = |word: u64, byte: &u8| word << 8 | u64::from(*byte);
            if self.is_big_endian { bytes.iter().fold(0, add) } else { bytes.iter().rev().fold(0, add) }
        };
        let words = order.iter().map(word);
        let unused = 64 - 8 * self.size as u32;
        match (self.letter, self.size) {
            (b'u', 1) => Numbers::Bytes(words.map(|word| word as u8).collect()),
            (b'f', 2) => Numbers::Reals(words.map(|word| half(word as u16)).collect()),
            (b'f', 4) => Numbers::Reals(words.map(|word| f32::from_bits(word as u32)).collect()),
            (b'f', _) => Numbers::Reals(words.map(|word| f64::from_bits(word) as f32).collect()),
            (b'i', _) => Numbers::Integers(words.map(|word| (word << unused) as i64 >> unused).collect()),
            // What is beyond the greatest signed number is no label.
            _ => Numbers::Integers(words.map(|word| i64::try_from(word).unwrap_or(i64::MAX)).collect()),
        }
    }
}

/// IEEE 754 binary16.
fn half(bits: u16) -> f32 {
    let sign = if bits >> 15 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f32::from(bits & 1023));
    sign * match exponent {
        0 => fraction * 2f32.powi(-24),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1024.0 + fraction) * 2f32.powi(exponent - 25),
    }
}
