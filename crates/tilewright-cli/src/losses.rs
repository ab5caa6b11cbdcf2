//! What replacing each layer loses, from a JSON file: a number by layer name, or a list of them for rank 1, 2, ….

use crate::input;
use anyhow::{Context, Result};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// Losses for each layer by rank from 1, by its name.
#[derive(Debug, PartialEq)]
pub(crate) struct Losses(pub(crate) BTreeMap<String, Vec<f64>>);

/// What a file has for a layer.
#[derive(serde::Deserialize)]
#[serde(untagged, expecting = "a number, or a list of numbers for rank 1, 2, …")]
enum Loss {
    OfRank1(f64),
    ByRank(Vec<f64>),
}

impl Losses {
    /// Reads a file.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let file = path.display();
        let text = input::text("the losses", path, input::SETTINGS)?;
        serde_json::from_str(&text).with_context(|| {
            format!(
                "{file}: holds no losses; give a number for each layer, as in {{\"conv1\": 0.013}}, or one for each rank, as \
                 in {{\"conv1\": [0.013, 0.002]}}"
            )
        })
    }
}

/// Not serde's own reading of a map, which lets the last of two losses for a layer win in silence.
impl<'de> Deserialize<'de> for Losses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EachOnce)
    }
}

struct EachOnce;

impl<'de> Visitor<'de> for EachOnce {
    type Value = Losses;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of numbers, or lists of them, by layer names")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut entries: M) -> Result<Losses, M::Error> {
        let mut losses = BTreeMap::new();
        while let Some((name, loss)) = entries.next_entry::<String, Loss>()? {
            if losses.contains_key(&name) {
                return Err(M::Error::custom(format!("layer {name:?} is there twice")));
            }
            let by_rank = match loss {
                Loss::OfRank1(loss) => vec![loss],
                Loss::ByRank(losses) => losses,
            };
            losses.insert(name, by_rank);
        }
        Ok(Losses(losses))
    }
}
