//! The network a user means by a name or a path.

use crate::trained::{self, Precision, Trained};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use tilewright::network::{Network, NetworkError, Op, layer_table, nearest, zoo};
use tilewright_onnx::{OnnxError, Selection, load_shaped, printable};

/// The most bytes a table of layers may have.
const MOST_BYTES: u64 = 1 << 26;

/// Why a name or path is no network to map. Each is the user's input.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// Neither a network of the zoo nor a file.
    #[error("{error} (nor is there a file {model:?}; give a name that tilewright zoo lists, or an ONNX file)")]
    Unknown {
        /// What was asked for.
        model: String,
        /// That the zoo does not have it, and the nearest name it has.
        error: NetworkError,
    },
    /// A network of the zoo that cannot be as wide as asked for.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// A file that cannot be imported.
    #[error(transparent)]
    Onnx(#[from] OnnxError),
    /// A table of layers that cannot be read.
    #[error("{path}: cannot be read: {problem}")]
    Table {
        /// The file.
        path: String,
        /// What was found.
        problem: String,
    },
    /// A network of layers only, where weights are needed.
    #[error(
        "{network} has no weights; {}",
        if trained.is_empty() { "give an ONNX file with weights".into() } else { format!("trained from it are {}: take one of them", trained.join(", ")) }
    )]
    Untrained {
        /// Its name.
        network: String,
        /// The trained networks that were built from it.
        trained: Vec<String>,
    },
    /// A model without a layer for crossbars.
    #[error("{path}: has no convolution or dense layer, so there is nothing to map")]
    NothingToMap {
        /// The file.
        path: String,
    },
}

/// A network of the zoo, with the width of its stages where the name says one ([`zoo::build`]), or a trained one by name, unless `model` looks
/// like a path; else an ONNX file, or a table of layers in a CSV or TOML file ([`layer_table`]).
///
/// # Errors
/// [`ModelError`] if there is neither, or the file holds nothing to map.
pub fn resolve(model: impl AsRef<Path>) -> Result<Network, ModelError> {
    resolve_shaped(model, Selection::default())
}

/// As [`resolve`], with what is chosen of an ONNX file.
///
/// # Errors
/// As [`resolve`]; also if the shape contradicts the network's.
pub fn resolve_shaped<'a>(model: impl AsRef<Path>, selection: impl Into<Selection<'a>>) -> Result<Network, ModelError> {
    let selection = selection.into();
    let path = model.as_ref();
    let name = path.to_string_lossy();
    let has_extension = |name: &str| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(name));
    if has_extension("csv") {
        return table(path, layer_table::read, selection);
    }
    if has_extension("toml") {
        return table(path, layer_table::read_toml, selection);
    }
    if has_extension("onnx") || name.contains(std::path::is_separator) {
        return mappable_shaped(path, selection);
    }
    match named(&name) {
        Err(ModelError::Network(NetworkError::UnknownNetwork { .. })) if path.exists() => {
            mappable_shaped(path, selection)
        }
        Err(ModelError::Network(error @ NetworkError::UnknownNetwork { .. })) => {
            Err(ModelError::Unknown { model: name.into(), error })
        }
        network => as_selected(network?, selection),
    }
}

/// A network that says itself what it takes, which the shape asked for must be, and has one result.
fn as_selected(network: Network, selection: Selection<'_>) -> Result<Network, ModelError> {
    let refuse = |layer: String, problem: String| Err(NetworkError::Layer { layer, problem }.into());
    if let Some(output) = selection.output {
        return refuse(network.name, format!("has one result; {output:?} can be chosen of an ONNX file only"));
    }
    match selection.shape {
        Some(shape) if shape.lengths() != network.shape(network.input()) => {
            let problem = format!("takes an input of {:?}; {shape} is asked for", network.shape(network.input()));
            refuse(network.name, problem)
        }
        _ => Ok(network),
    }
}

/// A table of layers ([`layer_table`]), which says itself what its first layer takes.
fn table(
    path: &Path,
    read: impl Fn(&str, &str) -> Result<Network, NetworkError>,
    selection: Selection<'_>,
) -> Result<Network, ModelError> {
    let file = || printable(&path.display().to_string());
    let text = text(path).map_err(|problem| ModelError::Table { path: file(), problem })?;
    let name = path.file_stem().map_or_else(file, |stem| printable(&stem.to_string_lossy()));
    as_selected(read(&name, &text)?, selection)
}

/// The text of a file of a size that a table may have.
fn text(path: &Path) -> Result<String, String> {
    let mut bytes = vec![];
    let file = File::open(path).map_err(|error| error.to_string())?;
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err("it has more than 64 MiB, which no table of layers takes".into());
    }
    String::from_utf8(bytes).map_err(|_| "it is no text, as a table of layers is".into())
}

/// A built-in network, by name: of the zoo, without weights, or a trained one.
///
/// # Errors
/// [`NetworkError::UnknownNetwork`] with the nearest name there is of either kind.
pub fn named(name: &str) -> Result<Network, ModelError> {
    if let Some((trained, precision)) = trained::find(name) {
        return Ok(trained.network(precision)?);
    }
    zoo::build(name).map_err(|error| match error {
        NetworkError::UnknownNetwork { name, .. } => {
            let names: Vec<String> = zoo::names().map(Into::into).chain(trained::names()).collect();
            let suggestion = nearest(&name, names.iter().map(String::as_str)).map(Into::into);
            NetworkError::UnknownNetwork { name, suggestion }.into()
        }
        error => error.into(),
    })
}

/// The network of an ONNX file that has at least one layer for crossbars.
///
/// # Errors
/// [`ModelError::Onnx`] as [`tilewright_onnx::load`]; [`ModelError::NothingToMap`] without such a layer.
pub fn mappable(path: &Path) -> Result<Network, ModelError> {
    mappable_shaped(path, Selection::default())
}

/// As [`mappable`], with what is chosen of the file.
///
/// # Errors
/// As [`mappable`]; also if the shape contradicts the file's.
pub fn mappable_shaped<'a>(path: &Path, selection: impl Into<Selection<'a>>) -> Result<Network, ModelError> {
    let network = load_shaped(path, selection)?.network;
    if network.layers().is_empty() {
        return Err(ModelError::NothingToMap { path: path.display().to_string() });
    }
    Ok(network)
}

/// Checks that every layer for crossbars has weights.
///
/// # Errors
/// [`ModelError::Untrained`] with the trained networks there are in its place.
pub fn check_weights(network: &Network) -> Result<(), ModelError> {
    let is_bare = |op: &Op| op.is_weighted() && op.weights().is_none();
    if !network.iter().any(|(_, node)| is_bare(&node.op)) {
        return Ok(());
    }
    let is_of_it = |trained: &&Trained| trained.card().is_ok_and(|card| card.network == network.name);
    let forms = |trained: &Trained| Precision::ALL.map(|precision| trained.name_of(precision));
    let trained = trained::entries().iter().filter(is_of_it).flat_map(forms).collect();
    Err(ModelError::Untrained { network: network.name.clone(), trained })
}
