//! The tables of a store, and what a file is that is to be one.

use rusqlite::{Connection, Result, Transaction, TransactionBehavior};

/// What belongs to one program's stores and no other's.
const APPLICATION: i64 = 0x5449_4c45;
/// Version of the tables.
const VERSION: i64 = 2;

const TABLES: [&str; 3] = ["batch", "run", "subject"];

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A store of this version.
    Store,
    /// Nothing yet, or what was left by a process that ended while it made a store.
    New,
    /// A store with results that do not say what images they are of.
    Earlier,
    /// A store of a version to come.
    Later,
    /// A store that lacks a table.
    Damaged,
    /// Another program's.
    Foreign,
}

impl Form {
    /// Looks at a file and writes nothing to it.
    pub(super) fn of(connection: &Connection) -> Result<Self> {
        let pragma = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let mut objects =
            connection.prepare("SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")?;
        let objects = objects.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<String>>>()?;
        let has = |table: &str| objects.iter().any(|name| name == table);
        let (application, version) = (pragma("application_id")?, pragma("user_version")?);
        if application != APPLICATION {
            let is_blank = objects.is_empty() && (application, version) == (0, 0);
            return Ok(if is_blank { Self::New } else { Self::Foreign });
        }
        let has_results = has("batch")
            && connection.query_row("SELECT EXISTS (SELECT 1 FROM batch)", [], |row| row.get::<_, bool>(0))?;
        Ok(match version {
            VERSION if TABLES.into_iter().all(has) => Self::Store,
            ..=VERSION if !has_results && objects.iter().all(|name| TABLES.contains(&name.as_str())) => Self::New,
            ..VERSION => Self::Earlier,
            VERSION => Self::Damaged,
            _ => Self::Later,
        })
    }

    /// Why it cannot be used.
    pub(super) const fn problem(self) -> Option<&'static str> {
        match self {
            Self::Store | Self::New => None,
            Self::Earlier => {
                Some("it was written by an earlier version of tilewright, which did not record the images of a result")
            }
            Self::Later => Some("it was written by a later version of tilewright, which can use it"),
            Self::Damaged => Some("it is damaged: a table is missing"),
            Self::Foreign => Some("it is another program's database"),
        }
    }
}

/// Makes a store of a subject in one transaction: whenever the process ends, there is all of it or nothing.
pub(super) fn make(connection: &Connection, subject: &str) -> Result<Form> {
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    let form = Form::of(&transaction)?;
    if form != Form::New {
        // Another process was first.
        return Ok(form);
    }
    transaction.execute_batch(
        "DROP TABLE IF EXISTS batch; DROP TABLE IF EXISTS run; DROP TABLE IF EXISTS subject;
         CREATE TABLE subject (name TEXT NOT NULL UNIQUE);
         CREATE TABLE run (id INTEGER PRIMARY KEY, settings TEXT NOT NULL UNIQUE);
         CREATE TABLE batch (
             run INTEGER NOT NULL REFERENCES run, seed INTEGER NOT NULL, first INTEGER NOT NULL, images INTEGER NOT NULL,
             digest TEXT NOT NULL, correct INTEGER NOT NULL, PRIMARY KEY (run, seed, first, images, digest)
         );",
    )?;
    transaction.execute("INSERT INTO subject VALUES (?1)", [subject])?;
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    Ok(Form::Store)
}
