//! `explore`: the designs of a space that no other one beats.

mod part;
mod rates;
mod search;
pub(super) mod sources;
mod store;

use crate::args::explore::{ExploreArgs, RateArgs, Shard};
use crate::args::parse::Typed;
use crate::args::vary::bracketed;
use crate::command_line::{of_options, quoted};
use crate::{Outcome, heed, interrupt, output, progress, threads};
use anyhow::{Context, Result, bail};
use rates::{Gallery, Rates};
use std::ops::ControlFlow;
use std::path::PathBuf;
use store::Store;
use tilewright::explore::{self, Dropped, Outcomes, PLANNED, Part, Point, Pricing, Rated, Rating, Space, goals};
use tilewright::report::{CommandPattern, Exploration, RatedOn, Searched};
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
    if let Some(evolution) = evolution {
        let tried = search::searched(evolution, &pricing, store, (args.shard, threads))?;
        if let Some(shard) = args.shard {
            say_done(shard);
            return Ok(Outcome::Done);
        }
        let searched = Some(Searched::new(evolution, &tried));
        return write(args, &pricing, (&tried, searched), (None, vec![]));
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
    let mut of_race = Rated::default();
    if gallery.is_some() {
        let mut rates = Rates::open(&sources, &shown, args.store.as_deref(), args.shard.is_some())?;
        of_race = rating.rate(&space, &mut outcomes, part(args.shard), &mut rates)?;
    }
    if let Some(shard) = args.shard {
        say_done(shard);
        return Ok(Outcome::Done);
    }
    let rated = gallery.as_ref().and_then(|gallery| gallery.rated_on(args, of_race.exact));
    write(args, &pricing, (&Outcomes::of_all(outcomes), None), (rated, of_race.dropped))
}

fn write(
    args: &ExploreArgs,
    pricing: &Pricing<'_>,
    (outcomes, searched): (&Outcomes, Option<Searched>),
    rates: (Option<RatedOn>, Vec<Dropped>),
) -> Result<Outcome> {
    let (again, alone) = (again(pricing.space(), &args.constants), alone(pricing.space()));
    let exploration = Exploration::new(pricing, (outcomes, searched), rates, (&again, &training(pricing.space())));
    let document = exploration.document(pricing, outcomes, [&again, &alone]);
    output::result(&args.output, &document.json(output::as_json(&exploration)))?;
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
fn again(space: &Space, constants: &[PathBuf]) -> CommandPattern {
    match space.asks_rates() {
        true => alone(space),
        false => CommandPattern::new(space, "tilewright cost", of_cost, of_files(constants)),
    }
}

/// The command that explores a design as a space of its own.
fn alone(space: &Space) -> CommandPattern {
    let words = |axis: &str, value: &str| match axis {
        "network" => quoted(value),
        "design" => joined(["--design", value]),
        setting => joined(["--vary", &format!("{setting}={}", bracketed(value))]),
    };
    let rates = heed::of_rates("");
    let rates = rates.iter().map(|idle| idle.option).filter(|_| space.asks_rates());
    let kept: Vec<&str> = rates.chain(["constants"]).collect();
    let goals: &[&str] = if space.asks_rates() { &["--maximize", "rate"] } else { &[] };
    let end = goals.iter().map(|&word| word.to_owned()).chain(of_options(&kept));
    CommandPattern::new(space, "tilewright explore", words, joined(end))
}

/// The command that trains the network of a design.
fn training(space: &Space) -> CommandPattern {
    let words = |axis: &str, value: &str| match axis {
        "network" => quoted(value),
        "kernels" => joined(["--kernels", value]),
        _ => String::new(),
    };
    CommandPattern::new(space, "python -m tilewright.train", words, String::new())
}

/// The command that prices a design again, with the same constants.
pub(super) fn command(point: &Point<'_>, constants: &[PathBuf]) -> String {
    let named = [("network", point.network), ("design", point.design)];
    let words = named.iter().chain(&point.settings).map(|(axis, value)| of_cost(axis, value));
    let all = ["tilewright cost".into()].into_iter().chain(words).chain([of_files(constants)]);
    all.filter(|words| !words.is_empty()).collect::<Vec<_>>().join(" ")
}

/// What `cost` is given for the value of an axis.
fn of_cost(axis: &str, value: &str) -> String {
    let (value, limit) = match (axis, value.split_once(':')) {
        // That no layer is kept digital, that there is one kind of macro and that none are shared is said by leaving the option out.
        ("keep-digital" | "macro-kinds", _) if value == "none" => return String::new(),
        ("share-layers", _) => return if value == "yes" { "--share-layers".into() } else { String::new() },
        ("network", _) => return quoted(value),
        ("objective", Some((objective, limit))) => (objective, Some(limit)),
        _ => (value, None),
    };
    let bound = if value == "latency" { "--budget" } else { "--max-latency" };
    let option = format!("--{axis}");
    joined([&*option, value].into_iter().chain(limit.into_iter().flat_map(|limit| [bound, limit])))
}

fn of_files(constants: &[PathBuf]) -> String {
    joined(constants.iter().flat_map(|file| ["--constants".into(), file.display().to_string()]))
}

/// Words as a shell takes them.
fn joined<T: AsRef<str>>(words: impl IntoIterator<Item = T>) -> String {
    words.into_iter().map(|word| quoted(word.as_ref())).collect::<Vec<_>>().join(" ")
}
