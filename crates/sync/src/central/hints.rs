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

/// Where hints are heard: the revision that the last one has named.
#[derive(Debug, Clone)]
pub(super) struct Hints {
    last: watch::Sender<i64>,
    /// Up to which revision nothing is a hint.
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
