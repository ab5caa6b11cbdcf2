//! What designs there are to choose from: every combination of networks, designs and values of settings.

use super::{Better, ExploreError, Figures, Goal, Limit, Values};
use crate::hardware::Variable;
use crate::hardware::variations::{combination, combinations, twice, verify_variables};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::str::FromStr;

/// The most values of one range, and the most designs of a space that are all tried; a larger one is searched.
pub const MOST: u64 = 10_000_000;

/// Networks, designs and values of settings, what is best among their combinations, and what all must keep to.
#[derive(Clone, Debug, PartialEq)]
pub struct Space {
    /// Networks by name or file.
    pub networks: Vec<String>,
    /// Designs by name or file.
    pub designs: Vec<String>,
    /// Settings that vary; the last one varies fastest.
    pub vary: Vec<Variable>,
    /// What is best, at least one.
    pub goals: Vec<Goal>,
    /// What every design on the front keeps to.
    pub limits: Vec<Limit>,
}

/// One combination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point<'a> {
    /// The network.
    pub network: &'a str,
    /// The design before its settings.
    pub design: &'a str,
    /// Every setting that varies with its value.
    pub settings: Vec<(&'a str, &'a str)>,
}

impl Space {
    /// A space to begin from, with comments.
    pub const EXAMPLE: &'static str = include_str!("../../data/explore/space.toml");

    /// Reads a space file; `file_name` is for errors.
    ///
    /// # Errors
    /// [`ExploreError::Space`] for text that is no space, and as [`Space::verify`].
    pub fn parse(file_name: &str, text: &str) -> Result<Self, ExploreError> {
        let wrong = |problem: String| ExploreError::Space { problem: format!("file {file_name}: {problem}") };
        let file: File =
            toml::from_str(text).map_err(|error| wrong(error.to_string().trim_end().replace('\n', " ")))?;
        let vary = file.vary.into_iter().map(|(name, values)| {
            let values = values.typed().map_err(|problem| wrong(format!("[vary] {name}: {problem}")))?;
            Ok(Variable { name, values })
        });
        let space = Self {
            networks: file.networks,
            designs: file.designs,
            vary: vary.collect::<Result<_, ExploreError>>()?,
            goals: goals(&file.objectives.minimize, &file.objectives.maximize)?,
            limits: file.limits.iter().map(|limit| limit.parse()).collect::<Result<_, _>>()?,
        };
        space.verify()?;
        Ok(space)
    }

    /// Whether there is something to choose and something to choose by.
    ///
    /// # Errors
    /// [`ExploreError::Space`] for a space without networks, designs, values or objectives, with a setting, a value or an objective twice,
    /// or of more than 2⁶⁴ combinations; [`ExploreError::Limit`] for limits that contradict each other.
    pub fn verify(&self) -> Result<(), ExploreError> {
        let wrong = |problem: String| Err(ExploreError::Space { problem });
        for (what, names) in [("network", &self.networks), ("design", &self.designs)] {
            if names.is_empty() {
                return wrong(format!("it has no {what}; give at least one"));
            }
            if let Some(twice) = twice(names) {
                return wrong(format!("it has the {what} {twice} twice; give it once"));
            }
        }
        verify_variables(&self.vary).or_else(wrong)?;
        if self.goals.is_empty() {
            return wrong("nothing says which designs are best; minimize area, say".into());
        }
        if let Some(twice) = twice(self.goals.iter().map(ToString::to_string)) {
            return wrong(format!("{twice} is an objective twice; give it once"));
        }
        self.verify_limits()?;
        match self.combinations() {
            Some(_) => Ok(()),
            None => wrong("it has more designs than can be numbered (2^64); give fewer values, or split it".into()),
        }
    }

    fn verify_limits(&self) -> Result<(), ExploreError> {
        for (place, limit) in self.limits.iter().enumerate() {
            if let Some(other) = self.limits[..place].iter().find(|other| other.contradicts(limit)) {
                let problem = format!("contradicts {other:?}: no design keeps to both", other = other.to_string());
                return Err(ExploreError::Limit { limit: limit.to_string(), problem });
            }
        }
        Ok(())
    }

    /// The values of a setting that varies.
    pub fn values_of(&self, setting: &str) -> impl Iterator<Item = &str> {
        let variable = self.vary.iter().filter(move |variable| variable.name == setting);
        variable.flat_map(|variable| variable.values.iter().map(String::as_str))
    }

    /// Whether designs are compared by what they recognise, or must keep to a limit on that.
    pub fn asks_rates(&self) -> bool {
        self.all_goals().any(Goal::is_simulated)
    }

    /// Whether a design's figures keep to all limits, as far as they are known.
    pub fn keeps_limits(&self, figures: &Figures) -> bool {
        self.limits.iter().all(|limit| limit.kept(figures))
    }

    /// By how much a design's figures miss the limits, each as a part of it; 0 if they keep to all.
    pub fn missed_by(&self, figures: &Figures) -> f64 {
        self.limits.iter().map(|limit| limit.missed_by(figures)).sum()
    }

    /// What is to be minimised of a design; nothing if its rate is asked for and not known.
    pub fn values(&self, figures: &Figures) -> Option<Values> {
        self.goals.iter().map(|goal| goal.to_minimize(figures)).collect()
    }

    /// How many combinations there are.
    ///
    /// # Panics
    /// If they are more than [`Space::verify`] allows.
    pub fn size(&self) -> u64 {
        self.combinations().expect("a space that was verified")
    }

    fn combinations(&self) -> Option<u64> {
        let beside = [self.networks.len(), self.designs.len()].map(|count| count as u64);
        beside.into_iter().try_fold(combinations(&self.vary)?, u64::checked_mul)
    }

    /// How many values each axis has: networks, designs, and every setting that varies.
    pub fn axes(&self) -> impl Iterator<Item = usize> {
        let settings = self.vary.iter().map(|variable| variable.values.len());
        [self.networks.len(), self.designs.len()].into_iter().chain(settings)
    }

    /// The place of the combination with these values of the axes.
    pub fn place(&self, values: &[usize]) -> u64 {
        self.axes().zip(values).fold(0, |place, (count, &value)| place * count as u64 + value as u64)
    }

    /// Whether the losses of replaced layers are among what designs are compared by, or limited.
    pub fn asks_losses(&self) -> bool {
        self.all_goals().any(Goal::is_planned)
    }

    fn all_goals(&self) -> impl Iterator<Item = &Goal> {
        self.goals.iter().chain(self.limits.iter().map(|limit| &limit.goal))
    }

    /// A combination by its place, from 0: networks vary slowest, the last setting fastest.
    ///
    /// # Panics
    /// If there is none of this place.
    pub fn point(&self, place: u64) -> Point<'_> {
        let (rest, settings) = combination(&self.vary, place);
        let at = |place: u64| usize::try_from(place).expect("a place in a list");
        let design = &self.designs[at(rest % self.designs.len() as u64)];
        let network = self.networks.get(at(rest / self.designs.len() as u64));
        Point { network: network.expect("a combination of the space"), design, settings }
    }
}

/// Goals from what is to be small and what is to be large.
///
/// # Errors
/// [`ExploreError::Measure`] as [`Goal`]'s text and [`Goal::that_is`] have it.
pub fn goals<T: AsRef<str>>(minimize: &[T], maximize: &[T]) -> Result<Vec<Goal>, ExploreError> {
    let read = |(text, better): (&T, Better)| Goal::from_str(text.as_ref())?.that_is(better);
    let minimize = minimize.iter().map(|text| (text, Better::Less));
    minimize.chain(maximize.iter().map(|text| (text, Better::More))).map(read).collect()
}

/// A space as its file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    networks: Vec<String>,
    #[serde(default)]
    designs: Vec<String>,
    #[serde(default)]
    vary: BTreeMap<String, Listed>,
    #[serde(default)]
    objectives: Objectives,
    #[serde(default)]
    limits: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Objectives {
    minimize: Vec<String>,
    maximize: Vec<String>,
}

/// A list of values, or a range.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a list of values, or a range such as { from = 4, to = 8, step = 1 }")]
enum Listed {
    List(Vec<Value>),
    Range(Range),
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a number, a text, true or false")]
enum Value {
    Whole(i64),
    Number(f64),
    Flag(bool),
    Text(String),
}

/// From one value to another, both included, by adding a step (1 if none is given) or by multiplying with a factor.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Range {
    from: f64,
    to: f64,
    step: Option<f64>,
    factor: Option<f64>,
}

impl Listed {
    fn typed(self) -> Result<Vec<String>, String> {
        match self {
            Self::List(values) => Ok(values.iter().map(Value::typed).collect()),
            Self::Range(range) => Ok(range.values()?.iter().map(f64::to_string).collect()),
        }
    }
}

impl Value {
    fn typed(&self) -> String {
        match self {
            Self::Whole(value) => value.to_string(),
            Self::Number(value) => value.to_string(),
            Self::Flag(value) => value.to_string(),
            Self::Text(value) => value.clone(),
        }
    }
}

impl Range {
    /// Its values, each from the first one, so that rounding does not add up.
    fn values(&self) -> Result<Vec<f64>, String> {
        let Self { from, to, step, factor } = *self;
        let steps = match (step, factor) {
            (Some(_), Some(_)) => return Err("a range has a step or a factor, not both".into()),
            (_, None) => (to - from) / step.unwrap_or(1.0),
            (None, Some(factor)) => (to / from).ln() / factor.ln(),
        };
        if !(steps >= 0.0 && steps <= MOST as f64) {
            return Err(format!(
                "a range from {from} to {to} needs a step, or a factor, that leads there in at most {MOST} steps"
            ));
        }
        // Rounding alone neither leaves out the last value nor makes 0.3 of three times 0.1.
        let count = (steps + 1e-9) as u32;
        let value = |place| match factor {
            Some(factor) => from * factor.powi(i32::try_from(place).unwrap_or(i32::MAX)),
            None => from + step.unwrap_or(1.0) * f64::from(place),
        };
        Ok((0..=count).map(|place| format!("{:.11e}", value(place)).parse().unwrap_or_else(|_| value(place))).collect())
    }
}
