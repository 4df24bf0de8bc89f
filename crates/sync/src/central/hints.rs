//! Hints that the server has something new.
//!
//! A device that has pushed sends one, after its commit, to whoever listens. It is only a hint: whoever misses it, or
//! is behind a pooler that lets nothing of the kind through, finds out at its next look. So losing one loses nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use futures_util::StreamExt as _;
use futures_util::stream::poll_fn;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio_postgres::AsyncMessage;

/// Where hints are heard: holds the revision that the last one named.
#[derive(Debug, Clone)]
pub(super) struct Hints {
    last: watch::Sender<i64>,
    /// Hints at revisions up to this one are ignored.
    known: Arc<AtomicI64>,
    /// Whether any was heard.
    pub(super) are_heard: Arc<AtomicBool>,
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

    /// Anybody may write anything into the channel. What says nothing new is dropped here, where that costs least;
    /// whether the rest is true, whoever follows it finds out. Only the last one counts, so nobody can name a revision
    /// so great that all others are ignored.
    fn hear(&self, payload: &str) {
        self.are_heard.store(true, Ordering::Relaxed);
        let named = payload.parse::<i64>().ok();
        if let Some(revision) = named.filter(|revision| *revision > self.known.load(Ordering::Relaxed)) {
            self.last.send_replace(revision);
        }
    }
}

/// Moves bytes until the connection ends, and passes hints on. Whoever waits for an answer is told how it ended.
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
