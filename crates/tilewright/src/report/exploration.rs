//! An explored space as flat numbers and tables: the documented JSON of `explore`.

use super::table::{Column, Document, Kind, Table, Value, counted, thousands};
use crate::explore::{Figures, MEASURES, Measure, Outcome, Point, Space, setting_name};
use serde::Serialize;
use std::collections::BTreeMap;

/// What was explored and what is on the front.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Exploration {
    /// What is minimised, then what is maximised.
    pub objectives: Vec<String>,
    /// What every design on the front keeps to.
    pub limits: Vec<String>,
    /// Combinations of the space.
    pub designs: u64,
    /// Those that have no price, by reason.
    pub failed: Vec<Failed>,
    /// Those that have a price but do not keep to the limits.
    pub beyond_limits: u64,
    /// The front, least in the first objective first.
    pub front: Vec<Explored>,
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
    /// Of a space and the outcome of every design; `front` has the places of the designs on the front in order, `command` writes the
    /// command that prices a design again.
    pub fn new(
        space: &Space,
        outcomes: &[Outcome],
        (front, beyond_limits): (&[u64], u64),
        command: impl Fn(&Point<'_>) -> String,
    ) -> Self {
        let explored = |&place: &u64| {
            let point = space.point(place);
            let figures = outcomes[usize::try_from(place).ok()?].as_ref().ok()?;
            Some(Explored {
                place,
                network: point.network.into(),
                design: point.design.into(),
                settings: point.settings.iter().map(|&(name, value)| (name.into(), value.into())).collect(),
                figures: *figures,
                command: command(&point),
            })
        };
        Self {
            objectives: space.goals.iter().map(ToString::to_string).collect(),
            limits: space.limits.iter().map(ToString::to_string).collect(),
            designs: outcomes.len() as u64,
            failed: failed(outcomes),
            beyond_limits,
            front: front.iter().filter_map(explored).collect(),
        }
    }

    /// The front as a table, with what is not on it below; a spreadsheet gets a row a design of the front.
    pub fn document(&self, space: &Space) -> Document<'_> {
        let title = format!("Front of {} by {}", counted(self.designs, "design"), self.objectives.join(", "));
        let table = front_table(self, space).captioned(&title);
        Document::new(&title).lines(format!("{title}\n")).table(table).lines(self.notes())
    }

    fn notes(&self) -> String {
        let mut notes = format!("{} on the front.\n", counted(self.front.len() as u64, "design"));
        if self.beyond_limits > 0 {
            let limits = self.limits.join(", ");
            notes += &format!("{} of them do not keep to {limits}.\n", thousands(self.beyond_limits));
        }
        for Failed { reason, designs, first } in &self.failed {
            notes += &format!("{} without a price, design {first} first: {reason}.\n", counted(*designs, "design"));
        }
        notes
    }
}

/// Reasons and how often each, the most frequent first.
fn failed(outcomes: &[Outcome]) -> Vec<Failed> {
    let mut reasons: BTreeMap<&str, Failed> = BTreeMap::new();
    for (first, reason) in
        outcomes.iter().enumerate().filter_map(|(place, outcome)| Some((place, outcome.as_ref().err()?)))
    {
        let new = || Failed { reason: reason.clone(), designs: 0, first: first as u64 };
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
    columns.extend(MEASURES.iter().map(measure_column));
    columns.push(Column::data("command"));
    let mut table = Table::new(columns);
    for explored in &exploration.front {
        let Explored { place, network, design, settings, figures, command } = explored;
        let values = varied.clone().map(|setting| settings.get(setting).map_or(Value::Missing, Value::from));
        let measures = MEASURES.iter().map(|measure| measured(measure, figures));
        let head = [(*place).into(), network.into(), design.into()];
        table.row(head.into_iter().chain(values).chain(measures).chain([command.into()]));
    }
    table
}

fn measured(measure: &Measure, figures: &Figures) -> Value {
    let value = measure.of(figures);
    if measure.unit.is_empty() { Value::Whole(value as u64) } else { value.into() }
}

fn measure_column(measure: &'static Measure) -> Column {
    let kind = if measure.unit.is_empty() { Kind::Whole } else { Kind::Quantity };
    Column::new(kind, measure.key, measure.title)
}
