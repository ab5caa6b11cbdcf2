//! Archives into a folder: only the files a set has, each of the published length and checksum.

use crate::output::Folder;
use anyhow::{Context, Result, anyhow};
use flate2::read::GzDecoder;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use tilewright_data::catalog::{Archive, DataFile, Packing};
use tilewright_data::digest::{self, CopyError};

/// Unpacks the archive that lies at `from`; returns the names of the files that were in it.
///
/// # Errors
/// If the archive cannot be read, if a file in it is not the published one, or if there is no room.
pub(super) fn unpack(
    archive: &Archive,
    from: &Path,
    files: &[&'static DataFile],
    into: &Folder,
) -> Result<Vec<&'static str>> {
    let unreadable = || format!("cannot read {}", from.display());
    let packed = GzDecoder::new(BufReader::new(File::open(from).with_context(unreadable)?));
    match archive.packing {
        Packing::Gz => match files.iter().find(|file| archive.name.strip_suffix(".gz") == Some(file.name)) {
            Some(file) => Ok(vec![one(archive, packed, file, into)?]),
            None => Ok(vec![]),
        },
        Packing::TarGz => {
            let mut unpacked = vec![];
            let mut tar = tar::Archive::new(packed);
            for entry in tar.entries().with_context(unreadable)? {
                let entry = entry.with_context(unreadable)?;
                // By its last name alone: no archive chooses where it is written.
                let name = entry.path().with_context(unreadable)?.file_name().map(ToOwned::to_owned);
                let file = files.iter().find(|file| name.as_deref().is_some_and(|name| name == file.name));
                if let (Some(file), true) = (file, entry.header().entry_type().is_file()) {
                    unpacked.push(one(archive, entry, file, into)?);
                }
            }
            Ok(unpacked)
        }
    }
}

fn one(archive: &Archive, from: impl Read, file: &'static DataFile, into: &Folder) -> Result<&'static str> {
    let mut to = into.create(file.name)?;
    let (bytes, sha256) = digest::copy(from, &mut to, file.bytes + 1).map_err(|error| match error {
        CopyError::Read(error) => anyhow!("cannot unpack {} from {}: {error}", file.name, archive.name),
        CopyError::Write(error) => error.into(),
    })?;
    if (bytes, sha256.as_str()) != (file.bytes, file.sha256) {
        return Err(anyhow!("{} in {} is not the published file", file.name, archive.name));
    }
    Ok(file.name)
}
