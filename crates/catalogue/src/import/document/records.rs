//! One author or one book of a JSON document: fields by their names, in any order.
//!
//! The entities say which fields there are, so that a new one is read without a line here. An unknown member is
//! skipped: a newer version may have written it.

use std::fmt;

use colophon_store::schema::ColumnKind;
use colophon_store::{Columns, FieldOf};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};

use crate::author::Author;
use crate::belongings::belongings_named;
use crate::book::Book;
use crate::import::described::Listed;

/// An author of the document.
pub(super) struct AuthorRecord {
    pub(super) id: String,
    pub(super) fields: Vec<(FieldOf<Author>, String)>,
    pub(super) lists: Listed,
}

/// A book of the document.
pub(super) struct BookRecord {
    pub(super) author_id: Option<String>,
    pub(super) fields: Vec<(FieldOf<Book>, String)>,
    pub(super) contributions: Vec<ContributionRecord>,
    pub(super) lists: Listed,
}

#[derive(Deserialize)]
pub(super) struct ContributionRecord {
    pub(super) author_id: String,
    pub(super) role: String,
}

/// The fields and the lists of a record.
struct Members<E> {
    fields: Vec<(FieldOf<E>, String)>,
    lists: Listed,
}

/// Reads the members of a record: its fields and its lists by their names, and any that are neither with `other`, which
/// refuses what it does not know. Unknown members are skipped.
fn read_members<'de, E: Columns, A: MapAccess<'de>>(
    mut map: A,
    mut other: impl FnMut(&str, &mut A) -> Result<bool, A::Error>,
) -> Result<Members<E>, A::Error> {
    let (mut fields, mut lists) = (Vec::new(), Vec::new());
    while let Some(key) = map.next_key::<String>()? {
        if let Some(field) = FieldOf::named(&key) {
            let cell = match field.declared().column.kind {
                ColumnKind::Integer => map.next_value::<Option<i64>>()?.map(|number| number.to_string()),
                _ => map.next_value::<Option<String>>()?,
            };
            fields.extend(cell.map(|text| (field, text)));
        } else if let Some(list) = belongings_named(E::TABLE, &key) {
            lists.push((list, map.next_value()?));
        } else if !other(&key, &mut map)? {
            map.next_value::<IgnoredAny>()?;
        }
    }
    Ok(Members { fields, lists })
}

impl<'de> Deserialize<'de> for AuthorRecord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Record;

        impl<'de> Visitor<'de> for Record {
            type Value = AuthorRecord;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an author")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<AuthorRecord, A::Error> {
                let mut id = None;
                let Members { fields, lists } = read_members(map, |key, map| {
                    if key == "id" {
                        id = Some(map.next_value()?);
                    }
                    Ok(key == "id")
                })?;
                let id = id.ok_or_else(|| A::Error::missing_field("id"))?;
                Ok(AuthorRecord { id, fields, lists })
            }
        }

        deserializer.deserialize_map(Record)
    }
}

impl<'de> Deserialize<'de> for BookRecord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Record;

        impl<'de> Visitor<'de> for Record {
            type Value = BookRecord;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a book")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<BookRecord, A::Error> {
                let (mut author_id, mut contributions) = (None, Vec::new());
                let Members { fields, lists } = read_members(map, |key, map| {
                    match key {
                        "author_id" => author_id = map.next_value()?,
                        "contributions" => contributions = map.next_value()?,
                        _ => return Ok(false),
                    }
                    Ok(true)
                })?;
                Ok(BookRecord {
                    author_id,
                    fields,
                    contributions,
                    lists,
                })
            }
        }

        deserializer.deserialize_map(Record)
    }
}
