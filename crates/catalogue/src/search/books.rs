//! What is searched of a book: title and subtitle, the names of its author and its contributors, series, ISBN.

use std::collections::HashMap;

use colophon_store::{ChangeKind, ReadSession, Result, SortOrder as _, Sql, read_uuid};
use rusqlite::Row;
use uuid::Uuid;

use super::Searchable;
use crate::book::{Book, BookSort};
use crate::folding;

const NAMES: Sql = Sql::new("SELECT id,name_key FROM author");
const CONTRIBUTIONS: Sql = Sql::new("SELECT book_id,author_id FROM contribution");
const BOOKS: Sql = Sql::new("SELECT rowid,id,author_id,title_key,subtitle,series,isbn FROM book");
const BOOK: Sql = Sql::new("SELECT rowid,id,author_id,title_key,subtitle,series,isbn FROM book WHERE id=?");
const NAMES_OF_BOOK: Sql = Sql::new(
    "SELECT id,name_key FROM author WHERE id=(SELECT author_id FROM book WHERE id=?1)
     UNION SELECT a.id,a.name_key FROM contribution c JOIN author a ON a.id=c.author_id WHERE c.book_id=?1",
);
const BOOKS_OF_AUTHOR: Sql = Sql::new(
    "SELECT id FROM book WHERE author_id=?1 UNION SELECT book_id FROM contribution WHERE author_id=?1 LIMIT 1000",
);
const BOOK_OF_CONTRIBUTION: Sql = Sql::new("SELECT book_id FROM contribution WHERE id=?");

const BY_AUTHOR: Sql = Sql::new(
    "SELECT b.rowid FROM author a CROSS JOIN book b ON b.author_id=a.id ORDER BY a.sort_key,a.rowid,b.sort_key,b.rowid",
);

fn uuid(row: &Row<'_>, index: usize) -> rusqlite::Result<Uuid> {
    Ok(read_uuid(row.get_ref(index)?)?)
}

/// Writes the searchable text of a row of [`BOOKS`]. Parts are kept apart by a character that no query contains.
fn write_text<'n>(row: &Row<'_>, names: impl Iterator<Item = &'n str>, text: &mut String) -> rusqlite::Result<()> {
    text.clear();
    text.push_str(row.get_ref(3)?.as_str()?);
    for column in [4, 5] {
        if let Some(part) = row.get_ref(column)?.as_str_or_null()? {
            text.push('\u{1}');
            text.push_str(&folding::fold(part));
        }
    }
    for name in names {
        text.push('\u{1}');
        text.push_str(name);
    }
    if let Some(isbn) = row.get_ref(6)?.as_str_or_null()? {
        text.push('\u{1}');
        text.push_str(isbn);
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
        session.visit(&BOOKS, [], |row| {
            let (id, author) = (uuid(row, 1)?, uuid(row, 2)?);
            let people = std::iter::once(&author).chain(contributors.get(&id).into_iter().flatten());
            let people = people.filter_map(|person| names.get(person).map(String::as_str));
            write_text(row, people, &mut text)?;
            each(row.get(0)?, id, &text);
            Ok(true)
        })
    }

    fn text(session: &ReadSession<'_>, id: Uuid) -> Result<Option<(i64, String)>> {
        let key = || [id.as_bytes().to_vec()];
        let names = session.query(&NAMES_OF_BOOK, key(), |row| row.get::<_, String>(1))?;
        session.query_first(&BOOK, key(), |row| {
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
        let mut sql = Sql::new("SELECT rowid FROM book ORDER BY ");
        sql.push(order.expression()).push(",rowid");
        sql
    }
}
