//! Where data sets lie: in the folder that was named, or in that of `TILEWRIGHT_DATA`, the user's, the system's.

use crate::catalog::Entry;
use anyhow::{Result, anyhow};
use std::env;
use std::path::{Path, PathBuf};

/// Where Debian's packages of data sets (`dataset-fashion-mnist`) put them.
const SYSTEM: &str = "/usr/share/datasets";

/// Folders that hold data sets, the one to look at first before the others.
#[derive(Debug)]
pub struct Places {
    folders: Vec<PathBuf>,
}

impl Places {
    /// `named` and nothing else if it is given; otherwise those of the environment, the user and the system.
    pub fn new(named: Option<&Path>) -> Self {
        let folders = match named {
            Some(named) => vec![named.to_owned()],
            None => {
                let system = cfg!(unix).then(|| PathBuf::from(SYSTEM));
                variable("TILEWRIGHT_DATA").into_iter().chain(of_user()).chain(system).collect()
            }
        };
        Self { folders }
    }

    /// The folder with all files of a set, plain or packed with gzip. The set may lie in a folder of its own, or its files
    /// in the very folder that is searched.
    pub fn find(&self, entry: &Entry) -> Option<PathBuf> {
        let candidates = self.folders.iter().flat_map(|folder| [folder.join(entry.folder), folder.clone()]);
        candidates.into_iter().find(|folder| entry.files().all(|file| in_folder(folder, file.name).is_some()))
    }

    /// As [`Places::find`].
    ///
    /// # Errors
    /// If the set is nowhere, naming every folder that was searched.
    pub fn require(&self, entry: &Entry) -> Result<PathBuf> {
        self.find(entry).ok_or_else(|| {
            let searched: Vec<String> = self.folders.iter().map(|folder| folder.display().to_string()).collect();
            anyhow!(
                "{name} is not in {}; get it with `tilewright data fetch {name}`, or name its folder by --data",
                searched.join(", nor in "),
                name = entry.name
            )
        })
    }

    /// Where sets are put that are fetched.
    ///
    /// # Errors
    /// If nothing says where the user keeps data.
    pub fn home(&self) -> Result<&Path> {
        let home = self.folders.first().filter(|folder| *folder != Path::new(SYSTEM));
        home.map(PathBuf::as_path)
            .ok_or_else(|| anyhow!("there is no home folder to put data in; name a folder with --data"))
    }
}

/// The file, or the same packed with gzip.
pub(crate) fn in_folder(folder: &Path, name: &str) -> Option<PathBuf> {
    [folder.join(name), folder.join(format!("{name}.gz"))].into_iter().find(|path| path.is_file())
}

/// A folder named by an environment variable.
fn variable(name: &str) -> Option<PathBuf> {
    env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// The user's data, as the XDG Base Directory Specification 0.8 has it, which ignores relative paths.
fn of_user() -> Option<PathBuf> {
    let absolute = |name| variable(name).filter(|path| path.is_absolute());
    let base = if cfg!(windows) { absolute("LOCALAPPDATA") } else { absolute("XDG_DATA_HOME") };
    let base = base.or_else(|| env::home_dir().map(|home| home.join(".local/share")))?;
    Some(base.join("tilewright"))
}
