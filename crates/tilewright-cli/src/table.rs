//! Tables for people: numbers to the right, a rule below the header and above the total, no wider than the terminal.

use comfy_table::{CellAlignment, Table as Grid};
use std::fmt::Write;
use std::io::{self, IsTerminal};

/// A column of a [`Table`].
#[derive(Clone, Debug)]
pub(crate) struct Column {
    title: &'static str,
    alignment: CellAlignment,
    /// Columns that a narrow terminal hides, the greatest first; 0 is never hidden.
    hide: u8,
    /// What this column and those after it with the same heading have in common.
    heading: Option<String>,
}

impl Column {
    /// A column of words.
    pub(crate) const fn text(title: &'static str) -> Self {
        Self { title, alignment: CellAlignment::Left, hide: 0, heading: None }
    }

    /// A column of numbers.
    pub(crate) const fn number(title: &'static str) -> Self {
        Self { title, alignment: CellAlignment::Right, hide: 0, heading: None }
    }

    /// Hidden where the terminal is too narrow, columns of a greater `rank` before others.
    pub(crate) const fn hidden_at(mut self, rank: u8) -> Self {
        self.hide = rank;
        self
    }

    /// Under a heading of its own; the next columns without one belong to it too.
    pub(crate) fn under(mut self, heading: &str) -> Self {
        self.heading = Some(heading.into());
        self
    }
}

/// Rows under columns, and perhaps a total.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
    total: Option<Vec<String>>,
}

const GAP: &str = "  ";

impl Table {
    /// A table without rows.
    pub(crate) const fn new(columns: Vec<Column>) -> Self {
        Self { columns, rows: vec![], total: None }
    }

    /// Appends a row of as many cells as there are columns.
    pub(crate) fn row(&mut self, cells: Vec<String>) {
        debug_assert_eq!(cells.len(), self.columns.len());
        self.rows.push(cells);
    }

    /// Sets the last row, below a rule.
    pub(crate) fn total(&mut self, cells: Vec<String>) {
        debug_assert_eq!(cells.len(), self.columns.len());
        self.total = Some(cells);
    }

    /// Whether it keeps to a width without hiding a column.
    pub(crate) fn fits(&self, width: Option<usize>) -> bool {
        let all: Vec<usize> = (0..self.columns.len()).collect();
        width.is_none_or(|width| line_width(&self.widths(&all)) <= width)
    }

    /// The table as lines of text, and a line naming the columns it had to hide.
    pub(crate) fn render(&self, width: Option<usize>) -> String {
        let mut shown: Vec<usize> = (0..self.columns.len()).collect();
        let mut hidden: Vec<usize> = vec![];
        while let Some(width) = width
            && line_width(&self.widths(&shown)) > width
            && let Some(&next) = shown.iter().max_by_key(|&&column| self.columns[column].hide)
            && self.columns[next].hide > 0
        {
            shown.retain(|&column| column != next);
            hidden.push(next);
        }
        let mut text = self.headings(&shown);
        text.push_str(&self.grid(&shown));
        if !hidden.is_empty() {
            hidden.sort_unstable();
            let names: Vec<&str> = hidden.iter().map(|&column| self.columns[column].title).collect();
            let names = names.join(", ").replace("-\n", "").replace('\n', " ");
            let note = format!("\nNot shown for want of width: {names}.\n");
            text.push_str(&wrap(&note, width));
        }
        text
    }

    fn widths(&self, shown: &[usize]) -> Vec<usize> {
        self.bare(shown).column_max_content_widths().into_iter().map(usize::from).collect()
    }

    /// The cells of some columns, without rules.
    fn bare(&self, shown: &[usize]) -> Grid {
        let pick = |cells: &[String]| shown.iter().map(|&column| cells[column].clone()).collect::<Vec<_>>();
        let mut grid = Grid::new();
        grid.set_header(shown.iter().map(|&column| self.columns[column].title).collect::<Vec<_>>());
        for cells in self.rows.iter().chain(&self.total) {
            grid.add_row(pick(cells));
        }
        grid
    }

    fn grid(&self, shown: &[usize]) -> String {
        let widths = self.widths(shown);
        let rule: Vec<String> = widths.iter().map(|&width| "─".repeat(width)).collect();
        let pick = |cells: &Vec<String>| shown.iter().map(|&column| cells[column].clone()).collect::<Vec<_>>();
        let mut grid = Grid::new();
        grid.load_style(comfy_table::presets::NOTHING);
        grid.set_header(shown.iter().map(|&column| self.columns[column].title).collect::<Vec<_>>());
        grid.add_row(rule.clone());
        for cells in &self.rows {
            grid.add_row(pick(cells));
        }
        if let Some(total) = &self.total {
            grid.add_row(rule);
            grid.add_row(pick(total));
        }
        for (place, &column) in shown.iter().enumerate() {
            let drawn = grid.column_mut(place).expect("a column per shown one");
            drawn.set_padding((0, GAP.len() as u16));
            drawn.set_cell_alignment(self.columns[column].alignment);
        }
        grid.lines().fold(String::new(), |mut text, line| {
            let _ = writeln!(text, "{}", line.trim_end());
            text
        })
    }

    /// The headings over their first columns, or nothing.
    fn headings(&self, shown: &[usize]) -> String {
        let mut line = String::new();
        let mut start = 0;
        for (place, width) in self.widths(shown).into_iter().enumerate() {
            if let Some(heading) = &self.columns[shown[place]].heading {
                let missing = start.max(line.chars().count()) - line.chars().count();
                let _ = write!(line, "{}{heading}", " ".repeat(missing));
            }
            start += width + GAP.len();
        }
        if line.is_empty() { line } else { format!("{line}\n") }
    }
}

fn line_width(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>() + GAP.len() * widths.len().saturating_sub(1)
}

/// Columns of the terminal that results go to; `None` if they go elsewhere, where no width is too great.
///
/// `COLUMNS`, where it is set, says otherwise, as it does for other commands.
pub(crate) fn width() -> Option<usize> {
    let set = std::env::var("COLUMNS").ok().and_then(|columns| columns.trim().parse().ok());
    set.filter(|&columns| columns > 0).or_else(|| {
        let size = io::stdout().is_terminal().then(terminal_size::terminal_size).flatten();
        size.map(|(width, _)| usize::from(width.0))
    })
}

/// The same lines, broken at blanks where they are wider than the terminal.
pub(crate) fn wrap(text: &str, width: Option<usize>) -> String {
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
pub(crate) fn thousands(number: u64) -> String {
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
pub(crate) fn percent(part: f64) -> String {
    match part * 100.0 {
        0.0 => "0%".into(),
        percent if percent.abs() < 0.05 => format!("{percent:.3}%"),
        percent => format!("{percent:.1}%"),
    }
}

/// A share of images with as many digits as ten thousand of them have: 90.95%.
pub(crate) fn hundredths(share: f64) -> String {
    format!("{:.2}%", 100.0 * share)
}

/// A number and its noun: 1 layer, 2 layers.
pub(crate) fn counted(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", thousands(number), if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Table {
        let mut table =
            Table::new(vec![Column::text("layer"), Column::number("crossbars"), Column::text("note").hidden_at(1)]);
        table.row(vec!["conv1".into(), "4,096".into(), "a long remark".into()]);
        table.total(vec!["total".into(), "4,096".into(), String::new()]);
        table
    }

    #[test]
    fn a_narrow_terminal_hides_columns_and_says_which() {
        let wide = "\
layer  crossbars  note
─────  ─────────  ─────────────
conv1      4,096  a long remark
─────  ─────────  ─────────────
total      4,096
";
        assert_eq!(example().render(None), wide);
        assert_eq!(example().render(Some(31)), wide);
        let narrow = example().render(Some(30));
        assert!(narrow.starts_with("layer  crossbars\n"), "{narrow}");
        assert!(narrow.ends_with("\nNot shown for want of width:\nnote.\n"), "{narrow}");
    }

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
    }
}
