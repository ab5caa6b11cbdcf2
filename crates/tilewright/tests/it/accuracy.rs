//! Rates, their intervals, and who is counted right.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};
use tilewright::accuracy::{AccuracyError, Rate, Trial, evaluate, measure, score};
use tilewright::dataset::{Dataset, Normalization};
use tilewright::network::reference::float;
use tilewright::network::{Network, Tensor, zoo};

/// The identity: pixel / 255.
const PLAIN: Normalization =
    Normalization { mean: std::borrow::Cow::Borrowed(&[0.0]), std: std::borrow::Cow::Borrowed(&[1.0]) };

fn go_on(_: u64, _: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// Images of `side` × `side` pseudo-random pixels with labels below 10.
fn noise(images: usize, side: usize) -> Dataset {
    let pixels =
        (0..images * side * side).map(|i| (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56).map(|x| x as u8);
    let labels = (0..images).map(|i| (i * 7 % 10) as u8);
    Dataset::new("noise", [1, side, side], pixels.collect::<Vec<u8>>(), labels.collect::<Vec<u8>>(), 10).expect("a set")
}

fn trial(set: &Dataset) -> Trial<'_> {
    Trial { set, first: 0, limit: usize::MAX, normalization: &PLAIN, top: 5, threads: 2 }
}

#[test]
fn intervals_are_wilsons() {
    // Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
    for (correct, images, interval) in
        [(81, 263, [0.2553, 0.3662]), (15, 148, [0.0624, 0.1605]), (0, 20, [0.0, 0.1611]), (1, 29, [0.0061, 0.1718])]
    {
        let found = Rate::new(correct, images).interval;
        assert!(found.iter().zip(interval).all(|(a, b)| (a - b).abs() < 5e-5), "{correct} of {images}: {found:?}");
    }
}

#[test]
fn of_equal_scores_the_lower_class_is_taken() {
    let scored = |scores: &[f32], label| score(scores, label).map(|score| (score.class, score.before));
    assert_eq!(scored(&[0.0, 3.0, 1.0], 1), Some((1, 0)));
    assert_eq!(scored(&[0.0, 3.0, 1.0], 0), Some((1, 2)));
    assert_eq!(scored(&[2.0, 2.0, 2.0], 0), Some((0, 0)));
    assert_eq!(scored(&[2.0, 2.0, 2.0], 2), Some((0, 2)));
    assert_eq!(scored(&[f32::NEG_INFINITY; 2], 1), Some((0, 1)));
    assert_eq!(scored(&[1.0, f32::NAN], 0), None);
}

#[test]
fn a_classifier_known_in_advance_is_measured_right() {
    // The brightest of ten pixels is the class: images 0, 1, 2 show the label, the next class, the class three further on.
    let mut pixels = vec![0; 30];
    [(0, 4), (1, 8), (2, 0)].iter().for_each(|&(image, class)| pixels[image * 10 + class] = 255);
    let set = Dataset::new("three", [1, 1, 10], pixels, [4u8, 7, 7], 10).expect("a set");
    let found = measure(&Trial { top: 9, ..trial(&set) }, &go_on, |_, images| Ok(images.to_vec())).expect("measured");
    assert_eq!((found.top1.correct, found.top1.images), (1, 3));
    // Label 7 of image 2 comes after class 0 and, at the score 0, after the classes 1 to 6: place 8 of 10.
    assert_eq!((found.top.classes, found.top.rate.correct), (9, 3));
    let seven = measure(&Trial { top: 7, ..trial(&set) }, &go_on, |_, images| Ok(images.to_vec())).expect("measured");
    assert_eq!(seven.top.rate.correct, 1, "images 1 and 2 have 8 and 7 classes before their labels");
    assert_eq!((found.confusion[4][4], found.confusion[7][8], found.confusion[7][0]), (1, 1, 1));
    assert_eq!(found.confusion.concat().iter().sum::<u64>(), 3);
}

#[test]
fn a_network_is_measured_as_the_naive_executor_does_on_any_number_of_threads() {
    let network = zoo::build("lenet5").and_then(|network| network.initialize(1)).expect("a network of the zoo");
    let set = noise(70, 28);
    let expected = (0..set.len())
        .filter(|&image| {
            let outputs = float::run(&network, &set.image(image, &PLAIN)).expect("it runs");
            let scores = outputs.last().expect("an output").values();
            let best = (0..10).max_by(|&a, &b| scores[a].total_cmp(&scores[b])).expect("ten classes");
            best == set.label(image)
        })
        .count();
    let of = |threads: usize| evaluate(&network, &Trial { threads, ..trial(&set) }, &go_on).expect("measured");
    let one = of(1);
    assert_eq!((one.top1.correct, one.top1.images), (expected as u64, 70));
    assert!(one.top.rate.correct > one.top1.correct, "{one:?}");
    assert_eq!(of(3), one);
    assert_eq!(of(100), one);
    let first = evaluate(&network, &Trial { limit: 20, ..trial(&set) }, &go_on).expect("measured");
    assert_eq!(first.top1.images, 20);
}

#[test]
fn what_does_not_go_together_is_said() {
    let network = zoo::build("lenet5").and_then(|network| network.initialize(1)).expect("a network of the zoo");
    let error = |network: &Network, trial: &Trial<'_>| {
        evaluate(network, trial, &go_on).expect_err("they do not go together").to_string()
    };
    let (small, right) = (noise(3, 27), noise(3, 28));
    let text = error(&network, &trial(&small));
    assert!(text.contains("lenet5 takes images of 1×28×28; noise has images of 1×27×27"), "{text}");
    let text = error(&zoo::build("lenet5").expect("a network"), &trial(&right));
    assert!(text.contains("conv1") && text.contains("no weights"), "{text}");
    let text = error(&network, &Trial { normalization: &Normalization::CIFAR10, ..trial(&right) });
    assert!(text.contains("3 channels") && text.contains("noise has images of 1"), "{text}");
    let text = error(&network, &Trial { top: 11, ..trial(&right) });
    assert!(text.contains("11 best") && text.contains("1 to 10"), "{text}");
    let text = error(&network, &Trial { limit: 0, ..trial(&right) });
    assert!(text.contains("0 images"), "{text}");
    let twenty = Dataset::new("twenty", [1, 28, 28], vec![0; 784], [19u8], 20).expect("a set");
    let text = error(&network, &trial(&twenty));
    assert!(text.contains("shape 10") && text.contains("20 classes"), "{text}");
}

#[test]
fn the_first_score_that_is_no_number_is_named() {
    let set = noise(100, 2);
    let classify = |_: usize, images: &[Tensor<f32>]| {
        let poison = |image: &Tensor<f32>| {
            let bad = image.values()[0] > 0.9;
            Tensor::filled(vec![10], if bad { f32::NAN } else { 0.0 })
        };
        Ok(images.iter().map(poison).collect())
    };
    let first = (0..100).find(|&image| f32::from(set.bytes(image)[0]) / 255.0 > 0.9).expect("a bright one");
    for threads in [1, 4] {
        let error = measure(&Trial { threads, ..trial(&set) }, &go_on, classify).expect_err("not a number");
        assert_eq!(error, AccuracyError::NotANumber { set: "noise".into(), image: first });
    }
}

#[test]
fn the_watch_hears_every_image_and_can_end_the_work() {
    let set = noise(100, 2);
    let classify = |_: usize, images: &[Tensor<f32>]| Ok(vec![Tensor::filled(vec![10], 0.0); images.len()]);
    let heard = AtomicU64::new(0);
    let watch = |done: u64, total: u64| {
        assert_eq!(total, 100);
        heard.fetch_max(done, Ordering::Relaxed);
        ControlFlow::Continue(())
    };
    measure(&trial(&set), &watch, classify).expect("measured");
    assert_eq!(heard.into_inner(), 100);
    let error = measure(&trial(&set), &|_, _| ControlFlow::Break(()), classify).expect_err("ended");
    assert_eq!(error, AccuracyError::Interrupted);
}
