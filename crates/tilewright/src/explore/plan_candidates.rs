//! Kernel plans to choose from: the best for every budget of crossbars.

use super::pricing::kept_digital;
use super::{ExploreError, KernelSearch, Layout, PlannedKernels, Sources, Space};
use crate::cost::CostError;
use crate::hardware::variations::{combination, combinations};
use crate::hardware::{Design, SETTINGS, Stage, Variable};
use crate::network::Network;
use std::collections::BTreeSet;

/// The value of `kernels` that stands for the plans of a search.
pub const PLANNED: &str = "planned";

/// Settings of a layout that change how many crossbars a layer takes.
const COUNTED_BY: [&str; 5] = ["scheme", "keep-digital", "grouped", "row-split", "window"];

impl Space {
    /// The space with [`PLANNED`] kernels replaced by the plans that lose least within some budget of crossbars ([`KernelSearch::front`]),
    /// for any combination of the settings that change how many crossbars a layer takes; fewest replaced layers first, so that of
    /// designs that are equal otherwise those stay. A loss below 0 is chance, and counts as 0.
    ///
    /// # Errors
    /// [`ExploreError::Space`] where there are no losses or several networks, or if there would be more designs than can be numbered;
    /// as [`KernelSearch::new`].
    ///
    /// # Panics
    /// If the network or a design is not among the sources.
    pub fn with_plans(mut self, sources: &Sources) -> Result<Self, ExploreError> {
        let wrong = |problem: &str| Err(ExploreError::Space { problem: problem.into() });
        let Some(at) = self.vary.iter().position(|variable| variable.name == "kernels") else { return Ok(self) };
        let Some(planned) = self.vary[at].values.iter().position(|value| value == PLANNED) else { return Ok(self) };
        if sources.losses.is_none() {
            return wrong("kernels are planned by what replacing each layer loses; give the file of losses too");
        }
        if self.networks.len() > 1 {
            return wrong("kernels are planned for one network, since plans name its layers; give one");
        }
        let plans = self.plans(sources)?;
        self.vary[at].values.splice(planned..=planned, plans);
        let mut seen = BTreeSet::new();
        self.vary[at].values.retain(|value| seen.insert(value.clone()));
        self.verify()?;
        Ok(self)
    }

    fn plans(&self, sources: &Sources) -> Result<Vec<String>, ExploreError> {
        let network = &sources.networks[&self.networks[0]];
        let is_counted_by = |name: &str| {
            COUNTED_BY.contains(&name)
                || SETTINGS.iter().any(|setting| setting.name == name && setting.is_heeded_by(&[Stage::Map]))
        };
        let counted_by: Vec<Variable> =
            self.vary.iter().filter(|variable| is_counted_by(&variable.name)).cloned().collect();
        let mut plans: Vec<PlannedKernels> = vec![];
        for chip in &self.designs {
            for place in 0..combinations(&counted_by).unwrap_or(0) {
                let (layout, design) = sources.designed(chip, &combination(&counted_by, place).1)?;
                for plan in front(network, (&layout, design), sources)? {
                    if !plans.iter().any(|known| known.replaced == plan.replaced) {
                        plans.push(plan);
                    }
                }
            }
        }
        plans.sort_by_key(|plan| plan.replaced.iter().map(|layer| layer.rank).sum::<usize>());
        Ok(plans.iter().map(|plan| plan.plan().to_string()).collect())
    }
}

/// The best plans of a network under a layout on a design.
fn front(
    network: &Network,
    (layout, design): (&Layout, Design),
    sources: &Sources,
) -> Result<Vec<PlannedKernels>, ExploreError> {
    let network = kept_digital(network, layout)?;
    let (design, bits) = design.for_network(&network).map_err(CostError::from)?;
    let target = layout.target((design.crossbar, design.encoding()), &bits);
    let mut losses = sources.losses.clone().unwrap_or_default();
    losses.values_mut().flatten().for_each(|loss| *loss = loss.max(0.0));
    KernelSearch::new(&network, &losses, layout.scheme(&design), &target)?.front()
}
