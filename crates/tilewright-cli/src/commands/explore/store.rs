//! What was priced, in a folder: one file a process, to which it appends a line a design. So processes never wait for each other, and a
//! killed one loses what it had not written yet.

use crate::output;
use anyhow::{Context, Result, anyhow};
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tilewright::explore::{Figures, Outcome};

/// What the folder is of; a store of another space is not mixed with it.
const SUBJECT: &str = "space";

/// Outcomes of the designs of one space, some of them perhaps in a folder.
pub(super) struct Store {
    outcomes: Vec<Option<Outcome>>,
    /// Where this process appends, once it has something to.
    part: Option<Part>,
    folder: Option<PathBuf>,
}

/// A file of this process.
struct Part {
    file: File,
    path: PathBuf,
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

impl Store {
    /// Reads what a folder knows of a space of so many designs; without a folder it knows nothing.
    pub(super) fn open(folder: Option<&Path>, subject: &str, designs: u64) -> Result<Self> {
        let outcomes = vec![None; usize::try_from(designs)?];
        let mut store = Self { outcomes, part: None, folder: folder.map(Path::to_owned) };
        if let Some(folder) = folder {
            claim(folder, subject)?;
            for path in parts(folder)? {
                store.read(&path)?;
            }
        }
        Ok(store)
    }

    /// Whether a design was priced.
    pub(super) fn knows(&self, place: u64) -> bool {
        usize::try_from(place).ok().and_then(|place| self.outcomes.get(place)).is_some_and(Option::is_some)
    }

    /// Keeps outcomes, in the folder too if there is one.
    pub(super) fn keep(&mut self, places: &[u64], outcomes: Vec<Outcome>) -> Result<()> {
        if let Some(folder) = &self.folder {
            let mut lines = Vec::new();
            for (&place, outcome) in places.iter().zip(&outcomes) {
                let (figures, failed) = (outcome.as_ref().ok().copied(), outcome.as_ref().err().cloned());
                serde_json::to_writer(&mut lines, &Line { place, figures, failed })?;
                lines.push(b'\n');
            }
            let part = match self.part.take() {
                Some(part) => part,
                None => Part::new(folder)?,
            };
            let part = self.part.insert(part);
            part.file.write_all(&lines).map_err(|error| output::unwritable(&part.path, &error))?;
        }
        for (&place, outcome) in places.iter().zip(outcomes) {
            self.outcomes[usize::try_from(place)?] = Some(outcome);
        }
        Ok(())
    }

    /// The outcomes of all designs; nothing if one is missing.
    pub(super) fn into_outcomes(self) -> Option<Vec<Outcome>> {
        self.outcomes.into_iter().collect()
    }

    fn read(&mut self, path: &Path) -> Result<()> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        // What stands behind the last end of a line was not written to its end.
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        for (number, line) in whole.lines().enumerate() {
            let wrong = || {
                anyhow!(
                    "line {} of {} is no outcome of this space; remove the file, its designs are priced again",
                    number + 1,
                    path.display()
                )
            };
            let Line { place, figures, failed } = serde_json::from_str(line).map_err(|_| wrong())?;
            let outcome = match (figures, failed) {
                (Some(figures), None) => Ok(figures),
                (None, Some(reason)) => Err(reason),
                _ => return Err(wrong()),
            };
            let slot = usize::try_from(place).ok().and_then(|place| self.outcomes.get_mut(place));
            *slot.ok_or_else(wrong)? = Some(outcome);
        }
        Ok(())
    }
}

impl Part {
    /// The first file that no process has.
    fn new(folder: &Path) -> Result<Self> {
        for number in 0_u64.. {
            let path = folder.join(format!("part-{number}.jsonl"));
            match OpenOptions::new().append(true).create_new(true).open(&path) {
                Ok(file) => return Ok(Self { file, path }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(output::unwritable(&path, &error).into()),
            }
        }
        unreachable!("no folder has that many files")
    }
}

/// Makes a folder the store of a subject, or finds that it is.
fn claim(folder: &Path, subject: &str) -> Result<()> {
    fs::create_dir_all(folder).map_err(|error| output::unwritable(folder, &error))?;
    let path = folder.join(SUBJECT);
    if !path.exists() {
        if has_other_files(folder)? {
            return Err(anyhow!(
                "{} holds other files and is no store; give an empty folder, or one that is not there",
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
        if !name.starts_with('.') && !is_part(Path::new(&*name)) && name != SUBJECT {
            return Ok(true);
        }
    }
    Ok(false)
}

fn is_part(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "jsonl")
}

/// The files that processes wrote, in the order of their numbers.
fn parts(folder: &Path) -> Result<Vec<PathBuf>> {
    let listed = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut parts: Vec<PathBuf> = Vec::new();
    for entry in listed {
        let path = entry?.path();
        if is_part(&path) {
            parts.push(path);
        }
    }
    parts.sort();
    Ok(parts)
}
