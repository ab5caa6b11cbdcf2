//! `verify`: every layer under every scheme, run on crossbars in integers, against the plain convolution.

use crate::args::VerifyArgs;
use crate::settings::Settings;
use crate::{Outcome, output, progress, threads};
use anyhow::Result;
use std::time::Instant;
use tilewright::mapping::verification::{Question, verify_network};
use tilewright::report::Verified;

/// Runs and compares.
pub(crate) fn run(args: &VerifyArgs) -> Result<Outcome> {
    let start = Instant::now();
    args.rules.held_apart("a verification runs")?;
    let settings = Settings::new(&args.model, &args.scheme, (&args.design, &args.rules), args.input_bits, None)?;
    output::warn_of(&settings.network.coverage());
    let question = Question {
        network: &settings.network,
        schemes: &settings.schemes,
        targets: &settings.targets,
        input_bits: settings.bits.inputs.bits,
        seed: args.seed,
        threads: threads::asked(None),
    };
    let bar = progress::bar("array activations");
    let verification = verify_network(&question, &progress::on(&bar));
    bar.finish_and_clear();
    let verified = Verified::new(&question, settings.bits, verification?);
    output::result(&args.output, &verified.document(Some(start.elapsed())).json(output::as_json(&verified)))?;
    Ok(if verified.equal() { Outcome::Done } else { Outcome::CheckFailed })
}
