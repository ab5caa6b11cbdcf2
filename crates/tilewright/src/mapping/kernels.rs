//! What a 3D kernel takes, and what a 2D and a 1D kernel in its place take.

use super::scheme::Scheme;
use super::{MappingError, Target, Tiles, map_network};
use crate::network::{ConvShape, KernelPlan, LayerKind, Network, NetworkError, Replacement};

/// Crossbars of the layers of `original` with more than one tap, in the form they have in `network`, which is `original` under
/// a kernel plan: a replaced layer counts with its 2D and its 1D kernel; pointwise and dense layers of `original` do not count.
///
/// # Errors
/// As [`map_network`].
pub fn kernel_crossbars(
    original: &Network,
    network: &Network,
    scheme: &dyn Scheme,
    target: &Target,
) -> Result<u64, MappingError> {
    let others: Vec<String> =
        original.layers().into_iter().filter(|layer| layer.shape.taps() == 1).map(|layer| layer.name).collect();
    let mapping = map_network(network, scheme, target, None)?;
    let kernels = mapping.layers.iter().filter(|layer| !others.contains(&layer.name));
    Ok(kernels.map(|layer| layer.counts.crossbars).sum())
}

/// Crossbars of one layer, its copies as the scheme says.
///
/// # Errors
/// [`MappingError::DoesNotFit`] if the scheme cannot fit it onto the crossbar, or an overflow of the counts.
pub fn crossbars(shape: &ConvShape, scheme: &dyn Scheme, target: &Target) -> Result<u64, MappingError> {
    let tiling = scheme.tile(shape, target)?;
    Ok(Tiles::new(shape, tiling, target.crossbar, target.encoding)?.counts()?.crossbars)
}

/// The 2D and the 1D kernel that replace a 3D layer, with `rank` 2D kernels per input channel.
pub fn kernels_2d1d(shape: &ConvShape, rank: usize) -> [ConvShape; 2] {
    let between = shape.in_channels * rank.min(shape.full_rank());
    let kernel_2d = ConvShape { out_channels: between, groups: shape.in_channels, ..*shape };
    [kernel_2d, ConvShape::new(between, shape.output(), shape.out_channels, 1)]
}

/// Where the 2D kernels of replaced layers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernels2d {
    /// On crossbars.
    OnCrossbars,
    /// On none: they are kept digital.
    Digital,
}

impl Kernels2d {
    /// Where a network has them ([`Network::keep_digital`]).
    pub fn of(network: &Network) -> Self {
        if network.keeps_digital(LayerKind::Kernel2d) { Self::Digital } else { Self::OnCrossbars }
    }
}

/// Crossbars of the 2D and the 1D kernel that replace a 3D layer, together.
///
/// # Errors
/// As [`crossbars`].
pub fn crossbars_2d1d(
    shape: &ConvShape,
    (rank, kernels_2d): (usize, Kernels2d),
    scheme: &dyn Scheme,
    target: &Target,
) -> Result<u64, MappingError> {
    let [kernel_2d, kernel_1d] = kernels_2d1d(shape, rank);
    let of_2d = match kernels_2d {
        Kernels2d::OnCrossbars => crossbars(&kernel_2d, scheme, target)?,
        Kernels2d::Digital => 0,
    };
    let sum = of_2d.checked_add(crossbars(&kernel_1d, scheme, target)?);
    sum.ok_or(MappingError::Overflow { layer: String::new() })
}

/// Crossbars of a 3D layer less those of the 2D and the 1D layer that replace it; 0 if any of them does not fit.
pub fn crossbars_saved(
    shape: &ConvShape,
    (rank, kernels_2d): (usize, Kernels2d),
    scheme: &dyn Scheme,
    target: &Target,
) -> i64 {
    match (crossbars(shape, scheme, target), crossbars_2d1d(shape, (rank, kernels_2d), scheme, target)) {
        (Ok(kernel_3d), Ok(kernels_2d1d)) => difference(kernel_3d, kernels_2d1d),
        _ => 0,
    }
}

/// `a` − `b`, saturating.
pub(crate) fn difference(a: u64, b: u64) -> i64 {
    let signed = |sum: u64| i64::try_from(sum).unwrap_or(i64::MAX);
    if a >= b { signed(a - b) } else { -signed(b - a) }
}

/// The network without the layers that are kept digital ([`Network::keep_digital`]) and with those of a plan replaced, if there is one.
///
/// # Errors
/// As [`Network::keep_digital`], [`replaced`] and [`Network::verify_kept_digital`].
pub fn planned(
    network: Network,
    (kept_digital, plan): (&[String], Option<&KernelPlan>),
    scheme: &dyn Scheme,
    target: &Target,
) -> Result<Network, NetworkError> {
    let network = network.keep_digital(kept_digital)?;
    let network = match plan {
        Some(plan) => replaced(&network, plan, scheme, target)?,
        None => network,
    };
    network.verify_kept_digital()?;
    Ok(network)
}

/// The layers that a plan replaces; what a replacement saves is counted under the scheme.
///
/// # Errors
/// As [`KernelPlan::select_by`].
pub fn selected(
    network: &Network,
    plan: &KernelPlan,
    scheme: &dyn Scheme,
    target: &Target,
) -> Result<Replacement, NetworkError> {
    let kernels_2d = Kernels2d::of(network);
    plan.select_by(network, |shape, rank| crossbars_saved(shape, (rank, kernels_2d), scheme, target))
}

/// The network with the layers of a plan replaced; what a replacement saves is counted under the scheme.
///
/// # Errors
/// As [`selected`]; also if a replaced layer does not make a network.
pub fn replaced(
    network: &Network,
    plan: &KernelPlan,
    scheme: &dyn Scheme,
    target: &Target,
) -> Result<Network, NetworkError> {
    selected(network, plan, scheme, target)?.apply(network)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::{CrossbarSize, Encoding, SignRule, scheme};
    use crate::network::{KernelPlan, Padding, zoo};

    #[test]
    fn saved_by_hand() {
        let crossbar = CrossbarSize::new(128, 128).expect("a size within the limits");
        let target = Target::new(crossbar, Encoding::whole(SignRule::Differential));
        let shape = ConvShape { padding: Padding::all(1), ..ConvShape::new(16, [32, 32], 16, 3) };
        // 16 windows of 8×8: 16·16·16 crossbars; 2D 16·16; 1D 1024 pixels, 4 a crossbar.
        assert_eq!(crossbars(&shape, &scheme::SubImage, &target), Ok(4096));
        assert_eq!(crossbars_2d1d(&shape, (1, Kernels2d::OnCrossbars), &scheme::SubImage, &target), Ok(256 + 256));
        // Two kernels of 64 pixels a channel do not fit 128 columns in pairs; 32 rows of 4 pixels still make 128.
        assert_eq!(crossbars_2d1d(&shape, (2, Kernels2d::OnCrossbars), &scheme::SubImage, &target), Ok(512 + 256));
        assert_eq!(kernels_2d1d(&shape, 10), kernels_2d1d(&shape, 9));
        assert_eq!(crossbars_saved(&shape, (1, Kernels2d::OnCrossbars), &scheme::SubImage, &target), 4096 - 256 - 256);
        assert_eq!(crossbars_2d1d(&shape, (1, Kernels2d::Digital), &scheme::SubImage, &target), Ok(256));
        // im2col: 144 rows on 128 make 2 crossbars; 16 kernels of 9 rows, 14 a crossbar; 16 rows make 1.
        assert_eq!(crossbars_saved(&shape, (1, Kernels2d::OnCrossbars), &scheme::Im2col, &target), 2 - 2 - 1);
        let small = Target { crossbar: CrossbarSize::new(8, 8).expect("a size within the limits"), ..target };
        assert_eq!(crossbars_saved(&shape, (1, Kernels2d::OnCrossbars), &scheme::SubImage, &small), 0);
    }

    #[test]
    fn pointwise_shortcuts_and_the_classifier_do_not_count() {
        let target = Target::new(CrossbarSize { rows: 128, columns: 128 }, Encoding::whole(SignRule::Differential));
        let resnet8 = zoo::build("resnet8").expect("a network of the zoo");
        // 16 windows of 8×8 on 32×32, 4 on 16×16, 1 on 8×8, each for every input and output channel.
        let expected = 16 * (3 * 16 + 16 * 16 * 2) + 4 * (16 * 32 + 32 * 32) + 32 * 64 + 64 * 64;
        assert_eq!(kernel_crossbars(&resnet8, &resnet8, &scheme::SubImage, &target), Ok(expected));
        let plan: KernelPlan = "conv1".parse().expect("a plan");
        let replaced = plan.select(&resnet8).and_then(|chosen| chosen.apply(&resnet8)).expect("it has the layer");
        // 2D: 3 channels, one a crossbar; 1D: 1024 pixels, 4 a crossbar.
        let saved = 16 * 3 * 16 - 16 * 3 - 256;
        assert_eq!(kernel_crossbars(&resnet8, &replaced, &scheme::SubImage, &target), Ok(expected - saved));
    }
}
