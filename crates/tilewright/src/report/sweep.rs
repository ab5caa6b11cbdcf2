//! What became of each of several designs that differ in settings.

use super::table::{Column, Document, Kind, Table, Value};
use crate::explore::setting_name;
use crate::hardware::{Varied, named, setting};
use serde::Serialize;

/// Version of the JSON form.
const SCHEMA: u32 = 1;

/// One design of several.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SweptRun<T> {
    /// What it differs in from the command as typed: nothing, a setting, or in a grid every setting that varies.
    pub varied: Vec<Varied>,
    /// What became of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<T>,
    /// Why nothing did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
}

/// One result for each of several designs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SweepReport<T> {
    /// 1: changes when a key changes its meaning or goes away.
    pub schema: u32,
    /// The program's version.
    pub version: String,
    /// The command that was typed; none from a library.
    pub command: Option<String>,
    /// One a design, in the order of [`Variations::changes`](crate::hardware::Variations::changes).
    pub runs: Vec<SweptRun<T>>,
}

impl<T> SweptRun<T> {
    /// What became of a design.
    pub fn new(varied: Vec<Varied>, result: Result<T, String>) -> Self {
        let (result, failed) = match result {
            Ok(result) => (Some(result), None),
            Err(problem) => (None, Some(problem)),
        };
        Self { varied, result, failed }
    }
}

impl<T> SweepReport<T> {
    /// A report by this version of the program.
    pub fn new(command: Option<String>, runs: Vec<SweptRun<T>>) -> Self {
        Self { schema: SCHEMA, version: env!("CARGO_PKG_VERSION").into(), command, runs }
    }

    /// A row a design: what it differs in, then figures; below it why some designs have none.
    ///
    /// # Panics
    /// If what varied is no setting.
    pub fn document(&self, title: &str, figures: Vec<Column>, row: impl Fn(&T) -> Vec<Value>) -> Document<'_> {
        let settings = varied_settings(self.runs.iter().flat_map(|run| &run.varied));
        let is_grid = self.runs.iter().all(|run| !run.varied.is_empty());
        let blank = vec![Value::Missing; figures.len()];
        // One setting at a time, most cells of their columns would be blank.
        let named_for_people = (!is_grid).then(|| Column::shown(Kind::Words, "design"));
        let of_setting = |setting: &&'static str| match is_grid {
            true => Column::new(Kind::Words, setting, setting),
            false => Column::data(setting),
        };
        let columns = named_for_people.iter().cloned().chain(settings.iter().map(of_setting));
        let mut table = Table::new(columns.chain(figures).chain([Column::data("failed")]).collect());
        for SweptRun { varied, result, failed } in &self.runs {
            let name = named_for_people.iter().map(|_| named(varied).into());
            let values = settings.iter().map(|setting| varied_value(varied, setting));
            let cells = result.as_ref().map_or_else(|| blank.clone(), &row);
            table.row(name.chain(values).chain(cells).chain([failed.as_ref().into()]));
        }
        Document::new(title).lines(format!("{title}\n")).table(table).lines(self.failures())
    }

    fn failures(&self) -> String {
        let failed = self.runs.iter().filter_map(|run| Some((named(&run.varied), run.failed.as_ref()?)));
        failed.map(|(name, problem)| format!("{name}: {problem}.\n")).collect()
    }
}

/// The settings that vary, in the order of their first values.
///
/// # Panics
/// If what varied is no setting.
pub fn varied_settings<'a>(varied: impl IntoIterator<Item = &'a Varied>) -> Vec<&'static str> {
    let mut found = vec![];
    for Varied { option, .. } in varied {
        let of_hardware = || setting(option).ok().map(|setting| setting.name);
        let name = setting_name(option).or_else(of_hardware).expect("a setting, since it was set");
        if !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

/// The value of a setting that varied; as it was typed it is blank.
pub fn varied_value(varied: &[Varied], setting: &str) -> Value {
    let varied = varied.iter().find(|varied| varied.option == setting);
    varied.map_or(Value::Blank, |varied| Value::from(&varied.value))
}
