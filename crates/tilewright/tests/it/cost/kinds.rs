//! Macros of several kinds on one chip: the choice against enumeration of all assignments, its price against that of layers with these
//! settings, and converters that would lose something.

use super::optimum::value;
use tilewright::cost::{CostModel, Library, Settings};
use tilewright::hardware::{Design, LayerSettings, MacroKind, MacroKinds, Order, setting};
use tilewright::mapping::scheme::{self, Optimal, Scheme};
use tilewright::mapping::search::{Priced, StopReason, Within, candidates};
use tilewright::mapping::{CrossbarSize, LayerBits, Mapping, Targets, Tiles, Tiling, map_network};
use tilewright::network::{Conv, Network, Op, zoo};
use tilewright::simulate::{Hardware, Programmable};

fn priced(design: &Design) -> CostModel {
    CostModel::new(design, &Library::built_in(), Settings::default()).expect("it is valid")
}

fn targets(design: &Design) -> Targets {
    design.targets(&priced(design).target(), &LayerBits::default()).expect("settings that go together")
}

fn kinds(text: &str) -> MacroKinds {
    text.parse().expect("kinds of macros")
}

fn with(mut design: Design, settings: &[(&str, &str)]) -> Design {
    for (name, value) in settings {
        design.set(setting(name).expect("a setting"), value).expect("a value");
    }
    design
}

fn preset(name: &str) -> Design {
    Design::preset(name).expect("it is built in")
}

fn choose(
    design: &Design,
    text: &str,
    network: &Network,
    scheme: &dyn Scheme,
    search: (Priced, Option<Within>),
) -> Result<(CostModel, Mapping), String> {
    let (model, library) = (priced(design), Library::built_in());
    let chosen = model.choose_kinds((&kinds(text), &library), network, (scheme, &targets(design)), search);
    chosen.map_err(|error| error.to_string())
}

/// Every way to put layers on the design's macros or on those of kinds, as designs with settings of layers.
fn assignments(design: &Design, kinds: &MacroKinds, network: &Network) -> Vec<Design> {
    let mut designs = vec![design.clone()];
    for layer in network.layers() {
        let on = |design: &Design, kind: Option<&MacroKind>| {
            let mut design = design.clone();
            kind.into_iter().for_each(|kind| design.layers.insert(&layer.name, kind));
            design
        };
        let all: Vec<Option<&MacroKind>> = kinds.iter().map(Some).chain([None]).collect();
        designs = designs.iter().flat_map(|design| all.iter().map(|kind| on(design, *kind))).collect();
    }
    designs
}

/// All mappings of a network onto a design, or nothing if they are more than `most` or a layer does not fit.
fn all_mappings(design: &Design, network: &Network, most: usize) -> Option<Vec<Mapping>> {
    let targets = targets(design);
    let mut mappings = vec![map_network(network, &Optimal, &targets, None).ok()?];
    for (place, layer) in network.layers().iter().enumerate() {
        let target = targets.of(&layer.name);
        let mut options = Vec::new();
        for candidate in candidates(&layer.shape, &target).ok()? {
            let windows = candidate.counts.windows;
            for copies in (1..=windows).filter(|&n| n == 1 || windows.div_ceil(n) < windows.div_ceil(n - 1)) {
                let tiling = Tiling { replication: copies, ..candidate.tiling };
                let tiles = Tiles::new(&layer.shape, tiling, target.crossbar, target.encoding).expect("it fits");
                options.push((tiling, tiles.counts().expect("counts")));
            }
        }
        if mappings.len() * options.len() > most {
            return None;
        }
        mappings = mappings
            .iter()
            .flat_map(|mapping| {
                options.iter().map(move |&(tiling, counts)| {
                    let mut mapping = mapping.clone();
                    (mapping.layers[place].tiling, mapping.layers[place].counts) = (tiling, counts);
                    mapping
                })
            })
            .collect();
    }
    Some(mappings)
}

/// Numbers in a row that looks random.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    fn of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.throw(all.len())]
    }
}

/// One to three layers of small shapes, perhaps with a shortcut.
fn random_network(dice: &mut Dice) -> Network {
    let (channels, side) = (1 + dice.throw(3), 1 + dice.throw(3));
    let mut network = Network::new("random", vec![channels, side, side]);
    let mut last = network.input();
    for name in &["a", "b", "c"][..1 + dice.throw(3)] {
        let grouped = dice.throw(3) == 0;
        let inputs = network.shape(last)[0];
        let outputs = if grouped { inputs } else { [1, 2, 5, 12][dice.throw(4)] };
        let groups = if grouped { inputs } else { 1 };
        let conv = Conv { groups, ..Conv::same(outputs, [1, 3][dice.throw(2)]) };
        last = network.conv(name, last, conv).expect("a layer");
        if dice.throw(2) == 0 {
            last = network.relu(last).expect("an operation");
        }
    }
    if network.shape(last) == network.shape(network.input()) && dice.throw(2) == 0 {
        network.push("sum", Op::Add, &[last, network.input()]).expect("an operation");
    }
    network
}

/// Every assignment of kinds and every mapping priced in full: none is better than the choice by more than it says, the choice is one of
/// them, and layers with the settings that were chosen are mapped and priced the same again.
#[test]
fn equals_enumeration_of_assignments_and_mappings() {
    let (mut dice, mut tried, mut mixed) = (Dice(7), 0, 0);
    while tried < 500 {
        let chip = preset(dice.of(&["generic-22nm", "seed", "isaac"]));
        let has_steps = chip.adc.is_some();
        let crossbar = CrossbarSize { rows: 32, columns: 64 };
        let schedule = [Order::LayerByLayer, Order::Pipelined][dice.throw(2)];
        let macros_per_tile = [1, 2, 16][dice.throw(3)];
        let design = Design { crossbar, schedule, macros_per_tile, ..chip };
        let text = match has_steps {
            true => dice.of(&[
                "crossbar=16x32",
                "crossbar=48; crossbar=24",
                "active-rows=9",
                "crossbar=24 active-rows=4; active-rows=12",
                "crossbar=128 active-rows=9; crossbar=16x64",
                "adc-columns=2; active-rows=9 adc-columns=16",
                "crossbar=24 adc-columns=3; adc-rate=0.1",
            ]),
            false => dice.of(&["crossbar=16x32", "crossbar=48; crossbar=24", "crossbar=128; crossbar=12x64"]),
        };
        let network = random_network(&mut dice);
        let designs = assignments(&design, &kinds(text), &network);
        let share = 4000 / designs.len();
        let all: Option<Vec<Vec<Mapping>>> =
            designs.iter().map(|design| all_mappings(design, &network, share)).collect();
        let Some(all) = all else { continue };
        tried += 1;
        let (name, least) = Priced::ALL[dice.throw(Priced::ALL.len())];
        let mut costs = Vec::new();
        for (design, mappings) in designs.iter().zip(&all) {
            let model = priced(design);
            costs.extend(mappings.iter().map(|mapping| model.cost(&network, mapping).expect("it is priced")));
        }
        // Half of the searches that can have one have a limit on latency, that of any mapping or a bit less.
        let limited = matches!(least, Priced::Area | Priced::Energy) && dice.throw(2) == 0;
        let within = limited.then(|| costs[dice.throw(costs.len())].latency_ms * [1.0, 0.999][dice.throw(2)]);
        let within = within.map(|ms| Within::latency_ms(ms).expect("a time"));
        let what = format!("{tried}: {} {schedule:?} {text} {name} {within:?} {:?}", design.name, network.layers());
        let limit_ms = within.and_then(Within::latency_ps).map_or(f64::INFINITY, |ps| ps as f64 * 1e-9);
        let timely = costs.iter().filter(|cost| cost.latency_ms <= limit_ms * (1.0 + 1e-12));
        let best = timely.map(|cost| value(least, cost)).fold(f64::INFINITY, f64::min);
        let chosen = choose(&design, text, &network, &Optimal, (least, within));
        if best.is_infinite() {
            let error = chosen.expect_err("nothing is so fast");
            assert!(error.contains("no combination takes at most"), "{error}");
            continue;
        }
        let (model, mapping) = chosen.unwrap_or_else(|error| panic!("{what}: {error}"));
        let cost = model.cost(&network, &mapping).expect("it is priced");
        let found = value(least, &cost);
        let open = match mapping.search.expect("a search").stop {
            StopReason::BoundClosed => 0.0,
            StopReason::Within { millionths } => millionths as f64 * 1e-6,
            other => panic!("{other:?}"),
        };
        assert!(found >= best * (1.0 - 1e-9), "{what}: {found}, but the least is {best}");
        assert!(1.0 - best / found <= open + 1e-9, "{what}: {found}, the least {best}, {open} left open");
        assert!(found <= best * 1.000_001, "{what}: {found}, but the least is {best}");
        mixed += usize::from(!model.chip().layers.is_empty());

        let again = Design { layers: again(&model.chip().layers), ..design.clone() };
        let remapped =
            priced(&again).optimize(&network, &Optimal, targets(&again), (least, within)).expect("it fits as before");
        assert_eq!(remapped.layers, mapping.layers, "{what}");
        assert_eq!(priced(&again).cost(&network, &remapped).expect("a price"), cost, "{what}");
    }
    assert!(mixed > 160, "{mixed} of {tried} have kinds to choose");
}

/// The settings as they are read from the file that they are written to.
fn again(layers: &LayerSettings) -> LayerSettings {
    match layers.is_empty() {
        true => LayerSettings::default(),
        false => LayerSettings::parse("layers.toml", &layers.to_toml()).expect("what was written"),
    }
}

/// On a whole network, by a search that cannot compare every combination: no worse than either kind for all layers.
#[test]
fn no_worse_than_one_kind_for_all_layers() {
    let network = zoo::build("resnet8").expect("a network of the zoo");
    for (name, least) in Priced::ALL {
        for scheme in ["im2col", "optimal"].map(|name| scheme::find(name).expect("a scheme")) {
            let text = "crossbar=64 active-rows=9; crossbar=256";
            let design = preset("generic-22nm");
            let (model, mapping) = choose(&design, text, &network, scheme, (least, None)).expect("it fits");
            let found = value(least, &model.cost(&network, &mapping).expect("a price"));
            let mut designs = vec![design.clone()];
            designs.extend(kinds(text).iter().map(|kind| design.of_kind(kind).expect("it goes together")));
            for (place, design) in designs.iter().enumerate() {
                let model = priced(design);
                let mapping = model.optimize(&network, scheme, &model.target(), (least, None)).expect("it fits");
                let alone = value(least, &model.cost(&network, &mapping).expect("a price"));
                // Idle macros of a tile are the design's, so another kind for all layers takes less only by that.
                let slack = if place == 0 || least == Priced::Latency { 1.0 + 1e-9 } else { 1.01 };
                assert!(found <= alone * slack, "{name} {} {place}: {found} {alone}", scheme.name());
            }
        }
    }
}

/// Converters of so few bits are for the layers alone whose sums they tell apart, as the cells of these layers say.
#[test]
fn converters_lose_nothing_of_the_layers_that_are_on_them() {
    let network = zoo::build("lenet5").and_then(|network| network.initialize(3)).expect("a network of the zoo");
    let images = [network.random_image(1)];
    let mut on_kind = 0;
    let differential = [("encoding", "differential")];
    let subtracted = [("encoding", "differential"), ("pairs", "analog")];
    for (settings, text) in [
        (&differential[..], "adc-bits=7"),
        (&differential, "adc-bits=8; crossbar=32"),
        (&subtracted, "adc-bits=8"),
        (&[], "active-rows=25 adc-bits=7"),
        (&[], "crossbar=25x64 adc-bits=7; adc-bits=8"),
    ] {
        let design = with(preset("generic-22nm"), settings);
        let im2col = scheme::find("im2col").expect("a scheme");
        let (model, mapping) = choose(&design, text, &network, im2col, (Priced::Area, None)).expect("it fits");
        let (chip, bits) = model.chip().clone().for_network(&network).expect("layers that there are");
        let hardware = Hardware::of(&chip).expect("what is simulated");
        let own: Vec<Option<u32>> = network
            .layers()
            .iter()
            .map(|layer| {
                let own = chip.of_layers().expect("designs").into_iter().find(|(name, _)| *name == layer.name)?.1;
                Some(own.adc_bits(own.rows_at_once(), &own.encoding()))
            })
            .collect();
        let ready = Programmable::new(&network, &images, (chip, bits), hardware, mapping, 1).expect("it is set up");
        let needed = ready.plan().lossless_bits().expect("it is set up");
        for (own, needed) in own.iter().zip(&needed) {
            assert!(own.is_none_or(|own| own >= *needed), "{settings:?} {text}: {own:?} bits, {needed} needed");
            on_kind += usize::from(own.is_some());
        }
    }
    assert!(on_kind > 5, "{on_kind} layers are on a kind");
}

/// Nine rows of 2-bit cells and 1-bit pulses: sums to 27, five bits. A layer of 18 rows has sums to 54, six bits.
#[test]
fn bits_by_hand() {
    let mut network = Network::new("two", vec![2, 6, 6]);
    let a = network.conv("a", network.input(), Conv { groups: 2, ..Conv::same(2, 3) }).expect("a layer");
    network.conv("b", a, Conv::same(2, 3)).expect("a layer");
    let design = with(preset("generic-22nm"), &[("encoding", "differential"), ("pairs", "digital")]);
    let im2col = scheme::find("im2col").expect("a scheme");
    let on = |text: &str| {
        let (model, _) = choose(&design, text, &network, im2col, (Priced::Energy, None))?;
        Ok::<_, String>(["a", "b"].map(|layer| model.chip().layers.of(layer)))
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(on("adc-bits=5"), Ok([some("adc-bits 5"), None]));
    assert_eq!(on("adc-bits=6"), Ok([some("adc-bits 6"), some("adc-bits 6")]));
    let error = on("adc-bits=4").expect_err("too few for any layer");
    assert!(error.contains("adc-bits=4") && error.contains("1 bits short"), "{error}");
    // Nine rows at a time, and sums of nine rows for both layers.
    assert_eq!(on("adc-bits=5 active-rows=9").map(|own| own.map(|own| own.is_some())), Ok([true, true]));
}

/// Layers with settings of their own keep them; the others are free.
#[test]
fn layers_with_settings_of_their_own_keep_them() {
    let network = zoo::build("lenet5").expect("a network of the zoo");
    let own = "[layer.conv2]\ncrossbar = 32\n\n[layer.fc3]\nscheme = \"im2col\"\n";
    let design =
        Design { layers: LayerSettings::parse("layers.toml", own).expect("settings"), ..preset("generic-22nm") };
    let (model, mapping) =
        choose(&design, "crossbar=256", &network, &Optimal, (Priced::Energy, None)).expect("it fits");
    let layers = &model.chip().layers;
    assert_eq!(layers.of("conv2").as_deref(), Some("crossbar 32"));
    assert_eq!(layers.of("fc3").as_deref(), Some("scheme im2col"));
    assert_eq!(layers.of("fc1").as_deref(), Some("crossbar 256"));
    let crossbar = |name: &str| mapping.layers.iter().find(|layer| layer.name == name).expect("a layer").crossbar.rows;
    assert_eq!([crossbar("conv2"), crossbar("fc3"), crossbar("fc1")], [32, 128, 256]);
}

#[test]
fn what_cannot_be_is_named() {
    for (text, parts) in [
        ("", ["a kind without settings", "crossbar=64"]),
        ("crossbar=64;", ["a kind without settings", "crossbar=64"]),
        ("crossbar", ["\"crossbar\" is no setting with a value", "crossbar=64"]),
        ("crossbarr=64", ["no setting \"crossbarr\"", "did you mean \"crossbar\"?"]),
        ("crossbar=0x8 crossbar=64", ["crossbar is there twice", "give it once"]),
        ("crossbar=64; crossbar=64", ["the kind crossbar=64 is there twice", "give it once"]),
        ("weight-bits=4", ["weight-bits is not of a kind", "crossbar, encoding"]),
        ("schedule=pipelined", ["schedule is not of a kind", "crossbar, encoding"]),
        ("on-off=5", ["on-off is not of a kind", "crossbar, encoding"]),
        ("adc-bits=lossles", ["lossles", "1 to 16"]),
    ] {
        let error = match text.parse::<MacroKinds>() {
            Err(error) => error,
            // What a setting's own text can be is found on a design.
            Ok(_) => choose(
                &preset("generic-22nm"),
                text,
                &Network::new("none", vec![1, 1, 1]),
                &Optimal,
                (Priced::Area, None),
            )
            .expect_err(text),
        };
        assert!(parts.iter().all(|part| error.contains(part)), "{text}: {error}");
    }
    let network = zoo::build("lenet5").expect("a network of the zoo");
    for (preset_name, text, parts) in [
        ("generic-22nm", "crossbar=128", ["crossbar=128 is the design's own", "nothing to choose"]),
        ("generic-22nm", "crossbar=64; crossbar=64x64", ["crossbar=64 and crossbar=64x64 are the same", "one of them"]),
        ("generic-22nm", "crossbar=1", ["crossbar=1: no layer of lenet5 can be on it", "larger"]),
        ("generic-22nm", "active-rows=200", ["macro kind \"active-rows=200\"", "1 to 128"]),
        ("generic-22nm", "adc-bits=none", ["macro kind \"adc-bits=none\"", "currents are read exactly"]),
        ("generic-22nm", "adc-bits=1", ["adc-bits=1: its converters are", "short"]),
        ("seed", "active-rows=9", ["active-rows", "seed"]),
    ] {
        let error = choose(&preset(preset_name), text, &network, &Optimal, (Priced::Area, None)).expect_err(text);
        assert!(parts.iter().all(|part| error.contains(part)), "{text}: {error}");
    }
    let all: String = network.layers().iter().map(|layer| format!("[layer.{}]\ncrossbar = 64\n", layer.name)).collect();
    let design =
        Design { layers: LayerSettings::parse("layers.toml", &all).expect("settings"), ..preset("generic-22nm") };
    let error = choose(&design, "crossbar=256", &network, &Optimal, (Priced::Area, None)).expect_err("all are set");
    assert!(error.contains("every layer has settings of its own"), "{error}");
}
