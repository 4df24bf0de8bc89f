//! What is searched of a book: the fields that say so in their declaration, and the names of its author and its contributors.

use std::collections::HashMap;

use colophon_store::{ChangeKind, Columns as _, Declared, EntityId, ReadSession, Result, Sql, read_field, read_uuid};
use rusqlite::Row;
use rusqlite::types::ValueRef;
use uuid::Uuid;

use super::{Searchable, in_order};
use crate::author::AuthorId;
use crate::book::{Book, BookSort};
use crate::folding;

const NAMES: Sql = Sql::new("SELECT id,name_key FROM author");
const CONTRIBUTIONS: Sql = Sql::new("SELECT book_id,author_id FROM contribution");
const NAMES_OF_BOOK: Sql = Sql::new(
    "SELECT id,name_key FROM author WHERE id=(SELECT author_id FROM book WHERE id=?1)
     UNION SELECT a.id,a.name_key FROM contribution c JOIN author a ON a.id=c.author_id WHERE c.book_id=?1",
);
const BOOKS_OF_AUTHOR: Sql = Sql::new(
    "SELECT id FROM book WHERE author_id=?1 UNION SELECT book_id FROM contribution WHERE author_id=?1 LIMIT 1000",
);
const BOOK_OF_CONTRIBUTION: Sql = Sql::new("SELECT book_id FROM contribution WHERE id=?");

// The limits keep each half in its order.
const BY_AUTHOR: Sql = Sql::new(
    "SELECT * FROM (SELECT b.rowid FROM author a CROSS JOIN book b ON b.author_id=a.id
                    ORDER BY a.sort_key,a.rowid,b.sort_key,b.rowid LIMIT -1)
     UNION ALL SELECT * FROM (SELECT rowid FROM book WHERE author_id IS NULL ORDER BY sort_key,rowid LIMIT -1)",
);

fn uuid(row: &Row<'_>, index: usize) -> rusqlite::Result<Uuid> {
    Ok(read_uuid(row.get_ref(index)?)?)
}

/// The columns before those of the searched fields: place, id, author, and the title in its folded form, which is stored.
const BEFORE_FIELDS: usize = 4;

/// The fields that are searched, besides the title.
fn searched() -> impl Iterator<Item = &'static Declared> {
    let fields = Book::DECLARED.iter().filter(|declared| declared.options.is_searched);
    fields.filter(|declared| declared.position != Book::FIELDS.title.declared().position)
}

/// What is searched of all books.
fn books() -> Sql {
    let mut sql = Sql::new("SELECT rowid,id,author_id,title_key");
    for field in searched() {
        sql.push(",").push(field.name());
    }
    sql.push(" FROM book");
    sql
}

/// Writes the searchable text of a row of [`books`]. Parts are kept apart by a character that no query contains.
fn write_text<'n>(row: &Row<'_>, names: impl Iterator<Item = &'n str>, text: &mut String) -> rusqlite::Result<()> {
    text.clear();
    text.push_str(row.get_ref(3)?.as_str()?);
    for name in names {
        text.push('\u{1}');
        text.push_str(name);
    }
    for (place, _) in (BEFORE_FIELDS..).zip(searched()) {
        match row.get_ref(place)? {
            ValueRef::Null => {}
            ValueRef::Integer(number) => {
                text.push('\u{1}');
                text.push_str(&number.to_string());
            }
            part => {
                text.push('\u{1}');
                text.push_str(&folding::fold(part.as_str()?));
            }
        }
    }
    Ok(())
}

impl Searchable for Book {
    const TABLES: &'static [&'static str] = &["book", "author", "contribution"];

    fn texts(session: &ReadSession<'_>, each: &mut dyn FnMut(i64, Uuid, &str)) -> Result<()> {
        let names: HashMap<Uuid, String> = session
            .query(&NAMES, [], |row| Ok((uuid(row, 0)?, row.get(1)?)))?
            .into_iter()
            .collect();
        let mut contributors: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
        for (book, author) in session.query(&CONTRIBUTIONS, [], |row| Ok((uuid(row, 0)?, uuid(row, 1)?)))? {
            contributors.entry(book).or_default().push(author);
        }
        let mut text = String::new();
        session.visit(&books(), [], |row| {
            let id = uuid(row, 1)?;
            let author: Option<AuthorId> = read_field(row, 2)?;
            let author = author.map(EntityId::uuid);
            let people = author.iter().chain(contributors.get(&id).into_iter().flatten());
            let people = people.filter_map(|person| names.get(person).map(String::as_str));
            write_text(row, people, &mut text)?;
            each(row.get(0)?, id, &text);
            Ok(true)
        })
    }

    fn text(session: &ReadSession<'_>, id: Uuid) -> Result<Option<(i64, String)>> {
        let key = || [id.as_bytes().to_vec()];
        let mut book = books();
        book.push(" WHERE id=?");
        let names = session.query(&NAMES_OF_BOOK, key(), |row| row.get::<_, String>(1))?;
        session.query_first(&book, key(), |row| {
            let mut text = String::new();
            write_text(row, names.iter().map(String::as_str), &mut text)?;
            Ok((row.get(0)?, text))
        })
    }

    fn touched(session: &ReadSession<'_>, table: &str, row: Uuid, kind: ChangeKind) -> Result<Option<Vec<Uuid>>> {
        let key = [row.as_bytes().to_vec()];
        match (table, kind) {
            ("book", _) => Ok(Some(vec![row])),
            // A new author has no books yet, and a deleted one none any more; those that change are touched themselves.
            ("author", ChangeKind::Updated) => session.query(&BOOKS_OF_AUTHOR, key, |row| uuid(row, 0)).map(Some),
            ("author", _) => Ok(Some(Vec::new())),
            // Whose contribution it was cannot be told from its id any more.
            (_, ChangeKind::Deleted) => Ok(None),
            _ => session.query(&BOOK_OF_CONTRIBUTION, key, |row| uuid(row, 0)).map(Some),
        }
    }

    fn places_in_order(order: BookSort) -> Sql {
        if order == BookSort::Author {
            return BY_AUTHOR;
        }
        in_order::<Self>(order)
    }
}
