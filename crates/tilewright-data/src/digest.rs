//! SHA-256 of what flows by.

use sha2::{Digest, Sha256};
use std::io::{self, Read, Write};

/// Why a copy broke off.
pub enum CopyError {
    /// What was read from.
    Read(io::Error),
    /// What was written to.
    Write(io::Error),
}

/// Copies at most `limit` bytes; returns how many, and their checksum in hexadecimal.
pub fn copy(from: impl Read, to: &mut impl Write, limit: u64) -> Result<(u64, String), CopyError> {
    let (mut hash, mut count, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 16]);
    let mut from = from.take(limit);
    loop {
        let read = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(CopyError::Read(error)),
        };
        hash.update(&buffer[..read]);
        to.write_all(&buffer[..read]).map_err(CopyError::Write)?;
        count += read as u64;
    }
    to.flush().map_err(CopyError::Write)?;
    Ok((count, hexadecimal(&hash.finalize())))
}

/// The checksum of everything there is to read, in hexadecimal.
pub fn of(from: impl Read) -> io::Result<String> {
    match copy(from, &mut io::sink(), u64::MAX) {
        Ok((_, digest)) => Ok(digest),
        Err(CopyError::Read(error) | CopyError::Write(error)) => Err(error),
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
