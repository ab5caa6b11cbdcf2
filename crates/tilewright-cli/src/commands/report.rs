//! `report`: one page of HTML about a mapping.

use crate::args::ReportArgs;
use crate::settings::Settings;
use crate::{Outcome, output};
use anyhow::Result;
use tilewright::report::html::{Page, render};

/// Maps, draws and writes.
pub(crate) fn run(args: &ReportArgs) -> Result<Outcome> {
    let ReportArgs { target, rules, objective, .. } = args;
    let settings = Settings::new(&args.model, std::slice::from_ref(&args.scheme), target, rules, Some(objective))?;
    let Settings { network, target, schemes, objective } = settings;
    let page = Page::new(&network, &target, schemes[0], objective)?;
    output::write(&args.output, |to| Ok(to.write_all(render(&page).as_bytes())?))?;
    Ok(Outcome::Done)
}
