//! Maps of stuck cells in place of drawn ones.

use std::ops::ControlFlow;
use std::sync::Arc;
use tilewright::circuit::Wiring;
use tilewright::circuit::device::Generic;
use tilewright::hardware::{Cells, Compensation, FaultAware, FaultMap, FaultyCell, StuckAt, Unused};
use tilewright::mapping::{CrossbarSize, Encoding, SignRule, Target, map_network, scheme};
use tilewright::network::{Rounding, Tensor, integer_layers, zoo};
use tilewright::simulate::{Chip, CrossbarAccess, CrossbarMap, Hardware, Plan};

const SIZE: CrossbarSize = CrossbarSize { rows: 48, columns: 40 };

/// LeNet-5 with noisy cells, of which some are stuck; vw-sdk makes copies.
fn hardware(stuck: f64, faults: Option<FaultMap>, unused_cells: Unused) -> Hardware {
    let device = Generic {
        programming_error: vec![0.02],
        stuck_on: stuck,
        stuck_off: stuck,
        on_off_ratio: 10.0,
        ..Generic::default()
    };
    Hardware {
        cells: Cells {
            unused_cells,
            g_unformed: 1e-8,
            shorts: 0.01,
            known_faults: faults.map(Arc::new),
            ..Cells::default()
        },
        wiring: Wiring::wires(0.5),
        compensation: Compensation { fault_aware: FaultAware::Pairs, predistort: 1, ..Compensation::default() },
        ..Hardware::new(Arc::from(device.device().expect("a device")))
    }
}

fn with_plan<T>(hardware: &Hardware, of: impl Fn(&Plan<'_>) -> T) -> T {
    let network = zoo::build("lenet5").and_then(|network| network.initialize(3)).expect("a network of the zoo");
    let target = Target::new(SIZE, Encoding::whole(SignRule::Differential));
    let mapping = map_network(&network, scheme::find("sub-image").expect("a scheme"), &target, None).expect("it fits");
    let calibration: Vec<Tensor<f32>> = (100..104).map(|seed| network.random_image(seed)).collect();
    let layers = integer_layers(&network, &calibration, Rounding::to_bits(8, 8)).expect("weights");
    of(&Plan { network: &network, mapping: &mapping, layers: &layers, hardware, calibration: &calibration, threads: 2 })
}

fn scores(plan: &Plan<'_>, seed: u64) -> Vec<Tensor<f32>> {
    let images: Vec<Tensor<f32>> = (0..3).map(|seed| plan.network.random_image(seed)).collect();
    let chip = Chip::program(plan, seed, &|_, _| ControlFlow::Continue(())).unwrap_or_else(|error| panic!("{error}"));
    chip.scores(0, &images).expect("scores")
}

/// The map that a seed draws, written and read again, gives that seed's chip bit for bit, on cells that are sound.
#[test]
fn the_map_of_a_seed_gives_its_chip() {
    for unused in [Unused::Programmed, Unused::Unformed] {
        let (drawn, (map, text)) =
            with_plan(&hardware(0.01, None, unused), |plan| (scores(plan, 7), plan.drawn_faults(7).expect("a map")));
        let read = FaultMap::from_csv(&text, "drawn").expect("a map");
        assert_eq!(read.cells(), map.cells());
        assert!(map.cells().len() > 500, "{}", map.cells().len());
        let sound = hardware(0.0, Some(read), unused);
        let (same, (again, _)) = with_plan(&sound, |plan| (scores(plan, 7), plan.drawn_faults(1).expect("a map")));
        assert_eq!(same, drawn);
        assert_eq!(again.cells(), map.cells(), "what is read is what is written");
        let without = with_plan(&hardware(0.0, None, unused), |plan| scores(plan, 7));
        assert_ne!(without, drawn);
    }
}

/// Crossbars are counted through the chip: that of the second layer comes after all of the first.
#[test]
fn cells_are_where_the_map_says() {
    let first =
        with_plan(&hardware(0.0, None, Unused::Programmed), |plan| plan.mapping.layers[0].counts.crossbars as u32);
    let cells = [(first, 2, 3, StuckAt::On), (first, 4, 0, StuckAt::Off), (0, 1, 1, StuckAt::On)];
    let cells = cells.map(|(crossbar, row, column, state)| FaultyCell { crossbar, row, column, state });
    let map = FaultMap::new("by hand", cells.to_vec()).expect("a map");
    let of = |faults: Option<FaultMap>| {
        let device = Generic { on_off_ratio: 10.0, ..Generic::default() }.device().expect("a device");
        let cells = Cells { known_faults: faults.map(Arc::new), ..Cells::default() };
        let hardware = Hardware { cells, ..Hardware::new(Arc::from(device)) };
        with_plan(&hardware, |plan| {
            let layer = plan.layers[1].layer.name.as_str();
            CrossbarMap::of(plan, 0, &CrossbarAccess { layer, crossbar: 0, access: 0 }).expect("a crossbar")
        })
    };
    let (sound, faulty) = (of(None), of(Some(map)));
    for (place, (before, after)) in sound.conductances.iter().zip(&faulty.conductances).enumerate() {
        let expected = match [place / sound.columns, place % sound.columns] {
            [2, 3] => 1e-4,
            [4, 0] => 1e-5,
            _ => *before,
        };
        assert_eq!(*after, expected, "cell {place}");
    }
}

#[test]
fn maps_of_other_chips_are_refused() {
    let refused = |text: &str| {
        let map = FaultMap::from_csv(text, "faults.csv").expect("a map");
        with_plan(&hardware(0.0, Some(map), Unused::Programmed), |plan| plan.verify().expect_err(text).to_string())
    };
    for (text, parts) in [
        ("crossbar,row,column,state\n100000,0,0,on\n", ["faults.csv: crossbar 100000, row 0, column 0", "48x40 cells"]),
        ("crossbar,row,column,state\n0,48,0,on\n", ["crossbar 0, row 48, column 0: outside", "this network"]),
        ("crossbar,row,column,state\n0,0,40,off\n", ["row 0, column 40: outside", "this network"]),
        ("crossbar,row,column,state,layer\n0,0,0,on,conv9\n", ["crossbar 0: of layer \"conv9\"", "one of \"conv1\""]),
    ] {
        let message = refused(text);
        parts.iter().for_each(|part| assert!(message.contains(part), "{part:?} is not in: {message}"));
    }
}

#[test]
fn what_is_wrong_in_a_map_is_named() {
    for (text, parts) in [
        ("", ["first line", "give the columns crossbar, row, column and state"]),
        ("crossbar,row,column\n", ["crossbar, row, column;", "give the columns"]),
        ("crossbar,row,column,state,colour\n", ["colour", "give the columns"]),
        ("crossbar,row,column,state\n0,0,0\n", ["line 2: 3 values", "give 4"]),
        ("crossbar,row,column,state\n0,-1,0,on\n", ["line 2, column row: \"-1\"", "whole number"]),
        ("crossbar,row,column,state\n0,0,0,open\n", ["line 2, column state: \"open\"", "on or off"]),
        ("crossbar,row,column,state\n0,0,0,on\n0,0,0,off\n", ["crossbar 0, row 0, column 0", "there twice"]),
        ("layer,crossbar,row,column,state\na,0,0,0,on\nb,0,0,1,on\n", ["line 3, column layer: \"b\"", "\"a\" before"]),
    ] {
        let message = FaultMap::from_csv(text, "faults.csv").expect_err(text).to_string();
        parts.iter().for_each(|part| assert!(message.contains(part), "{part:?} is not in: {message}"));
    }
}
