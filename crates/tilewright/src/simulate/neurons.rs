//! The analog neurons of a chip: their ranges, from the sums of a calibration batch, and each drawn.

use super::SimulateError;
use super::analog_path::AnalogPath;
use super::chip::Chip;
use super::drawn_neurons::DrawnNeurons;
use super::layer_maps::for_each_batch;
use super::plan::Plan;
use crate::network::NodeId;
use crate::network::executor::Images;
use std::collections::BTreeMap;

/// Puts the neurons of a chip behind its sums; those that do nothing wrong pass the sums on as they are.
pub(super) fn set(chip: &mut Chip, plan: &Plan<'_>, path: &AnalogPath, seed: u64) -> Result<(), SimulateError> {
    let ranges = ranges(chip, plan, path)?;
    let layers: Vec<NodeId> = chip.executor.layers().map(|(node, _)| node).collect();
    for (&sum, &place) in &path.sums {
        let Some(neurons) = plan.hardware_of(place).neuron.filter(|neurons| neurons.differ() || neurons.have_ranges())
        else {
            continue;
        };
        let range = ranges.get(&sum).copied().unwrap_or(0.0);
        let serving = chip.layer_mut(layers[place]).neurons();
        let drawn = DrawnNeurons::drawn(&neurons, range, &serving, plan.noise(place, seed));
        chip.executor.change(sum, Box::new(drawn));
    }
    Ok(())
}

/// The greatest magnitude of every sum on the calibration images, all neurons passing on what they get; of none if nothing depends on it.
fn ranges(chip: &Chip, plan: &Plan<'_>, path: &AnalogPath) -> Result<BTreeMap<NodeId, f32>, SimulateError> {
    let have_ranges = |place: usize| plan.hardware_of(place).neuron.is_some_and(|neurons| neurons.have_ranges());
    let sums: Vec<NodeId> = path.sums.iter().filter(|&(_, &place)| have_ranges(place)).map(|(&sum, _)| sum).collect();
    if sums.is_empty() {
        return Ok(BTreeMap::new());
    }
    let batches = for_each_batch(plan.calibration, plan.threads, |first, images| {
        let mut greatest = BTreeMap::new();
        chip.executor.run_from(first, images, &mut |node, images| {
            if sums.contains(&node) {
                greatest.insert(node, greatest_of(images));
            }
        })?;
        Ok(greatest)
    })?;
    let mut ranges = BTreeMap::new();
    for (sum, greatest) in batches.into_iter().flatten() {
        let range = ranges.entry(sum).or_insert(0f32);
        *range = range.max(greatest);
    }
    Ok(ranges)
}

fn greatest_of(images: &Images) -> f32 {
    images.values().iter().flat_map(|lanes| lanes.0).fold(0.0, |greatest, value| greatest.max(value.abs()))
}
