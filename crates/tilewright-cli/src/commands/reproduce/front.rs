//! What 2D+1D kernels save when every network is mapped as suits it best, priced anew.

use crate::commands::explore::{command, sources};
use crate::{output, progress, trained};
use anyhow::{Context, Result};
use std::ops::ControlFlow;
use tilewright::explore::{Figures, Outcome, Pricing, Space};
use tilewright::report::reproduction::{Answer, Oh2023, Savings};
use tilewright::report::table::{Column, Document, Kind, Table, Value, counted};
use tilewright::report::unpriced;

/// Designs priced between two steps of the progress bar.
const AT_ONCE: usize = 128;

/// Prices every design of the spaces.
pub(super) fn savings() -> Result<Savings> {
    let explored = Savings::spaces()?.into_iter().map(priced).collect::<Result<Vec<_>>>()?;
    let rates = Oh2023::count(&trained::stored()?)?.rates;
    Ok(Savings::new(&explored, &rates, |point| command(point, &[]))?)
}

fn priced(space: Space) -> Result<(Space, Vec<Outcome>)> {
    let sources = sources::of(&space, &[], None)?;
    let pricing = Pricing::new(&space, &sources)?;
    let places: Vec<u64> = (0..space.size()).collect();
    let bar = progress::bar("designs");
    bar.set_length(places.len() as u64);
    let mut outcomes = Vec::with_capacity(places.len());
    for places in places.chunks(AT_ONCE) {
        let priced = pricing.outcomes(places, crate::threads::asked(None), &|_, _| ControlFlow::Continue(()));
        outcomes.extend(priced.context("nothing ended the work")?);
        bar.inc(places.len() as u64);
    }
    bar.finish_and_clear();
    Ok((space, outcomes))
}

/// A row an answer.
pub(super) fn document(savings: &Savings) -> Document<'_> {
    let title = "What 2D+1D kernels save, each network mapped as suits it best";
    Document::new(title)
        .lines(format!("{title}\n"))
        .table(table(savings))
        .lines(notes(savings))
        .json(output::as_json(savings))
}

fn notes(savings: &Savings) -> String {
    let head = format!(
        "{} priced or tried. Rates are those of the cards, in floating point, without errors of the hardware. Layers do not share crossbars.\n",
        counted(savings.designs, "design")
    );
    head + &unpriced(savings.failed.iter().map(|(reason, designs)| (reason.as_str(), *designs)))
}

fn table(savings: &Savings) -> Table {
    let mut table = Table::new(vec![
        Column::new(Kind::Words, "design", "design"),
        Column::new(Kind::Words, "least", "least"),
        Column::new(Kind::Words, "limit", "limit"),
        Column::new(Kind::Words, "network", "network"),
        Column::new(Kind::Words, "kept_digital", "digital"),
        Column::new(Kind::Rate, "rate", "rate"),
        Column::new(Kind::Quantity, "area_mm2", "area\nmm²"),
        Column::new(Kind::Quantity, "latency_ms", "latency\nms"),
        Column::new(Kind::Quantity, "energy_uj", "energy\nµJ"),
        Column::new(Kind::Whole, "crossbars", "crossbars"),
        Column::new(Kind::Fixed(2), "of_3d", "of 3D"),
        Column::new(Kind::Words, "settings", "mapping"),
        Column::data("command"),
    ]);
    for Answer { design, least, limit, network, kept_digital, rate, best } in &savings.answers {
        let [limit, kept_digital] = [limit, kept_digital].map(|word| word.as_ref().into());
        let head = [design.into(), least.into(), limit, network.into(), kept_digital, (*rate).into()];
        let tail: [Value; 7] = match best {
            None => [const { Value::Missing }; 7],
            Some(best) => {
                let Figures { area_mm2, latency_ms, energy_uj, crossbars, .. } = best.figures;
                let settings: Vec<String> =
                    best.settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
                [
                    area_mm2.into(),
                    latency_ms.into(),
                    energy_uj.into(),
                    crossbars.into(),
                    best.of_3d.into(),
                    settings.join(" ").into(),
                    (&best.command).into(),
                ]
            }
        };
        table.row(head.into_iter().chain(tail));
    }
    table
}
