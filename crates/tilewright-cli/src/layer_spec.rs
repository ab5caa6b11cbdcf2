//! One layer as text: `in=6x14x14,out=16,k=5,s=1,p=0,d=1,g=1`.

use std::collections::BTreeMap;
use std::str::FromStr;
use tilewright::network::{Conv, ConvShape, Network, NetworkError, Padding};

/// The keys, and which of them are needed.
const KEYS: [(&str, bool); 7] =
    [("in", true), ("out", true), ("k", true), ("s", false), ("p", false), ("d", false), ("g", false)];

/// A layer that stands alone, checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LayerSpec(ConvShape);

impl LayerSpec {
    /// A network called `layer` of this one layer, called `layer` too.
    pub(crate) fn network(self) -> Result<Network, NetworkError> {
        let ConvShape { in_channels, out_channels, input, kernel, stride, dilation, padding, groups } = self.0;
        let mut network = Network::new("layer", vec![in_channels, input[0], input[1]]);
        let conv = Conv { kernel, stride, dilation, padding, groups, ..Conv::same(out_channels, 1) };
        network.conv("layer", network.input(), conv)?;
        Ok(network)
    }
}

impl FromStr for LayerSpec {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let values = split(text)?;
        let value = |key: &str, default: &'static str| values.get(key).copied().unwrap_or(default);
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
        shape.verify("layer").map_err(|error| error.to_string())?;
        Ok(Self(shape))
    }
}

fn split(text: &str) -> Result<BTreeMap<&str, &str>, String> {
    let known = || KEYS.map(|(key, _)| key).join(", ");
    let mut values = BTreeMap::new();
    for part in text.split(',').map(str::trim) {
        let Some((key, value)) = part.split_once('=') else {
            return Err(format!("{part:?} is not key=value; the keys are {}", known()));
        };
        let key = key.trim();
        if !KEYS.iter().any(|(name, _)| *name == key) {
            return Err(format!("there is no key {key:?}; the keys are {}", known()));
        }
        if values.insert(key, value.trim()).is_some() {
            return Err(format!("key {key:?} is given twice"));
        }
    }
    let missing = KEYS.iter().find(|(key, needed)| *needed && !values.contains_key(key));
    missing.map_or(Ok(values), |(key, _)| {
        Err(format!("key {key:?} is missing; in, out and k are needed, as in in=6x14x14,out=16,k=5"))
    })
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
        text.parse::<LayerSpec>().unwrap_or_else(|error| panic!("{text}: {error}")).0
    }

    #[test]
    fn every_key_reaches_the_layer() {
        assert_eq!(shape("in=6x14x14,out=16,k=5"), ConvShape::new(6, [14, 14], 16, 5));
        let full = shape("in=8x14x13, out=16, k=5x3, s=2x1, p=1/2/3/4, d=1x2, g=4");
        let padding = Padding { top: 1, left: 2, bottom: 3, right: 4 };
        let expected = ConvShape { stride: [2, 1], dilation: [1, 2], padding, groups: 4, kernel: [5, 3], ..full };
        assert_eq!((full, full.input, full.out_channels), (expected, [14, 13], 16));
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
