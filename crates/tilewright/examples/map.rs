//! A network onto crossbars: what each layer takes.

use tilewright::prelude::*;

/// Maps ResNet-20 by the sub-image scheme.
pub fn main() -> Result<(), tilewright::Error> {
    let network = zoo::build("resnet20")?;
    let encoding = Encoding { sign: SignRule::Differential, weight_bits: 8, cell_bits: 8 };
    let target = Target::new(CrossbarSize::new(128, 128)?, encoding);
    let mapping = map_network(&network, scheme::find("sub-image")?, &target, None)?;
    for layer in &mapping.layers {
        println!("{:10} {:6} crossbars", layer.name, layer.counts.crossbars);
    }
    assert_eq!(mapping.total()?.crossbars, 70_401);
    Ok(())
}
