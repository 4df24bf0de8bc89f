//! What travels between a program and a server of different versions: the columns that both have, as over a real
//! connection.

use std::borrow::Cow;
use std::collections::HashSet;

use colophon_sync::central::{Batch, Error, Result, RowChange, TableChanges};
use colophon_sync::local::Key;
use colophon_sync::pile::Pile;
use colophon_sync::remote::{
    Additions, AdditionsRequest, FieldStory, Incoming, PullRequest, Pulled, ReconcileRequest, Story, WaitingHere,
    Whereabouts,
};
use colophon_sync::shared::{Shared, narrowed, widened};

use crate::server::Server;
use crate::versions::{Version, whole};

/// What a connection found out when it was made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Acquaintance {
    /// What both know.
    pub(crate) shared: Shared,
    /// The server's version then.
    pub(crate) server: Version,
}

impl Acquaintance {
    /// An error if the server has been migrated since: what was asked does not fit what is there.
    pub(crate) fn check(&self, server: &Server) -> Result<()> {
        if self.server == server.version() {
            return Ok(());
        }
        let reason = "the central catalogue was just migrated".to_owned();
        Err(Error::Busy { reason })
    }

    /// Whether nothing needs to be left out on the way.
    fn is_everything(&self) -> bool {
        let tables = self.shared.all_there();
        tables.len() == crate::tables::TABLE_COUNT && tables.iter().all(|table| std::ptr::eq(*table, whole(table)))
    }

    /// A batch, reduced to what the server has room for.
    pub(crate) fn with_room_for<'b>(&self, batch: &'b Batch) -> Cow<'b, Batch> {
        if self.shared.is_whole() {
            return Cow::Borrowed(batch);
        }
        let tables = batch.tables.iter().map(|changes| {
            let table = self.shared.there(changes.table);
            let rows = changes.rows.iter().map(|row| RowChange {
                values: narrowed(changes.table, table, &row.values),
                edited: row.edited.clone(),
                ..*row
            });
            TableChanges {
                table,
                rows: rows.collect(),
            }
        });
        Cow::Owned(Batch {
            tables: tables.collect(),
            ..*batch
        })
    }

    /// A request, in terms of the server's tables.
    pub(crate) fn pull_request<'r>(&self, request: &'r PullRequest) -> Cow<'r, PullRequest> {
        if self.is_everything() {
            return Cow::Borrowed(request);
        }
        Cow::Owned(PullRequest {
            waiting: waiting_as_the_server_names(&request.waiting),
            ..request.clone()
        })
    }

    /// The same.
    pub(crate) fn reconcile_request<'r>(&self, request: &'r ReconcileRequest) -> Cow<'r, ReconcileRequest> {
        if self.is_everything() {
            return Cow::Borrowed(request);
        }
        Cow::Owned(ReconcileRequest {
            asked: as_the_server_names(&request.asked),
            waiting: waiting_as_the_server_names(&request.waiting),
            ..request.clone()
        })
    }

    /// The same.
    pub(crate) fn additions_request<'r>(&self, request: &'r AdditionsRequest) -> Cow<'r, AdditionsRequest> {
        if self.is_everything() {
            return Cow::Borrowed(request);
        }
        Cow::Owned(AdditionsRequest {
            waiting: waiting_as_the_server_names(&request.waiting),
            ..request.clone()
        })
    }

    /// What has arrived, in terms of the tables that both have.
    pub(crate) fn pulled(&self, pulled: Pulled) -> Pulled {
        if self.is_everything() {
            return pulled;
        }
        Pulled {
            rows: self.all_known(&pulled.rows),
            deletions: self.all_known(&pulled.deletions),
            ..pulled
        }
    }

    /// The same.
    pub(crate) fn whereabouts(&self, there: Whereabouts) -> Whereabouts {
        if self.is_everything() {
            return there;
        }
        Whereabouts {
            pulled: self.pulled(there.pulled),
            present: there.present.into_iter().filter_map(|key| self.known(key)).collect(),
        }
    }

    /// The same.
    pub(crate) fn additions(&self, additions: Additions) -> Additions {
        if self.is_everything() {
            return additions;
        }
        Additions {
            rows: self.all_known(&additions.rows),
            deletions: self.all_known(&additions.deletions),
            ..additions
        }
    }

    fn known(&self, key: Key) -> Option<Key> {
        let mut tables = self.shared.tables.iter();
        let table = tables.find(|table| table.name == key.table.name)?;
        Some(Key { table, ..key })
    }

    fn all_known(&self, rows: &Pile) -> Pile {
        // A file of the simulation pulls so little that all of it is in memory, where reading does not fail.
        let rows = rows.iter().flatten();
        rows.filter_map(|row| self.known_of(row.into_owned())).collect()
    }

    fn known_of(&self, incoming: Incoming) -> Option<Incoming> {
        let key = self.known(incoming.key)?;
        let there = self.shared.there(key.table);
        let sent = narrowed(incoming.key.table, there, &incoming.values);
        let story = incoming.story.map(|story| Story {
            fields: story
                .fields
                .into_iter()
                .filter_map(|field| renamed(key, field))
                .collect(),
            by: story.by,
        });
        Some(Incoming {
            key,
            values: widened(key.table, there, sent),
            story,
            ..incoming
        })
    }
}

/// The change of a field, moved to where its column is in a program's table, if it is there.
fn renamed(key: Key, field: FieldStory) -> Option<FieldStory> {
    let column = key.table.position(whole(key.table).columns[field.column].name)?;
    Some(FieldStory { column, ..field })
}

fn waiting_as_the_server_names(waiting: &WaitingHere) -> WaitingHere {
    WaitingHere {
        records: as_the_server_names(&waiting.records),
        ..*waiting
    }
}

fn as_the_server_names(keys: &HashSet<Key>) -> HashSet<Key> {
    let named = keys.iter().map(|key| Key {
        table: whole(key.table),
        ..*key
    });
    named.collect()
}
