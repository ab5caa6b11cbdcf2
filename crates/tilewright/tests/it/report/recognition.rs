//! Trained networks as points: crossbars of the formulas, rates by hand, the front by its definition.

use tilewright::network::zoo;
use tilewright::report::figure;
use tilewright::report::recognition::{
    RatePoint, RatioCurve, RecognitionError, SIDES, SeedResult, TestedNetwork, families, front, rate_points, recipes,
};

/// A network that recognises so many of 1000 images, one number a seed.
pub(super) fn tested(name: &str, network: &str, kernels: &str, recognised: &[u64]) -> TestedNetwork {
    let runs = recognised.iter().zip(1..).map(|(&recognised, seed)| SeedResult { seed, recognised });
    TestedNetwork {
        name: name.into(),
        network: network.into(),
        kernels: kernels.into(),
        recipe: "--epochs 30".into(),
        data_set: "cifar10".into(),
        images: 1000,
        runs: runs.collect(),
    }
}

/// Every kind of row: by rule, searched, several seeds and one, two networks, a data set of its own.
pub(super) fn examples() -> Vec<TestedNetwork> {
    vec![
        tested("resnet20-3d", "resnet20", "3d", &[910, 914, 912]),
        tested("resnet20-2d1d", "resnet20", "2d1d", &[890, 894, 898]),
        tested("resnet20-ratio50", "resnet20", "ratio=0.5", &[905]),
        tested("resnet20-chosen", "resnet20", "stage3.block1.conv2,stage3.block2.conv1", &[911, 909]),
        tested("resnet20-wide", "resnet20:width=1,1,1.5", "2d1d", &[900]),
        tested("resnet20-last", "resnet20", "ratio=0.5:last*2", &[908]),
        tested("resnet8-2d1d", "resnet8", "2d1d", &[850, 854]),
        tested("resnet8-3d", "resnet8", "3d", &[870, 872]),
        TestedNetwork { data_set: "cifar100".into(), ..tested("other", "resnet8", "2d1d", &[600, 610]) },
    ]
}

fn points() -> Vec<RatePoint> {
    rate_points(&examples()).expect("networks of the zoo")
}

fn point<'a>(points: &'a [RatePoint], name: &str) -> &'a RatePoint {
    points.iter().find(|point| point.name == name).expect("a point a network")
}

#[test]
fn points_are_in_the_order_of_the_curves() {
    let points = points();
    let names: Vec<&str> = points.iter().map(|point| point.name.as_str()).collect();
    let of_resnet20 =
        ["resnet20-3d", "resnet20-ratio50", "resnet20-2d1d", "resnet20-chosen", "resnet20-last", "resnet20-wide"];
    assert_eq!(names, [&of_resnet20[..], &["resnet8-3d", "resnet8-2d1d", "other"]].concat());
    assert_eq!(families(&points), ["resnet20, cifar10", "resnet8, cifar10", "resnet8, cifar100"]);
    let plans: Vec<String> = points.iter().take(6).map(RatePoint::plan).collect();
    assert_eq!(plans, ["3d", "0.5", "2d1d", "2 layers", "0.5:last*2", "2d1d, width 1,1,1.5"]);
    let searched: Vec<&str> = points.iter().filter(|point| point.searched).map(|point| point.name.as_str()).collect();
    assert_eq!(searched, ["resnet20-chosen", "resnet20-last", "resnet20-wide"]);
}

#[test]
fn ratios_and_crossbars_are_those_of_the_plan() {
    let points = points();
    // 70 400 and 5 584 at 128, 59 312 and 3 259 at 256: the three formulas by hand, as in `validation`.
    assert_eq!(point(&points, "resnet20-3d").crossbars, [70_400, 59_312]);
    assert_eq!(point(&points, "resnet20-2d1d").crossbars, [5_584, 3_259]);
    let chosen = point(&points, "resnet20-chosen");
    assert!((chosen.ratio - 2.0 / 19.0).abs() < 1e-12);
    // Two 64 → 64 layers on 8×8: 64·64 each; 64 2D kernels, one a crossbar, and 64 pixels, one a crossbar.
    assert_eq!(chosen.crossbars[0], 70_400 - 2 * (4_096 - 64 - 64));
    // ⌊0.5·19 + 0.5⌋ = 10 layers.
    assert!((point(&points, "resnet20-ratio50").ratio - 10.0 / 19.0).abs() < 1e-12);
}

#[test]
fn rates_and_losses_by_hand() {
    let points = points();
    let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-9, "{found} {expected}");
    let whole = point(&points, "resnet20-3d");
    close(whole.rate.mean, 0.912);
    close(whole.rate.deviation.expect("three seeds"), 0.002);
    assert_eq!((whole.lost, whole.interval, whole.rate.seeds), (None, None, 3));
    let pair = point(&points, "resnet20-2d1d");
    let lost = pair.lost.expect("both are there");
    close(lost.points, 1.8);
    // √((0.2² + 0.4²) / 3) points
    close(lost.standard_error.expect("several seeds"), (0.2_f64 / 3.0).sqrt());
    let [low, high] = pair.error_bar();
    close(low, 0.890);
    close(high, 0.898);
    // One seed: Wilson's interval of 905 in 1000 (Newcombe 1998, method 3), and no standard error.
    let single = point(&points, "resnet20-ratio50");
    assert_eq!((single.rate.deviation, single.lost.and_then(|lost| lost.standard_error)), (None, None));
    close(single.lost.expect("both are there").points, 0.7);
    let [low, high] = single.interval.expect("one seed");
    assert!((low - 0.885_2).abs() < 2e-4 && (high - 0.921_7).abs() < 2e-4, "{low} {high}");
    assert_eq!(single.error_bar(), [low, high]);
    // Another width is compared with the network as published.
    close(point(&points, "resnet20-wide").lost.expect("the usual width is there").points, 1.2);
    // Against its own network, and not across data sets.
    close(point(&points, "resnet8-2d1d").lost.expect("both are there").points, 1.9);
    assert_eq!(point(&points, "other").lost, None);
}

/// Against 3D kernels of the same recipe where there are some, whichever comes first; otherwise it is said that training differs.
#[test]
fn losses_are_of_equal_training_where_it_is_there() {
    let by = |recipe: &str, tested: TestedNetwork| TestedNetwork { recipe: recipe.into(), ..tested };
    let points = rate_points(&[
        by("short", tested("short-3d", "resnet20", "3d", &[900])),
        by("long", tested("long-3d", "resnet20", "3d", &[920])),
        by("long", tested("long-2d1d", "resnet20", "2d1d", &[890])),
        by("short", tested("short-2d1d", "resnet20", "2d1d", &[860])),
        by("other", tested("other-2d1d", "resnet20", "ratio=0.5", &[895])),
    ])
    .expect("networks of the zoo");
    let lost = |name: &str| point(&points, name).lost.expect("3D kernels are there");
    for (name, points, equal) in [("long-2d1d", 3.0, true), ("short-2d1d", 4.0, true), ("other-2d1d", 0.5, false)] {
        assert!((lost(name).points - points).abs() < 1e-9, "{name}: {:?}", lost(name));
        assert_eq!(lost(name).equal_training, equal, "{name}");
    }
    assert_eq!(recipes(&points), ["short", "long", "other"]);
}

#[test]
fn the_front_is_what_nothing_beats() {
    // Every arrangement of few values, so that ties of all kinds are there.
    let example = point(&points(), "resnet20-3d").clone();
    for case in 0..3_usize.pow(6) {
        let digit = |place: u32| case / 3_usize.pow(place) % 3;
        let points: Vec<RatePoint> = (0..3)
            .map(|place| {
                let mut point = example.clone();
                point.crossbars = [digit(2 * place) as u64, 7];
                point.rate.mean = digit(2 * place + 1) as f64;
                point
            })
            .collect();
        let key = |point: &RatePoint| (point.crossbars[0], point.rate.mean.to_bits());
        let beaten = |point: &RatePoint| {
            points.iter().any(|other| {
                let no_worse = other.crossbars[0] <= point.crossbars[0] && other.rate.mean >= point.rate.mean;
                no_worse && key(other) != key(point)
            })
        };
        let mut expected: Vec<_> = points.iter().filter(|point| !beaten(point)).map(key).collect();
        expected.sort_unstable();
        expected.dedup();
        let found: Vec<_> = front(&points, 0).into_iter().map(key).collect();
        assert_eq!(found, expected, "{points:?}");
    }
}

#[test]
fn curves_meet_the_points() {
    let points = points();
    for (place, side) in SIDES.into_iter().enumerate() {
        let curve = RatioCurve::new("resnet20", side).expect("a network of the zoo");
        let layers = zoo::build("resnet20").expect("a network of the zoo").replaceable_layers().len();
        assert_eq!(curve.points.len(), layers + 1);
        for (replaced, point) in curve.points.iter().enumerate() {
            assert!((point.ratio - replaced as f64 / layers as f64).abs() < 1e-12);
        }
        let at = |replaced: usize| curve.points[replaced].crossbars;
        let expected =
            ["resnet20-3d", "resnet20-ratio50", "resnet20-2d1d"].map(|name| point(&points, name).crossbars[place]);
        assert_eq!([at(0), at(10), at(layers)], expected);
    }
}

#[test]
fn wrong_results_say_what_is_wrong() {
    let error = |tested: TestedNetwork| rate_points(&[tested]).expect_err("it is wrong").to_string();
    assert!(error(tested("x", "resnet21", "3d", &[1])).contains("did you mean \"resnet20\"?"));
    assert!(error(tested("x", "resnet20", "conv9", &[1])).contains("conv9"));
    assert!(error(tested("x", "resnet20", "3d", &[])).contains("\"x\" has 0 results on 1000 images"));
    assert!(error(tested("x", "resnet20", "3d", &[1, 1001])).contains("seed 2 that recognises 1001 of 1000 images"));
    let none = TestedNetwork { images: 0, ..tested("x", "resnet20", "3d", &[0]) };
    assert!(matches!(rate_points(&[none]), Err(RecognitionError::Runs { .. })));
    assert_eq!(rate_points(&[]), Ok(vec![]));
}

/// The heights of an error bar `M… H… M… H… M x low V high`.
fn bar(path: &str) -> [f64; 2] {
    let upright = path.rsplit('M').next().expect("three strokes");
    let (from, high) = upright.split_once('V').expect("an upright stroke");
    [from.split(' ').nth(1).expect("a height"), high].map(|number| number.parse().expect("a number"))
}

#[test]
fn figures_have_a_mark_a_network() {
    let points = points();
    let curves = SIDES.map(|side| RatioCurve::new("resnet20", side).expect("a network of the zoo"));
    let by_ratio = figure::rate_by_ratio(&points).to_string();
    let by_crossbars = [0, 1].map(|side| figure::rate_by_crossbars(&points, side).to_string());
    for svg in [&by_ratio, &by_crossbars[0], &by_crossbars[1]] {
        assert_eq!(svg.matches("data-name=").count(), points.len());
        assert_eq!(svg.matches("<path class=\"mark").count(), 3, "a diamond for what is not the paper's");
        assert_eq!(svg.matches("class=\"error").count(), points.len());
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }
    let crossbars = figure::crossbars_by_ratio(&curves, &points[..4]).to_string();
    assert_eq!((crossbars.matches("data-name=").count(), crossbars.matches("class=\"curve").count()), (8, 2));
    assert_eq!(crossbars.matches("dashed").count(), 1);
    // Three networks have lines where they have two plans by rule; the front of each data set is one.
    assert_eq!(by_ratio.matches("class=\"curve").count(), 2);
    assert_eq!(by_crossbars[0].matches("class=\"curve front").count(), 2);
    // Marks lie in the middle of bars of standard deviations, higher rates above lower ones.
    let bars: Vec<[f64; 2]> = by_ratio
        .split("class=\"error")
        .skip(1)
        .map(|rest| bar(rest.split("d=\"").nth(1).unwrap().split('"').next().unwrap()))
        .collect();
    let heights: Vec<f64> =
        by_ratio.split(" cy=\"").skip(1).map(|rest| rest.split('"').next().unwrap().parse().unwrap()).collect();
    assert!((f64::midpoint(bars[0][0], bars[0][1]) - heights[0]).abs() < 0.02);
    assert!(bars.iter().all(|[low, high]| low >= high));
    assert!(heights[0] < heights[2], "resnet20 with 3D kernels is above 2D+1D");
}

#[test]
fn what_lies_between_the_kernels_is_a_line_of_its_own() {
    let mut networks = examples();
    networks.push(tested("resnet20-norm", "resnet20", "2d1d+norm-relu", &[900, 902]));
    let points = rate_points(&networks).expect("networks of the zoo");
    let found = point(&points, "resnet20-norm");
    assert_eq!((found.between(), found.searched, found.crossbars), ("norm-relu", false, [5_584, 3_259]));
    assert_eq!(figure::rate_by_ratio(&points).to_string().matches("class=\"curve").count(), 3);
}

#[test]
fn one_network_or_none_has_figures() {
    let one = rate_points(&examples()[..1]).expect("a network of the zoo");
    for points in [&one[..], &[]] {
        for svg in [
            figure::rate_by_ratio(points),
            figure::rate_by_crossbars(points, 0),
            figure::crossbars_by_ratio(&[], points),
        ] {
            let svg = svg.to_string();
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        }
    }
}
