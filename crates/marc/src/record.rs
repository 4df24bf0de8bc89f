//! A record: its leader and its fields, in the order of the file.

use std::io;

use thiserror::Error;

/// One record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Record {
    /// The leader, 24 characters of ASCII.
    pub leader: String,
    /// The fields.
    pub fields: Vec<Field>,
    /// Where it begins in the file, in bytes.
    pub offset: u64,
    /// Which record of the file it is, counted from 1, broken ones included.
    pub number: u64,
    /// What was wrong and has been read nevertheless.
    pub doubts: Vec<Doubt>,
}

/// One field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its tag, three characters in a sound file.
    pub tag: String,
    /// What it says.
    pub content: Content,
}

/// What a field says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A text without parts.
    Control(String),
    /// Two indicators and subfields.
    Data {
        /// The indicators.
        indicators: [char; 2],
        /// The subfields.
        subfields: Vec<Subfield>,
    },
}

/// One subfield.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subfield {
    /// Its code.
    pub code: char,
    /// Its text, composed (NFC).
    pub text: String,
}

/// What was wrong with a record that has been read nevertheless.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Doubt {
    /// The leader gives another length.
    #[error("its leader says that it has {said} bytes, and it has {found}")]
    Length {
        /// What the leader says, as it is written.
        said: String,
        /// How many there are.
        found: usize,
    },
    /// Nothing ends it.
    #[error("nothing marks its end")]
    NoEnd,
    /// The directory points elsewhere than where the fields are.
    #[error("its directory does not say where its fields are; they were taken in their order")]
    Directory,
    /// The leader declares another encoding than the letters have.
    #[error("it is declared as {declared}, and was read as {found}")]
    Encoding {
        /// What the record says.
        declared: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// Some bytes are no letters; each stands as U+FFFD.
    #[error("field {tag} has {count} bytes that are no letters, shown here as \u{fffd}")]
    Letters {
        /// The field.
        tag: String,
        /// How many.
        count: usize,
    },
    /// A subfield has a code that is none.
    #[error("field {tag} has a subfield whose code is no letter or digit")]
    SubfieldCode {
        /// The field.
        tag: String,
    },
    /// A field of data has no indicators.
    #[error("field {tag} has no indicators")]
    NoIndicators {
        /// The field.
        tag: String,
    },
    /// XML names a character that it does not define.
    #[error("“&{name};” is no character that is known here")]
    Entity {
        /// Its name.
        name: String,
    },
}

/// Why a record could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Fault {
    /// It is shorter than a leader.
    #[error("it is too short to be a record")]
    TooShort,
    /// It is longer than any record may be.
    #[error("it has more than {} bytes", crate::layout::RECORD_MAX_BYTES)]
    TooLong,
    /// The leader does not say where the directory ends.
    #[error("its leader is damaged: it does not say where the directory ends")]
    Leader,
    /// The directory has no whole entries.
    #[error("its directory is damaged")]
    Directory,
    /// The directory and the fields have nothing to do with each other.
    #[error("its directory names {named} fields, and it has {found}")]
    Fields {
        /// How many the directory names.
        named: usize,
        /// How many there are.
        found: usize,
    },
    /// There are no fields.
    #[error("it has no fields")]
    Empty,
    /// The XML is damaged.
    #[error("the XML is damaged: {0}")]
    Xml(String),
}

/// A record that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Which record of the file it is, counted from 1.
    pub number: u64,
    /// Where it begins, in bytes.
    pub offset: u64,
    /// Its own bytes, with what ends it; at most [`RECORD_MAX_BYTES`](crate::RECORD_MAX_BYTES). Of XML, none.
    pub bytes: Vec<u8>,
    /// Why.
    pub fault: Fault,
}

/// What comes next in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A record.
    Record(Record),
    /// A record that could not be read.
    Broken(Broken),
}

/// The result of looking for the next record.
pub(crate) type Next = io::Result<Option<Found>>;

impl Record {
    /// A record with a leader of its own and no fields.
    pub fn with_leader(leader: impl Into<String>) -> Self {
        Self {
            leader: leader.into(),
            ..Self::default()
        }
    }

    /// The character of the leader at a position, a blank where there is none.
    pub fn leader_at(&self, position: usize) -> char {
        self.leader
            .as_bytes()
            .get(position)
            .map_or(' ', |byte| char::from(*byte))
    }

    /// The fields with this tag.
    pub fn fields<'record>(&'record self, tag: &'record str) -> impl Iterator<Item = &'record Field> {
        self.fields.iter().filter(move |field| field.tag == tag)
    }

    /// The text of the first field with this tag that has no subfields.
    pub fn control(&self, tag: &str) -> Option<&str> {
        self.fields.iter().find_map(|field| match &field.content {
            Content::Control(text) if field.tag == tag => Some(text.as_str()),
            _ => None,
        })
    }

    /// Whether there is a field with this tag.
    pub fn has(&self, tag: &str) -> bool {
        self.fields.iter().any(|field| field.tag == tag)
    }

    /// Whether its fields are those of UNIMARC: its title is in field 200.
    pub fn is_unimarc(&self) -> bool {
        self.has("200") && !self.has("245")
    }
}

impl Field {
    /// A field without subfields.
    pub fn control(tag: &str, text: impl Into<String>) -> Self {
        Self {
            tag: tag.to_owned(),
            content: Content::Control(text.into()),
        }
    }

    /// A field with subfields.
    pub fn data(tag: &str, indicators: [char; 2], subfields: impl IntoIterator<Item = (char, String)>) -> Self {
        let subfields = subfields.into_iter().map(|(code, text)| Subfield { code, text });
        Self {
            tag: tag.to_owned(),
            content: Content::Data {
                indicators,
                subfields: subfields.collect(),
            },
        }
    }

    /// One of the two indicators, a blank where there is none.
    pub fn indicator(&self, position: usize) -> char {
        match &self.content {
            Content::Data { indicators, .. } => indicators.get(position).copied().unwrap_or(' '),
            Content::Control(_) => ' ',
        }
    }

    /// The subfields; none of a field without.
    pub fn subfields(&self) -> &[Subfield] {
        match &self.content {
            Content::Data { subfields, .. } => subfields,
            Content::Control(_) => &[],
        }
    }

    /// The text of the first subfield with this code.
    pub fn first(&self, code: char) -> Option<&str> {
        self.all(code).next()
    }

    /// The texts of all subfields with this code.
    pub fn all(&self, code: char) -> impl Iterator<Item = &str> {
        let of_code = self.subfields().iter().filter(move |subfield| subfield.code == code);
        of_code.map(|subfield| subfield.text.as_str())
    }
}
