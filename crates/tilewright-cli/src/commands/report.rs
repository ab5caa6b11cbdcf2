//! `report`: one page of HTML about a mapping.

use crate::args::{MappingArgs, ReportArgs};
use crate::settings;
use crate::{Outcome, model, output, trained};
use anyhow::Result;
use tilewright::cost::{CostModel, Library, Settings};
use tilewright::hardware::{PRICED_DEFAULT, setting};
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
    let mut design = crate::design::load(args.design.name.as_deref().unwrap_or(PRICED_DEFAULT))?;
    let original = model::load(&args.model.source, &args.model.input)?;
    for name in ["weight-bits", "layer-settings"] {
        if let Some(value) = args.design.value(name) {
            design.set(setting(name)?, value)?;
        }
    }
    design.read_layer_settings(crate::design::read_file)?;
    let (design, bits) = design.for_network(&original)?;
    let model =
        CostModel::new(&design, &library, Settings { layer_inputs: bits.layer_inputs.clone(), ..Settings::default() })?;
    Ok(Some(Price::new(&original, scheme, (&model, bits), &library)?))
}
