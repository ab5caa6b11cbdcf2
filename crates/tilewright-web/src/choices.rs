//! What there is to choose from, and the style of the figures.

use crate::session::AskError;
use serde::Serialize;
use tilewright::hardware::{Design, PRICED};
use tilewright::mapping::SignRule;
use tilewright::mapping::scheme::SCHEMES;
use tilewright::network::zoo;
use tilewright::report::{figure, html};

/// The choices.
#[derive(Serialize)]
pub(crate) struct Choices {
    networks: Vec<Named>,
    schemes: Vec<Named>,
    designs: Vec<Preset>,
    encodings: Vec<Named>,
    /// Style sheet of the report page.
    style: &'static str,
    /// SVG that figures refer to.
    definitions: String,
    version: &'static str,
}

/// A name and what it stands for.
#[derive(Serialize)]
struct Named {
    name: &'static str,
    meaning: String,
}

/// A preset and what of it can be changed.
#[derive(Serialize)]
struct Preset {
    name: &'static str,
    crossbar: [usize; 2],
    encoding: SignRule,
    weight_bits: u32,
    cell_bits: u32,
    input_bits: u32,
}

impl Choices {
    pub(crate) fn new() -> Result<Self, AskError> {
        let networks = zoo::entries().iter().map(|entry| {
            let [channels, height, width] = entry.input;
            Named { name: entry.name, meaning: format!("{channels}×{height}×{width}, {}", entry.data_set) }
        });
        let schemes = SCHEMES.iter().map(|scheme| Named { name: scheme.name(), meaning: scheme.summary().into() });
        let encodings = [SignRule::Differential, SignRule::Offset, SignRule::Single]
            .map(|rule| Named { name: rule.name(), meaning: rule.words().into() });
        let designs = PRICED.iter().map(|(name, _)| {
            let design = Design::preset(name)?;
            let encoding = design.encoding();
            Ok(Preset {
                name,
                crossbar: [design.crossbar.rows, design.crossbar.columns],
                encoding: encoding.sign,
                weight_bits: encoding.weight_bits,
                cell_bits: encoding.cell_bits,
                input_bits: design.input_bits,
            })
        });
        Ok(Self {
            networks: networks.collect(),
            schemes: schemes.collect(),
            designs: designs.collect::<Result<_, AskError>>()?,
            encodings: encodings.into(),
            style: html::STYLE,
            definitions: figure::definitions().to_string(),
            version: env!("CARGO_PKG_VERSION"),
        })
    }
}
