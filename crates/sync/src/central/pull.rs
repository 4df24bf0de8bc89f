//! Pulling: what has changed since a revision, from one snapshot.
//!
//! Everything is asked in one REPEATABLE READ transaction. Revisions become visible in order, because the head's row is
//! locked from the moment a transaction opens its revision until it commits. So the head of a snapshot and the rows of
//! the same snapshot belong together: whatever is newer than the cursor is complete up to that head, and nothing is
//! beyond it, however long other transactions stay open. Theirs come later. A reader takes no lock that anybody waits
//! for.
//!
//! All questions are sent before the first answer is awaited, so a pull takes three round trips, however many tables
//! there are: one for where the catalogue stands and which tables have something new, one for the rows of those, one
//! for the end. Usually that is one table: looking into the others would cost the server more than everything else.
//! Rows come by binary COPY. A pull may bring a million of them over a thin wire: there is no limit on how long that
//! takes, only on how long nothing may arrive.
//!
//! What this very file has written is left out: the file already has it, and knows so, because the fate of every batch
//! is asked for before anything is pulled. It comes back only if somebody else's triggers may have changed what was
//! written.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use colophon_store::Seen;
use colophon_store::schema::{Table, Value};
use futures_util::TryStreamExt as _;
use futures_util::future::{join_all, join4};
use jiff::Timestamp;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Row, Statement};
use uuid::Uuid;

use super::connection::{Connection, Question};
use super::content::read_content;
use super::error::Result;
use super::head::Head;
use super::rows::{self, Arrivals, Cell, Read};
use super::statements::list;
use crate::failpoint::passed;
use crate::key::Key;
use crate::not_kept::Unread;
use crate::pile::Pile;
use crate::remote::{FieldStory, Incoming, PullRequest, Pulled, Story, WaitingHere};

pub(super) const PULLING: &str = "asking what is new";

/// The first server version whose history has a time for each field.
const TIMES_SINCE: i32 = 3;

/// Where the catalogue stands.
struct Standing {
    head: Head,
    /// Whether the server knows the newest revision that the device has seen, by its mark.
    knows_newest: bool,
    /// Whether there are new rows, for each table.
    has_news: Vec<bool>,
}

impl Connection {
    /// Everything that has changed since a revision.
    pub async fn pull(&mut self, request: &PullRequest) -> Result<Pulled> {
        if let Some(pulled) = self.pull_little(request).await? {
            return Ok(pulled);
        }
        let came_to = self.pull_snapshot(request).await;
        self.end(PULLING, came_to).await
    }

    async fn pull_snapshot(&self, request: &PullRequest) -> Result<Pulled> {
        let arrived = AtomicU64::new(0);
        let beginning = self.beginning_of_snapshot();
        let (are_new, own) = (format!("revision > {}", request.after), own_revisions(request));
        let stand = async {
            let (begun, standing, graves, copies) = join4(
                self.client.batch_execute(&beginning),
                self.standing(request),
                self.graves(request.tables, &are_new, &own, &arrived),
                join_all(request.tables.iter().map(|table| self.prepared(table, request))),
            )
            .await;
            // In the order in which they were asked, so that the cause is named and not its consequences.
            begun?;
            Ok((standing?, graves?, copies.into_iter().collect::<Read<Vec<_>>>()?))
        };
        let (standing, graves, copies) = self.ask_while_it_flows(PULLING, &arrived, stand).await?;
        let Standing {
            head,
            knows_newest,
            has_news,
        } = standing;
        self.check_acquaintance(&head)?;
        passed("pull: the head is known");
        let with_news = request.tables.iter().zip(&copies).zip(has_news);
        let with_news = with_news.filter_map(|(copy, has_news)| has_news.then_some(copy));
        let new = self.new_rows(request, with_news.collect(), &arrived);
        let Arrivals { mut rows, mut unread } = self.ask_while_it_flows(PULLING, &arrived, new).await?;
        passed("pull: before the stories");
        let mut deletions = graves.rows;
        unread.extend(graves.unread);
        self.tell_stories(request.tables, &request.waiting, &mut rows, &mut deletions)
            .await?;
        Ok(Pulled {
            head,
            is_forked: !knows_newest,
            rows,
            deletions,
            unheard: Vec::new(),
            unread,
        })
    }

    /// The rows of these tables that are new. Those that the file has written itself are among them only if somebody
    /// else's triggers may have changed them.
    async fn new_rows(
        &self,
        request: &PullRequest,
        tables: Vec<(&&'static Table, &Statement)>,
        arrived: &AtomicU64,
    ) -> Read<Arrivals> {
        let own: HashSet<i64> = request.own.iter().copied().collect();
        let rows = tables
            .into_iter()
            .map(|(table, copy)| self.rows_of(table, copy, &own, arrived));
        let rows = join_all(rows).await.into_iter().collect::<Read<Vec<_>>>()?;
        Ok(Arrivals::joined(rows))
    }

    pub(super) async fn snapshot_head(&self) -> Read<Head> {
        let row = self.client.query_typed_one(&self.head_question(), &[]).await?;
        Head::read(&row)
    }

    /// Whether it knows a revision by its mark.
    pub(super) async fn knows(&self, newest: Option<Seen>) -> Read<bool> {
        let (query, parameters) = self.lineage_question(newest.as_ref());
        self.client.query_typed_one(&query, &parameters).await?.try_get(0)
    }

    /// Whether a revision carries the mark by which a device knows it.
    pub(super) fn lineage_question<'q>(&self, newest: Option<&'q Seen>) -> Question<'q> {
        let Some(seen) = newest else {
            return ("SELECT true".to_owned(), Vec::new());
        };
        if seen.mark.is_nil() {
            // What the device has seen carried no mark, which should not happen: then it must still carry none.
            let query = format!(
                "SELECT NOT EXISTS (SELECT FROM \"{}\".lineage WHERE revision = $1)",
                self.schema
            );
            return (query, vec![(&seen.revision, Type::INT8)]);
        }
        let query = format!(
            "SELECT EXISTS (SELECT FROM \"{}\".lineage WHERE revision = $1 AND mark = $2)",
            self.schema
        );
        (query, vec![(&seen.revision, Type::INT8), (&seen.mark, Type::UUID)])
    }

    /// Whether our tables have triggers that are not ours, and so may write something other than what was sent. This
    /// goes by their names, of which a table has each only once: joining the catalogs would cost more than all other
    /// questions. The triggers by which a sort name follows from a name write nothing where a device writes.
    pub(super) fn foreign_triggers(&self, tables: &[&Table]) -> String {
        let tables = tables.iter();
        let tables: Vec<String> = tables
            .map(|table| format!("'\"{}\".{}'::regclass", self.schema, table.name))
            .collect();
        format!(
            "EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE tgrelid IN ({}) AND NOT tgisinternal AND tgenabled <> 'D' \
             AND tgname NOT IN ('open_statement', 'refuse_new_id', 'refuse_truncate', 'stamp_row', 'record_insert', \
             'record_update', 'record_delete', 'follow_name_insert', 'follow_name_update'))",
            tables.join(", ")
        )
    }

    /// Where the catalogue stands, and where there is something new.
    async fn standing(&self, request: &PullRequest) -> Read<Standing> {
        let (knows, mut bound) = self.lineage_question(request.newest.as_ref());
        let head = self.head_question();
        bound.push((&request.after, Type::INT8));
        let after = bound.len();
        let tables = request.tables.iter();
        let news = tables.map(|table| {
            let schema = &self.schema;
            format!(
                "coalesce((SELECT max(revision) FROM \"{schema}\".{}) > ${after}, false)",
                table.name
            )
        });
        let query = format!("SELECT head.*, ({knows}), ARRAY[{}] FROM ({head}) AS head", list(news));
        let row = self.client.query_typed_one(&query, &bound).await?;
        let standing = row.len() - 2;
        Ok(Standing {
            head: Head::read(&row)?,
            knows_newest: row.try_get(standing)?,
            has_news: row.try_get(standing + 1)?,
        })
    }

    /// The statement for the rows of one table that are new.
    async fn prepared(&self, table: &'static Table, request: &PullRequest) -> Read<Statement> {
        let mut are_new = format!("revision > {}", request.after);
        if !request.own.is_empty() {
            let (own, may_differ) = (own_revisions(request), self.foreign_triggers(request.tables));
            let _ = write!(are_new, " AND (revision NOT IN ({own}) OR {may_differ})");
        }
        self.client.prepare(&self.copy_of_rows(table, &are_new)).await
    }

    /// The deletions for which a condition holds, except those of records that exist; children first. `own` are the
    /// revisions that the file has made itself. Deletions in tables that only a newer version knows are ignored.
    pub(super) async fn graves(
        &self,
        tables: &[&'static Table],
        condition: &str,
        own: &str,
        arrived: &AtomicU64,
    ) -> Read<Arrivals> {
        let query = format!(
            "SELECT entity, id, revision, content::text, revision IN ({own}) FROM \"{}\".tombstone WHERE {} AND {condition}",
            self.schema,
            self.are_gone()
        );
        let nothing: [(i64, Type); 0] = [];
        let mut rows = pin!(self.client.query_typed_raw(&query, nothing).await?);
        let mut graves = self.nothing_yet();
        while let Some(row) = rows.try_next().await? {
            arrived.fetch_add(1, Ordering::Relaxed);
            let entity: &str = row.try_get(0)?;
            if let Some(table) = tables.iter().find(|table| table.name == entity) {
                graves.add(read_content_row(table, &row)?);
            }
        }
        order_graves(tables, &mut graves);
        Ok(graves)
    }

    /// For records that wait on the device: when which field was changed, and by whom.
    pub(super) async fn tell_stories(
        &self,
        tables: &[&'static Table],
        waiting: &WaitingHere,
        rows: &mut Pile,
        deletions: &mut Pile,
    ) -> Result<()> {
        let come = rows.keys().chain(deletions.keys());
        let asked: HashSet<Key> = come.filter(|key| waiting.records.contains(key)).collect();
        if asked.is_empty() {
            return Ok(());
        }
        let (entities, ids): (Vec<&str>, Vec<Uuid>) = asked.iter().map(|key| (key.table.name, key.id)).unzip();
        let times = if self.acquaintance().0 >= TIMES_SINCE {
            "story.times::text"
        } else {
            "NULL::text"
        };
        let query = format!(
            "SELECT story.entity, story.id, story.kind, ARRAY(SELECT jsonb_object_keys(story.old)), story.changed_at, \
             coalesce(device.name, story.changed_by), {times} FROM unnest($1, $2) AS asked(entity, id) \
             JOIN \"{0}\".history AS story ON story.id = asked.id AND story.entity = asked.entity \
             LEFT JOIN \"{0}\".device AS device ON device.id = story.device \
             WHERE story.revision > $3 ORDER BY story.revision, story.number",
            self.schema
        );
        let arrived = AtomicU64::new(0);
        let told = async {
            let parameters: [(&(dyn ToSql + Sync), Type); 3] = [
                (&entities, Type::TEXT_ARRAY),
                (&ids, Type::UUID_ARRAY),
                (&waiting.told_up_to, Type::INT8),
            ];
            let mut entries = pin!(self.client.query_typed_raw(&query, parameters).await?);
            let mut stories: HashMap<Key, Story> = HashMap::new();
            // However often a record was changed, only the last change of each field is kept.
            while let Some(entry) = entries.try_next().await? {
                arrived.fetch_add(1, Ordering::Relaxed);
                let entry = Entry::read(&entry)?;
                if let Some(table) = tables.iter().find(|table| table.name == entry.entity) {
                    let id = entry.id;
                    entry.continue_story(table, stories.entry(Key { table, id }).or_default());
                }
            }
            Ok(stories)
        };
        let stories = Arc::new(self.ask_while_it_flows(PULLING, &arrived, told).await?);
        rows.tell(Arc::clone(&stories));
        deletions.tell(stories);
        Ok(())
    }
}

/// Children first.
pub(super) fn order_graves(tables: &[&'static Table], graves: &mut Arrivals) {
    graves.rows.sort_by_key(|key| Reverse(position(tables, key)));
}

/// A deletion as the server reports it, or a row that comes in the same form: with its id, its revision, its content as
/// JSON, and whether the file has written it itself.
pub(super) fn read_content_row(table: &'static Table, row: &Row) -> Read<std::result::Result<Incoming, Unread>> {
    let (key, revision) = (
        Key {
            table,
            id: row.try_get(1)?,
        },
        row.try_get(2)?,
    );
    let is_own = row.try_get(4)?;
    Ok(match read_content(table, row.try_get(3)?) {
        Ok(values) => Ok(Incoming {
            key,
            values,
            revision,
            is_own,
            story: None,
        }),
        Err(field) => Err(rows::unread(key, revision, &field)),
    })
}

fn position(tables: &[&'static Table], key: Key) -> Option<usize> {
    tables.iter().position(|table| *table == key.table)
}

/// The revisions that the file has made itself, for use in a condition. There is no revision 0.
fn own_revisions(request: &PullRequest) -> String {
    let own = request.own.iter().map(i64::to_string);
    std::iter::once("0".to_owned()).chain(own).collect::<Vec<_>>().join(",")
}

/// One change, from the history.
struct Entry {
    entity: String,
    id: Uuid,
    kind: String,
    fields: Vec<String>,
    at: Timestamp,
    by: String,
    /// The times of the fields, where they differ. A server of an earlier version has none.
    times: HashMap<String, i64>,
}

impl Entry {
    fn read(row: &Row) -> Read<Self> {
        let at = match row.try_get::<_, Cell>(4)?.0 {
            Value::Integer(at) => Timestamp::from_microsecond(at).unwrap_or(Timestamp::UNIX_EPOCH),
            _ => Timestamp::UNIX_EPOCH,
        };
        Ok(Self {
            entity: row.try_get(0)?,
            id: row.try_get(1)?,
            kind: row.try_get(2)?,
            fields: row.try_get(3)?,
            at,
            by: row.try_get(5)?,
            times: row
                .try_get::<_, Option<&str>>(6)?
                .and_then(|times| serde_json::from_str(times).ok())
                .unwrap_or_default(),
        })
    }

    /// Later entries come later and overwrite earlier ones. Deleting a record changes none of its fields.
    fn continue_story(self, table: &Table, story: &mut Story) {
        if self.kind == "update" {
            for field in &self.fields {
                let Some(column) = table.position(field) else { continue };
                let told = self.times.get(field).map(|at| Timestamp::from_microsecond(*at));
                let (at, by) = (told.and_then(Result::ok).unwrap_or(self.at), self.by.clone());
                story.fields.retain(|field| field.column != column);
                story.fields.push(FieldStory { column, at, by });
            }
        }
        story.by = Some(self.by);
    }
}
