//! Images for the networks of a space, and what chips recognise of them, kept where the prices are.

use super::part::{self, Appended, Kind};
use crate::args::explore::{ExploreArgs, RateArgs};
use crate::commands::simulate::key;
use crate::digest::short;
use crate::images::{Fitted, Images};
use crate::progress;
use anyhow::{Result, bail};
use indicatif::ProgressBar;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::ops::{ControlFlow, Range};
use std::path::Path;
use tilewright::explore::{Heat, Keeper, Shown, Sources};
use tilewright::network::Tensor;
use tilewright::report::RatedOn;
use tilewright::simulate::{RESULTS_VERSION, Watch};

/// Images of every network of a space.
pub(super) struct Gallery(BTreeMap<String, (Images, Vec<Tensor<f32>>)>);

impl Gallery {
    /// Finds them, and that they are the same for all networks.
    pub(super) fn of(sources: &Sources, args: &ExploreArgs, is_calibrated: bool) -> Result<Self> {
        let needed = args.rates.rate_images.map_or(usize::MAX, |images| images as usize);
        let mut found = BTreeMap::new();
        let mut first: Option<(String, String)> = None;
        for (name, network) in &sources.networks {
            tilewright_models::check_weights(network)?;
            let images = Images::find(OsStr::new(name), network, &args.set, needed)?;
            let set = images.test.name().to_owned();
            let (of, known) = first.get_or_insert_with(|| (name.clone(), set.clone()));
            if *known != set {
                bail!(
                    "{of} classifies {known}, and {name} {set}; rates are compared on one set: give networks of one, or --set"
                );
            }
            let fitted = Fitted::new(network, args.rates.calibration, is_calibrated);
            let calibration = images.calibration(network, (&args.set, &args.calibration_set), fitted)?;
            found.insert(name.clone(), (images, calibration));
        }
        Ok(Self(found))
    }

    /// As they are shown: the first ones, up to a limit.
    pub(super) fn shown(&self, limit: Option<u32>) -> BTreeMap<String, Shown<'_>> {
        let shown = self.0.iter().map(|(name, (images, calibration))| {
            let trial = images.trial(limit);
            (name.clone(), Shown { trial, calibration })
        });
        shown.collect()
    }

    /// What rates are of.
    pub(super) fn rated_on(&self, args: &ExploreArgs, exact_designs: u64) -> Option<RatedOn> {
        let (images, calibration) = self.0.values().next()?;
        let RateArgs { rate_images, seeds, first_seed, .. } = args.rates;
        let all = images.test.len();
        Some(RatedOn {
            set: images.test.name().into(),
            images: rate_images.map_or(all, |asked| all.min(asked as usize)),
            seeds,
            first_seed,
            calibration_images: calibration.len(),
            exact_designs,
        })
    }
}

/// A chip's line.
#[derive(Serialize, Deserialize)]
struct Line {
    /// A digest of chip and images.
    heat: String,
    correct: u64,
}

/// What chips recognise, some of it perhaps in a folder.
pub(super) struct Rates<'a> {
    shown: &'a BTreeMap<String, Shown<'a>>,
    /// Networks, their images and what they are calibrated on, by name.
    subjects: BTreeMap<&'a str, String>,
    /// Images of each network by their numbers.
    images: BTreeMap<(String, [usize; 2]), String>,
    known: BTreeMap<String, u64>,
    folder: Option<(&'a Path, Appended)>,
    /// Whether other processes write into the folder.
    is_shared: bool,
    bar: ProgressBar,
}

impl<'a> Rates<'a> {
    /// Reads what a folder knows.
    pub(super) fn open(
        sources: &Sources,
        shown: &'a BTreeMap<String, Shown<'a>>,
        folder: Option<&'a Path>,
        is_shared: bool,
    ) -> Result<Self> {
        let subject = |(name, shown): (&'a String, &Shown<'_>)| {
            let network = key::subject(&sources.networks[name], &shown.trial)?;
            Ok((name.as_str(), format!("{RESULTS_VERSION} {network} {}", key::values(shown.calibration))))
        };
        let subjects = shown.iter().map(subject).collect::<Result<_>>()?;
        let folder = folder.map(|folder| (folder, Appended::new(folder, Kind::Rate)));
        let (images, known, bar) = (BTreeMap::new(), BTreeMap::new(), progress::bar("chips"));
        let mut rates = Self { shown, subjects, images, known, folder, is_shared, bar };
        rates.read()?;
        Ok(rates)
    }

    fn read(&mut self) -> Result<()> {
        let Some((folder, _)) = self.folder else { return Ok(()) };
        let known = &mut self.known;
        part::read(folder, Kind::Rate, |Line { heat, correct }| {
            known.insert(heat, correct);
            true
        })
    }

    /// A digest of all that the images recognised follow from.
    fn key(&mut self, heat: &Heat<'_>) -> String {
        let set = self.shown[heat.network].trial.set;
        let images = self.images.entry((heat.network.to_owned(), [heat.images.start, heat.images.end]));
        let images = images.or_insert_with(|| key::of_images(set, heat.images.clone()));
        let Heat { network, simulation, seed, .. } = heat;
        let text = format!("{} {simulation} {seed} {images}", self.subjects[network]);
        short(&Sha256::digest(text))
    }
}

impl Keeper for Rates<'_> {
    type Error = anyhow::Error;

    fn known(&mut self, heat: &Heat<'_>) -> Result<Option<u64>> {
        let key = self.key(heat);
        if self.is_shared && !self.known.contains_key(&key) {
            self.read()?;
        }
        let known = self.known.get(&key).copied();
        match known {
            Some(correct) if correct > heat.images.len() as u64 => {
                bail!(
                    "the store says that {correct} of {} images were recognised; remove its files rate-*.jsonl",
                    heat.images.len()
                )
            }
            Some(_) => self.bar.inc(1),
            None => {}
        }
        Ok(known)
    }

    fn keep(&mut self, heat: &Heat<'_>, correct: u64) -> Result<()> {
        let heat = self.key(heat);
        if let Some((_, appended)) = &mut self.folder {
            appended.append([Line { heat: heat.clone(), correct }])?;
        }
        self.known.insert(heat, correct);
        self.bar.inc(1);
        Ok(())
    }

    fn begins(&mut self, images: &Range<usize>, chips: usize) {
        self.bar.set_length(chips as u64);
        self.bar.set_position(0);
        self.bar.set_prefix(format!("images {} to {}", images.start, images.end));
    }

    fn watch(&self) -> Watch<'_> {
        &|_, _| ControlFlow::Continue(())
    }

    fn interrupted(&self) -> anyhow::Error {
        anyhow::anyhow!("interrupted")
    }
}

impl Drop for Rates<'_> {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
