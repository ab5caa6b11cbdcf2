//! Components, one file each: from constants to the price of a part.
//!
//! To add one: a file here with a struct that implements [`Component`], a line in [`COMPONENTS`], and its constants in a file under
//! `data/cost/constants/`. A chip then names it in one of its lists of parts. What it counts must be an
//! [`Event`]; a new kind of event is a variant there and a line where the mapping is counted.

mod activation;
mod adc;
mod adder_tree;
mod analog_neuron;
mod buffer;
mod bus;
mod column_multiplexer;
mod control;
mod converter_sharing;
mod crossbar_array;
mod dac;
mod driver;
mod front_end;
mod link;
mod lump;
mod mac_unit;
mod pooling;
mod register;
mod router;
mod sample_and_hold;
mod shift_and_add;

pub use super::price::{Bank, Charge, Price};
pub(super) use crossbar_array::settling_ns;
pub(super) use mac_unit::UNITS_PER_BUS;

use super::activity::Event;
use super::{CostError, Site};
use crate::hardware::{Level, Part};
use crate::network::nearest;

/// A part and the level it is on.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The part as the chip has it.
    pub part: &'a Part,
    /// What it is a part of.
    pub level: Level,
}

impl<'a> Place<'a> {
    /// What the names of its constants begin with; by default `or`.
    pub fn constants(&self, or: &'a str) -> &'a str {
        self.part.constants.as_deref().unwrap_or(or)
    }

    /// Units a macro, tile or chip has; by default `or`.
    pub fn count(&self, or: f64) -> f64 {
        self.part.count.unwrap_or(or)
    }

    /// The time its level is at work.
    pub const fn at_work(&self) -> Event {
        match self.level {
            Level::Macro => Event::MacroTime,
            Level::Tile => Event::TileTime,
            Level::Chip => Event::ChipTime,
        }
    }

    /// Crossbars of its level.
    pub fn crossbars(&self, site: &Site<'_>) -> f64 {
        let per_macro = f64::from(site.chip.crossbars_per_macro);
        match self.level {
            Level::Macro => per_macro,
            Level::Tile | Level::Chip => per_macro * f64::from(site.chip.macros_per_tile),
        }
    }
}

/// Something a chip is made of.
pub trait Component: Sync {
    /// Its name in chip files, in lower case with hyphens.
    fn name(&self) -> &'static str;

    /// One line: what it is, what it counts, and its default number.
    fn summary(&self) -> &'static str;

    /// The digital operations it does, at a price of their own or as part of its power; what no part does has no price.
    fn does(&self) -> &'static [Event] {
        &[]
    }

    /// What the part takes.
    ///
    /// # Errors
    /// [`CostError`] where a constant is missing or has another unit.
    fn price(&self, place: Place<'_>, site: &mut Site<'_>) -> Result<Price, CostError>;
}

/// All components, from the cells outward.
pub const COMPONENTS: [&dyn Component; 21] = [
    &crossbar_array::CrossbarArray,
    &driver::Driver,
    &dac::Dac,
    &column_multiplexer::ColumnMultiplexer,
    &sample_and_hold::SampleAndHold,
    &front_end::FrontEnd,
    &adc::Adc,
    &analog_neuron::AnalogNeuron,
    &shift_and_add::ShiftAndAdd,
    &adder_tree::AdderTree,
    &register::InputRegister,
    &register::OutputRegister,
    &control::Control,
    &buffer::Buffer,
    &activation::ActivationUnit,
    &pooling::PoolingUnit,
    &mac_unit::MacUnit,
    &bus::Bus,
    &router::Router,
    &link::Link,
    &lump::Lump,
];

/// The component of this name.
///
/// # Errors
/// [`CostError::Unknown`] with the names there are and the nearest one.
pub fn find(name: &str) -> Result<&'static dyn Component, CostError> {
    COMPONENTS.into_iter().find(|component| component.name() == name).ok_or_else(|| CostError::Unknown {
        what: "component",
        name: name.into(),
        known: COMPONENTS.map(Component::name).join(", "),
        suggestion: nearest(name, COMPONENTS.iter().map(|component| component.name())),
    })
}
