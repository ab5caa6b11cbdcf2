//! `cost`: area, energy and time of a mapped network on a chip.

mod explained;

use crate::args::cost::CostArgs;
use crate::args::design::spelled_cost;
use crate::design::read;
use crate::settings::{replace_kernels, targets_of};
use crate::{Outcome, output};
use anyhow::{Result, bail};
use std::path::PathBuf;
use tilewright::cost::peer;
use tilewright::cost::{CostModel, InputHistograms, Library, Settings};
use tilewright::mapping::{Mapping, NetworkBits, scheme};
use tilewright::network::Network;
use tilewright::report::CostSummary;
use tilewright::report::table::{Document, Reader};

/// Maps, prices and writes.
pub(crate) fn run(args: &CostArgs) -> Result<Outcome> {
    let library = library_of(&args.constants)?;
    let original = crate::model::load(&args.model.source, &args.model.input)?;
    let (design, bits) = args.design.design()?.for_network(&original)?;
    let settings = Settings { inputs: inputs(args)?.for_network(&original)?, layer_inputs: bits.layer_inputs.clone() };
    let model = CostModel::new(&design, &library, settings).map_err(spelled_cost)?;
    library.verify_read(&model)?;
    if let Some(topic) = &args.explain {
        let explained = model.explain(topic)?;
        if args.output.format.reader == Reader::Spreadsheets {
            bail!("an explanation is printed as a table or JSON; give --format table or json");
        }
        let title = format!("Design {}", model.chip().name);
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
    let scheme = match &args.scheme {
        Some(name) => scheme::find(name)?,
        None => model.chip().scheme_for(args.objective.is_some()),
    };
    let targets = targets_of(model.chip(), &args.rules, bits)?;
    let network = replace_kernels(original, args.model.kernels.as_ref(), scheme, &targets.common)?;
    let mapping = model.map_for(&network, scheme, &targets, (args.objective, args.budget))?;
    Ok((network, mapping))
}

/// The built-in constants and those of files over them.
pub(crate) fn library_of(constants: &[PathBuf]) -> Result<Library> {
    let mut library = Library::built_in();
    for path in constants {
        library.merge(&path.display().to_string(), &read(path)?)?;
    }
    Ok(library)
}

fn inputs(args: &CostArgs) -> Result<InputHistograms> {
    let Some(path) = &args.inputs else { return Ok(InputHistograms::default()) };
    Ok(InputHistograms::parse(&path.display().to_string(), &read(path)?)?)
}
