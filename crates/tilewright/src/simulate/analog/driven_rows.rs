//! What drives the rows of a crossbar.

use super::rows::{Rows, Slots};
use super::switched::Switches;
use super::windows::Place;
use crate::network::executor::Lanes;

/// What one pulse drives.
pub(super) struct Driven {
    /// What a linear cell would be driven with for the same current, by pixel.
    pub(super) bent: Vec<Lanes>,
    /// Its squares, where reads are noisy.
    pub(super) squares: Option<Vec<Lanes>>,
    /// The integers that digital logic knows, where they are others and it needs them.
    pub(super) known: Option<Vec<Lanes>>,
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
    /// Switches, and the pulse.
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

impl<'a> DrivenRows<'a> {
    /// What drives the rows in a pulse; those of missing windows are not driven.
    #[inline(always)]
    pub(super) fn new(
        rows: &'a Rows,
        Driven { bent, squares, known }: &'a Driven,
        places: &[Option<Place>],
        gathered: &'a mut Gathered,
    ) -> Self {
        let (squares, known) = (squares.as_deref(), known.as_deref());
        if let Slots::One(slot) = rows.slots
            && let Some(Place { input, .. }) = places[slot]
        {
            let [squares, known] = [squares, known].map(|map| map.map(|map| &map[input..]));
            let inputs = &bent[input..];
            let known = known.unwrap_or(inputs);
            return Self::Driven { at: &rows.offsets, inputs, squares: squares.unwrap_or(&[]), known };
        }
        gathered.at.extend(gathered.at.len() as u32..rows.offsets.len() as u32);
        rows.gather(bent, places, &mut gathered.inputs);
        if let Some(map) = squares {
            rows.gather(map, places, &mut gathered.squares);
        }
        if let Some(map) = known {
            rows.gather(map, places, &mut gathered.known);
        }
        let Gathered { at, inputs, squares, known: others } = gathered;
        Self::Driven { at, inputs, squares, known: if known.is_some() { others } else { inputs } }
    }
}
