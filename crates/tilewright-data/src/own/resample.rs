//! Pictures in another size, by the triangle filter over all pixels that an output pixel covers: Pillow's `resize` with
//! `BILINEAR`, and so torchvision's `Resize` of such pictures, to the last bit.

use super::picture::Picture;

/// Fractional bits of a coefficient; 8 of the rest are a pixel's, and 2 are left for sums.
const FRACTION: u32 = 32 - 8 - 2;

/// The picture in the size that is asked for, rows and columns one after the other, each rounded to 8 bits.
pub(crate) fn resample(picture: Picture, height: usize, width: usize) -> Picture {
    let Picture { height: before, width: columns, channels, pixels } = picture;
    let pixels = along(&pixels, (before, columns, channels), width);
    let pixels = along(&pixels, (1, before, width * channels), height);
    Picture { height, width, channels, pixels }
}

/// The middle axis of `[outer, length, inner]` in another length.
fn along(pixels: &[u8], (outer, length, inner): (usize, usize, usize), wanted: usize) -> Vec<u8> {
    if length == wanted {
        return pixels.to_vec();
    }
    let windows: Vec<Window> = (0..wanted).map(|place| Window::new(place, length, wanted)).collect();
    let mut found = Vec::with_capacity(outer * wanted * inner);
    for row in pixels.chunks(length * inner) {
        for Window { first, weights } in &windows {
            found.extend((0..inner).map(|place| {
                let covered = row[first * inner + place..].iter().step_by(inner);
                let sum: i64 = weights.iter().zip(covered).map(|(&weight, &pixel)| weight * i64::from(pixel)).sum();
                ((sum + (1 << (FRACTION - 1))) >> FRACTION).clamp(0, 255) as u8
            }));
        }
    }
    found
}

/// What an output pixel is made of.
struct Window {
    first: usize,
    /// Of the pixels from the first on, with [`FRACTION`] fractional bits.
    weights: Vec<i64>,
}

impl Window {
    fn new(place: usize, length: usize, wanted: usize) -> Self {
        let scale = length as f64 / wanted as f64;
        let support = scale.max(1.0);
        let centre = (place as f64 + 0.5) * scale;
        let first = (centre - support + 0.5).max(0.0) as usize;
        let end = ((centre + support + 0.5) as usize).min(length);
        let triangle = |pixel: usize| (1.0 - ((pixel as f64 - centre + 0.5) / support).abs()).max(0.0);
        let weights: Vec<f64> = (first..end).map(triangle).collect();
        let sum: f64 = weights.iter().sum();
        let fixed = |weight: f64| (0.5 + weight / sum * f64::from(1 << FRACTION)) as i64;
        Self { first, weights: weights.into_iter().map(fixed).collect() }
    }
}
