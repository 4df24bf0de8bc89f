//! An element of a record with what is in it.

/// An element; its name is the local one, because prefixes are chosen by whoever wrote the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Element {
    /// Its name without a prefix.
    pub name: String,
    /// Its attributes, by their names without prefixes.
    pub attributes: Vec<(String, String)>,
    /// What is in it, in order.
    pub nodes: Vec<Node>,
}

/// What is in an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// Another element.
    Element(Element),
    /// Text.
    Text(String),
}

impl Element {
    /// The value of an attribute; empty if it has none.
    pub fn attribute(&self, name: &str) -> &str {
        let mut attributes = self.attributes.iter();
        let found = attributes.find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// The elements in it.
    pub fn elements(&self) -> impl Iterator<Item = &Self> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The elements in it of a name.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &Self> {
        self.elements().filter(move |element| element.name == name)
    }

    /// The first element in it of a name.
    pub fn first(&self, name: &str) -> Option<&Self> {
        self.elements().find(|element| element.name == name)
    }

    /// The text of the first element in it of a name; empty if there is none.
    pub fn text_of(&self, name: &str) -> String {
        self.first(name).map(Self::text).unwrap_or_default()
    }

    /// Its text with that of the elements in it, without space around it.
    pub fn text(&self) -> String {
        let mut text = String::new();
        self.add_text(&mut text);
        text.trim().to_owned()
    }

    fn add_text(&self, text: &mut String) {
        for node in &self.nodes {
            match node {
                Node::Text(more) => text.push_str(more),
                Node::Element(element) => element.add_text(text),
            }
        }
    }

    /// Its text in one line: white space of any kind is one space.
    pub fn line(&self) -> String {
        self.text().split_whitespace().collect::<Vec<_>>().join(" ")
    }
}
