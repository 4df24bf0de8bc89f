//! Sending rows ahead: while the server writes one batch, the rows of the next are on their way.
//!
//! Rows are staged within a transaction, and a connection can have only one. So if more than one large batch waits, a
//! second connection is made, and the two take turns: over one a batch is written, over the other the next is staged.
//! On a long wire, that hides every wait for an answer behind bytes that have to travel anyway.
//!
//! The next batch begins only when the rows of the one before are sent: behind a pooler, rows sent ahead would
//! otherwise hold the session that the batch before them is waiting for. But it does not wait until the last of them
//! have arrived: that is known only one answer later, and no byte would travel meanwhile. So some go at once, enough to
//! fill the wire for that time, and the others when those before them have arrived. "Sent" means that the system has
//! accepted them, and it accepts a whole batch: both batches would share the wire, arrive at the same moment, and then
//! be written while nothing travels.
//!
//! What was staged commits to nothing. It lies in temporary tables of a transaction that holds no lock anybody waits
//! for, and is written when its turn comes, with the same checks as if it had just been staged; until then there is
//! nothing whose fate could be in doubt. The second connection helps but is not needed: if it cannot be had in the time
//! that the first batch takes, or is lost, everything goes over the first.

use std::mem;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};

use colophon_store::schema::Table;
use futures_util::future::{Either, select};
use tokio::sync::{oneshot, watch};

use super::at_once::ROWS_MAX;
use super::batch::{Batch, Device, Outcome};
use super::connection::{Arriving, Connection, Over, Sent};
use super::error::{Error, Result};
use super::stage::{Staged, Way};

impl Connection {
    /// [Pushes](Self::push) a batch, and sends the rows of the next one ahead. If sending ahead fails, it is as if it
    /// had not been tried.
    pub async fn push_before(
        &mut self,
        device: &Device,
        batch: &Batch,
        next: Option<&Batch>,
        tables: &'static [&'static Table],
    ) -> Result<Outcome> {
        let mut ahead = mem::take(&mut self.ahead);
        let next = next.filter(|next| next.len() > ROWS_MAX);
        let sent = ahead.sent.take().filter(|sent| sent.batch == batch.in_flight());
        let is_small = batch.len() <= ROWS_MAX;
        if sent.is_none() && (next.is_none() || is_small || ahead.is_alone) {
            self.ahead.is_alone = ahead.is_alone;
            return self.push(device, batch, tables).await;
        }
        let over = sent.as_ref().map_or(Over::First, |sent| sent.over);
        let turn = Turn {
            first: self,
            over,
            device,
            batch,
            next,
            tables: self.with_room(tables),
        };
        let Taken {
            outcome,
            second,
            arriving,
            is_refused,
        } = turn.take(ahead.second.take(), sent.map(|sent| sent.arriving)).await;
        ahead.is_alone |= is_refused;
        ahead.second = second.filter(|_| next.is_some());
        if let Some((next, arriving)) = next.zip(arriving) {
            ahead.sent = Some(Sent {
                over: over.other(),
                batch: next.in_flight(),
                arriving,
            });
        } else if over == Over::Second && next.is_some() && !outcome.as_ref().is_err_and(is_lost) {
            // Whatever was begun here must not be in anybody's way. If the wire is gone, nobody comes back to it.
            let _ = self.roll_back().await;
        }
        self.ahead = ahead;
        outcome
    }

    /// Another connection to the same server with the same login, which hears no hints.
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

/// One batch that is written, and one that is sent ahead.
struct Turn<'t> {
    first: &'t Connection,
    /// The connection over which the batch is written.
    over: Over,
    device: &'t Device,
    batch: &'t Batch,
    next: Option<&'t Batch>,
    tables: &'static [&'static Table],
}

/// The result of a turn.
struct Taken {
    /// Of the batch.
    outcome: Result<Outcome>,
    /// The second connection, as long as it is usable.
    second: Option<Box<Connection>>,
    /// The last rows of the next batch, if it was sent.
    arriving: Option<Arriving>,
    /// Whether no second connection could be had.
    is_refused: bool,
}

impl Turn<'_> {
    /// `before` are the last rows of the batch, if it was sent ahead.
    async fn take(&self, second: Option<Box<Connection>>, before: Option<Arriving>) -> Taken {
        match (self.over, second) {
            (Over::First, second) => {
                let is_connected = AtomicBool::new(second.is_some());
                let (tell, staged) = oneshot::channel();
                let (free, way) = Way::behind_others();
                let sending = async {
                    let second = match second {
                        Some(second) => second,
                        None => self.first.second().await?,
                    };
                    is_connected.store(true, Ordering::Relaxed);
                    let arriving = match staged.await {
                        Ok(()) => self.send_ahead(&second, way).await?,
                        Err(_) => None,
                    };
                    Ok((second, arriving))
                };
                let writing = self.write(self.first, tell, free, before);
                let (outcome, sent) = Box::pin(both(writing, sending, &is_connected)).await;
                let is_refused = matches!(sent, Some(Err(_))) && !is_connected.into_inner();
                let (second, arriving) = sent.and_then(Result::ok).unzip();
                Taken {
                    arriving: arriving.flatten().filter(|_| outcome.is_ok()),
                    second: second.filter(|_| outcome.is_ok()),
                    outcome,
                    is_refused,
                }
            }
            (Over::Second, Some(second)) if !second.is_closed() => {
                let (free, way) = Way::behind_others();
                let writing = self.apply(&second, free, before);
                let sending = self.send_ahead(self.first, way);
                let (outcome, sent) = Box::pin(both(writing, sending, &AtomicBool::new(true))).await;
                Taken {
                    arriving: sent.and_then(Result::ok).flatten().filter(|_| outcome.is_ok()),
                    second: Some(second).filter(|second| !second.is_closed()),
                    outcome,
                    is_refused: false,
                }
            }
            (Over::Second, _) => Taken {
                outcome: self
                    .write(self.first, oneshot::channel().0, Way::behind_others().0, None)
                    .await,
                second: None,
                arriving: None,
                is_refused: false,
            },
        }
    }

    /// Writes the batch, and signals when its rows are staged.
    async fn write(
        &self,
        connection: &Connection,
        tell: oneshot::Sender<()>,
        free: watch::Sender<bool>,
        arriving: Option<Arriving>,
    ) -> Result<Outcome> {
        let batch = self.first.with_room_for(self.batch);
        if arriving.is_none() {
            connection.stage_here(self.device, &batch, self.tables).await?;
        }
        let _ = tell.send(());
        self.apply(connection, free, arriving).await
    }

    /// Writes the staged batch once the last of its rows have arrived; then the way is free for others.
    async fn apply(
        &self,
        connection: &Connection,
        free: watch::Sender<bool>,
        arriving: Option<Arriving>,
    ) -> Result<Outcome> {
        if let Some(arriving) = arriving
            && let Err(error) = connection.have_arrived(arriving).await
        {
            // The first error is the better answer; a connection that cannot even roll back is found to be closed.
            let _ = connection.roll_back().await;
            return Err(error);
        }
        free.send_replace(true);
        let batch = self.first.with_room_for(self.batch);
        let staged = Staged {
            connection,
            device: self.device,
            batch: &batch,
            tables: self.tables,
        };
        staged.apply().await
    }

    /// Sends the rows of the next batch, without waiting until the last of them have arrived: those after them may
    /// follow at once.
    async fn send_ahead(&self, connection: &Connection, way: Way) -> Result<Option<Arriving>> {
        let Some(next) = self.next else { return Ok(None) };
        connection.send_all(&self.first.with_room_for(next), way).await
    }
}

/// Waits for what is written, and for what is sent meanwhile. A batch that failed does not wait for the sending, and
/// none waits for a connection that has not even been made by then.
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
