//! What the window remembers for a person on this computer.

use crate::answer::answer;
use crate::error::{Code, CommandError};
use crate::location;
use crate::view_state::{ViewNote, ViewState};

/// Remembers how the window looks and where a person is in it. It is on the disk when this answers.
#[tauri::command]
#[specta::specta]
pub(crate) async fn view_notes_keep(notes: Vec<ViewNote>) -> Result<(), CommandError> {
    answer(async move {
        let file = location::view_state_file()?;
        let kept = tauri::async_runtime::spawn_blocking({
            let file = file.clone();
            move || ViewState::keep(&file, notes)
        });
        let kept = kept.await.map_err(std::io::Error::other).flatten();
        kept.map_err(|error| {
            let file = file.display();
            CommandError::new(
                Code::Setting,
                format!("How the window looks cannot be kept in {file}: {error}. The catalogue is safe."),
            )
        })
    })
    .await
}
