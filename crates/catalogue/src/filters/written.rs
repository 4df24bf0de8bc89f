//! The text form of a filter: a field, what is asked about it, and a value.
//!
//! | written | asks |
//! |---|---|
//! | `publisher:Penguin` | is exactly this |
//! | `publisher!:Penguin` | is something else, or nothing |
//! | `publisher~penguin` | has this in it, without case and accents |
//! | `publisher^peng` | begins with this |
//! | `published_year:1990..1999`, `1990..`, `..1999` | lies between, at least, at most |
//! | `isbn:none`, `isbn:any` | says nothing, says something |
//! | `language:bad` | says what the field would not be given today |
//!
//! A list of texts is queried in the same way: `tag:Fantasy` has it, `tag~fan`, `tags:none`,
//! `identifier:doi:10.1000/182` or `doi:10.1000/182`.
//!
//! A value in quotation marks is taken literally: `publisher:"none"`. A field or a list is called by its name, or as
//! the headers of files call it (`year`, `verlag`, `subjects`).

use std::borrow::Cow;
use std::fmt;

use colophon_store::schema::{Table, Value};
use colophon_store::{Entity, Error, FieldOf, Kind, Result};

use super::{FieldFilter, ListFilter, ListTest, Test};
use crate::belongings::{Belongings, ListColumn, belongings_of};
use crate::folding;

/// A filter taken apart.
pub struct Written<'t> {
    /// What the field is called.
    pub(super) name: &'t str,
    /// The operator: `:`, `!:`, `~` or `^`.
    pub(super) how: &'t str,
    /// The value, without its quotation marks.
    pub(super) value: String,
    /// Whether it had some, and so is not a keyword.
    pub(super) is_quoted: bool,
}

const WAYS: [&str; 4] = ["!:", ":", "~", "^"];
const RANGE: &str = "..";

/// Takes a filter apart.
pub(super) fn taken_apart(text: &str) -> Result<Written<'_>> {
    let no_filter = || {
        Error::invalid(
            "filter",
            format!(
                "“{text}” is no filter; one is a field, a sign and a value: publisher:Penguin, publisher~peng, \
                 published_year:1990..1999, isbn:none, language:bad"
            ),
        )
    };
    let is_of_name = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | ' ');
    let end = text.find(|letter: char| !is_of_name(letter)).ok_or_else(no_filter)?;
    let (name, rest) = text.split_at(end);
    let how = WAYS
        .into_iter()
        .find(|way| rest.starts_with(way))
        .ok_or_else(no_filter)?;
    let written = rest[how.len()..].trim();
    let quoted = written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let value = quoted.map_or_else(|| written.to_owned(), |quoted| quoted.replace("\"\"", "\""));
    if name.trim().is_empty() || value.is_empty() {
        return Err(no_filter());
    }
    Ok(Written {
        name: name.trim(),
        how,
        value,
        is_quoted: quoted.is_some(),
    })
}

/// The form in which names are compared.
pub(super) fn key_of(name: &str) -> String {
    folding::fold(name).replace([' ', '_', '-'], "")
}

/// The list that is called this: by its name, the name of its items, or a header by which files call it.
pub(super) fn list_called(of: &Table, name: &str) -> Option<(&'static Belongings, Option<&'static ListColumn>)> {
    let key = key_of(name);
    let is_called = |called: &str| called.replace('_', "") == key;
    belongings_of(of).find_map(|list| {
        if is_called(list.name) || is_called(list.one) || list.called.split(' ').any(is_called) {
            return Some((list, None));
        }
        // A header that means something else beside another column means nothing here.
        let mut columns = list.columns.iter().filter(|column| column.beside.is_empty());
        let column = columns.find(|column| column.headers.split(' ').any(|header| header == key))?;
        Some((list, Some(column)))
    })
}

/// The field that is called this: its name, or a header by which files call it.
pub fn field_called<E: Entity>(name: &str) -> Result<FieldOf<E>> {
    let key = key_of(name);
    let by_header = |field: &FieldOf<E>| field.declared().headers().position(|header| header == key);
    let known = || {
        FieldOf::typed()
            .filter_map(|field| Some((by_header(&field)?, field)))
            .min_by_key(|(place, _)| *place)
            .map(|(_, field)| field)
    };
    let by_name = || FieldOf::<E>::typed().find(|field| field.name().replace('_', "") == key);
    by_name().or_else(known).ok_or_else(|| {
        let lists = belongings_of(E::TABLE).map(|list| list.name);
        let names: Vec<_> = FieldOf::<E>::typed().map(FieldOf::name).chain(lists).collect();
        let reason = format!("a {} has no such field; it has {}", E::TABLE.name, names.join(", "));
        Error::invalid("filter", format!("“{name}”: {reason}"))
    })
}

impl<E: Entity> FieldFilter<E> {
    /// Reads what follows a field.
    pub(super) fn read(field: FieldOf<E>, written: &Written<'_>) -> Result<Self> {
        let value = || -> Result<Value> {
            let declared = field.declared();
            declared.check(declared.parse(&written.value)?)
        };
        let test = match (written.how, written.value.as_str()) {
            ("~", part) => Test::Contains(part.to_owned()),
            ("^", beginning) => Test::BeginsWith(beginning.to_owned()),
            (":", "none") | ("!:", "any") if !written.is_quoted => Test::Empty,
            (":", "any") | ("!:", "none") if !written.is_quoted => Test::NotEmpty,
            (":", "bad") if !written.is_quoted => Test::Bad,
            (":", range) if !written.is_quoted && is_number(field) && range.contains(RANGE) => {
                let (least, most) = range.split_once(RANGE).unwrap_or_default();
                Test::Between(end_of(field, least)?, end_of(field, most)?)
            }
            (":", _) => Test::Is(value()?),
            _ => Test::IsNot(value()?),
        };
        Self::new(field, test)
    }
}

impl ListFilter {
    /// Reads what follows a list, or a column of it.
    pub(super) fn read(list: &'static Belongings, column: Option<&ListColumn>, written: &Written<'_>) -> Result<Self> {
        let checked = || {
            let full = column.map_or(Cow::Borrowed(written.value.as_str()), |column| {
                column.in_full(&written.value)
            });
            list.checked(&full)
        };
        let test = match (written.how, is_there(written)) {
            (_, Some(true)) => ListTest::NotEmpty,
            (_, Some(false)) => ListTest::Empty,
            ("~", _) => ListTest::Contains(written.value.clone()),
            ("^", _) => ListTest::BeginsWith(written.value.clone()),
            (":", _) => ListTest::Has(checked()?),
            _ => ListTest::HasNot(checked()?),
        };
        Ok(Self::new(list, test))
    }
}

impl fmt::Display for ListFilter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.list().name;
        match self.test() {
            ListTest::Has(text) => write!(formatter, "{name}:{}", quoted(text)),
            ListTest::HasNot(text) => write!(formatter, "{name}!:{}", quoted(text)),
            ListTest::Contains(part) => write!(formatter, "{name}~{}", quoted(part)),
            ListTest::BeginsWith(beginning) => write!(formatter, "{name}^{}", quoted(beginning)),
            ListTest::Empty => write!(formatter, "{name}:none"),
            ListTest::NotEmpty => write!(formatter, "{name}:any"),
        }
    }
}

pub(super) fn is_number<E: Entity>(field: FieldOf<E>) -> bool {
    field.declared().options.kind.is_some_and(Kind::is_number)
}

/// One end of a range; `None` if it is left open.
fn end_of<E: Entity>(field: FieldOf<E>, typed: &str) -> Result<Option<i64>> {
    let typed = typed.trim();
    match field.declared().parse(typed)? {
        Value::Integer(number) => Ok(Some(number)),
        // A zero is empty as a year, but still an end.
        _ => Ok(typed.parse().ok()),
    }
}

/// A value in a form that is read back unchanged.
pub(super) fn quoted(value: &str) -> String {
    let is_word = matches!(value, "none" | "any" | "bad");
    if is_word || value.contains('"') || value.trim() != value {
        return format!("\"{}\"", value.replace('"', "\"\""));
    }
    value.to_owned()
}

impl<E: Entity> fmt::Display for FieldFilter<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let declared = self.field().declared();
        let name = declared.name();
        let print = |value: &Value| quoted(&declared.print(value).unwrap_or_default());
        let end = |end: Option<i64>| {
            end.and_then(|end| declared.print(&Value::Integer(end)))
                .unwrap_or_default()
        };
        match self.test() {
            Test::Is(value) => write!(formatter, "{name}:{}", print(value)),
            Test::IsNot(value) => write!(formatter, "{name}!:{}", print(value)),
            Test::Contains(part) => write!(formatter, "{name}~{}", quoted(part)),
            Test::BeginsWith(beginning) => write!(formatter, "{name}^{}", quoted(beginning)),
            Test::Between(least, most) => write!(formatter, "{name}:{}{RANGE}{}", end(*least), end(*most)),
            Test::Empty => write!(formatter, "{name}:none"),
            Test::NotEmpty => write!(formatter, "{name}:any"),
            Test::Bad => write!(formatter, "{name}:bad"),
        }
    }
}

/// `none` and `any`, for something that is there or not.
pub(super) fn is_there(written: &Written<'_>) -> Option<bool> {
    match (written.how, written.value.as_str()) {
        _ if written.is_quoted => None,
        (":", "any") | ("!:", "none") => Some(true),
        (":", "none") | ("!:", "any") => Some(false),
        _ => None,
    }
}
