//! What designs are compared by.

use super::ExploreError;
use crate::cost::Cost;
use crate::network::nearest;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What a design costs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Crossbars, all copies of all layers.
    pub crossbars: u64,
    /// Area in mm².
    pub area_mm2: f64,
    /// Energy of an image in µJ.
    pub energy_uj: f64,
    /// From an image to its result, in ms.
    pub latency_ms: f64,
    /// From one image to the next, in ms.
    pub interval_ms: f64,
    /// Mean power in mW.
    pub power_mw: f64,
    /// By how many millionths any other mapping of this design can at most take less of what it was searched for; none without such a
    /// search, or a bound on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap_millionths: Option<u32>,
    /// What its kernels lose, where the loss of replacing each layer is given; in the unit of those losses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernel_loss: Option<f64>,
    /// What it recognises, once it was simulated.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub recognition: Option<Recognition>,
}

/// How many of some test images a design's chips recognise.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Recorded", into = "Recorded")]
pub struct Recognition {
    /// Images recognised, the mean over the chips, in percent.
    pub rate_percent: f64,
    /// What hardware that does nothing wrong recognises of the same images, in percent: the network in integers, or the one without rounding
    /// between layers.
    pub digital_percent: f64,
}

impl Recognition {
    /// Of so many percent on chips and without errors.
    pub const fn new(rate_percent: f64, digital_percent: f64) -> Self {
        Self { rate_percent, digital_percent }
    }

    /// How many percentage points the hardware loses of what it would recognise without errors, at least 0: what it gains is chance.
    pub const fn lost_points(&self) -> f64 {
        (self.digital_percent - self.rate_percent).max(0.0)
    }
}

/// What is recognised, as it is written.
#[derive(Serialize, Deserialize)]
struct Recorded {
    rate_percent: f64,
    digital_percent: f64,
    #[serde(default)]
    lost_points: f64,
}

impl From<Recorded> for Recognition {
    fn from(Recorded { rate_percent, digital_percent, .. }: Recorded) -> Self {
        Self { rate_percent, digital_percent }
    }
}

impl From<Recognition> for Recorded {
    fn from(recognition: Recognition) -> Self {
        let Recognition { rate_percent, digital_percent } = recognition;
        Self { rate_percent, digital_percent, lost_points: recognition.lost_points() }
    }
}

impl Figures {
    /// Those of a price.
    pub const fn of(cost: &Cost) -> Self {
        Self {
            crossbars: cost.crossbars,
            area_mm2: cost.area_mm2,
            energy_uj: cost.energy_uj,
            latency_ms: cost.latency_ms,
            interval_ms: cost.interval_ms,
            power_mw: cost.power_mw,
            gap_millionths: None,
            kernel_loss: None,
            recognition: None,
        }
    }

    /// The same with what it recognises.
    pub const fn recognising(self, recognition: Recognition) -> Self {
        Self { recognition: Some(recognition), ..self }
    }
}

/// Which way a measure is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// The less the better.
    Less,
    /// The more the better.
    More,
}

/// One thing that designs are compared by.
#[derive(Debug)]
pub struct Measure {
    /// As it is written.
    pub name: &'static str,
    /// As it is called in JSON and CSV, with its unit.
    pub key: &'static str,
    /// As the head of a column, with its unit.
    pub title: &'static str,
    /// Its unit, as it is shown; empty for a count.
    pub unit: &'static str,
    /// The same unit, as it is typed.
    pub typed_unit: &'static str,
    /// What it is, in one sentence.
    pub sentence: &'static str,
    /// Which way it is good.
    pub better: Better,
    value: Value,
}

/// What a measure follows from.
#[derive(Debug)]
enum Value {
    /// The price.
    Priced(fn(&Figures) -> f64),
    /// The losses of replaced layers.
    Planned,
    /// A simulation.
    Simulated(fn(&Recognition) -> f64),
}

/// All measures.
pub const MEASURES: [Measure; 9] = [
    Measure {
        name: "area",
        key: "area_mm2",
        title: "area\nmm²",
        unit: "mm²",
        typed_unit: "mm2",
        sentence: "Area of the chips, layout overhead included.",
        better: Better::Less,
        value: Value::Priced(|figures| figures.area_mm2),
    },
    Measure {
        name: "energy",
        key: "energy_uj",
        title: "energy\nµJ",
        unit: "µJ",
        typed_unit: "uJ",
        sentence: "Energy of an image, leakage included.",
        better: Better::Less,
        value: Value::Priced(|figures| figures.energy_uj),
    },
    Measure {
        name: "latency",
        key: "latency_ms",
        title: "latency\nms",
        unit: "ms",
        typed_unit: "ms",
        sentence: "Time from an image to its result.",
        better: Better::Less,
        value: Value::Priced(|figures| figures.latency_ms),
    },
    Measure {
        name: "throughput",
        key: "images_per_second",
        title: "images/s",
        unit: "images/s",
        typed_unit: "images/s",
        sentence: "Images a second, one after another.",
        better: Better::More,
        value: Value::Priced(|figures| 1e3 / figures.interval_ms),
    },
    Measure {
        name: "power",
        key: "power_mw",
        title: "power\nmW",
        unit: "mW",
        typed_unit: "mW",
        sentence: "Mean power while images follow each other.",
        better: Better::Less,
        value: Value::Priced(|figures| figures.power_mw),
    },
    Measure {
        name: "crossbars",
        key: "crossbars",
        title: "crossbars",
        unit: "",
        typed_unit: "",
        sentence: "Unit crossbars, all copies of all layers.",
        better: Better::Less,
        value: Value::Priced(|figures| figures.crossbars as f64),
    },
    Measure {
        name: "kernel-loss",
        key: "kernel_loss",
        title: "kernel\nloss",
        unit: "",
        typed_unit: "",
        sentence: "Sum of the losses of the layers that get 2D+1D kernels, in the unit of the file of losses.",
        better: Better::Less,
        value: Value::Planned,
    },
    Measure {
        name: "rate",
        key: "rate_percent",
        title: "rate\n%",
        unit: "%",
        typed_unit: "%",
        sentence: "Test images that the chips recognise.",
        better: Better::More,
        value: Value::Simulated(|recognition| recognition.rate_percent),
    },
    Measure {
        name: "rate-lost",
        key: "lost_points",
        title: "rate lost\npoints",
        unit: "points",
        typed_unit: "points",
        sentence: "Percentage points that the hardware loses of what it would recognise without errors, at least 0.",
        better: Better::Less,
        value: Value::Simulated(Recognition::lost_points),
    },
];

impl Measure {
    /// The measure of this name; an underscore is a hyphen.
    ///
    /// # Errors
    /// [`ExploreError::Measure`] with the nearest name and all names.
    pub fn find(name: &str) -> Result<&'static Self, ExploreError> {
        let hyphenated = name.trim().replace('_', "-");
        MEASURES.iter().find(|measure| measure.name == hyphenated).ok_or_else(|| {
            let names = || MEASURES.iter().map(|measure| measure.name);
            let offer = nearest(&hyphenated, names()).map(|near| format!("; did you mean {near}?")).unwrap_or_default();
            let known = names().collect::<Vec<_>>().join(", ");
            ExploreError::Measure {
                problem: format!("{name:?} is not one; there are {known}, and products such as area*latency{offer}"),
            }
        })
    }

    /// Its value, in its unit; none if it takes a simulation or losses that there were not.
    pub fn of(&self, figures: &Figures) -> Option<f64> {
        match self.value {
            Value::Priced(value) => Some(value(figures)),
            Value::Planned => figures.kernel_loss,
            Value::Simulated(value) => figures.recognition.as_ref().map(value),
        }
    }

    /// Whether it takes a simulation.
    pub const fn is_simulated(&self) -> bool {
        matches!(self.value, Value::Simulated(_))
    }

    /// Whether it takes the losses of replaced layers.
    pub const fn is_planned(&self) -> bool {
        matches!(self.value, Value::Planned)
    }

    /// Whether it is a number of things.
    pub fn is_count(&self) -> bool {
        self.unit.is_empty() && !self.is_planned()
    }
}

/// A measure, or a product of measures that are good the same way, as `area*latency`.
#[derive(Clone)]
pub struct Goal(Vec<&'static Measure>);

impl Goal {
    /// Which way it is good.
    pub fn better(&self) -> Better {
        self.0[0].better
    }

    /// Its unit, as it is shown.
    pub fn unit(&self) -> String {
        let units = self.0.iter().map(|measure| measure.unit).filter(|unit| !unit.is_empty());
        units.collect::<Vec<_>>().join("·")
    }

    /// The same unit, as it is typed.
    pub fn typed_unit(&self) -> String {
        let units = self.0.iter().map(|measure| measure.typed_unit).filter(|unit| !unit.is_empty());
        units.collect::<Vec<_>>().join("*")
    }

    /// Its value, in its unit; none if it takes a simulation or losses that there were not.
    pub fn of(&self, figures: &Figures) -> Option<f64> {
        self.0.iter().map(|measure| measure.of(figures)).product()
    }

    /// Whether it takes a simulation.
    pub fn is_simulated(&self) -> bool {
        self.0.iter().any(|measure| measure.is_simulated())
    }

    /// Whether it takes the losses of replaced layers.
    pub fn is_planned(&self) -> bool {
        self.0.iter().any(|measure| measure.is_planned())
    }

    /// Its value turned so that less is better.
    pub fn to_minimize(&self, figures: &Figures) -> Option<f64> {
        let value = self.of(figures)?;
        Some(match self.better() {
            Better::Less => value,
            Better::More => -value,
        })
    }

    /// The same goal if it is good this way.
    ///
    /// # Errors
    /// [`ExploreError::Measure`] if more of what is minimised is better, or less of what is maximised.
    pub fn that_is(self, better: Better) -> Result<Self, ExploreError> {
        if self.better() == better {
            return Ok(self);
        }
        let (asked, right) = match better {
            Better::Less => ("minimized", "maximize"),
            Better::More => ("maximized", "minimize"),
        };
        Err(ExploreError::Measure {
            problem: format!("{self} cannot be {asked}, since it is good the other way; {right} it"),
        })
    }
}

impl FromStr for Goal {
    type Err = ExploreError;

    fn from_str(text: &str) -> Result<Self, ExploreError> {
        let measures = text.split('*').map(Measure::find).collect::<Result<Vec<_>, _>>()?;
        if measures.iter().any(|measure| measure.better != measures[0].better) {
            let problem = format!("{text:?} multiplies one that should be small by one that should be large");
            return Err(ExploreError::Measure { problem });
        }
        Ok(Self(measures))
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.iter().map(|measure| measure.name).collect::<Vec<_>>().join("*"))
    }
}

impl fmt::Debug for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Goal({self})")
    }
}

impl PartialEq for Goal {
    fn eq(&self, other: &Self) -> bool {
        self.0.iter().map(|measure| measure.name).eq(other.0.iter().map(|measure| measure.name))
    }
}
