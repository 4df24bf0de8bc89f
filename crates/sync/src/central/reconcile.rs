//! Asking for what a device needs that cannot simply go on: the server was restored from a backup, or has forgotten
//! deletions.
//!
//! Like a pull, everything comes from one snapshot. Besides what is newer than the last common revision, it holds what
//! the server has of the records that the device asks for, and the ids of all records: whatever is neither among these
//! nor among the tombstones is gone. Ids are 16 bytes each, so a million of them are a second's work and no burden.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};

use colophon_store::Seen;
use colophon_store::schema::Table;
use futures_util::TryStreamExt as _;
use futures_util::future::{join, join_all, join5};
use tokio_postgres::Row;
use tokio_postgres::binary_copy::BinaryCopyOutStream;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::connection::Connection;
use super::error::Result;
use super::rows::{Arrivals, Read};
use crate::local::Key;
use crate::remote::{Pulled, ReconcileRequest, Whereabouts};

const RECONCILING: &str = "comparing what both have";

impl Connection {
    /// The greatest of these revisions that carries the same mark here.
    pub async fn last_common(&self, seen: &[Seen]) -> Result<Option<Seen>> {
        let (revisions, marks): (Vec<i64>, Vec<Uuid>) = seen.iter().map(|seen| (seen.revision, seen.mark)).unzip();
        let query = format!(
            "SELECT lineage.revision, lineage.mark FROM \"{}\".lineage AS lineage \
             JOIN unnest($1, $2) AS seen(revision, mark) ON seen.revision = lineage.revision AND seen.mark = lineage.mark \
             ORDER BY 1 DESC LIMIT 1",
            self.schema
        );
        let parameters = [(&revisions as _, Type::INT8_ARRAY), (&marks as _, Type::UUID_ARRAY)];
        let row = self
            .ask(RECONCILING, self.client.query_typed_opt(&query, &parameters))
            .await?;
        let read = |row: Row| {
            Ok(Seen {
                revision: row.try_get(0)?,
                mark: row.try_get(1)?,
            })
        };
        let common: Read<_> = row.map(read).transpose();
        common.map_err(|error| self.peer.while_doing(RECONCILING, &error))
    }

    /// What is newer, what was asked for, and what exists.
    pub async fn reconcile(&mut self, request: &ReconcileRequest) -> Result<Whereabouts> {
        let came_to = self.reconcile_snapshot(request).await;
        self.end(RECONCILING, came_to).await
    }

    async fn reconcile_snapshot(&self, request: &ReconcileRequest) -> Result<Whereabouts> {
        let arrived = AtomicU64::new(0);
        let beginning = self.beginning_of_snapshot();
        let graves_wanted = format!("({})", graves_wanted(request));
        let listed = if request.lists_all { request.tables } else { &[] };
        let all = async {
            let (begun, at, graves, rows, ids) = join5(
                self.client.batch_execute(&beginning),
                join(self.snapshot_head(), self.knows(request.fork)),
                // Whoever wrote it, it is news here: no revision is 0.
                self.graves(request.tables, &graves_wanted, "0", &arrived),
                join_all(
                    request
                        .tables
                        .iter()
                        .map(|table| self.wanted_rows(table, request, &arrived)),
                ),
                join_all(listed.iter().map(|table| self.ids(table, &arrived))),
            )
            .await;
            begun?;
            let (head, knows_fork, graves) = (at.0?, at.1?, graves?);
            let rows = Arrivals::joined(rows.into_iter().collect::<Read<Vec<_>>>()?);
            let ids = ids.into_iter().collect::<Read<Vec<_>>>()?;
            Ok((head, knows_fork, graves, rows, ids))
        };
        let (head, knows_fork, graves, arrivals, ids) = self.ask_while_it_flows(RECONCILING, &arrived, all).await?;
        self.check_acquaintance(&head)?;
        let Arrivals { mut rows, mut unread } = arrivals;
        unread.extend(graves.unread);
        let mut deletions = graves.rows;
        self.tell_stories(request.tables, &request.waiting, &mut rows, &mut deletions)
            .await?;
        let pulled = Pulled {
            head,
            is_forked: !knows_fork,
            rows,
            deletions,
            unheard: Vec::new(),
            unread,
        };
        let present = ids.into_iter().flatten().collect();
        Ok(Whereabouts { pulled, present })
    }

    async fn wanted_rows(
        &self,
        table: &'static Table,
        request: &ReconcileRequest,
        arrived: &AtomicU64,
    ) -> Read<Arrivals> {
        let are_wanted = format!(
            "revision > {} OR id = ANY ({})",
            request.after,
            array(asked_of(table, request))
        );
        self.copy_rows(table, &are_wanted, arrived).await
    }

    /// All ids of a table.
    async fn ids(&self, table: &'static Table, arrived: &AtomicU64) -> Read<HashSet<Key>> {
        let copy = format!(
            "COPY (SELECT id FROM \"{}\".{}) TO STDOUT (FORMAT binary)",
            self.schema, table.name
        );
        let mut stream = pin!(BinaryCopyOutStream::new(
            self.client.copy_out(&copy).await?,
            &[Type::UUID]
        ));
        let mut ids = HashSet::new();
        while let Some(row) = stream.try_next().await? {
            arrived.fetch_add(1, Ordering::Relaxed);
            ids.insert(Key {
                table,
                id: row.try_get(0)?,
            });
        }
        Ok(ids)
    }
}

fn graves_wanted(request: &ReconcileRequest) -> String {
    let mut condition = format!("revision > {}", request.after);
    for table in request.tables {
        let asked = array(asked_of(table, request));
        let _ = write!(condition, " OR (entity = '{}' AND id = ANY ({asked}))", table.name);
    }
    condition
}

fn asked_of(table: &'static Table, request: &ReconcileRequest) -> impl Iterator<Item = Uuid> {
    let of_table = request.asked.iter().filter(move |key| key.table == table);
    of_table.map(|key| key.id)
}

/// An array of ids as a literal: COPY takes no parameters.
fn array(ids: impl Iterator<Item = Uuid>) -> String {
    let ids: Vec<String> = ids.map(|id| id.to_string()).collect();
    format!("'{{{}}}'::uuid[]", ids.join(","))
}
