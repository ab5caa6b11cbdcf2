//! The tilings of one layer that can be best for some objective.

use super::space::{self, Visitor};
use crate::mapping::{Counts, MappingError, Target, Tiles, Tiling};
use crate::network::ConvShape;

/// One tiling with one copy, and what it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The tiling.
    pub tiling: Tiling,
    /// Its counts.
    pub counts: Counts,
}

impl Candidate {
    /// A tiling with its counts.
    ///
    /// # Errors
    /// If it does not fit or its counts overflow.
    pub fn new(shape: &ConvShape, tiling: Tiling, target: &Target) -> Result<Self, MappingError> {
        let counts = Tiles::new(shape, tiling, target.crossbar, target.encoding)?.counts()?;
        Ok(Self { tiling, counts })
    }

    /// Order by array activations; ties go to fewer crossbars, then fewer input loads, then the smaller window.
    pub fn by_activations(&self) -> impl Ord + use<> {
        (self.counts.array_activations, self.counts.crossbars, self.tie_break())
    }

    /// Order by the crossbars it takes to keep to a cycle limit; ties go to fewer input loads, then the smaller window, then fewer
    /// copies.
    pub fn by_crossbars(&self, max_cycles: u64) -> impl Ord + use<> {
        (self.crossbars_within(max_cycles), self.tie_break(), self.copies_within(max_cycles))
    }

    /// Crossbars of as many copies as keep to a cycle limit.
    pub fn crossbars_within(&self, max_cycles: u64) -> u64 {
        self.counts.crossbars.saturating_mul(self.copies_within(max_cycles))
    }

    /// Copies that keep to a cycle limit: ⌈loads / limit⌉.
    pub const fn copies_within(&self, max_cycles: u64) -> u64 {
        self.counts.windows.div_ceil(max_cycles)
    }

    const fn tie_break(&self) -> (u64, usize, usize) {
        let [height, width] = self.tiling.window;
        (self.counts.input_loads, height * width, height)
    }
}

/// Every tiling of a layer that can be best for some objective, one copy each; `space` says which these are.
///
/// # Errors
/// [`MappingError::DoesNotFit`] if no tiling fits; [`MappingError::Overflow`] if counts exceed 64 bits.
pub fn candidates(shape: &ConvShape, target: &Target) -> Result<Vec<Candidate>, MappingError> {
    let mut all = All { shape, target, found: Vec::new(), misfit: None };
    space::visit(shape, target, &mut all)?;
    match (all.found.is_empty(), all.misfit) {
        (true, Some(misfit)) => Err(misfit),
        _ => Ok(all.found),
    }
}

/// The candidate first by [`Candidate::by_activations`], found without keeping the others.
///
/// # Errors
/// As [`candidates`].
pub fn fewest_activations(shape: &ConvShape, target: &Target) -> Result<Candidate, MappingError> {
    let mut fewest = Fewest { shape, target, best: None, misfit: None };
    space::visit(shape, target, &mut fewest)?;
    fewest.best.ok_or_else(|| fewest.misfit.expect("without a tiling that fits there is one that does not"))
}

/// Keeps every tiling that fits.
struct All<'a> {
    shape: &'a ConvShape,
    target: &'a Target,
    found: Vec<Candidate>,
    misfit: Option<MappingError>,
}

impl Visitor for All<'_> {
    fn visit(&mut self, tiling: Tiling) -> Result<(), MappingError> {
        self.found.extend(fitting(Candidate::new(self.shape, tiling, self.target), &mut self.misfit)?);
        Ok(())
    }
}

/// Keeps the tiling of the fewest activations.
struct Fewest<'a> {
    shape: &'a ConvShape,
    target: &'a Target,
    best: Option<Candidate>,
    misfit: Option<MappingError>,
}

impl Visitor for Fewest<'_> {
    fn most_activations(&self) -> u64 {
        self.best.map_or(u64::MAX, |best| best.counts.array_activations)
    }

    fn visit(&mut self, tiling: Tiling) -> Result<(), MappingError> {
        let candidate = fitting(Candidate::new(self.shape, tiling, self.target), &mut self.misfit)?;
        let better =
            |candidate: &Candidate| self.best.is_none_or(|best| candidate.by_activations() < best.by_activations());
        self.best = candidate.filter(better).or(self.best);
        Ok(())
    }
}

/// A candidate, or none where it does not fit; the first reason is kept.
fn fitting(
    candidate: Result<Candidate, MappingError>,
    misfit: &mut Option<MappingError>,
) -> Result<Option<Candidate>, MappingError> {
    match candidate {
        Err(error @ MappingError::DoesNotFit { .. }) => {
            misfit.get_or_insert(error);
            Ok(None)
        }
        candidate => candidate.map(Some),
    }
}
