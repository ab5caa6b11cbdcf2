//! `verify`: every layer under every scheme, run on crossbars in integers, against the plain convolution.
//!
//! The network is run once in integers with the plain convolution ([`QuantizedNetwork`]); this yields the integer inputs and
//! exact sums of every layer. Each layer is then run cell by cell on those inputs under each scheme, and every sum is
//! compared. That decides the whole network: everything between the layers is the same digital arithmetic, so if layer by
//! layer the sums are equal, the network with the crossbars in place of the convolutions yields the same output bit for bit.
//! Counts of crossbars, cycles and loads are compared with what the run used, too.

mod cases;
mod jobs;
mod outcome;

use crate::args::VerifyArgs;
use crate::settings::Settings;
use crate::{Outcome, output};
use anyhow::{Context, Result, anyhow};
use outcome::Verification;
use std::time::Instant;
use tilewright::network::reference::quantized::QuantizedNetwork;

/// Runs and compares.
pub(crate) fn run(args: &VerifyArgs) -> Result<Outcome> {
    let start = Instant::now();
    let settings = Settings::new(&args.model, &args.scheme, &args.target, &args.rules, None)?;
    let network = settings.network.initialize(args.seed)?;
    let image = network.random_image(args.seed);
    let cannot_run = || format!("{} cannot be run whole, so its layers have no inputs to verify with", network.name);
    let quantized = QuantizedNetwork::calibrate(&network, &image, args.target.weight_bits, args.input_bits);
    let cases = cases::capture(&quantized.with_context(cannot_run)?, &image).with_context(cannot_run)?;
    let plan = jobs::plan(&settings, &cases)?;
    if plan.jobs.is_empty() {
        let reason = plan.misfits.into_iter().next().map(|misfit| misfit.error.to_string()).unwrap_or_default();
        return Err(anyhow!("nothing to verify: {reason}"));
    }
    let results = jobs::run(&plan.jobs, &cases, &settings.target);
    let verification = Verification::new(&settings, args, &cases, &plan, &results);
    output::write(&args.output.output, |to| verification.write(to, args.output.format, start.elapsed()))?;
    Ok(if verification.equal { Outcome::Done } else { Outcome::CheckFailed })
}
