//! Text for a terminal: numbers to the right, a rule below the header and above the total, no wider than the terminal.

use super::{Document, Part, Table, Value, wrap};
use unicode_width::UnicodeWidthStr;

const GAP: &str = "  ";

pub(super) fn render(document: &Document<'_>, width: Option<usize>) -> String {
    let parts = document.parts.iter().map(|part| match part {
        Part::Lines(lines) => wrap(lines, width),
        Part::Table(table) => rows(table, width),
    });
    parts.collect::<Vec<_>>().join("\n")
}

pub(super) fn fits(table: &Table, width: Option<usize>) -> bool {
    width.is_none_or(|width| line_width(&widths(&grid(table, &table.shown()))) <= width)
}

/// The table as lines, and a line naming the columns it had to hide.
fn rows(table: &Table, width: Option<usize>) -> String {
    let mut shown = table.shown();
    let mut hidden = vec![];
    while let Some(width) = width
        && line_width(&widths(&grid(table, &shown))) > width
        && let Some(&next) = shown.iter().max_by_key(|&&place| table.columns[place].rank)
        && table.columns[next].rank > 0
    {
        shown.retain(|&place| place != next);
        hidden.push(next);
    }
    let mut text = drawn(table, &shown);
    if !hidden.is_empty() {
        hidden.sort_unstable();
        let names: Vec<String> = hidden.iter().map(|&place| table.columns[place].line()).collect();
        text.push_str(&wrap(&format!("\nNot shown for want of width: {}.\n", names.join(", ")), width));
    }
    text
}

/// Lines of titles, then the rows, then the total, as cells.
struct Grid {
    titles: Vec<Vec<String>>,
    rows: Vec<Vec<String>>,
}

fn grid(table: &Table, shown: &[usize]) -> Grid {
    let titles: Vec<Vec<&str>> =
        shown.iter().map(|&place| table.columns[place].title.unwrap_or_default().split('\n').collect()).collect();
    let height = titles.iter().map(Vec::len).max().unwrap_or(0);
    let line = |at: usize| titles.iter().map(|title| title.get(at).copied().unwrap_or_default().to_owned()).collect();
    Grid { titles: (0..height).map(line).collect(), rows: table.words(shown, Value::in_text) }
}

fn widths(grid: &Grid) -> Vec<usize> {
    let lines = || grid.titles.iter().chain(&grid.rows);
    let columns = lines().next().map_or(0, Vec::len);
    (0..columns).map(|place| lines().map(|cells| cells[place].width()).max().unwrap_or(0)).collect()
}

fn line_width(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>() + GAP.len() * widths.len().saturating_sub(1)
}

fn drawn(table: &Table, shown: &[usize]) -> String {
    let grid = grid(table, shown);
    let widths = widths(&grid);
    let line = |cells: &Vec<String>| {
        let padded = cells.iter().zip(&widths).zip(shown).map(|((cell, &width), &place)| {
            let gap = " ".repeat(width - cell.width());
            if table.columns[place].is_number() { gap + cell } else { cell.clone() + &gap }
        });
        padded.collect::<Vec<_>>().join(GAP).trim_end().to_owned() + "\n"
    };
    let rule = line(&widths.iter().map(|&width| "─".repeat(width)).collect());
    let (rows, total) = grid.rows.split_at(table.rows.len());
    let mut text = headings(table, shown, &widths);
    text.extend(grid.titles.iter().map(line));
    text.push_str(&rule);
    text.extend(rows.iter().map(line));
    for cells in total {
        text.push_str(&rule);
        text.push_str(&line(cells));
    }
    text
}

/// The headings over their first columns, or nothing.
fn headings(table: &Table, shown: &[usize], widths: &[usize]) -> String {
    let mut line = String::new();
    let mut start = 0;
    for (&place, width) in shown.iter().zip(widths) {
        if let Some(heading) = &table.columns[place].heading {
            line.push_str(&" ".repeat(usize::saturating_sub(start, line.width())));
            line.push_str(heading);
        }
        start += width + GAP.len();
    }
    if line.is_empty() { line } else { format!("{line}\n") }
}

#[cfg(test)]
mod tests {
    use super::super::{Column, Kind};
    use super::*;

    #[test]
    fn a_narrow_terminal_hides_columns_and_says_which() {
        let mut example = Table::new(vec![
            Column::shown(Kind::Words, "layer"),
            Column::shown(Kind::Whole, "crossbars"),
            Column::shown(Kind::Words, "note").hidden_at(1),
        ]);
        example.row(["conv1".into(), Value::Whole(4096), "a long remark".into()]);
        example.total(["total".into(), Value::Whole(4096), Value::Blank]);
        let wide = "\
layer  crossbars  note
─────  ─────────  ─────────────
conv1      4,096  a long remark
─────  ─────────  ─────────────
total      4,096
";
        assert_eq!(rows(&example, None), wide);
        assert_eq!(rows(&example, Some(31)), wide);
        let narrow = rows(&example, Some(30));
        assert!(narrow.starts_with("layer  crossbars\n"), "{narrow}");
        assert!(narrow.ends_with("\nNot shown for want of width:\nnote.\n"), "{narrow}");
    }
}
