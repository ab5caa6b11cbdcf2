//! `explore`: the designs of a space that no other one beats.

mod part;
mod rates;
mod search;
pub(super) mod sources;
mod store;

use crate::args::explore::{ExploreArgs, RateArgs, Shard};
use crate::args::parse::Typed;
use crate::command_line::{of_options, quoted};
use crate::{Outcome, heed, interrupt, output, progress, threads};
use anyhow::{Context, Result, bail};
use rates::{Gallery, Rates};
use std::ops::ControlFlow;
use std::path::PathBuf;
use store::Store;
use tilewright::explore::{self, Outcomes, PLANNED, Part, Point, Pricing, Rating, Space, goals};
use tilewright::report::{Exploration, Searched};
use tilewright::simulate::Hardware;

/// Designs whose outcomes are kept at once: a killed run loses no more.
const KEPT_AT_ONCE: usize = 128;

/// Reads the space, does what the store does not know, and writes the front.
pub(crate) fn run(args: &ExploreArgs, typed: &Typed) -> Result<Outcome> {
    if args.example {
        output::write(&args.output.output, |to| Ok(to.write_all(Space::EXAMPLE.as_bytes())?))?;
        return Ok(Outcome::Done);
    }
    let space = space(args)?;
    heed_losses(args, &space)?;
    if !space.asks_rates() {
        heed::refuse(typed, &heed::of_rates("no rate is asked for; give --maximize rate, or leave it out"))?;
    }
    let sources = sources::of(&space, &args.constants, args.losses.as_deref())?;
    let space = space.with_plans(&sources)?;
    let evolution = search::asked(args, &space)?;
    if evolution.is_none() {
        heed::refuse(typed, &heed::of_search())?;
    }
    let pricing = Pricing::new(&space, &sources)?;
    let calibrated = || pricing.any_hardware(Hardware::is_calibrated);
    let gallery = space.asks_rates().then(|| Gallery::of(&sources, args, calibrated())).transpose()?;
    let shown = gallery.as_ref().map(|gallery| gallery.shown(args.rates.rate_images)).unwrap_or_default();
    let RateArgs { first_seed, seeds, .. } = args.rates;
    let threads = threads::asked(args.threads);
    let rating = Rating { pricing: pricing.clone(), shown: &shown, first_seed, seeds, threads };
    if ["seeds", "first-seed"].iter().any(|option| typed.has(option)) && !pricing.any_hardware(Hardware::varies) {
        heed::refuse(typed, &heed::of_seeds())?;
    }
    let size = space.size();
    let digest = sources::digest(&space, &sources)?;
    let mut store = Store::open(args.store.as_deref(), &digest, size, evolution.is_some())?;
    if let Some(folder) = &args.store {
        let word =
            format!("stopped; {} keeps what was done, and the same command resumes from there", folder.display());
        interrupt::say_when_stopped(word);
    }
    let again = |point: &Point<'_>| again(&space, point, &args.constants);
    if let Some(evolution) = evolution {
        let tried = search::searched(evolution, &pricing, store, (args.shard, threads))?;
        if let Some(shard) = args.shard {
            say_done(shard);
            return Ok(Outcome::Done);
        }
        let searched = Some(Searched::new(evolution, &tried));
        let exploration = Exploration::new(&space, &pricing, (&tried, searched), (None, vec![]), again);
        output::result(&args.output, &exploration.document(&space, &tried).json(output::as_json(&exploration)))?;
        return Ok(Outcome::Done);
    }
    price(args.shard, &pricing, &mut store, (size, threads))?;
    if let (Some(shard), None) = (args.shard, &gallery) {
        say_done(shard);
        return Ok(Outcome::Done);
    }
    if args.shard.is_some() {
        price_what_others_left(&pricing, &mut store, (size, threads))?;
    }
    let mut outcomes = store.into_outcomes().context("every design was priced")?;
    let mut dropped = vec![];
    if gallery.is_some() {
        let mut rates = Rates::open(&sources, &shown, args.store.as_deref(), args.shard.is_some())?;
        dropped = rating.rate(&space, &mut outcomes, part(args.shard), &mut rates)?;
    }
    if let Some(shard) = args.shard {
        say_done(shard);
        return Ok(Outcome::Done);
    }
    let rated = gallery.as_ref().and_then(|gallery| gallery.rated_on(args));
    let outcomes = Outcomes::of_all(outcomes);
    let exploration = Exploration::new(&space, &pricing, (&outcomes, None), (rated, dropped), again);
    output::result(&args.output, &exploration.document(&space, &outcomes).json(output::as_json(&exploration)))?;
    Ok(Outcome::Done)
}

fn say_done(shard: Shard) {
    let Shard { number, of } = shard;
    output::note(&format!(
        "part {number}/{of} is done; when all are, the same command without --shard prints the front"
    ));
}

fn part(shard: Option<Shard>) -> Part {
    shard.map_or(Part { number: 0, of: 1 }, |shard| Part { number: shard.number, of: shard.of.get() })
}

/// Prices the designs of this part that the store does not know.
fn price(
    shard: Option<Shard>,
    pricing: &Pricing<'_>,
    store: &mut Store<'_>,
    (size, threads): (u64, usize),
) -> Result<()> {
    let own = |&place: &u64| shard.is_none_or(|shard| shard.has(place));
    let bar = progress::bar("designs");
    bar.set_length((0..size).filter(|place| own(place) && !store.knows(*place)).count() as u64);
    let mut places = (0..size).filter(own);
    loop {
        let open: Vec<u64> = places.by_ref().filter(|&place| !store.knows(place)).take(KEPT_AT_ONCE).collect();
        if open.is_empty() {
            break;
        }
        keep_prices(pricing, store, &open, threads)?;
        bar.inc(open.len() as u64);
    }
    bar.finish_and_clear();
    Ok(())
}

/// Prices what other parts have not priced yet, so that none waits for another, nor for one that died. They begin at the other end.
fn price_what_others_left(pricing: &Pricing<'_>, store: &mut Store<'_>, (size, threads): (u64, usize)) -> Result<()> {
    let step = KEPT_AT_ONCE as u64;
    for end in (0..size.div_ceil(step)).rev() {
        let places = end * step..size.min((end + 1) * step);
        if places.clone().any(|place| !store.knows(place)) {
            store.read()?;
        }
        let open: Vec<u64> = places.filter(|&place| !store.knows(place)).collect();
        keep_prices(pricing, store, &open, threads)?;
    }
    Ok(())
}

fn keep_prices(pricing: &Pricing<'_>, store: &mut Store<'_>, places: &[u64], threads: usize) -> Result<()> {
    let outcomes = pricing.outcomes(places, threads, &|_, _| ControlFlow::Continue(()));
    store.keep(places, outcomes.context("nothing ended the work")?)
}

/// Refuses losses that nothing asks for.
fn heed_losses(args: &ExploreArgs, space: &Space) -> Result<()> {
    if args.losses.is_some() && !space.asks_losses() && space.values_of("kernels").all(|value| value != PLANNED) {
        bail!(
            "--losses changes nothing here: neither kernel-loss is an objective or a limit, nor are kernels planned; add --minimize \
             area,kernel-loss or --vary kernels=planned"
        );
    }
    Ok(())
}

/// The space of a file, or of what was typed.
fn space(args: &ExploreArgs) -> Result<Space> {
    if let Some(file) = &args.space {
        return Ok(Space::parse(&file.display().to_string(), &crate::design::read(file)?)?);
    }
    let space = Space {
        networks: args.networks.clone(),
        designs: args.design.clone(),
        vary: args.vary.clone(),
        goals: goals(&args.minimize, &args.maximize)?,
        limits: args.limit.iter().map(|limit| limit.parse()).collect::<Result<_, explore::ExploreError>>()?,
    };
    space.verify()?;
    Ok(space)
}

/// The command that gives a design's figures again: its price, or a space of it alone where a rate was asked for.
fn again(space: &Space, point: &Point<'_>, constants: &[PathBuf]) -> String {
    if !space.asks_rates() {
        return command(point, constants);
    }
    let mut words = vec![point.network.to_owned(), "--design".into(), point.design.into()];
    for (name, value) in &point.settings {
        words.extend(["--vary".into(), format!("{name}={value}")]);
    }
    words.extend(["--maximize".into(), "rate".into()]);
    let rates = heed::of_rates("");
    let kept: Vec<&str> = rates.iter().map(|idle| idle.option).chain(["constants"]).collect();
    words.extend(of_options(&kept));
    words.iter().fold("tilewright explore".into(), |command, word| command + " " + &quoted(word))
}

/// The command that prices a design again, with the same constants.
pub(super) fn command(point: &Point<'_>, constants: &[PathBuf]) -> String {
    let mut words = vec![point.network.to_owned(), "--design".into(), point.design.into()];
    // That no layer is kept digital, and that there is one kind of macro, is said by leaving the option out.
    let typed = point
        .settings
        .iter()
        .filter(|(name, value)| !["keep-digital", "macro-kinds"].contains(name) || *value != "none");
    for &(name, value) in typed {
        let (value, limit) = match (name, value.split_once(':')) {
            ("objective", Some((objective, limit))) => (objective, Some(limit)),
            _ => (value, None),
        };
        words.extend([format!("--{name}"), value.into()]);
        let option = if value == "latency" { "--budget" } else { "--max-latency" };
        words.extend(limit.into_iter().flat_map(|limit| [option.into(), limit.into()]));
    }
    words.extend(constants.iter().flat_map(|file| ["--constants".into(), file.display().to_string()]));
    words.iter().fold("tilewright cost".into(), |command, word| command + " " + &quoted(word))
}
