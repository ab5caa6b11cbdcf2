//! Chips that are kept from round to round, so that none is programmed twice while there is room.

use super::Heat;
use crate::simulate::Chip;
use std::time::Duration;

/// Most bytes of what the crossbars of the chips compute.
const ROOM: usize = 2 << 30;

/// Programmed chips.
///
/// Which of them are kept depends on how long they took to program, and on nothing that a result follows from.
#[derive(Default)]
pub(super) struct KeptChips(Vec<Kept>);

struct Kept {
    network: String,
    simulation: String,
    seed: u64,
    chip: Chip,
    spent: Duration,
}

impl KeptChips {
    /// The chip that a heat is of, if it is kept.
    pub(super) fn find(&self, heat: &Heat<'_>) -> Option<&Chip> {
        self.0.iter().find(|kept| kept.is_of(heat)).map(|kept| &kept.chip)
    }

    /// Keeps the chip of a heat that took so long to program, in place of those that are programmed faster for their size where there is no
    /// room for all.
    pub(super) fn keep(&mut self, heat: &Heat<'_>, chip: Chip, spent: Duration) {
        let &Heat { network, simulation, seed, .. } = heat;
        self.0.push(Kept { network: network.into(), simulation: simulation.into(), seed, chip, spent });
        self.0.sort_by(|one, other| other.saved().total_cmp(&one.saved()));
        let mut bytes = 0;
        self.0.retain(|kept| {
            let fits = bytes + kept.chip.bytes <= ROOM;
            bytes += if fits { kept.chip.bytes } else { 0 };
            fits
        });
    }

    /// Forgets the chips that no heat is of.
    pub(super) fn retain<T>(&mut self, heats: &[(Heat<'_>, T)]) {
        self.0.retain(|kept| heats.iter().any(|(heat, _)| kept.is_of(heat)));
    }
}

impl Kept {
    fn is_of(&self, heat: &Heat<'_>) -> bool {
        (self.network.as_str(), self.simulation.as_str(), self.seed) == (heat.network, heat.simulation, heat.seed)
    }

    /// Seconds of programming that a byte saves.
    fn saved(&self) -> f64 {
        self.spent.as_secs_f64() / self.chip.bytes.max(1) as f64
    }
}
