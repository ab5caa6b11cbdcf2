//! The integers a model holds: those of its weights, and those it rounds the inputs of layers to.

use super::integer_layer::{InputGrid, grid_of};
use super::{Network, Weights};

/// By layer, in execution order, what a model holds; nothing where it is in floating point.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldIntegers {
    /// The layers' names.
    pub layers: Vec<String>,
    /// Least and greatest integer of the weights, 0 among them.
    pub weights: Vec<Option<[i32; 2]>>,
    /// The integers of the inputs.
    pub inputs: Vec<Option<InputGrid>>,
}

impl HeldIntegers {
    /// What a network holds.
    pub fn of(network: &Network) -> Self {
        let layers = network.layers();
        let node = |layer: &super::Layer| network.node(layer.node);
        let weights = |layer: &super::Layer| node(layer).op.weights().and_then(range_of);
        Self {
            weights: layers.iter().map(weights).collect(),
            inputs: layers.iter().map(|layer| grid_of(network, node(layer).inputs[0])).collect(),
            layers: layers.into_iter().map(|layer| layer.name).collect(),
        }
    }
}

/// Least and greatest integer of weights that came quantised.
fn range_of(Weights { values, scale }: &Weights) -> Option<[i32; 2]> {
    let scale = scale.as_ref()?;
    let channels = values.shape()[0].max(1);
    let kernels = values.values().chunks((values.values().len() / channels).max(1));
    let integers = kernels.zip(scale.iter().cycle()).flat_map(|(kernel, scale)| {
        // What is no number or beyond every encoding is for whoever takes the integers to refuse.
        kernel.iter().map(move |weight| (weight / scale).round_ties_even() as i32)
    });
    Some(integers.fold([0, 0], |[least, greatest], integer| [least.min(integer), greatest.max(integer)]))
}
