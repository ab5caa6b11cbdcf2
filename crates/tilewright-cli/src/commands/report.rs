//! `report`: one page of HTML about a mapping.

use crate::args::{MappingArgs, ReportArgs};
use crate::settings;
use crate::{Outcome, chip, model, output, trained};
use anyhow::Result;
use tilewright::cost::chip::Changes;
use tilewright::cost::{CostModel, Library, Settings};
use tilewright::mapping::scheme::Scheme;
use tilewright::report::Summary;
use tilewright::report::html::{Family, Page, Price, render};

/// Maps, draws and writes.
pub(crate) fn run(args: &ReportArgs) -> Result<Outcome> {
    let settings = settings::Settings::of(&args.mapping)?;
    let mapping = settings.map(settings.schemes[0])?;
    let summary = Summary::new(&settings.network, &mapping)?;
    output::warn_of(&summary.coverage);
    let mut page = Page::of(&settings.network, mapping, summary)?;
    if let Some(model) = &args.mapping.model.source.model
        && let Some(original) = trained::original(model)?
    {
        page.family = Family::new(&original, &trained::stored()?)?;
    }
    page.price = price(&args.mapping, settings.schemes[0])?;
    output::write(&args.output, |to| Ok(to.write_all(render(&page).as_bytes())?))?;
    Ok(Outcome::Done)
}

/// The network before any kernel plan, priced on the chip asked for; none if nothing of it fits.
fn price(args: &MappingArgs, scheme: &dyn Scheme) -> Result<Option<Price>> {
    let library = Library::built_in();
    let chip = chip::load(args.objective.chip.as_deref().unwrap_or(chip::DEFAULT))?;
    let original = model::load(&args.model.source, &args.model.input)?;
    let asked = Changes { weight_bits: args.target.weight_bits, ..Changes::default() };
    let (chip, bits) = chip.changed_for(&original, &asked)?;
    let model =
        CostModel::new(&chip, &library, Settings { layer_inputs: bits.layer_inputs.clone(), ..Settings::default() })?;
    Ok(Some(Price::new(&original, scheme, (&model, bits), &library)?))
}
