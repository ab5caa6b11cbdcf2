//! Layers that take the results of the one before them as they are made, with no feature map stored between.
//!
//! A layer of 1×1 kernels needs of each place of its input no more than what the layer before makes there. Where both cut the map into
//! windows of which the larger ones are made of whole smaller ones, a window goes from the registers of the one to those of the other,
//! and both run at once. The maker waits while its last window is not taken. Between them lie at most operations on single values.

use super::activity::Work;
use super::products::{Product, Products};
use crate::hardware::{Chains, Design};
use crate::mapping::{LayerMapping, Mapping};
use crate::network::{Network, NodeId, Op};

/// What makes the map that a layer takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Maker {
    /// A layer on crossbars, by its place.
    Layer(usize),
    /// Multiply-accumulate units, by the place of the product.
    Product(usize),
}

/// How a layer takes what is made before it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Chain {
    pub maker: Maker,
    /// The node that makes the map.
    pub node: NodeId,
    /// Windows that are handed over one after another.
    pub windows: f64,
}

/// For each layer on crossbars what it takes without a map between, if the chip does so and the windows allow it.
pub(super) fn chains(
    chip: &Design,
    network: &Network,
    mapping: &Mapping,
    (works, products): (&[Work], &Products),
) -> Vec<Option<Chain>> {
    let mut chains = vec![None; mapping.layers.len()];
    if chip.chains == Chains::Stored {
        return chains;
    }
    // Crossbars that several layers use may not be free when a window is made.
    let holders = mapping.holders();
    let is_alone = |place: usize| holders.iter().filter(|&&holder| holder == holders[place]).count() == 1;
    let (mut uses, mut before, mut place) = (network.uses(), None, 0);
    uses[network.output().0] += 1;
    for (id, _) in network.iter() {
        let Some(task) = task(network, products, id, place) else { continue };
        if let Maker::Layer(this) = task {
            place += 1;
            // Only of what runs directly before it.
            let maker = before.filter(|&(_, node)| is_alone(this) && makes_all(network, (node, id), &uses));
            chains[this] = maker.and_then(|(maker, node)| {
                let taken = Windows::of_layer(&mapping.layers[this], &works[this])?;
                let made = match maker {
                    Maker::Layer(maker) if !is_alone(maker) => return None,
                    Maker::Layer(maker) => Windows::of_layer(&mapping.layers[maker], &works[maker])?,
                    Maker::Product(product) => Windows::of_product(&products.list[product])?,
                };
                let takes_places = is_pointwise(&mapping.layers[this]);
                let windows = made.number.min(taken.number);
                (takes_places && made.nest(taken)).then_some(Chain { maker, node, windows })
            });
        }
        before = Some((task, id));
    }
    chains
}

fn task(network: &Network, products: &Products, id: NodeId, place: usize) -> Option<Maker> {
    match network.is_layer(id) {
        true => Some(Maker::Layer(place)),
        false => products.place(id).map(Maker::Product),
    }
}

/// Whether all that a layer takes is what a node makes, with operations on single values between, and nothing else takes that.
fn makes_all(network: &Network, (maker, layer): (NodeId, NodeId), uses: &[usize]) -> bool {
    let mut at = layer;
    loop {
        let [input] = network.node(at).inputs[..] else { return false };
        if uses[input.0] != 1 {
            return false;
        }
        if input == maker {
            return true;
        }
        if !matches!(network.node(input).op, Op::Activation(_) | Op::FakeQuantize { .. } | Op::BatchNorm(_)) {
            return false;
        }
        at = input;
    }
}

fn is_pointwise(layer: &LayerMapping) -> bool {
    let shape = &layer.shape;
    shape.taps() == 1 && shape.stride == [1, 1] && shape.groups == 1 && shape.output() == shape.input
}

/// The windows that a map is made or taken in.
#[derive(Clone, Copy)]
struct Windows {
    /// Rows and columns of one.
    size: [usize; 2],
    /// How many one after another.
    number: f64,
}

impl Windows {
    /// Those of a layer; none if some overlap.
    fn of_layer(layer: &LayerMapping, work: &Work) -> Option<Self> {
        let size = layer.tiling.window;
        Self { size, number: (work.cycles / work.turns).ceil() }.that_cut(layer.shape.output())
    }

    fn of_product(product: &Product) -> Option<Self> {
        Self { size: product.window, number: product.windows }.that_cut(product.output)
    }

    fn that_cut(self, map: [usize; 2]) -> Option<Self> {
        (0..2).all(|axis| map[axis].is_multiple_of(self.size[axis])).then_some(self)
    }

    /// Whether the larger ones are made of whole smaller ones.
    fn nest(self, other: Self) -> bool {
        let holds = |large: Self, small: Self| (0..2).all(|axis| large.size[axis].is_multiple_of(small.size[axis]));
        holds(self, other) || holds(other, self)
    }
}
