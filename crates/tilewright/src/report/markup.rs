//! Elements of HTML and SVG that cannot come out ill-formed.
//!
//! Every attribute value and every text is escaped as it is added and every element closes itself, so that a layer named
//! `<script>` is only ever text. A template crate (`maud`) does the same, but brings a second `syn` that takes longer to
//! build than the whole core, for what is a hundred lines here.

use std::fmt::{self, Display, Write};

/// Elements that are closed in their start tag: the void ones of HTML and the shapes of SVG.
const CLOSED: [&str; 7] = ["meta", "wbr", "rect", "path", "line", "circle", "use"];

/// One element with its attributes and content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    name: &'static str,
    attributes: String,
    content: String,
}

impl Element {
    /// An empty element.
    pub const fn new(name: &'static str) -> Self {
        Self { name, attributes: String::new(), content: String::new() }
    }

    /// The same element with an attribute.
    pub fn with(mut self, attribute: &'static str, value: impl Display) -> Self {
        write!(self.attributes, " {attribute}=\"").expect(INFALLIBLE);
        write!(Escaping(&mut self.attributes), "{value}").expect(INFALLIBLE);
        self.attributes.push('"');
        self
    }

    /// The same element with an attribute that has no value.
    pub fn flag(self, attribute: &'static str) -> Self {
        self.with(attribute, "")
    }

    /// The same element with a class or several, separated by blanks.
    pub fn class(self, class: impl Display) -> Self {
        self.with("class", class)
    }

    /// The same element with text after its content.
    pub fn text(mut self, text: impl Display) -> Self {
        write!(Escaping(&mut self.content), "{text}").expect(INFALLIBLE);
        self
    }

    /// The same element with another one after its content.
    pub fn child(mut self, child: &Self) -> Self {
        write!(self.content, "{child}").expect(INFALLIBLE);
        self
    }

    /// The same element with others after its content.
    pub fn children(self, children: impl IntoIterator<Item = Self>) -> Self {
        children.into_iter().fold(self, |element, child| element.child(&child))
    }

    /// The same element with an SVG `<title>`, which browsers show as a tooltip.
    pub fn tooltip(self, text: impl Display) -> Self {
        self.child(&Self::new("title").text(text))
    }

    /// A `style` or `script` element of our own text, which HTML does not unescape.
    ///
    /// # Panics
    /// If the text could end the element early.
    pub fn verbatim(name: &'static str, text: &str) -> Self {
        assert!(!text.contains("</") && !text.contains("<!--"), "{name} text that could end its element");
        Self { content: text.into(), ..Self::new(name) }
    }

    /// A `script` element that holds data: JSON has `<` only inside strings, where it may be written `\u003c`.
    pub fn json(id: &'static str, json: &str) -> Self {
        let script = Self::verbatim("script", &json.replace('<', "\\u003c"));
        script.with("type", "application/json").with("id", id)
    }
}

const INFALLIBLE: &str = "writing to a string does not fail";

impl Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, attributes, content } = self;
        if content.is_empty() && CLOSED.contains(name) {
            write!(f, "<{name}{attributes}/>")
        } else {
            write!(f, "<{name}{attributes}>{content}</{name}>")
        }
    }
}

/// Escapes what is written through it, for text and quoted attributes alike. Control characters that neither HTML nor XML
/// allows become U+FFFD.
struct Escaping<'a>(&'a mut String);

impl Write for Escaping<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                '\t' | '\n' => self.0.push(character),
                _ if character.is_control() => self.0.push(char::REPLACEMENT_CHARACTER),
                _ => self.0.push(character),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_only_text() {
        let element = Element::new("td").with("title", "\"'&").text("<script>\u{0}");
        assert_eq!(element.to_string(), "<td title=\"&quot;&#39;&amp;\">&lt;script&gt;\u{fffd}</td>");
    }

    #[test]
    fn shapes_close_themselves_and_containers_do_not() {
        let group = Element::new("g").child(&Element::new("rect").with("x", 1));
        assert_eq!(group.to_string(), "<g><rect x=\"1\"/></g>");
        assert_eq!(Element::new("div").to_string(), "<div></div>");
        assert_eq!(Element::new("rect").tooltip("a").to_string(), "<rect><title>a</title></rect>");
    }

    #[test]
    fn json_cannot_end_its_script() {
        let json = Element::json("x", r#"{"a":"</script><!--"}"#).to_string();
        assert!(json.contains(r#"{"a":"\u003c/script>\u003c!--"}"#), "{json}");
    }
}
