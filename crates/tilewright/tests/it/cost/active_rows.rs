//! Word lines driven some at a time: steps, conversions, bits, energy and time worked out by hand.

use super::by_hand::{CHIP, close, library};
use tilewright::cost::schedule::Bound;
use tilewright::cost::{Cost, CostModel, Library, Settings};
use tilewright::hardware::{Design, PRICED};
use tilewright::mapping::scheme::{Im2col, Optimal, SCHEMES, Scheme};
use tilewright::mapping::search::Priced;
use tilewright::network::{Conv, Dense, Network, Op, zoo};

/// The tiny chip with 40 rows, lossless converters, and a sequencer and adders that take a picojoule each time.
fn chip(active_rows: Option<usize>) -> Design {
    let text =
        CHIP.replace("rows = 4,", "rows = 40,").replace("bits = 4\n", "").replace("leakage = \"leakage.tiny\"\n", "");
    let more = "[[macro]]\ncomponent = \"control\"\nconstants = \"router.tiny\"\n\
                [[tile]]\ncomponent = \"adder-tree\"\nconstants = \"router.tiny\"\n";
    Design { active_rows, ..Design::parse("tiny.toml", &(text + more)).expect("a chip") }
}

fn cost(network: &Network, active_rows: Option<usize>) -> Cost {
    let model = CostModel::new(&chip(active_rows), &library(), Settings::default()).expect("it is priced");
    let mapping = model.map(network, &Im2col).expect("it fits");
    model.cost(network, &mapping).expect("it is priced")
}

fn energy(cost: &Cost, part: &str) -> f64 {
    cost.by_component.find(part).unwrap_or_else(|| panic!("{part}")).energy_pj
}

/// 40 inputs of 2 bits, so 2 pulses, on 40 rows; 3 outputs. All at once and 16 rows at a time: 16, 16 and 8.
#[test]
fn a_block_of_40_rows_in_three_steps() {
    let mut network = Network::new("by hand", vec![40]);
    network.push("fc", Op::Dense(Dense::new(3)), &[network.input()]).expect("a layer");
    let [whole, stepped] = [None, Some(16)].map(|active_rows| cost(&network, active_rows));
    assert_eq!([whole.active_rows, stepped.active_rows], [40, 16]);
    // Cells of signed levels up to 3 and bits of inputs: sums of ±120 take 8 bits, of ±48 7.
    let adc = |cost: &Cost| cost.adc.clone().expect("converters");
    assert_eq!([adc(&whole).bits, adc(&stepped).bits], [8, 7]);
    // Every step converts 3 columns in each pulse, at 1.42 pJ with 7 bits.
    close(adc(&stepped).energy_pj, 1.42);
    close(energy(&whole, "adc"), 3.0 * 2.0 * adc(&whole).energy_pj);
    close(energy(&stepped, "adc"), 3.0 * 3.0 * 2.0 * 1.42);
    // Three partial sums of each of 3 outputs: 2 additions.
    close(energy(&whole, "adder-tree"), 0.0);
    close(energy(&stepped, "adder-tree"), 3.0 * 2.0);
    // The sequencer counts the load and the pulses of every step.
    close(energy(&whole, "control"), 1.0 + 2.0);
    close(energy(&stepped, "control"), 1.0 + 3.0 * 2.0);
    for cost in [&whole, &stepped] {
        // Every row is driven and every cell read once a pulse: 0.01 pJ each, half the bits set, three quarters conductive.
        close(energy(cost, "driver"), 40.0 * 2.0 * 7e-3);
        close(energy(cost, "crossbar-array"), 120.0 * 2.0 * 0.01 * 0.5 * 0.75);
    }
    // A pulse of 10 ns and two conversions in turn of 2 ns; three times over. Then 2 clocks, and two levels of adders for three sums.
    let [all, steps] = [&whole.layers[0], &stepped.layers[0]];
    assert_eq!([(all.cycles, all.steps), (steps.cycles, steps.steps)], [(1, 1), (1, 3)]);
    close(all.cycle_ns, 2.0 * (10.0 + 4.0));
    close(steps.cycle_ns, 3.0 * 2.0 * (10.0 + 4.0));
    close(whole.latency_ms, (28.0 + 2.0) * 1e-6);
    close(stepped.latency_ms, (84.0 + 2.0 + 2.0) * 1e-6);
    assert_eq!(steps.bound, Bound::Read);
}

/// Four channels of 3×3 on the diagonal of a crossbar of 36 rows and 4 columns, 2×2 windows. A step of 16 rows drives one channel and
/// reads its column, so it does not wait for a second conversion.
#[test]
fn a_step_waits_for_the_columns_that_it_reads() {
    let mut network = Network::new("by hand", vec![4, 2, 2]);
    network.conv("2d", network.input(), Conv { groups: 4, ..Conv::same(4, 3) }).expect("a layer");
    let [whole, stepped] = [None, Some(16)].map(|active_rows| cost(&network, active_rows));
    let [all, steps] = [&whole.layers[0], &stepped.layers[0]];
    assert_eq!([(all.cycles, all.steps), (steps.cycles, steps.steps)], [(4, 1), (4, 4)]);
    close(all.cycle_ns, 2.0 * (10.0 + 4.0));
    close(steps.cycle_ns, 4.0 * 2.0 * (10.0 + 2.0));
    // 4 windows, 2 pulses, 4 columns either way, and nothing to add.
    for cost in [&whole, &stepped] {
        let adc = cost.adc.as_ref().expect("converters");
        close(energy(cost, "adc"), 4.0 * 2.0 * 4.0 * adc.energy_pj);
        close(energy(cost, "adder-tree"), 0.0);
    }
    // Of 144 cells that all rows at once read, 108 hold no weight and conduct half; a step reads 9 that do.
    let of_weights = 4.0 * 2.0 * 36.0 * 0.01 * 0.5 * 0.75;
    close(energy(&stepped, "crossbar-array"), of_weights);
    close(energy(&whole, "crossbar-array"), of_weights + 4.0 * 2.0 * 108.0 * 0.01 * 0.5 * 0.5);
}

/// As many rows as the crossbar has are what there is without the setting, to the last bit.
#[test]
fn all_rows_change_nothing() {
    let network = zoo::build("resnet8").expect("a network");
    for (preset, _) in PRICED {
        let design = Design::preset(preset).expect("a preset");
        let costs = [None, Some(design.crossbar.rows)].map(|active_rows| {
            let design = Design { active_rows, ..design.clone() };
            let model = CostModel::new(&design, &Library::built_in(), Settings::default()).expect("it is priced");
            SCHEMES.map(|scheme| model.map(&network, scheme).ok().map(|mapping| model.cost(&network, &mapping)))
        });
        assert_eq!(costs[0], costs[1], "{preset}");
    }
}

/// Of all numbers of copies of all tilings, im2col's among them, the search by price finds nothing worse than im2col.
#[test]
fn a_search_by_price_heeds_the_steps() {
    let network = zoo::build("resnet8").expect("a network");
    let design = Design { active_rows: Some(16), ..Design::preset("generic-22nm").expect("a preset") };
    let model = CostModel::new(&design, &Library::built_in(), Settings::default()).expect("it is priced");
    for (least, of) in
        [(Priced::Latency, (|cost| cost.latency_ms) as fn(&Cost) -> f64), (Priced::Energy, |cost| cost.energy_uj)]
    {
        let best = |scheme: &dyn Scheme| {
            let mapping = model.optimize(&network, scheme, &model.target(), (least, None)).expect("it fits");
            of(&model.cost(&network, &mapping).expect("it is priced"))
        };
        let (found, of_im2col) = (best(&Optimal), best(&Im2col));
        assert!(found <= of_im2col * (1.0 + 1e-9), "{least:?}: {found}, im2col {of_im2col}");
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let refused = |design: Design| design.verify().expect_err("it cannot be").to_string();
    for active_rows in [0, 41] {
        let message = refused(chip(Some(active_rows)));
        assert_eq!(message, format!("tiny.toml: active_rows: {active_rows}; give 1 to 40, the rows of the crossbar"));
    }
    let neurons = Design { active_rows: Some(16), ..Design::preset("seed").expect("a preset") };
    assert!(refused(neurons).contains("nothing is said of converters"));
}
