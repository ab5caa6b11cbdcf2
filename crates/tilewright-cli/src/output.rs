//! The one place that writes results: to the standard output, or to a file or a folder that appears whole or not at all;
//! always text that is safe on a terminal. Whether that can be is known before the work begins ([`check`], [`check_folder`]).

mod folder;
mod unfinished;
mod visible;

use crate::args::OutputArgs;
use anyhow::{Context, Result, anyhow};
use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use tilewright::network::Coverage;
use tilewright::report::table::Document;
use unfinished::Unfinished;
use visible::{Visible, visible_json};

pub(crate) use folder::Folder;
pub(crate) use visible::visible;

/// Links followed one after the other before they are taken for a circle, as Linux does.
const LINKS: usize = 40;

/// Writes a result to a file, or to the standard output if `path` is "-".
pub(crate) fn write(path: &Path, result: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    if path == Path::new("-") {
        return print(result);
    }
    write_bytes(path, |to| result(&mut Visible::new(to)))
}

/// Writes a file of bytes that are no text.
pub(crate) fn write_bytes(path: &Path, result: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    let named = |file: File| BufWriter::new(Named { to: file, place: path.to_owned() });
    let unwritable = |error: io::Error| unwritable(path, &error);
    let place = followed(path);
    // What is not a file (a pipe, a terminal) cannot be replaced by one.
    if place.exists() && !place.is_file() {
        let mut writer = named(File::create(&place).map_err(unwritable)?);
        result(&mut writer)?;
        return Ok(writer.flush()?);
    }
    let (hidden, file) = Unfinished::file_in(folder_of(&place)).map_err(unwritable)?;
    let mut writer = named(file);
    result(&mut writer)?;
    writer.flush()?;
    writer.get_ref().to.sync_all().map_err(unwritable)?;
    keep_mode(hidden.path(), &place);
    Ok(hidden.put(&place).map_err(unwritable)?)
}

/// Finds out whether [`write()`] could write a file, and leaves nothing behind.
pub(crate) fn check(path: &Path) -> Result<()> {
    if path == Path::new("-") {
        return Ok(());
    }
    let unwritable = |error: io::Error| unwritable(path, &error);
    let place = followed(path);
    if place.is_dir() || path.file_name().is_none() || path.as_os_str().as_encoded_bytes().ends_with(b"/") {
        return Err(anyhow!("cannot write {}: it names a folder; give a file", path.display()));
    }
    // A name that is too long is found by asking for it, a folder that is not there or not one's own by writing into it.
    match place.symlink_metadata() {
        Ok(found) if !found.is_file() && !found.is_symlink() => return Ok(()),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unwritable(error).into()),
        _ => {}
    }
    Ok(Unfinished::file_in(folder_of(&place)).map(drop).map_err(unwritable)?)
}

/// Finds out whether a file beside the result could be written: `option` names it, and `kind` says what it is.
pub(crate) fn check_beside(result: &Path, option: &str, kind: &str, file: Option<&Path>) -> Result<()> {
    let Some(file) = file else { return Ok(()) };
    check(file)?;
    if file == result || file == Path::new("-") {
        return Err(anyhow!("{option} {} is {kind} of its own; give another name", file.display()));
    }
    Ok(())
}

/// Finds out whether [`Folder::begin`] could begin a folder, and leaves nothing behind.
pub(crate) fn check_folder(place: &Path) -> Result<()> {
    Folder::begin(place).map(drop)
}

/// Writes a result to the standard output.
pub(crate) fn print(result: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    let unwritable = "cannot write to the standard output";
    let mut writer = BufWriter::new(io::stdout().lock());
    result(&mut Visible::new(&mut writer)).context(unwritable)?;
    writer.flush().context(unwritable)
}

/// Writes a line for people beside the result.
pub(crate) fn note(text: &str) {
    // Without a reader there is nobody to tell.
    drop(writeln!(io::stderr(), "{}", visible(text)));
}

/// Warns of what of a network is on no crossbar.
pub(crate) fn warn_of(coverage: &Coverage) {
    coverage.warning().into_iter().for_each(|warning| note(&format!("warning: {warning}.")));
}

/// Writes a result in the form and to the place that were asked for.
pub(crate) fn result(args: &OutputArgs, document: &Document<'_>) -> Result<()> {
    write(&args.output, |to| Ok(to.write_all((args.format.render)(document, width()).as_bytes())?))
}

/// Columns of the terminal that results go to; `None` if they go elsewhere, where no width is too great.
///
/// `COLUMNS`, where it is set, says otherwise, as it does for other commands.
pub(crate) fn width() -> Option<usize> {
    let set = std::env::var("COLUMNS").ok().and_then(|columns| columns.trim().parse().ok());
    set.filter(|&columns| columns > 0).or_else(|| {
        let size = io::stdout().is_terminal().then(terminal_size::terminal_size).flatten();
        size.map(|(width, _)| usize::from(width.0))
    })
}

/// What makes a value's JSON for programs that a person may read too.
///
/// # Panics
/// When it is called, if the value has no JSON form.
pub(crate) fn as_json(value: &impl serde::Serialize) -> impl Fn() -> String {
    || {
        let text = serde_json::to_string_pretty(value).expect("results have a JSON form");
        visible_json(&text).into_owned()
    }
}

/// Writes a value as JSON for programs that a person may read too.
pub(crate) fn json(to: &mut dyn Write, value: &impl serde::Serialize) -> Result<()> {
    // Text first: an error of the writer (a closed pipe) must stay recognisable.
    let text = serde_json::to_string_pretty(value)?;
    Ok(writeln!(to, "{}", visible_json(&text))?)
}

/// Removes what is unfinished and lets nothing more be written: the process is about to end.
pub(crate) fn abandon() {
    unfinished::abandon();
}

/// A writer whose errors say what cannot be written.
pub(crate) struct Named<W> {
    to: W,
    place: PathBuf,
}

impl<W: Write> Write for Named<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.to.write(bytes) {
            // Whoever writes tries again.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            written => written.map_err(|error| unwritable(&self.place, &error)),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush().map_err(|error| unwritable(&self.place, &error))
    }
}

/// An error that says what cannot be written, and what to do.
pub(crate) fn unwritable(place: &Path, error: &io::Error) -> io::Error {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    let remedy = match error.kind() {
        StorageFull | QuotaExceeded | FileTooLarge => "make room, or give a place that has it",
        _ => "give a place in a folder you may write to",
    };
    io::Error::new(error.kind(), format!("cannot write {}; {remedy}: {error}", place.display()))
}

/// Where a path leads: a link stays a link, also one to what is not there yet.
fn followed(path: &Path) -> PathBuf {
    let mut place = path.to_owned();
    for _ in 0..LINKS {
        let Ok(target) = fs::read_link(&place) else { break };
        place = folder_of(&place).join(target);
    }
    place
}

/// Gives a new file the mode of the one whose place it takes, and its owner where that is allowed.
fn keep_mode(new: &Path, place: &Path) {
    let Ok(old) = fs::metadata(place) else { return };
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        drop(std::os::unix::fs::chown(new, Some(old.uid()), Some(old.gid())));
    }
    drop(fs::set_permissions(new, old.permissions()));
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
