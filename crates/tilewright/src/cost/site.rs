//! Where a part is priced: the chip's node, and constants brought to it, each remembered with its origin.

use super::activity::Event;
use super::price::{Charge, Price};
use super::technology::{Quantity, Technology};
use super::{Constant, CostError, Library, Scaling};
use crate::hardware::Design;
use crate::mapping::{CrossbarSize, Encoding};
use serde::Serialize;

/// A constant as it was used.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Origin {
    /// Its name.
    pub id: String,
    /// As it stands in its file.
    pub constant: Constant,
    /// The file.
    pub file: String,
    /// The value used, in the unit of `used_unit`.
    pub used: f64,
    /// Unit of the value used.
    pub used_unit: &'static str,
    /// How it came from the one to the other; empty if it is the same.
    pub rule: String,
}

/// What a component asks for constants and for the chip it is on.
pub struct Site<'a> {
    /// The chip.
    pub chip: &'a Design,
    /// The unit crossbar.
    pub crossbar: CrossbarSize,
    /// How weights become cells.
    pub encoding: Encoding,
    /// Bits of one conversion.
    pub adc_bits: f64,
    pub(super) library: &'a Library,
    pub(super) technology: &'a Technology,
    /// What is being priced, for messages.
    pub(super) key: String,
    pub(super) origins: Vec<Origin>,
}

impl Site<'_> {
    /// Whether there is such a constant.
    pub fn has(&self, id: &str) -> bool {
        self.library.get(id).is_some()
    }

    /// A constant in one of the units given, as it stands.
    ///
    /// # Errors
    /// If there is none, or it has another unit.
    pub fn number(&mut self, id: &str, unit: &'static str) -> Result<f64, CostError> {
        let constant = self.constant(id, &[unit])?;
        Ok(self.used(id, constant.value, unit, String::new()))
    }

    /// An area in µm² at the chip's node.
    ///
    /// # Errors
    /// If there is no such constant, or it is no area.
    pub fn area_um2(&mut self, id: &str) -> Result<f64, CostError> {
        let constant = self.constant(id, &["F^2", "um^2", "mm^2"])?;
        if constant.unit == "F^2" {
            let node = self.chip.node_nm;
            return Ok(self.used(id, constant.value * node * node * 1e-6, "um^2", format!("F = {node} nm")));
        }
        let factor = if constant.unit == "mm^2" { 1e6 } else { 1.0 };
        self.scaled(id, &constant, factor, "um^2", Quantity::Area)
    }

    /// An energy in pJ at the chip's node.
    ///
    /// # Errors
    /// If there is no such constant, or it is no energy.
    pub fn energy_pj(&mut self, id: &str) -> Result<f64, CostError> {
        let constant = self.constant(id, &["fJ", "pJ", "nJ"])?;
        let factor = match constant.unit.as_str() {
            "fJ" => 1e-3,
            "nJ" => 1e3,
            _ => 1.0,
        };
        self.scaled(id, &constant, factor, "pJ", Quantity::Energy)
    }

    /// A power in mW at the chip's node, the clock being the same. 1 mW is 1 pJ a nanosecond.
    ///
    /// # Errors
    /// If there is no such constant, or it is no power.
    pub fn power_mw(&mut self, id: &str) -> Result<f64, CostError> {
        let constant = self.constant(id, &["uW", "mW", "W"])?;
        let factor = match constant.unit.as_str() {
            "uW" => 1e-3,
            "W" => 1e3,
            _ => 1.0,
        };
        self.scaled(id, &constant, factor, "mW", Quantity::Energy)
    }

    /// A time in ns at the chip's node.
    ///
    /// # Errors
    /// If there is no such constant, or it is no time.
    pub fn time_ns(&mut self, id: &str) -> Result<f64, CostError> {
        let constant = self.constant(id, &["ns", "us"])?;
        let factor = if constant.unit == "us" { 1e3 } else { 1.0 };
        self.scaled(id, &constant, factor, "ns", Quantity::Time)
    }

    /// The price of `units` alike, by the constants `PREFIX.area` and `PREFIX.energy`, for each `event`, or `PREFIX.power`, while
    /// the level the part is on is at work.
    ///
    /// # Errors
    /// If constants are missing or have other units.
    pub fn units(&mut self, prefix: &str, units: f64, event: Event, level: Event) -> Result<Price, CostError> {
        let area_um2 = units * self.area_um2(&format!("{prefix}.area"))?;
        let power = format!("{prefix}.power");
        let charge = if self.has(&power) {
            Charge { event: level, energy_pj: units * self.power_mw(&power)? }
        } else {
            Charge { event, energy_pj: self.energy_pj(&format!("{prefix}.energy"))? }
        };
        Ok(Price { units, area_um2, charges: vec![charge], ..Price::default() })
    }

    /// Remembers a value that follows from others, and returns it.
    pub(super) fn used(&mut self, id: &str, used: f64, used_unit: &'static str, rule: String) -> f64 {
        if let Some(constant) = self.library.get(id).filter(|_| !self.origins.iter().any(|known| known.id == id)) {
            let (constant, file) = (constant.clone(), constant.file.clone());
            self.origins.push(Origin { id: id.into(), constant, file, used, used_unit, rule });
        }
        used
    }

    fn constant(&self, id: &str, units: &[&str]) -> Result<Constant, CostError> {
        let Some(constant) = self.library.get(id) else {
            let family = id.split('.').next().unwrap_or(id);
            let near: Vec<&str> =
                self.library.iter().map(|(id, _)| id).filter(|known| known.starts_with(family)).collect();
            let hint = match near.is_empty() {
                true => "add it to a file of constants".into(),
                false => format!("add it to a file of constants, or name one of {}", near.join(", ")),
            };
            let (file, key) = (self.chip.file.clone(), self.key.clone());
            return Err(CostError::NoConstant { file, key, id: id.into(), hint });
        };
        if units.contains(&constant.unit.as_str()) {
            return Ok(constant.clone());
        }
        let problem = format!("unit {:?}; {} needs {}", constant.unit, self.key, units.join(" or "));
        Err(CostError::value(&constant.file, id, problem))
    }

    fn scaled(
        &mut self,
        id: &str,
        constant: &Constant,
        unit: f64,
        into: &'static str,
        quantity: Quantity,
    ) -> Result<f64, CostError> {
        let node = self.chip.node_nm;
        let Some(from) = constant.node_nm.filter(|&from| from != node && constant.scaling != Scaling::None) else {
            return Ok(self.used(id, constant.value * unit, into, String::new()));
        };
        let [least, most] = Technology::range();
        if !(least..=most).contains(&from) {
            let problem = format!(
                "holds at {from} nm, and scaling to {node} nm has data from {least} to {most} nm only; give the value at {node} nm"
            );
            return Err(CostError::value(&constant.file, id, problem));
        }
        let factor = self.technology.factor(quantity, constant.scaling, from, node);
        let how = if constant.scaling == Scaling::Analog { "analog" } else { "logic" };
        let rule = format!("× {factor:.3}, {from} to {node} nm, {how}");
        Ok(self.used(id, constant.value * unit * factor, into, rule))
    }
}
