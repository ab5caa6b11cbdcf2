//! `map`: what a network takes on crossbars.

mod comparison;

use crate::args::MapArgs;
use crate::settings::Settings;
use crate::sweep::{self, Figure};
use crate::{Outcome, model, output};
use anyhow::{Result, bail};
use serde::Serialize;
use tilewright::mapping::{MappingError, scheme::Scheme};
use tilewright::network::Network;
use tilewright::report::table::{Column, Kind, Reader};
use tilewright::report::{Mapped, SCHEMA, Summary};

/// One scheme of a comparison. That it does not fit, or not within a limit, is a result like any other.
pub(super) struct Attempt {
    pub(super) scheme: &'static str,
    pub(super) result: Result<Mapped, MappingError>,
}

/// The JSON of a scheme that has no mapping.
#[derive(Serialize)]
struct Unmapped<'a> {
    schema: u32,
    network: &'a str,
    scheme: &'a str,
    /// Why.
    does_not_fit: String,
}

/// Maps and writes.
pub(crate) fn run(args: &MapArgs) -> Result<Outcome> {
    if args.vary.is_given() {
        return swept(args);
    }
    args.kinds.check(&args.output.output)?;
    let settings = settings(args, || model::load(&args.model.source, &args.model.input))?;
    output::warn_of(&settings.network.coverage());
    if let [scheme] = settings.schemes[..] {
        let mapped = map(&settings, scheme, args.share_layers)?;
        args.kinds.write(&mapped.summary.layer_settings)?;
        output::result(&args.output, &mapped.document(args.digital).json(output::as_json(&mapped.summary)))?;
    } else {
        let attempts = attempt_all(&settings, args.share_layers)?;
        write_all(args, &settings.network, &attempts)?;
    }
    Ok(Outcome::Done)
}

fn settings(args: &MapArgs, load: impl FnOnce() -> Result<Network>) -> Result<Settings> {
    let MapArgs { model, scheme, design, rules, objective, .. } = args;
    Settings::of_network(load, (model, scheme), (design, rules), None, Some(objective))?.with_kinds(&args.kinds)
}

/// Maps onto every design.
fn swept(args: &MapArgs) -> Result<Outcome> {
    let original = model::load(&args.model.source, &args.model.input)?;
    let settings_as_typed = settings(args, || Ok(original.clone()))?;
    if settings_as_typed.schemes.len() > 1 {
        bail!("--scheme: with --vary there is one; give --vary scheme=im2col,optimal, or leave --vary out");
    }
    output::warn_of(&settings_as_typed.network.coverage());
    let mut figures: Vec<Figure<Summary>> = vec![
        (Column::new(Kind::Whole, "crossbars", "crossbars"), |summary| summary.total.crossbars.into()),
        (Column::new(Kind::Whole, "array_activations", "activations"), |summary| {
            summary.total.array_activations.into()
        }),
        (Column::new(Kind::Whole, "cycles", "cycles"), |summary| summary.total.cycles.into()),
        (Column::new(Kind::Whole, "bottleneck_cycles", "slowest layer"), |summary| {
            summary.total.bottleneck_cycles.into()
        }),
        (Column::new(Kind::Share, "utilization", "utilization"), |summary| summary.total.utilization.into()),
    ];
    if args.share_layers {
        let shared = |summary: &Summary| summary.sharing.map(|sharing| sharing.crossbars).into();
        figures.push((Column::new(Kind::Whole, "shared_crossbars", "shared"), shared));
    }
    let title = format!("{}, mapped onto several designs", settings_as_typed.network.name);
    sweep::run(args, &args.output, (&title, figures), |args| {
        let settings = settings(args, || Ok(original.clone()))?;
        Ok(map(&settings, settings.schemes[0], args.share_layers)?.summary)
    })?;
    Ok(Outcome::Done)
}

/// Maps by one scheme, and packs the crossbars of all layers together if they are to be shared.
fn map(settings: &Settings, scheme: &dyn Scheme, share: bool) -> Result<Mapped, MappingError> {
    let (mapping, layer_settings) = settings.map_on_kinds(scheme)?;
    let mut mapped = Mapped::new(&settings.network, mapping, share)?;
    mapped.summary.layer_settings = layer_settings;
    Ok(mapped)
}

/// Maps by every scheme; an error if none of them fits.
fn attempt_all(settings: &Settings, share: bool) -> Result<Vec<Attempt>> {
    let mut attempts = Vec::new();
    for &scheme in &settings.schemes {
        let result = map(settings, scheme, share);
        if let Err(error) = &result
            && !matches!(error, MappingError::DoesNotFit { .. } | MappingError::Infeasible { .. })
        {
            return Err(error.clone().into());
        }
        attempts.push(Attempt { scheme: scheme.name(), result });
    }
    match attempts.iter().find_map(|attempt| attempt.result.as_ref().err()) {
        Some(error) if attempts.iter().all(|attempt| attempt.result.is_err()) => Err(error.clone().into()),
        _ => Ok(attempts),
    }
}

fn write_all(args: &MapArgs, network: &Network, attempts: &[Attempt]) -> Result<()> {
    let documents = attempts.iter().map(|attempt| json(attempt, network)).collect::<Result<Vec<_>>>()?;
    let document = comparison::document(attempts, network, output::width()).json(output::as_json(&documents));
    output::result(&args.output, &document)?;
    if args.output.format.reader == Reader::Spreadsheets {
        for Attempt { scheme, result } in attempts {
            result
                .as_ref()
                .err()
                .into_iter()
                .for_each(|error| output::note(&format!("not in the table: {scheme}: {error}")));
        }
    }
    Ok(())
}

fn json(attempt: &Attempt, network: &Network) -> Result<serde_json::Value> {
    let Attempt { scheme, result } = attempt;
    Ok(match result {
        Ok(mapped) => serde_json::to_value(&mapped.summary)?,
        Err(error) => {
            let does_not_fit = error.to_string();
            serde_json::to_value(Unmapped { schema: SCHEMA, network: &network.name, scheme, does_not_fit })?
        }
    })
}
