//! Labelled images: what the readers take, what they refuse, and the real sets where they are.

mod readers;
mod real;
