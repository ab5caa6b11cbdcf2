//! Recognition rate against the values of one option that was varied.

use super::simulation::{SimulatedRun, SimulationReport};
use crate::hardware::setting;

/// Greatest by least value from which on values are spaced by their logarithms.
const WIDE: f64 = 50.0;

/// The runs that differ in one option, one point a value.
#[derive(Clone, Debug, PartialEq)]
pub struct OptionCurve {
    /// The option, as typed.
    pub option: String,
    /// What it is, with its unit.
    pub name: String,
    /// How its values are spaced.
    pub spacing: Spacing,
    /// By value where values are numbers, else in the order typed.
    pub points: Vec<OptionPoint>,
    /// The rate of the integer network.
    pub digital: f64,
}

/// How values are spaced on an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spacing {
    /// By their difference.
    Linear,
    /// By their ratio.
    Logarithmic,
    /// Evenly: they are no numbers.
    Even,
}

/// One value of an option.
#[derive(Clone, Debug, PartialEq)]
pub struct OptionPoint {
    /// As typed.
    pub value: String,
    /// Where it lies: the number, its decimal logarithm, or its place among words.
    pub at: f64,
    /// Mean rate over the chips.
    pub rate: f64,
    /// 95 % interval over the choice of images.
    pub interval: [f64; 2],
    /// Sample standard deviation over the chips, if there are several.
    pub deviation: Option<f64>,
}

impl OptionCurve {
    /// One curve for every option that was varied alone, in the order typed.
    pub fn all(report: &SimulationReport) -> Vec<Self> {
        let mut curves: Vec<(&str, Vec<(&str, &SimulatedRun)>)> = vec![];
        for run in &report.runs {
            let [varied] = run.varied.as_slice() else { continue };
            let point = (varied.value.as_str(), run);
            match curves.iter_mut().find(|(option, _)| *option == varied.option) {
                Some((_, points)) => points.push(point),
                None => curves.push((&varied.option, vec![point])),
            }
        }
        curves.into_iter().map(|(option, runs)| Self::new(option, &runs)).collect()
    }

    fn new(option: &str, runs: &[(&str, &SimulatedRun)]) -> Self {
        let spacing = Spacing::of(runs.iter().map(|(value, _)| *value));
        let points = runs.iter().enumerate().map(|(place, (value, run))| OptionPoint {
            value: (*value).into(),
            at: spacing.at(place, value),
            rate: run.mean.mean,
            interval: run.interval,
            deviation: run.mean.deviation,
        });
        let mut points: Vec<OptionPoint> = points.collect();
        points.sort_by(|a, b| a.at.total_cmp(&b.at));
        let name = setting(option).map_or(option, |setting| setting.axis);
        Self { option: option.into(), name: name.into(), spacing, points, digital: runs[0].1.digital.rate }
    }
}

impl Spacing {
    fn of<'a>(values: impl Iterator<Item = &'a str>) -> Self {
        let Some(numbers) = values.map(number).collect::<Option<Vec<f64>>>() else { return Self::Even };
        let least = numbers.iter().copied().fold(f64::INFINITY, f64::min);
        let greatest = numbers.iter().copied().fold(0.0, f64::max);
        if least > 0.0 && greatest >= WIDE * least { Self::Logarithmic } else { Self::Linear }
    }

    fn at(self, place: usize, value: &str) -> f64 {
        match (self, number(value)) {
            (Self::Linear, Some(number)) => number,
            (Self::Logarithmic, Some(number)) => number.log10(),
            _ => place as f64,
        }
    }
}

/// Infinity is a word: no axis has room for it.
fn number(value: &str) -> Option<f64> {
    value.parse().ok().filter(|number: &f64| number.is_finite())
}
