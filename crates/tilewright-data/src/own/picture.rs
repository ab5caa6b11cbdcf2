//! One decoded picture.

use anyhow::{Result, anyhow};
use std::io::Cursor;
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;

/// Bytes that one picture may take when decoded.
const MOST: usize = 1 << 30;

/// Pixels `[height, width, channels]`, grey or red, green and blue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) height: usize,
    pub(crate) width: usize,
    pub(crate) channels: usize,
    pub(crate) pixels: Vec<u8>,
}

impl Picture {
    /// Decodes a PNG, JPEG or WebP file, told by how it begins. Transparency is left out and 16 bits are cut to 8.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self> {
        match bytes {
            [0x89, b'P', b'N', b'G', ..] => png(bytes),
            [0xff, 0xd8, 0xff, ..] => jpeg(bytes),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => webp(bytes),
            [] => Err(anyhow!("it is empty")),
            _ => Err(anyhow!("it is not a PNG, JPEG or WebP file; convert it to one of them")),
        }
    }

    /// The same in grey (1 channel) or in colours (3 channels).
    pub(crate) fn with_channels(self, channels: usize) -> Self {
        let pixels = match (self.channels, channels) {
            (1, 3) => self.pixels.iter().flat_map(|&grey| [grey; 3]).collect(),
            (3, 1) => self.pixels.as_chunks::<3>().0.iter().map(luma).collect(),
            _ => return self,
        };
        Self { channels, pixels, ..self }
    }

    /// `[channels, height, width]`
    pub(crate) fn planes(&self) -> impl Iterator<Item = u8> {
        (0..self.channels).flat_map(|channel| self.pixels.iter().skip(channel).step_by(self.channels).copied())
    }

    /// Of interleaved samples, of which the last of an even number is transparency.
    fn new(height: usize, width: usize, samples: usize, pixels: Vec<u8>) -> Result<Self> {
        let channels = if samples <= 2 { 1 } else { 3 };
        if pixels.len() != height * width * samples {
            return Err(anyhow!("it has {} values instead of {height}×{width}×{samples}", pixels.len()));
        }
        let pixels = if samples == channels {
            pixels
        } else {
            pixels.chunks(samples).flat_map(|pixel| &pixel[..channels]).copied().collect()
        };
        Ok(Self { height, width, channels, pixels })
    }
}

/// ITU-R BT.601 in 16 fractional bits, rounded: what Pillow's `convert("L")` computes.
fn luma([red, green, blue]: &[u8; 3]) -> u8 {
    ((u32::from(*red) * 19_595 + u32::from(*green) * 38_470 + u32::from(*blue) * 7_471 + 0x8000) >> 16) as u8
}

fn png(bytes: &[u8]) -> Result<Picture> {
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), png::Limits { bytes: MOST });
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info()?;
    let size = reader.output_buffer_size().filter(|&size| size <= MOST).ok_or_else(too_large)?;
    let mut pixels = vec![0; size];
    let info = reader.next_frame(&mut pixels)?;
    pixels.truncate(info.buffer_size());
    Picture::new(info.height as usize, info.width as usize, info.color_type.samples(), pixels)
}

fn jpeg(bytes: &[u8]) -> Result<Picture> {
    let options = |colours| DecoderOptions::default().jpeg_set_out_colorspace(colours).set_strict_mode(true);
    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(bytes), options(ColorSpace::RGB));
    decoder.decode_headers()?;
    if decoder.input_colorspace() == Some(ColorSpace::Luma) {
        decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(bytes), options(ColorSpace::Luma));
        decoder.decode_headers()?;
    }
    let info = decoder.info().ok_or_else(|| anyhow!("it has no size"))?;
    let samples = decoder.output_colorspace().map_or(3, |colours| colours.num_components());
    let pixels = decoder.decode()?;
    Picture::new(info.height.into(), info.width.into(), samples, pixels)
}

fn webp(bytes: &[u8]) -> Result<Picture> {
    let mut decoder = image_webp::WebPDecoder::new(Cursor::new(bytes))?;
    decoder.set_memory_limit(MOST);
    let size = decoder.output_buffer_size().filter(|&size| size <= MOST).ok_or_else(too_large)?;
    let ((width, height), samples) = (decoder.dimensions(), if decoder.has_alpha() { 4 } else { 3 });
    let mut pixels = vec![0; size];
    decoder.read_image(&mut pixels)?;
    Picture::new(height as usize, width as usize, samples, pixels)
}

fn too_large() -> anyhow::Error {
    anyhow!("it takes more than {} MB when decoded; make it smaller", MOST >> 20)
}
