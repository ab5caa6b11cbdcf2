//! Area, energy and time: loads against placed crossbars, numbers worked out by hand, sums over every network and chip, bad input.

mod active_rows;
mod bad_input;
mod by_hand;
mod chains;
mod converters;
mod coverage;
mod kinds;
mod load;
mod optimum;
mod power;
mod products;
mod sharing;
mod sums;
mod turns;
