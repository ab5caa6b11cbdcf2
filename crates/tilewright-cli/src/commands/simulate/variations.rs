//! The same simulation with other values of some settings.

use crate::args::hardware::HardwareArgs;
use crate::args::simulate::{SimulateArgs, Vary};
use anyhow::{Context, Result};
use tilewright::hardware::setting;
use tilewright::mapping::scheme;
use tilewright::report::simulation::Varied;

/// What was typed, then the same with each value of each setting that varies, one at a time.
pub(super) fn of(args: &SimulateArgs) -> Result<Vec<(Option<Varied>, SimulateArgs)>> {
    let mut variations = vec![(None, args.clone())];
    for Vary { option, values } in &args.run.vary {
        for value in values {
            let hardware = with(&args.hardware, option, value).with_context(|| format!("--vary {option}={value}"))?;
            let varied = Varied { option: option.clone(), value: value.clone() };
            variations.push((Some(varied), SimulateArgs { hardware, ..args.clone() }));
        }
    }
    Ok(variations)
}

/// The hardware with another value of a setting.
fn with(args: &HardwareArgs, name: &str, value: &str) -> Result<HardwareArgs> {
    if name == "scheme" {
        scheme::find(value)?;
        return Ok(HardwareArgs { scheme: Some(value.into()), ..args.clone() });
    }
    let varied = HardwareArgs { design: args.design.with(setting(name)?, value), ..args.clone() };
    varied.design.design()?;
    Ok(varied)
}
