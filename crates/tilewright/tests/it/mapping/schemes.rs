//! Every scheme's worked example, as its documentation gives it, and rules that only show on chosen layers.

use tilewright::mapping::scheme::TargetRule;
use tilewright::mapping::search::Candidate;
use tilewright::mapping::{
    CrossbarSize, Encoding, GroupRule, MappingError, RowSplit, SignRule, SubImageWindow, Target, scheme,
};
use tilewright::network::{ConvShape, Padding};

fn target(side: usize, sign: SignRule) -> Target {
    Target::new(CrossbarSize { rows: side, columns: side }, Encoding::whole(sign))
}

fn map(name: &str, shape: &ConvShape, target: &Target) -> Candidate {
    Candidate::new(shape, scheme::find(name).unwrap().tile(shape, target).unwrap(), target).unwrap()
}

fn padded(inputs: usize, side: usize, outputs: usize) -> ConvShape {
    ConvShape { padding: Padding::all(1), ..ConvShape::new(inputs, [side, side], outputs, 3) }
}

/// A scheme says that it follows a rule if, and only if, its tilings of some layer differ under it.
#[test]
fn schemes_say_which_rules_they_follow() {
    let grouped = |groups: usize| ConvShape { groups, ..padded(12, 8, 12) };
    let layers =
        [padded(20, 8, 12), grouped(3), grouped(12), ConvShape::new(40, [4, 4], 9, 1), ConvShape::dense(90, 7)];
    for known in scheme::SCHEMES {
        let plain = target(32, SignRule::Differential);
        let differs = |changed: &[Target]| {
            let mut tilings = changed.iter().flat_map(|target| layers.map(|layer| (layer, *target)));
            tilings.any(|(layer, target)| known.tile(&layer, &target).ok() != known.tile(&layer, &plain).ok())
        };
        for (rule, changed) in [
            (
                TargetRule::RowSplit,
                [RowSplit::Element, RowSplit::Channel].map(|split| Target { row_split: Some(split), ..plain }).to_vec(),
            ),
            (
                TargetRule::Groups,
                [GroupRule::Separate, GroupRule::Dense].map(|groups| Target { groups: Some(groups), ..plain }).to_vec(),
            ),
            (
                TargetRule::Window,
                [SubImageWindow::Best, SubImageWindow::Side(2)].map(|window| Target { window, ..plain }).to_vec(),
            ),
        ] {
            assert_eq!(known.follows().contains(&rule), differs(&changed), "{} and {rule:?}", known.name());
            assert_eq!(rule.followers().contains(&known.name()), known.follows().contains(&rule));
        }
    }
}

#[test]
fn im2col_has_nine_row_blocks_or_ten() {
    let (shape, element) = (padded(512, 14, 512), target(512, SignRule::Single));
    let channel = Target { row_split: Some(RowSplit::Channel), ..element };
    let blocks = |candidate: Candidate| (candidate.counts.row_blocks, candidate.counts.column_blocks);
    assert_eq!(blocks(map("im2col", &shape, &element)), (9, 1));
    assert_eq!(blocks(map("im2col", &shape, &channel)), (10, 1));
    assert_eq!(blocks(map("optimal", &shape, &element)), (9, 1));
}

#[test]
fn smd_yields_four_pixels_a_load() {
    let candidate = map("smd", &padded(3, 32, 16), &target(128, SignRule::Differential));
    assert_eq!(candidate.tiling.packing.windows, 4);
    assert_eq!((candidate.counts.crossbars, candidate.counts.cycles), (1, 256));
}

#[test]
fn sdk_keeps_im2cols_crossbars() {
    let shape = ConvShape::new(64, [224, 224], 64, 3);
    let candidate = map("sdk", &shape, &target(512, SignRule::Single));
    assert_eq!((candidate.tiling.window, candidate.counts.array_activations), ([2, 2], 24_642));
}

#[test]
fn vw_sdk_covers_the_image_in_four_activations() {
    let candidate = map("vw-sdk", &ConvShape::new(6, [14, 14], 16, 5), &target(512, SignRule::Single));
    assert_eq!((candidate.tiling.window, candidate.counts.array_activations), ([5, 5], 4));
}

#[test]
fn kernel_positions_take_nine_crossbars() {
    let candidate = map("kernel-position", &padded(64, 8, 64), &target(128, SignRule::Differential));
    assert_eq!(candidate.counts.crossbars, 9);
    assert_eq!(candidate.counts.utilization(CrossbarSize { rows: 128, columns: 128 }), 0.5);
}

#[test]
fn sub_images_of_eight_by_eight() {
    let target = target(128, SignRule::Differential);
    let candidate = map("sub-image", &padded(16, 32, 16), &target);
    assert_eq!((candidate.tiling.window, candidate.counts.crossbars, candidate.counts.cycles), ([8, 8], 4_096, 1));
    // A strided layer keeps the rule's copies and takes its time.
    let strided = ConvShape { stride: [2, 2], ..padded(16, 32, 32) };
    let candidate = map("sub-image", &strided, &target);
    assert_eq!((candidate.tiling.window, candidate.counts.crossbars, candidate.counts.cycles), ([5, 5], 2_048, 4));
    // With as many channels as fit a crossbar, windows of 2×2 are best.
    let best = Target { window: SubImageWindow::Best, ..target };
    let candidate = map("sub-image", &padded(16, 32, 16), &best);
    assert_eq!((candidate.tiling.window, candidate.counts.crossbars, candidate.counts.cycles), ([2, 2], 512, 1));
}

#[test]
fn a_band_leaves_empty_crossbars_out() {
    let target = target(2, SignRule::Single);
    let candidate = map("unfolded", &ConvShape::new(1, [2, 2], 1, 1), &target);
    assert_eq!((candidate.counts.crossbars, candidate.counts.cycles), (2, 1));
}

#[test]
fn group_rules_count_one_depthwise_layer_three_ways() {
    let shape = ConvShape { groups: 32, ..padded(32, 16, 32) };
    let target = target(128, SignRule::Single);
    let crossbars = |groups| map("im2col", &shape, &Target { groups: Some(groups), ..target }).counts.crossbars;
    assert_eq!(crossbars(GroupRule::Packed), 3); // ⌊128 / 9⌋ = 14 channels a crossbar
    assert_eq!(crossbars(GroupRule::Separate), 32);
    assert_eq!(crossbars(GroupRule::Dense), 3); // 288 rows
}

#[test]
fn a_slip_in_a_name_is_mended() {
    let Err(MappingError::UnknownScheme { suggestion, known, .. }) = scheme::find("vwsdk") else {
        panic!("no such scheme")
    };
    assert_eq!(suggestion, Some("vw-sdk"));
    assert!(known.contains("sub-image"));
}

#[test]
fn what_does_not_fit_says_what_is_needed() {
    let narrow = Target::new(CrossbarSize { rows: 128, columns: 1 }, Encoding::whole(SignRule::Differential));
    let error = scheme::find("im2col").unwrap().tile(&padded(3, 8, 4), &narrow).unwrap_err();
    assert!(error.to_string().contains("a weight takes 2 columns, the crossbar has 1"), "{error}");
    let short = Target::new(CrossbarSize { rows: 8, columns: 8 }, Encoding::whole(SignRule::Differential));
    let error = scheme::find("sub-image").unwrap().tile(&padded(3, 8, 4), &short).unwrap_err();
    assert!(error.to_string().contains("9 rows"), "{error}");
}
