//! What became of a file of any format, for tests.

use std::collections::{BTreeMap, HashMap};
use std::io::Cursor;

use colophon_catalogue::belongings::texts_of;
use colophon_catalogue::export::Wanted;
use colophon_catalogue::format::Format;
use colophon_catalogue::import::{Existing, ImportError, ImportFile, Options, RejectedRows, Report};
use colophon_catalogue::rescue::Besides;
use colophon_catalogue::{Author, Book, Contribution, Role};
use colophon_store::schema::Value;
use colophon_store::{Columns as _, EntityId as _, FieldOf, Query};
use colophon_tests::catalogue::Catalogue;

/// A file that was imported into an empty catalogue.
pub(crate) struct Taken {
    pub(crate) catalogue: Catalogue,
    pub(crate) report: Report,
}

/// A book as a test compares it: its fields, the people with their roles, its lists.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Shown {
    pub(crate) fields: BTreeMap<&'static str, String>,
    pub(crate) people: Vec<(String, String)>,
    pub(crate) lists: BTreeMap<&'static str, Vec<String>>,
}

impl Taken {
    pub(crate) fn from(file: impl AsRef<[u8]>) -> Self {
        Self::with(file, &Options::default())
    }

    pub(crate) fn with(file: impl AsRef<[u8]>, options: &Options) -> Self {
        Self::tried(file, options).unwrap()
    }

    pub(crate) fn tried(file: impl AsRef<[u8]>, options: &Options) -> Result<Self, ImportError> {
        let catalogue = Catalogue::empty();
        let mut file = ImportFile::open(Cursor::new(file.as_ref().to_vec()), options)?;
        let write = move |tx: &colophon_store::WriteSession<'_>| {
            Ok(file.import(tx, Existing::default(), &mut RejectedRows::counted_only(), |_| {}))
        };
        let report = catalogue.database.write_blocking(write).unwrap()?;
        Ok(Self { catalogue, report })
    }

    /// What was imported, what was changed, and what was not taken.
    pub(crate) fn counts(&self) -> (u64, u64, u64) {
        (self.report.imported, self.report.updated, self.report.skipped)
    }

    /// The problems, each with its line and field.
    pub(crate) fn problems(&self) -> Vec<(u64, &'static str)> {
        let problems = self.report.problems.iter();
        problems.map(|problem| (problem.line, problem.field)).collect()
    }

    /// Every book by its title.
    pub(crate) fn books(&self) -> BTreeMap<String, Shown> {
        let shown = |session: &colophon_store::ReadSession<'_>| {
            let authors: Vec<Author> = session.repo().all()?;
            let contributions: Vec<Contribution> = session.repo().filter(&Query::all())?;
            let names: HashMap<_, _> = authors.into_iter().map(|author| (author.id, author.name)).collect();
            let name = |id| names[&id].clone();
            let mut all = BTreeMap::new();
            for book in session.repo::<Book>().all()? {
                let values = book.values();
                let fields = FieldOf::<Book>::typed().filter_map(|field| {
                    let at = Book::TABLE
                        .columns
                        .iter()
                        .position(|column| column.name == field.name())?;
                    match &values[at] {
                        Value::Text(text) => Some((field.name(), text.clone())),
                        Value::Integer(number) => Some((field.name(), number.to_string())),
                        _ => None,
                    }
                });
                let author = book.author_id.map(|id| (name(id), Role::Author.as_str().to_owned()));
                let mut others: Vec<_> = contributions.iter().filter(|one| one.book_id == book.id).collect();
                others.sort_by_key(|one| one.position);
                let others = others
                    .into_iter()
                    .map(|one| (name(one.author_id), one.role.as_str().to_owned()));
                let lists = texts_of(session, Book::TABLE, book.id.uuid())?;
                let shown = Shown {
                    fields: fields.collect(),
                    people: author.into_iter().chain(others).collect(),
                    lists: lists.into_iter().filter(|(_, texts)| !texts.is_empty()).collect(),
                };
                all.insert(book.title.clone(), shown);
            }
            Ok(all)
        };
        self.catalogue.database.read_blocking(shown).unwrap()
    }

    /// The book of this title.
    pub(crate) fn book(&self, title: &str) -> Shown {
        let mut books = self.books();
        let titles: Vec<String> = books.keys().cloned().collect();
        books
            .remove(title)
            .unwrap_or_else(|| panic!("no book {title:?}; there are {titles:?}"))
    }

    /// Somebody by their name.
    pub(crate) fn author(&self, name: &str) -> Author {
        let all: Vec<Author> = self.catalogue.database.read_blocking(|s| s.repo().all()).unwrap();
        let names: Vec<_> = all.iter().map(|author| author.name.clone()).collect();
        let found = all.into_iter().find(|author| author.name == name);
        found.unwrap_or_else(|| panic!("nobody is called {name:?}; there are {names:?}"))
    }

    /// Everything in a format.
    pub(crate) fn export(&self, format: &str) -> String {
        exported(&self.catalogue, format, false)
    }

    /// The same, byte by byte.
    pub(crate) fn export_bytes(&self, format: &str) -> Vec<u8> {
        exported_bytes(&self.catalogue, format, false)
    }
}

impl Shown {
    pub(crate) fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    /// Its fields have these values.
    #[track_caller]
    pub(crate) fn says(&self, fields: &[(&str, &str)]) {
        for (name, value) in fields {
            assert_eq!(self.field(name), *value, "{name}");
        }
    }

    /// `Ben Orr (author), Cat Poe (editor)`
    pub(crate) fn people(&self) -> String {
        let people: Vec<_> = self
            .people
            .iter()
            .map(|(name, role)| format!("{name} ({role})"))
            .collect();
        people.join(", ")
    }

    pub(crate) fn list(&self, name: &str) -> Vec<&str> {
        self.lists.get(name).into_iter().flatten().map(String::as_str).collect()
    }
}

/// The catalogue in a format.
pub(crate) fn exported(catalogue: &Catalogue, format: &str, for_spreadsheet: bool) -> String {
    String::from_utf8(exported_bytes(catalogue, format, for_spreadsheet)).unwrap()
}

fn exported_bytes(catalogue: &Catalogue, format: &str, for_spreadsheet: bool) -> Vec<u8> {
    let besides = Besides::default();
    let wanted = Wanted {
        for_spreadsheet,
        ..Wanted::everything(&besides)
    };
    let mut text = Vec::new();
    let write = |session: &colophon_store::ReadSession<'_>| {
        Format::named(format)
            .unwrap()
            .export(session, &mut text, &wanted)
            .unwrap();
        Ok(())
    };
    catalogue.database.read_blocking(write).unwrap();
    text
}

/// Imports a file cut off at every byte, and with every byte changed, into one catalogue: each ends, one way or the other.
pub(crate) fn damaged_anywhere(bytes: &[u8]) {
    let catalogue = Catalogue::empty();
    let bytes = bytes.to_vec();
    let write = move |tx: &colophon_store::WriteSession<'_>| {
        let tried = |file: Vec<u8>| {
            if let Ok(mut file) = ImportFile::open(Cursor::new(file), &Options::default()) {
                let _ = file.import(tx, Existing::default(), &mut RejectedRows::counted_only(), |_| {});
            }
        };
        for at in 0..bytes.len() {
            tried(bytes[..at].to_vec());
            let mut changed = bytes.clone();
            changed[at] ^= 0x15;
            tried(changed);
        }
        Ok(())
    };
    catalogue.database.write_blocking(write).unwrap();
}
