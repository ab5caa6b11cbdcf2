//! `report`: one page of HTML about a mapping.

use crate::args::ReportArgs;
use crate::settings::Settings;
use crate::{Outcome, output, trained};
use anyhow::Result;
use tilewright::report::Summary;
use tilewright::report::html::{Family, Page, render};

/// Maps, draws and writes.
pub(crate) fn run(args: &ReportArgs) -> Result<Outcome> {
    let ReportArgs { target, rules, objective, .. } = args;
    let settings = Settings::new(&args.model, std::slice::from_ref(&args.scheme), target, rules, Some(objective))?;
    let mapping = settings.map(settings.schemes[0])?;
    let summary = Summary::new(&settings.network, &mapping)?;
    let mut page = Page::of(&settings.network, mapping, summary)?;
    if let Some(model) = &args.model.source.model
        && let Some(original) = trained::original(model)?
    {
        page.family = Family::new(&original, &trained::stored()?)?;
    }
    output::write(&args.output, |to| Ok(to.write_all(render(&page).as_bytes())?))?;
    Ok(Outcome::Done)
}
