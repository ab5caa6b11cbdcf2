//! The rows of a crossbar, and what drives them.

use super::drive::Driven;
use super::switched::Switches;
use super::windows::{Place, Row};
use crate::network::executor::Lanes;
use std::ops::Range;

/// The rows of a crossbar.
pub(super) struct Rows {
    /// The input of each row, a pixel of the padded input counted from the first one of its window.
    offsets: Vec<u32>,
    slots: Slots,
}

/// The slots of the windows that rows take their inputs from.
enum Slots {
    /// One for all.
    One(usize),
    /// That of each row.
    Each(Vec<u32>),
}

/// What drives the rows of a crossbar in one pulse.
pub(super) enum DrivenRows<'a> {
    /// Integers.
    Driven {
        /// Where those of each row lie in the following.
        at: &'a [u32],
        /// What a linear cell would be driven with for the same current.
        inputs: &'a [Lanes],
        /// Its squares; nothing where no read is noisy.
        squares: &'a [Lanes],
        /// The integers that digital logic knows.
        known: &'a [Lanes],
    },
    /// Switches, in so manieth a pulse.
    Switched(&'a Switches, usize),
}

/// Inputs put together row by row.
#[derive(Default)]
pub(super) struct Gathered {
    /// 0, 1, …: where each row's lie.
    at: Vec<u32>,
    inputs: Vec<Lanes>,
    squares: Vec<Lanes>,
    known: Vec<Lanes>,
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

    /// What drives the rows in a pulse; those of missing windows are not driven.
    #[inline(always)]
    pub(super) fn driven<'a>(
        &'a self,
        Driven { bent, squares, known }: &'a Driven,
        places: &[Option<Place>],
        gathered: &'a mut Gathered,
    ) -> DrivenRows<'a> {
        let (squares, known) = (squares.as_deref(), known.as_deref());
        if let Slots::One(slot) = self.slots
            && let Some(Place { input, .. }) = places[slot]
        {
            let [squares, known] = [squares, known].map(|map| map.map(|map| &map[input..]));
            let inputs = &bent[input..];
            let known = known.unwrap_or(inputs);
            return DrivenRows::Driven { at: &self.offsets, inputs, squares: squares.unwrap_or(&[]), known };
        }
        gathered.at.extend(gathered.at.len() as u32..self.offsets.len() as u32);
        self.gather(bent, places, &mut gathered.inputs);
        if let Some(map) = squares {
            self.gather(map, places, &mut gathered.squares);
        }
        if let Some(map) = known {
            self.gather(map, places, &mut gathered.known);
        }
        let Gathered { at, inputs, squares, known: others } = gathered;
        DrivenRows::Driven { at, inputs, squares, known: if known.is_some() { others } else { inputs } }
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
