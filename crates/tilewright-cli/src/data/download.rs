//! HTTP into a `.part` file, resumed where it broke off, and checked.

use crate::output::{self, unwritable};
use anyhow::{Context, Result, anyhow};
use indicatif::{ProgressBar, ProgressStyle};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::thread;
use std::time::Duration;
use tilewright::report::table::thousands;
use tilewright_data::digest;
use ureq::http::{Response, StatusCode, header};
use ureq::{Agent, Body};

/// Attempts in a row that bring nothing new before a download is given up.
const ATTEMPTS: usize = 3;
/// Longest wait for a connection, and for an answer to begin.
const WAIT: Duration = Duration::from_secs(30);
/// Longest attempt. A connection that stalls ends here, and what it brought is kept.
const LONGEST: Duration = Duration::from_secs(600);

/// A file of known length and checksum somewhere on the network.
pub(crate) struct Remote<'a> {
    /// Its address.
    pub(crate) url: &'a str,
    /// Its length.
    pub(crate) bytes: u64,
    /// Its checksum in hexadecimal.
    pub(crate) sha256: &'a str,
}

/// What downloads.
pub(crate) struct Client {
    agent: Agent,
    pause: Duration,
}

/// Why an attempt ended before the file did.
enum Failure {
    /// The network; another attempt may do better.
    Cut(String),
    /// The disk.
    Unwritable(io::Error),
    /// What no further attempt would change.
    Final(anyhow::Error),
}

/// Of how many answers a file is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pieces {
    One,
    Several,
}

/// A file that nobody else downloads into until this is dropped.
struct Locked(File);

impl Drop for Locked {
    fn drop(&mut self) {
        // Closed but not unlocked it stays locked for as long as a child process that is just being started has it too.
        let _ = self.0.unlock();
    }
}

impl Client {
    /// A client that goes through the proxy the environment names, if it does.
    pub(crate) fn new() -> Self {
        Self { agent: Self::agent(), pause: Duration::from_secs(1) }
    }

    fn agent() -> Agent {
        Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(WAIT))
            .timeout_recv_response(Some(WAIT))
            .timeout_recv_body(Some(LONGEST))
            .user_agent(concat!("tilewright/", env!("CARGO_PKG_VERSION")))
            .build()
            .into()
    }

    /// The same with another pause between attempts.
    #[cfg(test)]
    pub(super) fn pausing(self, pause: Duration) -> Self {
        Self { pause, ..self }
    }

    /// Downloads into the file at `part`, going on where an earlier download left it.
    ///
    /// # Errors
    /// If the file is not there, is not the published one (`part` is removed), cannot be written, or if the connection
    /// breaks again and again (`part` stays, for the next time). What was put together from several answers and is not the
    /// published file is downloaded once more, in one piece, before that is said.
    pub(crate) fn download(&self, remote: &Remote<'_>, part: &Path) -> Result<()> {
        let unwritable = |error: io::Error| unwritable(part, &error);
        let file = open(part)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                return Err(anyhow!("{} is being downloaded by another command", part.display()));
            }
            // A file system without locks has no protection against two downloads at once, and is not worse for the rest.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        let mut locked = Locked(file);
        let file = &mut locked.0;
        loop {
            let complete = self.complete(remote, file, part);
            if complete.is_err() && file.metadata().is_ok_and(|metadata| metadata.len() == 0) {
                // Nothing came, so there is nothing to go on from.
                fs::remove_file(part).map_err(unwritable)?;
            }
            let pieces = complete?;
            file.rewind().map_err(unwritable)?;
            let found = digest::of(&mut *file).with_context(|| format!("cannot read {}", part.display()))?;
            if found == remote.sha256 {
                return Ok(());
            }
            if pieces == Pieces::One {
                drop(locked);
                fs::remove_file(part).map_err(unwritable)?;
                return Err(anyhow!(
                    "{} is not the published file: its SHA-256 is {found}, not {}; try again, or another mirror by --from",
                    remote.url,
                    remote.sha256
                ));
            }
            output::note(&format!(
                "what was here of {} does not fit the rest; downloading it from the start",
                remote.url
            ));
            file.set_len(0).map_err(unwritable)?;
        }
    }

    /// Attempts until the file is whole; returns of how many answers it is.
    fn complete(&self, remote: &Remote<'_>, file: &mut File, part: &Path) -> Result<Pieces> {
        let bar = progress(remote);
        let length =
            |file: &File| file.metadata().map(|metadata| metadata.len()).map_err(|error| unwritable(part, &error));
        if length(file)? > remote.bytes {
            file.set_len(0).map_err(|error| unwritable(part, &error))?;
        }
        let (mut most, mut fruitless) = (length(file)?, 0);
        let mut pieces = if most > 0 { Pieces::Several } else { Pieces::One };
        while length(file)? < remote.bytes {
            let cut = match self.attempt(remote, file, &bar) {
                Ok(0) => {
                    pieces = Pieces::One;
                    continue;
                }
                Ok(_) => {
                    pieces = Pieces::Several;
                    continue;
                }
                Err(Failure::Unwritable(error)) => return Err(unwritable(part, &error).into()),
                Err(Failure::Final(error)) => {
                    return Err(error.context(format!("cannot download {} to {}", remote.url, part.display())));
                }
                Err(Failure::Cut(cut)) => cut,
            };
            let now = length(file)?;
            fruitless = if now > most { 0 } else { fruitless + 1 };
            most = most.max(now);
            if fruitless == ATTEMPTS {
                return Err(anyhow!(
                    "cannot download {}: {cut}; {} of {} bytes are here, and the same command resumes from there",
                    remote.url,
                    thousands(now),
                    thousands(remote.bytes)
                ));
            }
            thread::sleep(self.pause);
        }
        bar.finish_and_clear();
        Ok(pieces)
    }

    /// One request, and as much of the answer as arrives; returns where in the file it began if it arrived whole.
    fn attempt(&self, remote: &Remote<'_>, file: &mut File, bar: &ProgressBar) -> Result<u64, Failure> {
        let have = file.seek(SeekFrom::End(0)).map_err(Failure::Unwritable)?;
        let mut request = self.agent.get(remote.url);
        if have > 0 {
            request = request.header(header::RANGE, format!("bytes={have}-"));
        }
        let response = request.call().map_err(|error| match error {
            ureq::Error::Io(_) | ureq::Error::Timeout(_) | ureq::Error::ConnectionFailed | ureq::Error::Protocol(_) => {
                Failure::Cut(error.to_string())
            }
            other => Failure::Final(other.into()),
        })?;
        if response.status() == StatusCode::RANGE_NOT_SATISFIABLE {
            // What is here is no beginning of what is there.
            file.set_len(0).map_err(Failure::Unwritable)?;
            return Err(Failure::Cut(format!("the server answers {}", response.status())));
        }
        let start = start(&response, have)?;
        check_length(&response, start, remote)?;
        file.set_len(start).map_err(Failure::Unwritable)?;
        file.seek(SeekFrom::Start(start)).map_err(Failure::Unwritable)?;
        bar.set_position(start);
        receive(response.into_body().into_reader(), file, remote.bytes - start, bar)?;
        Ok(start)
    }
}

/// Opens the file that is downloaded into, or makes it; a link, which would lead elsewhere, is refused.
fn open(part: &Path) -> Result<File> {
    let refused = || anyhow!("{} is a link or not a file; remove it, and the same command starts over", part.display());
    let is_file = || part.symlink_metadata().map(|found| found.is_file());
    if is_file().is_ok_and(|is_file| !is_file) {
        return Err(refused());
    }
    let file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(part);
    let file = file.map_err(|error| unwritable(part, &error))?;
    // Nor is one followed that somebody puts there in the meantime.
    if is_file().is_ok_and(|is_file| is_file) { Ok(file) } else { Err(refused()) }
}

/// Where in the file the answer to a request for the bytes from `have` on begins.
fn start(response: &Response<Body>, have: u64) -> Result<u64, Failure> {
    match response.status() {
        StatusCode::OK => Ok(0),
        StatusCode::PARTIAL_CONTENT => {
            let range = response.headers().get(header::CONTENT_RANGE).and_then(|range| range.to_str().ok());
            let first = range.and_then(|range| range.strip_prefix("bytes ")?.split('-').next()?.parse().ok());
            first.filter(|&first: &u64| first <= have).ok_or_else(|| {
                Failure::Final(anyhow!("the server sends a different part than requested ({})", range.unwrap_or("?")))
            })
        }
        status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            Err(Failure::Cut(format!("the server answers {status}")))
        }
        status => Err(Failure::Final(anyhow!("the server answers {status}; name another mirror with --from"))),
    }
}

/// Refuses another file than the published one before it is downloaded.
fn check_length(response: &Response<Body>, start: u64, remote: &Remote<'_>) -> Result<(), Failure> {
    match response.body().content_length() {
        Some(length) if start + length != remote.bytes => Err(Failure::Final(anyhow!(
            "it has {} bytes, the published file has {}; name another mirror with --from",
            thousands(start + length),
            thousands(remote.bytes)
        ))),
        _ => Ok(()),
    }
}

/// Writes what arrives, up to `missing` bytes.
fn receive(mut body: impl Read, file: &mut File, mut missing: u64, bar: &ProgressBar) -> Result<(), Failure> {
    let mut buffer = vec![0; 1 << 16];
    while missing > 0 {
        let room = buffer.len().min(usize::try_from(missing).unwrap_or(usize::MAX));
        let read = match body.read(&mut buffer[..room]) {
            Ok(0) => return Err(Failure::Cut("the connection ended early".into())),
            Ok(read) => read,
            Err(error) => return Err(Failure::Cut(error.to_string())),
        };
        file.write_all(&buffer[..read]).map_err(Failure::Unwritable)?;
        bar.inc(read as u64);
        missing -= read as u64;
    }
    Ok(())
}

/// A bar over bytes on the standard error; none if that is not a terminal.
fn progress(remote: &Remote<'_>) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} {bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left");
    let name = remote.url.rsplit('/').next().unwrap_or_default().to_owned();
    ProgressBar::new(remote.bytes).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())).with_message(name)
}
