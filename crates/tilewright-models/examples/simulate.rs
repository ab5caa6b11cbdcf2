//! A trained network on analog hardware: what a chip makes of images.

use std::error::Error;
use std::ops::ControlFlow;
use tilewright::prelude::*;

/// Programs LeNet-5 onto crossbars with wires of 1 Ω and shows them noise.
pub fn main() -> Result<(), Box<dyn Error>> {
    let network = tilewright_models::resolve("lenet5-fashion-int8")?;
    let mut design = Design::preset("isaac")?;
    design.set(setting("wire")?, "1")?;
    let (design, bits) = design.for_network(&network)?;
    let target = Target::new(design.crossbar, design.encoding());
    let mapping = map_network(&network, design.scheme_for(false), &target, None)?;
    let noise =
        |seed: usize| Tensor::new(vec![1, 28, 28], (0..784).map(|at| ((at * seed) % 17) as f32 / 16.0).collect());
    let images: Vec<Tensor<f32>> = (1..9).map(noise).collect();
    let rounding = Rounding::to_bits(bits.weights.bits, bits.inputs.bits);
    let layers = integer_layers(&network, &images, rounding)?;
    let (hardware, calibration) = (Hardware::of(&design)?, &images[..]);
    let plan =
        Plan { network: &network, mapping: &mapping, layers: &layers, hardware: &hardware, calibration, threads: 2 };
    let chip = Chip::program(&plan, 0, &|_, _| ControlFlow::Continue(()))?;
    println!("{} crossbars; scores of the first image: {:?}", chip.crossbars, chip.scores(0, &images)?[0].values());
    Ok(())
}
