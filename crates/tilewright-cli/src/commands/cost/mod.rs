//! `cost`: area, energy and time of a mapped network on a chip.

mod compared;
mod explained;
mod tables;

pub(super) use tables::number;

use crate::args::Format;
use crate::args::cost::{ChipArgs, CostArgs};
use crate::chip::read;
use crate::settings::replace_kernels;
use crate::{Outcome, csv, output, table};
use anyhow::{Result, bail};
use std::io::Write;
use tilewright::cost::chip::{Changes, Chip};
use tilewright::cost::peer;
use tilewright::cost::{Breakdown, Cost, CostModel, InputHistograms, Library, Settings};
use tilewright::mapping::{Mapping, NetworkBits, Target, scheme};
use tilewright::network::Network;
use tilewright::report::CostSummary;

/// Maps, prices and writes.
pub(crate) fn run(args: &CostArgs) -> Result<Outcome> {
    let library = library(&args.chip)?;
    let original = crate::model::load(&args.model.source, &args.model.input)?;
    let (chip, bits) = chip(&args.chip, &original)?;
    let model = CostModel::new(&chip, &library, Settings { inputs: inputs(args)? })?;
    library.verify_read(&model)?;
    if let Some(topic) = &args.explain {
        let explained = model.explain(topic)?;
        output::write(&args.output.output, |to| match args.output.format {
            Format::Json => output::json(to, &explained),
            Format::Table => Ok(to.write_all(explained::text(model.chip(), &explained, table::width()).as_bytes())?),
            Format::Csv => bail!("an explanation is a table or JSON; give --format table or json"),
        })?;
        return Ok(Outcome::Done);
    }
    let peers = args.compare.iter().map(|name| peer::find(name)).collect::<Result<Vec<_>, _>>()?;
    let (network, mapping) = mapped(args, original, &model, bits)?;
    let summary = CostSummary::new(model.cost_with_spread(&network, &mapping, &library)?, bits, &peers);
    let CostSummary { cost, compared, .. } = &summary;
    output::warn_of(&cost.coverage);
    output::write(&args.output.output, |to| match args.output.format {
        Format::Table => {
            let text = tables::text(cost, &bits, mapping.search.as_ref(), args.layers, table::width());
            to.write_all(text.as_bytes())?;
            Ok(to.write_all(compared::text(cost, compared, table::width()).as_bytes())?)
        }
        Format::Json => output::json(to, &summary),
        Format::Csv => write_csv(to, cost, &bits),
    })?;
    Ok(Outcome::Done)
}

/// The network under its kernel plan, mapped for the chip.
fn mapped(args: &CostArgs, original: Network, model: &CostModel, bits: NetworkBits) -> Result<(Network, Mapping)> {
    let scheme = scheme::find(args.scheme.as_deref().unwrap_or(CostModel::default_scheme(args.objective)))?;
    let crate::args::RuleArgs { row_split, grouped: groups, window } = args.rules;
    let target = Target { row_split, groups, window, weight_bits_from: bits.weights.origin, ..model.target() };
    let network = replace_kernels(original, args.model.kernels.as_ref(), scheme, &target)?;
    let mapping = model.map_for(&network, scheme, &target, (args.objective, args.budget))?;
    Ok((network, mapping))
}

/// The built-in constants and those of the user's files over them.
pub(crate) fn library(args: &ChipArgs) -> Result<Library> {
    let mut library = Library::built_in();
    for path in &args.constants {
        library.merge(&path.display().to_string(), &read(path)?)?;
    }
    Ok(library)
}

/// The chip for a network, with what was asked for in place of its own, and the bits of the network.
fn chip(args: &ChipArgs, network: &Network) -> Result<(Chip, NetworkBits)> {
    let ChipArgs { crossbar, encoding, weight_bits, cell_bits, input_bits, ref adc, adc_bits, schedule, .. } = *args;
    let adc = adc.clone();
    let changes = Changes { crossbar, encoding, weight_bits, cell_bits, input_bits, adc, adc_bits, schedule };
    Ok(crate::chip::load(&args.chip)?.changed_for(network, &changes)?)
}

fn inputs(args: &CostArgs) -> Result<InputHistograms> {
    let Some(path) = &args.inputs else { return Ok(InputHistograms::default()) };
    Ok(InputHistograms::parse(&path.display().to_string(), &read(path)?)?)
}

/// A line for every leaf of the tree by layer, and one without numbers for every operation that has no price.
fn write_csv(to: &mut dyn Write, cost: &Cost, bits: &NetworkBits) -> Result<()> {
    let titles = ["network", "scheme", "chip", "part", "component", "area_um2", "energy_pj", "leakage_pj"];
    csv::line(to, titles.into_iter().chain(["network_macs_share"]).chain(csv::BITS))?;
    let last: Vec<String> = [cost.coverage.share.to_string()].into_iter().chain(csv::bits(bits)).collect();
    let mut line = |part: &str, component: &str, numbers: [&str; 3]| {
        let words = [&cost.network, cost.scheme, &cost.chip, part, component];
        csv::line(to, words.into_iter().chain(numbers).chain(last.iter().map(String::as_str)))
    };
    for part in &cost.by_layer.parts {
        let leaves: &[Breakdown] = if part.parts.is_empty() { std::slice::from_ref(part) } else { &part.parts };
        for leaf in leaves {
            let numbers = [leaf.area_um2, leaf.energy_pj, leaf.leakage_pj].map(|number| number.to_string());
            line(&part.name, &leaf.name, numbers.each_ref().map(String::as_str))?;
        }
    }
    cost.coverage.off_crossbars.iter().try_for_each(|off| line(&off.name, "off crossbars", [""; 3]))?;
    cost.unpriced.iter().try_for_each(|operation| line(&operation.name, "not priced", [""; 3]))?;
    Ok(())
}
