//! Sending rows ahead: while the server writes one batch, the rows of the next are on their way.
//!
//! Rows are staged within a transaction, and a connection has one. So where more than one large batch waits, a second connection is
//! made, and the two take turns: over one a batch is written, over the other the next is staged. On a long wire that hides
//! every wait for an answer behind bytes that have to go anyway.
//!
//! The next one begins only when the one before is staged: behind a pooler, rows sent ahead would otherwise hold the session that the
//! batch before them waits for.
//!
//! Nothing counts of what was staged. It lies in temporary tables of a transaction that holds no lock anybody waits for, and is written
//! when its turn comes, by the same questions as if it had been staged just then; until that is asked there is nothing whose fate
//! could be in doubt. The second connection is a help and no need: when it cannot be had in the time that the first batch takes, or is
//! lost, everything goes over the first.

use std::mem;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};

use colophon_store::InFlight;
use colophon_store::schema::Table;
use futures_util::future::{Either, select};
use tokio::sync::oneshot;

use super::at_once::ROWS_MAX;
use super::batch::{Batch, Device, Outcome};
use super::connection::Connection;
use super::error::{Error, Result};
use super::stage::Staged;

/// The second connection, and what is staged.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    /// While it is of use.
    second: Option<Box<Connection>>,
    /// There could be none.
    is_alone: bool,
    staged: Option<(Over, InFlight)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Over {
    First,
    Second,
}

impl Connection {
    /// [Pushes](Self::push) a batch, and sends the rows of the next one ahead. When that fails it is as if it had not been tried.
    pub async fn push_before(
        &mut self,
        device: &Device,
        batch: &Batch,
        next: Option<&Batch>,
        tables: &'static [&'static Table],
    ) -> Result<Outcome> {
        let mut ahead = mem::take(&mut self.ahead);
        let next = next.filter(|next| next.len() > ROWS_MAX);
        let staged = ahead.staged.take().filter(|(_, staged)| *staged == batch.in_flight());
        let is_small = batch.len() <= ROWS_MAX;
        if staged.is_none() && (next.is_none() || is_small || ahead.is_alone) {
            self.ahead.is_alone = ahead.is_alone;
            return self.push(device, batch, tables).await;
        }
        let over = staged.map_or(Over::First, |(over, _)| over);
        let turn = Turn {
            first: self,
            over,
            is_staged: staged.is_some(),
            device,
            batch,
            next,
            tables: self.with_room(tables),
        };
        let Taken {
            outcome,
            second,
            is_staged,
            is_refused,
        } = turn.take(ahead.second.take()).await;
        ahead.is_alone |= is_refused;
        ahead.second = second.filter(|_| next.is_some());
        if let Some(next) = next.filter(|_| is_staged) {
            ahead.staged = Some((over.other(), next.in_flight()));
        } else if over == Over::Second && next.is_some() && !outcome.as_ref().is_err_and(is_lost) {
            // What was begun here is to be in nobody's way. Where the wire is gone, nobody comes back to it.
            let _ = self.roll_back().await;
        }
        self.ahead = ahead;
        outcome
    }

    /// Another connection to the same server as the same login, which hears no hints.
    async fn second(&self) -> Result<Box<Self>> {
        let central = self.doubt.of();
        Ok(Box::new(Box::pin(central.beside().connect_as_told()).await?))
    }
}

impl Over {
    fn other(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::First,
        }
    }
}

/// One batch that is written and one that is sent ahead.
struct Turn<'t> {
    first: &'t Connection,
    /// Over which the batch is written.
    over: Over,
    /// Whether it is there already.
    is_staged: bool,
    device: &'t Device,
    batch: &'t Batch,
    next: Option<&'t Batch>,
    tables: &'static [&'static Table],
}

/// What a turn came to.
struct Taken {
    /// Of the batch.
    outcome: Result<Outcome>,
    /// The second connection, as long as it is of use.
    second: Option<Box<Connection>>,
    /// Whether the next batch is staged.
    is_staged: bool,
    /// Whether no second connection was to be had.
    is_refused: bool,
}

impl Turn<'_> {
    async fn take(&self, second: Option<Box<Connection>>) -> Taken {
        match (self.over, second) {
            (Over::First, second) => {
                let is_connected = AtomicBool::new(second.is_some());
                let (tell, staged) = oneshot::channel();
                let sending = async {
                    let second = match second {
                        Some(second) => second,
                        None => self.first.second().await?,
                    };
                    is_connected.store(true, Ordering::Relaxed);
                    let is_staged = staged.await.is_ok() && self.send_ahead(&second).await?;
                    Ok((second, is_staged))
                };
                let writing = self.write(self.first, tell);
                let (outcome, sent) = Box::pin(both(writing, sending, &is_connected)).await;
                let is_refused = matches!(sent, Some(Err(_))) && !is_connected.into_inner();
                let (second, is_staged) = sent.and_then(Result::ok).unzip();
                Taken {
                    is_staged: is_staged.unwrap_or_default() && outcome.is_ok(),
                    second: second.filter(|_| outcome.is_ok()),
                    outcome,
                    is_refused,
                }
            }
            (Over::Second, Some(second)) if !second.is_closed() => {
                let writing = self.apply(&second);
                let (outcome, sent) =
                    Box::pin(both(writing, self.send_ahead(self.first), &AtomicBool::new(true))).await;
                Taken {
                    is_staged: matches!(sent, Some(Ok(true))) && outcome.is_ok(),
                    second: Some(second).filter(|second| !second.is_closed()),
                    outcome,
                    is_refused: false,
                }
            }
            (Over::Second, _) => Taken {
                outcome: self.write(self.first, oneshot::channel().0).await,
                second: None,
                is_staged: false,
                is_refused: false,
            },
        }
    }

    /// Writes the batch, and tells when its rows are staged.
    async fn write(&self, connection: &Connection, tell: oneshot::Sender<()>) -> Result<Outcome> {
        let batch = self.first.with_room_for(self.batch);
        if !self.is_staged || self.over == Over::Second {
            connection.stage_here(self.device, &batch, self.tables).await?;
        }
        let _ = tell.send(());
        self.apply(connection).await
    }

    /// Writes the batch that is staged.
    async fn apply(&self, connection: &Connection) -> Result<Outcome> {
        let batch = self.first.with_room_for(self.batch);
        let staged = Staged {
            connection,
            device: self.device,
            batch: &batch,
            tables: self.tables,
        };
        staged.apply().await
    }

    async fn send_ahead(&self, connection: &Connection) -> Result<bool> {
        let Some(next) = self.next else { return Ok(false) };
        connection.copy_all(&self.first.with_room_for(next)).await?;
        Ok(true)
    }
}

/// Waits for what is written, and for what is sent meanwhile. A batch that came to nothing does not wait for that, and none waits for a
/// connection that is not even made by then.
async fn both<T>(
    writing: impl Future<Output = Result<Outcome>>,
    sending: impl Future<Output = Result<T>>,
    is_connected: &AtomicBool,
) -> (Result<Outcome>, Option<Result<T>>) {
    let (writing, sending) = (pin!(writing), pin!(sending));
    let (outcome, sent) = match select(writing, sending).await {
        Either::Left((Ok(outcome), sending)) if is_connected.load(Ordering::Relaxed) => {
            (Ok(outcome), Some(sending.await))
        }
        Either::Left((outcome, _)) => (outcome, None),
        Either::Right((sent, writing)) => (writing.await, Some(sent)),
    };
    if let Some(Err(error)) = &sent {
        tracing::debug!(%error, "nothing is sent ahead");
    }
    (outcome, sent)
}

/// Whether the connection is of no use any more.
fn is_lost(error: &Error) -> bool {
    matches!(
        error,
        Error::ConnectionLost { .. } | Error::Timeout { .. } | Error::Unavailable { .. }
    )
}
