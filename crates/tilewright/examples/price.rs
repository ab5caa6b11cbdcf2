//! A mapped network on a design: area, energy and time.

use tilewright::prelude::*;

/// Prices ResNet-20 on ISAAC with converters of 7 bits.
pub fn main() -> Result<(), tilewright::Error> {
    let network = zoo::build("resnet20")?;
    let mut design = Design::preset("isaac")?;
    design.set(setting("adc-bits")?, "7")?;
    let (design, _) = design.for_network(&network)?;
    let model = CostModel::new(&design, &Library::built_in(), tilewright::cost::Settings::default())?;
    let cost = model.cost(&network, &model.map(&network, design.scheme_for(false))?)?;
    println!("{:.1} mm², {:.1} µJ, {:.3} ms", cost.area_mm2, cost.energy_uj, cost.latency_ms);
    Ok(())
}
