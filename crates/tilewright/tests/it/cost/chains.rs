//! Layers of 1×1 kernels that take what is made before them window by window.

use tilewright::cost::{Cost, CostModel, Library, Settings};
use tilewright::hardware::{Chains, Design, Order};
use tilewright::mapping::scheme::Im2col;
use tilewright::mapping::{Mapping, map_network};
use tilewright::network::{Conv, Network, Op};

const CHANNELS: usize = 24;
const SIDE: usize = 8;

/// A 2D kernel, an activation and a 1D kernel, and a layer behind them.
fn pair() -> Network {
    let mut network = Network::new("pair", vec![CHANNELS, SIDE, SIDE]);
    let input = network.input();
    let two = network.conv("2d", input, Conv { groups: CHANNELS, ..Conv::same(CHANNELS, 3) }).expect("a layer");
    let relu = network.relu(two).expect("an operation");
    let one = network.conv("1d", relu, Conv::same(40, 1)).expect("a layer");
    network.conv("last", one, Conv::same(4, 3)).expect("a layer");
    network
}

fn model(preset: &str, schedule: Order, chains: Chains) -> CostModel {
    let chip = Design { schedule, chains, ..Design::preset(preset).expect("it is built in") };
    CostModel::new(&chip, &Library::built_in(), Settings::default()).expect("it is valid")
}

fn mapped(network: &Network, model: &CostModel) -> Mapping {
    map_network(network, &Im2col, &model.target(), None).expect("it fits")
}

/// Stored and streamed.
fn costs(network: &Network, schedule: Order, change: impl Fn(&mut Mapping)) -> [Cost; 2] {
    [Chains::Stored, Chains::Streamed].map(|chains| {
        let model = model("generic-22nm", schedule, chains);
        let mut mapping = mapped(network, &model);
        change(&mut mapping);
        model.cost(network, &mapping).expect("it is priced")
    })
}

fn copied(mapping: &mut Mapping, copies: [u64; 3]) {
    for (layer, copies) in mapping.layers.iter_mut().zip(copies) {
        layer.tiling.replication = copies;
        layer.counts = layer.tiles().and_then(|tiles| tiles.counts()).expect("they are small");
    }
}

fn streamed(cost: &Cost) -> Vec<&str> {
    cost.layers.iter().filter(|layer| layer.streamed).map(|layer| layer.name.as_str()).collect()
}

#[test]
fn the_pair_takes_as_long_as_the_slower_of_the_two() {
    for copies in [[1, 1, 1], [4, 1, 1], [1, 8, 1], [64, 2, 1]] {
        let [stored, with] = costs(&pair(), Order::LayerByLayer, |mapping| copied(mapping, copies));
        assert_eq!((streamed(&stored), streamed(&with)), (vec![], vec!["1d"]));
        let ns = |place: usize| stored.layers[place].span_ns[1] - stored.layers[place].span_ns[0];
        let loads = (SIDE * SIDE) as f64;
        let windows = (loads / copies[0] as f64).min(loads / copies[1] as f64);
        let pair_ns = (ns(0) / windows + ns(1)).max(ns(0) + ns(1) / windows);
        let expected = (pair_ns + ns(2)) * 1e-6;
        assert!((with.latency_ms / expected - 1.0).abs() < 1e-9, "{copies:?}: {} and {expected}", with.latency_ms);
        // A single window is made whole before it is taken.
        assert_eq!(with.latency_ms < stored.latency_ms, windows > 1.0, "{copies:?}");
        assert_eq!(with.layers[2].span_ns[0], with.layers[1].span_ns[1]);
    }
}

#[test]
fn the_map_between_goes_through_no_buffer() {
    let values = (CHANNELS * SIDE * SIDE) as f64;
    for schedule in [Order::LayerByLayer, Order::Pipelined] {
        let [stored, with] = costs(&pair(), schedule, |_| ());
        let energy = |cost: &Cost| cost.by_component.find("buffer").expect("a buffer").energy_pj;
        // Written and read: the image, two maps and the results, 3×3 kernels reading nine values for each.
        let [pixels, between, taken] = [values, values, (40 * SIDE * SIDE) as f64];
        let bits = 8.0 * (9.0 * pixels + 2.0 * between + 10.0 * taken + (4 * SIDE * SIDE) as f64);
        let saved = (energy(&stored) - energy(&with)) / energy(&stored);
        assert!((saved - 8.0 * 2.0 * between / bits).abs() < 1e-9, "{schedule:?}: {saved}");
        assert!(with.buffer_bytes <= stored.buffer_bytes, "{schedule:?}");
        if schedule == Order::Pipelined {
            // Three rows of the 2D kernel and one that arrives, and as many of the last; of the 1D kernel two no more.
            assert_eq!(stored.buffer_bytes - with.buffer_bytes, (2 * SIDE * CHANNELS) as f64);
        }
    }
}

/// Windows that are not made of one another's would have to wait for the rest of their rows.
#[test]
fn windows_that_do_not_nest_are_stored() {
    let windows = |maker: [usize; 2], taker: [usize; 2]| {
        let [stored, with] = costs(&pair(), Order::LayerByLayer, |mapping| {
            for (place, window) in [maker, taker].into_iter().enumerate() {
                let layer = &mut mapping.layers[place];
                layer.tiling.window = window;
                layer.tiling.packing.groups = 1;
                layer.counts = layer.tiles().and_then(|tiles| tiles.counts()).expect("they are small");
            }
        });
        let is_streamed = !streamed(&with).is_empty();
        assert_eq!(is_streamed, with != Cost { notes: with.notes.clone(), ..stored });
        is_streamed
    };
    assert!(windows([1, 2], [1, 1]));
    assert!(windows([1, 2], [2, 2]));
    assert!(windows([2, 2], [1, 2]));
    assert!(!windows([1, 2], [2, 1]));
    // The last of three columns would be made again with the next window.
    assert!(!windows([1, 3], [1, 3]));
}

#[test]
fn what_others_take_too_is_stored() {
    let mut network = Network::new("shortcut", vec![CHANNELS, SIDE, SIDE]);
    let input = network.input();
    let two = network.conv("2d", input, Conv { groups: CHANNELS, ..Conv::same(CHANNELS, 3) }).expect("a layer");
    let one = network.conv("1d", two, Conv::same(CHANNELS, 1)).expect("a layer");
    network.push("sum", Op::Add, &[two, one]).expect("an operation");
    let [stored, with] = costs(&network, Order::LayerByLayer, |_| ());
    assert!(streamed(&with).is_empty());
    assert_eq!(with.latency_ms, stored.latency_ms);
    assert!(with.notes.iter().any(|note| note.contains("stored")), "{:?}", with.notes);
}

#[test]
fn units_hand_over_what_they_make() {
    let network = pair().keep_digital(&["2d"]).expect("there is one");
    let priced = |chains: Chains| {
        let mut chip = Design { chains, ..Design::preset("generic-22nm").expect("it is built in") };
        chip.set_mac_units(8);
        let model = CostModel::new(&chip, &Library::built_in(), Settings::default()).expect("it is valid");
        model.cost(&network, &mapped(&network, &model)).expect("it is priced")
    };
    let [stored, with] = [Chains::Stored, Chains::Streamed].map(priced);
    assert_eq!(streamed(&with), ["1d"]);
    let ns = |span: [f64; 2]| span[1] - span[0];
    // Eight units make a row of a channel at a time: eight windows of a row each.
    let (units, layer) = (ns(stored.products[0].span_ns), ns(stored.layers[0].span_ns));
    let expected = (units / 8.0 + layer).max(units + layer / 8.0) + ns(stored.layers[1].span_ns);
    assert!((with.latency_ms * 1e6 / expected - 1.0).abs() < 1e-9, "{} and {expected}", with.latency_ms * 1e6);
    let map_bits = 8.0 * (CHANNELS * SIDE * SIDE) as f64;
    assert_eq!(stored.products[0].buffer_bits - with.products[0].buffer_bits, map_bits);
}
