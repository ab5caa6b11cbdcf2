//! Shares that people also write in percent.

/// Asks whether a percentage was meant where a share of 0 to 1 is expected: `; did you mean 0.05 for 5 %?`. Nothing for what is none.
pub(crate) fn offer(found: f64) -> String {
    if found > 1.0 && found <= 100.0 {
        format!("; did you mean {} for {found} %?", found / 100.0)
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_percentages_are_asked_about() {
        assert_eq!(offer(5.0), "; did you mean 0.05 for 5 %?");
        assert_eq!(offer(100.0), "; did you mean 1 for 100 %?");
        for found in [-5.0, 0.5, 101.0, f64::NAN, f64::INFINITY] {
            assert_eq!(offer(found), "");
        }
    }
}
