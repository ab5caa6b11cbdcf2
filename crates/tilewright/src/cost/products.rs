//! Products off the crossbars, by multiply-accumulate units of the chip.
//!
//! A unit makes one output after another, one product a clock; as many outputs are made at a time as there are units: neighbours in a row,
//! then further channels, then further rows. Each input and each weight that they take is read from the buffer once, since neighbours pass
//! inputs on and share weights (output-stationary: Du et al., ShiDianNao, ISCA 2015). Every [`UNITS_PER_BUS`] units have a bus of the chip's
//! width; what takes longer, multiplying or reading, is how long the layer takes. Layers one after another all have the units to
//! themselves; layers that run at once share them so that each takes as long as all products of an image together.

use super::activity::{Activity, Event};
use super::component::UNITS_PER_BUS;
use super::layer_time::{Bound, LayerTime};
use super::model::CostModel;
use crate::hardware::{Design, Order};
use crate::network::{ConvShape, Network, Node, NodeId, Op};

/// What the units do for one operation of a network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Product {
    pub node: NodeId,
    /// Layers on crossbars before it in execution order.
    pub after: usize,
    pub macs: f64,
    /// Bits read from the buffer and written to it.
    pub buffer_bits: f64,
    pub time: LayerTime,
    /// The part of its input that its first outputs need.
    pub first: f64,
    /// Values of the rows that its windows span and of those that arrive meanwhile.
    pub line_values: f64,
    /// Bits of its weights, held for all images.
    pub weight_bits: f64,
    /// Bits of what it makes.
    pub made_bits: f64,
    /// Rows and columns of its map.
    pub output: [usize; 2],
    /// Rows and columns of outputs that are made at a time.
    pub window: [usize; 2],
    /// How many such windows one after another, each of all channels.
    pub windows: f64,
}

/// All of a network, in execution order; none for a chip without units.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Products {
    pub list: Vec<Product>,
    /// All of an image one after another, in ns.
    pub total_ns: f64,
}

impl Products {
    pub(super) fn is_one(&self, node: NodeId) -> bool {
        self.place(node).is_some()
    }

    /// The place of a node's product.
    pub(super) fn place(&self, node: NodeId) -> Option<usize> {
        self.list.binary_search_by_key(&node, |product| product.node).ok()
    }

    /// What they take for an image.
    pub(super) fn events(&self) -> [(Event, f64); 2] {
        let sum = |of: fn(&Product) -> f64| self.list.iter().map(of).sum();
        [
            (Event::MultiplyAccumulate, sum(|product| product.macs)),
            (Event::BufferBit, sum(|product| product.buffer_bits)),
        ]
    }

    /// The same as an activity.
    pub(super) fn activity(&self) -> Activity {
        let mut activity = Activity::default();
        self.events().into_iter().for_each(|(event, count)| activity[event] = count);
        activity
    }

    /// Bytes that buffers hold for them beyond the feature maps of layers that run one after another.
    pub(super) fn buffer_bytes(&self, chip: &Design) -> f64 {
        let lines = match chip.schedule {
            Order::LayerByLayer => 0.0,
            Order::Pipelined => self.list.iter().map(|product| product.line_values).sum(),
        };
        let weights: f64 = self.list.iter().map(|product| product.weight_bits).sum();
        (lines * f64::from(chip.input_bits) + weights) / 8.0
    }
}

impl CostModel {
    /// What the chip's units do for a network.
    pub(super) fn products(&self, network: &Network) -> Products {
        let chip = self.chip();
        let Some(units) = chip.mac_units() else { return Products::default() };
        let mut after = 0;
        let product = |(node, Node { op, .. }): (NodeId, &Node)| {
            after += usize::from(network.is_layer(node));
            let shape = product_shape(network, node).filter(|_| !network.is_layer(node))?;
            let pass = Pass::new(&shape, units as usize);
            Some(pass.product((chip, &shape), (node, after), !matches!(op, Op::MatMul)))
        };
        let mut list: Vec<Product> = network.iter().filter_map(product).collect();
        let total_ns = list.iter().map(|product| product.time.total_ns).sum();
        if chip.schedule == Order::Pipelined {
            list.iter_mut().for_each(|product| product.time.total_ns = total_ns);
        }
        Products { list, total_ns }
    }
}

/// An operation as a convolution: each image of a product of feature maps `[…, M, K]` × `[…, K, N]` is a group of K channels that make N
/// others on a row of M pixels.
fn product_shape(network: &Network, node: NodeId) -> Option<ConvShape> {
    match network.node(node).op {
        Op::MatMul => {}
        _ => return Some(network.convolution(node)?.shape),
    }
    let shape = network.shape(node);
    let inner = network.shape(network.node(node).inputs[0]).last().copied()?;
    let (rows, columns) = match *shape {
        [.., rows, columns] => (rows, columns),
        [columns] => (1, columns),
        [] => (1, 1),
    };
    let images = shape.iter().product::<usize>() / (rows * columns).max(1);
    Some(ConvShape { groups: images, ..ConvShape::new(inner * images, [1, rows], columns * images, 1) })
}

/// The outputs that are made at a time.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Pass {
    units: usize,
    columns: usize,
    channels: usize,
    rows: usize,
}

impl Pass {
    fn new(shape: &ConvShape, units: usize) -> Self {
        let [height, width] = shape.output();
        let columns = width.min(units);
        let channels = shape.out_channels.min(units / columns);
        let rows = height.min(units / (columns * channels));
        Self { units, columns, channels, rows }
    }

    fn product(
        self,
        (chip, shape): (&Design, &ConvShape),
        (node, after): (NodeId, usize),
        is_weighted: bool,
    ) -> Product {
        let [height, width] = shape.output();
        let blocks = |length: usize, of: usize| length.div_ceil(of) as f64;
        let places = blocks(height, self.rows) * blocks(width, self.columns);
        let passes = places * blocks(shape.out_channels, self.channels);
        let each = (shape.group_inputs() * shape.taps()) as f64;
        let inputs = self.input_pixels(shape) * self.input_channels(shape) as f64;
        let weights = shape.out_channels as f64 * each * places;
        let [input_bits, output_bits] = [chip.input_bits, chip.output_bits].map(f64::from);
        let weight_bits = if is_weighted { f64::from(chip.encoding.weight_bits) } else { input_bits };
        let read_bits = inputs * input_bits + weights * weight_bits;
        let outputs = (shape.out_channels * height * width) as f64;
        let clock_ns = 1.0 / chip.clock_ghz;
        let buses = self.units.div_ceil(UNITS_PER_BUS) as f64;
        let (multiply, read) = (passes * each, read_bits / (buses * f64::from(chip.bus_bits)));
        // After the last product: the sum is rounded and goes through the activation.
        let total_ns = (multiply.max(read) + 2.0) * clock_ns;
        let bound = if read > multiply { Bound::Transfer } else { Bound::Multiply };
        let first_rows = (self.rows - 1) * shape.stride[0] + shape.kernel_extent(0);
        let first = first_rows.saturating_sub(shape.padding.top).max(1) as f64 / shape.input[0] as f64;
        let lines = (first_rows + self.rows * shape.stride[0]).min(shape.input[0]);
        Product {
            node,
            after,
            macs: shape.macs() as f64,
            buffer_bits: read_bits + outputs * output_bits,
            time: LayerTime { steps: 1, cycle_ns: each * clock_ns, total_ns, bound },
            first: first.min(1.0),
            line_values: (lines * shape.input[1] * shape.in_channels) as f64,
            weight_bits: if is_weighted { shape.weights() as f64 * weight_bits } else { 0.0 },
            made_bits: outputs * output_bits,
            output: shape.output(),
            window: [self.rows, self.columns],
            windows: places,
        }
    }

    /// Pixels of a channel that all passes over one block of output channels read together; those of the padding count.
    fn input_pixels(self, shape: &ConvShape) -> f64 {
        let along = |axis: usize, block: usize| {
            let (length, stride) = (shape.output()[axis], shape.stride[axis]);
            let read = |outputs: usize| match outputs {
                0 => 0,
                // Windows apart leave pixels out.
                _ => ((outputs - 1) * stride + shape.kernel_extent(axis)).min(outputs * shape.kernel[axis]),
            };
            (length / block * read(block) + read(length % block)) as f64
        };
        along(0, self.rows) * along(1, self.columns)
    }

    /// Input channels that blocks of output channels read, summed over the blocks.
    fn input_channels(self, shape: &ConvShape) -> usize {
        let groups = |block: usize| {
            let last = ((block + 1) * self.channels).min(shape.out_channels) - 1;
            last / shape.group_outputs() - block * self.channels / shape.group_outputs() + 1
        };
        let blocks = 0..shape.out_channels.div_ceil(self.channels);
        blocks.map(groups).sum::<usize>() * shape.group_inputs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Padding;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// What one pass after another reads: every input (with its padding) and weight that its outputs take, each once.
    fn by_enumeration(shape: &ConvShape, pass: Pass) -> [usize; 3] {
        let [height, width] = shape.output();
        let [mut inputs, mut weights, mut passes] = [0; 3];
        for channel in (0..shape.out_channels).step_by(pass.channels) {
            for row in (0..height).step_by(pass.rows) {
                for column in (0..width).step_by(pass.columns) {
                    let mut pixels = BTreeSet::new();
                    let mut kernels = BTreeSet::new();
                    for out in channel..(channel + pass.channels).min(shape.out_channels) {
                        for y in row..(row + pass.rows).min(height) {
                            for x in column..(column + pass.columns).min(width) {
                                for input in 0..shape.group_inputs() {
                                    let from = out / shape.group_outputs() * shape.group_inputs() + input;
                                    for tap in 0..shape.taps() {
                                        let [i, j] = [tap / shape.kernel[1], tap % shape.kernel[1]];
                                        let y = y * shape.stride[0] + i * shape.dilation[0];
                                        let x = x * shape.stride[1] + j * shape.dilation[1];
                                        pixels.insert((from, y, x));
                                        kernels.insert((out, input, tap));
                                    }
                                }
                            }
                        }
                    }
                    inputs += pixels.len();
                    weights += kernels.len();
                    passes += 1;
                }
            }
        }
        [inputs, weights, passes]
    }

    proptest! {
        #[test]
        fn reads_are_those_of_every_pass(
            (groups, per_group, made) in (1usize..4, 1usize..4, 1usize..4),
            input in (3usize..9, 3usize..9),
            (kernel, stride, padding) in (1usize..4, 1usize..4, 0usize..2),
            units in 1usize..80,
        ) {
            let shape = ConvShape {
                groups,
                padding: Padding::all(padding),
                stride: [stride, stride],
                ..ConvShape::new(groups * per_group, input.into(), groups * made, kernel)
            };
            let pass = Pass::new(&shape, units);
            prop_assert!(pass.columns * pass.channels * pass.rows <= units);
            let chip = Design::preset("generic-22nm").expect("a preset");
            let product = pass.product((&chip, &shape), (NodeId(1), 0), true);
            let [inputs, weights, passes] = by_enumeration(&shape, pass).map(|count| count as f64);
            let outputs = (shape.out_channels * shape.output().iter().product::<usize>()) as f64;
            prop_assert_eq!(product.buffer_bits, 8.0 * (inputs + weights + outputs));
            let each = (shape.group_inputs() * shape.taps()) as f64;
            let buses = units.div_ceil(64) as f64;
            let clocks = (passes * each).max(8.0 * (inputs + weights) / (256.0 * buses)) + 2.0;
            prop_assert!((product.time.total_ns - clocks).abs() < 1e-9 * clocks);
        }
    }

    /// A 2D kernel of 16 channels on 32×32 with 64 units: 32 neighbours of two channels at a time, 8 blocks of channels times 32 rows.
    #[test]
    fn a_2d_layer_by_hand() {
        let shape = ConvShape { groups: 16, padding: Padding::all(1), ..ConvShape::new(16, [32, 32], 16, 3) };
        let pass = Pass::new(&shape, 64);
        assert_eq!(pass, Pass { units: 64, columns: 32, channels: 2, rows: 1 });
        let chip = Design::preset("generic-22nm").expect("a preset");
        let product = pass.product((&chip, &shape), (NodeId(1), 0), true);
        // 256 passes of nine clocks; each reads 3 rows of 34 pixels of two channels and twice nine weights, of 8 bits, on a bus of 256.
        assert_eq!((product.macs, product.time.total_ns), (147_456.0, 256.0 * 9.0 + 2.0));
        assert_eq!(product.buffer_bits, 8.0 * (256.0 * (2.0 * 3.0 * 34.0 + 18.0) + 16_384.0));
        assert_eq!(product.time.bound, Bound::Multiply);
    }
}
