//! A design, and settings over it: the core's, settings spelled as arguments.

use crate::error::{Failure, Outcome};
use crate::file::read;
use pyo3::prelude::*;
use tilewright::hardware::{Design, HardwareError, Kind, SETTINGS, Setting, Stage, setting, spelled};
use tilewright::report::DesignSummary;

/// A design.
#[pyclass(frozen, module = "tilewright._core", name = "Design")]
pub(crate) struct PyDesign(pub(crate) Design);

#[pymethods]
impl PyDesign {
    /// A preset or a file, with settings over it as text.
    #[new]
    #[expect(clippy::needless_pass_by_value, reason = "a value of Python")]
    fn new(name: &str, settings: Vec<(String, String)>) -> Outcome<Self> {
        Self::over(Design::named(name, |path| read("", path))?, &settings)
    }

    /// The design that a text has.
    #[staticmethod]
    fn parse(name: &str, text: &str) -> Outcome<Self> {
        Self::over(Design::parse(name, text)?, &[])
    }

    /// The same with settings over it.
    #[expect(clippy::needless_pass_by_value, reason = "a value of Python")]
    #[pyo3(name = "with_")]
    fn with(&self, settings: Vec<(String, String)>) -> Outcome<Self> {
        Self::over(self.0.clone(), &settings)
    }

    #[getter]
    fn name(&self) -> &str {
        &self.0.name
    }

    #[getter]
    fn about(&self) -> &str {
        &self.0.about
    }

    /// The mapping scheme, unless another is asked for.
    #[getter]
    fn scheme(&self) -> &str {
        &self.0.scheme
    }

    /// The text of a file.
    fn toml(&self) -> String {
        self.0.to_toml()
    }

    /// Every setting: its name, its value, its unit, what it is, what is allowed, whether it was given.
    fn settings(&self) -> Vec<(String, Option<String>, String, String, String, bool)> {
        let of = |setting: &Setting| {
            let (unit, allowed) = words(setting.kind);
            let name = argument(setting.name);
            (name, setting.of(&self.0), unit, arguments(setting.sentence), allowed, self.0.given.contains(setting.name))
        };
        SETTINGS.iter().map(of).collect()
    }
}

impl PyDesign {
    fn over(mut design: Design, settings: &[(String, String)]) -> Outcome<Self> {
        for (name, value) in settings {
            let setting = setting(name)?;
            let value = if value.is_empty() { none(setting)? } else { value };
            if let Some(value) = Some(value).filter(|value| !value.is_empty()) {
                design.set(setting, value)?;
            }
        }
        design.cells.read_device(|path| read("the device file ", path))?;
        let unreadable = |error: anyhow::Error| Failure::new(format!("{error:#}"));
        design.cells.read_fault_map(|path| tilewright_data::fault_map(path).map_err(unreadable))?;
        design.read_layer_settings(|path| read("", path))?;
        Ok(Self(design))
    }

    /// The design, where a setting that was given and that none of the stages heeds, or that changes nothing, is refused.
    pub(crate) fn heeded(&self, function: &str, stages: &[Stage]) -> Outcome<&Design> {
        let mut given = SETTINGS.iter().filter(|setting| self.0.given.contains(setting.name));
        if let Some(setting) = given.find(|setting| !setting.is_heeded_by(stages)) {
            let name = argument(setting.name);
            let heeded =
                SETTINGS.iter().filter(|setting| setting.is_heeded_by(stages)).map(|setting| argument(setting.name));
            let heeded: Vec<String> = heeded.collect();
            return Err(Failure::new(format!("{function} does not heed {name}; it heeds {}", heeded.join(", "))));
        }
        self.layers_heeded(stages)?;
        // All that was given is heeded.
        match self.0.idle().next() {
            Some((setting, because)) => {
                let name = argument(setting.name);
                Err(Failure::new(format!("{name} changes nothing here: {}", arguments(because))))
            }
            None => Ok(&self.0),
        }
    }
}

impl PyDesign {
    /// Refuses settings of single layers that none of the stages heeds.
    pub(crate) fn layers_heeded(&self, stages: &[Stage]) -> Outcome<()> {
        match (&self.0.layer_settings, self.0.layers.heeded(stages)) {
            (Some(file), Err(problem)) => {
                Err(Failure::new(format!("layer_settings {file:?} changes nothing here: {}", arguments(&problem))))
            }
            _ => Ok(()),
        }
    }
}

/// What `None` stands for: that there is none of it where that can be said, else what the design has, an empty text.
fn none(setting: &Setting) -> Outcome<&'static str> {
    match setting.kind {
        Kind::Text { allowed, .. } if allowed.ends_with("none") => Ok("none"),
        _ => Ok(""),
    }
}

fn words(kind: Kind) -> (String, String) {
    match kind {
        Kind::Whole { unit, range: [least, greatest] } => (unit.to_lowercase(), format!("{least} to {greatest}")),
        Kind::Number { unit, allowed } | Kind::Text { unit, allowed } => (unit.to_lowercase(), allowed.into()),
        Kind::Words(words) => (String::new(), words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ")),
        Kind::Switch => (String::new(), "true, false".into()),
    }
}

/// A setting as an argument.
fn argument(name: &str) -> String {
    name.replace('-', "_")
}

/// A text with settings between back quotes, spelled as arguments.
pub(crate) fn arguments(text: &str) -> String {
    spelled(text, argument)
}

/// The built-in designs, as JSON.
#[pyfunction]
pub(crate) fn designs() -> Outcome<String> {
    Ok(serde_json::to_string(&DesignSummary::presets()?)?)
}

impl From<HardwareError> for Failure {
    fn from(error: HardwareError) -> Self {
        match error {
            HardwareError::Mapping(error) => error.into(),
            HardwareError::Setting { setting, value, problem } => {
                Self::new(format!("{} is {value:?}; {problem}", argument(setting)))
            }
            HardwareError::NoSetting { name, known, suggestion } => {
                let offer = suggestion.map(|near| format!("; did you mean {:?}?", argument(near))).unwrap_or_default();
                Self::new(format!("no setting {:?}; there are {}{offer}", argument(&name), argument(&known)))
            }
            error => Self::new(error.to_string()),
        }
    }
}
