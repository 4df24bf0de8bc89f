//! The first download: a file that has never met its server takes a large catalogue.
//!
//! A [round](crate::round) could do it, too, and does so for small ones: as one pull that is held in memory and taken
//! row by row through the rules for merging. Here there is nothing to merge with. So the rows stream into the [staging
//! area](colophon_store::Database::begin_staging) of the file and are published at once. This is a separate path before
//! the round, on the real file and the real server; the simulation does not know it and begins with the ordinary pull.
//!
//! # Why parts fit together that were read at different times
//!
//! Without an interruption, all rows come from one snapshot, and there is nothing to prove. A snapshot does not survive
//! its connection, though, and what was staged before an interruption is not fetched again. Let *H* be the revision of
//! the first snapshot. Each table is staged in the order of its ids; after an interruption it continues after the last
//! id, in a later snapshot. At the end, in the last snapshot of all, at revision *N*, come the rows that were written
//! after *H*, replacing those staged, and the tombstones, whose rows are removed. Then the area is the catalogue at
//! *N*:
//!
//! - A row that has a revision above *H* was just fetched as it is at *N*.
//! - A row of *N* with a revision up to *H* was the same in every snapshot since *H*: deleting it and bringing it back
//!   would have given it a new revision. So whichever snapshot its id fell into had it.
//! - A staged row that is not in *N* was deleted after *H*. Its tombstone is in *N*, unless such tombstones were
//!   purged: then the purge floor is above *H*, and everything starts over.
//!
//! It also starts over if the server's database is a different one or went back, if a migration has changed the tables
//! here, and if another version of the program has derived the stored keys.
//!
//! # What was made here
//!
//! Rows that were never on a server, from before or made during the download, join the staged ones when these are
//! published. Two records with one ISBN are handled as [`apply`](mod@crate::apply) does: the server's record keeps it,
//! and a question is asked about the one from here; and so are records that look the same. Rows from a server, pending
//! notes or a batch under way need the ordinary rules: then nothing is staged, or what was staged is dropped, and the
//! round pulls.
//!
//! # Speed
//!
//! Three things happen at the same time: the server sends, this task takes rows apart and derives their stored keys,
//! and a thread inserts. Little waits between them, so memory use does not grow with the catalogue.

mod pace;
mod writer;

use colophon_store::schema::{Table, Value};
use colophon_store::{Arrived, Database, Registered, Source, Staged, StagedTable, WriteSession};
use uuid::Uuid;

pub use self::pace::DownloadProgress;
use self::pace::Pace;
use self::writer::{Step, Writer};

use crate::apply::whole_record;
use crate::central::{Connection, DownloadSnapshot, Head, Which};
use crate::error::Result;
use crate::failpoint::passed;
use crate::file::{CatalogueFile, OpenFile};
use crate::local::{Key, LocalTransaction, LocalView as _, Parked, ParkedKind, park_once};

/// The sizes of the parts of a first download.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    /// The fewest rows that make a catalogue worth downloading this way. With fewer, a round is as quick.
    pub worth_rows: u64,
    /// Rows in one part: how much an interruption may cost, and how long an edit waits for its turn.
    pub rows: usize,
}

impl Default for Parts {
    fn default() -> Self {
        Self {
            worth_rows: 10_000,
            rows: 8_192,
        }
    }
}

/// The result of a first download.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Downloaded {
    /// Rows that were taken.
    pub(crate) rows: u64,
    /// Values that were parked.
    pub(crate) parked: u64,
}

/// A first download to be made.
pub(crate) struct FirstDownload<'d> {
    pub(crate) file: &'d CatalogueFile,
    pub(crate) connection: &'d Connection,
    pub(crate) tables: &'static [&'static Table],
    /// The version of this program.
    pub(crate) program: &'d str,
    pub(crate) parts: Parts,
}

impl FirstDownload<'_> {
    /// Downloads, if that is what this file and this catalogue need; `None` if the round should do it.
    pub(crate) async fn run(
        &self,
        head: &Head,
        progress: &mut (dyn FnMut(DownloadProgress) + Send),
    ) -> Result<Option<Downloaded>> {
        let tables = self.tables;
        let device = |s: &colophon_store::ReadSession<'_>| s.device();
        let Some(incarnation) = self
            .database()
            .read(device)
            .await?
            .map_or(Some(head.incarnation), |device| {
                (device.cursor == 0).then_some(device.incarnation.unwrap_or(head.incarnation))
            })
        else {
            return Ok(None);
        };
        if head.revision == 0 || incarnation != head.incarnation {
            return Ok(None);
        }
        if self.database().read(|s| s.has_anything_of_a_server(tables)).await? {
            return Ok(None);
        }
        let snapshot = self.connection.begin_download(self.tables).await?;
        if snapshot.rows < self.parts.worth_rows {
            self.connection.end_download().await?;
            return Ok(None);
        }
        passed("download: begun");
        let run = self.stage_all(&snapshot, progress).await?;
        passed("download: all is staged");
        self.connection.end_download().await?;
        self.publish(run, snapshot).await
    }

    fn database(&self) -> &Database {
        self.file.database()
    }

    /// The entities of which both know, parents first.
    fn entities(&self) -> Vec<Registered> {
        let known = self.file.edition().entities.iter();
        known
            .filter(|entity| self.tables.contains(&entity.table))
            .copied()
            .collect()
    }

    /// Stages what is not staged yet, and what has changed since the beginning. Returns which run it was.
    async fn stage_all(
        &self,
        snapshot: &DownloadSnapshot,
        progress: &mut (dyn FnMut(DownloadProgress) + Send),
    ) -> Result<i64> {
        let staged = self.begin_or_go_on(&snapshot.head).await?;
        passed("download: there is an area to stage in");
        let mut pace = Pace::new(&staged, snapshot.rows, progress);
        let mut writer = Writer::start(self.database().clone(), staged.run);
        let entities = self.entities();
        for (entity, table) in entities.iter().zip(&staged.tables) {
            if !table.is_complete {
                self.stage_table(entity, *table, &mut writer, &mut pace).await?;
            }
        }
        passed("download: every table has come");
        let first = staged.source.revision;
        if first < snapshot.head.revision {
            for entity in &entities {
                let which = Which::ChangedSince(first);
                let mut rows = self.connection.download_rows(entity.table, which).await?;
                while let Some(part) = self.next_part(&mut rows, entity, &mut writer).await? {
                    writer.send(Step::Again(part)).await?;
                }
            }
        }
        passed("download: what changed since has come");
        let mut tombstones = self.connection.download_tombstones(self.tables).await?;
        while let Some((deletions, unread)) = tombstones.next(self.parts.rows).await? {
            writer.send(Step::NotKept(unread)).await?;
            let deletions = deletions.into_iter();
            let deletions = deletions.map(|deletion| (deletion.key, deletion.values, deletion.revision));
            writer.send(Step::Deletions(deletions.collect())).await?;
        }
        writer.finish().await?;
        Ok(staged.run)
    }

    async fn stage_table(
        &self,
        entity: &Registered,
        table: StagedTable,
        writer: &mut Writer,
        pace: &mut Pace<'_>,
    ) -> Result<()> {
        let which = Which::After(table.last);
        let mut rows = self.connection.download_rows(entity.table, which).await?;
        while let Some(part) = self.next_part(&mut rows, entity, writer).await? {
            pace.came(part.count());
            writer.send(Step::Part(part)).await?;
        }
        writer.send(Step::Complete(entity.table)).await
    }

    /// The next rows; those that cannot be read are listed.
    async fn next_part(
        &self,
        rows: &mut crate::central::Rows<'_>,
        entity: &Registered,
        writer: &mut Writer,
    ) -> Result<Option<Arrived>> {
        let Some((part, unread)) = rows.next(self.parts.rows).await? else {
            return Ok(None);
        };
        writer.send(Step::NotKept(unread)).await?;
        Ok(Some(entity.arrive(part)))
    }

    /// What is staged already, if rows of this head fit it; or an empty staging area.
    async fn begin_or_go_on(&self, head: &Head) -> Result<Staged> {
        let (tables, database, head) = (self.tables, self.database().clone(), *head);
        let source = Source {
            incarnation: head.incarnation,
            revision: head.revision,
            mark: head.mark,
            program: self.program.to_owned(),
        };
        let (store, now) = (database.clone(), source.clone());
        let staged = in_background(move || store.go_on_staging(tables, |staged| is_of(&now, &head, staged))).await?;
        if let Some(staged) = staged
            && self.connection.last_common(&[staged.source.seen()]).await?.is_some()
        {
            return Ok(staged);
        }
        in_background(move || database.begin_staging(tables, &source)).await
    }

    /// Puts the staged rows in their place. If something is in the way, they are dropped.
    async fn publish(&self, run: i64, snapshot: DownloadSnapshot) -> Result<Option<Downloaded>> {
        let (tables, file, entities) = (self.tables, self.file.clone(), self.entities());
        let shared = self.connection.shared();
        in_background(move || {
            let database = file.database();
            let rows = database.staged_count(tables)?;
            let published = database.publish_staged(run, &entities, |session| {
                session.set_in_step(shared.all_there())?;
                let parked = make_room(session, &file, tables, &snapshot)?;
                passed("download: before it is published");
                Ok(Downloaded { rows, parked })
            })?;
            passed("download: published");
            if published.is_none() {
                tracing::info!("something of a server is in the file by now; it is pulled in the ordinary way");
                database.discard_staged()?;
            }
            Ok(published)
        })
        .await
    }
}

/// Whether rows that were staged from one source fit those of a head.
fn is_of(now: &Source, head: &Head, staged: &Source) -> bool {
    staged.incarnation == now.incarnation
        && staged.program == now.program
        && staged.revision <= head.revision
        && head.purge_floor <= staged.revision
}

/// Notes how far the file is, and takes from rows that were made here the values that staged ones have. Returns how
/// many were parked.
fn make_room(
    session: &WriteSession<'_>,
    file: &CatalogueFile,
    tables: &'static [&'static Table],
    snapshot: &DownloadSnapshot,
) -> colophon_store::Result<u64> {
    let tx = OpenFile::new(session, file);
    tx.device_or_new()?;
    tx.set_incarnation(snapshot.head.incarnation)?;
    tx.set_cursor(snapshot.head.seen())?;
    // A parent that could not be kept is as missing as one that is hidden.
    if snapshot.hides_rows || session.not_kept_count()? > 0 {
        let hidden = session.drop_staged_orphans(tables)?;
        tracing::debug!(
            hidden,
            "rows whose parents are hidden from this login, or could not be kept, are not kept"
        );
    }
    let mut parked = 0;
    for table in tables {
        for column in table.unique {
            for (here, there) in session.held_by_staged(table, column)? {
                parked += give_up(&tx, Key { table, id: here }, column, there)?;
            }
        }
    }
    for (key, first) in tx.alike_among_staged()? {
        let parked_now = park_once(&tx, &whole_record(key, ParkedKind::SameRecord { first }, 0))?;
        parked += u64::from(parked_now);
    }
    Ok(parked)
}

fn give_up(tx: &OpenFile<'_, '_>, key: Key, column: &'static str, holder: Uuid) -> colophon_store::Result<u64> {
    let (Some(position), Some(mut row)) = (key.table.position(column), tx.record(key)?.row) else {
        return Ok(0);
    };
    let value = std::mem::replace(&mut row.values[position], Value::Null);
    tx.write_row(key, &row)?;
    let parked = Parked {
        key,
        kind: ParkedKind::SameValue { column, holder },
        base: None,
        mine: Some(value),
        theirs: None,
        theirs_at: None,
        theirs_by: None,
        revision: 0,
    };
    Ok(u64::from(park_once(tx, &parked)?))
}

/// Runs blocking work on a thread meant for it.
pub(crate) async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> colophon_store::Result<T> + Send + 'static,
) -> Result<T> {
    joined(tokio::task::spawn_blocking(work).await)
}

fn joined<T>(ended: std::result::Result<colophon_store::Result<T>, tokio::task::JoinError>) -> Result<T> {
    match ended {
        Ok(result) => Ok(result?),
        Err(stopped) => match stopped.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is shutting down.
            Err(_) => Err(colophon_store::Error::Interrupted.into()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(revision: i64, purge_floor: i64) -> Head {
        Head {
            incarnation: Uuid::nil(),
            revision,
            purge_floor,
            version: 1,
            schema_version: 1,
            mark: Uuid::nil(),
            server_time: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn staged_rows_are_gone_on_with_only_if_nothing_can_be_missing() {
        let source = |revision, incarnation: u128, program: &str| Source {
            incarnation: Uuid::from_u128(incarnation),
            revision,
            mark: Uuid::nil(),
            program: program.to_owned(),
        };
        let now = source(9, 0, "1");
        let is_of = |staged: &Source, head: &Head| is_of(&now, head, staged);
        assert!(is_of(&source(5, 0, "1"), &head(9, 5)));
        assert!(!is_of(&source(5, 0, "1"), &head(9, 6)), "tombstones were purged");
        assert!(!is_of(&source(5, 0, "1"), &head(4, 0)), "the server went back");
        assert!(!is_of(&source(5, 1, "1"), &head(9, 0)), "another database");
        assert!(!is_of(&source(5, 0, "2"), &head(9, 0)), "another program");
    }
}
