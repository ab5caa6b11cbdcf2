//! The cost of a mapped network, rolled up into trees that sum.

use super::layer_time::Bound;
use super::{AdcSpread, Breakdown};
use crate::hardware::{LayerSettings, Order};
use crate::mapping::{CrossbarSize, Encoding};
use crate::network::Coverage;
use serde::Serialize;

/// The converters of a result.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AdcChoice {
    /// The model.
    pub model: String,
    /// Nominal bits of a conversion.
    pub bits: u32,
    /// Analog sums that share a converter.
    pub columns: u32,
    /// Conversions a second, in 10⁹.
    pub rate_gsps: f64,
    /// Energy of a conversion in pJ.
    pub energy_pj: f64,
    /// Area of a converter in µm².
    pub area_um2: f64,
    /// Where the model is from.
    pub source: &'static str,
}

/// One layer's time and hardware.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LayerCost {
    /// The layer's name.
    pub name: String,
    /// Unit crossbars, all copies; those that it shares with other layers count for each of them.
    pub crossbars: u64,
    /// Macros, whole ones; those that it shares with other layers count for each of them.
    pub macros: f64,
    /// Bits of an input.
    pub input_bits: u32,
    /// Pulses of an input.
    pub pulses: f64,
    /// Steps of a cycle: of the crossbar that takes longest; 1 where all of its rows are driven at once.
    pub steps: u64,
    /// Cycles: loads in series.
    pub cycles: u64,
    /// One cycle, in ns.
    pub cycle_ns: f64,
    /// What a cycle waits for.
    pub bound: Bound,
    /// When it starts and ends, in ns.
    pub span_ns: [f64; 2],
    /// Whether it takes what is made before it window by window, with no feature map stored between.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub streamed: bool,
    /// Operations of an image: two a multiply-accumulate, those on padding included.
    pub operations: u64,
}

/// A layer or a product of feature maps that multiply-accumulate units compute.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProductCost {
    /// Its name.
    pub name: String,
    /// What it does.
    pub operation: String,
    /// Multiply-accumulates for an image, those on padding included.
    pub macs: u64,
    /// Bits read from the buffer and written to it.
    pub buffer_bits: f64,
    /// What it waits for.
    pub bound: Bound,
    /// When it starts and ends, in ns.
    pub span_ns: [f64; 2],
}

/// What a mapped network costs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cost {
    /// The network.
    pub network: String,
    /// The mapping scheme.
    pub scheme: &'static str,
    /// The chip.
    pub chip: String,
    /// Its node in nm.
    pub node_nm: f64,
    /// Its unit crossbar.
    pub crossbar: CrossbarSize,
    /// Word lines of a crossbar that are driven at a time.
    pub active_rows: usize,
    /// How weights become cells.
    pub encoding: Encoding,
    /// Bits of an input; the greatest where layers differ.
    pub input_bits: u32,
    /// Pulses of an input of so many bits.
    pub pulses: f64,
    /// The converters, if there are any.
    pub adc: Option<AdcChoice>,
    /// How layers take turns.
    pub order: Order,
    /// Area in mm², layout overhead included.
    pub area_mm2: f64,
    /// Energy of an image in µJ, leakage included.
    pub energy_uj: f64,
    /// What of it leaks, in µJ.
    pub leakage_uj: f64,
    /// From an image to its result, in ms.
    pub latency_ms: f64,
    /// From one image to the next, in ms.
    pub interval_ms: f64,
    /// Images a second.
    pub images_per_second: f64,
    /// Operations of an image, on crossbars and in multiply-accumulate units.
    pub operations: u64,
    /// Operations a second, in 10¹².
    pub tops: f64,
    /// Operations a second and watt, in 10¹².
    pub tops_per_w: f64,
    /// Operations a second and mm², in 10¹².
    pub tops_per_mm2: f64,
    /// Mean power in mW.
    pub power_mw: f64,
    /// Crossbars, all copies of all layers.
    pub crossbars: u64,
    /// Macros, tiles and chips.
    pub macros: f64,
    /// Tiles, the last perhaps with idle macros.
    pub tiles: f64,
    /// Chips.
    pub chips: f64,
    /// Bytes of buffer that the schedule needs.
    pub buffer_bytes: f64,
    /// Settings of layers that are on macros of their own.
    #[serde(skip_serializing_if = "LayerSettings::is_empty")]
    pub layer_settings: LayerSettings,
    /// The layers on crossbars, in execution order.
    pub layers: Vec<LayerCost>,
    /// What multiply-accumulate units compute, in execution order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub products: Vec<ProductCost>,
    /// By component: what kind of part takes how much.
    pub by_component: Breakdown,
    /// By layer, each by component.
    pub by_layer: Breakdown,
    /// What the other models of converters would give.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adc_spread: Option<AdcSpread>,
    /// How much of the network's arithmetic is on the crossbars, and what is not; of the latter only `products` has a price.
    pub coverage: Coverage,
    /// Digital operations of the network that are not in the price.
    pub unpriced: Vec<Unpriced>,
    /// What a reader must know.
    pub notes: Vec<String>,
}

/// An operation that is part of the network and not of its price.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Unpriced {
    /// The node's name.
    pub name: String,
    /// What it does.
    pub operation: String,
    /// Values it yields for an image.
    pub values: u64,
    /// Why it has no price.
    pub reason: &'static str,
}
