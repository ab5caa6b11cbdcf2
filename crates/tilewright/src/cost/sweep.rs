//! Many designs of one network, on all processors.

use super::chip::Chip;
use super::{Cost, CostError, CostModel, Library, Settings};
use crate::mapping::scheme::Scheme;
use crate::network::Network;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};

/// One design: a chip and how networks are mapped onto it.
#[derive(Clone, Copy)]
pub struct Design<'a> {
    /// The chip.
    pub chip: &'a Chip,
    /// The mapping scheme.
    pub scheme: &'a dyn Scheme,
}

/// What a network costs on each of many designs, in their order, whatever the number of threads.
///
/// A design that the network does not fit is an error in its place, not of the sweep.
pub fn sweep(
    network: &Network,
    designs: &[Design<'_>],
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

fn price(network: &Network, design: &Design<'_>, library: &Library) -> Result<Cost, CostError> {
    let model = CostModel::new(design.chip, library, Settings::default())?;
    let mapping = model.map(network, design.scheme)?;
    model.cost(network, &mapping)
}
