//! Tilewright lays convolutional networks out on memristor crossbars.
//!
//! The folders are the pipeline, in order; a module imports only from the ones before it:
//!
//! 1. [`network`]: what is computed.
//! 2. [`partition`]: feature maps cut into sub-images.
//! 3. [`mapping`]: weights onto crossbar cells.
//! 4. [`dataset`]: labelled images to measure accuracy on.
//! 5. [`accuracy`]: how many of them a classifier recognises.
//! 6. [`circuit`]: a crossbar's currents, through its wires and terminals, and what its cells are.
//! 7. [`hardware`]: one design, said once: crossbars, cells, wires, converters, chip.
//! 8. [`simulate`]: what its analog part makes of a network's accuracy.
//! 9. [`cost`]: what it takes in area, energy and time.
//! 10. [`explore`]: the best design under a budget.
//! 11. [`report`]: results for people and for other programs.
//!
//! ```
//! use tilewright::prelude::*;
//!
//! let network = zoo::build("resnet20")?;
//! let design = Design::preset("isaac")?.for_network(&network)?.0;
//! let target = Target::new(design.crossbar, design.encoding());
//! let mapping = map_network(&network, design.scheme_for(false), &target, None)?;
//! assert_eq!(mapping.total()?.crossbars, 160);
//! # Ok::<(), tilewright::Error>(())
//! ```
//!
//! What most programs need is in the [`prelude`]; `examples/` maps, prices, explores and simulates in a few lines each.
//!
//! Beside them, and usable by all: [`random`], numbers that depend on where they are used only.

pub mod accuracy;
pub mod circuit;
mod comma_separated;
pub mod cost;
pub mod dataset;
mod elementary;
mod error;
pub mod explore;
pub mod hardware;
pub mod mapping;
pub mod network;
pub mod partition;
mod percent;
pub mod prelude;
pub mod random;
mod range_rule;
pub mod report;
pub mod simulate;
mod spare;
mod workers;

pub use error::Error;
