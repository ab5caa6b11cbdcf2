//! Analog neurons: what passes a current on as it is, without a converter.

use serde::{Deserialize, Serialize};

/// The part of a macro that has a price for them.
pub const ANALOG_NEURON: &str = "analog-neuron";

/// The analog neurons of a chip, and how far they are off, each by numbers of its own: the difference of two bit lines, amplified, drives a row of
/// the next crossbar (Oh, An, Min 2023).
///
/// A neuron yields (1 + gain error) x + offset + noise of the sum x, cut off at its saturation. The range is that of its sum's layer: the greatest
/// magnitude that any neuron of it has on calibration images.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Neurons {
    /// Standard deviation of the gain among neurons, by the gain.
    #[serde(skip_serializing_if = "is_0")]
    pub gain: f64,
    /// Standard deviation of the offset among neurons, by the range.
    #[serde(skip_serializing_if = "is_0")]
    pub offset: f64,
    /// Standard deviation of the noise of every output, by the range.
    #[serde(skip_serializing_if = "is_0")]
    pub noise: f64,
    /// Greatest magnitude that a neuron yields, by the range; nothing if it has no end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saturation: Option<f64>,
}

impl Neurons {
    /// Whether neurons differ from each other.
    pub fn differ(&self) -> bool {
        self.gain > 0.0 || self.offset > 0.0
    }

    /// Whether what a neuron does depends on the range of its layer.
    pub fn have_ranges(&self) -> bool {
        self.offset > 0.0 || self.noise > 0.0 || self.saturation.is_some()
    }

    /// # Errors
    /// The key that is wrong, what was found and what is allowed.
    pub(crate) fn verify(&self) -> Result<(), (&'static str, f64, String)> {
        for (key, share) in [("gain", self.gain), ("offset", self.offset), ("noise", self.noise)] {
            if !(0.0..=1.0).contains(&share) {
                return Err((key, share, format!("0 to 1{}", crate::percent::offer(share))));
            }
        }
        match self.saturation {
            Some(share) if !(share > 0.0 && share.is_finite()) => {
                let allowed = "a number above 0, since an amplifier that saturates at 0 passes nothing on, or none";
                Err(("saturation", share, allowed.into()))
            }
            _ => Ok(()),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_0(value: &f64) -> bool {
    *value == 0.0
}
