//! What was typed, checked and combined: the network, what it is mapped onto, by which schemes and for which objective.

use crate::args::design::{DesignArgs, Mapped, options};
use crate::args::{Goal, KindArgs, MappingArgs, ModelArgs, ObjectiveArgs, RuleArgs, within};
use crate::model;
use anyhow::{Result, bail};
use tilewright::cost::{CostError, CostModel, Library, Settings as CostSettings};
use tilewright::hardware::{Design, LayerSettings, MacroKinds, PRICED_DEFAULT};
use tilewright::mapping::scheme::{SCHEMES, Scheme, find};
use tilewright::mapping::search::{Objective, ObjectiveName, Priced, Within};
use tilewright::mapping::{Mapping, MappingError, NetworkBits, Target, Targets, kernels, map_network};
use tilewright::network::Network;

/// Everything a mapping needs.
pub(crate) struct Settings {
    /// The network, its kernels replaced as planned.
    pub(crate) network: Network,
    /// What its layers are mapped onto.
    pub(crate) targets: Targets,
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
    within: Option<Within>,
    kinds: Option<MacroKinds>,
}

impl Settings {
    /// Of one mapping: one scheme, one objective.
    pub(crate) fn of(args: &MappingArgs) -> Result<Self> {
        let MappingArgs { model, scheme, design, rules, objective } = args;
        Self::new(model, scheme.as_slice(), (design, rules), None, Some(objective))
    }

    /// Combines what was typed.
    pub(crate) fn new(
        model: &ModelArgs,
        names: &[String],
        hardware: (&DesignArgs<Mapped>, &RuleArgs),
        input_bits: Option<u32>,
        objective: Option<&ObjectiveArgs>,
    ) -> Result<Self> {
        let load = || model::load(&model.source, &model.input);
        Self::of_network(load, (model, names), hardware, input_bits, objective)
    }

    /// The same of a network that `load` yields, once the rest of what was typed is checked.
    pub(crate) fn of_network(
        load: impl FnOnce() -> Result<Network>,
        (model, names): (&ModelArgs, &[String]),
        (args, rules): (&DesignArgs<Mapped>, &RuleArgs),
        input_bits: Option<u32>,
        objective: Option<&ObjectiveArgs>,
    ) -> Result<Self> {
        let goal = objective.and_then(|objective| goal(objective, args));
        let mut design = design_of(args, goal)?;
        if let Some(bits) = input_bits {
            (design.input_bits, _) = (bits, design.given.insert("input-bits"));
        }
        let schemes = schemes(names, &design, goal.is_some())?;
        let original = load()?;
        let (design, bits) = design.for_network(&original)?;
        let targets = targets_of(&design, rules, &bits)?;
        let network = replace_kernels(original, model, schemes[0], &targets.common)?;
        let is_priced = matches!(goal, Some(Goal::Priced(_)));
        if !is_priced && objective.is_some_and(|objective| objective.max_latency.is_some()) {
            bail!("--max-latency goes with the objectives area and energy; give --objective area, say");
        }
        let (objective, priced) = match (goal, objective) {
            (Some(Goal::Priced(least)), Some(args)) => (None, Some(priced(least, args, &design, &bits)?)),
            (Some(Goal::Counted(name)), Some(args)) => {
                (Some(Objective::new(name, args.budget, args.max_cycles)?), None)
            }
            _ => (None, None),
        };
        Ok(Self { network, targets, bits, schemes, objective, priced })
    }

    /// The same with kinds of macros to choose from, if they were typed.
    pub(crate) fn with_kinds(mut self, args: &KindArgs) -> Result<Self> {
        match (&args.macro_kinds, &mut self.priced) {
            (None, _) => {}
            (Some(kinds), Some(search)) => search.kinds = Some(kinds.clone()),
            (Some(_), None) => bail!(
                "--macro-kinds are chosen by a search for a price; give an --objective such as area, or a --design with --objective latency"
            ),
        }
        Ok(self)
    }

    /// Maps the network by one of the schemes.
    pub(crate) fn map(&self, scheme: &dyn Scheme) -> Result<Mapping, MappingError> {
        Ok(self.map_on_kinds(scheme)?.0)
    }

    /// The same with the settings of the layers that are on macros of the kinds to choose from.
    pub(crate) fn map_on_kinds(&self, scheme: &dyn Scheme) -> Result<(Mapping, LayerSettings), MappingError> {
        let Some(PricedSearch { model, least, within, kinds }) = &self.priced else {
            let mapping = map_network(&self.network, scheme, &self.targets, self.objective)?;
            return Ok((mapping, LayerSettings::default()));
        };
        let mapped = match kinds {
            None => model
                .optimize(&self.network, scheme, &self.targets, (*least, *within))
                .map(|mapping| (mapping, LayerSettings::default())),
            Some(kinds) => model
                .choose_kinds((kinds, &Library::built_in()), &self.network, (scheme, &self.targets), (*least, *within))
                .map(|(model, mapping)| (mapping, model.chip().layers.clone())),
        };
        mapped.map_err(|error| match error {
            CostError::Mapping(error) => error,
            error => MappingError::Setting { problem: options(&error.to_string()) },
        })
    }
}

/// What is searched for; a limit alone implies the objective it is a limit of, a design that was typed that latency is a time.
pub(crate) const fn goal(args: &ObjectiveArgs, design: &DesignArgs<Mapped>) -> Option<Goal> {
    match *args {
        ObjectiveArgs { objective: Some(Goal::Counted(ObjectiveName::Latency)), .. } if design.name.is_some() => {
            Some(Goal::Priced(Priced::Latency))
        }
        ObjectiveArgs { objective: Some(goal), .. } => Some(goal),
        ObjectiveArgs { budget: Some(_), .. } => Some(Goal::Counted(ObjectiveName::Cycles)),
        ObjectiveArgs { max_cycles: Some(_), .. } => Some(Goal::Counted(ObjectiveName::Crossbars)),
        _ => None,
    }
}

fn priced(least: Priced, args: &ObjectiveArgs, design: &Design, bits: &NetworkBits) -> Result<PricedSearch> {
    if args.max_cycles.is_some() {
        bail!("--max-cycles goes with objective crossbars, not with {}", least.name());
    }
    let settings = CostSettings { layer_inputs: bits.layer_inputs.clone(), ..CostSettings::default() };
    let model = CostModel::new(design, &Library::built_in(), settings)?;
    Ok(PricedSearch { model, least, within: within(args.budget, args.max_latency)?, kinds: None })
}

/// What a network's layers are mapped onto on a design that is ready for it ([`Design::for_network`]), by which rules.
pub(crate) fn targets_of(design: &Design, rules: &RuleArgs, bits: &NetworkBits) -> Result<Targets, MappingError> {
    let RuleArgs { row_split, grouped: groups, window, shared_weights } = *rules;
    let weight_bits_from = bits.weights.origin;
    let common = Target::new(design.crossbar, design.encoding());
    let target = Target { row_split, groups, window, weight_bits_from, shared_weights, ..common };
    design.targets(&target, &bits.layer_weights)
}

/// The design that a mapping is made for: the one that was typed, or else the default one, of those that have a price if something is
/// priced.
pub(crate) fn design_of(args: &DesignArgs<Mapped>, goal: Option<Goal>) -> Result<Design> {
    match goal {
        Some(Goal::Priced(_)) => args.design_or(PRICED_DEFAULT),
        _ => args.design(),
    }
}

/// The schemes of these names, each once; without any the design's, or the optimum where the mapping space is searched.
fn schemes(names: &[String], design: &Design, searched: bool) -> Result<Vec<&'static dyn Scheme>, MappingError> {
    if names.is_empty() {
        return Ok(vec![design.scheme_for(searched)]);
    }
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

/// The network without the layers that are kept digital and with the planned ones replaced; what a replacement saves is counted under the
/// first scheme.
pub(crate) fn replace_kernels(
    network: Network,
    model: &ModelArgs,
    scheme: &dyn Scheme,
    target: &Target,
) -> Result<Network> {
    Ok(kernels::planned(network, (&model.input.keep_digital, model.kernels.as_ref()), scheme, target)?)
}
