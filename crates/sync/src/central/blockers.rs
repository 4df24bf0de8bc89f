//! Who keeps others from writing.
//!
//! A transaction that has written to the catalogue is its only writer until it ends, and a transaction that somebody
//! has left open in a terminal may not end for hours. Meanwhile everybody can read, but nobody can send anything. So it
//! must be possible to say who it is. Row locks are listed nowhere, but whoever holds the head's row has also locked
//! its table, in the mode of a writer, and whoever waits for the row is listed as waiting.

use jiff::Timestamp;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::connection::Connection;
use super::error::Result;

const LOOKING: &str = "looking who is writing";

/// A transaction that is writing, or that keeps others from writing in some other way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocker {
    /// The server's process.
    pub pid: i32,
    /// The program, as it calls itself; may be empty.
    pub application: String,
    /// The login.
    pub login: String,
    /// When its transaction began; `None` when this login may not see that.
    pub since: Option<Timestamp>,
    /// Whether it is doing nothing just now but has not ended; `None` when this login may not see that.
    pub is_idle: Option<bool>,
    /// How many others wait for it.
    pub waiting: u64,
    /// Identifies the transaction: as long as this is the same, so is the transaction.
    pub transaction: String,
}

impl Connection {
    /// The transactions that are keeping others from writing to the catalogue just now, those that others wait for
    /// first. Usually there is none, or one that is gone at the next look.
    pub async fn blockers(&self) -> Result<Vec<Blocker>> {
        let schema = self.schema.as_str();
        let rows = self
            .ask(LOOKING, self.client.query_typed(BLOCKERS, &[(&schema, Type::TEXT)]))
            .await?;
        let read = || rows.iter().map(Blocker::read).collect::<Result<_, _>>();
        read().map_err(|error| self.peer.while_doing(LOOKING, &error))
    }
}

impl Blocker {
    fn read(row: &Row) -> Result<Self, tokio_postgres::Error> {
        let since: Option<i64> = row.try_get(3)?;
        Ok(Self {
            pid: row.try_get(0)?,
            application: row.try_get(1)?,
            login: row.try_get(2)?,
            since: since.and_then(|at| Timestamp::from_microsecond(at).ok()),
            is_idle: row.try_get(4)?,
            waiting: row.try_get::<_, i64>(5)?.unsigned_abs(),
            transaction: row.try_get(6)?,
        })
    }
}

/// Who has locked the head's table as a writer, or one of the tables so that nobody can write to it, and is not waiting
/// for anybody. Locks and names are visible to everybody, times and states only to members of the same role and to
/// monitors.
const BLOCKERS: &str = "\
WITH held AS (
    SELECT DISTINCT l.pid, l.virtualtransaction
      FROM pg_catalog.pg_locks AS l
      JOIN pg_catalog.pg_class AS c ON c.oid = l.relation
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND l.granted AND l.pid <> pg_catalog.pg_backend_pid()
       AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
       AND (c.relname = 'catalogue_head' AND l.mode = 'RowExclusiveLock'
            OR c.relkind IN ('r', 'p') AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'))
), waits AS (
    SELECT DISTINCT l.pid, pg_catalog.pg_blocking_pids(l.pid) AS for_pids FROM pg_catalog.pg_locks AS l WHERE NOT l.granted
)
SELECT held.pid, coalesce(a.application_name, ''), coalesce(a.usename, ''),
       (extract(epoch FROM a.xact_start) * 1000000)::bigint, a.state LIKE 'idle%',
       (SELECT count(*) FROM waits WHERE held.pid = ANY (waits.for_pids)), held.virtualtransaction
  FROM held JOIN pg_catalog.pg_stat_activity AS a ON a.pid = held.pid
 WHERE held.pid NOT IN (SELECT waits.pid FROM waits)
 ORDER BY 6 DESC, 1";
