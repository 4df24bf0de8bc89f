//! Who runs a server for tests.

use std::process::Command;

use anyhow::{Context as _, bail};

use crate::ending;

/// The user that the server runs as when the tests run as root, which PostgreSQL refuses.
const UNPRIVILEGED_USERS: [&str; 2] = ["postgres", "nobody"];

/// Who runs the server, if it may not be this user.
pub(super) fn unprivileged_user() -> anyhow::Result<Option<&'static str>> {
    let ids = |arguments: &[&str]| -> anyhow::Result<Option<String>> {
        let output = ending::output(Command::new("id").args(arguments)).context("id is missing; install coreutils")?;
        Ok(output
            .status
            .success()
            .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned()))
    };
    if ids(&["-u"])?.as_deref() != Some("0") {
        return Ok(None);
    }
    for user in UNPRIVILEGED_USERS {
        if ids(&["-u", user])?.is_some() {
            return Ok(Some(user));
        }
    }
    bail!("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody to run it as")
}
