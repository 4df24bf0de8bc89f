//! What is typed into the search box of a list, and what a list can be narrowed to by picking: chips, values to complete
//! a token with, facets, and the lists of records that want mending.
//!
//! Everything is a filter in its text form, which the window shows, keeps and hands back; it reads none.

use std::str::FromStr;

use colophon_acts::RecordKind;
use colophon_catalogue::filters::{Typed, kind_of, told};
use colophon_catalogue::lists::{FacetCounts, FacetValue, Listed, Lists};
use colophon_catalogue::{Author, AuthorId, Book};
use colophon_store::{EntityId, Error, ReadSession, Result};
use serde::Serialize;
use specta::Type;
use tauri::State;
use uuid::Uuid;

use super::lists::of_kind;
use crate::answer::answer;
use crate::app_state::AppState;
use crate::error::CommandError;
use crate::questions::{ListQuery, Question};
use crate::wire::count;
use crate::worded::Worded;

/// How many values are offered to complete a token.
const VALUES_MAX: usize = 10;
/// The most values of a facet that are asked for.
const FACET_VALUES_MAX: u32 = 1_000;

/// What was typed into a search box, taken apart.
#[derive(Debug, Serialize, Type)]
pub(crate) struct TypedTold {
    /// The words to search, and what is still being typed.
    pub(crate) rest: String,
    /// The words alone, and what tokens look for in texts: what is to be marked where it is found.
    pub(crate) words: String,
    /// The filters that its finished tokens are.
    pub(crate) filters: Vec<String>,
    /// What looks like a token, but is searched as words.
    pub(crate) odd: Vec<String>,
    /// The token that is still being typed.
    pub(crate) unfinished: Option<String>,
}

/// A filter as it is shown.
#[derive(Debug, Serialize, Type)]
pub(crate) struct Chip {
    /// The filter.
    pub(crate) filter: String,
    /// What it asks about: the name of its word in the window's messages.
    pub(crate) name: String,
    /// The kind of thing that it asks about: that of a field, or `list`, `time` or `own`.
    pub(crate) kind: String,
    /// What it asks: `is`, `is_not`, `contains`, `begins`, `between`, `none`, `any` or `bad`.
    pub(crate) test: String,
    /// The value, as it would be typed; a person by name.
    pub(crate) value: String,
}

/// A value that records have, and how many.
#[derive(Debug, Serialize, Type)]
pub(crate) struct ValueTold {
    /// The value; null for records that have none.
    pub(crate) value: Option<String>,
    /// How many have it.
    pub(crate) count: u32,
    /// The filter that leaves these; empty where there is none.
    pub(crate) filter: String,
    /// The filter that leaves all others, where there is one.
    pub(crate) without: Option<String>,
}

/// The values of one thing that gathers the records of a list.
#[derive(Debug, Serialize, Type)]
pub(crate) struct FacetTold {
    /// What gathers: the name of its word in the window's messages.
    pub(crate) name: String,
    /// The kind of thing that its values are: that of a field, or `list` or `own`.
    pub(crate) kind: String,
    /// The values, most frequent first, and last those that have none.
    pub(crate) values: Vec<ValueTold>,
    /// How many more values there are.
    pub(crate) more: u32,
}

/// A list of records that want mending.
#[derive(Debug, Serialize, Type)]
pub(crate) struct QualityTold {
    /// The filter that gives it.
    pub(crate) filter: String,
    /// How many there are; null where counting takes too long.
    pub(crate) count: Option<u32>,
}

/// Takes apart what was typed to find these records. With `finished`, the token at its end is not typed any further.
#[tauri::command]
#[specta::specta]
pub(crate) async fn search_typed(
    kind: Worded<RecordKind>,
    text: String,
    finished: bool,
) -> Result<TypedTold, CommandError> {
    answer(async move { Ok(of_kind!(kind.0, typed(&text, finished))?) }).await
}

/// Filters as they are shown, in their order.
#[tauri::command]
#[specta::specta]
pub(crate) async fn search_chips(
    state: State<'_, AppState>,
    kind: Worded<RecordKind>,
    filters: Vec<String>,
) -> Result<Vec<Chip>, CommandError> {
    answer(async move {
        state
            .read(move |session| of_kind!(kind.0, chips(session, &filters)))
            .await
    })
    .await
}

/// How the token at the end of what was typed may go on.
#[tauri::command]
#[specta::specta]
pub(crate) async fn search_values(
    state: State<'_, AppState>,
    kind: Worded<RecordKind>,
    query: ListQuery,
) -> Result<Option<FacetTold>, CommandError> {
    answer(async move {
        let question = state.questions.put(Question::Values(kind.0, query.clone()));
        state
            .listed(question, move |lists| of_kind!(kind.0, values(lists, query)))
            .await
    })
    .await
}

/// How often values occur among what the query finds, at most `most` of each facet.
#[tauri::command]
#[specta::specta]
pub(crate) async fn list_facets(
    state: State<'_, AppState>,
    kind: Worded<RecordKind>,
    query: ListQuery,
    most: u32,
) -> Result<Vec<FacetTold>, CommandError> {
    answer(async move {
        let most = most.min(FACET_VALUES_MAX) as usize;
        let question = state.questions.put(Question::Facets(kind.0, query.clone()));
        state
            .listed(question, move |lists| of_kind!(kind.0, facets(lists, query, most)))
            .await
    })
    .await
}

/// The lists of these records that want mending.
#[tauri::command]
#[specta::specta]
pub(crate) async fn list_quality(
    state: State<'_, AppState>,
    kind: Worded<RecordKind>,
) -> Result<Vec<QualityTold>, CommandError> {
    answer(async move {
        let question = state.questions.put(Question::Quality(kind.0));
        state
            .listed(question, move |lists| of_kind!(kind.0, quality(lists)))
            .await
    })
    .await
}

fn typed<E: Listed>(text: &str, finished: bool) -> Result<TypedTold> {
    let read = if finished {
        Typed::read::<E>(text)
    } else {
        Typed::read_so_far::<E>(text)
    };
    let unfinished = read.unfinished.map(|token| token.typed);
    let (mut rest, mut words) = (read.words.clone(), read.words);
    let mut filters = Vec::new();
    for token in read.tokens {
        let told = told::<E>(&token.filter)?;
        if matches!(told.test, "contains" | "begins") {
            words = format!("{words} {}", told.value);
        }
        if unfinished.as_ref() != Some(&token.typed) {
            filters.push(token.filter.to_string());
        }
    }
    if let Some(unfinished) = &unfinished {
        rest = format!("{rest} {unfinished}");
    }
    Ok(TypedTold {
        rest: rest.trim().to_owned(),
        words: words.trim().to_owned(),
        filters,
        odd: read.odd,
        unfinished,
    })
}

fn chips<E>(session: &ReadSession<'_>, filters: &[String]) -> Result<Vec<Chip>>
where
    E: Listed,
    E::Filter: FromStr<Err = Error>,
{
    let chip = |filter: &String| {
        let told = told::<E>(&filter.parse()?)?;
        let person = Uuid::parse_str(&told.value).ok().filter(|_| told.name == "author");
        let named = match person {
            Some(id) => session.repo::<Author>().find(AuthorId::from_uuid(id))?,
            None => None,
        };
        Ok(Chip {
            filter: filter.clone(),
            name: told.name,
            kind: told.kind.to_owned(),
            test: told.test.to_owned(),
            value: named.map_or(told.value, |author| author.name),
        })
    };
    filters.iter().map(chip).collect()
}

fn values<E>(lists: &Lists, query: ListQuery) -> Result<Option<FacetTold>>
where
    E: Listed,
    E::Filter: FromStr<Err = Error>,
{
    let typed = Typed::read_so_far::<E>(&query.text);
    let values = lists.completions(query.without_text::<E>()?, typed, VALUES_MAX)?;
    Ok(values.map(facet_told::<E>))
}

fn facets<E>(lists: &Lists, query: ListQuery, most: usize) -> Result<Vec<FacetTold>>
where
    E: Listed,
    E::Filter: FromStr<Err = Error>,
{
    let facets = lists.facets(&query.list::<E>()?, most)?;
    Ok(facets.into_iter().map(facet_told::<E>).collect())
}

fn facet_told<E: Listed>(facet: FacetCounts) -> FacetTold {
    FacetTold {
        name: facet.name.to_owned(),
        kind: kind_of::<E>(facet.name).to_owned(),
        values: facet.values.into_iter().map(ValueTold::from).collect(),
        more: count(facet.more),
    }
}

fn quality<E: Listed>(lists: &Lists) -> Result<Vec<QualityTold>> {
    let told = lists.quality::<E>()?.into_iter().map(|list| QualityTold {
        filter: list.filter.to_owned(),
        count: list.count.map(count),
    });
    Ok(told.collect())
}

impl From<FacetValue> for ValueTold {
    fn from(value: FacetValue) -> Self {
        Self {
            value: value.value,
            count: count(value.count),
            filter: value.filter,
            without: value.without,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use colophon_catalogue::lists::{Listed as _, Lists};
    use colophon_catalogue::{Author, Book};

    use super::typed;

    #[test]
    fn whatever_gathers_and_is_to_be_checked_has_its_words_in_each_language() {
        let messages = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/messages");
        let quality = Book::QUALITY.iter().chain(Author::QUALITY);
        let quality: Vec<String> = quality
            .map(|filter| format!("quality_{}", filter.replace(':', "_")))
            .collect();
        let facets = [Lists::facet_names::<Book>(), Lists::facet_names::<Author>()].concat();
        for language in ["en", "de"] {
            let text = fs::read_to_string(messages.join(format!("{language}.json"))).expect("the messages are read");
            let words: serde_json::Value = serde_json::from_str(&text).expect("the messages are JSON");
            for word in facets.iter().copied().chain(quality.iter().map(String::as_str)) {
                assert!(
                    words[word].is_string(),
                    "ui/messages/{language}.json has no word “{word}”"
                );
            }
        }
    }

    #[test]
    fn a_token_at_the_end_stays_in_the_box_until_it_is_finished() {
        let told = typed::<Book>("crow no:isbn author:hug", false).expect("nothing typed is an error");
        assert_eq!(
            (told.rest.as_str(), told.words.as_str()),
            ("crow author:hug", "crow hug")
        );
        assert_eq!(told.filters, ["isbn:none"]);
        assert_eq!(told.unfinished.as_deref(), Some("author:hug"));
        let told = typed::<Book>("crow no:isbn author:hug", true).expect("nothing typed is an error");
        assert_eq!(told.rest, "crow");
        assert_eq!(told.filters, ["isbn:none", "author~hug"]);
    }
}
