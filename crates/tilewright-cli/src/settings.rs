//! What was typed, checked and combined: the network, what it is mapped onto, by which schemes and for which objective.

use crate::args::{Goal, MappingArgs, ModelArgs, ObjectiveArgs, RuleArgs, TargetArgs};
use crate::{chip, model};
use anyhow::{Result, bail};
use tilewright::cost::chip::Chip;
use tilewright::cost::{CostError, CostModel, Library, Settings as CostSettings};
use tilewright::mapping::scheme::{SCHEMES, Scheme, find};
use tilewright::mapping::search::{Objective, ObjectiveName, Priced};
use tilewright::mapping::{
    AskedBits, BitsFrom, CrossbarSize, FloatBits, Mapping, MappingError, NetworkBits, SignRule, Target, kernels,
    map_network,
};
use tilewright::network::{KernelPlan, Network};

/// Everything a mapping needs.
pub(crate) struct Settings {
    /// The network, its kernels replaced as planned.
    pub(crate) network: Network,
    /// What it is mapped onto.
    pub(crate) target: Target,
    /// Bits of weights and inputs, and where they come from.
    pub(crate) bits: NetworkBits,
    /// The schemes in the order given, each once.
    pub(crate) schemes: Vec<&'static dyn Scheme>,
    /// What the mapping space is searched for, if anything.
    pub(crate) objective: Option<Objective>,
    /// What is searched for on a chip, if anything.
    pub(crate) priced: Option<PricedSearch>,
}

/// A search for what a cost model makes of a mapping.
pub(crate) struct PricedSearch {
    model: CostModel,
    least: Priced,
    budget: Option<u64>,
}

impl Settings {
    /// Of one mapping: one scheme, one objective.
    pub(crate) fn of(args: &MappingArgs) -> Result<Self> {
        let MappingArgs { model, scheme, target, rules, objective } = args;
        Self::new(model, std::slice::from_ref(scheme), (target, rules), None, Some(objective))
    }

    /// Combines what was typed.
    pub(crate) fn new(
        model: &ModelArgs,
        names: &[String],
        (target, rules): (&TargetArgs, &RuleArgs),
        input_bits: Option<u32>,
        objective: Option<&ObjectiveArgs>,
    ) -> Result<Self> {
        let schemes = schemes(names)?;
        let goal = objective.and_then(goal);
        let chip = objective.map_or(Ok(None), |args| chip_of(args, goal))?;
        let original = model::load(&model.source, &model.input)?;
        let (target, bits) = match &chip {
            Some(chip) => on_chip(&original, target, rules, chip)?,
            None => combine(&original, (target, rules), input_bits, FloatBits::default())?,
        };
        let network = replace_kernels(original, model.kernels.as_ref(), schemes[0], &target)?;
        let (objective, priced) = match (goal, objective) {
            (Some(Goal::Priced(least)), Some(args)) => (None, Some(priced(least, args, chip, (&target, &bits))?)),
            (Some(Goal::Counted(name)), Some(args)) => {
                (Some(Objective::new(name, args.budget, args.max_cycles)?), None)
            }
            _ => (None, None),
        };
        Ok(Self { network, target, bits, schemes, objective, priced })
    }

    /// Maps the network by one of the schemes.
    pub(crate) fn map(&self, scheme: &dyn Scheme) -> Result<Mapping, MappingError> {
        let Some(PricedSearch { model, least, budget }) = &self.priced else {
            return map_network(&self.network, scheme, &self.target, self.objective);
        };
        model.optimize(&self.network, scheme, &self.target, (*least, *budget)).map_err(|error| match error {
            CostError::Mapping(error) => error,
            error => MappingError::Setting { problem: error.to_string() },
        })
    }
}

/// What is searched for; a limit alone implies the objective it is a limit of, a chip that latency is a time.
pub(crate) const fn goal(args: &ObjectiveArgs) -> Option<Goal> {
    match *args {
        ObjectiveArgs { objective: Some(Goal::Counted(ObjectiveName::Latency)), chip: Some(_), .. } => {
            Some(Goal::Priced(Priced::Latency))
        }
        ObjectiveArgs { objective: Some(goal), .. } => Some(goal),
        ObjectiveArgs { budget: Some(_), .. } => Some(Goal::Counted(ObjectiveName::Cycles)),
        ObjectiveArgs { max_cycles: Some(_), .. } => Some(Goal::Counted(ObjectiveName::Crossbars)),
        _ => None,
    }
}

/// The chip named, or the default one where something is priced.
fn chip_of(args: &ObjectiveArgs, goal: Option<Goal>) -> Result<Option<Chip>> {
    let needed = matches!(goal, Some(Goal::Priced(_)));
    let name = args.chip.as_deref().or(needed.then_some(chip::DEFAULT));
    name.map(chip::load).transpose()
}

/// The chip's crossbar and cells, unless others are asked for; the bits that the model holds come before the chip's.
fn on_chip(
    network: &Network,
    args: &TargetArgs,
    rules: &RuleArgs,
    chip: &Chip,
) -> Result<(Target, NetworkBits), MappingError> {
    let TargetArgs { crossbar, encoding, weight_bits, cell_bits } = *args;
    let args = TargetArgs {
        crossbar: crossbar.or(Some(chip.crossbar)),
        encoding: encoding.or(Some(chip.encoding.sign)),
        weight_bits,
        cell_bits: cell_bits.or(Some(chip.encoding.cell_bits)),
    };
    let own = FloatBits { weights: chip.encoding.weight_bits, inputs: chip.input_bits, from: BitsFrom::Chip };
    combine(network, (&args, rules), None, own)
}

fn priced(
    least: Priced,
    args: &ObjectiveArgs,
    chip: Option<Chip>,
    (target, bits): (&Target, &NetworkBits),
) -> Result<PricedSearch> {
    if args.max_cycles.is_some() {
        bail!("--max-cycles goes with objective crossbars, not with {}", least.name());
    }
    let Some(chip) = chip else { bail!("objective {} is priced on a chip: give --chip", least.name()) };
    let chip = Chip { crossbar: target.crossbar, encoding: target.encoding, input_bits: bits.inputs.bits, ..chip };
    let settings = CostSettings { layer_inputs: bits.layer_inputs.clone(), ..CostSettings::default() };
    let model = CostModel::new(&chip, &Library::built_in(), settings)?;
    Ok(PricedSearch { model, least, budget: args.budget })
}

/// What a network is mapped onto, by which rules, and its bits: what was typed, else what the model holds, else `float`.
pub(crate) fn combine(
    network: &Network,
    (target, rules): (&TargetArgs, &RuleArgs),
    input_bits: Option<u32>,
    float: FloatBits,
) -> Result<(Target, NetworkBits), MappingError> {
    let crossbar = target.crossbar.unwrap_or(CrossbarSize { rows: 128, columns: 128 });
    let sign = target.encoding.unwrap_or(SignRule::Differential);
    let asked = AskedBits { sign, weights: target.weight_bits, cell: target.cell_bits, inputs: input_bits };
    let (encoding, bits) = asked.of(network, float)?;
    let RuleArgs { row_split, grouped: groups, window } = *rules;
    let weight_bits_from = bits.weights.origin;
    Ok((Target { row_split, groups, window, weight_bits_from, ..Target::new(crossbar, encoding) }, bits))
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

/// The network with the planned layers replaced; what a replacement saves is counted under the first scheme.
pub(crate) fn replace_kernels(
    network: Network,
    plan: Option<&KernelPlan>,
    scheme: &dyn Scheme,
    target: &Target,
) -> Result<Network> {
    let Some(plan) = plan else { return Ok(network) };
    Ok(kernels::replaced(&network, plan, scheme, target)?)
}
