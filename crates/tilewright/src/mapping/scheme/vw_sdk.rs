use super::{GroupRule, Im2col, MappingError, RowSplit, Scheme, Target, TargetRule, Tiling};
use super::{block_channels, cuts, pack_groups, scope};
use crate::mapping::search::smallest_of_each_count;
use crate::network::ConvShape;
use crate::partition::{AxisPartition, Partition};

/// **Idea.** Parallel windows of any height and width, with as many channels as fit beside them, trade rows for outputs.
///
/// **Rule.** Over all output windows: c = ⌊R / sub-image pixels⌋ input channels, m = ⌊columns / (cpw·ph·pw)⌋ output channels;
/// windows · ⌈C/c⌉ · ⌈M/m⌉ array activations, the fewest of them; im2col where no window beats it.
///
/// **Assumptions.** Exact: every window up to the whole output is covered (of windows that cut an axis into equally many parts
/// the smallest is never worse, so only these are tried). Ties go to fewer input loads, then the smaller window.
///
/// **Example.** 5×5×6 → 16 on a 14×14 image, 512×512, one column per weight: 5×5 outputs a window, 4 activations.
///
/// **Reference.** Rhe, Moon, Ko, "VW-SDK", DATE 2022. Its public script never tries a window as large as the image and can
/// return an older, worse window; this one equals exhaustive search.
#[derive(Clone, Copy, Debug)]
pub struct VwSdk;

impl Scheme for VwSdk {
    fn name(&self) -> &'static str {
        "vw-sdk"
    }

    fn summary(&self) -> &'static str {
        "parallel windows of any shape with the channels that fit, searched exactly"
    }

    fn follows(&self) -> &'static [TargetRule] {
        &[TargetRule::RowSplit, TargetRule::Groups]
    }

    fn tile(&self, shape: &ConvShape, target: &Target) -> Result<Tiling, MappingError> {
        let split = target.row_split.unwrap_or(RowSplit::Channel);
        let fits_a_weight = target.weights_per_row() > 0;
        match fits_a_weight.then(|| search(shape, split, target)).flatten() {
            Some((cost, window)) if im2col_cost(shape, target).is_none_or(|im2col| cost < im2col) => {
                let (rows, columns) = cuts(shape, window, split, target);
                pack_groups(shape, Tiling { window, scope: scope(target), rows, columns, ..Tiling::IM2COL }, target)
            }
            _ => Im2col.tile(shape, target),
        }
    }
}

/// What im2col's tiling takes, `None` if it does not fit.
fn im2col_cost(shape: &ConvShape, target: &Target) -> Option<Cost> {
    let rule = Rule::new(shape, target.row_split.unwrap_or(RowSplit::Element), target);
    let outputs: usize = shape.output().iter().product();
    rule.fits(shape.taps() as u64, 1).then(|| rule.cost(shape.taps() as u64, 1, outputs as u64, 1))
}

/// What is compared between windows, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Cost {
    activations: u64,
    input_loads: u64,
    outputs: u64,
    height: u64,
}

/// The best window under the split, or `None` if no window fits.
///
/// This is the inner loop of mapping a network by VW-SDK, so a window costs a few divisions and no call.
fn search(shape: &ConvShape, split: RowSplit, target: &Target) -> Option<(Cost, [usize; 2])> {
    let [heights, widths] = [0, 1].map(|axis| axis_windows(shape, axis));
    let rule = Rule::new(shape, split, target);
    let mut best: Option<(Cost, [usize; 2])> = None;
    for tall in &heights {
        for wide in &widths {
            let [pixels, outputs] = [tall.pixels * wide.pixels, tall.outputs * wide.outputs];
            // Larger windows fit even less.
            if !rule.fits(pixels, outputs) {
                break;
            }
            let windows = tall.windows * wide.windows;
            if best.is_some_and(|(least, _)| rule.rules_out(pixels, outputs, windows, least)) {
                continue;
            }
            let cost = rule.cost(pixels, outputs, windows, tall.outputs);
            if best.is_none_or(|(least, _)| cost < least) {
                best = Some((cost, [tall.outputs as usize, wide.outputs as usize]));
            }
        }
    }
    best
}

/// A window on one axis.
struct AxisWindow {
    outputs: u64,
    pixels: u64,
    windows: u64,
}

fn axis_windows(shape: &ConvShape, axis: usize) -> Vec<AxisWindow> {
    let single = Partition::new(shape, [1, 1]).axes[axis];
    let on_axis = |window: usize| {
        let partition = AxisPartition { window, ..single };
        AxisWindow { outputs: window as u64, pixels: partition.touched() as u64, windows: partition.windows() as u64 }
    };
    smallest_of_each_count(shape.output()[axis]).into_iter().map(on_axis).collect()
}

/// The rule of the paper on one layer and crossbar, in plain numbers.
struct Rule {
    rows: u64,
    columns: u64,
    /// Channel groups, or 1.
    blocks: u64,
    inputs: u64,
    outputs: u64,
    split: RowSplit,
    packed: bool,
}

impl Rule {
    fn new(shape: &ConvShape, split: RowSplit, target: &Target) -> Self {
        let scope = scope(target);
        let (inputs, outputs) = block_channels(shape, scope);
        Self {
            rows: target.crossbar.rows as u64,
            columns: target.weights_per_row() as u64,
            blocks: (shape.in_channels / inputs) as u64,
            inputs: inputs as u64,
            outputs: outputs as u64,
            split,
            packed: matches!(target.groups, None | Some(GroupRule::Packed | GroupRule::Turns)),
        }
    }

    /// Whether one channel of a window fits, where whole channels must.
    fn fits(&self, pixels: u64, outputs: u64) -> bool {
        self.split == RowSplit::Element || (pixels <= self.rows && outputs <= self.columns)
    }

    /// Whether a window has more cells than `least` activations of whole crossbars could hold, found without a division.
    fn rules_out(&self, pixels: u64, outputs: u64, windows: u64, least: Cost) -> bool {
        let cells = windows.saturating_mul(self.blocks * pixels * self.inputs).saturating_mul(outputs * self.outputs);
        // Packed groups leave the corners of a crossbar empty, so for them this is a weak bound, but still one.
        cells > least.activations.saturating_mul(self.rows * self.columns)
    }

    /// What a window of so many touched pixels and outputs takes; saturating, for a count too large to hold is never best.
    fn cost(&self, pixels: u64, outputs: u64, windows: u64, height: u64) -> Cost {
        let (tile_rows, tile_columns) = match self.split {
            RowSplit::Channel => {
                let inputs = (self.rows / pixels).min(self.inputs);
                let channels = (self.columns / outputs).min(self.outputs);
                (inputs * pixels, channels * outputs)
            }
            RowSplit::Element => ((pixels * self.inputs).min(self.rows), (outputs * self.outputs).min(self.columns)),
        };
        let row_blocks = (pixels * self.inputs).div_ceil(tile_rows);
        let column_blocks = (outputs * self.outputs).div_ceil(tile_columns);
        let slots = if self.packed && self.blocks > 1 {
            (self.rows / tile_rows).min(self.columns / tile_columns).min(self.blocks)
        } else {
            1
        };
        let crossbars = self.blocks.div_ceil(slots).saturating_mul(row_blocks).saturating_mul(column_blocks);
        let rows_driven = self.blocks.saturating_mul(pixels * self.inputs).saturating_mul(column_blocks);
        Cost {
            activations: windows.saturating_mul(crossbars),
            input_loads: windows.saturating_mul(rows_driven),
            outputs,
            height,
        }
    }
}
