//! The fast executor, for thousands of images.
//!
//! Sixteen images are computed side by side, one in each lane of the processor's vectors, by all that the processor has
//! (chosen when the program runs). The naive [`reference::float`](super::reference::float) is its oracle. Guaranteed:
//!
//! - The output of an image does not depend on the other images, on their order, or on the width of the vectors: every sum is
//!   taken in the order of the weights, in 32 bits, without fused products.
//! - It agrees with the oracle, whose sums are of 64 bits, to rounding errors. Where a network rounds to levels
//!   ([`Op::FakeQuantize`]), a rounding error can move a value by one level.
//! - A layer whose model holds integers, weights and inputs, is computed in these integers, exactly: so are mapped and
//!   simulated ones, and all yield the same network bit for bit.
//!
//! Not modelled: gradients, other number types. Memory is sixteen times that of one image's feature maps; that of a map is used
//! again after its last use, and a thread keeps a few for its next images.

mod digital;
mod input_counts;
mod integer;
mod lanes;
mod layer;
mod products;
mod run_layer;
mod statistics;
mod strides;

use super::graph::takes;
use super::integer_layer::IntegerLayer;
use super::{Layer, Network, NetworkError, NodeId, Op, Tensor};
use crate::workers::{self, Watch};
use fearless_simd::Level;
pub use input_counts::{InputCounts, input_counts};
use integer::IntegerConvolution;
pub use lanes::{Images, LANES, Lanes, recycle, room};
pub use layer::{Convolution, padded, padded_sides};
pub use run_layer::RunLayer;
use std::rc::Rc;

/// Images that are computed together: as fast to run as one. Give [`Executor::run`] a multiple of it.
pub const BATCH: usize = LANES;

/// A network made ready to run.
///
/// ```
/// use tilewright::network::{executor::Executor, zoo};
///
/// let network = zoo::build("lenet5")?.initialize(1)?;
/// let scores = Executor::new(&network)?.run(&[network.random_image(1), network.random_image(2)])?;
/// assert_eq!((scores.len(), scores[0].shape()), (2, [10].as_slice()));
/// # Ok::<(), tilewright::network::NetworkError>(())
/// ```
pub struct Executor<L = Arithmetic> {
    name: String,
    /// One a node, in execution order.
    steps: Vec<Step<L>>,
    level: Level,
}

/// A node made ready to run.
struct Step<L> {
    work: Work<L>,
    inputs: Vec<NodeId>,
    /// The inputs that nobody needs afterwards.
    ends: Vec<NodeId>,
    shape: Vec<usize>,
}

enum Work<L> {
    Layer(L),
    /// A layer that is kept digital, in the arithmetic of its model.
    Kept(Arithmetic),
    Digital(Op),
}

/// The arithmetic of a layer: integers where the model holds integers, else floating point.
pub enum Arithmetic {
    /// In floating point.
    Float(Convolution),
    /// In exact integers.
    Integer(IntegerConvolution),
}

impl RunLayer for Arithmetic {
    fn run(&self, level: Level, input: &Images, first: u64) -> Images {
        match self {
            Self::Float(layer) => layer.run(level, input, first),
            Self::Integer(layer) => layer.run(level, input, first),
        }
    }
}

impl Executor {
    /// Puts the weights in the order they are used.
    ///
    /// # Errors
    /// If a layer has no weights, one of them is not a number, or an operation is known by name only ([`Op::Opaque`]).
    pub fn new(network: &Network) -> Result<Self, NetworkError> {
        network.verify_finite()?;
        Self::with_layers(network, |layer| Arithmetic::of(network, &layer))
    }
}

impl Arithmetic {
    /// A layer in the integers that its model holds, else in floating point.
    fn of(network: &Network, layer: &Layer) -> Result<Self, NetworkError> {
        Ok(match IntegerLayer::of_model(network, layer)? {
            Some(integer) => Self::Integer(IntegerConvolution::new(integer)),
            None => Self::Float(convolution(network, layer)?),
        })
    }
}

impl<L: RunLayer> Executor<L> {
    /// An executor whose layers are made by `make`, in execution order.
    ///
    /// # Errors
    /// If `make` fails, or an operation is known by name only ([`Op::Opaque`]).
    pub fn with_layers<E: From<NetworkError>>(
        network: &Network,
        mut make: impl FnMut(Layer) -> Result<L, E>,
    ) -> Result<Self, E> {
        let steps = network.iter().map(|(id, _)| Step::new(network, id, &mut make));
        let mut steps = steps.collect::<Result<Vec<Step<L>>, E>>()?;
        let mut needed = vec![false; steps.len()];
        needed[network.output().0] = true;
        for step in steps.iter_mut().rev() {
            for &input in &step.inputs {
                if !std::mem::replace(&mut needed[input.0], true) {
                    step.ends.push(input);
                }
            }
        }
        Ok(Self { name: network.name.clone(), steps, level: Level::new() })
    }

    /// The network's output for each image; all images have the network's input shape.
    ///
    /// # Errors
    /// If an image has another shape.
    pub fn run(&self, images: &[Tensor<f32>]) -> Result<Vec<Tensor<f32>>, NetworkError> {
        self.run_from(0, images, &mut |_, _| {})
    }

    /// The network's output for each of `count` images, which `image` makes by their number, on several threads; `None` if `watch`
    /// ended the work. The result does not depend on the threads.
    ///
    /// # Errors
    /// If an image has another shape than the network's input.
    pub fn run_all(
        &self,
        count: usize,
        threads: usize,
        watch: Watch<'_>,
        image: impl Fn(usize) -> Tensor<f32> + Sync,
    ) -> Result<Option<Vec<Tensor<f32>>>, NetworkError>
    where
        L: Sync,
    {
        let outputs = workers::in_batches((count, BATCH), threads, watch, |batch| {
            self.run(&batch.map(&image).collect::<Vec<_>>())
        })?;
        Ok(outputs.map(|batches| batches.into_iter().flatten().collect()))
    }

    /// The layer at a node, if it is one.
    pub fn layer_mut(&mut self, node: NodeId) -> Option<&mut L> {
        match &mut self.steps[node.0].work {
            Work::Layer(layer) => Some(layer),
            Work::Kept(_) | Work::Digital(_) => None,
        }
    }

    /// The layers in execution order.
    pub fn layers(&self) -> impl Iterator<Item = (NodeId, &L)> {
        self.steps.iter().enumerate().filter_map(|(node, step)| match &step.work {
            Work::Layer(layer) => Some((NodeId(node), layer)),
            Work::Kept(_) | Work::Digital(_) => None,
        })
    }

    /// The network's output for each image, the first of which has the number `first`; `watch` sees the output of every node
    /// for sixteen images at a time.
    ///
    /// # Errors
    /// If an image has another shape.
    pub fn run_from(
        &self,
        first: u64,
        images: &[Tensor<f32>],
        watch: &mut dyn FnMut(NodeId, &Images),
    ) -> Result<Vec<Tensor<f32>>, NetworkError> {
        let wanted = self.steps[0].shape.as_slice();
        if let Some(image) = images.iter().find(|image| !takes(wanted, image.shape())) {
            let problem = format!("takes an image of shape {wanted:?}, not {:?}", image.shape());
            return Err(NetworkError::Layer { layer: self.name.clone(), problem });
        }
        let mut outputs = Vec::with_capacity(images.len());
        for (first, images) in (first..).step_by(LANES).zip(images.chunks(LANES)) {
            let together = self.run_together(lanes::pack(images, wanted), first, watch);
            outputs.extend((0..images.len()).map(|lane| lanes::unpack(&together, lane)));
        }
        Ok(outputs)
    }

    fn run_together(&self, images: Images, first: u64, watch: &mut dyn FnMut(NodeId, &Images)) -> Images {
        watch(NodeId(0), &images);
        let mut outputs: Vec<Option<Rc<Images>>> = vec![Some(Rc::new(images))];
        for (node, step) in self.steps.iter().enumerate().skip(1) {
            let kept = |input: &NodeId| outputs[input.0].clone().expect("kept until its last use");
            let mut inputs = step.inputs.iter().map(kept).collect();
            // What nobody else holds is overwritten instead of copied.
            step.ends.iter().for_each(|input| outputs[input.0] = None);
            let output = self.run_step(step, &mut inputs, first);
            inputs.into_iter().filter_map(Rc::into_inner).for_each(|input| lanes::recycle(input.into_values()));
            watch(NodeId(node), &output);
            outputs.push(Some(Rc::new(output)));
        }
        outputs.pop().flatten().map(Rc::unwrap_or_clone).expect("the last node is the output")
    }

    /// Takes from `inputs` what is overwritten.
    fn run_step(&self, step: &Step<L>, inputs: &mut Vec<Rc<Images>>, first: u64) -> Images {
        match &step.work {
            Work::Layer(layer) => layer.run(self.level, &inputs[0], first).reshaped(step.shape.clone()),
            Work::Kept(layer) => layer.run(self.level, &inputs[0], first).reshaped(step.shape.clone()),
            Work::Digital(op) => digital::execute(self.level, op, inputs, &step.shape)
                .expect("a network has one input and no opaque node"),
        }
    }
}

impl<L> Step<L> {
    fn new<E: From<NetworkError>>(
        network: &Network,
        id: NodeId,
        make: &mut impl FnMut(Layer) -> Result<L, E>,
    ) -> Result<Self, E> {
        let node = network.node(id);
        let work = match (&node.op, network.layer(id)) {
            (_, Some(layer)) => Work::Layer(make(layer)?),
            (Op::Opaque { operator, .. }, None) => {
                let problem = format!("is a {operator}, which can be listed but not executed");
                return Err(NetworkError::Layer { layer: node.name.clone(), problem }.into());
            }
            (op, None) => match network.convolution(id) {
                Some(kept) => Work::Kept(Arithmetic::of(network, &kept)?),
                None => Work::Digital(op.clone()),
            },
        };
        Ok(Self { work, inputs: node.inputs.clone(), ends: vec![], shape: node.shape.clone() })
    }
}

/// A layer of a network in floating point.
pub(super) fn convolution(network: &Network, layer: &Layer) -> Result<Convolution, NetworkError> {
    let op = &network.node(layer.node).op;
    let Some(weights) = op.weights() else {
        let problem = "has no weights; initialise the network or import a trained one".into();
        return Err(NetworkError::Layer { layer: layer.name.clone(), problem });
    };
    Ok(Convolution::new(layer.shape, weights.values.values(), op.bias().map(|bias| &**bias)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::zoo;

    #[test]
    fn every_width_of_vectors_gives_the_same_bits() {
        let network = zoo::build("resnet8").and_then(|network| network.initialize(1)).expect("a network of the zoo");
        let images = [network.random_image(1), network.random_image(2)];
        let mut executor = Executor::new(&network).expect("it has weights");
        let widest = executor.run(&images).expect("images of its shape");
        executor.level = Level::baseline();
        assert_eq!(executor.run(&images).expect("images of its shape"), widest);
    }
}
