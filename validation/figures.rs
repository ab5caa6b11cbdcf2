//! Published figures beside ours, as a page of the documentation: written from what the tests assert, and held against it.

use std::fmt::Write;
use std::fs;
use std::path::Path;

/// A number that was published, and the one that is computed here.
pub(crate) struct Figure {
    /// What it is of, with its unit.
    pub what: String,
    /// What the publication says before the number: nothing where it is exact, or "about" or "under".
    pub relation: &'static str,
    /// As published.
    pub published: f64,
    /// As computed.
    pub ours: f64,
}

impl Figure {
    /// A figure that is printed as a number.
    pub(crate) fn new(what: impl Into<String>, published: f64, ours: f64) -> Self {
        Self { what: what.into(), relation: "", published, ours }
    }

    /// By how much ours is above the published one.
    pub(crate) fn off(&self) -> f64 {
        self.ours / self.published - 1.0
    }

    /// # Panics
    /// If it is off by more than a share of the published figure.
    pub(crate) fn assert_within(&self, tolerance: f64) {
        let Self { what, published, ours, .. } = self;
        println!("{what}: {ours:.5}, published {published} ({:+.2} %)", 100.0 * self.off());
        assert!(self.off().abs() <= tolerance, "{what}: {ours}, published {published}");
    }

    fn row(&self) -> String {
        let off = match (self.relation, self.off()) {
            ("", 0.0) => "equal".into(),
            ("", off) => percent(off),
            _ => String::new(),
        };
        let Self { what, relation, published, ours } = self;
        let relation = if relation.is_empty() { String::new() } else { format!("{relation} ") };
        format!("| {what} | {relation}{} | {} | {off} |\n", number(*published), number(*ours))
    }
}

/// A whole number with all of its digits, any other with four.
fn number(value: f64) -> String {
    let decimals = if value.fract() == 0.0 { 0.0 } else { (3.0 - value.abs().log10().floor()).max(0.0) };
    let text = format!("{value:.*}", decimals as usize);
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let groups: Vec<_> = whole.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{}{point}{fraction}", groups.join(" "))
}

/// A share as a percentage with its sign.
fn percent(share: f64) -> String {
    let text = format!("{:+.1} %", 100.0 * share);
    if text == "-0.0 %" { "+0.0 %".into() } else { text.replace('-', "−") }
}

/// What is compared with one publication.
pub(crate) struct Publication {
    /// Heading.
    pub title: &'static str,
    /// What was compared, in a sentence or two, with what is not met.
    pub about: &'static str,
    /// Citation, as BibTeX.
    pub citation: &'static str,
    /// In the order of the page.
    pub figures: Vec<Figure>,
}

impl Publication {
    fn section(&self) -> String {
        let mut text =
            format!("\n## {}\n\n{}\n\n| | published | ours | off by |\n|---|---|---|---|\n", self.title, self.about);
        self.figures.iter().for_each(|figure| text.push_str(&figure.row()));
        let _ = write!(text, "\n??? quote \"Citation\"\n\n    ```bibtex\n");
        for line in self.citation.trim_end().lines() {
            let _ = writeln!(text, "    {line}");
        }
        text + "    ```\n"
    }
}

const BEFORE: &str = "# Validation\n
Published figures beside ours. This page is written by the tests in `validation/` that assert these figures; they fail where it
differs from what they compute (`TILEWRIGHT_BLESS=1 cargo test -p tilewright --test validation` writes it anew).

What is checked without a publication is checked against something that is not itself: every mapping against the plain convolution, searches
against enumeration, crossbars against ngspice and badcrossbar, networks against ONNX Runtime. `ARCHITECTURE.md` lists the invariants.\n";

fn page() -> String {
    let publications = [
        crate::rhe_date_2022::publication(),
        crate::pimcomp_one_copy::publication(),
        crate::oh_micromachines_2023::publication(),
        crate::shafiee_isca_2016::publication(),
        crate::ankit_asplos_2019::publication(),
        crate::wan_nature_2022::publication(),
        crate::nvm_macros::publication(),
        crate::peng_iedm_2019::publication(),
    ];
    publications.iter().fold(BEFORE.to_owned(), |page, publication| page + &publication.section())
}

#[test]
fn the_page_of_the_documentation_has_these_figures() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/validation.md");
    let page = page();
    if std::env::var_os("TILEWRIGHT_BLESS").is_some() {
        fs::write(&path, &page).expect("the page can be written");
    }
    let recorded = fs::read_to_string(&path).expect("docs/validation.md is there");
    assert!(page == recorded, "docs/validation.md has other figures than the tests; TILEWRIGHT_BLESS=1 writes it anew");
}

#[test]
fn numbers_are_printed_as_publications_print_them() {
    let printed = [77_102.0, 12.0, 0.013_12, 43.079, 363.7, 0.0, 65_807.6].map(number);
    assert_eq!(printed, ["77 102", "12", "0.01312", "43.08", "363.7", "0", "65 808"]);
    assert_eq!([0.725, -0.049, -1e-9].map(percent), ["+72.5 %", "−4.9 %", "+0.0 %"]);
}
