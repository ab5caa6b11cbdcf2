//! One digital factor for each crossbar, which undoes what drift does to all of its cells alike: global drift compensation.
//!
//! The rows are driven one by one, and the mean magnitude of all channels just after programming is divided by that of now. Both are taken
//! as read often enough that the noise of reads averages out.
//!
//! Source: Joshi et al. 2020, doi 10.1038/s41467-020-16108-9; AIHWKIT's `GlobalDriftCompensation`.

/// What the currents of a crossbar are multiplied by, of its currents `[row][channel]` just after programming and now; 1 where there is
/// nothing to measure.
pub(super) fn factor(programmed: &[f32], now: &[f32]) -> f64 {
    let magnitude = |currents: &[f32]| currents.iter().map(|&current| f64::from(current.abs())).sum::<f64>();
    let [programmed, now] = [programmed, now].map(magnitude);
    if programmed > 0.0 && now > 0.0 { programmed / now } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::factor;

    #[test]
    fn magnitudes_are_compared() {
        assert_eq!(factor(&[1.0, -2.0, 3.0], &[0.5, -1.5, 1.0]), 2.0);
        assert_eq!(factor(&[0.0, 0.0], &[0.0, 0.0]), 1.0);
        assert_eq!(factor(&[1.0], &[0.0]), 1.0);
    }
}
