//! Digests of what the server has, so that it can be compared with a file without being sent.
//!
//! Rows are assigned to blocks by the last byte of their ids, which is random. The digest of a block is made from those
//! of its rows, in the order of their ids, and the digest of a row from a text that states each value unambiguously:
//! [`digest_of`](crate::verify) makes the same text from a row here.

use std::sync::atomic::AtomicU64;

use colophon_store::schema::{Column, ColumnKind, Table};
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::connection::{Connection, Question};
use super::copy::{FIRST_MOMENT, LAST_MOMENT};
use super::error::Result;
use super::rows::Arrivals;
use crate::not_kept::Unread;
use crate::pile::Pile;

const COMPARING: &str = "comparing with the server";

/// A digest: SHA-256.
pub type Digest = Vec<u8>;

/// What the server has of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockDigests {
    /// The revision of the catalogue.
    pub revision: i64,
    /// The block, the number of its rows, and its digest. A block without rows is absent.
    pub blocks: Vec<(u8, u64, Digest)>,
}

impl Connection {
    /// The digests of all blocks of a table, leaving out some rows.
    pub async fn block_digests(&self, table: &'static Table, without: &[Uuid]) -> Result<BlockDigests> {
        let blocks = format!(
            "SELECT get_byte(uuid_send(id), 15), count(*), sha256(string_agg({}, ''::bytea ORDER BY id)) \
             FROM \"{}\".{} WHERE id <> ALL ($1) GROUP BY 1",
            row_digest(table),
            self.schema,
            table.name
        );
        let head = format!("SELECT revision FROM \"{}\".catalogue_head", self.schema);
        let answers = self
            .ask_in_snapshot(vec![
                (head, Vec::new()),
                (blocks, vec![(&without as _, Type::UUID_ARRAY)]),
            ])
            .await?;
        let read = || -> Result<_, tokio_postgres::Error> {
            let revision = answers[0].first().map_or(Ok(0), |row| row.try_get(0))?;
            let blocks = answers[1].iter().map(|row| {
                let block: i32 = row.try_get(0)?;
                let count: i64 = row.try_get(1)?;
                Ok((
                    u8::try_from(block).unwrap_or_default(),
                    count.unsigned_abs(),
                    row.try_get(2)?,
                ))
            });
            Ok(BlockDigests {
                revision,
                blocks: blocks.collect::<Result<_, tokio_postgres::Error>>()?,
            })
        };
        read().map_err(|error| self.peer.while_doing(COMPARING, &error))
    }

    /// The digests of the rows of some blocks, leaving out some rows, in the order of their ids.
    pub async fn row_digests(
        &self,
        table: &'static Table,
        blocks: &[i32],
        without: &[Uuid],
    ) -> Result<Vec<(Uuid, Digest)>> {
        let query = format!(
            "SELECT id, {} FROM \"{}\".{} WHERE get_byte(uuid_send(id), 15) = ANY ($1) AND id <> ALL ($2) ORDER BY id",
            row_digest(table),
            self.schema,
            table.name
        );
        let parameters = vec![(&blocks as _, Type::INT4_ARRAY), (&without as _, Type::UUID_ARRAY)];
        let answers = self.ask_in_snapshot(vec![(query, parameters)]).await?;
        let rows = answers.first().map_or(&[][..], Vec::as_slice);
        let rows = rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
        rows.collect::<Result<_, tokio_postgres::Error>>()
            .map_err(|error| self.peer.while_doing(COMPARING, &error))
    }

    /// Some rows of a table as they are now.
    pub(crate) async fn records(&self, table: &'static Table, ids: &[Uuid]) -> Result<(Pile, Vec<Unread>)> {
        let list: Vec<String> = ids.iter().map(Uuid::to_string).collect();
        let are_asked = format!("id = ANY ('{{{}}}'::uuid[])", list.join(","));
        let arrived = AtomicU64::new(0);
        let rows = self.copy_rows(table, &are_asked, &arrived);
        let Arrivals { rows, unread } = self.ask_while_it_flows(COMPARING, &arrived, rows).await?;
        Ok((rows, unread))
    }

    async fn ask_in_snapshot(&self, questions: Vec<Question<'_>>) -> Result<Vec<Vec<Row>>> {
        self.begin(COMPARING, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;")
            .await?;
        let answers = self.ask_all(COMPARING, questions).await;
        self.roll_back().await?;
        answers
    }
}

/// The digest of a row, as an expression.
fn row_digest(table: &Table) -> String {
    let values: Vec<String> = table.columns.iter().map(value_text).collect();
    format!("sha256(convert_to({}, 'UTF8'))", values.join(" || "))
}

/// A value as `length:text`, so that no two rows make the same text; NULL as `~`.
fn value_text(column: &Column) -> String {
    let name = column.name;
    let text = match column.kind {
        ColumnKind::Timestamp => format!(
            "CASE WHEN {name} IS NULL THEN NULL WHEN isfinite({name}) THEN greatest({FIRST_MOMENT}, least({LAST_MOMENT}, \
             (extract(epoch FROM {name}) * 1000000)::numeric(30, 0))) WHEN {name} > now() THEN {LAST_MOMENT} \
             ELSE {FIRST_MOMENT} END::text"
        ),
        // Exact to the bit, because the two sides write fractions differently. Adding zero takes the sign off zero.
        ColumnKind::Real => format!("encode(float8send({name} + 0.0), 'hex')"),
        _ => format!("{name}::text"),
    };
    format!("coalesce(octet_length({text}) || ':' || {text}, '~')")
}
