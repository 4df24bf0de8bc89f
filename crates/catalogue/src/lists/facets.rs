//! How many times each value of a field occurs in a list, so that one can be chosen.
//!
//! A single statement counts, under the same filters as the list itself; if something was typed into the search box,
//! among what that has found. What is counted is the values as written: two spellings of one publisher are two values,
//! because that is what somebody looks for here.

use colophon_store::schema::Value;
use colophon_store::{Bound, Condition as _, Entity, Error, Facet, FieldOf, ReadSession, Result, Sql, Where};
use rusqlite::params_from_iter;
use rusqlite::types::ValueRef;
use serde::Serialize;

use super::{List, Listed, Lists};
use crate::filters::FieldFilter;

/// A value of a field, and how many records have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FacetValue {
    /// The value as it would be typed, or a span of values (`1990..1999`); `None` for records that have none.
    pub value: Option<String>,
    /// How many records have it.
    pub count: u64,
    /// The filter that leaves these, in its text form.
    pub filter: String,
}

impl Lists {
    /// The values of a field in a list with their counts: most frequent first, empty values last. At most `most` of
    /// them.
    pub fn facet<E: Listed>(&self, list: &List<E>, field: FieldOf<E>, most: u32) -> Result<Vec<FacetValue>> {
        let mut conditions = Where::default();
        for filter in &list.filters {
            filter.add_to(&mut conditions);
        }
        if list.text.trim().is_empty() {
            return self.read(|session| counted(session, &conditions, field, most));
        }
        let searched = List {
            filters: Vec::new(),
            ..list.clone()
        };
        E::index(self).found(&searched, |session, found| {
            let row_numbers = serde_json::to_string(found).unwrap_or_default();
            let are_found = "rowid IN (SELECT value FROM json_each(?))";
            conditions.and(are_found, [Bound::Text(row_numbers)]);
            counted(session, &conditions, field, most)
        })
    }
}

/// How the field is gathered; [`Error::Invalid`] if it is not.
fn gathered<E: Entity>(field: FieldOf<E>) -> Result<Facet> {
    field.declared().options.facet.ok_or_else(|| {
        let facets = FieldOf::<E>::typed().filter(|field| field.declared().options.facet.is_some());
        let names: Vec<_> = facets.map(FieldOf::name).collect();
        Error::invalid(
            field.name(),
            format!("its values are not gathered; those of {} are", names.join(", ")),
        )
    })
}

fn counted<E: Entity>(
    session: &ReadSession<'_>,
    conditions: &Where,
    field: FieldOf<E>,
    most: u32,
) -> Result<Vec<FacetValue>> {
    let facet = gathered(field)?;
    let name = field.name();
    let mut values: Vec<Bound> = Vec::new();
    let mut sql = Sql::new("SELECT ");
    match facet {
        Facet::Each => sql.push(name),
        Facet::Spans(length) => {
            values.push(Bound::Integer(length));
            // Rounded down, before our era as well.
            sql.push(name).push("-((").push(name).push("%?1)+?1)%?1")
        }
    };
    sql.push(" AS value,count(*) FROM ").push(E::TABLE.name);
    sql.append(&conditions.clause())
        .push(" GROUP BY value ORDER BY value IS NULL,count(*) DESC,value LIMIT ?");
    values.extend_from_slice(conditions.values());
    values.push(Bound::Integer(most.into()));
    session.lend_functions::<E>()?;
    session.query(&sql, params_from_iter(values), |row| {
        let value = match row.get_ref(0)? {
            ValueRef::Integer(number) => Value::Integer(number),
            ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
            ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => Value::Null,
        };
        let count: i64 = row.get(1)?;
        Ok(shown(field, facet, value, count.unsigned_abs()))
    })
}

fn shown<E: Entity>(field: FieldOf<E>, facet: Facet, value: Value, count: u64) -> FacetValue {
    let declared = field.declared();
    let print = |value: &Value| declared.print(value).unwrap_or_default();
    let (value, filter) = match (facet, value) {
        (_, value) if value == Value::Null || value == declared.column.unsaid() => (None, FieldFilter::empty(field)),
        (Facet::Spans(length), Value::Integer(least)) => {
            let most = least + length - 1;
            let span = format!("{}..{}", print(&Value::Integer(least)), print(&Value::Integer(most)));
            (Some(span), FieldFilter::between(field, least, most))
        }
        (_, value) => (Some(print(&value)), FieldFilter::is(field, value)),
    };
    FacetValue {
        value,
        count,
        filter: filter.to_string(),
    }
}
