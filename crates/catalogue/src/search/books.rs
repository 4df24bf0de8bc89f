//! What is searched in a book: the fields that are declared as searched, whatever its author and its contributors are
//! found by, and what is in its lists.

use std::collections::HashMap;

use colophon_store::{ChangeKind, Columns as _, Declared, EntityId, ReadSession, Result, Sql, read_field, read_uuid};
use rusqlite::Row;
use rusqlite::types::ValueRef;
use uuid::Uuid;

use super::{OwnGathering, PART, Searchable, in_order, lists};
use crate::author::{Author, AuthorId};
use crate::book::{Book, BookSort};
use crate::contribution::Contribution;
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

/// The columns before those of the searched fields: row number, id, author, and the title in its folded form, which is stored.
const BEFORE_FIELDS: usize = 4;

/// The searched fields, besides the title.
fn searched() -> impl Iterator<Item = &'static Declared> {
    let fields = Book::DECLARED.iter().filter(|declared| declared.options.is_searched);
    fields.filter(|declared| declared.position != Book::FIELDS.title.declared().position)
}

/// What is searched in all books.
fn books() -> Sql {
    let mut sql = Sql::new("SELECT rowid,id,author_id,title_key");
    for field in searched() {
        sql.push(",").push(field.name());
    }
    sql.push(" FROM book");
    sql
}

/// Writes the searchable text of a row of [`books`]. The parts are separated by a character that no query contains.
fn write_text<'n>(
    row: &Row<'_>,
    names: impl Iterator<Item = &'n str>,
    lists: &str,
    text: &mut String,
) -> rusqlite::Result<()> {
    text.clear();
    text.push_str(row.get_ref(3)?.as_str()?);
    for name in names {
        text.push(PART);
        text.push_str(name);
    }
    for (index, _) in (BEFORE_FIELDS..).zip(searched()) {
        match row.get_ref(index)? {
            ValueRef::Null => {}
            ValueRef::Integer(number) => {
                text.push(PART);
                text.push_str(&number.to_string());
            }
            part => {
                text.push(PART);
                text.push_str(&folding::fold(part.as_str()?));
            }
        }
    }
    text.push_str(lists);
    Ok(())
}

/// The books of an author, whose texts contain the author's names.
fn books_of(session: &ReadSession<'_>, author: Uuid) -> Result<Vec<Uuid>> {
    session.query(&BOOKS_OF_AUTHOR, [author.as_bytes().to_vec()], |row| uuid(row, 0))
}

impl Searchable for Book {
    const GATHERED: &'static [OwnGathering] = &[
        OwnGathering {
            name: "author",
            from: "book",
            value: "book.author_id",
        },
        OwnGathering {
            name: "role",
            from: "contribution JOIN book ON book.id=contribution.book_id",
            value: "contribution.role",
        },
    ];

    fn is_made_from(table: &str) -> bool {
        [Book::TABLE, Author::TABLE, Contribution::TABLE]
            .iter()
            .any(|own| own.name == table)
            || lists::is_of_lists(Self::TABLE, table)
            || lists::is_of_lists(Author::TABLE, table)
    }

    fn texts(session: &ReadSession<'_>, each: &mut dyn FnMut(i64, Uuid, &str)) -> Result<()> {
        let mut names: HashMap<Uuid, String> = session
            .query(&NAMES, [], |row| Ok((uuid(row, 0)?, row.get(1)?)))?
            .into_iter()
            .collect();
        // Whatever a person is found by, their books are found by, too.
        for (author, texts) in lists::texts(session, Author::TABLE)? {
            if let Some(name) = names.get_mut(&author) {
                name.push_str(&texts);
            }
        }
        let lists = lists::texts(session, Self::TABLE)?;
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
            write_text(row, people, lists.get(&id).map_or("", String::as_str), &mut text)?;
            each(row.get(0)?, id, &text);
            Ok(true)
        })
    }

    fn text(session: &ReadSession<'_>, id: Uuid) -> Result<Option<(i64, String)>> {
        let key = || [id.as_bytes().to_vec()];
        let mut book = books();
        book.push(" WHERE id=?");
        let lists = lists::texts_of(session, Self::TABLE, id)?;
        let mut names = Vec::new();
        for (author, name) in session.query(&NAMES_OF_BOOK, key(), |row| {
            Ok((uuid(row, 0)?, row.get::<_, String>(1)?))
        })? {
            names.push(name + &lists::texts_of(session, Author::TABLE, author)?);
        }
        session.query_first(&book, key(), |row| {
            let mut text = String::new();
            write_text(row, names.iter().map(String::as_str), &lists, &mut text)?;
            Ok((row.get(0)?, text))
        })
    }

    fn touched(session: &ReadSession<'_>, table: &str, row: Uuid, kind: ChangeKind) -> Result<Option<Vec<Uuid>>> {
        if lists::is_of_lists(Self::TABLE, table) || lists::is_of_lists(Author::TABLE, table) {
            let Some(mut books) = lists::touched(session, Self::TABLE, table, row, kind)? else {
                return Ok(None);
            };
            for author in lists::touched(session, Author::TABLE, table, row, kind)?.unwrap_or_default() {
                books.extend(books_of(session, author)?);
            }
            return Ok(Some(books));
        }
        match (table, kind) {
            ("book", _) => Ok(Some(vec![row])),
            // A new author has no books yet, and a deleted one no longer has any; books that change are reported
            // themselves.
            ("author", ChangeKind::Updated) => books_of(session, row).map(Some),
            ("author", _) => Ok(Some(Vec::new())),
            // Its id no longer tells whose contribution it was.
            (_, ChangeKind::Deleted) => Ok(None),
            _ => session
                .query(&BOOK_OF_CONTRIBUTION, [row.as_bytes().to_vec()], |row| uuid(row, 0))
                .map(Some),
        }
    }

    fn places_in_order(order: BookSort) -> Sql {
        if order == BookSort::Author {
            return BY_AUTHOR;
        }
        in_order::<Self>(order)
    }
}
