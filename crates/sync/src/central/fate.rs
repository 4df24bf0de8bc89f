//! What became of a batch. The result of each is recorded in the transaction that carried it, so a device that never
//! heard the answer to its COMMIT can ask for it by the batch's number.
//!
//! The answer must be final, and a connection that broke may still be at work: a small batch is sent with its COMMIT in
//! one piece, which may reach the server late, or wait there for whoever holds the head. So the question closes a batch
//! that is not there: it is recorded as one that never came. Both write the same key, and only one of them can succeed.

use colophon_store::InFlight;
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::batch::{Device, Outcome};
use super::cluster::EVALUATED_WHOLE;
use super::connection::{Connection, Question};
use super::error::{Error, Result};

const ASKING: &str = "asking for the fate of a batch";

/// What the server knows of a device and of one of its batches.
pub(super) struct KnownBatch {
    pub(super) last_batch: i64,
    pub(super) token: Option<Uuid>,
    pub(super) outcome: Option<Outcome>,
}

impl KnownBatch {
    /// Whether it was asked for before it came, so that it may never come.
    pub(super) fn is_closed(&self) -> bool {
        self.token.is_some() && self.outcome.is_none()
    }

    /// A number counts for nothing without its token: a copy of a device's file uses the same numbers.
    pub(super) fn fate_of(self, batch: InFlight) -> Result<Option<Outcome>> {
        let InFlight { number, token } = batch;
        if self.token == Some(token) {
            Ok(self.outcome)
        } else if self.last_batch >= number {
            Err(Error::BatchNumberUsed { number })
        } else {
            Ok(None)
        }
    }
}

impl Error {
    /// Restates what was said about the device as what it means for a file: it is another device's, whatever the
    /// reason.
    pub(super) fn into_another_file(self, number: i64) -> Self {
        match self {
            Self::DeviceOfAnother { .. } => Self::BatchNumberUsed { number },
            other => other,
        }
    }
}

impl Connection {
    /// What became of a batch: its outcome if it was committed, `None` if it was not and, from now on, never will be.
    /// [`Error::BatchNumberUsed`] if another batch was committed under its number, or a later one.
    ///
    /// Waits for a transaction that is noting this very batch, or another of this device, and for nobody else.
    pub async fn fate(&mut self, device: &Device, batch: InFlight) -> Result<Option<Outcome>> {
        let came_to = self.close(device, &batch).await;
        let came_to = came_to.map_err(|error| error.into_another_file(batch.number));
        let known = self.end(ASKING, came_to).await?;
        known.map_or(Ok(None), |known| known.fate_of(batch))
    }

    /// What is known about a batch, for whoever may not write: its outcome if it was committed. `None` says nothing: it
    /// may still come.
    pub async fn known_fate(&self, device: &Device, batch: InFlight) -> Result<Option<Outcome>> {
        let (sql, bound) = self.known_batch(&device.id, &batch.number);
        let row = self.ask(ASKING, self.client.query_typed_opt(&sql, &bound)).await?;
        match row.map(|row| self.read_known(&row)).transpose()? {
            Some(known) => known.fate_of(batch),
            None => Ok(None),
        }
    }

    /// Records that a batch never came, unless it did or its number is taken, and reads what is then known about it.
    async fn close(&self, device: &Device, batch: &InFlight) -> Result<Option<KnownBatch>> {
        self.begin(ASKING, "").await?;
        let schema = &self.schema;
        let (id, number) = (&device.id, &batch.number);
        let register = format!(
            "INSERT INTO \"{schema}\".device (id, name, app_version) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING"
        );
        // The device first, as whoever notes a batch does: the other way round, the two would wait for each other.
        let close = format!(
            "WITH known AS (SELECT id FROM \"{schema}\".device WHERE id = $1 AND last_batch < $2 AND {EVALUATED_WHOLE} FOR NO KEY UPDATE), \
             closed AS (INSERT INTO \"{schema}\".batch (device, number, token, revision, result) \
             SELECT id, $2, $3, 0, 'null'::jsonb FROM known ON CONFLICT (device, number) DO NOTHING RETURNING number) \
             UPDATE \"{schema}\".device SET last_batch = closed.number FROM closed WHERE id = $1"
        );
        let answers = self.ask_all(
            ASKING,
            vec![
                (
                    register,
                    vec![
                        (id, Type::UUID),
                        (&device.name, Type::TEXT),
                        (&device.app_version, Type::TEXT),
                    ],
                ),
                (
                    close,
                    vec![(id, Type::UUID), (number, Type::INT8), (&batch.token, Type::UUID)],
                ),
                self.known_batch(id, number),
            ],
        );
        let answers = answers.await?;
        let known = answers.get(2).and_then(|rows| rows.first());
        known.map(|row| self.read_known(row)).transpose()
    }

    /// Asks what the server knows of a device and of one of its batches.
    pub(super) fn known_batch<'q>(&self, device: &'q Uuid, number: &'q i64) -> Question<'q> {
        let sql = format!(
            "SELECT d.last_batch, b.token, b.revision, b.result::text, l.mark FROM \"{0}\".device AS d \
             LEFT JOIN \"{0}\".batch AS b ON b.device = d.id AND b.number = $2 \
             LEFT JOIN \"{0}\".lineage AS l ON l.revision = b.revision WHERE d.id = $1",
            self.schema
        );
        (sql, vec![(device, Type::UUID), (number, Type::INT8)])
    }

    pub(super) fn read_known(&self, row: &Row) -> Result<KnownBatch> {
        let read = || -> Result<_, tokio_postgres::Error> {
            let token: Option<Uuid> = row.try_get(1)?;
            let revision: Option<i64> = row.try_get(2)?;
            let result: Option<String> = row.try_get(3)?;
            Ok((row.try_get(0)?, token, revision, result, row.try_get(4)?))
        };
        let (last_batch, token, revision, result, mark) =
            read().map_err(|error| self.peer.while_doing(ASKING, &error))?;
        let outcome = match (revision, result) {
            (Some(revision), Some(result)) => {
                let quarantined: Option<_> = serde_json::from_str(&result).map_err(|error| Error::Server {
                    server: self.peer.server.clone(),
                    reason: format!("the result of a batch cannot be read: {error}"),
                })?;
                quarantined.map(|quarantined| Outcome {
                    revision,
                    mark,
                    quarantined,
                    as_sent: false,
                })
            }
            _ => None,
        };
        Ok(KnownBatch {
            last_batch,
            token,
            outcome,
        })
    }
}
