//! What somebody who helps needs to know, to be read and sent by the person.

use colophon_catalogue::health;
use colophon_catalogue::support_report::{Fact, SupportReport};
use colophon_store::clock::Origin;
use tauri::State;

use crate::answer::answer;
use crate::app_state::AppState;
use crate::error::CommandError;

/// The report about this program and the open catalogue. A catalogue that cannot be opened is told as such.
#[tauri::command]
#[specta::specta]
pub(crate) async fn support_report(state: State<'_, AppState>) -> Result<String, CommandError> {
    answer(async move {
        let now = Origin::default().clock.now();
        let mut report = SupportReport::new("colophon-desktop", env!("CARGO_PKG_VERSION"), now);
        let Ok(opened) = state.opened() else {
            report.add("file", vec![("opens", Fact::Flag(false))]);
            return Ok(report.to_string());
        };
        let stands = opened.sync.status().borrow().state;
        let mut report = opened
            .database
            .read(move |session| {
                // A file that cannot be read is told by the checks.
                let _ = report.add_file(session);
                report.add_findings(&health::examine(session));
                Ok(report)
            })
            .await?;
        report.add("sync", vec![("state", Fact::Word(stands.word()))]);
        Ok(report.to_string())
    })
    .await
}
