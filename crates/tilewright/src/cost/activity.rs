//! What a mapped layer does for one image, as numbers of events.
//!
//! A *load* is one window's inputs on one copy of the layer's crossbars (the mapping's array activation); an input of b bits on
//! drivers of d bits makes a load ⌈b / d⌉ *pulses*. Where only some word lines are driven at a time, an activation takes *steps*, each of
//! all its pulses.

use super::clockwork::{Clockwork, Computing};
use crate::hardware::{Accumulation, Design, Subtraction};
use crate::mapping::{LayerMapping, Load, MappingError, RowCut, SignRule, SteppedLoad};
use serde::Serialize;

/// What energies are given per.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A word line driven for one pulse.
    RowPulse,
    /// A cell that holds a weight, at a driven word line, for one pulse.
    WeightRead,
    /// A cell without a weight between a driven word line and a read bit line, for one pulse.
    EmptyRead,
    /// A cell of an offset column at a driven word line, for one pulse.
    OffsetRead,
    /// A bit line read for one pulse.
    ColumnPulse,
    /// A sum of the analog part made for one pulse: a bit line, or a pair of them where currents are subtracted.
    SumPulse,
    /// One analog-to-digital conversion, or one output of an analog neuron.
    Conversion,
    /// A partial sum added across row blocks and steps.
    PartialSum,
    /// A bit of an input put into or taken from a register of a macro.
    InputBit,
    /// A bit of an output put into or taken from a register.
    OutputBit,
    /// A bit read from or written to a buffer.
    BufferBit,
    /// A bit over one hop between tiles.
    HopBit,
    /// A bit over the link between two chips.
    LinkBit,
    /// A value through an activation unit, or added digitally.
    Activation,
    /// A value compared or averaged in a pooling unit.
    Pooling,
    /// A product off the crossbars, added to a sum.
    MultiplyAccumulate,
    /// A step of a sequencer: a load of a macro, or a pulse of one of its steps.
    Step,
    /// A macro at work for a nanosecond.
    MacroTime,
    /// A tile at work for a nanosecond.
    TileTime,
    /// A chip at work for a nanosecond.
    ChipTime,
}

/// Number of kinds of events.
pub const EVENTS: usize = Event::ChipTime as usize + 1;

/// Numbers of events. In f64: they are products that may exceed 64 bits, and are multiplied by energies next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Activity([f64; EVENTS]);

impl Default for Activity {
    fn default() -> Self {
        Self([0.0; EVENTS])
    }
}

impl std::ops::Index<Event> for Activity {
    type Output = f64;
    fn index(&self, event: Event) -> &f64 {
        &self.0[event as usize]
    }
}

impl std::ops::IndexMut<Event> for Activity {
    fn index_mut(&mut self, event: Event) -> &mut f64 {
        &mut self.0[event as usize]
    }
}

/// A mapped layer with what one load of it takes.
#[derive(Clone, Copy, Debug)]
pub struct Work {
    /// What one load of one copy drives and reads.
    pub load: Load,
    /// Loads of all copies together.
    pub loads: f64,
    /// Steps in series.
    pub cycles: f64,
    /// Crossbars of all copies.
    pub crossbars: f64,
    /// Input values a load fetches: every distinct row once, not once for each column block.
    pub fetched: f64,
    /// Partial sums that make one output, of row blocks and steps, on the mean.
    pub row_cuts: f64,
    /// Packs that take turns in a load.
    pub turns: f64,
    /// Bits of an input.
    pub input_bits: u32,
    /// Bits of all inputs that are read from a buffer.
    pub read_bits: f64,
    /// Bits of what it makes.
    pub made_bits: f64,
    /// Pulses of a step.
    pub pulses: f64,
    /// How long the crossbars of a load compute.
    pub(super) computing: Computing,
    events: Activity,
}

impl Work {
    /// What a mapped layer of inputs of so many bits does in crossbars and what is around them; times, transport and digital
    /// operations come later.
    ///
    /// # Errors
    /// As [`Tiles::new`].
    pub(super) fn new(
        layer: &LayerMapping,
        (chip, clockwork): (&Design, &Clockwork),
        input_bits: u32,
    ) -> Result<Self, MappingError> {
        let (tiles, encoding) = (layer.tiles()?, layer.encoding);
        let SteppedLoad { load, activations } = tiles.load_in_steps(chip.rows_at_once());
        let counts = &layer.counts;
        let windows = tiles.partition.windows() as f64;
        let pulses = chip.pulses_of(input_bits);
        let loads = counts.windows as f64;
        let paired = encoding.sign == SignRule::Differential && chip.subtraction == Subtraction::Analog;
        let columns_per_sum = if paired { 2.0 } else { 1.0 };
        let sums = load.columns as f64 / columns_per_sum;
        let weights = layer.shape.weights() as f64 * tiles.partition.window_pixels() as f64;
        let weight_reads = windows * weights * encoding.columns_per_weight() as f64;
        // Partial results a load reads, per output of it.
        let read = load.columns - load.steps * encoding.extra_columns() as u128;
        let outputs_of_load = match layer.tiling.rows {
            RowCut::Band => tiles.blocks * tiles.column_cuts() * tiles.tile_columns(),
            _ => tiles.blocks * tiles.block_columns() * layer.tiling.packing.windows,
        };
        let row_cuts = read as f64 / (outputs_of_load * encoding.columns_per_weight()) as f64;
        let outputs = windows * (tiles.partition.window_pixels() * layer.shape.out_channels) as f64;
        let fetched = (tiles.blocks * tiles.block_rows() * layer.tiling.packing.windows) as f64;

        let mut events = Activity::default();
        events[Event::RowPulse] = counts.input_loads as f64 * pulses;
        events[Event::WeightRead] = weight_reads * pulses;
        let offset_reads = load.rows as f64 * encoding.extra_columns() as f64 * loads;
        events[Event::EmptyRead] = (load.cells as f64 * loads - weight_reads - offset_reads).max(0.0) * pulses;
        events[Event::OffsetRead] = offset_reads * pulses;
        events[Event::ColumnPulse] = load.columns as f64 * loads * pulses;
        events[Event::SumPulse] = sums * loads * pulses;
        events[Event::Conversion] = sums * loads * if chip.accumulation == Accumulation::Analog { 1.0 } else { pulses };
        events[Event::PartialSum] = outputs * (row_cuts - 1.0).max(0.0);
        // Into the register once, out of it bit by bit.
        events[Event::InputBit] = 2.0 * counts.input_loads as f64 * f64::from(input_bits);
        events[Event::OutputBit] = 2.0 * outputs * f64::from(chip.output_bits);
        let stored = layer.shape.output().iter().product::<usize>() as f64 * layer.shape.out_channels as f64;
        let read_bits = fetched * loads * f64::from(input_bits);
        let made_bits = stored * f64::from(chip.output_bits);
        events[Event::BufferBit] = read_bits + made_bits;
        events[Event::Step] = (load.activations as f64 + load.steps as f64 * pulses) * loads;
        let crossbars = counts.crossbars as f64;
        Ok(Self {
            load,
            loads,
            cycles: counts.cycles as f64,
            crossbars,
            fetched,
            row_cuts,
            turns: layer.tiling.turns as f64,
            input_bits,
            read_bits,
            made_bits,
            pulses,
            computing: clockwork.computing(chip, &activations, (pulses, columns_per_sum)),
            events,
        })
    }

    /// Its events so far.
    pub const fn events(&self) -> &Activity {
        &self.events
    }

    /// Its events, to be added to.
    pub const fn events_mut(&mut self) -> &mut Activity {
        &mut self.events
    }
}
