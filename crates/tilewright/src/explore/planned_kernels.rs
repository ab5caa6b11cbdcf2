//! A kernel plan that was searched for.

use crate::network::{KernelPlan, NamedLayer, ReplacedLayers};

/// The layers of a network that get 2D+1D kernels, and what that takes and loses.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedKernels {
    /// Crossbars of the whole network, layers that cannot be replaced included.
    pub crossbars: u64,
    /// Losses of the replaced layers, added in execution order.
    pub loss: f64,
    /// How many layers could be replaced.
    pub replaceable: usize,
    /// The replaced layers in execution order.
    pub replaced: Vec<NamedLayer>,
}

impl PlannedKernels {
    /// The plan, with nothing between the 2D and the 1D kernels.
    pub fn plan(&self) -> KernelPlan {
        let Some(first) = self.replaced.first() else { return ReplacedLayers::None.into() };
        let is_uniform = self.replaced.iter().all(|layer| layer.rank == first.rank);
        if self.replaced.len() == self.replaceable && is_uniform {
            return ReplacedLayers::All { rank: first.rank }.into();
        }
        ReplacedLayers::Named(self.replaced.clone()).into()
    }

    /// The normalized ratio: replaced / replaceable layers, 0 if none is replaceable.
    pub fn ratio(&self) -> f64 {
        self.replaced.len() as f64 / self.replaceable.max(1) as f64
    }
}
