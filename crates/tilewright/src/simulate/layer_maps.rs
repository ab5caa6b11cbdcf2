//! The feature maps around a network's layers, for some images.

use super::SimulateError;
use super::analog::AnalogLayer;
use crate::network::executor::{BATCH, Executor, Images, RunLayer};
use crate::network::{Network, NodeId, Tensor};
use crate::workers;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// The maps that layers take and yield, for sixteen images.
pub(super) struct LayerMaps<'a> {
    network: &'a Network,
    maps: BTreeMap<NodeId, Images>,
}

impl<'a> LayerMaps<'a> {
    /// Runs `executor` on the images from `first` on, at most sixteen.
    pub(super) fn of(
        network: &'a Network,
        executor: &Executor<impl RunLayer>,
        first: u64,
        images: &[Tensor<f32>],
    ) -> Result<Self, SimulateError> {
        let mut kept = vec![false; network.nodes().len()];
        for layer in network.layers() {
            kept[layer.node.0] = true;
            kept[network.node(layer.node).inputs[0].0] = true;
        }
        let mut maps = BTreeMap::new();
        executor.run_from(first, images, &mut |node, images| {
            if kept[node.0] {
                maps.insert(node, images.clone());
            }
        })?;
        Ok(Self { network, maps })
    }

    /// What a layer takes.
    pub(super) fn input(&self, layer: NodeId) -> &Images {
        &self.maps[&self.network.node(layer).inputs[0]]
    }

    /// What a layer yields.
    pub(super) fn output(&self, layer: NodeId) -> &Images {
        &self.maps[&layer]
    }
}

/// `of` every sixteen images, in their order, on several threads. Lanes left over at the end get the first images again, so
/// that no lane is blank.
pub(super) fn for_each_batch<T: Send>(
    images: &[Tensor<f32>],
    threads: usize,
    of: impl Fn(u64, &[Tensor<f32>]) -> Result<T, SimulateError> + Sync,
) -> Result<Vec<T>, SimulateError> {
    let go_on = |_, _| ControlFlow::Continue(());
    let results = workers::in_batches((images.len(), BATCH), threads, &go_on, |batch| {
        let filled: Vec<Tensor<f32>> = images.iter().cycle().skip(batch.start).take(BATCH).cloned().collect();
        of(batch.start as u64, &filled)
    });
    results?.ok_or(SimulateError::Interrupted)
}

/// Nodes of an executor's layers, in execution order.
pub(super) fn nodes(executor: &Executor<AnalogLayer>) -> Vec<NodeId> {
    executor.layers().map(|(node, _)| node).collect()
}
