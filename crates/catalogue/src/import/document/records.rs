//! One author, one book of a JSON document: fields by their names, in any order.
//!
//! Which fields there are is asked of the entities, so that one that is added is read without a line here. A member that nobody knows is
//! passed over: a newer version may have written it.

use std::fmt;

use colophon_store::schema::ColumnKind;
use colophon_store::{Columns, FieldOf};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};

use crate::author::Author;
use crate::book::Book;

/// An author of the document.
pub(super) struct AuthorRecord {
    pub(super) id: String,
    pub(super) fields: Vec<(FieldOf<Author>, String)>,
}

/// A book of the document.
pub(super) struct BookRecord {
    pub(super) author_id: Option<String>,
    pub(super) fields: Vec<(FieldOf<Book>, String)>,
    pub(super) contributions: Vec<ContributionRecord>,
}

#[derive(Deserialize)]
pub(super) struct ContributionRecord {
    pub(super) author_id: String,
    pub(super) role: String,
}

/// Reads the members of a record: its fields by their names, and those that are no field by `other`, which says no to what it does not
/// know. What nobody knows is passed over.
fn read_members<'de, E: Columns, A: MapAccess<'de>>(
    mut map: A,
    mut other: impl FnMut(&str, &mut A) -> Result<bool, A::Error>,
) -> Result<Vec<(FieldOf<E>, String)>, A::Error> {
    let mut fields = Vec::new();
    while let Some(key) = map.next_key::<String>()? {
        if let Some(field) = FieldOf::named(&key) {
            let cell = match field.declared().column.kind {
                ColumnKind::Integer => map.next_value::<Option<i64>>()?.map(|number| number.to_string()),
                _ => map.next_value::<Option<String>>()?,
            };
            fields.extend(cell.map(|text| (field, text)));
        } else if !other(&key, &mut map)? {
            map.next_value::<IgnoredAny>()?;
        }
    }
    Ok(fields)
}

impl<'de> Deserialize<'de> for AuthorRecord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = AuthorRecord;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an author")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<AuthorRecord, A::Error> {
                let mut id = None;
                let fields = read_members(map, |key, map| {
                    if key == "id" {
                        id = Some(map.next_value()?);
                    }
                    Ok(key == "id")
                })?;
                let id = id.ok_or_else(|| A::Error::missing_field("id"))?;
                Ok(AuthorRecord { id, fields })
            }
        }

        deserializer.deserialize_map(Members)
    }
}

impl<'de> Deserialize<'de> for BookRecord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = BookRecord;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a book")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<BookRecord, A::Error> {
                let (mut author_id, mut contributions) = (None, Vec::new());
                let fields = read_members(map, |key, map| {
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
                })
            }
        }

        deserializer.deserialize_map(Members)
    }
}
