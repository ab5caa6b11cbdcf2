//! Where a number is from: every constant behind a part, with its source.

use super::{CostError, CostModel, Origin, adc, component};
use crate::network::nearest;
use serde::Serialize;

/// One part with what its price is made of.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// The part's name.
    pub part: String,
    /// What it is and what it counts.
    pub what: String,
    /// Units a macro, tile or chip has.
    pub units: f64,
    /// Area of all of them in µm².
    pub area_um2: f64,
    /// Energies: the event and pJ.
    pub energies: Vec<(String, f64)>,
    /// The constants used.
    pub origins: Vec<Origin>,
}

impl CostModel {
    /// Where the price of a component or part is from; `"all"` explains every part, `"timing"` the times.
    ///
    /// # Errors
    /// [`CostError::Unknown`] if the chip has no such part.
    pub fn explain(&self, topic: &str) -> Result<Vec<Explanation>, CostError> {
        let matching =
            self.parts.iter().filter(|part| topic == "all" || part.component == topic || &*part.label == topic);
        let mut explained: Vec<Explanation> = matching
            .map(|part| {
                let mut what = component::find(part.component).map_or("", |component| component.summary()).to_owned();
                if let Some(settings) = self.chip().adc.as_ref().filter(|_| part.component == "adc")
                    && let Ok(model) = adc::find(&settings.model)
                {
                    what = format!("{what}; model {}: {} ({})", model.name(), model.formula(), model.summary());
                }
                let energies = part.price.charges.iter().map(|charge| (event_name(charge.event), charge.energy_pj));
                Explanation {
                    part: part.label.to_string(),
                    what,
                    units: part.price.units,
                    area_um2: part.price.area_um2,
                    energies: energies.collect(),
                    origins: part.origins.clone(),
                }
            })
            .collect();
        if matches!(topic, "timing" | "all") {
            explained.push(self.timing());
        }
        if explained.is_empty() {
            let mut known: Vec<&str> = self.parts.iter().map(|part| &*part.label).collect();
            known.extend(["timing", "all"]);
            let names =
                ["timing", "all"].into_iter().chain(component::COMPONENTS.iter().map(|component| component.name()));
            let (known, suggestion) = (known.join(", "), nearest(topic, names));
            return Err(CostError::Unknown { what: "part", name: topic.into(), known, suggestion });
        }
        Ok(explained)
    }

    fn timing(&self) -> Explanation {
        let what = format!(
            "a pulse of {:.3} ns, the read or the settling of the lines, whichever is longer; a conversion of {:.3} ns, {} sums in turn",
            self.clockwork.read_ns, self.clockwork.conversion_ns, self.clockwork.sharing
        );
        Explanation {
            part: "timing".into(),
            what,
            units: 1.0,
            area_um2: 0.0,
            energies: vec![],
            origins: self.others.clone(),
        }
    }
}

fn event_name(event: super::activity::Event) -> String {
    serde_json::to_value(event)
        .ok()
        .and_then(|name| name.as_str().map(|name| name.replace('_', " ")))
        .unwrap_or_default()
}
