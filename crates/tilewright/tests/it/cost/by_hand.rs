//! A tiny chip whose every number is worked out by hand.

use tilewright::cost::schedule::Bound;
use tilewright::cost::{CostModel, InputHistograms, Library, Settings};
use tilewright::hardware::{Design, Order};
use tilewright::mapping::scheme::Im2col;
use tilewright::network::{Conv, Dense, Network, Op};

pub(super) const CHIP: &str = r#"
name = "tiny"
about = "worked out by hand"
node_nm = 32
clock_ghz = 1.0
input_bits = 2
output_bits = 2
crossbar = { rows = 4, columns = 4 }
encoding = { sign = "single", weight_bits = 2, cell_bits = 2 }
cell = "cell.tiny"
inputs = "bit-serial"
dac_bits = 1
accumulation = "digital"
subtraction = "digital"
conversion = "serial"
pulse_ns = 10.0
crossbars_per_macro = 1
macros_per_tile = 2
bus_bits = 64
schedule = "layer-by-layer"
layout_overhead = 0.5
leakage = "leakage.tiny"

[cells]
on_off = 2
g_on = 1e-6

[adc]
model = "isaac"
columns = 2
rate_gsps = 0.5
bits = 4

[[macro]]
component = "crossbar-array"
[[macro]]
component = "driver"
constants = "driver.tiny"
[[macro]]
component = "adc"
[[tile]]
component = "router"
constants = "router.tiny"
"#;

const CONSTANTS: &str = r#"
"cell.tiny.area" = { value = 2.0, unit = "um^2", source = "by hand", status = "assumed" }
"cell.tiny.voltage" = { value = 1.0, unit = "V", source = "by hand", status = "assumed" }
"driver.tiny.area" = { value = 3.0, unit = "um^2", source = "by hand", status = "assumed" }
"driver.tiny.energy" = { value = 7.0, unit = "fJ", source = "by hand", status = "assumed" }
"router.tiny.area" = { value = 100.0, unit = "um^2", source = "by hand", status = "assumed" }
"router.tiny.energy" = { value = 1.0, unit = "pJ", source = "by hand", status = "assumed" }
"leakage.tiny" = { value = 1000.0, unit = "mW/mm^2", source = "by hand", status = "assumed" }
"#;

pub(super) fn library() -> Library {
    let mut library = Library::built_in();
    library.merge("by hand", CONSTANTS).expect("constants");
    library
}

pub(super) fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1e-12), "{found}, by hand {expected}");
}

#[test]
fn one_dense_layer() {
    let chip = Design::parse("tiny.toml", CHIP).expect("a chip");
    let model = CostModel::new(&chip, &library(), Settings::default()).expect("it is priced");
    // Six inputs on four rows: two crossbars, of four and two rows; three outputs.
    let mut network = Network::new("by hand", vec![6]);
    network.push("fc", Op::Dense(Dense::new(3)), &[network.input()]).expect("a layer");
    let mapping = model.map(&network, &Im2col).expect("it fits");
    let cost = model.cost(&network, &mapping).expect("it is priced");
    let part = |name: &str| cost.by_component.find(name).unwrap_or_else(|| panic!("{name}")).clone();

    // Areas: two macros and a tile.
    close(part("crossbar-array").area_um2, 2.0 * 16.0 * 2.0);
    close(part("driver").area_um2, 2.0 * 4.0 * 3.0);
    close(part("adc").area_um2, 2.0 * 2.0 * 361.04);
    let components = 64.0 + 24.0 + 1444.16 + 100.0;
    close(part("layout overhead").area_um2, 0.5 * components);
    close(cost.area_mm2, 1.5 * components * 1e-6);

    // Energies: 2 pulses. 6 rows; 18 cells of a weight and none without; 3 columns of each of two crossbars.
    close(part("driver").energy_pj, 6.0 * 2.0 * 7e-3);
    // 1 V² / 1 MΩ · 10 ns = 0.01 pJ; half the bits set; conductance halfway between g_on / 2 and g_on.
    close(part("crossbar-array").energy_pj, 18.0 * 2.0 * 0.01 * 0.5 * 0.75);
    close(part("adc").energy_pj, 2.0 * 3.0 * 2.0 * 0.79);
    // The image of 6 values of 2 bits over one router.
    close(part("router").energy_pj, 12.0);

    // Times: a pulse of 10 ns and two conversions in turn of 2 ns; then the depth of 2 clocks and one level of adders.
    let layer = &cost.layers[0];
    close(layer.cycle_ns, 2.0 * (10.0 + 4.0));
    assert_eq!(layer.bound, Bound::Read);
    close(cost.latency_ms, (28.0 + 3.0) * 1e-6);
    // Everything but the cells leaks: 1 mW for 1000 µm².
    close(cost.leakage_uj, (24.0 + 1444.16 + 100.0) * 1e-3 * 31.0 * 1e-6);
    assert_eq!((cost.operations, cost.crossbars, cost.tiles), (36, 2, 1.0));
    close(cost.tops_per_w, 36.0 / (cost.energy_uj * 1e6));
}

/// At 1 V a cell of V₀ = 0.5 V conducts sinh(2) / 2 times what it does at small voltages; nothing else is dearer.
#[test]
fn cells_that_bend_draw_what_they_conduct_at_the_read_voltage() {
    let mut network = Network::new("by hand", vec![6]);
    network.push("fc", Op::Dense(Dense::new(3)), &[network.input()]).expect("a layer");
    let energies = |cells: &str| {
        let chip = Design::parse("tiny.toml", &CHIP.replace("g_on = 1e-6", cells)).expect("a chip");
        let model = CostModel::new(&chip, &library(), Settings::default()).expect("it is priced");
        let cost = model.cost(&network, &model.map(&network, &Im2col).expect("it fits")).expect("it is priced");
        ["crossbar-array", "driver", "adc"].map(|name| cost.by_component.find(name).expect("a part").energy_pj)
    };
    let [linear, bent] = ["g_on = 1e-6", "g_on = 1e-6\nsinh_volts = 0.5"].map(energies);
    close(bent[0], linear[0] * 2f64.sinh() / 2.0);
    assert_eq!(bent[1..], linear[1..]);
}

#[test]
fn weights_and_inputs_decide_the_read() {
    let chip = Design::parse("tiny.toml", CHIP).expect("a chip");
    let inputs = InputHistograms::parse("always 3", r#"{"*": [0, 0, 0, 5]}"#).expect("a histogram");
    let model = CostModel::new(&chip, &library(), Settings { inputs, ..Settings::default() }).expect("it is priced");
    let mut network = Network::new("by hand", vec![4]);
    network.push("fc", Op::Dense(Dense::new(1)), &[network.input()]).expect("a layer");
    let mapping = model.map(&network, &Im2col).expect("it fits");
    let read = |network: &Network| {
        let cost = model.cost(network, &mapping).expect("it is priced");
        cost.by_component.find("crossbar-array").expect("cells").energy_pj
    };
    // Without weights: levels in the middle, 0.75 of g_on; every bit set.
    close(read(&network), 4.0 * 2.0 * 0.01 * 0.75);
    let seeded = network.initialize(3).expect("weights");
    assert!(read(&seeded) > 4.0 * 2.0 * 0.01 * 0.5 && read(&seeded) <= 4.0 * 2.0 * 0.01, "{}", read(&seeded));
}

/// Four inputs of 2 bits make three of 1 bit, which make two outputs: the second layer is driven for one pulse, the first for two.
#[test]
fn each_layer_is_priced_by_the_bits_of_its_own_inputs() {
    let chip = Design::parse("tiny.toml", CHIP).expect("a chip");
    let settings = Settings { layer_inputs: [("b".to_owned(), 1)].into_iter().collect(), ..Settings::default() };
    let model = CostModel::new(&chip, &library(), settings).expect("it is priced");
    let mut network = Network::new("two layers", vec![4]);
    let a = network.push("a", Op::Dense(Dense::new(3)), &[network.input()]).expect("a layer");
    network.push("b", Op::Dense(Dense::new(2)), &[a]).expect("a layer");
    let mapping = model.map(&network, &Im2col).expect("it fits");
    let cost = model.cost(&network, &mapping).expect("it is priced");
    let energy = |name: &str| cost.by_component.find(name).unwrap_or_else(|| panic!("{name}")).energy_pj;
    close(energy("driver"), (4.0 * 2.0 + 3.0 * 1.0) * 7e-3);
    close(energy("crossbar-array"), (12.0 * 2.0 + 6.0 * 1.0) * 0.01 * 0.5 * 0.75);
    close(energy("adc"), (3.0 * 2.0 + 2.0 * 1.0) * 0.79);
    // Both on one tile: the image of 4 values of 2 bits over one router, then 3 values of 1 bit.
    close(energy("router"), 4.0 * 2.0 + 3.0 * 1.0);
    // A pulse of 10 ns and two conversions in turn of 2 ns, as many times as there are pulses, and the depth of 2 clocks.
    let [a, b] = &cost.layers[..] else { panic!("two layers") };
    close(a.cycle_ns, 2.0 * 14.0);
    close(b.cycle_ns, 14.0);
    close(cost.latency_ms, (28.0 + 2.0 + 14.0 + 2.0) * 1e-6);
    assert_eq!([(a.input_bits, a.pulses), (b.input_bits, b.pulses)], [(2, 2.0), (1, 1.0)]);
    assert_eq!((cost.input_bits, cost.pulses), (2, 2.0));
}

#[test]
fn pipelined_layers_overlap() {
    let tiny = Design::parse("tiny.toml", CHIP).expect("a chip");
    let mut network = Network::new("two layers", vec![1, 8, 8]);
    let a = network.conv("a", network.input(), Conv::same(1, 3)).expect("a layer");
    network.conv("b", a, Conv::same(1, 3)).expect("a layer");
    let cost = |schedule| {
        let model =
            CostModel::new(&Design { schedule, ..tiny.clone() }, &library(), Settings::default()).expect("priced");
        let mapping = model.map(&network, &Im2col).expect("it fits");
        model.cost(&network, &mapping).expect("it is priced")
    };
    let (one_by_one, pipelined) = (cost(Order::LayerByLayer), cost(Order::Pipelined));
    // One column, so one conversion a pulse: 64 cycles of 2 · (10 + 2) ns, and the depth of 2 clocks and two levels of adders
    // over 3 row blocks.
    let layer_ns = 64.0 * 24.0 + 4.0;
    close(one_by_one.latency_ms, 2.0 * layer_ns * 1e-6);
    close(one_by_one.interval_ms, one_by_one.latency_ms);
    // b starts when two of eight rows are there.
    close(pipelined.layers[1].span_ns[0], 0.25 * layer_ns);
    close(pipelined.latency_ms, (0.25 + 1.0) * layer_ns * 1e-6);
    close(pipelined.interval_ms, layer_ns * 1e-6);
    // Leakage over the interval, so half of it.
    close(pipelined.leakage_uj, one_by_one.leakage_uj / 2.0);
    // Layer by layer two maps of 64 values of 2 bits; pipelined the four rows that a window spans and that arrive meanwhile.
    close(one_by_one.buffer_bytes, 2.0 * 64.0 / 4.0);
    close(pipelined.buffer_bytes, 2.0 * 4.0 * 8.0 / 4.0);
}

/// 14 channels of 3×3 on 126 rows; 32 outputs of four 2-bit slices: 31 of them beside one offset column, the last beside another.
#[test]
fn an_offset_column_holds_level_1_in_every_row() {
    let chip = Design::preset("generic-22nm").expect("a preset");
    let model = CostModel::new(&chip, &Library::built_in(), Settings::default()).expect("it is priced");
    let mut network = Network::new("one layer", vec![14, 16, 16]);
    network.conv("conv", network.input(), Conv::same(32, 3)).expect("a layer");
    let mapping = model.map(&network, &Im2col).expect("it fits");
    let cost = model.cost(&network, &mapping).expect("it is priced");
    // 256 windows of 8 pulses. Without weights a weight's cells are half conductive on average, so at 1/17 + 16/17 · 1/2 of g_on;
    // those of an offset column at 1/17 + 16/17 · 1/3. Half the bits of an input are set. 0.2 V and 100 kΩ for 10 ns: 0.004 pJ.
    let (weights, offsets) = (126.0 * 32.0 * 4.0, 2.0 * 126.0);
    let at = |level: f64| 1.0 / 17.0 + 16.0 / 17.0 * level;
    let expected = (weights * at(0.5) + offsets * at(1.0 / 3.0)) * 256.0 * 8.0 * 0.5 * 0.004;
    close(cost.by_component.find("crossbar-array").expect("cells").energy_pj, expected);
    assert!((expected - 35_357.6).abs() < 0.1, "{expected}");
}
