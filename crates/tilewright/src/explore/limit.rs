//! What a design must keep to, as `area <= 20 mm2`.

use super::{ExploreError, Figures, Goal};
use std::fmt;
use std::str::FromStr;

/// One limit on a measure, or on a product of measures.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// What is limited.
    pub goal: Goal,
    /// From which side.
    pub bound: Bound,
    /// The limit, in the unit of what is limited.
    pub value: f64,
}

/// From which side something is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// No more, `<=`.
    AtMost,
    /// No less, `>=`.
    AtLeast,
}

impl Bound {
    const ALL: [(&'static str, Self); 2] = [("<=", Self::AtMost), (">=", Self::AtLeast)];

    fn sign(self) -> &'static str {
        Self::ALL.iter().find(|(_, bound)| *bound == self).map_or("", |(sign, _)| sign)
    }
}

impl Limit {
    /// Whether figures keep to it, as far as they are known.
    pub fn kept(&self, figures: &Figures) -> bool {
        let Some(value) = self.goal.of(figures) else { return true };
        match self.bound {
            Bound::AtMost => value <= self.value,
            Bound::AtLeast => value >= self.value,
        }
    }

    /// By how much figures miss it, as a part of it; 0 if they keep to it, as far as they are known.
    pub fn missed_by(&self, figures: &Figures) -> f64 {
        let missed = self.goal.of(figures).filter(|_| !self.kept(figures)).map(|value| (value - self.value).abs());
        missed.map_or(0.0, |missed| missed / self.value.abs().max(f64::MIN_POSITIVE))
    }

    /// Whether no value can keep to both.
    pub fn contradicts(&self, other: &Self) -> bool {
        let (most, least) = match (self.bound, other.bound) {
            (Bound::AtMost, Bound::AtLeast) => (self.value, other.value),
            (Bound::AtLeast, Bound::AtMost) => (other.value, self.value),
            _ => return false,
        };
        self.goal == other.goal && most < least
    }
}

impl FromStr for Limit {
    type Err = ExploreError;

    fn from_str(text: &str) -> Result<Self, ExploreError> {
        let wrong = |problem: String| ExploreError::Limit { limit: text.into(), problem };
        let (sign, bound) = Bound::ALL
            .into_iter()
            .find(|(sign, _)| text.contains(sign))
            .ok_or_else(|| wrong("has neither <= nor >=; write area <= 20 mm2".into()))?;
        let (goal, rest) = text.split_once(sign).unwrap_or((text, ""));
        let goal: Goal = goal.trim().parse()?;
        let rest = rest.trim();
        let end = rest.find(|c: char| !(c.is_ascii_digit() || ".-+eE".contains(c))).unwrap_or(rest.len());
        let (number, unit) = (&rest[..end], rest[end..].trim());
        let value: f64 = number.parse().map_err(|_| wrong(format!("{rest:?} does not begin with a number")))?;
        if !value.is_finite() {
            return Err(wrong("its value is not finite".into()));
        }
        if goal.typed_unit() == "%" && unit.is_empty() && (0.0..=1.0).contains(&value) {
            return Err(wrong(format!(
                "does not say whether {value} is a share; rates are in percent: write {goal} {sign} {} %",
                100.0 * value
            )));
        }
        let (shown, typed) = (goal.unit(), goal.typed_unit());
        if !unit.is_empty() && unit != shown && unit != typed {
            return Err(wrong(format!("{goal} is in {typed}, not in {unit}")));
        }
        Ok(Self { goal, bound, value })
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.goal, self.bound.sign(), self.value)?;
        let unit = self.goal.unit();
        if unit.is_empty() { Ok(()) } else { write!(f, " {unit}") }
    }
}
