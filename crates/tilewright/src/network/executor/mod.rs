//! The fast executor, for thousands of images.
//!
//! Sixteen images are computed side by side, one in each lane of the processor's vectors, by all that the processor has
//! (chosen when the program runs). The naive [`reference::float`](super::reference::float) is its oracle. Guaranteed:
//!
//! - The output of an image does not depend on the other images, on their order, or on the processor: every sum is taken in the
//!   order of the weights, in 32 bits, each product and sum rounded once, as fused ones are. A processor without them rounds in
//!   software, and is slow.
//! - It agrees with the oracle, whose sums are of 64 bits, to rounding errors. Where a network rounds to levels
//!   ([`Op::FakeQuantize`]), a rounding error can move a value by one level.
//! - A layer whose model holds integers, weights and inputs, is computed in these integers, exactly: so are mapped and
//!   simulated ones, and all yield the same network bit for bit.
//!
//! Not modelled: gradients, other number types. Memory is sixteen times that of one image's feature maps; that of a map is used
//! again after its last use, and a thread keeps a few for its next images. Images can stop before a layer ([`Underway`]), so that
//! what is fitted on its outputs needs no second run of the layers before it.

mod digital;
mod input_counts;
mod integer;
mod lanes;
mod layer;
mod on_the_way;
mod products;
mod run_layer;
mod statistics;
mod strides;
mod totals;
mod underway;

use super::graph::takes;
use super::integer_layer::IntegerLayer;
use super::{Layer, Network, NetworkError, NodeId, Op, Tensor};
use crate::workers::{self, Watch};
use fearless_simd::Level;
pub use input_counts::{InputCounts, input_counts};
use integer::IntegerConvolution;
pub use integer::rounded;
pub use lanes::{Images, LANES, Lanes, recycle, room};
pub use layer::{Convolution, padded, padded_sides};
pub use on_the_way::OnTheWay;
pub use run_layer::RunLayer;
use std::sync::Arc;
pub use totals::Total;
pub use underway::Underway;

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
    /// What changes its output.
    then: Option<Box<dyn OnTheWay>>,
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
    /// A layer in integers.
    pub(crate) fn exact(layer: IntegerLayer) -> Self {
        Self::Integer(IntegerConvolution::new(layer))
    }

    /// A layer in integer weights and whatever it takes, in floating point.
    pub(crate) fn of_any_inputs(integer: &IntegerLayer) -> Self {
        Self::Float(Convolution::new(integer.layer.shape, &integer.real_weights(), integer.bias.as_deref()))
    }

    /// A layer in the integers that its model holds, else in floating point.
    fn of(network: &Network, layer: &Layer) -> Result<Self, NetworkError> {
        Ok(match IntegerLayer::of_model(network, layer)? {
            Some(integer) => Self::exact(integer),
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

    /// From now on changes the output of a node before any other takes it.
    pub fn change(&mut self, node: NodeId, by: Box<dyn OnTheWay>) {
        self.steps[node.0].then = Some(by);
    }

    /// What a node's output becomes before others take it.
    pub fn changed(&self, node: NodeId, mut output: Images, first: u64) -> Images {
        if let Some(then) = &self.steps[node.0].then {
            then.change(self.level, &mut output, first);
        }
        output
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
        self.check_shapes(images)?;
        let mut outputs = Vec::with_capacity(images.len());
        for (first, images) in (first..).step_by(LANES).zip(images.chunks(LANES)) {
            let together = self.finish(Underway::new(first, lanes::pack(images, self.takes())), watch);
            outputs.extend((0..images.len()).map(|lane| lanes::unpack(&together, lane)));
        }
        Ok(outputs)
    }

    /// Images at the input of the network, at most sixteen, the first of which has the number `first`.
    ///
    /// # Errors
    /// If an image has another shape than the network's input.
    ///
    /// # Panics
    /// If there are more than sixteen.
    pub fn set_out(&self, first: u64, images: &[Tensor<f32>]) -> Result<Underway, NetworkError> {
        assert!(images.len() <= LANES, "{} images side by side", images.len());
        self.check_shapes(images)?;
        Ok(Underway::new(first, lanes::pack(images, self.takes())))
    }

    /// Computes all nodes before `node` that are not computed yet.
    pub fn go_on(&self, underway: &mut Underway, node: NodeId) {
        self.go_on_watched(underway, node.0, &mut |_, _| {});
    }

    /// What the layer at a node yields, computed for this alone; all nodes before it are computed, and it is not.
    ///
    /// # Panics
    /// If the images are elsewhere, or the node is none of the executor's layers.
    pub fn tried(&self, underway: &Underway, node: NodeId) -> Images {
        assert_eq!(underway.outputs.len(), node.0, "images before the node");
        let Step { work: Work::Layer(layer), inputs, shape, .. } = &self.steps[node.0] else {
            panic!("node {} is no layer", node.0)
        };
        layer.run(self.level, underway.output(inputs[0]), underway.first).reshaped(shape.clone())
    }

    /// Computes all other nodes; `watch` sees the output of every one, and the images first.
    fn finish(&self, mut underway: Underway, watch: &mut dyn FnMut(NodeId, &Images)) -> Images {
        watch(NodeId(0), underway.output(NodeId(0)));
        self.go_on_watched(&mut underway, self.steps.len(), watch);
        underway.outputs.pop().flatten().map(Arc::unwrap_or_clone).expect("the last node is the output")
    }

    fn go_on_watched(&self, underway: &mut Underway, end: usize, watch: &mut dyn FnMut(NodeId, &Images)) {
        let Underway { first, outputs } = underway;
        for (node, step) in self.steps.iter().enumerate().take(end).skip(outputs.len()) {
            let kept = |input: &NodeId| outputs[input.0].clone().expect("kept until its last use");
            let mut inputs = step.inputs.iter().map(kept).collect();
            // What nobody else holds is overwritten instead of copied.
            step.ends.iter().for_each(|input| outputs[input.0] = None);
            let output = self.changed(NodeId(node), self.run_step(step, &mut inputs, *first), *first);
            inputs.into_iter().filter_map(Arc::into_inner).for_each(|input| lanes::recycle(input.into_values()));
            watch(NodeId(node), &output);
            outputs.push(Some(Arc::new(output)));
        }
    }

    /// Shape of an image.
    fn takes(&self) -> &[usize] {
        &self.steps[0].shape
    }

    fn check_shapes(&self, images: &[Tensor<f32>]) -> Result<(), NetworkError> {
        let wanted = self.takes();
        match images.iter().find(|image| !takes(wanted, image.shape())) {
            Some(image) => {
                let problem = format!("takes an image of shape {wanted:?}, not {:?}", image.shape());
                Err(NetworkError::Layer { layer: self.name.clone(), problem })
            }
            None => Ok(()),
        }
    }

    /// Takes from `inputs` what is overwritten.
    fn run_step(&self, step: &Step<L>, inputs: &mut Vec<Arc<Images>>, first: u64) -> Images {
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
        Ok(Self { work, then: None, inputs: node.inputs.clone(), ends: vec![], shape: node.shape.clone() })
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

    #[test]
    fn images_that_stop_before_every_layer_end_where_others_do() {
        let network = zoo::build("resnet8").and_then(|network| network.initialize(1)).expect("a network of the zoo");
        let images = [network.random_image(1), network.random_image(2)];
        let executor = Executor::new(&network).expect("it has weights");
        let mut straight = vec![];
        executor
            .run_from(5, &images, &mut |node, map| straight.push((node, map.clone())))
            .expect("images of its shape");
        let mut underway = executor.set_out(5, &images).expect("images of its shape");
        for (node, _) in executor.layers() {
            executor.go_on(&mut underway, node);
            let tried = executor.tried(&underway, node);
            executor.go_on(&mut underway, NodeId(node.0 + 1));
            assert_eq!([&tried, underway.output(node)].map(|map| map == &straight[node.0].1), [true, true]);
        }
        assert!(executor.set_out(0, &[Tensor::filled(vec![1, 2, 2], 0.0)]).is_err());
    }
}
