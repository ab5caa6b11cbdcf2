//! Where the elements of a tensor lie.

/// Distance between neighbours on each axis, in row-major order.
pub(super) fn strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis];
    }
    strides
}

/// Where the elements of `shape`, in row-major order, lie at these strides from the first.
pub(super) fn positions(shape: &[usize], strides: &[usize], from: usize) -> impl Iterator<Item = usize> + use<> {
    let (shape, strides) = (shape.to_vec(), strides.to_vec());
    let mut index = vec![0; shape.len()];
    let mut next = from;
    (0..shape.iter().product()).map(move |_| {
        let at = next;
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            next += strides[axis];
            if index[axis] < shape[axis] {
                break;
            }
            next -= index[axis] * strides[axis];
            index[axis] = 0;
        }
        at
    })
}
