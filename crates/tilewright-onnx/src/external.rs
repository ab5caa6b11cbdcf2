//! Tensor data in files beside the model.

use crate::error::Problem;
use rten_onnx::onnx::TensorProto;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Component, Path, PathBuf};

/// How often, on average, the bytes of one file may be read.
const MAX_SHARING: u64 = 4;

/// The folder a model's external data is in, and how many bytes of each file in it have been read.
pub(crate) struct Folder<'a> {
    path: Option<&'a Path>,
    taken: RefCell<BTreeMap<PathBuf, u64>>,
}

impl<'a> Folder<'a> {
    /// No folder if the model came from memory alone.
    pub(crate) const fn new(path: Option<&'a Path>) -> Self {
        Self { path, taken: RefCell::new(BTreeMap::new()) }
    }
}

/// The `wanted` bytes of a tensor stored outside the model.
pub(crate) fn read(tensor: &TensorProto, name: &str, wanted: usize, folder: &Folder<'_>) -> Result<Vec<u8>, Problem> {
    let entry = |key: &str| {
        let entry = tensor.external_data.iter().find(|entry| entry.key.as_deref() == Some(key));
        entry.map(|entry| entry.value.as_deref().unwrap_or(""))
    };
    let number = |key: &str| match entry(key) {
        None => Ok(None),
        Some(text) => text.parse::<u64>().map(Some).map_err(|_| {
            Problem::tensor(name, format!("has the external data {key} {text:?}; a number of bytes is allowed"))
        }),
    };
    let location =
        entry("location").ok_or_else(|| Problem::tensor(name, "is stored outside the model, but not said where"))?;
    let offset = number("offset")?.unwrap_or(0);
    if let Some(length) = number("length")?.filter(|&length| length != wanted as u64) {
        return Err(Problem::tensor(name, format!("has {length} bytes of external data; it needs {wanted}")));
    }
    let path = inside(folder.path, location, name)?;
    let refused = |error: std::io::Error| Problem::tensor(name, format!("cannot be read from {location:?}: {error}"));
    let mut file = File::open(&path).map_err(refused)?;
    let size = file.metadata().map_err(refused)?.len();
    if offset.checked_add(wanted as u64).is_none_or(|end| end > size) {
        let problem = format!("is said to be {wanted} bytes at {offset} of {location:?}, which has {size} bytes");
        return Err(Problem::tensor(name, problem));
    }
    let mut taken = folder.taken.borrow_mut();
    let taken = taken.entry(path).or_default();
    *taken = taken.saturating_add(wanted as u64);
    if *taken > size.saturating_mul(MAX_SHARING) {
        let problem =
            format!("is one of many that share the bytes of {location:?}; each is read {MAX_SHARING} times at most");
        return Err(Problem::tensor(name, problem));
    }
    let mut bytes = vec![0; wanted];
    file.seek(SeekFrom::Start(offset)).map_err(refused)?;
    file.read_exact(&mut bytes).map_err(refused)?;
    Ok(bytes)
}

/// The path of `location`, which must be a file below `folder`.
fn inside(folder: Option<&Path>, location: &str, name: &str) -> Result<PathBuf, Problem> {
    let Some(folder) = folder else {
        let problem =
            format!("is stored in the file {location:?}, but no folder was given; load the model by its path");
        return Err(Problem::tensor(name, problem));
    };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let outside =
        || Problem::tensor(name, format!("is stored at {location:?}; only files in the model's folder are read"));
    let relative = Path::new(location);
    if !relative.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return Err(outside());
    }
    let missing = |error| Problem::tensor(name, format!("cannot be read from {location:?}: {error}"));
    // A link may still lead out of the folder.
    let (folder, path) =
        (folder.canonicalize().map_err(missing)?, folder.join(relative).canonicalize().map_err(missing)?);
    if !path.starts_with(folder) {
        return Err(outside());
    }
    if !path.is_file() {
        return Err(Problem::tensor(name, format!("is stored at {location:?}, which is not a file")));
    }
    Ok(path)
}
