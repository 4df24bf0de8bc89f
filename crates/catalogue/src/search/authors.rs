//! What is searched in an author: the name, as written and as sorted, and what is in the lists.

use colophon_store::{ChangeKind, Columns as _, ReadSession, Result, Sql, read_uuid};
use rusqlite::Row;
use uuid::Uuid;

use super::{OwnGathering, PART, Searchable, lists};
use crate::author::Author;

const AUTHORS: Sql = Sql::new("SELECT rowid,id,name_key,sort_key FROM author");
const AUTHOR: Sql = Sql::new("SELECT rowid,id,name_key,sort_key FROM author WHERE id=?");

fn write_text(row: &Row<'_>, lists: &str, text: &mut String) -> rusqlite::Result<()> {
    text.clear();
    text.push_str(row.get_ref(2)?.as_str()?);
    text.push(PART);
    text.push_str(row.get_ref(3)?.as_str()?);
    text.push_str(lists);
    Ok(())
}

impl Searchable for Author {
    const GATHERED: &'static [OwnGathering] = &[];

    fn is_made_from(table: &str) -> bool {
        table == Self::TABLE.name || lists::is_of_lists(Self::TABLE, table)
    }

    fn texts(session: &ReadSession<'_>, each: &mut dyn FnMut(i64, Uuid, &str)) -> Result<()> {
        let mut text = String::new();
        let lists = lists::texts(session, Self::TABLE)?;
        session.visit(&AUTHORS, [], |row| {
            let id = read_uuid(row.get_ref(1)?).map_err(rusqlite::Error::from)?;
            write_text(row, lists.get(&id).map_or("", String::as_str), &mut text)?;
            each(row.get(0)?, id, &text);
            Ok(true)
        })
    }

    fn text(session: &ReadSession<'_>, id: Uuid) -> Result<Option<(i64, String)>> {
        let lists = lists::texts_of(session, Self::TABLE, id)?;
        session.query_first(&AUTHOR, [id.as_bytes().to_vec()], |row| {
            let mut text = String::new();
            write_text(row, &lists, &mut text)?;
            Ok((row.get(0)?, text))
        })
    }

    fn touched(session: &ReadSession<'_>, table: &str, row: Uuid, kind: ChangeKind) -> Result<Option<Vec<Uuid>>> {
        if table != Self::TABLE.name {
            return lists::touched(session, Self::TABLE, table, row, kind);
        }
        Ok(Some(vec![row]))
    }
}
