//! `inputs`: how often the layers of a network take each integer, over test images.

mod outcome;

use crate::args::inputs::InputsArgs;
use crate::images::{Fitted, Images};
use crate::{Outcome, output, progress, threads};
use anyhow::{Context, Result};
use outcome::Inputs;
use tilewright::mapping::{AskedBits, FloatBits, SignRule};
use tilewright::network::executor::input_counts;
use tilewright::network::{HeldIntegers, Rounding, integer_layers};

/// Shows the images, layers computing in integers, and counts.
pub(crate) fn run(args: &InputsArgs) -> Result<Outcome> {
    let network = args.input.resolve(&args.model)?;
    network.verify_kept_digital()?;
    tilewright_models::check_weights(&network)?;
    let needed = args.images.limit.map_or(usize::MAX, |limit| limit as usize);
    let images = Images::find_unlabelled(&args.model, &network, &args.images.set, needed)?;
    let fitted = Fitted::new(&network, args.calibration, false);
    let calibration = images.calibration(&network, (&args.images.set, &args.own_calibration), fitted)?;
    let asked = AskedBits { sign: SignRule::Differential, weights: None, cell: None, inputs: None };
    let float = FloatBits { inputs: args.input_bits, ..FloatBits::default() };
    let (encoding, bits) = asked.of(&HeldIntegers::of(&network), float)?;
    let rounding = Rounding::to_bits(encoding.weight_bits, bits.inputs.bits);
    let layers = integer_layers(&network, &calibration, rounding)?;
    let trial = images.trial(args.images.limit);
    let count = trial.limit.min(trial.set.len());
    let bar = progress::bar("images");
    let image = |number| trial.set.image(number, trial.normalization);
    let counts = input_counts(&network, &layers, (count, threads::asked(None)), &progress::on(&bar), image)?;
    bar.finish_and_clear();
    let inputs = Inputs::new(&network, &trial, counts.context("the counting is never ended early")?);
    output::result(&args.output, &inputs.document())?;
    Ok(Outcome::Done)
}
