//! Current-voltage curves of cells.

use super::CircuitError;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How a cell's current depends on its voltage. G is the conductance that the crossbar says it has, in siemens.
///
/// All curves are odd and rise everywhere, so that a crossbar has one solution.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum CellCurve {
    /// I = G V.
    #[default]
    Linear,
    /// I = G sinh(k V) / k: a conducting filament with a tunnelling gap. G is the conductance around 0 V.
    Sinh {
        /// Steepness k, 0 (linear) to 1000 per volt.
        k: f64,
    },
    /// G in series with a two-terminal selector whose current is I₀ sinh(U / U₀) under its share U of the voltage.
    Selector {
        /// I₀, above 0 and at most 1 A.
        current: f64,
        /// U₀, 0 (no selector) to 10 V.
        voltage: f64,
    },
    /// G in series with an access transistor that is on, in its linear range.
    Transistor {
        /// Its channel's resistance, 0 to 1e12 ohm.
        resistance: f64,
    },
    /// The current of one cell as it was measured, linear between the points and beyond the last; others have it in proportion to G, which
    /// is the conductance up to the first point.
    Measured {
        /// Voltage in volts and current in amperes, both rising from above 0.
        points: Vec<[f64; 2]>,
    },
}

impl fmt::Display for CellCurve {
    /// The current's formula.
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Linear => write!(to, "I = G V"),
            Self::Sinh { k } => write!(to, "I = G sinh(k V) / k, k = {k} per volt"),
            Self::Selector { current, voltage } => {
                write!(to, "G behind a selector of {current} A sinh(U / {voltage} V)")
            }
            Self::Transistor { resistance } => write!(to, "G behind a transistor of {resistance} ohm"),
            Self::Measured { points } => write!(to, "a measured curve of {} points", points.len()),
        }
    }
}

impl CellCurve {
    /// # Errors
    /// If a parameter is out of its range.
    pub fn verify(&self) -> Result<(), CircuitError> {
        let check = |field: &str, value: f64, low: f64, high: f64, allowed| match (low..=high).contains(&value) {
            true => Ok(()),
            false => Err(CircuitError::value(field, &value, allowed)),
        };
        match *self {
            Self::Linear => Ok(()),
            Self::Measured { ref points } => verify_points(points),
            Self::Sinh { k } => check("sinh k", k, 0.0, 1e3, "give 0 to 1000 per volt"),
            Self::Selector { current, voltage } => {
                check("selector current", current, f64::MIN_POSITIVE, 1.0, "give more than 0, at most 1 A")?;
                check("selector voltage", voltage, 0.0, 10.0, "give 0 to 10 V")
            }
            Self::Transistor { resistance } => {
                check("transistor resistance", resistance, 0.0, 1e12, "give 0 to 1e12 ohm")
            }
        }
    }

    /// Current and its slope, in ampere and siemens, of a cell of `siemens` under `volt`.
    pub fn at(&self, siemens: f64, volt: f64) -> (f64, f64) {
        let linear = (siemens * volt, siemens);
        match *self {
            Self::Linear => linear,
            Self::Sinh { k: 0.0 } => linear,
            Self::Sinh { k } => (siemens * (k * volt).sinh() / k, siemens * (k * volt).cosh()),
            Self::Selector { voltage, .. } if voltage == 0.0 || siemens == 0.0 => linear,
            Self::Selector { current, voltage } => {
                let (ampere, slope) = with_selector(siemens, volt.abs(), current, voltage);
                (ampere.copysign(volt), slope)
            }
            Self::Transistor { resistance } => {
                let both = siemens / (1.0 + siemens * resistance);
                (both * volt, both)
            }
            Self::Measured { ref points } => {
                let (shape, slope) = between(points, volt.abs());
                (siemens * shape.copysign(volt), siemens * slope)
            }
        }
    }

    /// Current by G under `volt`, where it is in proportion to G, as of all curves of a cell alone: in volts, `volt` itself of a linear one.
    pub fn shape(&self, volt: f64) -> Option<f64> {
        match self {
            Self::Linear | Self::Sinh { .. } | Self::Measured { .. } => Some(self.at(1.0, volt).0),
            Self::Selector { .. } | Self::Transistor { .. } => None,
        }
    }

    /// How much the slope of a curve in pieces changes at most from one to the next; 1 where it has none.
    pub(super) fn greatest_kink(&self) -> f64 {
        let Self::Measured { points } = self else { return 1.0 };
        let slopes: Vec<f64> = points.iter().map(|&[volt, _]| between(points, volt).1).collect();
        slopes.windows(2).map(|pair| (pair[0] / pair[1]).max(pair[1] / pair[0])).fold(1.0, f64::max)
    }
}

fn verify_points(points: &[[f64; 2]]) -> Result<(), CircuitError> {
    let before = std::iter::once(&[0.0; 2]).chain(points);
    let rises = |(before, after): (&[f64; 2], &[f64; 2])| {
        (0..2).all(|axis| before[axis] < after[axis] && after[axis].is_finite())
    };
    if points.is_empty() {
        return Err(CircuitError::value("curve", &"no points", "give one or more of volts and amperes"));
    }
    match before.zip(points).position(|pair| !rises(pair)) {
        Some(place) => {
            let [volt, ampere] = points[place];
            let found = format!("{volt} V and {ampere} A");
            Err(CircuitError::value(format!("curve[{place}]"), &found, "give volts and amperes that rise from 0 on"))
        }
        None => Ok(()),
    }
}

/// Current and slope by the conductance up to the first point, under `volt` ≥ 0.
fn between(points: &[[f64; 2]], volt: f64) -> (f64, f64) {
    let siemens = points[0][1] / points[0][0];
    let next = points.partition_point(|point| point[0] < volt).min(points.len() - 1);
    if next == 0 {
        return (volt, 1.0);
    }
    let [[from, least], [to, most]] = [points[next - 1], points[next]];
    let slope = (most - least) / (to - from);
    ((least + slope * (volt - from)) / siemens, slope / siemens)
}

/// Current and slope under `volt` ≥ 0. With y = U / U₀ what falls off both is I₀ sinh(y) / G + U₀ y = V, which rises and is
/// convex: Newton's iteration from above comes down to the root.
fn with_selector(siemens: f64, volt: f64, current: f64, voltage: f64) -> (f64, f64) {
    // Neither part alone takes more than the whole voltage.
    let mut y = (volt / voltage).min((siemens * volt / current).asinh());
    for _ in 0..200 {
        let too_much = current * y.sinh() / siemens + voltage * y - volt;
        let next = y - too_much / (current * y.cosh() / siemens + voltage);
        // Rounding ends the descent.
        if next.is_nan() || next >= y {
            break;
        }
        y = next;
    }
    (current * y.sinh(), (siemens.recip() + voltage / (current * y.cosh())).recip())
}
