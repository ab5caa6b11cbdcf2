//! The mapping space written down plainly: every window, every cut, every packing, tried one after the other.
//!
//! Independent of the search and of the mapping stage's geometry: pixels that taps touch are collected in a set, cuts are tried
//! piece by piece, tiles of a dense block are looked at cell by cell.

use std::collections::BTreeSet;
use tilewright::mapping::{GroupRule, RowSplit, Target};
use tilewright::network::ConvShape;

/// Crossbars of a copy, and how often it is loaded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Point {
    pub(crate) crossbars: u64,
    pub(crate) loads: u64,
}

/// For every window and number of packed windows the fewest crossbars of any cut and packing, group by group and dense.
pub(crate) fn enumerate(shape: &ConvShape, target: &Target) -> Vec<Point> {
    let [height, width] = shape.output();
    let mut points = vec![];
    for window in (1..=height).flat_map(|tall| (1..=width).map(move |wide| [tall, wide])) {
        let windows = height.div_ceil(window[0]) * width.div_ceil(window[1]);
        for packed in 1..=windows.min(target.crossbar.rows) {
            let by_groups = (target.groups != Some(GroupRule::Dense) || shape.groups == 1)
                .then(|| fewest_by_groups(shape, target, window, packed));
            let dense = (shape.groups > 1 && matches!(target.groups, None | Some(GroupRule::Dense)))
                .then(|| fewest_dense(shape, target, window, packed));
            let fewest = by_groups.flatten().into_iter().chain(dense.flatten()).min();
            points.extend(fewest.map(|crossbars| Point { crossbars, loads: windows.div_ceil(packed) as u64 }));
        }
    }
    points
}

/// Group by group: a block's columns cut into any pieces, the rows of each column block into any pieces, each tile shared by as
/// many groups as fit block-diagonally.
fn fewest_by_groups(shape: &ConvShape, target: &Target, window: [usize; 2], packed: usize) -> Option<u64> {
    let pixels = [0, 1].map(|axis| touched(shape, axis, window[axis]).len()).iter().product::<usize>();
    let outputs = window[0] * window[1];
    let (inputs, channels) = (shape.in_channels / shape.groups, shape.out_channels / shape.groups);
    // Pieces are counted in rows and weight columns, or in whole channels.
    let [row, column] = if target.row_split == Some(RowSplit::Channel) { [pixels, outputs] } else { [1, 1] };
    let [rows, columns] = [inputs * pixels / row, channels * outputs / column];
    let groups_at_most = if target.groups == Some(GroupRule::Separate) { 1 } else { shape.groups };
    let (rows_there, columns_there) = (target.crossbar.rows, target.encoding.weights_per_row(target.crossbar));
    let tile = |height: usize, width: usize| {
        let slots = (rows_there / (height * row)).min(columns_there / (width * column));
        let groups = (slots / packed).min(groups_at_most);
        (groups > 0).then(|| shape.groups.div_ceil(groups) as u64)
    };
    // Column blocks as wide as each other but for what does not fit beside more tiles are alike.
    let mut of_slots: Vec<(usize, Option<u64>)> = vec![];
    let mut column_block = |width: usize| {
        let slots = columns_there / (width * column);
        let known = of_slots.iter().find(|(known, _)| *known == slots).map(|(_, fewest)| *fewest);
        known.unwrap_or_else(|| {
            let fewest = fewest_pieces(rows, &mut |height| tile(height, width));
            of_slots.push((slots, fewest));
            fewest
        })
    };
    fewest_pieces(columns, &mut column_block)
}

/// The least sum over all ways to cut a length into pieces; a piece that does not fit has no price.
fn fewest_pieces(length: usize, price: &mut dyn FnMut(usize) -> Option<u64>) -> Option<u64> {
    let prices: Vec<Option<u64>> = (1..=length).map(price).collect();
    let mut fewest: Vec<Option<u64>> = vec![Some(0)];
    for end in 1..=length {
        let last_piece = |piece: usize| Some(prices[piece - 1]? + fewest[end - piece]?);
        fewest.push((1..=end).filter_map(last_piece).min());
    }
    fewest[length]
}

/// The whole layer as one block, zeros between the groups, cut after every so many rows and columns, tiles without a weight left
/// out.
fn fewest_dense(shape: &ConvShape, target: &Target, window: [usize; 2], packed: usize) -> Option<u64> {
    let [heights, widths] = [0, 1].map(|axis| touched(shape, axis, window[axis]));
    let pixels: Vec<[usize; 2]> = heights.iter().flat_map(|&y| widths.iter().map(move |&x| [y, x])).collect();
    let outputs: Vec<[usize; 2]> = (0..window[0]).flat_map(|y| (0..window[1]).map(move |x| [y, x])).collect();
    let (inputs, channels) = (shape.in_channels / shape.groups, shape.out_channels / shape.groups);
    let touches = |pixel: usize, output: usize| {
        (0..2).all(|axis| {
            let taps = (0..shape.kernel[axis])
                .map(|tap| outputs[output][axis] * shape.stride[axis] + tap * shape.dilation[axis]);
            taps.into_iter().any(|place| place == pixels[pixel][axis])
        })
    };
    let [rows, columns] = [pixels.len() * shape.in_channels, outputs.len() * shape.out_channels];
    let holds =
        |row: [usize; 2], column: [usize; 2]| row[1] / inputs == column[1] / channels && touches(row[0], column[0]);
    let matrix = |by_channel: bool| -> Vec<Vec<bool>> {
        let place = |line: usize, pixels: usize, channels: usize| {
            if by_channel { [line % pixels, line / pixels] } else { [line / channels, line % channels] }
        };
        let row = |row| place(row, pixels.len(), shape.in_channels);
        let column = |column| place(column, outputs.len(), shape.out_channels);
        (0..rows).map(|r| (0..columns).map(|c| holds(row(r), column(c))).collect()).collect()
    };
    let whole_channels = target.row_split == Some(RowSplit::Channel);
    let [row_step, column_step] = if whole_channels { [pixels.len(), outputs.len()] } else { [1, 1] };
    if target.groups.is_none() && rows * columns > 1 << 14 {
        // The search tries larger dense blocks only where they are asked for.
        return None;
    }
    let columns_there = target.encoding.weights_per_row(target.crossbar);
    let by_channel = sums(&matrix(true));
    let heights = || (row_step..=(target.crossbar.rows / packed).min(rows)).step_by(row_step);
    let widths = || (column_step..=(columns_there / packed).min(columns)).step_by(column_step);
    let cuts = heights().flat_map(|height| widths().map(move |width| [height, width]));
    let any_cut = cuts.map(|size| held_tiles(&by_channel, [rows, columns], size)).min();
    // The whole layer's band: rows through the channels of a pixel.
    let band = (window == shape.output() && !whole_channels && columns_there > 0)
        .then(|| held_tiles(&sums(&matrix(false)), [rows, columns], [target.crossbar.rows, columns_there]));
    any_cut.into_iter().chain(band).min()
}

/// Entries set above and to the left of each corner.
fn sums(matrix: &[Vec<bool>]) -> Vec<Vec<u32>> {
    let columns = matrix[0].len();
    let mut sums = vec![vec![0; columns + 1]];
    for row in matrix {
        let above = &sums[sums.len() - 1];
        let mut next = vec![0; columns + 1];
        for column in 0..columns {
            next[column + 1] = next[column] + above[column + 1] - above[column] + u32::from(row[column]);
        }
        sums.push(next);
    }
    sums
}

fn held_tiles(sums: &[Vec<u32>], [rows, columns]: [usize; 2], [height, width]: [usize; 2]) -> u64 {
    let mut held = 0;
    for top in (0..rows).step_by(height) {
        for left in (0..columns).step_by(width) {
            let (bottom, right) = ((top + height).min(rows), (left + width).min(columns));
            held += u64::from(sums[bottom][right] + sums[top][left] > sums[bottom][left] + sums[top][right]);
        }
    }
    held
}

/// Pixels of an axis that any tap of a window of so many outputs touches.
pub(crate) fn touched(shape: &ConvShape, axis: usize, window: usize) -> BTreeSet<usize> {
    let taps = |i: usize| (0..shape.kernel[axis]).map(move |k| i * shape.stride[axis] + k * shape.dilation[axis]);
    (0..window).flat_map(taps).collect()
}
