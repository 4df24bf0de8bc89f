//! `colophon server`: for whoever runs the server that a team shares.

mod checkup;

use clap::{Args, Subcommand};
use colophon_store::clock::Origin;
use colophon_sync::central::{
    CatalogueRole, Central, CentralMigrationReport, CentralSchema, CentralSettings, Error, Password,
};
use jiff::SignedDuration;
use serde_json::json;

use crate::catalogue_file::CatalogueFile;
use crate::exit::{Exit, refusal};
use crate::output::Output;
use crate::server;

/// What to do with the server.
#[derive(Debug, Subcommand)]
pub(crate) enum Server {
    Init(Init),
    AddUser(AddUser),
    RemoveUser(RemoveUser),
    /// Look how the server does: protection, clock, rights, locks, growth, and devices that keep it from forgetting. Changes nothing.
    ///
    /// Ends with 9 if something needs care.
    Check,
    Purge(Purge),
}

/// Make the catalogue on the server, or bring it up to this version, and let the first editor in.
///
/// Needs a login that may create a schema and roles, for instance the owner of the database. The database itself, in UTF-8, has to be there: `createdb -E UTF8
/// -T template0 library`.
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The login of the first editor; it is made if there is none of this name.
    #[arg(long, value_name = "LOGIN")]
    editor: Option<String>,
}

/// Let somebody in, and print the line to send to them. Their window takes it in one paste.
///
/// A login that does not exist is made, with a password that nobody has chosen; one that exists keeps its own. Asked again with the other role, somebody's role
/// changes.
#[derive(Debug, Args)]
pub(crate) struct AddUser {
    /// The login.
    login: String,
    /// May only read.
    #[arg(long)]
    reader: bool,
}

/// Shut somebody out, and stop waiting for their devices.
///
/// What they have edited stays; what they have not sent yet stays on their devices. The login itself stays too, because it may be used elsewhere.
#[derive(Debug, Args)]
pub(crate) struct RemoveUser {
    /// The login.
    login: String,
    /// Drop the login as well.
    #[arg(long)]
    drop: bool,
}

/// Have the server forget deletions that every device has seen.
///
/// What a device that is still waited for has not seen stays, however old it is: see `colophon devices list`, and `colophon devices retire` for those that will not come back.
#[derive(Debug, Args)]
pub(crate) struct Purge {
    /// Forget the history that is older than so many days as well.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    history_days: Option<u32>,
}

impl Server {
    pub(crate) fn run(&self, file: &CatalogueFile, output: &Output) -> anyhow::Result<Exit> {
        let central = server::of_settings(file)?;
        server::ask(file, async {
            match self {
                Self::Init(init) => init.run(&central, output).await,
                Self::AddUser(add) => add.run(&central, output).await,
                Self::RemoveUser(remove) => remove.run(&central, output).await,
                Self::Check => checkup::run(&central, output).await,
                Self::Purge(purge) => purge.run(&central, output).await,
            }
        })
    }
}

impl Init {
    async fn run(&self, central: &Central, output: &Output) -> anyhow::Result<Exit> {
        let schema = CentralSchema::embedded().map_err(Error::from)?;
        let mut connection = central.connect().await?;
        let CentralMigrationReport {
            versions,
            missing_roles,
            ..
        } = connection.migrate(&schema).await?;
        drop(connection);
        if !missing_roles.is_empty() {
            let roles = missing_roles.join(", ");
            return Err(refusal(
                Exit::Server,
                format!(
                    "the catalogue is there, but {} may not make roles: have an administrator make {roles} (CREATE ROLE … NOLOGIN), then run this again",
                    central.settings().user
                ),
            ));
        }
        let editor = match &self.editor {
            Some(login) => Some(let_in(central, login, CatalogueRole::Editor).await?),
            None => None,
        };
        if output.is_json() {
            let schema = central.settings().schema.as_str();
            output.document(&json!({ "catalogue": schema, "applied": versions, "editor": editor.map(|invited| invited.document()) }))?;
            return Ok(Exit::Done);
        }
        let (schema, address) = (&central.settings().schema, central.settings().address());
        if versions.is_empty() {
            output.note(format_args!("The catalogue {schema} on {address} was up to date."));
        } else {
            output.note(format_args!("The catalogue {schema} on {address} is ready."));
        }
        match editor {
            Some(invited) => invited.tell(output)?,
            None => output.note("Let people in with `colophon server add-user LOGIN`."),
        }
        Ok(Exit::Done)
    }
}

impl AddUser {
    async fn run(&self, central: &Central, output: &Output) -> anyhow::Result<Exit> {
        let role = if self.reader {
            CatalogueRole::Reader
        } else {
            CatalogueRole::Editor
        };
        let invited = let_in(central, &self.login, role).await?;
        if output.is_json() {
            output.document(&invited.document())?;
        } else {
            invited.tell(output)?;
        }
        Ok(Exit::Done)
    }
}

impl RemoveUser {
    async fn run(&self, central: &Central, output: &Output) -> anyhow::Result<Exit> {
        let (connection, _) = central.open().await?;
        let shut_out = connection.shut_out(&self.login, self.drop).await?;
        if output.is_json() {
            output.document(&json!({ "login": self.login, "shut_out": shut_out }))?;
            return Ok(Exit::Done);
        }
        let login = &self.login;
        output.line(format_args!("{login} can no longer use the catalogue"))?;
        if shut_out.retired > 0 {
            output.note(format_args!(
                "Devices that are no longer waited for: {}",
                shut_out.retired
            ));
        }
        if self.drop && !shut_out.is_dropped {
            output.note(format_args!(
                "The login itself stays: something in this database or another belongs to it, or you may not drop it."
            ));
        }
        Ok(Exit::Done)
    }
}

impl Purge {
    async fn run(&self, central: &Central, output: &Output) -> anyhow::Result<Exit> {
        let (connection, _) = central.open().await?;
        let before = self
            .history_days
            .map(|days| Origin::default().clock.now() - SignedDuration::from_hours(24 * i64::from(days)));
        let forgotten = connection.forget(before).await?;
        if output.is_json() {
            output.document(&forgotten)?;
            return Ok(Exit::Done);
        }
        output.line(format_args!("deletions forgotten\t{}", forgotten.tombstones))?;
        if let Some(entries) = forgotten.history {
            output.line(format_args!("entries of the history forgotten\t{entries}"))?;
        }
        Ok(Exit::Done)
    }
}

/// Somebody who was let in, and how to tell them.
struct Invited {
    settings: CentralSettings,
    role: CatalogueRole,
    is_new: bool,
}

async fn let_in(central: &Central, login: &str, role: CatalogueRole) -> anyhow::Result<Invited> {
    let password = Password::new(random_password()?);
    let connection = central.connect().await?;
    let is_new = connection.let_in(login, role, &password).await?;
    let settings = CentralSettings {
        user: login.to_owned(),
        password: is_new.then_some(password),
        ..central.settings().clone()
    };
    Ok(Invited { settings, role, is_new })
}

impl Invited {
    fn document(&self) -> serde_json::Value {
        json!({ "login": self.settings.user, "role": self.role, "is_new": self.is_new, "invitation": self.settings.to_invitation() })
    }

    fn tell(&self, output: &Output) -> anyhow::Result<()> {
        let login = &self.settings.user;
        let may = match self.role {
            CatalogueRole::Editor => "read and write",
            CatalogueRole::Reader => "read",
        };
        output.note(format_args!("{login} may now {may}."));
        let Some(line) = self.settings.to_invitation() else {
            output.note("They reach the server by the same socket, on this computer.");
            return Ok(());
        };
        if self.is_new {
            output.note("Send them this line by a way that only they can read: it holds their password, which is shown this once. They paste it into the server field of the connection settings (Ctrl+,).");
        } else {
            output.note("The login was there already and keeps its password. They paste this line into the server field of the connection settings (Ctrl+,) and type the password.");
        }
        output.line(format_args!("{line}"))
    }
}

/// Letters and digits that are not taken for each other. There are 32, so each byte picks one without preferring any.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// 120 bits.
const PASSWORD_LETTERS: usize = 24;

fn random_password() -> anyhow::Result<String> {
    let mut bytes = [0; PASSWORD_LETTERS];
    getrandom::fill(&mut bytes)?;
    let letters = bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
    Ok(letters.collect())
}
