//! Random mapping problems: a layer of any kind, a crossbar of any size, an encoding and rules.

use proptest::prelude::*;
use tilewright::mapping::{CrossbarSize, Encoding, GroupRule, RowSplit, SignRule, SubImageWindow, Target};
use tilewright::network::{ConvShape, Padding, Tensor};

/// A layer with integer weights and inputs, and what it is mapped onto.
#[derive(Clone, Debug)]
pub(crate) struct MappingProblem {
    pub(crate) shape: ConvShape,
    pub(crate) target: Target,
    pub(crate) seed: u64,
}

impl MappingProblem {
    /// Weights within the encoding's range, drawn from the seed, zeros and both ends among them.
    pub(crate) fn weights(&self) -> Tensor<i32> {
        let shape = &self.shape;
        let axes = vec![shape.out_channels, shape.group_inputs(), shape.kernel[0], shape.kernel[1]];
        integers(axes, self.target.encoding.weight_range(), self.seed)
    }

    /// Inputs of 8 bits and sign.
    pub(crate) fn input(&self) -> Tensor<i32> {
        let shape = &self.shape;
        integers(
            vec![shape.in_channels, shape.input[0], shape.input[1]],
            [-255, 255],
            self.seed ^ 0x9e37_79b9_7f4a_7c15,
        )
    }
}

/// Values between two ends, both among them, drawn from the seed.
pub(crate) fn integers(axes: Vec<usize>, [least, greatest]: [i32; 2], seed: u64) -> Tensor<i32> {
    // SplitMix64 (Steele, Lea, Flood 2014).
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) % (i64::from(greatest - least) as u64 + 1)) as i32 + least
    };
    let count = axes.iter().product();
    Tensor::new(axes, (0..count).map(|_| next()).collect())
}

/// Layers of every kind on images up to about 9×9: standard, grouped, depthwise with a multiplier, pointwise, dense, 1-D.
pub(crate) fn layers() -> impl Strategy<Value = ConvShape> {
    let channels = prop_oneof![
        3 => (1..=6usize, 1..=6usize).prop_map(|(inputs, outputs)| (inputs, outputs, 1)),
        1 => (1..=3usize, 1..=3usize, 2..=3usize).prop_map(|(inputs, outputs, groups)| (inputs * groups, outputs * groups, groups)),
        1 => (2..=7usize, 1..=2usize).prop_map(|(channels, multiplier)| (channels, channels * multiplier, channels)),
    ];
    let side = || 1..=9usize;
    let kernel = || prop_oneof![2 => Just(1usize), 4 => Just(3), 1 => Just(2), 1 => 1..=5usize];
    let step = || prop_oneof![3 => Just(1usize), 1 => 2..=4usize];
    let padding = (0..=3usize, 0..=3usize, 0..=3usize, 0..=3usize).prop_map(|(top, left, bottom, right)| Padding {
        top,
        left,
        bottom,
        right,
    });
    let padding = prop_oneof![Just(Padding::all(0)), Just(Padding::all(1)), padding];
    let pairs = ([side(), side()], [kernel(), kernel()], [step(), step()], [step(), step()]);
    let any = (channels, pairs, padding).prop_map(|((in_channels, out_channels, groups), pairs, padding)| {
        let (input, kernel, stride, dilation) = pairs;
        ConvShape { in_channels, out_channels, input, kernel, stride, dilation, padding, groups }
    });
    prop_oneof![
        8 => any.prop_filter("the kernel fits the image", |shape| shape.verify("random").is_ok()),
        1 => (1..=40usize, 1..=20usize).prop_map(|(inputs, outputs)| ConvShape::dense(inputs, outputs)),
    ]
}

/// Crossbars from tiny and odd to larger than most layers.
pub(crate) fn crossbars() -> impl Strategy<Value = CrossbarSize> {
    let side = || prop_oneof![1..=12usize, 1..=80usize, Just(128usize)];
    (side(), side()).prop_map(|(rows, columns)| CrossbarSize { rows, columns })
}

pub(crate) fn encodings() -> impl Strategy<Value = Encoding> {
    let sign = prop_oneof![Just(SignRule::Differential), Just(SignRule::Offset), Just(SignRule::Single)];
    (sign, 2..=10u32, 1..=10u32).prop_map(|(sign, weight_bits, cell_bits)| Encoding { sign, weight_bits, cell_bits })
}

pub(crate) fn targets() -> impl Strategy<Value = Target> {
    let split = prop_oneof![Just(None), Just(Some(RowSplit::Element)), Just(Some(RowSplit::Channel))];
    let groups = prop_oneof![
        Just(None),
        Just(Some(GroupRule::Packed)),
        Just(Some(GroupRule::Separate)),
        Just(Some(GroupRule::Turns)),
        Just(Some(GroupRule::Dense))
    ];
    let window = prop_oneof![
        Just(SubImageWindow::Largest),
        Just(SubImageWindow::Best),
        (1..=4usize).prop_map(SubImageWindow::Side)
    ];
    (crossbars(), encodings(), split, groups, window).prop_map(|(crossbar, encoding, row_split, groups, window)| {
        Target { row_split, groups, window, ..Target::new(crossbar, encoding) }
    })
}

pub(crate) fn problems() -> impl Strategy<Value = MappingProblem> {
    (layers(), targets(), any::<u64>()).prop_map(|(shape, target, seed)| MappingProblem { shape, target, seed })
}
