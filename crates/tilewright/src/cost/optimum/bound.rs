//! What no combination of choices can be better than.
//!
//! Left out of the bound, and so the gap between it and a result: idle macros of the last tile, leakage of a layer's macros while
//! other layers run, transport beyond one hop a value, and where layers run at once that the one that waits least for its input is
//! not the one that takes least.

use super::choice::{Choice, More};
use super::hull::{Merged, Point};
use super::whole::Whole;
use crate::cost::schedule::LayerTime;
use crate::hardware::Order;
use crate::mapping::search::{Priced, Within};
use crate::network::NodeId;

/// From the beginning of a range of intervals to its end.
const RANGE: f64 = 1.1;
/// How much of the interval is mixed with the weighted sum of times.
const MIXTURES: [f64; 3] = [0.0, 0.5, 1.0];

/// The choices of a network's layers.
pub(super) struct Bound<'a> {
    pub whole: &'a Whole<'a>,
    pub layers: &'a [&'a [Choice]],
    pub within: Option<Within>,
}

impl Bound<'_> {
    /// No combination has less.
    pub(super) fn of(&self, least: Priced) -> f64 {
        match self.within.and_then(Within::latency_ps) {
            Some(ps) => self.of_all(least).max(self.within_latency(least, ps as f64 * 1e-3)),
            None => self.of_all(least),
        }
    }

    /// What a choice takes of the area or the energy, whatever the other layers are.
    pub(super) fn takes(&self, least: Priced, choice: &Choice) -> f64 {
        if least == Priced::Energy { self.energy_of(choice) } else { self.macro_area(choice) }
    }

    /// Least area or energy of combinations whose times, as far as the latency has them, are no longer than this.
    fn within_latency(&self, least: Priced, limit_ns: f64) -> f64 {
        let weights = self.latency_weights();
        let left_ns = limit_ns - self.in_turn_ns();
        let least_sum = |of: &dyn Fn(&Choice) -> f64| {
            let points = |(choices, weight): (&&[Choice], &f64)| -> Vec<Point> {
                let timely = choices.iter().filter(|choice| choice.time.total_ns <= limit_ns);
                timely.map(|choice| [weight * choice.time.total_ns, of(choice)]).collect()
            };
            let points: Vec<Vec<Point>> = self.layers.iter().zip(&weights).map(points).collect();
            if points.iter().any(Vec::is_empty) { f64::INFINITY } else { Merged::new(&points).least_second(left_ns) }
        };
        let sum = least_sum(&|choice| self.takes(least, choice));
        if least == Priced::Energy {
            return self.energy_constant(self.shortest_interval()) + sum;
        }
        let shared = self.whole.area_and_leakage(0.0, 1.0, self.fewest_lines(), More::default()).0;
        self.area(least_sum(&|choice| choice.macros), self.fewest_lines()).max(shared + sum)
    }

    fn of_all(&self, least: Priced) -> f64 {
        match (least, self.whole.order()) {
            (Priced::Area, _) => self.least_area(),
            (Priced::Energy, _) => self.energy(),
            (Priced::Latency, _) => self.latency(),
            (Priced::EnergyDelay, _) => {
                let product = self.product(|ns| self.energy_constant(ns), |choice| self.energy_of(choice));
                product.max(self.energy() * self.latency())
            }
            (Priced::AreaDelay, Order::LayerByLayer) if self.is_alike() => self.area_delay_by_tiles(),
            (Priced::AreaDelay, order) => {
                let product = self.product(|_| self.area_constant(), |choice| self.area_of(choice));
                let by_tiles = if order == Order::LayerByLayer { self.area_delay_by_tiles() } else { 0.0 };
                product.max(by_tiles).max(self.least_area() * self.latency())
            }
        }
    }

    /// The sum over layers of each one's least.
    fn sum_of_least(&self, of: impl Fn(&Choice) -> f64) -> f64 {
        self.layers.iter().map(|choices| choices.iter().map(&of).fold(f64::INFINITY, f64::min)).sum()
    }

    fn fewest_macros(&self) -> f64 {
        self.sum_of_least(|choice| choice.macros)
    }

    fn fewest_lines(&self) -> f64 {
        self.sum_of_least(|choice| choice.line_values)
    }

    /// Whether all macros are of the design's kind, whatever is chosen.
    fn is_alike(&self) -> bool {
        self.layers.iter().all(|choices| choices.iter().all(|choice| choice.more == More::default()))
    }

    /// What macros of other kinds take at least more than the design's; less than 0 where they are smaller.
    fn least_more(&self) -> More {
        More {
            area_um2: self.sum_of_least(|choice| choice.more.area_um2),
            leakage_mw: self.sum_of_least(|choice| choice.more.leakage_mw),
        }
    }

    /// By whole tiles with the fewest macros; or, where kinds differ, by each layer's macros and their share of tiles.
    fn least_area(&self) -> f64 {
        let by_tiles = self.area(self.fewest_macros(), self.fewest_lines());
        if self.is_alike() {
            return by_tiles;
        }
        let shared = self.whole.area_and_leakage(0.0, 1.0, self.fewest_lines(), More::default()).0;
        by_tiles.max(shared + self.sum_of_least(|choice| self.macro_area(choice)))
    }

    /// Area of the tiles that hold so many macros, and of the buffers for so many values of lines.
    fn area(&self, macros: f64, lines: f64) -> f64 {
        let chip = self.whole.model.chip();
        let tiles = (macros / f64::from(chip.macros_per_tile)).ceil().max(1.0);
        let chips = chip.tiles_per_chip.map_or(1.0, |most| (tiles / f64::from(most)).ceil());
        self.whole.area_and_leakage(tiles, chips, lines, self.least_more()).0
    }

    /// Least product of area and time for every number of tiles there can be.
    fn area_delay_by_tiles(&self) -> f64 {
        let points = |choices: &&[Choice]| choices.iter().map(|choice| [choice.macros, choice.time.total_ns]).collect();
        let merged = Merged::new(&self.layers.iter().map(points).collect::<Vec<_>>());
        let per_tile = f64::from(self.whole.model.chip().macros_per_tile);
        let shortest_ns = merged.least_second(f64::INFINITY) + self.whole.products.total_ns;
        let mut tiles = (self.fewest_macros() / per_tile).ceil().max(1.0);
        let mut least = f64::INFINITY;
        // More tiles than those on which even the shortest time there is takes more than a smaller chip are not worth a try.
        loop {
            let ns = merged.least_second(tiles * per_tile) + self.whole.products.total_ns;
            let area = self.area(tiles * per_tile, 0.0);
            least = least.min(area * ns);
            if ns <= shortest_ns || area * shortest_ns >= least {
                return least;
            }
            tiles += 1.0;
        }
    }

    /// Power that is drawn whatever the mapping while anything runs: of one chip at work, its leakage, and its buffers'.
    fn constant_mw(&self) -> f64 {
        let leaks = self.whole.area_and_leakage(0.0, 1.0, self.fewest_lines(), More::default()).1;
        self.whole.chip_mw + leaks
    }

    /// What a choice adds to the energy, whatever the other layers are: leakage of its own macros while it runs.
    fn energy_of(&self, choice: &Choice) -> f64 {
        let per_tile = f64::from(self.whole.model.chip().macros_per_tile);
        let leaks = choice.macros * (self.whole.one_macro.leakage_mw + self.whole.tile.leakage_mw / per_tile)
            + choice.more.leakage_mw;
        let constant = if self.whole.order() == Order::LayerByLayer { self.constant_mw() } else { 0.0 };
        choice.own_pj + (leaks + constant) * choice.time.total_ns
    }

    /// Energy that is the same for all mappings, and that of an interval where layers run at once, else that while products are computed.
    fn energy_constant(&self, interval_ns: f64) -> f64 {
        let drawn_ns = match self.whole.order() {
            Order::Pipelined => interval_ns,
            Order::LayerByLayer => self.whole.products.total_ns,
        };
        self.whole.digital_pj + self.whole.least_transport_pj(self.layers.len()) + self.constant_mw() * drawn_ns
    }

    fn shortest_interval(&self) -> f64 {
        let least =
            |choices: &&[Choice]| choices.iter().map(|choice| choice.time.total_ns).fold(f64::INFINITY, f64::min);
        self.layers.iter().map(least).fold(self.whole.products.total_ns, f64::max)
    }

    fn energy(&self) -> f64 {
        let separate =
            self.energy_constant(self.shortest_interval()) + self.sum_of_least(|choice| self.energy_of(choice));
        if self.whole.order() == Order::LayerByLayer || self.constant_mw() == 0.0 {
            return separate;
        }
        separate.max(self.energy_by_interval())
    }

    /// Least energy where layers run at once: for every interval, layers that keep to it.
    fn energy_by_interval(&self) -> f64 {
        let constant = self.whole.digital_pj + self.whole.least_transport_pj(self.layers.len());
        let mw = self.constant_mw();
        // Each layer's energies as its time limit grows, and the limits of all layers in order.
        let mut events: Vec<(f64, usize, f64)> = Vec::new();
        for (layer, choices) in self.layers.iter().enumerate() {
            events.extend(choices.iter().map(|choice| (choice.time.total_ns, layer, self.energy_of(choice))));
        }
        events.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut least = vec![f64::INFINITY; self.layers.len()];
        let mut missing = self.layers.len();
        let (mut sum, mut best) = (0.0, f64::INFINITY);
        for (limit_ns, layer, energy_pj) in events {
            let before = least[layer];
            if energy_pj < before {
                missing -= usize::from(before.is_infinite());
                sum += if before.is_infinite() { energy_pj } else { energy_pj - before };
                least[layer] = energy_pj;
            }
            if missing == 0 {
                best = best.min(sum + mw * limit_ns);
            }
        }
        constant + best
    }

    /// Area that is the same for all mappings; layers add their shares of tiles and buffers.
    fn area_constant(&self) -> f64 {
        let fixed: f64 = self.whole.chip.area_um2;
        fixed * (1.0 + self.whole.model.chip().layout_overhead)
    }

    /// Of its macros, with their share of tiles.
    fn macro_area(&self, choice: &Choice) -> f64 {
        let chip = self.whole.model.chip();
        let per_macro = self.whole.one_macro.area_um2 + self.whole.tile.area_um2 / f64::from(chip.macros_per_tile);
        (choice.macros * per_macro + choice.more.area_um2) * (1.0 + chip.layout_overhead)
    }

    /// The same with the buffer that it needs where layers run at once.
    fn area_of(&self, choice: &Choice) -> f64 {
        let chip = self.whole.model.chip();
        let lines = if self.whole.order() == Order::Pipelined { choice.line_values } else { 0.0 };
        let per_value: f64 = self.whole.banks.iter().map(|bank| bank.area_um2 / bank.bytes).sum::<f64>() / 8.0;
        let buffers = lines * f64::from(chip.input_bits) * per_value;
        self.macro_area(choice) + buffers * (1.0 + chip.layout_overhead)
    }

    /// Least product of a sum over layers, with a constant that may grow with the interval, and the latency.
    ///
    /// Where layers run at once the latency is at least the interval, and at least a weighted sum of times, and so at least any
    /// mixture of the two. Intervals are cut into ranges, in each of which layers keep to the range's end and the interval is at
    /// least its beginning.
    fn product(&self, constant: impl Fn(f64) -> f64, of: impl Fn(&Choice) -> f64) -> f64 {
        let weights = self.latency_weights();
        let in_turn_ns = self.in_turn_ns();
        let least = |[from_ns, to_ns]: [f64; 2], mixed: f64| {
            let timely = |(choices, weight): (&&[Choice], &f64)| -> Vec<Point> {
                let timely = choices.iter().filter(|choice| choice.time.total_ns <= to_ns);
                timely.map(|choice| [of(choice), (1.0 - mixed) * weight * choice.time.total_ns]).collect()
            };
            let mut points: Vec<Vec<Point>> = self.layers.iter().zip(&weights).map(timely).collect();
            points.push(vec![[constant(from_ns), mixed * from_ns + in_turn_ns]]);
            if points.iter().any(Vec::is_empty) { f64::INFINITY } else { Merged::new(&points).least_product() }
        };
        if self.whole.order() == Order::LayerByLayer {
            return least([0.0, f64::INFINITY], 0.0);
        }
        let of_range = |range| MIXTURES.into_iter().map(|mixed| least(range, mixed)).fold(0.0, f64::max);
        let times = self.layers.iter().flat_map(|choices| choices.iter().map(|choice| choice.time.total_ns));
        let longest = times.fold(0.0, f64::max);
        let (mut from_ns, mut best) = (self.shortest_interval(), f64::INFINITY);
        while from_ns <= longest {
            best = f64::min(best, of_range([from_ns, from_ns * RANGE]));
            from_ns *= RANGE;
        }
        best
    }

    fn latency(&self) -> f64 {
        let weights = self.latency_weights();
        let points = |(choices, weight): (&&[Choice], &f64)| {
            choices.iter().map(|choice| [choice.crossbars as f64, weight * choice.time.total_ns]).collect()
        };
        let points: Vec<Vec<Point>> = self.layers.iter().zip(&weights).map(points).collect();
        let budget = self.within.and_then(Within::crossbars).map_or(f64::INFINITY, |budget| budget as f64);
        let summed = Merged::new(&points).least_second(budget) + self.in_turn_ns();
        match self.whole.order() {
            Order::LayerByLayer => summed,
            Order::Pipelined => summed.max(self.latency_of_least()),
        }
    }

    /// How long products take for which layers wait.
    fn in_turn_ns(&self) -> f64 {
        match self.whole.order() {
            Order::LayerByLayer => self.whole.products.total_ns,
            Order::Pipelined => 0.0,
        }
    }

    /// Latency if every layer had the least of everything that latency grows with.
    fn latency_of_least(&self) -> f64 {
        let least = |choices: &&[Choice]| {
            choices.iter().copied().reduce(|a, b| Choice {
                first: a.first.min(b.first),
                time: LayerTime {
                    total_ns: a.time.total_ns.min(b.time.total_ns),
                    cycle_ns: a.time.cycle_ns.min(b.time.cycle_ns),
                    ..a.time
                },
                ..a
            })
        };
        let least: Vec<Choice> = self.layers.iter().filter_map(least).collect();
        let times: Vec<LayerTime> = least.iter().map(|choice| choice.time).collect();
        self.whole.schedule(&least, &times).latency_ns
    }

    /// How much of each layer's time the latency has at least: all of it one by one. Where layers run at once, a layer starts no
    /// sooner than when the part of its input is there that its first windows need, along the path from the image to the result
    /// on which these parts come to most.
    fn latency_weights(&self) -> Vec<f64> {
        if self.whole.order() == Order::LayerByLayer {
            return vec![1.0; self.layers.len()];
        }
        let least =
            |of: fn(&Choice) -> f64, layer: usize| self.layers[layer].iter().map(of).fold(f64::INFINITY, f64::min);
        let nodes = self.whole.network.nodes();
        // For each node the mapped layer before it on the best path, and the start of what follows.
        let mut paths: Vec<(f64, Option<usize>)> = Vec::with_capacity(nodes.len());
        let mut before: Vec<Option<usize>> = Vec::new();
        for (place, node) in nodes.iter().enumerate() {
            let inputs = node.inputs.iter().map(|input| paths[input.0]);
            let (mut start, mut layer) =
                inputs.fold((0.0, None), |best, path| if path.0 >= best.0 { path } else { best });
            if self.whole.network.is_layer(NodeId(place)) {
                let this = before.len();
                before.push(layer);
                if let Some(from) = layer {
                    start += least(|choice| choice.first, this) * least(|choice| choice.time.total_ns, from);
                }
                layer = Some(this);
            }
            paths.push((start, layer));
        }
        let mut weights = vec![0.0; self.layers.len()];
        let end = |(start, layer): &(f64, Option<usize>)| {
            start + layer.map_or(0.0, |layer| least(|choice| choice.time.total_ns, layer))
        };
        let last = paths.iter().max_by(|a, b| end(a).total_cmp(&end(b))).and_then(|path| path.1);
        let (mut layer, mut weight) = (last, 1.0);
        while let Some(this) = layer {
            weights[this] = weight;
            weight = least(|choice| choice.first, this);
            layer = before[this];
        }
        weights
    }
}
