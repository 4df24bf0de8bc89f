//! What the loop waits for between two rounds.

use std::time::Duration;

use colophon_store::{Announcement, Subscription};

use super::{EDITS_SETTLE, Loop, set};
use crate::glance;
use crate::network::Change;

/// Why the loop goes on.
pub(super) enum Woken {
    /// With the revision that it names.
    Hint(i64),
    /// The server is at this revision.
    Glance(i64),
    Somebody,
    Edits,
    Network(Change),
    Time,
}

impl Loop {
    pub(super) async fn wait(&mut self, time: Duration) -> Woken {
        let pause = tokio::time::sleep(time);
        let calm = tokio::time::sleep(self.calm);
        let glance = tokio::time::sleep(self.glance_pause.max(self.calm));
        tokio::pin!(pause, calm, glance);
        loop {
            let is_well = self.publish.borrow().error.is_none();
            let is_worth_a_glance = is_well && self.is_worth_a_glance();
            let (exchange, presence) = (&self.exchange, &self.presence);
            let glanced = async {
                presence.is_felt().await;
                glance.as_mut().await;
                let begun = tokio::time::Instant::now();
                (exchange.glance().await, begun.elapsed())
            };
            let hints = &mut self.hints;
            let hinted = async {
                calm.as_mut().await;
                hints.changed().await
            };
            let edits = async {
                match &mut self.edits {
                    Some(edits) => edits.next().await,
                    None => std::future::pending().await,
                }
            };
            let committed = tokio::select! {
                () = self.wish.notified() => return Woken::Somebody,
                change = self.network.changed() => return Woken::Network(change),
                Ok(()) = hinted, if is_well => {
                    let named = *self.hints.borrow_and_update();
                    // Its own hints reach a device too, and that before it knows what became of its batch.
                    if self.knows_less_than(named) {
                        return Woken::Hint(named);
                    }
                    continue;
                }
                (at, took) = glanced, if is_worth_a_glance => {
                    self.glance_pause = glance::pause_after(took, self.crowd);
                    match at {
                        Some(at) if self.publish.borrow().revision == Some(at) => (),
                        Some(at) => return Woken::Glance(at),
                        None => return Woken::Time,
                    }
                    glance.as_mut().reset(tokio::time::Instant::now() + self.glance_pause);
                    continue;
                }
                () = &mut pause => return Woken::Time,
                committed = edits => committed,
            };
            if self.is_own_work(committed.as_ref()) {
                continue;
            }
            if committed.is_none() {
                // The database is closed; nothing will come from there any more.
                self.edits = None;
            }
            if is_well {
                return Woken::Edits;
            }
            // An edit does not bring a server back: the pace is set by the pause alone, but the count goes on.
            self.recount().await;
        }
    }

    /// Whether nothing was committed but what a round has taken in, with which it came to rest.
    fn is_own_work(&self, committed: Option<&Announcement>) -> bool {
        let is_exchanged = matches!(committed, Some(Announcement::Committed(changes)) if changes.is_exchanged());
        is_exchanged && self.publish.borrow().pending == 0
    }

    async fn recount(&mut self) {
        tokio::time::sleep(EDITS_SETTLE).await;
        let _ = self.edits.as_mut().map(Subscription::drain);
        if let Ok(pending) = self.exchange.pending().await {
            let now = self.now();
            self.publish
                .send_if_modified(|status| set(status, status.state, pending, now));
        }
    }
}
