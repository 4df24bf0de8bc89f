//! What a conflict is about, as a person reads it.
//!
//! A conflict stores values as JSON, because one column must hold those of any field. Here they become what is shown: a
//! text as it is, a number in digits, a reference as the name of the record that it refers to.

use colophon_catalogue::conflict::Conflict;
use colophon_catalogue::schema;
use colophon_store::schema::{Column, ColumnKind, Value};
use colophon_store::{ReadSession, Result};

use crate::subject::Subject;

/// The values of the field that a conflict is about; each is absent if the field is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The value that both knew.
    pub base: Option<String>,
    /// The value from the device that noticed.
    pub mine: Option<String>,
    /// The value that the server had.
    pub theirs: Option<String>,
    /// The value that the field has now; somebody may have edited it since.
    pub now: Option<String>,
}

impl Said {
    /// What was said about the field that a conflict is about.
    pub fn in_conflict(session: &ReadSession<'_>, conflict: &Conflict) -> Result<Self> {
        let column = column(conflict);
        let value = |json: &Option<String>| shown(session, column, json.as_deref());
        Ok(Self {
            base: value(&conflict.base)?,
            mine: value(&conflict.mine)?,
            theirs: value(&conflict.theirs)?,
            now: now(session, conflict, column)?,
        })
    }
}

/// The column of the field that a conflict is about, if this version knows it.
fn column(conflict: &Conflict) -> Option<&'static Column> {
    let table = schema::entity(&conflict.entity)?.table;
    let position = table.position(conflict.field.as_deref()?)?;
    table.columns.get(position)
}

/// A value of that column as a person reads it; `None` for an empty one.
pub(crate) fn shown(
    session: &ReadSession<'_>,
    column: Option<&'static Column>,
    json: Option<&str>,
) -> Result<Option<String>> {
    let Some(value) = json.and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok()) else {
        return Ok(None);
    };
    match column.and_then(|column| Value::from_json(column.kind, &value)) {
        Some(value) => words(session, column, value),
        // A field that only a newer version knows, as that version wrote it.
        None => Ok(value
            .as_str()
            .map(str::to_owned)
            .or_else(|| (!value.is_null()).then(|| value.to_string()))),
    }
}

pub(crate) fn words(
    session: &ReadSession<'_>,
    column: Option<&'static Column>,
    value: Value,
) -> Result<Option<String>> {
    Ok(match (value, column.map(|column| column.kind)) {
        (Value::Null, _) => None,
        (Value::Text(text), _) => Some(text),
        (Value::Integer(number), _) => Some(number.to_string()),
        (Value::Real(number), _) => Some(number.to_string()),
        (Value::Uuid(id), Some(ColumnKind::Reference { table })) => {
            Some(Subject::of(session, table, id)?.name.unwrap_or_else(|| id.to_string()))
        }
        (Value::Uuid(id), _) => Some(id.to_string()),
    })
}

fn now(session: &ReadSession<'_>, conflict: &Conflict, column: Option<&'static Column>) -> Result<Option<String>> {
    let Some((entity, column)) = schema::entity(&conflict.entity).zip(column) else {
        return Ok(None);
    };
    let values = entity.find(session, conflict.record_id)?;
    let position = entity.table.position(column.name);
    match values.zip(position).and_then(|(values, at)| values.into_iter().nth(at)) {
        Some(value) => words(session, Some(column), value),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use colophon_catalogue::{Author, AuthorDraft, Book, BookDraft};

    use colophon_store::EntityId as _;

    use super::*;

    #[tokio::test]
    async fn values_are_told_as_people_read_them_and_not_as_they_are_kept() {
        let database = schema::in_memory().await.unwrap();
        let told = database.write(|session| {
            let author = session
                .repo_mut::<Author>()
                .create(&AuthorDraft::named("Karen Blixen"))?;
            let draft = BookDraft::new("Out of Africa", author.id);
            let book = session.repo_mut::<Book>().create(&draft)?;
            let column = |name: &str| {
                let table = schema::entity("book").unwrap().table;
                table.columns.get(table.position(name).unwrap())
            };
            let told = |name: &str, value: Value| shown(session, column(name), Some(&value.to_json().to_string()));
            Ok((
                told("author_id", Value::Uuid(author.id.uuid()))?,
                told("title", Value::Text(book.title))?,
                told("published_year", Value::Integer(-19))?,
                told("subtitle", Value::Null)?,
                shown(session, None, Some("\"of a newer version\""))?,
            ))
        });
        let text = |words: &str| Some(words.to_owned());
        let expected = (
            text("Karen Blixen"),
            text("Out of Africa"),
            text("-19"),
            None,
            text("of a newer version"),
        );
        assert_eq!(told.await.unwrap(), expected);
    }
}
