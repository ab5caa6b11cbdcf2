//! The network trained under kernel plans: what each recognises for its crossbars.

use super::{captioned, titled};
use crate::report::figure;
use crate::report::markup::Element;
use crate::report::recognition::{
    Loss, RatePoint, RatioCurve, RecognitionError, SIDES, TestedNetwork, base, rate_points, recipes,
};
use crate::report::table::{Column, Kind, Table, Value, scrolling};

/// A network of the zoo with everything that was trained from it.
#[derive(Clone, Debug, PartialEq)]
pub struct Family {
    /// The trained networks.
    pub rates: Vec<RatePoint>,
    /// Crossbars at every normalized ratio.
    pub curves: Vec<RatioCurve>,
}

impl Family {
    /// What was trained from one network in any width; `None` if nothing was.
    ///
    /// # Errors
    /// As [`rate_points`].
    pub fn new(network: &str, trained: &[TestedNetwork]) -> Result<Option<Self>, RecognitionError> {
        let network = base(network);
        let own: Vec<TestedNetwork> =
            trained.iter().filter(|trained| base(&trained.network) == network).cloned().collect();
        if own.is_empty() {
            return Ok(None);
        }
        let curves = SIDES.map(|side| RatioCurve::new(network, side)).into_iter().collect::<Result<_, _>>()?;
        Ok(Some(Self { rates: rate_points(&own)?, curves }))
    }
}

pub(super) fn section(family: &Family) -> Element {
    let lead = "The network trained with 3D, 2D+1D and mixed kernels, whatever this page maps: test images recognised in \
                floating point, and unit crossbars of the layers with more than one tap under the sub-image scheme, \
                largest-window reading, in differential pairs.";
    titled("trained", "Kernels: recognition against crossbars", lead)
        .children(figures(&family.rates, &family.curves))
        .child(&rates(&family.rates))
        .child(&recipe_list(&family.rates))
}

/// The curves; one trained network alone makes none.
pub(super) fn figures(rates: &[RatePoint], curves: &[RatioCurve]) -> Vec<Element> {
    let crossbars = captioned(
        &figure::crossbars_by_ratio(curves, rates),
        "Lines are counted at every ratio, first layers replaced first: solid for 128×128, dashed for 256×256. Circles are \
         trained networks, diamonds those that go another way than the paper’s.",
    );
    let pair = |left: &Element, right: &Element| Element::new("div").class("figures").child(left).child(right);
    if rates.len() < 2 {
        return vec![Element::new("div").class("figures").child(&crossbars)];
    }
    let by_ratio = captioned(
        &figure::rate_by_ratio(rates),
        "Means over the seeds; bars are one sample standard deviation to either side, or Wilson’s 95 % interval where there is \
         one seed. Lines join the paper’s plans; diamonds go another way: other layers first, several 2D kernels per \
         channel, another width.",
    );
    let [left, right] = [0, 1].map(|side| {
        let caption = format!(
            "Crossbars of {0}×{0}. The line is the front: no other trained network recognises as much with as few crossbars.",
            SIDES[side]
        );
        captioned(&figure::rate_by_crossbars(rates, side), caption)
    });
    vec![pair(&by_ratio, &crossbars), pair(&left, &right)]
}

/// Every trained network as a row.
pub(super) fn rates(rates: &[RatePoint]) -> Element {
    let mut table = Table::new(vec![
        Column::shown(Kind::Words, "trained network"),
        Column::shown(Kind::Words, "data set"),
        Column::shown(Kind::Words, "2D+1D"),
        Column::shown(Kind::Fixed(2), "ratio"),
        Column::shown(Kind::Whole, "128×128"),
        Column::shown(Kind::Whole, "256×256"),
        Column::shown(Kind::Exact, "recognised"),
        Column::shown(Kind::Exact, "seeds"),
        Column::shown(Kind::Exact, "points lost"),
        Column::shown(Kind::Exact, "recipe"),
    ]);
    let all = recipes(rates);
    for point in rates {
        let [of_128, of_256] = point.crossbars.map(Value::from);
        table.row([
            (&point.name).into(),
            (&point.data_set).into(),
            point.plan().into(),
            point.ratio.into(),
            of_128,
            of_256,
            rate(point).into(),
            point.rate.seeds.into(),
            lost(point.lost).into(),
            all.iter().position(|recipe| *recipe == point.recipe).map_or(Value::Blank, |place| (place + 1).into()),
        ]);
    }
    scrolling(&table.captioned("trained networks"))
}

/// The recipes by the numbers of the table.
pub(super) fn recipe_list(rates: &[RatePoint]) -> Element {
    let mut table = Table::new(vec![
        Column::shown(Kind::Exact, "recipe"),
        Column::shown(Kind::Words, "settings of the training, network, kernels and seed apart"),
    ]);
    for (place, recipe) in recipes(rates).into_iter().enumerate() {
        table.row([(place + 1).into(), recipe.into()]);
    }
    scrolling(&table.captioned("recipes of training"))
}

/// `91.23 ± 0.12 %`, or with the interval of a single seed.
fn rate(point: &RatePoint) -> String {
    let mean = 100.0 * point.rate.mean;
    match (point.rate.deviation, point.interval) {
        (Some(deviation), _) => format!("{mean:.2} ± {:.2} %", 100.0 * deviation),
        (None, Some([low, high])) => format!("{mean:.2} % ({:.2} … {:.2})", 100.0 * low, 100.0 * high),
        (None, None) => format!("{mean:.2} %"),
    }
}

/// `1.20 ± 0.15`, or nothing.
pub(super) fn lost(loss: Option<Loss>) -> String {
    let error = |loss: &Loss| loss.standard_error.map_or(String::new(), |error| format!(" ± {error:.2}"));
    loss.map_or(String::new(), |loss| format!("{:.2}{}", loss.points, error(&loss)))
}
