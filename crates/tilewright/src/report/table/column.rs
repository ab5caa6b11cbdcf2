//! A column: what it is called and what its values are.

/// What the values of a column are, and so how people read them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Words, on the left.
    Words,
    /// Whole numbers, thousands apart.
    Whole,
    /// Numbers of a row or a setting, as they are.
    Exact,
    /// Quantities, to four significant digits.
    Quantity,
    /// Parts of a whole, in percent.
    Share,
    /// Shares of images, in percent to the hundredth.
    Rate,
    /// Numbers with so many decimals.
    Fixed(usize),
    /// Small numbers in powers of ten.
    Power,
}

/// A column of a [`Table`](super::Table).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name in CSV and JSON; none where only people see it.
    pub key: Option<&'static str>,
    /// Its name for people, who find the unit in it; none where only programs see it.
    pub title: Option<&'static str>,
    /// What its values are.
    pub kind: Kind,
    /// Columns that a narrow terminal hides, the greatest first; 0 is never hidden.
    pub rank: u8,
    /// What this column and those after it without a heading have in common.
    pub heading: Option<String>,
}

impl Column {
    /// A column for people and programs.
    pub const fn new(kind: Kind, key: &'static str, title: &'static str) -> Self {
        Self { key: Some(key), title: Some(title), kind, rank: 0, heading: None }
    }

    /// A column that only people see.
    pub const fn shown(kind: Kind, title: &'static str) -> Self {
        Self { key: None, title: Some(title), kind, rank: 0, heading: None }
    }

    /// A column that only programs see.
    pub const fn data(key: &'static str) -> Self {
        Self { key: Some(key), title: None, kind: Kind::Exact, rank: 0, heading: None }
    }

    /// The same column, hidden where a terminal is too narrow, columns of a greater `rank` before others.
    pub const fn hidden_at(mut self, rank: u8) -> Self {
        self.rank = rank;
        self
    }

    /// The same column under a heading; the next columns without one belong to it too.
    pub fn under(mut self, heading: impl Into<String>) -> Self {
        self.heading = Some(heading.into());
        self
    }

    /// The title in one line: terminals break long ones.
    pub fn line(&self) -> String {
        self.title.unwrap_or_default().replace("-\n", "").replace('\n', " ")
    }

    /// Whether values are aligned on the right.
    pub(super) fn is_number(&self) -> bool {
        self.kind != Kind::Words
    }
}

/// The titles of the columns in one line, with their heading where one covers them.
pub(super) fn titles(columns: &[super::Column], shown: &[usize]) -> Vec<String> {
    let mut heading = "";
    let title = |&place: &usize| {
        let column = &columns[place];
        heading = column.heading.as_deref().unwrap_or(heading);
        if heading.is_empty() { column.line() } else { format!("{heading}: {}", column.line()) }
    };
    shown.iter().map(title).collect()
}
