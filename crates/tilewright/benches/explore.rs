//! How fast spaces are explored: run with `cargo bench -p tilewright --bench explore`. `docs/benchmarks.md` keeps a record.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};
use tilewright::cost::Library;
use tilewright::explore::{Evolution, ISLANDS, Memory, Outcome, Outcomes, Pricing, Sources, Space};
use tilewright::hardware::Design;
use tilewright::network::zoo;
use tilewright::simulate::Watch;

const ON: Watch<'static> = &|_, _| ControlFlow::Continue(());

fn main() {
    let vary = "crossbar = [32, 48, 64, 80, 96, 112, 128, 160, 192, 256]\ncell-bits = [1, 2, 4, 8]\ninput-bits = [1, 2, 4, 6, 8]\n\
                adc-bits = [4, 5, 6, 7, 8]\nadc = [\"walden-typical\", \"walden-best\", \"andrulis\", \"neurosim-sar\", \"zigzag-imc\"]\n\
                scheme = [\"im2col\", \"kernel-position\"]\nschedule = [\"layer-by-layer\", \"pipelined\"]";
    priced("vgg8", false, vary);
    let vary = "crossbar = [64, 128, 256]\ncell-bits = [2, 4]\nactive-rows = [9, 16, 32]\nencoding = [\"differential\", \"offset\"]\n\
                scheme = [\"im2col\", \"kernel-position\", \"smd\", \"sdk\", \"vw-sdk\"]\nmac-units = [16, 64, 256, 1024]";
    priced("resnet20", true, vary);
}

/// Prices every design of a space, takes the front, and searches the space with a tenth of the trials.
fn priced(network: &str, has_weights: bool, vary: &str) {
    let text = format!(
        "networks = [\"{network}\"]\ndesigns = [\"generic-22nm\"]\n\
         objectives.minimize = [\"area\", \"latency\", \"energy\"]\n[vary]\n{vary}"
    );
    let space = Space::parse("space.toml", &text).expect("a space");
    let built = zoo::build(network).expect("of the zoo");
    let built = if has_weights { built.initialize(0).expect("it has no weights") } else { built };
    let layers = built.layers().len() as f64;
    let chips = BTreeMap::from([("generic-22nm".into(), Design::preset("generic-22nm").expect("a preset"))]);
    let sources = Sources::new(BTreeMap::from([(network.into(), built)]), chips, Library::built_in());
    let pricing = Pricing::new(&space, &sources).expect("a space");
    let places: Vec<u64> = (0..space.size()).collect();
    println!("{network}{}, {} designs, one thread", if has_weights { " with weights" } else { "" }, places.len());

    let begin = Instant::now();
    let outcomes = pricing.outcomes(&places, 1, ON).expect("nothing ended it");
    let time = begin.elapsed();
    let layer_evaluations = layers * places.len() as f64 / time.as_secs_f64();
    println!("  priced     {:>10.1?} a design, {layer_evaluations:.0} layers a second", each(time, places.len()));

    let outcomes = Outcomes::of_all(outcomes);
    let begin = Instant::now();
    let front = pricing.front(&outcomes);
    println!("  front      {:>10.1?} a design, {} on it", each(begin.elapsed(), places.len()), front.points().len());

    let search = Evolution { trials: Evolution::FEWEST.max(space.size() / 10), seed: 0 };
    let begin = Instant::now();
    let Ok(tried) = search.tried(&pricing, &(0..ISLANDS).collect::<Vec<_>>(), &Nothing, (1, ON));
    let tried = tried.expect("nothing ended it");
    println!("  searched   {:>10.1?} a trial, {} tried", each(begin.elapsed(), search.trials as usize), tried.len());
}

fn each(time: Duration, count: usize) -> Duration {
    time / u32::try_from(count).expect("a small space")
}

/// Every island prices for itself.
struct Nothing;

impl Memory for Nothing {
    type Error = std::convert::Infallible;

    fn known(&self, _: u64) -> Option<Outcome> {
        None
    }

    fn keep(&self, _: u64, _: &Outcome) -> Result<(), Self::Error> {
        Ok(())
    }
}
