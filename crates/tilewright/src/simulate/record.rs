//! What a hardware is, in words and numbers.

use super::converter::Adc;
use super::hardware::Hardware;
use crate::circuit::Wiring;
use crate::circuit::device::Generic;
use crate::hardware::{Cells, Compensation, Neurons, Subtraction};
use crate::network::WeightRange;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A hardware's settings; for equal ones a seed gives equal chips.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HardwareRecord {
    /// The cells, by the name of their device; its numbers are in [`HardwareRecord::settings`].
    #[serde(flatten)]
    pub cells: Cells,
    /// Where the device's numbers are from.
    pub source: String,
    /// Least and greatest conductance, in siemens.
    pub range: [f64; 2],
    /// The device's constants.
    pub settings: serde_json::Value,
    /// The range of the weights that stands for the range of conductances.
    #[serde(skip_serializing_if = "WeightRange::is_default")]
    pub weight_range: WeightRange,
    /// The stuck cells, where a map says them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub faults: Option<FaultRecord>,
    /// Wires and terminals.
    pub wiring: Wiring,
    /// Word lines of a crossbar that are driven at a time; all if it is not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active_rows: Option<usize>,
    /// Bits of an input that one pulse drives; none for all at once.
    pub dac_bits: Option<u32>,
    /// What reads the currents; none for exact reads.
    pub adc: Option<Adc>,
    /// What passes the currents on, if nothing reads them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub neuron: Option<Neurons>,
    /// Where the columns of a differential pair are subtracted.
    pub pairs: Subtraction,
    /// What is done about errors.
    pub compensation: Compensation,
    /// The hardware of those layers that have one of their own.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub layers: BTreeMap<String, Self>,
}

/// A map of stuck cells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FaultRecord {
    /// How many cells it has.
    pub cells: usize,
    /// [`FaultMap::digest`](crate::hardware::FaultMap::digest) in hexadecimal digits.
    pub digest: String,
}

impl HardwareRecord {
    /// What the same hardware computes if it does nothing wrong, in words.
    pub const fn computes(&self) -> &'static str {
        if self.neuron.is_some() { "the network without rounding between layers" } else { "the integer network" }
    }

    /// Every setting that is not the default one, as `wiring.r_word=2.5`, in the order of the names: what tells this hardware from
    /// any other. The constants of a published device are in its name. Layers with a hardware of their own say what differs from the others.
    pub fn differences(&self) -> Vec<String> {
        let default = Generic::default().device().map(|device| Hardware::new(Arc::from(device)).record());
        let default = default.map(|record| record.settings_by_name()).unwrap_or_default();
        let mut own = self.settings_by_name();
        if own.keys().filter(|name| name.starts_with(DEVICE)).ne(default.keys().filter(|name| name.starts_with(DEVICE)))
        {
            own.retain(|name, _| !name.starts_with(DEVICE));
        }
        let of_layers = self.layers.iter().flat_map(|(layer, record)| {
            let differing = differing(&record.settings_by_name(), &self.settings_by_name());
            differing.into_iter().map(move |difference| format!("{layer}: {difference}"))
        });
        differing(&own, &default).into_iter().chain(of_layers).collect()
    }

    /// The values of all settings; those of the device begin with [`DEVICE`].
    fn settings_by_name(&self) -> BTreeMap<String, String> {
        let mut values = BTreeMap::new();
        let mut record = serde_json::to_value(self).expect("a record has a JSON form");
        for derived in ["source", "range", "layers"] {
            record.as_object_mut().expect("it has fields").remove(derived);
        }
        flatten("", &record, &mut values);
        values
    }
}

/// What the names of a device's own settings begin with.
const DEVICE: &str = "settings.";

/// The settings that have not the value they have in `others`.
fn differing(settings: &BTreeMap<String, String>, others: &BTreeMap<String, String>) -> Vec<String> {
    let differing = settings.iter().filter(|(name, value)| others.get(*name) != Some(*value));
    differing.map(|(name, value)| format!("{}={value}", name.trim_start_matches(DEVICE))).collect()
}

/// The values in a tree, by their path.
fn flatten(path: &str, value: &serde_json::Value, values: &mut BTreeMap<String, String>) {
    match value {
        serde_json::Value::Object(fields) => {
            for (name, value) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                flatten(&path, value, values);
            }
        }
        serde_json::Value::String(text) => drop(values.insert(path.into(), text.clone())),
        value => drop(values.insert(path.into(), value.to_string())),
    }
}

impl Hardware {
    /// The settings for reports and for telling whether two runs are the same.
    pub fn record(&self) -> HardwareRecord {
        let range = self.device.range();
        HardwareRecord {
            cells: self.cells.named(self.device.name()),
            source: self.device.source().into(),
            range: [range.off, range.on],
            settings: serde_json::to_value(&*self.device).expect("devices have names and numbers"),
            weight_range: self.weight_range,
            faults: self
                .cells
                .known_faults
                .as_ref()
                .map(|map| FaultRecord { cells: map.cells().len(), digest: format!("{:016x}", map.digest()) }),
            wiring: self.wiring,
            active_rows: self.active_rows,
            dac_bits: self.dac_bits,
            adc: self.adc,
            neuron: self.neuron,
            pairs: self.pairs,
            compensation: self.compensation,
            layers: self.layers.iter().map(|(layer, own)| (layer.clone(), own.record())).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::device::{ByHand, DeviceError, named};

    fn of(name: &str, by_hand: &ByHand) -> Hardware {
        let nothing = |file: &str| -> Result<String, DeviceError> { panic!("no file {file}") };
        Hardware::new(Arc::from(named(name, by_hand, nothing).expect("a device")))
    }

    #[test]
    fn only_what_differs_is_named() {
        let generic = of("generic", &ByHand::default());
        assert_eq!(generic.record().differences(), [""; 0]);
        let noisy = of("generic", &ByHand { programming_error: Some(0.02), ..ByHand::default() });
        let wired = Hardware { wiring: Wiring::wires(2.5), adc: Some(Adc::new(8)), dac_bits: Some(1), ..noisy };
        let found = wired.record().differences();
        for setting in ["programming_error=[0.02]", "wiring.r_word=2.5", "wiring.r_bit=2.5", "adc.bits=8", "dac_bits=1"]
        {
            assert!(found.iter().any(|found| found == setting), "{setting}: {found:?}");
        }
        assert!(!found.iter().any(|found| found.starts_with("stuck") || found.starts_with("age")), "{found:?}");
        assert_eq!(of("joshi_2020", &ByHand::default()).record().differences(), ["device=joshi_2020"]);
    }
}
