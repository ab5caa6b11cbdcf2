//! The examples run.

#[expect(unreachable_pub, reason = "an example shows what a program has")]
#[path = "../../examples/simulate.rs"]
mod simulate;

#[test]
fn the_example_runs() {
    simulate::main().expect("a chip");
}
