//! Memory that a thread uses again. To get it from the system anew, page by page, takes as long as a small layer or a small circuit.

use std::cell::RefCell;

/// Vectors that nobody needs any more.
pub(crate) struct Spare<T>(RefCell<Vec<Vec<T>>>);

/// Most vectors kept: the smallest go.
const MOST: usize = 12;

/// Most bytes kept.
const MOST_BYTES: usize = 256 << 20;

/// How much larger than needed a vector may be that is taken.
const MOST_ROOM: usize = 8;

impl<T: Copy> Spare<T> {
    pub(crate) const fn new() -> Self {
        Self(RefCell::new(vec![]))
    }

    /// `count` values of any content, all of which are to be written: those of the smallest vector that fits, or `fresh` ones.
    pub(crate) fn take(&self, count: usize, fresh: T) -> Vec<T> {
        let mut spare = self.0.borrow_mut();
        let fits = |values: &Vec<T>| (count..=count.saturating_mul(MOST_ROOM)).contains(&values.capacity());
        let fitting = (0..spare.len()).filter(|&at| fits(&spare[at]));
        let nearest = fitting.min_by_key(|&at| spare[at].capacity());
        let mut values = nearest.map(|at| spare.swap_remove(at)).unwrap_or_default();
        values.resize(count, fresh);
        values
    }

    pub(crate) fn give(&self, values: Vec<T>) {
        let mut spare = self.0.borrow_mut();
        spare.push(values);
        if spare.iter().map(|values| values.capacity() * size_of::<T>()).sum::<usize>() > MOST_BYTES {
            spare.pop();
        }
        if spare.len() > MOST {
            let least = (0..spare.len()).min_by_key(|&at| spare[at].capacity()).expect("more than none");
            spare.swap_remove(least);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_that_fits_is_taken() {
        let spare = Spare::new();
        [1000, 10, 100].into_iter().for_each(|count| spare.give(vec![1; count]));
        let taken = spare.take(50, 2);
        assert_eq!((taken.len(), taken.capacity()), (50, 100));
        assert_eq!(spare.take(2000, 2), [2; 2000]);
        assert_eq!(spare.take(2, 0).capacity(), 10, "a vector far too large is left for larger needs");
        assert!(spare.take(2, 0).capacity() < 10);
    }

    #[test]
    fn few_are_kept_and_the_largest_of_them() {
        let spare = Spare::new();
        (1..=2 * MOST).for_each(|count| spare.give(vec![1usize; count]));
        assert_eq!(spare.0.borrow().len(), MOST);
        assert_eq!(spare.take(MOST, 0).capacity(), MOST + 1);
        spare.give(Vec::with_capacity(MOST_BYTES / size_of::<usize>() + 1));
        assert_eq!(spare.0.borrow().len(), MOST - 1, "what is too large is not kept");
    }
}
