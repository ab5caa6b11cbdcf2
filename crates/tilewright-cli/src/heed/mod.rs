//! Which options a command heeds: one that was typed and changes nothing beside the others is refused, with the reason.

mod hardware;
mod mapping;

pub(crate) use hardware::of_ready;

use crate::args::circuit::{Cells, StudyArgs};
use crate::args::cost::CostArgs;
use crate::args::evaluate::EvaluateArgs;
use crate::args::export::{ExportCommand, SpiceArgs};
use crate::args::parse::Typed;
use crate::args::simulate::SimulateArgs;
use crate::args::vary::Varies;
use crate::args::{Command, Goal, MapArgs, MappingArgs};
use crate::settings::{design_of, goal};
use anyhow::{Result, anyhow};
use tilewright::hardware::Varied;
use tilewright::report::table::Reader;

/// Why there are no kinds of macros to choose from.
const UNSEARCHED: &str = "macros are chosen by a search for a price; give an --objective such as area";

/// Why kinds of macros are not written.
const OF_ONE_DESIGN: &str = "a sweep has several designs; leave --vary out";

/// An option without effect beside the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Idle {
    /// The option, without its dashes.
    pub(crate) option: &'static str,
    /// Why it has none, and what to do.
    pub(crate) because: String,
}

/// Says of each option that it has no effect.
fn idle(options: &[&'static str], because: &str) -> Vec<Idle> {
    options.iter().map(|option| Idle { option, because: because.into() }).collect()
}

/// An error if one of the options was typed.
pub(crate) fn refuse(typed: &Typed, idle: &[Idle]) -> Result<()> {
    match idle.iter().find(|idle| typed.has(idle.option)) {
        Some(Idle { option, because }) => Err(anyhow!("--{option} changes nothing here: {because}")),
        None => Ok(()),
    }
}

/// An error if an option was typed that has no effect in any of several runs, or varied where it has none. Each run is what was
/// varied and what then is without effect.
pub(crate) fn refuse_in_all<'a>(
    typed: &Typed,
    runs: impl IntoIterator<Item = (&'a [Varied], Vec<Idle>)>,
) -> Result<()> {
    let runs: Vec<(&[Varied], Vec<Idle>)> = runs.into_iter().collect();
    let mut in_all: Option<Vec<Idle>> = None;
    for (varied, idle) in &runs {
        // In a grid a value may have no effect beside some values of the others.
        if let [Varied { option, value }] = *varied
            && let Some(Idle { because, .. }) = idle.iter().find(|idle| idle.option == option)
        {
            return Err(anyhow!("--vary {option}={value} changes nothing here: {because}"));
        }
        let is_idle = |before: &Idle| idle.iter().any(|now| now.option == before.option);
        in_all = Some(in_all.map_or_else(|| idle.clone(), |all| all.into_iter().filter(is_idle).collect()));
    }
    let in_all = in_all.unwrap_or_default();
    let is_varied = |option: &str| runs.iter().flat_map(|(varied, _)| *varied).any(|varied| varied.option == option);
    if let Some(Idle { option, because }) = in_all.iter().find(|idle| is_varied(idle.option)) {
        return Err(anyhow!("--vary {option} changes nothing here: {because}"));
    }
    let replaced = |varied: &&Varied| typed.has(&varied.option);
    let of_grid = runs.iter().all(|(varied, _)| !varied.is_empty()).then(|| runs.first()).flatten();
    if let Some(Varied { option, .. }) = of_grid.and_then(|(varied, _)| varied.iter().find(replaced)) {
        return Err(anyhow!(
            "--{option} changes nothing here: every design of the grid has a value of its own; leave it out"
        ));
    }
    refuse(typed, &in_all)
}

/// The options that say which images are shown, where none is.
pub(crate) fn of_unshown() -> Vec<Idle> {
    idle(
        &[
            "set",
            "data",
            "mean",
            "std",
            "images",
            "labels",
            "channels-last",
            "resize",
            "crop",
            "pad",
            "calibration-images",
        ],
        "no image is shown, and the model says itself how it is rounded; give --image",
    )
}

/// The options that say what rates are of, where none is asked for.
pub(crate) fn of_rates(because: &str) -> Vec<Idle> {
    let of_images = of_unshown().into_iter().map(|idle| idle.option);
    let all = of_images.chain(["calibration", "rate-images", "seeds", "first-seed"]);
    all.map(|option| Idle { option, because: because.into() }).collect()
}

/// The options of a search where there is none.
pub(crate) fn of_search() -> Vec<Idle> {
    idle(&["search-seed"], "all designs of the space are priced; give --trials to search it, or leave it out")
}

/// The options of chips where all are alike.
pub(crate) fn of_seeds() -> Vec<Idle> {
    idle(&["seeds", "first-seed"], hardware::ALIKE)
}

/// An error if an option was typed that has no effect, as far as the command line and its design tell; of a simulation more can be told
/// later ([`of_simulation`]).
pub(crate) fn refuse_idle(command: &Command, typed: &Typed) -> Result<()> {
    match command {
        Command::Map(args) => refuse_in_sweep(args, typed, |args| of_map(args, typed)),
        Command::Cost(args) => refuse_in_sweep(args, typed, of_cost),
        Command::Circuit(args) if args.command.is_none() => refuse_in_sweep(&args.study, typed, of_study),
        command => refuse(typed, &of(command, typed)?),
    }
}

fn refuse_in_sweep<A: Varies>(args: &A, typed: &Typed, idle: impl Fn(&A) -> Result<Vec<Idle>>) -> Result<()> {
    let variations = args.variations()?;
    let idle = variations.iter().map(|(varied, args)| Ok((varied.as_slice(), idle(args)?)));
    refuse_in_all(typed, idle.collect::<Result<Vec<_>>>()?)
}

/// The options of a command that makes one result that have no effect.
fn of(command: &Command, typed: &Typed) -> Result<Vec<Idle>> {
    Ok(match command {
        Command::Plan(args) => mapping::rules_of(args.scheme.as_slice(), &args.design.design()?, false),
        Command::Report(args) => of_mapping(&args.mapping, &Typed::default())?,
        Command::Verify(args) => mapping::rules(&args.scheme),
        Command::Evaluate(args) => of_evaluate(args),
        Command::Export(args) => match &args.command {
            None => of_mapping(&args.placement.mapping, typed)?,
            Some(ExportCommand::Spice(args)) => of_spice(args)?,
            Some(ExportCommand::Onnx(_)) => vec![],
        },
        Command::Inputs(_) => idle(&["labels"], "inputs are counted whatever the images show; leave it out"),
        Command::Map(_)
        | Command::Cost(_)
        | Command::Circuit(_)
        | Command::Simulate(_)
        | Command::Explore(_)
        | Command::Design(_)
        | Command::Device(_)
        | Command::Zoo(_)
        | Command::Reproduce(_)
        | Command::Data(_)
        | Command::Completions(_)
        | Command::Man(_) => vec![],
    })
}

fn of_mapping(args: &MappingArgs, typed: &Typed) -> Result<Vec<Idle>> {
    let goal = goal(&args.objective, &args.design);
    let rules = mapping::rules_of(args.scheme.as_slice(), &design_of(&args.design, goal)?, goal.is_some());
    Ok([rules, mapping::design(typed, goal)].concat())
}

fn of_map(args: &MapArgs, typed: &Typed) -> Result<Vec<Idle>> {
    let goal = goal(&args.objective, &args.design);
    let rules = mapping::rules_of(&args.scheme, &design_of(&args.design, goal)?, goal.is_some());
    let mut found = [rules, mapping::design(typed, goal)].concat();
    if !matches!(goal, Some(Goal::Priced(_))) {
        found.extend(idle(&["macro-kinds"], UNSEARCHED));
    }
    if args.vary.is_given() {
        found.extend(idle(&["kinds-to"], OF_ONE_DESIGN));
        found.extend(idle(&["digital"], "a sweep has one line per design; leave one of the two out"));
        return Ok(found);
    }
    if mapping::are_several(&args.scheme) {
        found.extend(idle(&["kinds-to"], "a comparison of schemes has several choices; give one --scheme"));
    }
    match args.output.format.reader {
        Reader::People if mapping::are_several(&args.scheme) => {
            found.extend(idle(&["digital"], "a comparison of schemes names no operations; give one --scheme"));
        }
        Reader::People => {}
        Reader::Programs => found.extend(idle(&["digital"], "JSON always names the operations; leave it out")),
        Reader::Spreadsheets => found.extend(idle(
            &["digital", "share-layers"],
            "CSV has one line per mapped layer and none for the whole network; give --format table or json",
        )),
    }
    Ok(found)
}

fn of_cost(args: &CostArgs) -> Result<Vec<Idle>> {
    let design = args.design.design()?;
    let rules = mapping::rules_of(args.scheme.as_slice(), &design, args.objective.is_some());
    let mut found = [rules, hardware::of_design(&design)].concat();
    if args.objective.is_none() {
        found.extend(idle(&["macro-kinds"], UNSEARCHED));
    }
    if args.vary.is_given() {
        found.extend(idle(&["layers", "compare"], "a sweep has one line per design; leave one of the two out"));
        found.extend(idle(&["kinds-to"], OF_ONE_DESIGN));
        return Ok(found);
    }
    if args.explain.is_some() {
        found.extend(idle(
            &["kernels", "row-split", "grouped", "window"],
            "--explain is about the chip and maps no network; leave one of the two out",
        ));
    }
    match args.output.format.reader {
        Reader::People => {}
        Reader::Programs => found.extend(idle(&["layers"], "JSON always lists the layers; leave it out")),
        Reader::Spreadsheets => found.extend(idle(
            &["layers", "compare"],
            "CSV always has one line per component of a layer, and nothing else; give --format table or json",
        )),
    }
    Ok(found)
}

fn of_evaluate(args: &EvaluateArgs) -> Vec<Idle> {
    match args.output.format.reader {
        Reader::Spreadsheets => idle(&["confusion"], "CSV has one line per rate; give --format table or json"),
        Reader::People | Reader::Programs => vec![],
    }
}

fn of_study(args: &StudyArgs) -> Result<Vec<Idle>> {
    // Where the study has wires of its own, terminals have something to be beside.
    let mut found = if args.design.name.is_some() { hardware::of_design(&args.design.design()?) } else { vec![] };
    if args.pattern == Cells::On {
        found.extend(idle(&["on-off"], "all cells are on; give --pattern random, or leave it out"));
    }
    Ok(found)
}

/// The options of one run of a simulation that have no effect.
pub(crate) fn of_simulation(args: &SimulateArgs) -> Result<Vec<Idle>> {
    let design = args.hardware.design.design()?;
    let mut found = [hardware::of(&args.hardware, &design), hardware::of_order(&design)].concat();
    if args.output.format.reader == Reader::Spreadsheets {
        found.extend(idle(&["layer-images"], "CSV has one line per chip and none for layers; give another --format"));
    }
    Ok(found)
}

fn of_spice(args: &SpiceArgs) -> Result<Vec<Idle>> {
    let design = args.hardware.design.design()?;
    let mut found = hardware::of(&args.hardware, &design);
    // A netlist shows the rows of a step, however they are read.
    found.retain(|idle| idle.option != "active-rows");
    if args.image.is_none() {
        let unread = "all rows are driven alike and nothing is read or calibrated; give --image, or leave it out";
        found.extend(idle(&["adc-bits", "adc-range", "adc-scope", "drift-compensation", "refresh"], unread));
        found
            .extend(idle(&["adc-columns", "adc-offset", "adc-gain", "adc-noise", "adc-mismatch", "adc-steps"], unread));
        found.extend(idle(&["neuron-gain", "neuron-offset", "neuron-noise", "neuron-saturation"], unread));
        if design.compensation.predistort == 0 {
            found.extend(idle(&["pairs"], unread));
            found.extend(idle(&["read-voltage"], "rows are at the voltage of --volt; give --image, or leave it out"));
        }
        if args.access == 0 {
            found.extend(idle(&["dac-bits"], unread));
        }
    }
    Ok(found)
}
