//! The built-in trained networks, as the core takes them.

use anyhow::Result;
use std::ffi::OsStr;
use tilewright::network::zoo;
use tilewright::report::recognition::{SeedResult, TestedNetwork};
use tilewright_models::trained::{self, Card};

/// Those that are to be compared, in floating point.
pub(crate) fn stored() -> Result<Vec<TestedNetwork>> {
    Ok(compared()?.iter().map(tested).collect())
}

/// The cards of those that are to be compared: all but teachers.
pub(crate) fn compared() -> Result<Vec<Card>> {
    Ok(cards()?.into_iter().filter(|card| card.role.is_none()).collect())
}

/// Their cards.
pub(crate) fn cards() -> Result<Vec<Card>> {
    trained::entries().iter().map(|trained| Ok(trained.card()?)).collect()
}

fn tested(card: &Card) -> TestedNetwork {
    TestedNetwork {
        name: card.name.clone(),
        network: card.network.clone(),
        kernels: card.kernels.clone(),
        recipe: card.recipe(),
        data_set: card.data_set.clone(),
        images: card.test.images,
        runs: card.test.runs.iter().map(|run| SeedResult { seed: run.seed, recognised: run.float }).collect(),
    }
}

/// The network of the zoo that a name means or a trained network was built from; none for a file.
pub(crate) fn original(model: &OsStr) -> Result<Option<String>> {
    let Some(model) = model.to_str() else { return Ok(None) };
    if let Some((trained, _)) = trained::find(model) {
        return Ok(Some(trained.card()?.network));
    }
    Ok(zoo::names().any(|name| name == model).then(|| model.into()))
}
