//! Of hardware: what one setting leaves of another.

use super::{Idle, idle, mapping};
use crate::args::hardware::{HardwareArgs, Unused};
use crate::hardware::{Programmable, wiring};
use tilewright::circuit::Wiring;
use tilewright::mapping::SignRule;
use tilewright::network::is_rounded;
use tilewright::simulate::Refresh;

/// Options without effect, as far as the command line alone tells.
pub(super) fn of(args: &HardwareArgs) -> Vec<Idle> {
    let HardwareArgs { target, cells, converters, .. } = args;
    let mut found = mapping::rules(std::slice::from_ref(&args.scheme));
    if converters.adc_bits.0.is_none() {
        found.extend(idle(&["adc-range", "adc-scope"], "currents are read exactly; give --adc-bits"));
    }
    if target.encoding.is_some_and(|sign| sign != SignRule::Differential) {
        found.extend(idle(&["pairs"], "only --encoding differential has pairs of columns"));
    }
    if is_wired_ideally(args) {
        found.extend(idle(&["predistort", "drive", "collect"], NO_RESISTANCE));
    }
    if cells.unused_cells == Unused::Programmed {
        found.extend(idle(&["g-unformed", "shorts"], "all cells are formed; give --unused-cells unformed"));
    }
    if cells.age == 0.0 {
        found.extend(idle(&["drift", "drift-compensation"], "conductances drift as time passes; give --age"));
    }
    found
}

/// The order of a crossbar's lines, which tells nothing of ideal ones but their places in a netlist.
pub(super) fn of_order(args: &HardwareArgs) -> Vec<Idle> {
    if is_wired_ideally(args) { idle(&["order"], NO_RESISTANCE) } else { vec![] }
}

const NO_RESISTANCE: &str = "wires and terminals have no resistance; give --wire, --bit-wire, --source or --sink";

fn is_wired_ideally(args: &HardwareArgs) -> bool {
    let Wiring { r_word, r_bit, r_source, r_sink, .. } = wiring(&args.wires, 0.0);
    [r_word, r_bit, r_source, r_sink].iter().all(|&ohm| ohm == 0.0)
}

/// Options without effect on a network that is mapped, on a device that is known.
pub(crate) fn of_ready(ready: &Programmable<'_>) -> Vec<Idle> {
    let hardware = &ready.hardware;
    let device = hardware.device.name();
    let mut found = vec![];
    if !hardware.varies() {
        let alike = "nothing is drawn at random, so that all chips and copies are alike; give cells with errors, or leave it out";
        found.extend(idle(&["seeds", "first-seed", "copies"], alike));
        let exact = format!("device {device} is programmed exactly; give it errors, or leave it out");
        found.extend(idle(&["verify-within", "max-pulses"], &exact));
    }
    if !hardware.device.stuck().occurs() {
        let sound = format!("no cell of device {device} is stuck; give --stuck or another device");
        found.extend(idle(&["fault-aware"], &sound));
    }
    if hardware.age > 0.0 && !hardware.ages() {
        let settled =
            format!("the conductances of device {device} do not change with time; give --drift or another device");
        found.extend(idle(&["age", "drift-compensation"], &settled));
    }
    if ready.mapping.layers.iter().all(|layer| layer.tiling.replication == 1) {
        let single = format!("scheme {} makes one copy of every layer; take one that makes more", ready.mapping.scheme);
        found.extend(idle(&["copies"], &single));
    }
    if is_rounded(ready.network) && hardware.adc.is_none() && hardware.compensation.refresh == Refresh::Off {
        let fixed =
            "the model says itself how it is rounded, and nothing else is calibrated; give --adc-bits or --refresh";
        found.extend(idle(&["calibration", "calibration-images"], fixed));
    }
    found
}
