//! How data sets get here. Which there are, where they lie and what is in them is [`tilewright_data`]'s.

/// HTTP into a `.part` file, resumed where it broke off.
pub(crate) mod download;
/// Download, unpack, put in place.
pub(crate) mod fetch;
/// Archives into a folder.
mod unpack;

#[cfg(test)]
mod tests;
