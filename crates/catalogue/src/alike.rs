//! The same record, made twice: people who did not see each other's work import the same file, or add the same book.
//!
//! Two people are the same if their folded names are, and no year contradicts. Two books are the same if their folded
//! titles and subtitles are, their authors are one or the same by that rule, and neither ISBN, year, language, position
//! in a series, edition nor format contradicts. Two tags are the same if their folded names are. This raises a question
//! and gives no answer: nothing is merged before somebody has said so.
//!
//! Only what came from others is compared, and only with what was made here without knowing it: whoever makes a
//! namesake beside a known one means to. Each record is asked about at most once; of several that are alike, the k-th
//! made is paired with the k-th of the others, because a file has its copies in the same order wherever it is imported.
//!
//! Everything is found by the stored keys, so a record costs one index lookup, and what has no twin needs no memory.

use std::collections::{BTreeMap, HashSet};

use colophon_store::{Columns as _, ReadSession, Result, STAGED, Sql, read_uuid};
use rusqlite::types::ValueRef;
use rusqlite::{Row, params};
use uuid::Uuid;

use crate::agreement::{OF_BOOKS, OF_PEOPLE, Said, agree};
use crate::author::Author;
use crate::book::Book;
use crate::tag::Tag;

/// What came from others.
#[derive(Debug, Clone, Copy)]
pub enum Came<'c> {
    /// These records of these tables, which are in the file now.
    Records(&'c [(&'static str, Uuid)]),
    /// Everything that is staged.
    Staged,
}

/// Which rows were made here without knowing what came, besides those that the server never had.
#[derive(Debug, Clone, Copy, Default)]
pub struct MadeHere<'m> {
    /// Those with these revisions, ascending.
    pub revisions: &'m [i64],
    /// These, ascending: somebody else has changed them since, so they have a later revision.
    pub records: &'m [Uuid],
}

impl MadeHere<'_> {
    /// Whether a row with this id and revision is one of them.
    pub fn contains(&self, id: Uuid, revision: i64) -> bool {
        revision == 0 || self.revisions.binary_search(&revision).is_ok() || self.records.binary_search(&id).is_ok()
    }
}

/// How the records of one table are compared.
type Pairs = fn(&ReadSession<'_>, Came<'_>, MadeHere<'_>) -> Result<Vec<Alike>>;

/// The tables that are compared, authors first.
const COMPARED: [Pairs; 3] = [pairs::<Person>, pairs::<Work>, pairs::<Word>];

/// Two records that look the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alike {
    /// Their table.
    pub entity: &'static str,
    /// The one that was made first.
    pub first: Uuid,
    /// The other.
    pub second: Uuid,
}

impl Alike {
    fn of(entity: &'static str, one: Uuid, other: Uuid) -> Self {
        Self {
            entity,
            first: one.min(other),
            second: one.max(other),
        }
    }
}

/// The records that came and look like one that was made here, each with that one: authors first.
pub fn alike(session: &ReadSession<'_>, came: Came<'_>, made: MadeHere<'_>) -> Result<Vec<Alike>> {
    let mut alike = Vec::new();
    for pairs in COMPARED {
        alike.extend(pairs(session, came, made)?);
    }
    Ok(alike)
}

/// Whether two people are the same, as far as anything is known about them.
pub fn is_same_person(one: &Author, other: &Author) -> bool {
    crate::folding::fold(&one.name) == crate::folding::fold(&other.name)
        && agree(one.birth_year.as_ref(), other.birth_year.as_ref())
        && agree(one.death_year.as_ref(), other.death_year.as_ref())
}

/// Whether any rows of a table came, and any of it was made here.
fn can_be_alike<C: Compared>(session: &ReadSession<'_>, came: Came<'_>, made: MadeHere<'_>) -> Result<bool> {
    let came_any = match came {
        Came::Records(records) => records.iter().any(|(entity, _)| *entity == C::ENTITY),
        Came::Staged => is_staged(session, C::ENTITY)?,
    };
    if !came_any || !made.revisions.is_empty() || !made.records.is_empty() {
        return Ok(came_any);
    }
    let mut new = Sql::new("SELECT EXISTS(SELECT 1 FROM ");
    new.push(C::ENTITY).push(" WHERE revision=0)");
    Ok(session.query_first(&new, [], |row| row.get(0))?.unwrap_or(false))
}

/// What is compared in a record.
trait Compared: Sized {
    /// Its table.
    const ENTITY: &'static str;
    /// The stored key by which it is found.
    const KEY: &'static str;

    /// Its columns, from a table of this name and those that it refers to, named with this prefix; without a condition.
    fn select(prefix: &'static str) -> Sql;
    /// Reads a row of that.
    fn read(row: &Row<'_>) -> rusqlite::Result<Self>;
    /// Its id.
    fn id(&self) -> Uuid;
    /// The stored key.
    fn key(&self) -> &str;
    /// Its revision.
    fn revision(&self) -> i64;
    /// Whether both may be one record.
    fn is_same(&self, other: &Self) -> bool;
}

/// The pairs of one table.
fn pairs<C: Compared>(session: &ReadSession<'_>, came: Came<'_>, made: MadeHere<'_>) -> Result<Vec<Alike>> {
    if !can_be_alike::<C>(session, came, made)? {
        return Ok(Vec::new());
    }
    let mut by_key: BTreeMap<String, Vec<C>> = BTreeMap::new();
    for one in newcomers::<C>(session, came)? {
        by_key.entry(one.key().to_owned()).or_default().push(one);
    }
    let mut select = C::select("");
    select.push(" WHERE one.").push(C::KEY).push("=?");
    let mut alike = Vec::new();
    for (key, mut strangers) in by_key {
        let ids: HashSet<Uuid> = strangers.iter().map(C::id).collect();
        let mut own = session.query(&select, [&key], C::read)?;
        own.retain(|one| made.contains(one.id(), one.revision()) && !ids.contains(&one.id()));
        strangers.sort_by_key(C::id);
        own.sort_by_key(C::id);
        alike.extend(matched(&strangers, own));
    }
    let mut asked = Vec::new();
    for pair in alike {
        if !is_asked_about(session, pair)? {
            asked.push(pair);
        }
    }
    Ok(asked)
}

/// Whether rows of a table may be staged: a server at an earlier version does not have all of them.
fn is_staged(session: &ReadSession<'_>, table: &str) -> Result<bool> {
    const IS_THERE: Sql = Sql::new("SELECT EXISTS(SELECT 1 FROM sqlite_schema WHERE type='table' AND name=?)");
    let there = session.query_first(&IS_THERE, [format!("{STAGED}{table}")], |row| row.get(0))?;
    Ok(there.unwrap_or(false))
}

/// Pairs each of these with the first of the others that may be the same and is not paired yet.
fn matched<C: Compared>(strangers: &[C], mut own: Vec<C>) -> Vec<Alike> {
    let mut alike = Vec::new();
    for stranger in strangers {
        if let Some(at) = own.iter().position(|one| one.is_same(stranger)) {
            alike.push(Alike::of(C::ENTITY, stranger.id(), own.remove(at).id()));
        }
    }
    alike
}

/// Whether there already is a question about these two, even if it is that both want the same value.
fn is_asked_about(session: &ReadSession<'_>, pair: Alike) -> Result<bool> {
    const ASKED: Sql = Sql::new("SELECT 1 FROM conflict WHERE record_id=? AND holder=?");
    for (record, holder) in [(pair.first, pair.second), (pair.second, pair.first)] {
        let both = params![record.as_bytes().as_slice(), holder.as_bytes().as_slice()];
        if session.query_first(&ASKED, both, |_| Ok(()))?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Those that came and whose key another record has.
fn newcomers<C: Compared>(session: &ReadSession<'_>, came: Came<'_>) -> Result<Vec<C>> {
    let has_namesake = |prefix: &'static str| {
        let mut sql = Sql::new(" EXISTS(SELECT 1 FROM ");
        sql.push(C::ENTITY).push(" AS other WHERE other.").push(C::KEY);
        sql.push("=one.")
            .push(C::KEY)
            .push(" AND one.")
            .push(C::KEY)
            .push("<>''");
        if prefix.is_empty() {
            sql.push(" AND other.id<>one.id");
        }
        sql.push(")");
        sql
    };
    match came {
        Came::Staged => {
            let mut select = C::select(STAGED);
            select.push(" WHERE").append(&has_namesake(STAGED));
            session.query(&select, [], C::read)
        }
        Came::Records(records) => {
            let mut select = C::select("");
            select.push(" WHERE one.id=? AND").append(&has_namesake(""));
            let mut found = Vec::new();
            for (_, id) in records.iter().filter(|(entity, _)| *entity == C::ENTITY) {
                let id = id.as_bytes().as_slice();
                found.extend(session.query_first(&select, params![id], C::read)?);
            }
            Ok(found)
        }
    }
}

/// What is compared in an author.
#[derive(Debug, PartialEq)]
struct Person {
    id: Uuid,
    key: String,
    revision: i64,
    said: Said<{ OF_PEOPLE.len() }>,
}

impl Person {
    fn read_at(row: &Row<'_>, first: usize) -> rusqlite::Result<Self> {
        Ok(Self {
            id: read_uuid(row.get_ref(first)?)?,
            key: row.get(first + 1)?,
            revision: row.get(first + 2)?,
            said: Said::read(row, first + 3)?,
        })
    }
}

impl Compared for Person {
    const ENTITY: &'static str = Author::TABLE.name;
    const KEY: &'static str = "name_key";

    fn select(prefix: &'static str) -> Sql {
        let mut sql = Sql::new("SELECT one.id,one.name_key,one.revision");
        Said::select(&mut sql, "one", OF_PEOPLE);
        sql.push(" FROM ").push(prefix).push("author AS one");
        sql
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Self::read_at(row, 0)
    }

    fn id(&self) -> Uuid {
        self.id
    }

    fn key(&self) -> &str {
        &self.key
    }

    fn revision(&self) -> i64 {
        self.revision
    }

    fn is_same(&self, other: &Self) -> bool {
        self.key == other.key && self.said.agrees(&other.said)
    }
}

/// What is compared in a tag: only the name.
struct Word {
    id: Uuid,
    key: String,
    revision: i64,
}

impl Compared for Word {
    const ENTITY: &'static str = Tag::TABLE.name;
    const KEY: &'static str = "name_key";

    fn select(prefix: &'static str) -> Sql {
        let mut sql = Sql::new("SELECT one.id,one.name_key,one.revision FROM ");
        sql.push(prefix).push("tag AS one");
        sql
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: read_uuid(row.get_ref(0)?)?,
            key: row.get(1)?,
            revision: row.get(2)?,
        })
    }

    fn id(&self) -> Uuid {
        self.id
    }

    fn key(&self) -> &str {
        &self.key
    }

    fn revision(&self) -> i64 {
        self.revision
    }

    fn is_same(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

/// What is compared in a book.
struct Work {
    id: Uuid,
    key: String,
    revision: i64,
    subtitle: Option<String>,
    said: Said<{ OF_BOOKS.len() }>,
    author: Option<Person>,
}

impl Compared for Work {
    const ENTITY: &'static str = Book::TABLE.name;
    const KEY: &'static str = "title_key";

    fn select(prefix: &'static str) -> Sql {
        let mut sql =
            Sql::new("SELECT one.id,one.title_key,one.revision,one.subtitle,author.id,author.name_key,author.revision");
        Said::select(&mut sql, "author", OF_PEOPLE);
        Said::select(&mut sql, "one", OF_BOOKS);
        sql.push(" FROM ")
            .push(prefix)
            .push("book AS one LEFT JOIN ")
            .push(prefix);
        sql.push("author AS author ON author.id=one.author_id");
        sql
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let subtitle: Option<String> = row.get(3)?;
        Ok(Self {
            id: read_uuid(row.get_ref(0)?)?,
            key: row.get(1)?,
            revision: row.get(2)?,
            subtitle: subtitle.map(|text| crate::folding::fold(&text)),
            author: match row.get_ref(4)? {
                ValueRef::Null => None,
                _ => Some(Person::read_at(row, 4)?),
            },
            said: Said::read(row, 7 + OF_PEOPLE.len())?,
        })
    }

    fn id(&self) -> Uuid {
        self.id
    }

    fn key(&self) -> &str {
        &self.key
    }

    fn revision(&self) -> i64 {
        self.revision
    }

    fn is_same(&self, other: &Self) -> bool {
        let have_same_author = match (&self.author, &other.author) {
            (Some(one), Some(other)) => one.id == other.id || one.is_same(other),
            (None, None) => true,
            _ => false,
        };
        have_same_author && self.subtitle == other.subtitle && self.said.agrees(&other.said)
    }
}
