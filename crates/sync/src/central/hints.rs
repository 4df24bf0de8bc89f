//! Hints that the server has something new.
//!
//! A device that has pushed sends one, after its commit, to whoever listens. It is only a hint: whoever misses it, or stands
//! behind a pooler through which nothing of the kind comes, finds out at its next look. So nothing is lost with one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use futures_util::StreamExt as _;
use futures_util::stream::poll_fn;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio_postgres::AsyncMessage;

use super::connection::Connection;
use super::error::Result;
use crate::crowd::REVISIONS_PER_HINT;

/// Where hints are heard: the revision that the last one has named.
#[derive(Debug, Clone)]
pub(super) struct Hints {
    last: watch::Sender<i64>,
    /// Up to which revision nothing is a hint.
    known: Arc<AtomicI64>,
    /// Whether any was heard.
    are_heard: Arc<AtomicBool>,
}

impl Default for Hints {
    fn default() -> Self {
        Self {
            last: watch::Sender::new(0),
            known: Arc::default(),
            are_heard: Arc::default(),
        }
    }
}

impl Hints {
    pub(super) fn subscribe(&self) -> watch::Receiver<i64> {
        self.last.subscribe()
    }

    pub(super) fn knows(&self, revision: i64) {
        self.known.store(revision, Ordering::Relaxed);
    }

    /// Anybody may write into the channel, and anything. What says nothing new is dropped here, where it costs least; what claims to is
    /// whoever follows it's to find out. The last counts, so that nobody can name a revision so great that all others are none.
    fn hear(&self, payload: &str) {
        self.are_heard.store(true, Ordering::Relaxed);
        let named = payload.parse::<i64>().ok();
        if let Some(revision) = named.filter(|revision| *revision > self.known.load(Ordering::Relaxed)) {
            self.last.send_replace(revision);
        }
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
        let is_told = self.session.announced.load(Ordering::Relaxed) == revision;
        if is_told || revision % self.revisions_per_hint() != 0 {
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

    /// Whether few revisions are hinted at from now on.
    pub(crate) fn hint_seldom(&self, is_seldom: bool) {
        self.session.hints_seldom.store(is_seldom, Ordering::Relaxed);
    }

    /// One in so many revisions is hinted at.
    pub(super) fn revisions_per_hint(&self) -> i64 {
        if self.session.hints_seldom.load(Ordering::Relaxed) {
            REVISIONS_PER_HINT
        } else {
            1
        }
    }

    /// Whether a hint was ever heard.
    pub(crate) fn hears_hints(&self) -> bool {
        self.doubt.of().hints.are_heard.load(Ordering::Relaxed)
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
