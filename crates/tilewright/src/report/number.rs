//! Numbers as people read them.

/// Separates groups of three digits: a narrow no-break space, as the SI brochure has it.
const SEPARATOR: char = '\u{202f}';

/// All digits of a count, in groups of three.
pub(super) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 * SEPARATOR.len_utf8());
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(SEPARATOR);
        }
        text.push(digit);
    }
    text
}

/// A count in three significant digits with k, M, G or T; exact below 10 000.
pub(super) fn short(count: u64) -> String {
    if count < 10_000 {
        return grouped(count);
    }
    let mut value = count as f64;
    let mut unit = 0;
    while value >= 999.5 && unit < 4 {
        value /= 1e3;
        unit += 1;
    }
    let decimals = if value < 9.995 { 2 } else { usize::from(value < 99.95) };
    format!("{value:.decimals$}{SEPARATOR}{}", ["", "k", "M", "G", "T"][unit])
}

/// A round count, one or two digits and zeros, with k, M, G or T.
pub(super) fn round(count: u64) -> String {
    let thousands = (0..4).take_while(|&power| count.is_multiple_of(1000u64.pow(power + 1)) && count > 0).count();
    let unit = ["", "k", "M", "G", "T"][thousands];
    let digits = grouped(count / 1000u64.pow(thousands as u32));
    if unit.is_empty() { digits } else { format!("{digits}{SEPARATOR}{unit}") }
}

/// A quantity in three significant digits, groups of three apart where it is large.
pub(super) fn quantity(value: f64) -> String {
    match value.abs() {
        0.0 => "0".into(),
        size if size >= 999.5 => grouped(value.round() as u64),
        size if size < 1e-4 => format!("{value:.2e}"),
        size => {
            let decimals = (2 - size.log10().floor() as i32).max(0) as usize;
            format!("{value:.decimals$}")
        }
    }
}

/// A ratio of 0 to 1, or a little more, as a percentage of three digits.
pub(super) fn percent(ratio: f64) -> String {
    let value = 100.0 * ratio;
    let decimals = if value < 9.995 && value > 0.0 { 2 } else { usize::from(value < 99.95) };
    format!("{value:.decimals$}{SEPARATOR}%")
}

/// A length in an SVG: at most two decimals, no trailing zeros.
pub(super) fn length(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.into() }
}

/// `height×width`; written for any pair `[height, width]`.
pub(super) fn size([height, width]: [usize; 2]) -> String {
    format!("{height}×{width}")
}

/// `count` of something, in the plural unless it is one.
pub(super) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_and_a_unit() {
        let written = [0, 9_999, 12_345, 999_499, 999_500, 1_234_567, 15_470_264_320, u64::MAX].map(short);
        let expected = ["0", "9 999", "12.3 k", "999 k", "1.00 M", "1.23 M", "15.5 G", "18446744 T"];
        assert_eq!(written.map(|text| text.replace(SEPARATOR, " ")), expected);
    }

    #[test]
    fn round_numbers_have_no_decimals() {
        let written = [0, 1, 20, 500, 1_000, 20_000, 5_000_000].map(round).map(|text| text.replace(SEPARATOR, " "));
        assert_eq!(written, ["0", "1", "20", "500", "1 k", "20 k", "5 M"]);
    }

    #[test]
    fn quantities_have_three_digits() {
        let written = [0.0, 0.012_345, 1.0, 12.345, 999.0, 1234.5, 1e-6].map(quantity);
        assert_eq!(
            written.map(|text| text.replace(SEPARATOR, " ")),
            ["0", "0.0123", "1.00", "12.3", "999", "1 235", "1.00e-6"]
        );
    }

    #[test]
    fn percentages_and_lengths() {
        let written = [0.0, 0.000_123, 0.1234, 0.9, 1.0].map(percent).map(|text| text.replace(SEPARATOR, " "));
        assert_eq!(written, ["0.0 %", "0.01 %", "12.3 %", "90.0 %", "100 %"]);
        assert_eq!([0.0, -0.001, 1.5, 2.0, 100.0, 0.333].map(length), ["0", "0", "1.5", "2", "100", "0.33"]);
    }
}
