//! The catalogue as CSL-JSON: a list with an object for each book, each on its own line.

use std::io::Write;

use colophon_store::ReadSession;
use serde_json::{Map, Value, json};

use super::keys::Keys;
use super::names::Name;
use super::whole::{Whole, visit_whole};
use super::{ExportError, Wanted, with_subtitle};
use crate::author::Author;
use crate::contribution::Role;

/// The members for people, by their roles.
const ROLES: [(Role, &str); 6] = [
    (Role::Author, "author"),
    (Role::Editor, "editor"),
    (Role::Translator, "translator"),
    (Role::Illustrator, "illustrator"),
    (Role::Narrator, "narrator"),
    (Role::Compiler, "compiler"),
];

/// Writes all books and returns how many.
pub fn csl_json(session: &ReadSession<'_>, writer: &mut dyn Write, wanted: &Wanted<'_>) -> Result<u64, ExportError> {
    let mut keys = Keys::of(session, wanted)?;
    writer.write_all(b"[")?;
    let mut before = "\n";
    let books = visit_whole(session, wanted, |whole| {
        let key = keys.key(&whole);
        writer.write_all(before.as_bytes())?;
        before = ",\n";
        let item = item(&key, whole);
        serde_json::to_writer(&mut *writer, &item).map_err(std::io::Error::from)?;
        Ok(())
    })?;
    writer.write_all(b"\n]\n")?;
    writer.flush()?;
    Ok(books)
}

fn item(key: &str, mut whole: Whole) -> Value {
    let mut item = Map::new();
    let mut member = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            item.insert(name.to_owned(), value);
        }
    };
    member("id", Some(json!(key)));
    member("type", Some(json!("book")));
    for (role, name) in &ROLES {
        member(name, people(whole.people(role)));
    }
    let is_named = |role: &Role| ROLES.iter().any(|(known, _)| known == role);
    let others = whole.people.iter().filter(|(_, role)| !is_named(role));
    member("contributor", people(others.map(|(author, _)| author)));
    let doi = whole.take_identifiers("doi").into_iter().next();
    let issns = whole.take_identifiers("issn");
    let address = whole.take_addresses().into_iter().next();
    let book = whole.book;
    let year = |year: i32| json!({ "date-parts": [[year]] });
    let text = |text: Option<String>| text.map(Value::String);
    member("title", Some(Value::String(with_subtitle(&book))));
    member("original-title", text(book.original_title));
    member("publisher", text(book.publisher));
    member("publisher-place", text(book.place));
    member("edition", text(book.edition));
    member("issued", book.published_year.map(year));
    member("original-date", book.original_year.map(year));
    member("language", text(book.language));
    member("collection-title", text(book.series));
    member("collection-number", text(book.series_position));
    member("number-of-pages", book.page_count.map(|pages| json!(pages.to_string())));
    member("ISBN", text(book.isbn));
    member(
        "ISSN",
        Some(issns.join(", "))
            .filter(|issns| !issns.is_empty())
            .map(Value::String),
    );
    member("call-number", text(book.shelf_mark));
    member("DOI", text(doi));
    member("URL", text(address));
    let tags = whole.tags.join("; ");
    // One tag with a comma in it would pass for two.
    let tags = if whole.tags.len() == 1 && tags.contains(',') {
        tags + ";"
    } else {
        tags
    };
    member("keyword", Some(tags).filter(|tags| !tags.is_empty()).map(Value::String));
    member("note", text(book.notes));
    Value::Object(item)
}

fn people<'a>(authors: impl Iterator<Item = &'a Author>) -> Option<Value> {
    let people: Vec<Value> = authors.map(person).collect();
    (!people.is_empty()).then_some(Value::Array(people))
}

fn person(author: &Author) -> Value {
    match Name::of(author) {
        Name::Whole(name) => json!({ "literal": name }),
        Name::Parts {
            family,
            given,
            particle,
            suffix,
        } => {
            let mut person = json!({ "family": family, "given": given });
            let members = [("non-dropping-particle", particle), ("suffix", suffix)];
            for (name, part) in members.into_iter().filter(|(_, part)| !part.is_empty()) {
                person[name] = json!(part);
            }
            person
        }
    }
}
