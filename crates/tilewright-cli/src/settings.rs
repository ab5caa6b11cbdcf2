//! What was typed, checked and combined: the network, what it is mapped onto, by which schemes and for which objective.

use crate::args::{ModelArgs, ObjectiveArgs, RuleArgs, TargetArgs};
use crate::model;
use anyhow::Result;
use tilewright::mapping::scheme::{SCHEMES, Scheme, find};
use tilewright::mapping::search::{Objective, ObjectiveName};
use tilewright::mapping::{Encoding, Mapping, MappingError, Target, kernels, map_network};
use tilewright::network::{KernelPlan, Network};

/// Everything a mapping needs.
pub(crate) struct Settings {
    /// The network, its kernels replaced as planned.
    pub(crate) network: Network,
    /// What it is mapped onto.
    pub(crate) target: Target,
    /// The schemes in the order given, each once.
    pub(crate) schemes: Vec<&'static dyn Scheme>,
    /// What the mapping space is searched for, if anything.
    pub(crate) objective: Option<Objective>,
}

impl Settings {
    /// Combines what was typed.
    pub(crate) fn new(
        model: &ModelArgs,
        names: &[String],
        target: &TargetArgs,
        rules: &RuleArgs,
        objective: Option<&ObjectiveArgs>,
    ) -> Result<Self> {
        let target = combine(target, rules)?;
        let schemes = schemes(names)?;
        let objective = objective.map_or(Ok(None), searched)?;
        let network = replace_kernels(model::load(&model.source)?, model.kernels.as_ref(), schemes[0], &target)?;
        Ok(Self { network, target, schemes, objective })
    }

    /// Maps the network by one of the schemes.
    pub(crate) fn map(&self, scheme: &dyn Scheme) -> Result<Mapping, MappingError> {
        map_network(&self.network, scheme, &self.target, self.objective)
    }
}

/// What is mapped onto, by which rules.
pub(crate) fn combine(target: &TargetArgs, rules: &RuleArgs) -> Result<Target, MappingError> {
    let TargetArgs { crossbar, encoding: sign, weight_bits, cell_bits } = *target;
    let encoding = Encoding { sign, weight_bits, cell_bits: cell_bits.unwrap_or(weight_bits) };
    encoding.verify()?;
    let RuleArgs { row_split, grouped: groups, window } = *rules;
    Ok(Target { crossbar, encoding, row_split, groups, window })
}

fn schemes(names: &[String]) -> Result<Vec<&'static dyn Scheme>, MappingError> {
    let mut schemes: Vec<&'static dyn Scheme> = Vec::new();
    for name in names {
        let named = if name == "all" { SCHEMES.to_vec() } else { vec![find(name)?] };
        for scheme in named {
            if !schemes.iter().any(|known| known.name() == scheme.name()) {
                schemes.push(scheme);
            }
        }
    }
    Ok(schemes)
}

/// A limit alone implies the objective it is a limit of.
fn searched(args: &ObjectiveArgs) -> Result<Option<Objective>, MappingError> {
    let name = match *args {
        ObjectiveArgs { objective: Some(name), .. } => name,
        ObjectiveArgs { budget: Some(_), .. } => ObjectiveName::Cycles,
        ObjectiveArgs { max_cycles: Some(_), .. } => ObjectiveName::Crossbars,
        _ => return Ok(None),
    };
    Objective::new(name, args.budget, args.max_cycles).map(Some)
}

/// The network with the planned layers replaced; what a replacement saves is counted under the first scheme.
fn replace_kernels(
    network: Network,
    plan: Option<&KernelPlan>,
    scheme: &dyn Scheme,
    target: &Target,
) -> Result<Network> {
    let Some(plan) = plan else { return Ok(network) };
    let saved = |shape: &_| kernels::crossbars_saved(shape, scheme, target);
    Ok(plan.select_by(&network, saved)?.apply(&network)?)
}
