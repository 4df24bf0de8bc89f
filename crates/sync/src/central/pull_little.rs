//! Pulling a little: everything that is new in one statement, for when many devices pull at once.
//!
//! A [pull](super::pull) of a few rows costs a server a millisecond, and all but a tenth of that is not spent on the
//! rows: the transaction is begun and ended, and each question is parsed and planned. A single statement has a snapshot
//! of its own, so it needs no transaction; and if the session belongs to this device alone, the server keeps the
//! statement with its plan. Then the pull takes an eighth of the time, and one round trip instead of three.
//!
//! A connection that listens for hints and is served by the process that let it in has a session to itself: a pooler
//! that gives every transaction a different session makes that process's number up. Through other poolers, whoever
//! hears hints has one. Should that ever not hold, nothing goes wrong: the statement's name spells out what it does, so
//! whoever finds one under that name has the right one, and whoever finds none asks in full from then on.
//!
//! Anything more than a little is asked for in full, and so is what happened to records that wait here.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};

use colophon_store::Seen;
use colophon_store::schema::Table;
use futures_util::TryStreamExt as _;
use jiff::Timestamp;
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::connection::Connection;
use super::error::{Error, Result};
use super::head::Head;
use super::pull::{PULLING, order_graves, read_content_row};
use super::rows::{Arrivals, Read};
use super::session::Kept;
use crate::key::Key;
use crate::remote::{PullRequest, Pulled, WaitingHere};

/// From one table, or among all deletions, up to this many rows count as a little. That is half a minute of edits from
/// a thousand devices: asking in full takes a server ten times as long, so devices that are late would become later
/// still.
pub(super) const ROWS_MAX: usize = 512;

/// What a row has in the columns where the head has its content.
const NO_HEAD: &str = "NULL::bigint, NULL::int, NULL::int, NULL::bigint, NULL::uuid";

impl Connection {
    /// What is new, if that is little and can be asked for in this way. `None` if it must be asked for in full.
    pub(super) async fn pull_little(&self, request: &PullRequest) -> Result<Option<Pulled>> {
        let shared = self.shared();
        let is_possible = self.has_session_of_its_own()
            && !self.in_transaction.load(Ordering::Relaxed)
            && shared.is_whole()
            && self.kept() != Kept::Never;
        if !is_possible {
            return Ok(None);
        }
        match self.ask_a_little(request).await {
            Err(error @ (Error::ConnectionLost { .. } | Error::Timeout { .. } | Error::Unavailable { .. })) => {
                Err(error)
            }
            Err(error) => {
                tracing::debug!(%error, "from now on everything is asked in full");
                self.keep(Kept::Never);
                Ok(None)
            }
            Ok(None) => Ok(None),
            Ok(Some(pulled)) => {
                self.check_acquaintance(&pulled.head)?;
                Ok(Some(pulled))
            }
        }
    }

    /// Has the statement planned before it is needed, and the server's catalog read for it, by asking for the newest
    /// revision; where a pull cannot be asked for so, nothing is. This takes the server as long as twenty calls, and
    /// whatever is new makes all devices call at the same moment, whereas they seldom connect at the same moment.
    pub(crate) async fn keep_ready(&self, tables: &'static [&'static Table], head: &Head) -> Result<()> {
        let newest = PullRequest {
            after: head.revision - 1,
            own: Vec::new(),
            newest: Some(head.seen()),
            tables,
            waiting: WaitingHere::default(),
        };
        self.pull_little(&newest).await.map(drop)
    }

    async fn ask_a_little(&self, request: &PullRequest) -> Result<Option<Pulled>> {
        let name = match self.kept() {
            Kept::Under(name, tables) if std::ptr::eq(tables, request.tables) => name,
            _ => self.have_it_kept(request.tables).await?,
        };
        let execute = execution(&name, request);
        let arrived = AtomicU64::new(0);
        let little = async {
            let nothing: [(i64, Type); 0] = [];
            let mut rows = pin!(self.client.query_typed_raw(&execute, nothing).await?);
            let mut little = Little::new(self, request);
            while let Some(row) = rows.try_next().await? {
                arrived.fetch_add(1, Ordering::Relaxed);
                little.add(&row)?;
            }
            Ok(little)
        };
        let little = self.ask_while_it_flows(PULLING, &arrived, little).await?;
        Ok(little.pulled())
    }

    /// Makes the session keep the statement. Returns its name.
    ///
    /// For its first five calls, a server plans a kept statement anew, to see whether knowing the values pays off.
    /// Planning takes twenty times as long as the query itself, and a thousand devices that have just arrived make five
    /// thousand plans: so the session is told to keep the first one. No other question of a session depends on its
    /// values either, and none may.
    async fn have_it_kept(&self, tables: &'static [&'static Table]) -> Result<Arc<str>> {
        let statement = self.little(tables);
        let mut hasher = DefaultHasher::new();
        statement.hash(&mut hasher);
        let name: Arc<str> = format!("colophon {:016x}", hasher.finish()).into();
        let is_kept = matches!(self.kept(), Kept::Under(kept, _) if kept == name);
        if !is_kept {
            let keep = format!(
                "SET plan_cache_mode = force_generic_plan; PREPARE \"{name}\" (bigint, bigint[], bigint, uuid) AS {statement}"
            );
            self.run(PULLING, &keep).await?;
        }
        self.keep(Kept::Under(Arc::clone(&name), tables));
        Ok(name)
    }

    /// The statement: `$1` is the revision up to which everything is known, `$2` the later ones that are this file's
    /// own, `$3` and `$4` the newest known one and its mark. The first row is the head; each table gives one row more
    /// than a little. It says `(SELECT $1)` and not `$1`, because the plan for any revision is kept only if it does not
    /// seem more expensive than one for this particular revision, and of that the server knows that little comes after
    /// it.
    fn little(&self, tables: &[&'static Table]) -> String {
        let schema = &self.schema;
        let may_differ = self.foreign_triggers(tables);
        let most = ROWS_MAX + 1;
        let head = format!(
            "SELECT ''::text, head.incarnation, head.revision, NULL::text, \
             $3 IS NULL OR CASE WHEN $4 = '00000000-0000-0000-0000-000000000000' \
             THEN NOT EXISTS (SELECT FROM \"{schema}\".lineage WHERE revision = $3) \
             ELSE EXISTS (SELECT FROM \"{schema}\".lineage WHERE revision = $3 AND mark = $4) END, \
             head.purge_floor, coalesce((to_jsonb(head) ->> 'version')::int, head.schema_version), head.schema_version, \
             (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, lineage.mark FROM \"{schema}\".catalogue_head AS head \
             LEFT JOIN \"{schema}\".lineage AS lineage ON lineage.revision = head.revision"
        );
        let rows = tables.iter().map(|table| {
            let name = table.name;
            format!(
                "(SELECT '{name}', t.id, t.revision, row_to_json(t)::text, t.revision = ANY ($2), {NO_HEAD} FROM \"{schema}\".{name} AS t \
                 WHERE t.revision > (SELECT $1) AND (t.revision <> ALL ($2) OR (SELECT may FROM differ)) ORDER BY t.revision LIMIT {most})"
            )
        });
        let graves = format!(
            "(SELECT '-' || entity, id, revision, content::text, revision = ANY ($2), {NO_HEAD} FROM \"{schema}\".tombstone \
             WHERE {} AND revision > (SELECT $1) ORDER BY revision LIMIT {most})",
            self.are_gone()
        );
        let parts: Vec<String> = std::iter::once(head).chain(rows).chain([graves]).collect();
        // Kept apart, because it would be planned for each table, and takes longer than everything else.
        format!(
            "WITH differ AS MATERIALIZED (SELECT {may_differ} AS may) {}",
            parts.join(" UNION ALL ")
        )
    }

    fn kept(&self) -> Kept {
        self.session
            .little
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn keep(&self, kept: Kept) {
        *self.session.little.lock().unwrap_or_else(PoisonError::into_inner) = kept;
    }
}

/// The call of a statement: numbers and ids, which need no quoting.
fn execution(name: &str, request: &PullRequest) -> String {
    let own: Vec<String> = request.own.iter().map(i64::to_string).collect();
    let (revision, mark) = match request.newest {
        Some(Seen { revision, mark }) => (revision.to_string(), format!("'{mark}'")),
        None => ("NULL".to_owned(), "NULL".to_owned()),
    };
    format!(
        "EXECUTE \"{name}\" ({}, '{{{}}}', {revision}, {mark})",
        request.after,
        own.join(",")
    )
}

/// What has come so far.
struct Little<'r> {
    request: &'r PullRequest,
    head: Option<(Head, bool)>,
    /// Those of each table, and finally the deletions.
    parts: Vec<(usize, Arrivals)>,
}

impl<'r> Little<'r> {
    fn new(connection: &Connection, request: &'r PullRequest) -> Self {
        let parts = (0..=request.tables.len()).map(|_| (0, connection.nothing_yet()));
        Self {
            request,
            head: None,
            parts: parts.collect(),
        }
    }

    fn add(&mut self, row: &Row) -> Read<()> {
        let entity: &str = row.try_get(0)?;
        if entity.is_empty() {
            self.head = Some((read_head(row)?, row.try_get(4)?));
            return Ok(());
        }
        let tables = self.request.tables;
        let (name, deletions) = match entity.strip_prefix('-') {
            Some(name) => (name, Some(tables.len())),
            None => (entity, None),
        };
        let found = tables.iter().position(|table| table.name == name);
        if let Some((count, _)) = deletions.or(found).and_then(|part| self.parts.get_mut(part)) {
            *count += 1;
        }
        // Deletions in tables that only a newer version knows are ignored.
        if let Some(position) = found
            && let Some((_, arrivals)) = self.parts.get_mut(deletions.unwrap_or(position))
        {
            arrivals.add(read_content_row(tables[position], row)?);
        }
        Ok(())
    }

    /// All of it. `None` if there may be more, or if it must be found out what happened to records that wait here.
    fn pulled(mut self) -> Option<Pulled> {
        let is_little = self.parts.iter().all(|(count, _)| *count <= ROWS_MAX);
        let come: HashSet<Key> = self.parts.iter().flat_map(|(_, part)| part.keys()).collect();
        if !is_little || !come.is_disjoint(&self.request.waiting.records) {
            return None;
        }
        let (head, knows_newest) = self.head?;
        let (_, mut graves) = self.parts.pop()?;
        order_graves(self.request.tables, &mut graves);
        let Arrivals { rows, mut unread } = Arrivals::joined(self.parts.into_iter().map(|(_, part)| part));
        unread.extend(graves.unread);
        Some(Pulled {
            head,
            is_forked: !knows_newest,
            rows,
            deletions: graves.rows,
            unheard: Vec::new(),
            unread,
        })
    }
}

fn read_head(row: &Row) -> Read<Head> {
    Ok(Head {
        incarnation: row.try_get(1)?,
        revision: row.try_get(2)?,
        purge_floor: row.try_get(5)?,
        version: row.try_get(6)?,
        schema_version: row.try_get(7)?,
        server_time: Timestamp::from_microsecond(row.try_get(8)?).unwrap_or(Timestamp::UNIX_EPOCH),
        mark: row.try_get::<_, Option<Uuid>>(9)?.unwrap_or_default(),
    })
}
