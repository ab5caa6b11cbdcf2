//! Operations of a network that its price leaves out.

use super::digital::Digital;
use super::{CostModel, Unpriced};
use crate::network::Network;
use std::collections::BTreeMap;

/// Which kinds of operations are not in the price, without a full stop.
pub(super) fn note(unpriced: &[Unpriced]) -> Option<String> {
    let mut kinds = BTreeMap::<(&str, &str), (usize, u64)>::new();
    for Unpriced { operation, values, reason, .. } in unpriced {
        let (operations, sum) = kinds.entry((reason, operation)).or_default();
        (*operations, *sum) = (*operations + 1, *sum + values);
    }
    let kinds = kinds.into_iter().map(|((reason, operation), (operations, values))| {
        format!("{operations} {operation} ({values} values an image; {reason})")
    });
    let kinds: Vec<String> = kinds.collect();
    (!kinds.is_empty()).then(|| format!("not priced: {}", kinds.join(", ")))
}

impl CostModel {
    /// The operations of a network that this chip has no price for, in execution order.
    pub(super) fn unpriced(&self, network: &Network) -> Vec<Unpriced> {
        let reason = |does: Digital| match does {
            Digital::Unknown => Some("what it takes is not known"),
            Digital::Events(event, _) if !self.does(event) => Some("the chip has no part for it"),
            // What multiplies off the crossbars is named by the network's coverage.
            Digital::Events(..) | Digital::Products | Digital::Free => None,
        };
        let is_product = |id| !network.is_layer(id) && network.macs_of(id) != Some(0);
        let others = network.iter().zip(Digital::of_nodes(network)).filter(|&((id, _), _)| !is_product(id));
        let unpriced = others.filter_map(|((_, node), does)| {
            let reason = reason(does)?;
            let values = node.shape.iter().map(|&side| side as u64).product();
            Some(Unpriced { name: node.name.clone(), operation: node.op.name().to_owned(), values, reason })
        });
        unpriced.collect()
    }
}
