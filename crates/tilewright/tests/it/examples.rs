//! The examples run.

#[expect(unreachable_pub, reason = "an example shows what a program has")]
#[path = "../../examples/explore.rs"]
mod explore;
#[expect(unreachable_pub, reason = "an example shows what a program has")]
#[path = "../../examples/map.rs"]
mod map;
#[expect(unreachable_pub, reason = "an example shows what a program has")]
#[path = "../../examples/price.rs"]
mod price;

#[test]
fn the_examples_run() {
    map::main().expect("a mapping");
    price::main().expect("a price");
    explore::main().expect("a front");
}
