//! The one place that writes results: to the standard output, or to a file that appears whole or not at all. Whether that can be
//! is known before the work begins ([`check`], [`check_folder`]).

use anyhow::{Context, Result, anyhow};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::{Builder, NamedTempFile, TempDir};
use tilewright::network::Coverage;

/// Writes a result to a file, or to the standard output if `path` is "-".
pub(crate) fn write(path: &Path, result: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    if path == Path::new("-") {
        return print(result);
    }
    let unwritable = || unwritable(path);
    let place = place_of(path);
    // What is not a file (a pipe, a terminal) cannot be replaced by one.
    if place.exists() && !place.is_file() {
        let mut writer = BufWriter::new(File::create(&place).with_context(unwritable)?);
        result(&mut writer)?;
        return writer.flush().with_context(unwritable);
    }
    let mut file = beside(&place).with_context(unwritable)?;
    let mut writer = BufWriter::new(file.as_file_mut());
    result(&mut writer)?;
    writer.flush().with_context(unwritable)?;
    drop(writer);
    file.persist(&place).map_err(|error| error.error).with_context(unwritable)?;
    Ok(())
}

/// Finds out whether [`write`] could write a file, and leaves nothing behind.
pub(crate) fn check(path: &Path) -> Result<()> {
    if path == Path::new("-") {
        return Ok(());
    }
    let place = place_of(path);
    if place.is_dir() || path.file_name().is_none() || path.as_os_str().as_encoded_bytes().ends_with(b"/") {
        return Err(anyhow!("it is no name of a file, but of a folder").context(unwritable(path)));
    }
    // A name that is too long is found by asking for it, a folder that is not there or not one's own by writing into it.
    match place.symlink_metadata() {
        Ok(found) if !found.is_file() && !found.is_symlink() => return Ok(()),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error).with_context(|| unwritable(path)),
        _ => {}
    }
    beside(&place).map(drop).with_context(|| unwritable(path))
}

/// Finds out whether [`Folder::begin`] could begin a folder, and leaves nothing behind.
pub(crate) fn check_folder(place: &Path) -> Result<()> {
    Folder::begin(place).map(drop)
}

fn unwritable(path: &Path) -> String {
    format!("cannot write {}; give a file in a folder you may write to, or - for the standard output", path.display())
}

/// The file that a path means: a link stays a link.
fn place_of(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// Writes a result to the standard output.
pub(crate) fn print(result: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    let unwritable = "cannot write to the standard output";
    let mut writer = BufWriter::new(io::stdout().lock());
    result(&mut writer).context(unwritable)?;
    writer.flush().context(unwritable)
}

/// Writes a line for people beside the result.
pub(crate) fn note(text: &str) {
    // Without a reader there is nobody to tell.
    drop(writeln!(io::stderr(), "{text}"));
}

/// Warns of what of a network is on no crossbar.
pub(crate) fn warn_of(coverage: &Coverage) {
    coverage.warning().into_iter().for_each(|warning| note(&format!("warning: {warning}.")));
}

fn beside(path: &Path) -> io::Result<NamedTempFile> {
    builder(0o666).tempfile_in(folder_of(path))
}

/// A builder whose files get the permissions of any other new file rather than those of a secret.
fn builder(mode: u32) -> Builder<'static, 'static> {
    let mut builder = Builder::new();
    builder.prefix(".tilewright-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(mode));
    #[cfg(not(unix))]
    let _ = mode;
    builder
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A folder of files that appears whole or not at all; in one that is there already, file by file.
pub(crate) struct Folder {
    place: PathBuf,
    hidden: TempDir,
}

impl Folder {
    /// Begins a folder that will be at `place`.
    pub(crate) fn begin(place: &Path) -> Result<Self> {
        if place.exists() && !place.is_dir() {
            return Err(anyhow!("cannot write into {}: it is a file; give a folder", place.display()));
        }
        let parent = if place.is_dir() { place } else { folder_of(place) };
        let hidden = builder(0o777).tempdir_in(parent);
        let hidden =
            hidden.with_context(|| format!("cannot write {}; give a folder you may write to", place.display()))?;
        Ok(Self { place: place.to_owned(), hidden })
    }

    /// Creates one of its files.
    pub(crate) fn create(&self, name: &str) -> Result<BufWriter<File>> {
        let file = File::create(self.hidden.path().join(name));
        Ok(BufWriter::new(file.with_context(|| format!("cannot write {}", self.place.join(name).display()))?))
    }

    /// Puts the folder, or its files in the order given, in place.
    pub(crate) fn finish(self, names: &[&str]) -> Result<()> {
        let Self { place, hidden } = self;
        let unwritable = || format!("cannot write {}", place.display());
        if !place.is_dir() {
            std::fs::rename(hidden.path(), &place).with_context(unwritable)?;
            let _ = hidden.keep();
            return Ok(());
        }
        for name in names {
            std::fs::rename(hidden.path().join(name), place.join(name)).with_context(unwritable)?;
        }
        Ok(())
    }
}

/// Writes a value as JSON for programs that a person may read too.
pub(crate) fn json(to: &mut dyn Write, value: &impl serde::Serialize) -> Result<()> {
    // Text first: an error of the writer (a closed pipe) must stay recognisable.
    let text = serde_json::to_string_pretty(value)?;
    Ok(writeln!(to, "{text}")?)
}
