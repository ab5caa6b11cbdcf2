//! `cost`: area, energy and time of a mapped network on a chip.

mod explained;

use crate::args::cost::{ChipArgs, CostArgs};
use crate::chip::read;
use crate::settings::replace_kernels;
use crate::{Outcome, output};
use anyhow::{Result, bail};
use std::path::PathBuf;
use tilewright::cost::chip::{Changes, Chip};
use tilewright::cost::peer;
use tilewright::cost::{CostModel, InputHistograms, Library, Settings};
use tilewright::mapping::{Mapping, NetworkBits, Target, scheme};
use tilewright::network::Network;
use tilewright::report::CostSummary;
use tilewright::report::table::{Document, Reader};

/// Maps, prices and writes.
pub(crate) fn run(args: &CostArgs) -> Result<Outcome> {
    let library = library(&args.chip)?;
    let original = crate::model::load(&args.model.source, &args.model.input)?;
    let (chip, bits) = chip(&args.chip, &original)?;
    let model =
        CostModel::new(&chip, &library, Settings { inputs: inputs(args)?, layer_inputs: bits.layer_inputs.clone() })?;
    library.verify_read(&model)?;
    if let Some(topic) = &args.explain {
        let explained = model.explain(topic)?;
        if args.output.format.reader == Reader::Spreadsheets {
            bail!("an explanation is a table or JSON; give --format table or json");
        }
        let title = format!("Chip {}", model.chip().name);
        let text = explained::text(model.chip(), &explained);
        output::result(&args.output, &Document::new(title).lines(text).json(output::as_json(&explained)))?;
        return Ok(Outcome::Done);
    }
    let peers = args.compare.iter().map(|name| peer::find(name)).collect::<Result<Vec<_>, _>>()?;
    let (network, mapping) = mapped(args, original, &model, &bits)?;
    let summary = CostSummary::new(model.cost_with_spread(&network, &mapping, &library)?, bits, &peers);
    output::warn_of(&summary.cost.coverage);
    let document = summary.document(mapping.search.as_ref(), args.layers).json(output::as_json(&summary));
    output::result(&args.output, &document)?;
    Ok(Outcome::Done)
}

/// The network under its kernel plan, mapped for the chip.
fn mapped(args: &CostArgs, original: Network, model: &CostModel, bits: &NetworkBits) -> Result<(Network, Mapping)> {
    let scheme = scheme::find(args.scheme.as_deref().unwrap_or(CostModel::default_scheme(args.objective)))?;
    let crate::args::RuleArgs { row_split, grouped: groups, window } = args.rules;
    let target = Target { row_split, groups, window, weight_bits_from: bits.weights.origin, ..model.target() };
    let network = replace_kernels(original, args.model.kernels.as_ref(), scheme, &target)?;
    let mapping = model.map_for(&network, scheme, &target, (args.objective, args.budget))?;
    Ok((network, mapping))
}

/// The built-in constants and those of the user's files over them.
pub(crate) fn library(args: &ChipArgs) -> Result<Library> {
    library_of(&args.constants)
}

/// The built-in constants and those of files over them.
pub(crate) fn library_of(constants: &[PathBuf]) -> Result<Library> {
    let mut library = Library::built_in();
    for path in constants {
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
