//! What the loop waits for between two rounds.

use std::pin::Pin;
use std::time::Duration;

use colophon_store::{Announcement, Subscription};
use tokio::time::{Instant, Sleep};

use super::{EDITS_SETTLE, Loop, set};
use crate::crowd::{COUNTED_EVERY, Crowd};
use crate::exchange::Exchange;
use crate::glance::{self, Presence};
use crate::network::Change;

/// Why the loop goes on.
pub(super) enum Woken {
    /// A hint, with the revision that it names.
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
        let count_at = self.counted.map_or_else(Instant::now, |at| at + self.count_every);
        let count = tokio::time::sleep_until(count_at);
        tokio::pin!(pause, calm, glance, count);
        loop {
            let is_well = self.publish.borrow().error.is_none();
            let is_worth_a_glance = is_well && self.is_worth_a_glance();
            let glanced = glance_at(&self.exchange, &self.presence, glance.as_mut());
            // Here and not in a round: counting must not keep anybody from hearing that the network is gone.
            let counted = count_all(&self.exchange, count.as_mut());
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
                    // A device also hears its own hints, even before it knows what became of its batch.
                    if self.knows_less_than(named) {
                        return Woken::Hint(named);
                    }
                    continue;
                }
                (at, took) = glanced, if is_worth_a_glance => {
                    if let Some(woken) = self.has_glanced(at, took) {
                        return woken;
                    }
                    glance.as_mut().reset(Instant::now() + self.glance_pause);
                    continue;
                }
                crowd = counted, if is_well => {
                    count.as_mut().reset(self.has_counted(crowd));
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
            // An edit does not bring a server back: only the pause sets the pace, but counting goes on.
            self.recount().await;
        }
    }

    /// What follows from a glance.
    fn has_glanced(&mut self, at: Option<i64>, took: Duration) -> Option<Woken> {
        self.glance_pause = glance::pause_after(took, self.crowd);
        match at {
            Some(at) if self.publish.borrow().revision == Some(at) => None,
            Some(at) => Some(Woken::Glance(at)),
            None => Some(Woken::Time),
        }
    }

    /// Notes who else is there. Returns when to ask again.
    fn has_counted(&mut self, crowd: Option<Crowd>) -> Instant {
        self.crowd = crowd.unwrap_or(self.crowd);
        let now = Instant::now();
        self.counted = Some(now);
        now + COUNTED_EVERY
    }

    /// Whether nothing was committed except what a round has taken in, with which it came to rest.
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

/// The revision that the server is at, when it is time for a glance and somebody is there; and how long that took.
async fn glance_at(exchange: &Exchange, presence: &Presence, time: Pin<&mut Sleep>) -> (Option<i64>, Duration) {
    presence.is_felt().await;
    time.await;
    let begun = Instant::now();
    (exchange.glance().await, begun.elapsed())
}

/// Who else is there, when it is time to ask.
async fn count_all(exchange: &Exchange, time: Pin<&mut Sleep>) -> Option<Crowd> {
    time.await;
    exchange.crowd().await
}
