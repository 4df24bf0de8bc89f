//! Elements, written.

use std::fmt::Write as _;

/// What a file begins with.
const BEGINNING: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// XML under way; every element on a line of its own.
#[derive(Debug)]
pub(super) struct Xml {
    text: String,
    depth: usize,
}

impl Xml {
    /// A document of which nothing but the first line is written.
    pub(super) fn document() -> Self {
        Self {
            text: BEGINNING.to_owned(),
            depth: 0,
        }
    }

    /// What was written since the last time.
    pub(super) fn take(&mut self) -> String {
        std::mem::take(&mut self.text)
    }

    /// An element with others in it.
    pub(super) fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.begin(name, attributes);
        self.text.push_str(">\n");
        self.depth += 1;
    }

    /// Ends an element with others in it.
    pub(super) fn close(&mut self, name: &str) {
        self.depth = self.depth.saturating_sub(1);
        self.indent();
        self.put(format_args!("</{name}>\n"));
    }

    /// An element with a text.
    pub(super) fn leaf(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.begin(name, attributes);
        self.put(format_args!(">{}</{name}>\n", colophon_xml::text(text)));
    }

    /// An element with a text, if there is one.
    pub(super) fn some(&mut self, name: &str, text: Option<&String>) {
        if let Some(text) = text {
            self.leaf(name, &[], text);
        }
    }

    fn begin(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.indent();
        self.put(format_args!("<{name}"));
        for (attribute, value) in attributes {
            self.put(format_args!(" {attribute}=\"{}\"", colophon_xml::attribute(value)));
        }
    }

    fn indent(&mut self) {
        self.text.extend(std::iter::repeat_n(' ', self.depth * 2));
    }

    fn put(&mut self, words: std::fmt::Arguments<'_>) {
        // A text takes whatever is written into it.
        let _ = self.text.write_fmt(words);
    }
}
