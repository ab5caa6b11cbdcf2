//! `explore`: the designs of a space that no other one beats.

pub(super) mod sources;
mod store;

use crate::args::explore::{ExploreArgs, Vary};
use crate::command_line::quoted;
use crate::{Outcome, interrupt, output, progress, threads};
use anyhow::{Context, Result};
use std::ops::ControlFlow;
use std::path::PathBuf;
use store::Store;
use tilewright::explore::{self, Point, Pricing, Space, Variable, goals};
use tilewright::report::Exploration;

/// Designs whose outcomes are kept at once: a killed run loses no more.
const KEPT_AT_ONCE: usize = 128;

/// Reads the space, prices what the store does not know, and writes the front.
pub(crate) fn run(args: &ExploreArgs) -> Result<Outcome> {
    if args.example {
        output::write(&args.output.output, |to| Ok(to.write_all(Space::EXAMPLE.as_bytes())?))?;
        return Ok(Outcome::Done);
    }
    let space = space(args)?;
    let sources = sources::of(&space, &args.constants)?;
    let pricing = Pricing::new(&space, &sources)?;
    let size = space.size().context("a space is counted when it is read")?;
    let mut store = Store::open(args.store.as_deref(), &sources::digest(&space, &sources)?, size)?;
    if let Some(folder) = &args.store {
        let word =
            format!("stopped; {} keeps what was done, and the same command resumes from there", folder.display());
        interrupt::say_when_stopped(word);
    }
    price(args, &pricing, &mut store, size)?;
    if let Some(shard) = args.shard {
        let of = shard.of;
        output::note(&format!(
            "part {}/{of} is done; when all are, the same command without --shard prints the front",
            shard.number
        ));
        return Ok(Outcome::Done);
    }
    let outcomes = store.into_outcomes().context("every design was priced")?;
    let priced = outcomes.iter().enumerate().map(|(place, outcome)| (place as u64, outcome));
    let front = pricing.front(priced);
    let places: Vec<u64> = front.points().map(|(_, &place)| place).collect();
    let beyond = outcomes.iter().flatten().filter(|figures| pricing.values(figures).is_none()).count();
    let exploration =
        Exploration::new(&space, &outcomes, (&places, beyond as u64), |point| command(point, &args.constants));
    output::result(&args.output, &exploration.document(&space).json(output::as_json(&exploration)))?;
    Ok(Outcome::Done)
}

/// Prices the designs of this part that the store does not know.
fn price(args: &ExploreArgs, pricing: &Pricing<'_>, store: &mut Store, size: u64) -> Result<()> {
    let asked = (0..size).filter(|&place| args.shard.is_none_or(|shard| shard.has(place)));
    let open: Vec<u64> = asked.filter(|&place| !store.knows(place)).collect();
    let threads = threads::asked(args.threads);
    let bar = progress::bar("designs");
    bar.set_length(open.len() as u64);
    for places in open.chunks(KEPT_AT_ONCE) {
        let outcomes = pricing.outcomes(places, threads, &|_, _| ControlFlow::Continue(()));
        store.keep(places, outcomes.context("nothing ended the work")?)?;
        bar.inc(places.len() as u64);
    }
    bar.finish_and_clear();
    Ok(())
}

/// The space of a file, or of what was typed.
fn space(args: &ExploreArgs) -> Result<Space> {
    if let Some(file) = &args.space {
        return Ok(Space::parse(&file.display().to_string(), &crate::design::read(file)?)?);
    }
    let vary =
        args.vary.iter().map(|Vary { setting, values }| Variable { name: setting.clone(), values: values.clone() });
    let space = Space {
        networks: args.networks.clone(),
        designs: args.design.clone(),
        vary: vary.collect(),
        goals: goals(&args.minimize, &args.maximize)?,
        limits: args.limit.iter().map(|limit| limit.parse()).collect::<Result<_, explore::ExploreError>>()?,
    };
    space.verify()?;
    Ok(space)
}

/// The command that prices a design again, with the same constants.
pub(super) fn command(point: &Point<'_>, constants: &[PathBuf]) -> String {
    let mut words = vec![point.network.to_owned(), "--design".into(), point.design.into()];
    for &(name, value) in &point.settings {
        let (value, budget) = match (name, value.split_once(':')) {
            ("objective", Some((objective, budget))) => (objective, Some(budget)),
            _ => (value, None),
        };
        words.extend([format!("--{name}"), value.into()]);
        words.extend(budget.into_iter().flat_map(|budget| ["--budget".into(), budget.into()]));
    }
    words.extend(constants.iter().flat_map(|file| ["--constants".into(), file.display().to_string()]));
    words.iter().fold("tilewright cost".into(), |command, word| command + " " + &quoted(word))
}
