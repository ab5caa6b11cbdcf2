//! What 2D+1D kernels save once every network has the mapping that suits it best: the best design of each under equal bounds.

use crate::explore::{ExploreError, Figures, Front, Goal, Limit, Outcome, Point, Space, Variable, goals};
use crate::report::recognition::RatePoint;
use serde::Serialize;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// What should be least, and under which bound.
const QUESTIONS: [(&str, Option<&str>); 13] = [
    ("area", None),
    ("area", Some("latency <= 2")),
    ("area", Some("latency <= 1")),
    ("area", Some("latency <= 0.5")),
    ("area", Some("latency <= 0.2")),
    ("area", Some("latency <= 0.1")),
    ("latency", Some("area <= 10")),
    ("latency", Some("area <= 20")),
    ("latency", Some("area <= 30")),
    ("latency", Some("area <= 50")),
    ("latency", Some("area <= 200")),
    ("energy", None),
    ("energy", Some("latency <= 0.5")),
];

/// Budgets of crossbars that the least latency is searched within: no two neighbours are far enough apart to hide a network's step.
const BUDGETS: [u32; 14] = [100, 150, 200, 250, 300, 400, 500, 600, 700, 850, 1000, 1400, 2000, 3000];

/// The same with 2D kernels on no crossbar, which take fewer.
const BUDGETS_WITHOUT_2D: [u32; 16] =
    [40, 60, 100, 150, 200, 250, 300, 400, 500, 600, 700, 850, 1000, 1400, 2000, 3000];

/// Every second one of them, for what comes on top.
const FEWER_BUDGETS: [u32; 9] = [40, 60, 100, 150, 250, 400, 700, 1400, 3000];

/// Latencies in ms that the least area is searched within where layers may be on macros of several kinds.
const LATENCIES: [&str; 5] = ["2", "1", "0.5", "0.2", "0.1"];

/// Kinds of macros that a chip with converters offers beside its own.
const KINDS: &str = "crossbar=32; crossbar=64; crossbar=256; active-rows=9; active-rows=16; active-rows=32; active-rows=64; \
                     crossbar=256 active-rows=32";

/// Two more kinds, of pairs that are subtracted as currents: their converters have as few bits as some layer of a network needs at least.
const PAIRS_OF_3D: &str =
    "encoding=differential pairs=analog adc-bits=8; crossbar=256 encoding=differential pairs=analog adc-bits=8";
const PAIRS_OF_2D1D: &str =
    "encoding=differential pairs=analog adc-bits=6; crossbar=256 encoding=differential pairs=analog adc-bits=6";

/// Kinds of macros that a chip without converters offers beside its own.
const SIZES: &str = "crossbar=16; crossbar=32; crossbar=64; crossbar=256";

/// Chips, that with converters first.
const CHIPS: [&str; 2] = ["generic-22nm", "seed"];

/// The setting by which answers with 2D kernels in multiply-accumulate units are told from those with all layers on crossbars.
const KEPT_DIGITAL: &str = "keep-digital";

/// The networks that are compared, the one with 3D kernels first: ratios, ranks, 2D+1D kernels, and these in a wider network.
const NETWORKS: [&str; 7] = [
    "resnet20-3d",
    "resnet20-ratio25",
    "resnet20-ratio50",
    "resnet20-ratio50-rank4",
    "resnet20-ratio75",
    "resnet20-2d1d",
    "resnet20-2d1d-wide",
];

/// Those with 2D+1D kernels in all layers.
const ALL_LAYERS: [&str; 2] = ["resnet20-2d1d", "resnet20-2d1d-wide"];

/// Something that mappings may do besides what they did in the steps before, and the spaces of designs that do it.
#[derive(Clone, Debug)]
pub struct Step {
    /// In one or two words.
    pub name: &'static str,
    /// Its designs.
    pub spaces: Vec<Space>,
}

/// The designs of a step, with the outcome of each.
pub type Explored = (Step, Vec<Vec<Outcome>>);

/// Answers to every question for every chip and network.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Savings {
    /// Designs that were priced or tried.
    pub designs: u64,
    /// Those without a price, by reason, with how many there are.
    pub failed: BTreeMap<String, u64>,
    /// What mappings may do, one thing after another.
    pub steps: Vec<&'static str>,
    /// By chip, question and network.
    pub answers: Vec<Answer>,
    /// By chip and network, with the mappings of the first step and with all.
    pub fronts: Vec<AreaFront>,
}

/// The least area within every latency of one network on one chip.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AreaFront {
    /// The chip.
    pub design: String,
    /// The network.
    pub network: String,
    /// The kind of its layers that is in multiply-accumulate units; none if all are on crossbars.
    pub kept_digital: Option<String>,
    /// How many of the steps its designs are of.
    pub steps: usize,
    /// Latency in ms and area in mm² of designs that no other one beats in both, fastest first.
    pub points: Vec<[f64; 2]>,
}

/// The best design of one network on one chip under one bound.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// The chip.
    pub design: String,
    /// What is least.
    pub least: String,
    /// What it keeps to.
    pub limit: Option<String>,
    /// The trained network, in 8 bits.
    pub network: String,
    /// The kind of its layers that is in multiply-accumulate units; none if all are on crossbars.
    pub kept_digital: Option<String>,
    /// What it recognises by its card, in floating point, the mean over seeds; a part of 1.
    pub rate: Option<f64>,
    /// What is least, in its unit, of designs that do no more than the first steps, for each number of these; none if none of
    /// them keeps to the limit.
    pub by_step: Vec<Option<f64>>,
    /// The best design of all; none if no design of the network keeps to the limit.
    pub best: Option<Best>,
}

/// A design that is best.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Best {
    /// Every setting that varied with its value.
    pub settings: BTreeMap<String, String>,
    /// Its figures.
    #[serde(flatten)]
    pub figures: Figures,
    /// What is least as a part of the same of 3D kernels on crossbars; none if they have no such design.
    pub of_3d: Option<f64>,
    /// The command that prices it again.
    pub command: String,
}

impl Savings {
    /// What is explored for it, on each chip, step by step: every scheme, with copies within budgets, layers one after another, all of
    /// them on crossbars or with 2D kernels in multiply-accumulate units; then what mappings may do besides.
    ///
    /// # Errors
    /// [`ExploreError`] if a name of an objective does not exist.
    pub fn steps() -> Result<Vec<Step>, ExploreError> {
        let schemes = ["im2col", "vw-sdk", "sub-image", "optimal"];
        let plain = vec![
            space(&CHIPS, &NETWORKS, vec![vary("scheme", &schemes), sizes()])?,
            space(&CHIPS, &NETWORKS, vec![vary("scheme", &schemes), sizes(), copies(&BUDGETS)])?,
            in_units(
                (&CHIPS, &NETWORKS[1..]),
                vec![vary("scheme", &["im2col", "optimal"]), sizes(), copies(&BUDGETS_WITHOUT_2D)],
            )?,
        ];
        let mut steps = vec![
            Step { name: "plain", spaces: plain },
            Step {
                name: "turns",
                spaces: vec![space(
                    &CHIPS,
                    &NETWORKS,
                    vec![vary("scheme", &schemes), sizes(), vary("grouped", &["turns"])],
                )?],
            },
        ];
        for (name, further) in [
            ("pipelined", vec![vary("schedule", &["pipelined"])]),
            ("shared", vec![vary("share-layers", &["yes"])]),
            ("streamed", vec![vary("chains", &["streamed"]), vary("schedule", &["layer-by-layer", "pipelined"])]),
        ] {
            let with = |own: Vec<Variable>| own.into_iter().chain(further.clone()).collect::<Vec<_>>();
            let groups = vary("grouped", &["packed", "turns"]);
            let spaces = vec![
                space(&CHIPS, &NETWORKS, with(vec![vary("scheme", &schemes), sizes(), groups]))?,
                space(
                    &CHIPS,
                    &NETWORKS,
                    with(vec![vary("scheme", &["im2col", "optimal"]), sizes(), copies(&FEWER_BUDGETS)]),
                )?,
                in_units(
                    (&CHIPS, &NETWORKS[1..]),
                    with(vec![vary("scheme", &["im2col", "optimal"]), sizes(), copies(&FEWER_BUDGETS)]),
                )?,
            ];
            steps.push(Step { name, spaces });
        }
        let [converters, neurons] = CHIPS;
        let kinds = |kinds: &str| {
            let schedules = vary("schedule", &["layer-by-layer", "pipelined"]);
            vec![within_latencies(), vary("macro-kinds", &[kinds]), schedules]
        };
        let spaces = vec![
            space(&[converters], &NETWORKS[..1], kinds(&format!("{KINDS}; {PAIRS_OF_3D}")))?,
            space(&[converters], &ALL_LAYERS, kinds(&format!("{KINDS}; {PAIRS_OF_2D1D}")))?,
            space(&[neurons], &[&NETWORKS[..1], &ALL_LAYERS[..]].concat(), kinds(SIZES))?,
            in_units((&[converters], &ALL_LAYERS), kinds(KINDS))?,
            in_units((&[neurons], &ALL_LAYERS), kinds(SIZES))?,
        ];
        steps.push(Step { name: "kinds", spaces });
        Ok(steps)
    }

    /// Of steps, and the outcome of each design of their spaces; `rates` are those of trained networks, `command`
    /// writes the command that prices a design again. Of designs that are equal in what is least the fastest is best, then the
    /// smallest, then the first.
    ///
    /// # Errors
    /// [`ExploreError`] if a name of an objective does not exist.
    pub fn new(
        explored: &[Explored],
        rates: &[RatePoint],
        command: impl Fn(&Point<'_>) -> String,
    ) -> Result<Self, ExploreError> {
        let steps = explored.iter().map(|(step, _)| step.name).collect();
        let mut savings = Self { designs: 0, failed: BTreeMap::new(), steps, answers: vec![], fronts: vec![] };
        for outcome in explored.iter().flat_map(|(_, outcomes)| outcomes.iter().flatten()) {
            savings.designs += 1;
            if let Err(reason) = outcome {
                *savings.failed.entry(reason.to_string()).or_default() += 1;
            }
        }
        let designs = Designs::of(explored);
        let forms: BTreeSet<Form<'_>> = designs.0.keys().map(|&(_, form)| form).collect();
        for chip in CHIPS {
            for (least, limit) in QUESTIONS {
                let goal: Goal = least.parse()?;
                let limit: Option<Limit> = limit.map(str::parse).transpose()?;
                let all = savings.steps.len();
                let asked = (&goal, limit.as_ref());
                let baseline = designs.best((chip, Form { network: 0, kept: None }), all, asked);
                for &form in &forms {
                    let best = designs.best((chip, form), all, asked).map(|(point, figures)| Best {
                        settings: point.settings.iter().map(|&(name, value)| (name.into(), value.into())).collect(),
                        figures,
                        of_3d: baseline.as_ref().and_then(|(_, of_3d)| Some(goal.of(&figures)? / goal.of(of_3d)?)),
                        command: command(point),
                    });
                    let value =
                        |steps| designs.best((chip, form), steps, asked).and_then(|(_, figures)| goal.of(&figures));
                    let network = NETWORKS[form.network];
                    savings.answers.push(Answer {
                        design: chip.into(),
                        least: least.into(),
                        limit: limit.as_ref().map(ToString::to_string),
                        network: format!("{network}-int8"),
                        kept_digital: form.kept.map(str::to_owned),
                        rate: rates.iter().find(|point| point.name == network).map(|point| point.rate.mean),
                        by_step: (1..=all).map(value).collect(),
                        best,
                    });
                }
            }
        }
        for chip in CHIPS {
            for (&form, steps) in forms.iter().flat_map(|form| [(form, 1), (form, savings.steps.len())]) {
                savings.fronts.push(AreaFront {
                    design: chip.into(),
                    network: format!("{}-int8", NETWORKS[form.network]),
                    kept_digital: form.kept.map(str::to_owned),
                    steps,
                    points: designs.area_front((chip, form), steps),
                });
            }
        }
        Ok(savings)
    }
}

fn vary(name: &str, values: &[&str]) -> Variable {
    Variable { name: name.into(), values: values.iter().map(|&value| value.into()).collect() }
}

fn sizes() -> Variable {
    vary("crossbar", &["64", "128", "256"])
}

/// Searches for the least area, and for the least latency within budgets of crossbars.
fn copies(budgets: &[u32]) -> Variable {
    let within = budgets.iter().map(|crossbars| format!("latency:{crossbars}"));
    Variable { name: "objective".into(), values: ["area".to_owned()].into_iter().chain(within).collect() }
}

/// Searches for the least area, with latencies to keep to, and for the least energy.
fn within_latencies() -> Variable {
    let within = LATENCIES.iter().map(|ms| format!("area:{ms}"));
    let values = ["area".to_owned()].into_iter().chain(within).chain(["energy".to_owned()]).collect();
    Variable { name: "objective".into(), values }
}

fn space(chips: &[&str], networks: &[&str], vary: Vec<Variable>) -> Result<Space, ExploreError> {
    Ok(Space {
        networks: networks.iter().map(|name| format!("{name}-int8")).collect(),
        designs: chips.iter().map(|&chip| chip.into()).collect(),
        vary,
        goals: goals(&["area", "latency", "energy"], &[])?,
        limits: vec![],
    })
}

/// Networks that have 2D kernels, with these in multiply-accumulate units.
fn in_units((chips, networks): (&[&str], &[&str]), further: Vec<Variable>) -> Result<Space, ExploreError> {
    let units = [vary(KEPT_DIGITAL, &["2d"]), vary("mac-units", &["64", "256"])];
    space(chips, networks, units.into_iter().chain(further).collect())
}

/// A network, by its place, with or without a kind of layers in units.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Form<'a> {
    network: usize,
    kept: Option<&'a str>,
}

/// A design with its price and the place of its step.
type Priced<'a> = (usize, Point<'a>, Figures);

/// The designs that have a price, by chip and form of the network.
struct Designs<'a>(BTreeMap<(&'a str, Form<'a>), Vec<Priced<'a>>>);

impl<'a> Designs<'a> {
    fn of(explored: &'a [Explored]) -> Self {
        let mut designs: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (place, (step, outcomes)) in explored.iter().enumerate() {
            for (space, outcomes) in step.spaces.iter().zip(outcomes) {
                for (design, outcome) in outcomes.iter().enumerate() {
                    let (point, Ok(figures)) = (space.point(design as u64), outcome.as_ref()) else { continue };
                    let is_network = |name: &str| point.network.strip_suffix("-int8") == Some(name);
                    let Some(network) = NETWORKS.iter().position(|name| is_network(name)) else { continue };
                    let kept = point.settings.iter().find(|(name, _)| *name == KEPT_DIGITAL).map(|(_, kind)| *kind);
                    let form = Form { network, kept };
                    designs.entry((point.design, form)).or_default().push((place, point, *figures));
                }
            }
        }
        Self(designs)
    }

    /// Latency and area of the designs of so many steps that no other one beats in both, fastest first.
    fn area_front(&self, of: (&str, Form<'_>), steps: usize) -> Vec<[f64; 2]> {
        let designs = self.0.get(&of).into_iter().flatten().filter(|(step, ..)| *step < steps);
        let mut front = Front::new();
        for (_, _, figures) in designs {
            front.offer([figures.latency_ms, figures.area_mm2].into(), ());
        }
        front.points().map(|(point, ())| [point[0], point[1]]).collect()
    }

    /// The design that is least in a goal among those of so many steps that keep to a limit.
    fn best<'b>(
        &'b self,
        of: (&'b str, Form<'b>),
        steps: usize,
        (goal, limit): (&Goal, Option<&Limit>),
    ) -> Option<(&'b Point<'a>, Figures)> {
        let designs = self.0.get(&of).into_iter().flatten();
        let asked = designs.filter(|(step, _, figures)| *step < steps && limit.is_none_or(|limit| limit.kept(figures)));
        let best = asked.min_by(|(_, _, one), (_, _, other)| {
            let keys = |of: &Figures| [goal.to_minimize(of).unwrap_or(f64::INFINITY), of.latency_ms, of.area_mm2];
            let pairs = keys(one).into_iter().zip(keys(other));
            pairs.map(|(one, other)| one.total_cmp(&other)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
        });
        best.map(|(_, point, figures)| (point, *figures))
    }
}
