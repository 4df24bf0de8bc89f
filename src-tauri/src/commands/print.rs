//! What is printed: rows of chosen records in an order of their own, and the system's dialog.

use std::str::FromStr;
use std::sync::Arc;

use colophon_acts::RecordKind;
use colophon_catalogue::lists::{Listed, Lists, order_called};
use colophon_catalogue::{Author, Book};
use colophon_store::{Error, Page, PageRequest, Result};
use tauri::{Manager as _, State};

use super::lists::{ListRow, columns_called, of_kind, row};
use super::selection::Selected;
use crate::answer::answer;
use crate::app_state::{AppState, no_window};
use crate::error::{Code, CommandError};
use crate::runtime::AppHandle;
use crate::window::MAIN_WINDOW;
use crate::wire::Rows;
use crate::worded::Worded;

/// One page of chosen records, in this order.
#[tauri::command]
#[specta::specta]
pub(crate) async fn print_rows(
    state: State<'_, AppState>,
    kind: Worded<RecordKind>,
    selected: Selected,
    sort: String,
    columns: Vec<String>,
    page: u32,
    per_page: u32,
) -> Result<Rows<ListRow>, CommandError> {
    answer(async move {
        let request = PageRequest::new(page.into(), per_page)?;
        let found = state.listed(Arc::default(), move |lists| {
            of_kind!(kind.0, rows(lists, selected, &sort, &columns, request))
        });
        Ok(Rows::of(found.await?))
    })
    .await
}

/// Opens the system's dialog, in which the page that is shown is printed or made a PDF of.
#[tauri::command]
#[specta::specta]
pub(crate) async fn print_dialog(app: AppHandle) -> Result<(), CommandError> {
    answer(async move {
        let window = app.get_webview_window(MAIN_WINDOW).ok_or_else(no_window)?;
        window
            .print()
            .map_err(|error| CommandError::new(Code::Internal, error.to_string()))
    })
    .await
}

fn rows<E>(
    lists: &Lists,
    selected: Selected,
    sort: &str,
    columns: &[String],
    request: PageRequest,
) -> Result<Page<ListRow>>
where
    E: Listed,
    E::Filter: FromStr<Err = Error>,
{
    let columns = columns_called::<E>(columns)?;
    let order = (order_called::<E>(sort)?, false);
    let page = lists.selected_page::<E>(&selected.selection()?, order, request)?;
    Ok(page.map(|line| row(&columns, &line)))
}
