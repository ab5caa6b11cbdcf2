//! The network that a user means by a name or a file ([`resolve`]), and the trained networks that are built in ([`trained`]).
//!
//! ```
//! let network = tilewright_models::resolve("resnet8-3d-int8")?;
//! assert_eq!(network.layers().len(), 10);
//! # Ok::<(), tilewright_models::ModelError>(())
//! ```

mod model;
pub mod trained;

pub use model::{ModelError, check_weights, mappable, mappable_shaped, named, resolve, resolve_shaped};
