//! What the loop does because others are there as well: it counts them, and gives its hints when it is time.

use tokio::time::Instant;

use super::Loop;
use crate::crowd::COUNTED_EVERY;

impl Loop {
    /// Counts who else is there, now and then, and takes over what is to be hinted at.
    pub(super) async fn look_around(&mut self) {
        let now = Instant::now();
        if self.counted.is_none_or(|at| now.duration_since(at) > COUNTED_EVERY) {
            self.crowd = self.exchange.crowd().await.unwrap_or(self.crowd);
            self.counted = Some(now);
        }
        if let Some(revision) = self.exchange.owed_hint() {
            let moment = self.backoff.within(self.crowd.hinted_within());
            self.owed = Some((revision, now + moment));
        }
    }

    /// Gives the hint that is owed.
    pub(super) async fn hint(&mut self) {
        if let Some((revision, _)) = self.owed.take() {
            self.exchange.hint(revision).await;
        }
    }

    /// Somebody else has hinted: what is older needs no hint any more.
    pub(super) fn has_heard_of(&mut self, revision: i64) {
        self.owed = self.owed.take().filter(|(owed, _)| *owed > revision);
    }
}
