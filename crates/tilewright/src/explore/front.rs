//! Which of many points no other one beats (the Pareto front).

/// What makes a point good, one number an objective, less being better; no NaN.
pub type Values = Box<[f64]>;

/// The points so far that no other one beats, as they come: at least as good in every objective and better in one beats.
///
/// Of points that are equal in every objective the one with the least key stays, so that the front does not depend on the order
/// in which points come.
#[derive(Clone, Debug, Default)]
pub struct Front<K> {
    /// Sorted by values, in the order of objectives: whatever beats a point stands before it.
    points: Vec<(Values, K)>,
}

impl<K: Ord> Front<K> {
    /// Without a point.
    pub const fn new() -> Self {
        Self { points: Vec::new() }
    }

    /// Offers a point and tells whether it is on the front now.
    ///
    /// # Panics
    /// If a value is NaN, or there are not as many values as before.
    pub fn offer(&mut self, values: Values, key: K) -> bool {
        assert!(!values.iter().any(|value| value.is_nan()), "a value of a point is NaN");
        let place = self.points.partition_point(|(other, _)| order(other, &values).is_lt());
        if let Some((equal, held)) = self.points.get_mut(place)
            && *equal == values
        {
            let first = key < *held;
            if first {
                *held = key;
            }
            return first;
        }
        if self.points[..place].iter().any(|(other, _)| no_worse(other, &values)) {
            return false;
        }
        let mut at = 0;
        self.points.retain(|(other, _)| {
            at += 1;
            at <= place || !no_worse(&values, other)
        });
        self.points.insert(place, (values, key));
        true
    }

    /// Offers all points of another front.
    pub fn merge(&mut self, other: Self) {
        for (values, key) in other.points {
            self.offer(values, key);
        }
    }

    /// The points, least in the first objective first.
    pub fn points(&self) -> impl ExactSizeIterator<Item = (&[f64], &K)> {
        self.points.iter().map(|(values, key)| (&**values, key))
    }

    /// Whether some point is at least as good as these values in every objective and better in one.
    pub fn beats(&self, values: &[f64]) -> bool {
        self.points.iter().any(|(other, _)| no_worse(other, values) && **other != *values)
    }
}

/// Whether values are at least as good in every objective.
fn no_worse(values: &[f64], than: &[f64]) -> bool {
    assert_eq!(values.len(), than.len(), "points of one front have the same objectives");
    values.iter().zip(than).all(|(value, than)| value <= than)
}

fn order(a: &[f64], b: &[f64]) -> std::cmp::Ordering {
    // −0 and 0 are one value.
    a.iter()
        .zip(b)
        .map(|(a, b)| (a + 0.0).total_cmp(&(b + 0.0)))
        .find(|order| order.is_ne())
        .unwrap_or_else(|| a.len().cmp(&b.len()))
}
