//! NPZ: a ZIP archive of numpy arrays, as `numpy.savez` writes it.

use anyhow::Result;
use rawzip::ZipArchiveWriter;
use std::io::{BufWriter, Write};

/// An archive being written.
pub(crate) struct Npz<W> {
    archive: ZipArchiveWriter<W>,
}

/// Numbers that an array can hold.
pub(crate) trait Element: Copy {
    /// numpy's name of the type, byte order included.
    const TYPE: &'static str;
    /// The bytes, least significant first.
    fn bytes(self) -> impl AsRef<[u8]>;
}

macro_rules! element {
    ($type:ty, $name:literal) => {
        impl Element for $type {
            const TYPE: &'static str = $name;

            fn bytes(self) -> impl AsRef<[u8]> {
                self.to_le_bytes()
            }
        }
    };
}

element!(u8, "|u1");
element!(u16, "<u2");
element!(u32, "<u4");
element!(u64, "<u8");
element!(f32, "<f4");

impl<W: Write> Npz<W> {
    pub(crate) fn new(to: W) -> Self {
        Self { archive: ZipArchiveWriter::new(to) }
    }

    /// Appends an array: a vector if `width` is 1, else rows of `width` values.
    pub(crate) fn array<T: Element>(&mut self, name: &str, width: usize, values: &[T]) -> Result<()> {
        let rows = values.len() / width;
        let shape = if width == 1 { &[rows][..] } else { &[rows, width] };
        self.shaped(name, shape, values)
    }

    /// Appends an array of any shape, the last axis varying fastest.
    pub(crate) fn shaped<T: Element>(&mut self, name: &str, shape: &[usize], values: &[T]) -> Result<()> {
        let (mut entry, config) = self.archive.new_file(format!("{name}.npy")).start()?;
        let mut writer = BufWriter::new(config.wrap(&mut entry));
        writer.write_all(&header::<T>(shape))?;
        for &value in values {
            writer.write_all(value.bytes().as_ref())?;
        }
        let writer = writer.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        let (_, descriptor) = writer.finish()?;
        entry.finish(descriptor)?;
        Ok(())
    }

    /// Writes the directory of the archive.
    pub(crate) fn finish(self) -> Result<()> {
        Ok(self.archive.finish()?.flush()?)
    }
}

/// Version 1.0 of the NPY header, filled up with blanks to a multiple of 64 bytes.
fn header<T: Element>(shape: &[usize]) -> Vec<u8> {
    let sides: Vec<String> = shape.iter().map(ToString::to_string).collect();
    let shape = if shape.len() == 1 { format!("({},)", sides[0]) } else { format!("({})", sides.join(", ")) };
    let mut text = format!("{{'descr': '{}', 'fortran_order': False, 'shape': {shape}, }}", T::TYPE);
    let before = b"\x93NUMPY\x01\x00".len() + 2;
    let length = (before + text.len() + 1).next_multiple_of(64) - before;
    text.push_str(&" ".repeat(length - 1 - text.len()));
    text.push('\n');
    let length = u16::try_from(length).expect("a header of one short line");
    [b"\x93NUMPY\x01\x00", length.to_le_bytes().as_slice(), text.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_header_is_numpys() {
        let header = super::header::<u32>(&[7, 4]);
        assert_eq!(header.len(), 128);
        assert_eq!(&header[..10], b"\x93NUMPY\x01\x00\x76\x00");
        assert!(header[10..].starts_with(b"{'descr': '<u4', 'fortran_order': False, 'shape': (7, 4), }  "));
        assert_eq!(header.last(), Some(&b'\n'));
    }
}
