//! Crossbars electrically.
