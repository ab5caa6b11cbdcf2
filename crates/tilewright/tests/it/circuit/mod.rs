//! Crossbars electrically.

mod device;
