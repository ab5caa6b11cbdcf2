//! Logarithmic and linear axes: where a value lies and which ticks to draw.

use super::{Anchor, Element, line, text, text_width, upright_text};
use crate::report::number::round;

/// A logarithmic axis from a length to another in SVG units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogAxis {
    /// Decimal exponents at both ends.
    decades: [f64; 2],
    /// Where these lie, in SVG units.
    ends: [f64; 2],
}

/// A mark on an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tick {
    /// Its value.
    pub value: u64,
    /// Whether its number is written.
    pub labelled: bool,
}

impl LogAxis {
    /// The axis on which all values have room, 0 counted as 1; `ends` are where the least and the greatest decade lie.
    pub fn new(values: impl IntoIterator<Item = u64>, ends: [f64; 2]) -> Self {
        let (least, most) = values
            .into_iter()
            .map(|value| value.max(1))
            .fold((u64::MAX, 1), |(least, most), value| (least.min(value), most.max(value)));
        let low = log(least.min(most)).floor();
        let high = log(most);
        // A value on a decade would sit on the frame; a little room shows its mark whole.
        let decades = [low - 0.08, if high.ceil() - high > 0.5 { high + 0.25 } else { high.ceil() + 0.1 }];
        let high = decades[1].max(low + 1.0);
        Self { decades: [decades[0], high], ends }
    }

    /// Where a value lies.
    pub fn place(&self, value: u64) -> f64 {
        let [low, high] = self.decades;
        self.ends[0] + (log(value.max(1)) - low) / (high - low) * (self.ends[1] - self.ends[0])
    }

    /// Powers of ten, labelled; and 2 and 5 times them where the axis is short.
    pub fn ticks(&self) -> Vec<Tick> {
        let [low, high] = self.decades;
        // A number needs some 36 units of room; from 1 to 2 is a third of a decade.
        let room = (self.ends[1] - self.ends[0]).abs() / (high - low);
        let every = (36.0 / room).ceil().max(1.0) as u32;
        let factors: &[u64] = if high - low < 2.2 && room > 110.0 { &[1, 2, 5] } else { &[1] };
        let powers = (low.ceil().max(0.0) as u32)..=(high.floor() as u32).min(19);
        let ticks = powers.flat_map(|power| {
            factors.iter().filter_map(move |factor| {
                let value = 10u64.checked_pow(power)?.checked_mul(*factor)?;
                Some(Tick { value, labelled: power.is_multiple_of(every) })
            })
        });
        ticks.filter(|tick| (low..=high).contains(&log(tick.value))).collect()
    }

    /// Vertical grid lines from `top` to `bottom` with numbers below.
    pub(super) fn draw_below(&self, top: f64, bottom: f64) -> Vec<Element> {
        let ticks = self.ticks().into_iter().flat_map(|tick| {
            let x = self.place(tick.value);
            let number = tick.labelled.then(|| text(x, bottom + 18.0, Anchor::Middle, round(tick.value)).class("tick"));
            [Some(line("grid", [x, top], [x, bottom])), number]
        });
        ticks.flatten().collect()
    }

    /// Horizontal grid lines from `left` to `right` with numbers on the left.
    pub(super) fn draw_left(&self, left: f64, right: f64) -> Vec<Element> {
        let ticks = self.ticks().into_iter().flat_map(|tick| {
            let y = self.place(tick.value);
            let number = tick.labelled.then(|| text(left - 8.0, y + 4.0, Anchor::End, round(tick.value)).class("tick"));
            [Some(line("grid", [left, y], [right, y])), number]
        });
        ticks.flatten().collect()
    }

    /// The middle of the axis.
    pub(super) fn middle(&self) -> f64 {
        f64::midpoint(self.ends[0], self.ends[1])
    }
}

/// A linear axis from a length to another in SVG units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinearAxis {
    /// Values at both ends.
    range: [f64; 2],
    /// Between two ticks.
    step: f64,
    /// Where the range lies, in SVG units.
    ends: [f64; 2],
}

impl LinearAxis {
    /// The axis of a given range with a tick every `step`.
    pub const fn of(range: [f64; 2], step: f64, ends: [f64; 2]) -> Self {
        Self { range, step, ends }
    }

    /// The axis on which all values have room, from tick to tick; it spans at least `least`, more than 0.
    pub fn around(values: impl IntoIterator<Item = f64>, least: f64, ends: [f64; 2]) -> Self {
        let [low, high] = values
            .into_iter()
            .fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], value| [low.min(value), high.max(value)]);
        let [low, high] = if low <= high { [low, high] } else { [0.0, least] };
        let missing = (least - (high - low)).max(0.0) / 2.0;
        let [low, high] = [low - missing, high + missing];
        // A number needs some 44 units of room.
        let step = round_step((high - low) * 44.0 / (ends[1] - ends[0]).abs());
        Self { range: [(low / step).floor() * step, (high / step).ceil() * step], step, ends }
    }

    /// Where a value lies.
    pub fn place(&self, value: f64) -> f64 {
        let [low, high] = self.range;
        self.ends[0] + (value - low) / (high - low) * (self.ends[1] - self.ends[0])
    }

    /// Multiples of the step.
    pub fn ticks(&self) -> Vec<f64> {
        let [first, last] =
            [(self.range[0] / self.step - 1e-9).ceil() as i64, (self.range[1] / self.step + 1e-9).floor() as i64];
        (first..=last).map(|multiple| multiple as f64 * self.step).collect()
    }

    /// Vertical grid lines from `top` to `bottom` with numbers below.
    pub(super) fn draw_below(&self, top: f64, bottom: f64, number: impl Fn(f64) -> String) -> Vec<Element> {
        let ticks = self.ticks().into_iter().flat_map(|tick| {
            let x = self.place(tick);
            let number = text(x, bottom + 18.0, Anchor::Middle, number(tick)).class("tick");
            [line("grid", [x, top], [x, bottom]), number]
        });
        ticks.collect()
    }

    /// Horizontal grid lines from `left` to `right` with numbers on the left.
    pub(super) fn draw_left(&self, left: f64, right: f64, number: impl Fn(f64) -> String) -> Vec<Element> {
        let ticks = self.ticks().into_iter().flat_map(|tick| {
            let y = self.place(tick);
            let number = text(left - 8.0, y + 4.0, Anchor::End, number(tick)).class("tick");
            [line("grid", [left, y], [right, y]), number]
        });
        ticks.collect()
    }

    /// Decimals that tell two neighbouring ticks apart, where they are written `factor` times as large.
    pub(super) fn decimals(&self, factor: f64) -> usize {
        (-(self.step * factor).log10().floor()).max(0.0) as usize
    }

    /// The middle of the axis.
    pub(super) fn middle(&self) -> f64 {
        f64::midpoint(self.ends[0], self.ends[1])
    }
}

/// The least of 1, 2 and 5 times a power of ten that is not less.
fn round_step(least: f64) -> f64 {
    let power = 10f64.powf(least.log10().floor());
    let factor = [1.0, 2.0, 5.0, 10.0].into_iter().find(|factor| factor * power >= least * (1.0 - 1e-9));
    factor.unwrap_or(10.0) * power
}

/// The names of both axes of a plane, each in the middle of its axis: the one below at a height, the one on the left at a place
/// from the left.
pub(super) fn axis_names(x: (f64, f64, &str), y: (f64, f64, &str)) -> [Element; 2] {
    [text(x.0, x.1, Anchor::Middle, x.2).class("axis"), upright_text(y.1, y.0, y.2).class("axis")]
}

/// The values that were run as ticks: where each lies and its word; a word that would touch the one before is left out.
pub(super) fn ticks_at<'a>(values: impl Iterator<Item = (f64, &'a str)>, [top, bottom]: [f64; 2]) -> Vec<Element> {
    let mut free = f64::NEG_INFINITY;
    let tick = |(x, word): (f64, &str)| {
        let half = text_width(word) / 2.0 + 3.0;
        let label = (x - half >= free).then(|| {
            free = x + half;
            text(x, bottom + 18.0, Anchor::Middle, word).class("tick")
        });
        [Some(line("grid", [x, top], [x, bottom])), label]
    };
    values.flat_map(tick).flatten().collect()
}

fn log(value: u64) -> f64 {
    (value as f64).log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decades_are_evenly_spaced_and_inside() {
        let axis = LogAxis::new([3, 70_400], [100.0, 500.0]);
        let places: Vec<f64> = axis.ticks().iter().map(|tick| axis.place(tick.value)).collect();
        assert_eq!(
            axis.ticks().iter().map(|tick| tick.value).collect::<Vec<_>>(),
            [1, 10, 100, 1_000, 10_000, 100_000]
        );
        assert!(places.windows(2).all(|pair| (pair[1] - pair[0] - (places[1] - places[0])).abs() < 1e-9));
        assert!(places.iter().all(|place| (100.0..=500.0).contains(place)));
    }

    #[test]
    fn short_axes_have_finer_ticks() {
        let axis = LogAxis::new([11, 47], [0.0, 200.0]);
        assert_eq!(axis.ticks().iter().map(|tick| tick.value).collect::<Vec<_>>(), [10, 20, 50, 100]);
    }

    #[test]
    fn linear_axes_go_from_tick_to_tick() {
        // 0.87 to 0.931 on 300 units: some seven ticks, a point apart.
        let axis = LinearAxis::around([0.931, 0.87, 0.9], 0.01, [300.0, 0.0]);
        let ticks = axis.ticks();
        assert_eq!((ticks.len(), axis.decimals(100.0)), (8, 0));
        for (tick, expected) in ticks.iter().zip([0.87, 0.88, 0.89, 0.90, 0.91, 0.92, 0.93, 0.94]) {
            assert!((tick - expected).abs() < 1e-9, "{tick}");
        }
        assert!((axis.place(0.87) - 300.0).abs() < 1e-9 && axis.place(0.94).abs() < 1e-9);
        assert!((axis.place(0.905) - 150.0).abs() < 1e-9, "the middle is in the middle");
        let halves = LinearAxis::around([0.9, 0.912], 0.01, [300.0, 0.0]);
        assert_eq!((halves.ticks().len(), halves.decimals(100.0)), (7, 1));
        assert_eq!(LinearAxis::of([0.0, 1.0], 0.25, [0.0, 100.0]).ticks(), [0.0, 0.25, 0.5, 0.75, 1.0]);
    }

    #[test]
    fn one_value_or_none_makes_a_linear_axis() {
        for values in [vec![], vec![0.9], vec![0.0], vec![1.0, 1.0]] {
            let axis = LinearAxis::around(values.iter().copied(), 0.02, [0.0, 100.0]);
            assert!(values.iter().all(|&value| (0.0..=100.0).contains(&axis.place(value))), "{values:?} {axis:?}");
            assert!(axis.ticks().len() >= 2, "{values:?} {axis:?}");
        }
    }

    #[test]
    fn one_value_or_the_largest_makes_an_axis() {
        for value in [0, 1, 10, u64::MAX] {
            let axis = LogAxis::new([value], [0.0, 100.0]);
            assert!((0.0..=100.0).contains(&axis.place(value)), "{value}");
            assert!(!axis.ticks().is_empty(), "{value}");
        }
    }
}
