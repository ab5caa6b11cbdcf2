//! Of a design: what one setting leaves of another.

use super::{Idle, idle, mapping};
use crate::args::design::options;
use crate::args::hardware::HardwareArgs;
use tilewright::hardware::{Design, LineOrder};
use tilewright::network::is_rounded;
use tilewright::simulate::Programmable;

/// Why nothing tells chips apart.
pub(super) const ALIKE: &str =
    "nothing is drawn at random, so that all chips and copies are alike; give cells with errors, or leave it out";

/// Options without effect, as far as the command line and its design tell.
pub(super) fn of(args: &HardwareArgs, design: &Design) -> Vec<Idle> {
    let scheme = args.scheme.as_deref().unwrap_or(&design.scheme);
    [mapping::rules(&[scheme]), of_design(design)].concat()
}

/// Settings of a design without effect.
pub(super) fn of_design(design: &Design) -> Vec<Idle> {
    design.idle().map(|(setting, because)| Idle { option: setting.name, because: options(because) }).collect()
}

/// The order of a crossbar's lines, which tells nothing of ideal ones but their places in a netlist.
pub(super) fn of_order(design: &Design) -> Vec<Idle> {
    let because = "wires and terminals have no resistance; give --wire, --bit-wire, --source or --sink";
    let by_current = design.compensation.order == LineOrder::ByCurrent;
    if by_current && design.wires.are_ideal() { idle(&["order"], because) } else { vec![] }
}

/// Options without effect on a network that is mapped, on a device that is known.
pub(crate) fn of_ready(ready: &Programmable<'_>) -> Vec<Idle> {
    let hardware = &ready.hardware;
    let device = hardware.device.name();
    let mut found = vec![];
    if !hardware.varies() {
        found.extend(idle(&["seeds", "first-seed", "copies"], ALIKE));
        let exact = format!("device {device} is programmed exactly; give it errors, or leave it out");
        found.extend(idle(&["verify-within", "max-pulses"], &exact));
    }
    if !hardware.has_read_noise() {
        let silent = format!("device {device} is read without noise; give --read-noise or another device");
        found.extend(idle(&["reads"], &silent));
    }
    if !hardware.has_stuck_cells() {
        let sound = format!("no cell of device {device} is stuck; give --stuck, --fault-map or another device");
        found.extend(idle(&["fault-aware", "faults-to", "spare-lines"], &sound));
        if hardware.compensation.order == LineOrder::ByFaults {
            found.extend(idle(&["order"], &sound));
        }
    }
    if hardware.cells.age > 0.0 && !hardware.ages() {
        let settled =
            format!("the conductances of device {device} do not change with time; give --drift or another device");
        found.extend(idle(&["age", "drift-compensation"], &settled));
    }
    if !hardware.converters_differ() {
        let alike = "all converters are alike; give --adc-offset, --adc-gain or --adc-mismatch";
        found.extend(idle(&["adc-columns"], alike));
    }
    if ready.mapping.layers.iter().all(|layer| layer.tiling.replication == 1) {
        let single = format!("scheme {} makes one copy of every layer; take one that makes more", ready.mapping.scheme);
        found.extend(idle(&["copies"], &single));
    }
    if is_rounded(ready.network) && !hardware.is_calibrated() {
        let other = if hardware.neuron.is_some() {
            "--neuron-offset, --neuron-noise or --neuron-saturation"
        } else {
            "--adc-bits or --refresh"
        };
        let fixed = format!("the model says itself how it is rounded, and nothing else is calibrated; give {other}");
        found.extend(idle(&["calibration", "calibration-images"], &fixed));
    }
    found
}
