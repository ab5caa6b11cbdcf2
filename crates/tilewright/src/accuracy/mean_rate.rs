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

    /// 95 % interval of the mean over the choice of seeds, by Student's t; `None` for one seed.
    pub fn interval(&self) -> Option<[f64; 2]> {
        let half = student(self.seeds - 1) * self.deviation? / (self.seeds as f64).sqrt();
        Some([(self.mean - half).max(0.0), (self.mean + half).min(1.0)])
    }
}

/// The 97.5 % quantile of Student's t distribution; beyond the table that of as many degrees of freedom as its last.
fn student(freedom: usize) -> f64 {
    #[rustfmt::skip] // Ten a line.
    const QUANTILES: [f64; 30] = [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
        2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
        2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
    ];
    QUANTILES[freedom.clamp(1, QUANTILES.len()) - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_by_hand() {
        let mean = MeanRate::new(&[0.80, 0.82, 0.84]);
        // 4.303 · 0.02 / √3
        let [low, high] = mean.interval().expect("three seeds");
        assert!((low - 0.770_31).abs() < 1e-4 && (high - 0.869_69).abs() < 1e-4, "{low} {high}");
        assert_eq!(MeanRate::new(&[0.5]).interval(), None);
    }
}
