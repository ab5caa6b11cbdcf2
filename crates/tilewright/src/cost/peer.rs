//! What other tools say of the same network, line by line, and why they differ.
//!
//! Their figures are data, under `data/cost/peers/`: measured by own runs or published, each with what is known to explain its
//! difference.

use super::{Cost, CostError};
use crate::network::nearest;
use serde::{Deserialize, Serialize};

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quantity {
    /// Unit crossbars.
    Crossbars,
    /// Area, mm².
    Area,
    /// Area of converters, mm².
    AdcArea,
    /// Area of cells, mm².
    ArrayArea,
    /// Area of buses and routers, mm².
    InterconnectArea,
    /// Area of shift-and-add and adder trees, mm².
    AccumulationArea,
    /// Area of cells and drivers, mm².
    ArrayAndDriverArea,
    /// Area of everything not named in another line, mm².
    OtherArea,
    /// From an image to its result, ms.
    Latency,
    /// Energy of an image without leakage, µJ.
    DynamicEnergy,
    /// Leakage of an image, µJ.
    Leakage,
    /// Energy of an image, µJ.
    Energy,
    /// Energy of conversions, µJ.
    AdcEnergy,
    /// Energy of shift-and-add and adder trees, µJ.
    AccumulationEnergy,
    /// Energy of everything not named in another line, µJ.
    OtherEnergy,
    /// Power, W.
    Power,
    /// Operations a second, 10¹².
    Tops,
    /// Operations a second and watt, 10¹².
    TopsPerW,
    /// Operations a second and mm², 10¹².
    TopsPerMm2,
}

/// One figure of a peer.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    quantity: Quantity,
    value: f64,
    unit: String,
    /// What is known to explain the difference.
    difference: String,
}

/// A tool and its figures of one network.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peer {
    /// Its name.
    pub name: String,
    /// The network the figures are of.
    pub network: String,
    /// The settings they are of.
    pub setting: String,
    /// Where they are from.
    pub source: String,
    /// How they were come by.
    pub status: super::Status,
    row: Vec<Row>,
}

/// One line of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// What is compared.
    pub quantity: Quantity,
    /// Its unit.
    pub unit: String,
    /// Ours; none where this chip has no such part.
    pub ours: Option<f64>,
    /// Theirs.
    pub theirs: f64,
    /// Why they differ.
    pub difference: String,
}

/// Our figures beside those of a peer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// The peer.
    pub peer: String,
    /// The network of its figures.
    pub network: String,
    /// Its settings.
    pub setting: String,
    /// Where its figures are from.
    pub source: String,
    /// A line a quantity.
    pub lines: Vec<Line>,
}

/// The built-in peers.
pub const PEERS: [(&str, &str); 3] = [
    ("neurosim-v1.3", include_str!("../../data/cost/peers/neurosim-v1.3.toml")),
    ("neurosim-v1.4", include_str!("../../data/cost/peers/neurosim-v1.4.toml")),
    ("mnsim-2.0", include_str!("../../data/cost/peers/mnsim-2.0.toml")),
];

/// The peer of this name.
///
/// # Errors
/// [`CostError::Unknown`] with the names there are and the nearest one.
pub fn find(name: &str) -> Result<Peer, CostError> {
    let Some((file, text)) = PEERS.into_iter().find(|(known, _)| *known == name) else {
        return Err(CostError::Unknown {
            what: "peer",
            name: name.into(),
            known: PEERS.map(|(name, _)| name).join(", "),
            suggestion: nearest(name, PEERS.iter().map(|(name, _)| *name)),
        });
    };
    toml::from_str(text).map_err(|error| CostError::Syntax { file: file.into(), problem: error.to_string() })
}

impl Peer {
    /// Our figures beside theirs.
    pub fn compare(&self, cost: &Cost) -> Comparison {
        let line = |row: &Row| {
            let ours = ours(row.quantity, cost);
            let mut difference = row.difference.clone();
            if let Some(computed) = self.computed(row, cost) {
                difference = format!("{computed}; {difference}");
            }
            Line { quantity: row.quantity, unit: row.unit.clone(), ours, theirs: row.value, difference }
        };
        Comparison {
            peer: self.name.clone(),
            network: self.network.clone(),
            setting: self.setting.clone(),
            source: self.source.clone(),
            lines: self.row.iter().map(line).collect(),
        }
    }

    /// What can be said in numbers.
    fn computed(&self, row: &Row, cost: &Cost) -> Option<String> {
        match row.quantity {
            Quantity::AdcEnergy => {
                let adc = cost.adc.as_ref()?;
                let conversions = cost.by_component.find("adc")?.energy_pj / adc.energy_pj;
                Some(format!(
                    "{conversions:.3e} conversions: ours {} bits at {:.2} pJ, theirs on as many would be {:.3} pJ",
                    adc.bits,
                    adc.energy_pj,
                    row.value * 1e6 / conversions
                ))
            }
            Quantity::ArrayArea => {
                let ours = cost.by_component.find("crossbar-array")?;
                Some(format!(
                    "ours {:.0} µm² for each of {} crossbars in use, idle ones included",
                    ours.area_um2 / cost.crossbars as f64,
                    cost.crossbars
                ))
            }
            Quantity::TopsPerW => {
                let energy = self.row.iter().find(|row| row.quantity == Quantity::DynamicEnergy)?.value
                    + self.row.iter().find(|row| row.quantity == Quantity::Leakage)?.value;
                let honest = cost.operations as f64 / energy * 1e-6;
                Some(format!("their energy over {:.3e} operations would be {honest:.2}", cost.operations as f64))
            }
            _ => None,
        }
    }
}

fn ours(quantity: Quantity, cost: &Cost) -> Option<f64> {
    let area = |names: &[&str]| sum(cost, names, |part| part.area_um2 * 1e-6);
    let energy = |names: &[&str]| sum(cost, names, |part| part.energy_pj * 1e-6);
    const ACCUMULATION: [&str; 2] = ["shift-and-add", "adder-tree"];
    const INTERCONNECT: [&str; 2] = ["bus", "router"];
    Some(match quantity {
        Quantity::Crossbars => cost.crossbars as f64,
        Quantity::Area => cost.area_mm2,
        Quantity::AdcArea => area(&["adc"])?,
        Quantity::ArrayArea => area(&["crossbar-array"])?,
        Quantity::InterconnectArea => area(&INTERCONNECT)?,
        Quantity::AccumulationArea => area(&ACCUMULATION)?,
        Quantity::ArrayAndDriverArea => area(&["crossbar-array", "driver"])?,
        Quantity::OtherArea => {
            cost.area_mm2 - area(&["adc"])? - area(&["crossbar-array"])? - area(&INTERCONNECT)? - area(&ACCUMULATION)?
        }
        Quantity::Latency => cost.latency_ms,
        Quantity::DynamicEnergy => cost.energy_uj - cost.leakage_uj,
        Quantity::Leakage => cost.leakage_uj,
        Quantity::Energy => cost.energy_uj,
        Quantity::AdcEnergy => energy(&["adc"])?,
        Quantity::AccumulationEnergy => energy(&ACCUMULATION)?,
        Quantity::OtherEnergy => cost.energy_uj - cost.leakage_uj - energy(&["adc"])? - energy(&ACCUMULATION)?,
        Quantity::Power => cost.power_mw * 1e-3,
        Quantity::Tops => cost.tops,
        Quantity::TopsPerW => cost.tops_per_w,
        Quantity::TopsPerMm2 => cost.tops_per_mm2,
    })
}

/// The parts of these names together; none if the chip has none of them.
fn sum(cost: &Cost, names: &[&str], value: fn(&super::Breakdown) -> f64) -> Option<f64> {
    let found: Vec<f64> = names.iter().filter_map(|name| cost.by_component.find(name)).map(value).collect();
    (!found.is_empty()).then(|| found.iter().sum())
}
