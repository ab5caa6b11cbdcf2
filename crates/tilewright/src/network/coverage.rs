//! How much of a network's arithmetic crossbars do.

use super::{Network, Node, NodeId};
use serde::Serialize;

/// The multiply-accumulates of one image by where they are done.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Coverage {
    /// Those of the layers on crossbars; products with padding count.
    pub macs_on_crossbars: u64,
    /// Those of the whole network, as far as they are known.
    pub macs: u64,
    /// The first by the second, 0 to 1; 1 for a network without any. An upper bound if an operation's number is not known.
    pub share: f64,
    /// What multiplies by weights, or two feature maps, and is on no crossbar, in execution order.
    pub off_crossbars: Vec<OffCrossbars>,
}

/// An operation whose multiply-accumulates are on no crossbar.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OffCrossbars {
    /// The node's name.
    pub name: String,
    /// What it does.
    pub operation: String,
    /// Its multiply-accumulates for an image; `None` if they are not known.
    pub macs: Option<u64>,
    /// Its part of the network's, 0 to 1; `None` likewise.
    pub share: Option<f64>,
}

/// Operations that a sentence names; the others it counts.
const NAMED: usize = 8;

impl Network {
    /// How much of the network's arithmetic is in layers for crossbars.
    pub fn coverage(&self) -> Coverage {
        let macs_on_crossbars = self.macs();
        let off: Vec<(NodeId, Option<u64>)> = self.digital_products().collect();
        let macs = off.iter().filter_map(|(_, macs)| *macs).fold(macs_on_crossbars, u64::saturating_add);
        let part = |of: u64| if macs == 0 { 1.0 } else { of as f64 / macs as f64 };
        let off_crossbars = off.iter().map(|&(id, macs)| {
            let Node { name, op, .. } = self.node(id);
            OffCrossbars { name: name.clone(), operation: op.name().into(), macs, share: macs.map(part) }
        });
        Coverage { macs_on_crossbars, macs, share: part(macs_on_crossbars), off_crossbars: off_crossbars.collect() }
    }
}

impl Coverage {
    /// Whether every multiply-accumulate is on a crossbar.
    pub const fn is_whole(&self) -> bool {
        self.off_crossbars.is_empty()
    }

    /// The share and what is off the crossbars, greatest part first, without a full stop; `None` where nothing is.
    pub fn warning(&self) -> Option<String> {
        if self.is_whole() {
            return None;
        }
        let mut off: Vec<&OffCrossbars> = self.off_crossbars.iter().collect();
        off.sort_by_key(|operation| std::cmp::Reverse(operation.macs.unwrap_or(u64::MAX)));
        let mut named: Vec<String> = off.iter().take(NAMED).map(ToString::to_string).collect();
        if let Some(more) = off.len().checked_sub(NAMED).filter(|&more| more > 0) {
            named.push(format!("{more} more"));
        }
        let at_most = if off.iter().any(|operation| operation.macs.is_none()) { "at most " } else { "" };
        let share = percent(self.share);
        let of = format!("{} of {}", self.macs_on_crossbars, self.macs);
        Some(format!(
            "{at_most}{share} of the multiply-accumulates ({of}) are on crossbars; on none: {}",
            named.join(", ")
        ))
    }
}

impl std::fmt::Display for OffCrossbars {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { name, operation, share, .. } = self;
        match share {
            Some(share) => write!(f, "{name} ({operation}, {})", percent(*share)),
            None => write!(f, "{name} ({operation}, share not known)"),
        }
    }
}

/// One decimal, more where a small share would be written as nothing or nearly everything as all.
fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    let distance = percent.min(100.0 - percent);
    let decimals = if distance <= 0.0 || distance >= 0.1 { 1 } else { (-distance.log10()).ceil().min(12.0) as usize };
    format!("{percent:.decimals$} %")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_never_rounded_to_all_or_nothing() {
        let written = [0.0, 0.00003, 0.607, 0.99997, 1.0].map(percent);
        assert_eq!(written, ["0.0 %", "0.003 %", "60.7 %", "99.997 %", "100.0 %"]);
    }
}
