//! Stage 8: what a mapped network costs: area, energy and time, from the same mapping.
//!
//! Input types: [`Network`](crate::network::Network) and [`Mapping`](crate::mapping::Mapping); output type: [`Cost`].
//!
//! ```text
//!   constants/*.toml ─▶ Library ─┐
//!   designs/*.toml   ─▶ Design  ─┴▶ CostModel ─── cost(network, mapping) ──▶ Cost
//!                                   a Price a part                          a Breakdown
//! ```
//!
//! A [`Design`](crate::hardware::Design) names the parts of a crossbar macro, a tile and a chip; each part is a [`component`] that turns constants
//! into a [`Price`](component::Price): area, leakage, and energies *per event*. A mapped layer is a number of
//! [events](activity::Event); its energy is the sum of energies times events. So one pricing serves any number of mappings.
//!
//! Guaranteed: the parts of every [`Breakdown`] sum to it; the tree by layer, the tree by component and the totals agree; every
//! constant used is named with its source by [`CostModel::explain`]. A multiply-accumulate is two operations; those on padding
//! are counted, as the hardware computes them; the bits of inputs, weights and cells are stated with every result.
//!
//! Not modelled: programming the cells, static timing, heat, the supply; buses and routers delay nothing beyond their width.

pub mod activity;
pub mod adc;
mod adc_spread;
mod breakdown;
mod chains;
mod clockwork;
pub mod component;
mod conductance;
mod constants;
mod datasheet;
mod digital;
mod error;
mod estimate;
mod explain;
mod floor;
mod floor_plan;
mod inputs;
mod layer_time;
mod model;
pub mod optimum;
pub mod peer;
mod price;
mod products;
mod result;
mod roll_up;
pub mod schedule;
mod site;
mod spread;
mod storage;
mod sweep;
mod technology;
mod unpriced;
mod unread;

pub use adc_spread::{AdcPoint, AdcSpread};
pub use breakdown::Breakdown;
pub use conductance::MeanLevels;
pub use constants::{Constant, Library, Scaling, Status};
pub use datasheet::{Datasheet, Unit};
pub use error::CostError;
pub use explain::Explanation;
pub use inputs::InputHistograms;
pub use model::{CostModel, Settings};
pub use result::{AdcChoice, Cost, LayerCost, ProductCost, Unpriced};
pub use site::{Origin, Site};
pub use sweep::sweep;
