//! The catalogue as BibTeX: an entry for each book.
//!
//! Letters stay letters: the file is UTF-8, as biber and every program of the last twenty years read it. Signs that mean
//! something to TeX are written with their names. Fields of BibLaTeX are used where BibTeX has none, and names of our
//! own where neither has one; both programs pass over what they do not know.

use std::io::Write;

use colophon_store::ReadSession;

use super::keys::Keys;
use super::names::Name;
use super::whole::{Whole, visit_whole};
use super::{ExportError, Wanted};
use crate::author::Author;
use crate::contribution::Role;

/// The fields for people, by their roles.
const ROLES: [(Role, &str); 9] = [
    (Role::Author, "author"),
    (Role::Editor, "editor"),
    (Role::Translator, "translator"),
    (Role::Illustrator, "illustrator"),
    (Role::Foreword, "foreword"),
    (Role::Afterword, "afterword"),
    (Role::Narrator, "narrator"),
    (Role::Photographer, "photographer"),
    (Role::Compiler, "compiler"),
];

/// Writes all books and returns how many.
pub fn bibtex(session: &ReadSession<'_>, writer: &mut dyn Write, wanted: &Wanted<'_>) -> Result<u64, ExportError> {
    let mut keys = Keys::of(session, wanted)?;
    let books = visit_whole(session, wanted, |whole| {
        let key = keys.key(&whole);
        entry(writer, &key, whole)
    })?;
    writer.flush()?;
    Ok(books)
}

fn entry(writer: &mut dyn Write, key: &str, mut whole: Whole) -> Result<(), ExportError> {
    write!(writer, "@book{{{key}")?;
    let mut field = |name: &str, tex: &str| -> Result<(), ExportError> {
        if !tex.is_empty() {
            write!(writer, ",\n  {name} = {{{tex}}}")?;
        }
        Ok(())
    };
    for (role, name) in &ROLES {
        field(name, &people(whole.people(role)))?;
    }
    let is_named = |role: &Role| ROLES.iter().any(|(known, _)| known == role);
    let others = whole.people.iter().filter(|(_, role)| !is_named(role));
    field("collaborator", &people(others.map(|(author, _)| author)))?;
    let numbers = numbers(&mut whole);
    let book = whole.book;
    let said = |text: Option<String>| text.as_deref().map(tex).unwrap_or_default();
    let number = |number: Option<i32>| number.map(|number| number.to_string()).unwrap_or_default();
    field("title", &tex(&book.title))?;
    field("subtitle", &said(book.subtitle))?;
    field("origtitle", &said(book.original_title))?;
    field("publisher", &said(book.publisher))?;
    field("address", &said(book.place))?;
    field("edition", &said(book.edition))?;
    field("year", &number(book.published_year))?;
    field("origdate", &number(book.original_year))?;
    field("language", &said(book.language))?;
    field("series", &said(book.series))?;
    field("number", &said(book.series_position))?;
    field("pagetotal", &number(book.page_count))?;
    field("isbn", &book.isbn.unwrap_or_default())?;
    field("format", &said(book.format))?;
    field("library", &said(book.shelf_mark))?;
    for (name, text) in numbers {
        field(name, &text)?;
    }
    field("keywords", &tex(&tags(&whole.tags)))?;
    field("note", &said(book.notes))?;
    writer.write_all(b"\n}\n\n")?;
    Ok(())
}

/// What the book is called elsewhere: each in the field that is known for it, the others in one of ours.
fn numbers(whole: &mut Whole) -> Vec<(&'static str, String)> {
    let mut fields = Vec::new();
    let mut rest = Vec::new();
    for name in ["doi", "lccn", "oclc", "asin", "issn"] {
        let mut values = whole.take_identifiers(name).into_iter();
        fields.extend(values.next().map(|value| (name, as_it_is(&value))));
        rest.extend(values.map(|value| format!("{name}:{value}")));
    }
    let mut addresses = whole.take_addresses().into_iter();
    fields.extend(addresses.next().map(|address| ("url", as_it_is(&address))));
    rest.extend(addresses);
    rest.append(&mut whole.identifiers);
    fields.push(("identifiers", as_it_is(&rest.join("; "))));
    fields
}

fn people<'a>(authors: impl Iterator<Item = &'a Author>) -> String {
    authors.map(person).collect::<Vec<_>>().join(" and ")
}

/// `van Beethoven, Ludwig`; a name that is not taken apart stands in braces.
fn person(author: &Author) -> String {
    match Name::of(author) {
        Name::Whole(name) => format!("{{{}}}", tex(name)),
        Name::Parts {
            family,
            given,
            particle,
            suffix,
        } => {
            let family = if particle.is_empty() {
                part(family)
            } else {
                format!("{particle} {}", part(family))
            };
            let rest = [suffix, given].into_iter().filter(|part| !part.is_empty()).map(part);
            std::iter::once(family).chain(rest).collect::<Vec<_>>().join(", ")
        }
    }
}

/// A part of a name, in braces where it would be taken apart.
fn part(text: &str) -> String {
    let is_held = text.contains(',') || text.split(' ').any(|word| word.eq_ignore_ascii_case("and"));
    if is_held {
        format!("{{{}}}", tex(text))
    } else {
        tex(text)
    }
}

/// Tags with commas between them; semicolons where one of them has a comma.
fn tags(tags: &[String]) -> String {
    if tags.iter().any(|tag| tag.contains(',')) {
        return tags.join("; ") + ";";
    }
    tags.join(", ")
}

/// A text in TeX.
fn tex(text: &str) -> String {
    let mut tex = String::with_capacity(text.len());
    let mut before = ' ';
    for character in text.chars() {
        match character {
            '\\' => tex.push_str("\\textbackslash{}"),
            '{' => tex.push_str("\\textbraceleft{}"),
            '}' => tex.push_str("\\textbraceright{}"),
            '~' => tex.push_str("\\textasciitilde{}"),
            '^' => tex.push_str("\\textasciicircum{}"),
            '`' => tex.push_str("\\textasciigrave{}"),
            '&' | '%' | '$' | '#' | '_' => tex.extend(['\\', character]),
            // Two of them would be one other sign.
            '-' | '\'' if character == before => tex.extend(['{', '}', character]),
            '\n' => tex.push_str("\\\\\n"),
            other => tex.push(other),
        }
        before = character;
    }
    tex
}

/// A value in which nearly everything means itself.
fn as_it_is(value: &str) -> String {
    value
        .replace('\\', "")
        .replace(['{', '}'], "")
        .replace('%', "\\%")
        .replace('#', "\\#")
}
