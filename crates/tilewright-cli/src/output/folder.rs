//! A folder of files that appears whole or not at all.

use super::unfinished::{Unfinished, sync_folder, undisturbed};
use super::{Named, folder_of, followed, keep_mode, unwritable};
use anyhow::{Result, anyhow};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

/// A folder being written. In one that is there already, old files leave before new ones come, so that they never mix.
pub(crate) struct Folder {
    place: PathBuf,
    hidden: Unfinished,
}

impl Folder {
    /// Begins a folder that will be at `place`.
    pub(crate) fn begin(place: &Path) -> Result<Self> {
        let place = followed(place);
        if place.exists() && !place.is_dir() {
            return Err(anyhow!("cannot write into {}: it is a file; give a folder", place.display()));
        }
        let within = if place.is_dir() { &place } else { folder_of(&place) };
        let hidden = Unfinished::folder_in(within).map_err(|error| unwritable(&place, &error))?;
        Ok(Self { place, hidden })
    }

    /// Creates one of its files.
    pub(crate) fn create(&self, name: &str) -> Result<BufWriter<Named<File>>> {
        let place = self.place.join(name);
        let file = File::create(self.hidden.path().join(name)).map_err(|error| unwritable(&place, &error))?;
        Ok(BufWriter::new(Named { to: file, place }))
    }

    /// Puts the folder with its files in place, in the order given.
    pub(crate) fn finish(self, names: &[&str]) -> Result<()> {
        let Self { place, hidden } = self;
        let put = sync(hidden.path(), names)
            .and_then(|()| if place.is_dir() { replace(hidden.path(), &place, names) } else { hidden.put(&place) });
        Ok(put.map_err(|error| unwritable(&place, &error))?)
    }
}

/// Writes the files to the disk, and their names.
fn sync(folder: &Path, names: &[&str]) -> io::Result<()> {
    names.iter().try_for_each(|name| OpenOptions::new().write(true).open(folder.join(name))?.sync_all())?;
    sync_folder(folder);
    Ok(())
}

/// Moves files into a folder that may have files of the same names; all of them, or none if that fails.
fn replace(from: &Path, place: &Path, names: &[&str]) -> io::Result<()> {
    if let Some(folder) = names.iter().map(|name| place.join(name)).find(|path| path.is_dir()) {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, format!("{} is a folder", folder.display())));
    }
    // Two processes that write into one folder do so one after the other, where the system can lock it.
    let locked = File::open(place).and_then(|folder| folder.lock().map(|()| folder));
    names.iter().for_each(|name| keep_mode(&from.join(name), &place.join(name)));
    let moved = undisturbed(|| {
        let old = |name: &str| from.join(format!("{name}.old"));
        let mut steps = Steps::default();
        // The last one speaks of the others, so it leaves first and comes last.
        for name in names.iter().rev().filter(|name| place.join(name).symlink_metadata().is_ok()) {
            steps.rename(place.join(name), old(name))?;
        }
        names.iter().try_for_each(|name| steps.rename(from.join(name), place.join(name)))?;
        steps.done.clear();
        Ok(())
    });
    sync_folder(place);
    drop(locked);
    moved
}

/// Files renamed so far; they go back unless all are.
#[derive(Default)]
struct Steps {
    done: Vec<[PathBuf; 2]>,
}

impl Steps {
    fn rename(&mut self, from: PathBuf, to: PathBuf) -> io::Result<()> {
        fs::rename(&from, &to)?;
        self.done.push([from, to]);
        Ok(())
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        self.done.iter().rev().for_each(|[from, to]| drop(fs::rename(to, from)));
    }
}
