//! Numbers and lines as people read them in text.

/// The same lines, broken at blanks where they are wider than the terminal.
pub fn wrap(text: &str, width: Option<usize>) -> String {
    let Some(width) = width else { return text.into() };
    let mut wrapped = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let mut length = 0;
        for word in line.split_inclusive(' ') {
            let word_length = word.trim_end().chars().count();
            if length > 0 && length + word_length > width {
                wrapped.truncate(wrapped.trim_end_matches(' ').len());
                wrapped.push('\n');
                length = 0;
            }
            wrapped.push_str(word);
            length += word.chars().count();
        }
    }
    wrapped
}

/// A number with thousands apart: 70401 → 70,401.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A part of a whole, such as 48.8%; what is not nothing is never written as 0.
pub fn percent(part: f64) -> String {
    match part * 100.0 {
        0.0 => "0%".into(),
        percent if percent.abs() < 0.05 => format!("{percent:.3}%"),
        percent => format!("{percent:.1}%"),
    }
}

/// A share of images with as many digits as ten thousand of them have: 90.95%.
pub fn hundredths(share: f64) -> String {
    format!("{:.2}%", 100.0 * share)
}

/// A number and its noun: 1 layer, 2 layers.
pub fn counted(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", thousands(number), if number == 1 { "" } else { "s" })
}

/// Four significant digits at most, thousands apart.
pub fn number(value: f64) -> String {
    match value.abs() {
        0.0 => "0".into(),
        size if !(1e-4..1e15).contains(&size) => format!("{value:.2e}"),
        size if size >= 999.5 => {
            let sign = if value < 0.0 { "-" } else { "" };
            format!("{sign}{}", thousands(size.round() as u64))
        }
        size => {
            let decimals = (3 - size.log10().floor() as i32).max(0) as usize;
            let text = format!("{value:.decimals$}");
            if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_break_at_blanks() {
        let text = "one two three\n\nfour\n";
        assert_eq!(wrap(text, Some(8)), "one two\nthree\n\nfour\n");
        assert_eq!(wrap(text, Some(2)), "one\ntwo\nthree\n\nfour\n");
        assert_eq!(wrap(text, None), text);
    }

    #[test]
    fn numbers_for_people() {
        assert_eq!([0, 999, 1000, 70401, 1_234_567].map(thousands), ["0", "999", "1,000", "70,401", "1,234,567"]);
        assert_eq!([0.0, 0.0001, 0.25, 1.0, -0.5].map(percent), ["0%", "0.010%", "25.0%", "100.0%", "-50.0%"]);
        assert_eq!([0.0, 0.9095, 1.0].map(hundredths), ["0.00%", "90.95%", "100.00%"]);
        assert_eq!([counted(1, "layer"), counted(2, "layer")], ["1 layer", "2 layers"]);
        let written = [0.0, 0.000_012_3, 0.012_345, 1.0, 12.345, 123.45, 1234.5, 1e9, -1234.5].map(number);
        assert_eq!(written, ["0", "1.23e-5", "0.01235", "1", "12.35", "123.5", "1,235", "1,000,000,000", "-1,235"]);
    }
}
