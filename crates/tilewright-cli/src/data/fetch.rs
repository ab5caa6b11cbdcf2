//! Download, unpack, put in place: the set appears whole or not at all.

use super::download::{Client, Remote};
use super::unpack;
use crate::output::Folder;
use anyhow::{Context, Result, anyhow};
use std::fs;
use std::path::{Path, PathBuf};
use tilewright_data::catalog::{Archive, DataFile, Entry};

/// Puts a set into its folder below `home`, from archives below the address `base`; returns the folder.
///
/// # Errors
/// If an archive cannot be downloaded, is not the published one, or if `home` cannot be written.
pub(crate) fn fetch(entry: &Entry, home: &Path, base: &str, client: &Client) -> Result<PathBuf> {
    fs::create_dir_all(home)
        .with_context(|| format!("cannot make the folder {}; name another with --data", home.display()))?;
    for archive in entry.archives {
        let url = format!("{}/{}", base.trim_end_matches('/'), archive.name);
        let remote = Remote { url: &url, bytes: archive.bytes, sha256: archive.sha256 };
        client.download(&remote, &part(home, entry, archive))?;
    }
    let place = home.join(entry.folder);
    let folder = Folder::begin(&place)?;
    let files: Vec<&DataFile> = entry.files().collect();
    let mut unpacked = vec![];
    for archive in entry.archives {
        unpacked.extend(unpack::unpack(archive, &part(home, entry, archive), &files, &folder)?);
    }
    if let Some(missing) = files.iter().find(|file| !unpacked.contains(&file.name)) {
        return Err(anyhow!("{} is not in the archives of {}", missing.name, entry.name));
    }
    folder.finish(&unpacked)?;
    for archive in entry.archives {
        let part = part(home, entry, archive);
        fs::remove_file(&part).with_context(|| format!("cannot remove {}", part.display()))?;
    }
    Ok(place)
}

/// Where an archive lies until the set is in place. Two sets may have archives of one name.
fn part(home: &Path, entry: &Entry, archive: &Archive) -> PathBuf {
    home.join(format!("{}-{}.part", entry.name, archive.name))
}
