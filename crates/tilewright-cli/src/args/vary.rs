//! Settings that vary: options of every command that takes a design.

use super::design::{DesignArgs, Heeds};
use anyhow::{Context, Result, anyhow};
use clap::{ArgAction, Args};
use std::borrow::Cow;
use std::marker::PhantomData;
use tilewright::explore::Layout;
use tilewright::hardware::{Variable, Variations, Varied, setting};

/// Values of settings that are run beside what was typed.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Sweep")]
pub(crate) struct VaryArgs<C: Heeds> {
    /// Also run with other values of an option, one at a time: --vary crossbar=64,128 --vary cell-bits=1,2. Repeatable.
    #[arg(long, value_name = "OPTION=VALUES", value_parser = one_of_command::<C>, action = ArgAction::Append)]
    vary: Vec<Variable>,

    /// Run every combination of the values that vary instead.
    #[arg(long, requires = "vary")]
    grid: bool,

    #[arg(skip)]
    command: PhantomData<C>,
}

/// What was typed after a command whose settings can vary.
pub(crate) trait Varies: Clone {
    /// The command.
    type Command: Heeds;

    /// What varies.
    fn vary(&self) -> &VaryArgs<Self::Command>;

    /// The design, as it was typed.
    fn design(&mut self) -> &mut DesignArgs<Self::Command>;

    /// How networks are mapped, where the layout says so.
    fn lay_out(&mut self, layout: &Layout);

    /// What was typed with what is varied over it, in the order of [`Variations::changes`]; a single one that differs in nothing if nothing
    /// varies.
    fn variations(&self) -> Result<Vec<(Vec<Varied>, Self)>> {
        let variations = self.vary().variations();
        variations.verify().map_err(|problem| anyhow!("--vary: {problem}"))?;
        variations.changes().into_iter().map(|varied| Ok((varied.clone(), self.with(&varied)?))).collect()
    }

    /// The same with other values of some settings.
    fn with(&self, varied: &[Varied]) -> Result<Self> {
        let (mut args, mut layout) = (self.clone(), Layout::default());
        for Varied { option, value } in varied {
            let what = || format!("--vary {option}={value}");
            if !layout.set(option, value).map_err(|problem| anyhow!(problem)).with_context(what)? {
                *args.design() = args.design().with(setting(option)?, value);
                args.design().design().with_context(what)?;
            }
        }
        args.lay_out(&layout);
        Ok(args)
    }
}

impl<C: Heeds> VaryArgs<C> {
    /// Whether anything varies.
    pub(crate) fn is_given(&self) -> bool {
        !self.vary.is_empty()
    }

    /// What varies, and how.
    pub(crate) fn variations(&self) -> Variations {
        Variations { vary: self.vary.clone(), grid: self.grid }
    }
}

/// A setting and its values, joined by commas; a value that has commas itself stands in brackets.
pub(super) fn values(text: &str) -> Result<Variable, String> {
    let (name, mut rest) = text.split_once('=').ok_or("give a setting and its values, as in crossbar=64,128")?;
    let mut values = Vec::new();
    loop {
        let in_brackets = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
        let (value, after) = match in_brackets.filter(|(_, after)| after.is_empty() || after.starts_with(',')) {
            Some(whole) => whole,
            None => rest.split_at(rest.find(',').unwrap_or(rest.len())),
        };
        if value.is_empty() {
            return Err("give values joined by commas, as in crossbar=64,128 or kernels=3d,[conv1,conv2]".into());
        }
        values.push(value.to_owned());
        match after.strip_prefix(',') {
            Some(next) => rest = next,
            None => return Ok(Variable { name: name.trim_start_matches('-').into(), values }),
        }
    }
}

/// A value as it is typed among others.
pub(crate) fn bracketed(value: &str) -> Cow<'_, str> {
    if value.contains(',') { format!("[{value}]").into() } else { value.into() }
}

/// The same of a setting that the command heeds: they say what is run, not on what or how it is written.
fn one_of_command<C: Heeds>(text: &str) -> Result<Variable, String> {
    let variable = values(text)?;
    let known = || DesignArgs::<C>::settings().map(|setting| setting.name).chain(C::LAYOUT.iter().copied());
    if !known().any(|known| known == variable.name) {
        let known = known().collect::<Vec<_>>().join(", ");
        return Err(format!("{} cannot vary; these can: {known}", variable.name));
    }
    Ok(variable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_with_commas_stand_in_brackets() {
        for (text, expected) in [
            ("crossbar=64,128", &["64", "128"][..]),
            ("--kernels=3d,[conv1,conv2*2],2d1d", &["3d", "conv1,conv2*2", "2d1d"]),
            ("kernels=[a,b]", &["a,b"]),
            ("layer-settings=[mine].toml,other.toml", &["[mine].toml", "other.toml"]),
        ] {
            let found = values(text).expect(text);
            assert_eq!(found.values, expected, "{text}");
            let again: Vec<_> = found.values.iter().map(|value| bracketed(value)).collect();
            assert_eq!(values(&format!("{}={}", found.name, again.join(","))), Ok(found));
        }
        for text in ["crossbar", "crossbar=", "crossbar=64,,128", "crossbar=64,", "kernels=[],3d"] {
            assert!(values(text).is_err(), "{text}");
        }
    }
}
