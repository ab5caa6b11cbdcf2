//! What a mapped network does on a chip, and what that costs.

use super::activity::{Activity, Event, Work};
use super::chains::{Chain, Maker, chains};
use super::conductance::Conductance;
use super::digital::Digital;
use super::floor::Floor;
use super::products::Products;
use super::roll_up::{Hardware, Parts, roll_up};
use super::schedule::{LayerTime, Schedule, schedule};
use super::{Cost, CostError, CostModel, floor_plan, storage};
use crate::hardware::Order;
use crate::mapping::scheme::Scheme;
use crate::mapping::{LayerBits, LayerMapping, Mapping, MappingError, Targets, map_network, search};
use crate::network::{Network, NodeId};

impl CostModel {
    /// What a mapped network costs.
    ///
    /// # Errors
    /// [`CostError::Setting`] if it is mapped onto another crossbar or encoding than the chip has, a layer's inputs have more bits
    /// than the chip's, or a histogram does not go with a layer's inputs.
    pub fn cost(&self, network: &Network, mapping: &Mapping) -> Result<Cost, CostError> {
        self.check(mapping)?;
        self.verify(network)?;
        let works = self.works(network, mapping)?;
        let floor = self.floor(mapping, &works);
        let times: Vec<LayerTime> = (works.iter().zip(&floor.at_work).zip(&mapping.layers))
            .map(|((work, macros), layer)| {
                let Self { chip, clockwork, .. } = self.of_layer(&layer.name);
                clockwork.layer(chip, work, *macros)
            })
            .collect();
        let mut products = self.products(network);
        let chains = chains(&self.chip, network, mapping, (&works, &products));
        let homes = floor_plan::homes(network, &products);
        let chips = &floor.chips;
        let mut activities = self.activities(network, &works, &floor, &times, &homes);
        hand_over(&chains, &works, &mut activities, &mut products);
        let schedule = schedule(self.chip.schedule, network, mapping, (&times, &products), &chains);
        let chip_time_ns = chip_time_ns(&schedule, (&times, &products), chips);
        let buffer_bytes = self.buffer_bytes(network, mapping, (&homes, &chains)) + products.buffer_bytes(&self.chip);
        let hardware = Hardware::new(&self.chip, floor.macros);
        Ok(roll_up(&Parts {
            model: self,
            network,
            mapping,
            at_work: floor.at_work,
            times,
            activities,
            products,
            chains,
            schedule,
            chip_time_ns,
            buffer_bytes,
            hardware,
        }))
    }

    /// Maps a network by a scheme onto the chip's crossbars.
    ///
    /// # Errors
    /// As [`map_network`].
    pub fn map(&self, network: &Network, scheme: &dyn Scheme) -> Result<Mapping, MappingError> {
        map_network(network, scheme, &self.chip.targets(&self.target(), &LayerBits::default())?, None)
    }

    /// Maps a network by a scheme onto `target`, or onto [`Targets`], with the chip's crossbars and encodings: as the scheme says, or so that it is best
    /// for an objective, the latter within a limit if there is one.
    ///
    /// # Errors
    /// As [`map_network`] and [`CostModel::optimize`]; [`CostError::Setting`] for a limit without an objective.
    pub fn map_for(
        &self,
        network: &Network,
        scheme: &dyn Scheme,
        target: impl Into<Targets>,
        (objective, within): (Option<search::Priced>, Option<search::Within>),
    ) -> Result<Mapping, CostError> {
        let target = &target.into();
        self.verify(network)?;
        match (objective, within) {
            (Some(least), _) => self.optimize(network, scheme, target, (least, within)),
            (None, None) => Ok(map_network(network, scheme, target, None)?),
            (None, Some(_)) => Err(CostError::Setting {
                problem: "a crossbar budget goes with the objective latency, a limit on latency with area or energy"
                    .into(),
            }),
        }
    }

    /// What each layer does in crossbars, reads weighted by how strong they are.
    fn works(&self, network: &Network, mapping: &Mapping) -> Result<Vec<Work>, CostError> {
        let layers = network.layers();
        let work = |(place, layer): (usize, &LayerMapping)| {
            let input_bits = self.input_bits(&layer.name);
            let Self { chip, clockwork, range, .. } = self.of_layer(&layer.name);
            let mut work = Work::new(layer, (chip, clockwork), input_bits)?;
            let conductance =
                Conductance::of(network, layers[place].node, (chip, &layer.encoding), (*range, &self.settings.levels));
            let strength = self.settings.inputs.mean_square(&layer.name, chip, input_bits)?;
            conductance.weigh(work.events_mut(), strength);
            if let Some(sharing) = &mapping.sharing {
                work.turns = sharing.turns[place] as f64;
            }
            Ok(work)
        };
        mapping.layers.iter().enumerate().map(work).collect()
    }

    /// For each node the bits of a value that it takes: of a layer's inputs, or the chip's for a digital operation.
    pub(super) fn widths(&self, network: &Network) -> Vec<f64> {
        let mut widths = vec![f64::from(self.chip.input_bits); network.nodes().len()];
        for (id, node) in network.iter().filter(|&(id, _)| network.is_layer(id)) {
            widths[id.0] = f64::from(self.input_bits(&node.name));
        }
        widths
    }

    /// Macros of a layer: whole ones, for layers do not share converters.
    pub(super) fn macros(&self, work: &Work) -> f64 {
        (work.crossbars / f64::from(self.chip.crossbars_per_macro)).ceil()
    }

    fn activities(
        &self,
        network: &Network,
        works: &[Work],
        floor: &Floor,
        times: &[LayerTime],
        homes: &[Option<usize>],
    ) -> Vec<Activity> {
        let mut activities: Vec<Activity> = works.iter().map(|work| *work.events()).collect();
        for ((activity, time), macros) in activities.iter_mut().zip(times).zip(&floor.at_work) {
            self.at_work(activity, time.total_ns, *macros);
        }
        for (does, home) in Digital::of_nodes(network).into_iter().zip(homes) {
            if let (Digital::Events(event, count), Some(activity)) = (does, activities.get_mut(home.unwrap_or(0))) {
                activity[event] += count;
            }
        }
        let widths = self.widths(network);
        let hops = floor_plan::bit_hops(network, homes, &widths, &floor.centres);
        let crossings = floor_plan::bit_crossings(network, homes, &widths, &floor.chips);
        for ((activity, hops), crossings) in activities.iter_mut().zip(hops).zip(crossings) {
            activity[Event::HopBit] += hops;
            activity[Event::LinkBit] += crossings;
        }
        activities
    }

    /// Macros and their share of tiles, at work for a time.
    pub(super) fn at_work(&self, activity: &mut Activity, time_ns: f64, macros: f64) {
        activity[Event::MacroTime] = macros * time_ns;
        activity[Event::TileTime] = macros / f64::from(self.chip.macros_per_tile) * time_ns;
    }

    fn buffer_bytes(
        &self,
        network: &Network,
        mapping: &Mapping,
        (homes, chains): (&[Option<usize>], &[Option<Chain>]),
    ) -> f64 {
        let handed_over: Vec<NodeId> = chains.iter().flatten().map(|chain| chain.node).collect();
        let values = match self.chip.schedule {
            Order::LayerByLayer => storage::live_values(network, &handed_over),
            Order::Pipelined => storage::pipelined_values(network, mapping, (homes, chains)).iter().sum(),
        };
        values * f64::from(self.chip.input_bits) / 8.0
    }
}

/// Takes what goes through no buffer out of what layers and products do.
fn hand_over(chains: &[Option<Chain>], works: &[Work], activities: &mut [Activity], products: &mut Products) {
    for (place, chain) in chains.iter().enumerate() {
        let Some(chain) = chain else { continue };
        activities[place][Event::BufferBit] -= works[place].read_bits;
        match chain.maker {
            Maker::Layer(maker) => activities[maker][Event::BufferBit] -= works[maker].made_bits,
            Maker::Product(maker) => products.list[maker].buffer_bits -= products.list[maker].made_bits,
        }
    }
}

/// How long chips are at work for an image, summed over chips: layer by layer those that the layer lies on, while it runs, and one while its
/// multiply-accumulate units do; pipelined all of them, from one image to the next.
pub(super) fn chip_time_ns(
    schedule: &Schedule,
    (times, products): (&[LayerTime], &Products),
    chips: &[floor_plan::Chips],
) -> f64 {
    match schedule.order {
        Order::LayerByLayer => {
            let of_layers: f64 = times.iter().zip(chips).map(|(time, chips)| time.total_ns * chips.count()).sum();
            of_layers + products.total_ns
        }
        Order::Pipelined => schedule.interval_ns * chips.iter().map(|chips| chips.last + 1.0).fold(1.0, f64::max),
    }
}
