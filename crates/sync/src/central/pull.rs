//! Pulling: what has changed since a revision, from one snapshot.
//!
//! Everything is asked in one REPEATABLE READ transaction, the head first. Revisions become visible in their order, so whatever
//! lies between the cursor and that head is complete, however long other transactions stay open: theirs come later.
//! A reader takes no lock that anybody waits for.
//!
//! Rows come by binary COPY. What this very device has written is left out: it has it already, and knows so, because the fate of
//! every batch is asked before anything is pulled. Only where somebody else's triggers may have changed what was written
//! does it come back.

use std::collections::HashMap;

use colophon_store::schema::{ColumnKind, Table, Value};
use futures_util::TryStreamExt as _;
use jiff::Timestamp;
use tokio_postgres::binary_copy::{BinaryCopyOutRow, BinaryCopyOutStream};
use tokio_postgres::types::{FromSql, Type};
use uuid::Uuid;

use super::connection::Connection;
use super::copy::EPOCH_DIFFERENCE;
use super::error::{Error, Result};
use super::head::Head;
use crate::local::Key;
use crate::remote::{Incoming, PullRequest, Pulled, Story};

const PULLING: &str = "asking what is new";

impl Connection {
    /// Everything that has changed since a revision.
    pub async fn pull(&mut self, request: &PullRequest) -> Result<Pulled> {
        let begin = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL jit = off;";
        self.begin(PULLING, begin).await?;
        match self.pull_snapshot(request).await {
            Ok(pulled) => {
                self.commit(PULLING).await?;
                Ok(pulled)
            }
            Err(error) => {
                let _ = self.roll_back().await;
                Err(error)
            }
        }
    }

    async fn pull_snapshot(&self, request: &PullRequest) -> Result<Pulled> {
        let head = self.head().await?;
        let own = self.own_revisions(request).await?;
        let mut rows = Vec::new();
        for table in request.tables {
            self.pull_rows(table, request, &head, &own, &mut rows).await?;
        }
        let mut deletions = self.pull_deletions(request, &head).await?;
        self.tell_stories(request, &mut rows, &mut deletions).await?;
        Ok(Pulled { head, rows, deletions })
    }

    /// The revisions that this device has made itself, and whether what came of them may differ from what it sent.
    async fn own_revisions(&self, request: &PullRequest) -> Result<Own> {
        let schema = &self.schema;
        let revisions = format!("SELECT revision FROM \"{schema}\".batch WHERE device = $1 AND revision > $2");
        let triggers = format!(
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_trigger AS t JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid \
             JOIN pg_catalog.pg_proc AS p ON p.oid = t.tgfoid JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace \
             WHERE NOT t.tgisinternal AND n.nspname = '{schema}' AND p.pronamespace <> n.oid)"
        );
        let questions = vec![
            (
                revisions,
                vec![(&request.device as _, Type::UUID), (&request.after as _, Type::INT8)],
            ),
            (triggers, Vec::new()),
        ];
        let answers = self.ask_all(PULLING, questions).await?;
        let read = || -> Result<Own, tokio_postgres::Error> {
            let revisions = answers[0].iter().map(|row| row.try_get(0));
            Ok(Own {
                revisions: revisions.collect::<Result<_, _>>()?,
                are_altered: answers[1].first().map_or(Ok(true), |row| row.try_get(0))?,
            })
        };
        read().map_err(|error| self.peer.while_doing(PULLING, &error))
    }

    async fn pull_rows(
        &self,
        table: &'static Table,
        request: &PullRequest,
        head: &Head,
        own: &Own,
        rows: &mut Vec<Incoming>,
    ) -> Result<()> {
        let columns: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
        let mut known = String::new();
        if !own.are_altered && !own.revisions.is_empty() {
            let list: Vec<String> = own.revisions.iter().map(i64::to_string).collect();
            known = format!(" AND revision <> ALL ('{{{}}}'::bigint[])", list.join(","));
        }
        let copy = format!(
            "COPY (SELECT revision, {} FROM \"{}\".{} WHERE revision > {} AND revision <= {}{known}) \
             TO STDOUT (FORMAT binary)",
            columns.join(", "),
            self.schema,
            table.name,
            request.after,
            head.revision,
        );
        let types: Vec<Type> = std::iter::once(Type::INT8)
            .chain(table.columns.iter().map(|column| type_of(column.kind)))
            .collect();
        let stream = self.ask(PULLING, self.client.copy_out(&copy)).await?;
        let mut stream = std::pin::pin!(BinaryCopyOutStream::new(stream, &types));
        while let Some(row) = self.ask(PULLING, stream.try_next()).await? {
            let incoming = read_row(table, own, &row).map_err(|error| self.peer.while_doing(PULLING, &error))?;
            rows.extend(incoming);
        }
        Ok(())
    }

    async fn pull_deletions(&self, request: &PullRequest, head: &Head) -> Result<Vec<Incoming>> {
        let query = format!(
            "SELECT entity, id, revision, content::text, device FROM \"{}\".tombstone WHERE revision > $1 AND revision <= $2",
            self.schema
        );
        let parameters = [(&request.after as _, Type::INT8), (&head.revision as _, Type::INT8)];
        let rows = self.ask(PULLING, self.client.query_typed(&query, &parameters)).await?;
        let mut deletions = Vec::with_capacity(rows.len());
        // Children first: the tables come parents first.
        for table in request.tables.iter().rev() {
            for row in &rows {
                let read = || -> Result<_, tokio_postgres::Error> {
                    let device: Option<Uuid> = row.try_get(4)?;
                    Ok((
                        row.try_get::<_, String>(0)?,
                        row.try_get::<_, Uuid>(1)?,
                        row.try_get::<_, i64>(2)?,
                        row.try_get::<_, String>(3)?,
                        device,
                    ))
                };
                let (entity, id, revision, content, device) =
                    read().map_err(|error| self.peer.while_doing(PULLING, &error))?;
                if entity != table.name {
                    continue;
                }
                deletions.push(Incoming {
                    key: Key { table, id },
                    values: self.read_content(table, &content)?,
                    revision,
                    is_own: device == Some(request.device),
                    story: None,
                });
            }
        }
        Ok(deletions)
    }

    /// A row as a tombstone keeps it. A column that was added since is NULL.
    fn read_content(&self, table: &'static Table, content: &str) -> Result<Vec<Value>> {
        let unreadable = |detail: String| Error::Server {
            server: self.peer.server.clone(),
            reason: format!("a tombstone of {} cannot be read: {detail}", table.name),
        };
        let content: serde_json::Value =
            serde_json::from_str(content).map_err(|error| unreadable(error.to_string()))?;
        let columns = table.columns.iter().map(|column| {
            let json = content.get(column.name).unwrap_or(&serde_json::Value::Null);
            let value = match (column.kind, json) {
                (ColumnKind::Timestamp, serde_json::Value::String(text)) => Some(parse_time(text)),
                (kind, json) => Value::from_json(kind, json),
            };
            value.ok_or_else(|| unreadable(column.name.to_owned()))
        });
        columns.collect()
    }

    /// For records that wait on the device: when which field was changed, and by whom.
    async fn tell_stories(
        &self,
        request: &PullRequest,
        rows: &mut [Incoming],
        deletions: &mut [Incoming],
    ) -> Result<()> {
        let mut asked: HashMap<Key, &mut Incoming> = rows
            .iter_mut()
            .chain(deletions)
            .filter(|incoming| request.waiting.contains(&incoming.key))
            .map(|incoming| (incoming.key, incoming))
            .collect();
        if asked.is_empty() {
            return Ok(());
        }
        let ids: Vec<Uuid> = asked.keys().map(|key| key.id).collect();
        let query = format!(
            "SELECT entity, id, ARRAY(SELECT jsonb_object_keys(old)), \
             (extract(epoch FROM changed_at) * 1000000)::bigint, changed_by FROM \"{}\".history \
             WHERE id = ANY ($1) AND revision > $2 ORDER BY revision, number",
            self.schema
        );
        let parameters = [(&ids as _, Type::UUID_ARRAY), (&request.after as _, Type::INT8)];
        let entries = self.ask(PULLING, self.client.query_typed(&query, &parameters)).await?;
        for entry in &entries {
            let read = || -> Result<_, tokio_postgres::Error> {
                Ok((
                    entry.try_get::<_, String>(0)?,
                    entry.try_get::<_, Uuid>(1)?,
                    entry.try_get::<_, Vec<String>>(2)?,
                    entry.try_get::<_, i64>(3)?,
                    entry.try_get::<_, String>(4)?,
                ))
            };
            let (entity, id, fields, at, by) = read().map_err(|error| self.peer.while_doing(PULLING, &error))?;
            let table = request.tables.iter().find(|table| table.name == entity);
            let told = table.and_then(|table| asked.get_mut(&Key { table, id }));
            if let Some(incoming) = told {
                continue_story(incoming, &fields, at, by);
            }
        }
        Ok(())
    }
}

/// What this device has written since the cursor.
struct Own {
    revisions: Vec<i64>,
    /// Whether triggers that are not ours may have changed it on its way.
    are_altered: bool,
}

/// Later entries of the history come later and overwrite earlier ones.
fn continue_story(incoming: &mut Incoming, fields: &[String], at: i64, by: String) {
    let table = incoming.key.table;
    let at = Timestamp::from_microsecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
    let story = incoming.story.get_or_insert_with(Story::default);
    story.by = Some(by);
    for position in fields.iter().filter_map(|field| table.position(field)) {
        story.fields.retain(|(field, _)| *field != position);
        story.fields.push((position, at));
    }
}

fn read_row(
    table: &'static Table,
    own: &Own,
    row: &BinaryCopyOutRow,
) -> Result<Option<Incoming>, tokio_postgres::Error> {
    let revision: i64 = row.try_get(0)?;
    let mut values = Vec::with_capacity(table.columns.len());
    for index in 1..=table.columns.len() {
        values.push(row.try_get::<Option<Cell>>(index)?.map_or(Value::Null, |cell| cell.0));
    }
    let Some(Value::Uuid(id)) = values.first() else {
        return Ok(None);
    };
    Ok(Some(Incoming {
        key: Key { table, id: *id },
        values,
        revision,
        is_own: own.revisions.contains(&revision),
        story: None,
    }))
}

/// One value of a row.
struct Cell(Value);

impl<'a> FromSql<'a> for Cell {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(match *kind {
            Type::UUID => Value::Uuid(Uuid::from_sql(kind, raw)?),
            Type::INT4 => Value::Integer(i64::from(i32::from_sql(kind, raw)?)),
            Type::TIMESTAMPTZ => Value::Integer(time_within_reach(i64::from_sql(&Type::INT8, raw)?)),
            _ => Value::Text(String::from_sql(kind, raw)?),
        }))
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::UUID | Type::INT4 | Type::TIMESTAMPTZ | Type::TEXT)
    }
}

/// Microseconds since 1970 from those since 2000. PostgreSQL knows times that we do not, up to infinity; they become our first
/// or last one, so that no foreign row stops a pull.
fn time_within_reach(since_2000: i64) -> i64 {
    let (first, last) = (Timestamp::MIN.as_microsecond(), Timestamp::MAX.as_microsecond());
    since_2000.saturating_add(EPOCH_DIFFERENCE).clamp(first, last)
}

fn parse_time(text: &str) -> Value {
    let at = text.parse::<Timestamp>();
    let at = at.unwrap_or(match text {
        "-infinity" => Timestamp::MIN,
        _ => Timestamp::MAX,
    });
    Value::Integer(at.as_microsecond())
}

fn type_of(kind: ColumnKind) -> Type {
    match kind {
        ColumnKind::Id | ColumnKind::Reference { .. } | ColumnKind::Uuid => Type::UUID,
        ColumnKind::Text => Type::TEXT,
        ColumnKind::Integer => Type::INT4,
        ColumnKind::Timestamp => Type::TIMESTAMPTZ,
    }
}
