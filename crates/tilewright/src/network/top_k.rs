//! The greatest or least values along an axis.

use serde::{Deserialize, Serialize};

/// The first values of an axis that is sorted, or where they were.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopK {
    /// The axis.
    pub axis: usize,
    /// Values taken, at most as many as there are.
    pub count: usize,
    /// Whether the greatest come first, else the least.
    pub greatest: bool,
    /// Whether of equal values the last comes first, else the first.
    pub last: bool,
    /// Whether the output is the places of the values, else the values.
    pub places: bool,
}

impl TopK {
    /// The operation's name.
    pub const fn name(&self) -> &'static str {
        match (self.places, self.count) {
            (true, 1) => "arg_extreme",
            (true, _) => "top_k_places",
            (false, _) => "top_k",
        }
    }

    /// Where the values taken are, in order. What is not a number comes after all numbers.
    pub fn places(&self, values: &[f32]) -> Vec<usize> {
        let mut places: Vec<usize> = (0..values.len()).collect();
        if self.last {
            places.reverse();
        }
        let key = |place: &usize| {
            let value = values[*place];
            // Zeros of both signs are equal.
            let value = if value == 0.0 { 0.0 } else { value };
            (value.is_nan(), if self.greatest { -value } else { value })
        };
        places.sort_by(|a, b| {
            let ((a_nan, a), (b_nan, b)) = (key(a), key(b));
            a_nan.cmp(&b_nan).then(a.total_cmp(&b))
        });
        places.truncate(self.count);
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_go_to_the_first_or_the_last() {
        let top = TopK { axis: 0, count: 2, greatest: true, last: false, places: true };
        let values = [1.0, 3.0, -0.0, 3.0, 0.0, f32::NAN];
        assert_eq!(top.places(&values), [1, 3]);
        assert_eq!(TopK { last: true, ..top }.places(&values), [3, 1]);
        assert_eq!(TopK { greatest: false, count: 6, ..top }.places(&values), [2, 4, 0, 1, 3, 5]);
    }
}
