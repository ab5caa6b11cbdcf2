//! Random numbers that are a function of where they are used, not of when: no stage, every stage may draw them.
//!
//! A [`Stream`] says what a number is for: the run's seed, layer, crossbar, effect and sample. [`Draws`] gives the numbers of
//! a stream in turn. They come from the counter-based generator [`philox4x32`], whose counter *is* the stream's description,
//! so that any crossbar's numbers can be had without drawing those before it, in any order and on any number of threads.
//!
//! # Invariants
//! - Two different streams of one seed share no counter: the description fits the counter without hashing.
//! - The same stream gives the same bits on every processor: [`Draws::normal`] and [`Draws::fill_normal`] use IEEE 754
//!   additions, products, quotients and square roots only, in a fixed order, never fused and never from a platform's library.
//! - No global state; nothing is ever seeded from a clock.

mod draws;
mod lanes;
mod philox;
mod stream;

pub use draws::Draws;
pub use philox::philox4x32;
pub use stream::{Effect, Stream};
