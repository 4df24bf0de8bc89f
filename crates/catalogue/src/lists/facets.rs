//! How many times each value of whatever gathers records occurs in a list, so that one can be chosen.
//!
//! What is counted is the values as written: two spellings of one publisher are two values, because that is what
//! somebody looks for here. They are counted under the same filters as the list itself, and among what its search has
//! found, by the index of the list.

use std::collections::HashMap;

use colophon_store::schema::Value;
use colophon_store::{EntityId as _, Error, Facet, FieldOf, ReadSession, Result};
use serde::Serialize;
use uuid::Uuid;

use super::{List, Listed, Lists};
use crate::author::{Author, AuthorId};
use crate::filters::{FieldFilter, ListFilter, ListTest, Typed, exactly, name_of};
use crate::folding::fold;
use crate::language::Language;
use crate::search::gathered::{Counted, Gathering, Key};

/// A value, and how many records have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FacetValue {
    /// The value as it would be typed, or a span of values (`1990..1999`); `None` for records that have none.
    pub value: Option<String>,
    /// How many records have it.
    pub count: u64,
    /// The filter that leaves these, in its text form; empty where none does.
    pub filter: String,
    /// The filter that leaves all others, where there is one.
    #[serde(skip)]
    pub without: Option<String>,
}

/// The values of one thing that gathers records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FacetCounts {
    /// What gathers: the name of a field, a list, or something besides.
    pub name: &'static str,
    /// The values, most frequent first, and last those that have none.
    pub values: Vec<FacetValue>,
    /// How many more values there are.
    pub more: u64,
}

impl Lists {
    /// What gathers the records of an entity, by name.
    pub fn facet_names<E: Listed>() -> Vec<&'static str> {
        let all = Gathering::<E>::all(E::GATHERED);
        all.iter().map(Gathering::name).collect()
    }

    /// The values of everything that gathers records, in a list: at most `most` of each, and those that have none. Blocks, as a [page](Self::page)
    /// does.
    pub fn facets<E: Listed>(&self, list: &List<E>, most: usize) -> Result<Vec<FacetCounts>> {
        E::index(self).gathered(list, |session, gathered, found| {
            let counted = gathered.counted(session, |_| true, found)?;
            let facet = |(gathering, counted)| facet_of(session, gathering, counted, most);
            counted.into_iter().map(facet).collect()
        })
    }

    /// At most `most` values of one thing that gathers records; [`Error::Invalid`] if what is called this does not.
    pub fn facet<E: Listed>(&self, list: &List<E>, called: &str, most: usize) -> Result<FacetCounts> {
        let name = gathering_called::<E>(called)?;
        E::index(self).gathered(list, |session, gathered, found| {
            let counted = gathered.counted(session, |gathering| gathering.name() == name, found)?;
            let facet = |(gathering, counted)| facet_of(session, gathering, counted, most);
            let mut facets = counted.into_iter().map(facet);
            let mut facet = facets.next().ok_or(Error::Interrupted)??;
            facet.values.truncate(most);
            Ok(facet)
        })
    }

    /// How the token that somebody is typing may go on: the most frequent values, among the records that everything else
    /// finds, in which what is typed of it occurs; `None` if it asks about nothing whose values gather records.
    pub fn completions<E: Listed>(
        &self,
        list: List<E>,
        mut typed: Typed<E::Filter>,
        most: usize,
    ) -> Result<Option<FacetCounts>> {
        let unfinished = typed.unfinished.take();
        let asked = unfinished.and_then(|it| Some((gathering_called::<E>(&it.name).ok()?, it)));
        let Some((name, unfinished)) = asked else {
            return Ok(None);
        };
        typed.tokens.retain(|token| token.typed != unfinished.typed);
        let list = list.typed(typed);
        let part = fold(&unfinished.value);
        E::index(self).gathered(&list, |session, gathered, found| {
            let counted = gathered.counted(session, |gathering| gathering.name() == name, found)?;
            let Some((gathering, mut values)) = counted.into_iter().next() else {
                return Ok(None);
            };
            values.retain(|value| value.key != Key::Nothing);
            if !part.is_empty() {
                let people = people_named(session, &values, &part)?;
                values.retain(|value| may_mean(gathering, value, &part, &people));
            }
            facet_of(session, gathering, values, most).map(Some)
        })
    }
}

/// What gathers and is called this.
fn gathering_called<E: Listed>(called: &str) -> Result<&'static str> {
    let name = name_of::<E>(called)?;
    let all = Lists::facet_names::<E>();
    all.iter().find(|known| **known == name).copied().ok_or_else(|| {
        let reason = format!("its values are not gathered; those of {} are", all.join(", "));
        Error::invalid(name, reason)
    })
}

/// Those people among the values in whose name a folded text occurs.
fn people_named(session: &ReadSession<'_>, values: &[Counted], part: &str) -> Result<Vec<Uuid>> {
    if !values.iter().any(|value| matches!(value.key, Key::Id(_))) {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    session.visit(&PEOPLE, [part], |row| {
        found.push(colophon_store::read_uuid(row.get_ref(0)?).map_err(rusqlite::Error::from)?);
        Ok(true)
    })?;
    found.sort_unstable();
    Ok(found)
}

const PEOPLE: colophon_store::Sql = colophon_store::Sql::new("SELECT id FROM author WHERE instr(name_key,?)>0");

/// Whether somebody who types this may mean a value.
fn may_mean<E: Listed>(gathering: &Gathering<E>, value: &Counted, part: &str, people: &[Uuid]) -> bool {
    let says = |text: &str| fold(text).contains(part);
    match &value.key {
        Key::Nothing => false,
        Key::Id(id) => people.binary_search(id).is_ok(),
        Key::Integer(number) => number.to_string().starts_with(part),
        Key::Text(text) => {
            let is_language = matches!(gathering, Gathering::Field(field, _)
                if field.declared().options.kind.is_some_and(|kind| kind.word() == "language"));
            let named = || Language::parse(text).ok().and_then(Language::name).is_some_and(says);
            says(value.text.as_deref().unwrap_or(text)) || (is_language && named())
        }
    }
}

/// The most frequent of some values, in the form in which people see them.
fn facet_of<E: Listed>(
    session: &ReadSession<'_>,
    gathering: &Gathering<E>,
    mut counted: Vec<Counted>,
    most: usize,
) -> Result<FacetCounts> {
    let order = |one: &Counted, other: &Counted| other.count.cmp(&one.count).then_with(|| one.key.cmp(&other.key));
    // What has no value always stays: it is what somebody who mends a catalogue looks for.
    let nothing = counted.iter().position(|value| value.key == Key::Nothing);
    let nothing = nothing.map(|at| counted.swap_remove(at));
    let more = counted.len().saturating_sub(most);
    if more > 0 {
        counted.select_nth_unstable_by(most, order);
        counted.truncate(most);
    }
    counted.sort_unstable_by(order);
    counted.extend(nothing);
    let names = names_of(session, &counted)?;
    let shown = |value: Counted| shown(gathering, value, &names);
    Ok(FacetCounts {
        name: gathering.name(),
        values: counted.into_iter().map(shown).collect(),
        more: more as u64,
    })
}

/// The names of the people among some values.
fn names_of(session: &ReadSession<'_>, counted: &[Counted]) -> Result<HashMap<Uuid, String>> {
    let ids: Vec<AuthorId> = (counted.iter())
        .filter_map(|value| match value.key {
            Key::Id(id) => Some(AuthorId::from_uuid(id)),
            _ => None,
        })
        .collect();
    let found = session.repo::<Author>().find_all(&ids)?;
    Ok(found.into_iter().map(|(id, author)| (id.uuid(), author.name)).collect())
}

fn shown<E: Listed>(gathering: &Gathering<E>, counted: Counted, names: &HashMap<Uuid, String>) -> FacetValue {
    let (value, filter) = match gathering {
        Gathering::Field(field, facet) => of_field(*field, *facet, counted.key),
        Gathering::List(list) => {
            let value = counted.text.filter(|_| counted.key != Key::Nothing);
            let test = value.clone().map_or(ListTest::Empty, ListTest::Has);
            (value, ListFilter::new(list, test).to_string())
        }
        Gathering::Own(own) => match counted.key {
            Key::Id(id) => (
                Some(names.get(&id).cloned().unwrap_or_default()),
                format!("{}:{id}", own.name),
            ),
            Key::Text(text) => (Some(text.clone()), exactly(own.name, &text)),
            Key::Integer(number) => (Some(number.to_string()), format!("{}:{number}", own.name)),
            // Not everything can be asked whether it is there.
            Key::Nothing => {
                let filter = format!("{}:none", own.name);
                (
                    None,
                    filter.parse::<E::Filter>().map_or_else(|_| String::new(), |_| filter),
                )
            }
        },
    };
    let is_span = matches!(gathering, Gathering::Field(_, Facet::Spans(_))) && value.is_some();
    FacetValue {
        without: without(&filter).filter(|_| !is_span),
        value,
        count: counted.count,
        filter,
    }
}

/// The filter that leaves what another does not.
fn without(filter: &str) -> Option<String> {
    let (name, value) = filter.split_once(':')?;
    Some(match value {
        "none" => format!("{name}:any"),
        value => format!("{name}!:{value}"),
    })
}

fn of_field<E: Listed>(field: FieldOf<E>, facet: Facet, key: Key) -> (Option<String>, String) {
    let declared = field.declared();
    let print = |value: &Value| declared.print(value).unwrap_or_default();
    let (value, filter) = match (facet, key) {
        (Facet::Spans(length), Key::Integer(least)) => {
            let most = least + length - 1;
            let span = format!("{}..{}", print(&Value::Integer(least)), print(&Value::Integer(most)));
            (Some(span), FieldFilter::between(field, least, most))
        }
        (_, Key::Integer(number)) => {
            let value = Value::Integer(number);
            (Some(print(&value)), FieldFilter::is(field, value))
        }
        (_, Key::Text(text)) => {
            let value = Value::Text(text);
            (Some(print(&value)), FieldFilter::is(field, value))
        }
        (_, Key::Nothing | Key::Id(_)) => (None, FieldFilter::empty(field)),
    };
    (value, filter.to_string())
}
