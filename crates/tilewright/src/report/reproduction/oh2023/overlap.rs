//! What the halos cost: by window in closed form, and by kernel kind in the networks.

use crate::mapping::scheme::SubImage;
use crate::mapping::{CrossbarSize, LayerMapping, Mapping, MappingError, Target, Tiles, map_network};
use crate::network::{ConvShape, KernelPlan, LayerKind, Padding, zoo};
use crate::partition::Partition;
use crate::report::recognition::{RecognitionError, SIDES, target};
use serde::Serialize;

/// The networks whose layers are looked at.
const NETWORKS: [&str; 2] = ["resnet8", "resnet20"];

/// Overlap overhead of an m×m window of a 3×3 kernel.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Overlap {
    /// Window side m in outputs.
    pub window: usize,
    /// ((m+2)² − m²) / m²
    pub overhead: f64,
}

/// What the halos cost the 3×3 layers of a network, or what replaces them, under the rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KindOverlap {
    /// The network.
    pub network: &'static str,
    /// Its crossbar.
    pub crossbar: CrossbarSize,
    /// `3D`; or `2D`, `1D` and both together, `2D+1D`.
    pub kind: &'static str,
    /// How many layers.
    pub layers: usize,
    /// Their output windows, height and width, each once, the largest first.
    pub windows: Vec<[usize; 2]>,
    /// Least and greatest overlap overhead of one of these windows, see [`Partition::overlap_overhead`].
    pub of_a_window: [f64; 2],
    /// Values driven onto rows for one image, all crossbars together.
    pub input_loads: u64,
    /// Those of them that drive a halo.
    pub halo_loads: u64,
    /// Halo loads per load that is none.
    pub overhead: f64,
}

/// The closed form for the windows of the usual crossbars.
pub(super) fn by_window() -> Vec<Overlap> {
    let shape = ConvShape { padding: Padding::all(1), ..ConvShape::new(1, [32, 32], 1, 3) };
    let overhead = |window| Partition::new(&shape, [window, window]).overlap_overhead();
    [1, 2, 4, 8, 11].map(|window| Overlap { window, overhead: overhead(window) }).into()
}

/// Every network, crossbar and kind.
pub(super) fn by_kind() -> Result<Vec<KindOverlap>, RecognitionError> {
    let mut overlaps = Vec::new();
    for network in NETWORKS {
        for side in SIDES {
            overlaps.extend(of_network(network, side)?);
        }
    }
    Ok(overlaps)
}

fn of_network(name: &'static str, side: usize) -> Result<Vec<KindOverlap>, RecognitionError> {
    let original = zoo::build(name)?;
    let target = target(side);
    let all: KernelPlan = "2d1d".parse()?;
    let replaced = all.select(&original)?.apply(&original)?;
    let [mapping_3d, mapping_2d1d] =
        [map_network(&original, &SubImage, &target, None)?, map_network(&replaced, &SubImage, &target, None)?];
    // What was pointwise or dense already is no kernel of the comparison.
    let others: Vec<String> =
        original.layers().into_iter().filter(|layer| layer.shape.taps() == 1).map(|layer| layer.name).collect();
    let of_kinds = |mapping: &Mapping, kind, kinds: &[LayerKind]| {
        let layers = mapping.layers.iter().filter(|layer| kinds.contains(&layer.kind) && !others.contains(&layer.name));
        KindOverlap::new(name, &target, kind, &layers.collect::<Vec<_>>())
    };
    let (kernel_2d, kernel_1d) = (LayerKind::Kernel2d, LayerKind::Kernel1d);
    Ok(vec![
        of_kinds(&mapping_3d, "3D", &[LayerKind::Kernel3d])?,
        of_kinds(&mapping_2d1d, "2D", &[kernel_2d])?,
        of_kinds(&mapping_2d1d, "1D", &[kernel_1d])?,
        of_kinds(&mapping_2d1d, "2D+1D", &[kernel_2d, kernel_1d])?,
    ])
}

impl KindOverlap {
    fn new(
        network: &'static str,
        target: &Target,
        kind: &'static str,
        layers: &[&LayerMapping],
    ) -> Result<Self, MappingError> {
        let mut overlap = Self {
            network,
            crossbar: target.crossbar,
            kind,
            layers: layers.len(),
            windows: vec![],
            of_a_window: [f64::INFINITY, 0.0],
            input_loads: 0,
            halo_loads: 0,
            overhead: 0.0,
        };
        for layer in layers {
            let partition = Tiles::new(&layer.shape, layer.tiling, target.crossbar, target.encoding)?.partition;
            let [least, greatest] = overlap.of_a_window;
            let overhead = partition.overlap_overhead();
            overlap.of_a_window = [least.min(overhead), greatest.max(overhead)];
            overlap.windows.push(layer.tiling.window);
            overlap.input_loads += layer.counts.input_loads;
            overlap.halo_loads += halo_loads(&partition, layer.counts.input_loads);
        }
        overlap.windows.sort_unstable_by(|a, b| b.cmp(a));
        overlap.windows.dedup();
        overlap.overhead = overlap.halo_loads as f64 / (overlap.input_loads - overlap.halo_loads) as f64;
        Ok(overlap)
    }
}

/// Every load of a sub-image drives its touched pixels; those beyond what it advances by are halo.
fn halo_loads(partition: &Partition, input_loads: u64) -> u64 {
    let touched = partition.touched_pixels();
    let advance: usize = partition.axes.iter().map(|axis| axis.window * axis.stride).product();
    input_loads / touched as u64 * touched.saturating_sub(advance) as u64
}
