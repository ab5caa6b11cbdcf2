//! One network on many designs, on all processors.

use super::{Cost, CostError, CostModel, Library, Settings};
use crate::hardware::Design;
use crate::mapping::scheme;
use crate::network::Network;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What a network costs on each of many designs, in their order, whatever the number of threads.
///
/// A design that the network does not fit is an error in its place, not of the sweep.
pub fn sweep(
    network: &Network,
    designs: &[Design],
    library: &Library,
    threads: NonZero<usize>,
) -> Vec<Result<Cost, CostError>> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(design) = designs.get(place) else { return done };
            done.push((place, price(network, design, library)));
        }
    };
    let mut results: Vec<(usize, Result<Cost, CostError>)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.get()).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a worker does not panic")).collect()
    });
    results.sort_unstable_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}

fn price(network: &Network, design: &Design, library: &Library) -> Result<Cost, CostError> {
    let model = CostModel::new(design, library, Settings::default())?;
    let mapping = model.map(network, scheme::find(&design.scheme)?)?;
    model.cost(network, &mapping)
}
