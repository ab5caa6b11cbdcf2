//! LaTeX: tables with the rules of the package `booktabs`, in the encoding UTF-8.

use super::column::titles;
use super::{Document, Part, Table, Value};

pub(super) fn render(document: &Document<'_>, _: Option<usize>) -> String {
    let parts = document.parts.iter().map(|part| match part {
        Part::Lines(lines) => lines.trim().lines().map(escaped).collect::<Vec<_>>().join("\\\\\n") + "\n",
        Part::Table(table) => rows(table),
    });
    "% \\usepackage{booktabs,textcomp}\n".to_owned() + &parts.collect::<Vec<_>>().join("\n")
}

fn rows(table: &Table) -> String {
    let shown = table.shown();
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| escaped(cell)).collect();
        // Braces: a row that begins with [ would be taken for the space before it.
        format!("  {{{}}} \\\\\n", cells.join("} & {"))
    };
    let sides: String = shown.iter().map(|&at| if table.columns[at].is_number() { 'r' } else { 'l' }).collect();
    let words = table.words(&shown, Value::in_text);
    let (rows, total) = words.split_at(table.rows.len());
    let mut text = format!("\\begin{{tabular}}{{{sides}}}\n  \\toprule\n");
    text.push_str(&line(&titles(&table.columns, &shown)));
    text.push_str("  \\midrule\n");
    rows.iter().for_each(|row| text.push_str(&line(row)));
    for row in total {
        text.push_str("  \\midrule\n");
        text.push_str(&line(row));
    }
    text + "  \\bottomrule\n\\end{tabular}\n"
}

/// Text that stays text: the ten characters of TeX's own, and those that fonts without Unicode lack.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' => safe.push_str("\\textbackslash{}"),
            '~' => safe.push_str("\\textasciitilde{}"),
            '^' => safe.push_str("\\textasciicircum{}"),
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => safe.extend(['\\', character]),
            '<' => safe.push_str("\\textless{}"),
            '>' => safe.push_str("\\textgreater{}"),
            '|' => safe.push_str("\\textbar{}"),
            '"' => safe.push_str("\\textquotedbl{}"),
            '×' => safe.push_str("$\\times$"),
            '→' => safe.push_str("$\\to$"),
            '±' => safe.push_str("$\\pm$"),
            '·' => safe.push_str("$\\cdot$"),
            '²' => safe.push_str("$^2$"),
            'µ' => safe.push_str("\\textmu{}"),
            '–' => safe.push_str("--"),
            '…' => safe.push_str("\\dots{}"),
            '\u{202f}' => safe.push_str("\\,"),
            '\n' | '\r' => safe.push(' '),
            _ => safe.push(character),
        }
    }
    safe
}
