//! What trained networks recognise on real cells, by network, mapping scheme, what is wrong with the cells, and what is done about it.
//!
//! The grid is data: each condition and each treatment is settings of a design, so that every figure is that of one simulation.

use crate::accuracy::{MeanRate, Rate};
use crate::report::simulation::{ChipRate, SimulatedRun};
use serde::Serialize;

/// A setting of a design, and its value.
pub type Set = (&'static str, &'static str);

/// The trained networks, in the order of [`Condition::goals`].
pub const NETWORKS: [&str; 4] =
    ["resnet20-3d-int8", "resnet20-ratio50-int8", "resnet20-2d1d-wide-int8", "resnet20-2d1d-int8"];

/// The mapping schemes.
pub const SCHEMES: [&str; 2] = ["im2col", "sub-image"];

/// What is wrong with the hardware.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Condition {
    /// By which it is chosen.
    pub name: &'static str,
    /// What it is, for people.
    pub title: &'static str,
    /// The settings that make it.
    pub settings: &'static [Set],
    /// The settings that work against it, beside a digital correction of every channel and unused cells that stay unformed.
    pub against: &'static [Set],
    /// Most percentage points that each of [`NETWORKS`] may lose, all treatments together; none where none was set.
    pub goals: Option<[f64; 4]>,
}

/// The conditions, the simplest first.
pub const CONDITIONS: [Condition; 7] = [
    Condition {
        name: "stuck-1",
        title: "1 % of the cells stuck",
        settings: &[("stuck", "0.01")],
        against: &[("fault-aware", "pairs"), ("order", "by-faults"), ("spare-lines", "true")],
        goals: Some([0.2, 0.2, 0.5, 0.5]),
    },
    Condition {
        name: "stuck-5",
        title: "5 % of the cells stuck",
        settings: &[("stuck", "0.05")],
        against: &[("fault-aware", "pairs"), ("order", "by-faults"), ("spare-lines", "true")],
        goals: Some([1.0, 1.0, 2.0, 2.0]),
    },
    Condition {
        name: "programming-5",
        title: "5 % programming error",
        settings: &[("programming-error", "0.05")],
        against: &[("verify-within", "0.02")],
        goals: Some([0.5, 0.5, 1.0, 1.5]),
    },
    Condition {
        name: "wires-adc",
        title: "2.5 Ω a segment, 6-bit ADC",
        settings: &[("wire", "2.5"), ("adc-bits", "6")],
        against: &[("predistort", "3"), ("adc-range", "least-squares"), ("adc-scope", "1")],
        goals: Some([0.5, 0.5, 0.5, 1.0]),
    },
    Condition {
        name: "pcm-day",
        title: "joshi_2020, one day",
        settings: &[("device", "joshi_2020"), ("age", "86400")],
        against: &[],
        goals: Some([1.0, 1.0, 1.5, 2.0]),
    },
    Condition {
        name: "pcm-decade",
        title: "joshi_2020, ten years",
        settings: &[("device", "joshi_2020"), ("age", "315360000")],
        against: &[],
        goals: None,
    },
    Condition {
        name: "together",
        title: "all together",
        settings: &[
            ("stuck", "0.01"),
            ("programming-error", "0.02"),
            ("read-noise", "0.01"),
            ("drift", "0.05"),
            ("age", "86400"),
            ("wire", "1"),
            ("adc-bits", "8"),
        ],
        against: &[
            ("verify-within", "0.02"),
            ("fault-aware", "pairs"),
            ("order", "by-faults"),
            ("predistort", "3"),
            ("adc-range", "least-squares"),
            ("drift-compensation", "crossbar"),
        ],
        goals: None,
    },
];

/// What is done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Treatment {
    /// Nothing.
    Nothing,
    /// A digital gain and offset of every output channel.
    Refresh,
    /// That, unused cells that stay unformed, and what works against the condition.
    Everything,
}

impl Treatment {
    /// All of them, the least first.
    pub const ALL: [Self; 3] = [Self::Nothing, Self::Refresh, Self::Everything];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Refresh => "refresh",
            Self::Everything => "everything",
        }
    }

    /// The settings that make it under a condition.
    pub fn settings(self, condition: &Condition) -> Vec<Set> {
        let (refresh, unformed) = (("refresh", "true"), ("unused-cells", "unformed"));
        match self {
            Self::Nothing => vec![],
            Self::Refresh => vec![refresh],
            Self::Everything => [refresh, unformed].into_iter().chain(condition.against.iter().copied()).collect(),
        }
    }
}

/// One simulation of the grid.
#[derive(Clone, Copy, Debug)]
pub struct Spot {
    /// One of [`NETWORKS`].
    pub network: &'static str,
    /// One of [`SCHEMES`].
    pub scheme: &'static str,
    /// What is wrong.
    pub condition: &'static Condition,
    /// What is done about it.
    pub treatment: Treatment,
}

impl Spot {
    /// The settings over the default design.
    pub fn settings(&self) -> impl Iterator<Item = Set> {
        self.condition.settings.iter().copied().chain(self.treatment.settings(self.condition))
    }

    /// Most percentage points that may be lost; none where no goal was set, or less is done than can be.
    pub fn goal(&self) -> Option<f64> {
        let place = NETWORKS.iter().position(|network| *network == self.network)?;
        (self.treatment == Treatment::Everything).then_some(self.condition.goals?[place])
    }
}

/// What chips recognise at one spot of the grid.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AnalogRate {
    /// The trained network.
    pub network: &'static str,
    /// The mapping scheme.
    pub scheme: &'static str,
    /// What is wrong, by its name.
    pub condition: &'static str,
    /// The same for people.
    pub title: &'static str,
    /// What is done about it.
    pub treatment: Treatment,
    /// Crossbars of a chip.
    pub crossbars: u64,
    /// The integer network on the same images.
    pub digital: Rate,
    /// Each chip.
    pub chips: Vec<ChipRate>,
    /// Over the chips.
    pub mean: MeanRate,
    /// 95 % interval of the mean over the choice of test images (Wilson, of the mean rate), 0 to 1.
    pub interval: [f64; 2],
    /// Percentage points lost against the integer network.
    pub lost: f64,
    /// Standard error of that over the choice of chips, in points; none for one chip.
    pub lost_error: Option<f64>,
    /// Most points that may be lost; none where no goal was set, or less is done than can be.
    pub goal: Option<f64>,
    /// The command that gives it again.
    pub command: String,
}

impl AnalogRate {
    /// Of what was counted at a spot.
    ///
    /// # Panics
    /// If there are no chips.
    pub fn new(spot: &Spot, crossbars: u64, (digital, chips): (Rate, Vec<ChipRate>), command: String) -> Self {
        let (mean, interval) = SimulatedRun::mean_of(&chips);
        Self {
            network: spot.network,
            scheme: spot.scheme,
            condition: spot.condition.name,
            title: spot.condition.title,
            treatment: spot.treatment,
            crossbars,
            digital,
            mean,
            interval,
            lost: 100.0 * (digital.rate - mean.mean),
            lost_error: mean.deviation.map(|deviation| 100.0 * deviation / (chips.len() as f64).sqrt()),
            chips,
            goal: spot.goal(),
            command,
        }
    }

    /// Whether the goal holds; none where there is none. Points are counted to the hundredth, as they are shown.
    pub fn holds(&self) -> Option<bool> {
        Some((100.0 * self.lost).round() <= 100.0 * self.goal?)
    }
}

/// The grid, or part of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AnalogRates {
    /// The data set and its split.
    pub images: String,
    /// Training images that converters and digital corrections were calibrated on; no test image is among them.
    pub calibration_images: usize,
    /// The program's version.
    pub version: &'static str,
    /// The command that was typed.
    pub command: String,
    /// Condition by condition; of each scheme after scheme, network after network, and the treatments, the least first.
    pub rates: Vec<AnalogRate>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hardware::{DEFAULT, Design, setting};
    use crate::simulate::Hardware;

    #[test]
    fn every_spot_is_a_design_that_can_be_simulated() {
        for (condition, treatment) in CONDITIONS.iter().flat_map(|condition| Treatment::ALL.map(|of| (condition, of))) {
            let spot = Spot { network: NETWORKS[0], scheme: SCHEMES[0], condition, treatment };
            let mut design = Design::preset(DEFAULT).expect("a design").clone();
            for (name, value) in spot.settings() {
                design.set(setting(name).expect("a setting"), value).expect("a value");
            }
            assert_eq!(design.idle().count(), 0, "{} {treatment:?}", condition.name);
            assert_eq!(Hardware::of(&design).map(drop), Ok(()), "{} {treatment:?}", condition.name);
            assert_eq!(spot.goal().is_some(), treatment == Treatment::Everything && condition.goals.is_some());
        }
    }

    #[test]
    fn points_are_lost_against_the_integer_network() {
        let spot = |treatment| Spot { network: NETWORKS[2], scheme: SCHEMES[1], condition: &CONDITIONS[0], treatment };
        let chips = [890, 900].map(|correct| Rate::new(correct, 1000));
        let chips: Vec<ChipRate> = (0..).zip(chips).map(|(seed, rate)| ChipRate { seed, rate }).collect();
        let of = |correct, treatment| {
            AnalogRate::new(&spot(treatment), 7, (Rate::new(correct, 1000), chips.clone()), String::new())
        };
        let (held, missed) = (of(900, Treatment::Everything), of(901, Treatment::Everything));
        assert!((held.lost - 0.5).abs() < 1e-9 && (held.lost_error.expect("two chips") - 0.5).abs() < 1e-9);
        assert_eq!(
            [held.holds(), missed.holds(), of(900, Treatment::Refresh).holds()],
            [Some(true), Some(false), None]
        );
    }
}
