//! The real `colophon` binary. Cargo tells only its own package where it is.

use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, ensure};
use colophon_sync::central::CentralSettings;

use crate::ending::{self, PATIENCE_WITH_MUCH};

/// Where it is. It is built when first asked for, so it is never an old one.
pub fn binary() -> anyhow::Result<PathBuf> {
    static BUILT: Mutex<Option<PathBuf>> = Mutex::new(None);
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(binary) = &*built {
        return Ok(binary.clone());
    }
    let test = std::env::current_exe()?;
    let target = test
        .ancestors()
        .nth(2)
        .context("a test runs in target/<profile>/deps")?;
    let profile = if target.ends_with("release") { "release" } else { "dev" };
    let mut cargo = Command::new(env!("CARGO"));
    // The choice of packages of every other call: with another one, cargo would compile all that this binary needs a
    // second time.
    cargo.args(["build", "--quiet", "--locked", "--workspace", "--bin", "colophon"]);
    cargo.args(["--profile", profile]);
    let built_now = ending::status_within(PATIENCE_WITH_MUCH, &mut cargo)?;
    ensure!(built_now.success(), "the binary could not be built");
    Ok(built.insert(target.join("colophon")).clone())
}

/// A server's settings in the form that they have in the environment, without the password.
pub fn environment(server: &CentralSettings) -> Vec<(&'static str, String)> {
    vec![
        ("POSTGRES_SERVER", server.server.clone()),
        ("POSTGRES_PORT", server.port.to_string()),
        ("POSTGRES_USER", server.user.clone()),
        ("POSTGRES_DB", server.database.clone()),
        ("POSTGRES_SCHEMA", server.schema.to_string()),
        ("POSTGRES_SSLMODE", "disable".to_owned()),
    ]
}
