//! The windows that an output is cut into.

use crate::network::ConvShape;

/// For every number of windows an axis can be cut into, the smallest window that does so; ascending.
pub(in crate::mapping) fn smallest_of_each_count(output: usize) -> Vec<usize> {
    let mut windows = vec![output];
    while let Some(&window) = windows.last()
        && window > 1
    {
        // More parts than now: the largest window that makes them has as few parts as possible.
        let parts = output.div_ceil(window - 1);
        windows.push(output.div_ceil(parts));
    }
    windows.reverse();
    windows
}

/// Output windows that can be best: of those that cut an axis into equally many parts only the smallest.
///
/// A larger one touches no fewer pixels and yields no fewer outputs, so it needs no fewer rows, columns or loads.
pub fn windows(shape: &ConvShape) -> impl Iterator<Item = [usize; 2]> + use<> {
    let [heights, widths] = shape.output().map(smallest_of_each_count);
    heights.into_iter().flat_map(move |height| widths.clone().into_iter().map(move |width| [height, width]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smallest_windows_reach_every_count() {
        for output in 1..200usize {
            let mut expected: Vec<usize> = Vec::new();
            for window in 1..=output {
                let smallest = (1..=window).find(|&smaller| output.div_ceil(smaller) == output.div_ceil(window));
                expected.extend(smallest);
            }
            expected.dedup();
            assert_eq!(smallest_of_each_count(output), expected, "{output}");
        }
    }
}
