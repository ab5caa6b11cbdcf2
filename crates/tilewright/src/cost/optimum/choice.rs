//! What a layer can be mapped as, each with what it takes by itself.

use crate::cost::activity::{Activity, Event, Work};
use crate::cost::conductance::Conductance;
use crate::cost::model::CostModel;
use crate::cost::schedule::{LayerTime, first_part};
use crate::cost::{CostError, storage};
use crate::mapping::scheme::{Optimal, Scheme};
use crate::mapping::search::{Candidate, Priced};
use crate::mapping::{Encoding, LayerMapping, Target, Tiling};
use crate::network::{Layer, Network};

/// Choices of a layer that are kept at once until those that others cover are dropped: about 2 GB.
const MOST_CHOICES: u64 = 1 << 23;

/// One tiling of a layer in a number of copies, with all that the price of the network needs of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Choice {
    pub tiling: Tiling,
    pub crossbars: u64,
    pub macros: f64,
    /// Energy that does not depend on the other layers, in pJ: of its crossbars, and of macros and tiles while it runs.
    pub own_pj: f64,
    pub time: LayerTime,
    /// The part of its input that its first windows need.
    pub first: f64,
    /// Values it holds of its input where layers run at once.
    pub line_values: f64,
}

impl Choice {
    /// Whether it is at least as good in everything; transport between tiles apart.
    fn covers(&self, other: &Self, budgeted: bool) -> bool {
        (!budgeted || self.crossbars <= other.crossbars)
            && self.macros <= other.macros
            && self.own_pj <= other.own_pj
            && self.time.total_ns <= other.time.total_ns
            && self.time.cycle_ns <= other.time.cycle_ns
            && self.first <= other.first
            && self.line_values <= other.line_values
    }
}

/// How long and how strongly a layer's cells are read: what tells layers of one shape apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Reading {
    input_bits: u32,
    conductance: Conductance,
    square: f64,
}

impl CostModel {
    pub(super) fn reading(&self, network: &Network, layer: &Layer, encoding: &Encoding) -> Result<Reading, CostError> {
        let input_bits = self.input_bits(&layer.name);
        Ok(Reading {
            input_bits,
            conductance: Conductance::of(network, layer.node, (self.chip(), encoding), self.range),
            square: self.settings.inputs.mean_square(&layer.name, self.chip(), input_bits)?,
        })
    }

    /// Every candidate with every number of copies that saves a cycle; one copy only where copies cannot help.
    ///
    /// # Errors
    /// [`CostError::Setting`] if there are too many to be kept in memory; as [`Work::new`].
    pub(super) fn choices(
        &self,
        layer: &Layer,
        reading: Reading,
        candidates: &[Candidate],
        (least, target): (Priced, &Target),
    ) -> Result<Vec<Choice>, CostError> {
        check_number(layer, candidates, least)?;
        let mut choices = Vec::new();
        for candidate in candidates {
            let mapped = LayerMapping {
                name: layer.name.clone(),
                kind: layer.shape.kind(),
                shape: layer.shape,
                crossbar: target.crossbar,
                encoding: target.encoding,
                scheme: Optimal.name(),
                tiling: candidate.tiling,
                counts: candidate.counts,
            };
            let mut work = Work::new(&mapped, (self.chip(), &self.clockwork), reading.input_bits)?;
            reading.conductance.weigh(work.events_mut(), reading.square);
            let of_input = [first_part(&mapped), storage::line_values(&mapped)];
            let mut copies = 1;
            loop {
                choices.push(self.choice(&work, candidate, copies, of_input));
                let cycles = candidate.counts.windows.div_ceil(copies);
                if cycles == 1 || least == Priced::Area {
                    break;
                }
                copies = candidate.counts.windows.div_ceil(cycles - 1);
            }
        }
        Ok(choices)
    }

    fn choice(&self, one_copy: &Work, candidate: &Candidate, copies: u64, [first, line_values]: [f64; 2]) -> Choice {
        let mut work = *one_copy;
        work.crossbars *= copies as f64;
        work.cycles = candidate.counts.windows.div_ceil(copies) as f64;
        let macros = self.macros(&work);
        let time = self.clockwork.layer(self.chip(), &work, macros);
        let mut activity: Activity = *work.events();
        self.at_work(&mut activity, time.total_ns, macros);
        let charges = self.parts.iter().flat_map(|part| &part.price.charges);
        let own_pj = charges.map(|charge| charge.energy_pj * activity[charge.event]).sum();
        let tiling = Tiling { replication: copies, ..candidate.tiling };
        let crossbars = candidate.counts.crossbars.saturating_mul(copies);
        Choice { tiling, crossbars, macros, own_pj, time, first, line_values }
    }

    /// What the chip takes for each event of a kind, in pJ.
    pub(super) fn charge_pj(&self, event: Event) -> f64 {
        let charges = self.parts.iter().flat_map(|part| &part.price.charges);
        charges.filter(|charge| charge.event == event).map(|charge| charge.energy_pj).sum()
    }
}

/// Refuses a layer of so many windows that its choices do not fit into memory.
fn check_number(layer: &Layer, candidates: &[Candidate], least: Priced) -> Result<(), CostError> {
    // n windows take at most 2·√n different numbers of cycles.
    let most = |candidate: &Candidate| match least {
        Priced::Area => 1,
        _ => candidate.counts.windows.min(candidate.counts.windows.isqrt().saturating_mul(2)),
    };
    let choices = candidates.iter().fold(0u64, |all, candidate| all.saturating_add(most(candidate)));
    if choices <= MOST_CHOICES {
        return Ok(());
    }
    let problem = format!(
        "layer {:?} can be mapped in {choices} ways, tilings times numbers of copies; the {} of at most {MOST_CHOICES} can be compared: \
         take a smaller image",
        layer.name,
        least.name()
    );
    Err(CostError::Setting { problem })
}

/// The choices that no other one covers, fewest macros first.
pub(super) fn uncovered(mut choices: Vec<Choice>, budgeted: bool) -> Vec<Choice> {
    choices.sort_by(|a, b| {
        a.macros
            .total_cmp(&b.macros)
            .then(a.own_pj.total_cmp(&b.own_pj))
            .then(a.time.total_ns.total_cmp(&b.time.total_ns))
    });
    let mut kept: Vec<Choice> = Vec::new();
    for choice in choices {
        // What covers a choice is often one of the last that were kept.
        if !kept.iter().rev().any(|other| other.covers(&choice, budgeted)) {
            kept.push(choice);
        }
    }
    kept
}
