//! `cost`: area, energy and time of a mapped network on a chip.

mod explained;

use crate::args::cost::CostArgs;
use crate::args::design::spelled_cost;
use crate::args::within;
use crate::design::read;
use crate::settings::{replace_kernels, targets_of};
use crate::sweep::{self, Figure};
use crate::{Outcome, output};
use anyhow::{Result, bail};
use std::path::PathBuf;
use tilewright::cost::peer;
use tilewright::cost::{CostModel, InputHistograms, Library, Settings};
use tilewright::mapping::search::SearchRecord;
use tilewright::mapping::{Mapping, NetworkBits, scheme};
use tilewright::network::Network;
use tilewright::report::CostSummary;
use tilewright::report::table::{Column, Document, Kind, Reader};

/// Maps, prices and writes.
pub(crate) fn run(args: &CostArgs) -> Result<Outcome> {
    args.kinds.check(&args.output.output)?;
    let library = library_of(&args.constants)?;
    let original = crate::model::load(&args.model.source, &args.model.input)?;
    if args.vary.is_given() {
        sweep(args, &original, &library)?;
    } else if let Some(topic) = &args.explain {
        explain(args, topic, &Machine::new(args, &original, &library)?)?;
    } else {
        let (summary, search) = priced(args, original, &library)?;
        output::warn_of(&summary.cost.coverage);
        args.kinds.write(&summary.cost.layer_settings)?;
        let document = summary.document(search.as_ref(), args.layers).json(output::as_json(&summary));
        output::result(&args.output, &document)?;
    }
    Ok(Outcome::Done)
}

/// What a network is priced on.
struct Machine {
    model: CostModel,
    bits: NetworkBits,
}

impl Machine {
    fn new(args: &CostArgs, network: &Network, library: &Library) -> Result<Self> {
        let (design, bits) = args.design.design()?.for_network(network)?;
        let settings = Settings {
            inputs: inputs(args)?.for_network(network)?,
            layer_inputs: bits.layer_inputs.clone(),
            ..Settings::default()
        };
        let model = CostModel::new(&design, library, settings).map_err(spelled_cost)?;
        library.verify_read(&model)?;
        Ok(Self { model, bits })
    }
}

/// What the constants behind a price are.
fn explain(args: &CostArgs, topic: &str, Machine { model, .. }: &Machine) -> Result<()> {
    let explained = model.explain(topic)?;
    if args.output.format.reader == Reader::Spreadsheets {
        bail!("an explanation is printed as a table or JSON; give --format table or json");
    }
    let title = format!("Design {}", model.chip().name);
    let text = explained::text(model.chip(), &explained);
    output::result(&args.output, &Document::new(title).lines(text).json(output::as_json(&explained)))
}

/// What a network costs on a design, and how its mapping was searched.
fn priced(args: &CostArgs, original: Network, library: &Library) -> Result<(CostSummary, Option<SearchRecord>)> {
    let peers = args.compare.iter().map(|name| peer::find(name)).collect::<Result<Vec<_>, _>>()?;
    let Machine { model, bits } = Machine::new(args, &original, library)?;
    let (network, model, mapping) = mapped(args, original, (model, library), &bits)?;
    let cost = model.cost_with_spread(&network, &mapping, library).map_err(spelled_cost)?;
    Ok((CostSummary::new(cost, bits, &peers), mapping.search))
}

/// Prices every design.
fn sweep(args: &CostArgs, original: &Network, library: &Library) -> Result<()> {
    output::warn_of(&original.coverage());
    let figures: Vec<Figure<CostSummary>> = vec![
        (Column::new(Kind::Whole, "crossbars", "crossbars"), |summary| summary.cost.crossbars.into()),
        (Column::new(Kind::Quantity, "area_mm2", "area in mm²"), |summary| summary.cost.area_mm2.into()),
        (Column::new(Kind::Quantity, "energy_uj", "energy in µJ"), |summary| summary.cost.energy_uj.into()),
        (Column::new(Kind::Quantity, "latency_ms", "latency in ms"), |summary| summary.cost.latency_ms.into()),
        (Column::new(Kind::Quantity, "images_per_second", "images/s"), |summary| summary.cost.images_per_second.into()),
        (Column::new(Kind::Quantity, "tops_per_w", "TOPS/W"), |summary| summary.cost.tops_per_w.into()),
        (Column::new(Kind::Quantity, "tops_per_mm2", "TOPS/mm²"), |summary| summary.cost.tops_per_mm2.into()),
    ];
    let title = format!("{}, priced on several designs", original.name);
    sweep::run(args, &args.output, (&title, figures), |args| Ok(priced(args, original.clone(), library)?.0))
}

/// The network under its kernel plan, mapped for the chip, and the model of the chip with the kinds of macros that were chosen.
fn mapped(
    args: &CostArgs,
    original: Network,
    (model, library): (CostModel, &Library),
    bits: &NetworkBits,
) -> Result<(Network, CostModel, Mapping)> {
    let scheme = match &args.scheme {
        Some(name) => scheme::find(name)?,
        None => model.chip().scheme_for(args.objective.is_some()),
    };
    let targets = targets_of(model.chip(), &args.rules, bits)?;
    let network = replace_kernels(original, &args.model, scheme, &targets.common)?;
    let within = within(args.budget, args.max_latency)?;
    let (model, mapping) = match (&args.kinds.macro_kinds, args.objective) {
        (Some(kinds), Some(least)) => {
            model.choose_kinds((kinds, library), &network, (scheme, &targets), (least, within)).map_err(spelled_cost)?
        }
        (Some(_), None) => {
            bail!("--macro-kinds are chosen by a search for a price; give an --objective such as area-delay")
        }
        (None, _) => {
            let mapping = model.map_for(&network, scheme, &targets, (args.objective, within))?;
            (model, mapping)
        }
    };
    let mapping = if args.share_layers { mapping.shared()? } else { mapping };
    Ok((network, model, mapping))
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
