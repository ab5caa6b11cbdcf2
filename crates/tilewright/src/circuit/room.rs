//! Vectors of one number a node, in memory that is used again.

use crate::spare::Spare;

thread_local! {
    static SPARE: Spare<f64> = const { Spare::new() };
}

/// So many numbers of any content.
pub(super) fn room(count: usize) -> Vec<f64> {
    SPARE.with(|spare| spare.take(count, 0.0))
}

/// As [`room`], all of them 0.
pub(super) fn zeros(count: usize) -> Vec<f64> {
    let mut room = room(count);
    room.fill(0.0);
    room
}

/// As [`room`], with these numbers in it.
pub(super) fn room_of(count: usize, numbers: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut room = room(count);
    room.iter_mut().zip(numbers).for_each(|(place, number)| *place = number);
    room
}

/// Gives the memory of numbers back.
pub(super) fn recycle(numbers: impl IntoIterator<Item = Vec<f64>>) {
    SPARE.with(|spare| numbers.into_iter().for_each(|numbers| spare.give(numbers)));
}
