//! The page's answers against the command's.

mod browser;
mod command;
mod configurations;
mod refusals;
