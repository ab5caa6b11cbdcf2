//! How a design of a space maps a network: the settings that are not of the hardware.

use crate::hardware::{Design, MacroKinds, word};
use crate::mapping::scheme::{self, Scheme};
use crate::mapping::search::{Priced, Within};
use crate::mapping::{
    CrossbarSize, Encoding, GroupRule, Mapping, MappingError, NetworkBits, RowSplit, SharedWeights, SubImageWindow,
    Target,
};
use crate::network::KernelPlan;

/// Scheme, kernels, rules, and what the mapping is searched for.
#[derive(Clone, Default)]
pub struct Layout {
    /// The scheme; if none is given, the design's, or the optimum where there is an objective.
    pub scheme: Option<&'static dyn Scheme>,
    /// Which convolutions become 2D+1D kernels.
    pub kernels: Option<KernelPlan>,
    /// Layers on no crossbar, by name or kind.
    pub kept_digital: Vec<String>,
    /// What the mapping space is searched for.
    pub objective: Option<Priced>,
    /// What that search keeps to.
    pub within: Option<Within>,
    /// Kinds of macros that the search may choose from for each layer, beside the design's.
    pub macro_kinds: Option<MacroKinds>,
    /// Where row blocks end.
    pub row_split: Option<RowSplit>,
    /// How channel groups share crossbars.
    pub groups: Option<GroupRule>,
    /// Output window of the sub-image scheme.
    pub window: Option<SubImageWindow>,
    /// How layers with the same weights are held.
    pub shared_weights: Option<SharedWeights>,
    /// Whether layers share crossbars.
    pub share_layers: Option<bool>,
}

/// One setting of a layout.
pub struct LayoutSetting {
    /// Its name.
    pub name: &'static str,
    /// What it is, in one sentence.
    pub sentence: &'static str,
    /// Reads a value; the error says what is allowed.
    set: fn(&mut Layout, &str) -> Result<(), String>,
}

/// All settings of a layout.
pub const LAYOUT_SETTINGS: [LayoutSetting; 10] = [
    LayoutSetting {
        name: "scheme",
        sentence: "Mapping scheme.",
        set: |layout, value| {
            layout.scheme = Some(scheme::find(value).map_err(|error| error.to_string())?);
            Ok(())
        },
    },
    LayoutSetting {
        name: "objective",
        sentence: "What the mapping space is searched for: area, energy, latency, energy-delay, area-delay; latency:100 within 100 crossbars, area:0.5 or energy:0.5 within 0.5 ms.",
        set: |layout, value| {
            let (name, limit) = match value.split_once(':') {
                Some((name, limit)) => (name, Some(limit)),
                None => (value, None),
            };
            let least = word(name)?;
            layout.objective = Some(least);
            layout.within = limit.map(|limit| within(least, limit)).transpose()?;
            Ok(())
        },
    },
    LayoutSetting {
        name: "kernels",
        sentence: "Which convolutions become 2D+1D kernels: 3d, 2d1d, ratio=0.5 or names of layers joined by commas.",
        set: |layout, value| {
            layout.kernels = Some(value.parse::<KernelPlan>().map_err(|error| error.to_string())?);
            Ok(())
        },
    },
    LayoutSetting {
        name: "keep-digital",
        sentence: "Which layers are computed digitally instead of on crossbars: none, a kind such as 2d, or names and kinds joined by commas.",
        set: |layout, value| {
            layout.kept_digital = match value {
                "none" => vec![],
                _ => value.split(',').map(str::to_owned).collect(),
            };
            Ok(())
        },
    },
    LayoutSetting {
        name: "macro-kinds",
        sentence: "Kinds of macros that a search for a price chooses from for each layer, beside the design's: none, or settings joined by spaces and kinds by semicolons, as in crossbar=64 active-rows=9; crossbar=256.",
        set: |layout, value| {
            layout.macro_kinds = (value != "none").then(|| value.parse()).transpose()?;
            Ok(())
        },
    },
    LayoutSetting {
        name: "grouped",
        sentence: "How channel groups share crossbars.",
        set: |layout, value| word(value).map(|rule| layout.groups = Some(rule)),
    },
    LayoutSetting {
        name: "row-split",
        sentence: "Where a block of rows ends.",
        set: |layout, value| word(value).map(|rule| layout.row_split = Some(rule)),
    },
    LayoutSetting {
        name: "window",
        sentence: "Output window of the sub-image scheme: largest, best, or its side in pixels.",
        set: |layout, value| value.parse().map(|window| layout.window = Some(window)),
    },
    LayoutSetting {
        name: "shared-weights",
        sentence: "How layers with the same weights are held: apart, or once on the same crossbars.",
        set: |layout, value| word(value).map(|rule| layout.shared_weights = Some(rule)),
    },
    LayoutSetting {
        name: "share-layers",
        sentence: "Whether partly filled crossbars of all layers are packed together: yes or no.",
        set: |layout, value| {
            layout.share_layers = match value {
                "yes" => Some(true),
                "no" => Some(false),
                _ => return Err(format!("{value:?} is neither yes nor no")),
            };
            Ok(())
        },
    },
];

/// The limit of an objective, as it is written behind it.
fn within(least: Priced, limit: &str) -> Result<Within, String> {
    match least {
        Priced::Latency => match limit.parse() {
            Ok(0) => Err("a budget is at least one crossbar".into()),
            Ok(budget) => Ok(Within::Crossbars(budget)),
            Err(_) => Err(format!("{limit:?} is not a number of crossbars")),
        },
        Priced::Area | Priced::Energy => {
            let ms = limit.parse().map_err(|_| format!("{limit:?} is not a latency in ms"))?;
            Within::latency_ms(ms)
        }
        Priced::EnergyDelay | Priced::AreaDelay => {
            Err("a limit goes with latency, as in latency:100 crossbars, or with area or energy, as in area:0.5 ms"
                .into())
        }
    }
}

impl Layout {
    /// Reads one setting; false if it is none of a layout.
    ///
    /// # Errors
    /// What is wrong with a value that is not allowed.
    pub fn set(&mut self, name: &str, value: &str) -> Result<bool, String> {
        let Some(setting) = LAYOUT_SETTINGS.iter().find(|setting| setting.name == name) else { return Ok(false) };
        (setting.set)(self, value)?;
        Ok(true)
    }

    /// What layers are mapped onto, with this crossbar and encoding.
    pub(super) fn target(&self, (crossbar, encoding): (CrossbarSize, Encoding), bits: &NetworkBits) -> Target {
        let window = self.window.unwrap_or(SubImageWindow::Largest);
        let shared_weights = self.shared_weights.unwrap_or_default();
        let Self { row_split, groups, .. } = *self;
        let weight_bits_from = bits.weights.origin;
        Target { row_split, groups, window, weight_bits_from, shared_weights, ..Target::new(crossbar, encoding) }
    }

    /// A mapping with its layers on crossbars of their own or on shared ones.
    pub(super) fn placed(&self, mapping: Mapping) -> Result<Mapping, MappingError> {
        if self.share_layers == Some(true) { mapping.shared() } else { Ok(mapping) }
    }

    /// The scheme, given or not.
    pub fn scheme(&self, design: &Design) -> &'static dyn Scheme {
        self.scheme.unwrap_or_else(|| design.scheme_for(self.objective.is_some()))
    }
}
