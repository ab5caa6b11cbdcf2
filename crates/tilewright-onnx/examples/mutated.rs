//! Imports models with random damage, for as long as is asked: none may make the import panic, hang, or take more memory than it should.
//!
//! `cargo run -p tilewright-onnx --example mutated -- SECONDS [SEED]` damages the recorded models of the tests. Without optimisation,
//! as here, a sum that overflows panics too. Says how many models there were, the slowest of them, and the most memory taken (Linux); a model
//! that panics is named with its seed and ends the run.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use tilewright::random::philox4x32;

/// Numbers that follow from a seed.
struct Numbers {
    seed: u64,
    drawn: u32,
}

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.drawn += 1;
        let [number, ..] = philox4x32([self.drawn, 0, 0, 0], [self.seed as u32, (self.seed >> 32) as u32]);
        number as usize % end.max(1)
    }
}

/// Up to eight places with another byte, another bit, a part of the model again, or a part less.
fn damaged(model: &[u8], random: &mut Numbers) -> Vec<u8> {
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

/// The recorded models of at most 100 kB, sorted.
fn models() -> Vec<(PathBuf, Vec<u8>)> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let folders = std::fs::read_dir(fixtures).expect("the fixtures are in the repository");
    let mut paths: Vec<PathBuf> = folders.map(|folder| folder.unwrap().path().join("model.onnx")).collect();
    paths.sort();
    let models = paths.into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap()));
    models.filter(|(_, bytes)| (16..100_000).contains(&bytes.len())).collect()
}

/// The most memory this process has held so far, in MB.
fn most_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches("kB").trim().parse::<u64>().ok()? / 1000)
}

fn main() -> ExitCode {
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|number| number.parse().ok()).collect();
    let Some(&seconds) = numbers.first() else {
        eprintln!("give how many seconds to go on for, and perhaps the first seed");
        return ExitCode::from(2);
    };
    let (first, models) = (numbers.get(1).copied().unwrap_or(0), models());
    let (start, mut slowest, mut imported, mut seed) = (Instant::now(), (Duration::ZERO, first), 0u64, first);
    while start.elapsed() < Duration::from_secs(seconds) {
        let mut random = Numbers { seed, drawn: 0 };
        let (path, model) = &models[random.below(models.len())];
        let bytes = damaged(model, &mut random);
        let before = Instant::now();
        let outcome = std::panic::catch_unwind(|| tilewright_onnx::from_bytes(&bytes, None, "damaged.onnx").is_ok());
        slowest = slowest.max((before.elapsed(), seed));
        match outcome {
            Ok(whole) => imported += u64::from(whole),
            Err(_) => {
                eprintln!("{} panics with seed {seed}", path.display());
                return ExitCode::from(1);
            }
        }
        seed += 1;
    }
    let (time, of) = slowest;
    println!("{} models, {imported} imported all the same; slowest {time:.1?} (seed {of})", seed - first);
    println!("{}", most_memory().map_or("most memory unknown".into(), |most| format!("most memory {most} MB")));
    ExitCode::SUCCESS
}
