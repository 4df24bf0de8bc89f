//! What to make of a connection that says nothing.
//!
//! The system reports a broken wire, unless something on the way keeps acknowledging what is sent: a proxy, a balancer,
//! a network's tunnel. And a server that is working on something says nothing either, sometimes for long and rightly
//! so. From this side of a single connection the two look the same. So after a while the server is asked over another
//! one. A question that takes no work is lost if the other connection is answered and this one is not. For a
//! transaction, the server's own list says whether anybody is working on it: there it has a name that this connection
//! made up. The name is set with the transaction and ends with it, so this works through a pooler, too.
//!
//! What is still on its way over a slow wire looks lost as well. Then it is sent again in vain, but not for ever: each
//! time the wait is twice as long, until something comes through.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio_postgres::types::{ToSql, Type};

use super::connection::{Central, Connection, Doubt};
use super::session::Heard;
use super::sign_in::APPLICATION_NAME;

/// How many times a silence is checked while it lasts.
const LOOKS: u32 = 16;
/// How many times the wait is doubled, at most.
const DOUBLINGS_MAX: u32 = 4;

impl Doubt {
    pub(super) fn new(central: &Central, heard: Arc<Heard>) -> Self {
        Self {
            central: central.clone(),
            heard,
            name: format!("{APPLICATION_NAME} {:016x}", fastrand::u64(..)),
        }
    }

    /// The settings with which the connection was made, including the password from the keychain.
    pub(super) fn of(&self) -> &Central {
        &self.central
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// A transaction has ended.
    pub(super) fn is_answered(&self) {
        if !self.central.is_witness {
            self.central.patience.0.store(0, Ordering::Relaxed);
        }
    }

    /// Waits until it is known that what was asked will never be answered.
    pub(super) async fn is_forgotten(&self, in_transaction: &AtomicBool) {
        let central = &self.central;
        if central.is_witness {
            // Nobody asks about a connection that was itself made to ask.
            return pending().await;
        }
        loop {
            let patience = central.patience.0.load(Ordering::Relaxed).min(DOUBLINGS_MAX);
            let heard = self.silent_for(central.limits.silence * 2_u32.pow(patience)).await;
            let has_begun = in_transaction.load(Ordering::Relaxed);
            let asking = Box::pin(self.is_at_work(central, has_begun));
            let asked = tokio::time::timeout(central.limits.silence, asking).await;
            // No answer is no news: what is between us and the server is not over yet.
            if asked == Ok(Some(false)) && self.heard.times() == heard {
                if has_begun {
                    central.patience.0.fetch_add(1, Ordering::Relaxed);
                }
                return;
            }
        }
    }

    /// Waits until nothing has been heard for this long. Returns how many times anything was heard before.
    async fn silent_for(&self, time: Duration) -> u64 {
        let (mut heard, mut quiet) = (self.heard.times(), 0);
        while quiet < LOOKS {
            tokio::time::sleep(time / LOOKS).await;
            let now = self.heard.times();
            quiet = if now == heard { quiet + 1 } else { 0 };
            heard = now;
        }
        heard
    }

    /// Whether the server is working on what was asked; `None` if it does not say.
    async fn is_at_work(&self, central: &Central, has_begun: bool) -> Option<bool> {
        let witness: Connection = central.witness().connect_as_told().await.ok()?;
        if !has_begun {
            let heard = witness.client.batch_execute("SELECT 1").await;
            return heard.ok().map(|()| false);
        }
        // A server that keeps no such list does not say, either.
        let sql = "SELECT current_setting('track_activities')::boolean, EXISTS (SELECT FROM pg_catalog.pg_stat_activity \
                   WHERE application_name = $1 AND state = 'active')";
        let bound: [(&(dyn ToSql + Sync), Type); 1] = [(&self.name, Type::TEXT)];
        let row = witness.client.query_typed_one(sql, &bound).await.ok()?;
        let keeps_list: bool = row.try_get(0).ok()?;
        let is_at_work: bool = row.try_get(1).ok()?;
        keeps_list.then_some(is_at_work)
    }
}
