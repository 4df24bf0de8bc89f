//! Hints that the server has something new.
//!
//! A device that has pushed sends one, after its commit, to whoever listens. It is only a hint: whoever misses it, or stands
//! behind a pooler through which nothing of the kind comes, finds out at its next look. So nothing is lost with one.

use futures_util::StreamExt as _;
use futures_util::stream::poll_fn;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio_postgres::AsyncMessage;

use super::connection::Connection;
use super::error::Result;

/// Where hints are heard: the revision that the last one has named.
#[derive(Debug, Clone)]
pub(super) struct Hints(watch::Sender<i64>);

impl Default for Hints {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl Hints {
    pub(super) fn subscribe(&self) -> watch::Receiver<i64> {
        self.0.subscribe()
    }

    fn hear(&self, payload: &str) {
        // Anybody may write into the channel, and anything. It makes us look once, and no more.
        self.0.send_replace(payload.parse().unwrap_or(0));
    }
}

impl Connection {
    /// Asks for hints from now on, for as long as the connection lasts.
    pub async fn listen(&self) -> Result<()> {
        self.run("listening", &format!("LISTEN \"{}\"", self.schema)).await
    }

    /// Tells whoever listens that there is something new. Only a hint: nobody relies on it, so it comes after the commit
    /// and once per round. The channel bears the catalogue's name. Nothing is said twice: a small batch brings its hint along.
    pub async fn announce(&self, revision: i64) -> Result<()> {
        if self.announced.load(std::sync::atomic::Ordering::Relaxed) == revision {
            return Ok(());
        }
        let channel = self.schema.as_str();
        let parameters: [(&(dyn tokio_postgres::types::ToSql + Sync), _); 2] = [
            (&channel, tokio_postgres::types::Type::TEXT),
            (&revision, tokio_postgres::types::Type::INT8),
        ];
        let query = "SELECT pg_notify($1, $2::text)";
        self.ask("announcing", self.client.query_typed(query, &parameters))
            .await?;
        Ok(())
    }
}

/// Moves bytes until the connection ends, and passes hints on. How it ended is told to whoever waits for an answer.
pub(super) async fn drive<S, T>(mut driver: tokio_postgres::Connection<S, T>, hints: Hints)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    let mut messages = poll_fn(move |context| driver.poll_message(context));
    while let Some(message) = messages.next().await {
        match message {
            Ok(AsyncMessage::Notification(hint)) => hints.hear(hint.payload()),
            Ok(_) => {}
            Err(error) => {
                tracing::debug!(%error, "a connection to the server ended");
                return;
            }
        }
    }
}
