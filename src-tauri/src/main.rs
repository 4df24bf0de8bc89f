//! The desktop shell: a window over the catalogue. It is the only place that knows Tauri.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod bindings;
mod commands;
mod error;

fn main() -> anyhow::Result<()> {
    let bindings = bindings::builder();
    tauri::Builder::default()
        .invoke_handler(bindings.invoke_handler())
        .setup(move |app| {
            bindings.mount_events(app);
            Ok(())
        })
        .run(tauri::generate_context!())?;
    Ok(())
}
