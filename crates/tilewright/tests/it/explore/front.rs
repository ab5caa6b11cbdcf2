//! Fronts against comparing every point with every other.

use proptest::collection::vec;
use proptest::prelude::*;
use tilewright::explore::Front;

/// A point is on the front if no other one is at least as good in everything and better in something, or equal and before it.
fn compared_with_all(points: &[Vec<f64>]) -> Vec<usize> {
    let beaten = |place: usize| {
        let point = &points[place];
        points.iter().enumerate().any(|(other, values)| {
            let no_worse = values.iter().zip(point).all(|(value, than)| value <= than);
            no_worse && (values != point || other < place)
        })
    };
    (0..points.len()).filter(|&place| !beaten(place)).collect()
}

fn places(front: &Front<usize>) -> Vec<usize> {
    let mut places: Vec<usize> = front.points().map(|(_, &place)| place).collect();
    places.sort_unstable();
    places
}

proptest! {
    /// Few values an objective, so that there are ties; in any order, and in two halves that are merged.
    #[test]
    fn a_front_is_what_comparing_all_with_all_leaves(
        (points, order) in (1_usize..5).prop_flat_map(|objectives| vec(vec((0_u8..6).prop_map(f64::from), objectives), 0..60))
            .prop_flat_map(|points| {
                let order: Vec<usize> = (0..points.len()).collect();
                (Just(points), Just(order).prop_shuffle())
            }),
    ) {
        let expected = compared_with_all(&points);
        let (mut whole, mut halves) = (Front::new(), [Front::new(), Front::new()]);
        for &place in &order {
            let values = points[place].clone().into_boxed_slice();
            whole.offer(values.clone(), place);
            halves[place % 2].offer(values, place);
        }
        prop_assert_eq!(&places(&whole), &expected);
        let [mut even, odd] = halves;
        even.merge(odd);
        prop_assert_eq!(&places(&even), &expected);
        for point in &points {
            let beaten = points.iter().any(|other| other != point && other.iter().zip(point).all(|(a, b)| a <= b));
            prop_assert_eq!(whole.beats(point), beaten);
        }
    }
}

#[test]
fn zero_has_no_sign_and_infinity_is_a_value() {
    let mut front = Front::new();
    assert!(front.offer(Box::new([0.0, f64::INFINITY]), 1));
    assert!(!front.offer(Box::new([-0.0, f64::INFINITY]), 2), "the same values, a later key");
    assert!(front.offer(Box::new([0.0, 5.0]), 3));
    assert_eq!(places(&front), [3]);
}
