//! Where every weight goes and what drives each row when, as `placement.json` and `placement.npz`.
//!
//! The form is documented in `docs/placement.md`.

use super::arrays::LayerArrays;
use super::document::Document;
use crate::Outcome;
use crate::args::export::PlacementArgs;
use crate::npz::Npz;
use crate::output::{self, Folder};
use crate::settings::Settings;
use anyhow::{Context, Result, anyhow};
use std::io::Write;
use tilewright::mapping::{LayerMapping, Mapping};
use tilewright::report::table::thousands;

const DOCUMENT: &str = "placement.json";
const ARRAYS: &str = "placement.npz";

/// Maps, places and writes.
pub(super) fn run(args: &PlacementArgs) -> Result<Outcome> {
    args.mapping.rules.held_apart("a placement has")?;
    let settings = Settings::of(&args.mapping)?;
    output::warn_of(&settings.network.coverage());
    let mapping = settings.map(settings.schemes[0])?;
    check_size(&mapping, args.limit.into())?;
    let folder = Folder::begin(args.output.as_deref().context("give --output FOLDER")?)?;
    let mut npz = Npz::new(folder.create(ARRAYS)?);
    let mut document = Document::new(&mapping);
    for (place, layer) in mapping.layers.iter().enumerate() {
        let tiles = layer.tiles()?;
        // One layer at a time in memory.
        let arrays = LayerArrays::place(&tiles);
        let prefix = format!("layers/{place}");
        arrays.write(&mut npz, &prefix)?;
        document.push(layer, &tiles, &arrays, prefix);
    }
    npz.finish()?;
    let mut json = folder.create(DOCUMENT)?;
    output::json(&mut json, &document)?;
    json.flush()?;
    drop(json);
    // The document last: where it is, the arrays it speaks of are.
    folder.finish(&[ARRAYS, DOCUMENT])?;
    Ok(Outcome::Done)
}

/// Refuses what would fill a disk.
fn check_size(mapping: &Mapping, limit: u64) -> Result<()> {
    let placed = |layer: &LayerMapping| {
        let columns = layer.encoding.columns_per_weight() as u64;
        u128::from(layer.counts.weight_cells / columns / layer.tiling.replication)
    };
    let all: u128 = mapping.layers.iter().map(placed).sum();
    if all <= u128::from(limit) {
        return Ok(());
    }
    let (all, limit) = (u64::try_from(all).unwrap_or(u64::MAX), thousands(limit));
    Err(anyhow!(
        "{} by {} places {} weights in one copy of every layer, the limit is {limit}; raise --limit, or take a scheme that \
         copies less",
        mapping.network,
        mapping.scheme,
        thousands(all)
    ))
}
