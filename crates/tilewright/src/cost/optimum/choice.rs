//! What a layer can be mapped as, each with what it takes by itself.

use crate::cost::activity::{Activity, Event, Work};
use crate::cost::conductance::Conductance;
use crate::cost::model::CostModel;
use crate::cost::schedule::{LayerTime, first_part};
use crate::cost::{CostError, storage};
use crate::hardware::Level;
use crate::mapping::scheme::{Optimal, Scheme};
use crate::mapping::search::{Candidate, Priced};
use crate::mapping::{Encoding, LayerMapping, MappingError, SignRule, Target, Tiles, Tiling};
use crate::network::{Layer, Network};

/// Choices of a layer that are kept at once until those that others cover are dropped: about 2 GB.
const MOST_CHOICES: u64 = 1 << 23;

/// A macro that a layer may be on, and the tilings to choose from there.
#[derive(Clone, Copy)]
pub(super) struct Offer<'a> {
    /// Its kind: 0 is the layer's own or else the design's.
    pub kind: usize,
    pub model: &'a CostModel,
    pub target: Target,
    pub candidates: &'a [Candidate],
}

impl Offer<'_> {
    /// Bits by which converters are too few for the tiling that needs the fewest.
    pub(super) fn fewest_bits_short(&self, layer: &Layer) -> Result<u32, MappingError> {
        let mut fewest = u32::MAX;
        for candidate in self.candidates {
            fewest = fewest.min(self.model.bits_short(layer, candidate.tiling, &self.target)?);
            if fewest == 0 {
                break;
            }
        }
        Ok(fewest)
    }
}

/// One tiling of a layer in a number of copies on macros of a kind, with all that the price of the network needs of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Choice {
    pub kind: usize,
    pub tiling: Tiling,
    pub crossbars: u64,
    pub macros: f64,
    /// What its macros take more than as many of the design's.
    pub more: More,
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
            && self.more.area_um2 <= other.more.area_um2
            && self.more.leakage_mw <= other.more.leakage_mw
            && self.own_pj <= other.own_pj
            && self.time.total_ns <= other.time.total_ns
            && self.time.cycle_ns <= other.time.cycle_ns
            && self.first <= other.first
            && self.line_values <= other.line_values
    }
}

/// What macros of a kind and their shares of tiles take more than those of the design; less than 0 where they take less.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct More {
    pub area_um2: f64,
    pub leakage_mw: f64,
}

impl More {
    /// Of one macro.
    pub(super) fn of(model: &CostModel, common: &CostModel) -> Self {
        if std::ptr::eq(model, common) {
            return Self::default();
        }
        let mut more = Self::default();
        for (own, common) in model.parts.iter().zip(&common.parts) {
            let share = match own.level {
                Level::Macro => 1.0,
                Level::Tile => 1.0 / f64::from(model.chip().macros_per_tile),
                Level::Chip => 0.0,
            };
            more.area_um2 += (own.price.area_um2 - common.price.area_um2) * share;
            more.leakage_mw += (own.leakage_mw - common.leakage_mw) * share;
        }
        more
    }

    pub(super) fn times(self, macros: f64) -> Self {
        Self { area_um2: self.area_um2 * macros, leakage_mw: self.leakage_mw * macros }
    }

    pub(super) fn sum(all: impl Iterator<Item = Self>) -> Self {
        all.fold(Self::default(), |sum, more| Self {
            area_um2: sum.area_um2 + more.area_um2,
            leakage_mw: sum.leakage_mw + more.leakage_mw,
        })
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
            conductance: Conductance::of(
                network,
                layer.node,
                (self.chip(), encoding),
                (self.range, &self.settings.levels),
            ),
            square: self.settings.inputs.mean_square(&layer.name, self.chip(), input_bits)?,
        })
    }

    /// Every candidate of an offer with every number of copies that saves a cycle; one copy only where they are not
    /// `copied`, for copies cannot help. Of macros of
    /// another kind than the layer's own or the design's only what its converters read without loss.
    ///
    /// # Errors
    /// [`CostError::Setting`] if there are too many to be kept in memory; as [`Work::new`].
    pub(super) fn choices(
        &self,
        layer: &Layer,
        reading: Reading,
        offer: &Offer<'_>,
        (least, copied): (Priced, bool),
    ) -> Result<Vec<Choice>, CostError> {
        let Offer { kind, model, target, candidates } = *offer;
        check_number(layer, candidates, (least, copied))?;
        let more = More::of(model, self);
        let mut choices = Vec::new();
        for candidate in candidates {
            if kind > 0 && model.bits_short(layer, candidate.tiling, &target)? > 0 {
                continue;
            }
            let mapped = LayerMapping {
                name: layer.name.clone(),
                kind: layer.shape.kind(),
                shape: layer.shape,
                crossbar: target.crossbar,
                encoding: target.encoding,
                scheme: Optimal.name(),
                tiling: candidate.tiling,
                counts: candidate.counts,
                held_by: None,
            };
            let mut work = Work::new(&mapped, (model.chip(), &model.clockwork), reading.input_bits)?;
            reading.conductance.weigh(work.events_mut(), reading.square);
            let of_input = [first_part(&mapped), storage::line_values(&mapped)];
            let mut copies = 1;
            loop {
                choices.push(model.choice(&work, (kind, candidate, copies), more, of_input));
                let cycles = candidate.counts.windows.div_ceil(copies);
                if cycles == 1 || !copied {
                    break;
                }
                copies = candidate.counts.windows.div_ceil(cycles - 1);
            }
        }
        Ok(choices)
    }

    /// Bits by which its converters are too few to tell every sum of a tiled layer apart, whatever its weights and inputs.
    ///
    /// A sum is of the rows of a piece, at most as many as are driven at a time. With an offset, cells without a weight hold it, and the
    /// offset column sums up every driven row, so that a sum is of all of these.
    fn bits_short(&self, layer: &Layer, tiling: Tiling, target: &Target) -> Result<u32, MappingError> {
        let chip = self.chip();
        if chip.adc.is_none() {
            return Ok(0);
        }
        let tiles = Tiles::new(&layer.shape, tiling, target.crossbar, target.encoding)?;
        let rows = match target.encoding.sign {
            SignRule::Offset => tiles.load_in_steps(chip.rows_at_once()).load.most_rows,
            SignRule::Differential | SignRule::Single => tiles.tile_rows().min(chip.rows_at_once()),
        };
        let has = chip.adc_bits(chip.rows_at_once(), &chip.encoding());
        Ok(chip.lossless_bits(rows, &target.encoding).saturating_sub(has))
    }

    fn choice(
        &self,
        one_copy: &Work,
        (kind, candidate, copies): (usize, &Candidate, u64),
        more: More,
        [first, line_values]: [f64; 2],
    ) -> Choice {
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
        Choice { kind, tiling, crossbars, macros, more: more.times(macros), own_pj, time, first, line_values }
    }

    /// What the chip takes for each event of a kind, in pJ.
    pub(super) fn charge_pj(&self, event: Event) -> f64 {
        let charges = self.parts.iter().flat_map(|part| &part.price.charges);
        charges.filter(|charge| charge.event == event).map(|charge| charge.energy_pj).sum()
    }
}

/// Refuses a layer of so many windows that its choices do not fit into memory.
fn check_number(layer: &Layer, candidates: &[Candidate], (least, copied): (Priced, bool)) -> Result<(), CostError> {
    // n windows take at most 2·√n different numbers of cycles.
    let most = |candidate: &Candidate| match copied {
        false => 1,
        true => candidate.counts.windows.min(candidate.counts.windows.isqrt().saturating_mul(2)),
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
