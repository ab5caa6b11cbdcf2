//! What is known of a trained network: its card, a JSON file beside its ONNX files.

use super::Precision;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use tilewright::accuracy::MeanRate;
use tilewright::dataset::Normalization;
use tilewright::network::{KernelPlan, Network, NetworkError, zoo};

/// A card. Unknown keys are errors, and so are those that are missing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// Its name, that of its files: `NAME.json`, `NAME.onnx` and `NAME-int8.onnx`.
    pub name: String,
    /// The network of the zoo it was built from.
    pub network: String,
    /// Which of its layers have 2D+1D kernels, as `--kernels` takes it; a plan that depends on a crossbar is written as the
    /// names of the layers it chose.
    pub kernels: String,
    /// What it is kept for, if it is not to be compared with the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The data set it classifies, as `tilewright data` calls it.
    pub data_set: String,
    /// What its inputs were normalised with: (pixel / 255 − mean) / std, one of each a channel.
    pub normalization: MeanAndStd,
    /// How it was trained.
    pub training: Training,
    /// How many test images of how many it recognises.
    pub test: Test,
    /// Test images that ONNX Runtime recognises with the stored files, as `python -m tilewright.train.card` recorded them.
    pub onnxruntime: Stored<Recognised>,
    /// Unit crossbars under the sub-image scheme with its largest window: differential pairs, 8-bit cells.
    pub crossbars: Crossbars,
    /// The stored files.
    pub files: Stored<FileFacts>,
}

/// What a network is kept for that is not to be compared with the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Others were taught by it; one of the same kernels among them stands for these kernels.
    Teacher,
}

/// Mean and standard deviation of each channel, of pixels scaled to 0…1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeanAndStd {
    /// Mean of each channel.
    pub mean: Vec<f32>,
    /// Standard deviation of each channel, greater than 0.
    pub std: Vec<f32>,
}

/// The options of a command that trains a network, those apart that say which: `--epochs 8` of
/// `python -m tilewright.train resnet8 --kernels 2d1d --epochs 8`.
pub fn recipe(command: &str) -> String {
    let words: Vec<&str> = command.split_whitespace().collect();
    let options = words.iter().position(|word| word.starts_with("--")).map_or(&[][..], |first| &words[first..]);
    let of_kernels =
        |place: usize| options[place].starts_with("--kernels") || (place > 0 && options[place - 1] == "--kernels");
    (0..options.len()).filter(|&place| !of_kernels(place)).map(|place| options[place]).collect::<Vec<_>>().join(" ")
}

/// How a network was trained.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// The command that trains it again, the seed apart. Trained networks that it names are those of the trained zoo, of
    /// their stored seed whatever this one's is.
    pub command: String,
    /// What the recipe of the recorded runs calls a trained network that the command names otherwise: the name of then, and that
    /// of now.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub renamed: BTreeMap<String, String>,
    /// Runs it builds on that are no networks of the zoo, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<RunBefore>,
    /// Passes over the training images.
    pub epochs: u32,
    /// The seed whose network is stored.
    pub stored_seed: u64,
}

/// A run that a network was trained from, of the same network and kernels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunBefore {
    /// What it is called, the seed apart; the folder of its results is `runs/NAME-seedSEED`.
    pub name: String,
    /// The command that trains it, the seed apart.
    pub command: String,
}

/// Test results of every seed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Test {
    /// Images tested.
    pub images: u64,
    /// One entry a seed.
    pub runs: Vec<Run>,
}

/// How many test images the network of one seed recognises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// The seed.
    pub seed: u64,
    /// In floating point.
    pub float: u64,
    /// With weights and inputs of layers rounded to 8 bits.
    pub int8: u64,
    /// With weights rounded to 4 bits, if it was tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub int4: Option<u64>,
}

/// Something of each stored file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stored<T> {
    /// Of `NAME.onnx`.
    pub float: T,
    /// Of `NAME-int8.onnx`.
    pub int8: T,
}

/// Test images that were recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recognised {
    /// Of the first 500.
    pub first_500: u64,
    /// Of all.
    pub all: u64,
}

/// Unit crossbars of the whole network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crossbars {
    /// Of 128×128.
    #[serde(rename = "128")]
    pub of_128: u64,
    /// Of 256×256.
    #[serde(rename = "256")]
    pub of_256: u64,
}

/// Length and checksum of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileFacts {
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256 in lower-case hexadecimal.
    pub sha256: String,
}

/// A card that cannot be used: what was found and what is allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("card of the trained network {card:?}: {problem}")]
pub struct CardError {
    /// The name of its file, without the extension.
    pub card: String,
    /// What was found and what is allowed.
    pub problem: String,
}

impl Card {
    /// Reads the card of the files called `name`.
    ///
    /// # Errors
    /// If the text is not a card, or its values contradict each other or make no sense.
    pub fn parse(name: &str, text: &str) -> Result<Self, CardError> {
        let fail = |problem: String| CardError { card: name.into(), problem };
        let card: Self = serde_json::from_str(text).map_err(|error| fail(error.to_string()))?;
        match card.problem(name) {
            None => Ok(card),
            Some(problem) => Err(fail(problem)),
        }
    }

    /// What is wrong with the values, if anything.
    fn problem(&self, name: &str) -> Option<String> {
        let Self { normalization: MeanAndStd { mean, std }, training, test, .. } = self;
        if self.name != name {
            return Some(format!("\"name\" is {:?}; give {name:?}, as its files are called", self.name));
        }
        if let Err(error) = self.base() {
            return Some(format!("\"network\" and \"kernels\": {error}"));
        }
        if mean.is_empty() || mean.len() != std.len() || !std.iter().all(|&std| std > 0.0) {
            return Some(format!(
                "\"normalization\" has means {mean:?} and standard deviations {std:?}; give one of each a channel, the latter \
                 above 0"
            ));
        }
        let seeds: BTreeSet<u64> = test.runs.iter().map(|run| run.seed).collect();
        if !seeds.contains(&training.stored_seed) || seeds.len() != test.runs.len() {
            return Some(format!(
                "\"runs\" has {} results of the seeds {seeds:?}; give one a seed, and one of the stored seed {}",
                test.runs.len(),
                training.stored_seed
            ));
        }
        let counts = test.runs.iter().flat_map(|run| [Some(run.float), Some(run.int8), run.int4]).flatten();
        let greatest = counts.chain([self.onnxruntime.float.all, self.onnxruntime.int8.all]).max()?;
        if test.images == 0 || greatest > test.images {
            return Some(format!("{greatest} images recognised of {} tested; give counts, not rates", test.images));
        }
        let digest = |facts: &FileFacts| {
            facts.sha256.len() == 64 && facts.sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        let bad = [&self.files.float, &self.files.int8].into_iter().find(|&facts| !digest(facts))?;
        Some(format!("\"sha256\" is {:?}; give 64 digits in lower-case hexadecimal", bad.sha256))
    }

    /// The network of the zoo with the kernels of the card, without weights.
    ///
    /// # Errors
    /// If there is no such network, or the plan does not fit it or depends on a crossbar.
    pub fn base(&self) -> Result<Network, NetworkError> {
        let network = zoo::build(&self.network)?;
        self.kernels.parse::<KernelPlan>()?.select(&network)?.apply(&network)
    }

    /// How it was trained, whatever its network and kernels are: the options of the trainer, those of the runs it builds on first.
    pub fn recipe(&self) -> String {
        let Training { command, before, .. } = &self.training;
        let commands = before.iter().map(|run| &run.command).chain([command]);
        commands.map(|command| recipe(command)).collect::<Vec<_>>().join(", then ")
    }

    /// What turns pixels into the network's input.
    pub fn normalization(&self) -> Normalization {
        let MeanAndStd { mean, std } = self.normalization.clone();
        Normalization { mean: mean.into(), std: std.into() }
    }

    /// The mean of the test rate over all seeds.
    pub fn rate(&self, precision: Precision) -> MeanRate {
        let correct = |run: &Run| match precision {
            Precision::Float => run.float,
            Precision::Int8 => run.int8,
        };
        let rates: Vec<f64> = self.test.runs.iter().map(|run| correct(run) as f64 / self.test.images as f64).collect();
        MeanRate::new(&rates)
    }
}
