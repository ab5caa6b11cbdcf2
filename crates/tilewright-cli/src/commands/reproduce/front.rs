//! What 2D+1D kernels save when every network is mapped as suits it best, priced anew.

use crate::commands::explore::{command, sources};
use crate::{output, progress, trained};
use anyhow::{Context, Result};
use std::ops::ControlFlow;
use tilewright::explore::{Figures, Pricing, Space};
use tilewright::report::reproduction::{Answer, Explored, Oh2023, Savings, Step};
use tilewright::report::table::{Column, Document, Kind, Table, Value, counted};
use tilewright::report::unpriced;

/// Designs priced between two steps of the progress bar.
const AT_ONCE: usize = 1024;

/// Prices every design of the spaces.
pub(super) fn savings() -> Result<Savings> {
    let explored = Savings::steps()?.into_iter().map(priced).collect::<Result<Vec<_>>>()?;
    let rates = Oh2023::count(&trained::stored()?)?.rates;
    Ok(Savings::new(&explored, &rates, |point| command(point, &[]))?)
}

/// A step with the outcome of each design of its spaces.
fn priced(step: Step) -> Result<Explored> {
    let bar = progress::bar("designs");
    bar.set_length(step.spaces.iter().map(Space::size).sum());
    bar.set_message(step.name);
    let mut outcomes = Vec::with_capacity(step.spaces.len());
    for space in &step.spaces {
        let sources = sources::of(space, &[], None)?;
        let pricing = Pricing::new(space, &sources)?;
        let places: Vec<u64> = (0..space.size()).collect();
        let mut of_space = Vec::with_capacity(places.len());
        for places in places.chunks(AT_ONCE) {
            let priced = pricing.outcomes(places, crate::threads::asked(None), &|_, _| ControlFlow::Continue(()));
            of_space.extend(priced.context("nothing ended the work")?);
            bar.inc(places.len() as u64);
        }
        outcomes.push(of_space);
    }
    bar.finish_and_clear();
    Ok((step, outcomes))
}

/// A row an answer.
pub(super) fn document(savings: &Savings) -> Document<'_> {
    let title = "What 2D+1D kernels save, each network mapped as suits it best";
    Document::new(title)
        .lines(format!("{title}\n"))
        .table(table(savings))
        .lines(notes(savings))
        .page(move || tilewright::report::html::savings(title, savings, table(savings), &notes(savings)))
        .json(output::as_json(savings))
}

fn notes(savings: &Savings) -> String {
    let head = format!(
        "{} priced or tried. Rates are those of the cards, in floating point, without errors of the hardware. Columns from plain to {} have the \
         least with all that mappings may do up to there.\n",
        counted(savings.designs, "design"),
        savings.steps.last().unwrap_or(&"plain")
    );
    head + &unpriced(savings.failed.iter().map(|(reason, designs)| (reason.as_str(), *designs)))
}

fn table(savings: &Savings) -> Table {
    let mut columns = vec![
        Column::new(Kind::Words, "design", "design"),
        Column::new(Kind::Words, "least", "least"),
        Column::new(Kind::Words, "limit", "limit"),
        Column::new(Kind::Words, "network", "network"),
        Column::new(Kind::Words, "kept_digital", "digital"),
        Column::new(Kind::Rate, "rate", "rate").hidden_at(6),
    ];
    columns.extend(savings.steps.iter().map(|step| Column::new(Kind::Quantity, step, step)));
    columns.extend([
        Column::new(Kind::Fixed(2), "of_3d", "of 3D"),
        Column::new(Kind::Quantity, "area_mm2", "area\nmm²").hidden_at(5),
        Column::new(Kind::Quantity, "latency_ms", "latency\nms").hidden_at(4),
        Column::new(Kind::Quantity, "energy_uj", "energy\nµJ").hidden_at(3),
        Column::new(Kind::Whole, "crossbars", "crossbars").hidden_at(2),
        Column::new(Kind::Words, "settings", "mapping").hidden_at(1),
        Column::data("command"),
    ]);
    let mut table = Table::new(columns);
    for Answer { design, least, limit, network, kept_digital, rate, by_step, best } in &savings.answers {
        let [limit, kept_digital] = [limit, kept_digital].map(|word| word.as_ref().into());
        let head = [design.into(), least.into(), limit, network.into(), kept_digital, (*rate).into()];
        let by_step = by_step.iter().map(|value| Value::from(*value));
        let tail: [Value; 7] = match best {
            None => [const { Value::Missing }; 7],
            Some(best) => {
                let Figures { area_mm2, latency_ms, energy_uj, crossbars, .. } = best.figures;
                let settings: Vec<String> =
                    best.settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
                [
                    best.of_3d.into(),
                    area_mm2.into(),
                    latency_ms.into(),
                    energy_uj.into(),
                    crossbars.into(),
                    settings.join(" ").into(),
                    (&best.command).into(),
                ]
            }
        };
        table.row(head.into_iter().chain(by_step).chain(tail));
    }
    table
}
