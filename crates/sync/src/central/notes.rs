//! What the server notes about a batch, in the transaction that writes it: its result, and how far its device has come.

use tokio_postgres::types::Type;

use super::batch::{Batch, Device};
use super::cluster::EVALUATED_WHOLE;
use super::connection::{Connection, Question};
use super::settings::SchemaName;

/// How many of a device's batches the server remembers, at least. It asks only for the last; the others tell which
/// device wrote a row.
const BATCHES_KEPT: i64 = 1000;
/// Batches beyond that are forgotten once in this many.
const FORGOTTEN_EACH: i64 = 64;

/// The revision of a batch of which nothing was left.
pub(super) const NO_REVISION: &str = "SELECT 0 AS revision";
/// The revision that this transaction has opened; no row if it has opened none.
pub(super) fn revision_of_this_transaction(schema: &SchemaName) -> String {
    format!("{} AND {EVALUATED_WHOLE}", opened_revision(schema))
}

/// The same for rows that exist: a cluster accepts nothing volatile where they are changed.
pub(super) fn opened_revision(schema: &SchemaName) -> String {
    format!(
        "SELECT revision FROM \"{schema}\".catalogue_head \
         WHERE opened_by = pg_current_xact_id_if_assigned() AND opened_at = now()"
    )
}

impl Connection {
    /// Notes the batch at the revision that a query gives, and registers its device as it is now. The first answer is
    /// empty if there is no revision.
    pub(super) fn notes<'q>(
        &self,
        device: &'q Device,
        batch: &'q Batch,
        revision: &str,
        result: &'q String,
    ) -> Vec<Question<'q>> {
        let schema = &self.schema;
        // The device first: a cluster checks after each part of a statement whether the batch has one.
        let keep = format!(
            "WITH registered AS (INSERT INTO \"{schema}\".device AS d (id, name, app_version, last_batch, acknowledged_revision) \
             SELECT $1, $5, $6, $2, $7 FROM ({revision}) AS opened ON CONFLICT (id) DO UPDATE SET name = excluded.name, \
             app_version = excluded.app_version, last_batch = excluded.last_batch, \
             acknowledged_revision = excluded.acknowledged_revision, last_seen = excluded.last_seen RETURNING d.id) \
             INSERT INTO \"{schema}\".batch (device, number, token, revision, result) \
             SELECT registered.id, $2, $3, opened.revision, $4::text::jsonb FROM registered, ({revision}) AS opened RETURNING device"
        );
        let mut notes: Vec<Question<'q>> = vec![(
            keep,
            vec![
                (&device.id, Type::UUID),
                (&batch.number, Type::INT8),
                (&batch.token, Type::UUID),
                (result, Type::TEXT),
                (&device.name, Type::TEXT),
                (&device.app_version, Type::TEXT),
                (&device.acknowledged_revision, Type::INT8),
            ],
        )];
        if batch.number % FORGOTTEN_EACH == 0 {
            let forget = format!("DELETE FROM \"{schema}\".batch WHERE device = $1 AND number <= $2 - {BATCHES_KEPT}");
            notes.push((forget, vec![(&device.id, Type::UUID), (&batch.number, Type::INT8)]));
        }
        notes
    }
}
