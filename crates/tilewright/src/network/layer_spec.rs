//! One layer as text: `in=6x14x14,out=16,k=5,s=1,p=0,d=1,g=1`.

use super::{ConvShape, Padding};
use std::collections::BTreeMap;
use std::str::FromStr;

/// The keys, and which of them are needed.
const KEYS: [(&str, bool); 8] =
    [("in", true), ("out", true), ("k", true), ("s", false), ("p", false), ("d", false), ("g", false), ("name", false)];

/// A layer told by keys, checked: `in` (channels × height × width), `out` (channels) and `k` (kernel) are needed; `s` (stride) and `d`
/// (dilation) are 1 unless given, `p` (padding) is 0, `g` (channel groups) is 1. `k`, `s`, `d` and `p` are one number for both axes, or
/// height × width; `p` also top/left/bottom/right. `name` is any text without commas.
///
/// ```
/// use tilewright::network::{LayerSpec, ConvShape};
///
/// let layer: LayerSpec = "in=6x14x14,out=16,k=5".parse()?;
/// assert_eq!(layer.shape, ConvShape::new(6, [14, 14], 16, 5));
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerSpec {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Its sizes.
    pub shape: ConvShape,
}

impl LayerSpec {
    /// The layer that values say by their keys.
    ///
    /// # Errors
    /// The key, what was found, and what is allowed.
    pub fn of(values: &BTreeMap<&str, String>) -> Result<Self, String> {
        let known = || KEYS.map(|(key, _)| key).join(", ");
        if let Some(key) = values.keys().find(|key| !KEYS.iter().any(|(name, _)| name == *key)) {
            return Err(format!("there is no key {key:?}; the keys are {}", known()));
        }
        if let Some((key, _)) = KEYS.iter().find(|(key, needed)| *needed && !values.contains_key(key)) {
            return Err(format!("key {key:?} is missing; in, out and k are needed, as in in=6x14x14,out=16,k=5"));
        }
        let value = |key: &str, default: &'static str| values.get(key).map_or(default, String::as_str);
        let [in_channels, height, width] =
            numbers("in", value("in", ""), "channels x height x width, as in in=6x14x14")?;
        let shape = ConvShape {
            in_channels,
            out_channels: number("out", value("out", ""))?,
            input: [height, width],
            kernel: pair("k", value("k", ""))?,
            stride: pair("s", value("s", "1"))?,
            dilation: pair("d", value("d", "1"))?,
            padding: padding(value("p", "0"))?,
            groups: number("g", value("g", "1"))?,
        };
        let name = values.get("name").cloned();
        shape.verify(name.as_deref().unwrap_or("layer")).map_err(|error| error.to_string())?;
        Ok(Self { name, shape })
    }
}

impl FromStr for LayerSpec {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = || KEYS.map(|(key, _)| key).join(", ");
        let mut values = BTreeMap::new();
        for part in text.split(',').map(str::trim) {
            let Some((key, value)) = part.split_once('=') else {
                return Err(format!("{part:?} is not key=value; the keys are {}", known()));
            };
            let key = key.trim();
            if values.insert(key, value.trim().to_owned()).is_some() {
                return Err(format!("key {key:?} is given twice"));
            }
        }
        Self::of(&values)
    }
}

fn number(key: &str, text: &str) -> Result<usize, String> {
    numbers::<1>(key, text, "one whole number").map(|[number]| number)
}

/// `a` for both axes, or `axb`, height first.
fn pair(key: &str, text: &str) -> Result<[usize; 2], String> {
    let allowed = "one whole number, or height x width such as 3x5";
    numbers::<1>(key, text, allowed).map(|[both]| [both, both]).or_else(|_| numbers(key, text, allowed))
}

/// `a` for all sides, `axb` for height and width, or `t/l/b/r`.
fn padding(text: &str) -> Result<Padding, String> {
    if text.contains('/') {
        let allowed = "top/left/bottom/right such as 1/1/0/0";
        let [top, left, bottom, right] = parse("p", text, '/', allowed)?;
        return Ok(Padding { top, left, bottom, right });
    }
    let [height, width] = pair("p", text)?;
    Ok(Padding { top: height, left: width, bottom: height, right: width })
}

fn numbers<const N: usize>(key: &str, text: &str, allowed: &str) -> Result<[usize; N], String> {
    parse(key, text, 'x', allowed)
}

fn parse<const N: usize>(key: &str, text: &str, separator: char, allowed: &str) -> Result<[usize; N], String> {
    let parsed: Option<Vec<usize>> = text.split(separator).map(|part| part.trim().parse().ok()).collect();
    let parsed = parsed.and_then(|numbers| <[usize; N]>::try_from(numbers).ok());
    parsed.ok_or_else(|| format!("key {key:?} is {text:?}; give {allowed}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(text: &str) -> ConvShape {
        text.parse::<LayerSpec>().unwrap_or_else(|error| panic!("{text}: {error}")).shape
    }

    #[test]
    fn every_key_reaches_the_layer() {
        assert_eq!(shape("in=6x14x14,out=16,k=5"), ConvShape::new(6, [14, 14], 16, 5));
        let full = shape("in=8x14x13, out=16, k=5x3, s=2x1, p=1/2/3/4, d=1x2, g=4");
        let padding = Padding { top: 1, left: 2, bottom: 3, right: 4 };
        let expected = ConvShape { stride: [2, 1], dilation: [1, 2], padding, groups: 4, kernel: [5, 3], ..full };
        assert_eq!((full, full.input, full.out_channels), (expected, [14, 13], 16));
        let named: LayerSpec = "name=stage1.conv, in=1x9x9,out=1,k=3".parse().expect("a layer");
        assert_eq!(named.name.as_deref(), Some("stage1.conv"));
        assert_eq!(shape("in=1x9x9,out=1,k=3,p=1x2").padding, Padding { top: 1, left: 2, bottom: 1, right: 2 });
    }

    #[test]
    fn errors_name_the_key_and_what_is_allowed() {
        for (text, parts) in [
            ("", ["\"\" is not key=value", "in, out, k, s, p, d, g"]),
            ("in=6x14x14,out=16", ["\"k\" is missing", "needed"]),
            ("in=6x14,out=16,k=5", ["\"in\" is \"6x14\"", "channels x height x width"]),
            ("in=6x14x14,out=16,k=5,z=1", ["no key \"z\"", "in, out, k"]),
            ("in=6x14x14,out=16,k=5,k=3", ["\"k\"", "twice"]),
            ("in=6x14x14,out=16,k=-5", ["\"k\" is \"-5\"", "whole number"]),
            ("in=6x14x14,out=16,k=5,p=1/2/3", ["\"p\" is \"1/2/3\"", "top/left/bottom/right"]),
            ("in=0x14x14,out=16,k=5", ["0 input channels", "give 1 to"]),
            ("in=6x14x14,out=16,k=15", ["spanning 15 pixels", "shrink the kernel"]),
            ("in=6x99999999999999999999x14,out=16,k=5", ["\"in\" is", "give channels"]),
            ("in=6x14x14,out=16,k=5,g=4", ["6 input channels in 4 groups", "divide"]),
        ] {
            let error = text.parse::<LayerSpec>().expect_err(text);
            assert!(parts.iter().all(|part| error.contains(part)), "{text}: {error}");
        }
    }
}
