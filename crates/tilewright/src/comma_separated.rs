//! Tables of comma-separated values that people and spreadsheets write.

/// The lines that hold something, with their numbers from 1; the mark that some programs put before them is left out.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.lines().enumerate().map(|(line, text)| (line + 1, text)).filter(|(_, text)| !text.trim().is_empty())
}

/// The values of a line, without blanks and quotes around them. Values have no commas of their own.
pub(crate) fn fields(line: &str) -> impl Iterator<Item = &str> {
    line.split(',').map(|field| field.trim().trim_matches('"').trim())
}
