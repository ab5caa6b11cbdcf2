//! What was typed: the definitions from which parsing, help, completions and man pages come. Nothing is combined here; that is
//! [`crate::settings`]'s.

pub(crate) mod circuit;
pub(crate) mod cost;
pub(crate) mod data;
pub(crate) mod design;
pub(crate) mod evaluate;
pub(crate) mod explore;
pub(crate) mod export;
pub(crate) mod hardware;
pub(crate) mod images;
pub(crate) mod inputs;
mod number;
pub(crate) mod parse;
pub(crate) mod reproduce;
pub(crate) mod simulate;
pub(crate) mod vary;

use crate::output;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueHint};
use design::{DesignArgs, Mapped};
use number::whole;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use tilewright::explore::Layout;
use tilewright::hardware::{LayerSettings, MacroKinds};
use tilewright::mapping::search::{ObjectiveName, Priced, Within};
use tilewright::mapping::{GroupRule, RowSplit, SharedWeights, SubImageWindow, scheme::SCHEMES};
use tilewright::network::{KernelPlan, LayerSpec, Network};
use tilewright::report::table::{FORMATS, Format};
use tilewright_onnx::{InputShape, Selection};
use vary::{Varies, VaryArgs};

/// Lays convolutional networks out on memristor crossbars, exactly.
#[derive(Debug, Parser)]
#[command(name = "tilewright", version, propagate_version = true, max_term_width = 100, arg_required_else_help = true)]
#[command(after_help = "Exit codes: 0 done, 1 a check found a difference, 2 an error.")]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Map a network onto crossbars and count what it takes.
    Map(MapArgs),
    /// Choose which layers get 2D+1D kernels within a crossbar budget, for the least loss.
    Plan(PlanArgs),
    /// Estimate the area, energy and latency of a mapped network on a design, component by component.
    Cost(cost::CostArgs),
    /// Find the Pareto-optimal designs by area, latency, energy and the like.
    Explore(Box<explore::ExploreArgs>),
    /// List the built-in designs, or print one as a file to edit.
    #[command(alias = "chip")]
    Design(cost::DesignCommandArgs),
    /// List the built-in devices, or print one as a file to edit.
    Device(hardware::DeviceCommandArgs),
    /// List the built-in networks.
    Zoo(ZooArgs),
    /// Write one self-contained HTML page about a mapping.
    Report(ReportArgs),
    /// Run every layer on crossbars in integers and compare it bit for bit with the plain convolution.
    Verify(VerifyArgs),
    /// Measure the recognition rate of a network on a data set's test images.
    Evaluate(evaluate::EvaluateArgs),
    /// Count how often each layer receives each input value, which the energy of reads depends on.
    Inputs(inputs::InputsArgs),
    /// Simulate a network on analog crossbars, wires and converters included, and measure its recognition rate.
    Simulate(Box<simulate::SimulateArgs>),
    /// Solve one crossbar as a circuit: how its wires and terminals change its currents.
    Circuit(circuit::CircuitArgs),
    /// Write where every weight goes and what drives each row when (JSON and NPZ), or one crossbar as a netlist.
    Export(Box<export::ExportArgs>),
    /// Recompute the tables of a publication, or our own of real cells.
    Reproduce(reproduce::ReproduceArgs),
    /// List, download, check and locate data sets.
    Data(data::DataArgs),
    /// Generate shell completions.
    Completions(CompletionsArgs),
    /// Write the man page of the command or of one of its subcommands.
    Man(ManArgs),
}

/// Where a command's result goes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Destination<'a> {
    /// To the standard output.
    Output,
    /// Into a file, or to the standard output if it is "-".
    File(&'a Path),
    /// Into a folder.
    Folder(&'a Path),
}

impl Command {
    /// Where its result goes.
    pub(crate) fn destination(&self) -> Destination<'_> {
        use circuit::CircuitCommand;
        use data::DataCommand;
        use export::ExportCommand;
        Destination::File(match self {
            Self::Map(args) => &args.output.output,
            Self::Plan(args) => &args.output.output,
            Self::Cost(args) => &args.output.output,
            Self::Explore(args) => &args.output.output,
            Self::Design(args) => &args.output.output,
            Self::Device(args) => match &args.command {
                None => &args.list.output.output,
                Some(hardware::DeviceCommand::Fit(args)) => &args.output,
            },
            Self::Zoo(args) => &args.output.output,
            Self::Report(args) => &args.output,
            Self::Verify(args) => &args.output.output,
            Self::Evaluate(args) => &args.output.output,
            Self::Inputs(args) => &args.output.output,
            Self::Simulate(args) => &args.output.output,
            Self::Reproduce(args) => &args.output().output,
            Self::Circuit(args) => match &args.command {
                None => &args.study.output.output,
                Some(CircuitCommand::Solve(args)) => &args.output,
            },
            Self::Export(args) => match &args.command {
                None => return args.placement.output.as_deref().map_or(Destination::Output, Destination::Folder),
                Some(ExportCommand::Spice(args)) => &args.output,
                Some(ExportCommand::Onnx(args)) => &args.output,
            },
            Self::Data(args) => match &args.command {
                DataCommand::List(args) => &args.output.output,
                DataCommand::Check(args) => &args.output.output,
                DataCommand::Fetch(_) | DataCommand::Path(_) => return Destination::Output,
            },
            Self::Completions(_) | Self::Man(_) => return Destination::Output,
        })
    }
}

/// What is mapped and onto what.
#[derive(Clone, Debug, Args)]
pub(crate) struct ModelArgs {
    #[command(flatten)]
    pub(crate) source: SourceArgs,

    #[command(flatten)]
    pub(crate) input: InputArgs,

    /// Which standard convolutions become 2D+1D kernels: 3d (none), 2d1d (all), ratio=0.5 (first layers first),
    /// ratio=0.5:last, ratio=0.5:most-saved, or layer names joined by commas; *2 after the plan or after a name gives
    /// each input channel two 2D kernels, as in 2d1d*2; +norm or +norm-relu puts a batch normalisation, with or without
    /// a ReLU, between the 2D and the 1D kernel, as in 2d1d+norm-relu.
    #[arg(long, value_name = "PLAN")]
    pub(crate) kernels: Option<KernelPlan>,
}

/// What is chosen of a model, and what of it is on crossbars.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct InputArgs {
    #[command(flatten)]
    pub(crate) chosen: ChosenArgs,

    /// Layers to compute digitally instead of on crossbars, by name or kind: conv1,fc or 2d. The kinds are 3d, 2d, 1d, grouped
    /// and dense.
    #[arg(long, value_name = "LAYERS", value_delimiter = ',')]
    pub(crate) keep_digital: Vec<String>,
}

/// What is chosen of a model.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ChosenArgs {
    /// Input shape without the batch, for an ONNX file that leaves lengths open: 3x224x224, or data=3x224x224 for the
    /// input "data".
    #[arg(long, value_name = "SHAPE")]
    pub(crate) input_shape: Option<InputShape>,

    /// Name of the ONNX tensor to take as the result instead of the file's first output; whatever it does not depend on
    /// is left out.
    #[arg(long, value_name = "NAME")]
    pub(crate) model_output: Option<String>,
}

impl ChosenArgs {
    /// The network a user means by MODEL.
    pub(crate) fn resolve(&self, model: &OsStr) -> anyhow::Result<Network> {
        let selection = Selection { shape: self.input_shape.as_ref(), output: self.model_output.as_deref() };
        Ok(tilewright_models::resolve_shaped(model, selection)?)
    }
}

impl InputArgs {
    /// The network a user means by MODEL, with what is kept digital.
    pub(crate) fn resolve(&self, model: &OsStr) -> anyhow::Result<Network> {
        Ok(self.chosen.resolve(model)?.keep_digital(&self.keep_digital)?)
    }
}

/// A model or a layer.
#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct SourceArgs {
    /// A network of the zoo or a trained one (see `tilewright zoo`), an ONNX file, or a table of layers.
    ///
    /// A table of layers is NeuroSim's NetWork.csv, a SCALE-Sim topology (.csv), or a TOML file with a table `[[layer]]` for each
    /// layer, whose keys are those of --layer. Zoo networks with stages accept a width: resnet20:width=1.5 has 1.5 times the
    /// channels, and resnet20:width=1,1.5,2 has a different factor in each of its three stages.
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) model: Option<OsString>,

    /// A layer instead of a model, such as "in=6x14x14,out=16,k=5,s=1,p=0,d=1,g=1"; repeat it to build a network, layer after
    /// layer.
    ///
    /// Required are in (channels x height x width), out (channels) and k (kernel). The stride s, the dilation d and the channel
    /// groups g default to 1, the padding p to 0. k, s, d and p take one number for both axes, or height x width; p also takes
    /// top/left/bottom/right. name defaults to layer, or to layer1, layer2 and so on if there are several.
    #[arg(long, value_name = "SPEC", action = clap::ArgAction::Append)]
    pub(crate) layer: Vec<LayerSpec>,
}

/// The rules a mapping follows.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Rules")]
pub(crate) struct RuleArgs {
    /// Whether a row block may end in the middle of a channel. [default: as each scheme was published]
    #[arg(long, value_name = "RULE", value_parser = one_of(&ROW_SPLITS))]
    pub(crate) row_split: Option<RowSplit>,

    /// How channel groups share crossbars. [default: packed; optimal: whatever is best]
    #[arg(long, value_name = "RULE", value_parser = one_of(&GROUP_RULES))]
    pub(crate) grouped: Option<GroupRule>,

    /// Output window of the sub-image scheme: largest, best, or its side in pixels.
    #[arg(long, value_name = "WINDOW", default_value = "largest", value_parser = str::parse::<SubImageWindow>)]
    pub(crate) window: SubImageWindow,

    /// How layers with the same weights, such as the steps of a recurrent layer, are held.
    #[arg(long, value_name = "RULE", default_value = "apart", value_parser = one_of(&SHARED_WEIGHTS))]
    pub(crate) shared_weights: SharedWeights,
}

/// What is best.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Objective")]
pub(crate) struct ObjectiveArgs {
    /// What to search the mapping space for. [default: each scheme's own rule; for optimal, the fewest activations of one array]
    #[arg(long, value_name = "WHAT", value_parser = one_of(&OBJECTIVES))]
    pub(crate) objective: Option<Goal>,

    /// Most crossbars the network may hold (objectives cycles and latency; on its own it implies cycles).
    #[arg(long, value_name = "CROSSBARS", value_parser = whole(1..=u64::MAX))]
    pub(crate) budget: Option<u64>,

    /// Most cycles a layer may take (implies the objective crossbars).
    #[arg(long, value_name = "CYCLES", value_parser = whole(1..=u64::MAX))]
    pub(crate) max_cycles: Option<u64>,

    /// Longest time from an image to its result, in ms (objectives area and energy).
    #[arg(long, value_name = "MS", conflicts_with_all = ["budget", "max_cycles"])]
    pub(crate) max_latency: Option<f64>,
}

/// What a search for a price keeps to, as it was typed.
pub(crate) fn within(budget: Option<u64>, max_latency: Option<f64>) -> anyhow::Result<Option<Within>> {
    let time = max_latency.map(Within::latency_ms).transpose();
    let time = time.map_err(|problem| anyhow::anyhow!("--max-latency: {problem}"))?;
    Ok(time.or(budget.map(Within::Crossbars)))
}

/// Macros of several kinds on one chip.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Objective")]
pub(crate) struct KindArgs {
    /// Kinds of macros to choose from for each layer, beside the design's own: settings joined by spaces, kinds by semicolons, as
    /// in "crossbar=64 active-rows=9; crossbar=256" (objectives that are a price).
    #[arg(long, value_name = "KINDS", requires = "objective")]
    pub(crate) macro_kinds: Option<MacroKinds>,

    /// Also write the kinds that were chosen as a file for --layer-settings.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "macro_kinds")]
    pub(crate) kinds_to: Option<PathBuf>,
}

impl KindArgs {
    /// Takes the kinds of a layout, if it has any.
    pub(crate) fn lay_out(&mut self, layout: &Layout) {
        self.macro_kinds = layout.macro_kinds.clone().or(self.macro_kinds.take());
    }

    /// Finds out whether the file of kinds could be written beside the result.
    pub(crate) fn check(&self, result: &Path) -> anyhow::Result<()> {
        output::check_beside(result, "--kinds-to", "a TOML file", self.kinds_to.as_deref())
    }

    /// Writes the file of kinds, if one is asked for.
    pub(crate) fn write(&self, chosen: &LayerSettings) -> anyhow::Result<()> {
        let Some(file) = &self.kinds_to else { return Ok(()) };
        output::write(file, |to| Ok(to.write_all(chosen.to_toml().as_bytes())?))
    }
}

/// One mapping of a network.
#[derive(Debug, Args)]
pub(crate) struct MappingArgs {
    #[command(flatten)]
    pub(crate) model: ModelArgs,

    /// Mapping scheme. [default: the design's: optimal for analog-22nm]
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(scheme_names()))]
    pub(crate) scheme: Option<String>,

    #[command(flatten)]
    pub(crate) design: DesignArgs<Mapped>,

    #[command(flatten)]
    pub(crate) rules: RuleArgs,

    #[command(flatten)]
    pub(crate) objective: ObjectiveArgs,
}

/// `map`
#[derive(Clone, Debug, Args)]
pub(crate) struct MapArgs {
    #[command(flatten)]
    pub(crate) model: ModelArgs,

    /// Mapping scheme; several, or "all", give a comparison. [default: the design's: optimal for analog-22nm]
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = schemes())]
    pub(crate) scheme: Vec<String>,

    #[command(flatten)]
    pub(crate) design: DesignArgs<Mapped>,

    #[command(flatten)]
    pub(crate) rules: RuleArgs,

    #[command(flatten)]
    pub(crate) objective: ObjectiveArgs,

    #[command(flatten)]
    pub(crate) kinds: KindArgs,

    #[command(flatten)]
    pub(crate) vary: VaryArgs<Mapped>,

    /// Pack partly filled crossbars of all layers together, and print the fewest that any packing could need
    #[arg(long, help_heading = "Rules")]
    pub(crate) share_layers: bool,

    #[command(flatten)]
    pub(crate) output: OutputArgs,

    /// Also name the operations that stay digital (table only; JSON always does).
    #[arg(long, help_heading = "Output")]
    pub(crate) digital: bool,
}

/// `plan`
#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    /// A network of the zoo (see `tilewright zoo`) or an ONNX file.
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) model: OsString,

    #[command(flatten)]
    pub(crate) input: InputArgs,

    /// JSON file of the loss from replacing each layer, such as {"conv1": 0.013, ...}: one number for each standard
    /// convolution with more than one tap, in a unit that adds up (points of accuracy, cross entropy), negative for a
    /// gain; or a list of numbers, for one 2D kernel per input channel, for two and so on, each of which is then an
    /// option.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) losses: PathBuf,

    /// Most crossbars the whole network may hold. [default: the best plan for every budget]
    #[arg(long, value_name = "CROSSBARS", value_parser = whole(1..=u64::MAX))]
    pub(crate) budget: Option<u64>,

    /// Mapping scheme to count crossbars under. [default: the design's: optimal for analog-22nm]
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(scheme_names()))]
    pub(crate) scheme: Option<String>,

    #[command(flatten)]
    pub(crate) design: DesignArgs<Mapped>,

    #[command(flatten)]
    pub(crate) rules: RuleArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// How and where results are written.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// Output format.
    #[arg(long, value_name = "FORMAT", default_value = FORMATS[0].name, value_parser = format())]
    pub(crate) format: &'static Format,

    /// File to write, whole or not at all; "-" is standard output.
    #[arg(short, long, value_name = "FILE", default_value = "-", value_hint = ValueHint::FilePath)]
    pub(crate) output: PathBuf,
}

/// A parser of the names of formats.
fn format() -> impl TypedValueParser<Value = &'static Format> {
    let names = FORMATS.iter().map(|format| PossibleValue::new(format.name).help(format.about));
    PossibleValuesParser::new(names).map(|typed| Format::find(&typed).expect("clap lets only names of formats through"))
}

/// `zoo`
#[derive(Debug, Args)]
pub(crate) struct ZooArgs {
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// `report`
#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    #[command(flatten)]
    pub(crate) mapping: MappingArgs,

    /// HTML file to write, whole or not at all; "-" is standard output.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Output")]
    pub(crate) output: PathBuf,
}

/// `verify`
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    pub(crate) model: ModelArgs,

    /// Mapping schemes to run.
    #[arg(long, value_name = "NAME", value_delimiter = ',', default_value = "all", value_parser = schemes())]
    pub(crate) scheme: Vec<String>,

    #[command(flatten)]
    pub(crate) design: DesignArgs<Mapped>,

    /// Bits of an input, 2 to 16. [default: those of the model; 8 for one in floating point]
    #[arg(long, value_name = "BITS", value_parser = whole(2..=16u32))]
    #[arg(help_heading = "Crossbar")]
    pub(crate) input_bits: Option<u32>,

    #[command(flatten)]
    pub(crate) rules: RuleArgs,

    /// Seed for the image, and for the weights if the network has none.
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = whole(0..=u64::MAX))]
    pub(crate) seed: u64,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// `completions`
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// Which shell.
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

/// `man`
#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// Subcommand, and the one below it, as in "export spice"; without any, the page of the whole command.
    #[arg(value_name = "SUBCOMMAND")]
    pub(crate) subcommands: Vec<String>,
}

/// A value and its name and meaning on the command line.
type Choice<T> = (&'static str, T, &'static str);

const ROW_SPLITS: [Choice<RowSplit>; 2] = [
    ("element", RowSplit::Element, "a row block ends when the crossbar is full"),
    ("channel", RowSplit::Channel, "a row block holds whole channels"),
];

const GROUP_RULES: [Choice<GroupRule>; 4] = [
    ("packed", GroupRule::Packed, "as many groups per crossbar as fit, block-diagonally"),
    ("separate", GroupRule::Separate, "one group per crossbar"),
    ("turns", GroupRule::Turns, "as many groups per crossbar as fit as rectangles, one pack driven at a time"),
    ("dense", GroupRule::Dense, "all groups as one standard convolution, with zeros between them"),
];

const SHARED_WEIGHTS: [Choice<SharedWeights>; 2] = [
    ("apart", SharedWeights::Apart, "each layer on crossbars of its own"),
    ("once", SharedWeights::Once, "layers of one shape with the same weights on the same crossbars, one after another"),
];

/// What a mapping space can be searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Goal {
    /// A count of the mapping.
    Counted(ObjectiveName),
    /// What a cost model makes of it.
    Priced(Priced),
}

const OBJECTIVES: [Choice<Goal>; 8] = [
    ("activations", Goal::Counted(ObjectiveName::Activations), "fewest array activations, one copy of each layer"),
    ("crossbars", Goal::Counted(ObjectiveName::Crossbars), "fewest crossbars, within --max-cycles"),
    ("cycles", Goal::Counted(ObjectiveName::Cycles), "fewest cycles of the slowest layer, within --budget"),
    (
        "latency",
        Goal::Counted(ObjectiveName::Latency),
        "fewest cycles (with --design the least time) of all layers, within --budget",
    ),
    ("area", Goal::Priced(Priced::Area), "least area on a chip"),
    ("energy", Goal::Priced(Priced::Energy), "least energy of an image on a chip"),
    ("energy-delay", Goal::Priced(Priced::EnergyDelay), "least energy times latency on a chip"),
    ("area-delay", Goal::Priced(Priced::AreaDelay), "least area times latency on a chip"),
];

/// A parser of the names in a table.
fn one_of<T, const N: usize>(choices: &'static [Choice<T>; N]) -> impl TypedValueParser<Value = T>
where
    T: Copy + Send + Sync,
{
    let names = choices.iter().map(|(name, _, meaning)| PossibleValue::new(*name).help(*meaning));
    PossibleValuesParser::new(names).map(|typed| {
        let found = choices.iter().find(|(name, ..)| *name == typed);
        found.expect("clap lets only the names of the table through").1
    })
}

/// A parser of the words of a setting.
fn one_of_words(words: &'static [(&'static str, &'static str)]) -> PossibleValuesParser {
    PossibleValuesParser::new(words.iter().map(|(word, meaning)| PossibleValue::new(*word).help(*meaning)))
}

/// A parser of scheme names; "all" stands for all of them.
fn schemes() -> PossibleValuesParser {
    PossibleValuesParser::new(scheme_names().chain([PossibleValue::new("all").help("every scheme")]))
}

fn scheme_names() -> impl Iterator<Item = PossibleValue> {
    SCHEMES.iter().map(|scheme| PossibleValue::new(scheme.name()).help(scheme.summary()))
}

impl RuleArgs {
    /// Takes the rules of a layout, where it has any.
    pub(crate) fn lay_out(&mut self, layout: &Layout) {
        self.row_split = layout.row_split.or(self.row_split);
        self.grouped = layout.groups.or(self.grouped);
        self.window = layout.window.unwrap_or(self.window);
        self.shared_weights = layout.shared_weights.unwrap_or(self.shared_weights);
    }

    /// Refuses weights held once for something that looks at the crossbars of every layer.
    pub(crate) fn held_apart(&self, what: &str) -> anyhow::Result<()> {
        if self.shared_weights == SharedWeights::Once {
            anyhow::bail!("--shared-weights once: {what} the crossbars of every layer; leave it out");
        }
        Ok(())
    }
}

impl Varies for MapArgs {
    type Command = Mapped;

    fn vary(&self) -> &VaryArgs<Mapped> {
        &self.vary
    }

    fn design(&mut self) -> &mut DesignArgs<Mapped> {
        &mut self.design
    }

    fn lay_out(&mut self, layout: &Layout) {
        if let Some(scheme) = layout.scheme {
            self.scheme = vec![scheme.name().into()];
        }
        self.model.lay_out(layout);
        self.rules.lay_out(layout);
        self.kinds.lay_out(layout);
        self.share_layers = layout.share_layers.unwrap_or(self.share_layers);
    }
}

impl ModelArgs {
    /// Takes the kernels and digital layers of a layout, if it has any.
    pub(crate) fn lay_out(&mut self, layout: &Layout) {
        self.input.keep_digital.extend(layout.kept_digital.iter().cloned());
        self.kernels = layout.kernels.clone().or(self.kernels.take());
    }
}
