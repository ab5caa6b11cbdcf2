//! Files of a set read by the readers of [`tilewright::dataset`].

use crate::catalog::{DataFile, Entry, Form, Split};
use crate::digest;
use crate::place::in_folder;
use anyhow::{Context, Result, anyhow};
use flate2::read::GzDecoder;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use tilewright::dataset::{Dataset, cifar, idx};

/// Reads a split of a set.
///
/// # Errors
/// If a file cannot be read, is not of the set's form, or if the images are not as many as published.
pub fn load(entry: &Entry, split: &Split, folder: &Path) -> Result<Dataset> {
    let files = split.files.iter().map(|file| Ok((file.name, bytes(folder, file)?)));
    let files = files.collect::<Result<Vec<(&str, Vec<u8>)>>>()?;
    let set = match (entry.form, files.as_slice()) {
        (Form::Cifar(labels), files) => {
            let mut batches = files.iter().map(|(name, bytes)| cifar::read(labels, name, bytes));
            let first = batches.next().ok_or_else(|| anyhow!("{} has no {} files", entry.name, split.name))??;
            batches.try_fold(first, |mut set, batch| set.append(&batch?).map(|()| set))?
        }
        (Form::Idx { classes }, [(name, bytes), (labels, label_bytes)]) => {
            let images = idx::File { name, bytes };
            idx::read(images, idx::File { name: labels, bytes: label_bytes }, classes)?
        }
        (Form::Idx { .. }, _) => return Err(anyhow!("{} needs a file of images and one of labels", entry.name)),
    };
    if set.len() != split.images {
        return Err(anyhow!("{} has {} {} images; {} are published", entry.name, set.len(), split.name, split.images));
    }
    Ok(set.named(format!("{} {}", entry.name, split.name)))
}

/// What is wrong with a file, if anything: its length, then its checksum.
///
/// # Errors
/// If it cannot be read.
pub fn problem(folder: &Path, file: &DataFile) -> Result<Option<String>> {
    let bytes = bytes(folder, file)?;
    if bytes.len() as u64 != file.bytes {
        let more = if bytes.len() as u64 > file.bytes { "more than " } else { "" };
        let found = file.bytes.min(bytes.len() as u64);
        return Ok(Some(format!("has {more}{found} bytes, not {}", file.bytes)));
    }
    let found = digest::of(bytes.as_slice())?;
    Ok((found != file.sha256).then(|| format!("has SHA-256 {found}, not {}", file.sha256)))
}

/// The bytes of a file, unpacked; one more than it should have at most.
fn bytes(folder: &Path, file: &DataFile) -> Result<Vec<u8>> {
    let path = in_folder(folder, file.name).unwrap_or_else(|| folder.join(file.name));
    let unreadable = || format!("cannot read {}", path.display());
    let opened = File::open(&path).with_context(unreadable)?;
    let mut bytes = Vec::new();
    let limit = file.bytes + 1;
    let read = match path.extension().is_some_and(|extension| extension == "gz") {
        true => GzDecoder::new(opened).take(limit).read_to_end(&mut bytes),
        false => opened.take(limit).read_to_end(&mut bytes),
    };
    read.with_context(unreadable)?;
    Ok(bytes)
}
