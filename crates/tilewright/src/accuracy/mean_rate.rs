//! The mean of a rate over several trainings.

use serde::Serialize;

/// The mean of a rate over seeds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct MeanRate {
    /// The mean, 0 to 1.
    pub mean: f64,
    /// Sample standard deviation over the seeds, 0 to 1; `None` for one seed.
    pub deviation: Option<f64>,
    /// How many seeds.
    pub seeds: usize,
}

impl MeanRate {
    /// The mean of one rate a seed.
    ///
    /// # Panics
    /// If there are none.
    pub fn new(rates: &[f64]) -> Self {
        assert!(!rates.is_empty(), "no rates have no mean");
        let seeds = rates.len();
        let mean = rates.iter().sum::<f64>() / seeds as f64;
        let squares: f64 = rates.iter().map(|rate| (rate - mean).powi(2)).sum();
        Self { mean, deviation: (seeds > 1).then(|| (squares / (seeds - 1) as f64).sqrt()), seeds }
    }
}
