//! What was done in the catalogue since some time, here and elsewhere.

use colophon_acts::RecordKind;
use colophon_acts::activity::{self, Activity};
use colophon_acts::undo::Told;
use colophon_catalogue::elsewhere::Elsewhere;
use colophon_catalogue::schema::entity;
use colophon_catalogue::word::Word as _;
use jiff::Timestamp;
use serde::Serialize;
use specta::Type;
use tauri::State;

use super::elsewhere::{WhoTold, server, unanswered};
use super::undo::ActTold;
use crate::answer::answer;
use crate::app_state::{AppState, Opened};
use crate::error::{Code, CommandError};
use crate::wire::instant;

/// How many of the server's latest changes are looked through, and how many of its latest new records.
const CHANGES_MAX: i64 = 5_000;

/// Something that was done.
#[derive(Debug, Serialize, Type)]
pub(crate) struct ActivityTold {
    /// When.
    pub(crate) at: String,
    /// Who did it; absent if it was done on this device.
    pub(crate) by: Option<WhoTold>,
    /// What was done.
    pub(crate) act: ActTold,
    /// The fields that were changed, if it was one record and that is known.
    pub(crate) fields: Vec<String>,
    /// Whether it has been undone since.
    pub(crate) undone: bool,
}

/// What was done on this device since a time, latest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn activity_here(
    state: State<'_, AppState>,
    since: String,
) -> Result<Vec<ActivityTold>, CommandError> {
    answer(async move {
        let since = moment(&since)?;
        let list = state.read(move |session| activity::here(session, since));
        Ok(told(list.await?))
    })
    .await
}

/// What was done elsewhere since a time, latest first: as the server tells it, or, if it is not to be asked, as far as the records that
/// have come from it show.
#[tauri::command]
#[specta::specta]
pub(crate) async fn activity_elsewhere(
    state: State<'_, AppState>,
    since: String,
    ask: bool,
) -> Result<Vec<ActivityTold>, CommandError> {
    answer(async move {
        let since = moment(&since)?;
        if !ask {
            let list = state.read(move |session| activity::arrived(session, since));
            return Ok(told(list.await?));
        }
        let changes = changes(&state.opened()?, since).await?;
        let list = state.read(move |session| activity::elsewhere(session, changes));
        Ok(told(list.await?))
    })
    .await
}

async fn changes(opened: &Opened, since: Timestamp) -> Result<Vec<Elsewhere>, CommandError> {
    let Some((connection, own)) = server(opened).await? else {
        return Ok(Vec::new());
    };
    let told = connection.changes_since(since, CHANGES_MAX).await;
    let told = told.map_err(|error| unanswered(&error.into()))?;
    let others = told.into_iter().filter(|entry| own.is_none() || entry.device_id != own);
    // A conflict is told of where it is settled.
    let known = others.filter(|entry| entry.entity != "conflict" && entity(&entry.entity).is_some());
    let mut changes: Vec<Elsewhere> = known.map(Elsewhere::from).collect();
    let after = opened.database.read(move |session| session.known_before(since)).await?;
    for kind in RecordKind::ALL {
        let made = connection.made_since(kind.table(), since, after, CHANGES_MAX).await;
        let made = made.map_err(|error| unanswered(&error.into()))?;
        let others = made.into_iter().filter(|(_, device)| own.is_none() || *device != own);
        changes.extend(others.map(|(change, _)| change));
    }
    Ok(changes)
}

fn told(list: Vec<Activity>) -> Vec<ActivityTold> {
    list.into_iter().map(ActivityTold::from).collect()
}

fn moment(since: &str) -> Result<Timestamp, CommandError> {
    since
        .parse()
        .map_err(|error: jiff::Error| CommandError::new(Code::Internal, error.to_string()))
}

impl From<Activity> for ActivityTold {
    fn from(activity: Activity) -> Self {
        let told = Told {
            deed: activity.deed,
            open: activity.open,
            left_alone: 0,
            breaks: None,
        };
        Self {
            at: instant(activity.at),
            by: activity.by.map(WhoTold::from),
            act: told.into(),
            fields: activity.fields,
            undone: activity.is_undone,
        }
    }
}
