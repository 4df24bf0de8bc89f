//! The lists of records: what their columns are, pages of them, and where in a list a record is.
//!
//! There is one set of commands for every kind of record. What a list can show and be ordered by follows from the
//! declaration of the entity, so a declared field is a column here and in the window without a line in either.

use std::collections::BTreeMap;
use std::str::FromStr;

use colophon_acts::RecordKind;
use colophon_catalogue::filters::Typed;
use colophon_catalogue::lists::{Column, List, Listed, Lists, order_called};
use colophon_catalogue::{Author, Book};
use colophon_store::{EntityId, Error, Page, PageRequest, ReadSession, Result};
use serde::Serialize;
use specta::Type;
use tauri::State;
use uuid::Uuid;

use crate::answer::answer;
use crate::app_state::AppState;
use crate::error::CommandError;
use crate::questions::{ListQuery, Question};
use crate::wire::{Rows, count};
use crate::worded::Worded;

/// The most columns that a list is asked for; there are fewer than that.
const COLUMNS_MAX: usize = 100;

/// A column that a list can have.
#[derive(Debug, Serialize, Type)]
pub(crate) struct ListColumn {
    /// Its name, which is also the name of its word in the window's messages.
    pub(crate) name: &'static str,
    /// The kind of thing it holds: that of its field, or `own` for what is no field of the record.
    pub(crate) kind: &'static str,
    /// Whether the list can be ordered by it.
    pub(crate) sortable: bool,
    /// Whether it is best shown in figures of one width.
    pub(crate) figures: bool,
    /// Its place among the columns that are shown unless somebody wants others; absent for those others.
    pub(crate) first: Option<u32>,
}

/// A record as its list shows it.
#[derive(Debug, Serialize, Type)]
pub(crate) struct ListRow {
    /// The record's id.
    pub(crate) id: Uuid,
    /// What it says in the columns that were asked for, by their names; one that says nothing is not among them.
    pub(crate) cells: BTreeMap<String, String>,
    /// Whether the server has yet to see a change of it.
    pub(crate) waiting: bool,
}

/// Does the same for whichever entity a kind of record is.
macro_rules! of_kind {
    ($kind:expr, $call:ident($($argument:expr),*)) => {
        match $kind {
            RecordKind::Book => $call::<Book>($($argument),*),
            RecordKind::Author => $call::<Author>($($argument),*),
        }
    };
}
pub(super) use of_kind;

/// The columns that a list of these can have, in the order in which they are offered.
#[tauri::command]
#[specta::specta]
pub(crate) async fn list_columns(kind: Worded<RecordKind>) -> Result<Vec<ListColumn>, CommandError> {
    answer(async move { Ok(of_kind!(kind.0, columns())) }).await
}

/// One page of the records that match. It ends when another query is put for these records, as does [`list_index`].
#[tauri::command]
#[specta::specta]
pub(crate) async fn list_page(
    state: State<'_, AppState>,
    kind: Worded<RecordKind>,
    query: ListQuery,
    columns: Vec<String>,
    page: u32,
    per_page: u32,
) -> Result<Rows<ListRow>, CommandError> {
    answer(async move {
        let request = PageRequest::new(page.into(), per_page)?;
        let question = state.questions.put(Question::List(kind.0, query.clone()));
        let found = state.listed(question, move |lists| {
            of_kind!(kind.0, page_of(lists, query, &columns, request))
        });
        Ok(Rows::of(found.await?))
    })
    .await
}

/// The rows of these records as they are now; one that is gone is left out.
#[tauri::command]
#[specta::specta]
pub(crate) async fn list_rows(
    state: State<'_, AppState>,
    kind: Worded<RecordKind>,
    columns: Vec<String>,
    ids: Vec<Uuid>,
) -> Result<Vec<ListRow>, CommandError> {
    answer(async move {
        state
            .read(move |session| of_kind!(kind.0, rows_of(session, &columns, &ids)))
            .await
    })
    .await
}

/// How many rows stand before this record in the list that the query gives; nothing when it does not match.
#[tauri::command]
#[specta::specta]
pub(crate) async fn list_index(
    state: State<'_, AppState>,
    kind: Worded<RecordKind>,
    query: ListQuery,
    id: Uuid,
) -> Result<Option<u32>, CommandError> {
    answer(async move {
        let question = state.questions.put(Question::List(kind.0, query.clone()));
        let position = state.listed(question, move |lists| of_kind!(kind.0, position_of(lists, query, id)));
        Ok(position.await?.map(count))
    })
    .await
}

fn columns<E: Listed>() -> Vec<ListColumn> {
    let first: Vec<_> = Column::<E>::first().map(Column::name).collect();
    let described = |column: Column<E>| {
        let kind = match column {
            Column::Field(field) => field.declared().options.kind.map(|kind| kind.word()),
            _ => None,
        };
        ListColumn {
            name: column.name(),
            kind: kind.unwrap_or("own"),
            sortable: column.order().is_some(),
            figures: column.is_figures(),
            first: first
                .iter()
                .position(|name| *name == column.name())
                .map(|position| count(position as u64)),
        }
    };
    Column::<E>::all().map(described).collect()
}

fn page_of<E>(lists: &Lists, query: ListQuery, columns: &[String], request: PageRequest) -> Result<Page<ListRow>>
where
    E: Listed,
    E::Filter: FromStr<Err = Error>,
{
    let columns = columns_called::<E>(columns)?;
    let page = lists.page::<E>(&query.list()?, request)?;
    Ok(page.map(|line| row(&columns, &line)))
}

fn rows_of<E: Listed>(session: &ReadSession<'_>, columns: &[String], ids: &[Uuid]) -> Result<Vec<ListRow>> {
    let columns = columns_called::<E>(columns)?;
    let ids: Vec<E::Id> = ids.iter().copied().map(EntityId::from_uuid).collect();
    let mut found = session.repo::<E>().find_all(&ids)?;
    let in_order = ids.iter().filter_map(|id| found.remove(id)).collect();
    Ok(E::lines(session, in_order)?
        .iter()
        .map(|line| row(&columns, line))
        .collect())
}

fn position_of<E>(lists: &Lists, query: ListQuery, id: Uuid) -> Result<Option<u64>>
where
    E: Listed,
    E::Filter: FromStr<Err = Error>,
{
    lists.position::<E>(&query.list()?, EntityId::from_uuid(id))
}

pub(super) fn columns_called<E: Listed>(names: &[String]) -> Result<Vec<Column<E>>> {
    names.iter().take(COLUMNS_MAX).map(|name| name.parse()).collect()
}

pub(super) fn row<E: Listed>(columns: &[Column<E>], line: &E::Line) -> ListRow {
    let cell = |column: &Column<E>| Some((column.name().to_owned(), column.text(line)?));
    ListRow {
        id: E::row(line).id().uuid(),
        cells: columns.iter().filter_map(cell).collect(),
        waiting: E::is_waiting(line),
    }
}

impl ListQuery {
    /// The list that is asked for.
    pub(super) fn list<E>(self) -> Result<List<E>>
    where
        E: Listed,
        E::Filter: FromStr<Err = Error>,
    {
        let typed = Typed::read_so_far::<E>(&self.text);
        Ok(self.without_text::<E>()?.typed(typed))
    }

    /// The same without what was typed.
    pub(super) fn without_text<E>(self) -> Result<List<E>>
    where
        E: Listed,
        E::Filter: FromStr<Err = Error>,
    {
        Ok(List {
            text: String::new(),
            filters: self
                .filters
                .iter()
                .map(|filter| filter.parse())
                .collect::<Result<_>>()?,
            sort: order_called::<E>(&self.sort)?,
            descending: self.descending,
        })
    }
}
