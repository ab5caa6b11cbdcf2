//! Transposed ("up-") convolutions as the ordinary ones they are: one for each phase of the output.
//!
//! With a stride of s, the outputs at places r, r + s, r + 2s … of an axis see the same taps, every (s / gcd(s, dilation))-th, and so are a
//! convolution of stride 1. The phases together have the weights and the products of the transposed convolution; inserting zeros between
//! the inputs instead would multiply by them. Phases that see the same inputs are one layer.

use super::spatial::Convolution;
use super::window::Sides;
use crate::building::Import;
use crate::error::Problem;
use crate::node::OnnxNode;
use std::collections::BTreeMap;
use std::sync::Arc;
use tilewright::network::{NodeId, Op, Tensor, Weights};

/// The most phases, which are products of the strides.
const MOST_PHASES: usize = 1 << 12;

/// A transposed convolution. All lists have one entry a spatial axis.
pub(super) struct Transposed {
    pub sides: Sides,
    pub groups: usize,
    /// `[in_channels, out_channels / groups, kernel…]`.
    pub weights: Weights,
    pub bias: Option<Arc<[f32]>>,
}

/// What the outputs of one phase see on an axis.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Window {
    /// Inputs taken, from the first up to the last.
    inputs: [usize; 2],
    /// Zeros before and after them.
    padding: [usize; 2],
    /// Taps that meet inputs.
    taps: usize,
    dilation: usize,
    /// Outputs of the phase.
    outputs: usize,
}

/// One axis of a phase.
#[derive(Clone, Debug)]
struct Phase {
    window: Window,
    /// The taps of the kernel, in the order in which they meet the inputs.
    taps: Vec<usize>,
}

impl Phase {
    /// Phase `rest` of an axis with `length` inputs and `total` outputs: output `rest + q · stride` is the sum over the taps k whose
    /// input q + (rest + padding − k · dilation) / stride is a whole number.
    fn new(axis: &Axis, rest: usize) -> Self {
        let outputs = axis.total.saturating_sub(rest).div_ceil(axis.stride);
        let offset = |tap: usize| (rest + axis.before) as i64 - (tap * axis.dilation) as i64;
        let taps = (0..axis.kernel).rev().filter(|&tap| offset(tap).rem_euclid(axis.stride as i64) == 0);
        let taps: Vec<usize> = taps.collect();
        let place = |tap: usize| offset(tap).div_euclid(axis.stride as i64);
        let (first, last) = match (taps.first(), taps.last()) {
            (Some(&first), Some(&last)) => (place(first), place(last) + outputs as i64),
            _ => (0, 0),
        };
        let length = axis.length as i64;
        let inputs = [first.clamp(0, length), last.clamp(0, length)];
        let window = Window {
            padding: [(inputs[0] - first).max(0) as usize, (last - inputs[1]).max(0) as usize],
            inputs: inputs.map(|place| place as usize),
            taps: taps.len(),
            dilation: if taps.len() > 1 { (place(taps[1]) - place(taps[0])) as usize } else { 1 },
            outputs,
        };
        Self { window, taps }
    }
}

/// Sizes of an axis.
struct Axis {
    length: usize,
    total: usize,
    kernel: usize,
    stride: usize,
    dilation: usize,
    /// Outputs left out before the first.
    before: usize,
}

impl Axis {
    /// The phases, each as long as the longest once its outputs are filled up.
    fn phases(&self) -> Vec<Phase> {
        (0..self.stride).map(|rest| Phase::new(self, rest)).collect()
    }

    fn longest(&self) -> usize {
        self.total.div_ceil(self.stride)
    }
}

impl Transposed {
    /// Appends the convolution of an input `[in_channels, …]`.
    pub(super) fn push(&self, import: &mut Import, node: &OnnxNode<'_>, input: NodeId) -> Result<NodeId, Problem> {
        let axes = self.axes(node, import.network.shape(input))?;
        let count = axes.iter().fold(1usize, |count, axis| count.saturating_mul(axis.stride));
        if count > MOST_PHASES {
            return Err(node.fail(format!("has {count} phases of its output; at most {MOST_PHASES} are supported")));
        }
        let phases = combinations(&axes.iter().map(Axis::phases).collect::<Vec<_>>());
        let mut alike: BTreeMap<Vec<Window>, Vec<usize>> = BTreeMap::new();
        for (index, phase) in phases.iter().enumerate() {
            let windows: Vec<Window> = phase.iter().map(|axis| axis.window.clone()).collect();
            alike.entry(windows).or_default().push(index);
        }
        // In groups, the output channels of several phases would have to be sorted by group.
        let layers: Vec<(Vec<Window>, Vec<usize>)> = alike
            .into_iter()
            .flat_map(|(windows, members)| match self.groups {
                1 => vec![(windows, members)],
                _ => members.into_iter().map(|member| (windows.clone(), vec![member])).collect(),
            })
            .collect();
        let mut outputs: Vec<Option<NodeId>> = vec![None; phases.len()];
        for (windows, members) in &layers {
            let name = match layers.len() {
                1 => node.name.clone(),
                _ => format!("{}.phase{}", node.name, members[0]),
            };
            let output = self.layer(
                import,
                node,
                &name,
                input,
                windows,
                &members.iter().map(|&m| &phases[m]).collect::<Vec<_>>(),
            )?;
            let output = filled(import, node, output, &axes)?;
            if layers.len() == 1 {
                return self.interleaved(import, node, output, &axes);
            }
            for (place, &member) in members.iter().enumerate() {
                let channels = self.out_channels();
                let cut = Op::Slice { axis: 0, start: place * channels, end: (place + 1) * channels, step: 1 };
                let whole = members.len() == 1;
                outputs[member] = Some(if whole { output } else { import.push_part(node, cut, &[output])? });
            }
        }
        let outputs: Vec<NodeId> = outputs.into_iter().flatten().collect();
        let together = import.push_part(node, Op::Concat { axis: 0 }, &outputs)?;
        self.interleaved(import, node, together, &axes)
    }

    fn axes(&self, node: &OnnxNode<'_>, input: &[usize]) -> Result<Vec<Axis>, Problem> {
        let kernel = &self.weights.values.shape()[2..];
        let channels = self.weights.values.shape()[0];
        if self.groups == 0 || channels != input[0] || !channels.is_multiple_of(self.groups) {
            return Err(node.fail(format!(
                "has weights of shape {:?} in {} groups for {} input channels",
                self.weights.values.shape(),
                self.groups,
                input[0]
            )));
        }
        let Sides { stride, dilation, padding, output_padding, .. } = &self.sides;
        let axis = |axis: usize| {
            let (length, [before, after]) = (input[axis + 1], padding[axis]);
            let reach = (length - 1) * stride[axis] + (kernel[axis] - 1) * dilation[axis] + 1 + output_padding[axis];
            let total = reach.checked_sub(before + after).filter(|&total| total > 0)?;
            Some(Axis { length, total, kernel: kernel[axis], stride: stride[axis], dilation: dilation[axis], before })
        };
        let axes: Option<Vec<Axis>> = (0..kernel.len()).map(axis).collect();
        axes.ok_or_else(|| {
            node.fail(format!("leaves out all of its output: its input is {input:?}, its padding {padding:?}"))
        })
    }

    fn out_channels(&self) -> usize {
        self.weights.values.shape()[1] * self.groups
    }

    /// The outputs of phases that see the same inputs, `[phases · out_channels, …]`.
    fn layer(
        &self,
        import: &mut Import,
        node: &OnnxNode<'_>,
        name: &str,
        input: NodeId,
        windows: &[Window],
        phases: &[&Vec<Phase>],
    ) -> Result<NodeId, Problem> {
        let bias: Option<Arc<[f32]>> =
            self.bias.as_ref().map(|bias| phases.iter().flat_map(|_| bias.iter().copied()).collect());
        if windows.iter().any(|window| window.taps == 0 || window.outputs == 0 || window.inputs[0] >= window.inputs[1])
        {
            return self.without_inputs(import, node, windows, bias.as_deref(), phases.len());
        }
        let mut seen = input;
        for (axis, window) in windows.iter().enumerate() {
            let [start, end] = window.inputs;
            if [start, end] != [0, import.network.shape(seen)[axis + 1]] {
                seen = import.push_part(node, Op::Slice { axis: axis + 1, start, end, step: 1 }, &[seen])?;
            }
        }
        let convolution = Convolution {
            stride: vec![1; windows.len()],
            dilation: windows.iter().map(|window| window.dilation).collect(),
            padding: windows.iter().map(|window| window.padding).collect(),
            groups: self.groups,
            weights: self.kernels(phases),
            bias,
        };
        convolution.push(import, node, name, seen)
    }

    /// Outputs that no tap reaches: the biases.
    fn without_inputs(
        &self,
        import: &mut Import,
        node: &OnnxNode<'_>,
        windows: &[Window],
        bias: Option<&[f32]>,
        phases: usize,
    ) -> Result<NodeId, Problem> {
        let channels = phases * self.out_channels();
        let shape: Vec<usize> =
            std::iter::once(channels).chain(windows.iter().map(|window| window.outputs.max(1))).collect();
        let places: usize = shape[1..].iter().product();
        import.spend(node, channels.saturating_mul(places))?;
        let bias = |channel: usize| bias.map_or(0.0, |bias| bias[channel]);
        let values = (0..channels).flat_map(|channel| std::iter::repeat_n(bias(channel), places)).collect();
        import.push_part(node, Op::Constant(Tensor::new(shape, values).into()), &[])
    }

    /// The weights of phases as those of an ordinary convolution, phase by phase.
    fn kernels(&self, phases: &[&Vec<Phase>]) -> Weights {
        let shape = self.weights.values.shape();
        let (group_inputs, group_outputs) = (shape[0] / self.groups, shape[1]);
        let size: usize = shape[2..].iter().product();
        let mut values = vec![];
        for phase in phases {
            let taps = taps(phase, &shape[2..]);
            for to in 0..self.out_channels() {
                for channel in 0..group_inputs {
                    let from = to / group_outputs * group_inputs + channel;
                    let kernel = (from * group_outputs + to % group_outputs) * size;
                    values.extend(taps.iter().map(|tap| self.weights.values.values()[kernel + tap]));
                }
            }
        }
        let kernel = phases[0].iter().map(|axis| axis.taps.len());
        let axes = [phases.len() * self.out_channels(), group_inputs].into_iter().chain(kernel).collect();
        let scale = self.weights.scale.as_ref().map(|scale| match scale.len() {
            1 => scale.clone(),
            // One a channel of a group's outputs, which ONNX keeps on the axis that groups share.
            _ => (0..phases.len() * self.groups).flat_map(|_| scale.iter().copied()).collect(),
        });
        Weights { values: Arc::new(Tensor::new(axes, values)), scale }
    }

    /// Phases `[phases · out_channels, …]` put where they belong in the output.
    fn interleaved(
        &self,
        import: &mut Import,
        node: &OnnxNode<'_>,
        phases: NodeId,
        axes: &[Axis],
    ) -> Result<NodeId, Problem> {
        let count = axes.len();
        let mut output = phases;
        if axes.iter().any(|axis| axis.stride > 1) {
            let strides = axes.iter().map(|axis| axis.stride);
            let longest = axes.iter().map(Axis::longest);
            let split = strides.chain([self.out_channels()]).chain(longest).collect();
            let split = import.push_part(node, Op::Reshape { shape: split }, &[output])?;
            let order = std::iter::once(count).chain((0..count).flat_map(|axis| [count + 1 + axis, axis])).collect();
            let turned = import.push_part(node, Op::Transpose { order }, &[split])?;
            let lengths = axes.iter().map(|axis| axis.longest() * axis.stride);
            let shape = std::iter::once(self.out_channels()).chain(lengths).collect();
            output = import.push_part(node, Op::Reshape { shape }, &[turned])?;
        }
        for (axis, sizes) in axes.iter().enumerate() {
            if sizes.total < import.network.shape(output)[axis + 1] {
                let cut = Op::Slice { axis: axis + 1, start: 0, end: sizes.total, step: 1 };
                output = import.push_part(node, cut, &[output])?;
            }
        }
        Ok(output)
    }
}

/// Phases shorter than the longest filled up with zeros, which are cut off later.
fn filled(import: &mut Import, node: &OnnxNode<'_>, output: NodeId, axes: &[Axis]) -> Result<NodeId, Problem> {
    let own = import.network.shape(output);
    let missing: Vec<usize> = axes.iter().zip(&own[1..]).map(|(axis, &length)| axis.longest() - length).collect();
    if missing.iter().all(|&length| length == 0) {
        return Ok(output);
    }
    let after = std::iter::once(0).chain(missing).collect();
    import.push_part(node, Op::Pad { before: vec![0; axes.len() + 1], after, value: 0.0 }, &[output])
}

/// Flat places in the kernel of the taps of a phase.
fn taps(phase: &[Phase], kernel: &[usize]) -> Vec<usize> {
    phase.iter().zip(kernel).fold(vec![0], |places, (axis, &length)| {
        places.iter().flat_map(|place| axis.taps.iter().map(move |tap| place * length + tap)).collect()
    })
}

/// One phase of each axis, in row-major order.
fn combinations(axes: &[Vec<Phase>]) -> Vec<Vec<Phase>> {
    axes.iter().fold(vec![vec![]], |all, axis| {
        all.iter()
            .flat_map(|before| axis.iter().map(move |phase| [before.as_slice(), std::slice::from_ref(phase)].concat()))
            .collect()
    })
}
