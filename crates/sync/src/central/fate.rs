//! What became of a batch. The result of each is written in the transaction that carried it, so a device that never
//! heard the answer to its COMMIT can ask for it by the batch's number.

use colophon_store::InFlight;
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::batch::Outcome;
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

impl Connection {
    /// What became of a batch: its outcome if it was committed, `None` if it never was and never will be.
    /// [`Error::BatchNumberUsed`] when another batch was committed under its number, or a later one.
    ///
    /// The head is locked for the question: a connection of ours that broke in its COMMIT may still be at work on the
    /// server, and it holds that lock. So the answer is final.
    pub async fn fate(&mut self, device: Uuid, batch: InFlight) -> Result<Option<Outcome>> {
        self.begin(ASKING, "").await?;
        let open = (format!("SELECT \"{}\".open_revision()", self.schema), Vec::new());
        let known = self.known_batch(&device, &batch.number);
        let answers = self.ask_all(ASKING, vec![open, known]).await;
        self.roll_back().await?;
        let answers = answers?;
        let known = answers.get(1).and_then(|rows| rows.first());
        known.map_or(Ok(None), |row| self.read_known(row)?.fate_of(batch))
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
                let declined = serde_json::from_str(&result).map_err(|error| Error::Server {
                    server: self.peer.server.clone(),
                    reason: format!("the result of a batch cannot be read: {error}"),
                })?;
                Some(Outcome {
                    revision,
                    mark,
                    declined,
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
