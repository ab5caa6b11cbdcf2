//! Images on their way through a network, which may stop between two nodes.

use super::lanes::Images;
use crate::network::NodeId;
use std::sync::Arc;

/// At most sixteen images, and the maps that the nodes computed so far leave for the others.
pub struct Underway {
    /// Number of the first image.
    pub(super) first: u64,
    /// One a node computed so far; none where nobody needs it any more.
    pub(super) outputs: Vec<Option<Arc<Images>>>,
}

impl Underway {
    pub(super) fn new(first: u64, images: Images) -> Self {
        Self { first, outputs: vec![Some(Arc::new(images))] }
    }

    /// Number of the first image.
    pub const fn first(&self) -> u64 {
        self.first
    }

    /// What a node yielded.
    ///
    /// # Panics
    /// If it is not computed yet, or nobody needs it any more: the node computed last is always there.
    pub fn output(&self, node: NodeId) -> &Images {
        self.outputs[node.0].as_ref().expect("kept until its last use")
    }
}
