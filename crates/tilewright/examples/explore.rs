//! Many designs of a network: those that no other one beats.

use std::collections::BTreeMap;
use tilewright::explore::Sources;
use tilewright::prelude::*;

/// Finds the front of area and latency of LeNet-5 over four schemes and two crossbars.
pub fn main() -> Result<(), tilewright::Error> {
    let space = "networks = [\"lenet5\"]\ndesigns = [\"isaac\"]\nobjectives.minimize = [\"area\", \"latency\"]\n[vary]\n\
                 scheme = [\"im2col\", \"vw-sdk\", \"sub-image\", \"optimal\"]\ncrossbar = [64, 128]";
    let space = Space::parse("space.toml", space)?;
    let networks = BTreeMap::from([("lenet5".into(), zoo::build("lenet5")?)]);
    let chips = BTreeMap::from([("isaac".into(), Design::preset("isaac")?)]);
    let sources = Sources::new(networks, chips, Library::built_in());
    let pricing = Pricing::new(&space, &sources)?;
    let outcomes: Vec<_> = (0..space.size()).map(|place| pricing.outcome(place)).collect();
    for (values, &place) in pricing.front(&outcomes.into()).points() {
        println!("{:?}: {values:?}", space.point(place).settings);
    }
    Ok(())
}
