//! The rows of a crossbar.

use super::windows::{Place, Row};
use crate::network::executor::Lanes;
use std::ops::Range;

/// The rows of a crossbar.
pub(super) struct Rows {
    /// The input of each row, a pixel of the padded input counted from the first one of its window.
    pub(super) offsets: Vec<u32>,
    pub(super) slots: Slots,
}

/// The slots of the windows that rows take their inputs from.
pub(super) enum Slots {
    /// One for all.
    One(usize),
    /// That of each row.
    Each(Vec<u32>),
}

impl Rows {
    pub(super) fn new(rows: &[Row]) -> Self {
        let first = rows.first().map_or(0, |row| row.slot);
        let slots = if rows.iter().all(|row| row.slot == first) {
            Slots::One(first)
        } else {
            Slots::Each(rows.iter().map(|row| row.slot as u32).collect())
        };
        Self { offsets: rows.iter().map(|row| row.offset as u32).collect(), slots }
    }

    /// The pixel in the padded input of each of some rows, if its window is not missing.
    #[inline(always)]
    pub(super) fn pixels(&self, rows: &Range<usize>, places: &[Option<Place>]) -> impl Iterator<Item = Option<usize>> {
        rows.clone().map(move |row| {
            let slot = match &self.slots {
                Slots::One(slot) => *slot,
                Slots::Each(slots) => slots[row] as usize,
            };
            Some(places[slot]?.input + self.offsets[row] as usize)
        })
    }

    /// Puts the inputs of a map onto the rows, one after the other; those of missing windows are not driven.
    #[inline(always)]
    pub(super) fn gather(&self, map: &[Lanes], places: &[Option<Place>], gathered: &mut Vec<Lanes>) {
        const NOTHING: Lanes = Lanes::splat(0.0);
        let all = 0..self.offsets.len();
        gathered.resize(all.len(), NOTHING);
        for (gathered, pixel) in gathered.iter_mut().zip(self.pixels(&all, places)) {
            // By reference: what is told apart by value takes a detour through memory.
            *gathered = *pixel.map_or(&NOTHING, |pixel| &map[pixel]);
        }
    }
}
