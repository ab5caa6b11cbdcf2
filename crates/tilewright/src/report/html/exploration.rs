//! An explored space: its designs by any two measures, and the front as a table.

use super::designs::{self, Detail};
use super::{document, hint, led, titled, top};
use crate::explore::{Better, Goal, MEASURES, Outcomes, Space};
use crate::report::markup::Element;
use crate::report::number::counted;
use crate::report::space_axes::{at, axes};
use crate::report::table::{Table, scrolling};
use crate::report::{CommandPattern, Exploration};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Designs that are drawn at most: as many as a page redraws at once.
const MOST_DRAWN: usize = 10_000;

const SCRIPT: &str = concat!(
    include_str!("theme.js"),
    include_str!("save.js"),
    include_str!("marks.js"),
    include_str!("cells.js"),
    include_str!("designs.js"),
    include_str!("exploration.js")
);

/// What the page is about.
#[derive(Clone, Copy, Debug)]
pub struct FrontPage<'a> {
    /// What was found.
    pub found: &'a Exploration,
    /// The space.
    pub space: &'a Space,
    /// The outcome of every design of it.
    pub outcomes: &'a Outcomes,
    /// The command that gives a design's figures again, and the one that explores it as a space of its own.
    pub commands: [&'a CommandPattern; 2],
    /// Designs of the front that are shown with mapping and price.
    pub details: &'a [Detail],
}

/// What the script draws.
#[derive(Serialize)]
struct Drawn<'a> {
    measures: Vec<DrawnMeasure>,
    goals: Vec<DrawnGoal>,
    limits: &'a [String],
    again: &'a CommandPattern,
    alone: &'a CommandPattern,
    /// Network, design, and every setting that varies.
    axes: Vec<Axis<'a>>,
    designs: Vec<DrawnDesign>,
}

#[derive(Serialize)]
struct DrawnMeasure {
    name: &'static str,
    unit: &'static str,
    /// Whether more is better.
    more: bool,
}

/// What designs are compared by.
#[derive(Serialize)]
struct DrawnGoal {
    name: String,
    /// The measures it is the product of, by their places.
    of: Vec<usize>,
    more: bool,
}

#[derive(Serialize)]
struct Axis<'a> {
    name: &'a str,
    values: &'a [String],
}

#[derive(Serialize)]
struct DrawnDesign {
    place: u64,
    /// Which value of each axis it has.
    at: Vec<usize>,
    /// Its measures; null where it was not simulated.
    is: Vec<Option<f64>>,
    /// The interval of a rate that is not known better, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    rate: Option<[f64; 2]>,
    front: bool,
    /// The limits that it does not keep to, by their places.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    beyond: Vec<usize>,
}

/// The page about an explored space as HTML: every design with a price, up to 10 000 of them, of which the front is never left out;
/// `table` is the front, `notes` what to know of it.
///
/// # Panics
/// Never: an exploration always has a JSON form.
pub fn exploration(page: &FrontPage<'_>, table: &Table, notes: &str) -> String {
    let &FrontPage { found, details, .. } = page;
    let drawn = drawn(page);
    let title = format!("Front of {}", counted(found.designs, "design", "designs"));
    let lead = format!(
        "By {}. A design is on the front if no other is at least as good in all of these and better in one.",
        found.objectives.join(", ")
    );
    let header = Element::new("header")
        .child(&top("front"))
        .child(&Element::new("h1").text(&title))
        .child(&Element::new("p").class("lead").text(lead))
        .child(&Element::new("p").class("note").text(notes.trim_end()));
    let lead = Element::new("p").class("lead").text("Least in the first objective first. ");
    let lead = lead.child(&hint("The first word of a row leads to its design."));
    let main = Element::new("main")
        .child(&header)
        .child(&section(&drawn, found))
        .child(&parallel())
        .child(&led("front", "The front", &lead).child(&scrolling(table)));
    let data = Element::new("div")
        .child(&Element::json("exploration", &serde_json::to_string(found).expect("it has a JSON form")))
        .child(&Element::json("designs", &serde_json::to_string(&drawn).expect("it has a JSON form")))
        .child(&designs::data(details));
    document(&title, &main, &data, SCRIPT)
}

/// The designs that are drawn.
fn drawn<'a>(page: &FrontPage<'a>) -> Drawn<'a> {
    let &FrontPage { found, space, outcomes, commands: [again, alone], .. } = page;
    let measures: Vec<_> = MEASURES.iter().filter(|measure| found.knows(measure)).collect();
    let front: BTreeSet<u64> = found.front.iter().map(|explored| explored.place).collect();
    let dropped: BTreeMap<u64, [f64; 2]> =
        found.dropped.iter().filter(|one| one.images > 0).map(|one| (one.place, one.rate_percent)).collect();
    let priced = || outcomes.iter().filter(|(_, outcome)| outcome.is_ok()).map(|(place, _)| place);
    // Evenly among all of them.
    let step = priced().count().div_ceil(MOST_DRAWN).max(1);
    let others = priced().step_by(step);
    let places: BTreeSet<u64> = others.chain(front.iter().copied()).collect();
    let design = |place: u64| {
        let figures = outcomes.get(place)?.as_ref().ok()?;
        let rate = dropped.get(&place).copied();
        let is = measures.iter().map(|measure| {
            let middle = rate.filter(|_| measure.name == "rate").map(|[low, high]| f64::midpoint(low, high));
            measure.of(figures).or(middle)
        });
        let is = is.collect();
        let broken = |&limit: &usize| !space.limits[limit].kept(figures);
        let beyond = (0..space.limits.len()).filter(broken).collect();
        Some(DrawnDesign { place, at: at(space, place), is, rate, front: front.contains(&place), beyond })
    };
    let of = |name: &str| measures.iter().position(|measure| measure.name == name);
    let goal = |goal: &Goal| {
        let name = goal.to_string();
        DrawnGoal { of: name.split('*').filter_map(of).collect(), more: goal.better() == Better::More, name }
    };
    Drawn {
        goals: space.goals.iter().map(goal).collect(),
        limits: &found.limits,
        again,
        alone,
        measures: measures
            .iter()
            .map(|measure| DrawnMeasure {
                name: measure.name,
                unit: measure.unit,
                more: measure.better == Better::More,
            })
            .collect(),
        axes: axes(space).map(|(name, values)| Axis { name, values }).collect(),
        designs: places.into_iter().filter_map(design).collect(),
    }
}

fn section(drawn: &Drawn<'_>, found: &Exploration) -> Element {
    let first_of = |goal: usize| drawn.goals.get(goal).and_then(|goal| goal.of.first().copied());
    let x = first_of(0).unwrap_or(0);
    let y = first_of(1).unwrap_or(usize::from(x == 0));
    let measures = || drawn.measures.iter().enumerate().map(|(place, measure)| (place.to_string(), measure.name));
    let varied = || drawn.axes.iter().enumerate().filter(|(_, axis)| axis.values.len() > 1);
    let colours = varied().map(|(place, axis)| (format!("axis-{place}"), axis.name));
    let colours = colours.chain(measures().map(|(place, name)| (format!("measure-{place}"), name)));
    let mut controls = Element::new("div")
        .class("controls")
        .child(&choice("x", "across", measures(), &x.to_string()))
        .child(&choice("y", "upwards", measures(), &y.to_string()))
        .child(&choice("colour", "colour", colours, ""));
    for (place, axis) in varied() {
        let values = axis.values.iter().enumerate().map(|(value, name)| (value.to_string(), name.as_str()));
        let all = std::iter::once((String::new(), "all"));
        controls = controls.child(&choice(&format!("filter-{place}"), axis.name, all.chain(values), ""));
    }
    let svg = drawing("scatter", "Designs by two measures");
    let figure = Element::new("figure").child(&Element::new("div").class("drawing").child(&svg)).child(
        &Element::new("figcaption")
            .child(&Element::new("span").with("id", "count"))
            .text(" Large marks are on the front; the staircase joins the best in these two measures alone."),
    );
    let lead = match drawn.designs.len() < priced(found) {
        true => format!("{} of the {} designs with a price, evenly spaced. ", drawn.designs.len(), priced(found)),
        false => "Every design with a price. ".into(),
    };
    let choosing = "Click one to see what it is, how it maps the network, what its price is made of and the command that reproduces it; or step \
                    through all of them with the left and right arrow keys, along the front with those up and down.";
    let lead = Element::new("p").class("lead").text(lead).child(&hint(choosing));
    led("designs-by-measure", "Designs", &lead)
        .child(&controls)
        .child(&Element::new("div").class("kinds").with("id", "legend"))
        .child(&figure)
        .child(&Element::new("div").with("id", "chosen"))
}

fn parallel() -> Element {
    let svg = drawing("parallel", "Settings and measures of every design");
    let figure = Element::new("figure").class("wide").child(&Element::new("div").class("drawing").child(&svg));
    titled("settings", "Settings and measures", "One line for each design; those on the front are in colour.")
        .child(&figure)
}

fn drawing(id: &'static str, what: &str) -> Element {
    Element::new("svg").with("id", id).with("viewBox", "0 0 760 440").with("role", "group").with("aria-label", what)
}

fn choice<'a>(id: &str, label: &str, options: impl Iterator<Item = (String, &'a str)>, chosen: &str) -> Element {
    let mut select = Element::new("select").with("id", id);
    for (value, name) in options {
        let option = Element::new("option").with("value", &value).text(name);
        select = select.child(&if value == chosen { option.flag("selected") } else { option });
    }
    Element::new("label").child(&Element::new("span").text(label)).child(&select)
}

fn priced(found: &Exploration) -> usize {
    let failed: u64 = found.failed.iter().map(|failed| failed.designs).sum();
    usize::try_from(found.designs - failed).unwrap_or(usize::MAX)
}
