//! A network, how it is mapped, and the hardware it is for: what chips are programmed from.

use super::SimulateError;
use super::analog::{Digits, Pulses, Sums};
use super::analog_path::AnalogPath;
use super::channels::{digits, in_cells};
use super::hardware::Hardware;
use crate::hardware::{DriftCompensation, FaultAware, LineOrder, RangeScope};
use crate::mapping::placement::Crossbars;
use crate::mapping::{Encoding, LayerMapping, Mapping, SignRule, Step, Tiles};
use crate::network::executor::{Arithmetic, Executor};
use crate::network::{IntegerLayer, Network, Tensor};
use std::borrow::Cow;

/// What a chip is made of, and the images its converters are set by.
#[derive(Clone, Copy)]
pub struct Plan<'a> {
    /// The network.
    pub network: &'a Network,
    /// How it is mapped.
    pub mapping: &'a Mapping,
    /// Its layers in integers, as [`integer_layers`](crate::network::integer_layers) yields them.
    pub layers: &'a [IntegerLayer],
    /// The hardware.
    pub hardware: &'a Hardware,
    /// Normalised images that converters and digital corrections are calibrated on.
    pub calibration: &'a [Tensor<f32>],
    /// Threads that program and calibrate; the result does not depend on it.
    pub threads: usize,
}

impl Plan<'_> {
    /// Checks the hardware's settings, and that network, mapping and encoding go together.
    ///
    /// # Errors
    /// As [`Chip::program`](super::Chip::program).
    pub fn verify(&self) -> Result<(), SimulateError> {
        self.hardware.verify()?;
        let names = self.mapping.layers.iter().map(|layer| &layer.name);
        if !names.eq(self.layers.iter().map(|layer| &layer.layer.name)) {
            return Err(SimulateError::Setting {
                what: "the mapping".into(),
                found: format!("one of {}", self.mapping.network),
                allowed: format!("one of {}", self.network.name),
            });
        }
        for (place, (layer, mapped)) in self.layers.iter().zip(&self.mapping.layers).enumerate() {
            let (active, rows) = (self.rows_at_once(place), mapped.crossbar.rows);
            let allowed = format!("1 to {rows}, the rows of the crossbar");
            SimulateError::check("word lines driven at a time", &active, active <= rows, &allowed)?;
            let all = self.hardware.neuron.is_none() || active == rows;
            let every = format!("{rows}, all of them, since neurons pass on whole currents");
            SimulateError::check("word lines driven at a time", &active, all, &every)?;
            self.verify_cells(place)?;
            self.verify_turns(place)?;
            self.verify_holder(place)?;
            mapped.encoding.check_range(&layer.layer.name, layer.weight_range())?;
        }
        self.analog_path()?;
        self.faults()?;
        let needed = self.hardware.is_calibrated();
        SimulateError::check("calibration images", &0, !needed || !self.calibration.is_empty(), "1 or more")
    }

    /// What hardware without errors computes, without a crossbar.
    pub(super) fn digital(&self) -> Result<Executor, SimulateError> {
        without_crossbars(self.network, self.layers, self.hardware)
    }

    /// The way of analog values from layer to layer, if neurons pass them on.
    pub(super) fn analog_path(&self) -> Result<Option<AnalogPath>, SimulateError> {
        self.hardware.neuron.map(|_| AnalogPath::of(self.network)).transpose()
    }

    /// The network as the hardware runs it: its quantisers do not round what neurons pass on.
    pub(super) fn run_network(&self) -> Cow<'_, Network> {
        run_network(self.network, self.hardware)
    }

    /// The hardware of a layer by its place.
    pub(super) fn hardware_of(&self, layer: usize) -> &Hardware {
        self.hardware.of_layer(&self.mapping.layers[layer].name)
    }

    /// Checks that a layer on the crossbars of an earlier one has the hardware of that.
    fn verify_holder(&self, place: usize) -> Result<(), SimulateError> {
        let layer = &self.mapping.layers[place];
        let Some(holder) = layer.held_by else { return Ok(()) };
        if self.hardware_of(place).record() == self.hardware_of(holder).record() {
            return Ok(());
        }
        let problem = format!(
            "has settings of its own and is on the crossbars of layer {:?}, which has the same weights; give both the same settings, or hold \
             the weights apart",
            self.mapping.layers[holder].name
        );
        Err(SimulateError::Layer { layer: layer.name.clone(), problem })
    }

    /// Checks that what is asked of a layer's cells goes with its encoding.
    fn verify_cells(&self, layer: usize) -> Result<(), SimulateError> {
        let (encoding, hardware) = (self.encoding(layer), self.hardware_of(layer));
        let differential = encoding.sign == SignRule::Differential;
        // With an offset a cell without a weight holds half of the range, which the digital side subtracts.
        SimulateError::check(
            "unused cells",
            &"unformed",
            !hardware.has_unformed_cells() || differential,
            "programmed with the offset encoding, whose unused cells hold the offset; unformed with the differential one",
        )?;
        SimulateError::check(
            "encoding of weights",
            &encoding.sign.words(),
            hardware.neuron.is_none() || differential,
            "the differential one, since neurons take the difference of two bit lines",
        )?;
        let taken_over = match hardware.compensation.fault_aware {
            FaultAware::No => true,
            FaultAware::Pairs => differential,
            FaultAware::Slices => differential || encoding.slices() > 1,
        };
        SimulateError::check(
            "cells that take over for stuck ones",
            &"asked for",
            taken_over,
            "the other cell of a pair with the differential encoding, those of other slices where a weight has several cells",
        )?;
        SimulateError::check(
            "order of the lines",
            &"by-faults",
            differential || hardware.compensation.order != LineOrder::ByFaults,
            "mapped or by-current with the offset encoding, by-faults with the differential one",
        )
    }

    /// Checks that nothing is asked for that packs which take turns in a crossbar have in common: each is programmed and read by itself,
    /// and that is what it does in a crossbar with others only where rows that are not driven carry nothing.
    fn verify_turns(&self, layer: usize) -> Result<(), SimulateError> {
        let (layer, hardware) = (&self.mapping.layers[layer], self.hardware_of(layer));
        if layer.tiling.turns == 1 {
            return Ok(());
        }
        let Hardware { adc, compensation, .. } = hardware;
        let scope = adc.as_ref().map(|adc| adc.scope);
        let shared = [
            (!hardware.is_wired_ideally(), "wires or terminals with resistance"),
            (layer.encoding.sign == SignRule::Offset, "an offset column"),
            (hardware.cells.known_faults.is_some(), "the stuck cells of a map"),
            (hardware.converters_vary(), "converters with errors of their own"),
            (hardware.neurons_differ(), "neurons with errors of their own"),
            (matches!(scope, Some(RangeScope::Columns(_))), "converters with a range for some columns"),
            (compensation.drift_compensation == DriftCompensation::PerCrossbar, "one drift factor a crossbar"),
            (compensation.order == LineOrder::ByFaults, "an order of the lines by faults"),
        ];
        let Some((_, what)) = shared.into_iter().find(|(asked, _)| *asked) else { return Ok(()) };
        let problem = format!(
            "has groups that take turns in a crossbar, whose packs would have {what} in common, which is not modelled; take the groups \
             packed or separate, or leave that out"
        );
        Err(SimulateError::Layer { layer: layer.name.clone(), problem })
    }

    /// The layer whose cells a layer uses: what is drawn for them is drawn by its number.
    pub(super) fn cells_of(&self, layer: usize) -> u16 {
        self.mapping.holder(layer) as u16
    }

    /// Word lines of a layer's crossbar that are driven at a time.
    pub(super) fn rows_at_once(&self, layer: usize) -> usize {
        self.hardware_of(layer).active_rows.unwrap_or(self.mapping.layers[layer].crossbar.rows)
    }

    /// The steps of a layer's crossbar, in channels.
    pub(super) fn steps_of_channels(&self, crossbars: &Crossbars<'_>, (layer, number): (usize, usize)) -> Vec<Step> {
        let each = self.digits(layer).factors.len();
        let of_channels = |Step { rows, columns }| Step { rows, columns: columns.start * each..columns.end * each };
        crossbars.steps(number, self.rows_at_once(layer)).into_iter().map(of_channels).collect()
    }

    /// The encoding of a layer as cells hold it.
    pub(super) fn encoding(&self, layer: usize) -> Encoding {
        in_cells(self.mapping.layers[layer].encoding)
    }

    /// How the channels of a layer's weight columns are put together.
    pub(super) fn digits(&self, layer: usize) -> Digits {
        digits(&self.encoding(layer), self.hardware_of(layer).pairs)
    }

    pub(super) fn tiles(&self) -> Result<Vec<Tiles>, SimulateError> {
        Ok(self.mapping.layers.iter().map(LayerMapping::tiles).collect::<Result<_, _>>()?)
    }

    pub(super) fn pulses(&self, layer: usize) -> Pulses {
        Pulses::new(self.layers[layer].driven_bits, self.hardware_of(layer).dac_bits)
    }

    pub(super) fn sums(&self, layer: usize) -> Sums {
        let Hardware { adc, neuron, .. } = self.hardware_of(layer);
        if adc.is_some() || neuron.is_some() { Sums::Whole } else { Sums::InParts }
    }

    /// Copies of a layer that are solved.
    pub(super) fn copies(&self, layer: usize) -> usize {
        // Copies whose cells come out alike compute the same, and are solved once.
        let copies = self.mapping.layers[layer].tiling.replication as usize;
        if self.hardware_of(layer).copies_differ() { copies } else { 1 }
    }
}

/// The network that hardware without errors computes: with its layers in integers; where neurons pass values on, with integer weights and inputs
/// that only what drives the first layers rounds.
pub(super) fn without_crossbars(
    network: &Network,
    layers: &[IntegerLayer],
    hardware: &Hardware,
) -> Result<Executor, SimulateError> {
    let path = hardware.neuron.map(|_| AnalogPath::of(network)).transpose()?;
    let by_neurons = |layer: usize| path.as_ref().is_some_and(|path| path.driven_by_neurons[layer]);
    let mut layers = layers.iter().enumerate();
    Executor::with_layers(&run_network(network, hardware), |_| {
        let (place, layer) = layers.next().expect("every layer");
        Ok(if by_neurons(place) { Arithmetic::of_any_inputs(layer) } else { Arithmetic::exact(layer.clone()) })
    })
}

fn run_network<'a>(network: &'a Network, hardware: &Hardware) -> Cow<'a, Network> {
    if hardware.neuron.is_some() { Cow::Owned(network.unrounded()) } else { Cow::Borrowed(network) }
}
