//! Data sets: which there are, where they lie, how they get there. Their forms are [`tilewright::dataset`]'s.

/// The published sets: addresses, sizes, checksums. One entry a set.
pub(crate) mod catalog;
/// SHA-256 of what flows by.
mod digest;
/// HTTP into a `.part` file, resumed where it broke off.
pub(crate) mod download;
/// Download, unpack, put in place.
pub(crate) mod fetch;
/// Files into a [`tilewright::dataset::Dataset`].
pub(crate) mod load;
/// The folders that are searched.
pub(crate) mod place;
/// Archives into a folder.
mod unpack;

#[cfg(test)]
mod tests;
