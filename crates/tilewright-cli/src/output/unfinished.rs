//! Files and folders under hidden names, until they are whole.
//!
//! Whoever writes one holds a lock on it: one that nobody holds was left by a killed process, and goes when the next begins in
//! the same folder. `python/tilewright/_files.py` does the same, by the same names.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::mem;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How hidden names begin and end; between them are the process and a number.
const NAME: [&str; 2] = [".tilewright-", ".part"];

/// What this process has not finished yet.
static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// A file or a folder that is removed unless it is put in place.
pub(super) struct Unfinished {
    path: PathBuf,
    /// Open for as long as it is ours, which the others can tell by its lock.
    handle: Option<File>,
}

impl Unfinished {
    /// A new file in a folder, open to be written.
    pub(super) fn file_in(folder: &Path) -> io::Result<(Self, File)> {
        let unfinished =
            Self::begin(folder, |path| OpenOptions::new().write(true).create_new(true).open(path).map(Some))?;
        let file = unfinished.handle.as_ref().map(File::try_clone);
        let file = file.expect("a file is opened as it is made")?;
        Ok((unfinished, file))
    }

    /// A new folder in a folder.
    pub(super) fn folder_in(folder: &Path) -> io::Result<Self> {
        // Where folders cannot be opened, none is locked and none is taken for one that was left.
        Self::begin(folder, |path| fs::create_dir(path).map(|()| File::open(path).ok()))
    }

    fn begin(folder: &Path, make: impl Fn(&Path) -> io::Result<Option<File>>) -> io::Result<Self> {
        clear(folder);
        let mut unfinished = lock();
        for number in 0u64.. {
            let [before, after] = NAME;
            let path = folder.join(format!("{before}{}-{number}{after}", process::id()));
            let handle = match make(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                made => made?,
            };
            // Another process may have taken it for one that was left, before it was locked.
            let lost = handle.as_ref().is_some_and(|handle| matches!(handle.try_lock(), Err(TryLockError::WouldBlock)));
            if !lost && path.exists() {
                unfinished.insert(path.clone());
                return Ok(Self { path, handle });
            }
        }
        unreachable!("there are more numbers than files")
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Puts it in its place, in one step.
    pub(super) fn put(self, place: &Path) -> io::Result<()> {
        let mut unfinished = lock();
        fs::rename(&self.path, place)?;
        unfinished.remove(&self.path);
        drop(unfinished);
        sync_folder(super::folder_of(place));
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if lock().remove(&self.path) {
            remove(&self.path);
        }
        if let Some(handle) = &self.handle {
            // A child process that is just being started may have it open too, and would keep it locked.
            drop(handle.unlock());
        }
    }
}

/// Several steps between which no signal ends the process.
pub(super) fn undisturbed<T>(steps: impl FnOnce() -> T) -> T {
    let _unfinished = lock();
    steps()
}

/// Removes all that is unfinished; from then on nothing is begun nor put in place, since the process is about to end.
pub(super) fn abandon() {
    let unfinished = lock();
    unfinished.iter().for_each(|path| remove(path));
    mem::forget(unfinished);
}

/// Writes a folder's entries to the disk, where the system can.
pub(super) fn sync_folder(folder: &Path) {
    drop(File::open(folder).and_then(|folder| folder.sync_all()));
}

fn lock() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes from a folder what killed processes left there, as far as that can be told.
fn clear(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten().filter(|entry| is_hidden(&entry.file_name())) {
        // A pipe would wait for its other end.
        let is_ours = entry.file_type().is_ok_and(|kind| kind.is_file() || kind.is_dir());
        let handle = is_ours.then(|| File::open(entry.path()).ok()).flatten();
        if handle.is_some_and(|handle| handle.try_lock().is_ok()) {
            remove(&entry.path());
        }
    }
}

fn is_hidden(name: &OsStr) -> bool {
    let [before, after] = NAME;
    name.to_str().is_some_and(|name| name.starts_with(before) && name.ends_with(after))
}

/// Times that a folder is emptied while a thread of this process goes on putting files into it.
const ATTEMPTS: usize = 100;

/// A file or a folder; what cannot be removed stays.
fn remove(path: &Path) {
    for _ in 0..ATTEMPTS {
        let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        if !removed.is_err_and(|error| error.kind() == io::ErrorKind::DirectoryNotEmpty) {
            break;
        }
    }
}
