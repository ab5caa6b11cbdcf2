//! What is done, in a file, so that a run goes on where it was interrupted.

use anyhow::{Context, Result, anyhow};
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};
use std::path::Path;
use tilewright::accuracy::Trial;
use tilewright::network::Network;

/// Images classified between two writes.
pub(super) const BATCH: usize = 512;

/// What belongs to one program's stores and no other's.
const APPLICATION: i64 = 0x5449_4c45;
const VERSION: i64 = 1;

/// An SQLite file of images recognised, by run, chip and batch; in memory without a file.
pub(super) struct Store {
    connection: Connection,
    name: String,
}

/// The run of one hardware in a store.
#[derive(Clone, Copy)]
pub(super) struct RunId(i64);

impl Store {
    /// Opens a store, or begins one.
    pub(super) fn open(path: Option<&Path>, network: &Network, trial: &Trial<'_>) -> Result<Self> {
        let name = path.map_or("the store in memory".into(), |path| path.display().to_string());
        let opened = path.map_or_else(Connection::open_in_memory, Connection::open);
        let store = Self { connection: opened.with_context(|| format!("cannot open the store {name}"))?, name };
        store.begin().with_context(|| format!("cannot use {} as a store; give another file", store.name))?;
        store.claim(&subject(network, trial)?)?;
        Ok(store)
    }

    fn begin(&self) -> Result<()> {
        let pragma = |name: &str| self.connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let tables: i64 = self.connection.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))?;
        if tables > 0 {
            // One that is refused later must not have been written to.
            return match (pragma("application_id")?, pragma("user_version")?) {
                (APPLICATION, VERSION) => Ok(()),
                _ => Err(anyhow!("it is another program's database, or another version's")),
            };
        }
        self.connection.pragma_update(None, "application_id", APPLICATION)?;
        self.connection.pragma_update(None, "user_version", VERSION)?;
        Ok(self.connection.execute_batch(
            "CREATE TABLE IF NOT EXISTS subject (name TEXT NOT NULL UNIQUE);
             CREATE TABLE IF NOT EXISTS run (id INTEGER PRIMARY KEY, settings TEXT NOT NULL UNIQUE);
             CREATE TABLE IF NOT EXISTS batch (
                 run INTEGER NOT NULL REFERENCES run, seed INTEGER NOT NULL, first INTEGER NOT NULL,
                 images INTEGER NOT NULL, correct INTEGER NOT NULL, PRIMARY KEY (run, seed, first, images)
             );",
        )?)
    }

    /// A store is of one network and one data set.
    fn claim(&self, subject: &str) -> Result<()> {
        let known: Option<String> =
            self.connection.query_row("SELECT name FROM subject", [], |row| row.get(0)).optional()?;
        match known {
            Some(known) if known != subject => Err(anyhow!(
                "{} is the store of another run: of {known}, not of {subject}; give another file",
                self.name
            )),
            Some(_) => Ok(()),
            None => {
                self.connection.execute("INSERT INTO subject VALUES (?1)", [subject])?;
                Ok(())
            }
        }
    }

    /// The run of these settings, new or known.
    pub(super) fn run(&self, settings: &str) -> Result<RunId> {
        self.connection.execute("INSERT OR IGNORE INTO run (settings) VALUES (?1)", [settings])?;
        let id = self.connection.query_row("SELECT id FROM run WHERE settings = ?1", [settings], |row| row.get(0));
        Ok(RunId(id?))
    }

    /// How many of a batch a chip recognises, if that is known.
    pub(super) fn recognised(&self, run: RunId, seed: u64, first: usize, images: usize) -> Result<Option<u64>> {
        let known = self.connection.query_row(
            "SELECT correct FROM batch WHERE run = ?1 AND seed = ?2 AND first = ?3 AND images = ?4",
            params![run.0, seed as i64, first as i64, images as i64],
            |row| row.get::<_, i64>(0),
        );
        Ok(known.optional()?.map(|correct| correct as u64))
    }

    /// Keeps how many of a batch a chip recognises.
    pub(super) fn keep(&self, run: RunId, seed: u64, first: usize, images: usize, correct: u64) -> Result<()> {
        let values = params![run.0, seed as i64, first as i64, images as i64, correct as i64];
        self.connection
            .execute("INSERT OR REPLACE INTO batch VALUES (?1, ?2, ?3, ?4, ?5)", values)
            .with_context(|| format!("cannot write the store {}", self.name))?;
        Ok(())
    }
}

/// What a store's results are about: the network with its weights, and the images as it is shown them.
fn subject(network: &Network, trial: &Trial<'_>) -> Result<String> {
    let digest = Sha256::digest(serde_json::to_vec(network)?);
    let digest: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let normalization = trial.normalization;
    let shown = format!("{} normalised by {:?} and {:?}", trial.set.name(), normalization.mean, normalization.std);
    Ok(format!("{} ({digest}) on {shown}", network.name))
}
