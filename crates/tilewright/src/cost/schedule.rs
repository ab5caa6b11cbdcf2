//! When layers run: steps of a layer, layers one after another or all at once.
//!
//! A *cycle* is one load of all copies of a layer at once, as the mapping counts them: pulses, and in each of them, or at their end,
//! conversions in turn by the converters that columns share. While values of a pulse are converted the next may be read, if they
//! are held. Where only some word lines are driven at a time, a crossbar does so step by step, and each step converts the columns that
//! it reads. A cycle takes at least as long as the bus needs to bring its inputs.

use super::activity::Work;
use super::chains::{Chain, Maker};
use super::clockwork::{Clockwork, Computing};
use super::products::Products;
use crate::hardware::{Conversion, Design, Order};
use crate::mapping::{LayerMapping, Mapping};
use crate::network::Network;
use serde::Serialize;

pub use super::layer_time::{Bound, LayerTime};

impl Clockwork {
    /// How long a layer computes, on `macros` macros.
    pub(super) fn layer(&self, chip: &Design, work: &Work, macros: f64) -> LayerTime {
        let clock_ns = 1.0 / chip.clock_ghz;
        let Computing { steps, total_ns: compute_ns, read_ns, convert_ns, last_ns } = work.computing;
        let copies = (work.crossbars / work.load.crossbars as f64).max(1.0);
        let tiles = (macros / f64::from(chip.macros_per_tile)).max(1.0);
        let bits = work.fetched / work.turns * copies * f64::from(work.input_bits);
        let transfer_ns = bits / tiles / f64::from(chip.bus_bits) * clock_ns;
        let cycle_ns = compute_ns.max(transfer_ns);
        let bound = if transfer_ns > compute_ns {
            Bound::Transfer
        } else if convert_ns > read_ns {
            Bound::Convert
        } else {
            Bound::Read
        };
        // After the last cycle: its conversions if they overlap, shift-and-add, the adder tree, the activation.
        let last_ns = if chip.conversion == Conversion::Sampled { last_ns } else { 0.0 };
        let depth = 2.0 + work.row_cuts.max(1.0).log2().ceil();
        LayerTime { steps, cycle_ns, total_ns: work.cycles * cycle_ns + last_ns + depth * clock_ns, bound }
    }
}

/// When each layer of an image runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Schedule {
    /// How layers take turns.
    pub order: Order,
    /// Start and end of each layer on crossbars, in ns.
    pub layers: Vec<[f64; 2]>,
    /// Start and end of each layer and product of multiply-accumulate units, in ns.
    pub products: Vec<[f64; 2]>,
    /// From the image to its result, in ns.
    pub latency_ns: f64,
    /// From one image to the next, in ns.
    pub interval_ns: f64,
}

/// What is laid out in time.
#[derive(Clone, Copy)]
pub(super) struct Tasks<'a> {
    pub network: &'a Network,
    /// For each layer the part of its input that it starts with.
    pub firsts: &'a [f64],
    /// For each layer how it takes what is made before it, if no map is stored between.
    pub chains: &'a [Option<Chain>],
    /// For each layer the one whose crossbars it uses.
    pub holders: &'a [usize],
    pub times: &'a [LayerTime],
    pub products: &'a Products,
}

/// Lays out a mapped network in time.
pub(super) fn schedule(
    order: Order,
    network: &Network,
    mapping: &Mapping,
    (times, products): (&[LayerTime], &Products),
    chains: &[Option<Chain>],
) -> Schedule {
    let firsts: Vec<f64> = mapping.layers.iter().map(first_part).collect();
    schedule_of(order, Tasks { network, firsts: &firsts, chains, holders: &mapping.holders(), times, products })
}

/// Lays out layers and products in time.
pub(super) fn schedule_of(order: Order, tasks: Tasks<'_>) -> Schedule {
    match order {
        Order::LayerByLayer => one_by_one(tasks),
        Order::Pipelined => pipelined(tasks),
    }
}

fn one_by_one(Tasks { chains, times, products, .. }: Tasks<'_>) -> Schedule {
    let mut now = 0.0;
    let mut waiting = products.list.iter().peekable();
    let (mut of_layers, mut of_products) = (Vec::<[f64; 2]>::with_capacity(times.len()), Vec::<[f64; 2]>::new());
    let layers = times.iter().zip(chains).map(Some).chain([None]);
    for (place, layer) in layers.enumerate() {
        while let Some(product) = waiting.next_if(|product| product.after == place) {
            of_products.push(after(&mut now, product.time));
        }
        let Some((&time, chain)) = layer else { break };
        let span = match chain {
            Some(chain) => {
                let maker = chain.maker.span(&mut of_layers, &mut of_products);
                let span = taken(maker, chain.windows, time);
                now = span[1];
                span
            }
            None => after(&mut now, time),
        };
        of_layers.push(span);
    }
    Schedule { order: Order::LayerByLayer, layers: of_layers, products: of_products, latency_ns: now, interval_ns: now }
}

/// Each layer starts when the rows of its first window are there and its crossbars are free, and ends no sooner than a cycle after its last
/// input.
fn pipelined(Tasks { network, firsts, chains, holders, times, products }: Tasks<'_>) -> Schedule {
    let (mut free, mut busy) = (vec![0.0f64; times.len()], vec![0.0; times.len()]);
    let mut spans: Vec<[f64; 2]> = Vec::with_capacity(network.nodes().len());
    let mut waiting = products.list.iter().peekable();
    let (mut of_layers, mut of_products) = (Vec::with_capacity(times.len()), Vec::new());
    for (id, node) in network.iter() {
        let inputs = node.inputs.iter().map(|input| spans[input.0]);
        let ready = inputs.fold([0.0f64, 0.0f64], |latest, span| [latest[0].max(span[0]), latest[1].max(span[1])]);
        let span = if let Some(product) = waiting.next_if(|product| product.node == id) {
            let span = run((ready, 0.0), product.first, product.time);
            of_products.push(span);
            span
        } else if network.is_layer(id) {
            let place = of_layers.len();
            let holder = holders[place];
            let span = match &chains[place] {
                Some(chain) => {
                    let maker = chain.maker.span(&mut of_layers, &mut of_products);
                    taken(maker, chain.windows, times[place])
                }
                None => run((ready, free[holder]), firsts[place], times[place]),
            };
            free[holder] = span[1];
            busy[holder] += times[place].total_ns;
            of_layers.push(span);
            span
        } else {
            ready
        };
        spans.push(span);
    }
    let latency_ns = spans.iter().map(|span| span[1]).fold(0.0, f64::max);
    let interval_ns = busy.into_iter().fold(products.total_ns, f64::max);
    Schedule { order: Order::Pipelined, layers: of_layers, products: of_products, latency_ns, interval_ns }
}

/// Start and end of what begins when everything before it has ended.
fn after(now: &mut f64, time: LayerTime) -> [f64; 2] {
    let start = *now;
    *now += time.total_ns;
    [start, *now]
}

/// Start and end of a layer that takes, one after another, windows that are made evenly over `maker`; what makes them waits with each of
/// them until the one before it is done.
fn taken(maker: &mut [f64; 2], windows: f64, time: LayerTime) -> [f64; 2] {
    let window_ns = time.total_ns / windows;
    let start = maker[0] + (maker[1] - maker[0]) / windows;
    let end = (start + time.total_ns).max(maker[1] + window_ns);
    maker[1] = end - window_ns;
    [start, end]
}

impl Maker {
    /// When it runs.
    fn span<'a>(self, layers: &'a mut [[f64; 2]], products: &'a mut [[f64; 2]]) -> &'a mut [f64; 2] {
        match self {
            Self::Layer(place) => &mut layers[place],
            Self::Product(place) => &mut products[place],
        }
    }
}

/// Start and end of a layer whose input comes evenly over `input`, which starts after the part `first` of it and not before `free`.
fn run((input, free): ([f64; 2], f64), first: f64, time: LayerTime) -> [f64; 2] {
    let start = (input[0] + first * (input[1] - input[0])).max(free);
    [start, (start + time.total_ns).max(input[1] + time.cycle_ns)]
}

/// The part of a layer's input rows that its first windows need.
pub(super) fn first_part(layer: &LayerMapping) -> f64 {
    let shape = &layer.shape;
    let rows = (layer.tiling.window[0] - 1) * shape.stride[0] + shape.kernel_extent(0);
    let rows = rows.saturating_sub(shape.padding.top).max(1);
    (rows as f64 / shape.input[0] as f64).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Window by window: one is handed over when it is made and the one before it is done; until then nothing further is made.
    #[test]
    fn windows_are_handed_over_one_after_another() {
        for windows in 1..9u32 {
            for (make_ns, take_ns) in [(3.0, 2.0), (2.0, 3.0), (5.0, 5.0), (1.0, 40.0)] {
                let (mut made, mut handed, mut done) = (10.0f64, 10.0, 10.0);
                for window in 0..windows {
                    made = if window == 0 { made } else { handed } + make_ns;
                    handed = made.max(done);
                    done = handed + take_ns;
                }
                let count = f64::from(windows);
                let mut maker = [10.0, 10.0 + make_ns * count];
                let time = LayerTime { steps: 1, cycle_ns: take_ns, total_ns: take_ns * count, bound: Bound::Read };
                assert_eq!(taken(&mut maker, count, time), [10.0 + make_ns, done], "{windows} {make_ns} {take_ns}");
                assert_eq!(maker, [10.0, handed]);
            }
        }
    }

    #[test]
    fn a_pipelined_layer_overlaps_its_input() {
        let time = LayerTime { steps: 1, cycle_ns: 1.0, total_ns: 10.0, bound: Bound::Read };
        assert_eq!(run(([0.0, 100.0], 0.0), 0.25, time), [25.0, 101.0]);
        assert_eq!(run(([0.0, 8.0], 0.0), 0.5, time), [4.0, 14.0]);
        assert_eq!(run(([5.0, 8.0], 0.0), 1.0, time), [8.0, 18.0]);
        assert_eq!(run(([5.0, 8.0], 9.0), 1.0, time), [9.0, 19.0]);
    }
}
