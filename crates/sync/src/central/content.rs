//! Rows as the server writes them into JSON, read without anything in between: a device in a large crowd reads dozens
//! of them a second.

use std::borrow::Cow;
use std::fmt;

use colophon_store::schema::{Column, ColumnKind, Real, Table, Value};
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::rows::moment;

/// A row as a tombstone keeps it. Nothing is said about a column that was added later. The error names the field at
/// fault.
pub(super) fn read_content(table: &Table, content: &str) -> Result<Vec<Value>, String> {
    let mut reader = serde_json::Deserializer::from_str(content);
    let row = Row(table).deserialize(&mut reader);
    match row.and_then(|row| reader.end().map(|()| row)) {
        Ok(row) => row,
        // What is not a row says nothing about any column.
        Err(_) => match serde_json::from_str::<IgnoredAny>(content) {
            Ok(_) => Ok(table.columns.iter().map(Column::unsaid).collect()),
            Err(error) => Err(error.to_string()),
        },
    }
}

/// The values of a row, or the name of the field at fault.
type Content = Result<Vec<Value>, String>;

struct Row<'t>(&'t Table);

impl<'de> DeserializeSeed<'de> for Row<'_> {
    type Value = Content;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Content, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Row<'_> {
    type Value = Content;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a row of {}", self.0.name)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Content, A::Error> {
        let columns = self.0.columns;
        let mut values: Vec<Value> = columns.iter().map(Column::unsaid).collect();
        let (mut expected, mut fault) = (0, None);
        while let Some(Name(name)) = fields.next_key_seed(NameSeed)? {
            // As a rule, they come in the order of the columns.
            let following = columns.iter().enumerate().skip(expected);
            let mut in_turn = following.chain(columns.iter().enumerate().take(expected));
            let Some((position, column)) = in_turn.find(|(_, column)| column.name == name) else {
                fields.next_value::<IgnoredAny>()?;
                continue;
            };
            expected = position + 1;
            match fields.next_value_seed(FieldSeed)?.read(column) {
                Some(value) => values[position] = value,
                None => fault = fault.or(Some(column.name)),
            }
        }
        Ok(fault.map_or(Ok(values), |name| Err(name.to_owned())))
    }
}

/// The name of a field.
struct Name<'de>(Cow<'de, str>);

struct NameSeed;

/// A field.
enum Field<'de> {
    Null,
    Number(i64),
    Fraction(f64),
    Text(Cow<'de, str>),
    /// A value of a kind that no column has.
    Other,
}

struct FieldSeed;

impl Field<'_> {
    /// `None` if it does not fit the column.
    fn read(self, column: &Column) -> Option<Value> {
        match (column.kind, self) {
            (_, Self::Null) => Some(Value::Null),
            (ColumnKind::Timestamp, Self::Text(text)) => Some(Value::Integer(moment(&text))),
            (ColumnKind::Text, Self::Text(text)) => Some(Value::Text(text.into_owned())),
            (ColumnKind::Id | ColumnKind::Reference { .. } | ColumnKind::Uuid, Self::Text(text)) => {
                text.parse().ok().map(Value::Uuid)
            }
            (ColumnKind::Integer | ColumnKind::BigInteger | ColumnKind::Timestamp, Self::Number(number)) => {
                Some(Value::Integer(number))
            }
            (ColumnKind::Real, Self::Number(number)) => Real::whole(number).map(Value::Real),
            (ColumnKind::Real, Self::Fraction(number)) => Real::new(number).map(Value::Real),
            _ => None,
        }
    }
}

impl<'de> DeserializeSeed<'de> for NameSeed {
    type Value = Name<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Name<'de>, D::Error> {
        match deserializer.deserialize_str(FieldSeed)? {
            Field::Text(name) => Ok(Name(name)),
            _ => Err(D::Error::custom("a field without a name")),
        }
    }
}

impl<'de> DeserializeSeed<'de> for FieldSeed {
    type Value = Field<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Field<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for FieldSeed {
    type Value = Field<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a field")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Field::Null)
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Field::Number(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(number).map_or(Field::Other, Field::Number))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Field::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Field::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Field::Other)
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Field::Fraction(number))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Self::Value, A::Error> {
        while parts.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Field::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut parts: A) -> Result<Self::Value, A::Error> {
        while parts.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Field::Other)
    }
}

#[cfg(test)]
mod tests {
    use colophon_catalogue::Author;
    use colophon_store::Columns as _;
    use uuid::Uuid;

    use super::*;

    /// What is read of these columns.
    fn read(content: &str, columns: &[&str]) -> Result<Vec<Value>, String> {
        let values = read_content(Author::TABLE, content)?;
        let position = |column: &&str| Author::TABLE.position(column).expect("an author has this");
        Ok(columns.iter().map(position).map(|at| values[at].clone()).collect())
    }

    #[test]
    fn fields_are_read_in_whatever_order_and_whatever_else_there_is() {
        let content = r#"{"notes": "a \"word\"", "later": {"deep": [1, null, {"x": true}]}, "n\u0061me": "Ann", "birth_year": -44,
            "id": "01900000-0000-7000-8000-000000000001", "created_at": "1970-01-01T00:00:01+00:00", "sort_name": null}"#;
        let text = |text: &str| Value::Text(text.to_owned());
        assert_eq!(
            read(
                content,
                &[
                    "id",
                    "name",
                    "sort_name",
                    "birth_year",
                    "notes",
                    "created_at",
                    "updated_at"
                ]
            ),
            Ok(vec![
                Value::Uuid(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001)),
                text("Ann"),
                Value::Null,
                Value::Integer(-44),
                text("a \"word\""),
                Value::Integer(1_000_000),
                Value::Integer(0),
            ])
        );
    }

    #[test]
    fn the_field_that_is_at_fault_is_named() {
        for (content, fault) in [
            (r#"{"name": 1}"#, "name"),
            (r#"{"name": ["a"], "notes": "n"}"#, "name"),
            (r#"{"birth_year": 1.5}"#, "birth_year"),
            (r#"{"birth_year": 9223372036854775808}"#, "birth_year"),
            (r#"{"id": "no id", "name": "a"}"#, "id"),
            (r#"{"created_at": true}"#, "created_at"),
        ] {
            assert_eq!(read(content, &["name"]), Err(fault.to_owned()), "{content}");
        }
    }

    #[test]
    fn what_is_no_row_says_nothing_and_what_is_no_json_is_told() {
        for content in ["null", "[1]", "\"name\"", "7"] {
            assert_eq!(
                read(content, &["name"]),
                Ok(vec![Value::Text(String::new())]),
                "{content}"
            );
        }
        for content in ["", r#"{"name": "a""#, r#"{"name": "a"} and"#] {
            assert!(read(content, &["name"]).is_err(), "{content}");
        }
    }
}
