//! `colophon sign-in` and `sign-out`: the password of the server in the system's keychain.

use std::io::{BufRead as _, IsTerminal as _, stdin};

use clap::Args;
use colophon_sync::central::{Central, CentralSettings, Password};
use colophon_sync::keychain;
use serde_json::json;

use crate::catalogue_file::CatalogueFile;
use crate::ending::UNDONE;
use crate::exit::{Exit, refusal};
use crate::output::Output;
use crate::server;

/// Keep the server's password in the system's keychain, for this command and for the window.
///
/// The password is typed on the terminal without being shown, or read as one line from standard input; it is never an argument, which
/// other programs could see. It is tried on the server first; if the server cannot be reached, it is kept all the same.
#[derive(Debug, Args)]
pub(crate) struct SignIn {}

/// Remove the server's password from the system's keychain.
#[derive(Debug, Args)]
pub(crate) struct SignOut {}

impl SignIn {
    #[expect(clippy::unused_self, reason = "every command is run in the same way")]
    pub(crate) fn run(&self, file: &CatalogueFile, output: &Output) -> anyhow::Result<Exit> {
        let settings = server::settings(file)?;
        let password = file.ending().may_be_left(UNDONE, || read_password(&settings))?;
        let kept = CentralSettings {
            password: Some(password.clone()),
            ..settings.clone()
        };
        let tried = server::ask(file, async {
            let tried = Central::new(kept).connect().await;
            match &tried {
                Err(error) if !error.passes_by_itself() => (),
                _ => keychain::remember(&settings, &password).await?,
            }
            Ok(tried.map(drop))
        })?;
        if let Err(error) = &tried
            && !error.passes_by_itself()
        {
            return Err(error.clone().into());
        }
        let login = login(&settings);
        if output.is_json() {
            output.document(&json!({ "signed_in": login, "tried": tried.is_ok() }))?;
        } else {
            output.note(format_args!("The keychain now has the password of {login}"));
            if let Err(error) = tried {
                output.note(format_args!("It could not be tried: {error}"));
            }
        }
        if settings.password.is_some() {
            output.note("POSTGRES_PASSWORD is set as well, and comes first");
        }
        Ok(Exit::Done)
    }
}

impl SignOut {
    #[expect(clippy::unused_self, reason = "every command is run in the same way")]
    pub(crate) fn run(&self, file: &CatalogueFile, output: &Output) -> anyhow::Result<Exit> {
        let settings = server::settings(file)?;
        let was_there = server::ask(file, async { Ok(keychain::forget(&settings).await?) })?;
        let login = login(&settings);
        if output.is_json() {
            output.document(&json!({ "signed_out": login, "was_there": was_there }))?;
        } else if was_there {
            output.note(format_args!("The password of {login} was removed from the keychain"));
        } else {
            output.note(format_args!("The keychain had no password of {login}"));
        }
        Ok(Exit::Done)
    }
}

fn login(settings: &CentralSettings) -> String {
    format!(
        "{} at {}, database {}",
        settings.user,
        settings.address(),
        settings.database
    )
}

fn read_password(settings: &CentralSettings) -> anyhow::Result<Password> {
    let secret = if stdin().is_terminal() {
        rpassword::prompt_password(format!("Password of {}: ", login(settings)))?
    } else {
        let mut line = String::new();
        stdin().lock().read_line(&mut line)?;
        line.trim_end_matches(['\r', '\n']).to_owned()
    };
    if secret.is_empty() {
        return Err(refusal(Exit::Usage, "no password was given; nothing was kept"));
    }
    Ok(Password::new(secret))
}
