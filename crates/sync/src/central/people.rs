//! Logins of people who share a catalogue: let in with one of its roles, and shut out again.
//!
//! A login is the server's: it may be used for other databases as well. So one that was there already keeps its
//! password, and one that is shut out stays unless somebody asks for it to be dropped. The server gets a password only
//! as SCRAM stores it, never in clear, because statements may be written into its log.

use postgres_protocol::password::scram_sha_256;
use serde::Serialize;
use tokio_postgres::types::{ToSql, Type};

use super::connection::Connection;
use super::error::{AdministrationError, Error, Result};
use super::settings::Password;

const LETTING_IN: &str = "letting somebody in";
const SHUTTING_OUT: &str = "shutting somebody out";

const IS_THERE: &str = "SELECT to_regrole(quote_ident($1)) IS NOT NULL";
const IS_MEMBER: &str = "SELECT EXISTS (SELECT FROM pg_auth_members WHERE roleid = to_regrole(quote_ident($1))::oid \
                         AND member = to_regrole(quote_ident($2))::oid)";
const MAKE: &str = "SELECT format('CREATE ROLE %I LOGIN PASSWORD %L', $1, $2)";
const DROP: &str = "SELECT format('DROP ROLE %I', $1)";
const GRANT: &str = "SELECT format('GRANT %I TO %I', $1, $2)";
const REVOKE: &str = "SELECT format('REVOKE %I FROM %I', $1, $2)";

/// PostgreSQL cuts longer names, and then they mean somebody else.
const NAME_BYTES_MAX: usize = 63;

/// What somebody may do in a catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CatalogueRole {
    /// Reads and writes.
    Editor,
    /// Reads.
    Reader,
}

/// What became of somebody who was shut out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShutOut {
    /// How many devices of that login are no longer waited for.
    pub retired: u64,
    /// Whether the login is gone. If it was to be dropped and is not, something in the database belongs to it.
    pub is_dropped: bool,
}

impl CatalogueRole {
    fn ending(self) -> &'static str {
        match self {
            Self::Editor => "editor",
            Self::Reader => "reader",
        }
    }

    fn other(self) -> Self {
        match self {
            Self::Editor => Self::Reader,
            Self::Reader => Self::Editor,
        }
    }
}

impl Connection {
    /// Lets a login in with a role, and makes it with this password if there is none of the name. Returns whether it
    /// was made. Somebody who has the other role loses that.
    pub async fn let_in(&self, login: &str, role: CatalogueRole, password: &Password) -> Result<bool> {
        self.refuse_names_of_roles(login)?;
        let (given, taken) = (self.role(role), self.role(role.other()));
        let stored = scram_sha_256(password.secret().as_bytes());
        let work = async {
            if !self.is_there(LETTING_IN, &given).await? {
                return Err(AdministrationError::NoRole { role: given.clone() }.into());
            }
            let is_new = !self.is_there(LETTING_IN, login).await?;
            if is_new {
                self.run_made(LETTING_IN, MAKE, &[login, &stored]).await?;
            }
            self.run_made(LETTING_IN, GRANT, &[&given, login]).await?;
            self.take_from(LETTING_IN, login, &taken).await?;
            Ok(is_new)
        };
        self.in_one_transaction(LETTING_IN, work).await
    }

    /// Takes the catalogue's roles from a login, and stops waiting for its devices. Drops the login as well if asked to
    /// and nothing belongs to it.
    pub async fn shut_out(&self, login: &str, drops: bool) -> Result<ShutOut> {
        self.refuse_names_of_roles(login)?;
        let work = async {
            if !self.is_there(SHUTTING_OUT, login).await? {
                return Err(AdministrationError::NoLogin {
                    login: login.to_owned(),
                }
                .into());
            }
            for role in [CatalogueRole::Editor, CatalogueRole::Reader] {
                self.take_from(SHUTTING_OUT, login, &self.role(role)).await?;
            }
            let retire = format!(
                "WITH retired AS (SELECT \"{0}\".retire_device(id::text) FROM \"{0}\".device WHERE username = $1 AND retired_at IS NULL) \
                 SELECT count(*) FROM retired",
                self.schema
            );
            let retired: i64 = self.one(SHUTTING_OUT, &retire, &[&login]).await?;
            Ok(retired.unsigned_abs())
        };
        let retired = self.in_one_transaction(SHUTTING_OUT, work).await?;
        let mut is_dropped = false;
        if drops {
            let dropping = self.run_made(SHUTTING_OUT, DROP, &[login]).await;
            is_dropped = dropping.is_ok();
            if let Err(error) = dropping {
                tracing::info!(%error, login, "the login stays");
            }
        }
        Ok(ShutOut { retired, is_dropped })
    }

    /// The catalogue's own roles are no persons, and neither are the server's.
    fn refuse_names_of_roles(&self, login: &str) -> Result<()> {
        let of_catalogue = ["owner", "editor", "reader"].map(|ending| format!("{}_{ending}", self.schema));
        let is_fit = !login.is_empty()
            && login.len() <= NAME_BYTES_MAX
            && !login.chars().any(char::is_control)
            && !login.starts_with("pg_")
            && !of_catalogue.iter().any(|role| role == login);
        if is_fit {
            return Ok(());
        }
        Err(AdministrationError::NotAName {
            login: login.to_owned(),
        }
        .into())
    }

    fn role(&self, role: CatalogueRole) -> String {
        format!("{}_{}", self.schema, role.ending())
    }

    /// Whether the server has a role or a login of this name.
    async fn is_there(&self, doing: &'static str, name: &str) -> Result<bool> {
        self.one(doing, IS_THERE, &[&name]).await
    }

    /// Takes a role from a login that may have it.
    async fn take_from(&self, doing: &'static str, login: &str, role: &str) -> Result<()> {
        if self.one(doing, IS_MEMBER, &[&role, &login]).await? {
            self.run_made(doing, REVOKE, &[role, login]).await?;
        }
        Ok(())
    }

    /// Runs a statement that the server puts together, because names in it cannot be bound.
    async fn run_made(&self, doing: &'static str, made: &str, names: &[&str]) -> Result<()> {
        let bound: Vec<_> = names
            .iter()
            .map(|name| (name as &(dyn ToSql + Sync), Type::TEXT))
            .collect();
        let row = self.ask(doing, self.client.query_typed_one(made, &bound)).await?;
        let statement: String = row.try_get(0).map_err(|error| self.peer.while_doing(doing, &error))?;
        self.run(doing, &statement).await.map_err(not_an_administrator)
    }

    /// The one value that a question about names is answered with.
    async fn one<T>(&self, doing: &'static str, question: &str, names: &[&(dyn ToSql + Sync)]) -> Result<T>
    where
        T: for<'row> tokio_postgres::types::FromSql<'row>,
    {
        let bound: Vec<_> = names.iter().map(|name| (*name, Type::TEXT)).collect();
        let row = self.ask(doing, self.client.query_typed_one(question, &bound)).await;
        let row = row.map_err(not_an_administrator)?;
        row.try_get(0).map_err(|error| self.peer.while_doing(doing, &error))
    }

    async fn in_one_transaction<T>(&self, doing: &'static str, work: impl Future<Output = Result<T>>) -> Result<T> {
        self.begin(doing, "SET LOCAL search_path = pg_catalog, pg_temp").await?;
        let came_to = work.await;
        self.end(doing, came_to).await
    }
}

/// A lack of rights here is not cured by the editor's role, which the general advice names.
pub(super) fn not_an_administrator(error: Error) -> Error {
    match error {
        Error::NotAllowed {
            user, schema, reason, ..
        } => AdministrationError::NotAllowed { user, schema, reason }.into(),
        other => other,
    }
}
