//! A network without rounding between its layers: what hardware computes that passes analog values on.
//!
//! A quantiser rounds and clips. Networks are trained with both, and exporters fold a ReLU into the ends of the quantiser behind it: so the clip
//! stays, and the steps go. What is rounded before any layer sees it stays rounded, because a digital-to-analog converter drives it.

use super::{Activation, Network, NodeId, Op};

impl Network {
    /// For each node whether a layer on crossbars is before it, or it is one itself: whether its output depends on currents.
    pub(crate) fn behind_layers(&self) -> Vec<bool> {
        let mut behind: Vec<bool> = Vec::with_capacity(self.nodes().len());
        for (id, node) in self.iter() {
            behind.push(self.is_layer(id) || node.inputs.iter().any(|input| behind[input.0]));
        }
        behind
    }

    /// The same network, node by node, in which quantisers behind layers clip and do not round.
    pub(crate) fn unrounded(&self) -> Self {
        let behind = self.behind_layers();
        self.clone().with_ops(|NodeId(place), node| match &node.op {
            Op::FakeQuantize { scale, zero_point, range } if behind[place] => {
                let [min, max] = range.map(|end| end.saturating_sub(*zero_point) as f32 * scale);
                Some(Op::Activation(Activation::Clip { min, max }))
            }
            // Its ends are the greatest values themselves.
            Op::DynamicQuantize if behind[place] => {
                Some(Op::Activation(Activation::Clip { min: f32::NEG_INFINITY, max: f32::INFINITY }))
            }
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{Conv, Pool};

    #[test]
    fn quantisers_behind_layers_clip() {
        let quantiser = |zero_point: i32, range: [i32; 2]| Op::FakeQuantize { scale: 0.5, zero_point, range };
        let mut network = Network::new("net", vec![1, 4, 4]);
        let input = network.then(network.input(), quantiser(0, [-8, 7])).expect("a quantiser");
        let layer = network.conv("conv", input, Conv::same(2, 3)).expect("a layer");
        let folded = network.then(layer, quantiser(-8, [-8, 7])).expect("a quantiser");
        let signed = network.then(folded, quantiser(2, [-8, 7])).expect("a quantiser");
        network.pool(signed, Pool::max(2, 2)).expect("it fits");
        let unrounded = network.unrounded();
        let op = |node: NodeId| &unrounded.node(node).op;
        let clip = |min, max| Op::Activation(Activation::Clip { min, max });
        assert_eq!([op(input), op(folded), op(signed)], [&quantiser(0, [-8, 7]), &clip(0.0, 7.5), &clip(-5.0, 2.5)]);
        assert_eq!(network.behind_layers(), [false, false, true, true, true, true]);
        assert_eq!(unrounded.verify(), Ok(()));
    }
}
