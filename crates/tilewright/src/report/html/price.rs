//! What the network costs on a chip: stacked bars, 3D against 2D+1D kernels, and the spread over models of converters.

use super::header::sign_words;
use super::{captioned, titled};
use crate::cost::{AdcSpread, Breakdown, Cost, CostError, CostModel, Library};
use crate::hardware::Design;
use crate::mapping::scheme::Scheme;
use crate::mapping::search::Priced;
use crate::mapping::{Encoding, MappingError, NetworkBits};
use crate::network::{KernelPlan, Network};
use crate::report::figure::{StackedBar, stacked_bars};
use crate::report::markup::Element;
use crate::report::number::{counted, quantity};
use crate::report::table::{Column, Kind, Table, scrolling};
use crate::report::{Basis, Summary};

/// The network in one form, mapped one way and priced.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    /// Its kernels.
    pub kernels: &'static str,
    /// How it is mapped.
    pub mapping: String,
    /// What it costs.
    pub cost: Cost,
}

/// A network priced on a chip, with 3D and with 2D+1D kernels.
#[derive(Clone, Debug, PartialEq)]
pub struct Price {
    /// The chip.
    pub chip: Design,
    /// Bits of weights and inputs, and where they come from.
    pub bits: NetworkBits,
    /// The network in all forms; the first is the one whose converters are compared.
    pub variants: Vec<Variant>,
}

impl Price {
    /// Prices `original`, and the same with every standard convolution replaced, by im2col, by `scheme`, and by the mapping of the
    /// whole space that has the least product of area and latency.
    ///
    /// # Errors
    /// As [`CostModel::cost_with_spread`]; a scheme that does not fit the chip's crossbars is left out.
    pub fn new(
        original: &Network,
        scheme: &dyn Scheme,
        (model, bits): (&CostModel, NetworkBits),
        library: &Library,
    ) -> Result<Self, CostError> {
        let mut forms = vec![("3D", original.clone())];
        let replaced = KernelPlan::from(crate::network::ReplacedLayers::All { rank: 1 }).select(original);
        // Layers that have settings of their own are not those of other kernels.
        let alike = model.chip().layers.is_empty();
        if let Ok(replaced) = replaced.and_then(|chosen| chosen.apply(original))
            && replaced != *original
            && alike
        {
            forms.push(("2D+1D", replaced));
        }
        let mut variants = Vec::new();
        let im2col: &dyn Scheme = &crate::mapping::scheme::Im2col;
        let optimal: &dyn Scheme = &crate::mapping::scheme::Optimal;
        let mut plain = vec![im2col];
        if ![im2col.name(), optimal.name()].contains(&scheme.name()) {
            plain.push(scheme);
        }
        for scheme in plain {
            for (kernels, network) in &forms {
                let mapping = match model.map(network, scheme) {
                    Err(MappingError::DoesNotFit { .. }) => continue,
                    mapping => mapping?,
                };
                let cost = model.cost_with_spread(network, &mapping, library)?;
                variants.push(Variant { kernels, mapping: scheme.name().into(), cost });
            }
        }
        // The mapping space is searched for one crossbar and one encoding.
        let searched = if alike { &forms[..] } else { &[] };
        for (kernels, network) in searched {
            let mapping = match model.optimize(network, optimal, &model.target(), (Priced::AreaDelay, None)) {
                Err(CostError::Mapping(MappingError::DoesNotFit { .. })) => continue,
                mapping => mapping?,
            };
            let cost = model.cost(network, &mapping)?;
            variants.push(Variant { kernels, mapping: "least area × latency".into(), cost });
        }
        Ok(Self { chip: model.chip().clone(), bits, variants })
    }
}

/// The parts of a bar: a name and the components it holds.
const GROUPS: [(&str, &[&str]); 6] = [
    ("cells", &["crossbar-array"]),
    ("converters, neurons", &["adc", "analog-neuron"]),
    (
        "analog periphery",
        &["driver", "dac", "column-multiplexer", "sample-and-hold", "front-end", "summing amplifiers"],
    ),
    ("digital", &[]),
    ("buffer, bus, router", &["buffer", "bus", "router", "link"]),
    ("layout overhead; leakage", &[]),
];
const DIGITAL: usize = 3;
const LAST: usize = 5;

pub(super) fn section(price: &Price, summary: &Summary) -> Element {
    let section = titled("cost", "Area, energy and time", lead(price, summary));
    let Some(first) = price.variants.first() else {
        return section.child(&Element::new("p").class("empty").text("No layer fits the chip’s crossbars."));
    };
    let wide = |figure: Element| figure.class("wide");
    let json = serde_json::to_string(&first.cost).expect("a cost has a JSON form");
    section
        .child(&wide(captioned(&bars(price), caption(price))))
        .children(
            first
                .cost
                .adc_spread
                .as_ref()
                .map(|spread| wide(captioned(&spread_bars(spread), spread_caption(spread, first)))),
        )
        .child(&variants_table(price))
        .children(first.cost.notes.iter().map(|note| Element::new("p").class("note").text(format!("{note}."))))
        .child(&Element::json("cost-data", &json))
}

/// What is priced, and why its crossbars are not those at the top of the page.
fn lead(price: &Price, summary: &Summary) -> String {
    let Price { chip, .. } = price;
    let Basis { scheme, crossbar, encoding, weight_bits, cell_bits, .. } = summary.basis;
    let head = counted(summary.total.crossbars, "crossbar", "crossbars");
    let kept = Encoding { sign: encoding, weight_bits, cell_bits };
    let why = if crossbar == chip.crossbar && kept == chip.encoding() {
        format!(
            "The {head} at the top of the page are those of scheme {scheme}; other mappings and kernels need other numbers, which \
             the table below counts"
        )
    } else {
        format!(
            "The {head} at the top of the page measure {} and hold {}. This chip has {} crossbars for {}, so what is priced is a \
             mapping of its own, counted in the table below",
            crossbar,
            in_words(&kept),
            chip.crossbar,
            in_words(&chip.encoding())
        )
    };
    format!("On {}: {}. Weights: {}. Inputs: {}. {why}.", chip.name, chip.about, price.bits.weights, price.bits.inputs)
}

fn in_words(encoding: &Encoding) -> String {
    format!("{}-bit weights in {}-bit cells ({})", encoding.weight_bits, encoding.cell_bits, sign_words(encoding.sign))
}

fn bars(price: &Price) -> Element {
    let names = GROUPS.map(|(name, _)| name);
    let bars: Vec<StackedBar> = price
        .variants
        .iter()
        .map(|variant| StackedBar {
            label: format!("{} kernels", variant.kernels),
            note: variant.mapping.clone(),
            parts: [
                parts(&variant.cost.by_component, |part| part.area_um2 * 1e-6, 0.0),
                parts(&variant.cost.by_component, |part| part.energy_pj * 1e-6, variant.cost.leakage_uj),
            ],
        })
        .collect();
    stacked_bars(["area, mm²", "energy of an image, µJ"], &names, &bars, quantity)
}

/// The leaves of a tree by group, and what comes on top.
fn parts(tree: &Breakdown, value: fn(&Breakdown) -> f64, last: f64) -> Vec<f64> {
    let mut sums = vec![0.0; GROUPS.len()];
    for level in &tree.parts {
        if level.parts.is_empty() {
            sums[LAST] += value(level);
        }
        for part in &level.parts {
            let group = GROUPS.iter().position(|(_, members)| members.contains(&&*part.name)).unwrap_or(DIGITAL);
            sums[group] += value(part);
        }
    }
    sums[LAST] += last;
    sums
}

fn caption(price: &Price) -> String {
    let of = |kernels: &str, mapping: &str| {
        price.variants.iter().find(|v| v.kernels == kernels && v.mapping == mapping).map(|variant| &variant.cost)
    };
    let mut text = String::from("Areas include the stated layout overhead, energies the leakage during an image.");
    let mut mappings: Vec<&str> = price.variants.iter().map(|variant| variant.mapping.as_str()).collect();
    mappings.dedup();
    for mapping in mappings {
        if let (Some(three), Some(two)) = (of("3D", mapping), of("2D+1D", mapping)) {
            text.push_str(&format!(
                " Mapped by {mapping}, 2D+1D kernels take {} mm² instead of {} and {} µJ an image instead of {}.",
                quantity(two.area_mm2),
                quantity(three.area_mm2),
                quantity(two.energy_uj),
                quantity(three.energy_uj)
            ));
        }
    }
    text
}

fn spread_bars(spread: &AdcSpread) -> Element {
    let marks = spread.low_typical_high();
    let bars: Vec<StackedBar> = spread
        .models
        .iter()
        .map(|point| {
            let words = marks.iter().flat_map(|points| points.iter().zip(["low", "typical", "high"]));
            let words: Vec<&str> =
                words.filter(|(marked, _)| marked.model == point.model).map(|(_, word)| word).collect();
            StackedBar {
                label: point.model.into(),
                note: words.join(", "),
                parts: [
                    vec![point.adc_mm2, point.area_mm2 - point.adc_mm2],
                    vec![point.adc_uj, point.energy_uj - point.adc_uj],
                ],
            }
        })
        .collect();
    stacked_bars(["area, mm²", "energy of an image, µJ"], &["converters", "everything else"], &bars, quantity)
}

fn spread_caption(spread: &AdcSpread, variant: &Variant) -> String {
    let range = spread.low_typical_high().map_or(String::new(), |[low, _, high]| {
        format!(
            " From {} to {} µJ: the choice of model alone makes a factor of {}.",
            quantity(low.energy_uj),
            quantity(high.energy_uj),
            quantity(high.energy_uj / low.energy_uj)
        )
    });
    let bits = variant.cost.adc.as_ref().map_or(0, |adc| adc.bits);
    let outside: String = spread.outside.iter().map(|problem| format!(" Not shown: {problem}.")).collect();
    format!(
        "{} kernels by {}, {bits}-bit converters by every published model.{range}{outside}",
        variant.kernels, variant.mapping
    )
}

fn variants_table(price: &Price) -> Element {
    let mut table = Table::new(vec![
        Column::shown(Kind::Words, "kernels"),
        Column::shown(Kind::Words, "mapping"),
        Column::shown(Kind::Whole, "crossbars"),
        Column::shown(Kind::Quantity, "mm²"),
        Column::shown(Kind::Quantity, "µJ an image"),
        Column::shown(Kind::Quantity, "latency, ms"),
        Column::shown(Kind::Quantity, "images/s"),
        Column::shown(Kind::Quantity, "TOPS/W"),
        Column::shown(Kind::Quantity, "TOPS/mm²"),
        Column::shown(Kind::Exact, "tiles"),
    ]);
    for Variant { kernels, mapping, cost } in &price.variants {
        table.row([
            (*kernels).into(),
            mapping.into(),
            cost.crossbars.into(),
            cost.area_mm2.into(),
            cost.energy_uj.into(),
            cost.latency_ms.into(),
            cost.images_per_second.into(),
            cost.tops_per_w.into(),
            cost.tops_per_mm2.into(),
            counted(cost.tiles as u64, "tile", "tiles").into(),
        ]);
    }
    scrolling(&table.captioned("costs"))
}
