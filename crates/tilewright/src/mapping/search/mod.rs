//! Exact search of the mapping space, for a layer and for a whole network.
//!
//! [`candidates`] lists the tilings of a layer that can be best for some objective; [`Objective`] says what is best;
//! [`choose`](network::choose) picks a candidate and a number of copies for every layer, and says why the search stopped.

mod candidates;
mod front;
pub mod latency;
pub mod network;
mod space;
mod windows;

pub use candidates::{Candidate, candidates, fewest_activations};
pub use front::{Point, keep_front};
pub(super) use windows::smallest_of_each_count;
pub use windows::windows;

use super::MappingError;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What is best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Objective {
    /// Fewest array activations with one copy of each layer: one physical array reused for everything.
    Activations,
    /// Fewest crossbars; with a limit, such that no layer takes more cycles.
    Crossbars {
        /// Greatest number of cycles of a layer.
        max_cycles: Option<u64>,
    },
    /// Fewest cycles of the slowest layer, the bottleneck of a pipeline; with a budget, using no more crossbars.
    Cycles {
        /// Greatest number of crossbars of the network.
        budget: Option<u64>,
    },
    /// Fewest cycles of all layers one after another; with a budget, using no more crossbars.
    Latency {
        /// Greatest number of crossbars of the network.
        budget: Option<u64>,
    },
    /// Least of what a cost model makes of a mapping; searched by `cost::CostModel::optimize`.
    Priced {
        /// What is least.
        least: Priced,
        /// Greatest number of crossbars of the network.
        budget: Option<u64>,
        /// Longest time from an image to its result, in ps.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_latency_ps: Option<u64>,
    },
}

/// What the mapping of a search for a price keeps to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Within {
    /// So many crossbars, for the least latency.
    Crossbars(u64),
    /// So many ps from an image to its result, for the least area or energy.
    Latency(u64),
}

impl Within {
    /// A time in ms.
    ///
    /// # Errors
    /// What is allowed.
    pub fn latency_ms(ms: f64) -> Result<Self, String> {
        // 10⁷ ms are 10¹⁶ ps, which a float holds exactly.
        match ms {
            1e-9..=1e7 => Ok(Self::Latency((ms * 1e9).round() as u64)),
            _ => Err(format!("a latency of {ms} ms; give 1e-9 to 1e7 ms")),
        }
    }

    /// The crossbars, if it is these that are limited.
    pub const fn crossbars(self) -> Option<u64> {
        match self {
            Self::Crossbars(budget) => Some(budget),
            Self::Latency(_) => None,
        }
    }

    /// The time in ps, if it is this that is limited.
    pub const fn latency_ps(self) -> Option<u64> {
        match self {
            Self::Crossbars(_) => None,
            Self::Latency(ps) => Some(ps),
        }
    }
}

/// What a cost model makes of a mapping, in place of counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Priced {
    /// Area.
    Area,
    /// Energy of an image.
    Energy,
    /// Time from an image to its result.
    Latency,
    /// Energy of an image times its latency.
    EnergyDelay,
    /// Area times latency.
    AreaDelay,
}

impl Priced {
    /// All of them, as they are written.
    pub const ALL: [(&'static str, Self); 5] = [
        ("area", Self::Area),
        ("energy", Self::Energy),
        ("latency", Self::Latency),
        ("energy-delay", Self::EnergyDelay),
        ("area-delay", Self::AreaDelay),
    ];

    /// As it is written.
    pub fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(_, known)| *known == self).map_or("", |(name, _)| name)
    }
}

impl Objective {
    /// The objective of this name with its limits.
    ///
    /// # Errors
    /// If there is no such objective, or the limit is not one of it.
    pub fn new(name: ObjectiveName, budget: Option<u64>, max_cycles: Option<u64>) -> Result<Self, MappingError> {
        let fail = |problem: &str| Err(MappingError::Setting { problem: problem.into() });
        if budget == Some(0) || max_cycles == Some(0) {
            return fail("a limit of 0; give at least 1 crossbar or cycle");
        }
        match name {
            ObjectiveName::Activations if budget.is_some() || max_cycles.is_some() => fail(
                "objective activations takes no limit; a crossbar budget goes with cycles or latency, a cycle limit with crossbars",
            ),
            ObjectiveName::Crossbars if budget.is_some() => fail(
                "objective crossbars takes a cycle limit, not a crossbar budget; a budget goes with cycles or latency",
            ),
            ObjectiveName::Cycles | ObjectiveName::Latency if max_cycles.is_some() => fail(
                "objectives cycles and latency take a crossbar budget, not a cycle limit; that goes with crossbars",
            ),
            ObjectiveName::Activations => Ok(Self::Activations),
            ObjectiveName::Crossbars => Ok(Self::Crossbars { max_cycles }),
            ObjectiveName::Cycles => Ok(Self::Cycles { budget }),
            ObjectiveName::Latency => Ok(Self::Latency { budget }),
        }
    }
}

/// The name of an [`Objective`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ObjectiveName {
    /// [`Objective::Activations`]
    Activations,
    /// [`Objective::Crossbars`]
    Crossbars,
    /// [`Objective::Cycles`]
    Cycles,
    /// [`Objective::Latency`]
    Latency,
}

impl ObjectiveName {
    /// All names, as they are written.
    pub const ALL: [(&'static str, Self); 4] = [
        ("activations", Self::Activations),
        ("crossbars", Self::Crossbars),
        ("cycles", Self::Cycles),
        ("latency", Self::Latency),
    ];
}

impl FromStr for ObjectiveName {
    type Err = MappingError;

    fn from_str(text: &str) -> Result<Self, MappingError> {
        let found = Self::ALL.into_iter().find(|(name, _)| *name == text);
        found.map(|(_, objective)| objective).ok_or_else(|| MappingError::Setting {
            problem: format!("no objective {text:?}; there are {}", Self::ALL.map(|(name, _)| name).join(", ")),
        })
    }
}

/// Why a search stopped, and so how good its result is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// Every candidate was compared: the result is the optimum.
    Exhausted,
    /// No smaller limit can be met: the result is the optimum. One cycle less would take this many crossbars.
    NextLimitTakes {
        /// Crossbars needed for one cycle less.
        crossbars: u64,
    },
    /// Every combination was compared or ruled out by a lower bound: the result is the optimum.
    BoundClosed,
    /// The limit on stored combinations was reached: the optimum is between the bound and the result.
    CombinationLimit {
        /// No combination has fewer cycles.
        bound: u64,
    },
    /// No combination of candidates takes less than the result by more than this part of it: a lower bound is that far off.
    Within {
        /// The part, in millionths, rounded up.
        millionths: u64,
    },
}

impl StopReason {
    /// By how many millionths of the result another one can at most be less; none where only cycles are bounded.
    pub fn gap_millionths(self) -> Option<u32> {
        match self {
            Self::Exhausted | Self::NextLimitTakes { .. } | Self::BoundClosed => Some(0),
            Self::Within { millionths } => Some(u32::try_from(millionths).unwrap_or(u32::MAX)),
            Self::CombinationLimit { .. } => None,
        }
    }
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exhausted => write!(f, "optimal: every candidate compared"),
            Self::NextLimitTakes { crossbars } => write!(f, "optimal: one cycle less takes {crossbars} crossbars"),
            Self::BoundClosed => write!(f, "optimal: every other combination ruled out by a bound"),
            Self::CombinationLimit { bound } => {
                write!(f, "stopped at the limit on stored combinations: the optimum is at least {bound} cycles")
            }
            Self::Within { millionths } => {
                let percent = *millionths as f64 / 1e4;
                write!(f, "no combination takes less by more than {percent} %, which a bound leaves open")
            }
        }
    }
}

/// What a search did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchRecord {
    /// What was asked for.
    pub objective: Objective,
    /// Why it stopped.
    pub stop: StopReason,
    /// Tilings and combinations compared.
    pub compared: u64,
}
