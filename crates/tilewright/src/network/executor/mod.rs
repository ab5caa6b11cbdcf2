//! The fast floating-point executor, for thousands of images.
//!
//! Sixteen images are computed side by side, one in each lane of the processor's vectors, by all that the processor has
//! (chosen when the program runs). The naive [`reference::float`](super::reference::float) is its oracle. Guaranteed:
//!
//! - The output of an image does not depend on the other images, on their order, or on the width of the vectors: every sum is
//!   taken in the order of the weights, in 32 bits, without fused products.
//! - It agrees with the oracle, whose sums are of 64 bits, to rounding errors. Where a network rounds to levels
//!   ([`Op::FakeQuantize`]), a rounding error can move a value by one level.
//!
//! Not modelled: gradients, other number types. Memory is sixteen times that of one image's feature maps; a map is freed after
//! its last use.

mod digital;
mod lanes;
mod layer;

use super::{Conv, Dense, Network, NetworkError, NodeId, Op, Tensor};
use fearless_simd::Level;
use lanes::{Images, LANES};
use layer::Convolution;
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
pub struct Executor {
    name: String,
    /// One a node, in execution order.
    steps: Vec<Step>,
    level: Level,
}

/// A node made ready to run.
struct Step {
    work: Work,
    inputs: Vec<NodeId>,
    /// The inputs that nobody needs afterwards.
    ends: Vec<NodeId>,
    shape: Vec<usize>,
}

enum Work {
    Layer(Convolution),
    Digital(Op),
}

impl Executor {
    /// Puts the weights in the order they are used.
    ///
    /// # Errors
    /// If a layer has no weights, or an operation is known by name only ([`Op::Opaque`]).
    pub fn new(network: &Network) -> Result<Self, NetworkError> {
        let mut steps = network.iter().map(|(id, _)| Step::new(network, id)).collect::<Result<Vec<Step>, _>>()?;
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
        let wanted = self.steps[0].shape.as_slice();
        if let Some(image) = images.iter().find(|image| image.shape() != wanted) {
            let problem = format!("takes an image of shape {wanted:?}, not {:?}", image.shape());
            return Err(NetworkError::Layer { layer: self.name.clone(), problem });
        }
        let mut outputs = Vec::with_capacity(images.len());
        for images in images.chunks(LANES) {
            let together = self.run_together(lanes::pack(images, wanted));
            outputs.extend((0..images.len()).map(|lane| lanes::unpack(&together, lane)));
        }
        Ok(outputs)
    }

    fn run_together(&self, images: Images) -> Images {
        let mut outputs: Vec<Option<Rc<Images>>> = vec![Some(Rc::new(images))];
        for step in &self.steps[1..] {
            let kept = |input: &NodeId| outputs[input.0].clone().expect("kept until its last use");
            let inputs = step.inputs.iter().map(kept).collect();
            // What nobody else holds is overwritten instead of copied.
            step.ends.iter().for_each(|input| outputs[input.0] = None);
            outputs.push(Some(Rc::new(self.run_step(step, inputs))));
        }
        outputs.pop().flatten().map(Rc::unwrap_or_clone).expect("the last node is the output")
    }

    fn run_step(&self, step: &Step, inputs: Vec<Rc<Images>>) -> Images {
        match &step.work {
            Work::Layer(layer) => layer.run(self.level, &inputs[0]).reshaped(step.shape.clone()),
            Work::Digital(op) => digital::execute(self.level, op, inputs, &step.shape)
                .expect("a network has one input and no opaque node"),
        }
    }
}

impl Step {
    fn new(network: &Network, id: NodeId) -> Result<Self, NetworkError> {
        let node = network.node(id);
        let fail = |problem: String| Err(NetworkError::Layer { layer: node.name.clone(), problem });
        let work = match (&node.op, network.layer(id)) {
            (Op::Conv(Conv { weights, bias, .. }) | Op::Dense(Dense { weights, bias, .. }), Some(layer)) => {
                let Some(weights) = weights else {
                    return fail("has no weights; initialise the network or import a trained one".into());
                };
                Work::Layer(Convolution::new(layer.shape, weights.values.values(), bias.as_deref()))
            }
            (Op::Opaque { operator, .. }, _) => {
                return fail(format!("is a {operator}, which can be listed but not executed"));
            }
            (op, _) => Work::Digital(op.clone()),
        };
        Ok(Self { work, inputs: node.inputs.clone(), ends: vec![], shape: node.shape.clone() })
    }
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
