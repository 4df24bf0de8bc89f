//! `colophon devices`: who shares the catalogue on the server, and who no longer does.

use clap::Subcommand;
use colophon_sync::central::KnownDevice;
use serde_json::json;

use crate::catalogue_file::CatalogueFile;
use crate::exit::Exit;
use crate::output::Output;
use crate::server;
use crate::table;

/// What to do with the devices that the server knows.
#[derive(Debug, Subcommand)]
pub(crate) enum Devices {
    /// List the devices that have ever sent something, those furthest behind first.
    List,
    /// Stop waiting for a device, so that the server may forget what only that device has not seen yet. For whoever runs the catalogue.
    ///
    /// Should it come back after all, it compares everything once. Nothing is lost.
    Retire {
        /// The device's name or id.
        device: String,
    },
}

impl Devices {
    pub(crate) fn run(&self, file: &CatalogueFile, output: &Output) -> anyhow::Result<Exit> {
        server::ask(file, async {
            let (connection, _) = server::of_settings(file)?.open().await?;
            match self {
                Self::List => list(&connection.devices().await?, output),
                Self::Retire { device } => {
                    let id = connection.retire_device(device).await?;
                    if output.is_json() {
                        output.document(&json!({ "retired": id }))?;
                    } else {
                        output.line(format_args!("{device} is retired ({id})"))?;
                    }
                    Ok(Exit::Done)
                }
            }
        })
    }
}

fn list(devices: &[KnownDevice], output: &Output) -> anyhow::Result<Exit> {
    if output.is_json() {
        output.document(&devices)?;
        return Ok(Exit::Done);
    }
    let row = |device: &KnownDevice| {
        let last_seen = device.last_seen.strftime("%Y-%m-%d %H:%M").to_string();
        let state = device.retired_at.map_or_else(
            || format!("revision {}", device.has_come_to),
            |at| format!("retired {}", at.strftime("%Y-%m-%d")),
        );
        [
            device.name.clone(),
            device.login.clone(),
            last_seen,
            state,
            device.id.to_string(),
        ]
    };
    let rows: Vec<_> = devices.iter().map(row).collect();
    table::write(
        output,
        &["device", "login", "last seen (UTC)", "has reached", "id"],
        &rows,
    )?;
    Ok(Exit::Done)
}
