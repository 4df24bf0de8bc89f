//! Who owns the catalogue, checked before anything in it is touched.
//!
//! Whoever migrates has many rights, often all, and runs what the schema holds: its table of migrations is read, its
//! functions are called. Somebody who may make schemas could have made this one first, with a view in place of that
//! table whose code then runs with those rights. So the first look is at the system's own catalogs alone, with a search
//! path that contains nothing else. What belongs to somebody who could not act as the catalogue's owner anyway is not
//! run.
//!
//! A catalogue that was restored without its owners belongs to whoever restored it. That is no attack if it is the same
//! login: it is handed to the owner's role, as if it had been made that way.

use tokio_postgres::types::{ToSql, Type};

use super::connection::Connection;
use super::error::{Error, MigrationError, Result};

const LOOKING: &str = "looking whose the catalogue is";

/// What is in the schema and belongs to somebody who may not act as its owner, the schema first; and whatever takes the
/// place of the table of migrations without being a table.
const NOT_OURS: &str = "
    WITH trusted AS (
        SELECT role.oid FROM pg_roles AS role
         WHERE role.rolsuper OR role.rolname IN (session_user, current_user)
            OR CASE WHEN to_regrole(quote_ident($1 || '_owner')) IS NOT NULL
                    THEN pg_has_role(role.oid, to_regrole(quote_ident($1 || '_owner'))::oid, 'MEMBER') END
    ), named AS (SELECT to_regnamespace(quote_ident($1))::oid AS schema)
    SELECT found.what, pg_get_userbyid(found.owner)::text FROM (
        SELECT 1 AS rank, 'the schema ' || nspname AS what, nspowner AS owner FROM pg_namespace, named WHERE oid = named.schema
        UNION ALL
        SELECT 2, 'the relation ' || relname, relowner FROM pg_class, named WHERE relnamespace = named.schema
           AND (relkind NOT IN ('r', 'i', 'S', 't', 'I') OR relname IN ('refinery_schema_history', 'catalogue_head', 'lineage', 'device', 'batch',
                'tombstone', 'history'))
        UNION ALL
        SELECT 3, 'the function ' || proname, proowner FROM pg_proc, named WHERE pronamespace = named.schema
        UNION ALL
        SELECT 4, 'the operator ' || oprname, oprowner FROM pg_operator, named WHERE oprnamespace = named.schema
    ) AS found WHERE found.owner NOT IN (SELECT oid FROM trusted)
    UNION ALL
    SELECT 'something that is no table in the place of refinery_schema_history', pg_get_userbyid(relowner)::text FROM pg_class, named
     WHERE relnamespace = named.schema AND relname = 'refinery_schema_history' AND relkind <> 'r'
    LIMIT 1";

/// Only that: whoever checks which migrations there are runs nothing except what reading that table runs.
const NO_TABLE: &str = "
    SELECT 'something that is no table in the place of refinery_schema_history', pg_get_userbyid(relowner)::text FROM pg_class
     WHERE relnamespace = to_regnamespace(quote_ident($1)) AND relname = 'refinery_schema_history' AND relkind <> 'r'";

impl Connection {
    /// An error that names the owner, if something in the schema belongs to somebody else.
    pub(super) async fn refuse_what_is_not_ours(&self) -> Result<()> {
        self.refuse_what_finds(NOT_OURS).await
    }

    /// An error if something other than a table would be read for the migrations.
    pub(super) async fn refuse_what_is_no_table(&self) -> Result<()> {
        self.refuse_what_finds(NO_TABLE).await
    }

    async fn refuse_what_finds(&self, question: &str) -> Result<()> {
        let schema = self.schema.as_str();
        let bound: [(&(dyn ToSql + Sync), Type); 1] = [(&schema, Type::TEXT)];
        self.begin(LOOKING, "SET LOCAL search_path = pg_catalog, pg_temp")
            .await?;
        let found = self.ask(LOOKING, self.client.query_typed_opt(question, &bound)).await;
        self.roll_back().await?;
        let Some(row) = found? else {
            return Ok(());
        };
        let read = || Ok::<_, tokio_postgres::Error>((row.try_get(0)?, row.try_get(1)?));
        let (what, owner) = read().map_err(|error| self.peer.while_doing(LOOKING, &error))?;
        Err(MigrationError::NotOurs {
            schema: schema.to_owned(),
            what,
            owner,
        }
        .into())
    }
}

/// A lack of rights while migrating is not cured by the editor's role, which the general advice names.
pub(super) fn who_may_migrate(error: Error) -> Error {
    match error {
        Error::NotAllowed {
            user, schema, reason, ..
        } => MigrationError::NotOwner { user, schema, reason }.into(),
        other => other,
    }
}
