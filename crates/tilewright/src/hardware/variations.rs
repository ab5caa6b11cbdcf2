//! Several designs from one: values of settings, one at a time or in every combination.

use super::{Design, HardwareError, setting};
use crate::workers::{self, Watch};
use serde::Serialize;
use std::collections::BTreeSet;
use std::convert::Infallible;

/// A setting and the values it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// The setting.
    pub name: String,
    /// Its values as they are typed, at least one, each once.
    pub values: Vec<String>,
}

/// A setting and its value, as typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Varied {
    /// The setting.
    pub option: String,
    /// Its value.
    pub value: String,
}

/// Settings that vary, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variations {
    /// The settings; in a grid the last one varies fastest.
    pub vary: Vec<Variable>,
    /// Whether every combination is meant, or one setting at a time with all others as they are.
    pub grid: bool,
}

/// The most designs of a sweep.
pub const MOST_VARIATIONS: u64 = 100_000;

impl Variations {
    /// Whether every setting has values, each once, and the designs are not too many.
    ///
    /// # Errors
    /// What is wrong, and what to do.
    pub fn verify(&self) -> Result<(), String> {
        verify_variables(&self.vary)?;
        let size = if self.grid {
            combinations(&self.vary)
        } else {
            Some(self.vary.iter().map(|variable| variable.values.len() as u64).sum())
        };
        match size {
            Some(0..=MOST_VARIATIONS) => Ok(()),
            _ => Err(format!("these are more than {MOST_VARIATIONS} designs; give fewer values")),
        }
    }

    /// What each design differs in: nothing first, then a value each; in a grid every combination and nothing else.
    pub fn changes(&self) -> Vec<Vec<Varied>> {
        let owned = |(option, value): (&str, &str)| Varied { option: option.into(), value: value.into() };
        if self.grid {
            let count = combinations(&self.vary).unwrap_or(0);
            return (0..count).map(|place| combination(&self.vary, place).1.into_iter().map(owned).collect()).collect();
        }
        let one = |variable: &Variable| {
            let name = variable.name.clone();
            let values = variable.values.clone().into_iter();
            values.map(move |value| vec![Varied { option: name.clone(), value }])
        };
        [vec![]].into_iter().chain(self.vary.iter().flat_map(one)).collect()
    }

    /// The designs that a design becomes, in the order of [`Variations::changes`]. Files that settings name are not read.
    ///
    /// # Errors
    /// [`HardwareError`] for a setting that there is not, or a value that it cannot have.
    ///
    /// ```
    /// use tilewright::hardware::{Design, Variable, Variations};
    /// let vary = |name: &str, values: &[&str]| Variable {
    ///     name: name.into(),
    ///     values: values.iter().map(|&value| value.into()).collect(),
    /// };
    /// let variations = Variations { vary: vec![vary("crossbar", &["64", "128"]), vary("cell-bits", &["1", "2", "4"])], grid: true };
    /// let designs = variations.designs(&Design::preset("isaac")?)?;
    /// assert_eq!(designs.len(), 6);
    /// assert_eq!((designs[5].crossbar.rows, designs[5].encoding().cell_bits), (128, 4));
    /// # Ok::<(), tilewright::hardware::HardwareError>(())
    /// ```
    pub fn designs(&self, design: &Design) -> Result<Vec<Design>, HardwareError> {
        self.changes().iter().map(|varied| design.varied(varied)).collect()
    }
}

/// What becomes of each of several designs, or of whatever varies, in their order, on any number of threads; none if the watch ended the
/// work. The watch is told how many are done, of how many.
pub fn each<V: Sync, T: Send>(
    varied: &[V],
    threads: usize,
    watch: Watch<'_>,
    job: impl Fn(&V) -> T + Sync,
) -> Option<Vec<T>> {
    let sizes = vec![1; varied.len()];
    let results = workers::run(&sizes, threads, watch, |place| Ok::<_, Infallible>(job(&varied[place])));
    results.unwrap_or_else(|never| match never {})
}

impl Design {
    /// The design with other values of some settings.
    ///
    /// # Errors
    /// [`HardwareError`] for a setting that there is not, or a value that it cannot have.
    pub fn varied(&self, varied: &[Varied]) -> Result<Self, HardwareError> {
        let mut design = self.clone();
        for Varied { option, value } in varied {
            design.set(setting(option)?, value)?;
        }
        Ok(design)
    }
}

/// What a design differs in, in words.
pub fn named(varied: &[Varied]) -> String {
    if varied.is_empty() {
        return "as typed".into();
    }
    let words: Vec<String> = varied.iter().map(|Varied { option, value }| format!("{option} {value}")).collect();
    words.join(", ")
}

/// How many combinations there are; nothing if they are more than can be counted.
pub(crate) fn combinations(vary: &[Variable]) -> Option<u64> {
    vary.iter().map(|variable| variable.values.len() as u64).try_fold(1, u64::checked_mul)
}

/// What is left of a place after the combinations of some settings, and the combination, the last setting varying fastest.
pub(crate) fn combination(vary: &[Variable], place: u64) -> (u64, Vec<(&str, &str)>) {
    let mut rest = place;
    let mut settings: Vec<(&str, &str)> = Vec::with_capacity(vary.len());
    for Variable { name, values } in vary.iter().rev() {
        let count = values.len() as u64;
        settings.push((name, &values[usize::try_from(rest % count).expect("a place in a list")]));
        rest /= count;
    }
    settings.reverse();
    (rest, settings)
}

/// Whether every setting varies once and has values, each once; the error says what is wrong.
pub(crate) fn verify_variables(vary: &[Variable]) -> Result<(), String> {
    if let Some(twice) = twice(vary.iter().map(|variable| &variable.name)) {
        return Err(format!("{twice} varies twice; give all its values in one list"));
    }
    for Variable { name, values } in vary {
        if values.is_empty() {
            return Err(format!("{name} has no value; give at least one, or leave it out"));
        }
        if let Some(twice) = twice(values) {
            return Err(format!("{name} has the value {twice} twice; give it once"));
        }
    }
    Ok(())
}

/// The first that was there before.
pub(crate) fn twice<T: Ord + Clone>(items: impl IntoIterator<Item = T>) -> Option<T> {
    let mut seen = BTreeSet::new();
    items.into_iter().find(|item| !seen.insert(item.clone()))
}
