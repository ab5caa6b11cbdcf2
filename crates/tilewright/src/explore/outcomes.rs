//! What became of the designs of a space.

use super::Figures;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A design's figures, or why it has none. Designs that fail alike share the reason.
pub type Outcome = Result<Figures, Arc<str>>;

/// Outcomes of all designs of a space, or of those that a search tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcomes {
    /// Places of the designs, rising; none if they are all designs of the space.
    places: Option<Vec<u64>>,
    outcomes: Vec<Outcome>,
}

impl Outcomes {
    /// Of all designs, in their order.
    pub const fn of_all(outcomes: Vec<Outcome>) -> Self {
        Self { places: None, outcomes }
    }

    /// Of some designs, by their places.
    pub fn of_some(outcomes: BTreeMap<u64, Outcome>) -> Self {
        let (places, outcomes) = outcomes.into_iter().unzip();
        Self { places: Some(places), outcomes }
    }

    /// How many designs there are.
    pub const fn len(&self) -> usize {
        self.outcomes.len()
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.outcomes.is_empty()
    }

    /// Whether they are all designs of the space.
    pub const fn are_of_all(&self) -> bool {
        self.places.is_none()
    }

    /// The outcome of a design, if it has one.
    pub fn get(&self, place: u64) -> Option<&Outcome> {
        let at = match &self.places {
            Some(places) => places.binary_search(&place).ok()?,
            None => usize::try_from(place).ok()?,
        };
        self.outcomes.get(at)
    }

    /// Designs by their places, rising.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &Outcome)> {
        let place = |at: usize| self.places.as_ref().map_or(at as u64, |places| places[at]);
        self.outcomes.iter().enumerate().map(move |(at, outcome)| (place(at), outcome))
    }
}

impl From<Vec<Outcome>> for Outcomes {
    fn from(outcomes: Vec<Outcome>) -> Self {
        Self::of_all(outcomes)
    }
}
