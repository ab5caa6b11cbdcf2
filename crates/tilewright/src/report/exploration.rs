//! An explored space as flat numbers and tables: the documented JSON of `explore`.

use super::html::{self, Detail};
use super::space_axes::at;
use super::table::{Column, Document, Kind, Table, Value, counted, number, thousands};
use super::{CommandPattern, unpriced};
use crate::explore::{
    Dropped, Evolution, Figures, MEASURES, Measure, Outcomes, Pricing, Space, covering, setting_name,
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What was explored and what is on the front.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Exploration {
    /// What is minimised, then what is maximised.
    pub objectives: Vec<String>,
    /// What every design on the front keeps to.
    pub limits: Vec<String>,
    /// Combinations of the space.
    pub designs: u64,
    /// How the space was searched; none if all of its designs were priced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub searched: Option<Searched>,
    /// Those that have no price, by reason.
    pub failed: Vec<Failed>,
    /// Those that have a price but do not keep to the limits on it.
    pub beyond_limits: u64,
    /// Those that were simulated on some of the test images or none, since they cannot be on the front; empty where no rate is asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dropped: Vec<Dropped>,
    /// Test images and chips that rates are of; none where no rate is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rated: Option<RatedOn>,
    /// Networks of the front with kernels that are not trained yet, that together cover most of it; empty where no losses of kernels are
    /// given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub worth_training: Vec<Untrained>,
    /// The front, least in the first objective first.
    pub front: Vec<Explored>,
}

/// A network whose kernels would have to be trained.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Untrained {
    /// The network.
    pub network: String,
    /// Its kernel plan.
    pub kernels: String,
    /// What the plan loses by the losses of its layers, in their unit.
    pub kernel_loss: f64,
    /// What its designs on the front have of the first objective, the best of them.
    pub best: f64,
    /// The command that trains it.
    pub command: String,
}

/// What rates are of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RatedOn {
    /// The data set.
    pub set: String,
    /// Its test images, the first ones.
    pub images: usize,
    /// Chips of each design that differ, at most.
    pub seeds: u32,
    /// Seed of the first.
    pub first_seed: u64,
    /// Training images that converters and digital corrections are calibrated on.
    pub calibration_images: usize,
    /// Designs that are shown to compute the network in integers bit for bit: they have its rate, and are not simulated.
    pub exact_designs: u64,
}

/// A search of a space by NSGA-II.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Searched {
    /// Designs that it looked at, those that came up again counted again.
    pub trials: u64,
    /// Its seed.
    pub seed: u64,
    /// Different designs among them.
    pub tried: u64,
}

impl Searched {
    /// A search that tried these designs.
    pub const fn new(Evolution { trials, seed }: Evolution, outcomes: &Outcomes) -> Self {
        Self { trials, seed, tried: outcomes.len() as u64 }
    }
}

/// Designs that failed for one reason.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Failed {
    /// Why.
    pub reason: String,
    /// How many.
    pub designs: u64,
    /// The place of the first.
    pub first: u64,
}

/// One design with its figures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explored {
    /// Its place in the space, from 0.
    pub place: u64,
    /// The network.
    pub network: String,
    /// The design before its settings.
    pub design: String,
    /// Every setting that varies with its value.
    pub settings: BTreeMap<String, String>,
    /// Its figures.
    #[serde(flatten)]
    pub figures: Figures,
    /// The command that prices it again.
    pub command: String,
}

impl Exploration {
    /// Of the outcome of every design of a space, or of those that a search tried, priced by `pricing`; `again` is the command that gives
    /// a design's figures again, `train` the one that trains its network.
    pub fn new(
        pricing: &Pricing<'_>,
        (outcomes, searched): (&Outcomes, Option<Searched>),
        (rated, dropped): (Option<RatedOn>, Vec<Dropped>),
        (again, train): (&CommandPattern, &CommandPattern),
    ) -> Self {
        let space = pricing.space();
        let front = pricing.front(outcomes);
        let is_dropped: BTreeSet<u64> = dropped.iter().map(|dropped| dropped.place).collect();
        let is_beyond =
            |(place, figures): (u64, &Figures)| !is_dropped.contains(&place) && !space.keeps_limits(figures);
        let priced = outcomes.iter().filter_map(|(place, outcome)| Some((place, outcome.as_ref().ok()?)));
        let beyond_limits = priced.filter(|&design| is_beyond(design)).count() as u64;
        let explored = |&place: &u64| {
            let point = space.point(place);
            let figures = outcomes.get(place)?.as_ref().ok()?;
            Some(Explored {
                place,
                network: point.network.into(),
                design: point.design.into(),
                settings: point.settings.iter().map(|&(name, value)| (name.into(), value.into())).collect(),
                figures: *figures,
                command: again.of(&at(space, place)),
            })
        };
        let front: Vec<Explored> = front.points().filter_map(|(_, place)| explored(place)).collect();
        Self {
            worth_training: worth_training(space, &front, train),
            objectives: space.goals.iter().map(ToString::to_string).collect(),
            limits: space.limits.iter().map(ToString::to_string).collect(),
            designs: space.size(),
            searched,
            failed: failed(outcomes),
            beyond_limits,
            front,
            dropped,
            rated,
        }
    }

    /// The front as a table, with what is not on it below; a spreadsheet gets a row a design of the front. A page maps and prices designs of
    /// the front by `pricing` to show them; `commands` are the one that gives a design's figures again, and the one that explores it as a
    /// space of its own.
    pub fn document<'a>(
        &'a self,
        pricing: &'a Pricing<'a>,
        outcomes: &'a Outcomes,
        commands: [&'a CommandPattern; 2],
    ) -> Document<'a> {
        let space = pricing.space();
        let title = format!("Front of {} by {}", counted(self.designs, "design"), self.objectives.join(", "));
        let table = || front_table(self, space).captioned(&title);
        let page = {
            let title = title.clone();
            move || {
                let table = front_table(self, space).captioned(&title);
                let explored =
                    html::FrontPage { found: self, space, outcomes, commands, details: &self.details(pricing) };
                html::exploration(&explored, &table, &self.notes())
            }
        };
        Document::new(&title).lines(format!("{title}\n")).table(table()).lines(self.notes()).page(page)
    }

    /// Whether designs have a measure.
    pub(super) fn knows(&self, measure: &Measure) -> bool {
        match measure {
            _ if measure.is_simulated() => self.rated.is_some(),
            _ if measure.is_planned() => self.front.iter().any(|explored| explored.figures.kernel_loss.is_some()),
            _ => true,
        }
    }

    /// Mapping and price of the designs of the front; of some that are evenly spaced where there are too many.
    fn details(&self, pricing: &Pricing<'_>) -> Vec<Detail> {
        let step = self.front.len().div_ceil(html::MOST_DETAILED).max(1);
        let priced = self.front.iter().step_by(step).filter_map(|&Explored { place, .. }| {
            let (mapping, cost) = pricing.detailed(place).ok()?;
            Some(Detail { place, mapping, cost })
        });
        priced.collect()
    }

    fn notes(&self) -> String {
        let mut notes = format!("{} on the front.\n", counted(self.front.len() as u64, "design"));
        if let Some(Searched { trials, seed, tried }) = self.searched {
            notes += &format!(
                "A search by NSGA-II ({}, seed {seed}) tried {} of the {}: others may beat those on the front.\n",
                counted(trials, "trial"),
                thousands(tried),
                counted(self.designs, "design"),
            );
        }
        if let Some(RatedOn { set, images, seeds, first_seed, calibration_images, exact_designs }) = &self.rated {
            notes += &format!(
                "Rates: the first {} of {set}, {} a design from seed {first_seed} on; calibrated on {}.\n",
                counted(*images as u64, "test image"),
                counted(u64::from(*seeds), "chip"),
                counted(*calibration_images as u64, "training image"),
            );
            if *exact_designs > 0 {
                let designs = counted(*exact_designs, "design");
                notes += &format!(
                    "{designs} not simulated: their hardware loses nothing, so that they recognise what the network in integers does.\n"
                );
            }
            notes += &self.dropped_notes(*images);
        }
        if self.beyond_limits > 0 {
            let limits = self.limits.join(", ");
            notes += &format!("{} of them do not keep to {limits}.\n", thousands(self.beyond_limits));
        }
        notes += &self.training_notes();
        notes + &unpriced(self.failed.iter().map(|failed| (failed.reason.as_str(), failed.designs)))
    }

    /// Which networks are worth training, a line each.
    fn training_notes(&self) -> String {
        if self.worth_training.is_empty() {
            return String::new();
        }
        let is_priced = |objective: &&String| !objective.contains("kernel-loss");
        let first = self.objectives.iter().find(is_priced).map_or("", String::as_str);
        let line = |untrained: &Untrained| {
            let Untrained { kernel_loss, best, command, .. } = untrained;
            format!("  {command}  # loses {}, {first} {}\n", number(*kernel_loss), number(*best))
        };
        "Worth training next, since they cover most of the front together; losses are those of single layers, added up:\n".to_owned()
            + &self.worth_training.iter().map(line).collect::<String>()
    }

    /// How many designs were dropped after how many of all images.
    fn dropped_notes(&self, all: usize) -> String {
        let mut after: BTreeMap<usize, u64> = BTreeMap::new();
        self.dropped.iter().for_each(|dropped| *after.entry(dropped.images).or_default() += 1);
        let line = |(images, designs): (usize, u64)| {
            let designs = counted(designs, "design");
            match images {
                0 => format!("{designs} not simulated: whatever they recognise, others are better.\n"),
                images if images == all => format!("{designs} beaten by others once all images were counted.\n"),
                images => format!("{designs} dropped after {}.\n", counted(images as u64, "image")),
            }
        };
        after.into_iter().map(line).collect()
    }
}

/// Networks that are worth training next.
const MOST_WORTH_TRAINING: usize = 5;

/// Of the kernel plans of a front those that cover most of it, by the first objective other than the loss and the loss; the smallest
/// loss first.
fn worth_training(space: &Space, front: &[Explored], train: &CommandPattern) -> Vec<Untrained> {
    let Some(goal) = space.goals.iter().find(|goal| !goal.is_planned()) else { return vec![] };
    let mut plans: BTreeMap<(&str, &str), (f64, f64, f64, u64)> = BTreeMap::new();
    for Explored { network, settings, figures, place, .. } in front {
        let (Some(kernels), Some(loss)) = (settings.get("kernels"), figures.kernel_loss) else { continue };
        let (Some(least), Some(value)) = (goal.to_minimize(figures), goal.of(figures)) else { continue };
        let best = plans.entry((network, kernels)).or_insert((least, loss, value, *place));
        if least < best.0 {
            *best = (least, loss, value, *place);
        }
    }
    // What has its own kernels is trained as it is.
    plans.retain(|&(_, kernels), _| kernels != "3d");
    let plans: Vec<_> = plans.into_iter().collect();
    let points: Vec<[f64; 2]> = plans.iter().map(|(_, (least, loss, ..))| [*least, *loss]).collect();
    let untrained = |place: usize| {
        let ((network, kernels), (_, kernel_loss, best, design)) = plans[place];
        let (network, kernels) = (network.to_owned(), kernels.to_owned());
        Untrained { network, kernels, kernel_loss, best, command: train.of(&at(space, design)) }
    };
    let mut chosen: Vec<Untrained> = covering(&points, MOST_WORTH_TRAINING).into_iter().map(untrained).collect();
    chosen.sort_by(|a, b| a.kernel_loss.total_cmp(&b.kernel_loss).then_with(|| a.kernels.cmp(&b.kernels)));
    chosen
}

/// Reasons and how often each, the most frequent first.
fn failed(outcomes: &Outcomes) -> Vec<Failed> {
    let mut reasons: BTreeMap<&str, Failed> = BTreeMap::new();
    for (first, reason) in outcomes.iter().filter_map(|(place, outcome)| Some((place, outcome.as_ref().err()?))) {
        let new = || Failed { reason: reason.to_string(), designs: 0, first };
        reasons.entry(reason).or_insert_with(new).designs += 1;
    }
    let mut failed: Vec<Failed> = reasons.into_values().collect();
    failed.sort_by_key(|reason| (std::cmp::Reverse(reason.designs), reason.first));
    failed
}

/// What varies, then the figures; what does not vary is only for programs.
fn front_table(exploration: &Exploration, space: &Space) -> Table {
    let name = |key: &'static str, varies: bool| {
        if varies { Column::new(Kind::Words, key, key) } else { Column::data(key) }
    };
    let mut columns =
        vec![Column::data("place"), name("network", space.networks.len() > 1), name("design", space.designs.len() > 1)];
    let varied = space.vary.iter().filter_map(|variable| setting_name(&variable.name));
    columns.extend(varied.clone().map(|setting| Column::new(Kind::Words, setting, setting)));
    let measures = || MEASURES.iter().filter(|measure| exploration.knows(measure));
    columns.extend(measures().map(measure_column));
    if exploration.rated.is_some() {
        columns.push(Column::new(Kind::Fixed(2), "digital_percent", "digital\n%").hidden_at(1));
    }
    let is_searched = exploration.front.iter().any(|explored| explored.figures.gap_millionths.is_some());
    if is_searched {
        columns.push(Column::new(Kind::Fixed(2), "gap_percent", "bound\n% below").hidden_at(2));
    }
    columns.push(Column::data("command"));
    let mut table = Table::new(columns);
    for explored in &exploration.front {
        let Explored { place, network, design, settings, figures, command } = explored;
        let values = varied.clone().map(|setting| settings.get(setting).map_or(Value::Missing, Value::from));
        let measures = measures().map(|measure| measured(measure, figures));
        let digital = figures.recognition.map(|recognition| recognition.digital_percent.into());
        let gap =
            is_searched.then(|| figures.gap_millionths.map_or(Value::Missing, |gap| (f64::from(gap) / 1e4).into()));
        let head = [(*place).into(), network.into(), design.into()];
        table.row(head.into_iter().chain(values).chain(measures).chain(digital).chain(gap).chain([command.into()]));
    }
    table
}

fn measured(measure: &Measure, figures: &Figures) -> Value {
    match measure.of(figures) {
        None => Value::Missing,
        Some(value) if measure.is_count() => Value::Whole(value as u64),
        Some(value) => value.into(),
    }
}

fn measure_column(measure: &'static Measure) -> Column {
    let kind = if measure.is_count() {
        Kind::Whole
    } else if measure.is_simulated() {
        Kind::Fixed(2)
    } else {
        Kind::Quantity
    };
    Column::new(kind, measure.key, measure.title)
}
