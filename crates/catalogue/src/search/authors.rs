//! What is searched of an author: the name, as written and as sorted.

use colophon_store::{ChangeKind, ReadSession, Result, Sql, read_uuid};
use rusqlite::Row;
use uuid::Uuid;

use super::Searchable;
use crate::author::Author;

const AUTHORS: Sql = Sql::new("SELECT rowid,id,name_key,sort_key FROM author");
const AUTHOR: Sql = Sql::new("SELECT rowid,id,name_key,sort_key FROM author WHERE id=?");

fn write_text(row: &Row<'_>, text: &mut String) -> rusqlite::Result<()> {
    text.clear();
    text.push_str(row.get_ref(2)?.as_str()?);
    text.push('\u{1}');
    text.push_str(row.get_ref(3)?.as_str()?);
    Ok(())
}

impl Searchable for Author {
    const TABLES: &'static [&'static str] = &["author"];

    fn texts(session: &ReadSession<'_>, each: &mut dyn FnMut(i64, Uuid, &str)) -> Result<()> {
        let mut text = String::new();
        session.visit(&AUTHORS, [], |row| {
            write_text(row, &mut text)?;
            each(
                row.get(0)?,
                read_uuid(row.get_ref(1)?).map_err(rusqlite::Error::from)?,
                &text,
            );
            Ok(true)
        })
    }

    fn text(session: &ReadSession<'_>, id: Uuid) -> Result<Option<(i64, String)>> {
        session.query_first(&AUTHOR, [id.as_bytes().to_vec()], |row| {
            let mut text = String::new();
            write_text(row, &mut text)?;
            Ok((row.get(0)?, text))
        })
    }

    fn touched(_session: &ReadSession<'_>, _table: &str, row: Uuid, _kind: ChangeKind) -> Result<Option<Vec<Uuid>>> {
        Ok(Some(vec![row]))
    }
}
