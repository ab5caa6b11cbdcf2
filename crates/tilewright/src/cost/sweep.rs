//! One network on many designs, on all processors.

use super::{Cost, CostError, CostModel, Library, Settings};
use crate::hardware::{Design, each};
use crate::mapping::scheme;
use crate::network::Network;
use std::num::NonZero;
use std::ops::ControlFlow;

/// What a network costs on each of many designs, in their order, whatever the number of threads.
///
/// A design that the network does not fit is an error in its place, not of the sweep.
pub fn sweep(
    network: &Network,
    designs: &[Design],
    library: &Library,
    threads: NonZero<usize>,
) -> Vec<Result<Cost, CostError>> {
    each(designs, threads.get(), &|_, _| ControlFlow::Continue(()), |design| price(network, design, library))
        .expect("nothing ends it")
}

fn price(network: &Network, design: &Design, library: &Library) -> Result<Cost, CostError> {
    let model = CostModel::new(design, library, Settings::default())?;
    let mapping = model.map(network, scheme::find(&design.scheme)?)?;
    model.cost(network, &mapping)
}
