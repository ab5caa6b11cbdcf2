//! What trained networks recognise on real cells: every figure is that of a `simulate` command, which the data name.

use crate::args::reproduce::AnalogRatesArgs;
use crate::args::simulate::SimulateArgs;
use crate::args::{Command, parse};
use crate::command_line::{quoted, typed};
use crate::commands::simulate::rates::{Of, Recognised, rates};
use crate::{interrupt, output, progress};
use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::fs;
use tilewright::report::reproduction::analog_rates::{
    AnalogRate, AnalogRates, CONDITIONS, NETWORKS, SCHEMES, Spot, Treatment,
};
use tilewright::report::table::{Column, Document, Kind, Table, Value, counted, hundredths};
use tilewright::simulate::Hardware;

/// Simulates what the store does not know of the part of the grid that was asked for.
pub(super) fn measured(args: &AnalogRatesArgs) -> Result<AnalogRates> {
    if let Some(folder) = &args.store {
        fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
        let word =
            format!("stopped; {} keeps what was done, and the same command resumes from there", folder.display());
        interrupt::say_when_stopped(word);
    }
    let networks: Vec<&'static str> = chosen(NETWORKS, &args.network);
    let bar = progress::bar("images");
    let mut images = None;
    let mut found = vec![];
    for (number, network) in networks.iter().enumerate() {
        bar.set_message(format!("network {} of {}", number + 1, networks.len()));
        let spots: Vec<Spot> = spots(args, network);
        let commands = spots.iter().map(|spot| Simulation::of(spot, args)).collect::<Result<Vec<_>>>()?;
        let store = args.store.as_ref().map(|folder| folder.join(format!("{network}.db")));
        let simulations = commands.iter().map(|command| command.args.clone()).collect();
        let (of, recognised) = rates(simulations, store.as_deref(), &bar)?;
        images.get_or_insert(of);
        for ((spot, Simulation { command, .. }), Recognised { crossbars, digital, chips }) in
            spots.iter().zip(commands).zip(recognised)
        {
            found.push((place(spot), AnalogRate::new(spot, crossbars, (digital, chips), command)));
        }
    }
    bar.finish_and_clear();
    found.sort_by_key(|(place, _)| *place);
    let Of { images, calibration_images } = images.context("a network was asked for")?;
    let rates = found.into_iter().map(|(_, rate)| rate).collect();
    Ok(AnalogRates { images, calibration_images, version: env!("CARGO_PKG_VERSION"), command: typed(), rates })
}

/// Those of a list that were asked for, in its order; all if none were.
fn chosen<const N: usize>(all: [&'static str; N], asked: &[String]) -> Vec<&'static str> {
    all.into_iter().filter(|known| asked.is_empty() || asked.iter().any(|asked| asked == known)).collect()
}

/// What was asked for of a network.
fn spots(args: &AnalogRatesArgs, network: &'static str) -> Vec<Spot> {
    let conditions = chosen(CONDITIONS.map(|condition| condition.name), &args.condition);
    let conditions = CONDITIONS.iter().filter(|condition| conditions.contains(&condition.name));
    let spots = conditions.flat_map(|condition| {
        let of_scheme = move |scheme| Treatment::ALL.map(|treatment| Spot { network, scheme, condition, treatment });
        chosen(SCHEMES, &args.scheme).into_iter().flat_map(of_scheme)
    });
    spots.collect()
}

/// Where a spot is in the grid.
fn place(spot: &Spot) -> [Option<usize>; 4] {
    [
        CONDITIONS.iter().position(|condition| condition.name == spot.condition.name),
        SCHEMES.iter().position(|scheme| *scheme == spot.scheme),
        NETWORKS.iter().position(|network| *network == spot.network),
        Treatment::ALL.iter().position(|treatment| *treatment == spot.treatment),
    ]
}

/// A spot as it is simulated.
struct Simulation {
    /// The command as it is typed.
    command: String,
    args: SimulateArgs,
}

impl Simulation {
    fn of(spot: &Spot, asked: &AnalogRatesArgs) -> Result<Self> {
        let mut words: Vec<String> =
            ["tilewright", "simulate", spot.network, "--scheme", spot.scheme].map(Into::into).into();
        for (name, value) in spot.settings() {
            words.push(format!("--{name}"));
            words.extend((value != "true").then(|| value.to_owned()));
        }
        for (option, number) in [("--calibration", asked.calibration), ("--limit", asked.limit)] {
            words.extend(number.into_iter().flat_map(|number| [option.into(), number.to_string()]));
        }
        let mut args = simulated(&words)?;
        if Hardware::of(&args.hardware.design.design()?)?.varies() {
            words.extend(["--seeds".into(), asked.seeds.to_string()]);
            args = simulated(&words)?;
        }
        let command = words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
        (args.images.set.place, args.run.threads) = (asked.place.clone(), asked.threads);
        Ok(Self { command, args })
    }
}

fn simulated(words: &[String]) -> Result<SimulateArgs> {
    match parse::parse(words.iter().map(OsString::from))?.command {
        Command::Simulate(args) => Ok(*args),
        _ => bail!("{} is no simulation", words.join(" ")),
    }
}

/// A line a network, scheme and condition, with what every treatment leaves.
pub(super) fn document(found: &AnalogRates) -> Document<'_> {
    let title = "What trained networks recognise on real cells";
    Document::new(title)
        .lines(format!("{title}\n"))
        .table(table(found))
        .lines(notes(found))
        .data(spreadsheet(found))
        .json(output::as_json(found))
}

fn notes(found: &AnalogRates) -> String {
    let chips = found.rates.iter().map(|rate| rate.chips.len());
    let (least, most) = (chips.clone().min().unwrap_or(0), chips.max().unwrap_or(0));
    let chips =
        if least == most { counted(most as u64, "chip") } else { format!("{most} chips, 1 where all are alike") };
    let images = found.rates.first().map_or(0, |rate| rate.digital.images);
    let held = |holds| found.rates.iter().filter(|rate| rate.holds() == Some(holds)).count();
    format!(
        "{} of {}, {chips}; ± is the sample standard deviation over the chips, in percentage points. Points are lost against the \
         integer network on the same images. Corrections are fitted on the first {} of the training set, which are no test images. \
         Goals are those of everything together: {} held, {} missed.\ntilewright {}: {}\n",
        counted(images, "image"),
        found.images,
        counted(found.calibration_images as u64, "image"),
        held(true),
        held(false),
        found.version,
        found.command,
    )
}

fn table(found: &AnalogRates) -> Table {
    let treatments = Treatment::ALL.map(|treatment| Column::shown(Kind::Words, treatment.name()));
    let head = [
        Column::shown(Kind::Words, "hardware"),
        Column::shown(Kind::Words, "scheme"),
        Column::shown(Kind::Words, "network"),
        Column::shown(Kind::Whole, "crossbars").hidden_at(1),
        Column::shown(Kind::Rate, "integers"),
    ];
    let tail = [
        Column::shown(Kind::Fixed(2), "lost points"),
        Column::shown(Kind::Fixed(1), "goal"),
        Column::shown(Kind::Words, "holds"),
    ];
    let mut table = Table::new(head.into_iter().chain(treatments).chain(tail).collect());
    for rates in found.rates.chunks(Treatment::ALL.len()) {
        let last = &rates[rates.len() - 1];
        let head: [Value; 5] = [
            last.title.into(),
            last.scheme.into(),
            last.network.into(),
            last.crossbars.into(),
            last.digital.rate.into(),
        ];
        let tail: [Value; 3] = [
            last.lost.into(),
            last.goal.map_or(Value::Blank, Value::from),
            last.holds().map_or(Value::Blank, |holds| if holds { "yes" } else { "no" }.into()),
        ];
        table.row(head.into_iter().chain(rates.iter().map(|rate| mean(rate).into())).chain(tail));
    }
    table
}

/// The mean with the deviation over the chips.
fn mean(rate: &AnalogRate) -> String {
    let deviation = rate.mean.deviation.map_or(String::new(), |deviation| format!(" ± {}", hundredths(deviation)));
    hundredths(rate.mean.mean) + &deviation
}

/// A line a figure, for spreadsheets.
fn spreadsheet(found: &AnalogRates) -> Table {
    let columns = [
        "condition",
        "scheme",
        "network",
        "treatment",
        "crossbars",
        "images",
        "chips",
        "digital",
        "mean",
        "deviation",
        "low",
        "high",
        "lost_points",
        "lost_error",
        "goal",
        "holds",
        "command",
    ];
    let mut table = Table::new(columns.into_iter().map(Column::data).collect());
    for rate in &found.rates {
        let optional = |number: Option<f64>| number.map_or(Value::Missing, Value::from);
        table.row([
            rate.condition.into(),
            rate.scheme.into(),
            rate.network.into(),
            rate.treatment.name().into(),
            rate.crossbars.into(),
            rate.digital.images.into(),
            rate.chips.len().into(),
            rate.digital.rate.into(),
            rate.mean.mean.into(),
            optional(rate.mean.deviation),
            rate.interval[0].into(),
            rate.interval[1].into(),
            rate.lost.into(),
            optional(rate.lost_error),
            optional(rate.goal),
            rate.holds().map_or(Value::Missing, |holds| if holds { "yes" } else { "no" }.into()),
            (&rate.command).into(),
        ]);
    }
    table
}
