//! The knapsack against enumeration: every budget, ties included.

use proptest::collection::vec;
use proptest::prelude::*;
use std::cmp::Reverse;
use tilewright::explore::ExploreError;
use tilewright::explore::knapsack::{Choice, Combination, front};

/// Every combination there is, its losses added in the order of the layers.
fn all(layers: &[Vec<Choice>]) -> Vec<Combination> {
    let nothing = Combination { crossbars: 0, loss: 0.0, choices: vec![] };
    layers.iter().fold(vec![nothing], |so_far, layer| {
        let extended = so_far.iter().flat_map(|combination| {
            layer.iter().enumerate().map(|(place, choice)| Combination {
                crossbars: combination.crossbars + choice.crossbars,
                loss: combination.loss + choice.loss,
                choices: [combination.choices.as_slice(), &[place]].concat(),
            })
        });
        extended.collect()
    })
}

/// The least loss within a budget; then fewest crossbars, fewest changes, the later option in the first layer that differs.
fn best(all: &[Combination], budget: u64) -> Option<&Combination> {
    let changes = |combination: &Combination| combination.choices.iter().sum::<usize>();
    let later = |combination: &Combination| -> Vec<Reverse<usize>> {
        combination.choices.iter().map(|&choice| Reverse(choice)).collect()
    };
    all.iter().filter(|combination| combination.crossbars <= budget).min_by(|a, b| {
        let by_counts = a.loss.partial_cmp(&b.loss).unwrap().then(a.crossbars.cmp(&b.crossbars));
        by_counts.then(changes(a).cmp(&changes(b))).then(later(a).cmp(&later(b)))
    })
}

fn most(all: &[Combination]) -> u64 {
    all.iter().map(|combination| combination.crossbars).max().unwrap()
}

/// Layers of one to three options; few crossbars and losses, so that ties are frequent.
fn with_ties() -> impl Strategy<Value = Vec<Vec<Choice>>> {
    // Eighths add without rounding.
    let choice = (0u64..6, -3i32..6).prop_map(|(crossbars, loss)| Choice { crossbars, loss: f64::from(loss) / 8.0 });
    vec(vec(choice, 1..4), 0..7)
}

proptest! {
    #[test]
    fn the_front_is_the_best_of_every_budget(layers in with_ties()) {
        let all = all(&layers);
        let front = front(&layers, u64::MAX).unwrap();
        for budget in 0..=most(&all) + 1 {
            let found = front.iter().rev().find(|combination| combination.crossbars <= budget);
            prop_assert_eq!(found, best(&all, budget), "budget {}", budget);
        }
        let falls = |pair: &[Combination]| pair[0].crossbars < pair[1].crossbars && pair[0].loss > pair[1].loss;
        prop_assert!(front.windows(2).all(falls));
    }

    #[test]
    fn a_budget_cuts_the_front_and_no_more(layers in with_ties(), budget in 0u64..40) {
        let whole = front(&layers, u64::MAX).unwrap();
        let within: Vec<Combination> = whole.into_iter().filter(|point| point.crossbars <= budget).collect();
        prop_assert_eq!(front(&layers, budget).unwrap(), within);
    }

    #[test]
    fn rounded_sums_are_least_too(
        layers in vec(vec((0u64..100, -1.0..1.0f64, -40i32..40), 1..4), 1..7),
        budget in 0u64..700,
    ) {
        // Losses of very different size, so that sums round.
        let choice = |&(crossbars, loss, exponent): &(u64, f64, i32)| Choice { crossbars, loss: loss * 2f64.powi(exponent) };
        let layers: Vec<Vec<Choice>> = layers.iter().map(|layer| layer.iter().map(choice).collect()).collect();
        let all = all(&layers);
        let counts = |combination: &Combination| (combination.crossbars, combination.loss);
        prop_assert_eq!(front(&layers, budget).unwrap().last().map(counts), best(&all, budget).map(counts));
    }
}

#[test]
fn by_hand() {
    let layer = |crossbars, loss| vec![Choice { crossbars: 10, loss: 0.0 }, Choice { crossbars, loss }];
    let front = front(&[layer(4, 0.5), layer(2, 0.25), layer(9, -0.125)], u64::MAX).unwrap();
    let points: Vec<(u64, f64, Vec<usize>)> =
        front.into_iter().map(|point| (point.crossbars, point.loss, point.choices)).collect();
    assert_eq!(
        points,
        [
            (15, 0.625, vec![1, 1, 1]),
            (21, 0.125, vec![0, 1, 1]),
            // 3D in the third layer is beaten: it takes more and loses more.
            (29, -0.125, vec![0, 0, 1]),
        ]
    );
}

#[test]
fn the_ends() {
    let nothing = Combination { crossbars: 0, loss: 0.0, choices: vec![] };
    assert_eq!(front(&[], 0).unwrap(), [nothing]);
    assert_eq!(front(&[vec![]], u64::MAX).unwrap(), [], "a layer without options");
    let huge = vec![Choice { crossbars: u64::MAX, loss: 0.0 }];
    assert_eq!(front(std::slice::from_ref(&huge), u64::MAX).unwrap().len(), 1);
    assert_eq!(front(&[huge.clone(), huge], u64::MAX - 1).unwrap(), []);
}

#[test]
fn more_combinations_than_memory_are_refused_unless_a_budget_cuts_them() {
    // Every subset is a point of the front.
    let layers: Vec<Vec<Choice>> = (0..40)
        .map(|bit| {
            let weight = 1u64 << bit;
            vec![Choice { crossbars: weight, loss: 0.0 }, Choice { crossbars: 0, loss: weight as f64 }]
        })
        .collect();
    let error = front(&layers, u64::MAX).unwrap_err();
    assert!(matches!(error, ExploreError::TooMany { .. }) && error.to_string().contains("give a budget"), "{error}");
    assert_eq!(front(&layers, 1000).unwrap().len(), 1001);
}
