//! Imports models with random damage: none may make the import or the mapping panic, hang, or take more memory than it should.
//!
//! `cargo run --release --config profile.release.overflow-checks=true -p tilewright-onnx --example mutated -- FIRST END` damages the recorded
//! models of the tests once for each seed from FIRST up to END, so a run can be continued and a failure be repeated by its seed alone. Every
//! thousand seeds it says how far it is. A seed that panics or takes more than a gigabyte is named and the run goes on; one that takes more than
//! ten seconds is named and ends it.

use peak_alloc::PeakAlloc;
use rten_onnx::onnx::ModelProto;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tilewright::mapping::{CrossbarSize, Encoding, SignRule, Target, map_network, scheme};
use tilewright::random::philox4x32;

#[path = "../tests/it/integers.rs"]
mod integers;

/// Counts what is allocated, touched or not.
#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

const MOST_MEMORY: usize = 1 << 30;
const MOST_TIME: Duration = Duration::from_secs(10);

/// Numbers that follow from a seed.
struct Numbers {
    seed: u64,
    drawn: u32,
}

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.next() as usize % end.max(1)
    }

    fn next(&mut self) -> u64 {
        self.drawn += 1;
        let [low, high, ..] = philox4x32([self.drawn, 0, 0, 0], [self.seed as u32, (self.seed >> 32) as u32]);
        u64::from(low) | u64::from(high) << 32
    }
}

/// Up to eight places with another byte, another bit, a part of the model again, or a part less.
fn with_other_bytes(model: &[u8], random: &mut Numbers) -> Vec<u8> {
    let mut bytes = model.to_vec();
    for _ in 0..=random.below(8) {
        let at = random.below(bytes.len());
        match random.below(5) {
            0 => bytes[at] = random.below(256) as u8,
            1 => bytes[at] ^= 1 << random.below(8),
            2 => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][random.below(5)],
            3 => {
                let end = (at + 1 + random.below(64)).min(bytes.len());
                let part = bytes[at..end].to_vec();
                let to = random.below(bytes.len());
                bytes.splice(to..to, part);
            }
            _ => {
                let end = (at + 1 + random.below(16)).min(bytes.len() - 1);
                bytes.drain(at.min(end)..end);
            }
        }
    }
    bytes
}

/// Up to four sizes, axes or indices with another value.
fn with_other_integers(mut model: ModelProto, random: &mut Numbers) -> ModelProto {
    let mut count = 0;
    integers::for_each_integer(&mut model, |_| count += 1);
    for _ in 0..=random.below(4) {
        let value = match random.below(3) {
            0 => integers::NOTABLE[random.below(integers::NOTABLE.len())],
            1 => random.below(72) as i64 - 8,
            _ => random.next() as i64,
        };
        integers::replace(&mut model, random.below(count), value);
    }
    model
}

/// Up to four nodes that are gone, there twice, of another operator, with another's attributes, or that read another tensor.
fn with_other_nodes(mut model: ModelProto, random: &mut Numbers) -> ModelProto {
    let Some(graph) = &mut model.graph else { return model };
    let outputs = graph.node.iter().flat_map(|node| &node.output);
    let initializers = graph.initializer.iter().filter_map(|tensor| tensor.name.as_ref());
    let tensors: Vec<String> = outputs.chain(initializers).cloned().chain([String::new()]).collect();
    for _ in 0..=random.below(4) {
        let nodes = graph.node.len();
        if nodes == 0 {
            break;
        }
        let (at, other) = (random.below(nodes), random.below(nodes));
        match random.below(6) {
            0 => drop(graph.node.remove(at)),
            1 => graph.node.swap(at, other),
            2 => graph.node[at].op_type = graph.node[other].op_type.clone(),
            3 => {
                let attributes = std::mem::take(&mut graph.node[other].attribute);
                graph.node[at].attribute.extend(attributes);
            }
            _ => {
                let tensor = tensors[random.below(tensors.len())].clone();
                let inputs = &mut graph.node[at].input;
                let place = random.below(inputs.len() + 1);
                if place == inputs.len() {
                    inputs.push(tensor);
                } else {
                    inputs[place] = tensor;
                }
            }
        }
    }
    model
}

fn damaged(model: &[u8], random: &mut Numbers) -> Vec<u8> {
    let parse = || ModelProto::parse_buf(model).expect("the recorded models are whole");
    let other = match random.below(3) {
        0 => return with_other_bytes(model, random),
        1 => with_other_integers(parse(), random),
        _ => with_other_nodes(parse(), random),
    };
    other.write_buf().expect("what is read can be written")
}

/// The recorded models of at most 100 kB, sorted.
fn models() -> Vec<(PathBuf, Vec<u8>)> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let folders = std::fs::read_dir(fixtures).expect("the fixtures are in the repository");
    let mut paths: Vec<PathBuf> = folders.map(|folder| folder.unwrap().path().join("model.onnx")).collect();
    paths.sort();
    let models = paths.into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap()));
    models.filter(|(_, bytes)| (16..100_000).contains(&bytes.len())).collect()
}

/// Imports a model, checks it and maps it by the plainest scheme; whether all of it went well.
fn taken(bytes: &[u8]) -> bool {
    let Ok(imported) = tilewright_onnx::from_bytes(bytes, None, "damaged.onnx") else { return false };
    imported.network.verify().expect("what is imported is sound");
    let im2col = scheme::find("im2col").expect("it is a scheme");
    let target = Target::new(CrossbarSize { rows: 128, columns: 128 }, Encoding::whole(SignRule::Differential));
    map_network(&imported.network, im2col, &target, None).and_then(|mapping| mapping.total()).is_ok()
}

/// Ends the process when a seed takes too long: nothing else stops a loop that does not end.
fn watch(now: &Mutex<(u64, Instant)>) {
    loop {
        std::thread::sleep(Duration::from_secs(1));
        let (seed, since) = *now.lock().unwrap();
        if since.elapsed() > MOST_TIME {
            eprintln!("seed {seed} hangs; go on with {}", seed + 1);
            std::process::exit(1);
        }
    }
}

fn main() -> ExitCode {
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|number| number.parse().ok()).collect();
    let &[first, end] = &numbers[..] else {
        eprintln!("give the first seed and the one to end before");
        return ExitCode::from(2);
    };
    let models = models();
    static NOW: std::sync::OnceLock<Mutex<(u64, Instant)>> = std::sync::OnceLock::new();
    let now = NOW.get_or_init(|| Mutex::new((first, Instant::now())));
    std::thread::spawn(|| watch(now));
    let (start, mut slowest, mut most, mut whole, mut failures) =
        (Instant::now(), (Duration::ZERO, first), (0, first), 0u64, 0u64);
    for seed in first..end {
        let mut random = Numbers { seed, drawn: 0 };
        let (path, model) = &models[random.below(models.len())];
        let bytes = damaged(model, &mut random);
        let before = Instant::now();
        *now.lock().unwrap() = (seed, before);
        ALLOCATED.reset_peak_usage();
        let held = ALLOCATED.current_usage();
        let outcome = std::panic::catch_unwind(|| taken(&bytes));
        slowest = slowest.max((before.elapsed(), seed));
        let memory = ALLOCATED.peak_usage().saturating_sub(held);
        most = most.max((memory, seed));
        whole += u64::from(matches!(outcome, Ok(true)));
        if outcome.is_err() || memory > MOST_MEMORY {
            eprintln!(
                "seed {seed}: {} {}",
                path.display(),
                if outcome.is_err() { "panics" } else { "takes too much memory" }
            );
            failures += 1;
        }
        if (seed + 1) % 1000 == 0 || seed + 1 == end {
            let (time, of_time) = slowest;
            let (memory, of_memory) = most;
            println!(
                "up to seed {}: {} models in {:.0?}, {whole} imported all the same, {failures} failures; slowest {time:.1?} (seed {of_time}), \
                 most memory {} MB (seed {of_memory})",
                seed + 1,
                seed + 1 - first,
                start.elapsed(),
                memory / 1_000_000,
            );
        }
    }
    ExitCode::from(u8::from(failures > 0))
}
