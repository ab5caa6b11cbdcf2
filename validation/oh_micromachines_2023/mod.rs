//! Unit crossbars of 3D, 2D+1D and mixed kernels under the sub-image scheme, largest-window reading.
//!
//! The paper's figures are about 90 % fewer crossbars with 2D+1D kernels at 128×128, about 95 % at 256×256, and half of the
//! crossbars with half of the layers. The exact counts are those of our reading, worked out by hand from its three formulas.

use tilewright::mapping::SubImageWindow;
use tilewright::report::reproduction::Oh2023;

fn crossbars(network: &str, side: usize, kernels: &str) -> u64 {
    let oh2023 = Oh2023::count().expect("the networks of the zoo map");
    let wanted = oh2023.counts.iter().find(|count| {
        (count.network, count.crossbar.rows, count.kernels.as_str()) == (network, side, kernels)
            && count.window == SubImageWindow::Largest
    });
    wanted.expect("counted").crossbars
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
    let oh2023 = Oh2023::count().expect("the networks of the zoo map");
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
    let oh2023 = Oh2023::count().expect("the networks of the zoo map");
    for (overlap, expected) in oh2023.overlaps.iter().zip([8.0, 3.0, 1.25, 0.5625, 0.3967]) {
        assert!((overlap.overhead - expected).abs() < 5e-5, "{overlap:?}");
    }
}
