//! Unit crossbars of 3D, 2D+1D and mixed kernels under the sub-image scheme, largest-window reading, and recognition rates.
//!
//! The paper's figures are about 90 % fewer crossbars with 2D+1D kernels at 128×128, about 95 % at 256×256, half of the
//! crossbars with half of the layers, and on CIFAR-10 under 2 % and very little loss of recognition rate. The exact counts are
//! those of our reading, worked out by hand from its three formulas. Rates are those of the trained zoo.

mod trained;

use crate::figures::{Figure, Publication};
use tilewright::mapping::SubImageWindow;
use tilewright::report::reproduction::{KindOverlap, Oh2023};

fn count() -> Oh2023 {
    Oh2023::count(&[]).expect("the networks of the zoo map")
}

fn crossbars(network: &str, side: usize, kernels: &str) -> u64 {
    let oh2023 = count();
    let wanted = oh2023.counts.iter().find(|count| {
        (count.network, count.crossbar.rows, count.kernels.as_str()) == (network, side, kernels)
            && count.window == SubImageWindow::Largest
    });
    wanted.expect("counted").crossbars
}

pub(crate) fn publication() -> Publication {
    let about = "Crossbars that 2D+1D kernels save on ResNet-20 under the sub-image scheme, in our largest-window reading, and recognition \
                 rates on CIFAR-10, in points. The loss of all kernels at once is above the paper's bound; wider stages are below it.";
    let mut figures = savings();
    figures.extend(trained::figures());
    Publication { title: "Sub-images (Oh, An, Min 2023)", about, citation: include_str!("citation.bib"), figures }
}

fn savings() -> Vec<Figure> {
    let claims = count().claims;
    let published = [
        ("crossbars saved by 2D+1D kernels at 128×128, %", 90.0),
        ("the same at 256×256, %", 95.0),
        ("crossbars saved by half of the layers at 128×128, %", 50.0),
    ];
    let figure = |((what, published), saved): ((&str, f64), f64)| Figure {
        relation: "about",
        ..Figure::new(what, published, saved)
    };
    published.into_iter().zip(claims.iter().map(|claim| 100.0 * (1.0 - claim.fraction))).map(figure).collect()
}

#[test]
fn resnet20_takes_the_crossbars_of_the_formulas() {
    assert_eq!(crossbars("resnet20", 128, "3d"), 70_400);
    assert_eq!(crossbars("resnet20", 128, "2d1d"), 5_584);
    assert_eq!(crossbars("resnet20", 256, "3d"), 59_312);
    // One channel a crossbar in every 2D layer makes 3 419, two wherever an unstrided 8×8 map leaves room 3 243; the strided
    // layer on an 8×8 map leaves none.
    assert_eq!(crossbars("resnet20", 256, "2d1d"), 3_259);
}

#[test]
fn the_papers_three_claims_hold() {
    let oh2023 = count();
    let fraction = |place: usize| oh2023.claims[place].fraction;
    assert!((0.05..0.12).contains(&fraction(0)), "about 90 % fewer: {}", fraction(0));
    assert!((0.03..0.07).contains(&fraction(1)), "about 95 % fewer: {}", fraction(1));
    assert!((0.45..0.56).contains(&fraction(2)), "about half: {}", fraction(2));
}

#[test]
fn the_reduction_of_resnet110_is_that_of_its_formulas() {
    let reduction =
        |side| 1.0 - crossbars("resnet110", side, "2d1d") as f64 / crossbars("resnet110", side, "3d") as f64;
    assert!((reduction(128) - 0.926).abs() < 0.0005, "{}", reduction(128));
    assert!((reduction(256) - 0.949).abs() < 0.0015, "{}", reduction(256));
}

#[test]
fn the_overlap_overheads_are_the_closed_form() {
    let oh2023 = count();
    for (overlap, expected) in oh2023.overlaps.iter().zip([8.0, 3.0, 1.25, 0.5625, 0.3967]) {
        assert!((overlap.overhead - expected).abs() < 5e-5, "{overlap:?}");
    }
}

/// ResNet-20 at 128×128 by hand. Unstrided windows are 8×8 and read 100 pixels, 36 of them halo; strided ones are 5×5 and read
/// 11×11 = 121, 21 of them halo. 3D kernels drive every window once for every input and output channel, 2D kernels once for
/// every channel, 1D kernels every pixel once.
#[test]
fn the_overlap_of_each_kernel_kind_is_worked_out_by_hand() {
    let oh2023 = count();
    let of = |kind: &str| -> &KindOverlap {
        let wanted =
            |overlap: &&KindOverlap| (overlap.network, overlap.crossbar.rows, overlap.kind) == ("resnet20", 128, kind);
        oh2023.kind_overlaps.iter().find(wanted).expect("counted")
    };
    let pairs = [16 * (3 * 16 + 6 * 16 * 16) + 4 * 5 * 32 * 32 + 5 * 64 * 64, 16 * 16 * 32 + 4 * 32 * 64];
    let channels = [16 * (3 + 6 * 16) + 4 * 5 * 32 + 5 * 64, 16 * 16 + 4 * 32];
    let pixels = 1024 * (3 + 6 * 16) + 256 * (16 + 5 * 32) + 64 * (32 + 5 * 64);
    let expected = [
        ("3D", 19, pairs[0] * 100 + pairs[1] * 121, pairs[0] * 36 + pairs[1] * 21),
        ("2D", 19, channels[0] * 100 + channels[1] * 121, channels[0] * 36 + channels[1] * 21),
        ("1D", 19, pixels, 0),
        ("2D+1D", 38, channels[0] * 100 + channels[1] * 121 + pixels, channels[0] * 36 + channels[1] * 21),
    ];
    for (kind, layers, input_loads, halo_loads) in expected {
        let overlap = of(kind);
        assert_eq!(
            (overlap.layers, overlap.input_loads, overlap.halo_loads),
            (layers, input_loads, halo_loads),
            "{kind}"
        );
        let overhead = halo_loads as f64 / (input_loads - halo_loads) as f64;
        assert!((overlap.overhead - overhead).abs() < 1e-12, "{kind}");
    }
    for kind in ["3D", "2D"] {
        let overlap = of(kind);
        assert_eq!(overlap.windows, [[8, 8], [5, 5]], "{kind}");
        let [least, greatest] = overlap.of_a_window;
        assert!((least - 0.21).abs() < 1e-12 && (greatest - 0.5625).abs() < 1e-12, "{kind}: {least} {greatest}");
    }
}
