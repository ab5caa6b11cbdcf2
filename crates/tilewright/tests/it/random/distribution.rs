//! Moments, distances from the distributions, tails, and the bulk numbers against the exact transform.

use tilewright::random::{Draws, Effect, Stream, philox4x32};

const COUNT: usize = 1 << 20;

fn draws(sample: u32) -> Draws {
    Draws::new(Stream { seed: 2026, layer: 0, crossbar: 0, effect: Effect::ReadNoise, sample })
}

fn bulk(count: usize) -> Vec<f64> {
    let mut numbers = vec![0.0; count];
    draws(0).fill_normal(&mut numbers);
    numbers.into_iter().map(f64::from).collect()
}

fn one_by_one(count: usize) -> Vec<f64> {
    let mut draws = draws(0);
    (0..count).map(|_| draws.normal()).collect()
}

fn mean(numbers: &[f64], of: impl Fn(f64) -> f64) -> f64 {
    numbers.iter().map(|&x| of(x)).sum::<f64>() / numbers.len() as f64
}

/// Distribution function of the standard normal distribution, to 1e-15: the series of Marsaglia 2004, "Evaluating the normal
/// distribution", section 2.
fn normal_cdf(x: f64) -> f64 {
    let (mut term, mut sum, mut step) = (x, x, 1.0);
    while sum + term != sum {
        step += 2.0;
        term *= x * x / step;
        sum += term;
    }
    0.5 + sum * (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

/// √n times the largest distance of the empirical from the true distribution function (Kolmogorov, Smirnov).
fn kolmogorov_smirnov(mut numbers: Vec<f64>, cdf: impl Fn(f64) -> f64) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let count = numbers.len() as f64;
    let distances = numbers.iter().enumerate().map(|(i, &x)| {
        let below = i as f64 / count;
        (cdf(x) - below).abs().max((below + 1.0 / count - cdf(x)).abs())
    });
    distances.fold(0.0, f64::max) * count.sqrt()
}

#[test]
fn the_distribution_function_of_this_test_is_right() {
    // Abramowitz and Stegun 1964, table 26.1.
    for (x, value) in
        [(0.0, 0.5), (1.0, 0.841_344_746_068_543), (2.0, 0.977_249_868_051_821), (-3.0, 0.001_349_898_031_630)]
    {
        assert!((normal_cdf(x) - value).abs() < 1e-14, "{x}");
    }
}

#[test]
fn uniform_numbers_are_uniform() {
    let mut draws = draws(1);
    let numbers: Vec<f64> = (0..COUNT).map(|_| draws.uniform()).collect();
    assert!(numbers.iter().all(|x| (0.0..1.0).contains(x)));
    // Four standard errors of each moment.
    let error = |variance: f64| 4.0 * (variance / COUNT as f64).sqrt();
    assert!((mean(&numbers, |x| x) - 0.5).abs() < error(1.0 / 12.0));
    assert!((mean(&numbers, |x| x * x) - 1.0 / 3.0).abs() < error(4.0 / 45.0));
    // 1.63: one sequence in a hundred is farther away.
    let distance = kolmogorov_smirnov(numbers, |x| x);
    assert!(distance < 1.63, "{distance}");
}

#[test]
fn normal_numbers_have_the_moments_of_a_normal_distribution() {
    for (name, numbers) in [("one by one", one_by_one(COUNT)), ("bulk", bulk(COUNT))] {
        // Moments 1 to 8 and their variances, E x^2k − (E x^k)².
        for (power, moment, variance) in
            [(1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0), (6, 15.0, 10_170.0), (8, 105.0, 2_016_000.0)]
        {
            let found = mean(&numbers, |x| x.powi(power));
            let error = (found - moment) / (variance / COUNT as f64).sqrt();
            assert!(error.abs() < 4.0, "{name}: moment {power} is {found}, {error:.1} standard errors off");
        }
    }
}

#[test]
fn normal_numbers_are_normal() {
    for (name, numbers) in [("one by one", one_by_one(COUNT)), ("bulk", bulk(COUNT))] {
        let distance = kolmogorov_smirnov(numbers, normal_cdf);
        assert!(distance < 1.63, "{name}: {distance}");
    }
}

#[test]
fn tails_are_as_full_as_they_should_be() {
    for (name, numbers) in [("one by one", one_by_one(4 * COUNT)), ("bulk", bulk(4 * COUNT))] {
        for limit in [2.0, 3.0, 4.0] {
            let expected = 2.0 * normal_cdf(-limit) * numbers.len() as f64;
            let found = numbers.iter().filter(|x| x.abs() > limit).count() as f64;
            assert!((found - expected).abs() < 4.0 * expected.sqrt(), "{name}: {found} beyond {limit}, not {expected}");
        }
    }
}

#[test]
fn neighbours_are_independent() {
    for (name, numbers) in [("one by one", one_by_one(COUNT)), ("bulk", bulk(COUNT))] {
        for distance in [1, 2, 3, 4, 16, 32, 64] {
            for (what, of) in [("values", (|x| x) as fn(f64) -> f64), ("squares", |x| (x * x - 1.0) / 2f64.sqrt())] {
                let products = numbers.iter().zip(&numbers[distance..]).map(|(&a, &b)| of(a) * of(b));
                let error = products.sum::<f64>() / ((COUNT - distance) as f64).sqrt();
                assert!(error.abs() < 4.5, "{name}: {what} {distance} apart correlate by {error} standard errors");
            }
        }
    }
}

/// The exact transform in the platform's functions of the words that the bulk numbers come from.
#[test]
fn bulk_numbers_are_the_exact_transform_of_their_words() {
    let numbers = bulk(COUNT);
    let mut worst = 0f64;
    for (group, numbers) in numbers.chunks(64).enumerate() {
        for block in 0..16 {
            let words = philox4x32([(16 * group + block) as u32, 0, 0, Effect::ReadNoise as u32], [2026, 0]);
            for pair in 0..2 {
                let (radius, angle) = (words[2 * pair], words[2 * pair + 1]);
                let uniform = (f64::from(radius >> 1) + 0.5) / 2f64.powi(31);
                let radius = (-2.0 * uniform.ln()).sqrt();
                let quarter = f64::from((angle << 2) as i32) / 2f64.powi(32) * std::f64::consts::FRAC_PI_2;
                let x = if angle >> 30 & 1 == 0 { quarter.cos() } else { -quarter.cos() };
                let (x, y) = if angle >> 31 == 0 { (x, quarter.sin()) } else { (quarter.sin(), x) };
                for (value, place) in [(x, 2 * pair), (y, 2 * pair + 1)] {
                    worst = worst.max((numbers[16 * place + block] - radius * value).abs());
                }
            }
        }
    }
    assert!(worst < 2e-6, "{worst:e}");
}
