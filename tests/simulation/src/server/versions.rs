//! The server under programs of other versions: a statement names the columns that its program knows, and the others
//! stay as they are.

use std::borrow::Cow;

use colophon_store::schema::{Table, Value};
use colophon_sync::central::{Batch, Result, RowChange, TableChanges};
use colophon_sync::remote::{Additions, AdditionsRequest, Incoming};
use uuid::Uuid;

use super::Server;
use super::pull::incoming;
use crate::planted::Bug;
use crate::tables::{RecordKey, TABLES, position_of};
use crate::versions::{Version, all_in_whole, whole};

/// How many records there are in one part of what there was no room for: few, so that there are several parts.
const PART: usize = 3;

impl Server {
    /// Its version.
    pub(crate) fn version(&self) -> Version {
        self.version
    }

    /// It is migrated, or starts out that way. A column is added with its default, so rows and revisions stay as they
    /// are.
    pub(crate) fn migrate(&mut self, version: Version) {
        self.version = version;
    }

    /// A batch with all columns. For a row that exists, what the batch does not name stays; over a tombstone, it comes
    /// from the tombstone.
    pub(super) fn in_full<'b>(&self, batch: &'b Batch) -> Cow<'b, Batch> {
        if batch
            .tables
            .iter()
            .all(|changes| std::ptr::eq(changes.table, whole(changes.table)))
        {
            return Cow::Borrowed(batch);
        }
        let tables = batch.tables.iter().map(|changes| {
            let rows = changes.rows.iter().map(|row| RowChange {
                values: self.filled(changes.table, row),
                edited: row.edited.clone(),
                ..*row
            });
            TableChanges {
                table: whole(changes.table),
                rows: rows.collect(),
            }
        });
        Cow::Owned(Batch {
            tables: tables.collect(),
            ..*batch
        })
    }

    fn filled(&self, table: &'static Table, row: &RowChange) -> Vec<Value> {
        let record = (position_of(table), row.id().unwrap_or_default());
        let known = self.content_there(record);
        let columns = TABLES[record.0].columns.iter().enumerate();
        let values = columns.map(|(position, column)| match table.position(column.name) {
            Some(named) => row.values[named].clone(),
            None => known.map_or_else(|| column.unsaid(), |known| known[position].clone()),
        });
        values.collect()
    }

    fn content_there(&self, record: RecordKey) -> Option<&[Value]> {
        let row = self.row(record).map(|row| row.values.as_slice());
        match (row, self.bug) {
            (Some(_), Some(Bug::UnknownIsEmptied)) | (None, Some(Bug::TombstoneFillsNothing)) => None,
            _ => row.or_else(|| self.last_content_of(record)),
        }
    }

    /// What a tombstone keeps of a record.
    pub(crate) fn last_content_of(&self, (table, id): RecordKey) -> Option<&[Value]> {
        self.tombstones[table].get(&id).map(|grave| grave.content.as_slice())
    }

    /// A part of what there was no room for until now, in the order of ids.
    #[expect(clippy::unnecessary_wraps, reason = "as the real one answers")]
    pub(crate) fn additions(&self, request: &AdditionsRequest) -> Result<Additions> {
        let table = position_of(request.table);
        let columns = all_in_whole(request.table, request.columns);
        let says_something = |values: &[Value]| {
            let mut columns = columns.positions();
            columns.any(|column| values[column] != TABLES[table].columns[column].unsaid())
        };
        let is_asked = |id: &Uuid| request.after.is_none_or(|after| *id > after);
        let rows = self.rows[table]
            .iter()
            .filter(|(id, row)| is_asked(id) && (request.is_new || says_something(&row.values)));
        let rows = rows.map(|(id, row)| incoming(table, *id, &row.values, row.revision, false));
        let graves = self.tombstones[table].iter().filter(|(id, grave)| {
            is_asked(id) && !request.is_new && !self.rows[table].contains_key(*id) && says_something(&grave.content)
        });
        let graves = graves.map(|(id, grave)| incoming(table, *id, &grave.content, grave.revision, false));
        let (mut rows, mut deletions): (Vec<_>, Vec<_>) = (rows.collect(), graves.collect());
        if self.bug == Some(Bug::NothingIsFetched) {
            (rows, deletions) = (Vec::new(), Vec::new());
        }
        let last = end_of_part(&rows, &deletions);
        if let Some(last) = last {
            rows.retain(|row| row.key.id <= last);
            deletions.retain(|row| row.key.id <= last);
        }
        let all = rows.iter_mut().chain(&mut deletions);
        let waiting = all.filter(|told| request.waiting.records.contains(&told.key));
        if self.bug != Some(Bug::FetchedWithoutStories) {
            waiting.for_each(|told| self.tell_story(told, request.waiting.told_up_to));
        }
        Ok(Additions {
            head: self.head(),
            rows: rows.into_iter().collect(),
            deletions: deletions.into_iter().collect(),
            unread: Vec::new(),
            last,
        })
    }
}

/// Where this part ends, if there are more records than fit in it.
fn end_of_part(rows: &[Incoming], deletions: &[Incoming]) -> Option<Uuid> {
    let mut ids: Vec<_> = rows.iter().chain(deletions).map(|row| row.key.id).collect();
    ids.sort_unstable();
    ids.get(PART).and(ids.get(PART - 1)).copied()
}
