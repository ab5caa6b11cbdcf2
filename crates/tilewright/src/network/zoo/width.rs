//! Width multipliers: more or fewer channels in each stage of a network (Howard et al. 2017, section 3.3; Zagoruyko,
//! Komodakis 2016 for residual networks).

use super::Entry;
use crate::network::NetworkError;
use std::fmt;

/// The greatest width factor; what a layer can hold ends sooner for most networks.
pub const MAX_WIDTH: f64 = 1024.0;

/// One width factor for each stage of a network.
#[derive(Clone, Debug, PartialEq)]
pub struct Widths(Vec<f64>);

impl Widths {
    /// The published network.
    pub(super) fn one(stages: usize) -> Self {
        Self(vec![1.0; stages])
    }

    /// Factors as text, one for all stages of `entry` or one for each.
    pub(super) fn parse(entry: &Entry, text: &str) -> Result<Self, NetworkError> {
        let fail = |problem: String| Err(NetworkError::Width { network: entry.name.into(), problem });
        let stages = entry.stages();
        if stages == 0 {
            return fail("has no stages to make wider; leave the width out".into());
        }
        let mut factors = Vec::new();
        for factor in text.split(',') {
            match factor.trim().parse::<f64>() {
                Ok(number) if number > 0.0 && number <= MAX_WIDTH => factors.push(number),
                _ => {
                    return fail(format!(
                        "has the width {factor:?}; give a number above 0 and up to {MAX_WIDTH}, as in width=1.5"
                    ));
                }
            }
        }
        match factors[..] {
            [all] => Ok(Self(vec![all; stages])),
            _ if factors.len() == stages => Ok(Self(factors)),
            _ => {
                fail(format!("has {} widths; give one for all stages, or one for each of the {stages}", factors.len()))
            }
        }
    }

    /// `channels` of the published network times the factor of `stage`, which counts from 1: rounded to the nearest whole
    /// number, halves up, and at least 1.
    pub(super) fn channels(&self, stage: usize, channels: usize) -> usize {
        ((channels as f64 * self.0[stage - 1]).round() as usize).max(1)
    }

    /// Whether this is the published network.
    pub(super) fn is_one(&self) -> bool {
        self.0.iter().all(|&factor| factor == 1.0)
    }
}

/// One number if all are the same, else one a stage.
impl fmt::Display for Widths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.0.first().copied().unwrap_or(1.0);
        if self.0.iter().all(|&factor| factor == first) {
            return f.pad(&first.to_string());
        }
        f.pad(&self.0.iter().map(f64::to_string).collect::<Vec<_>>().join(","))
    }
}
