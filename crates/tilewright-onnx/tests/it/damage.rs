//! Damaged models are refused or imported, but never make the importer panic, hang or allocate much.

use crate::integers::{NOTABLE, for_each_integer, replace};
use peak_alloc::PeakAlloc;
use proptest::prelude::*;
use rten_onnx::onnx::ModelProto;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tilewright_onnx::from_bytes;

/// Counts what is allocated, touched or not.
#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

fn models() -> &'static [(PathBuf, Vec<u8>)] {
    static MODELS: OnceLock<Vec<(PathBuf, Vec<u8>)>> = OnceLock::new();
    MODELS.get_or_init(|| {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
        let mut folders: Vec<PathBuf> =
            std::fs::read_dir(fixtures).unwrap().map(|entry| entry.unwrap().path()).collect();
        folders.sort();
        let read = |folder: PathBuf| {
            let bytes = std::fs::read(folder.join("model.onnx")).unwrap();
            (folder, bytes)
        };
        folders.into_iter().map(read).collect()
    })
}

/// One way to damage a file; places are fractions of its length.
#[derive(Clone, Debug)]
enum Damage {
    Set(f64, u8),
    Flip(f64, u8),
    /// Ten bytes that never end a number.
    Continue(f64),
    Truncate(f64),
    Remove(f64, usize),
    Duplicate(f64, usize),
    Move(f64, f64, usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    let place = 0.0..1.0f64;
    prop_oneof![
        8 => (place.clone(), any::<u8>()).prop_map(|(at, byte)| Damage::Set(at, byte)),
        8 => (place.clone(), 0..8u8).prop_map(|(at, bit)| Damage::Flip(at, bit)),
        1 => place.clone().prop_map(Damage::Continue),
        1 => place.clone().prop_map(Damage::Truncate),
        2 => (place.clone(), 1..64usize).prop_map(|(at, length)| Damage::Remove(at, length)),
        2 => (place.clone(), 1..256usize).prop_map(|(at, length)| Damage::Duplicate(at, length)),
        2 => (place.clone(), place, 1..256usize).prop_map(|(from, to, length)| Damage::Move(from, to, length)),
    ]
}

fn apply(bytes: &mut Vec<u8>, damage: &Damage) {
    if bytes.is_empty() {
        return;
    }
    let length = bytes.len();
    let place = |fraction: f64| (fraction * length as f64) as usize;
    let part = |at: f64, count: usize| place(at)..(place(at) + count).min(length);
    match *damage {
        Damage::Set(at, byte) => bytes[place(at)] = byte,
        Damage::Flip(at, bit) => bytes[place(at)] ^= 1 << bit,
        Damage::Continue(at) => drop(bytes.splice(part(at, 10), [0xff; 10])),
        Damage::Truncate(at) => bytes.truncate(place(at)),
        Damage::Remove(at, count) => drop(bytes.drain(part(at, count))),
        Damage::Duplicate(at, count) => {
            let copy = bytes[part(at, count)].to_vec();
            drop(bytes.splice(place(at)..place(at), copy));
        }
        Damage::Move(from, to, count) => {
            let copy = bytes[part(from, count)].to_vec();
            drop(bytes.splice(part(to, count), copy));
        }
    }
}

fn import_in_bounds(bytes: &[u8], folder: Option<&Path>) {
    let start = Instant::now();
    if let Ok(imported) = from_bytes(bytes, folder, "damaged") {
        imported.network.verify().unwrap();
    }
    let took = start.elapsed();
    assert!(took < Duration::from_secs(10), "took {took:?}");
    // Of all tests of this binary together, which run beside each other.
    let peak = ALLOCATED.peak_usage();
    assert!(peak < 512 << 20, "allocated {peak} bytes");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_model_is_refused_or_imported(
        model in any::<prop::sample::Index>(),
        damages in prop::collection::vec(damage(), 1..6),
    ) {
        let (folder, bytes) = &models()[model.index(models().len())];
        let mut bytes = bytes.clone();
        damages.iter().for_each(|damage| apply(&mut bytes, damage));
        import_in_bounds(&bytes, Some(folder));
    }

    #[test]
    fn random_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        import_in_bounds(&bytes, None);
    }
}

fn hostile_integer() -> impl Strategy<Value = i64> {
    prop_oneof![prop::sample::select(&NOTABLE[..]), -8..64i64, any::<i64>()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hostile_numbers_are_refused_or_imported(
        model in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), hostile_integer()), 1..4),
    ) {
        let (folder, bytes) = &models()[model.index(models().len())];
        let mut model = ModelProto::parse_buf(bytes).unwrap();
        let mut count = 0;
        for_each_integer(&mut model, |_| count += 1);
        for (place, value) in changes {
            replace(&mut model, place.index(count), value);
        }
        import_in_bounds(&model.write_buf().unwrap(), Some(folder));
    }
}

/// Every byte of one model, each replaced by the values that matter to numbers and lengths.
#[test]
fn every_byte_of_a_model_replaced() {
    let (folder, bytes) = models().iter().find(|(folder, _)| folder.ends_with("old")).unwrap();
    let mut damaged = bytes.clone();
    for at in 0..bytes.len() {
        for byte in [0x00, 0x01, 0x7f, 0x80, 0xff] {
            damaged[at] = byte;
            import_in_bounds(&damaged, Some(folder));
        }
        damaged[at] = bytes[at];
    }
}

/// Every integer of every model, one at a time, replaced by each of those that are likeliest to be taken for a size.
#[test]
fn every_number_of_every_model_replaced() {
    for (folder, bytes) in models() {
        let parse = || ModelProto::parse_buf(bytes).unwrap();
        let mut count = 0;
        for_each_integer(&mut parse(), |_| count += 1);
        for place in 0..count {
            for value in NOTABLE {
                let mut model = parse();
                replace(&mut model, place, value);
                import_in_bounds(&model.write_buf().unwrap(), Some(folder));
            }
        }
    }
}
