//! What was priced, in a folder that several processes may share.

use super::part::{self, Appended, Kind};
use crate::output;
use anyhow::{Context, Result, anyhow};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use tilewright::explore::{Figures, Outcome};

/// What the folder is of; a store of another space is not mixed with it.
const SUBJECT: &str = "space";

/// Outcomes of the designs of one space, some of them perhaps in a folder.
pub(super) struct Store<'a> {
    outcomes: Known,
    folder: Option<(&'a Path, Appended)>,
}

/// What is known of a space.
struct Known {
    designs: u64,
    by_place: ByPlace,
    /// Why designs have no price: many share a reason.
    reasons: BTreeSet<Arc<str>>,
}

enum ByPlace {
    /// Room for all designs.
    All(Vec<Option<Outcome>>),
    /// Those that a search came by.
    Some(BTreeMap<u64, Outcome>),
}

impl Known {
    fn get(&self, place: u64) -> Option<&Outcome> {
        match &self.by_place {
            ByPlace::All(outcomes) => outcomes.get(usize::try_from(place).ok()?)?.as_ref(),
            ByPlace::Some(outcomes) => outcomes.get(&place),
        }
    }

    /// Whether there is such a design.
    fn put(&mut self, place: u64, outcome: Outcome) -> bool {
        let outcome = outcome.map_err(|reason| match self.reasons.get(&reason) {
            Some(known) => Arc::clone(known),
            None => {
                self.reasons.insert(Arc::clone(&reason));
                reason
            }
        });
        match &mut self.by_place {
            ByPlace::All(outcomes) => {
                let slot = usize::try_from(place).ok().and_then(|place| outcomes.get_mut(place));
                slot.map(|slot| *slot = Some(outcome)).is_some()
            }
            ByPlace::Some(outcomes) => {
                outcomes.insert(place, outcome);
                place < self.designs
            }
        }
    }
}

/// A design's line.
#[derive(Serialize, Deserialize)]
struct Line {
    place: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    figures: Option<Figures>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<String>,
}

impl<'a> Store<'a> {
    /// Reads what a folder knows of a space of so many designs, of which all are priced or some are searched; without a folder it knows
    /// nothing.
    pub(super) fn open(folder: Option<&'a Path>, subject: &str, designs: u64, are_searched: bool) -> Result<Self> {
        if let Some(folder) = folder {
            claim(folder, subject)?;
        }
        let folder = folder.map(|folder| (folder, Appended::new(folder, Kind::Part)));
        let by_place = match are_searched {
            true => ByPlace::Some(BTreeMap::new()),
            false => ByPlace::All(vec![None; usize::try_from(designs)?]),
        };
        let mut store = Self { outcomes: Known { designs, by_place, reasons: BTreeSet::new() }, folder };
        store.read()?;
        Ok(store)
    }

    /// Whether a design was priced.
    pub(super) fn knows(&self, place: u64) -> bool {
        self.outcomes.get(place).is_some()
    }

    /// The outcome of a design, if it was priced.
    pub(super) fn known(&self, place: u64) -> Option<&Outcome> {
        self.outcomes.get(place)
    }

    /// Keeps outcomes, in the folder too if there is one.
    pub(super) fn keep(&mut self, places: &[u64], outcomes: Vec<Outcome>) -> Result<()> {
        if let Some((_, appended)) = &mut self.folder {
            appended.append(places.iter().zip(&outcomes).map(|(&place, outcome)| Line {
                place,
                figures: outcome.as_ref().ok().copied(),
                failed: outcome.as_ref().err().map(ToString::to_string),
            }))?;
        }
        for (&place, outcome) in places.iter().zip(outcomes) {
            self.outcomes.put(place, outcome);
        }
        Ok(())
    }

    /// The outcomes of all designs; nothing if one is missing.
    pub(super) fn into_outcomes(self) -> Option<Vec<Outcome>> {
        match self.outcomes.by_place {
            ByPlace::All(outcomes) => outcomes.into_iter().collect(),
            ByPlace::Some(_) => None,
        }
    }

    /// Reads what processes wrote so far.
    pub(super) fn read(&mut self) -> Result<()> {
        let Some((folder, _)) = self.folder else { return Ok(()) };
        let outcomes = &mut self.outcomes;
        part::read(folder, Kind::Part, |Line { place, figures, failed }| match (figures, failed) {
            (Some(figures), None) => outcomes.put(place, Ok(figures)),
            (None, Some(reason)) => outcomes.put(place, Err(reason.into())),
            _ => false,
        })
    }
}

/// Makes a folder the store of a subject, or finds that it is.
fn claim(folder: &Path, subject: &str) -> Result<()> {
    fs::create_dir_all(folder).map_err(|error| output::unwritable(folder, &error))?;
    let path = folder.join(SUBJECT);
    if !path.exists() {
        if has_other_files(folder)? {
            return Err(anyhow!(
                "{} holds other files and is not a store; give an empty folder, or one that does not exist",
                folder.display()
            ));
        }
        // Whole or not at all; where several processes begin together they write the same.
        output::write(&path, |to| Ok(writeln!(to, "{subject}")?))?;
    }
    let found = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    if found.trim() == subject {
        return Ok(());
    }
    Err(anyhow!(
        "{} is the store of another space: networks, designs, values, constants or the version differ; give another folder",
        folder.display()
    ))
}

/// Whether a folder holds what no store does; a process that begins at the same time may have a hidden file there.
fn has_other_files(folder: &Path) -> Result<bool> {
    let listed = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in listed {
        let name = entry?.file_name();
        let name = name.to_string_lossy();
        if !name.starts_with('.') && !part::is_of_a_store(Path::new(&*name)) && name != SUBJECT {
            return Ok(true);
        }
    }
    Ok(false)
}
