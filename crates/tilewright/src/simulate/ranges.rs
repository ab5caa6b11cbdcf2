//! Ranges of converters, from the currents of a calibration batch.

use super::SimulateError;
use super::analog::{Access, AnalogLayer, ReadOut};
use super::converter::Adc;
use super::converter_line::{Line, Lines};
use super::layer_maps::{LayerMaps, for_each_batch};
use super::plan::Plan;
use crate::hardware::{RangeRule, RangeScope};
use crate::network::NodeId;
use crate::network::executor::{Executor, Lanes};
use fearless_simd::{Level, Simd};

/// Bins of the magnitudes between 0 and the greatest.
const BINS: usize = 2048;

/// The converters of every layer that has some, by crossbar, for the currents of the calibration images, read exactly.
pub(super) fn calibrate(
    executor: &Executor<AnalogLayer>,
    plan: &Plan<'_>,
) -> Result<Vec<(NodeId, Adc, Vec<Lines>)>, SimulateError> {
    let with_converters = executor.layers().enumerate().filter_map(|(place, (node, layer))| {
        let adc = plan.hardware_of(place).adc?;
        Some((node, layer, adc))
    });
    let layers: Vec<(NodeId, &AnalogLayer, Adc)> = with_converters.collect();
    let mut seen: Vec<Currents> = layers.iter().map(|(_, layer, adc)| Currents::new(adc, layer)).collect();
    for pass in 0..layers.iter().map(|(_, _, adc)| passes(adc)).max().unwrap_or(0) {
        if pass == 1 {
            seen.iter_mut().for_each(Currents::count);
        }
        let batches = for_each_batch(plan.calibration, plan.threads, |first, images| {
            let maps = LayerMaps::of(plan.network, executor, first, images)?;
            let mut seen = seen.clone();
            for (&(node, layer, _), seen) in layers.iter().zip(&mut seen) {
                layer.run_reading(Level::new(), maps.input(node), first, seen);
            }
            Ok(seen)
        })?;
        batches.iter().for_each(|batch| seen.iter_mut().zip(batch).for_each(|(seen, batch)| seen.merge(batch)));
    }
    Ok(layers.iter().zip(&seen).map(|(&(node, _, adc), seen)| (node, adc, seen.lines(&adc))).collect())
}

/// The lines of every crossbar's converters, for the currents that `look` finds: each time it is called, what is passed to it and
/// what a batch of inputs adds to that, batch by batch.
pub(super) fn of_layer(
    layer: &AnalogLayer,
    adc: &Adc,
    look: impl Fn(&Currents) -> Result<Vec<Currents>, SimulateError>,
) -> Result<Vec<Lines>, SimulateError> {
    let mut seen = Currents::new(adc, layer);
    for pass in 0..passes(adc) {
        if pass == 1 {
            seen.count();
        }
        look(&seen)?.iter().for_each(|batch| seen.merge(batch));
    }
    Ok(seen.lines(adc))
}

/// How often currents are looked at: for their ends, and where the rule counts them, again.
fn passes(adc: &Adc) -> usize {
    if adc.range == RangeRule::Max { 1 } else { 2 }
}

/// The currents of the channels that share a range.
#[derive(Clone, Debug)]
struct Seen {
    ends: [f64; 2],
    /// Magnitudes in `BINS` bins up to the greatest end, once that is known.
    bins: Vec<u64>,
}

/// What the channels of a layer's crossbars yield.
#[derive(Clone, Debug)]
pub(super) struct Currents {
    scope: RangeScope,
    /// First range of each crossbar, and how many channels it has.
    crossbars: Vec<(usize, usize)>,
    seen: Vec<Seen>,
    counting: bool,
}

impl Currents {
    /// Nothing seen yet.
    fn new(adc: &Adc, layer: &AnalogLayer) -> Self {
        let scope = adc.scope;
        let channels = layer.channels();
        let mut ranges = 0;
        let place = |&channels: &usize| {
            let first = ranges;
            ranges += match scope {
                RangeScope::Layer => 0,
                RangeScope::Columns(together) => channels.div_ceil(together),
            };
            (first, channels)
        };
        let crossbars = channels.iter().map(place).collect();
        let nothing = Seen { ends: [adc.certain(layer.subtracts()), 0.0], bins: vec![] };
        Self { scope, crossbars, seen: vec![nothing; ranges.max(1)], counting: false }
    }

    /// From now on magnitudes are counted, between the ends seen so far.
    fn count(&mut self) {
        self.counting = true;
        self.seen.iter_mut().for_each(|seen| seen.bins = vec![0; BINS]);
    }

    /// Adds what others have seen.
    fn merge(&mut self, other: &Self) {
        for (seen, other) in self.seen.iter_mut().zip(&other.seen) {
            seen.ends = [seen.ends[0].min(other.ends[0]), seen.ends[1].max(other.ends[1])];
            seen.bins.iter_mut().zip(&other.bins).for_each(|(count, other)| *count += other);
        }
    }

    /// The lines of every crossbar's converters.
    fn lines(&self, adc: &Adc) -> Vec<Lines> {
        let lines: Vec<Line> = self.seen.iter().map(|seen| adc.line(seen.range(adc))).collect();
        let of = |&(first, channels): &(usize, usize)| {
            Lines((0..channels).map(|channel| lines[self.place(first, channel)]).collect())
        };
        self.crossbars.iter().map(of).collect()
    }

    fn place(&self, first: usize, channel: usize) -> usize {
        match self.scope {
            RangeScope::Layer => 0,
            RangeScope::Columns(together) => first + channel / together,
        }
    }
}

impl ReadOut for Currents {
    #[inline(always)]
    fn read<S: Simd>(&mut self, _simd: S, access: &Access, _variances: Option<&[Lanes]>, currents: &mut [Lanes]) {
        let (first, _) = self.crossbars[access.crossbar];
        for (channel, lanes) in currents.iter().enumerate() {
            let place = self.place(first, access.reading.channel + channel);
            let seen = &mut self.seen[place];
            if self.counting {
                lanes.0.iter().for_each(|&current| seen.count(current));
            } else {
                let least = lanes.0.iter().copied().fold(f32::INFINITY, f32::min);
                let most = lanes.0.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                seen.ends = [seen.ends[0].min(f64::from(least)), seen.ends[1].max(f64::from(most))];
            }
        }
    }
}

impl Seen {
    fn greatest(&self) -> f64 {
        self.ends[1].max(-self.ends[0])
    }

    fn count(&mut self, current: f32) {
        let greatest = self.greatest();
        if greatest > 0.0 {
            let bin = (f64::from(current.abs()) / greatest * BINS as f64) as usize;
            self.bins[bin.min(BINS - 1)] += 1;
        }
    }

    /// The ends of the range a rule chooses.
    fn range(&self, adc: &Adc) -> [f64; 2] {
        let greatest = self.greatest();
        let limit = match adc.range {
            RangeRule::Max => greatest,
            RangeRule::Percentile(part) => greatest * self.percentile(part / 100.0),
            RangeRule::LeastSquares => greatest * self.least_squares(adc),
        };
        [self.ends[0].max(-limit), self.ends[1].min(limit)]
    }

    /// Part of the greatest magnitude that this part of the magnitudes does not exceed.
    fn percentile(&self, part: f64) -> f64 {
        let wanted = (part * self.bins.iter().sum::<u64>() as f64).ceil() as u64;
        let mut below = 0;
        let bin = self.bins.iter().position(|count| {
            below += count;
            below >= wanted
        });
        (bin.unwrap_or(BINS - 1) + 1) as f64 / BINS as f64
    }

    /// Part of the greatest magnitude at which clipping and rounding cost least.
    fn least_squares(&self, adc: &Adc) -> f64 {
        let greatest = self.greatest();
        RangeRule::least(|part| {
            let ends = [self.ends[0].max(-part * greatest), self.ends[1].min(part * greatest)];
            let rounding = adc.line(ends).rounding_error();
            let of = |(bin, &count): (usize, &u64)| {
                let beyond = ((bin as f64 + 0.5) / BINS as f64 - part).max(0.0) * greatest;
                count as f64 * if beyond > 0.0 { beyond * beyond } else { rounding }
            };
            self.bins.iter().enumerate().map(of).sum()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(magnitudes: &[f32]) -> Seen {
        let most = magnitudes.iter().copied().fold(0.0, f32::max);
        let mut seen = Seen { ends: [0.0, f64::from(most)], bins: vec![0; BINS] };
        magnitudes.iter().for_each(|&current| seen.count(current));
        seen
    }

    #[test]
    fn percentiles_leave_outliers_out() {
        let mut currents: Vec<f32> = (1..=999).map(|value| value as f32).collect();
        currents.push(100_000.0);
        let percentile = seen(&currents).percentile(0.999) * 100_000.0;
        assert!((999.0..1_100.0).contains(&percentile), "{percentile}");
    }

    #[test]
    fn least_squares_weighs_clipping_against_rounding() {
        let even: Vec<f32> = (1..=10_000).map(|value| value as f32).collect();
        let adc = Adc { bits: 6, range: RangeRule::LeastSquares, scope: RangeScope::Layer, errors: None };
        assert!(seen(&even).least_squares(&adc) > 0.95);
        let mut outlier = even;
        outlier.push(20_000.0);
        // p² N (M / 63)² / 12 for rounding and (1 − p)² M² for the outlier are least at p = 1 / (1 + N / (12 · 63²)).
        let best = 1.0 / (1.0 + 10_000.0 / (12.0 * 63.0 * 63.0));
        let part = seen(&outlier).least_squares(&adc);
        assert!((part - best).abs() < 0.02, "{part}, wanted {best}");
    }
}
