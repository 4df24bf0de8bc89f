//! Pulling, as the real server answers it: everything between the cursor and the head, except what the device has
//! written itself.

use colophon_sync::central::Result;
use colophon_sync::local::Key;
use colophon_sync::remote::{FieldStory, Incoming, PullRequest, Pulled, Story};
use jiff::Timestamp;
use uuid::Uuid;

use super::Server;
use crate::tables::{TABLE_COUNT, TABLES, position_of};

impl Server {
    /// Everything that has changed since a revision.
    #[expect(clippy::unnecessary_wraps, reason = "as the real one answers")]
    pub(crate) fn pull(&self, request: &PullRequest) -> Result<Pulled> {
        let (rows, deletions) = self.news(request);
        Ok(Pulled {
            head: self.head(),
            is_forked: request.newest.is_some_and(|newest| !self.knows(&newest)),
            rows: rows.into_iter().collect(),
            deletions: deletions.into_iter().collect(),
            unheard: Vec::new(),
            unread: Vec::new(),
        })
    }

    /// The rows and the deletions between the cursor and the head.
    pub(super) fn news(&self, request: &PullRequest) -> (Vec<Incoming>, Vec<Incoming>) {
        let head = self.head();
        let own = &request.own;
        let is_new = |revision: i64| request.after < revision && revision <= head.revision;
        let mut rows = Vec::new();
        for (table, of_table) in self.rows.iter().enumerate() {
            for (id, row) in of_table.iter().filter(|(_, row)| is_new(row.revision)) {
                let is_own = own.contains(&row.revision);
                if !is_own || self.has_triggers {
                    rows.push(incoming(table, *id, &row.values, row.revision, is_own));
                }
            }
        }
        let mut deletions = Vec::new();
        for table in (0..TABLE_COUNT).rev() {
            for (id, grave) in self.tombstones[table]
                .iter()
                .filter(|(id, grave)| is_new(grave.revision) && !self.rows[table].contains_key(*id))
            {
                let is_own = own.contains(&grave.revision);
                deletions.push(incoming(table, *id, &grave.content, grave.revision, is_own));
            }
        }
        let all = rows.iter_mut().chain(&mut deletions);
        for told in all.filter(|told| request.waiting.records.contains(&told.key)) {
            self.tell_story(told, request.waiting.told_up_to);
        }
        (rows, deletions)
    }

    /// When which field was changed, and by whom last.
    pub(super) fn tell_story(&self, told: &mut Incoming, after: i64) {
        let record = (position_of(told.key.table), told.key.id);
        for entry in self
            .history
            .iter()
            .filter(|entry| entry.record == record && entry.revision > after)
        {
            let story = told.story.get_or_insert_with(Story::default);
            story.by = Some(entry.by.clone());
            for (column, _) in &entry.columns {
                story.fields.retain(|field| field.column != *column);
                story.fields.push(FieldStory {
                    column: *column,
                    at: Timestamp::from_microsecond(*entry.times.get(column).unwrap_or(&entry.at))
                        .unwrap_or(Timestamp::UNIX_EPOCH),
                    by: entry.by.clone(),
                });
            }
        }
    }
}

pub(super) fn incoming(
    table: usize,
    id: Uuid,
    values: &[colophon_store::schema::Value],
    revision: i64,
    is_own: bool,
) -> Incoming {
    Incoming {
        key: Key {
            table: TABLES[table],
            id,
        },
        values: values.to_vec(),
        revision,
        is_own,
        story: None,
    }
}
