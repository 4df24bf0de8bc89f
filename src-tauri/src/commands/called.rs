//! What the person and this computer are called, as others read it beside what was done.

use colophon_catalogue::called::{Called, checked};
use serde::Serialize;
use specta::Type;
use tauri::State;

use crate::answer::answer;
use crate::app_state::AppState;
use crate::error::CommandError;
use crate::location;
use crate::runtime::AppHandle;

/// What the person and this computer are called.
#[derive(Debug, Serialize, Type)]
pub(crate) struct CalledTold {
    /// The person; empty if no name is given.
    pub(crate) person: String,
    /// The computer.
    pub(crate) device: String,
    /// How others see both.
    pub(crate) shown: String,
    /// Whether the environment, or a file that it names, decides; then nothing can be changed here.
    pub(crate) fixed: bool,
}

/// What the person and this computer are called now.
#[tauri::command]
#[specta::specta]
pub(crate) async fn called() -> Result<CalledTold, CommandError> {
    answer(async move { told() }).await
}

/// Names the person and this computer; an empty name takes the old one away. The server lists the device under the new names from now on.
#[tauri::command]
#[specta::specta]
pub(crate) async fn called_set(
    app: AppHandle,
    state: State<'_, AppState>,
    person: String,
    device: String,
) -> Result<CalledTold, CommandError> {
    answer(async move {
        let list = location::catalogue_list()?;
        let named = [(Called::PERSON, person), (Called::DEVICE, device)];
        for (setting, name) in named {
            let name = checked(setting, &name)?.filter(|name| *name != Called::default().device);
            list.set_for_all(setting, name.as_deref())?;
        }
        let central = state.opened()?.central;
        state.connect(&app, central)?;
        told()
    })
    .await
}

fn told() -> Result<CalledTold, CommandError> {
    let sources = location::settings()?;
    let called = Called::from_sources(&sources)?;
    Ok(CalledTold {
        shown: called.to_string(),
        person: called.person.unwrap_or_default(),
        device: called.device,
        fixed: [Called::PERSON, Called::DEVICE]
            .iter()
            .any(|name| sources.is_fixed(name)),
    })
}
