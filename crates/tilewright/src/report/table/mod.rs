//! The only table: typed values under columns, and a renderer a format.
//!
//! A [`Table`] says what its values are; a [`Format`] says how they are written. People are shown titles and rounded numbers,
//! programs keys and exact ones, and a column may be for one of them alone. A [`Document`] is a result as a reader gets it:
//! text and tables in order, the rows that a spreadsheet reads, and a richer JSON or page where there is one.
//!
//! # Adding a format
//! 1. One file here with a function from a [`Document`] to text.
//! 2. One line in [`FORMATS`].

mod bits;
mod column;
mod csv;
mod document;
mod html;
mod json;
mod latex;
mod markdown;
mod text;
mod value;
mod words;

pub use bits::{bits_of, of_bits};
pub use column::{Column, Kind};
pub use csv::rows;
pub use document::{Document, Part};
pub use html::{notebook, scrolling};
pub use value::Value;
pub use words::{counted, hundredths, number, percent, thousands, wrap};

/// Rows of values under columns, and perhaps a total.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// What the table is of; renderers that have a place for it write it.
    pub caption: String,
    columns: Vec<Column>,
    rows: Vec<Vec<Value>>,
    total: Option<Vec<Value>>,
}

impl Table {
    /// A table without rows.
    pub const fn new(columns: Vec<Column>) -> Self {
        Self { caption: String::new(), columns, rows: vec![], total: None }
    }

    /// The same table with a caption.
    pub fn captioned(mut self, caption: impl Into<String>) -> Self {
        self.caption = caption.into();
        self
    }

    /// Appends a row.
    ///
    /// # Panics
    /// If there are not as many values as columns.
    pub fn row(&mut self, values: impl IntoIterator<Item = Value>) {
        let values: Vec<Value> = values.into_iter().collect();
        assert_eq!(values.len(), self.columns.len(), "a value a column");
        self.rows.push(values);
    }

    /// Sets the last row, which programs are not given: they add up themselves.
    ///
    /// # Panics
    /// If there are not as many values as columns.
    pub fn total(&mut self, values: impl IntoIterator<Item = Value>) {
        let values: Vec<Value> = values.into_iter().collect();
        assert_eq!(values.len(), self.columns.len(), "a value a column");
        self.total = Some(values);
    }

    /// The columns, those of people and of programs.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The rows without the total.
    pub fn rows(&self) -> &[Vec<Value>] {
        &self.rows
    }

    /// Whether it keeps to a number of terminal columns without hiding one of its own.
    pub fn fits(&self, width: Option<usize>) -> bool {
        text::fits(self, width)
    }

    /// Places of the columns that people see.
    fn shown(&self) -> Vec<usize> {
        (0..self.columns.len()).filter(|&place| self.columns[place].title.is_some()).collect()
    }

    /// Columns that programs see: their places and keys.
    fn keyed(&self) -> impl Iterator<Item = (usize, &str)> {
        self.columns.iter().enumerate().filter_map(|(place, column)| Some((place, column.key?)))
    }

    /// What people read of some columns of the rows, the total after them.
    fn words(&self, shown: &[usize], write: fn(Kind, &Value) -> String) -> Vec<Vec<String>> {
        let cells = |row: &Vec<Value>| shown.iter().map(|&at| write(self.columns[at].kind, &row[at])).collect();
        self.rows.iter().chain(&self.total).map(cells).collect()
    }
}

/// Who a format is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// People: the text and the tables.
    People,
    /// Programs that take a document of nested values.
    Programs,
    /// Spreadsheets and data frames: rows and nothing else.
    Spreadsheets,
}

/// A form of a result.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// What it is called.
    pub name: &'static str,
    /// Whom it is for, in a few words.
    pub about: &'static str,
    /// Whom it is for.
    pub reader: Reader,
    /// Writes a result; the number is of terminal columns, where they are limited.
    pub render: fn(&Document<'_>, Option<usize>) -> String,
}

impl PartialEq for Format {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// Every form of a result, the one for a terminal first.
pub const FORMATS: &[Format] = &[
    Format { name: "table", about: "for people", reader: Reader::People, render: text::render },
    Format { name: "json", about: "for programs; documented", reader: Reader::Programs, render: json::render },
    Format { name: "csv", about: "for spreadsheets", reader: Reader::Spreadsheets, render: csv::render },
    Format { name: "markdown", about: "for notes and issues", reader: Reader::People, render: markdown::render },
    Format { name: "latex", about: "for papers, with booktabs", reader: Reader::People, render: latex::render },
    Format { name: "html", about: "one self-contained page", reader: Reader::People, render: html::render },
];

impl Format {
    /// The format of a name.
    pub fn find(name: &str) -> Option<&'static Self> {
        FORMATS.iter().find(|format| format.name == name)
    }
}
