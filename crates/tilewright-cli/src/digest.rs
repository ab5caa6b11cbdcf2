//! Checksums as the names of what is kept.

/// As much of a checksum as tells apart what is ever put into one store, in hexadecimal.
pub(crate) fn short(digest: &[u8]) -> String {
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
