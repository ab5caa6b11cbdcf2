//! Batch normalisation merged into the layer before it, as it is before a network is put on crossbars.

use super::{BatchNorm, Network, NetworkError, NodeId, Op, ParametersMut, ScaleShift, Tensor, Weights};
use std::sync::Arc;

impl Network {
    /// The same function with each batch normalisation merged into the convolution or dense layer before it, where that layer
    /// has no other user. The merged layer keeps the layer's name and takes the normalisation's place.
    ///
    /// Weights w become scale · w and biases b become scale · b + shift, per output channel. A normalisation without parameters
    /// is the identity and just goes; one with parameters after a layer without weights stays.
    ///
    /// # Errors
    /// If rebuilding the network fails, which [`Network::verify`] would have said too.
    pub fn fold_batch_norm(&self) -> Result<Self, NetworkError> {
        let uses = self.uses();
        let merged = self.nodes().iter().map(|node| match (&node.op, node.inputs.as_slice()) {
            (Op::BatchNorm(norm), &[layer]) if uses[layer.0] == 1 => merge(&self.node(layer).op, norm),
            _ => None,
        });
        let merged: Vec<Option<Op>> = merged.collect();
        let mut absorbed = vec![false; self.nodes().len()];
        for (node, _) in self.nodes().iter().zip(&merged).filter(|(_, op)| op.is_some()) {
            absorbed[node.inputs[0].0] = true;
        }
        let mut folded = Self::new(self.name.clone(), self.shape(self.input()).to_vec());
        let mut places = vec![self.input(); self.nodes().len()];
        for (id, node) in self.iter().skip(1).filter(|(id, _)| !absorbed[id.0]) {
            let (source, op) = match &merged[id.0] {
                Some(op) => (self.node(node.inputs[0]), op.clone()),
                None => (node, node.op.clone()),
            };
            let inputs: Vec<NodeId> = source.inputs.iter().map(|input| places[input.0]).collect();
            places[id.0] = folded.push(source.name.clone(), op, &inputs)?;
        }
        Ok(folded)
    }
}

/// The layer that does what `layer` and then `norm` do, if there is one.
fn merge(layer: &Op, norm: &BatchNorm) -> Option<Op> {
    let mut layer = layer.clone();
    let ParametersMut { weights, bias } = layer.parameters_mut()?;
    if let Some(ScaleShift { scale, shift }) = &norm.parameters {
        let scaled = scale_outputs(weights.as_ref()?, scale);
        let old = |channel: usize| bias.as_ref().map_or(0.0, |bias| bias[channel]);
        let shifted = (0..scale.len()).map(|channel| scale[channel] * old(channel) + shift[channel]).collect();
        (*weights, *bias) = (Some(scaled), Some(shifted));
    }
    Some(layer)
}

/// Weights times one factor per output channel; quantised weights keep their integers up to the sign.
fn scale_outputs(weights: &Weights, factors: &[f32]) -> Weights {
    let shape = weights.values.shape().to_vec();
    let per_channel = weights.values.values().len() / factors.len();
    let values =
        weights.values.values().iter().enumerate().map(|(index, w)| w * factors[index / per_channel]).collect();
    let scale = weights.scale.as_ref().map(|scale| {
        let channels = factors.iter().zip(scale.iter().cycle());
        channels.map(|(factor, scale)| factor.abs() * scale).collect()
    });
    Weights { values: Arc::new(Tensor::new(shape, values)), scale }
}
