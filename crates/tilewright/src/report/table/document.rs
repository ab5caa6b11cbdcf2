//! A result as a reader gets it.

use super::Table;

/// Text or a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Lines; where a reader's width is limited, they are broken at blanks.
    Lines(String),
    /// A table.
    Table(Table),
}

/// What makes a text when it is asked for.
type Made<'a> = Box<dyn Fn() -> String + 'a>;

/// A result: what people read, in order, and what programs are given.
#[derive(Default)]
pub struct Document<'a> {
    /// What it is about, where a page needs a title.
    pub title: String,
    /// What people read.
    pub parts: Vec<Part>,
    /// What spreadsheets are given, where that is not the one table of the parts.
    pub data: Option<Table>,
    /// The JSON, where that is richer than the rows.
    pub json: Option<Made<'a>>,
    /// A page of HTML that has more than text and tables.
    pub page: Option<Made<'a>>,
}

impl<'a> Document<'a> {
    /// A result without parts.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    /// The same result with lines after its parts, if there are any.
    pub fn lines(mut self, lines: impl Into<String>) -> Self {
        let lines = lines.into();
        if !lines.is_empty() {
            self.parts.push(Part::Lines(lines));
        }
        self
    }

    /// The same result with a table after its parts.
    pub fn table(mut self, table: Table) -> Self {
        self.parts.push(Part::Table(table));
        self
    }

    /// The same result with rows of its own for spreadsheets.
    pub fn data(mut self, data: Table) -> Self {
        self.data = Some(data);
        self
    }

    /// The same result with a JSON of its own.
    pub fn json(mut self, json: impl Fn() -> String + 'a) -> Self {
        self.json = Some(Box::new(json));
        self
    }

    /// The same result with a page of its own.
    pub fn page(mut self, page: impl Fn() -> String + 'a) -> Self {
        self.page = Some(Box::new(page));
        self
    }

    /// The tables of the parts.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.parts.iter().filter_map(|part| match part {
            Part::Table(table) => Some(table),
            Part::Lines(_) => None,
        })
    }

    /// The rows that programs are given: those set for them, or the first table.
    pub fn rows(&self) -> Option<&Table> {
        self.data.as_ref().or_else(|| self.tables().next())
    }
}
