//! What whoever runs a server should know about a catalogue on it: how it is set up, how it has grown, and who keeps it
//! from forgetting.
//!
//! Only facts are gathered here, by reading alone; what they mean is said by whoever shows them. What this login may not
//! see is `None`, which is not the same as nothing.

use colophon_store::clock::Clock;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, ToSql, Type};
use uuid::Uuid;

use super::connection::Connection;
use super::error::Result;

const LOOKING: &str = "looking how the server does";
/// The clock is asked this often, and the quickest answer counts.
const CLOCK_ASKED: usize = 3;

/// How a server does, seen from one catalogue on it.
#[derive(Debug, Clone, Serialize)]
pub struct Checkup {
    /// PostgreSQL's version, as it says it.
    pub server_version: String,
    /// The version of the catalogue's structure.
    pub schema_version: i32,
    /// The protocol that protects this connection, if one does.
    pub tls: Option<String>,
    /// How the database keeps text.
    pub encoding: String,
    /// How far the server's clock is ahead of this computer's, in milliseconds.
    pub clock_ahead_ms: i64,
    /// Whether something stands between that gives each transaction a session of its own.
    pub is_pooled: bool,
    /// Whether it only follows another server, and takes no writes.
    pub is_standby: bool,
    /// The catalogue's roles that are missing.
    pub missing_roles: Vec<String>,
    /// The catalogue's functions that everybody may call.
    pub open_functions: Vec<String>,
    /// How many connections there are in all, and how many there may be.
    pub connections: (i64, i64),
    /// The oldest transaction in this database, in seconds, and whose it is.
    pub oldest_transaction: Option<(i64, String)>,
    /// How far the oldest transaction number is from where the server has to stop, as a part of all that there are.
    pub numbers_used: f64,
    /// Whether dead rows are cleared away by themselves.
    pub clears_up: bool,
    /// The catalogue's tables, the largest first.
    pub sizes: Vec<Size>,
    /// When the oldest change that the history has was made.
    pub history_from: Option<Timestamp>,
    /// How many tombstones there are.
    pub tombstones: i64,
    /// The revision that the catalogue has come to.
    pub revision: i64,
    /// How many devices are waited for.
    pub devices: i64,
    /// The one of these that was longest away.
    pub longest_away: Option<LastSeen>,
    /// Whether the server keeps an archive of its log; `None` if this login may not see that.
    pub archives: Option<bool>,
    /// When a part of the log was last archived.
    pub last_archived: Option<Timestamp>,
    /// How many other servers follow this one; `None` if this login may not see that.
    pub followers: Option<i64>,
}

/// A table and what it takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Size {
    /// The table.
    pub table: String,
    /// With its indexes.
    pub bytes: i64,
}

/// A device, and when it last sent something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LastSeen {
    /// Made once per local file.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// When.
    pub at: Timestamp,
}

impl Connection {
    /// Looks at everything that whoever runs the server should know, and changes nothing.
    pub async fn check_up(&self, clock: &dyn Clock) -> Result<Checkup> {
        let head = self.head().await?;
        let row = self.facts(FACTS).await?;
        let of_catalogue = self.facts(&self.of_catalogue(OF_CATALOGUE)).await?;
        let longest_away = self.longest_away(&of_catalogue)?;
        Ok(Checkup {
            server_version: self.fact(&row, 0)?,
            schema_version: head.version,
            tls: self.fact(&row, 1)?,
            encoding: self.fact(&row, 2)?,
            clock_ahead_ms: self.clock_ahead(clock).await?,
            is_pooled: self.doubt.heard.process() != Some(self.fact(&row, 3)?),
            is_standby: self.fact(&row, 4)?,
            missing_roles: self.fact(&row, 5)?,
            open_functions: self.fact(&row, 6)?,
            connections: (self.fact(&row, 7)?, self.fact(&row, 8)?),
            oldest_transaction: self.fact::<Option<i64>>(&row, 9)?.zip(self.fact(&row, 10)?),
            numbers_used: self.fact(&row, 11)?,
            clears_up: self.fact(&row, 12)?,
            sizes: self.sizes().await?,
            history_from: self.time(&of_catalogue, 0)?,
            tombstones: self.fact(&of_catalogue, 1)?,
            revision: head.revision,
            devices: self.fact(&of_catalogue, 2)?,
            longest_away,
            archives: self.fact(&row, 13)?,
            last_archived: self.time(&row, 14)?,
            followers: self.fact(&row, 15)?,
        })
    }

    async fn facts(&self, question: &str) -> Result<Row> {
        let schema = self.schema.as_str();
        let bound: [(&(dyn ToSql + Sync), Type); 1] = [(&schema, Type::TEXT)];
        self.ask(LOOKING, self.client.query_typed_one(question, &bound)).await
    }

    fn fact<T: for<'row> FromSql<'row>>(&self, row: &Row, at: usize) -> Result<T> {
        row.try_get(at).map_err(|error| self.peer.while_doing(LOOKING, &error))
    }

    /// A time, in microseconds.
    fn time(&self, row: &Row, at: usize) -> Result<Option<Timestamp>> {
        let at: Option<i64> = self.fact(row, at)?;
        Ok(at.and_then(|at| Timestamp::from_microsecond(at).ok()))
    }

    fn longest_away(&self, row: &Row) -> Result<Option<LastSeen>> {
        let (id, name): (Option<Uuid>, Option<String>) = (self.fact(row, 3)?, self.fact(row, 4)?);
        let at = self.time(row, 5)?;
        Ok(id.zip(name).zip(at).map(|((id, name), at)| LastSeen { id, name, at }))
    }

    /// Half of what the question took is put down to each way.
    async fn clock_ahead(&self, clock: &dyn Clock) -> Result<i64> {
        let mut best: Option<(SignedDuration, i64)> = None;
        for _ in 0..CLOCK_ASKED {
            let asked = clock.now();
            let row = self.ask(LOOKING, self.client.query_typed_one(CLOCK, &[])).await?;
            let took = clock.now().duration_since(asked);
            let there: i64 = self.fact(&row, 0)?;
            let half = i64::try_from(took.as_millis() / 2).unwrap_or_default();
            let ahead = there - asked.as_millisecond() - half;
            if best.is_none_or(|(least, _)| took < least) {
                best = Some((took, ahead));
            }
        }
        Ok(best.map_or(0, |(_, ahead)| ahead))
    }

    async fn sizes(&self) -> Result<Vec<Size>> {
        let schema = self.schema.as_str();
        let bound: [(&(dyn ToSql + Sync), Type); 1] = [(&schema, Type::TEXT)];
        let rows = self.ask(LOOKING, self.client.query_typed(SIZES, &bound)).await?;
        let sizes = rows.iter().map(|row| {
            Ok(Size {
                table: self.fact(row, 0)?,
                bytes: self.fact(row, 1)?,
            })
        });
        sizes.collect()
    }
}

const CLOCK: &str = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint";

const SIZES: &str = "
    SELECT relname::text, pg_total_relation_size(oid) FROM pg_class
     WHERE relnamespace = to_regnamespace(quote_ident($1)) AND relkind = 'r' ORDER BY 2 DESC, 1";

/// PostgreSQL stops writing a little before 2^31 transactions without clearing up.
const FACTS: &str = "
    SELECT current_setting('server_version'),
           (SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl),
           current_setting('server_encoding'),
           pg_backend_pid(),
           pg_is_in_recovery(),
           ARRAY(SELECT role FROM unnest(ARRAY[$1 || '_owner', $1 || '_editor', $1 || '_reader']) AS role
                  WHERE to_regrole(quote_ident(role)) IS NULL),
           ARRAY(SELECT proname::text FROM pg_proc AS it WHERE pronamespace = to_regnamespace(quote_ident($1)) AND EXISTS
                 (SELECT FROM aclexplode(coalesce(it.proacl, acldefault('f', it.proowner))) AS may WHERE may.grantee = 0) ORDER BY 1),
           (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
           current_setting('max_connections')::bigint,
           (SELECT extract(epoch FROM now() - min(xact_start))::bigint FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'),
           (SELECT usename || CASE WHEN application_name = '' THEN '' ELSE ' (' || application_name || ')' END FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND xact_start IS NOT NULL
             ORDER BY xact_start LIMIT 1),
           (SELECT age(datfrozenxid) / 2147483647.0::float8 FROM pg_database WHERE datname = current_database()),
           current_setting('autovacuum')::boolean,
           CASE WHEN pg_has_role('pg_monitor', 'MEMBER') THEN current_setting('archive_mode') <> 'off' END,
           (SELECT (extract(epoch FROM last_archived_time) * 1000000)::bigint FROM pg_stat_archiver),
           CASE WHEN pg_has_role('pg_monitor', 'MEMBER') THEN (SELECT count(*) FROM pg_stat_replication) END";

const OF_CATALOGUE: &str = "
    SELECT (SELECT (extract(epoch FROM min(changed_at)) * 1000000)::bigint FROM \"{schema}\".history),
           (SELECT count(*) FROM \"{schema}\".tombstone),
           (SELECT count(*) FROM \"{schema}\".device WHERE retired_at IS NULL),
           away.id, away.name, (extract(epoch FROM away.last_seen) * 1000000)::bigint
      FROM (SELECT $1) AS catalogue
      LEFT JOIN (SELECT id, name, last_seen FROM \"{schema}\".device WHERE retired_at IS NULL ORDER BY last_seen LIMIT 1) AS away ON true";
