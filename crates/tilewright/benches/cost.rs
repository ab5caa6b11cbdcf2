//! How fast pricing is: run with `cargo bench -p tilewright --bench cost`. `docs/benchmarks.md` keeps a record.

use std::hint::black_box;
use std::num::NonZero;
use std::time::{Duration, Instant};
use tilewright::cost::{CostModel, Library, Settings, sweep};
use tilewright::hardware::{AdcBits, AdcSettings, Design};
use tilewright::mapping::search::Priced;
use tilewright::mapping::{CrossbarSize, scheme};
use tilewright::network::{Network, zoo};

fn main() {
    let network = zoo::build("vgg8").expect("a network of the zoo");
    one(&network);
    designs(&network);
    optimum();
}

fn one(network: &Network) {
    let chip = Design::preset("generic-22nm").expect("a preset");
    println!("VGG-8 on generic-22nm, 128×128, im2col");
    println!("  constants read             {:>12.1?}", least(20, || drop(black_box(Library::built_in()))));
    let library = Library::built_in();
    let price = || CostModel::new(&chip, &library, Settings::default()).expect("a valid chip");
    println!("  chip priced                {:>12.1?}", least(50, || drop(black_box(price()))));
    let model = price();
    let map = || model.map(network, &scheme::Im2col).expect("it fits");
    println!("  mapped                     {:>12.1?}", least(50, || drop(black_box(map()))));
    let mapping = map();
    let cost = || model.cost(network, &mapping).expect("it is priced");
    println!("  priced                     {:>12.1?}", least(50, || drop(black_box(cost()))));
    let spread = || model.cost_with_spread(network, &mapping, &library).expect("it is priced");
    println!("  with all converter models  {:>12.1?}", least(50, || drop(black_box(spread()))));
}

/// Crossbars, cells, bits, converters and sharing varied: 10 000 chips.
fn designs(network: &Network) {
    let base = Design::preset("generic-22nm").expect("a preset");
    let adc = base.adc.clone().expect("it has converters");
    let mut chips = Vec::new();
    for side in [32, 64, 128, 256, 512] {
        for cell_bits in [1, 2, 4, 8] {
            for input_bits in [2, 4, 6, 8] {
                for columns in [1, 2, 4, 8, 16] {
                    for bits in 4..=8 {
                        for model in ["walden-typical", "walden-best", "andrulis", "neurosim-sar", "zigzag-imc"] {
                            let mut chip = base.clone();
                            chip.crossbar = CrossbarSize { rows: side, columns: side };
                            chip.encoding().cell_bits = cell_bits;
                            chip.input_bits = input_bits;
                            chip.adc = Some(AdcSettings {
                                model: model.into(),
                                columns,
                                bits: AdcBits::Given(bits),
                                ..adc.clone()
                            });
                            chips.push(chip);
                        }
                    }
                }
            }
        }
    }
    let library = Library::built_in();
    println!("Sweep of {} designs of VGG-8", chips.len());
    for threads in [1, 2] {
        let start = Instant::now();
        let costs = sweep(network, &chips, &library, NonZero::new(threads).expect("at least 1"));
        let time = start.elapsed();
        let priced = costs.iter().filter(|cost| cost.is_ok()).count();
        println!(
            "  {threads} thread(s)                {time:>12.1?}  {priced} priced, {:>8.1?} each",
            time / priced as u32
        );
    }
}

fn optimum() {
    let chip = Design::preset("generic-22nm").expect("a preset");
    let model = CostModel::new(&chip, &Library::built_in(), Settings::default()).expect("a valid chip");
    println!("Least area × latency of the whole mapping space");
    for name in ["lenet5", "resnet20", "vgg8", "vgg16", "mobilenetv2"] {
        let network = zoo::build(name).expect("a network of the zoo");
        let search = || model.optimize(&network, &scheme::Optimal, &model.target(), (Priced::AreaDelay, None));
        let mut compared = 0;
        let time = least(3, || {
            compared = search().ok().and_then(|mapping| mapping.search).map_or(0, |search| search.compared);
        });
        let rate = compared as f64 / time.as_secs_f64() / 1e6;
        println!("  {name:<24} {time:>12.1?}  {compared:>9} compared, {rate:>6.2} million a second");
    }
}

/// The shortest of so many runs: the machine may be busy.
fn least(runs: usize, mut run: impl FnMut()) -> Duration {
    let mut time = || {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..runs).map(|_| time()).min().unwrap_or_default()
}
