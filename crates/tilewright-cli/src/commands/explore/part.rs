//! Files of a store: each process appends to its own, a line a result, so that none waits for another; a killed one loses what it had
//! not written yet.

use crate::output;
use anyhow::{Context, Result, anyhow};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

/// What results are of; their files are called so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A design and its figures.
    Part,
    /// A chip and what it recognises.
    Rate,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Part => "part",
            Self::Rate => "rate",
        }
    }
}

/// Where this process appends, once it has something to.
pub(super) struct Appended {
    folder: PathBuf,
    kind: Kind,
    own: Option<(File, PathBuf)>,
}

impl Appended {
    pub(super) fn new(folder: &Path, kind: Kind) -> Self {
        Self { folder: folder.to_owned(), kind, own: None }
    }

    /// Appends a line a result.
    pub(super) fn append(&mut self, results: impl IntoIterator<Item = impl Serialize>) -> Result<()> {
        let mut lines = Vec::new();
        for result in results {
            serde_json::to_writer(&mut lines, &result)?;
            lines.push(b'\n');
        }
        let own = match self.own.take() {
            Some(own) => own,
            None => created(&self.folder, self.kind)?,
        };
        let (file, path) = self.own.insert(own);
        Ok(file.write_all(&lines).map_err(|error| output::unwritable(path, &error))?)
    }
}

/// The first file that no process has.
fn created(folder: &Path, kind: Kind) -> Result<(File, PathBuf)> {
    for number in 0_u64.. {
        let path = folder.join(format!("{}-{number}.jsonl", kind.name()));
        match OpenOptions::new().append(true).create_new(true).open(&path) {
            Ok(file) => return Ok((file, path)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(output::unwritable(&path, &error).into()),
        }
    }
    unreachable!("no folder has that many files")
}

/// Reads all results of a kind that processes wrote into a folder; `take` tells whether one can be a result.
pub(super) fn read<T: DeserializeOwned>(folder: &Path, kind: Kind, mut take: impl FnMut(T) -> bool) -> Result<()> {
    for path in files(folder, kind)? {
        let unreadable = || format!("cannot read {}", path.display());
        let mut lines = BufReader::new(File::open(&path).with_context(unreadable)?);
        let mut line = Vec::new();
        for number in 1_u64.. {
            line.clear();
            lines.read_until(b'\n', &mut line).with_context(unreadable)?;
            // What stands behind the last end of a line was not written to its end.
            let Some(whole) = line.strip_suffix(b"\n") else { break };
            if !serde_json::from_slice(whole).is_ok_and(&mut take) {
                return Err(anyhow!(
                    "line {number} of {} is no outcome of this space; remove the file, and what it held is done again",
                    path.display()
                ));
            }
        }
    }
    Ok(())
}

/// Whether a file is one of a store.
pub(super) fn is_of_a_store(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "jsonl")
}

/// The files that processes wrote, in the order of their names.
fn files(folder: &Path, kind: Kind) -> Result<Vec<PathBuf>> {
    let listed = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in listed {
        let path = entry?.path();
        let is_of_kind = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(kind.name()));
        if is_of_kind && is_of_a_store(&path) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
