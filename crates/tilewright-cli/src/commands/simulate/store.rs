//! What is done, in a file, so that a run resumes where it was interrupted.

mod form;

use crate::output;
use anyhow::{Result, anyhow};
use form::Form;
use rusqlite::{Connection, ErrorCode, OptionalExtension, params};
use std::path::Path;
use std::time::{Duration, Instant};

/// Images classified between two writes.
pub(super) const BATCH: usize = 512;

/// How long one step waits for another process before that is said, and how long in all.
const NOTED: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(60);

/// An SQLite file of images recognised, by run, chip and batch; in memory without a file.
pub(super) struct Store {
    connection: Connection,
    name: String,
}

/// The run of one hardware in a store.
#[derive(Clone, Copy)]
pub(super) struct RunId(i64);

/// Some images, one after the other, that a chip of a run is shown.
pub(super) struct Batch<'a> {
    pub(super) run: RunId,
    pub(super) seed: u64,
    /// Number of the first image.
    pub(super) first: usize,
    pub(super) images: usize,
    /// What the images and their labels are.
    pub(super) digest: &'a str,
}

impl Store {
    /// Opens a store of a subject, or begins one.
    pub(super) fn open(path: Option<&Path>, subject: &str) -> Result<Self> {
        let name = path.map_or("the store in memory".into(), |path| path.display().to_string());
        let opened = path.map_or_else(Connection::open_in_memory, Connection::open);
        let store = Self { connection: opened.map_err(|error| unusable(&name, error))?, name };
        store.with(|connection| connection.busy_timeout(NOTED))?;
        let mut form = store.with(|connection| Form::of(&*connection.unchecked_transaction()?))?;
        if form == Form::New {
            form = store.with(|connection| form::make(connection, subject))?;
        }
        if let Some(problem) = form.problem() {
            return Err(anyhow!("cannot use {} as a store; give another file: {problem}", store.name));
        }
        store.check_subject(subject)?;
        Ok(store)
    }

    /// A store is of one network and one data set.
    fn check_subject(&self, subject: &str) -> Result<()> {
        let known: String =
            self.with(|connection| connection.query_row("SELECT name FROM subject", [], |row| row.get(0)))?;
        if known == subject {
            return Ok(());
        }
        Err(anyhow!("{} is the store of another run: of {known}, not of {subject}; give another file", self.name))
    }

    /// The run of these settings, new or known.
    pub(super) fn run(&self, settings: &str) -> Result<RunId> {
        let find = |connection: &Connection| {
            connection.query_row("SELECT id FROM run WHERE settings = ?1", [settings], |row| row.get(0))
        };
        // A store that may only be read knows all its runs.
        let known = self.with(|connection| find(connection).optional())?;
        let id = known.map_or_else(
            || {
                self.with(|connection| {
                    connection.execute("INSERT OR IGNORE INTO run (settings) VALUES (?1)", [settings])?;
                    find(connection)
                })
            },
            Ok,
        );
        Ok(RunId(id?))
    }

    /// How many of a batch a chip recognises, if that is known.
    pub(super) fn recognised(&self, batch: &Batch<'_>) -> Result<Option<u64>> {
        let Batch { run, seed, first, images, digest } = *batch;
        let known: Option<i64> = self.with(|connection| {
            let known = connection.query_row(
                "SELECT correct FROM batch WHERE run = ?1 AND seed = ?2 AND first = ?3 AND images = ?4 AND digest = ?5",
                params![run.0, seed as i64, first as i64, images as i64, digest],
                |row| row.get(0),
            );
            known.optional()
        })?;
        let Some(correct) = known else { return Ok(None) };
        match u64::try_from(correct) {
            Ok(possible) if possible <= images as u64 => Ok(Some(possible)),
            _ => Err(anyhow!(
                "the store {} is damaged: it says that {correct} of {images} images were recognised (from image {first} on, \
                 chip of seed {seed}, run {}); remove it, or give another file",
                self.name,
                run.0
            )),
        }
    }

    /// Keeps how many of a batch a chip recognises.
    pub(super) fn keep(&self, batch: &Batch<'_>, correct: u64) -> Result<()> {
        let Batch { run, seed, first, images, digest } = *batch;
        let values = params![run.0, seed as i64, first as i64, images as i64, digest, correct as i64];
        self.with(|connection| {
            connection.execute("INSERT OR REPLACE INTO batch VALUES (?1, ?2, ?3, ?4, ?5, ?6)", values)
        })?;
        Ok(())
    }

    /// Does one step; if another process has the file locked it says so, waits, and tries again.
    fn with<T>(&self, step: impl Fn(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        let start = Instant::now();
        let mut told = false;
        loop {
            match step(&self.connection) {
                Err(error) if is_locked(&error) && start.elapsed() < PATIENCE => {
                    if !told {
                        output::note(&format!("another process has the store {} locked; waiting for it", self.name));
                    }
                    told = true;
                }
                done => return done.map_err(|error| unusable(&self.name, error)),
            }
        }
    }
}

fn is_locked(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// What went wrong with which file, and what to do.
fn unusable(name: &str, error: rusqlite::Error) -> anyhow::Error {
    let what = match error.sqlite_error_code() {
        _ if is_locked(&error) => format!(
            "another process has the store {name} locked for more than {} s; end it, and the same command resumes, or give \
             another file",
            PATIENCE.as_secs()
        ),
        Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure) => {
            format!("cannot write the store {name}; make room on its disk, and the same command resumes")
        }
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            format!("cannot write the store {name}; give a file that you may write")
        }
        _ => format!("cannot use {name} as a store; give another file"),
    };
    anyhow::Error::new(error).context(what)
}
