//! Files that a user names, read whole: no more than what they are can have.

use anyhow::{Context, Result, anyhow};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Bytes of a file of settings, constants or histograms that a person or a script wrote.
pub(crate) const SETTINGS: u64 = 16 << 20;

/// Bytes of a crossbar with a conductance for every cell.
pub(crate) const MATRICES: u64 = 1 << 30;

/// The text of a file of at most so many bytes; `what` is what it is to be, such as "the losses".
pub(crate) fn text(what: &str, path: &Path, most: u64) -> Result<String> {
    let unreadable = || format!("cannot read {what} {}", path.display());
    let file = File::open(path).with_context(unreadable)?;
    if file.metadata().with_context(unreadable)?.is_dir() {
        return Err(anyhow!("{}: it is a folder; give a file", unreadable()));
    }
    let mut bytes = vec![];
    // Devices and pipes tell no size.
    file.take(most + 1).read_to_end(&mut bytes).with_context(unreadable)?;
    if bytes.len() as u64 > most {
        return Err(anyhow!("{}: it has more than {} MB, too large for what it should hold", unreadable(), most >> 20));
    }
    String::from_utf8(bytes).map_err(|_| anyhow!("{}: it is not UTF-8 text", unreadable()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_beyond_their_size_and_others_are_refused() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let file = folder.path().join("file");
        let read = |bytes: &[u8]| {
            std::fs::write(&file, bytes).expect("writable");
            text("the case", &file, 8).map_err(|error| format!("{error:#}"))
        };
        assert_eq!(read("12345678".as_bytes()), Ok("12345678".into()));
        assert!(read(b"123456789").is_err_and(|error| error.contains("more than 0 MB")));
        assert!(read(b"\xff").is_err_and(|error| error.contains("not UTF-8 text")));
        let said = text("the case", folder.path(), 8).map_err(|error| format!("{error:#}"));
        assert!(said.is_err_and(|error| error.contains("it is a folder")));
    }
}
