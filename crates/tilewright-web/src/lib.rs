//! The core as WebAssembly: questions and answers in JSON, for the page in `docs/page`.
//!
//! [`Session::answer`] is all there is; [`border`] hands it to JavaScript. Questions are the options of the command by their names, and
//! the `mapping` and `cost` of an answer are what `tilewright map` and `tilewright cost` print, so that the page cannot tell
//! other numbers than the command. There are no threads and no files: a dropped ONNX file comes as bytes, and nothing leaves the page.

pub mod border;
mod choices;
mod front;
mod look;
mod session;
mod setup;
mod wires;

pub use session::{AskError, Session};
pub use setup::Setup;
