//! Mapping schemes under their published names, one file each.
//!
//! To add one: a file with a struct that implements [`Scheme`], its doc in the same five parts (Idea, Rule, Assumptions,
//! Example, Reference), and a line in [`SCHEMES`]. The shared tests then execute it on random layers.

mod im2col;
mod kernel_position;
mod optimal;
mod sdk;
mod smd;
mod sub_image;
mod turns;
mod unfolded;
mod vw_sdk;

pub use im2col::Im2col;
pub use kernel_position::KernelPosition;
pub use optimal::Optimal;
pub use sdk::Sdk;
pub use smd::Smd;
pub use sub_image::SubImage;
pub use unfolded::Unfolded;
pub use vw_sdk::VwSdk;

use super::{BlockScope, ColumnCut, GroupRule, MappingError, Packing, RowCut, RowSplit, Target, Tiles, Tiling};
use crate::network::{ConvShape, nearest};
use crate::partition::Partition;

/// A rule that picks one tiling for a layer.
pub trait Scheme: Sync {
    /// The published name, in lower case with hyphens.
    fn name(&self) -> &'static str;

    /// One line for lists: the idea and who published it.
    fn summary(&self) -> &'static str;

    /// The rules of a target that it follows; the others change nothing about its tilings.
    fn follows(&self) -> &'static [TargetRule];

    /// The tiling of a layer.
    ///
    /// # Errors
    /// [`MappingError::DoesNotFit`] if no tiling of this scheme fits the crossbar.
    fn tile(&self, shape: &ConvShape, target: &Target) -> Result<Tiling, MappingError>;
}

/// A rule of a [`Target`] that not every scheme follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetRule {
    /// [`Target::row_split`].
    RowSplit,
    /// [`Target::groups`].
    Groups,
    /// [`Target::window`].
    Window,
}

impl TargetRule {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::RowSplit, Self::Groups, Self::Window];

    /// The names of the schemes that follow it.
    pub fn followers(self) -> Vec<&'static str> {
        let followers = SCHEMES.into_iter().filter(|scheme| scheme.follows().contains(&self));
        followers.map(Scheme::name).collect()
    }
}

/// All schemes, the plainest first.
pub const SCHEMES: [&dyn Scheme; 8] = [&Im2col, &Smd, &Sdk, &VwSdk, &KernelPosition, &SubImage, &Unfolded, &Optimal];

/// The scheme of this name.
///
/// # Errors
/// [`MappingError::UnknownScheme`] with the names there are and the nearest one.
pub fn find(name: &str) -> Result<&'static dyn Scheme, MappingError> {
    SCHEMES.into_iter().find(|scheme| scheme.name() == name).ok_or_else(|| MappingError::UnknownScheme {
        name: name.into(),
        known: SCHEMES.map(Scheme::name).join(", "),
        suggestion: nearest(name, SCHEMES.iter().map(|scheme| scheme.name())),
    })
}

/// What a block holds of a grouped layer under the target's rule; a dense one as published counts have it.
const fn scope(target: &Target) -> BlockScope {
    match target.groups {
        Some(GroupRule::Dense) => BlockScope::Stored,
        Some(GroupRule::Packed | GroupRule::Separate | GroupRule::Turns) | None => BlockScope::Group,
    }
}

/// Cuts for a window under a row split; whole output channels go with whole input channels.
fn cuts(shape: &ConvShape, window: [usize; 2], split: RowSplit, target: &Target) -> (RowCut, ColumnCut) {
    match split {
        RowSplit::Element => (RowCut::Element, ColumnCut::Element),
        RowSplit::Channel => {
            let partition = Partition::new(shape, window);
            let (inputs, outputs) = block_channels(shape, scope(target));
            (
                RowCut::Channel((target.crossbar.rows / partition.touched_pixels()).min(inputs)),
                ColumnCut::Channel((target.weights_per_row() / partition.window_pixels()).min(outputs)),
            )
        }
    }
}

/// Input and output channels of one block.
const fn block_channels(shape: &ConvShape, scope: BlockScope) -> (usize, usize) {
    match scope {
        BlockScope::Group => (shape.group_inputs(), shape.group_outputs()),
        BlockScope::Layer | BlockScope::Stored => (shape.in_channels, shape.out_channels),
    }
}

/// The same tiling with as many groups packed into a crossbar as the target's rule allows, driven at once or in turn; an error if it
/// does not fit.
fn pack_groups(shape: &ConvShape, tiling: Tiling, target: &Target) -> Result<Tiling, MappingError> {
    let slots = free_slots(shape, tiling, target)?;
    let groups = match (target.groups, tiling.scope) {
        (None | Some(GroupRule::Packed | GroupRule::Turns), BlockScope::Group) => slots.min(shape.groups),
        _ => 1,
    };
    let packed = Tiling { packing: Packing { groups, windows: 1 }, ..tiling };
    match target.groups {
        Some(GroupRule::Turns) => turns::take_turns(shape, packed, target),
        _ => Ok(packed),
    }
}

/// How many of a tiling's largest tiles fit one crossbar block-diagonally.
fn free_slots(shape: &ConvShape, tiling: Tiling, target: &Target) -> Result<usize, MappingError> {
    let tiles = Tiles::new(shape, tiling, target.crossbar, target.encoding)?;
    Ok((target.crossbar.rows / tiles.tile_rows()).min(tiles.weights_per_row() / tiles.tile_columns()))
}
