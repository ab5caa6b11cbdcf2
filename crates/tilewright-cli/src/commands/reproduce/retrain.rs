//! Networks trained anew by the commands on their cards, each run in a folder of its own.

use crate::args::reproduce::RetrainArgs;
use crate::{output, trained};
use anyhow::{Context, Result, anyhow};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tilewright::network::{KernelPlan, NetworkError, zoo};
use tilewright::report::recognition::{SeedResult, TestedNetwork};
use tilewright::report::reproduction::{Missing, Oh2023};
use tilewright_models::trained::{Card, RunBefore, recipe};

/// What trains, up to the network.
const TRAINER: &str = "tilewright.train";

/// A network to train with some seeds.
#[derive(Debug)]
struct Row {
    name: String,
    network: String,
    kernels: String,
    /// What follows `python -m tilewright.train`, the seed and the folder apart.
    arguments: Vec<String>,
    /// How it is trained, as cards say it.
    recipe: String,
    seeds: Vec<u64>,
    /// The seed that is meant where another row names this one as a trained network.
    stored_seed: u64,
}

/// What the trainer leaves in `result.json`, as far as it matters here.
#[derive(Debug, Deserialize)]
struct RunResult {
    recipe: Recipe,
    /// In percent.
    test_rate: f64,
    test_images: u64,
}

#[derive(Debug, Deserialize)]
struct Recipe {
    network: String,
    kernels: String,
    seed: u64,
    /// The other settings, by name.
    #[serde(flatten)]
    settings: Map<String, Value>,
}

/// Trains what is not there yet and returns the rates of all.
pub(super) fn run(args: &RetrainArgs, missing: &[Missing]) -> Result<Vec<TestedNetwork>> {
    let rows = rows(missing, args.seeds.map(usize::from))?;
    let before = rows_before()?;
    check_python(&args.python)?;
    let runs = Runs { python: &args.python, folder: &args.runs, rows: &rows, before: &before };
    let count: usize = rows.iter().map(|row| row.seeds.len()).sum();
    output::note(&format!("{} networks, {count} runs in {}", rows.len(), args.runs.display()));
    rows.iter().map(|row| runs.all_seeds(row)).collect()
}

/// The networks on the paper's data set, those with a card first.
fn rows(missing: &[Missing], seeds: Option<usize>) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for card in trained::compared()?.iter().filter(|card| card.data_set == Oh2023::DATA_SET) {
        let recorded: Vec<u64> = card.test.runs.iter().map(|run| run.seed).collect();
        rows.push(Row { seeds: first_seeds(recorded, seeds), ..Row::of(card)? });
    }
    for missing in missing {
        let (Missing { name, network, kernels }, command) = (missing, command_of(missing));
        rows.push(Row {
            name: name.clone(),
            network: network.clone(),
            kernels: kernels.clone(),
            arguments: arguments(&command)?,
            recipe: recipe(&command),
            seeds: first_seeds(vec![0], seeds),
            stored_seed: 0,
        });
    }
    Ok(rows)
}

/// What networks with a card were trained from or taught by and is no row itself: runs of their own, and teachers.
fn rows_before() -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for card in trained::cards()? {
        for RunBefore { name, command } in &card.training.before {
            let arguments = with_kernels(arguments(command)?, &card.kernels);
            rows.push(Row { name: name.clone(), arguments, ..Row::of(&card)? });
        }
        if card.role.is_some() {
            rows.push(Row::of(&card)?);
        }
    }
    Ok(rows)
}

impl Row {
    /// What a card says, with no seeds to train.
    fn of(card: &Card) -> Result<Self> {
        let arguments = arguments(&card.training.command)
            .with_context(|| format!("the trained network {:?} cannot be trained again", card.name))?;
        Ok(Self {
            name: card.name.clone(),
            network: card.network.clone(),
            kernels: card.kernels.clone(),
            arguments: with_kernels(arguments, &card.kernels),
            recipe: card.recipe(),
            seeds: vec![],
            stored_seed: card.training.stored_seed,
        })
    }
}

/// What trains a network that is not there yet, the seed apart.
pub(super) fn command_of(Missing { network, kernels, .. }: &Missing) -> String {
    format!("python -m {TRAINER} {network} --kernels {kernels}")
}

/// The words of a recorded command after the trainer's name.
fn arguments(command: &str) -> Result<Vec<String>> {
    let words: Vec<&str> = command.split_whitespace().collect();
    match words.as_slice() {
        ["python" | "python3", "-m", TRAINER, arguments @ ..] => {
            Ok(arguments.iter().map(ToString::to_string).collect())
        }
        _ => Err(anyhow!("its recorded command is {command:?}; it has to begin with \"python -m {TRAINER}\"")),
    }
}

fn with_kernels(mut arguments: Vec<String>, kernels: &str) -> Vec<String> {
    if !arguments.iter().any(|word| word == "--kernels" || word.starts_with("--kernels=")) {
        arguments.extend(["--kernels".into(), kernels.into()]);
    }
    arguments
}

/// The first `count` of the seeds; after them the numbers that follow the greatest.
fn first_seeds(mut seeds: Vec<u64>, count: Option<usize>) -> Vec<u64> {
    let count = count.unwrap_or(seeds.len());
    let after = seeds.iter().max().map_or(0, |greatest| greatest.saturating_add(1));
    seeds.extend(after..after.saturating_add(count.saturating_sub(seeds.len()) as u64));
    seeds.truncate(count);
    seeds
}

/// One clear error now instead of one in every run.
fn check_python(python: &Path) -> Result<()> {
    let imported = Command::new(python).args(["-c", &format!("import {TRAINER}")]).stdin(Stdio::null()).output();
    let imported = imported
        .with_context(|| format!("cannot start {}; give a Python interpreter with --python", python.display()))?;
    if imported.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&imported.stderr).trim().lines().last().unwrap_or_default().to_owned();
    Err(anyhow!(
        "{} cannot import {TRAINER} ({said}); install the package in the folder python with its extra for training, or give \
         another interpreter with --python",
        python.display()
    ))
}

/// Where runs are and what makes them.
struct Runs<'a> {
    python: &'a Path,
    folder: &'a Path,
    /// What is asked for.
    rows: &'a [Row],
    /// What some of these start from besides.
    before: &'a [Row],
}

impl Runs<'_> {
    fn all_seeds(&self, row: &Row) -> Result<TestedNetwork> {
        let mut runs = Vec::new();
        let mut images = None;
        for &seed in &row.seeds {
            let result = self.finish(row, seed, &mut vec![])?;
            let place = self.place(row, seed).join("result.json");
            let recognised = recognised(&result).with_context(|| place.display().to_string())?;
            if *images.get_or_insert(result.test_images) != result.test_images {
                return Err(anyhow!(
                    "{}: {} test images, other seeds had {}; remove the folder to train it again",
                    place.display(),
                    result.test_images,
                    images.unwrap_or_default()
                ));
            }
            runs.push(SeedResult { seed, recognised });
        }
        Ok(TestedNetwork {
            name: row.name.clone(),
            network: row.network.clone(),
            kernels: row.kernels.clone(),
            recipe: row.recipe.clone(),
            data_set: Oh2023::DATA_SET.into(),
            images: images.unwrap_or_default(),
            runs,
        })
    }

    fn place(&self, row: &Row, seed: u64) -> PathBuf {
        self.folder.join(format!("{}-seed{seed}", row.name))
    }

    /// The result of a run, trained if it is not there, and before it the runs it starts from; `waiting` are those that wait
    /// for it.
    fn finish(&self, row: &Row, seed: u64, waiting: &mut Vec<PathBuf>) -> Result<RunResult> {
        let place = self.place(row, seed);
        if let Some(result) = read(row, seed, &place)? {
            output::note(&format!("{}: there, {:.2} % recognised", place.display(), result.test_rate));
            return Ok(result);
        }
        if waiting.contains(&place) {
            return Err(anyhow!("{} starts from itself; correct its recorded command", place.display()));
        }
        waiting.push(place.clone());
        let arguments = self.arguments(row, seed, waiting)?;
        waiting.pop();
        let mut command = Command::new(self.python);
        command.args(["-m", TRAINER]).args(&arguments);
        output::note(&format!("{} -m {TRAINER} {}", self.python.display(), arguments.join(" ")));
        // The results of this command go to the standard output, what the trainer says to the people in front of it.
        let status = command.stdin(Stdio::null()).stdout(io::stderr()).status();
        let status = status.with_context(|| format!("cannot start {}", self.python.display()))?;
        if !status.success() {
            return Err(anyhow!(
                "training {} ended with {status}; finished runs are kept, and the same command resumes from here",
                place.display()
            ));
        }
        read(row, seed, &place)?.with_context(|| format!("{} ended without a result.json", place.display()))
    }

    /// The recorded arguments with this seed and folder; runs and trained networks that are named are looked for among ours.
    fn arguments(&self, row: &Row, seed: u64, waiting: &mut Vec<PathBuf>) -> Result<Vec<String>> {
        let mut arguments: Vec<String> = Vec::new();
        for word in &row.arguments {
            let word = word.replace("{seed}", &seed.to_string());
            let is_run = arguments.last().is_some_and(|option| matches!(option.as_str(), "--start" | "--teacher"));
            arguments.push(if is_run { self.run_before(&word, waiting)? } else { word });
        }
        let place = self.place(row, seed).display().to_string();
        arguments.extend(["--seed".into(), seed.to_string(), "--out".into(), place]);
        Ok(arguments)
    }

    /// The folder of a run that another starts from, which is finished first; of a trained network, it is that of its stored
    /// seed, which is the one that everybody has.
    fn run_before(&self, recorded: &str, waiting: &mut Vec<PathBuf>) -> Result<String> {
        let row = |name: &str| self.rows.iter().chain(self.before).find(|known| known.name == name);
        if let Some(row) = row(recorded) {
            self.finish(row, row.stored_seed, waiting)?;
            return Ok(self.place(row, row.stored_seed).display().to_string());
        }
        let name = Path::new(recorded).file_name().and_then(|name| name.to_str()).unwrap_or(recorded);
        let of_row = name.rsplit_once("-seed").and_then(|(name, seed)| Some((row(name)?, seed.parse().ok()?)));
        match of_row {
            Some((row, seed)) => drop(self.finish(row, seed, waiting)?),
            None if self.folder.join(name).is_dir() => {}
            None => {
                return Err(anyhow!(
                    "{} starts from the run {name:?}, which is neither in {} nor that of a network here",
                    waiting.last().map_or_else(String::new, |place| place.display().to_string()),
                    self.folder.display()
                ));
            }
        }
        Ok(self.folder.join(name).display().to_string())
    }
}

/// The result in a run's folder, if it is finished; an error if it is that of something else.
fn read(row: &Row, seed: u64, place: &Path) -> Result<Option<RunResult>> {
    let file = place.join("result.json");
    let text = match std::fs::read(&file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        text => text.with_context(|| format!("{}: cannot be read", file.display()))?,
    };
    let result: RunResult = serde_json::from_slice(&text).with_context(|| {
        format!("{}: is not the result of a training run; remove it to train again", file.display())
    })?;
    let Recipe { network, kernels, seed: found, settings } = &result.recipe;
    if (network, *found) != (&row.network, seed) || !same_kernels(network, kernels, &row.kernels)? {
        return Err(anyhow!(
            "{}: is of {network} with kernels {kernels} and seed {found}, not of {} with {} and {seed}; give another folder \
             with --runs",
            file.display(),
            row.network,
            row.kernels
        ));
    }
    if let Some(Other { setting, found, wanted }) = other_setting(settings, &row.arguments) {
        return Err(anyhow!(
            "{}: was trained with {setting} {found}, not {wanted} as {} is; give another folder with --runs, or remove it to \
             train again",
            file.display(),
            row.name
        ));
    }
    Ok(Some(result))
}

/// A setting that is another one than a command says.
#[derive(Debug, PartialEq)]
struct Other {
    setting: String,
    found: String,
    wanted: String,
}

/// The first setting of a recipe that is not what the trainer's arguments say; what a run starts from has other names here.
fn other_setting(settings: &Map<String, Value>, arguments: &[String]) -> Option<Other> {
    arguments.iter().enumerate().find_map(|(at, word)| {
        let typed = word.strip_prefix("--")?;
        let next = || arguments.get(at + 1).map(String::as_str).filter(|next| !next.starts_with("--"));
        let (option, value) = typed.split_once('=').map_or((typed, next()), |(option, value)| (option, Some(value)));
        let (option, wanted) = match (value, option.strip_prefix("no-")) {
            (Some(value), _) => (option, value),
            (None, Some(option)) => (option, "false"),
            (None, None) => (option, "true"),
        };
        if ["kernels", "start", "teacher"].contains(&option) {
            return None;
        }
        let setting = option.replace('-', "_");
        let found = settings.get(&setting)?;
        let is_same = match found {
            Value::Number(number) => wanted.parse().ok() == number.as_f64(),
            Value::String(text) => text == wanted,
            Value::Bool(flag) => wanted.parse() == Ok(*flag),
            _ => false,
        };
        (!is_same).then(|| Other { setting, found: found.to_string(), wanted: wanted.into() })
    })
}

/// Whether two plans replace the same layers, however they say so.
fn same_kernels(network: &str, one: &str, other: &str) -> Result<bool, NetworkError> {
    let network = zoo::build(network)?;
    let replaced = |kernels: &str| kernels.parse::<KernelPlan>()?.select(&network);
    Ok(one == other || replaced(one)? == replaced(other)?)
}

/// Images from a rate in percent.
fn recognised(result: &RunResult) -> Result<u64> {
    let RunResult { test_rate, test_images, .. } = *result;
    if test_images == 0 || !(0.0..=100.0).contains(&test_rate) {
        return Err(anyhow!("{test_rate} % of {test_images} images is not a rate"));
    }
    Ok((test_rate / 100.0 * test_images as f64).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, kernels: &str, arguments: &str) -> Row {
        let arguments = arguments.split(' ').map(ToOwned::to_owned).collect();
        Row {
            name: name.into(),
            network: "resnet8".into(),
            kernels: kernels.into(),
            arguments,
            recipe: String::new(),
            seeds: vec![0],
            stored_seed: 0,
        }
    }

    #[test]
    fn commands_are_those_of_the_trainer() {
        let words = arguments("python -m tilewright.train resnet8 --epochs 30").expect("a command");
        assert_eq!(words, ["resnet8", "--epochs", "30"]);
        assert_eq!(with_kernels(words.clone(), "2d1d")[3..], ["--kernels", "2d1d"]);
        let planned = arguments("python3 -m tilewright.train resnet8 --kernels conv1").expect("a command");
        assert_eq!(with_kernels(planned.clone(), "2d1d"), planned);
        for other in ["", "none: a stand-in", "python -m other resnet8", "rm -r runs"] {
            let error = arguments(other).expect_err(other).to_string();
            assert!(error.contains(&format!("{other:?}")) && error.contains("python -m tilewright.train"), "{error}");
        }
    }

    /// A run under other settings is not the card's, though network, kernels and seed are.
    #[test]
    fn results_of_other_recipes_are_not_taken() {
        let found =
            serde_json::json!({"epochs": 30, "learning_rate": 0.1, "flip": true, "data": "cifar10", "start": "a"});
        let settings = found.as_object().expect("an object");
        let other = |text: &str| {
            let arguments: Vec<String> = text.split(' ').map(Into::into).collect();
            other_setting(settings, &arguments)
                .map(|other| format!("{} {} {}", other.setting, other.found, other.wanted))
        };
        for same in
            ["resnet8 --epochs 30 --learning-rate 1e-1 --flip --data=cifar10", "resnet8 --start b --new 3", "resnet8"]
        {
            assert_eq!(other(same), None, "{same}");
        }
        for (text, expected) in [
            ("resnet8 --epochs 3 --flip", "epochs 30 3"),
            ("resnet8 --learning-rate=0.2", "learning_rate 0.1 0.2"),
            ("resnet8 --no-flip --epochs 30", "flip true false"),
            ("resnet8 --data mnist", "data \"cifar10\" mnist"),
        ] {
            assert_eq!(other(text).as_deref(), Some(expected));
        }
        let folder = tempfile::tempdir().expect("a folder for the test");
        let result = r#"{"recipe": {"network": "resnet8", "kernels": "3d", "seed": 0, "epochs": 2}, "test_rate": 50, "test_images": 9}"#;
        std::fs::write(folder.path().join("result.json"), result).expect("writable");
        let error =
            read(&row("one", "3d", "resnet8 --epochs 30"), 0, folder.path()).expect_err("another recipe").to_string();
        assert!(error.contains("trained with epochs 2, not 30 as one is; give another folder"), "{error}");
        assert!(read(&row("one", "3d", "resnet8 --epochs 2"), 0, folder.path()).is_ok_and(|found| found.is_some()));
    }

    #[test]
    fn seeds_are_the_recorded_ones_and_those_after_them() {
        assert_eq!(first_seeds(vec![1, 2, 3], None), [1, 2, 3]);
        assert_eq!(first_seeds(vec![1, 2, 3], Some(2)), [1, 2]);
        assert_eq!(first_seeds(vec![0, 4], Some(4)), [0, 4, 5, 6]);
    }

    #[test]
    fn plans_are_equal_if_they_replace_the_same_layers() {
        assert_eq!(same_kernels("resnet8", "ratio=1", "2d1d"), Ok(true));
        assert_eq!(same_kernels("resnet8", "ratio=0.5", "ratio=0.5:last"), Ok(false));
        assert!(same_kernels("resnet8", "conv9", "2d1d").is_err());
    }

    #[test]
    fn rates_are_counts_of_images() {
        let result = |test_rate, test_images| RunResult {
            recipe: Recipe { network: String::new(), kernels: String::new(), seed: 0, settings: Map::new() },
            test_rate,
            test_images,
        };
        assert_eq!(recognised(&result(91.23, 10_000)).expect("a rate"), 9_123);
        for (rate, images) in [(100.5, 10), (-1.0, 10), (f64::NAN, 10), (50.0, 0)] {
            assert!(recognised(&result(rate, images)).is_err(), "{rate} {images}");
        }
    }

    /// A run that starts from another is trained after it, from this folder and not from where it was recorded.
    #[cfg(unix)]
    #[test]
    fn runs_that_others_start_from_come_first() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder for the test");
        let python = folder.path().join("python");
        let script = r#"#!/bin/sh
echo "$*" >> "$(dirname "$0")/log"
for word; do case $last in --out) out=$word ;; --seed) seed=$word ;; --kernels) kernels=$word ;; esac; last=$word; done
mkdir -p "$out"
echo "{\"recipe\": {\"network\": \"resnet8\", \"kernels\": \"$kernels\", \"seed\": $seed}, \"test_rate\": 50, \"test_images\": 10}" \
  > "$out/result.json"
"#;
        std::fs::write(&python, script).expect("the folder is writable");
        std::fs::set_permissions(&python, std::fs::Permissions::from_mode(0o755)).expect("it is ours");
        let rows = [
            row(
                "pair",
                "2d1d",
                "resnet8 --kernels 2d1d --start elsewhere/whole-seed{seed} --teacher elsewhere/whole-seed7",
            ),
            row("whole", "3d", "resnet8 --kernels 3d"),
            row("loop", "3d", "resnet8 --kernels 3d --start runs/loop-seed0"),
            row("lost", "3d", "resnet8 --kernels 3d --start runs/nobody-seed0"),
            row("named", "2d1d", "resnet8 --kernels 2d1d --start whole --teacher runs/first-seed{seed}"),
        ];
        let place = folder.path().join("runs");
        let before = [row("first", "3d", "resnet8 --kernels 3d --epochs 9")];
        let runs = Runs { python: &python, folder: &place, rows: &rows, before: &before };
        runs.all_seeds(&rows[0]).expect("all are trained");
        let log = std::fs::read_to_string(folder.path().join("log")).expect("the interpreter ran");
        let at = place.display();
        let expected = format!(
            "-m tilewright.train resnet8 --kernels 3d --seed 0 --out {at}/whole-seed0\n\
             -m tilewright.train resnet8 --kernels 3d --seed 7 --out {at}/whole-seed7\n\
             -m tilewright.train resnet8 --kernels 2d1d --start {at}/whole-seed0 --teacher {at}/whole-seed7 --seed 0 --out \
             {at}/pair-seed0\n"
        );
        assert_eq!(log, expected);
        runs.all_seeds(&rows[4]).expect("it starts from what is there by now");
        let log = std::fs::read_to_string(folder.path().join("log")).expect("the interpreter ran");
        let named = format!(
            "{expected}-m tilewright.train resnet8 --kernels 3d --epochs 9 --seed 0 --out {at}/first-seed0\n\
             -m tilewright.train resnet8 --kernels 2d1d --start {at}/whole-seed0 --teacher {at}/first-seed0 --seed 0 --out \
             {at}/named-seed0\n"
        );
        assert_eq!(log, named);
        let of_seed_3 = Row { seeds: vec![3], ..row("later", "2d1d", "resnet8 --kernels 2d1d --teacher whole") };
        runs.all_seeds(&of_seed_3).expect("the teacher is that of its stored seed");
        let log = std::fs::read_to_string(folder.path().join("log")).expect("the interpreter ran");
        let later = format!(
            "{named}-m tilewright.train resnet8 --kernels 2d1d --teacher {at}/whole-seed0 --seed 3 --out {at}/later-seed3\n"
        );
        assert_eq!(log, later);
        let error = runs.all_seeds(&rows[2]).expect_err("it waits for itself").to_string();
        assert!(error.contains("starts from itself"), "{error}");
        let error = runs.all_seeds(&rows[3]).expect_err("nobody trains it").to_string();
        assert!(error.contains("nobody-seed0"), "{error}");
    }
}
